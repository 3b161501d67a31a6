//! Every interleaving of a small world. Futures cannot be copied, so a path is a list of choices and every branch is
//! played from the beginning. A state that was seen before is not followed again: two states are the same when a digest
//! says so of all that what comes depends on (see `World::digest`).

use std::collections::{HashMap, HashSet};

use emulator::rallyhere::Rotation;

use crate::digest::digest;
use crate::judge::Violation;
use crate::plan::{Act, Plan, Setup};
use crate::runner::{Outcome, Runner};
use crate::world::{Due, World};

/// What can happen in a small world: each at most once, at any moment, in every order.
#[derive(Clone, Debug)]
pub struct Scope {
    pub rotation: Rotation,
    pub locks: bool,
    /// What is done, and in which tab.
    pub acts: Vec<(usize, Act)>,
    /// Tabs of which one may crash, once; it comes back at any moment after.
    pub crashes: Vec<usize>,
    /// Whether one answer may be lost.
    pub loses_answer: bool,
    /// Whether messages between the tabs may arrive, at any moment or never; else all are lost.
    pub messages: bool,
}

/// How long after the acts began time may still move to the next timer by choice, in milliseconds.
const HORIZON_MS: u64 = 25_000;
const TTL_S: u64 = 60;

/// What an exploration came to.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    /// Different states in which there was a choice.
    pub states: usize,
    /// Paths that were played, each from the beginning.
    pub paths: usize,
    /// Paths that went to the end; the others met a state seen before.
    pub ends: usize,
    /// The most choices on a path.
    pub depth: usize,
    /// The first invariant that did not hold, and the choices that lead there.
    pub violation: Option<(Violation, Vec<u16>)>,
    /// Whether everything was explored, not only what the limit allowed.
    pub complete: bool,
}

#[derive(Clone, Debug)]
enum Choice {
    Op(u64),
    Message(usize),
    Act(usize),
    Crash(usize),
    Restart(usize),
    Lose(u64),
    Ring,
}

/// Explores a scope, up to so many paths.
pub fn explore(scope: &Scope, most_paths: usize) -> Explored {
    let mut explored = Explored::default();
    let mut seen = HashSet::new();
    let mut stack: Vec<Vec<u16>> = vec![Vec::new()];
    while let Some(prefix) = stack.pop() {
        if explored.paths == most_paths {
            return explored;
        }
        explored.paths += 1;
        let mut path = Path::new(scope, false);
        let mut taken = Vec::with_capacity(prefix.len() + 16);
        for choice in &prefix {
            path.takes(*choice);
            taken.push(*choice);
        }
        let ended = loop {
            path.runner.settles();
            let choices = if path.runner.is_over() { Vec::new() } else { path.choices() };
            if choices.is_empty() {
                break path.runner.is_over() || seen.insert(path.digest());
            }
            if choices.len() > 1 {
                if !seen.insert(path.digest()) {
                    break false;
                }
                for other in (1..choices.len()).rev() {
                    let mut branch = taken.clone();
                    branch.extend(u16::try_from(other));
                    stack.push(branch);
                }
            }
            path.does(choices.first().cloned());
            taken.push(0);
        };
        explored.depth = explored.depth.max(taken.len());
        if ended {
            explored.ends += 1;
            if let Some(violation) = path.finish().violation {
                explored.states = seen.len();
                explored.violation = Some((violation, taken));
                return explored;
            }
        } else {
            path.runner.finish();
        }
    }
    explored.states = seen.len();
    explored.complete = true;
    explored
}

/// Looks at some of the pairs of paths that came to the same state: what can happen next must come to the same states as
/// well. Answers how many pairs were compared, or what two paths differ in that should not.
///
/// # Errors
/// When two states that count as one have different futures.
pub fn compare_merged(scope: &Scope, most_paths: usize, every: usize) -> Result<usize, String> {
    let mut first: HashMap<u64, Vec<u16>> = HashMap::new();
    let mut stack: Vec<Vec<u16>> = vec![Vec::new()];
    let (mut met, mut compared) = (0, 0);
    for _ in 0..most_paths {
        let Some(mut taken) = stack.pop() else { break };
        let mut path = Path::at(scope, &taken);
        loop {
            let choices = path.choices();
            if choices.is_empty() || path.runner.is_over() {
                break;
            }
            if let Some(other) = first.insert(path.digest(), taken.clone()) {
                met += 1;
                if met % every == 0 {
                    compared += 1;
                    if futures(scope, &taken) != futures(scope, &other) {
                        return Err(format!("{taken:?} and {other:?} are not the same"));
                    }
                }
                break;
            }
            stack.extend((1..choices.len()).rev().filter_map(|at| {
                let mut branch = taken.clone();
                branch.push(u16::try_from(at).ok()?);
                Some(branch)
            }));
            path.does(choices.first().cloned());
            path.runner.settles();
            taken.push(0);
        }
        path.runner.finish();
    }
    Ok(compared)
}

/// The states that can be next, in no order.
fn futures(scope: &Scope, taken: &[u16]) -> Vec<u64> {
    let path = Path::at(scope, taken);
    let choices = path.choices();
    path.runner.finish();
    let mut next = Vec::new();
    for choice in 0..choices.len() {
        let mut path = Path::at(scope, taken);
        path.does(path.choices().get(choice).cloned());
        path.runner.settles();
        next.push(path.digest());
        path.runner.finish();
    }
    next.sort_unstable();
    next
}

