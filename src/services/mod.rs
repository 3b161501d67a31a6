//! What every identity service offers to the session, and the words they share. Each service has its own folder: its
//! calls by subject, its one table of error codes, and `wire.rs`, which reads its JSON.

use std::sync::Arc;

use crate::Secret;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::host::{Boxed, Host, TransportError, TransportErrorKind};
use crate::http::{Request, Response, parse_http_date_ms, retry_after_ms};
use crate::json::{Json, Object};

pub(crate) mod codes;
mod echo;
#[cfg(all(feature = "ffi", not(feature = "server")))]
pub(crate) mod game_server;
#[cfg(feature = "playfab")]
pub mod playfab;
#[cfg(feature = "rallyhere")]
pub mod rallyhere;
#[cfg(feature = "xsolla")]
pub mod xsolla;

pub use codes::{Classification, ServiceCode};

/// The agreements of a game: which are meant depends on where it stands. In an error: still to be accepted. In a
/// login: accepted by the player now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn to_json(self) -> Json {
        Object::new()
            .flag("eula", self.eula)
            .flag("termsOfService", self.terms_of_service)
            .flag("privacyPolicy", self.privacy_policy)
            .take()
    }
}

/// A restriction on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// The service's word, e.g. `account_ban`, `account_lockout`, `account_deny_auth`, `account_pending_deletion`.
    pub kind: String,
    /// The service's word for why, when it says so.
    pub reason: Option<String>,
    /// When it ends, epoch milliseconds; `None`: it does not end.
    pub expires_at: Option<u64>,
}

impl Restriction {
    pub(crate) fn to_json(&self) -> Json {
        let mut json = Object::new();
        json.text("type", &self.kind).maybe_text("reason", self.reason.as_deref());
        match self.expires_at {
            Some(at) => json.number("expiresAt", at),
            None => json.json("expiresAt", Json::Null),
        };
        json.take()
    }
}

/// Who the player is to the game: the one whose data counts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// The active player's id. RallyHere: `active_player_uuid`; Xsolla: `sub`, the main account's once linked.
    pub player_id: String,
    /// RallyHere: the person that owns the linked platform accounts.
    pub person_id: Option<String>,
    /// The platform that signed in, as the service spells it.
    pub platform: Option<String>,
    /// The id on that platform.
    pub platform_user_id: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
}

impl Player {
    /// The name to show; empty when the service gave none.
    pub fn display_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or_default()
    }

    pub(crate) fn to_json(&self) -> Json {
        Object::new()
            .text("playerId", &self.player_id)
            .maybe_text("personId", self.person_id.as_deref())
            .maybe_text("platform", self.platform.as_deref())
            .maybe_text("platformUserId", self.platform_user_id.as_deref())
            .maybe_text("displayName", self.display_name.as_deref())
            .take()
    }

    pub(crate) fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            player_id: json.filled("playerId")?,
            person_id: json.text("personId"),
            platform: json.text("platform"),
            platform_user_id: json.text("platformUserId"),
            display_name: json.text("displayName"),
        })
    }

    /// Whether both are the same player of the same person, names aside.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.player_id == other.player_id && self.person_id == other.person_id
    }
}

/// What a service hands out on login and on refresh. Boxed wherever it is passed on: moving it is code.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) access_token: Secret,
    /// `None`: the answer had none; the old one stays in use.
    pub(crate) refresh_token: Option<Secret>,
    /// `None`: unknown; the token is used until it is refused.
    pub(crate) expires_in_ms: Option<u64>,
    /// How long the refresh token can be used; `None`: unknown, it is used until it is refused.
    pub(crate) refresh_expires_in_ms: Option<u64>,
    pub(crate) player: Player,
    /// What only this service tells about a login, as it answered, without the tokens.
    pub(crate) details: Json,
}

/// What a session has when it asks for new tokens.
#[derive(Clone, Copy)]
pub(crate) struct Holding<'a> {
    /// While it is valid: some services refresh with it.
    #[allow(dead_code, reason = "not every service does")]
    pub(crate) access_token: Option<&'a Secret>,
    /// While it can be used.
    pub(crate) refresh_token: Option<&'a Secret>,
    /// What the answer does not tell of the player stays as it was before.
    pub(crate) player: &'a Player,
    pub(crate) details: &'a Json,
}

impl<'a> Holding<'a> {
    /// For a service that refreshes with this and nothing else.
    #[cfg_attr(not(any(feature = "rallyhere", feature = "xsolla")), allow(dead_code))]
    fn refresh_token(self) -> Result<&'a Secret> {
        self.refresh_token.ok_or_else(|| Error::session_over(SessionOverReason::Expired))
    }
}

/// The service behind a session. An enum rather than a type parameter: the session's code exists once per host, not
/// once per host and service.
#[derive(Clone, Debug)]
pub(crate) enum Service {
    #[cfg(feature = "playfab")]
    PlayFab(Arc<playfab::Config>),
    #[cfg(feature = "rallyhere")]
    RallyHere(Arc<rallyhere::Config>),
    #[cfg(feature = "xsolla")]
    Xsolla(Arc<xsolla::Config>),
}

