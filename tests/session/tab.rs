//! A tab or program of its own over the shared world: its clocks may be wrong or stand still, and it can be frozen or
//! killed at any step it takes through its host. It also counts what it takes from the world.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use playerlink::host::{
    Host, HostError, Listening, LogLevel, MaybeSend, Signal, SignalListener, SimHost, SimLock, TransportError,
};
use playerlink::http::{Request, Response};
use playerlink::rallyhere::{Config, RallyHere};

use crate::support::world::World;

/// Cheap to clone; clones are the same tab.
#[derive(Clone)]
pub(crate) struct Tab(Arc<Inner>);

/// What happens to a tab at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing of it runs until it thaws; its locks stay held.
    Freeze,
    /// It is gone, and its locks with it.
    Crash,
}

struct Inner {
    host: SimHost,
    locks: bool,
    began: u64,
    skew: AtomicI64,
    stood_still: AtomicU64,
    /// Steps taken: one before and one after each request, store operation and lock.
    steps: AtomicUsize,
    life: Mutex<Life>,
    seen: Mutex<Seen>,
    tasks: AtomicUsize,
    timers: AtomicUsize,
    listeners: AtomicUsize,
}

#[derive(Default)]
struct Life {
    fate: Option<Fate>,
    planned: Option<(usize, Fate)>,
    store_hangs: bool,
    step_ms: u64,
    waiting: Vec<Waker>,
}

/// What a tab has asked its host for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) requests: usize,
    pub(crate) loads: usize,
    pub(crate) writes: usize,
    pub(crate) locks: usize,
    pub(crate) broadcasts: Vec<(String, u64)>,
    pub(crate) longest_sleep_ms: u64,
}

impl Tab {
    pub(crate) fn new(world: &World) -> Self {
        Self::with(world, true)
    }

    /// In a browser without Web Locks.
    pub(crate) fn without_locks(world: &World) -> Self {
        Self::with(world, false)
    }

