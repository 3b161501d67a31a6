//! Memory: nothing stays behind, nothing grows, and a tick that has nothing to do allocates nothing.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, reason = "test code")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use native_abi::*;

struct Counting;

static LIVE: AtomicI64 = AtomicI64::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);
static MADE: AtomicU64 = AtomicU64::new(0);

// SAFETY: hands everything to the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size() as i64, Ordering::Relaxed);
        MADE.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
        BYTES.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn live() -> (i64, i64) {
    (LIVE.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed))
}

/// One test, since the counters are of the whole process.
#[test]
fn memory_is_given_back_does_not_grow_and_is_left_alone_without_work() {
    a_thousand_cycles_leave_nothing_behind();
    a_day_of_frames_does_not_grow();
    a_tick_with_nothing_to_do_allocates_nothing();
    a_client_is_small();
}

/// Create, sign in, refresh or abandon, destroy.
fn cycle(abandon: bool) {
    let mut game = Game::rallyhere();
    game.signed_in();
    if abandon {
        game.answers(|_| Reply::Hangs);
    }
    game.refresh();
    game.settle();
    game.destroy();
}

fn a_thousand_cycles_leave_nothing_behind() {
    let rounds = if cfg!(miri) { 3 } else { 1000 };
    for round in 0..10 {
        cycle(round % 2 == 0);
    }
    let before = live();
    for round in 0..rounds {
        cycle(round % 2 == 0);
    }
    assert_eq!(live(), before, "live blocks and bytes");
}

fn a_day_of_frames_does_not_grow() {
    let mut game = Game::rallyhere();
    game.signed_in();
    let mut tokens = 0;
    game.answers(move |_| {
        tokens += 1;
        // All of one length, so that bytes can be compared.
        Reply::json(200, &rallyhere_login("p-1", &format!("at-{tokens:08}")))
    });
    let hours = |game: &mut Game, hours: u64| {
        for _ in 0..hours {
            game.pass(3_600_000);
            let mut world = game.world();
            // What the test itself keeps.
            (world.sent, world.done, world.stored, world.lines) = Default::default();
            (world.cancelled, world.ended) = (Vec::new(), world.ended.clone());
        }
    };
    hours(&mut game, if cfg!(miri) { 1 } else { 6 });
    let before = live();
    hours(&mut game, if cfg!(miri) { 1 } else { 24 });
    let after = live();
    assert!((after.0 - before.0).abs() <= 8, "blocks: {before:?}, then {after:?}");
    assert!((after.1 - before.1).abs() <= 4096, "bytes: {before:?}, then {after:?}");
}

fn a_tick_with_nothing_to_do_allocates_nothing() {
    let mut game = Game::rallyhere();
    game.signed_in();
    game.settle();
    let (mut now, mut wait) = (game.now, 0);
    let before = MADE.load(Ordering::Relaxed);
    for _ in 0..1000 {
        now += 1;
        let result = unsafe { playerlink_client_tick(game.client, now, 1_767_225_600_000, &raw mut wait) };
        assert_eq!(result, PLAYERLINK_OK);
    }
    assert_eq!(MADE.load(Ordering::Relaxed) - before, 0);
}

fn a_client_is_small() {
    let count = if cfg!(miri) { 10 } else { 1_000 };
    drop(Game::rallyhere());
    let before = live();
    let mut games: Vec<Game> = (0..count).map(|_| Game::rallyhere()).collect();
    for game in &mut games {
        game.signed_in();
        let mut world = game.world();
        (world.sent, world.done, world.stored, world.lines) = Default::default();
        (world.disk, world.script) = Default::default();
    }
    let bytes = (live().1 - before.1) / count;
    // The test's own part is in it.
    assert!(bytes < 16 * 1024, "{bytes} bytes for each signed-in client");
    println!("{bytes} bytes for each signed-in client, the test's own part included");
}
