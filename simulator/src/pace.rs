//! How often tabs ask the service for a refresh, and look into the store: the budgets of I9 and I15.

use std::collections::BTreeMap;

use crate::clock::Clock;

const WINDOW_MS: u64 = 10_000;
const FAILURES: usize = 4;
const STORM_MS: u64 = 5_000;
const SUCCESSES: usize = 3;
/// How often a tab may look into the store within a window when nothing happens to it: it may be waiting for another
/// tab's refresh, with four looks a second.
const LOOKS: usize = 48;
/// The same when its session is over: a sign-out looks while others write.
const LAST_LOOKS: usize = 16;
/// How many more it may for each thing that happens to it or that it does.
const LOOKS_EACH: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct Pace(BTreeMap<u32, Log>);

/// One client's refreshes.
#[derive(Debug, Default)]
struct Log {
    /// When the ones ended that failed, and the ones that did not.
    failed: Vec<u64>,
    succeeded: Vec<u64>,
    /// When one ended without an answer.
    unclear: Vec<u64>,
    /// When somebody asked for a refresh by name, or did something that needs one, or the network came back, by the
    /// machine's monotonic clock: it goes on waiting where it stood after a sleep.
    explicit: Vec<u64>,
    /// The service asked to be left alone until then, by the machine's monotonic clock.
    closed_until: u64,
    /// The login whose refresh was answered so.
    told_of: Option<usize>,
    /// The wall clock was set since, by which the note of that in the store goes.
    jumped: bool,
    /// Nobody has a session here since the last one was closed.
    is_closed: bool,
    /// The same of a session that was there before.
    was_closed_until: u64,
    /// When its session opened, by the machine's monotonic clock.
    opened: u64,
    /// Its session was over when it last looked into the store.
    is_over: bool,
    /// When it looked into the store, and when something happened to it: a call, a message, a request.
    looks: Vec<u64>,
    stirs: Vec<u64>,
}

/// How a refresh has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// When it left, by the machine's monotonic clock.
    pub(crate) asked: u64,
    /// The login it was of.
    pub(crate) root: Option<usize>,
    pub(crate) success: bool,
    /// With an answer, so that the same tab need not ask what became of it.
    pub(crate) clear: bool,
    /// For how long the service asked to be left alone, in milliseconds.
    pub(crate) wait: Option<u64>,
}

impl Pace {
    pub(crate) fn explicit(&mut self, life: u32, monotonic: u64) {
        self.0.entry(life).or_default().explicit.push(monotonic);
    }

    /// A new session in that tab owes nothing; what was asked of the one before may still be under way, and what the
    /// service asked of it noted in the store.
    pub(crate) fn forgets(&mut self, life: u32, monotonic: u64) {
        if let Some(log) = self.0.get_mut(&life) {
            let was_closed_until = log.closed_until.max(log.was_closed_until);
            let Log { explicit, looks, stirs, .. } = std::mem::take(log);
            *log = Log { was_closed_until, opened: monotonic, explicit, looks, stirs, ..Log::default() };
        }
    }

    /// A client's session is closed.
    pub(crate) fn closes(&mut self, life: u32) {
        self.0.entry(life).or_default().is_closed = true;
    }

    /// The wall clock is set, or goes on without the other.
    pub(crate) fn jumps(&mut self) {
        self.0.values_mut().for_each(|log| log.jumped = true);
    }

