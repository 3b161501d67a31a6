//! How often a player may try a linking code. A code has six digits: without a limit, guessing finds one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::platform::VerifiedPlayer;

const ALLOWED: usize = 5;
const WINDOW_MS: u64 = 10 * 60 * 1000;

/// The tries of the last ten minutes. In memory: with several servers this belongs into their shared store, and a limit
/// over all players of the title next to it.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<VerifiedPlayer, Vec<u64>>>);

impl Attempts {
    /// Counts a try before it is made, so that many at once do not slip through. Refused: how long to wait, milliseconds.
    pub(crate) fn begin(&self, player: &VerifiedPlayer, now_ms: u64) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = all.entry(player.clone()).or_default();
        tries.retain(|at| now_ms.saturating_sub(*at) < WINDOW_MS);
        match tries.first() {
            Some(oldest) if tries.len() >= ALLOWED => Err(WINDOW_MS.saturating_sub(now_ms.saturating_sub(*oldest))),
            _ => {
                tries.push(now_ms);
                Ok(())
            }
        }
    }

    /// Takes the last try back: it was not a wrong code.
    pub(crate) fn forgive(&self, player: &VerifiedPlayer) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get_mut(player).is_some_and(|tries| tries.pop().is_some() && tries.is_empty()) {
            all.remove(player);
        }
    }
}
