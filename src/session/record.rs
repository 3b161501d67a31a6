//! What is stored of a session: one record, written whole or not at all. The only place where secrets are written out.

use serde::{Deserialize, Serialize};

use crate::Secret;
use crate::services::{Details, Granted, Player};

const VERSION: u32 = 1;

/// A live session, or the mark that it was ended (so that a late write cannot bring it back).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    Live(Live),
    Ended { generation: u64 },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    /// Grows with every commit to the slot, also across tabs and restarts.
    pub(crate) generation: u64,
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    /// Wall clock when the request that brought the access token was sent.
    pub(crate) received_at: u64,
    pub(crate) expires_in_ms: Option<u64>,
    pub(crate) player: Player,
    pub(crate) details: Details,
}

impl Live {
    pub(crate) fn new(generation: u64, granted: Granted, received_at: u64) -> Self {
        Self {
            generation,
            access_token: granted.access_token,
            refresh_token: granted.refresh_token,
            received_at,
            expires_in_ms: granted.expires_in_ms,
            player: granted.player,
            details: granted.details,
        }
    }

    /// The same player without anything to sign in with.
    pub(crate) fn without_tokens(&self) -> Self {
        Self { access_token: Secret::default(), refresh_token: None, expires_in_ms: Some(0), ..self.clone() }
    }

    /// What follows after a refresh: an answer without a refresh token leaves the old one in use.
    pub(crate) fn refreshed(&self, granted: Granted, received_at: u64) -> Self {
        let mut next = Self::new(self.generation.saturating_add(1), granted, received_at);
        if next.refresh_token.is_none() {
            next.refresh_token.clone_from(&self.refresh_token);
        }
        next
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u32,
    generation: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<StoredSession>,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    access_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    received_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_in_ms: Option<u64>,
    player: Player,
    #[serde(default)]
    details: Details,
}

impl Record {
    pub(crate) fn generation(&self) -> u64 {
        match self {
            Self::Live(live) => live.generation,
            Self::Ended { generation } => *generation,
        }
    }

    /// The text to store.
    pub(crate) fn to_text(&self) -> Option<String> {
        let stored = Stored {
            v: VERSION,
            generation: self.generation(),
            session: match self {
                Self::Ended { .. } => None,
                Self::Live(live) => Some(StoredSession {
                    access_token: live.access_token.expose().to_owned(),
                    refresh_token: live.refresh_token.as_ref().map(|token| token.expose().to_owned()),
                    received_at: live.received_at,
                    expires_in_ms: live.expires_in_ms,
                    player: live.player.clone(),
                    details: live.details.clone(),
                }),
            },
        };
        serde_json::to_string(&stored).ok()
    }

    /// Reads a stored text; `None` for anything that is not a record of this version.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(text.as_bytes()).ok()?;
        if stored.v != VERSION {
            return None;
        }
        Some(match stored.session {
            None => Self::Ended { generation: stored.generation },
            Some(session) => Self::Live(Live {
                generation: stored.generation,
                access_token: session.access_token.into(),
                refresh_token: session.refresh_token.map(Secret::from),
                received_at: session.received_at,
                expires_in_ms: session.expires_in_ms,
                player: session.player,
                details: session.details,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Record {
        Record::Live(Live {
            generation: 7,
            access_token: "at".into(),
            refresh_token: Some("rt".into()),
            received_at: 1,
            expires_in_ms: Some(2),
            player: Player {
                player_id: "p".into(),
                person_id: None,
                platform: None,
                platform_user_id: None,
                display_name: None,
            },
            details: Details::None,
        })
    }

    #[test]
    fn a_record_survives_the_store() {
        for record in [live(), Record::Ended { generation: 8 }] {
            assert_eq!(Record::from_text(&record.to_text().unwrap()), Some(record));
        }
    }

    #[test]
    fn what_is_not_a_record_of_this_version_is_none() {
        for text in ["", "{}", "null", "[]", "{\"v\":2,\"generation\":1}", "{\"v\":1}", "{\"v\":1,\"generation\":-1}"] {
            assert_eq!(Record::from_text(text), None, "{text}");
        }
        let text = live().to_text().unwrap();
        for end in 0..text.len() {
            assert_eq!(Record::from_text(&text[..end]), None);
        }
    }
}
