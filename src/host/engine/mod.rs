//! The host for engines: polled, and nothing else. Time is what it is told, HTTP and storage are errands for whoever
//! polls it, which come back by number; it has no thread, no socket and no thread-local. The C ABI (`bindings/c`) is
//! what turns errands into callbacks.

mod exchange;
mod storage;
mod tasks;

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use zeroize::Zeroize;

use super::waiting::{self, NamedLock, Waiting, Waits};
use super::{Boxed, Host, HostError, Listening, LogLevel, MaybeSend, Signal, SignalListener, Signals, TransportError};
use crate::http::{Request, Response};
use exchange::Exchange;
use storage::Storage;
pub(crate) use storage::StorageKind;
pub(crate) use tasks::TaskId;
use tasks::Tasks;

/// Fills a buffer with numbers nobody can guess; `false` when it cannot.
pub(crate) type RandomSource = Box<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

/// How an engine's host is made.
pub(crate) struct EngineOptions {
    pub(crate) random: RandomSource,
    /// Whether storage errands are answered; otherwise sessions end with the program.
    pub(crate) has_storage: bool,
    /// Lines above this are not even made; `None`: no line is.
    pub(crate) log_level: Option<LogLevel>,
}

/// Something for whoever polls to do.
pub(crate) enum Errand {
    /// Answer with [`EngineHost::complete_http`].
    Send { id: u64, request: Request },
    /// Nobody waits for that request any more.
    Cancel { id: u64 },
    /// Answer with [`EngineHost::complete_storage`].
    Storage { id: u64, kind: StorageKind, key: String, value: Vec<u8> },
    /// A line for the developer.
    Log { level: LogLevel, line: String },
}

/// The host of one client of an engine. Clones are the same one.
#[derive(Clone)]
pub(crate) struct EngineHost(Arc<World>);

struct World {
    options: EngineOptions,
    state: Mutex<State>,
    tasks: Tasks,
    signals: Signals,
}

#[derive(Default)]
struct State {
    wall: u64,
    /// Its clock counts from the first time that was told.
    waiting: Waiting,
    first: Option<u64>,
    exchanges: Vec<Exchange>,
    storage: Storage,
    errands: VecDeque<Errand>,
    offline: bool,
    closed: bool,
}

/// As far as the clock goes, in milliseconds: what is added to it still is a number.
const END_OF_TIME_MS: u64 = 1 << 52;

/// Numbers for requests: never the same twice in a process, so that an answer cannot reach another client's request.
/// Under 2^53, with a mark that no handle has.
pub(crate) fn next_request_id() -> u64 {
    const MARK: u64 = 3 << 50;
    static LAST: AtomicU64 = AtomicU64::new(0);
    MARK | (LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1) & ((1 << 50) - 1))
}

impl EngineHost {
    pub(crate) fn new(options: EngineOptions) -> Self {
        Self(Arc::new(World { options, state: Mutex::default(), tasks: Tasks::default(), signals: Signals::default() }))
    }

    /// Sets the clocks and wakes what waited for the time that has passed. The monotonic one never goes back; a wall
    /// clock of 0 is not known and goes on from the last one that was.
    pub(crate) fn set_time(&self, monotonic: u64, wall: u64) {
        let mut state = self.state();
        let first = *state.first.get_or_insert(monotonic);
        let monotonic = monotonic.saturating_sub(first).min(END_OF_TIME_MS).max(state.waiting.monotonic);
        let step = monotonic - state.waiting.monotonic;
        state.wall = match (wall, state.wall) {
            (0, 0) => 0,
            (0, last) => last.saturating_add(step),
            (told, _) => told,
        };
        // Wakes tasks by their numbers: nothing that comes back here.
        state.waiting.move_to(monotonic);
    }

    /// Polls the tasks that were woken, once each. Answers whether there were any.
    pub(crate) fn run_woken(&self) -> bool {
        self.0.tasks.run_woken()
    }

    pub(crate) fn next_errand(&self) -> Option<Errand> {
        let mut state = self.state();
        let errand = state.errands.pop_front()?;
        match &errand {
            Errand::Send { id, .. } => state.exchange_left(*id),
            Errand::Storage { id, .. } => state.storage.left(*id),
            Errand::Cancel { .. } | Errand::Log { .. } => {}
        }
        Some(errand)
    }

