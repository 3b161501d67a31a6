//! RallyHere: login with a platform's ticket, the session, linked accounts, cross-progression, restrictions, the web
//! sign-in and public keys. Everything a client may do; what needs special permissions is for servers.
//!
//! Source of all wire facts: RallyHere's `users` API, pages "Login" and "Enable cross-progression" and the newest
//! specification (2026-08-17); where those are silent, our decisions.

pub(crate) mod accounts;
mod codes;
pub(crate) mod credential;
pub(crate) mod keys;
pub(crate) mod login;
mod oauth;
mod portals;
pub(crate) mod wire;

use std::sync::Arc;

pub use accounts::{Changed, Leader, LinkedAccount, Links, PersonSelector, PlatformIdentity, RallyHereSession};
pub use codes::Code;
pub use credential::{Credential, NintendoCredential};
pub use keys::PublicKey;
pub use login::ClientToken;
pub use oauth::{CompletedOauth, OauthLogin, OauthPortal, OauthRetry};

use crate::Secret;
use crate::base64;
use crate::error::{Error, Result};
use crate::guarded::Guarded;
use crate::host::{Boxed, Host, MaybeSend, MaybeSync};
use crate::http::{BaseUrl, DEFAULT_TIMEOUT_MS, Method, Request};
use crate::services::{Restriction, Service};
use crate::session::sign_in::WayBack;
use crate::session::{self, Account, Renew, Session, Slots};

/// How to reach RallyHere: the environment and the client's id and secret from the developer portal. The "secret" ships
/// in public game clients and is no server secret.
#[derive(Clone, Debug)]
pub struct Config {
    base_url: Result<BaseUrl>,
    client_id: String,
    client_secret: Secret,
    pub(crate) timeout_ms: u64,
    pub(crate) retries: bool,
    client_address: Option<String>,
}

impl Config {
    /// The environment with that id: `https://{id}.rally-here.io`.
    pub fn environment(id: &str) -> Self {
        let valid = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let base_url = if valid {
            BaseUrl::parse(&crate::text::concat(&["https://", id, ".rally-here.io"]))
        } else {
            Err(Error::configuration(
                "the environment id is not valid; write the id alone, e.g. `demo` for https://demo.rally-here.io",
            ))
        };
        Self::with(base_url)
    }

    /// A full address, e.g. an emulator's `http://127.0.0.1:4000`.
    pub fn base_url(url: &str) -> Self {
        Self::with(BaseUrl::parse(url))
    }

    fn with(base_url: Result<BaseUrl>) -> Self {
        Self {
            base_url,
            client_id: String::new(),
            client_secret: Secret::default(),
            timeout_ms: DEFAULT_TIMEOUT_MS,
            retries: true,
            client_address: None,
        }
    }

    /// The client's id and secret.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.client_id = id.into();
        self.client_secret = secret.into();
        self
    }

    /// The deadline of one call in milliseconds, 1 to 120 000; 10 000 unless set.
    #[must_use]
    pub fn timeout_ms(mut self, ms: u64) -> Self {
        self.timeout_ms = ms;
        self
    }

    /// Whether a login is tried again by itself when the service is busy or failed (2, 5, 15 s; once after 2 s), within
    /// the call's deadline. On unless switched off.
    #[must_use]
    pub fn retries(mut self, on: bool) -> Self {
        self.retries = on;
        self
    }

    /// The player's public address, told to the service as a hint (`x-rh-client-addr`). Dropped when it is no address or
    /// longer than the 32 characters the service takes.
    #[must_use]
    pub fn client_address(mut self, address: impl Into<String>) -> Self {
        let plain = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'.' | b':');
        self.client_address = Some(address.into()).filter(|a: &String| a.len() <= 32 && a.bytes().all(plain));
        self
    }

    fn check(&self) -> Result<()> {
        self.base_url.as_ref().map_err(Clone::clone)?;
        if self.client_id.is_empty() || self.client_secret.is_empty() {
            return Err(Error::configuration(
                "client id and client secret must not be empty; both are in the RallyHere developer portal",
            ));
        }
        if crate::http::cut(&self.client_id, ":").1.is_some() {
            return Err(Error::configuration("the client id must not contain `:`; write the id alone"));
        }
        crate::services::check_timeout(self.timeout_ms)
    }

    fn base(&self) -> &str {
        self.base_url.as_ref().map_or("", BaseUrl::as_str)
    }

    fn request(&self, method: Method, path: &str) -> Box<Request> {
        Request::to(method, crate::http::concat(self.base(), path))
            .header("accept", "application/json")
            .timeout_ms(self.timeout_ms)
    }

    /// A call that shows who the client is (HTTP Basic, standard alphabet with padding).
    fn client_request(&self, method: Method, path: &str) -> Box<Request> {
        let pair = crate::text::concat(&[&self.client_id, ":", self.client_secret.expose()]);
        let mut value = String::from("Basic ");
        base64::encode(pair.as_bytes(), &mut value);
        let request = self.request(method, path).header("authorization", value);
        match &self.client_address {
            Some(address) => request.header("x-rh-client-addr", address.clone()),
            None => request,
        }
    }

    fn slots(&self) -> Slots {
        Slots::new("rallyhere", self.base(), &self.client_id)
    }
}

