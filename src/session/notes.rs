//! What a session notes in its record: that the refresh token is about to be sent, and for how long the service wants to
//! be left alone.

use super::events::Durability;
use super::flow::Session;
use super::mutants::{Mutant, is_planted};
use super::record::{self, Attempt, Live, Record};
use super::state::{Pause, State};
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Boxed, Host};

/// How often a tab without the lock looks whether the other one is done, in milliseconds.
pub(super) const LOOK_AGAIN_MS: u64 = 250;
/// From when on a write took so long that others may have taken over, in milliseconds.
const SLOW_NOTE_MS: u64 = 3_000;
/// How long after the store failed a refusal is doubted, in milliseconds: what another tab could not store
/// meanwhile is there by then.
const DOUBT_MS: u64 = 20_000;

/// What the flight may do next.
pub(super) enum Clearance {
    /// Another tab has brought what is needed.
    Served,
    /// Send the refresh token of this record: it has been sent so often without a known outcome.
    Send(Box<Live>, u64),
}

impl<H: Host> Session<H> {
    /// Notes in the store that the refresh token is about to be sent, so that whoever comes after a crash or a lost
    /// answer knows. Without the lock, that note is the lease: while another tab's is young, this one waits for what it
    /// brings.
    pub(super) fn clear_for(&self, locked: bool, since: u64) -> Boxed<'_, Result<Clearance>> {
        Box::pin(async move {
            let mut is_slow = false;
            loop {
                let (mut live, expected, waits) = {
                    let state = self.state();
                    state.check_open()?;
                    if !self.can_refresh(&state) {
                        return Err(state.spent());
                    }
                    let now = self.0.host.now();
                    let waits = !state.attempt_is_ours && self.0.slot.is_some();
                    // Who has the lock need not wait for others that had it, and need for those that gave up on it.
                    let is_young = |attempt: Attempt| {
                        now.abs_diff(attempt.started_at) < self.lease_ms() && !(locked && attempt.locked)
                    };
                    (state.live.clone(), state.stored.clone(), waits && state.live.attempt.is_some_and(is_young))
                };
                if waits {
                    self.0.host.sleep(if is_planted(Mutant::Restless) { 1 } else { LOOK_AGAIN_MS }).await;
                    if self.adopt_since(since).await? {
                        return Ok(Clearance::Served);
                    }
                    continue;
                }
                let unknown = live.attempt.map_or(0, |attempt| attempt.sent);
                live.attempt = Some(Attempt { started_at: self.0.host.now(), sent: unknown.saturating_add(1), locked });
                live.pause = None;
                let began = (self.0.host.now(), self.0.host.monotonic());
                let is_careless = is_planted(Mutant::DropReread) || is_planted(Mutant::ReplayWithoutReread);
                if !is_careless && self.note(&live, expected.as_deref()).await == Some(false) {
                    if self.adopt_since(since).await? {
                        return Ok(Clearance::Served);
                    }
                    // Whoever cannot say what is in the store goes by what they have.
                    if self.state().stored != expected {
                        continue;
                    }
                }
                let took =
                    self.0.host.monotonic().saturating_sub(began.1).max(self.0.host.now().saturating_sub(began.0));
                // Whoever was frozen in the middle of that is not the one any more, or has an old note.
                if !is_careless && took > SLOW_NOTE_MS {
                    if self.adopt_since(since).await? {
                        return Ok(Clearance::Served);
                    }
                    // Where each note takes so long, another would be no younger.
                    let was_slow = std::mem::replace(&mut is_slow, true);
                    if !was_slow || self.state().live.generation != live.generation {
                        continue;
                    }
                }
                self.state().live.attempt = live.attempt;
                return Ok(Clearance::Send(live, unknown));
            }
        })
    }

    /// Writes a note into the record without making it another generation, also into a store that was emptied; `None`
    /// when there is nowhere to write.
    pub(super) fn note<'a>(&'a self, live: &'a Live, expected: Option<&'a str>) -> Boxed<'a, Option<bool>> {
        Box::pin(async move {
            let slot = self.0.slot.as_ref()?;
            let stale = self.state().is_stale();
            let mut noted = Box::new(live.clone());
            noted.stale = stale;
            let text = Record::Live(noted).to_text()?;
            let written = self.swap(&slot.record, expected, &text).await;
            let mut state = self.state();
            state.store_failed = written.is_err();
            if state.store_failed {
                self.doubt(&mut state);
            }
            if matches!(written, Ok(true)) && state.stored.as_deref() == expected {
                state.stored = Some(text);
                // The note is on the tokens themselves: what was in memory only is not any more.
                if state.live.access_token == live.access_token && state.unsaved.take().is_some() {
                    state.is_new = false;
                    state.durability = Durability::Durable;
                    state.list_at = Some(0);
                }
            }
            written.ok()
        })
    }

    /// The store failed: for others as well, probably.
    pub(super) fn doubt(&self, state: &mut State) {
        state.doubt_until = self.in_ms(DOUBT_MS);
    }

    /// Fails while the store cannot say whether another tab has what this one has not: no session ends for want of that.
    pub(super) fn check_doubt(&self, state: &State) -> Result<()> {
        if self.left_until(state.doubt_until) == 0 || state.stored.is_none() {
            return Ok(());
        }
        let message = "the session cannot be refreshed, and the store cannot say whether another tab has renewed it; \
                       try again";
        Err(Error::new(ErrorKind::Storage, message))
    }

    /// Tells the other tabs and the next start how long the service asked to be left alone (R24).
    pub(super) async fn share_pause(&self, wait_ms: u64, status: u16) {
        let (mut live, expected) = {
            let state = self.state();
            (state.live.clone(), state.stored.clone())
        };
        let until = self.0.host.now().saturating_add(wait_ms);
        live.pause = Some(record::Pause { until, length: wait_ms, status });
        if self.note(&live, expected.as_deref()).await == Some(true) {
            self.state().live.pause = live.pause;
        }
    }

    /// Takes over the pause another tab was asked for, or one from before the start.
    pub(super) fn note_pause(&self) {
        let mut state = self.state();
        let Some(pause) = state.live.pause else { return };
        let left = pause.until.saturating_sub(self.0.host.now()).min(pause.length);
        let (asked, until) = state.pause.as_ref().map_or((0, 0), |known| (known.asked_until, known.until));
        if left > self.left_until(asked) {
            let error = Error::new(ErrorKind::Busy, "the service asks to try again later").with_status(pause.status);
            state.pause = Some(self.pause_for(left, self.left_until(until), error));
        }
    }

    pub(super) fn pause_for(&self, asked_ms: u64, backoff_ms: u64, error: Error) -> Pause {
        let now = self.0.host.monotonic();
        let asked_until = now.saturating_add(asked_ms);
        Pause { until: asked_until.max(now.saturating_add(backoff_ms)), asked_until, error }
    }
}
