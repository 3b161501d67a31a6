//! The machine: what it knows, and what each event of player and app does.

use super::snapshot::{Announce, Problem, RefreshState};
use super::{Action, Event, Link, MAX_RENEWALS, Options, State};
use crate::Secret;
use crate::linking::clock::Now;
use crate::linking::conflict::Conflict;
use crate::linking::watch::{Evidence, Plan, Source};

/// One code on one screen.
#[derive(Clone, Debug)]
pub struct Machine {
    pub(super) options: Options,
    pub(super) state: State,
    pub(super) revision: u64,
    /// Of what could be seen last.
    pub(super) seen: u64,
    random: u32,
    pub(super) next_id: u32,
    pub(super) flight: Option<Flight>,
    pub(super) code: Option<Code>,
    /// Links as they were before the code. `None`: not taken, or could not be.
    pub(super) baseline: Option<Vec<Link>>,
    pub(super) baseline_wanted: bool,
    /// Requests for this code, or refreshes, that failed in a row.
    pub(super) attempts: u32,
    /// The pause before the next: since when, and how long.
    pub(super) retry: Option<(Now, u64)>,
    pub(super) limited: Option<(Now, u64)>,
    pub(super) plan: Plan,
    pub(super) renewals_used: u32,
    /// The code is not to be replaced by itself.
    pub(super) kept: bool,
    /// Since when the code is struck through.
    pub(super) struck: Option<Now>,
    /// A last question at the end of the code's life.
    pub(super) last_check: bool,
    /// The player said that it is done, and waits for what we find.
    pub(super) word_given: bool,
    /// The smallest mark of time that was spoken, in milliseconds.
    pub(super) marked_ms: u64,
    pub(super) hidden: bool,
    pub(super) concealed: bool,
    /// Since when the code is to be seen on a stream.
    pub(super) revealed: Option<Now>,
    pub(super) listening: bool,
    pub(super) evidence: Evidence,
    pub(super) linked: Option<Link>,
    pub(super) other_link: Option<Link>,
    pub(super) refresh: RefreshState,
    pub(super) player_changed: bool,
    pub(super) problem: Option<Problem>,
    pub(super) announce: Option<Announce>,
    announced: u32,
    disposed: bool,
}

/// A request in the air.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) id: u32,
    pub(super) what: What,
    pub(super) sent: Now,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Baseline,
    Code,
    Check(Source),
    Refresh,
}

/// The code on the screen.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) text: Secret,
    /// When it was asked for: what the service tells counts from there at the earliest.
    pub(super) asked: Now,
    /// How long it lives, if somebody says so.
    pub(super) told_ms: Option<u64>,
    /// When it leaves the screen.
    pub(super) life_ms: u64,
}

impl Machine {
    /// A machine that does nothing before [`Event::Start`].
    pub fn new(options: Options) -> Self {
        let (concealed, random) = (options.concealed, options.seed | 1);
        let warn_ms = options.warn_ms.clamp(20_000, 120_000);
        let max_renewals = options.max_renewals.map(|most| most.min(MAX_RENEWALS));
        let mut machine = Self {
            options: Options { warn_ms, max_renewals, ..options },
            state: State::Idle,
            revision: 0,
            seen: 0,
            random,
            next_id: 0,
            flight: None,
            code: None,
            baseline: None,
            baseline_wanted: false,
            attempts: 0,
            retry: None,
            limited: None,
            plan: Plan::new(Now::default(), 128),
            renewals_used: 0,
            kept: false,
            struck: None,
            last_check: false,
            word_given: false,
            marked_ms: u64::MAX,
            hidden: false,
            concealed,
            revealed: None,
            listening: false,
            evidence: Evidence::None,
            linked: None,
            other_link: None,
            refresh: RefreshState::Idle,
            player_changed: false,
            problem: None,
            announce: None,
            announced: 0,
            disposed: false,
        };
        machine.revise(Now::default());
        machine
    }

