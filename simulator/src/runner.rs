//! Plays a plan: sets the world up, lets its troubles happen, ends them, and sees whether every session recovers.

use playerlink::host::Signal;
use playerlink::{SessionOverReason, Status};

use crate::acts::{Arrival, Client};
use crate::executor::Executor;
use crate::judge::{Invariant, Violation};
use crate::plan::{Act, Event, Plan, Step, TabFault};
use crate::world::{Due, Shared, World};

/// How long after the troubles everything must be well again, in milliseconds.
const HEALING_MS: u64 = 60_000;
/// How long a call of the last round may take.
const LAST_ROUND_MS: u64 = 16_000;

/// How a world went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first invariant that did not hold; the world ends there.
    pub violation: Option<Violation>,
    /// What happened, when it was asked for.
    pub trace: Vec<String>,
}

/// Plays a plan, with its trace when `traced`.
pub fn play(plan: &Plan, traced: bool) -> Outcome {
    let mut runner = Runner::new(World::new(plan.clone(), traced));
    runner.play();
    runner.finish()
}

pub(crate) struct Runner {
    pub(crate) world: Shared,
    executor: Executor,
    pub(crate) clients: Vec<Option<Client>>,
    arrivals: Vec<(usize, u32, Arrival)>,
    tasks: Vec<(u64, u64)>,
}

impl Runner {
    pub(crate) fn new(world: World) -> Self {
        let world = Shared::new(world);
        let count = world.get().tabs.len();
        let clients = (0..count).map(|tab| Client::new(&world, tab)).collect();
        Self { world, executor: Executor::default(), clients, arrivals: Vec::new(), tasks: Vec::new() }
    }

    fn play(&mut self) {
        self.sets_up();
        let end = {
            let mut world = self.world.get();
            world.troubles_begin();
            let start = world.clock.now();
            let steps: Vec<(u64, Due)> = world
                .plan
                .steps
                .iter()
                .enumerate()
                .filter_map(|(index, step)| match step {
                    Step::Act { at, .. } | Step::Event { at, .. } => Some((*at, Due::Step(index))),
                    Step::Trouble { from, .. } => Some((*from, Due::Step(index))),
                    _ => None,
                })
                .collect();
            let last = steps.iter().map(|(at, _)| *at).max().unwrap_or(0);
            let length = world.plan.setup.length_ms.max(last + 1_000);
            for (at, due) in steps {
                world.schedule(start + at, due);
            }
            start + length
        };
        self.runs_until(end);
        self.heals();
    }

    /// The first tab signs in, the others find the session, all without troubles.
    pub(crate) fn sets_up(&mut self) {
        self.acts(0, Act::Login, None);
        self.runs_while_calls();
        for tab in 1..self.clients.len() {
            self.acts(tab, Act::Restore, None);
            self.runs_while_calls();
        }
    }

    fn runs_while_calls(&mut self) {
        loop {
            self.settles();
            if self.world.get().calls.is_empty() || self.is_over() || !self.moves(u64::MAX) {
                return;
            }
        }
    }

