//! The allocator of the library (feature `ffi-allocator`): the game's, if it gives one, else the system's. All memory is
//! wiped when it is freed, so that no copy of a token outlives its use, whoever made it.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU8, Ordering};
use std::alloc::System;

use super::input::{self, UserData};
use super::refusal::{Fallible, Refusal};
use super::result::playerlink_result;
use super::types::{playerlink_alloc_fn, playerlink_allocator, playerlink_free_fn};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

struct Allocator;

/// Nothing was allocated yet.
const UNUSED: u8 = 0;
/// The system's, for good.
const SYSTEM: u8 = 1;
/// The game's is being put in place.
const CHANGING: u8 = 2;
/// The game's, for good.
const GAME: u8 = 3;

static WHOSE: AtomicU8 = AtomicU8::new(UNUSED);
static GAMES: Games =
    Games(UnsafeCell::new(Hooks { user_data: UserData(core::ptr::null_mut()), alloc: None, free: None }));

struct Games(UnsafeCell<Hooks>);

#[derive(Clone, Copy)]
struct Hooks {
    user_data: UserData,
    alloc: playerlink_alloc_fn,
    free: playerlink_free_fn,
}

// SAFETY: written once, by whoever changes `WHOSE` from `UNUSED` to `CHANGING`; read only after it has become `GAME`.
unsafe impl Sync for Games {}

/// # Safety
/// As [`input::read`]; the functions are what their types say.
pub(super) unsafe fn set(from: *const playerlink_allocator) -> Fallible<playerlink_result> {
    // SAFETY: the caller's word.
    let given = unsafe { input::read(from) }?;
    input::is_zero(given.reserved)?;
    if given.alloc.is_none() || given.free.is_none() {
        return Err(Refusal::null("an allocator needs both, `alloc` and `free`"));
    }
    if WHOSE.compare_exchange(UNUSED, CHANGING, Ordering::Acquire, Ordering::Relaxed).is_err() {
        return Err(Refusal::state("memory is in use already; set the allocator before anything else"));
    }
    // SAFETY: only one caller comes here, and nobody reads before the next line.
    unsafe { *GAMES.0.get() = Hooks { user_data: UserData(given.user_data), alloc: given.alloc, free: given.free } };
    WHOSE.store(GAME, Ordering::Release);
    Ok(playerlink_result::PLAYERLINK_OK)
}

/// The game's, if it is to be used.
fn games() -> Option<Hooks> {
    loop {
        match WHOSE.load(Ordering::Acquire) {
            // SAFETY: it was written before `WHOSE`, and is never written again.
            GAME => return Some(unsafe { *GAMES.0.get() }),
            SYSTEM => return None,
            CHANGING => core::hint::spin_loop(),
            _ => {
                let _ = WHOSE.compare_exchange(UNUSED, SYSTEM, Ordering::Acquire, Ordering::Relaxed);
            }
        }
    }
}

// SAFETY: hands out what the system or the game hands out, and gives it back to the same; which of them it is never
// changes once anything was allocated. Growing and shrinking is a new block, and the old one is wiped (the default).
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match games() {
            Some(Hooks { alloc: Some(alloc), user_data, .. }) => {
                // SAFETY: the game's word.
                unsafe { alloc(user_data.0, layout.size(), layout.align()).cast() }
            }
            // SAFETY: the caller's word.
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the block is still ours, all of it.
        unsafe { ptr.write_bytes(0, layout.size()) };
        // What nobody reads any more would not be written.
        core::hint::black_box(ptr);
        match games() {
            Some(Hooks { free: Some(free), user_data, .. }) => {
                // SAFETY: the game's word; the block came from it.
                unsafe { free(user_data.0, ptr.cast(), layout.size(), layout.align()) };
            }
            // SAFETY: the caller's word; the block came from the system.
            _ => unsafe { System.dealloc(ptr, layout) },
        }
    }
}
