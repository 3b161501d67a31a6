//! A signed-in player of PlayFab: links, the session ticket, and any other call of the client's.

use std::ops::Deref;

use super::login::{LoginDetails, Proof};
use super::{Config, Credential, Unlink, ask, wire};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::{Boxed, Host};
use crate::json::{Json, Object};
use crate::services::Service;
use crate::session::Session;

/// A signed-in player of PlayFab: a [`Session`] and the calls that only PlayFab has.
///
/// Its access token is the **entity token**, which entity calls take. The **session ticket**, which client calls and
/// game servers take, is [`session_ticket`](Self::session_ticket). PlayFab has no call that ends a session, so a
/// sign-out is one here only: `revoked` is always `false`.
#[derive(Debug)]
pub struct PlayFabSession<H: Host>(Session<H>);

impl<H: Host> PlayFabSession<H> {
    pub(super) fn new(session: Session<H>) -> Self {
        Self(session)
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn session(&self) -> &Session<H> {
        &self.0
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_session(session: Session<H>) -> Self {
        Self(session)
    }

    fn config(&self) -> Result<&Config> {
        match self.0.service_config() {
            Service::PlayFab(config) => Ok(config),
            #[allow(unreachable_patterns, reason = "the only service in a one-service build")]
            _ => Err(Error::misuse("this session is not one of PlayFab")),
        }
    }

    /// All that PlayFab told at the login.
    pub fn login_details(&self) -> LoginDetails {
        LoginDetails::read(&self.0.details(), &self.0.player().player_id)
    }

    /// The session ticket, for a game server that checks it with `AuthenticateSessionTicket`. Never one that is past its
    /// life: 23 h from the login, since PlayFab renews a ticket by a new login only.
    ///
    /// # Errors
    /// `session-over` when it is past its life, also while the entity token goes on renewing itself.
    pub fn session_ticket(&self) -> Result<Secret> {
        self.0.refresh_token()
    }

    /// Links another account to the player who is signed in, who stays the same.
    ///
    /// # Errors
    /// `conflict` when the account belongs to another player (codes 1184, 1012, 1118; ask the player, then
    /// [`Credential::force_link`]) or the player has another one of that platform (1011); `platform-ticket`,
    /// `platform-disabled`, `restricted` (the account is a banned player's), `session-over` when the session ticket is
    /// not accepted any more, `misuse` for an e-mail address or user name, which are not linked but added.
    pub async fn link(&self, credential: &Credential) -> Result<()> {
        let (operation, body) = credential.link()?;
        self.client_call(&operation, body).await.map(drop)
    }

    /// Unlinks. The last one may go too: then nobody can sign in as this player any more.
    ///
    /// # Errors
    /// `not-found` when nothing of the kind is linked; `platform-disabled`; `session-over`.
    pub async fn unlink(&self, unlink: &Unlink) -> Result<()> {
        let (operation, body) = unlink.call()?;
        self.client_call(&operation, body).await.map(drop)
    }

    /// Any other call of PlayFab's, e.g. `("Client/GetAccountInfo", "{}")`: `Client/…` with the session ticket, every
    /// other with the entity token, which is renewed and replayed once when it is refused. The answer is the `data`
    /// member, as JSON text.
    ///
    /// # Errors
    /// Those of the call, typed; `misuse` for a path that is none or a `Server/…` or `Admin/…` one, which need the
    /// title's secret key and so a server, and for a body that is no JSON object.
    pub async fn call(&self, path: &str, body: &str) -> Result<String> {
        if Json::parse_object(body.as_bytes()).is_none() {
            return Err(Error::misuse("the body must be one JSON object; write `{}` for none"));
        }
        Ok(self.call_json(path, body.as_bytes().to_vec()).await?.to_text())
    }

    /// `body` is a JSON object.
    pub(crate) fn call_json<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Boxed<'a, Result<Json>> {
        Box::pin(async move {
            match path_of_call(path)? {
                ("Client", operation) => self.client_call(operation, body).await,
                _ => {
                    let response = self.0.call(self.config()?.request(&["/", path], body)).await?;
                    wire::data(response, self.0.host().now())
                }
            }
        })
    }

    /// The players of Nintendo service accounts, at most 25: each account's id with the PlayFab id, `None` for an
    /// account nobody has linked.
    ///
    /// # Errors
    /// `misuse` for more than 25; `session-over`.
    pub async fn playfab_ids_of_nintendo_accounts(&self, ids: &[&str]) -> Result<Vec<(String, Option<String>)>> {
        let data = self.client_call(NINTENDO_IDS, nintendo_ids(ids)?).await?;
        Ok(read_nintendo_ids(&data))
    }

    pub(crate) fn client_call<'a>(&'a self, operation: &'a str, body: Vec<u8>) -> Boxed<'a, Result<Json>> {
        Box::pin(async move {
            let ticket = self.session_ticket()?;
            let request = self.config()?.request(&["/Client/", operation], body);
            Ok(ask(self.0.host(), Proof::Ticket(&ticket).onto(request)).await?.0)
        })
    }
}

pub(super) const NINTENDO_IDS: &str = "GetPlayFabIDsFromNintendoServiceAccountIds";

pub(super) fn nintendo_ids(ids: &[&str]) -> Result<Vec<u8>> {
    if !(1..=25).contains(&ids.len()) {
        return Err(Error::misuse("PlayFab takes 1 to 25 Nintendo accounts a call; ask in parts"));
    }
    let ids = ids.iter().map(|id| Json::Text((*id).to_owned())).collect();
    Ok(Object::new().json("NintendoAccountIds", Json::List(ids)).body())
}

pub(super) fn read_nintendo_ids(data: &Json) -> Vec<(String, Option<String>)> {
    let read = |item: &Json| Some((item.filled("NintendoServiceAccountId")?, item.filled("PlayFabId")));
    data.get("Data").items().iter().filter_map(read).collect()
}

/// `Api` and `Operation` of `Api/Operation`.
fn path_of_call(path: &str) -> Result<(&str, &str)> {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    match path.split_once('/').filter(|(api, operation)| is_name(api) && is_name(operation)) {
        Some(("Server" | "Admin" | "Matchmaker", _)) => Err(Error::misuse(
            "that call needs the title's secret key, which must never be in a client; make it from a game server",
        )),
        Some(call) => Ok(call),
        None => Err(Error::misuse("that is not a call of PlayFab; write e.g. `Client/GetAccountInfo`")),
    }
}

impl<H: Host> Deref for PlayFabSession<H> {
    type Target = Session<H>;

    fn deref(&self) -> &Session<H> {
        &self.0
    }
}

impl<H: Host> Clone for PlayFabSession<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
