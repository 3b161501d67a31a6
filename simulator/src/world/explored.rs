//! What an explorer asks of the world, and what the world keeps for it: how far each task has come, which is all that a
//! task was ever told and what its session knew then.

#[cfg(feature = "mutants")]
use std::collections::BTreeMap;

#[cfg(feature = "mutants")]
use super::Lock;
use super::World;
use crate::digest::digest;
#[cfg(feature = "mutants")]
use crate::digest::{of_ask, of_told};
#[cfg(feature = "mutants")]
use crate::executor::Past;

impl World {
    /// What the task that runs is told becomes part of its past.
    pub(crate) fn remember(&mut self, what: impl std::hash::Hash) {
        if self.explored
            && let Some((_, past)) = &mut self.running
        {
            *past = digest((*past, what));
        }
    }
}

#[cfg(feature = "mutants")]
impl World {
    /// Rings the first timer, whenever that is, with all others of that moment.
    pub(crate) fn rings_next(&mut self) -> bool {
        let Some(((due, _), _)) = self.timers.first_key_value() else { return false };
        let at = self.clock.when(*due);
        self.advance(at);
        while let Some(((due, _), _)) = self.timers.first_key_value()
            && *due <= self.clock.monotonic()
        {
            let Some((_, op)) = self.timers.pop_first() else { break };
            self.rings(op);
        }
        true
    }

    /// The answers that are on their way and can be lost.
    pub(crate) fn answers_under_way(&self) -> Vec<u64> {
        let under_way = |id: &&u64| self.ops.get(id).is_some_and(|op| op.reply.is_some());
        self.enabled.iter().filter(under_way).copied().collect()
    }

    /// Everything that what happens from here on depends on, and what is to be said of it. Tasks are named by their past,
    /// operations by their task.
    pub(crate) fn digest(&mut self, tasks: &BTreeMap<u64, Past>) -> u64 {
        let now = self.clock.server();
        let lives: Vec<u32> = self.tabs.iter().map(|tab| tab.life).collect();
        let name = |id: &u64| {
            let op = self.ops.get(id)?;
            let reply = op.reply.as_ref().map(|reply| match reply {
                Ok(response) => digest((response.status, &response.body)),
                Err(error) => digest(error.kind as u8),
            });
            let told = op.told.as_ref().map(of_told);
            Some(digest((tasks.get(&op.task), of_ask(&op.ask), op.stage, reply, told)))
        };
        let lock = |(key, lock): (&String, &Lock)| {
            let waiting: Vec<_> = lock.waiting.iter().map(name).collect();
            (key.clone(), lock.holder.map(|(_, (tab, life, _))| (tab, life)), waiting)
        };
        let locks: Vec<_> = self.locks.iter().map(lock).collect();
        let tab = |id: &u64| self.ops.get(id).map(|op| op.tab);
        let mut timers: Vec<_> = self.timers.iter().map(|((due, _), id)| (*due, tab(id), name(id))).collect();
        // Of one moment, in each tab in its order; between tabs there is none.
        timers.sort_by_key(|(due, tab, _)| (*due, *tab));
        let mut ops: Vec<_> = self.ops.keys().map(|id| (name(id), self.enabled.contains(id))).collect();
        ops.sort_unstable();
        let mut pasts: Vec<Past> = tasks.values().copied().collect();
        pasts.sort_unstable();
        let messages: Vec<String> = self.messages.iter().map(|message| format!("{message:?}")).collect();
        let mut calls: Vec<_> =
            self.calls.values().map(|call| (call.tab, call.life, call.name, call.started)).collect();
        calls.sort_unstable();
        let known = (self.judge.digest(&lives), self.ledger.digest(&lives), self.pace.digest(&lives));
        let texts: Vec<String> = self.ledger.refresh.iter().map(|token| token.text.clone()).collect();
        let accepted: Vec<bool> = texts.iter().map(|text| self.service.accepts(now, text)).collect();
        digest(((locks, timers, ops, pasts), (messages, calls, known, accepted), (&self.store, now, lives)))
    }
}
