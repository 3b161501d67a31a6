//! Where a native program keeps its sessions: what a store has to do, and the ready ones. Browsers and Node have theirs
//! in the npm package's skin.

mod file;
mod key_value;
#[cfg(feature = "keyring")]
mod keyring;
mod memory;

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::HostError;

pub use file::FileStore;
pub use key_value::{KeyValue, KeyValueStore, from_key_value};
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use memory::MemoryStore;

/// What a store answers with, later.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, HostError>> + Send + 'a>>;

/// Where sessions are kept: text by key. [`MemoryStore`], [`FileStore`] and (feature `keyring`) `KeyringStore` are the
/// ready ones, [`from_key_value`] makes one of get, set and remove; give it to `NativeHost::store`.
///
/// What is stored holds the refresh token, so a store of your own should be as private as the platform allows. Keys hold
/// the account's id, are of any length, and may differ in case only. The futures are polled inside the host's tokio
/// runtime. A session waits 2 s for each and then goes on in memory; the future is dropped, and what it has not yet
/// written should then stay unwritten.
///
/// ```
/// use playerlink::host::{HostError, NativeHost, SessionStore, StoreFuture};
/// # struct Database;
/// # impl Database {
/// #     async fn text_of(&self, _: &str) -> Result<Option<String>, std::io::Error> { Ok(None) }
/// #     async fn update_if(&self, _: &str, _: Option<&str>, _: Option<&str>) -> Result<bool, std::io::Error> { Ok(true) }
/// # }
/// struct InDatabase(Database);
///
/// impl SessionStore for InDatabase {
///     fn load<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
///         Box::pin(async move { self.0.text_of(key).await.map_err(|error| HostError(error.kind().to_string())) })
///     }
///
///     // One statement: UPDATE … SET text = next WHERE key = key AND text = expected.
///     fn compare_and_swap<'a>(
///         &'a self,
///         key: &'a str,
///         expected: Option<&'a str>,
///         next: Option<&'a str>,
///     ) -> StoreFuture<'a, bool> {
///         Box::pin(async move {
///             self.0.update_if(key, expected, next).await.map_err(|error| HostError(error.kind().to_string()))
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> playerlink::Result<()> {
/// let host = NativeHost::new()?.store(InDatabase(Database));
/// # Ok(())
/// # }
/// ```
pub trait SessionStore: Send + Sync + 'static {
    /// Reads what is stored under `key`.
    fn load<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>>;

    /// Sets `key` to `next` (`None`: removes it) if it still is `expected` (`None`: nothing), atomically, also against
    /// other programs that use the same store; says whether it was. That is what lets two programs share one session
    /// without losing a refresh token.
    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> StoreFuture<'a, bool>;

    /// Takes the lock of that name against other programs that use the same store, as soon as it is free. Whoever does
    /// not want to wait any longer drops the future. `None`, the default, where there are no locks: sessions then keep
    /// each other off by a note in the record, which costs a write more for each refresh.
    fn lock<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<StoreLock>> {
        let _ = name;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Whether what is stored outlives the program.
    fn is_durable(&self) -> bool {
        true
    }
}

/// A lock of a [`SessionStore`]; given back when dropped.
pub struct StoreLock(#[allow(dead_code, reason = "held for its drop")] Option<Box<dyn Any + Send>>);

impl StoreLock {
    /// Without anything: for a store that no other program uses.
    pub fn nobody_else() -> Self {
        Self(None)
    }

    /// With what holds it.
    pub fn new(held: impl Any + Send) -> Self {
        Self(Some(Box::new(held)))
    }
}

impl std::fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreLock")
    }
}

/// A name for `key` that any file system and keychain takes: keys may be long, and differ in nothing but case. FNV-1a
/// with 128 bits.
fn name_of(key: &str) -> String {
    let mut hash: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    for byte in key.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
    }
    format!("{hash:032x}")
}

/// Work that may block, on the runtime's threads for that.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HostError> + Send + 'static,
) -> Result<T, HostError> {
    let ended = |_| HostError("the store's task was ended".into());
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

/// Tells a thread at work whether somebody still waits for it: what was given up must not be written later.
#[derive(Default)]
struct Asked(Arc<AtomicBool>);

impl Asked {
    fn still(&self) -> impl Fn() -> bool + Send + use<> {
        let given_up = self.0.clone();
        move || !given_up.load(Ordering::Relaxed)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
