//! The simulator itself: it repeats, and it sees what is wrong.

use simulator::{Plan, play};

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
