//! What time alone does to the machine, and when it wants to be woken.

use super::machine::{Machine, What};
use super::snapshot::RefreshState;
use super::{Action, Failure, State};
use crate::error::ErrorKind;
use crate::linking::clock::Now;
use crate::linking::watch::LATE_WINDOW_MS;

/// A request without an answer counts as failed after this long: the app's promise may never settle.
const REQUEST_MS: u64 = 20_000;
/// Nor may a last question keep the new code waiting.
const LAST_CHECK_MS: u64 = 3_000;
/// On a stream, a code that was revealed is concealed again.
const REVEALED_MS: u64 = 15_000;
/// New codes that live shorter than this are not asked for by themselves: there would be no end of it.
const LEAST_RENEWED_MS: u64 = 20_000;
/// Where time left is spoken, beside the option.
const MARK_MS: u64 = 60_000;

impl Machine {
    /// When [`Event::Tick`](super::Event::Tick) is due, in milliseconds; `None`: time changes nothing any more.
    pub fn wake_in_ms(&self, now: Now) -> Option<u64> {
        use State::{
            Active, Cancelled, Checking, Expired, Expiring, Failed, Idle, Limited, Linked, Renewing, Requesting,
        };
        let flight =
            self.flight.as_ref().map(|flight| self.flight_limit_ms(flight.what).saturating_sub(now.since(flight.sent)));
        let concealing =
            self.revealed.filter(|_| self.is_live()).map(|since| REVEALED_MS.saturating_sub(now.since(since)));
        let retry = self.retry.map(|_| self.retry_left(now));
        let poll = || {
            let watching = self.flight.is_none() && self.polled().is_some() && self.is_watching(now);
            watching.then(|| self.plan.due_in_ms(now, self.is_lazy()))
        };
        let wanted = match self.state {
            Idle | Cancelled | Failed => [None; 4],
            Requesting | Linked => [retry, None, None, None],
            Limited => [Some(self.limit_left(now)).filter(|left| *left > 0), None, None, None],
            Checking => [Some(self.time_left(now)).filter(|left| *left > 0), None, None, None],
            Active | Expiring => {
                let left = self.time_left(now);
                let warn = left.checked_sub(self.options.warn_ms).filter(|ms| *ms > 0);
                [Some(left), warn, poll(), self.next_sight_ms(now)]
            }
            Renewing => {
                let struck = self.struck.map(|since| LAST_CHECK_MS.saturating_sub(now.since(since)));
                [retry, struck.filter(|left| *left > 0), None, None]
            }
            Expired => [Some(self.late_left(now)).filter(|left| *left > 0), poll(), None, None],
        };
        // Never at once again: what is due now was done in the step before.
        wanted.into_iter().chain([flight, concealing]).flatten().min().map(|ms| ms.max(1))
    }

    /// When a face wants to draw again: with each second of a countdown, each minute of an age. Not while hidden.
    fn next_sight_ms(&self, now: Now) -> Option<u64> {
        let code = self.code.as_ref().filter(|_| !self.hidden)?;
        let age = self.age(now);
        Some(match code.told_ms {
            Some(told) => match told.saturating_sub(age) % 1_000 {
                0 => 1_000,
                rest => rest,
            },
            None => 60_000 - age % 60_000,
        })
    }

    /// Everything that is due now.
    pub(super) fn advance(&mut self, now: Now, out: &mut Vec<Action>) {
        self.give_up_flight(now, out);
        if self.revealed.is_some_and(|since| now.since(since) >= REVEALED_MS) {
            (self.concealed, self.revealed) = (true, None);
        }
        match self.state {
            State::Requesting => self.ask(now, out),
            State::Active | State::Expiring => self.live(now, out),
            State::Expired => self.late(now, out),
            State::Linked if self.refresh == RefreshState::Running => self.try_again(What::Refresh, now, out),
            _ => {}
        }
        // Also what has become this just now.
        if self.state == State::Renewing {
            self.renew(now, out);
        }
    }

    fn give_up_flight(&mut self, now: Now, out: &mut Vec<Action>) {
        let Some(flight) = &self.flight else { return };
        if now.since(flight.sent) < self.flight_limit_ms(flight.what) {
            return;
        }
        if let Some(flight) = self.flight.take() {
            out.push(Action::Abort);
            self.answered(&flight, Err(Failure::of(ErrorKind::Timeout)), now, out);
        }
    }

