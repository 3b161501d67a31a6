//! The one error type: what went wrong, and above all what the caller can do about it ([`ErrorKind`]).

use std::fmt;
use std::sync::Arc;

use crate::services::{Agreements, Restriction, ServiceCode};

/// The result of every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the caller can do about an error. The same closed list of words in Rust, TypeScript, C and C#.
///
/// ```
/// use playerlink::ErrorKind;
///
/// assert_eq!(ErrorKind::PlatformTicket.as_str(), "platform-ticket");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The call is wrong: fix the code. Invalid arguments, a closed client, a field the service refused.
    Misuse,
    /// The set-up is wrong: fix the configuration here or in the service's console.
    Configuration,
    /// No answer: refused, DNS, TLS, offline, or CORS (browsers cannot tell these apart). Trying again may help.
    Network,
    /// No complete answer before the deadline.
    Timeout,
    /// The caller's signal ended it.
    Cancelled,
    /// The service asks to wait: see [`Error::retry_after_ms`].
    Busy,
    /// The service failed: report it with [`Error::request_id`] and [`Error::code`].
    Service,
    /// The service's answer was not understood: report it.
    Protocol,
    /// The platform's ticket was not accepted: get a new one from the platform and sign in again.
    PlatformTicket,
    /// What the player typed was not accepted: ask again.
    Credentials,
    /// The player must accept agreements first: see [`Error::agreements`].
    Agreements,
    /// The account is restricted: show [`Error::restrictions`] and until when.
    Restricted,
    /// That way to sign in is switched off: offer another.
    PlatformDisabled,
    /// Unknown account, nothing linked, or a linking code that is unknown, used or expired: explain.
    NotFound,
    /// Already linked or already claimed: let the player choose.
    Conflict,
    /// Not allowed to do that: fix the rights of the client or ask for one's own account only.
    Permission,
    /// The session has ended: sign in again. [`Error::reason`] says why.
    SessionOver,
    /// The player's identity changed and the session could not be refreshed yet: refresh, then call again.
    SessionStale,
    /// The store failed; the session goes on in memory.
    Storage,
    /// A defect of playerlink itself: report it.
    Internal,
}

impl ErrorKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 20] = [
        Self::Misuse,
        Self::Configuration,
        Self::Network,
        Self::Timeout,
        Self::Cancelled,
        Self::Busy,
        Self::Service,
        Self::Protocol,
        Self::PlatformTicket,
        Self::Credentials,
        Self::Agreements,
        Self::Restricted,
        Self::PlatformDisabled,
        Self::NotFound,
        Self::Conflict,
        Self::Permission,
        Self::SessionOver,
        Self::SessionStale,
        Self::Storage,
        Self::Internal,
    ];

    /// The word used for this kind in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Misuse => "misuse",
            Self::Configuration => "configuration",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Busy => "busy",
            Self::Service => "service",
            Self::Protocol => "protocol",
            Self::PlatformTicket => "platform-ticket",
            Self::Credentials => "credentials",
            Self::Agreements => "agreements",
            Self::Restricted => "restricted",
            Self::PlatformDisabled => "platform-disabled",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Permission => "permission",
            Self::SessionOver => "session-over",
            Self::SessionStale => "session-stale",
            Self::Storage => "storage",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A field of the request that the service refused (HTTP 422), as the service names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    /// The path to the value, e.g. `body.grant_type`.
    pub path: String,
    /// What is wrong with it, in the service's words.
    pub message: String,
}

/// What went wrong. Branch on [`kind`](Self::kind); show [`player_message`](Self::player_message) to players and the
/// `Display` text to developers. It never holds a token, ticket, code or other secret.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use playerlink::{Error, ErrorKind};
/// use playerlink::rallyhere::{Config, RallyHere};
/// use playerlink::host::SimHost;
///
/// let error = RallyHere::new(Config::base_url("http://rally.example").client("game", "secret"), SimHost::new(1))
///     .expect_err("plain http is for loopback only");
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert!(error.to_string().contains("https://"));
/// # });
/// ```
#[derive(Clone)]
pub struct Error(Box<View>);

/// What those who were told of the same failure see each in their own way.
#[derive(Clone)]
struct View {
    kind: ErrorKind,
    reason: Option<SessionOverReason>,
    retry_after_ms: Option<u64>,
    details: Arc<Details>,
}

/// What is the same for all of them. Set only where the error is made, before there is a second one.
struct Details {
    message: String,
    code: Option<ServiceCode>,
    code_number: Option<u32>,
    status: Option<u16>,
    agreements: Option<Agreements>,
    restrictions: Vec<Restriction>,
    request_id: Option<String>,
    fields: Vec<InvalidField>,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionOverReason {
    /// Signed out here or in another tab or process.
    SignedOut,
    /// The service no longer accepts the refresh token.
    RefreshRejected,
    /// A refresh got no answer, and the service then no longer accepted the session: the new tokens were lost on the way.
    OutcomeUnknown,
    /// The access token has expired and there is no refresh token to get a new one with.
    Expired,
    /// The account may not be used any more (a ban or another restriction).
    Restricted,
}

impl SessionOverReason {
    /// The word used for this reason in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::RefreshRejected => "refresh-rejected",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Expired => "expired",
            Self::Restricted => "restricted",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::of(kind, message.into())
    }

