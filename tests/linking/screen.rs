//! A screen with a code on it: runs the machine as a face does, in virtual time, and checks after each step what must
//! always hold.

use std::collections::VecDeque;

use playerlink::ErrorKind;
use playerlink::linking::Now;
use playerlink::linking::capabilities::{Capabilities, Undo};
use playerlink::linking::display::{
    Action, Announce, Answer, Event, Failure, Link, MAX_RENEWALS, Machine, NewCode, Options, Snapshot, State, Warning,
};
use playerlink::linking::watch::{Offered, Source};

/// The code of every test. In no log, error or debug text.
pub(crate) const CODE: &str = "QX7ZK9";

/// What the service answers, and after how many milliseconds; nothing: never.
pub(crate) type Service<'a> = dyn FnMut(&Action, u64) -> Option<(u64, Result<Answer, Failure>)> + 'a;

pub(crate) struct Screen<'a> {
    pub(crate) machine: Machine,
    pub(crate) now: Now,
    /// Milliseconds since the test began.
    pub(crate) real: u64,
    /// How many thousandths of a second each clock makes of a second.
    pub(crate) wall_rate: u64,
    pub(crate) monotonic_rate: u64,
    pub(crate) done: Vec<(u64, Action)>,
    pub(crate) said: Vec<(u64, Announce)>,
    service: Box<Service<'a>>,
    replies: VecDeque<(u64, Event)>,
    in_flight: bool,
    listening: bool,
    linked: bool,
    ended: bool,
    last: Snapshot,
}

pub(crate) fn options() -> Options {
    Options { offered: Offered { status: true, ..Offered::default() }, ..Options::default() }
}

pub(crate) fn links_only() -> Options {
    Options { offered: Offered { links: true, ..Offered::default() }, ..Options::default() }
}

pub(crate) fn code(expires_in_ms: Option<u64>) -> Answer {
    Answer::Code(NewCode { code: CODE.into(), expires_in_ms, was_number: false })
}

pub(crate) fn link(platform: &str, name: &str) -> Link {
    Link { platform: platform.into(), id: Some(format!("id-{name}")), display_name: Some(name.into()) }
}

pub(crate) fn failure(kind: ErrorKind) -> Failure {
    Failure::of(kind)
}

/// Codes that live `ms`, and what `check` says of them.
pub(crate) fn lives(
    ms: u64,
    mut check: impl FnMut(u64) -> Result<Answer, Failure>,
) -> impl FnMut(&Action, u64) -> Option<(u64, Result<Answer, Failure>)> {
    move |action, at| {
        Some((
            50,
            match action {
                Action::RequestCode { .. } => Ok(code(Some(ms))),
                Action::TakeBaseline { .. } => Ok(Answer::Links(Vec::new())),
                Action::Refresh { .. } | Action::Check { source: Source::Refresh, .. } => {
                    Ok(Answer::Refreshed { player_changed: true })
                }
                Action::Check { .. } => check(at),
                _ => return None,
            },
        ))
    }
}

impl<'a> Screen<'a> {
    pub(crate) fn new(
        options: Options,
        service: impl FnMut(&Action, u64) -> Option<(u64, Result<Answer, Failure>)> + 'a,
    ) -> Self {
        let machine = Machine::new(options);
        let now = Now { wall: 1_700_000_000_000, monotonic: 5_000 };
        let last = machine.snapshot(now);
        Self {
            machine,
            now,
            real: 0,
            wall_rate: 1_000,
            monotonic_rate: 1_000,
            done: Vec::new(),
            said: Vec::new(),
            service: Box::new(service),
            replies: VecDeque::new(),
            in_flight: false,
            listening: false,
            linked: false,
            ended: false,
            last,
        }
    }

    /// With a code on it.
    pub(crate) fn shown(
        options: Options,
        service: impl FnMut(&Action, u64) -> Option<(u64, Result<Answer, Failure>)> + 'a,
    ) -> Self {
        let mut screen = Self::new(options, service);
        screen.event(Event::Start);
        screen.run(200);
        assert!(matches!(screen.state(), State::Active | State::Expiring));
        screen
    }

    pub(crate) fn event(&mut self, event: Event) -> Vec<Action> {
        let restarts = matches!(event, Event::Start | Event::NewCode);
        if restarts
            && matches!(
                self.last.state,
                State::Idle | State::Cancelled | State::Expired | State::Failed | State::Limited
            )
        {
            (self.linked, self.ended) = (false, false);
        }
        if matches!(event, Event::Reply { .. }) {
            // Whatever comes of it, it is the answer to what was in the air, or to nothing.
            self.in_flight = self.in_flight && !self.is_awaited(&event);
        }
        let ended_before = self.ended;
        let actions = self.machine.step(event, self.now);
        for action in &actions {
            assert!(!ended_before, "{action:?} after the end");
            self.done.push((self.real, action.clone()));
            match action {
                Action::Listen => assert!(!std::mem::replace(&mut self.listening, true)),
                Action::StopListening => assert!(std::mem::replace(&mut self.listening, false)),
                Action::Abort => {
                    self.in_flight = false;
                    self.replies.clear();
                }
                Action::Linked { .. } => assert!(!std::mem::replace(&mut self.linked, true), "told twice"),
                Action::TakeBaseline { id }
                | Action::RequestCode { id }
                | Action::Check { id, .. }
                | Action::Refresh { id } => {
                    assert!(!std::mem::replace(&mut self.in_flight, true), "two requests at once");
                    if let Some((after, result)) = (self.service)(action, self.real) {
                        self.replies.push_back((self.real + after, Event::Reply { id: *id, result }));
                    }
                }
                Action::Revoke | Action::Warn(_) => {}
            }
        }
        self.check();
        actions
    }

