//! Everything a face needs to draw, made anew from the machine at any time.

use std::hash::{Hash, Hasher};

use super::machine::Machine;
use super::{Link, State};
use crate::Secret;
use crate::linking::capabilities::Undo;
use crate::linking::clock::Now;
use crate::linking::conflict::{Choice, Conflict};
use crate::linking::format;
use crate::linking::watch::Evidence;

/// What can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Grows with each change that can be seen. Times alone are no change within a second.
    pub revision: u64,
    /// Where the code stands.
    pub state: State,
    /// Only in active, expiring and renewing, and not while concealed.
    pub code: Option<Secret>,
    /// The code, cut for reading.
    pub groups: Vec<Secret>,
    /// The code for speaking, one entry a character.
    pub spelled: Vec<Secret>,
    /// The code does not fit the format.
    pub format_mismatch: bool,
    /// `None` where nobody tells a lifetime.
    pub expires_in_ms: Option<u64>,
    /// Of what was told.
    pub lifetime_ms: Option<u64>,
    /// Who tells it.
    pub expiry_source: ExpirySource,
    /// Since the code was asked for.
    pub age_ms: Option<u64>,
    /// New codes without the player asking.
    pub renewals_used: u32,
    /// Whether the service can be reached.
    pub connection: Connection,
    /// The code is hidden.
    pub concealed: bool,
    /// How sure the link is.
    pub evidence: Evidence,
    /// What was linked, as far as it is known.
    pub linked: Option<Link>,
    /// A link of another platform, which does not end the code.
    pub other_link: Option<Link>,
    /// Of the session, after the link.
    pub refresh: RefreshState,
    /// Whether a link can be undone.
    pub undo: Undo,
    /// For whom the code is.
    pub account_name: Option<String>,
    /// What went wrong.
    pub problem: Option<Problem>,
    /// What the player may do.
    pub actions: Vec<&'static str>,
    /// To be spoken once.
    pub announce: Option<Announce>,
}

/// Who tells how long a code lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExpirySource {
    /// The service.
    Server,
    /// The app.
    Hint,
    /// Nobody.
    Unknown,
}

impl ExpirySource {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Hint => "hint",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether the service can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// As far as it is known.
    Online,
    /// The last request got no answer.
    Retrying {
        /// Until the next one.
        next_ms: u64,
    },
}

/// Of the session, after the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefreshState {
    /// Nothing to refresh, or not yet.
    Idle,
    /// Under way.
    Running,
    /// The session holds the player of now.
    Done,
    /// It could not be refreshed: the player signs in again.
    Failed,
}

impl RefreshState {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// A kind of error, in the word of every language.
    pub kind: &'static str,
    /// In a conflict: which.
    pub conflict: Option<&'static str>,
    /// In a conflict: what may be chosen.
    pub choices: &'static [Choice],
    /// Whether the same may work later.
    pub retryable: bool,
    /// Epoch milliseconds.
    pub retry_at_ms: Option<u64>,
}

impl Problem {
    pub(super) fn of_conflict(conflict: &Conflict, undo: Undo) -> Self {
        let choices = conflict.choices(undo);
        Self { kind: "conflict", conflict: Some(conflict.as_str()), choices, retryable: false, retry_at_ms: None }
    }
}

/// To be spoken once, e.g. `expiring` with 30 seconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Announce {
    /// Grows with each.
    pub n: u32,
    /// Which sentence: `shown`, `expiring`, `renewed`, `expired`, `linked`, `other-link`, `not-yet` or `error`.
    pub key: &'static str,
    /// Of `shown` and `expiring`, where it is known.
    pub seconds: Option<u64>,
    /// Of `linked` and `other-link`.
    pub platform: Option<String>,
    /// Of `linked` and `other-link`.
    pub display_name: Option<String>,
    /// Of `error`.
    pub kind: Option<&'static str>,
}

