//! What the machine does: requests, and the ends a code can come to.

use super::machine::{Flight, Machine, What};
use super::snapshot::{Problem, RefreshState};
use super::{Action, Failure, Link, State};
use crate::Secret;
use crate::error::ErrorKind;
use crate::linking::clock::Now;
use crate::linking::conflict::Conflict;
use crate::linking::watch::Evidence;

impl Machine {
    pub(super) fn send(&mut self, what: What, now: Now, out: &mut Vec<Action>) {
        self.next_id = self.next_id.wrapping_add(1);
        let id = self.next_id;
        self.flight = Some(Flight { id, what, sent: now });
        self.retry = None;
        out.push(match what {
            What::Baseline => Action::TakeBaseline { id },
            What::Code => Action::RequestCode { id },
            What::Check(source) => Action::Check { id, source },
            What::Refresh => Action::Refresh { id },
        });
    }

    pub(super) fn check(&mut self, now: Now, out: &mut Vec<Action>) {
        if let Some(source) = self.polled() {
            self.send(What::Check(source), now, out);
        }
    }

    pub(super) fn abort(&mut self, out: &mut Vec<Action>) {
        if self.flight.take().is_some() {
            out.push(Action::Abort);
        }
    }

    /// The player or the app ends it: nothing is left in the air, and no code in memory.
    pub(super) fn end(&mut self, out: &mut Vec<Action>) {
        self.abort(out);
        if self.code.is_some() && self.state != State::Expired && self.options.offered.revoke {
            out.push(Action::Revoke);
        }
        self.stop_listening(out);
        self.forget();
    }

    /// Everything of the code that was; the code itself is wiped where it is dropped.
    pub(super) fn forget(&mut self) {
        (self.code, self.struck, self.retry, self.limited) = (None, None, None, None);
        (self.attempts, self.marked_ms) = (0, u64::MAX);
        (self.kept, self.last_check, self.word_given) = (false, false, false);
        (self.evidence, self.linked, self.other_link) = (Evidence::None, None, None);
        (self.refresh, self.player_changed) = (RefreshState::Idle, false);
        (self.problem, self.revealed) = (None, None);
    }

    fn stop_listening(&mut self, out: &mut Vec<Action>) {
        if self.listening {
            self.listening = false;
            out.push(Action::StopListening);
        }
    }

    /// The code was used, and the session is refreshed.
    pub(super) fn link(&mut self, link: Link, evidence: Evidence, now: Now, out: &mut Vec<Action>) {
        self.arrive(link, evidence, out);
        if self.options.offered.refresh {
            self.refresh = RefreshState::Running;
            self.send(What::Refresh, now, out);
        } else {
            self.tell(true, out);
        }
    }

    /// The code was used. It leaves the screen before anything else is shown.
    pub(super) fn arrive(&mut self, link: Link, evidence: Evidence, out: &mut Vec<Action>) {
        self.abort(out);
        self.stop_listening(out);
        self.forget();
        self.state = State::Linked;
        self.evidence = evidence;
        let announce = self.say("linked");
        announce.platform = Some(link.platform.clone()).filter(|platform| !platform.is_empty());
        announce.display_name.clone_from(&link.display_name);
        self.linked = Some(link);
    }

    /// The one word to the app that it happened.
    pub(super) fn tell(&mut self, refreshed: bool, out: &mut Vec<Action>) {
        if self.player_changed {
            self.evidence = self.evidence.max(Evidence::Claims);
        }
        let (link, evidence) = (self.linked.clone().unwrap_or_default(), self.evidence);
        out.push(Action::Linked { link, evidence, player_changed: self.player_changed, refreshed });
    }

    /// New links since the code was asked for. Answers whether one of them ended the code.
    pub(super) fn found(&mut self, links: &[Link], now: Now, out: &mut Vec<Action>) -> bool {
        let Some(known) = &self.baseline else {
            return false;
        };
        let new = |link: &&Link| !known.iter().any(|known| known.platform == link.platform && known.id == link.id);
        let new: Vec<Link> = links.iter().filter(new).cloned().collect();
        let wanted = self.options.expect_platform.as_deref();
        let fits = |link: &&Link| wanted.is_none_or(|platform| platform.eq_ignore_ascii_case(&link.platform));
        if let Some(link) = new.iter().find(fits) {
            self.link(link.clone(), Evidence::ListDiff, now, out);
            return true;
        }
        if let Some(other) = new.into_iter().next() {
            let announce = self.say("other-link");
            announce.platform = Some(other.platform.clone());
            announce.display_name.clone_from(&other.display_name);
            if let Some(known) = &mut self.baseline {
                known.extend(links.iter().cloned());
            }
            self.other_link = Some(other);
        }
        false
    }

    pub(super) fn conflicted(&mut self, conflict: &Conflict, out: &mut Vec<Action>) {
        let problem = Problem::of_conflict(conflict, self.options.capabilities.undo);
        self.fail(problem, out);
    }

    pub(super) fn failed_with(&mut self, failure: &Failure, retryable: bool, out: &mut Vec<Action>) {
        if let Some(conflict) = Conflict::of_kind(failure.kind, failure.code.as_deref()) {
            return self.conflicted(&conflict, out);
        }
        // Whatever it is that the session is no longer good for: the player signs in.
        let kind = if is_sign_in(failure.kind) { ErrorKind::SessionOver } else { failure.kind };
        self.fail(Problem { kind: kind.as_str(), conflict: None, choices: &[], retryable, retry_at_ms: None }, out);
    }

    pub(super) fn fail(&mut self, problem: Problem, out: &mut Vec<Action>) {
        self.abort(out);
        self.stop_listening(out);
        self.forget();
        self.state = State::Failed;
        self.say("error").kind = Some(problem.conflict.unwrap_or(problem.kind));
        self.problem = Some(problem);
    }

    /// The service asks to wait. Nothing is asked by itself after that.
    pub(super) fn limit(&mut self, retry_after_ms: Option<u64>, now: Now, out: &mut Vec<Action>) {
        const UNSAID_MS: u64 = 30_000;
        let wait = retry_after_ms.unwrap_or(UNSAID_MS);
        self.abort(out);
        self.stop_listening(out);
        self.forget();
        self.state = State::Limited;
        self.limited = Some((now, wait));
        let kind = ErrorKind::Busy.as_str();
        let retry_at_ms = Some(now.wall.saturating_add(wait));
        self.say("error").kind = Some(kind);
        self.problem = Some(Problem { kind, conflict: None, choices: &[], retryable: true, retry_at_ms });
    }

    /// The code is struck through; a new one is asked for as soon as nothing else is in the air.
    pub(super) fn begin_renewal(&mut self, now: Now) {
        self.state = State::Renewing;
        self.struck = Some(now);
        (self.attempts, self.retry) = (0, None);
    }

    /// The code on the screen, struck through or not.
    pub(super) fn shown_code(&self, now: Now) -> Option<Secret> {
        /// How long a struck code is to be seen.
        const STRUCK_MS: u64 = 3_000;
        let code = self.code.as_ref()?;
        let is_shown = match self.state {
            State::Active | State::Expiring => true,
            State::Renewing => self.struck.is_some_and(|since| now.since(since) < STRUCK_MS),
            _ => false,
        };
        is_shown.then(|| code.text.clone())
    }
}

pub(super) fn is_sign_in(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::SessionOver | ErrorKind::SessionStale | ErrorKind::Credentials | ErrorKind::PlatformTicket
    )
}