/// All that RallyHere tells about a login, the tokens aside. `Session::player` has what most programs need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginResult {
    /// The player to use: the cross-progression player when that is on, else the platform account's own.
    pub active_player_uuid: String,
    /// The person that owns the linked platform accounts.
    pub person_id: String,
    /// The platform that signed in, e.g. `Steam`.
    pub platform: String,
    /// The id on that platform.
    pub platform_user_id: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// The numeric ("legacy") role.
    pub role_id: Option<i64>,
    /// The permissions the access token carries.
    pub permissions: Vec<String>,
    /// Restrictions on the player that did not block the login.
    pub restrictions: Vec<Restriction>,
    /// The parent identity on two-tier platforms (Nintendo).
    pub parent: Option<PlatformAccount>,
    /// The client that signed in.
    pub client_id: Option<String>,
    /// Xbox: sandbox; PSN: `sp-int`, `prod-qa`, `np`; Nintendo: `lp1` and its like.
    pub platform_environment: Option<String>,
    /// The role's own data, as JSON text.
    pub role_custom_data: Option<String>,
    /// Deprecated twin of `active_player_uuid`.
    pub active_player_id: Option<i64>,
    /// Deprecated twin of `platform`.
    pub portal_id: Option<i64>,
    /// Deprecated by the vendor.
    pub publisher_uuid: Option<String>,
    /// Deprecated by the vendor.
    pub tenant_uuid: Option<String>,
    /// Deprecated by the vendor.
    pub config_elector_uuid: Option<String>,
    /// Deprecated by the vendor.
    pub client_uuid: Option<String>,
}

/// An account on a platform, as RallyHere knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformAccount {
    /// The platform, e.g. `NintendoNAID`.
    pub platform: Option<String>,
    /// The id on it.
    pub platform_user_id: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// See [`LoginResult::platform_environment`].
    pub platform_environment: Option<String>,
    /// `pc`, `xbox_series`, `xbox_one` or `web`, verified by the platform.
    pub device_type: Option<String>,
}

/// Makes the body of a new login.
#[cfg(not(target_family = "wasm"))]
type NewBody = Arc<dyn Fn() -> Boxed<'static, Result<Vec<u8>>> + Send + Sync>;
/// Makes the body of a new login.
#[cfg(target_family = "wasm")]
type NewBody = Arc<dyn Fn() -> Boxed<'static, Result<Vec<u8>>>>;

/// The client for RallyHere. Cheap to clone.
pub struct RallyHere<H: Host> {
    config: Arc<Config>,
    host: Arc<H>,
    renew: Option<Renew>,
    way_back: WayBack<H>,
    /// The web sign-in that stopped half-way, by its key, and where it goes on.
    stopped: Arc<Guarded<Option<(Secret, OauthRetry)>>>,
}

impl<H: Host> RallyHere<H> {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// `configuration`, with a sentence that says what to write instead.
    pub fn new(config: Config, host: H) -> Result<Self> {
        config.check()?;
        let (config, host) = (Arc::new(config), Arc::new(host));
        Ok(Self { config, host, renew: None, way_back: WayBack::default(), stopped: Arc::default() })
    }

    /// The session that was active when the program last ran, refreshed if it must be; `None` when there is none or
    /// it can no longer be used. What is stored, however damaged, never makes this fail.
    pub async fn restore(&self) -> Option<RallyHereSession<H>> {
        Some(RallyHereSession::new(self.stored(None).await?))
    }

    /// The same for one of several [`accounts`](Self::accounts).
    pub async fn restore_account(&self, id: &str) -> Option<RallyHereSession<H>> {
        Some(RallyHereSession::new(self.stored(Some(id)).await?))
    }

    pub(crate) fn stored<'a>(&'a self, account: Option<&'a str>) -> Boxed<'a, Option<Session<H>>> {
        Box::pin(async move { session::restore(self.sessions(), &self.config.slots(), account).await })
    }

    /// Who is signed in on this device, the active one first. Asks only the store.
    pub async fn accounts(&self) -> Vec<Account> {
        session::accounts(&self.host, &self.config.slots()).await
    }

    /// Signs in again without the player when a session can no longer be refreshed: `tickets` is asked once for a
    /// credential with a fresh platform ticket (Steam's, the console's), or `None` when the program has none; it has 60 s. Only when
    /// that fails is the session over. For sessions made or restored from now on.
    ///
    /// ```
    /// # use playerlink::rallyhere::{Config, Credential, RallyHere};
    /// # let host = playerlink::host::SimHost::new(1);
    /// # async fn steam_ticket() -> Option<String> { None }
    /// let rallyhere = RallyHere::new(Config::environment("demo").client("game", "secret"), host)?
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
            Box::pin(async move { Ok(credential.await.ok_or_else(session::no_ticket)?.body()) })
        }))
    }

    /// The same with the body of the login.
    pub(crate) fn renew_with(mut self, body: NewBody) -> Self {
        let (config, host) = (self.config.clone(), self.host.clone());
        self.renew = Some(Arc::new(move || {
            let (config, host, body) = (config.clone(), host.clone(), body());
            Box::pin(async move {
                let body = session::ticket_in_time(&*host, body).await?;
                login::login(&config, &*host, body).await
            })
        }));
        self
    }

    fn sessions(&self) -> session::Client<'_, H> {
        let service = Service::RallyHere(self.config.clone());
        session::Client { host: &self.host, service, renew: self.renew.clone() }
    }
}

impl<H: Host> Clone for RallyHere<H> {
    fn clone(&self) -> Self {
        Self {
            config: self.config.clone(),
            host: self.host.clone(),
            renew: self.renew.clone(),
            way_back: self.way_back.clone(),
            stopped: self.stopped.clone(),
        }
    }
}

impl<H: Host> std::fmt::Debug for RallyHere<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RallyHere").field("base_url", &self.config.base()).finish_non_exhaustive()
    }
}
