//! A host over the simulated one that lets a test look at, delay or break single steps of the store and the lock. Also
//! the proof that a host can be written outside the crate.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use playerlink::host::{Host, HostError, LogLevel, MaybeSend, SimHost, SimLock, TransportError};
use playerlink::http::{Request, Response};
use playerlink::rallyhere::{Config, RallyHere};

use crate::support::world::World;

type OnSwap = Arc<dyn Fn(&str, Option<&str>) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Spy {
    inner: SimHost,
    /// Called before each write with key and next text.
    on_swap: Arc<Mutex<Option<OnSwap>>>,
    /// How long each write takes, in milliseconds; `None`: for ever.
    write_ms: Arc<Mutex<Option<u64>>>,
    /// Whether the tabs have a lock in common.
    locks: bool,
    /// Whether the note of a tab about to refresh is written before another one looks, as in an atomic store.
    notes: bool,
}

impl Spy {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            inner: world.host.clone(),
            on_swap: Arc::default(),
            write_ms: Arc::new(Mutex::new(Some(0))),
            locks: true,
            notes: true,
        }
    }

    pub(crate) fn without_locks(world: &World) -> Self {
        Self { locks: false, ..Self::new(world) }
    }

    /// Without locks, and in a store where two tabs can both believe that they wrote first: they race.
    pub(crate) fn racing(world: &World) -> Self {
        Self { notes: false, ..Self::without_locks(world) }
    }

    pub(crate) fn on_swap(&self, hook: impl Fn(&str, Option<&str>) + Send + Sync + 'static) {
        *self.on_swap.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(hook));
    }

    pub(crate) fn writes_take(&self, ms: Option<u64>) {
        *self.write_ms.lock().unwrap_or_else(PoisonError::into_inner) = ms;
    }

    pub(crate) fn rallyhere(&self) -> RallyHere<Self> {
        let config = Config::base_url("https://demo.rally-here.io").client("game", "game-secret").retries(false);
        RallyHere::new(config, self.clone()).expect("a valid configuration")
    }
}

impl Host for Spy {
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>> + MaybeSend {
        self.inner.send(request)
    }

    fn sleep(&self, ms: u64) -> impl Future<Output = ()> + MaybeSend {
        self.inner.sleep(ms)
    }

    fn now(&self) -> u64 {
        self.inner.now()
    }

    fn monotonic(&self) -> u64 {
        self.inner.monotonic()
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        self.inner.random(out)
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        self.inner.spawn(work);
    }

    fn load(&self, key: &str) -> impl Future<Output = Result<Option<String>, HostError>> + MaybeSend {
        self.inner.load(key)
    }

    async fn compare_and_swap(&self, key: &str, expected: Option<&str>, next: Option<&str>) -> Result<bool, HostError> {
        let hook = self.on_swap.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(hook) = hook {
            hook(key, next);
        }
        if !self.notes && next.is_some_and(|next| next.contains("attempt_at")) {
            return Ok(true);
        }
        let write_ms = *self.write_ms.lock().unwrap_or_else(PoisonError::into_inner);
        match write_ms {
            Some(0) => {}
            Some(ms) => self.inner.sleep(ms).await,
            None => std::future::pending().await,
        }
        self.inner.compare_and_swap(key, expected, next).await
    }

    type Lock = SimLock;

    async fn lock(&self, name: &str) -> Option<SimLock> {
        if self.locks { self.inner.lock(name).await } else { None }
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        self.inner.log(level, event, fields);
    }
}
