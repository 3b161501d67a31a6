//! The refresh: one at a time, under the store's lock; what comes back is stored before anyone sees it.

use super::events::Durability;
use super::flight::{Either, Flight, Pilot, first};
use super::flow::Session;
use super::mutants::{Mutant, is_planted};
use super::notes::{Clearance, LOOK_AGAIN_MS};
use super::policy::{self, AfterFailure, Decision};
use super::record::{Attempt, Live, Record};
use super::slots::{Put, store_hangs};
use super::state::State;
use crate::Secret;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::guarded::Guard;
use crate::host::{Boxed, Host, LogLevel};
use crate::http::digits;
use crate::services::Holding;

/// How much longer than a request another tab's attempt or lock is respected, in milliseconds (R9).
const LEASE_MARGIN_MS: u64 = 2_000;
/// How often a refresh looks whether a call that may change the player is done, in milliseconds.
const SETTLE_LOOK_MS: u64 = 50;
/// How long a lost answer can be asked for again by the same call, in milliseconds from its first request, and no longer
/// than one request may take (R19).
const REPLAY_WINDOW_MS: u64 = 10_000;

impl<H: Host> Session<H> {
    /// Refreshes; once more when the refresh that was joined began before the player changed.
    pub(super) fn rotate_once(&self, patience_ms: u64) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            let ends_at = self.in_ms(patience_ms);
            let spent = {
                let state = self.state();
                !self.can_renew(&state)
            };
            if spent {
                let _ = self.adopt().await;
            }
            for _ in 0..2 {
                let flight = {
                    let state = self.state();
                    state.check_open()?;
                    if let Some(error) = self.paused(&state, true) {
                        return Err(error);
                    }
                    if !self.can_renew(&state) {
                        return Err(state.spent());
                    }
                    self.join(state)
                };
                let left = self.left_until(ends_at);
                let result = self.within(&flight, left).await.unwrap_or_else(|| Err(not_in_time()));
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
                if !self.can_renew(&state) {
                    return Ok(None);
                }
            }
            self.rotate_once(patience_ms).await?;
            let current = self.state().live.access_token.clone();
            Ok((current.expose() != token).then_some(current))
        })
    }

    /// The refresh in the air, or a new one. One that has landed and is still here was ended by a panic.
    pub(super) fn join(&self, mut state: Guard<'_, State>) -> Flight {
        if let Some(flight) = state.flight.as_ref().filter(|flight| !flight.has_landed()) {
            return flight.clone();
        }
        let (flight, pilot) = Flight::take_off();
        state.flight = Some(flight.clone());
        state.refreshes = state.refreshes.saturating_add(1);
        let since = state.live.generation;
        // A host may poll at once what it is given.
        drop(state);
        self.0.host.spawn(self.clone().fly(flight.clone(), pilot, since));
        flight
    }

    /// A line about this session, with the number of its last refresh: what has the same one belongs together (R33).
    pub(super) fn log(&self, level: LogLevel, event: &'static str, field: (&'static str, &str)) {
        let refresh = digits(self.state().refreshes.into());
        self.0.host.log(level, event, &[field, ("refresh", &refresh)]);
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

    async fn fly(self, flight: Flight, pilot: Pilot, since: u64) {
        let result = self.rotate_locked(since).await;
        let asked = {
            let mut state = self.state();
            if state.flight.as_ref().is_some_and(|current| current.is(&flight)) {
                state.flight = None;
            }
            match &result {
                Ok(()) => {
                    state.failures = 0;
                    state.pause = None;
                    None
                }
                Err(error) => {
                    state.failures = state.failures.saturating_add(1);
                    let asked = error.retry_after_ms();
                    let backoff = policy::pause_ms(state.failures, self.random());
                    state.pause = Some(self.pause_for(asked.unwrap_or(0), backoff, error.clone()));
                    // Unless another tab has said so already.
                    let now = self.0.host.now();
                    let is_known = state.live.pause.is_some_and(|pause| pause.until > now);
                    asked.filter(|_| !state.is_done() && !is_known).map(|asked| (asked, error.status().unwrap_or(503)))
                }
            }
        };
        if let Some((wait, status)) = asked {
            self.share_pause(wait, status).await;
        }
        if let Err(error) = &result {
            self.log(LogLevel::Info, "refresh-failed", ("kind", error.kind().as_str()));
        }
        if is_planted(Mutant::AwaitHandlers) {
            self.notify();
            let _ = self.rotate_once(self.patience_ms()).await;
        }
        pilot.land(result);
        self.notify();
        self.0.bell.ring(super::keeper::POKED);
    }

    /// Refreshes under the lock, where there is one and it is free before long: a tab that is frozen with the lock in
    /// its hands stops nobody for ever.
    fn rotate_locked(&self, since: u64) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            // A token that is asked for while the player may be changing could be of either.
            let ends_at = self.in_ms(self.0.service.timeout_ms());
            while self.state().unsettled > 0 && self.0.host.monotonic() < ends_at {
                self.0.host.sleep(SETTLE_LOOK_MS).await;
            }
            let name = self.0.slot.as_ref().map_or("playerlink", |slot| &slot.record);
            if is_planted(Mutant::DropLock) {
                return self.rotate(true, since).await;
            }
            let patience = if is_planted(Mutant::StealLock) { 0 } else { self.lease_ms() };
            let held = match first(self.0.host.lock(name), self.0.host.sleep(patience)).await {
                Either::A(lock) => lock,
                Either::B(()) => None,
            };
            let result = self.rotate(held.is_some() || is_planted(Mutant::StealLock), since).await;
            drop(held);
            // Not under the lock: a program takes its time to get a ticket (R10).
            match result {
                Err(error) if error.reason().is_some() => self.renew(error).await,
                result => result,
            }
        })
    }

    pub(super) fn lease_ms(&self) -> u64 {
        self.0.service.timeout_ms().saturating_add(LEASE_MARGIN_MS)
    }

    /// Swaps the refresh token. A tab that loses the race to another has what that one got, and, should that be spent
    /// already, tries once with it. An answer that was lost is asked for once more.
    fn rotate(&self, locked: bool, since: u64) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            if !is_planted(Mutant::DropReread) && self.adopt_since(since).await? {
                return Ok(());
            }
            if let Some(error) = self.paused(&self.state(), true) {
                return Err(error);
            }
            let began = self.0.host.monotonic();
            let mut lost = 0;
            loop {
                let (live, unknown) = match self.clear_for(locked, since).await? {
                    Clearance::Served => return Ok(()),
                    Clearance::Send(live, unknown) => (live, unknown),
                };
                let seen = self.state().identity_changes;
                let sent = (self.0.host.now(), self.0.host.monotonic());
                let error = match self.ask(&live).await {
                    Ok(granted) => {
                        let taken_over = {
                            let state = self.state();
                            !state.is_done() && state.live.access_token != live.access_token && self.can_refresh(&state)
                        };
                        // What another tab has stored meanwhile is what counts.
                        if taken_over {
                            return Ok(());
                        }
                        return self.commit(live.refreshed(granted, sent.0), sent.1, seen).await;
                    }
                    Err(error) => error,
                };
                let (ended, expected) = {
                    let mut state = self.state();
                    state.attempt_is_ours = true;
                    if state.live.is_same(&live) {
                        // An answer without new tokens leaves the old one as good as before.
                        let unknown = state.live.attempt.filter(|_| policy::is_outcome_unknown(&error));
                        state.live.attempt = unknown.map(|attempt| Attempt { started_at: 0, ..attempt });
                    }
                    (state.live.clone(), state.stored.clone())
                };
                if !locked && ended.is_same(&live) {
                    // The note was the lease, and others may be waiting for its end.
                    self.note(&ended, expected.as_deref()).await;
                }
                let AfterFailure::Discard(reason) = policy::after_refresh_failure(&error) else {
                    let elapsed = self.0.host.monotonic().saturating_sub(began);
                    let window = self.0.service.timeout_ms().min(REPLAY_WINDOW_MS);
                    let may_be_lost = policy::is_outcome_unknown(&error) && self.0.host.is_online();
                    if self.state().failures > 0 || unknown > 0 || !may_be_lost || elapsed >= window {
                        return Err(error);
                    }
                    // Once more, after a look whether another tab got an answer.
                    self.state().failures += 1;
                    self.0.host.sleep(LOOK_AGAIN_MS).await;
                    if !is_planted(Mutant::ReplayWithoutReread) && self.adopt_since(since).await? {
                        return Ok(());
                    }
                    continue;
                };
                let was_lost = unknown > 0 && reason == SessionOverReason::RefreshRejected;
                let reason = if was_lost { SessionOverReason::OutcomeUnknown } else { reason };
                if is_planted(Mutant::LoserClears) {
                    self.end(reason);
                    let _ = self.bury(live.generation, None, true).await;
                    return Err(error);
                }
                // Another tab may have rotated: a losing tab adopts and clears nothing.
                let mut served = self.adopt().await?;
                self.check_doubt(&self.state())?;
                let is_ours = |now: &Live| now.generation == live.generation && now.is_same(&live);
                if is_ours(&self.state().live) {
                    if self.discard(reason).await {
                        return Err(error.with_reason(reason));
                    }
                    served = self.adopt().await?;
                }
                if served {
                    return Ok(());
                }
                lost += 1;
                let state = self.state();
                if lost > 1 || is_ours(&state.live) || !self.can_refresh(&state) {
                    return if self.is_servable(&state) { Ok(()) } else { Err(error) };
                }
            }
        })
    }

    fn ask<'a>(&'a self, live: &'a Live) -> Boxed<'a, Result<Box<crate::services::Granted>>> {
        let (valid, refreshable) = {
            let state = self.state();
            (self.lifetime(&state).is_valid(), self.is_refresh_token_valid(&state))
        };
        let holding = Holding {
            access_token: valid.then_some(&live.access_token),
            refresh_token: live.refresh_token.as_ref().filter(|_| refreshable),
            player: &live.player,
            details: &live.details,
        };
        Box::pin(self.0.service.refresh(&*self.0.host, holding))
    }

    /// A new sign-in with a new platform ticket, when the program can give one: asked for once, and only then is the
    /// session over, for the reason of `error`.
    fn renew(&self, error: Error) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            let reason = self.state().ended.or(error.reason()).unwrap_or(SessionOverReason::Expired);
            let Some(renew) = &self.0.renew else { return Err(error) };
            let (seen, generation, wanted) = {
                let state = self.state();
                let wanted = !state.is_done() && self.can_renew(&state) && !self.can_refresh(&state);
                (state.identity_changes, state.live.generation, wanted)
            };
            if !wanted {
                return Err(error);
            }
            match renew().await {
                Ok((granted, sent)) => {
                    let live = Live::new(generation.saturating_add(1), granted, sent.0);
                    self.commit(live, sent.1, seen).await
                }
                // Not now: the next one asks for another ticket.
                Err(failed) if policy::is_passing(&failed) => Err(failed),
                Err(failed) => {
                    self.log(LogLevel::Warn, "ticket-refused", ("kind", failed.kind().as_str()));
                    let servable = {
                        let mut state = self.state();
                        state.renewable = false;
                        state.ended = Some(reason);
                        self.is_servable(&state)
                    };
                    Err(if servable { Error::session_over(reason) } else { self.end(reason) })
                }
            }
        })
    }

    /// Takes over like [`adopt`](Self::adopt), for a flight that began when the record was of generation `since`: what it waits for may have been taken
    /// over by the keeper, who hears of it when the other tab does not hold the lock any more.
    pub(super) fn adopt_since(&self, since: u64) -> Boxed<'_, Result<bool>> {
        Box::pin(async move {
            let served = self.adopt().await?;
            let state = self.state();
            let is_new = state.live.generation > since;
            Ok(served || is_new && !state.is_stale() && self.decide(&state) == Decision::Serve)
        })
    }

    /// Takes over what another tab or process has stored since; `true` when that makes a refresh needless.
    pub(super) fn adopt(&self) -> Boxed<'_, Result<bool>> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return Ok(false) };
            let found = self.load(&slot.record).await;
            let mut state = self.state();
            if found.is_err() {
                self.doubt(&mut state);
            }
            // What is known of the age stays known when the clock is set back.
            let at = policy::received_monotonic(
                state.live.access_life.received_at,
                self.0.host.now(),
                self.0.host.monotonic(),
            );
            state.access_received = state.access_received.min(at);
            let Ok(found) = found else { return Ok(false) };
            let Some(text) = found else {
                // The browser has emptied the store, and the list with it.
                state.stored = None;
                state.pointed = false;
                return Ok(false);
            };
            let ours = state.live.generation;
            let is_known = state.stored.as_ref() == Some(&text);
            // A sign-in that is not written yet is newer than all that is; once it has died, what lives is better.
            let is_newest = state.is_new && (state.ended.is_none() || self.is_servable(&state));
            match Record::from_text(&text).filter(|_| !is_newest && !is_known) {
                // A sign-out we have not seen counts whatever its number: what is in memory only has raised ours. Any
                // other end is too early while what the service has just issued is being written.
                Some(Record::Ended { generation, reason })
                    if !state.is_new
                        && (generation > ours && !state.is_committing || reason == SessionOverReason::SignedOut) =>
                {
                    // Only a sign-out takes away what is still valid.
                    state.live.refresh_token = None;
                    state.ended.get_or_insert(reason);
                    let keeps = reason != SessionOverReason::SignedOut && self.is_servable(&state);
                    drop(state);
                    Err(if keeps { Error::session_over(reason) } else { self.end(reason) })
                }
                Some(Record::Live(live))
                    if state.is_outdated_by(&live) && (live.refresh_token.is_some() || !state.is_new) =>
                {
                    state.check_open()?;
                    // What was in memory only may have seen a change of the player that these have not.
                    let is_unsaved = std::mem::take(&mut state.is_new) || state.unsaved.is_some();
                    if live.stale || is_unsaved && state.identity_seen > 0 {
                        state.identity_changed();
                    }
                    let before = std::mem::replace(&mut state.live, live);
                    state.stored = Some(text);
                    state.unsaved = None;
                    let (access, refresh) = (state.access_received, state.refresh_received);
                    self.set_ages(&mut state);
                    // What is known of the same token's age is not forgotten.
                    if before.access_token == state.live.access_token {
                        state.access_received = state.access_received.min(access);
                    }
                    if before.refresh_token == state.live.refresh_token {
                        state.refresh_received = state.refresh_received.min(refresh);
                    }
                    state.ended = None;
                    state.attempt_is_ours = false;
                    state.renewable = self.0.renew.is_some();
                    state.durability = Durability::Durable;
                    let served = !state.is_stale() && self.decide(&state) == Decision::Serve;
                    drop(state);
                    self.note_pause();
                    Ok(served)
                }
                // The same tokens with another note on them.
                Some(Record::Live(live)) if live.generation == ours && live.access_token == state.live.access_token => {
                    if live.stale {
                        // Another tab has changed the player: the refresh that follows is sent after that.
                        state.identity_changed();
                    }
                    if live.attempt != state.live.attempt {
                        state.live.attempt = live.attempt;
                        state.attempt_is_ours = false;
                    }
                    state.live.pause = live.pause;
                    state.stored = Some(text);
                    drop(state);
                    self.note_pause();
                    Ok(false)
                }
                // What ours are to replace, with another note on it. Forgotten, a newer login would pass for it.
                Some(Record::Live(live)) if state.replaced().is_some_and(|base| base.is_same(&live)) => {
                    state.stored = Some(text);
                    Ok(false)
                }
                _ => Ok(false),
            }
        })
    }

    /// Stores, then shows. A sign-out that came first wins.
    fn commit(&self, mut live: Box<Live>, received: u64, seen: u32) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            // A store that failed a moment ago costs nobody another two seconds: the keeper writes when it is back.
            let failed = {
                let mut state = self.state();
                std::mem::take(&mut state.store_failed).then(|| state.stored.clone())
            };
            if is_planted(Mutant::PersistAfterResolve) {
                self.state().live = live.clone();
                let session = self.clone();
                self.0.host.spawn(async move {
                    let put = session.put(&mut live, seen, false).await;
                    session.note_put(put);
                });
                return Ok(());
            }
            let put = match failed {
                Some(expected) => Box::new(Put { expected, failed: Some(store_hangs()), ..Put::default() }),
                None => {
                    let login = {
                        let mut state = self.state();
                        state.is_committing = true;
                        state.is_new
                    };
                    let put = self.put(&mut live, seen, login).await;
                    self.state().is_committing = false;
                    put
                }
            };
            if put.signed_out {
                self.give_back(live).await;
                return Err(self.end(SessionOverReason::SignedOut));
            }
            if put.superseded {
                // Another tab has rotated too, or signed in anew: what it has is what counts.
                self.adopt().await?;
                return Ok(());
            }
            let received = i64::try_from(received).unwrap_or(i64::MAX);
            let late = {
                let mut state = self.state();
                if state.over.is_none() {
                    if put.changed_elsewhere {
                        state.identity_changed();
                    }
                    if state.live.refresh_token != live.refresh_token || state.live.refresh_life != live.refresh_life {
                        state.refresh_received = received;
                    }
                    state.live = live.clone();
                    state.access_received = received;
                    state.identity_seen = seen;
                    state.ended = None;
                    state.attempt_is_ours = false;
                    state.renewable = self.0.renew.is_some();
                }
                state.over
            };
            let Some(reason) = late else {
                self.note_put(put);
                self.point_here().await;
                return Ok(());
            };
            // Over while the request was in the air: what it brought is given back, not kept. Only what was written
            // here is taken out of the store; another record there is a newer sign-in.
            if put.stored.is_some() {
                let _ = self.bury(live.generation, put.stored, false).await;
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
                // What a sign-in could not replace was not refused.
                if state.is_new {
                    state.stored = None;
                }
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
                        self.0.host.broadcast(&slot.record, next.generation());
                        if ends {
                            self.point_to(slot, false).await;
                        }
                    }
                    Ok(false) => ours = false,
                    Err(_) => {}
                }
            }
            let goes_on = {
                let state = self.state();
                self.is_servable(&state) || (state.renewable && !ends)
            };
            if ours && !goes_on {
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
