//! Why a link did not happen, as one table for all languages: the outcome of handing in a code, and the choices that a
//! conflict leaves. Codes that nobody knows stay what they are; none of them ever counts as success.

use super::capabilities::Undo;
use crate::error::{Error, ErrorKind};

/// Why two accounts cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The platform account belongs to another main account already.
    PlatformLinkedElsewhere,
    /// The main account has an account of that platform already.
    MainHasThisPlatform,
    /// They are linked with each other already: as good as success.
    SamePlayer,
    /// Both have progress, and only one can stay.
    ProgressionConflict,
    /// One of them is banned or restricted.
    Restricted,
    /// Agreements are to be accepted first.
    AgreementsNeeded,
    /// Linked or unlinked a short time ago.
    CoolDown,
    /// The last way to sign in cannot be removed.
    LastMethod,
    /// A code of the service that is in no table.
    Other(String),
}

/// What a player may choose in a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Everything stays as it is.
    Keep,
    /// Move the link to this account, which undoes the other one.
    Switch,
    /// Unlink first, then again with a new code.
    UnlinkFirst,
    /// Accept the agreements, then again.
    AcceptAgreements,
    /// Later.
    Wait,
    /// The game's support decides.
    Support,
    /// Nothing is missing: go on.
    Continue,
}

impl Choice {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Switch => "switch",
            Self::UnlinkFirst => "unlink-first",
            Self::AcceptAgreements => "accept-agreements",
            Self::Wait => "wait",
            Self::Support => "support",
            Self::Continue => "continue",
        }
    }
}

/// Codes of services, by what they mean.
const CODES: [(&str, Conflict); 15] = [
    // RallyHere, link of two accounts.
    ("follower_already_linked", Conflict::PlatformLinkedElsewhere),
    ("platform_already_linked", Conflict::MainHasThisPlatform),
    ("cannot_link_same_player", Conflict::SamePlayer),
    ("follower_has_cross_progression_enabled", Conflict::ProgressionConflict),
    ("follower_has_restrictions", Conflict::Restricted),
    ("leader_has_restrictions", Conflict::Restricted),
    ("user_needs_agreements", Conflict::AgreementsNeeded),
    // Xsolla Login.
    ("010-016", Conflict::PlatformLinkedElsewhere),
    ("002-040", Conflict::Restricted),
    // PlayFab.
    ("LinkedAccountAlreadyClaimed", Conflict::PlatformLinkedElsewhere),
    ("LinkedDeviceAlreadyClaimed", Conflict::PlatformLinkedElsewhere),
    ("LinkedIdentifierAlreadyClaimed", Conflict::PlatformLinkedElsewhere),
    ("AccountAlreadyLinked", Conflict::MainHasThisPlatform),
    ("AccountLinkedToABannedPlayer", Conflict::Restricted),
    ("AccountBanned", Conflict::Restricted),
];

impl Conflict {
    /// The word used for this in every language.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::PlatformLinkedElsewhere => "platform-linked-elsewhere",
            Self::MainHasThisPlatform => "main-has-this-platform",
            Self::SamePlayer => "same-player",
            Self::ProgressionConflict => "progression-conflict",
            Self::Restricted => "restricted",
            Self::AgreementsNeeded => "agreements-needed",
            Self::CoolDown => "cool-down",
            Self::LastMethod => "last-method",
            Self::Other(_) => "other",
        }
    }

    /// What a service's code, or one of our own words, means; `None`: it is none of a conflict.
    pub fn of_code(code: &str) -> Option<Self> {
        let ours = [
            Self::PlatformLinkedElsewhere,
            Self::MainHasThisPlatform,
            Self::SamePlayer,
            Self::ProgressionConflict,
            Self::Restricted,
            Self::AgreementsNeeded,
            Self::CoolDown,
            Self::LastMethod,
        ];
        let of_service = || CODES.iter().find(|(known, _)| *known == code).map(|(_, conflict)| conflict.clone());
        ours.into_iter().find(|conflict| conflict.as_str() == code).or_else(of_service)
    }

    /// What the error of a link means; `None` when it is no conflict.
    pub fn of_kind(kind: ErrorKind, code: Option<&str>) -> Option<Self> {
        match kind {
            ErrorKind::Conflict | ErrorKind::Restricted | ErrorKind::Agreements => {}
            _ => return None,
        }
        Some(match (code.and_then(Self::of_code), kind) {
            (Some(conflict), _) => conflict,
            (None, ErrorKind::Restricted) => Self::Restricted,
            (None, ErrorKind::Agreements) => Self::AgreementsNeeded,
            (None, _) => Self::Other(code.unwrap_or_default().to_owned()),
        })
    }

    /// What the player may choose. `undo`: who can undo a link. Unless it is the player, neither unlinking nor moving a
    /// link is offered: both would lead nowhere.
    pub fn choices(&self, undo: Undo) -> &'static [Choice] {
        match (self, undo) {
            (Self::PlatformLinkedElsewhere, Undo::Player) => &[Choice::Keep, Choice::Switch, Choice::Support],
            (Self::MainHasThisPlatform, Undo::Player) => &[Choice::Keep, Choice::UnlinkFirst],
            (
                Self::PlatformLinkedElsewhere | Self::MainHasThisPlatform | Self::ProgressionConflict | Self::Other(_),
                _,
            ) => &[Choice::Keep, Choice::Support],
            (Self::SamePlayer, _) => &[Choice::Continue],
            (Self::Restricted, _) => &[Choice::Support],
            (Self::AgreementsNeeded, _) => &[Choice::AcceptAgreements],
            (Self::CoolDown, _) => &[Choice::Wait],
            (Self::LastMethod, _) => &[Choice::Keep],
        }
    }
}

