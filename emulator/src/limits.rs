//! Sliding windows for everything that answers 429.

use std::collections::BTreeMap;

/// Times of past events by key, epoch milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Windows(BTreeMap<String, Vec<u64>>);

impl Windows {
    /// Nothing while fewer than `limit` events of `key` lie within the window; else the seconds until one leaves it.
    pub(crate) fn full(&mut self, key: &str, limit: usize, window_s: u64, now: u64) -> Option<u64> {
        let window = window_s.saturating_mul(1000);
        let times = self.0.entry(key.to_owned()).or_default();
        times.retain(|&at| at.saturating_add(window) > now);
        if times.len() < limit {
            return None;
        }
        let frees = limit
            .checked_sub(1)
            .and_then(|last| times.iter().rev().nth(last))
            .map_or(now.saturating_add(window), |&at| at.saturating_add(window));
        Some(frees.saturating_sub(now).div_ceil(1000).max(1))
    }

    /// Counts one event.
    pub(crate) fn add(&mut self, key: &str, now: u64) {
        self.0.entry(key.to_owned()).or_default().push(now);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
