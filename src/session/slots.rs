//! Where sessions are kept in the host's store, and how they get there and back: no operation of the store is waited
//! for longer than 2 s.

use std::sync::Arc;

use super::events::Durability;
use super::flight::{Either, first};
use super::flow::{Client, Session};
use super::keeper::POKED;
use super::mutants::{Mutant, is_planted};
use super::record::{Live, Record};
use crate::error::{Result, SessionOverReason};
use crate::host::{Boxed, Host, HostError, LogLevel};
use crate::http::{self, percent_encode};
use crate::json::{Json, Object};
use crate::services::Player;

/// How long one operation of the store may take before the session goes on without it, in milliseconds (R35).
const STORE_TIMEOUT_MS: u64 = 2_000;

/// Where the sessions of one service, address and client are kept in the store.
#[derive(Clone, Debug)]
pub(crate) struct Slots(String);

/// A player who is signed in on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the session is kept under; pass it to `restore_account`.
    pub id: String,
    /// Who it was when last seen.
    pub player: Player,
    /// Whether `restore` finds this one.
    pub active: bool,
}

/// The session that was active when the program last ran, or that of one `account`; `None` when there is none or it can
/// no longer be used. What is stored, however damaged, never makes this fail.
pub(crate) async fn restore<H: Host>(
    client: Client<'_, H>,
    slots: &Slots,
    account: Option<&str>,
) -> Option<Session<H>> {
    let session = read_session(client, slots, account).await?;
    let servable = session.is_servable(&session.state());
    // Offline, the session is kept: its next call will say what is wrong.
    let refreshed = servable || session.rotate_once(session.patience_ms()).await.is_ok();
    let usable = {
        let state = session.state();
        state.over.is_none() && (refreshed || session.can_renew(&state))
    };
    usable.then_some(session)
}

/// Who is signed in on this device, the active one first.
pub(crate) async fn accounts<H: Host>(host: &Arc<H>, slots: &Slots) -> Vec<Account> {
    let index = Index::read(read(host, &slots.index()).await.as_deref());
    let mut accounts = Vec::new();
    for id in index.accounts {
        let text = read(host, &slots.slot(&id).record).await;
        if let Some(Record::Live(live)) = text.as_deref().and_then(Record::from_text) {
            let active = index.active.as_ref() == Some(&id);
            let account = Account { id, player: live.player, active };
            accounts.insert(if active { 0 } else { accounts.len() }, account);
        }
    }
    accounts
}

pub(super) struct Slot {
    pub(super) record: String,
    index: String,
    account: String,
}

/// Which accounts there are, and which of them is the active one.
#[derive(Default)]
struct Index {
    active: Option<String>,
    accounts: Vec<String>,
}

impl Index {
    /// What cannot be read is none.
    fn read(text: Option<&str>) -> Self {
        let Some(json) = text.and_then(|text| Json::parse_object(text.as_bytes())) else { return Self::default() };
        Self { active: json.text("active"), accounts: json.texts("accounts") }
    }

    fn to_text(&self) -> String {
        let accounts = Json::list_of(&self.accounts, |id| Some(Json::Text(id.clone())));
        Object::new().maybe_text("active", self.active.as_deref()).list("accounts", accounts).take().to_text()
    }
}

/// What a write came to.
#[derive(Default)]
pub(super) struct Put {
    /// The text that is in the store now.
    pub(super) stored: Option<String>,
    /// Otherwise the one that is there as far as we know.
    pub(super) expected: Option<String>,
    /// The store failed.
    pub(super) failed: Option<HostError>,
    /// Another tab has signed out.
    pub(super) signed_out: bool,
    /// Another tab has newer tokens.
    pub(super) superseded: bool,
    /// Another tab has changed the player meanwhile.
    pub(super) changed_elsewhere: bool,
}

impl Slots {
    pub(crate) fn new(service: &str, base_url: &str, client: &str) -> Self {
        Self(crate::text::join(&["playerlink", service, &percent_encode(base_url), &percent_encode(client)], "/"))
    }

    fn index(&self) -> String {
        http::concat(&self.0, "/accounts")
    }

    /// The web sign-ins under way.
    pub(super) fn sign_ins(&self) -> String {
        http::concat(&self.0, "/sign-ins")
    }

    pub(super) fn slot(&self, account: &str) -> Slot {
        Slot {
            record: crate::text::join(&[&self.0, "account", &percent_encode(account)], "/"),
            index: self.index(),
            account: account.to_owned(),
        }
    }
}

impl<H: Host> Session<H> {
    /// Makes this the account that `restore` finds.
    pub async fn make_active(&self) {
        if let Some(slot) = &self.0.slot {
            let pointed = self.point_to(slot, true).await;
            self.state().pointed |= pointed;
        }
    }