/// What handing in a code came to. The numbers never change and are never given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Linked.
    Linked,
    /// Unknown, used or too old: the service does not tell which.
    NotFoundOrExpired,
    /// Too old.
    Expired,
    /// Somebody used it.
    AlreadyUsed,
    /// Wrong code; a new guess is allowed.
    InvalidCode,
    /// Too many wrong codes: wait.
    AttemptsExhausted,
    /// Too many requests: wait, nobody is to blame.
    RateLimited,
    /// See there.
    Conflict(Conflict),
    /// The service cannot do that.
    Unsupported,
    /// The set-up is wrong.
    Misconfigured,
    /// The service failed.
    Unavailable,
    /// The request was not sent.
    Offline,
    /// Linked, but the session still names the player before: refresh.
    LinkedStaleSession,
    /// Sent without an answer: the code may be spent. Look at the links before the player tries again.
    Unknown,
    /// A code of the service that is in no table.
    Other(String),
}

impl Outcome {
    /// What an error of a call that hands in a code means. `sent`: whether the request may have reached the service.
    pub fn of_error(error: &Error, sent: bool) -> Self {
        Self::of_kind(error.kind(), error.code().map(|code| code.as_str()), sent)
    }

    /// The same from the parts of an error.
    pub fn of_kind(kind: ErrorKind, code: Option<&str>, sent: bool) -> Self {
        match code {
            Some("003-061") => return Self::NotFoundOrExpired,
            Some("003-039") => return Self::InvalidCode,
            Some("003-049") => return Self::AttemptsExhausted,
            _ => {}
        }
        if let Some(conflict) = Conflict::of_kind(kind, code) {
            return Self::Conflict(conflict);
        }
        match kind {
            ErrorKind::NotFound => Self::NotFoundOrExpired,
            ErrorKind::Credentials => Self::InvalidCode,
            ErrorKind::Busy => Self::RateLimited,
            ErrorKind::PlatformDisabled => Self::Unsupported,
            ErrorKind::Configuration | ErrorKind::Misuse | ErrorKind::Permission => Self::Misconfigured,
            ErrorKind::SessionStale => Self::LinkedStaleSession,
            ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Cancelled if sent => Self::Unknown,
            ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Cancelled => Self::Offline,
            ErrorKind::Protocol if sent => Self::Unknown,
            ErrorKind::Service if sent => Self::Unavailable,
            _ => code.map_or(Self::Unavailable, |code| Self::Other(code.to_owned())),
        }
    }

    /// The number of this outcome in every language.
    pub const fn number(&self) -> u16 {
        match self {
            Self::Linked => 0,
            Self::NotFoundOrExpired => 1,
            Self::Expired => 2,
            Self::AlreadyUsed => 3,
            Self::InvalidCode => 4,
            Self::AttemptsExhausted => 5,
            Self::RateLimited => 6,
            Self::Unsupported => 7,
            Self::Misconfigured => 8,
            Self::Unavailable => 9,
            Self::Offline => 10,
            Self::LinkedStaleSession => 11,
            Self::Unknown => 12,
            Self::Other(_) => 13,
            Self::Conflict(Conflict::PlatformLinkedElsewhere) => 20,
            Self::Conflict(Conflict::MainHasThisPlatform) => 21,
            Self::Conflict(Conflict::SamePlayer) => 22,
            Self::Conflict(Conflict::ProgressionConflict) => 23,
            Self::Conflict(Conflict::Restricted) => 24,
            Self::Conflict(Conflict::AgreementsNeeded) => 25,
            Self::Conflict(Conflict::CoolDown) => 26,
            Self::Conflict(Conflict::LastMethod) => 27,
            Self::Conflict(Conflict::Other(_)) => 28,
        }
    }

    /// Whether the accounts are linked now.
    pub fn is_linked(&self) -> bool {
        matches!(self, Self::Linked | Self::LinkedStaleSession | Self::Conflict(Conflict::SamePlayer))
    }

    /// Whether the same code may be handed in again by itself: only where it certainly never arrived.
    pub fn may_retry_itself(&self) -> bool {
        matches!(self, Self::Offline)
    }
}
