//! The one door to the world: everything that needs a socket, a clock, randomness, storage or a lock goes through
//! [`Host`]. Nothing in here knows a service.

use std::future::Future;
use std::pin::Pin;

use crate::http::{Request, Response};

#[cfg(all(feature = "ffi", not(feature = "server")))]
pub(crate) mod engine;
#[cfg(all(feature = "native", not(all(target_family = "wasm", target_os = "unknown"))))]
mod native;
mod signals;
#[cfg(feature = "sim")]
mod sim;
#[cfg(all(feature = "native", not(all(target_family = "wasm", target_os = "unknown"))))]
mod stores;
#[cfg(any(feature = "sim", all(feature = "ffi", not(feature = "server"))))]
mod waiting;
#[cfg(all(feature = "web", target_family = "wasm", target_os = "unknown"))]
pub(crate) mod web;

#[cfg(all(feature = "native", not(all(target_family = "wasm", target_os = "unknown"))))]
pub use native::{NativeHost, NativeLock};
pub use signals::{Listening, Signal, SignalListener, Signals};
#[cfg(feature = "sim")]
pub use sim::{SimHost, SimLock, SimReply};
#[cfg(all(feature = "keyring", not(all(target_family = "wasm", target_os = "unknown"))))]
pub use stores::KeyringStore;
#[cfg(all(feature = "native", not(all(target_family = "wasm", target_os = "unknown"))))]
pub use stores::{
    FileStore, KeyValue, KeyValueStore, MemoryStore, SessionStore, StoreFuture, StoreLock, from_key_value,
};

/// `Send` everywhere but in WebAssembly, where a host may hold JavaScript values.
#[cfg(not(target_family = "wasm"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_family = "wasm"))]
impl<T: Send + ?Sized> MaybeSend for T {}
/// `Send` everywhere but in WebAssembly, where a host may hold JavaScript values.
#[cfg(target_family = "wasm")]
pub trait MaybeSend {}
#[cfg(target_family = "wasm")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync` everywhere but in WebAssembly.
#[cfg(not(target_family = "wasm"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_family = "wasm"))]
impl<T: Sync + ?Sized> MaybeSync for T {}
/// `Sync` everywhere but in WebAssembly.
#[cfg(target_family = "wasm")]
pub trait MaybeSync {}
#[cfg(target_family = "wasm")]
impl<T: ?Sized> MaybeSync for T {}

/// A future on the heap. Used where one is awaited in many places: nested by value it would be compiled into each.
#[cfg(not(target_family = "wasm"))]
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A future on the heap. Used where one is awaited in many places: nested by value it would be compiled into each.
#[cfg(target_family = "wasm")]
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What playerlink needs from the world. `NativeHost`, the browser bindings and [`SimHost`] are the ready ones; an own
/// one is an `impl` of this trait.
///
/// The core never blocks, never starts a thread, and reads no clock but [`now`](Host::now) and
/// [`monotonic`](Host::monotonic).
pub trait Host: MaybeSend + MaybeSync + 'static {
    /// Sends one request and reads the whole answer. Follows no redirect (a 3xx comes back as it is, or as
    /// [`TransportErrorKind::Redirect`] where the platform hides it), ends at [`Request::timeout_ms`] counted over
    /// headers and body, and refuses a body over [`crate::http::MAX_BODY`] bytes. Dropping the future aborts it.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>> + MaybeSend;

    /// Waits. Must never keep a process alive by itself.
    fn sleep(&self, ms: u64) -> impl Future<Output = ()> + MaybeSend;

    /// Wall clock, milliseconds since 1970 UTC. May jump and may be wrong.
    fn now(&self) -> u64;

    /// Milliseconds from any fixed point; never goes back. May stand still while the machine sleeps.
    fn monotonic(&self) -> u64;

    /// Fills `out` from the system's secure random source.
    fn random(&self, out: &mut [u8]) -> Result<(), HostError>;

    /// Runs a future to its end even when nobody waits for it: a rotation outlives the caller who gave up.
    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static);

    /// Reads what is stored under `key`.
    fn load(&self, key: &str) -> impl Future<Output = Result<Option<String>, HostError>> + MaybeSend;

    /// Replaces what is stored under `key` if it still is `expected` (`None`: nothing), atomically; `next = None`
    /// removes it. Answers whether it did.
    fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        next: Option<&str>,
    ) -> impl Future<Output = Result<bool, HostError>> + MaybeSend;

    /// Whether what is stored outlives the tab or program. May become `false` when the store gives up on the disk.
    fn is_durable(&self) -> bool {
        true
    }

    /// What holds a lock of [`lock`](Self::lock): dropping it gives the lock back. `()` for a host without locks.
    type Lock: MaybeSend;

    /// Takes the lock of that name, shared by all tabs or processes that share the store, as soon as it is free. Nobody
    /// is ever robbed of it; whoever does not want to wait any longer drops the future. `None` where there are no locks:
    /// the session then keeps others off by a note in the store.
    fn lock(&self, name: &str) -> impl Future<Output = Option<Self::Lock>> + MaybeSend;

    /// Tells the other tabs or processes that the record under `key` has a new generation. Never a token.
    fn broadcast(&self, key: &str, generation: u64) {
        let _ = (key, generation);
    }

    /// Tells `listener` what happens outside, until what is returned is dropped. [`Signals`] does the book-keeping.
    fn listen(&self, listener: SignalListener) -> Listening {
        let _ = listener;
        Listening::to_nothing()
    }

    /// `false` only when the system says that there is no network.
    fn is_online(&self) -> bool {
        true
    }

    /// A line for the developer's log. `fields` never hold a secret.
    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        let _ = (level, event, fields);
    }
}

/// How urgent a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Steps of normal work.
    Debug,
    /// Things that happened once.
    Info,
    /// Worked around, but worth a look.
    Warn,
    /// A defect in the set-up.
    Error,
}

impl LogLevel {
    /// `debug`, `info`, `warn` or `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportErrorKind {
    /// Refused, reset, DNS, TLS, offline, CORS.
    Network,
    /// Not complete at [`Request::timeout_ms`].
    Timeout,
    /// A body over [`crate::http::MAX_BODY`] bytes.
    BodyTooLarge,
    /// A redirect that the platform would not show.
    Redirect,
    /// The connection ended inside the body.
    Truncated,
    /// The host's set-up does not allow it, e.g. no TLS roots on this machine.
    Unusable,
}

/// No answer: the kind, and a text for developers without any URL or secret.
#[derive(Clone, Debug)]
pub struct TransportError {
    /// Why.
    pub kind: TransportErrorKind,
    /// In words.
    pub message: String,
}

impl TransportError {
    /// Makes one; `message` must hold neither URL nor secret.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// The store or the random source failed.
#[derive(Clone, Debug)]
pub struct HostError(pub String);
