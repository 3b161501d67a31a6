//! What a host tells the sessions between their calls: the network or the window is back, another tab changed a record.

use crate::guarded::{Guard, Guarded};
use std::sync::{Arc, Weak};

/// Something happened that a session wants to know at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The system says that there is a network again.
    Online,
    /// The window is visible again, the page came back from the cache, or the machine woke.
    Resumed,
    /// Another tab or process changed a record: what [`Host::broadcast`](super::Host::broadcast) was given there.
    Changed {
        /// The store key of the record.
        key: String,
        /// Its generation now.
        generation: u64,
    },
}

/// Who is told of a signal. It may be called from any thread and does nothing but take a note.
#[cfg(not(target_family = "wasm"))]
pub type SignalListener = Arc<dyn Fn(&Signal) + Send + Sync>;
/// Who is told of a signal. It does nothing but take a note.
#[cfg(target_family = "wasm")]
pub type SignalListener = Arc<dyn Fn(&Signal)>;

#[cfg(not(target_family = "wasm"))]
type Stop = Box<dyn FnOnce() + Send + Sync>;
#[cfg(target_family = "wasm")]
type Stop = Box<dyn FnOnce()>;

/// Keeps a listener told until dropped.
#[must_use = "the listener is told nothing any more when this is dropped"]
pub struct Listening(Option<Stop>);

impl Listening {
    /// With what ends it.
    #[cfg(not(target_family = "wasm"))]
    pub fn until(stop: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(stop)))
    }

    /// With what ends it.
    #[cfg(target_family = "wasm")]
    pub fn until(stop: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(stop)))
    }

    /// For a host that never has anything to tell.
    pub fn to_nothing() -> Self {
        Self(None)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            stop();
        }
    }
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listening")
    }
}

/// The listeners of one host: what [`Host::listen`](super::Host::listen) can be made of. Clones are the same list.
#[derive(Clone, Default)]
pub struct Signals(Arc<Guarded<Vec<(u64, SignalListener)>>>);

impl Signals {
    /// Tells all listeners, in the order they came.
    pub fn emit(&self, signal: &Signal) {
        let listeners: Vec<SignalListener> = lock(&self.0).iter().map(|(_, listener)| listener.clone()).collect();
        for listener in listeners {
            listener(signal);
        }
    }

    /// Adds a listener.
    pub fn listen(&self, listener: SignalListener) -> Listening {
        let id = {
            let mut listeners = lock(&self.0);
            let id = listeners.last().map_or(0, |(last, _)| last.wrapping_add(1));
            listeners.push((id, listener));
            id
        };
        let list = Arc::downgrade(&self.0);
        Listening::until(move || forget(&list, id))
    }

    /// How many listen now.
    pub fn listening(&self) -> usize {
        lock(&self.0).len()
    }
}

impl std::fmt::Debug for Signals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signals")
    }
}

fn forget(list: &Weak<Guarded<Vec<(u64, SignalListener)>>>, id: u64) {
    let Some(list) = list.upgrade() else { return };
    let mut listeners = lock(&list);
    let at = listeners.iter().position(|(other, _)| *other == id);
    let removed = at.map(|at| listeners.remove(at));
    // A listener may own what comes here again when it goes.
    drop(listeners);
    drop(removed);
}

fn lock<T>(list: &Guarded<T>) -> Guard<'_, T> {
    list.lock()
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_listener_hears_what_happens_until_its_guard_is_dropped() {
        let signals = Signals::default();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = |name: &'static str| -> SignalListener {
            let heard = heard.clone();
            Arc::new(move |signal: &Signal| heard.lock().unwrap().push((name, signal.clone())))
        };
        let first = signals.listen(ear("first"));
        let second = signals.listen(ear("second"));
        signals.emit(&Signal::Online);
        drop(first);
        let third = signals.listen(ear("third"));
        signals.emit(&Signal::Resumed);
        drop((second, third));
        signals.emit(&Signal::Online);
        let expected = [
            ("first", Signal::Online),
            ("second", Signal::Online),
            ("second", Signal::Resumed),
            ("third", Signal::Resumed),
        ];
        assert_eq!(*heard.lock().unwrap(), expected);
        assert_eq!(signals.listening(), 0);
    }
}