    fn is_awaited(&self, event: &Event) -> bool {
        let Event::Reply { id, .. } = event else { return false };
        let last = self.done.iter().rev().find_map(|(_, action)| request(action));
        last == Some(*id)
    }

    /// Lets time pass, and everything happen that is due.
    pub(crate) fn run(&mut self, ms: u64) {
        let until = self.real + ms;
        loop {
            let wake = self.machine.wake_in_ms(self.now).map(|ms| self.real.saturating_add(ms));
            let reply = self.replies.iter().map(|(at, _)| *at).min();
            let next = [wake, reply].into_iter().flatten().min().filter(|next| *next <= until);
            let Some(next) = next else {
                self.pass(until - self.real);
                return;
            };
            self.pass(next.saturating_sub(self.real));
            let due = self.replies.iter().position(|(at, _)| *at <= self.real);
            match due.and_then(|at| self.replies.remove(at)) {
                Some((_, event)) => self.event(event),
                None => self.event(Event::Tick),
            };
        }
    }

    /// Time alone.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.real += ms;
        self.now.wall += ms * self.wall_rate / 1_000;
        self.now.monotonic += ms * self.monotonic_rate / 1_000;
    }

    /// The machine sleeps: only the wall clock goes on.
    pub(crate) fn sleep(&mut self, ms: u64) {
        self.real += ms;
        self.now.wall += ms;
    }

    /// The wall clock is set to another time.
    pub(crate) fn clock_jumps(&mut self, ms: i64) {
        self.now.wall = self.now.wall.saturating_add_signed(ms);
    }

    pub(crate) fn state(&self) -> State {
        self.machine.state()
    }

    pub(crate) fn look(&self) -> Snapshot {
        self.machine.snapshot(self.now)
    }

    /// When the state of the code was asked for.
    pub(crate) fn checks(&self) -> Vec<u64> {
        self.times(|action| matches!(action, Action::Check { .. }))
    }

    pub(crate) fn times(&self, is: impl Fn(&Action) -> bool) -> Vec<u64> {
        self.done.iter().filter(|(_, action)| is(action)).map(|(at, _)| *at).collect()
    }

    pub(crate) fn requests(&self) -> usize {
        self.done.iter().filter(|(_, action)| request(action).is_some()).count()
    }

    pub(crate) fn codes(&self) -> usize {
        self.times(|action| matches!(action, Action::RequestCode { .. })).len()
    }

    pub(crate) fn linked(&self) -> Vec<Action> {
        let linked = self.done.iter().filter(|(_, action)| matches!(action, Action::Linked { .. }));
        linked.map(|(_, action)| action.clone()).collect()
    }

    pub(crate) fn warned(&self, warning: Warning) -> bool {
        self.done.iter().any(|(_, action)| *action == Action::Warn(warning))
    }

    /// What was said, as words.
    pub(crate) fn words(&self) -> Vec<String> {
        let word = |announce: &Announce| match announce.seconds {
            Some(seconds) => format!("{} {seconds}", announce.key),
            None => announce.key.to_owned(),
        };
        self.said.iter().map(|(_, announce)| word(announce)).collect()
    }

    /// What always holds.
    fn check(&mut self) {
        let look = self.look();
        let state = look.state;
        let may_show = matches!(state, State::Active | State::Expiring | State::Renewing) && !look.concealed;
        assert!(
            may_show || (look.code.is_none() && look.groups.is_empty() && look.spelled.is_empty()),
            "a code in {state:?}"
        );
        assert!(state == State::Renewing || !may_show || look.code.is_some(), "no code in {state:?}");
        assert!(look.renewals_used <= MAX_RENEWALS);
        let out = ["start", "new-code", "cancel", "close", "sign-in"];
        assert!(look.actions.iter().any(|action| out.contains(action)), "no way out of {state:?}");
        let is_over = matches!(state, State::Idle | State::Cancelled | State::Failed);
        assert!(
            !is_over || (self.machine.wake_in_ms(self.now).is_none() && !self.in_flight && !self.listening),
            "{state:?}"
        );
        assert!(look.revision >= self.last.revision);
        assert_eq!(look.evidence == playerlink::linking::watch::Evidence::None, state != State::Linked);
        if let Some(announce) = look.announce.clone().filter(|announce| Some(announce) != self.last.announce.as_ref()) {
            assert!(self.last.announce.as_ref().is_none_or(|last| last.n < announce.n));
            self.said.push((self.real, announce));
        }
        if matches!(state, State::Cancelled | State::Idle) {
            self.ended = true;
        }
        self.last = look;
    }
}

pub(crate) fn request(action: &Action) -> Option<u32> {
    match action {
        Action::TakeBaseline { id }
        | Action::RequestCode { id }
        | Action::Check { id, .. }
        | Action::Refresh { id } => Some(*id),
        _ => None,
    }
}

pub(crate) fn undo(undo: Undo) -> Capabilities {
    Capabilities { undo, ..Capabilities::NONE }
}