impl Machine {
    /// Grows with each change that can be seen.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What can be seen now.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let shown = self.shown_code(now).filter(|_| !self.concealed);
        let (groups, spelled, mismatch) = match &shown {
            Some(code) => self.read_out(code),
            None => (Vec::new(), Vec::new(), false),
        };
        let life = self.code.as_ref().filter(|_| self.is_live());
        let told = life.and_then(|code| code.told_ms);
        Snapshot {
            revision: self.revision,
            state: self.state,
            code: shown,
            groups,
            spelled,
            format_mismatch: mismatch,
            expires_in_ms: told.map(|ms| ms.saturating_sub(self.age(now))),
            lifetime_ms: told,
            expiry_source: match (told, self.options.capabilities.max_age_hint_ms) {
                (Some(_), _) => ExpirySource::Server,
                (None, Some(_)) => ExpirySource::Hint,
                (None, None) => ExpirySource::Unknown,
            },
            age_ms: life.map(|_| self.age(now)),
            renewals_used: self.renewals_used,
            connection: self.connection(now),
            concealed: self.concealed,
            evidence: self.evidence,
            linked: self.linked.clone(),
            other_link: self.other_link.clone().filter(|_| self.is_live()),
            refresh: self.refresh,
            undo: self.options.capabilities.undo,
            account_name: self.options.account_name.clone(),
            problem: self.problem.clone(),
            actions: self.allowed(now),
            announce: self.announce.clone(),
        }
    }

    fn read_out(&self, code: &Secret) -> (Vec<Secret>, Vec<Secret>, bool) {
        let secrets = |texts: Vec<String>| texts.into_iter().map(Secret::from).collect();
        let (groups, mismatch) = match &self.options.format {
            Some(format) => {
                let shown = format.show(code.expose());
                (shown.groups, shown.mismatch)
            }
            None => (format::groups(code.expose()), false),
        };
        let word = |c: char| {
            let at = u32::from(c.to_ascii_uppercase()).checked_sub(u32::from('A'))?;
            let words = &self.options.spelling_words;
            words.get(usize::try_from(at).ok()?).filter(|_| c.is_ascii_alphabetic()).cloned()
        };
        (secrets(groups), secrets(format::spell(code.expose(), word)), mismatch)
    }

    /// What may be done in this state; never empty.
    pub(super) fn allowed(&self, now: Now) -> Vec<&'static str> {
        let hide = if self.concealed { "reveal" } else { "conceal" };
        let wanted: [(&'static str, bool); 9] = {
            use State::{
                Active, Cancelled, Checking, Expired, Expiring, Failed, Idle, Limited, Linked, Renewing, Requesting,
            };
            let state = self.state;
            let live = matches!(state, Active | Expiring);
            let sign_in = self.problem.as_ref().is_some_and(|problem| problem.kind == "session-over");
            [
                ("start", matches!(state, Idle | Cancelled)),
                (
                    "new-code",
                    live || matches!(state, Expired | Failed) || (state == Limited && self.limit_left(now) == 0),
                ),
                ("keep", live && self.would_renew()),
                ("finished", live || (state == Expired && self.is_late_window(now))),
                (hide, live || state == Renewing),
                ("sign-in", (state == Failed && sign_in) || (state == Linked && self.refresh == RefreshState::Failed)),
                ("cancel", live || matches!(state, Requesting | Renewing | Checking | Limited)),
                ("close", matches!(state, Expired | Failed | Linked)),
                ("", false),
            ]
        };
        wanted.into_iter().filter(|(_, is)| *is).map(|(word, _)| word).collect()
    }

    fn connection(&self, now: Now) -> Connection {
        let wait = match self.state {
            State::Requesting | State::Renewing if self.attempts > 0 => Some(self.retry_left(now)),
            State::Active | State::Expiring | State::Checking | State::Expired if self.plan.failures() > 0 => {
                Some(self.plan.due_in_ms(now, self.is_lazy()))
            }
            _ => None,
        };
        wait.map_or(Connection::Online, |next_ms| Connection::Retrying { next_ms })
    }

    /// Gives the next revision where something else can be seen than before.
    pub(super) fn revise(&mut self, now: Now) {
        let mut digest = Fnv(0xcbf2_9ce4_8422_2325);
        self.snapshot(now).see(&mut digest);
        if self.seen != digest.0 {
            self.seen = digest.0;
            self.revision += 1;
        }
    }
}

impl Snapshot {
    fn see(&self, digest: &mut Fnv) {
        let texts = |secrets: &[Secret], digest: &mut Fnv| {
            for secret in secrets {
                secret.expose().hash(digest);
            }
        };
        self.state.hash(digest);
        texts(&self.groups, digest);
        texts(&self.spelled, digest);
        // What is counted down is seen by the second, what only ages by the minute.
        self.expires_in_ms.map(|ms| ms.div_ceil(1_000)).hash(digest);
        self.age_ms.filter(|_| self.expires_in_ms.is_none()).map(|ms| ms / 60_000).hash(digest);
        matches!(self.connection, Connection::Online).hash(digest);
        (self.concealed, self.evidence, self.renewals_used, self.refresh).hash(digest);
        (&self.linked, &self.other_link, &self.problem, &self.announce, &self.actions).hash(digest);
    }
}

/// FNV-1a: the standard library's hasher would be a kilobyte of the wasm.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
