//! The machine run over a session: for programs in Rust. Asks the source, sleeps on the host, and after a link hands out
//! no token from before until the session is refreshed.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::capabilities::Capabilities;
use super::clock::Now;
use super::display::{Action, Answer, Event, Failure, Link, Machine, NewCode, Options, Snapshot, State, Warning};
use super::watch::{Evidence, Offered, Source};
use crate::error::{Error, Result};
use crate::guarded::Guarded;
use crate::host::{Boxed, Host, LogLevel, MaybeSend, MaybeSync};
use crate::services::Player;
use crate::session::Session;
use crate::session::flight::{Either, first};

/// Where codes come from, and how it is learned that one was used. Only what [`offered`](Self::offered) says is asked.
pub trait LinkingSource: MaybeSend + MaybeSync + 'static {
    /// What can be asked. The refresh is the session's: what is said of it here does not count.
    fn offered(&self) -> Offered {
        Offered::default()
    }

    /// What the service can tell.
    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
    }

    /// A new code.
    fn request_code(&self) -> impl Future<Output = Result<NewCode>> + MaybeSend;

    /// What became of the code on the screen.
    fn status(&self) -> impl Future<Output = Result<CodeStatus>> + MaybeSend {
        async { Err(Error::misuse("this source has no status")) }
    }

    /// All links of the account.
    fn links(&self) -> impl Future<Output = Result<Vec<Link>>> + MaybeSend {
        async { Err(Error::misuse("this source has no links")) }
    }

    /// Takes the code back. Nobody waits longer than 5 s.
    fn revoke(&self) -> impl Future<Output = ()> + MaybeSend {
        async {}
    }
}

/// What became of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeStatus {
    /// Nobody has used it.
    Pending,
    /// It is too old.
    Expired,
    /// The player said no on the other screen.
    Denied,
    /// It was used by this account.
    Linked(Link),
}

/// A link that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedNews {
    /// What was linked, as far as it is known.
    pub link: Link,
    /// How sure it is.
    pub evidence: Evidence,
    /// Whether the session's player is another one now: load that player's data.
    pub player_changed: bool,
    /// `false`: the session could not be refreshed in three tries; its calls say `session-stale` until it can.
    pub refreshed: bool,
}

/// One code on one screen, over a session. Cheap to clone; clones are the same screen: one calls [`run`](Self::run), the
/// others press the buttons.
pub struct LinkingFlow<H: Host, S>(Arc<Inner<H, S>>);

impl<H: Host, S> Clone for LinkingFlow<H, S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: Host, S> std::fmt::Debug for LinkingFlow<H, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkingFlow").field("state", &self.0.machine.lock().state()).finish_non_exhaustive()
    }
}

#[cfg(not(target_family = "wasm"))]
type Listener = Box<dyn Fn(&Snapshot) + Send + Sync>;
#[cfg(target_family = "wasm")]
type Listener = Box<dyn Fn(&Snapshot)>;

struct Inner<H: Host, S> {
    session: Session<H>,
    source: S,
    machine: Guarded<Machine>,
    inbox: Guarded<(Vec<Event>, Option<Waker>)>,
    listener: Option<Listener>,
}

/// A request in the air.
type Asked<'a> = Option<(u32, Boxed<'a, Result<Answer>>)>;

impl<H: Host, S: LinkingSource> LinkingFlow<H, S> {
    /// A screen without a code. `options` without what can be asked: the source says so. `draw` is called with each new
    /// snapshot while the flow runs.
    pub fn new(
        session: &Session<H>,
        source: S,
        options: Options,
        draw: impl Fn(&Snapshot) + MaybeSend + MaybeSync + 'static,
    ) -> Self {
        let offered = Offered { refresh: session.is_refreshable(), ..source.offered() };
        let mut seed = [1; 4];
        let _ = session.host().random(&mut seed);
        let told = source.capabilities();
        let hint = options.capabilities.max_age_hint_ms.or(told.max_age_hint_ms);
        let capabilities = if options.capabilities == Capabilities::NONE { told } else { options.capabilities };
        let capabilities = Capabilities { max_age_hint_ms: hint, ..capabilities };
        let options = Options { offered, capabilities, seed: u32::from_le_bytes(seed), ..options };
        Self(Arc::new(Inner {
            session: session.clone(),
            source,
            machine: Guarded::new(Machine::new(options)),
            inbox: Guarded::new((Vec::new(), None)),
            listener: Some(Box::new(draw)),
        }))
    }

    /// What can be seen now.
    pub fn snapshot(&self) -> Snapshot {
        self.0.machine.lock().snapshot(self.now())
    }

    /// Where the codes come from.
    #[cfg(feature = "ffi")]
    pub(crate) fn source(&self) -> &S {
        &self.0.source
    }

