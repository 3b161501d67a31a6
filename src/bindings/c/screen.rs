//! A linking code on a screen: the machine of `linking::display` on the engine's host, and what C sees of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use super::constants::*;
use super::ledger::{Ledger, Outcome};
use super::output::{Texts, size};
use super::result::{of_kind, playerlink_result};
use super::types::{playerlink_bytes, playerlink_linking_snapshot};
use crate::Secret;
use crate::error::{Error, ErrorKind};
use crate::host::engine::EngineHost;
use crate::host::{Boxed, Host as _, LogLevel};
use crate::linking::Now;
use crate::linking::capabilities::Capabilities;
use crate::linking::display::{Action, Answer, Event, Failure, Machine, NewCode, Options, Snapshot, State};
use crate::linking::format::Format;
use crate::linking::qr::{self, Qr};
use crate::linking::watch::{Offered, Source};
use crate::session::Session;
use crate::xsolla::XsollaSession;

pub(super) struct Screen {
    engine: EngineHost,
    url: String,
    qr: Option<Qr>,
    state: Mutex<Inner>,
}

struct Inner {
    machine: Machine,
    events: Vec<Event>,
    waker: Option<Waker>,
    /// Who waits for the first code.
    first: Option<Waker>,
    /// What the last request failed with.
    error: Option<Error>,
    disposed: bool,
}

/// What can be seen at one moment.
pub(super) struct Shown {
    snapshot: Snapshot,
    screen: Arc<Screen>,
    now: Now,
}

impl Screen {
    pub(super) fn new(engine: &EngineHost, format: Option<Format>, concealed: bool, url: String) -> Arc<Self> {
        let mut seed = [0; 4];
        let _ = engine.random(&mut seed);
        let machine = Machine::new(Options {
            format,
            concealed,
            offered: Offered { refresh: true, ..Offered::default() },
            capabilities: Capabilities::XSOLLA,
            seed: u32::from_le_bytes(seed),
            ..Options::default()
        });
        let inner =
            Inner { machine, events: vec![Event::Start], waker: None, first: None, error: None, disposed: false };
        Arc::new(Self { engine: engine.clone(), qr: qr::encode(&url), url, state: Mutex::new(inner) })
    }

