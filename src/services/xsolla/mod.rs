//! Xsolla Login: main-account sign-in, silent authentication by a platform's ticket, registration, the session, linking
//! codes, social links, the profile; with feature `server` also what a game server does with its own credentials.
//!
//! Source of all wire facts: Xsolla's pages "Cross-platform account" and "Silent authentication" and its API reference;
//! where those are silent, our decisions.

pub(crate) mod arrival;
mod codes;
pub(crate) mod launcher;
pub(crate) mod linking;
pub(crate) mod profile;
mod protocol;
pub(crate) mod redirect;
mod register;
#[cfg(feature = "server")]
pub mod server;
mod sign_in;
pub(crate) mod silent;
pub(crate) mod social;
pub(crate) mod ticket;
pub(crate) mod token;
pub(crate) mod wire;

use std::future::Future;
use std::sync::Arc;

pub use arrival::{AskedField, NeedsUserData, SignIn};
pub use codes::Code;
pub use launcher::LAUNCHER_ARGUMENT;
pub use linking::LinkingCode;
pub use profile::Profile;
pub use protocol::{Jwt, Oauth, Protocol};
pub use register::{DeviceKind, Registration, SocialToken};
pub use sign_in::XsollaSession;
pub use silent::SilentLogin;
pub use social::SocialLink;
pub use ticket::Ticket;
pub use token::UserToken;

use crate::error::{Error, ErrorKind, Result};
use crate::host::{Boxed, Host, MaybeSend, MaybeSync};
use crate::http::{BaseUrl, DEFAULT_TIMEOUT_MS, Method, Request, concat};
use crate::services::Service;
use crate::session::sign_in::WayBack;
use crate::session::{self, Account, Session, Slots};

const DEFAULT_BASE_URL: &str = "https://login.xsolla.com/api";

/// How to reach Xsolla Login as a client: a Login project's id and its public OAuth 2.0 client. No secret.
///
/// The standard project is the one of main accounts, the shadow project the one of platform accounts. A program that
/// signs in to both has two clients.
#[derive(Clone, Debug)]
pub struct Config {
    base_url: Result<BaseUrl>,
    project_id: String,
    /// `None`: only calls of the JWT protocol can be made.
    oauth_client_id: Option<String>,
    redirect_uri: String,
    pub(crate) timeout_ms: u64,
}

impl Config {
    /// The Login project with that id (a UUID).
    pub fn project(project_id: impl Into<String>) -> Self {
        Self {
            base_url: BaseUrl::parse(DEFAULT_BASE_URL),
            project_id: project_id.into(),
            oauth_client_id: None,
            redirect_uri: String::new(),
            timeout_ms: DEFAULT_TIMEOUT_MS,
        }
    }

    /// The public OAuth 2.0 client: its id (a number, as text) and the redirect URI registered for it. Without one there
    /// is no refresh token, no sign-in by password, and nothing but [`Protocol::Jwt`].
    #[must_use]
    pub fn oauth(mut self, client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        self.oauth_client_id = Some(client_id.into());
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
        if self.oauth_client_id.as_deref().is_some_and(|id| !is_number(id)) {
            return Err(Error::configuration(
                "the OAuth client id must be a number; it is in Publisher Account under Login project > Security > OAuth 2.0",
            ));
        }
        crate::services::check_timeout(self.timeout_ms)
    }

    fn base(&self) -> &str {
        self.base_url.as_ref().map_or("", BaseUrl::as_str)
    }

    fn oauth_client(&self) -> Result<&str> {
        self.oauth_client_id.as_deref().ok_or_else(|| {
            Error::configuration(
                "this call needs an OAuth 2.0 client: set its id and redirect URI, or use the JWT protocol",
            )
        })
    }

    // In a browser nothing but `authorization` and `content-type` passes Xsolla's CORS list.
    fn request(&self, method: Method, path: &str) -> Box<Request> {
        Request::to(method, concat(self.base(), path)).timeout_ms(self.timeout_ms)
    }

