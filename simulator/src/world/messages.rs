//! What tabs are told without asking: another tab's message, the network back, the machine awake.

use playerlink::host::{Signal, Signals};

use super::{Due, World};
use crate::dice::at_place;

impl World {
    pub(crate) fn broadcasts(&mut self, from: usize, life: u32, key: &str, generation: u64) {
        self.judge.check_public("a message", key);
        if !self.lives(from, life) {
            return;
        }
        self.trace.line(&self.clock, from, || format!("tells the others of generation {generation}"));
        let setup = (self.plan.setup.lost_messages, self.plan.seed);
        for tab in 0..self.tabs.len() {
            let draw = at_place(setup.1, [from as u64, tab as u64, generation]);
            if tab != from && draw % 100 >= setup.0 {
                let due = Due::Message { tab, key: key.to_owned(), generation };
                if self.explored {
                    self.messages.push(due);
                    continue;
                }
                self.schedule(self.clock.now() + draw / 100 % 50, due);
            }
        }
    }

    /// A signal for a tab; a frozen one gets it when it thaws.
    pub(crate) fn signals(&mut self, tab: usize, signal: Signal) -> Option<Signals> {
        let state = self.tabs.get_mut(tab)?;
        if state.frozen {
            state.inbox.push(signal);
            return None;
        }
        Some(state.signals.clone())
    }

    pub(crate) fn thaws(&mut self, tab: usize) -> Option<(Signals, Vec<Signal>)> {
        let state = self.tabs.get_mut(tab)?;
        state.frozen = false;
        let mut inbox = std::mem::take(&mut state.inbox);
        inbox.push(Signal::Resumed);
        Some((state.signals.clone(), inbox))
    }
}