/// Plays one path with its trace.
pub fn replay(scope: &Scope, choices: &[u16]) -> Outcome {
    let mut path = Path::new(scope, true);
    for choice in choices {
        path.takes(*choice);
    }
    path.runner.settles();
    path.finish()
}

/// One path through a small world.
struct Path {
    runner: Runner,
    acts: Vec<(usize, Act)>,
    crashes: Vec<usize>,
    down: Option<usize>,
    loses_answer: bool,
    messages: bool,
    end: u64,
}

impl Path {
    fn new(scope: &Scope, traced: bool) -> Self {
        let setup = Setup {
            tabs: 2,
            rotation: scope.rotation,
            ttl_s: TTL_S,
            locks: scope.locks,
            atomic: true,
            skew_ms: 0,
            drift_ppm: 0,
            lost_messages: 0,
            reentrant: false,
            length_ms: 0,
        };
        let mut world = World::new(Plan { seed: 1, setup, steps: Vec::new() }, traced);
        world.even = true;
        let mut runner = Runner::new(world);
        runner.sets_up();
        let end = {
            let mut world = runner.world.get();
            // Both tabs sleep past the token's end; their own timers have stood still.
            world.clock.sleep((TTL_S + 5) * 1_000, true, false);
            world.explored = true;
            world.clock.now() + HORIZON_MS
        };
        Self {
            runner,
            acts: scope.acts.clone(),
            crashes: scope.crashes.clone(),
            down: None,
            loses_answer: scope.loses_answer,
            messages: scope.messages,
            end,
        }
    }

    /// The world after these choices.
    fn at(scope: &Scope, taken: &[u16]) -> Self {
        let mut path = Self::new(scope, false);
        taken.iter().for_each(|choice| path.takes(*choice));
        path.runner.settles();
        path
    }

    /// What can happen next, in a fixed order; nothing when the path is at its end.
    fn choices(&self) -> Vec<Choice> {
        let world = self.runner.world.get();
        let mut choices: Vec<Choice> = world.enabled.iter().map(|op| Choice::Op(*op)).collect();
        let busy = !choices.is_empty();
        if self.messages {
            choices.extend((0..world.messages.len()).map(Choice::Message));
        }
        choices.extend(self.down.map(Choice::Restart));
        let up = |tab: &usize| self.down != Some(*tab);
        choices.extend(
            (0..self.acts.len()).filter(|at| self.acts.get(*at).is_some_and(|(tab, _)| up(tab))).map(Choice::Act),
        );
        let waits = !world.calls.is_empty();
        let idle = choices.is_empty() && world.clock.now() < self.end;
        if !busy && (waits || idle) && world.has_timers() {
            choices.push(Choice::Ring);
        }
        if choices.is_empty() {
            return choices;
        }
        choices.extend(self.crashes.iter().map(|tab| Choice::Crash(*tab)));
        if self.loses_answer {
            choices.extend(world.answers_under_way().into_iter().map(Choice::Lose));
        }
        choices
    }

    fn takes(&mut self, choice: u16) {
        self.runner.settles();
        let choice = self.choices().get(usize::from(choice)).cloned();
        self.does(choice);
    }

    fn does(&mut self, choice: Option<Choice>) {
        match choice {
            Some(Choice::Op(id)) => {
                let mut world = self.runner.world.get();
                world.enabled.remove(&id);
                world.execute(id);
            }
            Some(Choice::Message(at)) => {
                let message = self.runner.world.get().messages.remove(at);
                self.runner.does(message);
            }
            Some(Choice::Act(at)) => {
                let (tab, act) = self.acts.remove(at);
                self.runner.acts(tab, act, None);
            }
            Some(Choice::Crash(tab)) => {
                self.crashes.clear();
                self.acts.retain(|(of, act)| *of != tab || *act != Act::Logout);
                self.down = Some(tab);
                self.runner.crashes(tab, None);
            }
            Some(Choice::Restart(tab)) => {
                self.down = None;
                self.runner.restarts(tab);
            }
            Some(Choice::Lose(id)) => {
                self.loses_answer = false;
                let mut world = self.runner.world.get();
                let clock = world.clock.clone();
                world.trace.world(&clock, || "an answer is lost".into());
                world.lost(id, false);
            }
            Some(Choice::Ring) => {
                let mut world = self.runner.world.get();
                // A message that has not come by now does not come.
                world.messages.clear();
                world.rings_next();
                world.checks_deadlines();
            }
            None => {}
        }
    }

    fn digest(&self) -> u64 {
        let acts: Vec<String> = self.acts.iter().map(|act| format!("{act:?}")).collect();
        digest((self.runner.digest(), acts, &self.crashes, self.down, self.loses_answer))
    }

    fn finish(mut self) -> Outcome {
        {
            let mut world = self.runner.world.get();
            world.explored = false;
            world.messages.clear();
        }
        if let Some(tab) = self.down {
            self.runner.does(Due::Restart(tab));
        }
        self.runner.last_round();
        self.runner.finish()
    }
}