    #[inline(never)]
    fn of(kind: ErrorKind, message: String) -> Self {
        let details = Arc::new(Details {
            message,
            code: None,
            code_number: None,
            status: None,
            agreements: None,
            restrictions: Vec::new(),
            request_id: None,
            fields: Vec::new(),
        });
        Self(Box::new(View { kind, reason: None, retry_after_ms: None, details }))
    }

    fn set(mut self, set: impl FnOnce(&mut Details)) -> Self {
        if let Some(details) = Arc::get_mut(&mut self.0.details) {
            set(details);
        }
        self
    }

    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misuse, message)
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn protocol(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Protocol, message)
    }

    pub(crate) fn session_over(reason: SessionOverReason) -> Self {
        let message = match reason {
            SessionOverReason::SignedOut => "the session was signed out; sign in again",
            SessionOverReason::RefreshRejected => "the service no longer accepts this session; sign in again",
            SessionOverReason::OutcomeUnknown => {
                "the answer to a refresh was lost and the service now refuses this session; sign in again"
            }
            SessionOverReason::Expired => "the access token expired and cannot be refreshed; sign in again",
            SessionOverReason::Restricted => "the account is restricted and the session has ended",
        };
        let mut error = Self::new(ErrorKind::SessionOver, message);
        error.0.reason = Some(reason);
        error
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The service's own code, typed, when it sent one.
    pub fn code(&self) -> Option<&ServiceCode> {
        self.0.details.code.as_ref()
    }

    /// The service's own number of the code, when it has one: PlayFab's, e.g. 1184.
    pub fn code_number(&self) -> Option<u32> {
        self.0.details.code_number
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.details.status
    }

    /// How long to wait before trying again, in milliseconds (1 000 to 300 000), when the service or its contract says so.
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.0.retry_after_ms
    }

    /// The agreements still to be accepted ([`ErrorKind::Agreements`]).
    pub fn agreements(&self) -> Option<&Agreements> {
        self.0.details.agreements.as_ref()
    }

    /// The restrictions that blocked the call; empty when the service named none.
    pub fn restrictions(&self) -> &[Restriction] {
        &self.0.details.restrictions
    }

    /// Why the session is over ([`ErrorKind::SessionOver`]).
    pub fn reason(&self) -> Option<SessionOverReason> {
        self.0.reason
    }

    /// The service's id of the request, for support, when it sent one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.details.request_id.as_deref()
    }

    /// The fields the service refused (HTTP 422).
    pub fn invalid_fields(&self) -> &[InvalidField] {
        &self.0.details.fields
    }

    /// The text for developers: what happened and what to do. Not for branching, not for players.
    pub fn message(&self) -> &str {
        &self.0.details.message
    }

    /// A short sentence in English that may be shown to a player, for the codes that have one.
    pub fn player_message(&self) -> Option<&'static str> {
        self.0.details.code.as_ref().and_then(ServiceCode::player_message)
    }

    /// The same answer, seen by somebody to whom it means something else.
    #[cfg_attr(not(feature = "playfab"), allow(dead_code))]
    pub(crate) fn with_kind(mut self, kind: ErrorKind, message: impl Into<String>) -> Self {
        self.0.kind = kind;
        self.set(|details| details.message = message.into())
    }

    pub(crate) fn with_code(self, code: impl Into<ServiceCode>) -> Self {
        self.set(|details| details.code = Some(code.into()))
    }

    pub(crate) fn with_code_number(self, number: Option<u32>) -> Self {
        self.set(|details| details.code_number = number)
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        self.set(|details| details.status = Some(status))
    }

    pub(crate) fn with_retry_after_ms(mut self, wait: Option<u64>) -> Self {
        self.0.retry_after_ms = wait;
        self
    }

    pub(crate) fn with_agreements(self, agreements: Agreements) -> Self {
        self.set(|details| details.agreements = Some(agreements))
    }

    pub(crate) fn with_restrictions(self, restrictions: Vec<Restriction>) -> Self {
        self.set(|details| details.restrictions = restrictions)
    }

    pub(crate) fn with_request_id(self, id: Option<String>) -> Self {
        self.set(|details| details.request_id = id)
    }

    pub(crate) fn with_fields(self, fields: Vec<InvalidField>) -> Self {
        self.set(|details| details.fields = fields)
    }

    pub(crate) fn with_reason(mut self, reason: SessionOverReason) -> Self {
        self.0.reason = Some(reason);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind.as_str())?;
        if let Some(code) = &self.0.details.code {
            write!(f, " [{}]", code.as_str())?;
        }
        write!(f, ": {}", self.0.details.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("code", &self.0.details.code.as_ref().map(ServiceCode::as_str))
            .field("status", &self.0.details.status)
            .field("retry_after_ms", &self.0.retry_after_ms)
            .field("reason", &self.0.reason)
            .field("request_id", &self.0.details.request_id)
            .field("message", &self.0.details.message)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}
