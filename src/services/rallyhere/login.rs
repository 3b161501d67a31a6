//! `POST /users/v1/login` for players, for refresh and for clients; `POST /users/v1/logout`; PlayStation token details.

use super::wire;
use super::{Config, Credential, RallyHere, RallyHereSession};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Boxed;
use crate::host::Host;
use crate::http::{Method, Request, Response};
use crate::json::{Json, Object};
use crate::services::{self, Granted, Player, read_object};
use crate::session::{Opened, Session, policy};

/// A token of the client itself, without a player.
#[derive(Clone, Debug)]
pub struct ClientToken {
    /// The bearer token.
    pub access_token: Secret,
    /// Its life in milliseconds from now; `None`: not told.
    pub expires_in_ms: Option<u64>,
    /// The permissions it carries; empty when not told.
    pub permissions: Vec<String>,
}

impl<H: Host> RallyHere<H> {
    /// Signs a player in and stores the session.
    ///
    /// # Errors
    /// By kind: `platform-ticket` (get a fresh ticket), `credentials`, `agreements` (see [`Error::agreements`]; sign in
    /// again with [`Credential::accept`] and a fresh ticket), `restricted` (see [`Error::restrictions`]),
    /// `platform-disabled`, `busy`, `configuration`, `not-found`, `service`, and those of every call.
    pub async fn login(&self, credential: impl Into<Credential>) -> Result<RallyHereSession<H>> {
        self.sign_in(credential.into().body()).await
    }

    pub(crate) fn sign_in(&self, body: Vec<u8>) -> Boxed<'_, Result<RallyHereSession<H>>> {
        Box::pin(async move {
            let (granted, sent) = login(&self.config, &*self.host, body).await?;
            Ok(self.open(granted, sent).await)
        })
    }

    async fn open(&self, granted: Box<Granted>, sent: (u64, u64)) -> RallyHereSession<H> {
        let player = &granted.player;
        let account = crate::text::concat(&[
            player.platform.as_deref().unwrap_or(""),
            ":",
            player.platform_user_id.as_deref().unwrap_or(""),
        ]);
        let slots = self.config.slots();
        let slot = Some((&slots, account.as_str()));
        let opened = Opened { client: self.sessions(), slot, granted, sent };
        RallyHereSession::new(Session::open(opened).await)
    }

    /// A token of the client itself, by the grant `client_credentials` of the login call (as the vendor's own code does).
    ///
    /// # Errors
    /// `configuration` when the client's id or secret is wrong or the client may not do that.
    pub async fn client_token(&self) -> Result<ClientToken> {
        self.ask_for(self.client_token_request(false), ClientToken::from_wire).await
    }

    /// The same by `POST /users/v2/oauth/token`.
    ///
    /// # Errors
    /// As [`client_token`](Self::client_token).
    pub async fn oauth_client_token(&self) -> Result<ClientToken> {
        self.ask_for(self.client_token_request(true), ClientToken::from_wire).await
    }

    pub(crate) fn client_token_request(&self, oauth: bool) -> Box<Request> {
        let path = if oauth { "/users/v2/oauth/token" } else { LOGIN_PATH };
        let body = Object::new().text("grant_type", "client_credentials").body();
        self.config.client_request(Method::Post, path).json(body)
    }

    /// What PlayStation tells about a token: free keys and texts. `grant` is `ps4_v1`, `ps4_v3` or `ps5_v3`.
    ///
    /// # Errors
    /// Those of a login on PlayStation; `platform-disabled` when the game does not offer it.
    pub async fn portal_token_details(&self, grant: &str, token: &Secret) -> Result<Vec<(String, String)>> {
        let texts = |details: &Json| match details {
            Json::Object(members) => {
                Some(members.iter().filter_map(|(key, text)| Some((key.clone(), text.as_text()?.to_owned()))).collect())
            }
            _ => None,
        };
        self.ask_for(self.portal_token_request(grant, token.expose())?, texts).await
    }

    pub(crate) fn portal_token_request(&self, grant: &str, token: &str) -> Result<Box<Request>> {
        if !matches!(grant, "ps4_v1" | "ps4_v3" | "ps5_v3") {
            return Err(Error::misuse(
                "token details exist for PlayStation only; write `ps4_v1`, `ps4_v3` or `ps5_v3`",
            ));
        }
        let body = Object::new().text("grant_type", grant).text("portal_access_token", token).body();
        Ok(self.config.request(Method::Post, "/users/v1/portaltoken/details").json(body))
    }

    /// Sends a request that carries no access token, and reads the answer of a success.
    pub(crate) fn ask_for<T: 'static>(
        &self,
        request: Box<Request>,
        read: fn(&Json) -> Option<T>,
    ) -> Boxed<'static, Result<T>> {
        let host = self.host.clone();
        Box::pin(async move {
            let (answer, response) = ask(&*host, request).await?;
            read(&answer).ok_or_else(|| services::not_understood(&response))
        })
    }
}

impl ClientToken {
    fn from_wire(answer: &Json) -> Option<Self> {
        let token = client_token_json(answer)?;
        Some(Self {
            access_token: token.secret("accessToken")?,
            expires_in_ms: token.count("expiresInMs"),
            permissions: token.texts("permissions"),
        })
    }
}

