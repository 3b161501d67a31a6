//! Runs the core's futures: each task at the next microtask after it was woken. wasm-bindgen-futures does the same and
//! weighs more, for stack switching and for engines without `queueMicrotask`.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use wasm_bindgen::prelude::*;

use crate::host::Boxed;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(run: &Run);
}

/// Of the type that `JsFuture` has, so that both share their way in.
type Run = Closure<dyn FnMut(JsValue) -> Result<(), JsError>>;

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
    run: OnceCell<Run>,
}

thread_local! {
    static TASKS: Tasks = const {
        Tasks {
            last_id: Cell::new(0),
            waiting: RefCell::new(Vec::new()),
            woken: RefCell::new(Vec::new()),
            queued: Cell::new(false),
            run: OnceCell::new(),
        }
    };
}

/// Runs `work` to its end, from the next microtask on.
pub(crate) fn spawn(work: Boxed<'static, ()>) {
    TASKS.with(|tasks| {
        let id = tasks.last_id.get().wrapping_add(1);
        tasks.last_id.set(id);
        tasks.waiting.borrow_mut().push(Task { id, work, waker: Waker::from(Arc::new(Alarm(id))) });
        tasks.wake(id);
    });
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
            queue_microtask(self.run.get_or_init(|| {
                Closure::new(|_| {
                    TASKS.with(Self::run);
                    Ok(())
                })
            }));
        }
    }

    /// Those woken until now; whom they wake comes at the next microtask. One is taken out at a time: should
    /// JavaScript throw through a task, the others stay.
    fn run(&self) {
        self.queued.set(false);
        let count = self.woken.borrow().len();
        for _ in 0..count {
            let task = {
                let id = self.woken.borrow_mut().remove(0);
                let mut waiting = self.waiting.borrow_mut();
                let at = waiting.iter().position(|task| task.id == id);
                at.map(|at| waiting.swap_remove(at))
            };
            let Some(mut task) = task else { continue };
            if task.work.as_mut().poll(&mut Context::from_waker(&task.waker)).is_pending() {
                self.waiting.borrow_mut().push(task);
            }
        }
    }
}
