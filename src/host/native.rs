//! The host for desktop programs and game servers: reqwest with rustls, tokio, the system's clocks and random source.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::runtime::Handle;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::{
    FileStore, Host, HostError, Listening, LogLevel, MaybeSend, MemoryStore, SessionStore, Signal, SignalListener,
    Signals, StoreLock, TransportError, TransportErrorKind,
};
use crate::error::{Error, Result};
use crate::http::{MAX_BODY, Method, Request, Response};

type Logger = Arc<dyn Fn(LogLevel, &'static str, &[(&'static str, &str)]) + Send + Sync>;

/// The host for desktop programs and game servers. Cheap to clone; clones share the store.
///
/// Sessions are kept in memory unless [`store_in`](Self::store_in) names a folder or [`store`](Self::store) another place.
#[derive(Clone)]
pub struct NativeHost {
    runtime: Handle,
    /// For loopback http: no proxy, no certificates.
    plain: reqwest::Client,
    /// For https; made at the first use, since loading the system's certificates takes time and may fail.
    secure: Arc<OnceLock<reqwest::Client>>,
    store: Arc<dyn SessionStore>,
    locks: Arc<Mutex<HashMap<String, Arc<AsyncMutex<()>>>>>,
    started: Instant,
    signals: Signals,
    logger: Option<Logger>,
}

impl NativeHost {
    /// A host in the tokio runtime this is called from; a current-thread runtime will do.
    ///
    /// # Errors
    /// `misuse` outside a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this host is where the core's clock comes from")]
    pub fn new() -> Result<Self> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::misuse("NativeHost::new must be called inside a tokio runtime, e.g. under #[tokio::main]")
        })?;
        let empty = tls_builder()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
        let plain = client_builder()
            .no_proxy()
            .tls_backend_preconfigured(empty)
            .build()
            .map_err(|_| Error::configuration("the HTTP client could not be made on this machine"))?;
        Ok(Self {
            runtime,
            plain,
            secure: Arc::new(OnceLock::new()),
            store: Arc::new(MemoryStore::default()),
            locks: Arc::new(Mutex::new(HashMap::new())),
            started: Instant::now(),
            signals: Signals::default(),
            logger: None,
        })
    }

    /// Keeps sessions there.
    #[must_use]
    pub fn store(mut self, store: impl SessionStore) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Keeps sessions in files of this folder, readable by this user only: short for `store(FileStore::new(folder))`.
    #[must_use]
    pub fn store_in(self, folder: impl Into<PathBuf>) -> Self {
        self.store(FileStore::new(folder))
    }

    /// Receives log lines. They never hold a secret.
    #[must_use]
    pub fn log_to(
        mut self,
        log: impl Fn(LogLevel, &'static str, &[(&'static str, &str)]) + Send + Sync + 'static,
    ) -> Self {
        self.logger = Some(Arc::new(log));
        self
    }

    /// Tells the sessions what the program knows of its surroundings, e.g. [`Signal::Online`] when the network is back
    /// or [`Signal::Resumed`] after sleep: they recover at once instead of at their next try.
    pub fn signal(&self, signal: &Signal) {
        self.signals.emit(signal);
    }

    fn client(&self, url: &str) -> std::result::Result<reqwest::Client, TransportError> {
        if url.starts_with("http://") {
            return Ok(self.plain.clone());
        }
        if let Some(client) = self.secure.get() {
            return Ok(client.clone());
        }
        // rustls asks for a process-wide provider here; ours is set only if the program has none.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A failure is not kept: the next call tries again.
        let client = client_builder().https_only(true).build().map_err(|_| {
            let text = "TLS could not be set up: this machine's root certificates could not be loaded";
            TransportError::new(TransportErrorKind::Unusable, text)
        })?;
        Ok(self.secure.get_or_init(|| client).clone())
    }
}

fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("playerlink/", env!("CARGO_PKG_VERSION")))
}

fn tls_builder() -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>> {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::configuration("TLS could not be set up on this machine"))
}