    /// Where the code stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// What happens, and what is to be done about it. Events that mean nothing now change nothing.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Action> {
        let mut out = Vec::new();
        if self.disposed {
            return out;
        }
        self.take(event, now, &mut out);
        if !self.disposed {
            self.advance(now, &mut out);
        }
        self.revise(now);
        out
    }

    fn take(&mut self, event: Event, now: Now, out: &mut Vec<Action>) {
        use State::{Active, Cancelled, Expired, Expiring, Failed, Idle, Limited, Linked};
        match event {
            Event::Start | Event::NewCode => match self.state {
                Idle | Cancelled | Expired | Failed => self.restart(out),
                Limited if self.limit_left(now) == 0 => self.restart(out),
                Active | Expiring if event == Event::NewCode => {
                    self.renewals_used = 0;
                    self.begin_renewal(now);
                    self.abort(out);
                }
                _ => {}
            },
            Event::Keep if matches!(self.state, Active | Expiring) => self.kept = true,
            Event::Cancel if self.state != Linked && self.state != Idle && self.state != Cancelled => {
                self.end(out);
                self.state = Cancelled;
            }
            Event::Dispose => {
                self.end(out);
                self.state = Cancelled;
                self.disposed = true;
            }
            // The other player's code, which a request with this one's session cannot take back.
            Event::AccountSwitched if self.state != Linked => {
                self.code = None;
                self.end(out);
                self.state = Idle;
            }
            Event::Conceal => (self.concealed, self.revealed) = (true, None),
            Event::Reveal => (self.concealed, self.revealed) = (false, self.options.concealed.then_some(now)),
            Event::Finished => self.finished(now, out),
            Event::Hidden => self.hidden = true,
            Event::Visible => {
                if self.hidden && self.flight.is_none() && self.is_watching(now) && self.plan.is_due_after_sleep(now) {
                    self.check(now, out);
                }
                self.hidden = false;
            }
            Event::Reply { id, result } => self.reply(id, result, now, out),
            Event::PushedLinked(link) if self.is_listening() => self.link(link, Evidence::Backend, now, out),
            Event::PushedConflict(code) if self.is_listening() => {
                let conflict = Conflict::of_code(&code).unwrap_or(Conflict::Other(code));
                self.conflicted(&conflict, out);
            }
            Event::Elsewhere(link) if self.is_listening() => {
                self.found(&[link], now, out);
            }
            _ => {}
        }
    }

    /// Whether the backend and other tabs are believed now: a code is out there, or was a moment ago.
    fn is_listening(&self) -> bool {
        self.is_live() || matches!(self.state, State::Requesting | State::Expired)
    }

    /// Whether a code is on the screen, or only hidden while it is looked into.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.state, State::Active | State::Expiring | State::Renewing | State::Checking)
    }

    /// By the player's wish: everything from the start.
    fn restart(&mut self, out: &mut Vec<Action>) {
        self.abort(out);
        self.forget();
        (self.renewals_used, self.baseline) = (0, None);
        self.baseline_wanted = self.options.offered.links && !self.options.offered.status;
        self.concealed |= self.options.concealed;
        self.state = State::Requesting;
        if self.options.offered.listen && !self.listening {
            self.listening = true;
            out.push(Action::Listen);
        }
    }

    fn finished(&mut self, now: Now, out: &mut Vec<Action>) {
        let may = matches!(self.state, State::Active | State::Expiring)
            || (self.state == State::Expired && self.is_late_window(now));
        if !may {
            return;
        }
        match self.source_of_word() {
            None if self.options.offered.listen => self.not_yet(),
            None => self.link(self.expected(), Evidence::Manual, now, out),
            // The service asked to be left alone: no word of the player changes that.
            Some(_) if self.plan.is_held_off(now) => self.not_yet(),
            Some(source) => {
                self.word_given = true;
                self.state = State::Checking;
                if self.flight.is_none() {
                    self.send(What::Check(source), now, out);
                }
            }
        }
    }

    /// Whom to ask when the player says that it is done.
    pub(super) fn source_of_word(&self) -> Option<Source> {
        let source = self.options.offered.on_the_players_word();
        // Without the links of before, a list says nothing.
        match source {
            Some(Source::Links) if self.baseline.is_none() => {
                (self.options.offered.refresh && !self.options.offered.listen).then_some(Source::Refresh)
            }
            source => source,
        }
    }

    /// Whom to ask again and again.
    pub(super) fn polled(&self) -> Option<Source> {
        self.options.offered.polled().filter(|source| *source != Source::Links || self.baseline.is_some())
    }

    pub(super) fn is_lazy(&self) -> bool {
        self.hidden || self.options.offered.listen
    }

    /// The link as the player means it, where nobody tells more.
    pub(super) fn expected(&self) -> Link {
        Link { platform: self.options.expect_platform.clone().unwrap_or_default(), ..Link::default() }
    }

    pub(super) fn not_yet(&mut self) {
        self.say("not-yet");
    }

    /// A sentence for the one status line; what belongs into it is filled in.
    pub(super) fn say(&mut self, key: &'static str) -> &mut Announce {
        self.announced += 1;
        let n = self.announced;
        self.announce.insert(Announce { n, key, seconds: None, platform: None, display_name: None, kind: None })
    }

    /// 0 to 255.
    pub(super) fn jitter(&mut self) -> u8 {
        // Xorshift: to spread questions, not to keep secrets.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        (self.random >> 24) as u8
    }
}