    /// A refresh of the login `root` leaves; answers what is wrong with that. `single`: the client has had one session.
    pub(crate) fn sends(&mut self, life: u32, now: u64, monotonic: u64, root: usize, single: bool) -> Option<String> {
        let log = self.0.entry(life).or_default();
        // What a session is told that another login has replaced in its tab, or that is closed, is for the next one what
        // the store says of it, by the wall clock.
        let is_anothers = !single && log.told_of.is_some_and(|told| told != root);
        let is_forgotten = log.is_closed && log.jumped;
        if monotonic < log.closed_until && !is_anothers && !is_forgotten {
            return Some(format!("sends a refresh {} ms before Retry-After is over", log.closed_until - monotonic));
        }
        let within = |list: &[u64], ms: u64| list.iter().rev().take_while(|at| **at + ms > now).count();
        let asked = log.explicit.iter().rev().take_while(|at| **at + 2 * WINDOW_MS > monotonic).count();
        let failed = within(&log.failed, WINDOW_MS);
        // What became of one may be asked once at once (R19).
        let replay = within(&log.unclear, WINDOW_MS).min(1);
        if failed >= FAILURES + asked + replay {
            return Some(format!("sends its refresh number {} within 10 s of failures", failed + 1));
        }
        let succeeded = within(&log.succeeded, STORM_MS);
        // A change of player can take one before and one after it.
        if succeeded >= SUCCESSES + 2 * asked {
            return Some(format!("sends refresh number {} within 5 s, though all worked", succeeded + 1));
        }
        None
    }

    /// A refresh has ended.
    pub(crate) fn ends(&mut self, life: u32, clock: &Clock, ended: &Ended) {
        let Ended { asked, root, success, clear, wait } = *ended;
        if success {
            // It answers again: what it asked for before is over, for all.
            self.0.values_mut().for_each(|log| (log.closed_until, log.was_closed_until) = (0, 0));
        }
        let log = self.0.entry(life).or_default();
        if success { &mut log.succeeded } else { &mut log.failed }.push(clock.now());
        if !clear {
            log.unclear.push(clock.now());
        }
        if let Some(wait) = wait {
            // What the session before was told, the new one reads in the store if at all.
            let closed = if asked < log.opened { &mut log.was_closed_until } else { &mut log.closed_until };
            *closed = (*closed).max(clock.monotonic().saturating_add(wait));
            (log.told_of, log.jumped) = (root, false);
        }
    }

    /// Something happens to a client, or it does something that may need a look into the store.
    pub(crate) fn stirs(&mut self, life: u32, now: u64) {
        self.0.entry(life).or_default().stirs.push(now);
    }

    /// A client looks into the store; answers what is wrong with that.
    pub(crate) fn looks(&mut self, life: u32, now: u64, monotonic: u64, is_over: bool) -> Option<String> {
        let log = self.0.entry(life).or_default();
        // What it did before its end was not too much then.
        if is_over && !std::mem::replace(&mut log.is_over, is_over) {
            log.looks.clear();
        }
        log.is_over = is_over;
        log.looks.retain(|at| at + WINDOW_MS > now);
        log.stirs.retain(|at| at + 2 * WINDOW_MS > now);
        log.looks.push(now);
        // A session that was there before may be waiting still.
        let sessions = if log.opened + 2 * WINDOW_MS > monotonic && log.opened > 0 { 2 } else { 1 };
        let allowed = if is_over { LAST_LOOKS } else { LOOKS * sessions } + LOOKS_EACH * log.stirs.len();
        let over = if is_over { ", though its session is over" } else { "" };
        (log.looks.len() > allowed).then(|| format!("looks into the store {} times in 10 s{over}", log.looks.len()))
    }

    /// What these clients may still do.
    #[cfg(feature = "mutants")]
    pub(crate) fn digest(&self, lives: &[u32]) -> u64 {
        let of = |log: &Log| {
            crate::digest::digest((&log.failed, &log.succeeded, &log.unclear, &log.explicit, log.closed_until))
        };
        let alive = self.0.iter().filter(|(life, _)| lives.contains(life));
        crate::digest::digest(alive.map(|(life, log)| (life, of(log))).collect::<Vec<_>>())
    }

    /// Until when the service asked anyone to leave it alone.
    pub(crate) fn closed_until(&self) -> u64 {
        self.0.values().map(|log| log.closed_until.max(log.was_closed_until)).max().unwrap_or(0)
    }
}
