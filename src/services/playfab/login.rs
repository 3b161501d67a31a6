//! `LoginWith…`, and `GetEntityToken`, which is how a session is refreshed.
//!
//! A session has two credentials, each with its own life: the **entity token** is its access token (its life is
//! `TokenExpiration` less the answer's `Date`), the **session ticket** its refresh token. The ticket's life is told
//! nowhere; 24 h less an hour is assumed. While the entity token is valid it renews itself, after that only the ticket
//! gets a new one (playfab.md §3.2, §3.3).

use super::register::{REGISTER, Registration};
use super::{Config, Credential, PlayFab, PlayFabSession, ask, wire};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::host::{Boxed, Host};
use crate::http::Request;
use crate::json::{Json, Object};
use crate::services::codes::Classification;
use crate::services::{Granted, Holding, Player};
use crate::session::{Opened, Session};

/// What a session ticket is taken to live, in milliseconds: 23 h.
pub(super) const TICKET_LIFE_MS: u64 = 23 * 3_600_000;

/// The tokens in a login's answer, left out of what is kept of it.
const TOKENS: [&str; 2] = ["SessionTicket", "EntityToken"];

/// All that PlayFab tells about a login, the tokens aside. `Session::player` has what most programs need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginDetails {
    /// The player in this publisher's titles, 16 hexadecimal digits; the session's `player_id`.
    pub playfab_id: String,
    /// The player in this title (`title_player_account`), which entity calls take.
    pub title_player_id: Option<String>,
    /// Whether this login made the account.
    pub newly_created: bool,
    /// The login before this one, epoch milliseconds; `None`: there was none, or it is not told.
    pub last_login_at: Option<u64>,
    /// What [`Credential::info`] asked for (`InfoResultPayload`), as JSON text.
    pub info: Option<String>,
}

impl LoginDetails {
    pub(super) fn read(kept: &Json, playfab_id: &str) -> Self {
        let info = match kept.get("InfoResultPayload") {
            info @ Json::Object(_) => Some(info.to_text()),
            _ => None,
        };
        Self {
            playfab_id: playfab_id.to_owned(),
            title_player_id: kept.filled("TitlePlayerId"),
            newly_created: kept.flag("NewlyCreated").unwrap_or(false),
            last_login_at: kept.text("LastLoginTime").and_then(|text| wire::parse_time_ms(&text)),
            info,
        }
    }
}

#[cfg_attr(not(feature = "web"), allow(dead_code))]
impl LoginDetails {
    pub(crate) fn to_json(&self, view: &mut Object) -> Json {
        view.text("playFabId", &self.playfab_id)
            .maybe_text("titlePlayerId", self.title_player_id.as_deref())
            .flag("newlyCreated", self.newly_created)
            .maybe_number("lastLoginAt", self.last_login_at);
        if let Some(info) = self.info.as_deref().and_then(|info| Json::parse(info.as_bytes())) {
            view.json("info", info);
        }
        view.take()
    }
}

impl<H: Host> PlayFab<H> {
    /// Signs a player in and stores the session.
    ///
    /// Nothing is tried again by itself: most proofs are good for one use.
    ///
    /// # Errors
    /// By kind: `platform-ticket` (get a fresh proof), `credentials`, `not-found` (nobody has signed in this way and
    /// [`Credential::create_account`] was not said), `restricted` (banned; see [`Error::restrictions`]),
    /// `platform-disabled`, `busy`, `configuration`, `misuse` for a value that is missing or over its limit, and those
    /// of every call.
    pub async fn login(&self, credential: Credential) -> Result<PlayFabSession<H>> {
        let (operation, body) = credential.login(&self.config.title_id)?;
        self.sign_in(&operation, body, credential.provider().word).await
    }

    /// What a caller's object asks for: the call, its body, and how the player signs in.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn read_sign_in(&self, registers: bool, json: &Json) -> Result<(String, Vec<u8>, &'static str)> {
        let title_id = &self.config.title_id;
        if registers {
            return Ok((REGISTER.to_owned(), Registration::from_json(json)?.body(title_id)?, "playfab"));
        }
        let credential = Credential::from_json(json)?;
        let (operation, body) = credential.login(title_id)?;
        Ok((operation, body, credential.provider().word))
    }

    /// A login or a registration.
    pub(crate) fn sign_in<'a>(
        &'a self,
        operation: &'a str,
        body: Vec<u8>,
        platform: &'static str,
    ) -> Boxed<'a, Result<PlayFabSession<H>>> {
        Box::pin(async move {
            let (granted, sent) = sign_in(&self.config, &*self.host, operation, body, platform).await?;
            let slots = self.config.slots();
            let account = granted.player.player_id.clone();
            let slot = Some((&slots, account.as_str()));
            let opened = Opened { client: self.sessions(), slot, granted, sent };
            Ok(PlayFabSession::new(Session::open(opened).await))
        })
    }
}

/// What a login brings, and both clocks when it was sent.
fn sign_in<'a, H: Host>(
    config: &'a Config,
    host: &'a H,
    operation: &str,
    body: Vec<u8>,
    platform: &'static str,
) -> Boxed<'a, Result<(Granted, (u64, u64))>> {
    let request = config.request(&["/Client/", operation], body);
    Box::pin(async move {
        let sent = (host.now(), host.monotonic());
        let (data, server_now) = ask(host, request).await?;
        let (mut granted, ticket) = granted(data, server_now, platform)?;
        // The schema allows an answer without an entity token: the ticket gets one.
        if granted.access_token.is_empty() {
            let token = exchange(config, host, Proof::Ticket(&ticket)).await?;
            granted.access_token = token.token;
            granted.expires_in_ms = token.expires_in_ms;
        }
        granted.refresh_token = Some(ticket);
        Ok((granted, sent))
    })
}