impl Host for NativeHost {
    async fn send(&self, request: Request) -> std::result::Result<Response, TransportError> {
        let client = self.client(&request.url)?;
        let deadline = Duration::from_millis(request.timeout_ms);
        let exchanged = self.on_runtime(async move {
            match tokio::time::timeout(deadline, exchange(client, request)).await {
                Ok(result) => result,
                Err(_) => Err(TransportError::new(TransportErrorKind::Timeout, "deadline")),
            }
        });
        let ended = || TransportError::new(TransportErrorKind::Network, "the runtime was shut down");
        exchanged.await.ok_or_else(ended)?
    }

    async fn sleep(&self, ms: u64) {
        let _ = self.on_runtime(async move { tokio::time::sleep(Duration::from_millis(ms)).await }).await;
    }

    #[expect(clippy::disallowed_methods, reason = "this host is where the core's clock comes from")]
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn random(&self, out: &mut [u8]) -> std::result::Result<(), HostError> {
        getrandom::fill(out).map_err(|error| HostError(error.to_string()))
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        self.runtime.spawn(work);
    }

    async fn load(&self, key: &str) -> std::result::Result<Option<String>, HostError> {
        let (store, key) = (self.store.clone(), key.to_owned());
        self.on_runtime(async move { store.load(&key).await }).await.ok_or_else(ended)?
    }

    async fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        next: Option<&str>,
    ) -> std::result::Result<bool, HostError> {
        let (store, key) = (self.store.clone(), key.to_owned());
        let (expected, next) = (expected.map(str::to_owned), next.map(str::to_owned));
        let swapped =
            self.on_runtime(async move { store.compare_and_swap(&key, expected.as_deref(), next.as_deref()).await });
        swapped.await.ok_or_else(ended)?
    }

    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }

    type Lock = NativeLock;

    async fn lock(&self, name: &str) -> Option<NativeLock> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            locks.entry(name.to_owned()).or_default().clone()
        };
        let in_process = lock.lock_owned().await;
        let (store, name) = (self.store.clone(), name.to_owned());
        let between = self.on_runtime(async move { store.lock(&name).await }).await?.ok()??;
        Some(NativeLock { _between_processes: between, _in_process: in_process })
    }

    fn listen(&self, listener: SignalListener) -> Listening {
        self.signals.listen(listener)
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        if let Some(logger) = &self.logger {
            logger(level, event, fields);
        }
    }
}

/// A lock of [`NativeHost`]; given back when dropped.
#[derive(Debug)]
pub struct NativeLock {
    // The store's first: who waits in this process must find it free.
    _between_processes: StoreLock,
    _in_process: OwnedMutexGuard<()>,
}

impl NativeHost {
    /// Runs a future in the runtime, so that any executor may poll the caller; it is dropped with the caller. `None` when
    /// the runtime was shut down.
    async fn on_runtime<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        AbortOnDrop(self.runtime.spawn(work)).await
    }
}

fn ended() -> HostError {
    HostError("the store's task was ended".into())
}

async fn exchange(client: reqwest::Client, request: Request) -> std::result::Result<Response, TransportError> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut builder = client.request(method, &request.url);
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    if let Some(body) = request.body {
        builder = builder.body(body);
    }
    let mut response = builder.send().await.map_err(|error| {
        // Never the error's text: it holds the URL.
        let message = if error.is_connect() { "no connection" } else { "the exchange failed" };
        TransportError::new(TransportErrorKind::Network, message)
    })?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in response.headers() {
        let Ok(value) = value.to_str() else { continue };
        // A header that comes twice is one list, as `fetch` has it.
        match headers.iter_mut().find(|(known, _)| known == name.as_str()) {
            Some((_, list)) => list.extend([", ", value]),
            None => headers.push((name.as_str().to_owned(), value.to_owned())),
        }
    }
    let status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(Response { status, headers, body }),
            Ok(Some(chunk)) => {
                if body.len() + chunk.len() > MAX_BODY {
                    return Err(TransportError::new(TransportErrorKind::BodyTooLarge, "body over 1 MiB"));
                }
                body.extend_from_slice(&chunk);
            }
            Err(_) => return Err(TransportError::new(TransportErrorKind::Truncated, "the body ended too early")),
        }
    }
}

/// A spawned task that ends with whoever waits for it.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Option<T>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context).map(std::result::Result::ok)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl std::fmt::Debug for NativeHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NativeHost")
    }
}
