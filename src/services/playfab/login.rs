//! `LoginWith…`, and `GetEntityToken`, which is how a session is refreshed.
//!
//! A session has two credentials, each with its own life: the **entity token** is its access token (its life is
//! `TokenExpiration` less the answer's `Date`), the **session ticket** its refresh token. The ticket's life is told
//! nowhere; 24 h less an hour is assumed. While the entity token is valid it renews itself, after that only the ticket
//! gets a new one (playfab.md §3.2, §3.3).

use super::{Code, Config, Credential, PlayFab, PlayFabSession, ask, wire};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::host::{Boxed, Host};
use crate::http::Request;
use crate::json::{Json, Object};
use crate::services::codes::Classification;
use crate::services::{Granted, Holding, Player, ServiceCode};
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

/// [`LoginDetails`] for JavaScript, from what is kept of the answer.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn details_json(kept: &Json, playfab_id: &str, view: &mut Object) -> Json {
    view.text("playFabId", playfab_id)
        .maybe_text("titlePlayerId", kept.get("TitlePlayerId").as_text())
        .flag("newlyCreated", kept.flag("NewlyCreated").unwrap_or(false))
        .maybe_number("lastLoginAt", kept.get("LastLoginTime").as_text().and_then(wire::parse_time_ms));
    if let info @ Json::Object(_) = kept.get("InfoResultPayload") {
        view.json("info", info.clone());
    }
    view.take()
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
        self.sign_in(&credential)?.await
    }

    /// A login or a registration. What is wrong with it is told at once.
    pub(crate) fn sign_in(&self, credential: &Credential) -> Result<Boxed<'_, Result<PlayFabSession<H>>>> {
        let granted = sign_in(&self.config, &*self.host, credential)?;
        Ok(Box::pin(async move {
            let (granted, sent) = granted.await?;
            let slots = self.config.slots();
            let account = granted.player.player_id.clone();
            let slot = Some((&slots, account.as_str()));
            let opened = Opened { client: self.sessions(), slot, granted, sent };
            Ok(PlayFabSession::new(Session::open(opened).await))
        }))
    }
}

type SigningIn<'a> = Boxed<'a, Result<(Box<Granted>, (u64, u64))>>;

/// What a login brings, and both clocks when it was sent.
pub(super) fn sign_in<'a, H: Host>(config: &Config, host: &'a H, credential: &Credential) -> Result<SigningIn<'a>> {
    let (operation, body) = credential.login(&config.title_id)?;
    let platform = credential.filled.provider.word;
    let request = config.request(&["/Client/", &operation], body);
    Ok(Box::pin(async move {
        let sent = (host.now(), host.monotonic());
        let (data, server_now) = ask(host, request).await?;
        Ok((granted(data, server_now, platform)?, sent))
    }))
}

/// Refreshes: by the entity token while it is valid, else, or when the service refuses it, by the ticket. Who the player
/// is does not change.
pub(crate) async fn refresh<H: Host>(config: &Config, host: &H, holding: Holding<'_>) -> Result<Box<Granted>> {
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
    Ok(Box::new(Granted {
        access_token: token.token,
        refresh_token: None,
        expires_in_ms: token.expires_in_ms,
        refresh_expires_in_ms: None,
        player: holding.player.clone(),
        details: holding.details.clone(),
    }))
}

/// A ticket that is refused is dead: nothing is left to refresh with.
async fn by_ticket<H: Host>(config: &Config, host: &H, ticket: &Secret) -> Result<EntityToken> {
    exchange(config, host, Proof::Ticket(ticket))
        .await
        .map_err(|error| if is_refused(&error) { error.with_reason(SessionOverReason::RefreshRejected) } else { error })
}

/// Whether nothing will ever come of this proof again: it is not accepted any more, or its player is gone.
fn is_refused(error: &Error) -> bool {
    let code = error.code();
    match code.and_then(|code| code.classification()) {
        Some(class) => {
            class == Classification::TokenRejected || code == Some(&ServiceCode::PlayFab(Code::AccountDeleted))
        }
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
    pub(super) fn onto(&self, request: Box<Request>) -> Box<Request> {
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

/// Reads a login's `data`: a ticket and a player it must have. The schema allows it to have no entity token: then there is
/// one that has expired, and the session gets its first by the ticket.
fn granted(data: Json, server_now: u64, platform: &'static str) -> Result<Box<Granted>> {
    let (Some(ticket), Some(playfab_id)) = (data.secret("SessionTicket"), data.filled("PlayFabId")) else {
        return Err(lacks());
    };
    let token = EntityToken::read(data.get("EntityToken"), server_now).unwrap_or_else(|| EntityToken {
        token: "none".into(),
        expires_in_ms: Some(0),
        entity_id: None,
        entity_type: None,
    });
    let info = data.get("InfoResultPayload");
    let display_name = info
        .get("PlayerProfile")
        .filled("DisplayName")
        .or_else(|| info.get("AccountInfo").get("TitleInfo").filled("DisplayName"))
        .or_else(|| data.filled("Username"));
    let mut details = data.without(&TOKENS);
    if let (Json::Object(members), Some(id)) = (&mut details, token.entity_id) {
        members.push(("TitlePlayerId".to_owned(), Json::Text(id)));
    }
    Ok(Box::new(Granted {
        access_token: token.token,
        refresh_token: Some(ticket),
        expires_in_ms: token.expires_in_ms,
        refresh_expires_in_ms: Some(TICKET_LIFE_MS),
        player: Player {
            player_id: playfab_id,
            person_id: None,
            platform: Some(platform.to_owned()),
            platform_user_id: None,
            display_name,
        },
        details,
    }))
}

fn lacks() -> Error {
    Error::protocol("PlayFab's answer lacks what a player's session needs")
}
