//! What is stored of a session: one record, written whole or not at all. The only place where secrets are written out.

use serde::{Deserialize, Serialize};

use crate::Secret;
use crate::error::SessionOverReason;
use crate::services::{Details, Granted, Player};

const VERSION: u32 = 1;

/// A live session, or the mark that it was ended (so that a late write cannot bring it back).
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on its way to or from the store; small enough on wasm")]
pub(crate) enum Record {
    Live(Live),
    /// For `reason`; a record without one was signed out.
    Ended {
        generation: u64,
        reason: SessionOverReason,
    },
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
    /// The player's identity was changed after this token was asked for.
    pub(crate) stale: bool,
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
            stale: false,
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
    /// Why there is no session any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stale: bool,
    player: Player,
    #[serde(default)]
    details: Details,
}

impl Record {
    pub(crate) fn generation(&self) -> u64 {
        match self {
            Self::Live(live) => live.generation,
            Self::Ended { generation, .. } => *generation,
        }
    }

    /// The text to store.
    pub(crate) fn to_text(&self) -> Option<String> {
        let stored = Stored {
            v: VERSION,
            generation: self.generation(),
            reason: match self {
                Self::Ended { reason, .. } => Some(reason.as_str().to_owned()),
                Self::Live(_) => None,
            },
            session: match self {
                Self::Ended { .. } => None,
                Self::Live(live) => Some(StoredSession {
                    access_token: live.access_token.expose().to_owned(),
                    refresh_token: live.refresh_token.as_ref().map(|token| token.expose().to_owned()),
                    received_at: live.received_at,
                    expires_in_ms: live.expires_in_ms,
                    stale: live.stale,
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
            None => Self::Ended { generation: stored.generation, reason: reason_of(stored.reason.as_deref()) },
            Some(session) => Self::Live(Live {
                generation: stored.generation,
                access_token: session.access_token.into(),
                refresh_token: session.refresh_token.map(Secret::from),
                received_at: session.received_at,
                expires_in_ms: session.expires_in_ms,
                stale: session.stale,
                player: session.player,
                details: session.details,
            }),
        })
    }
}

/// A word of tomorrow counts as a sign-out: nobody may bring that session back.
fn reason_of(text: Option<&str>) -> SessionOverReason {
    use SessionOverReason::{Expired, RefreshRejected, Restricted, SignedOut};
    let known = [RefreshRejected, Expired, Restricted].into_iter().find(|reason| Some(reason.as_str()) == text);
    known.unwrap_or(SignedOut)
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
            stale: true,
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
        use SessionOverReason::{Expired, RefreshRejected, Restricted, SignedOut};
        let ended = [SignedOut, RefreshRejected, Expired, Restricted];
        let ended = ended.into_iter().map(|reason| Record::Ended { generation: 8, reason });
        for record in ended.chain([live()]) {
            assert_eq!(Record::from_text(&record.to_text().unwrap()), Some(record));
        }
    }

    #[test]
    fn an_end_without_a_known_reason_is_a_sign_out() {
        let signed_out = Record::Ended { generation: 8, reason: SessionOverReason::SignedOut };
        for text in [r#"{"v":1,"generation":8}"#, r#"{"v":1,"generation":8,"reason":"of-tomorrow"}"#] {
            assert_eq!(Record::from_text(text), Some(signed_out.clone()), "{text}");
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
