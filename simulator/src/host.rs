//! A tab's door to the world.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use playerlink::host::{
    Host, HostError, Listening, LogLevel, MaybeSend, SignalListener, TransportError, TransportErrorKind,
};
use playerlink::http::{Request, Response};

use crate::network::Subject;
use crate::world::{Ask, Shared, Told};

/// The host of one client in one tab. It works until another client has moved in.
#[derive(Clone, Debug)]
pub(crate) struct Tab {
    pub(crate) world: Shared,
    pub(crate) tab: usize,
    pub(crate) life: u32,
}

/// Begins when it is first asked, like the work of any host; dropped, it is called off.
struct Asking<'a> {
    host: &'a Tab,
    ask: Option<(Ask, Option<u64>)>,
    op: Option<u64>,
}

impl Future for Asking<'_> {
    type Output = Told;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Told> {
        let host = self.host;
        let mut world = host.world.get();
        if !world.lives(host.tab, host.life) {
            return Poll::Pending;
        }
        if let Some((ask, timer)) = self.ask.take() {
            self.op = Some(world.begin(host.tab, host.life, ask, timer));
        }
        let Some(op) = self.op else { return Poll::Pending };
        match world.poll(op, context.waker()) {
            Some(told) => {
                // A lock's operation lives on in its guard.
                self.op = None;
                Poll::Ready(told)
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Some(op) = self.op {
            self.host.world.get().drop_op(op);
        }
    }
}

impl Tab {
    /// What this tab's sessions know.
    #[cfg(feature = "mutants")]
    pub(crate) fn knows(&self) -> u64 {
        let is_this = |host: &Self| (host.tab, host.life) == (self.tab, self.life);
        playerlink::simulation::digest(|host| host.downcast_ref::<Self>().is_some_and(is_this))
    }

    /// The past a task begins with: what it is, and that of the task that began it. A refresh and a keeper have nothing
    /// from there but the session.
    #[cfg(feature = "mutants")]
    fn past_of<F>(&self, _: &F) -> u64 {
        let (explored, running) = {
            let world = self.world.get();
            (world.explored, world.running)
        };
        if !explored {
            return 0;
        }
        let what = std::any::type_name::<F>();
        if what.contains("::fly") || what.contains("keeper::keep") {
            return crate::digest::digest((what, self.knows()));
        }
        crate::digest::digest((what, running.map(|(_, past)| past)))
    }

    #[cfg(not(feature = "mutants"))]
    fn past_of<F>(&self, _: &F) -> u64 {
        0
    }

    fn ask(&self, ask: Ask, timer: Option<u64>) -> Asking<'_> {
        Asking { host: self, ask: Some((ask, timer)), op: None }
    }
}

/// A lock of the world, until dropped.
pub(crate) struct Held {
    world: Shared,
    name: String,
    op: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.world.get().unlock(&self.name, self.op);
    }
}

/// Waits for a lock and knows which operation that was.
struct Locking<'a> {
    asking: Asking<'a>,
    name: String,
    op: Option<u64>,
}

impl Future for Locking<'_> {
    type Output = Held;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Held> {
        let polled = Pin::new(&mut self.asking).poll(context);
        self.op = self.asking.op.or(self.op);
        match (polled, self.op) {
            (Poll::Ready(_), Some(op)) => {
                Poll::Ready(Held { world: self.asking.host.world.clone(), name: std::mem::take(&mut self.name), op })
            }
            _ => Poll::Pending,
        }
    }
}

fn wrong() -> HostError {
    HostError("the simulator mixed up its answers".into())
}

impl Host for Tab {
    type Lock = Held;

    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (subject, timeout) = (Subject::of(&request), request.timeout_ms);
        match self.ask(Ask::Send(request, subject), Some(timeout)).await {
            Told::Sent(reply) => reply,
            _ => Err(TransportError::new(TransportErrorKind::Unusable, wrong().0)),
        }
    }

    async fn sleep(&self, ms: u64) {
        self.ask(Ask::Sleep, Some(ms)).await;
    }

    fn now(&self) -> u64 {
        let mut world = self.world.get();
        let now = world.clock.wall();
        world.remember(now);
        now
    }

    fn monotonic(&self) -> u64 {
        let mut world = self.world.get();
        let now = world.monotonic(self.tab);
        world.remember(now);
        now
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        self.world.get().fill(out);
        Ok(())
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        let past = self.past_of(&work);
        let mut world = self.world.get();
        if world.lives(self.tab, self.life) {
            world.spawned.push((self.tab, self.life, past, Box::pin(work)));
        } else {
            drop(world);
            drop(work);
        }
    }

    async fn load(&self, key: &str) -> Result<Option<String>, HostError> {
        match self.ask(Ask::Load(key.to_owned()), None).await {
            Told::Loaded(found) => found,
            _ => Err(wrong()),
        }
    }

    async fn compare_and_swap(&self, key: &str, expected: Option<&str>, next: Option<&str>) -> Result<bool, HostError> {
        let (expected, next) = (expected.map(str::to_owned), next.map(str::to_owned));
        match self.ask(Ask::Swap { key: key.to_owned(), expected, next }, None).await {
            Told::Swapped(result) => result,
            _ => Err(wrong()),
        }
    }

    async fn lock(&self, name: &str) -> Option<Held> {
        let exists = self.world.get().plan.setup.locks;
        let asking = self.ask(Ask::Lock(name.to_owned()), None);
        let held = Locking { asking, name: name.to_owned(), op: None }.await;
        exists.then_some(held)
    }

    fn broadcast(&self, key: &str, generation: u64) {
        self.world.get().broadcasts(self.tab, self.life, key, generation);
    }

    fn listen(&self, listener: SignalListener) -> Listening {
        let signals = {
            let world = self.world.get();
            let state = world.tabs.get(self.tab).filter(|state| state.life == self.life);
            state.map(|state| state.signals.clone())
        };
        signals.map_or_else(Listening::to_nothing, |signals| signals.listen(listener))
    }

    fn is_online(&self) -> bool {
        let mut world = self.world.get();
        let online = !world.is_troubled(|trouble| *trouble == crate::plan::Trouble::Offline);
        world.remember(online);
        online
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        let mut world = self.world.get();
        for (_, value) in fields {
            world.judge.check_public("a log line", value);
        }
        let clock = world.clock.clone();
        world.trace.line(&clock, self.tab, || format!("logs {} {event}", level.as_str()));
    }
}
