//! What every identity service offers to the session, and the words they share. Each service has its own folder: its
//! calls by subject, its one table of error codes, and private structs that speak its JSON.

use serde::{Deserialize, Serialize};

use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Host, TransportError, TransportErrorKind};
use crate::http::{Request, Response, retry_after_ms};

pub(crate) mod codes;
pub(crate) mod loose;
#[cfg(feature = "rallyhere")]
pub mod rallyhere;
#[cfg(feature = "xsolla")]
pub mod xsolla;

pub use codes::{Classification, ServiceCode};

/// The agreements of a game: which are meant depends on where it stands. In an error: still to be accepted. In a
/// login: accepted by the player now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Agreements {
    /// End-user licence agreement.
    pub eula: bool,
    /// Terms of service.
    pub terms_of_service: bool,
    /// Privacy policy.
    pub privacy_policy: bool,
}

impl Agreements {
    /// All three.
    pub const ALL: Self = Self { eula: true, terms_of_service: true, privacy_policy: true };

    /// Whether at least one is meant.
    pub fn any(self) -> bool {
        self.eula || self.terms_of_service || self.privacy_policy
    }
}

/// A restriction on an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restriction {
    /// The service's word, e.g. `account_ban`, `account_lockout`, `account_deny_auth`, `account_pending_deletion`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The service's word for why, when it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it ends, epoch milliseconds; `None`: it does not end.
    pub expires_at: Option<u64>,
}

/// Who the player is to the game: the one whose data counts now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Player {
    /// The active player's id. RallyHere: `active_player_uuid`; Xsolla: `sub`, the main account's once linked.
    pub player_id: String,
    /// RallyHere: the person that owns the linked platform accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// The platform that signed in, as the service spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The id on that platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_user_id: Option<String>,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

impl Player {
    /// The name to show; empty when the service gave none.
    pub fn display_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or_default()
    }

    /// Whether both are the same player of the same person, names aside.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.player_id == other.player_id && self.person_id == other.person_id
    }
}

/// What a service hands out on login and on refresh.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) access_token: Secret,
    /// `None`: the answer had none; the old one stays in use.
    pub(crate) refresh_token: Option<Secret>,
    /// `None`: unknown; the token is used until it is refused.
    pub(crate) expires_in_ms: Option<u64>,
    pub(crate) player: Player,
    pub(crate) details: Details,
}

/// What only one service tells about a login.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Details {
    #[default]
    None,
    #[cfg(feature = "rallyhere")]
    RallyHere(Box<rallyhere::LoginResult>),
}

/// The service behind a session. An enum rather than a type parameter: the session's code exists once per host, not
/// once per host and service.
#[derive(Debug)]
pub(crate) enum Service {
    #[cfg(feature = "rallyhere")]
    RallyHere(rallyhere::Config),
    #[cfg(feature = "xsolla")]
    Xsolla(xsolla::Config),
}

impl Service {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => "rallyhere",
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => "xsolla",
        }
    }

    /// The deadline of one call.
    pub(crate) fn timeout_ms(&self) -> u64 {
        match self {
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(config) => config.timeout_ms,
            #[cfg(feature = "xsolla")]
            Self::Xsolla(config) => config.timeout_ms,
        }
    }

    /// Swaps the refresh token for new tokens.
    pub(crate) async fn refresh<H: Host>(&self, host: &H, refresh_token: &Secret) -> Result<Granted> {
        match self {
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(config) => rallyhere::login::refresh(config, host, refresh_token).await,
            #[cfg(feature = "xsolla")]
            Self::Xsolla(config) => xsolla::token::refresh(config, host, refresh_token).await,
        }
    }

    /// Tells the service to forget the session.
    pub(crate) async fn revoke<H: Host>(&self, host: &H, access: &Secret, refresh: Option<&Secret>) -> Result<bool> {
        match self {
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(config) => {
                let _ = access;
                rallyhere::login::logout(config, host, refresh).await
            }
            #[cfg(feature = "xsolla")]
            Self::Xsolla(config) => {
                let _ = refresh;
                xsolla::token::logout(config, host, access).await
            }
        }
    }

    /// Whether [`revoke`](Self::revoke) ends every session of the player, also those begun later.
    pub(crate) fn revokes_every_session(&self) -> bool {
        match self {
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => false,
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => true,
        }
    }

    /// Whether this answer to a request that carried the access token says that the token was not accepted.
    pub(crate) fn is_token_rejected(&self, status: u16, body: &[u8]) -> bool {
        match self {
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => status == 401 || (status == 403 && rallyhere::wire::is_auth_rejected(body)),
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => xsolla::wire::is_auth_rejected(status, body),
        }
    }
}

