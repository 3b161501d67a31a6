//! The simulator itself: it repeats, and it sees what is wrong.

use emulator::rallyhere::Rotation;
use simulator::{Act, Plan, Scope, explore, play};

#[test]
fn the_same_seed_gives_the_same_trace_byte_for_byte() {
    for seed in 0..40 {
        let (one, two) = (play(&Plan::of_seed(seed), true), play(&Plan::of_seed(seed), true));
        assert!(!one.trace.is_empty());
        assert_eq!(one.trace.join("\n"), two.trace.join("\n"), "seed {seed}");
    }
    assert_ne!(play(&Plan::of_seed(1), true).trace, play(&Plan::of_seed(2), true).trace);
}

#[test]
fn the_trace_changes_nothing() {
    for seed in 0..40 {
        let (seen, unseen) = (play(&Plan::of_seed(seed), true), play(&Plan::of_seed(seed), false));
        assert_eq!(seen.violation, unseen.violation, "seed {seed}");
    }
}

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
