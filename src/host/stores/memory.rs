//! A store that ends with the program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{SessionStore, StoreFuture, StoreLock};

/// Keeps sessions until the program ends. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<String, String>>>);

impl SessionStore for MemoryStore {
    fn load<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        Box::pin(std::future::ready(Ok(text)))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> StoreFuture<'a, bool> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let swaps = kept.get(key).map(String::as_str) == expected;
        if swaps {
            match next {
                Some(text) => kept.insert(key.to_owned(), text.to_owned()),
                None => kept.remove(key),
            };
        }
        Box::pin(std::future::ready(Ok(swaps)))
    }

    fn lock<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<StoreLock>> {
        Box::pin(std::future::ready(Ok(Some(StoreLock::nobody_else()))))
    }

    fn is_durable(&self) -> bool {
        false
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryStore")
    }
}
