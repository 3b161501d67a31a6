//! The world the tabs live in: what they ask of their hosts becomes an operation, which has its effect and its answer
//! when the world gets to it. Everything is in here but the running code of the tabs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use playerlink::host::{HostError, Signal, Signals, TransportErrorKind};
use playerlink::http::Request;

use crate::clock::Clock;
use crate::dice::at_place;
use crate::executor::Task;
use crate::judge::Judge;
use crate::ledger::{Asked, Found, Ledger};
use crate::network::{self, Reply, Service, Subject};
use crate::pace::Pace;
use crate::plan::{Plan, SendFault, StoreFault, TabFault, Trouble};
use crate::trace::Trace;

/// A world that its tabs and its runner hold together. Everything runs on one thread.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub(crate) fn get(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a tab asks of its host.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Load(String),
    Swap { key: String, expected: Option<String>, next: Option<String> },
    Lock(String),
    Send(Request, Subject),
    Sleep,
}

/// What it is told.
#[derive(Debug)]
pub(crate) enum Told {
    Loaded(Result<Option<String>, HostError>),
    Swapped(Result<bool, HostError>),
    Locked,
    Sent(Reply),
    Slept,
}

#[derive(Debug)]
pub(crate) struct Op {
    pub(crate) tab: usize,
    pub(crate) life: u32,
    /// The task that asks.
    task: u64,
    pub(crate) ask: Ask,
    nth: u64,
    stage: u8,
    store_fault: Option<StoreFault>,
    send_fault: Option<SendFault>,
    /// An answer on its way back.
    reply: Option<Reply>,
    /// How long the answer asks to be left alone.
    wait: Option<u64>,
    told: Option<Told>,
    waker: Option<Waker>,
    asked: Asked,
}

/// What the world gets to at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Op(u64),
    Step(usize),
    /// A step's other end.
    TroubleEnds(usize),
    Thaw(usize, u32),
    Restart(usize),
    GiveUp(u64),
    Message {
        tab: usize,
        key: String,
        generation: u64,
    },
}

/// One tab's share of the world.
#[derive(Debug)]
pub(crate) struct TabState {
    /// Which client lives in it; 0: none.
    pub(crate) life: u32,
    pub(crate) frozen: bool,
    pub(crate) signals: Signals,
    /// How long it has been running, in milliseconds: calls' deadlines count by that.
    pub(crate) active_ms: u64,
    calls: u64,
    stores: u64,
    sends: u64,
    inbox: Vec<Signal>,
}

/// A call of a user that has not ended.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) tab: usize,
    pub(crate) life: u32,
    pub(crate) name: &'static str,
    started: u64,
    deadline: u64,
    /// How many changes of the player this tab had made when it began.
    pub(crate) changes: usize,
}

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) clock: Clock,
    pub(crate) tabs: Vec<TabState>,
    pub(crate) ledger: Ledger,
    pub(crate) judge: Judge,
    pub(crate) pace: Pace,
    pub(crate) trace: Trace,
    pub(crate) service: Service,
    pub(crate) store: BTreeMap<String, String>,
    pub(crate) calls: BTreeMap<u64, Call>,
    /// Calls that ended with an error.
    pub(crate) failed: BTreeSet<u64>,
    pub(crate) ops: BTreeMap<u64, Op>,
    /// Tasks to be: whose, with what past.
    pub(crate) spawned: Vec<(usize, u32, u64, Task)>,
    /// The task that runs, and its past; what others were told since they last ran.
    pub(crate) running: Option<(u64, u64)>,
    pub(crate) heard: Vec<(u64, u64)>,
    /// Faults to be applied before anything else happens.
    pub(crate) faults: VecDeque<(usize, TabFault)>,
    /// Steps do not count before the tabs are there, nor after the end of troubles.
    pub(crate) troubled: bool,
    pub(crate) current: BTreeSet<usize>,
    /// Changes of the player that the service has made: by which life, how many tokens there were then, and of which login
    /// that life's were.
    pub(crate) changes: Vec<(u32, usize, Option<usize>)>,
    /// An explorer decides what is next; nothing takes time.
    pub(crate) explored: bool,
    /// No chance: everything takes a millisecond, and everybody draws the same.
    pub(crate) even: bool,
    /// Operations the explorer may get to now.
    pub(crate) enabled: BTreeSet<u64>,
    /// Messages the explorer may deliver now.
    pub(crate) messages: Vec<Due>,
    locks: BTreeMap<String, Lock>,
    agenda: BTreeMap<(u64, u64), Due>,
    timers: BTreeMap<(u64, u64), u64>,
    next: u64,
    next_life: u32,
    random: u64,
}