    fn slots(&self) -> Slots {
        let client = crate::text::concat(&[&self.project_id, ":", self.oauth_client_id.as_deref().unwrap_or_default()]);
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

/// Makes the request of a new silent sign-in.
#[cfg(not(target_family = "wasm"))]
type NewAttempt = Arc<dyn Fn() -> Boxed<'static, Result<Box<arrival::Attempt>>> + Send + Sync>;
/// Makes the request of a new silent sign-in.
#[cfg(target_family = "wasm")]
type NewAttempt = Arc<dyn Fn() -> Boxed<'static, Result<Box<arrival::Attempt>>>>;

/// The client for Xsolla Login. Cheap to clone.
pub struct Xsolla<H: Host> {
    config: Arc<Config>,
    host: Arc<H>,
    renew: Option<session::Renew>,
    way_back: WayBack<H>,
}

impl<H: Host> Xsolla<H> {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// `configuration`, with a sentence that says what to write instead.
    pub fn new(config: Config, host: H) -> Result<Self> {
        config.check()?;
        let (config, host) = (Arc::new(config), Arc::new(host));
        Ok(Self { config, host, renew: None, way_back: WayBack::default() })
    }

    /// The session that was active when the program last ran, refreshed if it must be; `None` when there is none or
    /// it can no longer be used. What is stored, however damaged, never makes this fail.
    pub async fn restore(&self) -> Option<XsollaSession<H>> {
        Some(XsollaSession::new(self.stored(None).await?))
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn has_oauth(&self) -> bool {
        self.config.oauth_client_id.is_some()
    }

    /// The same for one of several [`accounts`](Self::accounts).
    pub async fn restore_account(&self, id: &str) -> Option<XsollaSession<H>> {
        Some(XsollaSession::new(self.stored(Some(id)).await?))
    }

    pub(crate) fn stored<'a>(&'a self, account: Option<&'a str>) -> Boxed<'a, Option<Session<H>>> {
        Box::pin(async move { session::restore(self.sessions(), &self.config.slots(), account).await })
    }

    /// Who is signed in on this device, the active one first. Asks only the store.
    pub async fn accounts(&self) -> Vec<Account> {
        session::accounts(&self.host, &self.config.slots()).await
    }

    /// Has new platform tickets fetched when a session cannot be refreshed, as none of the JWT protocol can be: `tickets`
    /// is asked once, and the player signs in again silently. Only when that fails, or it has no ticket, is the session
    /// over. For sessions made or restored from now on; one that was [handed over](Self::session_from_token) stays what
    /// it is.
    ///
    /// ```
    /// # use playerlink::xsolla::{Config, Jwt, SilentLogin, Ticket, Xsolla};
    /// # let host = playerlink::host::SimHost::new(1);
    /// # async fn steam_ticket() -> Option<Vec<u8>> { None }
    /// let xsolla = Xsolla::new(Config::project("0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809"), host)?.with_tickets(
    ///     Jwt::new(),
    ///     || async { Some(SilentLogin::steam("480", Ticket::base64(&steam_ticket().await?))) },
    /// );
    /// # Ok::<(), playerlink::Error>(())
    /// ```
    #[must_use]
    pub fn with_tickets<F>(
        self,
        protocol: impl Into<Protocol>,
        tickets: impl Fn() -> F + MaybeSend + MaybeSync + 'static,
    ) -> Self
    where
        F: Future<Output = Option<SilentLogin>> + MaybeSend + 'static,
    {
        let protocol = protocol.into();
        self.renew_with(Arc::new(move || {
            let (protocol, login) = (protocol.clone(), tickets());
            Box::pin(async move { Ok(login.await.ok_or_else(session::no_ticket)?.attempt()?.with(protocol)) })
        }))
    }

    /// The same with the request of the sign-in.
    pub(crate) fn renew_with(mut self, attempt: NewAttempt) -> Self {
        let (config, host) = (self.config.clone(), self.host.clone());
        self.renew = Some(Arc::new(move || {
            let (config, host, attempt) = (config.clone(), host.clone(), attempt());
            Box::pin(async move {
                let attempt = session::ticket_in_time(&*host, attempt).await?;
                let entry = arrival::entry(&config, &*host, attempt)?;
                match arrival::come(&config, &*host, entry).await? {
                    arrival::Came::Granted(granted, sent) => Ok((granted, sent)),
                    _ => Err(Error::new(
                        ErrorKind::Credentials,
                        "the service asks the player for data before it goes on; sign in again",
                    )),
                }
            })
        }));
        self
    }

    fn sessions(&self) -> session::Client<'_, H> {
        session::Client { host: &self.host, service: Service::Xsolla(self.config.clone()), renew: self.renew.clone() }
    }
}

impl<H: Host> Clone for Xsolla<H> {
    fn clone(&self) -> Self {
        Self {
            config: self.config.clone(),
            host: self.host.clone(),
            renew: self.renew.clone(),
            way_back: self.way_back.clone(),
        }
    }
}

impl<H: Host> std::fmt::Debug for Xsolla<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Xsolla").field("base_url", &self.config.base()).finish_non_exhaustive()
    }
}
