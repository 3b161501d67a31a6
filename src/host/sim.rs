//! The simulated host: time that only moves when nothing else can, seeded random numbers, HTTP from a closure. A test
//! of an hour's session runs in microseconds and the same way every time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::waiting::{self, NamedLock, Waiting, Waits};
use super::{
    Host, HostError, Listening, LogLevel, MaybeSend, Signal, SignalListener, Signals, TransportError,
    TransportErrorKind,
};
use crate::http::{Request, Response};

#[cfg(not(target_family = "wasm"))]
type Handler = Box<dyn FnMut(&Request, u64) -> SimReply + Send>;
#[cfg(target_family = "wasm")]
type Handler = Box<dyn FnMut(&Request, u64) -> SimReply>;
#[cfg(not(target_family = "wasm"))]
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;
#[cfg(target_family = "wasm")]
type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The simulated host. Cheap to clone; clones are the same world.
///
/// ```
/// use playerlink::host::{Host, SimHost};
///
/// let host = SimHost::new(7);
/// let world = host.clone();
/// let start = host.now();
/// host.block_on(async move { world.sleep(3_600_000).await });
/// assert_eq!(host.now() - start, 3_600_000);
/// ```
#[derive(Clone)]
pub struct SimHost(Arc<Mutex<World>>);

struct World {
    wall: u64,
    waiting: Waiting,
    random: u64,
    handler: Option<Handler>,
    spawned: Vec<Task>,
    store: BTreeMap<String, String>,
    store_fails: bool,
    signals: Signals,
    offline: bool,
    requests: Vec<String>,
    log: Vec<String>,
}

/// What the closure answers to a request.
#[derive(Clone, Debug)]
pub struct SimReply {
    result: Option<Result<Response, TransportErrorKind>>,
    delay_ms: u64,
}

impl SimReply {
    /// An answer with any status, headers (lower-case names) and body.
    pub fn response(status: u16, headers: Vec<(String, String)>, body: impl Into<Vec<u8>>) -> Self {
        Self { result: Some(Ok(Response { status, headers, body: body.into() })), delay_ms: 0 }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: &str) -> Self {
        Self::response(status, vec![("content-type".into(), "application/json".into())], body)
    }

    /// No answer: the connection fails.
    pub fn fails(kind: TransportErrorKind) -> Self {
        Self { result: Some(Err(kind)), delay_ms: 0 }
    }

    /// No answer, ever.
    pub fn hangs() -> Self {
        Self { result: None, delay_ms: 0 }
    }

    /// The same after a while.
    #[must_use]
    pub fn after_ms(mut self, ms: u64) -> Self {
        self.delay_ms = ms;
        self
    }
}

/// Status, headers (lower-case names) and body, as a service's emulator gives them.
impl From<(u16, Vec<(String, String)>, Vec<u8>)> for SimReply {
    fn from((status, headers, body): (u16, Vec<(String, String)>, Vec<u8>)) -> Self {
        Self::response(status, headers, body)
    }
}

impl SimHost {
    /// A world that begins on 2026-01-01 and draws its random numbers from this seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(World {
            wall: 1_767_225_600_000,
            waiting: Waiting::default(),
            random: seed,
            handler: None,
            spawned: Vec::new(),
            store: BTreeMap::new(),
            store_fails: false,
            signals: Signals::default(),
            offline: false,
            requests: Vec::new(),
            log: Vec::new(),
        })))
    }

    /// Sets who answers requests: gets the request and the wall clock.
    #[cfg(not(target_family = "wasm"))]
    pub fn on_request(&self, handler: impl FnMut(&Request, u64) -> SimReply + Send + 'static) {
        self.world().handler = Some(Box::new(handler));
    }

    /// Sets who answers requests: gets the request and the wall clock.
    #[cfg(target_family = "wasm")]
    pub fn on_request(&self, handler: impl FnMut(&Request, u64) -> SimReply + 'static) {
        self.world().handler = Some(Box::new(handler));
    }

    /// Method and path of every request so far, e.g. `POST /users/v1/login`.
    pub fn requests(&self) -> Vec<String> {
        self.world().requests.clone()
    }

    /// Every log line so far, as `level event name=value …`.
    pub fn log_lines(&self) -> Vec<String> {
        self.world().log.clone()
    }

    /// Moves both clocks. What waits for the time passed runs at the next `block_on`.
    pub fn advance_ms(&self, ms: u64) {
        let mut world = self.world();
        let to = world.waiting.monotonic + ms;
        world.move_to(to);
    }

    /// Sets the wall clock alone, as a player does.
    pub fn set_wall_clock(&self, epoch_ms: u64) {
        self.world().wall = epoch_ms;
    }

    /// Makes every operation of the store fail from now on, or work again.
    pub fn fail_store(&self, fails: bool) {
        self.world().store_fails = fails;
    }

    /// Tells the sessions what happens outside.
    pub fn signal(&self, signal: &Signal) {
        let signals = self.world().signals.clone();
        signals.emit(signal);
    }

    /// Takes the network away, so that no request leaves and each fails with [`TransportErrorKind::Network`]; or gives
    /// it back and tells the sessions.
    pub fn set_online(&self, online: bool) {
        self.world().offline = !online;
        if online {
            self.signal(&Signal::Online);
        }
    }

    /// Everything in the store.
    pub fn stored(&self) -> Vec<(String, String)> {
        self.world().store.iter().map(|(key, text)| (key.clone(), text.clone())).collect()
    }

    /// Puts a text into the store, as another program or a disk fault would.
    pub fn put(&self, key: &str, text: &str) {
        self.world().store.insert(key.to_owned(), text.to_owned());
    }

    /// Runs a future, and all work spawned meanwhile that can go on, moving time when nothing else can move.
    ///
    /// # Panics
    /// When the future waits for something that can never happen: in a test, that is the finding.
    #[expect(
        clippy::panic,
        reason = "a simulated world that is stuck is a failed test, and there is nothing to return"
    )]
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let mut main = std::pin::pin!(future);
        let main_flag = Arc::new(Flag(Mutex::new(true)));
        let mut tasks: Vec<(Task, Arc<Flag>)> = Vec::new();
        loop {
            let mut moved = false;
            if main_flag.take() {
                moved = true;
                let waker = Waker::from(main_flag.clone());
                if let Poll::Ready(value) = main.as_mut().poll(&mut Context::from_waker(&waker)) {
                    self.world().spawned.extend(tasks.into_iter().map(|(task, _)| task));
                    return value;
                }
            }
            let spawned = std::mem::take(&mut self.world().spawned);
            tasks.extend(spawned.into_iter().map(|task| (task, Arc::new(Flag(Mutex::new(true))))));
            tasks.retain_mut(|(task, flag)| {
                if !flag.take() {
                    return true;
                }
                moved = true;
                let waker = Waker::from(flag.clone());
                task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
            });
            if moved {
                continue;
            }
            let mut world = self.world();
            let Some(at) = world.waiting.next() else {
                drop(world);
                panic!("the simulated world is stuck: the future waits for something that cannot happen");
            };
            world.move_to(at);
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    fn move_to(&mut self, at: u64) {
        let now = self.waiting.monotonic;
        self.wall = self.wall.saturating_add(at.saturating_sub(now));
        self.waiting.move_to(at.max(now));
    }
}

