//! The host for desktop programs and game servers: reqwest with rustls, tokio, the system's clocks and random source.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::runtime::Handle;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::{
    Host, HostError, Listening, LogLevel, MaybeSend, Signal, SignalListener, Signals, TransportError,
    TransportErrorKind,
};
use crate::error::{Error, Result};
use crate::http::{MAX_BODY, Method, Request, Response};

type Logger = Arc<dyn Fn(LogLevel, &'static str, &[(&'static str, &str)]) + Send + Sync>;

/// The host for desktop programs and game servers. Cheap to clone; clones share the store.
///
/// Sessions are kept in memory unless [`store_in`](Self::store_in) names a folder.
#[derive(Clone)]
pub struct NativeHost {
    runtime: Handle,
    /// For loopback http: no proxy, no certificates.
    plain: reqwest::Client,
    /// For https; made at the first use, since loading the system's certificates takes time and may fail.
    secure: Arc<OnceLock<reqwest::Client>>,
    store: Arc<Store>,
    locks: Arc<Mutex<HashMap<String, Arc<AsyncMutex<()>>>>>,
    started: Instant,
    signals: Signals,
    logger: Option<Logger>,
}

enum Store {
    Memory(Mutex<HashMap<String, String>>),
    Folder(PathBuf),
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
            store: Arc::new(Store::Memory(Mutex::new(HashMap::new()))),
            locks: Arc::new(Mutex::new(HashMap::new())),
            started: Instant::now(),
            signals: Signals::default(),
            logger: None,
        })
    }

    /// Keeps sessions in files of this folder, readable by this user only. The folder is made when it is missing.
    #[must_use]
    pub fn store_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.store = Arc::new(Store::Folder(folder.into()));
        self
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
        // On the runtime's own thread, so that any executor may poll the caller; dropped with the caller.
        let task = AbortOnDrop(self.runtime.spawn(async move {
            match tokio::time::timeout(deadline, exchange(client, request)).await {
                Ok(result) => result,
                Err(_) => Err(TransportError::new(TransportErrorKind::Timeout, "deadline")),
            }
        }));
        task.await
    }

    async fn sleep(&self, ms: u64) {
        let _ = AbortOnDrop(self.runtime.spawn(async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Ok(())
        }))
        .await;
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
        match &*self.store {
            Store::Memory(map) => Ok(map.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()),
            Store::Folder(folder) => {
                let path = file_of(folder, key);
                let key = key.to_owned();
                self.blocking(move || read(&path, &key)).await
            }
        }
    }

    async fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        next: Option<&str>,
    ) -> std::result::Result<bool, HostError> {
        match &*self.store {
            Store::Memory(map) => {
                let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
                if map.get(key).map(String::as_str) != expected {
                    return Ok(false);
                }
                match next {
                    Some(text) => map.insert(key.to_owned(), text.to_owned()),
                    None => map.remove(key),
                };
                Ok(true)
            }
            Store::Folder(folder) => {
                let (folder, path, key) = (folder.clone(), file_of(folder, key), key.to_owned());
                let (expected, next) = (expected.map(str::to_owned), next.map(str::to_owned));
                self.blocking(move || swap(&folder, &path, &key, expected.as_deref(), next.as_deref())).await
            }
        }
    }

    type Lock = NativeLock;

    async fn lock(&self, name: &str) -> Option<NativeLock> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.entry(name.to_owned()).or_default().clone()
        };
        let in_process = lock.lock_owned().await;
        Some(NativeLock { _between_processes: self.lock_folder(name).await, _in_process: in_process })
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
    // The file first: who waits in this process must find it free.
    _between_processes: Option<std::fs::File>,
    _in_process: OwnedMutexGuard<()>,
}

impl NativeHost {
    /// The lock against other processes that keep their sessions in the same folder. When it is not to be had in time,
    /// the work goes on without: the store's compare-and-swap still decides who wins.
    async fn lock_folder(&self, name: &str) -> Option<std::fs::File> {
        let Store::Folder(folder) = &*self.store else { return None };
        for _ in 0..LOCK_TRIES {
            let (folder, path) = (folder.clone(), file_of(folder, name).with_extension("lock"));
            match self.blocking(move || try_lock(&folder, &path)).await {
                Ok(Some(file)) => return Some(file),
                Ok(None) => self.sleep(LOCK_PAUSE_MS).await,
                Err(_) => return None,
            }
        }
        None
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> std::result::Result<T, HostError> {
        match self.runtime.spawn_blocking(work).await {
            Ok(result) => result.map_err(|error| HostError(error.kind().to_string())),
            Err(_) => Err(HostError("the store's task was ended".into())),
        }
    }
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
struct AbortOnDrop<T>(tokio::task::JoinHandle<std::result::Result<T, TransportError>>);

impl<T> Future for AbortOnDrop<T> {
    type Output = std::result::Result<T, TransportError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context).map(|joined| {
            joined
                .unwrap_or_else(|_| Err(TransportError::new(TransportErrorKind::Network, "the runtime was shut down")))
        })
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Keys may be longer than a file's name, and differ in nothing but case: the name is a hash of the key (FNV-1a with
/// 128 bits), and the file begins with the key itself.
fn file_of(folder: &Path, key: &str) -> PathBuf {
    let mut hash: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    for byte in key.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
    }
    folder.join(format!("{hash:032x}.json"))
}

/// The text under that key; a file that is not of that key, or damaged, holds none.
fn read(path: &Path, key: &str) -> io::Result<Option<String>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes)
            .ok()
            .and_then(|text| text.strip_prefix(key).and_then(|rest| rest.strip_prefix('\n')).map(str::to_owned))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn swap(folder: &Path, path: &Path, key: &str, expected: Option<&str>, next: Option<&str>) -> io::Result<bool> {
    private_folder(folder)?;
    let guard = private_file(&folder.join(".lock"))?;
    guard.lock()?;
    if read(path, key)?.as_deref() != expected {
        return Ok(false);
    }
    match next {
        None if expected.is_none() => {}
        None => std::fs::remove_file(path)?,
        Some(text) => {
            let draft = path.with_extension("new");
            let _ = std::fs::remove_file(&draft);
            let mut file = private_file(&draft)?;
            io::Write::write_all(&mut file, [key, "\n", text].concat().as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&draft, path)?;
        }
    }
    Ok(true)
}

/// How often, and how many milliseconds apart, a lock that another process holds is tried: a little longer than one
/// rotation may take.
const LOCK_TRIES: u32 = 600;
const LOCK_PAUSE_MS: u64 = 25;

fn try_lock(folder: &Path, path: &Path) -> io::Result<Option<std::fs::File>> {
    private_folder(folder)?;
    let file = private_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl std::fmt::Debug for NativeHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NativeHost")
    }
}
