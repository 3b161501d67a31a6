//! The tasks of an engine's host. A waker does nothing but put its task's number onto a list.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

use crate::host::Boxed;

/// Which task; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskId(u64);

#[derive(Default)]
pub(super) struct Tasks {
    set: Mutex<Set>,
    woken: Arc<Woken>,
    last_id: AtomicU64,
}

#[derive(Default)]
struct Set {
    tasks: Vec<Task>,
    closed: bool,
}

struct Task {
    id: TaskId,
    /// `None` while it is being polled.
    work: Option<Boxed<'static, ()>>,
    alarm: Arc<Alarm>,
    aborted: bool,
}

/// Those to be polled, in order.
#[derive(Default)]
struct Woken(Mutex<VecDeque<TaskId>>);

struct Alarm {
    id: TaskId,
    is_woken: AtomicBool,
    woken: Arc<Woken>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            self.woken.list().push_back(self.id);
        }
    }
}

impl Woken {
    fn list(&self) -> MutexGuard<'_, VecDeque<TaskId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tasks {
    pub(super) fn begin(&self, work: Boxed<'static, ()>) -> TaskId {
        let id = TaskId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1);
        let alarm = Arc::new(Alarm { id, is_woken: AtomicBool::new(false), woken: self.woken.clone() });
        let refused = {
            let mut set = self.set();
            if set.closed {
                Some(work)
            } else {
                set.tasks.push(Task { id, work: Some(work), alarm: alarm.clone(), aborted: false });
                None
            }
        };
        // What is dropped may begin other work, which comes here again.
        drop(refused);
        alarm.wake_by_ref();
        id
    }

    pub(super) fn has_woken(&self) -> bool {
        !self.woken.list().is_empty()
    }

    /// Polls those woken until now, once each; whom they wake comes the next time.
    pub(super) fn run_woken(&self) -> bool {
        let count = self.woken.list().len();
        for _ in 0..count {
            let Some(id) = self.woken.list().pop_front() else { break };
            let taken = {
                let mut set = self.set();
                set.tasks.iter_mut().find(|task| task.id == id).and_then(|task| {
                    task.alarm.is_woken.store(false, Ordering::Release);
                    Some((task.work.take()?, task.alarm.clone()))
                })
            };
            let Some((mut work, alarm)) = taken else { continue };
            let waker = Waker::from(alarm);
            let is_pending = work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending();
            let ended = {
                let mut set = self.set();
                match set.tasks.iter().position(|task| task.id == id) {
                    Some(at) => match set.tasks.get_mut(at) {
                        Some(task) if is_pending && !task.aborted => {
                            task.work = Some(work);
                            None
                        }
                        _ => {
                            set.tasks.swap_remove(at);
                            Some(work)
                        }
                    },
                    None => Some(work),
                }
            };
            drop(ended);
        }
        count > 0
    }

    pub(super) fn abort(&self, id: TaskId) {
        let aborted = {
            let mut set = self.set();
            let Some(at) = set.tasks.iter().position(|task| task.id == id) else { return };
            match set.tasks.get_mut(at) {
                Some(task) if task.work.is_none() => {
                    task.aborted = true;
                    None
                }
                _ => Some(set.tasks.swap_remove(at)),
            }
        };
        drop(aborted);
    }

    /// Drops all tasks, and those begun from now on.
    pub(super) fn close(&self) {
        let tasks = {
            let mut set = self.set();
            set.closed = true;
            std::mem::take(&mut set.tasks)
        };
        drop(tasks);
        self.woken.list().clear();
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