    /// Something happens: it is worked on in the next tick.
    pub(super) fn push(&self, event: Event) {
        let waker = {
            let mut state = self.state();
            state.events.push(event);
            state.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    pub(super) fn shown(self: &Arc<Self>) -> Shown {
        let now = self.now();
        Shown { snapshot: self.state().machine.snapshot(now), screen: self.clone(), now }
    }

    /// Completes with the first code, or with why there is none. Dropped before, it takes the screen away.
    pub(super) fn first_code(self: &Arc<Self>) -> impl Future<Output = Outcome> + Send + use<> {
        FirstCode { screen: self.clone(), is_there: false }
    }

    fn first_outcome(self: &Arc<Self>) -> Option<Outcome> {
        let error = {
            let state = self.state();
            match state.machine.state() {
                State::Idle | State::Requesting => return None,
                State::Failed | State::Limited => {
                    let unknown = || Error::new(ErrorKind::Internal, "no code, and nobody says why");
                    Some(state.error.clone().unwrap_or_else(unknown))
                }
                State::Cancelled => Some(Error::new(ErrorKind::Cancelled, "the linking code was cancelled")),
                _ => None,
            }
        };
        let outcome = error.map_or_else(Outcome::ok, Outcome::from);
        Some(Outcome { linking: Some(self.shown()), ..outcome })
    }

    fn now(&self) -> Now {
        Now { wall: self.engine.now(), monotonic: self.engine.monotonic() }
    }

    fn state(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct FirstCode {
    screen: Arc<Screen>,
    is_there: bool,
}

impl Future for FirstCode {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        match self.screen.first_outcome() {
            Some(outcome) => {
                self.is_there = true;
                Poll::Ready(outcome)
            }
            None => {
                self.screen.state().first = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for FirstCode {
    fn drop(&mut self) {
        if !self.is_there {
            self.screen.push(Event::Cancel);
        }
    }
}

type Request = (u32, Boxed<'static, Result<Answer, Failure>>);

/// Runs the machine until it is disposed of.
pub(super) async fn run(screen: Arc<Screen>, session: Session<EngineHost>, ledger: Weak<Ledger>) {
    let (mut request, mut seen, mut was_told): (Option<Request>, u64, bool) = (None, 0, false);
    loop {
        let events = std::mem::take(&mut screen.state().events);
        for event in events {
            let actions = {
                let now = screen.now();
                let mut state = screen.state();
                state.disposed |= event == Event::Dispose;
                state.machine.step(event, now)
            };
            for action in actions {
                match action {
                    Action::RequestCode { id } => request = Some((id, request_code(&screen, &session))),
                    Action::Refresh { id } | Action::Check { id, source: Source::Refresh } => {
                        request = Some((id, refresh(&session)));
                    }
                    // Not offered, so never wanted.
                    Action::TakeBaseline { id } | Action::Check { id, .. } => {
                        let nothing = Err(Failure::of(ErrorKind::Internal));
                        request = Some((id, Box::pin(std::future::ready(nothing))));
                    }
                    Action::Abort => request = None,
                    Action::Warn(warning) => screen.engine.log(LogLevel::Warn, warning.as_str(), &[]),
                    Action::Listen | Action::StopListening | Action::Revoke | Action::Linked { .. } => {}
                }
            }
        }
        let (revision, state, first, disposed) = {
            let mut inner = screen.state();
            (inner.machine.revision(), inner.machine.state(), inner.first.take(), inner.disposed)
        };
        first.into_iter().for_each(Waker::wake);
        // The first code is told by its completion.
        if was_told && revision != seen {
            let Some(ledger) = ledger.upgrade() else { return };
            // One that was replaced is nobody's concern.
            if ledger.screen().is_some_and(|current| Arc::ptr_eq(&current, &screen)) {
                let shown = Outcome { linking: Some(screen.shown()), ..Outcome::ok() };
                ledger.tell(PLAYERLINK_EVENT_LINKING_CHANGED, shown);
            }
        }
        was_told |= !matches!(state, State::Idle | State::Requesting);
        seen = revision;
        if disposed {
            return;
        }
        let event = next(&screen, &mut request).await;
        if let Some(event) = event {
            screen.state().events.push(event);
        }
    }
}

/// The next that happens by itself: an answer, or time; `None`: somebody pushed.
async fn next(screen: &Screen, request: &mut Option<Request>) -> Option<Event> {
    let wake_in = {
        let now = screen.now();
        screen.state().machine.wake_in_ms(now)
    };
    let mut timer = std::pin::pin!(async {
        match wake_in {
            // A machine that waits for a full second must not be asked too early.
            Some(ms) => screen.engine.sleep(ms.max(1)).await,
            None => std::future::pending().await,
        }
    });
    std::future::poll_fn(|context| {
        {
            let mut state = screen.state();
            if !state.events.is_empty() {
                return Poll::Ready(None);
            }
            state.waker = Some(context.waker().clone());
        }
        if let Some((id, work)) = request
            && let Poll::Ready(result) = work.as_mut().poll(context)
        {
            let id = *id;
            *request = None;
            return Poll::Ready(Some(Event::Reply { id, result }));
        }
        timer.as_mut().poll(context).map(|()| Some(Event::Tick))
    })
    .await
}

fn request_code(screen: &Arc<Screen>, session: &Session<EngineHost>) -> Boxed<'static, Result<Answer, Failure>> {
    let (screen, session) = (screen.clone(), XsollaSession::from_session(session.clone()));
    Box::pin(async move {
        match session.create_linking_code().await {
            Ok(code) => Ok(Answer::Code(NewCode { code: code.code, expires_in_ms: None, was_number: false })),
            Err(error) => {
                let failure = Failure::from(&error);
                screen.state().error = Some(error);
                Err(failure)
            }
        }
    })
}

fn refresh(session: &Session<EngineHost>) -> Boxed<'static, Result<Answer, Failure>> {
    let session = session.clone();
    Box::pin(async move {
        match session.refresh().await {
            Ok(refreshed) => Ok(Answer::Refreshed { player_changed: refreshed.changed }),
            Err(error) => Err(Failure::from(&error)),
        }
    })
}

impl Shown {
    pub(super) fn to_c(&self, texts: &mut (impl Texts + ?Sized)) -> playerlink_linking_snapshot {
        let Snapshot { code, groups, spelled, linked, problem, .. } = &self.snapshot;
        let grouped = Secret::new(joined(groups, " "));
        let mut rest = spelled.as_slice();
        let spoken: Vec<Secret> = (groups.iter())
            .map(|group| {
                let (these, behind) = rest.split_at_checked(group.expose().chars().count()).unwrap_or((rest, &[]));
                rest = behind;
                Secret::new(joined(these, " "))
            })
            .collect();
        let spoken = Secret::new(joined(&spoken, ", "));
        let mut flags = 0;
        if self.snapshot.concealed {
            flags |= PLAYERLINK_LINKING_CONCEALED;
        }
        if self.snapshot.format_mismatch {
            flags |= PLAYERLINK_LINKING_FORMAT_MISMATCH;
        }
        let retry_after = problem.as_ref().and_then(|problem| problem.retry_at_ms);
        let retry_after = retry_after.map_or(0, |at| at.saturating_sub(self.now.wall));
        let qr = self.screen.qr.as_ref();
        let modules: Vec<u8> = qr.map_or_else(Vec::new, |qr| qr.modules.iter().map(|dark| u8::from(*dark)).collect());
        playerlink_linking_snapshot {
            struct_size: size::<playerlink_linking_snapshot>(),
            state: state_number(self.snapshot.state),
            revision: self.snapshot.revision,
            expires_in_ms: self.snapshot.expires_in_ms.unwrap_or(0),
            age_ms: self.snapshot.age_ms.unwrap_or(0),
            flags,
            renewals_used: self.snapshot.renewals_used,
            result: problem.as_ref().map_or(playerlink_result::PLAYERLINK_OK, |problem| result_of(problem.kind)),
            retry_after_ms: u32::try_from(retry_after).unwrap_or(u32::MAX),
            code: texts.maybe(code.as_ref().map(Secret::expose)),
            grouped: texts.text(grouped.expose()),
            spelled: texts.text(spoken.expose()),
            url: texts.text(&self.screen.url),
            linked_platform: texts.maybe(linked.as_ref().map(|link| link.platform.as_str())),
            linked_display_name: texts.maybe(linked.as_ref().and_then(|link| link.display_name.as_deref())),
            qr_modules: playerlink_bytes { ptr: texts.put(&modules).cast(), len: modules.len() },
            qr_size: qr.map_or(0, |qr| u32::try_from(qr.size).unwrap_or(0)),
            reserved: 0,
        }
    }
}

fn joined(secrets: &[Secret], between: &str) -> String {
    let mut text = String::new();
    for secret in secrets {
        if !text.is_empty() {
            text.push_str(between);
        }
        text.push_str(secret.expose());
    }
    text
}

fn state_number(state: State) -> u32 {
    match state {
        State::Idle => PLAYERLINK_LINKING_IDLE,
        State::Requesting => PLAYERLINK_LINKING_REQUESTING,
        State::Active => PLAYERLINK_LINKING_ACTIVE,
        State::Expiring => PLAYERLINK_LINKING_EXPIRING,
        State::Renewing => PLAYERLINK_LINKING_RENEWING,
        State::Expired => PLAYERLINK_LINKING_EXPIRED,
        State::Limited => PLAYERLINK_LINKING_LIMITED,
        State::Checking => PLAYERLINK_LINKING_CHECKING,
        State::Linked => PLAYERLINK_LINKING_LINKED,
        State::Failed => PLAYERLINK_LINKING_FAILED,
        State::Cancelled => PLAYERLINK_LINKING_CANCELLED,
    }
}

/// The result for a kind by its word.
fn result_of(word: &str) -> playerlink_result {
    let kind = ErrorKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    kind.map_or(playerlink_result::PLAYERLINK_E_INTERNAL, of_kind)
}
