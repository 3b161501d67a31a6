//! What a game server does with the title's secret key: links and unlinks accounts, signs players in, checks session
//! tickets. Never compiled into a client.

mod credential;
mod providers;

use std::sync::Arc;

pub use credential::{Credential, Unlink};

use super::login::{EntityToken, LoginDetails, Proof, TICKET_LIFE_MS, exchange};
use super::session::{NINTENDO_IDS, nintendo_ids, read_nintendo_ids};
use super::{Code, Config, ask};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Boxed, Host};
use crate::json::{Json, Object};
use crate::services::ServiceCode;

/// How to reach PlayFab as a game server: the title's id and a secret key of it, from Game Manager under Settings >
/// Secret Keys.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    title: Config,
    secret_key: Secret,
}

impl ServerConfig {
    /// The title with that id, e.g. `ABCD1`, and one of its secret keys.
    pub fn title(title_id: impl Into<String>, secret_key: impl Into<Secret>) -> Self {
        Self { title: Config::title(title_id), secret_key: secret_key.into() }
    }

    /// See [`Config::base_url`].
    #[must_use]
    pub fn base_url(mut self, url: &str) -> Self {
        self.title = self.title.base_url(url);
        self
    }

    /// The deadline of one call in milliseconds, 1 to 120 000; 10 000 unless set.
    #[must_use]
    pub fn timeout_ms(mut self, ms: u64) -> Self {
        self.title = self.title.timeout_ms(ms);
        self
    }

    fn check(&self) -> Result<()> {
        if self.secret_key.is_empty() {
            return Err(Error::configuration(
                "the title's secret key is empty; write one from Game Manager under Settings > Secret Keys",
            ));
        }
        self.title.check()
    }
}

/// A player's login made by a game server, to be handed to the game.
#[derive(Clone, Debug)]
pub struct PlayerLogin {
    /// What client calls take. PlayFab does not tell its life; 23 h is a safe guess.
    pub session_ticket: Secret,
    /// That guess, in milliseconds.
    pub session_ticket_expires_in_ms: u64,
    /// What entity calls take, when the answer has it.
    pub entity_token: Option<Secret>,
    /// Its life in milliseconds from now.
    pub entity_token_expires_in_ms: Option<u64>,
    /// Who signed in, and what else was told.
    pub details: LoginDetails,
}

/// A token of the title itself, for entity calls of the server.
#[derive(Clone, Debug)]
pub struct TitleToken {
    /// The token, for the header `X-EntityToken`.
    pub token: Secret,
    /// Its life in milliseconds from now; `None`: not told. Keep it that long, less a margin.
    pub expires_in_ms: Option<u64>,
    /// The entity's id and type, e.g. the title's id and `title`.
    pub entity_id: Option<String>,
    /// See [`entity_id`](Self::entity_id).
    pub entity_type: Option<String>,
}

/// What a session ticket says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedTicket {
    /// Whose it is.
    pub playfab_id: String,
    /// Whether it has expired: then it proves nothing.
    pub expired: bool,
    /// What PlayFab knows of the player (`UserInfo`), as JSON text: name, linked accounts.
    pub user_info: String,
}

/// The server side of PlayFab. Cheap to clone.
///
/// ```
/// # use playerlink::host::{SimHost, SimReply};
/// # let host = SimHost::new(1);
/// # host.on_request(|_, _| SimReply::json(200, r#"{"code":200,"status":"OK","data":{}}"#));
/// # let sim = host.clone();
/// # sim.block_on(async move {
/// use playerlink::playfab::server::{Credential, PlayFabServer, ServerConfig};
///
/// let playfab = PlayFabServer::new(ServerConfig::title("ABCD1", "the title's secret key"), host)?;
/// playfab.link("1234FA342", &Credential::nintendo_service_account("eyJ…")).await?;
/// # Ok::<(), playerlink::Error>(())
/// # }).unwrap();
/// ```
pub struct PlayFabServer<H: Host>(Arc<Shared<H>>);

struct Shared<H> {
    config: ServerConfig,
    host: H,
}

impl<H: Host> PlayFabServer<H> {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// `configuration`, with a sentence that says what to write instead.
    pub fn new(config: ServerConfig, host: H) -> Result<Self> {
        config.check()?;
        Ok(Self(Arc::new(Shared { config, host })))
    }

