//! The refresh: one at a time, under the store's lock; what comes back is stored before anyone sees it.

use std::sync::MutexGuard;

use super::events::Durability;
use super::flight::{Either, Flight, Pilot, first};
use super::flow::Session;
use super::policy::{self, AfterFailure, Decision};
use super::record::{Live, Record};
use super::state::{Pause, State};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::host::{Boxed, Host, HostError, LogLevel};
use crate::services::Holding;

impl<H: Host> Session<H> {
    /// Refreshes; once more when the refresh that was joined began before the player changed.
    pub(super) fn rotate_once(&self, patience_ms: u64) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            for _ in 0..2 {
                let flight = {
                    let state = self.state();
                    state.check_open()?;
                    if let Some(error) = self.paused(&state, true) {
                        return Err(error);
                    }
                    if !self.can_refresh(&state) {
                        return Err(Error::session_over(state.ended.unwrap_or(SessionOverReason::Expired)));
                    }
                    self.join(state)
                };
                let result = self.within(&flight, patience_ms).await.unwrap_or_else(|| Err(not_in_time()));
                let state = self.state();
                state.check_wanted()?;
                result?;
                state.check_open()?;
                if !state.is_stale() {
                    return Ok(());
                }
            }
            Err(changed_again())
        })
    }

    pub(super) fn replace<'a>(&'a self, token: &'a str, patience_ms: u64) -> Boxed<'a, Result<Option<Secret>>> {
        Box::pin(async move {
            {
                let state = self.state();
                state.check_open()?;
                if state.live.access_token.expose() != token && !state.is_stale() {
                    return Ok(Some(state.live.access_token.clone()));
                }
                if !self.can_refresh(&state) {
                    return Ok(None);
                }
            }
            self.rotate_once(patience_ms).await?;
            let current = self.state().live.access_token.clone();
            Ok((current.expose() != token).then_some(current))
        })
    }

    /// The refresh in the air, or a new one. One that has landed and is still here was ended by a panic.
    pub(super) fn join(&self, mut state: MutexGuard<'_, State>) -> Flight {
        if let Some(flight) = state.flight.as_ref().filter(|flight| !flight.has_landed()) {
            return flight.clone();
        }
        let (flight, pilot) = Flight::take_off();
        state.flight = Some(flight.clone());
        // A host may poll at once what it is given.
        drop(state);
        self.0.host.spawn(self.clone().fly(flight.clone(), pilot));
        flight
    }

    /// How a flight ended, or `None` when the caller has waited long enough: it goes on for the others.
    pub(super) fn within<'a>(&'a self, flight: &'a Flight, ms: u64) -> Boxed<'a, Option<Result<()>>> {
        Box::pin(async move {
            match first(flight, self.0.host.sleep(ms)).await {
                Either::A(result) => Some(result),
                Either::B(()) => None,
            }
        })
    }

    async fn fly(self, flight: Flight, pilot: Pilot) {
        let name = self.0.slot.as_ref().map_or("playerlink", |slot| &slot.record);
        let held = self.0.host.lock(name).await;
        let result = self.rotate().await;
        drop(held);
        {
            let mut state = self.state();
            if state.flight.as_ref().is_some_and(|current| current.is(&flight)) {
                state.flight = None;
            }
            match &result {
                Ok(()) => {
                    state.failures = 0;
                    state.pause = None;
                }
                Err(error) => {
                    state.failures = state.failures.saturating_add(1);
                    state.pause = Some(Pause {
                        until: self.0.host.monotonic().saturating_add(policy::pause_ms(error, state.failures)),
                        asked: error.retry_after_ms().is_some(),
                        error: error.clone(),
                    });
                }
            }
        }
        pilot.land(result);
        self.notify();
    }

    /// Swaps the refresh token. A tab that loses the race to another has what that one got, and, should that be spent
    /// already, tries once with it.
    fn rotate(&self) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            if self.adopt().await? {
                return Ok(());
            }
            for last in [false, true] {
                let (live, seen) = {
                    let state = self.state();
                    state.check_open()?;
                    (state.live.clone(), state.identity_changes)
                };
                let sent = (self.0.host.now(), self.0.host.monotonic());
                let holding = Holding {
                    access_token: (self.lifetime(&self.state()).is_valid()).then_some(&live.access_token),
                    refresh_token: live.refresh_token.as_ref(),
                    player: &live.player,
                    details: &live.details,
                };
                let error = match self.0.service.refresh(&*self.0.host, holding).await {
                    Ok(granted) => return self.commit(live.refreshed(granted, sent.0), sent.1, seen).await,
                    Err(error) => error,
                };
                let AfterFailure::Discard(reason) = policy::after_refresh_failure(&error) else { return Err(error) };
                // Another tab may have rotated: a losing tab adopts and clears nothing.
                let mut served = self.adopt().await?;
                if self.state().live.generation == live.generation {
                    if self.discard(reason).await {
                        return Err(error.with_reason(reason));
                    }
                    served = self.adopt().await?;
                }
                if served {
                    return Ok(());
                }
                let state = self.state();
                if last || state.live.generation == live.generation || !self.can_refresh(&state) {
                    return if self.is_servable(&state) { Ok(()) } else { Err(error) };
                }
            }
            Err(changed_again())
        })
    }

    /// Takes over what another tab or process has stored since; `true` when that makes a refresh needless.
    fn adopt(&self) -> Boxed<'_, Result<bool>> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return Ok(false) };
            let Ok(Some(text)) = self.load(&slot.record).await else { return Ok(false) };
            let mut state = self.state();
            let ours = state.live.generation;
            match Record::from_text(&text) {
                Some(Record::Ended { generation, reason }) if generation > ours => {
                    // Only a sign-out takes away what is still valid.
                    state.live.refresh_token = None;
                    state.ended.get_or_insert(reason);
                    let keeps = reason != SessionOverReason::SignedOut && self.is_servable(&state);
                    drop(state);
                    Err(if keeps { Error::session_over(reason) } else { self.end(reason) })
                }
                Some(Record::Live(live)) if live.generation > ours => {
                    state.check_open()?;
                    if live.stale {
                        state.identity_changed();
                    }
                    state.live = live;
                    state.stored = Some(text);
                    state.received_monotonic = None;
                    state.refresh_monotonic = None;
                    state.ended = None;
                    state.durability = Durability::Durable;
                    Ok(!state.is_stale() && self.decide(&state) == Decision::Serve)
                }
                Some(Record::Live(live)) if live.generation == ours && live.stale => {
                    // Another tab has changed the player: the refresh that follows is sent after that.
                    if state.stored.as_ref() != Some(&text) {
                        state.identity_changed();
                        state.stored = Some(text);
                    }
                    Ok(false)
                }
                _ => Ok(false),
            }
        })
    }

    /// Stores, then shows. A sign-out that came first wins.
    fn commit(&self, mut live: Live, received_monotonic: u64, seen: u32) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            let mut expected = self.state().stored.clone();
            let mut stored = None;
            let mut failed = None;
            let mut changed_elsewhere = false;
            if let Some(slot) = &self.0.slot {
                for _ in 0..3 {
                    {
                        let state = self.state();
                        if state.over.is_some() {
                            break;
                        }
                        live.stale = changed_elsewhere || seen < state.identity_needed;
                    }
                    let Some(text) = Record::Live(live.clone()).to_text() else { break };
                    match self.swap(&slot.record, expected.as_deref(), &text).await {
                        Ok(true) => {
                            stored = Some(text);
                            break;
                        }
                        Ok(false) => {
                            let Ok(found) = self.load(&slot.record).await else { break };
                            let newer = found.as_deref().and_then(Record::from_text);
                            match &newer {
                                // Any other end was too early: the service has just accepted this session.
                                Some(Record::Ended { generation, reason: SessionOverReason::SignedOut })
                                    if *generation >= live.generation =>
                                {
                                    self.give_back(live).await;
                                    return Err(self.end(SessionOverReason::SignedOut));
                                }
                                Some(Record::Live(newer)) => changed_elsewhere |= newer.stale,
                                _ => {}
                            }
                            if let Some(newer) = newer {
                                live.generation = live.generation.max(newer.generation().saturating_add(1));
                            }
                            expected = found;
                        }
                        Err(error) => {
                            failed = Some(error);
                            break;
                        }
                    }
                }
            }
            let late = {
                let mut state = self.state();
                if let Some(reason) = state.over {
                    Some(reason)
                } else {
                    if changed_elsewhere {
                        state.identity_changed();
                    }
                    if state.live.refresh_token != live.refresh_token {
                        state.refresh_monotonic = Some(received_monotonic);
                    }
                    state.live = live.clone();
                    state.durability = if stored.is_some() { Durability::Durable } else { Durability::Memory };
                    state.stored = stored.take().or(expected);
                    state.received_monotonic = Some(received_monotonic);
                    state.identity_seen = seen;
                    state.ended = None;
                    None
                }
            };
            // After the state is set: a logger that panics loses no rotation.
            if let Some(HostError(error)) = failed {
                self.0.host.log(LogLevel::Warn, "store-failed", &[("error", &error)]);
            }
            let Some(reason) = late else {
                self.point_here().await;
                return Ok(());
            };
            // Over while the request was in the air: what it brought is given back, not kept. Only what was written
            // here is taken out of the store; another record there is a newer sign-in.
            if stored.is_some() {
                self.bury(live.generation, stored, false).await;
            }
            self.give_back(live).await;
            Err(Error::session_over(reason))
        })
    }

    /// Takes the dead refresh token out of the record; `false` when the record is another one by now. Where tabs have
    /// no lock in common, the service may have refused it because another one has just used it, and that one's tokens
    /// are on their way into the store: so this writes once, over the record we know and no other. What is still valid
    /// stays for the next start of the program, unless the player is restricted or another one.
    fn discard(&self, reason: SessionOverReason) -> Boxed<'_, bool> {
        Box::pin(async move {
            let (mut next, expected, ends) = {
                let mut state = self.state();
                state.live.refresh_token = None;
                state.ended = Some(reason);
                let mut next = state.live.clone();
                next.generation = next.generation.saturating_add(1);
                let ends = reason == SessionOverReason::Restricted || state.is_stale();
                (Record::Live(next), state.stored.clone(), ends)
            };
            if ends {
                next = Record::Ended { generation: next.generation(), reason };
            }
            let mut ours = true;
            if let (Some(slot), Some(text)) = (&self.0.slot, next.to_text()) {
                match self.swap(&slot.record, expected.as_deref(), &text).await {
                    Ok(true) => {
                        {
                            let mut state = self.state();
                            if state.over.is_none() {
                                state.live.generation = next.generation();
                                state.stored = Some(text);
                            }
                        }
                        if ends {
                            self.point_to(slot, None).await;
                        }
                    }
                    Ok(false) => ours = false,
                    Err(_) => {}
                }
            }
            let servable = self.is_servable(&self.state());
            if ours && !servable {
                self.end(reason);
            }
            ours
        })
    }
}

pub(super) fn not_in_time() -> Error {
    Error::new(ErrorKind::Timeout, "the session was not refreshed before the deadline; try again")
}

pub(super) fn changed_again() -> Error {
    Error::new(ErrorKind::SessionStale, "the player's identity changed during the refresh; refresh, then call again")
}