    fn flight_limit_ms(&self, what: What) -> u64 {
        let is_last = self.state == State::Renewing && matches!(what, What::Check(_));
        if is_last { LAST_CHECK_MS } else { REQUEST_MS }
    }

    fn ask(&mut self, now: Now, out: &mut Vec<Action>) {
        let what = if self.baseline_wanted { What::Baseline } else { What::Code };
        self.try_again(what, now, out);
    }

    fn try_again(&mut self, what: What, now: Now, out: &mut Vec<Action>) {
        if self.flight.is_none() && self.retry_left(now) == 0 {
            self.send(what, now, out);
        }
    }

    fn live(&mut self, now: Now, out: &mut Vec<Action>) {
        let left = self.time_left(now);
        if left == 0 {
            return self.expire(now, out);
        }
        self.state = if left <= self.options.warn_ms { State::Expiring } else { State::Active };
        // The last of the marks that were passed, once.
        let passed = [MARK_MS, self.options.warn_ms].into_iter().filter(|mark| left <= *mark && *mark < self.marked_ms);
        if let Some(mark) = passed.min() {
            self.marked_ms = mark;
            let told = self.code.as_ref().is_some_and(|code| code.told_ms.is_some());
            if told || mark == self.options.warn_ms {
                self.say("expiring").seconds = told.then(|| left.div_ceil(1_000));
            }
        }
        self.poll(now, out);
    }

    fn poll(&mut self, now: Now, out: &mut Vec<Action>) {
        if self.flight.is_none() && self.polled().is_some() && self.plan.due_in_ms(now, self.is_lazy()) == 0 {
            self.check(now, out);
        }
    }

    fn expire(&mut self, now: Now, out: &mut Vec<Action>) {
        let asks = self.polled().is_some() && !self.last_check && !self.plan.is_held_off(now);
        self.last_check = true;
        if self.would_renew() && !self.hidden {
            self.renewals_used += 1;
            self.begin_renewal(now);
        } else {
            self.state = State::Expired;
            self.revealed = None;
            self.say("expired");
        }
        if asks && self.flight.is_none() {
            self.check(now, out);
        }
    }

    /// Whether the end of this code would bring a new one by itself.
    pub(super) fn would_renew(&self) -> bool {
        let Some(code) = &self.code else { return false };
        let most = self.options.max_renewals.unwrap_or(if code.told_ms.is_some() { super::MAX_RENEWALS } else { 0 });
        !self.kept && self.renewals_used < most && code.life_ms >= LEAST_RENEWED_MS
    }

    fn renew(&mut self, now: Now, out: &mut Vec<Action>) {
        if self.flight.is_none() {
            self.try_again(What::Code, now, out);
        }
    }

    fn late(&mut self, now: Now, out: &mut Vec<Action>) {
        if self.is_late_window(now) {
            return self.poll(now, out);
        }
        // Nobody will hear of it any more: it need not be kept either.
        if self.code.take().is_some() {
            self.abort(out);
        }
    }

    /// Whether it is still asked after the code.
    pub(super) fn is_watching(&self, now: Now) -> bool {
        matches!(self.state, State::Active | State::Expiring)
            || (self.state == State::Expired && self.is_late_window(now))
    }

    pub(super) fn is_late_window(&self, now: Now) -> bool {
        self.late_left(now) > 0
    }

    fn late_left(&self, now: Now) -> u64 {
        let Some(code) = &self.code else { return 0 };
        code.life_ms.saturating_add(LATE_WINDOW_MS).saturating_sub(self.age(now))
    }

    pub(super) fn age(&self, now: Now) -> u64 {
        self.code.as_ref().map_or(0, |code| now.since(code.asked))
    }

    pub(super) fn time_left(&self, now: Now) -> u64 {
        self.code.as_ref().map_or(0, |code| code.life_ms.saturating_sub(now.since(code.asked)))
    }

    pub(super) fn retry_left(&self, now: Now) -> u64 {
        self.retry.map_or(0, |(since, ms)| now.until_both(since, ms))
    }

    pub(super) fn limit_left(&self, now: Now) -> u64 {
        self.limited.map_or(0, |(since, ms)| now.until_both(since, ms))
    }
}
