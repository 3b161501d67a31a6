//! Where sessions are kept in the host's store, and how they get there and back: no operation of the store is waited
//! for longer than 2 s.

use std::sync::Arc;

use super::events::Durability;
use super::flight::{Either, first};
use super::flow::Session;
use super::record::{Live, Record};
use crate::error::{Result, SessionOverReason};
use crate::host::{Boxed, Host, HostError, LogLevel};
use crate::http::{self, percent_encode};
use crate::services::Service;

/// How long one operation of the store may take before the session goes on without it, in milliseconds (R35).
const STORE_TIMEOUT_MS: u64 = 2_000;

/// Where the sessions of one service, address and client are kept in the store.
#[derive(Clone, Debug)]
pub(crate) struct Slots(String);

/// The session that was active when the program last ran; `None` when there is none or it can no longer be used. What
/// is stored, however damaged, never makes this fail.
pub(crate) async fn restore<H: Host>(host: &Arc<H>, service: Service, slots: &Slots) -> Option<Session<H>> {
    let session = read_active(host, service, slots).await?;
    let servable = session.is_servable(&session.state());
    // Offline, the session is kept: its next call will say what is wrong.
    let refreshed = servable || session.rotate_once(session.patience_ms()).await.is_ok();
    let state = session.state();
    let usable = state.over.is_none() && (refreshed || state.live.refresh_token.is_some());
    drop(state);
    usable.then_some(session)
}

pub(super) struct Slot {
    pub(super) record: String,
    active: String,
    account: String,
}

impl Slots {
    pub(crate) fn new(service: &str, base_url: &str, client: &str) -> Self {
        Self(["playerlink", service, &percent_encode(base_url), &percent_encode(client)].join("/"))
    }

    fn active(&self) -> String {
        http::concat(&self.0, "/active")
    }

    pub(super) fn slot(&self, account: &str) -> Slot {
        Slot {
            record: [&self.0, "account", &percent_encode(account)].join("/"),
            active: self.active(),
            account: account.to_owned(),
        }
    }
}

impl<H: Host> Session<H> {
    pub(super) fn store_login(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return };
            for _ in 0..3 {
                let Ok(found) = self.load(&slot.record).await else { return };
                let newest = found.as_deref().and_then(Record::from_text).map_or(0, |record| record.generation());
                let generation = newest.saturating_add(1);
                let text = {
                    let mut state = self.state();
                    state.live.generation = generation;
                    Record::Live(state.live.clone()).to_text()
                };
                let Some(text) = text else { return };
                match self.swap(&slot.record, found.as_deref(), &text).await {
                    Ok(true) => {
                        let mut state = self.state();
                        state.stored = Some(text);
                        state.durability = Durability::Durable;
                        break;
                    }
                    Ok(false) => {}
                    Err(error) => {
                        self.0.host.log(LogLevel::Warn, "store-failed", &[("error", &error.0)]);
                        return;
                    }
                }
            }
            self.point_here().await;
        })
    }

    /// Makes `restore` find this account, once it is stored.
    pub(super) fn point_here(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return };
            let due = {
                let state = self.state();
                !state.pointed && state.durability == Durability::Durable
            };
            if due {
                let pointed = self.point_to(slot, Some(&slot.account)).await;
                self.state().pointed = pointed;
            }
        })
    }

    /// Makes `restore` find this account (or none, if it still points here).
    pub(super) fn point_to<'a>(&'a self, slot: &'a Slot, account: Option<&'a str>) -> Boxed<'a, bool> {
        Box::pin(async move {
            let Ok(found) = self.load(&slot.active).await else { return false };
            if account.is_none() && found.as_deref() != Some(&slot.account) {
                return false;
            }
            self.swap_to(&slot.active, found.as_deref(), account).await.unwrap_or(false)
        })
    }

    /// Writes the mark that this session was signed out: over whatever generation is there, or, unless `all`, over the
    /// `expected` text only. Returns the session it replaced when that was a newer one.
    pub(super) fn bury(&self, ours: u64, mut expected: Option<String>, all: bool) -> Boxed<'_, Option<Live>> {
        Box::pin(async move {
            let slot = self.0.slot.as_ref()?;
            let mut generation = ours.saturating_add(1);
            for _ in 0..if all { 5 } else { 1 } {
                let text = Record::Ended { generation, reason: SessionOverReason::SignedOut }.to_text()?;
                if self.swap(&slot.record, expected.as_deref(), &text).await.ok()? {
                    self.point_to(slot, None).await;
                    return match Record::from_text(&expected?) {
                        Some(Record::Live(live)) if live.generation > ours => Some(live),
                        _ => None,
                    };
                }
                let found = self.load(&slot.record).await.ok()?;
                if let Some(record) = found.as_deref().and_then(Record::from_text) {
                    generation = generation.max(record.generation().saturating_add(1));
                }
                expected = found;
            }
            None
        })
    }

    pub(super) fn load<'a>(&'a self, key: &'a str) -> Boxed<'a, Result<Option<String>, HostError>> {
        load(&*self.0.host, key)
    }

    pub(super) fn swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: &'a str,
    ) -> Boxed<'a, Result<bool, HostError>> {
        self.swap_to(key, expected, Some(next))
    }

    fn swap_to<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> Boxed<'a, Result<bool, HostError>> {
        Box::pin(async move {
            match first(self.0.host.compare_and_swap(key, expected, next), self.0.host.sleep(STORE_TIMEOUT_MS)).await {
                Either::A(result) => result,
                Either::B(()) => Err(store_hangs()),
            }
        })
    }
}

fn read_active<'a, H: Host>(host: &'a Arc<H>, service: Service, slots: &'a Slots) -> Boxed<'a, Option<Session<H>>> {
    Box::pin(async move {
        let account = read(host, &slots.active()).await?;
        let slot = slots.slot(&account);
        let text = read(host, &slot.record).await?;
        match Record::from_text(&text) {
            Some(Record::Live(live)) => {
                let session = Session::from_live(host, service, Some(slot), live, Some(text));
                session.notify();
                Some(session)
            }
            Some(Record::Ended { .. }) => None,
            None => {
                // Not the key: it holds the account's id.
                host.log(LogLevel::Warn, "record-unreadable", &[("service", service.name())]);
                None
            }
        }
    })
}

async fn read<H: Host>(host: &Arc<H>, key: &str) -> Option<String> {
    match load(&**host, key).await {
        Ok(text) => text,
        Err(error) => {
            host.log(LogLevel::Warn, "store-failed", &[("error", &error.0)]);
            None
        }
    }
}

fn load<'a, H: Host>(host: &'a H, key: &'a str) -> Boxed<'a, Result<Option<String>, HostError>> {
    Box::pin(async move {
        match first(host.load(key), host.sleep(STORE_TIMEOUT_MS)).await {
            Either::A(result) => result,
            Either::B(()) => Err(store_hangs()),
        }
    })
}

fn store_hangs() -> HostError {
    HostError("the store did not answer within 2 s".into())
}