    /// Writes what is in memory only.
    pub(super) async fn save(&self) {
        let _ = self.adopt().await;
        {
            let mut state = self.state();
            // What has ended is worth no place in the store.
            state.unsaved = state.unsaved.filter(|_| state.ended.is_none());
            // A flight writes by itself; and another tab may have written something newer.
            if state.unsaved.is_none() || state.is_done() || state.flight.is_some() {
                return;
            }
        }
        self.store().await;
    }

    /// Writes what is in memory: a login over whatever is there, anything else over nothing newer.
    pub(super) fn store(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let (mut live, seen, login) = {
                let state = self.state();
                (state.live.clone(), state.identity_seen, state.is_new)
            };
            let before = live.generation;
            let put = self.put(&mut live, seen, login).await;
            if put.signed_out {
                self.end(SessionOverReason::SignedOut);
                return;
            }
            if put.superseded {
                let _ = self.adopt().await;
                return;
            }
            {
                let mut state = self.state();
                if state.live.generation != before {
                    return;
                }
                state.live.generation = live.generation;
            }
            self.note_put(put);
            self.point_here().await;
        })
    }

    /// What a write of the session in memory came to.
    #[allow(clippy::boxed_local, reason = "moving it is more code")]
    pub(super) fn note_put(&self, put: Box<Put>) {
        let mut state = self.state();
        if put.stored.is_some() {
            state.stored = put.stored;
            state.unsaved = None;
            state.is_new = false;
            state.durability = Durability::Durable;
        } else {
            if put.failed.is_some() {
                let tries = state.unsaved.map_or(0, |(tries, _)| tries.saturating_add(1));
                state.unsaved = Some((tries, self.save_at(tries)));
            }
            state.stored = put.expected;
            state.durability = Durability::Memory;
        }
        drop(state);
        self.0.bell.ring(POKED);
        // After the state is set: a logger that panics loses no rotation.
        if let Some(HostError(error)) = put.failed {
            self.log(LogLevel::Warn, "store-failed", ("error", &error));
        }
    }

    /// Writes `live`, which has seen the change `seen` of the player, as the next generation of whatever is there; a
    /// sign-out that came first wins over anything but a `login`.
    pub(super) fn put<'a>(&'a self, live: &'a mut Box<Live>, seen: u32, login: bool) -> Boxed<'a, Box<Put>> {
        Box::pin(async move {
            let mut put = Box::<Put>::default();
            put.expected = self.state().stored.clone();
            let Some(slot) = &self.0.slot else { return put };
            let base = self.state().live.access_token.clone();
            for round in 0..4 {
                if round > 0 || login {
                    put.expected = match self.load(&slot.record).await {
                        Ok(found) => found,
                        Err(error) => {
                            put.failed = Some(error);
                            break;
                        }
                    };
                    let found = put.expected.as_deref().and_then(Record::from_text);
                    // Whoever wrote an end has taken the account off the list as well; a store that was emptied has none.
                    self.state().pointed &= matches!(found, Some(Record::Live(_)));
                    match found {
                        // Any other end was too early: the service has just accepted this session.
                        Some(Record::Ended { reason: SessionOverReason::SignedOut, .. }) if !login => {
                            put.signed_out = true;
                            break;
                        }
                        // Not a note on what was spent for these, nor its end. What the keeper has taken over meanwhile,
                        // or a refresh has stored, is not to be compared with itself.
                        Some(Record::Live(newer))
                            if !login && newer.refresh_token.is_some() && {
                                let state = self.state();
                                state.live.access_token != base || state.is_outdated_by(&newer)
                            } =>
                        {
                            put.superseded = true;
                            break;
                        }
                        Some(newer) => {
                            live.generation = live.generation.max(newer.generation().saturating_add(1));
                            put.changed_elsewhere |= !login && matches!(&newer, Record::Live(newer) if newer.stale);
                        }
                        None => {}
                    }
                }
                {
                    let state = self.state();
                    if state.over.is_some() {
                        break;
                    }
                    live.stale = put.changed_elsewhere || seen < state.identity_needed;
                }
                let Some(text) = Record::Live(live.clone()).to_text() else { break };
                match self.swap(&slot.record, put.expected.as_deref(), &text).await {
                    Ok(true) => {
                        self.0.host.broadcast(&slot.record, live.generation);
                        put.stored = Some(text);
                        break;
                    }
                    Ok(false) => {}
                    Err(error) => {
                        put.failed = Some(error);
                        break;
                    }
                }
            }
            put
        })
    }

    /// Makes `restore` find this account, once it is stored.
    pub(super) fn point_here(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let due = {
                let state = self.state();
                !state.pointed && state.durability == Durability::Durable
            };
            if due {
                self.make_active().await;
            }
            let mut state = self.state();
            let is_missing = due && !state.pointed && !state.is_done();
            state.list_at = is_missing.then(|| self.save_at(usize::MAX));
        })
    }

    /// Lists this account as the active one, or takes it off the list.
    pub(super) fn point_to<'a>(&'a self, slot: &'a Slot, mut here: bool) -> Boxed<'a, bool> {
        Box::pin(async move {
            for _ in 0..4 {
                let Ok(found) = self.load(&slot.index).await else { return false };
                let mut index = Index::read(found.as_deref());
                index.accounts.retain(|id| *id != slot.account);
                if here {
                    index.accounts.push(slot.account.clone());
                    index.active = Some(slot.account.clone());
                } else {
                    index.active = index.active.filter(|id| *id != slot.account);
                }
                let is_empty = index.active.is_none() && index.accounts.is_empty();
                let next = (!is_empty).then(|| index.to_text());
                if next == found {
                    return true;
                }
                match self.swap_to(&slot.index, found.as_deref(), next.as_deref()).await {
                    Ok(false) => {}
                    // A sign-in that came in between found itself on the list still.
                    Ok(true) if !here => {
                        let record = self.load(&slot.record).await.ok().flatten();
                        if !matches!(record.as_deref().and_then(Record::from_text), Some(Record::Live(_))) {
                            return true;
                        }
                        here = true;
                    }
                    result => return result.unwrap_or(false),
                }
            }
            false
        })
    }

    /// Writes the mark that this session was signed out: over whatever generation is there, or, unless `all`, over the
    /// `expected` text only. Returns the session it replaced when that was a newer one; fails when the store does.
    pub(super) fn bury(
        &self,
        ours: u64,
        mut expected: Option<String>,
        all: bool,
    ) -> Boxed<'_, Result<Option<Box<Live>>, HostError>> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return Ok(None) };
            let mut generation = ours.saturating_add(1);
            for _ in 0..if all { 5 } else { 1 } {
                let mark = Record::Ended { generation, reason: SessionOverReason::SignedOut };
                let Some(text) = mark.to_text() else { break };
                if self.swap(&slot.record, expected.as_deref(), &text).await? {
                    self.0.host.broadcast(&slot.record, generation);
                    self.point_to(slot, false).await;
                    return Ok(match expected.as_deref().and_then(Record::from_text) {
                        Some(Record::Live(live)) if live.generation > ours => Some(live),
                        _ => None,
                    });
                }
                let found = self.load(&slot.record).await?;
                if let Some(record) = found.as_deref().and_then(Record::from_text) {
                    generation = generation.max(record.generation().saturating_add(1));
                }
                expected = found;
            }
            Ok(None)
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
        if is_planted(Mutant::UnconditionalSave) {
            return Box::pin(async move {
                let found = self.load(key).await?;
                swap(&*self.0.host, key, found.as_deref(), next).await
            });
        }
        swap(&*self.0.host, key, expected, next)
    }
}

