//! What is stored of a session: one record, written whole or not at all. The only place where secrets are written out.

use crate::Secret;
use crate::error::SessionOverReason;
use crate::json::{Json, Object};
use crate::services::{Granted, Player};

const VERSION: u64 = 1;

/// A live session, or the mark that it was ended (so that a late write cannot bring it back).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    Live(Box<Live>),
    /// For `reason`; a record without one was signed out.
    Ended {
        generation: u64,
        reason: SessionOverReason,
    },
}

/// Boxed wherever it is kept or passed on: moving it is a hundred bytes of code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    /// Grows with every commit to the slot, also across tabs and restarts.
    pub(crate) generation: u64,
    pub(crate) access_token: Secret,
    pub(crate) access_life: Life,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) refresh_life: Life,
    /// The player's identity was changed after this token was asked for.
    pub(crate) stale: bool,
    /// Somebody is using the refresh token, or was when the program ended.
    pub(crate) attempt: Option<Attempt>,
    /// The service asked to be left alone.
    pub(crate) pause: Option<Pause>,
    pub(crate) player: Player,
    pub(crate) details: Json,
}

/// The refresh token was sent, and what came of it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Wall clock of the last time.
    pub(crate) started_at: u64,
    /// How often.
    pub(crate) sent: u64,
    /// By somebody who had the lock.
    pub(crate) locked: bool,
}

/// What the service asked for with `Retry-After`, for all tabs and the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    /// Wall clock.
    pub(crate) until: u64,
    /// How long it was when it was asked for, in milliseconds: no clock that was set makes it longer.
    pub(crate) length: u64,
    /// Of the answer that asked for it.
    pub(crate) status: u16,
}

/// How long a token can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Life {
    /// Wall clock when the request that brought it was sent.
    pub(crate) received_at: u64,
    /// Counted from then; `None`: unknown, it is used until it is refused.
    pub(crate) expires_in_ms: Option<u64>,
}

impl Life {
    fn to_json(self) -> Json {
        Object::new().number("received_at", self.received_at).maybe_number("expires_in_ms", self.expires_in_ms).take()
    }

    fn from_json(json: &Json) -> Option<Self> {
        Some(Self { received_at: json.count("received_at")?, expires_in_ms: json.count("expires_in_ms") })
    }
}

impl Live {
    #[allow(clippy::boxed_local, reason = "moving it is more code")]
    pub(crate) fn new(generation: u64, granted: Box<Granted>, received_at: u64) -> Box<Self> {
        Box::new(Self {
            generation,
            access_token: granted.access_token,
            access_life: Life { received_at, expires_in_ms: granted.expires_in_ms },
            refresh_token: granted.refresh_token,
            refresh_life: Life { received_at, expires_in_ms: granted.refresh_expires_in_ms },
            stale: false,
            attempt: None,
            pause: None,
            player: granted.player,
            details: granted.details,
        })
    }

    /// Whether both are the same tokens, whatever is noted on them. The number does not tell: after a store was emptied,
    /// it begins anew.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.access_token == other.access_token && self.refresh_token == other.refresh_token
    }

    /// The same player without anything to sign in with.
    pub(crate) fn without_tokens(&self) -> Box<Self> {
        let mut wiped = Box::new(self.clone());
        wiped.access_token = Secret::default();
        wiped.access_life.expires_in_ms = Some(0);
        wiped.refresh_token = None;
        wiped
    }

    /// What follows after a refresh: an answer without a refresh token leaves the old one in use.
    pub(crate) fn refreshed(&self, granted: Box<Granted>, received_at: u64) -> Box<Self> {
        let mut next = Self::new(self.generation.saturating_add(1), granted, received_at);
        if next.refresh_token.is_none() {
            next.refresh_token.clone_from(&self.refresh_token);
            next.refresh_life = self.refresh_life;
        }
        next
    }
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
        let mut record = Object::new();
        record.number("v", VERSION).number("generation", self.generation());
        match self {
            Self::Ended { reason, .. } => {
                record.text("reason", reason.as_str());
            }
            Self::Live(live) => {
                let mut session = Object::new();
                if let Some(attempt) = live.attempt {
                    session
                        .number("attempt_at", attempt.started_at)
                        .number("attempts", attempt.sent)
                        .set("attempt_locked", attempt.locked);
                }
                if let Some(pause) = live.pause {
                    session
                        .number("pause_until", pause.until)
                        .number("pause_ms", pause.length)
                        .number("pause_status", pause.status.into());
                }
                let session = session
                    .text("access_token", live.access_token.expose())
                    .maybe_text("refresh_token", live.refresh_token.as_ref().map(Secret::expose))
                    .json("access_life", live.access_life.to_json())
                    .json("refresh_life", live.refresh_life.to_json())
                    .set("stale", live.stale)
                    .json("player", live.player.to_json())
                    .json("details", live.details.clone())
                    .take();
                record.json("session", session);
            }
        }
        Some(record.take().to_text())
    }

    /// Reads a stored text; `None` for anything that is not a record of this version.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let stored = Json::parse_object(text.as_bytes())?;
        if stored.count("v") != Some(VERSION) {
            return None;
        }
        let generation = stored.count("generation")?;
        let session = stored.get("session");
        if *session == Json::Null {
            return Some(Self::Ended { generation, reason: reason_of(stored.get("reason").as_text()) });
        }
        Some(Self::Live(Box::new(Live {
            generation,
            access_token: session.secret("access_token")?,
            refresh_token: session.secret("refresh_token"),
            access_life: Life::from_json(session.get("access_life"))?,
            refresh_life: Life::from_json(session.get("refresh_life")).unwrap_or_default(),
            stale: session.flag("stale").unwrap_or(false),
            attempt: session.count("attempt_at").map(|started_at| Attempt {
                started_at,
                sent: session.count("attempts").unwrap_or(1),
                locked: session.flag("attempt_locked").unwrap_or(false),
            }),
            pause: session.count("pause_until").map(|until| Pause {
                until,
                length: session.count("pause_ms").unwrap_or(0),
                status: session.count("pause_status").and_then(|status| status.try_into().ok()).unwrap_or(503),
            }),
            player: Player::from_json(session.get("player"))?,
            details: session.get("details").clone(),
        })))
    }
}

