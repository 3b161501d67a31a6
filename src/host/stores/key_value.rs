//! A store out of something that can only get, set and remove.

use tokio::sync::Mutex;

use super::{SessionStore, StoreFuture, StoreLock};

/// What an engine's or a platform's settings storage can do.
pub trait KeyValue: Send + Sync + 'static {
    /// The text under `key`.
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>>;
    /// Puts a text there, in place of what was.
    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> StoreFuture<'a, ()>;
    /// Removes what is there, if anything is.
    fn remove<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()>;
}

/// A store of get, set and remove. Its compare-and-swap is atomic within this program only: two programs must not share
/// what is behind it.
pub fn from_key_value<S: KeyValue>(storage: S) -> KeyValueStore<S> {
    KeyValueStore { storage, swapping: Mutex::default() }
}

/// What [`from_key_value`] makes.
pub struct KeyValueStore<S> {
    storage: S,
    swapping: Mutex<()>,
}

impl<S: KeyValue> SessionStore for KeyValueStore<S> {
    fn load<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        self.storage.get(key)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let _alone = self.swapping.lock().await;
            if self.storage.get(key).await?.as_deref() != expected {
                return Ok(false);
            }
            match next {
                Some(text) => self.storage.set(key, text).await?,
                None if expected.is_some() => self.storage.remove(key).await?,
                None => {}
            }
            Ok(true)
        })
    }

    fn lock<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<StoreLock>> {
        Box::pin(std::future::ready(Ok(Some(StoreLock::nobody_else()))))
    }
}

impl<S> std::fmt::Debug for KeyValueStore<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyValueStore")
    }
}
