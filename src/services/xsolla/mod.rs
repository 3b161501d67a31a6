//! Xsolla Login: main-account sign-in, the session, linking codes, the profile; with feature `server` also what a game
//! server does with its own credentials.
//!
//! Source of all wire facts: Xsolla's pages "Cross-platform account" and "Silent authentication" and its API reference;
//! where those are silent, our decisions.

mod codes;
mod linking;
mod profile;
#[cfg(feature = "server")]
pub mod server;
mod sign_in;
pub(crate) mod token;
pub(crate) mod wire;

use std::sync::Arc;

pub use codes::Code;
pub use linking::LinkingCode;
pub use profile::Profile;
pub use sign_in::XsollaSession;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::{BaseUrl, DEFAULT_TIMEOUT_MS, Method, Request, concat};
use crate::services::Service;
use crate::session::{self, Account, Slots};

const DEFAULT_BASE_URL: &str = "https://login.xsolla.com/api";

/// How to reach Xsolla Login as a client: the standard Login project's id and its public OAuth 2.0 client. No secret.
#[derive(Clone, Debug)]
pub struct Config {
    base_url: Result<BaseUrl>,
    project_id: String,
    oauth_client_id: String,
    redirect_uri: String,
    pub(crate) timeout_ms: u64,
}

impl Config {
    /// The standard Login project with that id (a UUID).
    pub fn project(project_id: impl Into<String>) -> Self {
        Self {
            base_url: BaseUrl::parse(DEFAULT_BASE_URL),
            project_id: project_id.into(),
            oauth_client_id: String::new(),
            redirect_uri: String::new(),
            timeout_ms: DEFAULT_TIMEOUT_MS,
        }
    }

    /// The public OAuth 2.0 client: its id (a number, as text) and the redirect URI registered for it.
    #[must_use]
    pub fn oauth(mut self, client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        self.oauth_client_id = client_id.into();
        self.redirect_uri = redirect_uri.into();
        self
    }

    /// Another address than `https://login.xsolla.com/api`, e.g. an emulator's `http://127.0.0.1:4000/api`.
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
        check_project_id(&self.project_id)?;
        if !is_number(&self.oauth_client_id) {
            return Err(Error::configuration(
                "the OAuth client id must be a number; it is in Publisher Account under Login project > Security > OAuth 2.0",
            ));
        }
        crate::services::check_timeout(self.timeout_ms)
    }

    fn base(&self) -> &str {
        self.base_url.as_ref().map_or("", BaseUrl::as_str)
    }

    // In a browser nothing but `authorization` and `content-type` passes Xsolla's CORS list.
    fn request(&self, method: Method, path: &str) -> Request {
        Request::new(method, concat(self.base(), path)).timeout_ms(self.timeout_ms)
    }

    fn slots(&self) -> Slots {
        let client = [&self.project_id, ":", &self.oauth_client_id].concat();
        Slots::new("xsolla", self.base(), &client)
    }
}

pub(crate) fn check_project_id(id: &str) -> Result<()> {
    let dashes = [8, 13, 18, 23];
    let is_uuid = id.len() == 36
        && id.bytes().enumerate().all(|(at, b)| if dashes.contains(&at) { b == b'-' } else { b.is_ascii_hexdigit() });
    if is_uuid {
        return Ok(());
    }
    Err(Error::configuration(
        "the Login project id must be a UUID such as f6c5011a-715e-4e5e-b7b1-a4812d85b8c8; it is in Publisher Account",
    ))
}

pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The client for Xsolla Login. Cheap to clone.
pub struct Xsolla<H: Host> {
    config: Arc<Config>,
    host: Arc<H>,
}

impl<H: Host> Xsolla<H> {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// `configuration`, with a sentence that says what to write instead.
    pub fn new(config: Config, host: H) -> Result<Self> {
        config.check()?;
        Ok(Self { config: Arc::new(config), host: Arc::new(host) })
    }

    /// The session that was active when the program last ran, refreshed if it must be; `None` when there is none or
    /// it can no longer be used. What is stored, however damaged, never makes this fail.
    pub async fn restore(&self) -> Option<XsollaSession<H>> {
        let session = session::restore(self.sessions(), &self.config.slots(), None).await?;
        Some(XsollaSession::new(session))
    }

    /// The same for one of several [`accounts`](Self::accounts).
    pub async fn restore_account(&self, id: &str) -> Option<XsollaSession<H>> {
        let session = session::restore(self.sessions(), &self.config.slots(), Some(id)).await?;
        Some(XsollaSession::new(session))
    }

    /// Who is signed in on this device, the active one first. Asks only the store.
    pub async fn accounts(&self) -> Vec<Account> {
        session::accounts(&self.host, &self.config.slots()).await
    }

    fn sessions(&self) -> session::Client<'_, H> {
        session::Client { host: &self.host, service: Service::Xsolla(self.config.clone()), renew: None }
    }
}

impl<H: Host> Clone for Xsolla<H> {
    fn clone(&self) -> Self {
        Self { config: self.config.clone(), host: self.host.clone() }
    }
}

impl<H: Host> std::fmt::Debug for Xsolla<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Xsolla").field("base_url", &self.config.base()).finish_non_exhaustive()
    }
}
