//! Timers and locks of the hosts that keep their own clock: the engine's and the simulated one.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A host's monotonic clock, and who waits for it or for a lock.
#[derive(Default)]
pub(crate) struct Waiting {
    pub(super) monotonic: u64,
    timers: BTreeMap<(u64, u64), Waker>,
    next_timer: u64,
    locks: Vec<Held>,
}

struct Held {
    name: String,
    waiting: Vec<Waker>,
}

/// A host that has one. Clones are the same host.
pub(crate) trait Waits: Clone {
    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T;
}

impl Waiting {
    /// Sets the clock and wakes what waited for the time that has passed; whoever is woken must not come back here at
    /// once.
    pub(super) fn move_to(&mut self, monotonic: u64) {
        self.monotonic = monotonic;
        while let Some(entry) = self.timers.first_entry() {
            if entry.key().0 > monotonic {
                break;
            }
            entry.remove().wake();
        }
    }

    /// When the first timer rings, on the monotonic clock.
    pub(super) fn next(&self) -> Option<u64> {
        self.timers.first_key_value().map(|((at, _), _)| *at)
    }

    /// All that waits for a time, to be dropped where the host is not locked.
    #[cfg_attr(not(feature = "ffi"), allow(dead_code))]
    pub(super) fn take_timers(&mut self) -> impl Sized + use<> {
        std::mem::take(&mut self.timers)
    }
}

/// Ready so many milliseconds from now.
pub(super) fn sleep<H: Waits>(host: &H, ms: u64) -> Timer<H> {
    let at = host.with(|waiting| waiting.monotonic.saturating_add(ms));
    Timer { host: host.clone(), at, id: None }
}

/// The lock of that name, once nobody else has it.
pub(super) fn lock<'a, H: Waits>(host: &'a H, name: &'a str) -> Acquire<'a, H> {
    Acquire { host, name }
}

pub(super) struct Timer<H: Waits> {
    host: H,
    at: u64,
    id: Option<u64>,
}

impl<H: Waits + Unpin> Future for Timer<H> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { host, at, id } = self.get_mut();
        host.with(|waiting| {
            if waiting.monotonic >= *at {
                return Poll::Ready(());
            }
            let id = *id.get_or_insert_with(|| {
                waiting.next_timer += 1;
                waiting.next_timer
            });
            waiting.timers.insert((*at, id), context.waker().clone());
            Poll::Pending
        })
    }
}

impl<H: Waits> Drop for Timer<H> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.host.with(|waiting| waiting.timers.remove(&(self.at, id)));
        }
    }
}

pub(super) struct Acquire<'a, H> {
    host: &'a H,
    name: &'a str,
}

impl<H: Waits> Future for Acquire<'_, H> {
    type Output = NamedLock<H>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<NamedLock<H>> {
        self.host.with(|waiting| match waiting.locks.iter_mut().find(|lock| lock.name == self.name) {
            Some(held) => {
                held.waiting.push(context.waker().clone());
                Poll::Pending
            }
            None => {
                waiting.locks.push(Held { name: self.name.to_owned(), waiting: Vec::new() });
                Poll::Ready(NamedLock { host: self.host.clone(), name: self.name.to_owned() })
            }
        })
    }
}

/// A lock among the sessions of one host; given back when dropped.
pub(crate) struct NamedLock<H: Waits> {
    host: H,
    name: String,
}

impl<H: Waits> Drop for NamedLock<H> {
    fn drop(&mut self) {
        let waiting = self.host.with(|waiting| {
            let at = waiting.locks.iter().position(|lock| lock.name == self.name);
            at.map(|at| waiting.locks.swap_remove(at).waiting)
        });
        waiting.into_iter().flatten().for_each(Waker::wake);
    }
}
