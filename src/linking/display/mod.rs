//! The state machine behind a linking code on a screen: events and the two clocks go in, actions and a snapshot come out.
//! Whoever runs it does what the actions say and draws what the snapshot says, and decides nothing.
//!
//! ```
//! use playerlink::linking::display::{Action, Answer, Event, Machine, NewCode, Options, State};
//! use playerlink::linking::Now;
//!
//! let now = Now { wall: 1_700_000_000_000, monotonic: 0 };
//! let mut machine = Machine::new(Options::default());
//! let actions = machine.step(Event::Start, now);
//! let Some(Action::RequestCode { id }) = actions.first().cloned() else { panic!() };
//! let code = NewCode { code: "123456".into(), expires_in_ms: Some(600_000), was_number: false };
//! machine.step(Event::Reply { id, result: Ok(Answer::Code(code)) }, now);
//! let snapshot = machine.snapshot(now);
//! assert_eq!(snapshot.state, State::Active);
//! assert_eq!(snapshot.expires_in_ms, Some(600_000));
//! ```

mod actions;
mod machine;
mod replies;
mod snapshot;
mod time;

pub use machine::Machine;
pub use snapshot::{Announce, Connection, ExpirySource, Problem, RefreshState, Snapshot};

use super::capabilities::Capabilities;
use super::format::Format;
use super::watch::{Evidence, Offered, Source};
use crate::Secret;
use crate::error::ErrorKind;

/// Most new codes without the player asking.
pub const MAX_RENEWALS: u32 = 5;
/// A code without a told lifetime leaves the screen after this long: a guess of ours.
pub const GUESSED_AGE_MS: u64 = 300_000;

/// Where the code on the screen stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing was asked for yet.
    Idle,
    /// A code was asked for.
    Requesting,
    /// A code is shown.
    Active,
    /// A code is shown, and little time is left.
    Expiring,
    /// The old code is struck through until the new one is here.
    Renewing,
    /// No code is shown; the player may ask for one.
    Expired,
    /// The service asks to wait.
    Limited,
    /// Something says that the code was used.
    Checking,
    /// Linked.
    Linked,
    /// See the snapshot's problem.
    Failed,
    /// The player or the app ended it.
    Cancelled,
}

impl State {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Requesting => "requesting",
            Self::Active => "active",
            Self::Expiring => "expiring",
            Self::Renewing => "renewing",
            Self::Expired => "expired",
            Self::Limited => "limited",
            Self::Checking => "checking",
            Self::Linked => "linked",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a machine is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How codes look; `None`: whatever comes is right, and cut by its length.
    pub format: Option<Format>,
    /// For whom the code is.
    pub account_name: Option<String>,
    /// The platform that is to be linked: a link of another one does not end the code. Compared without case.
    pub expect_platform: Option<String>,
    /// Below this a code is [`State::Expiring`], 20 000 to 120 000 ms; what is outside is brought inside.
    pub warn_ms: u64,
    /// New codes without the player asking, 0 to 5. `None`: 5 where a lifetime is told, else 0.
    pub max_renewals: Option<u32>,
    /// Starts concealed, and conceals itself again 15 s after it was revealed: for streams.
    pub concealed: bool,
    /// What the app offers to learn the link by.
    pub offered: Offered,
    /// What the service can tell.
    pub capabilities: Capabilities,
    /// Words for spelling letters, 26 of them for A to Z, or none.
    pub spelling_words: Vec<String>,
    /// Spreads the questions of many screens; any number.
    pub seed: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            account_name: None,
            expect_platform: None,
            warn_ms: 30_000,
            max_renewals: None,
            concealed: false,
            offered: Offered::default(),
            capabilities: Capabilities::NONE,
            spelling_words: Vec::new(),
            seed: 1,
        }
    }
}

/// A code, as the service gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCode {
    /// The code.
    pub code: Secret,
    /// From the moment it was asked for; `None`: the service does not say.
    pub expires_in_ms: Option<u64>,
    /// It came as a JSON number, which has no zeros in front: they are put back where the format says how many.
    pub was_number: bool,
}

