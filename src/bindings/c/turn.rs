//! Whose turn it is: one tick at a time, and no callback after destroy.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::refusal::{Fallible, Refusal};
use super::result::playerlink_result;

#[derive(Default)]
pub(super) struct Turn {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    /// The thread that ticks.
    holder: Option<usize>,
    ended: bool,
}

/// Held by a tick.
pub(super) struct Held<'a>(&'a Turn);

impl Turn {
    pub(super) fn enter(&self) -> Fallible<Held<'_>> {
        let mut state = self.state();
        if state.ended {
            return Err(Refusal::bad_handle());
        }
        if state.holder.is_some() {
            let text = "tick in a callback, or on two threads at once";
            return Err(Refusal::new(playerlink_result::PLAYERLINK_E_REENTRANT, text));
        }
        state.holder = Some(this_thread());
        Ok(Held(self))
    }

    /// Ends it for good. Waits for the tick of another thread; one of this thread is further up the stack, and stops when
    /// its callback comes back.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        let me = this_thread();
        while state.holder.is_some_and(|holder| holder != me) {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.state().ended
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.state().holder = None;
        self.0.left.notify_all();
    }
}

/// A number that no other living thread has. The standard library's own would allocate and leave a destructor behind in
/// threads that are not ours.
fn this_thread() -> usize {
    thread_local! {
        static MARK: u8 = const { 0 };
    }
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}