#[derive(Debug, Default)]
struct Lock {
    /// The operation that has it, and whose that is.
    holder: Option<(u64, (usize, u32, u64))>,
    waiting: VecDeque<u64>,
}

/// Between two monotonic clocks of tabs.
const APART_MS: u64 = 1_000_000;

impl World {
    pub(crate) fn new(plan: Plan, traced: bool) -> Self {
        let setup = &plan.setup;
        let atomic = setup.atomic || setup.locks;
        let mut judge = Judge::default();
        (judge.locks, judge.atomic) = (setup.locks, atomic);
        let tab = |_| TabState {
            life: 0,
            frozen: false,
            signals: Signals::default(),
            active_ms: 0,
            calls: 0,
            stores: 0,
            sends: 0,
            inbox: Vec::new(),
        };
        Self {
            clock: Clock::new(setup.skew_ms, setup.drift_ppm),
            tabs: (0..setup.tabs).map(tab).collect(),
            service: Service::new(plan.seed, setup),
            ledger: Ledger::default(),
            judge,
            pace: Pace::default(),
            trace: Trace::new(traced),
            store: BTreeMap::new(),
            calls: BTreeMap::new(),
            failed: BTreeSet::new(),
            ops: BTreeMap::new(),
            spawned: Vec::new(),
            running: None,
            heard: Vec::new(),
            faults: VecDeque::new(),
            troubled: false,
            current: BTreeSet::new(),
            changes: Vec::new(),
            explored: false,
            even: false,
            enabled: BTreeSet::new(),
            messages: Vec::new(),
            locks: BTreeMap::new(),
            agenda: BTreeMap::new(),
            timers: BTreeMap::new(),
            next: 0,
            next_life: 0,
            random: plan.seed,
            plan,
        }
    }

    /// A new client moves into a tab.
    pub(crate) fn moves_in(&mut self, tab: usize) -> u32 {
        self.next_life += 1;
        let life = self.next_life;
        if let Some(state) = self.tabs.get_mut(tab) {
            state.life = life;
            state.signals = Signals::default();
            state.inbox.clear();
        }
        life
    }

    pub(crate) fn lives(&self, tab: usize, life: u32) -> bool {
        self.tabs.get(tab).is_some_and(|state| state.life == life)
    }

    pub(crate) fn monotonic(&self, tab: usize) -> u64 {
        self.clock.monotonic() + APART_MS * (tab as u64 + 1)
    }