/// An account that is linked.
#[derive(Clone, Debug, PartialEq, Eq, Default, Hash)]
pub struct Link {
    /// The service's word of the platform, e.g. `XboxLive`.
    pub platform: String,
    /// Tells two links of one platform apart.
    pub id: Option<String>,
    /// The player's name there.
    pub display_name: Option<String>,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Action::RequestCode`].
    Code(NewCode),
    /// To [`Action::TakeBaseline`], and to [`Action::Check`] of links.
    Links(Vec<Link>),
    /// To [`Action::Check`] of the status: nobody has used the code.
    Pending,
    /// To [`Action::Check`] of the status: the code is too old, whatever was said of its lifetime.
    Expired,
    /// To [`Action::Check`] of the status: the player said no on the other screen.
    Denied,
    /// To [`Action::Check`] of the status.
    Linked(Link),
    /// To [`Action::Refresh`], and to [`Action::Check`] of the refresh.
    Refreshed {
        /// Whether the tokens are another player's.
        player_changed: bool,
    },
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it was.
    pub kind: ErrorKind,
    /// The service's own code.
    pub code: Option<String>,
    /// How long to wait, if the service says so.
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// Of a kind, without anything else known.
    pub fn of(kind: ErrorKind) -> Self {
        Self { kind, code: None, retry_after_ms: None }
    }
}

impl From<&crate::Error> for Failure {
    fn from(error: &crate::Error) -> Self {
        Self {
            kind: error.kind(),
            code: error.code().map(|code| code.as_str().to_owned()),
            retry_after_ms: error.retry_after_ms(),
        }
    }
}

/// What happens to the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The first code is wanted, or another one after an end.
    Start,
    /// The player wants a new code.
    NewCode,
    /// The player wants to keep this one as long as it lives.
    Keep,
    /// The player gives up, or the app does.
    Cancel,
    /// The code is to be hidden.
    Conceal,
    /// The code is to be seen.
    Reveal,
    /// The player says that it is done.
    Finished,
    /// Another player is signed in now.
    AccountSwitched,
    /// Nobody is there any more. The last event that counts.
    Dispose,
    /// Nobody looks at the page.
    Hidden,
    /// Somebody looks at the page again.
    Visible,
    /// Time has passed.
    Tick,
    /// A request was answered, or failed.
    Reply {
        /// Of the action.
        id: u32,
        /// Its result.
        result: Result<Answer, Failure>,
    },
    /// The backend says that the link happened.
    PushedLinked(Link),
    /// The backend says that it was refused, with a word of [`super::conflict::Conflict`] or a code of the service.
    PushedConflict(String),
    /// Another tab of the same account has seen a new link.
    Elsewhere(Link),
}

/// What is to be done. A request is answered by [`Event::Reply`] with its id; at most one is in the air.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin to listen to the backend.
    Listen,
    /// Stop listening.
    StopListening,
    /// List the links, as they are before the code.
    TakeBaseline {
        /// For the reply.
        id: u32,
    },
    /// Ask for a code.
    RequestCode {
        /// For the reply.
        id: u32,
    },
    /// Ask whether the code was used.
    Check {
        /// For the reply.
        id: u32,
        /// Whom.
        source: Source,
    },
    /// Refresh the session: the player may be another one now.
    Refresh {
        /// For the reply.
        id: u32,
    },
    /// Give up the request in the air; its reply no longer counts.
    Abort,
    /// Take the code back. Nobody waits for the answer.
    Revoke,
    /// Tell the app, once.
    Linked {
        /// What was linked, as far as it is known.
        link: Link,
        /// How sure it is.
        evidence: Evidence,
        /// Whether the session's tokens are another player's now.
        player_changed: bool,
        /// Whether the session could be refreshed, or did not have to be.
        refreshed: bool,
    },
    /// Something the developer should know; never holds a code.
    Warn(Warning),
}

/// What a developer should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Warning {
    /// The code does not fit the format.
    FormatMismatch,
    /// The code came as a JSON number, and zeros were put in front.
    NumberPadded,
    /// The code lives less than a minute: players do not get to type it.
    ShortLifetime,
    /// The links could not be listed: only the player can say now that it is done.
    NoLinkList,
    /// The service found the questions too frequent; how much faster the wall clock ran than the monotonic one.
    TooOften {
        /// In milliseconds, over the last pause.
        drift_ms: i64,
    },
}

impl Warning {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FormatMismatch => "format-mismatch",
            Self::NumberPadded => "number-padded",
            Self::ShortLifetime => "short-lifetime",
            Self::NoLinkList => "no-link-list",
            Self::TooOften { .. } => "too-often",
        }
    }
}