struct Flag(Mutex<bool>);

impl Flag {
    fn take(&self) -> bool {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

/// A lock of [`SimHost`]; given back when dropped.
#[expect(dead_code, reason = "held, then dropped")]
pub struct SimLock(NamedLock<SimHost>);

impl Waits for SimHost {
    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.world().waiting)
    }
}

impl Host for SimHost {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let reply = {
            let path = request.url.split(['?', '#']).next().unwrap_or_default();
            let path = path.split_once("://").map_or(path, |(_, rest)| rest);
            let path = path.find('/').and_then(|at| path.get(at..)).unwrap_or("/");
            let mut world = self.world();
            if world.offline {
                return Err(TransportError::new(TransportErrorKind::Network, "simulated"));
            }
            world.requests.push([request.method.as_str(), " ", path].concat());
            let (now, handler) = (world.wall, world.handler.take());
            drop(world);
            match handler {
                Some(mut handler) => {
                    let reply = handler(&request, now);
                    self.world().handler.get_or_insert(handler);
                    reply
                }
                None => SimReply::fails(TransportErrorKind::Network),
            }
        };
        let answered = reply.result.filter(|_| reply.delay_ms < request.timeout_ms);
        match answered {
            Some(result) => {
                self.sleep(reply.delay_ms).await;
                result.map_err(|kind| TransportError::new(kind, "simulated"))
            }
            None => {
                self.sleep(request.timeout_ms).await;
                Err(TransportError::new(TransportErrorKind::Timeout, "deadline"))
            }
        }
    }

    async fn sleep(&self, ms: u64) {
        waiting::sleep(self, ms).await;
    }

    fn now(&self) -> u64 {
        self.world().wall
    }

    fn monotonic(&self) -> u64 {
        self.world().waiting.monotonic
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        // SplitMix64: repeatable, and nothing but repeatable.
        let mut world = self.world();
        for chunk in out.chunks_mut(8) {
            world.random = world.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = world.random;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            for (to, from) in chunk.iter_mut().zip((z ^ (z >> 31)).to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        self.world().spawned.push(Box::pin(work));
    }

    async fn load(&self, key: &str) -> Result<Option<String>, HostError> {
        let world = self.world();
        if world.store_fails {
            return Err(HostError("simulated store failure".into()));
        }
        Ok(world.store.get(key).cloned())
    }

    async fn compare_and_swap(&self, key: &str, expected: Option<&str>, next: Option<&str>) -> Result<bool, HostError> {
        let mut world = self.world();
        if world.store_fails {
            return Err(HostError("simulated store failure".into()));
        }
        if world.store.get(key).map(String::as_str) != expected {
            return Ok(false);
        }
        match next {
            Some(text) => world.store.insert(key.to_owned(), text.to_owned()),
            None => world.store.remove(key),
        };
        Ok(true)
    }

    type Lock = SimLock;

    async fn lock(&self, name: &str) -> Option<SimLock> {
        Some(SimLock(waiting::lock(self, name).await))
    }

    fn broadcast(&self, key: &str, generation: u64) {
        self.signal(&Signal::Changed { key: key.to_owned(), generation });
    }

    fn listen(&self, listener: SignalListener) -> Listening {
        let signals = self.world().signals.clone();
        signals.listen(listener)
    }

    fn is_online(&self) -> bool {
        !self.world().offline
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        let mut line = [level.as_str(), " ", event].concat();
        for (name, value) in fields {
            line.push_str(&[" ", name, "=", value].concat());
        }
        self.world().log.push(line);
    }
}

impl std::fmt::Debug for SimLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SimLock")
    }
}

impl std::fmt::Debug for SimHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SimHost")
    }
}
