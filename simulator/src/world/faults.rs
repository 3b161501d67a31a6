//! What the plan has against a tab's calls to its host, and the troubles of the moment.

use super::{Ask, Due, World};
use crate::plan::{SendFault, Step, StoreFault, Trouble};

impl World {
    pub(crate) fn is_troubled(&self, is: impl Fn(&Trouble) -> bool) -> bool {
        self.trouble(|trouble| is(trouble).then_some(())).is_some()
    }

    pub(super) fn trouble<T>(&self, pick: impl Fn(&Trouble) -> Option<T>) -> Option<T> {
        self.current.iter().find_map(|index| match self.plan.steps.get(*index) {
            Some(Step::Trouble { trouble, .. }) => pick(trouble),
            _ => None,
        })
    }

    /// Counts the tab's calls to its host and finds what the plan has against this one.
    pub(super) fn faults_of(&mut self, tab: usize, ask: &Ask) -> (u64, Option<StoreFault>, Option<SendFault>) {
        if matches!(ask, Ask::Sleep) {
            return (0, None, None);
        }
        let Some(state) = self.tabs.get_mut(tab) else { return (0, None, None) };
        state.calls += 1;
        let nth = state.calls;
        if !self.troubled {
            return (nth, None, None);
        }
        let (mut store_fault, mut send_fault) = (None, None);
        match ask {
            Ask::Load(_) | Ask::Swap { .. } => {
                state.stores += 1;
                let count = state.stores;
                store_fault = self.plan.steps.iter().find_map(|step| match step {
                    Step::OnStore { tab: at, nth, fault } if (*at, *nth) == (tab, count) => Some(*fault),
                    _ => None,
                });
            }
            Ask::Send(..) => {
                state.sends += 1;
                let count = state.sends;
                send_fault = self.plan.steps.iter().find_map(|step| match step {
                    Step::OnSend { tab: at, nth, fault } if (*at, *nth) == (tab, count) => Some(*fault),
                    _ => None,
                });
            }
            Ask::Lock(_) | Ask::Sleep => {}
        }
        self.tab_faults(tab, nth, false);
        (nth, store_fault, send_fault)
    }

    pub(super) fn tab_faults(&mut self, tab: usize, count: u64, is_after: bool) {
        for step in &self.plan.steps {
            if let Step::OnCall { tab: at, nth, after, fault } = step
                && (*at, *nth, *after) == (tab, count, is_after)
            {
                self.faults.push_back((tab, *fault));
            }
        }
    }

    /// From now on counts begin, and so do the troubles.
    pub(crate) fn troubles_begin(&mut self) {
        self.troubled = true;
        for tab in &mut self.tabs {
            (tab.calls, tab.stores, tab.sends) = (0, 0, 0);
        }
    }

    pub(crate) fn troubles_end(&mut self) {
        self.troubled = false;
        self.current.clear();
        self.agenda.retain(|_, due| !matches!(due, Due::Step(_) | Due::TroubleEnds(_)));
    }
}