fn read_session<'a, H: Host>(
    client: Client<'a, H>,
    slots: &'a Slots,
    account: Option<&'a str>,
) -> Boxed<'a, Option<Session<H>>> {
    Box::pin(async move {
        let host = client.host;
        let account = match account {
            Some(account) => account.to_owned(),
            None => Index::read(read(host, &slots.index()).await.as_deref()).active?,
        };
        let slot = slots.slot(&account);
        let text = read(host, &slot.record).await?;
        match Record::from_text(&text) {
            Some(Record::Live(live)) => {
                let session = Session::from_live(client, Some(slot), live, Some(text));
                session.note_pause();
                session.notify();
                session.begin_keeping();
                Some(session)
            }
            Some(Record::Ended { .. }) => None,
            None => {
                // Not the key: it holds the account's id.
                host.log(LogLevel::Warn, "record-unreadable", &[("service", client.service.name())]);
                // Of a later version, perhaps: the next sign-in writes over it.
                let aside = http::concat(&slot.record, "/unreadable");
                let before = read(host, &aside).await;
                let _ = swap(&**host, &aside, before.as_deref(), Some(&text)).await;
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

pub(super) fn load<'a, H: Host>(host: &'a H, key: &'a str) -> Boxed<'a, Result<Option<String>, HostError>> {
    Box::pin(async move {
        match first(host.load(key), host.sleep(STORE_TIMEOUT_MS)).await {
            Either::A(result) => result,
            Either::B(()) => Err(store_hangs()),
        }
    })
}

pub(super) fn swap<'a, H: Host>(
    host: &'a H,
    key: &'a str,
    expected: Option<&'a str>,
    next: Option<&'a str>,
) -> Boxed<'a, Result<bool, HostError>> {
    Box::pin(async move {
        match first(host.compare_and_swap(key, expected, next), host.sleep(STORE_TIMEOUT_MS)).await {
            Either::A(result) => result,
            Either::B(()) => Err(store_hangs()),
        }
    })
}

pub(super) fn store_hangs() -> HostError {
    HostError("the store failed, or did not answer within 2 s".into())
}
