//! Every order of a small world.
#![cfg(feature = "mutants")]

use emulator::rallyhere::Rotation;
use simulator::{Act, Scope, compare_merged, explore};

#[test]
fn both_tabs_at_one_expiry_are_right_in_every_order() {
    for rotation in [Rotation::Reusable, Rotation::Strict, Rotation::Grace(30)] {
        let scope = Scope {
            rotation,
            locks: true,
            acts: vec![(0, Act::Tokens(1)), (1, Act::Refresh)],
            crashes: Vec::new(),
            loses_answer: true,
            messages: false,
        };
        let explored = explore(&scope, 10_000);
        assert!(explored.complete && explored.states > 20, "{explored:?}");
        assert_eq!(explored.violation, None);
    }
}

#[test]
fn states_that_count_as_one_have_the_same_futures() {
    for messages in [false, true] {
        let scope = Scope {
            rotation: Rotation::Strict,
            locks: true,
            acts: vec![(0, Act::Tokens(1)), (1, Act::Refresh), (1, Act::Logout)],
            crashes: vec![0, 1],
            loses_answer: true,
            messages,
        };
        let compared = compare_merged(&scope, 3_000, 20).expect("no two of them differ");
        assert!(compared > 10, "{compared}");
    }
}
