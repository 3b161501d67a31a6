//! What is kept, as errands for the host: one at a time for a key, in order, each given up by its caller at will. What
//! the host has been given stays in the way of the next one for its key until it says how that went: a slow write must
//! not come after a later one.
//!
//! The host sees short keys and bytes with a check sum: consoles name files by them, and disks do fail.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use zeroize::Zeroize;

use super::{EngineHost, Errand, next_request_id};
use crate::Secret;
use crate::host::{Host as _, HostError, LogLevel};

/// What the host is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StorageKind {
    Load,
    Store,
    Delete,
}

#[derive(Default)]
pub(super) struct Storage {
    /// For a host without storage.
    memory: BTreeMap<String, Secret>,
    /// Keys that somebody is busy with, and who is next.
    busy: Vec<Busy>,
    asked: Vec<Asked>,
}

struct Busy {
    key: String,
    waiting: Vec<Waker>,
}

type Outcome = Result<Option<Vec<u8>>, HostError>;

struct Asked {
    id: u64,
    key: String,
    is_away: bool,
    /// Nobody waits for it any more: the key is free when it comes back.
    is_abandoned: bool,
    waker: Option<Waker>,
    outcome: Option<Outcome>,
}

impl Storage {
    /// The host is being given the errand.
    pub(super) fn left(&mut self, id: u64) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id) {
            asked.is_away = true;
        }
    }

    /// `None`: nobody asked for that one; else who is to be woken.
    pub(super) fn complete(&mut self, id: u64, outcome: Outcome) -> Option<Vec<Waker>> {
        let is_it = |asked: &Asked| asked.id == id && asked.is_away && asked.outcome.is_none();
        let at = self.asked.iter().position(is_it)?;
        let asked = self.asked.get_mut(at)?;
        if asked.is_abandoned {
            let key = self.asked.swap_remove(at).key;
            if let Ok(Some(mut bytes)) = outcome {
                bytes.zeroize();
            }
            return Some(self.free(&key));
        }
        asked.outcome = Some(outcome);
        Some(asked.waker.take().into_iter().collect())
    }

    fn free(&mut self, key: &str) -> Vec<Waker> {
        let at = self.busy.iter().position(|busy| busy.key == key);
        at.map(|at| self.busy.swap_remove(at).waiting).unwrap_or_default()
    }
}

pub(super) async fn load(host: &EngineHost, key: &str) -> Result<Option<String>, HostError> {
    if !host.is_durable() {
        return Ok(host.state().storage.memory.get(key).map(|text| text.expose().to_owned()));
    }
    let turn = Turn::take(host, key).await;
    turn.load().await
}

pub(super) async fn compare_and_swap(
    host: &EngineHost,
    key: &str,
    expected: Option<&str>,
    next: Option<&str>,
) -> Result<bool, HostError> {
    if !host.is_durable() {
        let memory = &mut host.state().storage.memory;
        if memory.get(key).map(Secret::expose) != expected {
            return Ok(false);
        }
        match next {
            Some(text) => memory.insert(key.to_owned(), text.into()),
            None => memory.remove(key),
        };
        return Ok(true);
    }
    let turn = Turn::take(host, key).await;
    let mut found = turn.load().await?;
    let is_expected = found.as_deref() == expected;
    found.zeroize();
    if !is_expected {
        return Ok(false);
    }
    match next {
        Some(text) => turn.ask(StorageKind::Store, seal(text)).await?,
        None if expected.is_some() => turn.ask(StorageKind::Delete, Vec::new()).await?,
        None => None,
    };
    Ok(true)
}

/// The right to ask for a key; given back when dropped, or when what was asked last comes back.
struct Turn<'a> {
    host: &'a EngineHost,
    key: String,
}

impl<'a> Turn<'a> {
    async fn take(host: &'a EngineHost, key: &str) -> Self {
        let name = ["playerlink-", &short(key)].concat();
        std::future::poll_fn(|context| {
            let storage = &mut host.state().storage;
            match storage.busy.iter_mut().find(|busy| busy.key == name) {
                Some(busy) => {
                    busy.waiting.push(context.waker().clone());
                    Poll::Pending
                }
                None => {
                    storage.busy.push(Busy { key: name.clone(), waiting: Vec::new() });
                    Poll::Ready(())
                }
            }
        })
        .await;
        Self { host, key: name }
    }