    /// How long nothing will be due unless something comes from outside; `None`: nothing is waited for.
    pub(crate) fn idle_ms(&self) -> Option<u64> {
        if self.0.tasks.has_woken() {
            return Some(0);
        }
        let state = self.state();
        if !state.errands.is_empty() {
            return Some(0);
        }
        Some(state.waiting.next()?.saturating_sub(state.waiting.monotonic))
    }

    /// How many requests are with the host.
    #[cfg_attr(not(feature = "builtin-http"), allow(dead_code))]
    pub(crate) fn requests_in_flight(&self) -> usize {
        self.state().exchanges.iter().filter(|exchange| exchange.is_away()).count()
    }

    /// Begins a task; it runs when it is polled next.
    pub(crate) fn begin(&self, work: Boxed<'static, ()>) -> TaskId {
        self.0.tasks.begin(work)
    }

    /// Drops a task, or has it dropped when it comes back from being polled.
    pub(crate) fn abort(&self, task: TaskId) {
        self.0.tasks.abort(task);
    }

    /// The answer to a request; `false` when nobody waits for that one.
    pub(crate) fn complete_http(&self, id: u64, answer: Result<Response, TransportError>) -> bool {
        let waker = self.state().answer(id, answer);
        waker.map(|waker| waker.map(Waker::wake)).is_some()
    }

    /// Whether a request with this number can be completed.
    pub(crate) fn awaits_http(&self, id: u64) -> bool {
        self.state().exchanges.iter().any(|exchange| exchange.awaits(id))
    }

    /// The outcome of a storage errand: of a load what is there; `false` when nobody asked for it.
    pub(crate) fn complete_storage(&self, id: u64, outcome: Result<Option<Vec<u8>>, HostError>) -> bool {
        let wakers = self.state().storage.complete(id, outcome);
        wakers.map(|wakers| wakers.into_iter().for_each(Waker::wake)).is_some()
    }

    pub(crate) fn notify(&self, signal: &Signal) {
        self.0.signals.emit(signal);
    }

    pub(crate) fn set_offline(&self, offline: bool) {
        self.state().offline = offline;
    }

    /// Drops all work, and everything begun from now on. What was sent and not answered becomes an errand to cancel it.
    pub(crate) fn close(&self) {
        let timers = {
            let mut state = self.state();
            state.closed = true;
            state.waiting.take_timers()
        };
        drop(timers);
        self.0.tasks.close();
        let mut state = self.state();
        state.errands.retain(|errand| matches!(errand, Errand::Cancel { .. }));
        state.exchanges.clear();
        state.storage = Storage::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wipes a request that was handed over.
pub(crate) fn wipe(mut request: Request) {
    request.url.zeroize();
    for (_, value) in &mut request.headers {
        value.zeroize();
    }
    request.body.zeroize();
}

impl Host for EngineHost {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        exchange::send(self, request).await
    }

    async fn sleep(&self, ms: u64) {
        waiting::sleep(self, ms).await;
    }

    fn now(&self) -> u64 {
        self.state().wall
    }

    fn monotonic(&self) -> u64 {
        self.state().waiting.monotonic
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        if (self.0.options.random)(out) { Ok(()) } else { Err(HostError("the host has no random numbers".into())) }
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        self.0.tasks.begin(Box::pin(work));
    }

    async fn load(&self, key: &str) -> Result<Option<String>, HostError> {
        storage::load(self, key).await
    }

    async fn compare_and_swap(&self, key: &str, expected: Option<&str>, next: Option<&str>) -> Result<bool, HostError> {
        storage::compare_and_swap(self, key, expected, next).await
    }

    fn is_durable(&self) -> bool {
        self.0.options.has_storage
    }

    type Lock = NamedLock<Self>;

    async fn lock(&self, name: &str) -> Option<NamedLock<Self>> {
        Some(waiting::lock(self, name).await)
    }

    fn listen(&self, listener: SignalListener) -> Listening {
        self.0.signals.listen(listener)
    }

    fn is_online(&self) -> bool {
        !self.state().offline
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        if self.0.options.log_level.is_none_or(|least| level < least) {
            return;
        }
        let mut line = event.to_owned();
        for (name, value) in fields {
            line.push_str(&[" ", name, "=", value].concat());
        }
        let mut state = self.state();
        if !state.closed {
            state.errands.push_back(Errand::Log { level, line });
        }
    }
}

impl Waits for EngineHost {
    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.state().waiting)
    }
}
