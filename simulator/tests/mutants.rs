//! A planted bug, from its discovery to its smallest trace. A program of its own: the switch is the process's.
#![cfg(feature = "mutants")]

use playerlink::simulation::{Mutant, plant};
use simulator::{Plan, play, shrink};

#[test]
fn a_planted_bug_is_found_made_small_and_found_again() {
    plant(Some(Mutant::DropReread));
    let found = (0..100).map(Plan::of_seed).find_map(|plan| Some((play(&plan, false).violation?, plan)));
    let (violation, plan) = found.expect("a hundred seeds are enough");
    let small = shrink(&plan, violation.invariant);
    assert!(small.steps.len() <= plan.steps.len());
    assert_eq!(play(&small, true).violation.expect("it still fails").invariant, violation.invariant);
    plant(None);
    assert_eq!(play(&small, false).violation, None, "and nothing else is wrong with it");
}
