//! What is behind a handle: a table of slots with generations, so that every wrong handle is found out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::client::Client;
use super::types::{playerlink_client, playerlink_op};

// A handle: mark (bits 50 to 52), generation (20 to 49), index (0 to 19). Requests have the mark 3.
const CLIENT_MARK: u64 = 1 << 50;
const OP_MARK: u64 = 2 << 50;
const MARKS: u64 = !((1 << 50) - 1);
const INDEX_BITS: u32 = 20;
const LAST_GENERATION: u32 = (1 << 30) - 1;

struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<usize>,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slots<T> {
    const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    /// `None`: there are a million already.
    fn insert(&mut self, make: impl FnOnce(u64) -> T) -> Option<u64> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() < 1 << INDEX_BITS => {
                self.slots.push(Slot { generation: 0, value: None });
                self.slots.len() - 1
            }
            None => return None,
        };
        let slot = self.slots.get_mut(index)?;
        slot.generation += 1;
        let handle = CLIENT_MARK | u64::from(slot.generation) << INDEX_BITS | index as u64;
        slot.value = Some(make(handle));
        Some(handle)
    }

    fn place(&self, handle: u64) -> Option<usize> {
        if handle & MARKS != CLIENT_MARK {
            return None;
        }
        let index = usize::try_from(handle & ((1 << INDEX_BITS) - 1)).ok()?;
        let generation = (handle & !MARKS) >> INDEX_BITS;
        self.slots.get(index).filter(|slot| u64::from(slot.generation) == generation).map(|_| index)
    }

    fn get(&self, handle: u64) -> Option<&T> {
        self.slots.get(self.place(handle)?)?.value.as_ref()
    }

    fn remove(&mut self, handle: u64) -> Option<T> {
        let index = self.place(handle)?;
        let slot = self.slots.get_mut(index)?;
        let value = slot.value.take()?;
        // A slot whose generations are used up rests for good.
        if slot.generation < LAST_GENERATION {
            self.free.push(index);
        }
        Some(value)
    }
}

static CLIENTS: Mutex<Slots<Arc<Client>>> = Mutex::new(Slots::new());

fn clients() -> MutexGuard<'static, Slots<Arc<Client>>> {
    CLIENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `None`: there are too many.
pub(super) fn add(make: impl FnOnce(playerlink_client) -> Arc<Client>) -> Option<playerlink_client> {
    clients().insert(|handle| make(playerlink_client(handle))).map(playerlink_client)
}

pub(super) fn find(handle: playerlink_client) -> Option<Arc<Client>> {
    clients().get(handle.0).cloned()
}

/// From now on there is no such client.
pub(super) fn remove(handle: playerlink_client) -> Option<Arc<Client>> {
    clients().remove(handle.0)
}

/// A new operation: never the same twice in a process, so that none can be taken for one of another client.
pub(super) fn next_op() -> playerlink_op {
    static LAST: AtomicU64 = AtomicU64::new(0);
    playerlink_op(OP_MARK | (LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1) & !MARKS))
}

/// Whether this may be or have been an operation.
pub(super) fn is_op(op: playerlink_op) -> bool {
    op.0 & MARKS == OP_MARK && op.0 & !MARKS != 0
}

/// The slot table by itself, for a test of what cannot be reached in a test's time.
#[cfg(feature = "ffi-test-hooks")]
pub(super) fn a_slot_whose_generations_are_used_up_is_never_given_out_again() -> bool {
    let mut slots = Slots::new();
    let Some(first) = slots.insert(|_| ()) else { return false };
    slots.remove(first);
    if let Some(slot) = slots.slots.first_mut() {
        slot.generation = LAST_GENERATION - 1;
    }
    let Some(last) = slots.insert(|_| ()) else { return false };
    slots.remove(last);
    let next = slots.insert(|_| ());
    last < 1 << 53 && last & 0xF_FFFF == 0 && next.is_some_and(|next| next & 0xF_FFFF == 1)
}
