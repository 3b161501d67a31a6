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
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host as _;
use crate::host::engine::EngineHost;
use crate::linking::capabilities::Capabilities;
use crate::linking::display::{Event, NewCode, Options, Snapshot, State};
use crate::linking::qr::{self, Qr};
use crate::linking::{LinkingFlow, LinkingSource};
use crate::session::Session;
use crate::xsolla::XsollaSession;

pub(super) struct Screen {
    engine: EngineHost,
    flow: LinkingFlow<EngineHost, Codes>,
    url: String,
    qr: Option<Qr>,
    ledger: Weak<Ledger>,
    state: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// A task runs the flow.
    is_running: bool,
    /// How often something was pushed.
    pushed: u64,
    /// Who waits for the first code, and whether it was told.
    first: Option<Waker>,
    is_first_told: bool,
}

/// Where codes come from; keeps what the last request failed with.
struct Codes {
    session: XsollaSession<EngineHost>,
    failed: Mutex<Option<Error>>,
}

impl LinkingSource for Codes {
    fn capabilities(&self) -> Capabilities {
        self.session.capabilities()
    }

    async fn request_code(&self) -> Result<NewCode> {
        let result = self.session.request_code().await;
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = result.as_ref().err().cloned();
        result
    }
}

/// What can be seen at one moment.
pub(super) struct Shown {
    snapshot: Snapshot,
    screen: Arc<Screen>,
    wall: u64,
}

impl Screen {
    pub(super) fn new(
        engine: &EngineHost,
        session: &Session<EngineHost>,
        ledger: &Arc<Ledger>,
        options: Options,
        url: String,
    ) -> Arc<Self> {
        let codes = Codes { session: XsollaSession::from_session(session.clone()), failed: Mutex::new(None) };
        Arc::new_cyclic(|screen: &Weak<Self>| {
            let screen = screen.clone();
            let draw = move |snapshot: &Snapshot| {
                if let Some(screen) = screen.upgrade() {
                    screen.draw(snapshot);
                }
            };
            Self {
                engine: engine.clone(),
                flow: LinkingFlow::new(session, codes, options, draw),
                qr: qr::encode(&url),
                url,
                ledger: Arc::downgrade(ledger),
                state: Mutex::default(),
            }
        })
    }

    /// Something happens: it is worked on in the next tick.
    pub(super) fn push(self: &Arc<Self>, event: Event) {
        let is_running = {
            let mut state = self.state();
            state.pushed += 1;
            std::mem::replace(&mut state.is_running, true)
        };
        self.flow.send(event);
        if !is_running {
            self.engine.begin(Box::pin(run(self.clone())));
        }
    }

    pub(super) fn shown(self: &Arc<Self>) -> Shown {
        self.shown_as(self.flow.snapshot())
    }

    fn shown_as(self: &Arc<Self>, snapshot: Snapshot) -> Shown {
        Shown { snapshot, screen: self.clone(), wall: self.engine.now() }
    }

    /// Completes with the first code, or with why there is none. Dropped before, it takes the screen away.
    pub(super) fn first_code(self: &Arc<Self>) -> impl Future<Output = Outcome> + Send + use<> {
        FirstCode(self.clone())
    }

    fn first_outcome(self: &Arc<Self>) -> Option<Outcome> {
        let shown = self.shown();
        let error = match shown.snapshot.state {
            State::Idle | State::Requesting => return None,
            State::Failed | State::Limited => Some(self.failure()),
            State::Cancelled => Some(Error::new(ErrorKind::Cancelled, "the linking code was cancelled")),
            _ => None,
        };
        let outcome = error.map_or_else(Outcome::ok, Outcome::from);
        Some(Outcome { linking: Some(shown), ..outcome })
    }

    fn failure(&self) -> Error {
        let failed = self.flow.source().failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        failed.unwrap_or_else(|| Error::new(ErrorKind::Internal, "no code, and nobody says why"))
    }

    fn draw(self: &Arc<Self>, snapshot: &Snapshot) {
        let (first, is_first_told) = {
            let mut state = self.state();
            (state.first.take(), state.is_first_told)
        };
        first.into_iter().for_each(Waker::wake);
        // The first code is told by its completion; and a screen that was replaced is nobody's concern.
        let Some(ledger) = self.ledger.upgrade().filter(|_| is_first_told) else { return };
        if ledger.screen().is_some_and(|current| Arc::ptr_eq(&current, self)) {
            let shown = Outcome { linking: Some(self.shown_as(snapshot.clone())), ..Outcome::ok() };
            ledger.tell(PLAYERLINK_EVENT_LINKING_CHANGED, shown);
        }
    }

    fn state(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the flow until it was cancelled; what is pushed then begins anew.
async fn run(screen: Arc<Screen>) {
    loop {
        let before = screen.state().pushed;
        if screen.flow.run().await.is_some() {
            continue;
        }
        let mut state = screen.state();
        if state.pushed == before {
            state.is_running = false;
            return;
        }
    }
}

struct FirstCode(Arc<Screen>);

impl Future for FirstCode {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = self.0.first_outcome();
        let mut state = self.0.state();
        match outcome {
            Some(outcome) => {
                state.is_first_told = true;
                Poll::Ready(outcome)
            }
            None => {
                state.first = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for FirstCode {
    fn drop(&mut self) {
        let is_told = self.0.state().is_first_told;
        if !is_told {
            self.0.push(Event::Cancel);
        }
    }
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
        let retry_after = retry_after.map_or(0, |at| at.saturating_sub(self.wall));
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
