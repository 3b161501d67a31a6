//! What answers and failures of requests do.

use super::actions::is_sign_in;
use super::machine::{Code, Flight, Machine, What};
use super::snapshot::RefreshState;
use super::{Action, Answer, Failure, GUESSED_AGE_MS, Link, NewCode, State, Warning};
use crate::Secret;
use crate::error::ErrorKind;
use crate::linking::clock::Now;
use crate::linking::watch::{Evidence, Plan, Source};

/// Requests for a code, or refreshes, before it is given up.
const MOST_TRIES: u32 = 4;
const MOST_REFRESHES: u32 = 3;
/// Codes that live shorter are not typed in time.
const SHORT_LIFE_MS: u64 = 60_000;

impl Machine {
    pub(super) fn reply(&mut self, id: u32, result: Result<Answer, Failure>, now: Now, out: &mut Vec<Action>) {
        match self.flight.take() {
            Some(flight) if flight.id == id => self.answered(&flight, result, now, out),
            // Of a request that was given up, or of a code before this one.
            flight => self.flight = flight,
        }
    }

    pub(super) fn answered(
        &mut self,
        flight: &Flight,
        result: Result<Answer, Failure>,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let result = match (flight.what, result) {
            (What::Baseline, Ok(Answer::Links(links))) => return self.baseline_taken(Some(links)),
            (What::Code, Ok(Answer::Code(code))) => return self.code_came(code, flight.sent, now, out),
            (What::Check(source), Ok(answer)) => return self.checked(source, answer, now, out),
            (What::Refresh, Ok(Answer::Refreshed { player_changed })) => {
                return self.refreshed(player_changed, out);
            }
            // An answer to another question is none.
            (_, Ok(_)) => Failure::of(ErrorKind::Protocol),
            (_, Err(failure)) => failure,
        };
        match flight.what {
            What::Baseline if self.gives_up(&result, now) => {
                if is_sign_in(result.kind) {
                    return self.failed_with(&result, false, out);
                }
                out.push(Action::Warn(Warning::NoLinkList));
                self.baseline_taken(None);
            }
            What::Code => self.no_code(&result, now, out),
            What::Check(source) => self.check_failed(source, &result, flight, now, out),
            What::Refresh if self.gives_up(&result, now) => {
                self.refresh = RefreshState::Failed;
                self.tell(false, out);
            }
            What::Baseline | What::Refresh => {}
        }
    }

    fn baseline_taken(&mut self, links: Option<Vec<Link>>) {
        (self.baseline, self.baseline_wanted) = (links, false);
        (self.attempts, self.retry) = (0, None);
    }

    fn code_came(&mut self, new: NewCode, asked: Now, now: Now, out: &mut Vec<Action>) {
        let renewed = self.state == State::Renewing;
        if new.code.is_empty() {
            return self.no_code(&Failure::of(ErrorKind::Protocol), now, out);
        }
        let padded = self.padded(&new);
        if padded.is_some() {
            out.push(Action::Warn(Warning::NumberPadded));
        }
        let text = padded.unwrap_or(new.code);
        if self.options.format.as_ref().is_some_and(|format| !format.fits(text.expose())) {
            out.push(Action::Warn(Warning::FormatMismatch));
        }
        let hint = self.options.capabilities.max_age_hint_ms;
        // The service may promise more than it keeps: what the app knows is the most.
        let told_ms = new.expires_in_ms.map(|told| told.min(hint.unwrap_or(u64::MAX)));
        let life_ms = told_ms.or(hint).unwrap_or(GUESSED_AGE_MS);
        if told_ms.is_some_and(|told| told < SHORT_LIFE_MS) {
            out.push(Action::Warn(Warning::ShortLifetime));
        }
        let jitter = self.jitter();
        if renewed {
            self.plan.renewed(asked);
        } else {
            self.plan = Plan::new(asked, jitter);
        }
        self.code = Some(Code { text, asked, told_ms, life_ms });
        (self.struck, self.attempts, self.retry) = (None, 0, None);
        (self.kept, self.last_check, self.word_given) = (false, false, false);
        self.state = State::Active;
        if self.options.concealed {
            (self.concealed, self.revealed) = (true, None);
        }
        let left = life_ms.saturating_sub(self.age(now));
        self.marked_ms = left;
        self.say(if renewed { "renewed" } else { "shown" }).seconds = told_ms.map(|_| left.div_ceil(1_000));
    }

    /// Zeros that a JSON number has lost.
    fn padded(&self, new: &NewCode) -> Option<Secret> {
        let length = self.options.format.as_ref()?.length();
        let digits = new.code.expose();
        let missing = length.checked_sub(digits.len())?;
        (new.was_number && missing > 0).then(|| {
            let mut text = String::with_capacity(length);
            text.extend(std::iter::repeat_n('0', missing));
            text.push_str(digits);
            Secret::new(text)
        })
    }

