//! What a client has under way and has to tell: each operation ends exactly once here, and is told exactly once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::constants::*;
use super::input::UserData;
use super::output::View;
use super::refusal::{Fallible, Refusal};
use super::registry;
use super::result::{of, playerlink_result};
use super::screen::{Screen, Shown};
use super::types::{playerlink_done_fn, playerlink_op};
use crate::Secret;
use crate::error::{Error, ErrorKind};
use crate::host::engine::{EngineHost, TaskId};
use crate::linking::display::Event;
use crate::services::Player;
use crate::session::{Account, Session, Snapshot, Status, Subscription};

/// Operations that may be under way or untold at once.
const MOST_OPERATIONS: usize = 1024;
/// Events that wait for `next_event`; after these the oldest goes.
const MOST_EVENTS: usize = 64;

/// How an operation ended.
pub(super) struct Outcome {
    pub(super) result: playerlink_result,
    pub(super) flags: u32,
    pub(super) error: Option<Error>,
    /// The session that is the client's from now on.
    pub(super) session: Option<Session<EngineHost>>,
    pub(super) links: Option<Links>,
    pub(super) linking: Option<Shown>,
    /// Who is signed in on this device.
    pub(super) stored: Option<Vec<Account>>,
    /// The page on which the player is asked for something.
    pub(super) asked_at: Option<Secret>,
}

/// The linked accounts of a player, of any service.
pub(super) struct Links {
    pub(super) player_id: String,
    pub(super) person_id: Option<String>,
    pub(super) active_player_id: Option<String>,
    pub(super) accounts: Vec<LinkedAccount>,
}

pub(super) struct LinkedAccount {
    pub(super) platform: String,
    pub(super) platform_user_id: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) player_id: Option<String>,
}

impl Outcome {
    pub(super) fn new(result: playerlink_result) -> Self {
        Self { result, flags: 0, error: None, session: None, links: None, linking: None, stored: None, asked_at: None }
    }

    pub(super) fn ok() -> Self {
        Self::new(playerlink_result::PLAYERLINK_OK)
    }

    pub(super) fn signed_in(session: Session<EngineHost>) -> Self {
        Self { session: Some(session), ..Self::ok() }
    }

    pub(super) fn flagged(mut self, is: bool, flag: u32) -> Self {
        if is {
            self.flags |= flag;
        }
        self
    }

    fn cancelled() -> Self {
        Error::new(ErrorKind::Cancelled, "the operation was cancelled").into()
    }
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        let result = of(&error);
        Self { error: Some(error), ..Self::new(result) }
    }
}

/// Who is told.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// `None`: who asks for the next event.
    done: playerlink_done_fn,
    user_data: UserData,
}

impl Target {
    pub(super) fn new(done: playerlink_done_fn, user_data: UserData) -> Self {
        Self { done, user_data }
    }
}

/// Something to be told.
pub(super) struct Delivery {
    pub(super) target: Target,
    pub(super) kind: u32,
    pub(super) op: playerlink_op,
    pub(super) outcome: Outcome,
}

impl Delivery {
    /// The callback, if it is one, and what goes to it.
    pub(super) fn callback(&self) -> playerlink_done_fn {
        self.target.done
    }

    pub(super) fn user_data(&self) -> UserData {
        self.target.user_data
    }

    fn is_event(&self) -> bool {
        self.op.0 == 0
    }
}

struct Op {
    id: playerlink_op,
    kind: u32,
    target: Target,
    task: Option<TaskId>,
}

/// The session a client has.
struct Current {
    session: Session<EngineHost>,
    _subscription: Subscription,
}

pub(super) struct Ledger {
    state: Mutex<State>,
    events: Target,
}

#[derive(Default)]
struct State {
    ops: Vec<Op>,
    outbox: VecDeque<Delivery>,
    pulled: VecDeque<Delivery>,
    last_pulled: Option<View>,
    current: Option<Current>,
    screen: Option<Arc<Screen>>,
    last_error: String,
    ended: bool,
}

