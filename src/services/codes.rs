//! The services' error codes: how a table of them becomes a typed enum, and what each class of code means for the
//! caller. The tables themselves are `codes.rs` of each service; from them also come the TypeScript unions and the
//! documentation (`cargo xtask bindings`).

use crate::error::ErrorKind;

/// What a code makes the client do (rallyhere.md §3.1; our decision, the vendor has no classes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Classification {
    /// Try again after a wait.
    RetryLater,
    /// Get a fresh platform ticket and try once more.
    RetryWithNewPlatformToken,
    /// Agreements must be accepted.
    UserActionAgreements,
    /// The player must type other credentials.
    UserActionCredentials,
    /// The account is restricted.
    Restricted,
    /// That way to sign in is off.
    PlatformDisabled,
    /// The developer's set-up is wrong.
    Configuration,
    /// The refresh token is dead.
    SessionExpired,
    /// No such account, link or code.
    NotLinkedOrUnknown,
    /// Already linked or claimed.
    Conflict,
    /// Not allowed.
    Permission,
    /// The call's fields are wrong.
    Invalid,
    /// The access token was not accepted.
    TokenRejected,
    /// The service failed.
    Internal,
    /// The service is known to use the code, and does not explain it: the HTTP status decides what to do.
    Unexplained,
}

impl Classification {
    /// The word used in tables and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetryLater => "retry_later",
            Self::RetryWithNewPlatformToken => "retry_with_new_platform_token",
            Self::UserActionAgreements => "user_action_agreements",
            Self::UserActionCredentials => "user_action_credentials",
            Self::Restricted => "restricted",
            Self::PlatformDisabled => "platform_disabled",
            Self::Configuration => "configuration",
            Self::SessionExpired => "session_expired",
            Self::NotLinkedOrUnknown => "not_linked_or_unknown",
            Self::Conflict => "conflict",
            Self::Permission => "permission",
            Self::Invalid => "invalid",
            Self::TokenRejected => "token_rejected",
            Self::Internal => "internal",
            Self::Unexplained => "unexplained",
        }
    }

    /// The kind an error of this class has.
    pub const fn kind(self) -> ErrorKind {
        match self {
            Self::RetryLater => ErrorKind::Busy,
            Self::RetryWithNewPlatformToken => ErrorKind::PlatformTicket,
            Self::UserActionAgreements => ErrorKind::Agreements,
            Self::UserActionCredentials => ErrorKind::Credentials,
            Self::Restricted => ErrorKind::Restricted,
            Self::PlatformDisabled => ErrorKind::PlatformDisabled,
            Self::Configuration => ErrorKind::Configuration,
            Self::SessionExpired | Self::TokenRejected => ErrorKind::SessionOver,
            Self::NotLinkedOrUnknown => ErrorKind::NotFound,
            Self::Conflict => ErrorKind::Conflict,
            Self::Permission => ErrorKind::Permission,
            Self::Invalid => ErrorKind::Misuse,
            // Where there is no status to look at (a callback URL).
            Self::Internal | Self::Unexplained => ErrorKind::Service,
        }
    }
}

/// One line of a table.
#[derive(Debug)]
pub struct CodeRow<C: 'static> {
    /// The typed code.
    pub code: C,
    /// Its number in the C ABI: given once, never changed, never used again.
    pub number: u16,
    /// As the service spells it.
    pub text: &'static str,
    /// What it makes the client do.
    pub classification: Classification,
}

/// A service's code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceCode {
    /// A code of PlayFab.
    #[cfg(feature = "playfab")]
    PlayFab(super::playfab::Code),
    /// A code of RallyHere.
    #[cfg(feature = "rallyhere")]
    RallyHere(super::rallyhere::Code),
    /// A code of Xsolla Login.
    #[cfg(feature = "xsolla")]
    Xsolla(super::xsolla::Code),
}