/// A word of tomorrow counts as a sign-out: nobody may bring that session back.
fn reason_of(text: Option<&str>) -> SessionOverReason {
    use SessionOverReason::{Expired, OutcomeUnknown, RefreshRejected, Restricted, SignedOut};
    let known =
        [RefreshRejected, OutcomeUnknown, Expired, Restricted].into_iter().find(|reason| Some(reason.as_str()) == text);
    known.unwrap_or(SignedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Record {
        Record::Live(Box::new(Live {
            generation: 7,
            access_token: "at".into(),
            refresh_token: Some("rt".into()),
            access_life: Life { received_at: 1, expires_in_ms: Some(2) },
            refresh_life: Life { received_at: 3, expires_in_ms: None },
            stale: true,
            attempt: Some(Attempt { started_at: 5, sent: 2, locked: true }),
            pause: Some(Pause { until: 9, length: 4, status: 429 }),
            player: Player {
                player_id: "p".into(),
                person_id: None,
                platform: None,
                platform_user_id: None,
                display_name: None,
            },
            details: Json::Null,
        }))
    }

    #[test]
    fn r17_a_record_survives_the_store() {
        use SessionOverReason::{Expired, OutcomeUnknown, RefreshRejected, Restricted, SignedOut};
        let ended = [SignedOut, RefreshRejected, OutcomeUnknown, Expired, Restricted];
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
    fn r36_what_is_not_a_record_of_this_version_is_none() {
        for text in ["", "{}", "null", "[]", "{\"v\":2,\"generation\":1}", "{\"v\":1}", "{\"v\":1,\"generation\":-1}"] {
            assert_eq!(Record::from_text(text), None, "{text}");
        }
        let text = live().to_text().unwrap();
        for end in 0..text.len() {
            assert_eq!(Record::from_text(&text[..end]), None);
        }
    }

    /// `PLAYERLINK_FUZZ=1000000` for the long run.
    #[test]
    fn r36_a_hundred_thousand_damaged_records_are_read_whole_or_not_at_all() {
        let rounds = std::env::var("PLAYERLINK_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
        let whole = live().to_text().unwrap().into_bytes();
        let mut random = emulator::Random::new(13);
        let mut below = |limit: usize| (random.next_u64() % limit.max(1) as u64) as usize;
        let mut read = 0_u64;
        for _ in 0..rounds {
            let mut bytes = whole.clone();
            for _ in 0..=below(4) {
                let at = below(bytes.len());
                match below(5) {
                    0 => bytes.truncate(at),
                    1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << below(8)),
                    2 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = b"\"{}[]:,0-9enul\\"[below(15)]),
                    3 => drop(bytes.splice(at..at, *b"18446744073709551616")),
                    _ => drop(bytes.drain(at..(at + below(9)).min(bytes.len()))),
                }
            }
            if let Some(record) = Record::from_text(&String::from_utf8_lossy(&bytes)) {
                read += 1;
                // What was read can be stored, and is the same then.
                assert_eq!(Record::from_text(&record.to_text().unwrap()), Some(record));
            }
        }
        assert!((1..rounds).contains(&read), "some damage is survived, some is not: {read}");
    }
}