    /// What the player or the app does: [`Event::Start`], [`Event::NewCode`], [`Event::Finished`], what a backend
    /// pushes, …
    pub fn send(&self, event: Event) {
        let waker = {
            let mut inbox = self.0.inbox.lock();
            inbox.0.push(event);
            inbox.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Runs until the link happened and the session is refreshed, or could not be; `None` after
    /// [`Event::Cancel`] or [`Event::Dispose`]. Called again, it goes on. Dropping it loses nothing but the request in
    /// the air.
    pub async fn run(&self) -> Option<LinkedNews> {
        let mut asked: Asked<'_> = None;
        let mut before = self.0.session.player();
        let mut event = Event::Tick;
        loop {
            let (actions, state) = self.step(event);
            for action in actions {
                match action {
                    Action::TakeBaseline { id } => asked = Some((id, self.ask(Source::Links))),
                    Action::Check { id, source } => asked = Some((id, self.ask(source))),
                    Action::RequestCode { id } => {
                        before = self.0.session.player();
                        asked = Some((id, Box::pin(async { Ok(Answer::Code(self.0.source.request_code().await?)) })));
                    }
                    Action::Refresh { id } => {
                        asked = Some((id, Box::pin(self.refresh(before.clone()))));
                    }
                    Action::Abort => asked = None,
                    Action::Revoke => {
                        let _ = first(self.0.source.revoke(), self.0.session.host().sleep(5_000)).await;
                    }
                    Action::Linked { link, evidence, player_changed, refreshed } => {
                        return Some(LinkedNews { link, evidence, player_changed, refreshed });
                    }
                    Action::Warn(warning) => self.warn(warning),
                    // Whoever has a backend sends what it tells.
                    Action::Listen | Action::StopListening => {}
                }
            }
            if state == State::Cancelled {
                return None;
            }
            event = self.next(&mut asked).await;
        }
    }

    fn step(&self, event: Event) -> (Vec<Action>, State) {
        let now = self.now();
        let (actions, snapshot) = {
            let mut machine = self.0.machine.lock();
            let before = machine.revision();
            let actions = machine.step(event, now);
            (actions, (machine.revision() != before).then(|| machine.snapshot(now)))
        };
        if let (Some(draw), Some(snapshot)) = (&self.0.listener, &snapshot) {
            draw(snapshot);
        }
        (actions, self.0.machine.lock().state())
    }

    /// What happens next: somebody does something, a request is answered, time passes.
    async fn next(&self, asked: &mut Asked<'_>) -> Event {
        let wake = self.0.machine.lock().wake_in_ms(self.now());
        let told = poll_fn(|context| {
            let mut inbox = self.0.inbox.lock();
            if inbox.0.is_empty() {
                inbox.1 = Some(context.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(inbox.0.remove(0))
        });
        let answer = async {
            match asked.as_mut() {
                Some((id, answer)) => (*id, answer.as_mut().await),
                None => std::future::pending().await,
            }
        };
        let timer = async {
            match wake {
                Some(ms) => self.0.session.host().sleep(ms).await,
                None => std::future::pending().await,
            }
        };
        let event = match first(told, first(answer, timer)).await {
            Either::A(event) => return event,
            Either::B(Either::B(())) => return Event::Tick,
            Either::B(Either::A((id, result))) => {
                Event::Reply { id, result: result.map_err(|error| Failure::from(&error)) }
            }
        };
        *asked = None;
        event
    }

    fn ask(&self, source: Source) -> Boxed<'_, Result<Answer>> {
        Box::pin(async move {
            Ok(match source {
                Source::Status => match self.0.source.status().await? {
                    CodeStatus::Pending => Answer::Pending,
                    CodeStatus::Expired => Answer::Expired,
                    CodeStatus::Denied => Answer::Denied,
                    CodeStatus::Linked(link) => Answer::Linked(link),
                },
                Source::Links => Answer::Links(self.0.source.links().await?),
                Source::Refresh => Answer::Refreshed { player_changed: self.0.session.refresh().await?.changed },
            })
        })
    }

    /// From the first line on no token from before is handed out; a refresh that was in the air does not count.
    async fn refresh(&self, before: Player) -> Result<Answer> {
        self.0.session.identity_may_have_changed();
        let refreshed = self.0.session.refresh_identity(&before).await?;
        Ok(Answer::Refreshed { player_changed: refreshed.changed })
    }

    fn warn(&self, warning: Warning) {
        self.0.session.host().log(LogLevel::Warn, "linking", &[("what", warning.as_str())]);
    }

    fn now(&self) -> Now {
        let host = self.0.session.host();
        Now { wall: host.now(), monotonic: host.monotonic() }
    }
}

#[cfg(feature = "xsolla")]
impl<H: Host> LinkingSource for crate::xsolla::XsollaSession<H> {
    fn capabilities(&self) -> Capabilities {
        Capabilities::XSOLLA
    }

    async fn request_code(&self) -> Result<NewCode> {
        let code = self.create_linking_code().await?.code;
        Ok(NewCode { code, expires_in_ms: None, was_number: false })
    }
}