    pub(crate) fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            if self.even {
                *byte = 128;
                continue;
            }
            self.random = at_place(self.random, [1, 2, 3]);
            *byte = self.random as u8;
        }
    }

    // Calls of users.

    pub(crate) fn call_begins(&mut self, tab: usize, life: u32, name: &'static str, deadline: u64) -> u64 {
        self.stirs(life);
        let id = self.number();
        let started = self.tabs.get(tab).map_or(0, |state| state.active_ms);
        let changes = self.changes.iter().filter(|(by, ..)| *by == life).count();
        self.trace.line(&self.clock, tab, || format!("{name} …"));
        self.calls.insert(id, Call { tab, life, name, started, deadline, changes });
        id
    }

    /// Something happens to a client, or it does something.
    pub(crate) fn stirs(&mut self, life: u32) {
        if !self.explored {
            self.pace.stirs(life, self.clock.now());
        }
    }

    /// The first call that should have ended by now.
    pub(crate) fn overdue(&self) -> Option<&Call> {
        self.calls.values().find(|call| {
            let active = self.tabs.get(call.tab).map_or(0, |state| state.active_ms);
            active > call.started.saturating_add(call.deadline)
        })
    }

    // Time.

    pub(crate) fn schedule(&mut self, at: u64, due: Due) {
        let number = self.number();
        self.agenda.insert((at.max(self.clock.now()), number), due);
    }

    /// When something happens next, and whether that is a timer.
    pub(crate) fn next_moment(&self) -> Option<u64> {
        let agenda = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let timer = self.timers.first_key_value().map(|((due, _), _)| self.clock.when(*due));
        match (agenda, timer) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    pub(crate) fn advance(&mut self, to: u64) {
        let step = self.clock.advance(to);
        for tab in self.tabs.iter_mut().filter(|tab| !tab.frozen) {
            tab.active_ms += step;
        }
        self.judge.now = self.clock.now();
    }

    /// What is due now, timers first.
    pub(crate) fn take_due(&mut self) -> Option<Due> {
        if let Some(((due, _), _)) = self.timers.first_key_value()
            && *due <= self.clock.monotonic()
        {
            let (_, op) = self.timers.pop_first()?;
            self.rings(op);
            return self.take_due();
        }
        let ((at, _), _) = self.agenda.first_key_value()?;
        if *at > self.clock.now() {
            return None;
        }
        self.agenda.pop_first().map(|(_, due)| due)
    }

    #[cfg(feature = "mutants")]
    pub(crate) fn has_timers(&self) -> bool {
        !self.timers.is_empty()
    }

    pub(crate) fn timers_of(&self, life: u32) -> usize {
        let sleeps = |op: &u64| self.ops.get(op).is_some_and(|op| op.life == life && matches!(op.ask, Ask::Sleep));
        self.timers.values().filter(|op| sleeps(op)).count()
    }

    fn rings(&mut self, id: u64) {
        let Some(op) = self.ops.get(&id) else { return };
        match op.ask {
            Ask::Sleep => self.tell(id, Told::Slept),
            Ask::Send(..) => self.deliver(id, network::fails(TransportErrorKind::Timeout)),
            Ask::Load(_) | Ask::Swap { .. } | Ask::Lock(_) => {}
        }
    }

    // Operations.

    pub(crate) fn begin(&mut self, tab: usize, life: u32, ask: Ask, timer: Option<u64>) -> u64 {
        let id = self.number();
        let (wall, monotonic) = (self.clock.wall(), self.clock.monotonic());
        let asked = Asked { life, wall, monotonic };
        let (nth, store_fault, send_fault) = self.faults_of(tab, &ask);
        let arrival = match &ask {
            Ask::Sleep => None,
            Ask::Load(_) | Ask::Swap { .. } => self.store_arrival(tab, nth, store_fault),
            Ask::Lock(name) => {
                self.judge.check_public("a lock's name", name);
                Some(self.latency(tab, nth, 2))
            }
            Ask::Send(request, subject) => {
                let path = request.url.clone();
                self.judge.check_public("a URL", &path);
                let subject = subject.clone();
                self.sends(id, tab, life, &subject);
                let offline = self.is_troubled(|trouble| *trouble == Trouble::Offline);
                Some(if offline { 0 } else { self.travel(tab, nth, send_fault) })
            }
        };
        if let Some(ms) = timer {
            self.timers.insert((monotonic.saturating_add(ms), id), id);
        }
        self.ops.insert(
            id,
            Op {
                tab,
                life,
                task: self.running.map_or(0, |(task, _)| task),
                ask,
                nth,
                stage: 0,
                store_fault,
                send_fault,
                reply: None,
                wait: None,
                told: None,
                waker: None,
                asked,
            },
        );
        if let Some(latency) = arrival {
            self.get_to(id, latency);
        }
        id
    }

    pub(crate) fn poll(&mut self, id: u64, waker: &Waker) -> Option<Told> {
        let op = self.ops.get_mut(&id)?;
        if op.told.is_some() {
            let op = self.ops.remove(&id)?;
            return op.told;
        }
        op.waker = Some(waker.clone());
        None
    }

    /// Nobody waits for it any more.
    pub(crate) fn drop_op(&mut self, id: u64) {
        let Some(op) = self.ops.remove(&id) else { return };
        self.enabled.remove(&id);
        self.timers.retain(|_, other| *other != id);
        match &op.ask {
            Ask::Lock(name) => {
                let name = name.clone();
                if let Some(lock) = self.locks.get_mut(&name) {
                    lock.waiting.retain(|other| *other != id);
                }
                self.unlock(&name, id);
            }
            Ask::Send(..) => self.judge.resolves(id, false),
            // Who is gone has given nothing up.
            Ask::Load(_) | Ask::Swap { .. } if op.told.is_none() && self.lives(op.tab, op.life) => {
                self.judge.is_blind(op.life, true);
            }
            Ask::Load(_) | Ask::Swap { .. } | Ask::Sleep => {}
        }
    }

    pub(crate) fn unlock(&mut self, name: &str, id: u64) {
        let Some(lock) = self.locks.get_mut(name) else { return };
        if lock.holder.is_none_or(|(holder, _)| holder != id) {
            return;
        }
        lock.holder = None;
        let next = lock.waiting.pop_front();
        if let Some((next, owner)) = next.and_then(|next| Some((next, self.owner(next)?))) {
            self.locks.entry(name.to_owned()).or_default().holder = Some((next, owner));
            self.granted(next);
        }
    }

    pub(crate) fn owner(&self, id: u64) -> Option<(usize, u32, u64)> {
        self.ops.get(&id).map(|op| (op.tab, op.life, op.nth))
    }

    /// The operation has its next effect.
    pub(crate) fn execute(&mut self, id: u64) {
        let Some(op) = self.ops.get(&id) else { return };
        if op.told.is_some() {
            return;
        }
        match &op.ask {
            Ask::Load(key) => {
                let key = key.clone();
                self.loads(id, &key);
            }
            Ask::Swap { key, expected, next } => {
                let (key, expected, next) = (key.clone(), expected.clone(), next.clone());
                self.swaps(id, &key, expected.as_deref(), next);
            }
            Ask::Lock(name) => {
                let name = name.clone();
                self.locks_up(id, name);
            }
            Ask::Send(request, subject) => {
                let (request, subject) = (request.clone(), subject.clone());
                self.travels(id, &request, &subject);
            }
            Ask::Sleep => {}
        }
    }

    pub(crate) fn tell(&mut self, id: u64, told: Told) {
        let Some(op) = self.ops.get_mut(&id) else { return };
        let (tab, nth, task) = (op.tab, op.nth, op.task);
        if self.explored {
            self.heard
                .push((task, crate::digest::digest((crate::digest::of_ask(&op.ask), crate::digest::of_told(&told)))));
        }
        op.told = Some(told);
        let waker = op.waker.take();
        self.enabled.remove(&id);
        self.timers.retain(|_, other| *other != id);
        if let Some(waker) = waker {
            waker.wake();
        }
        if self.troubled && nth > 0 {
            self.tab_faults(tab, nth, true);
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Lets the world get to an operation after a while; for an explorer, whenever it likes.
    fn get_to(&mut self, id: u64, latency: u64) {
        if self.explored {
            self.enabled.insert(id);
        } else {
            self.schedule(self.clock.now() + latency, Due::Op(id));
        }
    }

    fn latency(&self, tab: usize, nth: u64, usual: u64) -> u64 {
        if self.even {
            return 1;
        }
        let draw = at_place(self.plan.seed, [tab as u64, nth, 7]);
        match draw % 20 {
            0 => draw / 20 % 250,
            _ => draw / 20 % (usual + 1),
        }
    }

    fn travel(&self, tab: usize, nth: u64, fault: Option<SendFault>) -> u64 {
        match fault {
            Some(SendFault::Slow(ms)) => ms,
            _ => self.latency(tab, nth, 80),
        }
    }

    fn store_arrival(&self, tab: usize, nth: u64, fault: Option<StoreFault>) -> Option<u64> {
        let hangs = fault == Some(StoreFault::Hangs) || self.is_troubled(|trouble| *trouble == Trouble::StoreHangs);
        match fault {
            _ if hangs => None,
            Some(StoreFault::Slow(ms)) => Some(ms),
            _ => Some(self.latency(tab, nth, 3)),
        }
    }

    /// Whether the service would still accept a refresh token.
    pub(crate) fn is_accepted(&mut self, index: usize) -> bool {
        let now = self.clock.server();
        self.ledger.refresh.get(index).is_some_and(|token| self.service.accepts(now, &token.text))
    }

    pub(crate) fn record(&self) -> Option<Found> {
        let (_, text) = self.store.iter().find(|(key, _)| is_record(key))?;
        self.ledger.read(text)
    }

    /// Until when the record says that the service wants to be left alone, by the wall clock.
    pub(crate) fn noted_pause(&self) -> u64 {
        self.record().map_or(0, |record| record.pause_until)
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("now", &self.clock.now()).finish_non_exhaustive()
    }
}

pub(crate) fn is_record(key: &str) -> bool {
    key.contains("/account/")
}

mod effects;
mod explored;
mod faults;
mod messages;