    async fn load(&self) -> Result<Option<String>, HostError> {
        let Some(mut bytes) = self.ask(StorageKind::Load, Vec::new()).await? else { return Ok(None) };
        let text = unseal(&bytes);
        bytes.zeroize();
        if text.is_none() {
            self.host.log(LogLevel::Warn, "storage-damaged", &[("key", &self.key)]);
        }
        Ok(text)
    }

    async fn ask(&self, kind: StorageKind, value: Vec<u8>) -> Outcome {
        let id = next_request_id();
        {
            let mut state = self.host.state();
            if state.closed {
                return Err(HostError("the client was destroyed".into()));
            }
            let key = self.key.clone();
            state.storage.asked.push(Asked {
                id,
                key: key.clone(),
                is_away: false,
                is_abandoned: false,
                waker: None,
                outcome: None,
            });
            state.errands.push_back(Errand::Storage { id, kind, key, value });
        }
        Answer { host: self.host, id }.await
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let waiting = {
            let storage = &mut self.host.state().storage;
            // Something the host was given, and nobody waits for: that one ends the turn.
            if storage.asked.iter().any(|asked| asked.key == self.key && asked.is_abandoned) {
                return;
            }
            storage.free(&self.key)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

struct Answer<'a> {
    host: &'a EngineHost,
    id: u64,
}

impl Future for Answer<'_> {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let storage = &mut self.host.state().storage;
        let Some(asked) = storage.asked.iter_mut().find(|asked| asked.id == self.id) else {
            return Poll::Ready(Err(HostError("the client was destroyed".into())));
        };
        match asked.outcome.take() {
            Some(outcome) => {
                storage.asked.retain(|asked| asked.id != self.id);
                Poll::Ready(outcome)
            }
            None => {
                asked.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        let mut state = self.host.state();
        let Some(at) = state.storage.asked.iter().position(|asked| asked.id == self.id) else { return };
        let Some(asked) = state.storage.asked.get_mut(at) else { return };
        if asked.is_away && asked.outcome.is_none() {
            asked.is_abandoned = true;
            asked.waker = None;
            return;
        }
        // Not given to the host yet, or back already: what has not begun stays undone.
        state.storage.asked.swap_remove(at);
        state.errands.retain(|errand| !matches!(errand, Errand::Storage { id, .. } if *id == self.id));
    }
}

/// A short name for a key of any length. FNV-1a with 128 bits.
fn short(key: &str) -> String {
    let mut hash: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    for byte in key.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
    }
    format!("{hash:032x}")
}

const SEAL: &str = "playerlink 1 ";

/// The text with a version and a check sum before it.
fn seal(text: &str) -> Vec<u8> {
    [SEAL, &sum(text), "\n", text].concat().into_bytes()
}

/// `None`: damaged, or of another version.
fn unseal(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, text) = text.strip_prefix(SEAL)?.split_once('\n')?;
    (head == sum(text)).then(|| text.to_owned())
}

/// FNV-1a with 64 bits: against broken disks, not against people.
fn sum(text: &str) -> String {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_read_back_and_every_damage_is_seen() {
        let sealed = seal("{\"a\":\"é\"}");
        assert_eq!(unseal(&sealed).as_deref(), Some("{\"a\":\"é\"}"));
        for at in 0..sealed.len() {
            assert_eq!(unseal(&sealed[..at]), None, "cut at {at}");
            for bit in 0..8 {
                let mut damaged = sealed.clone();
                damaged[at] ^= 1 << bit;
                assert_eq!(unseal(&damaged), None, "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_key_becomes_a_name_that_any_file_system_takes() {
        let name = ["playerlink-", &short("playerlink/rallyhere/https%3A%2F%2Fdemo/game/accounts")].concat();
        assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    }
}