impl ServiceCode {
    /// As the service spells it.
    pub fn as_str(&self) -> &str {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(code) => code.as_str(),
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(code) => code.as_str(),
            #[cfg(feature = "xsolla")]
            Self::Xsolla(code) => code.as_str(),
        }
    }

    /// What it makes the client do; `None` for a code we do not know.
    pub fn classification(&self) -> Option<Classification> {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(code) => code.classification(),
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(code) => code.classification(),
            #[cfg(feature = "xsolla")]
            Self::Xsolla(code) => code.classification(),
        }
    }

    /// An English sentence for players; `None` for a code we do not know.
    pub fn player_message(&self) -> Option<&'static str> {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(code) => code.player_message(),
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(code) => code.player_message(),
            #[cfg(feature = "xsolla")]
            Self::Xsolla(code) => code.player_message(),
        }
    }

    /// `playfab`, `rallyhere` or `xsolla`.
    pub fn service(&self) -> &'static str {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(_) => "playfab",
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => "rallyhere",
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => "xsolla",
        }
    }
}

/// Which line of `texts` is `text`.
#[inline(never)]
pub(crate) fn place_of(texts: &str, text: &str) -> Option<usize> {
    let (mut place, mut rest) = (0, Some(texts));
    while let Some(lines) = rest {
        let (line, behind) = crate::http::cut(lines, "\n");
        if line == text {
            return Some(place);
        }
        (place, rest) = (place + 1, behind);
    }
    None
}

/// That line of `texts`.
#[inline(never)]
pub(crate) fn line_at(texts: &str, place: usize) -> &str {
    let mut rest = texts;
    for _ in 0..place {
        rest = crate::http::cut(rest, "\n").1.unwrap_or_default();
    }
    crate::http::cut(rest, "\n").0
}

/// Makes a service's code enum and its table from one list:
/// `Variant = number "text" Classification "sentence";`
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident in $variant:ident {
        $($code:ident = $number:literal $text:literal $class:ident $message:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`: ", $message)] $code,)*
            /// A code this version does not know, as the service spelled it.
            Other(Box<str>),
        }

        impl $name {
            /// Every known code with its number, class and sentence.
            pub const TABLE: &'static [$crate::services::codes::CodeRow<$name>] = &[
                $($crate::services::codes::CodeRow {
                    code: $name::$code,
                    number: $number,
                    text: $text,
                    classification: $crate::services::codes::Classification::$class,
                },)*
            ];

            // What runs reads these, which are a third of the table in the wasm. All are in the table's order.
            const TEXTS: &'static str = concat!($($text, "\n",)*);
            const CLASSES: &'static [$crate::services::codes::Classification] =
                &[$($crate::services::codes::Classification::$class,)*];
            #[allow(dead_code, reason = "only PlayFab's are also the service's own")]
            const NUMBERS: &'static [u16] = &[$($number,)*];
            const PLAYER_MESSAGES: &'static [&'static str] = &[$($message,)*];

            pub(crate) fn parse(text: &str) -> Self {
                $crate::services::codes::place_of(Self::TEXTS, text)
                    .and_then(Self::at)
                    .unwrap_or_else(|| Self::Other(text.into()))
            }

            #[allow(non_upper_case_globals)]
            fn at(place: usize) -> Option<Self> {
                enum Place {
                    $($code,)*
                }
                $(const $code: usize = Place::$code as usize;)*
                match place {
                    $($code => Some(Self::$code),)*
                    _ => None,
                }
            }

            fn place(&self) -> usize {
                enum Place {
                    $($code,)*
                }
                match self {
                    $(Self::$code => Place::$code as usize,)*
                    Self::Other(_) => usize::MAX,
                }
            }

            /// As the service spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    Self::Other(text) => text,
                    known => $crate::services::codes::line_at(Self::TEXTS, known.place()),
                }
            }

            /// What it makes the client do; `None` for [`Other`](Self::Other).
            pub fn classification(&self) -> Option<$crate::services::codes::Classification> {
                Self::CLASSES.get(self.place()).copied()
            }

            /// An English sentence for players; `None` for [`Other`](Self::Other).
            pub fn player_message(&self) -> Option<&'static str> {
                Self::PLAYER_MESSAGES.get(self.place()).copied()
            }
        }

        impl Clone for $name {
            fn clone(&self) -> Self {
                match self {
                    Self::Other(text) => Self::Other(text.clone()),
                    known => Self::at(known.place()).unwrap_or_else(|| Self::Other("".into())),
                }
            }
        }

        impl From<$name> for $crate::services::codes::ServiceCode {
            fn from(code: $name) -> Self {
                Self::$variant(code)
            }
        }
    };
}
pub(crate) use codes;