/// Sends a request; an answer of any status but a redirect is `Ok`.
pub(crate) async fn send<H: Host>(host: &H, request: Request) -> Result<Response> {
    let response = host.send(request).await.map_err(|error| from_transport(&error))?;
    if (300..400).contains(&response.status) {
        return Err(redirected());
    }
    Ok(response)
}

fn redirected() -> Error {
    // No status: browsers do not show it, and the error is to be the same everywhere.
    Error::protocol("the service answered with a redirect, which is never followed; check the base URL")
}

fn from_transport(error: &TransportError) -> Error {
    match error.kind {
        TransportErrorKind::Network => Error::new(
            ErrorKind::Network,
            "no answer from the service: offline, refused, DNS, TLS, or (in a browser) CORS",
        ),
        TransportErrorKind::Timeout => {
            Error::new(ErrorKind::Timeout, "no complete answer from the service before the deadline")
        }
        TransportErrorKind::BodyTooLarge => Error::protocol("the service's answer is larger than 1 MiB"),
        TransportErrorKind::Redirect => redirected(),
        TransportErrorKind::Truncated => Error::protocol("the service's answer ended too early"),
        TransportErrorKind::Unusable => Error::configuration(error.message.clone()),
    }
}

/// Reads the JSON body of a success.
pub(crate) fn read_json<'a, T: Deserialize<'a>>(response: &'a Response) -> Result<T> {
    // `from_slice` only: each reader is a full copy of every deserialiser in the wasm.
    serde_json::from_slice(&response.body).map_err(|_| not_understood(response))
}

/// The error for an answer that is not what the contract says.
pub(crate) fn not_understood(response: &Response) -> Error {
    let message = if response.body.is_empty() {
        "the service's answer is empty where JSON was expected"
    } else {
        "the service's answer is not the JSON that was expected"
    };
    Error::protocol(message).with_status(response.status).with_request_id(request_id(response))
}

/// The error for an answer with an error status whose body says nothing we know.
pub(crate) fn from_status(response: &Response, now_ms: u64) -> Error {
    let status = response.status;
    let kind = kind_of_status(status);
    let message = match kind {
        ErrorKind::Busy => "the service asks to try again later",
        ErrorKind::Service => "the service failed",
        ErrorKind::SessionOver => "the service did not accept the access token",
        ErrorKind::NotFound => "the service does not know what was asked for",
        ErrorKind::Conflict => "the service says that it exists already",
        ErrorKind::Misuse => "the service refused the request's fields",
        _ => "the service answered with an error it did not explain",
    };
    Error::new(kind, message)
        .with_status(status)
        .with_retry_after_ms(retry_after(response, now_ms))
        .with_request_id(request_id(response))
}

/// What a status means when the body does not say more.
pub(crate) fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::SessionOver,
        403 => ErrorKind::Permission,
        404 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        422 => ErrorKind::Misuse,
        408 | 425 | 429 | 503 => ErrorKind::Busy,
        418 | 500..=599 => ErrorKind::Service,
        _ => ErrorKind::Protocol,
    }
}

pub(crate) fn retry_after(response: &Response, now_ms: u64) -> Option<u64> {
    response.header("retry-after").and_then(|value| retry_after_ms(value, now_ms))
}

/// The largest whole number that JavaScript holds exactly.
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A lifetime in seconds as milliseconds, at most what JavaScript can hold; 0 and less count as not told.
pub(crate) fn seconds_to_ms(seconds: Option<i64>) -> Option<u64> {
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok()).filter(|s| *s > 0)?;
    Some(seconds.saturating_mul(1000).min(MAX_SAFE_INTEGER))
}

/// A deadline must be one that a player would wait for.
pub(crate) fn check_timeout(ms: u64) -> Result<()> {
    if (1..=120_000).contains(&ms) {
        return Ok(());
    }
    Err(Error::configuration("the deadline must be 1 to 120000 milliseconds; 10000 is a good value"))
}

/// The id of the request as gateways name it; no service documents one.
pub(crate) fn request_id(response: &Response) -> Option<String> {
    ["x-request-id", "x-correlation-id"]
        .iter()
        .find_map(|name| response.header(name))
        .filter(|id| id.len() <= 128 && id.is_ascii())
        .map(str::to_owned)
}
