//! `POST /users/v1/login` for players, for refresh and for clients; `POST /users/v1/logout`; PlayStation token details.

use serde::{Deserialize, Serialize};

use super::wire::{self, ClientTokenAnswer, LoginAnswer, LoginBody};
use super::{Config, Credential, RallyHere, RallyHereSession};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::http::Method;
use crate::services::{self, Details, Granted, read_json};
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
        let credential = credential.into();
        let (granted, sent) = login(&self.config, &*self.host, &credential.body()).await?;
        self.open(granted, sent).await
    }

    pub(super) async fn open(&self, granted: Granted, sent: (u64, u64)) -> Result<RallyHereSession<H>> {
        let player = &granted.player;
        let account =
            [player.platform.as_deref().unwrap_or(""), ":", player.platform_user_id.as_deref().unwrap_or("")].concat();
        let slots = self.config.slots();
        let slot = Some((&slots, account.as_str()));
        let opened = Opened { host: &self.host, service: self.service(), slot, granted, sent };
        Ok(RallyHereSession::new(Session::open(opened).await))
    }

    /// A token of the client itself, by the grant `client_credentials` of the login call (as the vendor's own code does).
    ///
    /// # Errors
    /// `configuration` when the client's id or secret is wrong or the client may not do that.
    pub async fn client_token(&self) -> Result<ClientToken> {
        let body = LoginBody {
            grant_type: "client_credentials",
            portal_access_token: "",
            portal_display_name: "",
            portal_parent_access_token: "",
            portal_parent_display_name: "",
            include_refresh: false,
            accept_eula: false,
            accept_tos: false,
            accept_privacy_policy: false,
        };
        self.client_token_from("/users/v1/login", &body).await
    }

    /// The same by `POST /users/v2/oauth/token`.
    ///
    /// # Errors
    /// As [`client_token`](Self::client_token).
    pub async fn oauth_client_token(&self) -> Result<ClientToken> {
        #[derive(Serialize)]
        struct Body {
            grant_type: &'static str,
        }
        self.client_token_from("/users/v2/oauth/token", &Body { grant_type: "client_credentials" }).await
    }

    async fn client_token_from(&self, path: &str, body: &impl Serialize) -> Result<ClientToken> {
        let request = self.config.client_request(Method::Post, path).json(to_json(body)?);
        let response = services::send(&*self.host, request).await?;
        if !response.is_success() {
            return Err(client_error(wire::error(&response, self.host.now())));
        }
        let answer: ClientTokenAnswer = read_json(&response)?;
        if answer.access_token.is_empty() || !answer.token_type.eq_ignore_ascii_case("bearer") {
            return Err(services::not_understood(&response));
        }
        Ok(ClientToken {
            access_token: answer.access_token,
            expires_in_ms: services::seconds_to_ms(answer.expires_in),
            permissions: answer.permissions.unwrap_or_default(),
        })
    }

    /// What PlayStation tells about a token: free keys and texts. `grant` is `ps4_v1`, `ps4_v3` or `ps5_v3`.
    ///
    /// # Errors
    /// Those of a login on PlayStation; `platform-disabled` when the game does not offer it.
    pub async fn portal_token_details(&self, grant: &str, token: &Secret) -> Result<Vec<(String, String)>> {
        #[derive(Serialize)]
        struct Body<'a> {
            grant_type: &'a str,
            portal_access_token: &'a str,
        }
        #[derive(Deserialize)]
        struct Answer(std::collections::BTreeMap<String, String>);
        if !matches!(grant, "ps4_v1" | "ps4_v3" | "ps5_v3") {
            return Err(Error::misuse(
                "token details exist for PlayStation only; write `ps4_v1`, `ps4_v3` or `ps5_v3`",
            ));
        }
        let body = to_json(&Body { grant_type: grant, portal_access_token: token.expose() })?;
        let request = self.config.request(Method::Post, "/users/v1/portaltoken/details").json(body);
        let response = services::send(&*self.host, request).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.host.now()));
        }
        Ok(read_json::<Answer>(&response)?.0.into_iter().collect())
    }
}

/// Refreshes: a login with the refresh token. Never tried again by itself, the session paces that.
pub(crate) async fn refresh<H: Host>(config: &Config, host: &H, refresh_token: &Secret) -> Result<Granted> {
    let credential = Credential::refresh(refresh_token.clone());
    let now = (host.now(), host.monotonic());
    login_once(config, host, &credential.body(), config.timeout_ms, now).await
}

/// Invalidates the refresh token. Without one there is nothing to do: the service takes no access token here.
pub(crate) async fn logout<H: Host>(config: &Config, host: &H, refresh_token: Option<&Secret>) -> Result<bool> {
    #[derive(Serialize)]
    struct Body<'a> {
        refresh_token: &'a str,
    }
    let Some(token) = refresh_token else { return Ok(false) };
    let body = to_json(&Body { refresh_token: token.expose() })?;
    let response = services::send(host, config.request(Method::Post, "/users/v1/logout").json(body)).await?;
    Ok(response.is_success())
}

/// One login with the tries it may make by itself. Answers with both clocks of the try that worked.
pub(super) async fn login<H: Host>(config: &Config, host: &H, body: &LoginBody<'_>) -> Result<(Granted, (u64, u64))> {
    let start = host.monotonic();
    let mut attempt = 0;
    loop {
        let sent = (host.now(), host.monotonic());
        let left = config.timeout_ms.saturating_sub(sent.1.saturating_sub(start));
        let error = match login_once(config, host, body, left.max(1), sent).await {
            Ok(granted) => return Ok((granted, sent)),
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

async fn login_once<H: Host>(
    config: &Config,
    host: &H,
    body: &LoginBody<'_>,
    timeout_ms: u64,
    sent: (u64, u64),
) -> Result<Granted> {
    let _ = sent;
    let request = config.client_request(Method::Post, "/users/v1/login").json(to_json(body)?).timeout_ms(timeout_ms);
    let response = services::send(host, request).await?;
    if !response.is_success() {
        return Err(client_error(wire::error(&response, host.now())));
    }
    let mut answer: LoginAnswer = read_json(&response)?;
    let bearer = answer.token_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    let access_token = answer.access_token.take().filter(|token| bearer && !token.is_empty());
    let refresh_token = answer.refresh_token.take().filter(|token| !token.is_empty());
    let expires_in_ms = services::seconds_to_ms(answer.expires_in);
    let (Some(access_token), Some(result)) = (access_token, answer.into_result()) else {
        return Err(
            Error::protocol("the login's answer lacks what a player's session needs").with_status(response.status)
        );
    };
    Ok(Granted {
        access_token,
        refresh_token,
        expires_in_ms,
        player: result.player(),
        details: Details::RallyHere(Box::new(result)),
    })
}

/// A 401 on a call with client credentials means that those are wrong, whatever the body says (rallyhere.md §2.1).
pub(super) fn client_error(error: Error) -> Error {
    let code = error.code().cloned();
    if error.status() != Some(401) || code.as_ref().is_some_and(|code| code.classification().is_some()) {
        return error;
    }
    Error::new(ErrorKind::Configuration, "the client id or client secret was not accepted; check both")
        .with_code(code.unwrap_or_else(|| super::Code::ClientCredentialsInvalid.into()))
        .with_status(401)
        .with_request_id(error.request_id().map(str::to_owned))
}

pub(super) fn to_json(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(|_| Error::new(ErrorKind::Internal, "the request could not be written as JSON"))
}