/// [`ClientToken`] for JavaScript.
pub(crate) fn client_token_json(answer: &Json) -> Option<Json> {
    let token = bearer(answer)?;
    let text = |item: &Json| Some(item.clone()).filter(|item| item.as_text().is_some());
    Some(
        Object::new()
            .text("accessToken", token.expose())
            .maybe_number("expiresInMs", services::seconds_to_ms(answer.whole("expires_in")))
            .json("permissions", Json::List(Json::list_of(answer.get("permissions").items(), text)))
            .take(),
    )
}

/// The details for JavaScript: what is a text.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn portal_token_json(answer: &Json) -> Option<Json> {
    let Json::Object(members) = answer else { return None };
    let mut texts = Object::new();
    for (name, value) in members {
        texts.maybe_text(name, value.as_text());
    }
    Some(texts.take())
}

const LOGIN_PATH: &str = "/users/v1/login";

/// Refreshes: a login with the refresh token. Never tried again by itself, the session paces that.
///
/// The tokens are what counts: when the rest of the answer is not understood, the player stays who they were.
pub(crate) async fn refresh<H: Host>(
    config: &Config,
    host: &H,
    refresh_token: &Secret,
    before: (&Player, &Json),
) -> Result<Box<Granted>> {
    let answer = login_once(config, host, Credential::refresh(refresh_token.clone()).body(), config.timeout_ms).await?;
    granted(answer, Some(before))
}

/// Invalidates the refresh token. Without one there is nothing to do: the service takes no access token here.
pub(crate) async fn logout<H: Host>(config: &Config, host: &H, refresh_token: Option<&Secret>) -> Result<bool> {
    let Some(token) = refresh_token else { return Ok(false) };
    let body = Object::new().text("refresh_token", token.expose()).body();
    let response =
        services::send(host, config.request(Method::Post, "/users/v1/logout").json(body).keepalive()).await?;
    Ok(response.is_success())
}

/// One login with the tries it may make by itself. Answers with both clocks of the try that worked.
pub(super) async fn login<H: Host>(config: &Config, host: &H, body: Vec<u8>) -> Result<(Box<Granted>, (u64, u64))> {
    let start = host.monotonic();
    let mut attempt = 0;
    loop {
        let sent = (host.now(), host.monotonic());
        let left = config.timeout_ms.saturating_sub(sent.1.saturating_sub(start));
        let error = match login_once(config, host, body.clone(), left.max(1)).await {
            Ok(answer) => return Ok((granted(answer, None)?, sent)),
            Err(error) => error,
        };
        let left = config.timeout_ms.saturating_sub(host.monotonic().saturating_sub(start));
        match policy::retry_login_ms(&error, attempt, left).filter(|_| config.retries) {
            Some(wait) => host.sleep(wait).await,
            None => return Err(error),
        }
        attempt += 1;
    }
}

fn login_once<'a, H: Host>(
    config: &'a Config,
    host: &'a H,
    body: Vec<u8>,
    timeout_ms: u64,
) -> Boxed<'a, Result<(Json, Box<Response>)>> {
    ask(host, config.client_request(Method::Post, LOGIN_PATH).json(body).timeout_ms(timeout_ms))
}

/// Sends a request that carries no access token, and reads the object of a success.
pub(super) fn ask<H: Host>(host: &H, request: Box<Request>) -> Boxed<'_, Result<(Json, Box<Response>)>> {
    let shows_client = request.headers.iter().any(|(name, _)| *name == "authorization");
    Box::pin(async move {
        let response = services::send(host, request).await?;
        if response.is_success() {
            return Ok((read_object(&response)?, response));
        }
        let error = wire::error(&response, host.now());
        Err(if shows_client { client_error(error) } else { error })
    })
}

fn granted((answer, response): (Json, Box<Response>), before: Option<(&Player, &Json)>) -> Result<Box<Granted>> {
    let (player, details) = match (wire::player(&answer), before) {
        (Some(player), _) => (Some(player), None),
        (None, Some((player, details))) => (Some(player.clone()), Some(details.clone())),
        (None, None) => (None, None),
    };
    let (Some(access_token), Some(player)) = (bearer(&answer), player) else {
        return Err(
            Error::protocol("the login's answer lacks what a player's session needs").with_status(response.status)
        );
    };
    Ok(Box::new(Granted {
        access_token,
        refresh_token: answer.secret("refresh_token"),
        expires_in_ms: services::seconds_to_ms(answer.whole("expires_in")),
        refresh_expires_in_ms: None,
        player,
        details: details.unwrap_or_else(|| answer.without(&["access_token", "refresh_token"])),
    }))
}

fn bearer(answer: &Json) -> Option<Secret> {
    let is_bearer = answer.get("token_type").as_text().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    answer.secret("access_token").filter(|_| is_bearer)
}

/// A 401 on a call with client credentials means that those are wrong, whatever the body says (rallyhere.md §2.1).
fn client_error(error: Error) -> Error {
    let code = error.code().cloned();
    if error.status() != Some(401) || code.as_ref().is_some_and(|code| code.classification().is_some()) {
        return error;
    }
    Error::new(ErrorKind::Configuration, "the client id or client secret was not accepted; check both")
        .with_code(code.unwrap_or_else(|| super::Code::ClientCredentialsInvalid.into()))
        .with_status(401)
        .with_request_id(error.request_id().map(str::to_owned))
}
