//! Makes a failing plan small: leaves out steps and tabs for as long as the same invariant still does not hold.

use crate::judge::Invariant;
use crate::plan::{Plan, Step};
use crate::runner::play;

/// The most worlds that are played for one failure.
const TRIES: usize = 2_000;

/// A plan that breaks the same invariant with as little as possible.
pub fn shrink(plan: &Plan, invariant: Invariant) -> Plan {
    shrink_while(plan, |plan| play(plan, false).violation.is_some_and(|violation| violation.invariant == invariant))
}

fn shrink_while(plan: &Plan, fails: impl Fn(&Plan) -> bool) -> Plan {
    let mut small = Shrinking { plan: plan.clone(), fails, tries: 0 };
    loop {
        let before = small.plan.clone();
        small.leaves_out_steps();
        small.leaves_out_tabs();
        small.makes_calm();
        if small.plan == before || small.tries >= TRIES {
            return small.plan;
        }
    }
}

struct Shrinking<F> {
    plan: Plan,
    fails: F,
    tries: usize,
}

impl<F: Fn(&Plan) -> bool> Shrinking<F> {
    /// Keeps a smaller plan if it fails as well.
    fn keeps(&mut self, plan: Plan) -> bool {
        if self.tries >= TRIES || plan == self.plan {
            return false;
        }
        self.tries += 1;
        let fails = (self.fails)(&plan);
        if fails {
            self.plan = plan;
        }
        fails
    }

    /// Delta debugging: halves first, then single steps.
    fn leaves_out_steps(&mut self) {
        let mut size = self.plan.steps.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < self.plan.steps.len() {
                let mut fewer = self.plan.clone();
                let end = (at + size).min(fewer.steps.len());
                fewer.steps.drain(at..end);
                if !self.keeps(fewer) {
                    at += size;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    fn leaves_out_tabs(&mut self) {
        while self.plan.setup.tabs > 1 {
            let mut fewer = self.plan.clone();
            fewer.setup.tabs -= 1;
            let last = fewer.setup.tabs;
            fewer.steps.retain(|step| tab_of(step) != Some(last));
            if !self.keeps(fewer) {
                return;
            }
        }
    }

    fn makes_calm(&mut self) {
        let changes: [fn(&mut Plan); 7] = [
            |plan| plan.setup.skew_ms = 0,
            |plan| plan.setup.drift_ppm = 0,
            |plan| plan.setup.reentrant = false,
            |plan| plan.setup.lost_messages = 0,
            |plan| plan.setup.atomic = true,
            |plan| plan.setup.locks = true,
            |plan| {
                for step in &mut plan.steps {
                    if let Step::Act { gives_up_ms, .. } = step {
                        *gives_up_ms = None;
                    }
                }
            },
        ];
        for change in changes {
            let mut calmer = self.plan.clone();
            change(&mut calmer);
            self.keeps(calmer);
        }
    }
}

fn tab_of(step: &Step) -> Option<usize> {
    match step {
        Step::Act { tab, .. } | Step::OnCall { tab, .. } | Step::OnStore { tab, .. } | Step::OnSend { tab, .. } => {
            Some(*tab)
        }
        Step::Trouble { .. } | Step::Event { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Act, Event};

    #[test]
    fn what_a_failure_does_not_need_is_left_out() {
        let revocation = Step::Event { at: 7, event: Event::Revocation };
        let logout = Step::Act { at: 9, tab: 1, act: Act::Logout, gives_up_ms: Some(3) };
        let mut plan = Plan::of_seed(5);
        plan.setup.tabs = 4;
        plan.steps.insert(3, revocation.clone());
        plan.steps.insert(1, logout);
        let fails = |plan: &Plan| {
            let is_logout = |step: &Step| matches!(step, Step::Act { tab: 1, act: Act::Logout, .. });
            plan.setup.tabs >= 2 && plan.steps.contains(&revocation) && plan.steps.iter().any(is_logout)
        };
        assert!(fails(&plan));
        let small = shrink_while(&plan, fails);
        assert_eq!(small.steps.len(), 2, "{:?}", small.steps);
        assert_eq!((small.setup.tabs, small.setup.skew_ms, small.setup.drift_ppm), (2, 0, 0));
        assert!(small.steps.contains(&Step::Act { at: 9, tab: 1, act: Act::Logout, gives_up_ms: None }));
    }
}