impl Service {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(_) => "playfab",
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => "rallyhere",
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => "xsolla",
        }
    }

    /// The deadline of one call.
    pub(crate) fn timeout_ms(&self) -> u64 {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(config) => config.timeout_ms,
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(config) => config.timeout_ms,
            #[cfg(feature = "xsolla")]
            Self::Xsolla(config) => config.timeout_ms,
        }
    }

    /// Swaps what the session has for new tokens.
    pub(crate) async fn refresh<H: Host>(&self, host: &H, holding: Holding<'_>) -> Result<Box<Granted>> {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(config) => playfab::refresh(config, host, holding).await,
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(config) => {
                let before = (holding.player, holding.details);
                rallyhere::login::refresh(config, host, holding.refresh_token()?, before).await
            }
            #[cfg(feature = "xsolla")]
            Self::Xsolla(config) => {
                xsolla::token::refresh(config, host, holding.refresh_token()?, holding.player).await
            }
        }
    }

    /// Whether a session can be refreshed with the tokens it has, each of them valid or not.
    pub(crate) fn can_refresh(&self, _access_valid: bool, refresh_valid: bool) -> bool {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(_) => _access_valid || refresh_valid,
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => refresh_valid,
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => refresh_valid,
        }
    }

    /// Tells the service to forget the session.
    pub(crate) async fn revoke<H: Host>(&self, host: &H, access: &Secret, refresh: Option<&Secret>) -> Result<bool> {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(_) => {
                let _ = (host, access, refresh);
                Ok(false)
            }
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(config) => {
                let _ = access;
                rallyhere::login::logout(config, host, refresh).await
            }
            #[cfg(feature = "xsolla")]
            Self::Xsolla(config) => xsolla::token::logout(config, host, access, refresh).await,
        }
    }

    /// Whether [`revoke`](Self::revoke) ends every session of the player, also those begun later.
    pub(crate) fn revokes_every_session(&self) -> bool {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(_) => false,
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => false,
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => true,
        }
    }

    /// Puts the access token onto a request to the service.
    pub(crate) fn attach(&self, request: Box<Request>, token: &Secret) -> Box<Request> {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(_) => request.header("x-entitytoken", token.expose()),
            #[allow(unreachable_patterns, reason = "the only service in a one-service build")]
            _ => request.bearer(token),
        }
    }

    /// Whether this answer to a request that carried the access token says that the token was not accepted.
    pub(crate) fn is_token_rejected(&self, status: u16, body: &[u8]) -> bool {
        match self {
            #[cfg(feature = "playfab")]
            Self::PlayFab(_) => playfab::wire::is_auth_rejected(status, body),
            #[cfg(feature = "rallyhere")]
            Self::RallyHere(_) => status == 401 || (status == 403 && rallyhere::wire::is_auth_rejected(body)),
            #[cfg(feature = "xsolla")]
            Self::Xsolla(_) => xsolla::wire::is_auth_rejected(status, body),
        }
    }
}

/// Sends a request; an answer of any status but a redirect is `Ok`.
pub(crate) fn send<H: Host>(host: &H, request: Box<Request>) -> Boxed<'_, Result<Box<Response>>> {
    send_to(host, request, false)
}

/// The same for a call whose answer may be a redirect, which comes back unfollowed. Browsers hide those: native only.
pub(crate) fn send_to<H: Host>(
    host: &H,
    request: Box<Request>,
    may_redirect: bool,
) -> Boxed<'_, Result<Box<Response>>> {
    Box::pin(async move {
        if !request.has_sendable_headers() {
            return Err(Error::protocol("a token holds characters that no HTTP header can carry; sign in again"));
        }
        let sent = echo::body_of(&request);
        let mut response = Box::new(host.send(*request).await.map_err(|error| from_transport(&error))?);
        echo::take_out(&mut response, &sent);
        if (300..400).contains(&response.status) && !may_redirect {
            return Err(redirected());
        }
        Ok(response)
    })
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

/// Reads the JSON object that is the body of a success.
pub(crate) fn read_object(response: &Response) -> Result<Json> {
    Json::parse_object(&response.body).ok_or_else(|| not_understood(response))
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
    response.header("retry-after").and_then(|value| retry_after_ms(value, server_now(response, now_ms)))
}

/// What the service's clock said when it answered, else ours: a player's clock may be hours off.
pub(crate) fn server_now(response: &Response, now_ms: u64) -> u64 {
    response.header("date").and_then(parse_http_date_ms).unwrap_or(now_ms)
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

/// The id of the request as PlayFab and gateways name it; no service documents one.
pub(crate) fn request_id(response: &Response) -> Option<String> {
    ["x-request-id", "x-requestid", "x-correlation-id"]
        .iter()
        .find_map(|name| response.header(name))
        .filter(|id| id.len() <= 128 && id.is_ascii())
        .map(str::to_owned)
}