/// Signs in again without the player, with what the program has now.
pub(super) async fn renew<H: Host>(config: &Config, host: &H, credential: Credential) -> Result<(Granted, (u64, u64))> {
    let (operation, body) = credential.login(&config.title_id)?;
    sign_in(config, host, &operation, body, credential.provider().word).await
}

/// Refreshes: by the entity token while it is valid, else, or when the service refuses it, by the ticket. Who the player
/// is does not change.
pub(crate) async fn refresh<H: Host>(config: &Config, host: &H, holding: Holding<'_>) -> Result<Granted> {
    let token = match (holding.access_token, holding.refresh_token) {
        (Some(token), ticket) => match (exchange(config, host, Proof::Entity(token)).await, ticket) {
            (Err(error), Some(ticket)) if is_refused(&error) => by_ticket(config, host, ticket).await?,
            (Err(error), None) if is_refused(&error) => {
                return Err(error.with_reason(SessionOverReason::RefreshRejected));
            }
            (result, _) => result?,
        },
        (None, Some(ticket)) => by_ticket(config, host, ticket).await?,
        (None, None) => return Err(Error::session_over(SessionOverReason::Expired)),
    };
    Ok(Granted {
        access_token: token.token,
        refresh_token: None,
        expires_in_ms: token.expires_in_ms,
        refresh_expires_in_ms: None,
        player: holding.player.clone(),
        details: holding.details.clone(),
    })
}

/// A ticket that is refused is dead: nothing is left to refresh with.
async fn by_ticket<H: Host>(config: &Config, host: &H, ticket: &Secret) -> Result<EntityToken> {
    exchange(config, host, Proof::Ticket(ticket))
        .await
        .map_err(|error| if is_refused(&error) { error.with_reason(SessionOverReason::RefreshRejected) } else { error })
}

fn is_refused(error: &Error) -> bool {
    match error.code().and_then(|code| code.classification()) {
        Some(class) => class == Classification::TokenRejected,
        None => error.kind() == ErrorKind::SessionOver,
    }
}

/// What proves who asks for an entity token.
pub(super) enum Proof<'a> {
    Entity(&'a Secret),
    Ticket(&'a Secret),
    #[cfg(feature = "server")]
    TitleSecret(&'a Secret),
}

impl Proof<'_> {
    /// The header of this proof. Exactly one goes with a call.
    pub(super) fn onto(&self, request: Request) -> Request {
        match self {
            Self::Entity(token) => request.header("x-entitytoken", token.expose()),
            Self::Ticket(ticket) => request.header("x-authorization", ticket.expose()),
            #[cfg(feature = "server")]
            Self::TitleSecret(secret) => request.header("x-secretkey", secret.expose()),
        }
    }
}

/// An entity's token, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct EntityToken {
    pub(super) token: Secret,
    pub(super) expires_in_ms: Option<u64>,
    pub(super) entity_id: Option<String>,
    #[cfg_attr(not(feature = "server"), allow(dead_code))]
    pub(super) entity_type: Option<String>,
}

impl EntityToken {
    pub(super) fn read(json: &Json, server_now: u64) -> Option<Self> {
        let entity = json.get("Entity");
        Some(Self {
            token: json.secret("EntityToken")?,
            expires_in_ms: json
                .text("TokenExpiration")
                .and_then(|text| wire::parse_time_ms(&text))
                .map(|at| at.saturating_sub(server_now)),
            entity_id: entity.filled("Id"),
            entity_type: entity.filled("Type").or_else(|| entity.filled("TypeString")),
        })
    }
}

/// `POST /Authentication/GetEntityToken`.
pub(super) fn exchange<'a, H: Host>(config: &Config, host: &'a H, proof: Proof<'_>) -> Boxed<'a, Result<EntityToken>> {
    let request = proof.onto(config.request(&["/Authentication/GetEntityToken"], b"{}".to_vec()));
    Box::pin(async move {
        let (data, server_now) = ask(host, request).await?;
        EntityToken::read(&data, server_now).ok_or_else(lacks)
    })
}

/// Reads a login's `data`, and the ticket apart from it: these two and a player it must have. Without an entity token the
/// access token is empty.
fn granted(data: Json, server_now: u64, platform: &'static str) -> Result<(Granted, Secret)> {
    let (Some(ticket), Some(playfab_id)) = (data.secret("SessionTicket"), data.filled("PlayFabId")) else {
        return Err(lacks());
    };
    let token = EntityToken::read(data.get("EntityToken"), server_now);
    let info = data.get("InfoResultPayload");
    let display_name = info
        .get("PlayerProfile")
        .filled("DisplayName")
        .or_else(|| info.get("AccountInfo").get("TitleInfo").filled("DisplayName"))
        .or_else(|| data.filled("Username"));
    let player = Player {
        player_id: playfab_id,
        person_id: None,
        platform: Some(platform.to_owned()),
        platform_user_id: None,
        display_name,
    };
    let mut details = data.without(&TOKENS);
    if let (Json::Object(members), Some(id)) = (&mut details, token.as_ref().and_then(|token| token.entity_id.clone()))
    {
        members.push(("TitlePlayerId".to_owned(), Json::Text(id)));
    }
    let (access_token, expires_in_ms) = match &token {
        Some(token) => (token.token.clone(), token.expires_in_ms),
        None => (Secret::default(), None),
    };
    let refresh_expires_in_ms = Some(TICKET_LIFE_MS);
    Ok((Granted { access_token, refresh_token: None, expires_in_ms, refresh_expires_in_ms, player, details }, ticket))
}

fn lacks() -> Error {
    Error::protocol("PlayFab's answer lacks what a player's session needs")
}
