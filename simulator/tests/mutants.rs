//! Planted bugs, from their discovery to their smallest traces. A program of its own: the switch is the process's.
#![cfg(feature = "mutants")]

use playerlink::simulation::{Mutant, plant};
use simulator::{Invariant, Plan, play, shrink};

#[test]
fn planted_bugs_are_found_made_small_and_found_again() {
    for (mutant, invariant) in [(Mutant::DropReread, Invariant::I3), (Mutant::Restless, Invariant::I15)] {
        plant(Some(mutant));
        let found = (0..300).map(Plan::of_seed).find_map(|plan| {
            let violation = play(&plan, false).violation?;
            (violation.invariant == invariant).then_some(plan)
        });
        let plan = found.expect("three hundred seeds are enough");
        let small = shrink(&plan, invariant);
        assert!(small.steps.len() <= plan.steps.len());
        assert_eq!(play(&small, true).violation.expect("it still fails").invariant, invariant);
        plant(None);
        assert_eq!(play(&small, false).violation, None, "and nothing else is wrong with it");
    }
}
