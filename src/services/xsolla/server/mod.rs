//! What a game server does at Xsolla with its own credentials: sign console players in by custom id, link them by the
//! code they typed, ask whose an account is, and check players' tokens. Never in a client: the crate does not compile with
//! this and the browser bindings' client calls.

mod custom_id;
mod keys;
mod link;
mod linking_info;
mod token;
mod tokens;
mod verify;

use std::sync::Arc;

pub use custom_id::{Attribute, CustomIdLogin, CustomIdSignIn, PlatformAccount};
pub use keys::ProjectKey;
pub use link::LinkByCode;
pub use linking_info::LinkingInfo;
pub use tokens::{MainToken, PlatformToken, ServerToken};
pub use verify::{Account, Algorithm, TokenVerifier, TrustedProject, VerifiedUser};
#[cfg_attr(not(feature = "web"), allow(unused_imports))]
pub(crate) use verify::{Claimed, Proof};

use super::{check_project_id, is_number, wire};
use crate::Secret;
use crate::error::{Error, Result};
use crate::guarded::Guarded;
use crate::host::Host;
use crate::http::{BaseUrl, DEFAULT_TIMEOUT_MS, Method, Request, Response, concat};
use crate::services::{self, check_timeout};

/// A game server's set-up: its server OAuth 2.0 client and which shadow project the platform accounts live in.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    base_url: Result<BaseUrl>,
    client_id: String,
    client_secret: Secret,
    publisher_project_id: Option<u64>,
    shadow_project_id: Option<String>,
    timeout_ms: u64,
}

impl ServerConfig {
    /// The server OAuth 2.0 client: its id (a number, as text) and its secret.
    pub fn client(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self {
            base_url: BaseUrl::parse(super::DEFAULT_BASE_URL),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            publisher_project_id: None,
            shadow_project_id: None,
            timeout_ms: DEFAULT_TIMEOUT_MS,
        }
    }

    /// The Publisher Account project, which stands for the shadow project bound to it.
    #[must_use]
    pub fn publisher_project_id(mut self, id: u64) -> Self {
        self.publisher_project_id = Some(id);
        self
    }

    /// The shadow Login project itself (a UUID). One of the two ids is needed; both may be given.
    #[must_use]
    pub fn shadow_project_id(mut self, id: impl Into<String>) -> Self {
        self.shadow_project_id = Some(id.into());
        self
    }

    /// Another address than `https://login.xsolla.com/api`.
    #[must_use]
    pub fn base_url(mut self, url: &str) -> Self {
        self.base_url = BaseUrl::parse(url);
        self
    }

    /// The deadline of one call in milliseconds, 1 to 120 000; 10 000 unless set.
    #[must_use]
    pub fn timeout_ms(mut self, ms: u64) -> Self {
        self.timeout_ms = ms;
        self
    }

    fn check(&self) -> Result<()> {
        self.base_url.as_ref().map_err(Clone::clone)?;
        if !is_number(&self.client_id) || self.client_secret.is_empty() {
            return Err(Error::configuration(
                "the server client needs its id (a number) and its secret; Xsolla's account manager issues both",
            ));
        }
        match (&self.shadow_project_id, self.publisher_project_id) {
            (None, None) => {
                return Err(Error::configuration(
                    "neither publisher project id nor shadow project id is set; one of them says where the accounts live",
                ));
            }
            (Some(id), _) => check_project_id(id)?,
            _ => {}
        }
        check_timeout(self.timeout_ms)
    }

    fn base(&self) -> &str {
        self.base_url.as_ref().map_or("", BaseUrl::as_str)
    }

    fn request(&self, method: Method, path: &str) -> Box<Request> {
        Request::to(method, concat(self.base(), path)).timeout_ms(self.timeout_ms)
    }
}

/// The server side of Xsolla Login. Cheap to clone; clones share the cached server token.
pub struct XsollaServer<H: Host>(Arc<Shared<H>>);

struct Shared<H> {
    config: ServerConfig,
    host: H,
    token: Guarded<token::Kept>,
}

impl<H: Host> XsollaServer<H> {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// `configuration`, with a sentence that says what to write instead.
    pub fn new(config: ServerConfig, host: H) -> Result<Self> {
        config.check()?;
        Ok(Self(Arc::new(Shared { config, host, token: Guarded::default() })))
    }

    /// The server's own token, for a call of Xsolla's that is not here. It is kept until shortly before it ends.
    ///
    /// # Errors
    /// `configuration` when the client's id or secret is wrong, and those of every call.
    pub async fn server_token(&self) -> Result<ServerToken> {
        self.token().await
    }

    /// Sends a request with the server token; when the service refuses the token, once more with a new one.
    async fn call(&self, build: impl Fn() -> Box<Request>) -> Result<Box<Response>> {
        let token = self.token().await?;
        let response = self.send(build(), &token).await?;
        if response.status != 401 || !wire::is_auth_rejected(401, &response.body) {
            return Ok(response);
        }
        self.drop_token(&token);
        let token = self.token().await?;
        self.send(build(), &token).await
    }

    async fn send(&self, request: Box<Request>, token: &ServerToken) -> Result<Box<Response>> {
        // The bare token, without `Bearer` (the base page's rule for this header).
        services::send(&self.0.host, request.header("x-server-authorization", token.expose())).await
    }
}

impl<H: Host> Clone for XsollaServer<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: Host> std::fmt::Debug for XsollaServer<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XsollaServer").field("base_url", &self.0.config.base()).finish_non_exhaustive()
    }
}
