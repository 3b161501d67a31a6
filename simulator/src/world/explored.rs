//! What an explorer asks of the world.

use super::{Lock, World};

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

    /// Everything that what happens from here on depends on.
    pub(crate) fn digest(&mut self) -> u64 {
        let now = self.clock.server();
        let texts: Vec<String> = self.ledger.refresh.iter().map(|token| token.text.clone()).collect();
        let accepted: Vec<bool> = texts.iter().map(|text| self.service.accepts(now, text)).collect();
        let tokens: Vec<_> = self.ledger.refresh.iter().map(|token| (token.parent, token.replaced)).collect();
        let name = |id: &u64| self.ops.get(id).map(|op| (op.tab, op.life, op.nth, op.stage, op.reply.is_some()));
        let lock = |(key, lock): (&String, &Lock)| {
            let waiting: Vec<_> = lock.waiting.iter().map(name).collect();
            (key.clone(), lock.holder.map(|holder| holder.1), waiting)
        };
        let tabs: Vec<_> = self.tabs.iter().map(|tab| (tab.life, tab.history, tab.calls)).collect();
        let mut enabled: Vec<_> = self.enabled.iter().map(name).collect();
        enabled.sort_unstable();
        let messages: Vec<String> = self.messages.iter().map(|message| format!("{message:?}")).collect();
        let locks: Vec<_> = self.locks.iter().map(lock).collect();
        let calls: Vec<_> = self.calls.values().map(|call| (call.tab, call.life, call.name)).collect();
        let known = (self.ledger.access.len(), self.judge.digest());
        crate::explore::digest(((accepted, tokens, tabs, enabled), (messages, locks, calls, known), &self.store, now))
    }
}
