//! Runs the core's futures: each task at the next microtask after it was woken. wasm-bindgen-futures does the same and
//! weighs more, for stack switching and for engines without `queueMicrotask`.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use wasm_bindgen::prelude::*;

use crate::host::Boxed;

#[wasm_bindgen]
extern "C" {
    /// Calls `run` at the next microtask.
    #[wasm_bindgen(js_namespace = host)]
    fn wake();
}

struct Task {
    /// Never used again: a waker may outlive its task.
    id: u32,
    work: Boxed<'static, ()>,
    waker: Waker,
}

struct Tasks {
    last_id: Cell<u32>,
    /// All but the one that is running.
    waiting: RefCell<Vec<Task>>,
    /// Those to be run, in order.
    woken: RefCell<Vec<u32>>,
    /// Whether a microtask is on its way.
    queued: Cell<bool>,
}

/// The skin numbers its calls from 1 on.
const FIRST_OWN_ID: u32 = 1 << 31;

thread_local! {
    static TASKS: Tasks = const {
        Tasks {
            last_id: Cell::new(FIRST_OWN_ID),
            waiting: RefCell::new(Vec::new()),
            woken: RefCell::new(Vec::new()),
            queued: Cell::new(false),
        }
    };
}

/// Runs `work` to its end, from the next microtask on.
pub(crate) fn spawn(work: Boxed<'static, ()>) {
    run_as(next_id(), work);
}

/// A number that is no call's.
pub(crate) fn next_id() -> u32 {
    TASKS.with(|tasks| {
        let id = tasks.last_id.get().wrapping_add(1) | FIRST_OWN_ID;
        tasks.last_id.set(id);
        id
    })
}

/// The same as the task of that number, by which it can be cancelled.
pub(super) fn run_as(id: u32, work: Boxed<'static, ()>) {
    TASKS.with(|tasks| {
        tasks.waiting.borrow_mut().push(Task { id, work, waker: Waker::from(Arc::new(Alarm(id))) });
        tasks.wake(id);
    });
}

/// Drops the task of that number, unless it has ended. Not while it runs.
pub(super) fn cancel(id: u32) {
    drop(TASKS.with(|tasks| tasks.take(id)));
}

/// Wakes one task.
struct Alarm(u32);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        TASKS.with(|tasks| tasks.wake(self.0));
    }
}

impl Tasks {
    fn wake(&self, id: u32) {
        let mut woken = self.woken.borrow_mut();
        if woken.iter().all(|other| *other != id) {
            woken.push(id);
        }
        if !self.queued.replace(true) {
            wake();
        }
    }

    #[inline(never)]
    fn take(&self, id: u32) -> Option<Task> {
        let mut waiting = self.waiting.borrow_mut();
        let at = waiting.iter().position(|task| task.id == id)?;
        Some(waiting.swap_remove(at))
    }
}

/// Runs those woken until now; whom they wake comes at the next microtask. One is taken out at a time: should
/// JavaScript throw through a task, the others stay.
#[wasm_bindgen]
pub fn run() {
    TASKS.with(|tasks| {
        tasks.queued.set(false);
        let count = tasks.woken.borrow().len();
        for _ in 0..count {
            let id = tasks.woken.borrow_mut().remove(0);
            let Some(mut task) = tasks.take(id) else { continue };
            if task.work.as_mut().poll(&mut Context::from_waker(&task.waker)).is_pending() {
                tasks.waiting.borrow_mut().push(task);
            }
        }
    });
}