    /// Signs a player in (`Server/LoginWith…`).
    ///
    /// # Errors
    /// As the client's login; `misuse` for a credential that is for linking only; `configuration` when the secret key is
    /// not accepted.
    pub async fn login(&self, credential: &Credential) -> Result<PlayerLogin> {
        let (operation, body) = credential.login()?;
        let (data, server_now) = self.ask(&["/Server/", &operation], body).await?;
        let (Some(session_ticket), Some(playfab_id)) = (data.secret("SessionTicket"), data.filled("PlayFabId")) else {
            return Err(Error::protocol("PlayFab's answer lacks what a player's login needs"));
        };
        let token = EntityToken::read(data.get("EntityToken"), server_now);
        let mut details = LoginDetails::read(&data, &playfab_id);
        details.title_player_id = token.as_ref().and_then(|token| token.entity_id.clone());
        Ok(PlayerLogin {
            session_ticket,
            session_ticket_expires_in_ms: TICKET_LIFE_MS,
            entity_token_expires_in_ms: token.as_ref().and_then(|token| token.expires_in_ms),
            entity_token: token.map(|token| token.token),
            details,
        })
    }

    /// Links an account to that player (`Server/Link…`).
    ///
    /// # Errors
    /// `conflict` when it belongs to another player (codes 1184, 1012; see [`Credential::force_link`]) or the player has
    /// another one of that platform (1011); `platform-ticket`; `platform-disabled`; `not-found` for an unknown player;
    /// `misuse` for a credential that is for login only; `configuration` when the secret key is not accepted.
    pub async fn link(&self, playfab_id: &str, credential: &Credential) -> Result<()> {
        let (operation, body) = credential.link(playfab_id)?;
        self.ask(&["/Server/", &operation], body).await.map(drop)
    }

    /// Unlinks an account of that player (`Server/Unlink…`).
    ///
    /// # Errors
    /// `not-found` when nothing of the kind is linked, or the player is unknown; `platform-disabled`.
    pub async fn unlink(&self, playfab_id: &str, unlink: &Unlink) -> Result<()> {
        let (operation, body) = unlink.call(playfab_id)?;
        self.ask(&["/Server/", &operation], body).await.map(drop)
    }

    /// Asks PlayFab whose a session ticket is, that a client has shown.
    ///
    /// # Errors
    /// `session-over` (`InvalidSessionTicket`) for one that is none: tell the client to sign in again.
    pub async fn authenticate_session_ticket(&self, ticket: &Secret) -> Result<CheckedTicket> {
        if ticket.is_empty() {
            return Err(Error::misuse("the session ticket is empty; pass the one the client has shown"));
        }
        let body = Object::new().text("SessionTicket", ticket.expose()).body();
        let (data, _) = self.ask(&["/Server/AuthenticateSessionTicket"], body).await?;
        let user = data.get("UserInfo");
        match user.filled("PlayFabId") {
            Some(playfab_id) => Ok(CheckedTicket {
                playfab_id,
                expired: data.flag("IsSessionTicketExpired").unwrap_or(false),
                user_info: user.to_text(),
            }),
            None => Err(Error::protocol("PlayFab's answer does not say whose ticket it is")),
        }
    }

    /// A token of the title itself, by the secret key (`Authentication/GetEntityToken`).
    ///
    /// # Errors
    /// `configuration` when the secret key is not accepted.
    pub async fn title_token(&self) -> Result<TitleToken> {
        let Shared { config, host } = &*self.0;
        let proof = Proof::TitleSecret(&config.secret_key);
        let token = exchange(&config.title, host, proof).await.map_err(secret_error)?;
        Ok(TitleToken {
            token: token.token,
            expires_in_ms: token.expires_in_ms,
            entity_id: token.entity_id,
            entity_type: token.entity_type,
        })
    }

    /// The players of Nintendo service accounts, at most 25; see
    /// [`PlayFabSession::playfab_ids_of_nintendo_accounts`](super::PlayFabSession::playfab_ids_of_nintendo_accounts).
    ///
    /// # Errors
    /// `misuse` for more than 25.
    pub async fn playfab_ids_of_nintendo_accounts(&self, ids: &[&str]) -> Result<Vec<(String, Option<String>)>> {
        let (data, _) = self.ask(&["/Server/", NINTENDO_IDS], nintendo_ids(ids)?).await?;
        Ok(read_nintendo_ids(&data))
    }

    /// Sends a request with the secret key.
    fn ask(&self, path: &[&str], body: Vec<u8>) -> Boxed<'_, Result<(Json, u64)>> {
        let Shared { config, host } = &*self.0;
        let request = Proof::TitleSecret(&config.secret_key).onto(config.title.request(path, body));
        Box::pin(async move { ask(host, request).await.map_err(secret_error) })
    }
}

/// A refused proof is the secret key here, unless it is the session ticket that was asked about.
fn secret_error(error: Error) -> Error {
    let is_ticket = error.code() == Some(&ServiceCode::PlayFab(Code::InvalidSessionTicket));
    if error.kind() != ErrorKind::SessionOver || is_ticket {
        return error;
    }
    error.with_kind(ErrorKind::Configuration, "PlayFab does not accept the title's secret key; check both")
}

impl<H: Host> Clone for PlayFabServer<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: Host> std::fmt::Debug for PlayFabServer<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlayFabServer").field("base_url", &self.0.config.title.base()).finish_non_exhaustive()
    }
}