/// What was left when a client was destroyed.
pub(super) struct Leftovers {
    pub(super) untold: Vec<Delivery>,
    current: Option<Current>,
    _rest: State,
}

impl Ledger {
    pub(super) fn new(events: Target) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), events })
    }

    pub(super) fn session(&self) -> Option<Session<EngineHost>> {
        self.state().current.as_ref().map(|current| current.session.clone())
    }

    pub(super) fn needs_session(&self) -> Fallible<Session<EngineHost>> {
        self.session().ok_or_else(|| Refusal::state("there is no session; sign in first"))
    }

    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        // Outside of the lock: a session may tell its listeners, who come here.
        self.session().map(|session| session.snapshot())
    }

    /// Notes an operation. No two that sign in at once.
    pub(super) fn open(&self, kind: u32, target: Target) -> Fallible<playerlink_op> {
        let mut state = self.state();
        if state.ended {
            return Err(Refusal::bad_handle());
        }
        if state.ops.len() + state.outbox.len() + state.pulled.len() >= MOST_OPERATIONS {
            return Err(Refusal::state("more than 1000 operations are under way or untold"));
        }
        if signs_in(kind) && state.ops.iter().any(|op| signs_in(op.kind)) {
            return Err(Refusal::state("another login is under way; wait for it or cancel it"));
        }
        let id = registry::next_op();
        state.ops.push(Op { id, kind, target, task: None });
        Ok(id)
    }

    /// The task that works on an operation; answers `false` when the operation has ended meanwhile.
    pub(super) fn set_task(&self, id: playerlink_op, task: TaskId) -> bool {
        let mut state = self.state();
        match state.ops.iter_mut().find(|op| op.id == id) {
            Some(op) => {
                op.task = Some(task);
                true
            }
            None => false,
        }
    }

    /// An operation has ended. What comes of it counts only if nobody has cancelled it.
    pub(super) fn close(self: &Arc<Self>, id: playerlink_op, mut outcome: Outcome) {
        let subscription = outcome.session.as_ref().map(|session| self.subscribe(session));
        let replaced = {
            let mut state = self.state();
            let Some(at) = state.ops.iter().position(|op| op.id == id) else { return };
            let op = state.ops.remove(at);
            let replaced = match (outcome.session.take(), subscription) {
                (Some(session), Some(subscription)) => {
                    let player = session.player();
                    let replaced = state.current.replace(Current { session, _subscription: subscription });
                    let is_other = replaced.as_ref().is_some_and(|old| !old.session.player().is_same(&player));
                    outcome = outcome.flagged(is_other, PLAYERLINK_COMPLETION_PLAYER_CHANGED);
                    replaced
                }
                _ => None,
            };
            state.outbox.push_back(Delivery { target: op.target, kind: op.kind, op: op.id, outcome });
            replaced
        };
        if let Some(Current { session, .. }) = replaced {
            session.close();
            // A code of one player must not stay on the screen of another.
            self.dispose_screen();
        }
    }

    /// The code leaves the screen, which can still be looked at.
    fn dispose_screen(&self) {
        if let Some(screen) = self.screen() {
            screen.push(Event::Dispose);
        }
    }

    /// Ends an operation as cancelled. Answers its task.
    pub(super) fn cancel(&self, id: playerlink_op) -> Fallible<Option<TaskId>> {
        if !registry::is_op(id) {
            return Err(Refusal::bad_handle());
        }
        let mut state = self.state();
        let Some(at) = state.ops.iter().position(|op| op.id == id) else {
            let text = "that operation has ended, or is another client's";
            return Err(Refusal::new(playerlink_result::PLAYERLINK_E_UNKNOWN_ID, text));
        };
        let op = state.ops.remove(at);
        let outcome = Outcome::cancelled();
        state.outbox.push_back(Delivery { target: op.target, kind: op.kind, op: op.id, outcome });
        Ok(op.task)
    }

    pub(super) fn tell(&self, kind: u32, outcome: Outcome) {
        let mut state = self.state();
        if !state.ended {
            state.outbox.push_back(Delivery { target: self.events, kind, op: playerlink_op(0), outcome });
        }
    }

    /// What is to be told next, by a callback: what is not is put where `next_event` finds it.
    pub(super) fn next_delivery(&self) -> Option<Delivery> {
        let mut state = self.state();
        while let Some(delivery) = state.outbox.pop_front() {
            if delivery.target.done.is_some() {
                return Some(delivery);
            }
            if delivery.is_event() && state.pulled.iter().filter(|other| other.is_event()).count() >= MOST_EVENTS {
                let oldest = state.pulled.iter().position(Delivery::is_event);
                oldest.and_then(|oldest| state.pulled.remove(oldest));
            }
            state.pulled.push_back(delivery);
        }
        None
    }

    pub(super) fn has_untold(&self) -> bool {
        !self.state().outbox.is_empty()
    }

    pub(super) fn next_pulled(&self) -> Option<Delivery> {
        self.state().pulled.pop_front()
    }

    /// Keeps what a caller has been shown until the next one. Answers what was kept.
    pub(super) fn keep_pulled(&self, view: Option<View>) -> Option<View> {
        std::mem::replace(&mut self.state().last_pulled, view)
    }

    pub(super) fn set_last_error(&self, text: &str) {
        let mut state = self.state();
        state.last_error.clear();
        state.last_error.push_str(text);
    }

    pub(super) fn last_error(&self) -> String {
        self.state().last_error.clone()
    }

    /// The linking code that is shown.
    pub(super) fn screen(&self) -> Option<Arc<Screen>> {
        self.state().screen.clone()
    }

    /// Shows another one.
    pub(super) fn set_screen(&self, screen: Option<Arc<Screen>>) {
        let before = std::mem::replace(&mut self.state().screen, screen);
        if let Some(before) = before {
            before.push(Event::Dispose);
        }
    }

    /// Ends everything: what had ended is told as it is, the rest as cancelled.
    pub(super) fn end(&self) -> Leftovers {
        let mut state = self.state();
        let mut rest = std::mem::take(&mut *state);
        state.ended = true;
        drop(state);
        let cancelled = std::mem::take(&mut rest.ops).into_iter().map(|op| Delivery {
            target: op.target,
            kind: op.kind,
            op: op.id,
            outcome: Outcome::cancelled(),
        });
        // Nobody is left who could be interested in how it was going.
        let mut untold: Vec<Delivery> = std::mem::take(&mut rest.outbox).into_iter().collect();
        untold.retain(|delivery| !delivery.is_event());
        untold.extend(cancelled);
        Leftovers { untold, current: rest.current.take(), _rest: rest }
    }

    fn subscribe(self: &Arc<Self>, session: &Session<EngineHost>) -> Subscription {
        let ledger = Arc::downgrade(self);
        let known = Mutex::new((session.player(), Status::SignedIn));
        session.subscribe(move |snapshot| {
            let Some(ledger) = ledger.upgrade() else { return };
            let (player, status): (Player, Status) = {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::replace(&mut *known, (snapshot.player.clone(), snapshot.status))
            };
            ledger.tell(PLAYERLINK_EVENT_SESSION_CHANGED, Outcome::ok());
            if !player.is_same(&snapshot.player) {
                ledger.tell(PLAYERLINK_EVENT_PLAYER_CHANGED, Outcome::ok());
            }
            if let (Status::SignedIn, Status::SignedOut(_)) = (status, snapshot.status) {
                ledger.tell(PLAYERLINK_EVENT_SESSION_OVER, Outcome::ok());
                ledger.dispose_screen();
            }
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leftovers {
    /// Lets go of the session. What is stored stays.
    pub(super) fn close_session(&mut self) {
        if let Some(Current { session, .. }) = self.current.take() {
            session.close();
        }
    }
}

fn signs_in(kind: u32) -> bool {
    matches!(kind, PLAYERLINK_COMPLETION_LOGIN | PLAYERLINK_COMPLETION_RESTORE | PLAYERLINK_COMPLETION_LINK_BY_CODE)
}