    fn with(world: &World, locks: bool) -> Self {
        Self(Arc::new(Inner {
            host: world.host.clone(),
            locks,
            began: world.host.monotonic(),
            skew: AtomicI64::new(0),
            stood_still: AtomicU64::new(0),
            steps: AtomicUsize::new(0),
            life: Mutex::default(),
            seen: Mutex::default(),
            tasks: AtomicUsize::new(0),
            timers: AtomicUsize::new(0),
            listeners: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn rallyhere(&self) -> RallyHere<Self> {
        let config = Config::base_url("https://demo.rally-here.io").client("game", "game-secret").retries(false);
        RallyHere::new(config, self.clone()).expect("a valid configuration")
    }

    // --- its life ---

    /// Runs a call in this tab; `None` when the tab crashed on the way.
    pub(crate) fn call<'a, T: 'a>(&self, call: impl Future<Output = T> + 'a) -> impl Future<Output = Option<T>> + 'a {
        let (tab, mut call) = (self.clone(), Some(Box::pin(call)));
        poll_fn(move |context| tab.poll(&mut call, context))
    }

    /// At the `step`-th step from now that happens to it.
    pub(crate) fn plan(&self, step: usize, fate: Fate) {
        let at = self.0.steps.load(Relaxed) + step;
        self.life().planned = Some((at, fate));
    }

    /// So long takes each step from now on.
    pub(crate) fn steps_take(&self, ms: u64) {
        self.life().step_ms = ms;
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.life().fate.is_some()
    }

    pub(crate) fn freeze(&self) {
        self.life().fate = Some(Fate::Freeze);
    }

    /// Lets a frozen tab go on; the browser tells it.
    pub(crate) fn thaw(&self) {
        self.meet(None);
        self.0.host.signal(&Signal::Resumed);
    }

    // --- its clocks ---

    /// Its wall clock is wrong by that much.
    pub(crate) fn skew_ms(&self, ms: i64) {
        self.0.skew.store(ms, Relaxed);
    }

    /// The machine sleeps. The monotonic clock of some platforms stands still meanwhile.
    pub(crate) fn machine_sleeps(&self, ms: u64, stands_still: bool) {
        if stands_still {
            self.0.stood_still.fetch_add(ms, Relaxed);
        }
        self.0.host.advance_ms(ms);
    }

    /// From now on no operation of the store ends.
    pub(crate) fn store_hangs(&self) {
        self.life().store_hangs = true;
    }

    // --- what it has taken ---

    pub(crate) fn seen(&self) -> Seen {
        self.note().clone()
    }

    pub(crate) fn forget(&self) {
        *self.note() = Seen::default();
    }

    /// Tasks, timers and listeners it has now.
    pub(crate) fn holds(&self) -> (usize, usize, usize) {
        (self.0.tasks.load(Relaxed), self.0.timers.load(Relaxed), self.0.listeners.load(Relaxed))
    }

    fn poll<F: Future + ?Sized>(
        &self,
        work: &mut Option<Pin<Box<F>>>,
        context: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        let fate = {
            let mut life = self.life();
            life.waiting.retain(|waker| !waker.will_wake(context.waker()));
            life.waiting.push(context.waker().clone());
            life.fate
        };
        match fate {
            Some(Fate::Crash) => {
                *work = None;
                Poll::Ready(None)
            }
            Some(Fate::Freeze) => Poll::Pending,
            None => work.as_mut().map_or(Poll::Ready(None), |work| work.as_mut().poll(context).map(Some)),
        }
    }

    fn meet(&self, fate: Option<Fate>) {
        let waiting = {
            let mut life = self.life();
            life.fate = fate;
            std::mem::take(&mut life.waiting)
        };
        for waker in waiting {
            waker.wake();
        }
    }

    async fn step(&self) {
        let step = self.0.steps.fetch_add(1, Relaxed) + 1;
        let met = self.life().planned.filter(|(at, _)| *at == step);
        if let Some((_, fate)) = met {
            self.meet(Some(fate));
        }
        poll_fn(|_| if self.is_stopped() { Poll::Pending } else { Poll::Ready(()) }).await;
        let ms = self.life().step_ms;
        if ms > 0 {
            self.0.host.sleep(ms).await;
        }
    }

    async fn store(&self) {
        self.step().await;
        if self.life().store_hangs {
            std::future::pending::<()>().await;
        }
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.0.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts up while it is there.
struct Counted<F: Fn(&Inner) -> &AtomicUsize>(Arc<Inner>, F);

impl<F: Fn(&Inner) -> &AtomicUsize> Counted<F> {
    fn new(inner: &Arc<Inner>, which: F) -> Self {
        which(inner).fetch_add(1, Relaxed);
        Self(inner.clone(), which)
    }
}

impl<F: Fn(&Inner) -> &AtomicUsize> Drop for Counted<F> {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Relaxed);
    }
}

impl Host for Tab {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.step().await;
        self.note().requests += 1;
        let answer = self.0.host.send(request).await;
        self.step().await;
        answer
    }

    async fn sleep(&self, ms: u64) {
        let _counted = Counted::new(&self.0, |inner| &inner.timers);
        {
            let mut seen = self.note();
            seen.longest_sleep_ms = seen.longest_sleep_ms.max(ms);
        }
        let until = self.monotonic().saturating_add(ms);
        while self.monotonic() < until {
            self.0.host.sleep(until - self.monotonic()).await;
        }
    }

    fn now(&self) -> u64 {
        self.0.host.now().saturating_add_signed(self.0.skew.load(Relaxed))
    }

    fn monotonic(&self) -> u64 {
        self.0.host.monotonic() - self.0.began - self.0.stood_still.load(Relaxed)
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        self.0.host.random(out)
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        let (tab, counted) = (self.clone(), Counted::new(&self.0, |inner| &inner.tasks));
        let mut work: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = Some(Box::pin(work));
        self.0.host.spawn(async move {
            let _counted = counted;
            poll_fn(|context| tab.poll(&mut work, context)).await;
        });
    }

    async fn load(&self, key: &str) -> Result<Option<String>, HostError> {
        self.note().loads += 1;
        self.store().await;
        let found = self.0.host.load(key).await;
        self.step().await;
        found
    }

    async fn compare_and_swap(&self, key: &str, expected: Option<&str>, next: Option<&str>) -> Result<bool, HostError> {
        self.note().writes += 1;
        self.store().await;
        let swapped = self.0.host.compare_and_swap(key, expected, next).await;
        self.step().await;
        swapped
    }

    type Lock = SimLock;

    async fn lock(&self, name: &str) -> Option<SimLock> {
        if !self.0.locks {
            return None;
        }
        self.note().locks += 1;
        self.step().await;
        let lock = self.0.host.lock(name).await;
        self.step().await;
        lock
    }

    fn broadcast(&self, key: &str, generation: u64) {
        self.note().broadcasts.push((key.to_owned(), generation));
        self.0.host.broadcast(key, generation);
    }

    fn listen(&self, listener: SignalListener) -> Listening {
        let counted = Counted::new(&self.0, |inner| &inner.listeners);
        let listening = self.0.host.listen(listener);
        Listening::until(move || drop((listening, counted)))
    }

    fn is_online(&self) -> bool {
        self.0.host.is_online()
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        self.0.host.log(level, event, fields);
    }
}
