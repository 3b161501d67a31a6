//! Runs the code of the tabs, one task at a time and in a fixed order: first woken, first run.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Whose task it is, and its past.
pub(crate) type Past = (usize, u32, u64);

pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

type Queue = Arc<Mutex<VecDeque<u64>>>;

#[derive(Default)]
pub(crate) struct Executor {
    tasks: BTreeMap<u64, Entry>,
    ready: Queue,
    next: u64,
}

struct Entry {
    tab: usize,
    life: u32,
    /// For an explorer: all it was ever told.
    past: u64,
    task: Task,
    waker: Waker,
}

struct Bell {
    id: u64,
    queue: Queue,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if !queue.contains(&self.id) {
            queue.push_back(self.id);
        }
    }
}

impl Executor {
    pub(crate) fn spawn(&mut self, tab: usize, life: u32, past: u64, task: Task) -> u64 {
        self.next += 1;
        let id = self.next;
        let waker = Waker::from(Arc::new(Bell { id, queue: self.ready.clone() }));
        self.tasks.insert(id, Entry { tab, life, past, task, waker: waker.clone() });
        waker.wake();
        id
    }

    /// The next task that can go on and whose tab is not frozen.
    pub(crate) fn next(&self, frozen: impl Fn(usize) -> bool) -> Option<u64> {
        let mut queue = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = &self.tasks;
        queue.retain(|id| tasks.contains_key(id));
        let runs = |id: &u64| tasks.get(id).is_some_and(|entry| !frozen(entry.tab));
        queue.iter().position(runs).and_then(|at| queue.remove(at))
    }

    pub(crate) fn poll(&mut self, id: u64) {
        let Some(entry) = self.tasks.get_mut(&id) else { return };
        let waker = entry.waker.clone();
        if let Poll::Ready(()) = entry.task.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.tasks.remove(&id);
        }
    }

    /// Whose task it is, and its past.
    pub(crate) fn past(&self, id: u64) -> Option<Past> {
        self.tasks.get(&id).map(|entry| (entry.tab, entry.life, entry.past))
    }

    pub(crate) fn remember(&mut self, id: u64, past: u64) {
        if let Some(entry) = self.tasks.get_mut(&id) {
            entry.past = past;
        }
    }

    #[cfg(feature = "mutants")]
    pub(crate) fn pasts(&self) -> BTreeMap<u64, Past> {
        self.tasks.iter().map(|(id, entry)| (*id, (entry.tab, entry.life, entry.past))).collect()
    }

    /// Takes one task away unfinished.
    pub(crate) fn cancel(&mut self, id: u64) -> bool {
        self.tasks.remove(&id).is_some()
    }

    /// Takes all tasks of a client away unfinished.
    pub(crate) fn crash(&mut self, tab: usize, life: u32) {
        let gone: Vec<u64> =
            self.tasks.iter().filter(|(_, entry)| entry.tab == tab && entry.life == life).map(|(id, _)| *id).collect();
        for id in gone {
            self.tasks.remove(&id);
        }
    }

    /// Ends everything.
    pub(crate) fn clear(&mut self) {
        while let Some((id, _)) = self.tasks.first_key_value() {
            let id = *id;
            self.tasks.remove(&id);
        }
    }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}
