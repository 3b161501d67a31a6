//! PlayFab: signing in with every platform's proof, linking and unlinking accounts, the session; with feature `server`
//! also what a game server does with the title's secret key.
//!
//! Source of all wire facts: PlayFab's page "Link Nintendo Service Account" and its API specification (27 February
//! 2026); where those are silent, our decisions.

mod codes;
mod credential;
mod login;
mod providers;
mod register;
#[cfg(feature = "server")]
pub mod server;
mod session;
mod table;
pub(crate) mod wire;

use std::sync::Arc;

pub use codes::Code;
pub use credential::{Credential, GameCenterSignature, Info, Unlink};
pub use login::LoginDetails;
#[cfg_attr(not(feature = "web"), allow(unused_imports))]
pub(crate) use login::{details_json, refresh};
pub use register::Registration;
pub use session::PlayFabSession;

use crate::error::{Error, Result};
use crate::host::{Boxed, Host, MaybeSend, MaybeSync};
use crate::http::{BaseUrl, DEFAULT_TIMEOUT_MS, Method, Request, concat};
use crate::json::Json;
use crate::services::{self, Service};
use crate::session::{Account, Client, Renew, Session, Slots, no_ticket, ticket_in_time};

/// How to reach PlayFab as a client: the title's id. No secret.
#[derive(Clone, Debug)]
pub struct Config {
    base_url: Result<BaseUrl>,
    title_id: String,
    pub(crate) timeout_ms: u64,
}

impl Config {
    /// The title with that id, e.g. `ABCD1`: `https://ABCD1.playfabapi.com`.
    pub fn title(title_id: impl Into<String>) -> Self {
        let title_id = title_id.into();
        let valid = !title_id.is_empty() && title_id.bytes().all(|b| b.is_ascii_alphanumeric());
        let base_url = if valid {
            BaseUrl::parse(&crate::text::concat(&["https://", &title_id, ".playfabapi.com"]))
        } else {
            Err(Error::configuration(
                "the title id is not valid; write the id alone as Game Manager shows it, e.g. `ABCD1`",
            ))
        };
        Self { base_url, title_id, timeout_ms: DEFAULT_TIMEOUT_MS }
    }

    /// Another address than the title's own: a private cluster's `https://{vertical}.playfabapi.com`, or an emulator's
    /// `http://127.0.0.1:4000/ABCD1`.
    #[must_use]
    pub fn base_url(mut self, url: &str) -> Self {
        // A wrong title id stays the error: it also goes into the body of each login.
        if self.base_url.is_ok() {
            self.base_url = BaseUrl::parse(url);
        }
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
        services::check_timeout(self.timeout_ms)
    }

    fn base(&self) -> &str {
        self.base_url.as_ref().map_or("", BaseUrl::as_str)
    }

    /// Every call is a POST of a JSON object. Nothing about the program is told: no telemetry header, no query.
    fn request(&self, path: &[&str], body: Vec<u8>) -> Box<Request> {
        Request::to(Method::Post, concat(self.base(), &crate::text::concat(path)))
            .json(body)
            .timeout_ms(self.timeout_ms)
    }

    fn slots(&self) -> Slots {
        Slots::new("playfab", self.base(), &self.title_id)
    }
}

/// Sends a request that carries what it needs, and reads the `data` of its answer.
fn ask<H: Host>(host: &H, request: Box<Request>) -> Boxed<'_, Result<(Json, u64)>> {
    Box::pin(async move {
        let response = services::send(host, request).await?;
        let now = host.now();
        let server_now = services::server_now(&response, now);
        Ok((wire::data(response, now)?, server_now))
    })
}

/// Makes the credential of a new login.
#[cfg(not(target_family = "wasm"))]
type NewCredential = Arc<dyn Fn() -> Boxed<'static, Result<Credential>> + Send + Sync>;
/// Makes the credential of a new login.
#[cfg(target_family = "wasm")]
type NewCredential = Arc<dyn Fn() -> Boxed<'static, Result<Credential>>>;

/// The client for PlayFab. Cheap to clone.
pub struct PlayFab<H: Host> {
    config: Arc<Config>,
    host: Arc<H>,
    renew: Option<Renew>,
}

impl<H: Host> PlayFab<H> {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// `configuration`, with a sentence that says what to write instead.
    pub fn new(config: Config, host: H) -> Result<Self> {
        config.check()?;
        Ok(Self { config: Arc::new(config), host: Arc::new(host), renew: None })
    }

    /// The session that was active when the program last ran, refreshed if it must be; `None` when there is none or
    /// it can no longer be used. What is stored, however damaged, never makes this fail.
    pub async fn restore(&self) -> Option<PlayFabSession<H>> {
        let session = self.stored(None).await?;
        Some(PlayFabSession::new(session))
    }

    pub(crate) fn stored<'a>(&'a self, account: Option<&'a str>) -> Boxed<'a, Option<Session<H>>> {
        Box::pin(async move { crate::session::restore(self.sessions(), &self.config.slots(), account).await })
    }

    /// The same for one of several [`accounts`](Self::accounts).
    pub async fn restore_account(&self, id: &str) -> Option<PlayFabSession<H>> {
        let session = self.stored(Some(id)).await?;
        Some(PlayFabSession::new(session))
    }

    /// Who is signed in on this device, the active one first. Asks only the store.
    pub async fn accounts(&self) -> Vec<Account> {
        crate::session::accounts(&self.host, &self.config.slots()).await
    }

    /// Signs in again without the player when a session can no longer be refreshed: `tickets` is asked once for a
    /// credential with a fresh proof, or `None` when the program has none. Only when that fails is the session over. For
    /// sessions made or restored from now on.
    ///
    /// ```
    /// # use playerlink::playfab::{Config, Credential, PlayFab};
    /// # let host = playerlink::host::SimHost::new(1);
    /// # async fn steam_ticket() -> Option<String> { None }
    /// let playfab = PlayFab::new(Config::title("ABCD1"), host)?
    ///     .with_tickets(|| async { Some(Credential::steam(steam_ticket().await?)) });
    /// # Ok::<(), playerlink::Error>(())
    /// ```
    #[must_use]
    pub fn with_tickets<F>(self, tickets: impl Fn() -> F + MaybeSend + MaybeSync + 'static) -> Self
    where
        F: Future<Output = Option<Credential>> + MaybeSend + 'static,
    {
        self.renew_with(Arc::new(move || {
            let credential = tickets();
            Box::pin(async move { credential.await.ok_or_else(no_ticket) })
        }))
    }

    /// The same with a credential that may turn out to be none.
    pub(crate) fn renew_with(mut self, credential: NewCredential) -> Self {
        let (config, host) = (self.config.clone(), self.host.clone());
        self.renew = Some(Arc::new(move || {
            let (config, host, credential) = (config.clone(), host.clone(), credential());
            Box::pin(async move {
                let credential = ticket_in_time(&*host, credential).await?;
                login::sign_in(&config, &*host, &credential)?.await
            })
        }));
        self
    }

    fn sessions(&self) -> Client<'_, H> {
        Client { host: &self.host, service: Service::PlayFab(self.config.clone()), renew: self.renew.clone() }
    }
}

impl<H: Host> Clone for PlayFab<H> {
    fn clone(&self) -> Self {
        Self { config: self.config.clone(), host: self.host.clone(), renew: self.renew.clone() }
    }
}

impl<H: Host> std::fmt::Debug for PlayFab<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlayFab").field("base_url", &self.config.base()).finish_non_exhaustive()
    }
}