    fn runs_until(&mut self, end: u64) {
        loop {
            self.settles();
            if self.is_over() || !self.moves(end) {
                return;
            }
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.world.get().judge.violation.is_some()
    }

    /// Lets the next thing happen, unless that is after `end`.
    fn moves(&mut self, end: u64) -> bool {
        let due = {
            let mut world = self.world.get();
            let next = world.next_moment().filter(|next| *next <= end);
            let Some(next) = next else {
                if end != u64::MAX && world.clock.now() < end {
                    world.advance(end);
                }
                world.checks_deadlines();
                return false;
            };
            world.advance(next);
            world.checks_deadlines();
            world.take_due()
        };
        if let Some(due) = due {
            self.does(due);
        }
        true
    }

    pub(crate) fn does(&mut self, due: Due) {
        match due {
            Due::Op(id) => self.world.get().execute(id),
            Due::Step(index) => self.steps(index),
            Due::TroubleEnds(index) => self.trouble_ends(index),
            Due::Thaw(tab, life) => {
                if self.world.get().lives(tab, life) {
                    self.thaws(tab);
                }
            }
            Due::Restart(tab) => self.restarts(tab),
            Due::GiveUp(call) => {
                if let Some((_, task)) = self.tasks.iter().find(|(id, _)| *id == call).copied()
                    && self.executor.cancel(task)
                {
                    let mut world = self.world.get();
                    if let Some(call) = world.calls.remove(&call) {
                        let clock = world.clock.clone();
                        world.trace.line(&clock, call.tab, || format!("gives up waiting for {}", call.name));
                        match call.name {
                            "logout" => world.judge.has_signed_out(),
                            "login" => world.judge.gives_login_up(call.life),
                            _ => {}
                        }
                    }
                }
            }
            Due::Message { tab, key, generation } => self.signals(tab, Signal::Changed { key, generation }),
        }
    }

    /// Runs all code that can run.
    pub(crate) fn settles(&mut self) {
        loop {
            self.applies_faults();
            let spawned = std::mem::take(&mut self.world.get().spawned);
            for (tab, life, past, task) in spawned {
                self.executor.spawn(tab, life, past, task);
            }
            let frozen: Vec<bool> = self.world.get().tabs.iter().map(|tab| tab.frozen).collect();
            let ran = self.runs_one(&frozen);
            self.takes_arrivals();
            let world = self.world.get();
            if world.judge.violation.is_some() || (!ran && world.spawned.is_empty() && world.faults.is_empty()) {
                return;
            }
        }
    }

    /// Runs the next task, and keeps its past.
    fn runs_one(&mut self, frozen: &[bool]) -> bool {
        let Some(id) = self.executor.next(|tab| frozen.get(tab).copied().unwrap_or(false)) else { return false };
        let Some((tab, life, before)) = self.executor.past(id) else { return true };
        let past = self.past_before(id, tab, life, before);
        self.world.get().running = Some((id, past));
        self.executor.poll(id);
        let after = self.world.get().running.take().map_or(past, |(_, past)| past);
        self.executor.remember(id, if rested() { 0 } else { after });
        true
    }

    /// A task's past up to now: what it was told since it last ran, and what its session knows.
    #[cfg(feature = "mutants")]
    fn past_before(&self, id: u64, tab: usize, life: u32, before: u64) -> u64 {
        let heard: Vec<u64> = {
            let mut world = self.world.get();
            if !world.explored {
                return before;
            }
            let (mine, others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut world.heard).into_iter().partition(|of| of.0 == id);
            world.heard = others;
            mine.into_iter().map(|(_, what)| what).collect()
        };
        let host = crate::host::Tab { world: self.world.clone(), tab, life };
        crate::digest::digest((before, heard, host.knows()))
    }

    #[cfg(not(feature = "mutants"))]
    fn past_before(&self, _: u64, _: usize, _: u32, before: u64) -> u64 {
        before
    }

    /// Everything that what happens from here on depends on.
    #[cfg(feature = "mutants")]
    pub(crate) fn digest(&self) -> u64 {
        let tasks = self.executor.pasts();
        let knows = |client: &Client| (client.tab.knows(), client.session.is_some());
        let clients: Vec<_> = self.clients.iter().map(|client| client.as_ref().map(knows)).collect();
        crate::digest::digest((self.world.get().digest(&tasks), clients))
    }

    fn takes_arrivals(&mut self) {
        if self.arrivals.is_empty() {
            return;
        }
        let reentrant = self.world.get().plan.setup.reentrant;
        for (tab, life, arrival) in &self.arrivals {
            let Some(session) = arrival.take() else { continue };
            if let Some(client) = self.clients.get_mut(*tab).and_then(Option::as_mut)
                && client.tab.life == *life
            {
                client.takes(session, reentrant);
            }
        }
    }

    pub(crate) fn acts(&mut self, tab: usize, act: Act, gives_up_ms: Option<u64>) -> Vec<u64> {
        let Some(Some(client)) = self.clients.get_mut(tab) else { return Vec::new() };
        if act == Act::Close {
            client.closes();
            let mut world = self.world.get();
            let clock = world.clock.clone();
            world.trace.line(&clock, tab, || "closes its session".into());
            return Vec::new();
        }
        let life = client.tab.life;
        let mut calls = Vec::new();
        for (call, task, arrival) in client.acts(act) {
            let task = self.executor.spawn(tab, life, crate::digest::digest(format!("{act:?}")), task);
            self.tasks.push((call, task));
            if let Some(arrival) = arrival {
                self.arrivals.push((tab, life, arrival));
            }
            if let Some(ms) = gives_up_ms {
                let mut world = self.world.get();
                let at = world.clock.now() + ms;
                world.schedule(at, Due::GiveUp(call));
            }
            calls.push(call);
        }
        calls
    }

    fn steps(&mut self, index: usize) {
        let step = self.world.get().plan.steps.get(index).cloned();
        match step {
            Some(Step::Act { tab, act, gives_up_ms, .. }) => {
                self.acts(tab, act, gives_up_ms);
            }
            Some(Step::Trouble { from, until, trouble }) => {
                let mut world = self.world.get();
                let clock = world.clock.clone();
                world.trace.world(&clock, || format!("{trouble:?} begins"));
                world.current.insert(index);
                let at = clock.now() + until.saturating_sub(from);
                world.schedule(at, Due::TroubleEnds(index));
            }
            Some(Step::Event { event, .. }) => self.happens(event),
            _ => {}
        }
    }

    fn trouble_ends(&mut self, index: usize) {
        let was_offline = {
            let mut world = self.world.get();
            let clock = world.clock.clone();
            world.trace.world(&clock, || "the trouble ends".into());
            let offline = |world: &World| world.is_troubled(|trouble| *trouble == crate::plan::Trouble::Offline);
            let was = offline(&world);
            world.current.remove(&index);
            was && !offline(&world)
        };
        if was_offline {
            self.everyone(&Signal::Online);
        }
    }

    fn happens(&mut self, event: Event) {
        {
            let mut world = self.world.get();
            let world = &mut *world;
            world.trace.world(&world.clock, || format!("{event:?}"));
            match event {
                Event::Jump(by) => {
                    world.ledger.jumps(world.clock.monotonic());
                    world.clock.jump(by);
                    world.judge.jumped = Some(world.clock.now());
                    world.pace.jumps();
                }
                Event::Sleep { ms, stops_monotonic, stops_wall } => {
                    world.clock.sleep(ms, stops_monotonic, stops_wall);
                    world.judge.now = world.clock.now();
                    if stops_monotonic && !stops_wall {
                        // Notes grow old while the requests they are about stand still.
                        world.judge.jumped = Some(world.clock.now());
                        world.pace.jumps();
                    }
                }
                Event::Eviction => {
                    world.store.clear();
                    world.judge.evicts();
                }
                Event::Restart => world.service.restart(world.clock.server()),
                Event::Revocation => world.service.revoke_all(),
            }
        }
        if matches!(event, Event::Sleep { .. }) {
            self.everyone(&Signal::Resumed);
        }
    }

    fn applies_faults(&mut self) {
        loop {
            let fault = self.world.get().faults.pop_front();
            let Some((tab, fault)) = fault else { return };
            match fault {
                TabFault::Crash { back_ms } => self.crashes(tab, Some(back_ms)),
                TabFault::Freeze(ms) => self.freezes(tab, ms),
                TabFault::Jump(by) => self.happens(Event::Jump(by)),
            }
        }
    }

    pub(crate) fn crashes(&mut self, tab: usize, back_ms: Option<u64>) {
        let Some(client) = self.clients.get_mut(tab).and_then(Option::take) else { return };
        let life = client.tab.life;
        let gone = {
            let mut world = self.world.get();
            let world = &mut *world;
            world.trace.line(&world.clock, tab, || "crashes".into());
            if let Some(state) = world.tabs.get_mut(tab) {
                state.life = 0;
                state.frozen = false;
            }
            world.judge.dies(life);
            let logouts = world.calls.values().filter(|call| call.life == life && call.name == "logout").count();
            (0..logouts).for_each(|_| world.judge.has_signed_out());
            world.calls.retain(|_, call| call.life != life);
            if let Some(ms) = back_ms {
                let at = world.clock.now() + ms;
                world.schedule(at, Due::Restart(tab));
            }
            let spawned = std::mem::take(&mut world.spawned);
            let (gone, stay): (Vec<_>, Vec<_>) = spawned.into_iter().partition(|(_, of, ..)| *of == life);
            world.spawned = stay;
            gone
        };
        // Without the world's lock: what is dropped here talks to the world.
        drop(gone);
        self.executor.crash(tab, life);
        self.arrivals.retain(|(_, of, _)| *of != life);
        drop(client);
    }

    pub(crate) fn restarts(&mut self, tab: usize) {
        let Some(place) = self.clients.get_mut(tab).filter(|client| client.is_none()) else { return };
        *place = Client::new(&self.world, tab);
        self.acts(tab, Act::Restore, None);
    }

    fn freezes(&mut self, tab: usize, ms: u64) {
        let mut world = self.world.get();
        let clock = world.clock.clone();
        let Some(state) = world.tabs.get_mut(tab).filter(|state| state.life > 0 && !state.frozen) else { return };
        state.frozen = true;
        let life = state.life;
        world.judge.freezes(life);
        world.trace.line(&clock, tab, || "is frozen".into());
        world.schedule(clock.now() + ms, Due::Thaw(tab, life));
    }

    fn thaws(&mut self, tab: usize) {
        let inbox = {
            let mut world = self.world.get();
            let clock = world.clock.clone();
            world.trace.line(&clock, tab, || "thaws".into());
            world.thaws(tab)
        };
        if let Some((signals, inbox)) = inbox {
            inbox.iter().for_each(|signal| signals.emit(signal));
        }
    }

    fn signals(&mut self, tab: usize, signal: Signal) {
        let signals = {
            let mut world = self.world.get();
            if let Some(life) = world.tabs.get(tab).map(|tab| tab.life) {
                world.stirs(life);
            }
            if let (Signal::Online, Some(life)) = (&signal, world.tabs.get(tab).map(|tab| tab.life)) {
                // Back online, nobody waits for the rest of a pause that the service has not asked for.
                let now = world.clock.monotonic();
                world.pace.explicit(life, now);
            }
            world.signals(tab, signal.clone())
        };
        if let Some(signals) = signals {
            signals.emit(&signal);
        }
    }

    fn everyone(&mut self, signal: &Signal) {
        for tab in 0..self.clients.len() {
            self.signals(tab, signal.clone());
        }
    }

    /// I8 and I12: all troubles are over.
    fn heals(&mut self) {
        if self.is_over() {
            return;
        }
        let frozen: Vec<usize> = {
            let mut world = self.world.get();
            let clock = world.clock.clone();
            world.trace.world(&clock, || "all troubles are over".into());
            world.troubles_end();
            (0..world.tabs.len()).filter(|tab| world.tabs.get(*tab).is_some_and(|tab| tab.frozen)).collect()
        };
        frozen.into_iter().for_each(|tab| self.thaws(tab));
        self.everyone(&Signal::Online);
        let end = {
            let world = self.world.get();
            let closed = world.pace.closed_until().saturating_sub(world.clock.monotonic());
            // A pause that is noted in the store goes by the wall clock.
            let noted = world.noted_pause().saturating_sub(world.clock.wall());
            world.clock.now() + HEALING_MS + closed.max(noted).min(300_000)
        };
        self.runs_until(end);
        self.last_round();
    }

    pub(crate) fn last_round(&mut self) {
        if self.is_over() {
            return;
        }
        let mut expected = Vec::new();
        for tab in 0..self.clients.len() {
            let act = match self.clients.get(tab) {
                Some(Some(client)) if client.session.is_some() => Act::Tokens(1),
                Some(Some(_)) => Act::Restore,
                _ => continue,
            };
            let saved = self.saves(tab);
            let calls = self.acts(tab, act, None);
            expected.extend(saved.map(|by| (tab, act, calls, by)));
        }
        let end = self.world.get().clock.now() + LAST_ROUND_MS;
        self.runs_until(end);
        for (tab, act, calls, by) in expected {
            let has = self.clients.get(tab).is_some_and(|client| client.as_ref().is_some_and(|c| c.session.is_some()));
            let mut world = self.world.get();
            let failed = calls.iter().any(|call| world.failed.contains(call));
            if (act == Act::Restore && !has) || (act != Act::Restore && failed) {
                world.judge.violate(Invariant::I8, || format!("tab {tab} has no session, but R{by} would save it"));
            }
        }
        self.is_quiet();
    }

    /// The refresh token that would bring this tab's session back.
    fn saves(&self, tab: usize) -> Option<usize> {
        let client = self.clients.get(tab)?.as_ref()?;
        let life = client.tab.life;
        let mut world = self.world.get();
        let stored = world.record().and_then(|record| record.refresh);
        let Some(session) = &client.session else {
            // Who wrote the session and could not list the account, or is gone since, cannot make `restore` find it.
            let is_lost = world.judge.unlisted().is_some_and(|(by, at)| {
                world.judge.failed_since(by, at)
                    || world.judge.gave_login_up(by)
                    || !world.tabs.iter().any(|tab| tab.life == by)
            });
            return stored.filter(|index| !world.judge.evicted && !is_lost && world.is_accepted(*index));
        };
        if session.snapshot().status == Status::SignedOut(SessionOverReason::SignedOut) {
            return None;
        }
        let stored = stored.filter(|index| world.judge.is_of(life, *index, &world.ledger));
        let is_known = world.judge.had_one_session(life) && !world.judge.was_lied_to(life);
        let own = world.judge.held_by(life).filter(|_| is_known);
        let own = own.filter(|own| !world.judge.is_another_over(world.ledger.root(*own)));
        let saves = |index: &usize| !world.judge.is_buried(world.ledger.root(*index)) && world.is_accepted(*index);
        [stored, own].into_iter().flatten().find(saves)
    }

    fn is_quiet(&mut self) {
        for client in self.clients.iter().flatten() {
            let life = client.tab.life;
            let allowed = client.session.as_ref().is_some_and(|session| session.snapshot().status == Status::SignedIn);
            let mut world = self.world.get();
            let timers = world.timers_of(life);
            if world.judge.had_one_session(life) && world.calls.is_empty() && timers > usize::from(allowed) {
                world.judge.violate(Invariant::I12, || format!("tab {} has {timers} timers at rest", client.tab.tab));
            }
        }
    }

    pub(crate) fn finish(mut self) -> Outcome {
        self.executor.clear();
        self.clients.clear();
        let (spawned, violation, trace) = {
            let mut world = self.world.get();
            let spawned = std::mem::take(&mut world.spawned);
            (spawned, world.judge.violation.take(), world.trace.take())
        };
        drop(spawned);
        Outcome { violation, trace }
    }
}

impl World {
    pub(crate) fn checks_deadlines(&mut self) {
        if let Some(call) = self.overdue() {
            let (name, tab) = (call.name, call.tab);
            self.judge.violate(Invariant::I7, || format!("{name} in tab {tab} has not ended by its deadline"));
        }
    }
}

#[cfg(feature = "mutants")]
fn rested() -> bool {
    playerlink::simulation::rested()
}

#[cfg(not(feature = "mutants"))]
const fn rested() -> bool {
    false
}