    fn no_code(&mut self, failure: &Failure, now: Now, out: &mut Vec<Action>) {
        if failure.kind == ErrorKind::Busy {
            self.limit(failure.retry_after_ms, now, out);
        } else if self.gives_up(failure, now) {
            self.failed_with(failure, is_passing(failure.kind), out);
        }
    }

    /// Whether no further try is worth it; else the next one is set.
    fn gives_up(&mut self, failure: &Failure, now: Now) -> bool {
        self.attempts += 1;
        let refreshing = self.refresh == RefreshState::Running;
        let most = if refreshing { MOST_REFRESHES } else { MOST_TRIES };
        let passing = is_passing(failure.kind) || failure.kind == ErrorKind::Busy;
        if !passing || self.attempts >= most {
            return true;
        }
        let base = 1_000_u64 << (self.attempts - 1);
        // ±20 %.
        let wait = base * 4 / 5 + base * 2 / 5 * u64::from(self.jitter()) / 255;
        self.retry = Some((now, wait.max(failure.retry_after_ms.unwrap_or_default())));
        false
    }

    fn checked(&mut self, source: Source, answer: Answer, now: Now, out: &mut Vec<Action>) {
        let jitter = self.jitter();
        self.plan.answered(now, jitter);
        let waited = std::mem::take(&mut self.word_given);
        match (source, answer) {
            (Source::Status, Answer::Linked(link)) => self.link(link, Evidence::Status, now, out),
            (Source::Links, Answer::Links(links)) => {
                let before = self.announce.as_ref().map(|announce| announce.n);
                let ended = self.found(&links, now, out);
                let said = self.announce.as_ref().map(|announce| announce.n) != before;
                if !ended {
                    self.go_on(waited && !said, now);
                }
            }
            (Source::Refresh, Answer::Refreshed { player_changed }) => {
                // The session is of now already: nothing is left to be refreshed.
                let evidence = if player_changed { Evidence::Claims } else { Evidence::Manual };
                self.arrive(self.expected(), evidence, out);
                (self.refresh, self.player_changed) = (RefreshState::Done, player_changed);
                self.tell(true, out);
            }
            (Source::Status, Answer::Pending) => self.go_on(waited, now),
            (Source::Status, Answer::Expired) => self.over_early(waited, now),
            (Source::Status, Answer::Denied) => self.failed_with(&Failure::of(ErrorKind::Permission), true, out),
            _ => {
                self.plan.failed(now, jitter);
                self.go_on(waited, now);
            }
        }
    }

    /// The code lives, or does as far as anybody knows.
    fn go_on(&mut self, waited: bool, now: Now) {
        if self.state == State::Checking {
            self.state = if self.time_left(now) == 0 && self.last_check { State::Expired } else { State::Active };
        }
        if waited {
            self.not_yet();
        }
    }

    /// The service says that the code is too old, whatever it said of its lifetime.
    fn over_early(&mut self, waited: bool, now: Now) {
        let was_expired = self.time_left(now) == 0;
        if let Some(code) = &mut self.code {
            code.life_ms = code.life_ms.min(now.since(code.asked));
            code.told_ms = code.told_ms.map(|told| told.min(code.life_ms));
        }
        self.go_on(waited && was_expired, now);
        // Asked already: no last question.
        self.last_check = true;
    }

    fn check_failed(&mut self, source: Source, failure: &Failure, flight: &Flight, now: Now, out: &mut Vec<Action>) {
        let jitter = self.jitter();
        let waited = std::mem::take(&mut self.word_given);
        match failure.kind {
            ErrorKind::Busy => {
                self.plan.slow_down(now, failure.retry_after_ms, jitter);
                out.push(Action::Warn(Warning::TooOften { drift_ms: now.drift_since(flight.sent) }));
                self.go_on(waited, now);
            }
            ErrorKind::NotFound if source == Source::Status => {
                self.plan.answered(now, jitter);
                self.over_early(waited, now);
            }
            kind if is_passing(kind) => {
                self.plan.failed(now, jitter);
                self.go_on(waited, now);
            }
            // The player's word counts, though the session cannot be made to say the same.
            _ if source == Source::Refresh => {
                self.arrive(self.expected(), Evidence::Manual, out);
                self.refresh = RefreshState::Failed;
                self.tell(false, out);
            }
            kind if is_sign_in(kind) || source == Source::Status => self.failed_with(failure, false, out),
            // Without the list the code is as good as before: the player says when it is done.
            _ if source == Source::Links => {
                self.baseline = None;
                out.push(Action::Warn(Warning::NoLinkList));
                self.go_on(waited, now);
            }
            _ => self.failed_with(failure, false, out),
        }
    }

    fn refreshed(&mut self, player_changed: bool, out: &mut Vec<Action>) {
        (self.attempts, self.retry) = (0, None);
        (self.refresh, self.player_changed) = (RefreshState::Done, player_changed);
        self.tell(true, out);
    }
}

/// What may be better in a moment.
pub(super) fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::Cancelled
            | ErrorKind::Service
            | ErrorKind::Protocol
            | ErrorKind::Storage
            | ErrorKind::Internal
    )
}
