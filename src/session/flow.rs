//! The session itself: asks `policy.rs` what to do and does it through the host. Its public calls, and what all of
//! them look at: the state, the decision, the end.

use std::sync::Arc;

use super::events::{Durability, Snapshot, Subscription};
use super::flight::{Either, Flight, first};
use super::identity::Change;
use super::keeper::{self, Bell};
use super::policy::{self, Decision, Lifetime};
use super::record::{Life, Live};
use super::rotation::{changed_again, not_in_time};
use super::slots::{Slot, Slots};
use super::state::State;
use crate::Secret;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::guarded::{Guard, Guarded};
use crate::host::{Boxed, Host, Listening, MaybeSend, MaybeSync};
use crate::http::{Request, Response};
use crate::json::Json;
use crate::services::{self, Granted, Player, Service};

/// What a caller waits on top of the service's deadline, so that a request that ends in time is seen, in milliseconds.
const WAIT_MARGIN_MS: u64 = 400;
/// How long a caller whose token is still valid waits for its refresh, in milliseconds; the refresh goes on without.
const PATIENCE_MS: u64 = 2_000;
/// How long after a replacement the new token is not replaced again, in milliseconds: an API that refuses every token
/// must not cost a rotation a call (R14).
const REPLACEMENT_FLOOR_MS: u64 = 5_000;

/// A signed-in player. Cheap to clone; clones are the same session.
///
/// ```
/// # use playerlink::rallyhere::{Config, Credential, RallyHere};
/// # use playerlink::host::{SimHost, SimReply};
/// # let host = SimHost::new(1);
/// # host.on_request(|_, _| SimReply::json(200, r#"{"access_token":"at","token_type":"Bearer","expires_in":3600,
/// #   "refresh_token":"rt","active_player_uuid":"p-1","person_id":"q-1","platform":"Steam","portal_user_id":"s1",
/// #   "display_name":"Nova","publisher_uuid":"u","tenant_uuid":"u","config_elector_uuid":"u","client_uuid":"u"}"#));
/// # let sim = host.clone();
/// # sim.block_on(async move {
/// let rallyhere = RallyHere::new(Config::environment("demo").client("game", "secret"), host)?;
/// let session = rallyhere.login(Credential::steam("14000000ab")).await?;
/// assert_eq!(session.player().display_name(), "Nova");
/// let token = session.access_token().await?;   // valid now; refreshed first when it has to be
/// assert_eq!(token.expose(), "at");
/// # Ok::<(), playerlink::Error>(())
/// # }).unwrap();
/// ```
pub struct Session<H: Host>(pub(super) Arc<Shared<H>>);

/// What a refresh brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// Whether the active player or the person is another one than before the call.
    pub changed: bool,
    /// Who the player is now.
    pub player: Player,
}

/// A new sign-in by the program's own means, e.g. with a new platform ticket: what came of it, and both clocks when the
/// request was sent.
#[cfg(not(target_family = "wasm"))]
pub(crate) type Renew = Arc<dyn Fn() -> Boxed<'static, Result<(Box<Granted>, (u64, u64))>> + Send + Sync>;
/// A new sign-in by the program's own means, e.g. with a new platform ticket: what came of it, and both clocks when the
/// request was sent.
#[cfg(target_family = "wasm")]
pub(crate) type Renew = Arc<dyn Fn() -> Boxed<'static, Result<(Box<Granted>, (u64, u64))>>>;

/// How long a program may take to come by a new ticket, in milliseconds: the platform may ask the player.
const TICKET_TIMEOUT_MS: u64 = 60_000;

/// What a program answers that is asked for a ticket; without an answer in time there is none.
pub(crate) async fn ticket_in_time<T>(host: &impl Host, ticket: Boxed<'static, Result<T>>) -> Result<T> {
    match first(ticket, host.sleep(TICKET_TIMEOUT_MS)).await {
        Either::A(ticket) => ticket,
        Either::B(()) => Err(no_ticket()),
    }
}

/// The error of a program that was asked for a ticket and has none.
pub(crate) fn no_ticket() -> Error {
    Error::new(ErrorKind::PlatformTicket, "the program gave no new platform ticket; sign in again")
}

/// Whose sessions: what every session of a client is made with.
pub(crate) struct Client<'a, H> {
    pub(crate) host: &'a Arc<H>,
    pub(crate) service: Service,
    /// How to sign in again without the player.
    pub(crate) renew: Option<Renew>,
}

/// A login's result on its way to becoming a session.
pub(crate) struct Opened<'a, H> {
    pub(crate) client: Client<'a, H>,
    /// Slots and account id, unless the session is never stored.
    pub(crate) slot: Option<(&'a Slots, &'a str)>,
    pub(crate) granted: Box<Granted>,
    /// Both clocks when the request was sent.
    pub(crate) sent: (u64, u64),
}

/// What a request came to, and the change of the player it may have made.
type Sent<H> = (Box<Response>, Option<Change<H>>);

pub(super) struct Shared<H> {
    pub(super) host: Arc<H>,
    pub(super) service: Service,
    pub(super) renew: Option<Renew>,
    /// `None`: never stored.
    pub(super) slot: Option<Slot>,
    pub(super) bell: Arc<Bell>,
    /// While the session is there, and not closed.
    listening: Guarded<Option<Listening>>,
    state: Guarded<State>,
}

impl<H> Drop for Shared<H> {
    fn drop(&mut self) {
        // The keeper finds the session gone and ends, instead of at its next timer.
        self.bell.ring(keeper::POKED);
    }
}

impl<H: Host> Session<H> {
    /// `rallyhere`, `xsolla`, …
    pub fn service(&self) -> &'static str {
        self.0.service.name()
    }

    /// Who the player is.
    pub fn player(&self) -> Player {
        self.state().live.player.clone()
    }

    /// What can be seen of the session now.
    pub fn snapshot(&self) -> Snapshot {
        self.shown(&self.state())
    }

    /// Calls `listener` after each change that can be seen, until the subscription is dropped. It may call anything of
    /// this session.
    pub fn subscribe(&self, listener: impl Fn(&Snapshot) + MaybeSend + MaybeSync + 'static) -> Subscription {
        let id = {
            let mut state = self.state();
            state.next_listener += 1;
            let id = state.next_listener;
            state.listeners.push((id, Arc::new(listener)));
            id
        };
        let shared = Arc::downgrade(&self.0);
        Subscription::new(Box::new(move || {
            let Some(shared) = shared.upgrade() else { return };
            let session = Session(shared);
            let mut state = session.state();
            let at = state.listeners.iter().position(|(other, _)| *other == id);
            let removed = at.map(|at| state.listeners.remove(at));
            // A listener may own a subscription, which comes here again.
            drop(state);
            drop(removed);
        }))
    }

    /// An access token that is valid now and belongs to the player who is active now. Refreshes first when it has to,
    /// once for all who wait; while the old one is valid, no failure of a refresh makes this fail.
    ///
    /// # Errors
    /// `session-over` when there is nothing left to refresh with; `storage` when that is so and the store, which failed
    /// a moment ago, cannot say whether another tab has more; `session-stale` when the player's identity changed and the
    /// refresh failed; else what the refresh failed with.
    pub async fn access_token(&self) -> Result<Secret> {
        let ends_at = self.in_ms(self.patience_ms());
        if self.must_look() {
            self.look().await;
        }
        for round in 0..2 {
            let last = round > 0;
            let (flight, may_serve) = {
                let state = self.state();
                state.check_open()?;
                let decision = self.decide(&state);
                let pause = self.paused(&state, false);
                match (decision, pause) {
                    (Decision::Serve, _) | (Decision::RefreshOrServe, Some(_)) => {
                        return Ok(state.live.access_token.clone());
                    }
                    // What another tab has noted is older than an answer that is on its way to this one.
                    (Decision::Over(_), _) if state.is_refreshing() => (Some(self.join(state)), false),
                    (Decision::Over(reason), _) if last => {
                        self.check_doubt(&state)?;
                        drop(state);
                        return Err(self.end(reason));
                    }
                    (Decision::MustRefresh, Some(error)) if last => return Err(state.name_stale(error)),
                    (Decision::Over(_), _) | (Decision::MustRefresh, Some(_)) => (None, false),
                    (Decision::RefreshOrServe, None) => (Some(self.join(state)), true),
                    (Decision::MustRefresh, None) => (Some(self.join(state)), false),
                }
            };
            match flight {
                Some(flight) => return self.token_after(flight, may_serve, ends_at).await,
                // Nothing here, and nobody to ask: unless another tab has stored something better, that is the end.
                None => self.adopt().await?,
            };
        }
        Err(self.state().spent())
    }

    /// The access token, if it is valid and the active player's: what [`access_token`](Self::access_token) answers without
    /// waiting.
    #[cfg(feature = "ffi")]
    pub(crate) fn token_at_hand(&self) -> Result<Secret> {
        let state = self.state();
        state.check_open()?;
        match self.decide(&state) {
            Decision::Serve | Decision::RefreshOrServe => Ok(state.live.access_token.clone()),
            Decision::MustRefresh => {
                Err(Error::new(ErrorKind::SessionStale, "the access token has to be refreshed first"))
            }
            Decision::Over(reason) => Err(Error::session_over(reason)),
        }
    }

    /// Refreshes now, whatever the token's age. Joins a refresh that is already in the air.
    ///
    /// # Errors
    /// `busy` while the service asked to be left alone; `session-over` when the service no longer accepts the session
    /// or there is no refresh token; else what the refresh failed with.
    pub async fn refresh(&self) -> Result<Refreshed> {
        Ok(*self.refresh_now().await?)
    }

    pub(crate) fn refresh_now(&self) -> Boxed<'_, Result<Box<Refreshed>>> {
        Box::pin(async move {
            let before = self.player();
            self.rotate_once(self.patience_ms()).await?;
            Ok(self.refreshed_since(&before))
        })
    }

    /// Lets go of everything: listeners are dropped, later calls are a `misuse`. What is stored stays.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let listeners = std::mem::take(&mut state.listeners);
        // A listener may own its subscription, which looks for it here when it is dropped.
        drop(state);
        drop(listeners);
        let listening = self.0.listening.lock().take();
        drop(listening);
        self.0.bell.ring(keeper::POKED);
    }

    /// Closes, and waits until what is under way has been stored: a refresh that was sent is not lost (R45).
    pub async fn close_and_settle(&self) {
        self.close();
        let flights = {
            let state = self.state();
            (state.flight.clone(), state.sign_out.clone())
        };
        if let Some(flight) = flights.0 {
            let _ = (&flight).await;
        }
        if let Some(flight) = flights.1 {
            let _ = (&flight).await;
        }
    }

    pub(crate) async fn open(opened: Opened<'_, H>) -> Self {
        let slot = opened.slot.map(|(slots, account)| slots.slot(account));
        let live = Live::new(1, opened.granted, opened.sent.0);
        let session = Self::from_live(opened.client, slot, live, None);
        {
            let mut state = session.state();
            state.access_received = i64::try_from(opened.sent.1).unwrap_or(i64::MAX);
            state.refresh_received = state.access_received;
            state.is_new = true;
        }
        session.store().await;
        session.notify();
        session.begin_keeping();
        session
    }

    /// After somebody else's API refused a request with `token`: a new token to send it with once more, or `None` when
    /// there is none, or when `token` is so new that another one would be refused as well.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) async fn replacement(&self, token: &str) -> Result<Option<Secret>> {
        let now = self.0.host.monotonic();
        let is_new = {
            let state = self.state();
            let recently = state.replaced_at.is_some_and(|at| now.saturating_sub(at) < REPLACEMENT_FLOOR_MS);
            state.live.access_token.expose() == token && recently
        };
        if is_new {
            return Ok(None);
        }
        let replaced = self.replace(token, self.patience_ms()).await?;
        self.state().replaced_at = Some(now);
        Ok(replaced)
    }

    /// Whether an answer to a request that carried the access token says that the token was not accepted.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn is_token_rejected(&self, status: u16, body: &[u8]) -> bool {
        self.0.service.is_token_rejected(status, body)
    }

    /// Sends a request with the access token; when the token is refused, refreshes and sends it once more. All of that
    /// within the request's one deadline.
    pub(crate) fn call(&self, request: Box<Request>) -> Boxed<'_, Result<Box<Response>>> {
        Box::pin(async move { Ok(self.send(request, false).await?.0) })
    }

    /// The same for a request that may change who the player is. What it came to is told to the [`Change`]; until then,
    /// and when the answer is lost, no token from before is handed out.
    pub(crate) fn call_changing(&self, request: Box<Request>) -> Boxed<'_, Result<(Box<Response>, Change<H>)>> {
        Box::pin(async move {
            let (response, change) = self.send(request, true).await?;
            Ok((response, change.unwrap_or_else(|| Change::begin(self))))
        })
    }

    pub(crate) fn details(&self) -> Json {
        self.state().live.details.clone()
    }

    #[cfg_attr(not(any(feature = "rallyhere", feature = "xsolla")), allow(dead_code))]
    pub(crate) fn host(&self) -> &H {
        &self.0.host
    }

    pub(crate) fn service_config(&self) -> &Service {
        &self.0.service
    }

    pub(super) fn from_live(
        client: Client<'_, H>,
        slot: Option<Slot>,
        live: Box<Live>,
        stored: Option<String>,
    ) -> Self {
        let renewable = client.renew.is_some();
        let mut jitter = [128];
        let _ = client.host.random(&mut jitter);
        let session = Self(Arc::new(Shared {
            host: client.host.clone(),
            service: client.service,
            renew: client.renew,
            slot,
            bell: Arc::default(),
            listening: Guarded::new(None),
            state: Guarded::new(State::new(live, stored, renewable, jitter[0])),
        }));
        session.set_ages(&mut session.state());
        #[cfg(feature = "mutants")]
        super::digest::register(&session.0);
        session
    }

    /// From now on the session looks after itself.
    pub(super) fn begin_keeping(&self) {
        let shared = &self.0;
        let record = shared.slot.as_ref().map(|slot| slot.record.clone());
        let listening = shared.host.listen(keeper::listener(shared.bell.clone(), record));
        *shared.listening.lock() = Some(listening);
        shared.host.spawn(keeper::keep(shared.host.clone(), Arc::downgrade(shared), shared.bell.clone()));
    }

    pub(super) fn refreshed_since(&self, before: &Player) -> Box<Refreshed> {
        let player = self.player();
        Box::new(Refreshed { changed: !player.is_same(before), player })
    }

    /// How long one call may wait for a refresh.
    pub(super) fn patience_ms(&self) -> u64 {
        self.0.service.timeout_ms().saturating_add(WAIT_MARGIN_MS)
    }

    pub(super) fn state(&self) -> Guard<'_, State> {
        self.0.state.lock()
    }

    /// The moment that many milliseconds from now, monotonic.
    #[inline(never)]
    pub(super) fn in_ms(&self, ms: u64) -> u64 {
        self.0.host.monotonic().saturating_add(ms)
    }

    /// How long it is until that moment, in milliseconds.
    #[inline(never)]
    pub(super) fn left_until(&self, at: u64) -> u64 {
        at.saturating_sub(self.0.host.monotonic())
    }

    pub(super) fn lifetime(&self, state: &State) -> Lifetime {
        self.age(state.live.access_life, state.access_received, state.jitter)
    }

    /// Whether there is something to refresh with, and it is not past its own life.
    pub(super) fn can_refresh(&self, state: &State) -> bool {
        let has_token = state.live.refresh_token.is_some();
        let refresh_valid = has_token && self.is_refresh_token_valid(state);
        self.0.service.can_refresh(has_token && self.lifetime(state).is_valid(), refresh_valid)
    }

    /// The refresh token, for a service that takes it for more than refreshing. Never one that is past its life.
    #[cfg_attr(not(feature = "playfab"), allow(dead_code))]
    pub(crate) fn refresh_token(&self) -> Result<Secret> {
        let state = self.state();
        state.check_open()?;
        let valid = self.is_refresh_token_valid(&state);
        let token = state.live.refresh_token.clone().filter(|_| valid);
        token.ok_or_else(|| Error::session_over(state.ended.unwrap_or(SessionOverReason::Expired)))
    }

    /// Whether the refresh token, if there is one, is not past its own life.
    pub(super) fn is_refresh_token_valid(&self, state: &State) -> bool {
        self.age(state.live.refresh_life, state.refresh_received, 0).is_valid()
    }

    fn age(&self, life: Life, received: i64, jitter: u8) -> Lifetime {
        let host = &self.0.host;
        let elapsed_ms = policy::elapsed_ms(life.received_at, host.now(), received, host.monotonic());
        Lifetime { expires_in_ms: life.expires_in_ms, elapsed_ms, jitter }
    }

    /// From now on both clocks tell the age of what another tab, or this program before a restart, has received.
    pub(super) fn set_ages(&self, state: &mut State) {
        let (now, monotonic) = (self.0.host.now(), self.0.host.monotonic());
        state.access_received = policy::received_monotonic(state.live.access_life.received_at, now, monotonic);
        state.refresh_received = policy::received_monotonic(state.live.refresh_life.received_at, now, monotonic);
    }

    /// Whether new tokens can be had without the player.
    pub(super) fn can_renew(&self, state: &State) -> bool {
        self.can_refresh(state) || (state.renewable && state.ended != Some(SessionOverReason::Restricted))
    }

    pub(super) fn decide(&self, state: &State) -> Decision {
        policy::decide(self.lifetime(state), self.can_renew(state), state.is_stale(), state.ended)
    }

    pub(super) fn is_servable(&self, state: &State) -> bool {
        self.lifetime(state).is_valid() && !state.is_stale()
    }

    pub(super) fn paused(&self, state: &State, only_asked: bool) -> Option<Error> {
        let pause = state.pause.as_ref()?;
        let until = if only_asked { pause.asked_until } else { pause.until };
        let left = until.checked_sub(self.0.host.monotonic()).filter(|left| *left > 0)?;
        Some(pause.error.clone().with_retry_after_ms(Some(left)))
    }

    pub(super) fn end(&self, reason: SessionOverReason) -> Error {
        let reason = {
            let mut state = self.state();
            state.live = state.live.without_tokens();
            *state.over.get_or_insert(reason)
        };
        self.0.bell.ring(keeper::POKED);
        self.notify();
        Error::session_over(reason)
    }

    /// What has been stored in memory only is not durable, whatever the store answered.
    fn shown(&self, state: &State) -> Snapshot {
        let mut snapshot = state.snapshot();
        if !self.0.host.is_durable() {
            snapshot.durability = Durability::Memory;
        }
        snapshot
    }

    /// Tells the listeners, outside every lock, if something they can see is different from what they were last shown.
    pub(super) fn notify(&self) {
        let (snapshot, listeners) = {
            let mut state = self.state();
            let mut now = Box::new(self.shown(&state));
            // Nothing but what is new makes another revision.
            if state.shown.as_ref() == Some(&now) {
                return;
            }
            state.revision += 1;
            now.revision = state.revision;
            state.shown = Some(now.clone());
            (now, state.listeners.clone())
        };
        for (_, listener) in listeners {
            listener(&snapshot);
        }
    }

    /// The token after that refresh, or after one more when the first began before the player changed.
    async fn token_after(&self, mut flight: Flight, may_serve: bool, ends_at: u64) -> Result<Secret> {
        if may_serve {
            let landed = self.within(&flight, PATIENCE_MS).await.is_some();
            let state = self.state();
            state.check_wanted()?;
            if !landed && state.over.is_none() && self.is_servable(&state) {
                return Ok(state.live.access_token.clone());
            }
        }
        for round in 0..2 {
            let last = round > 0;
            let left = self.left_until(ends_at);
            let result = self.within(&flight, left).await.unwrap_or_else(|| Err(not_in_time()));
            let state = self.state();
            state.check_wanted()?;
            if state.over.is_none() && self.is_servable(&state) {
                return Ok(state.live.access_token.clone());
            }
            result.map_err(|error| state.name_stale(error))?;
            state.check_open()?;
            // Of another player by now, or expired while this program stood still.
            if last {
                return Err(if state.is_stale() { changed_again() } else { not_in_time() });
            }
            flight = self.join(state);
        }
        Err(changed_again())
    }

    fn send(&self, request: Box<Request>, changes: bool) -> Boxed<'_, Result<Sent<H>>> {
        Box::pin(async move {
            let ends_at = self.in_ms(request.timeout_ms);
            let token = self.access_token().await?;
            let change = changes.then(|| Change::begin(self));
            let response = self.send_with(&request, &token, ends_at).await?;
            if !self.0.service.is_token_rejected(response.status, &response.body) {
                return Ok((response, change));
            }
            if let Some(change) = change {
                change.refused();
            }
            let left = self.left_until(ends_at);
            if let Some(token) = self.replace(token.expose(), left.saturating_add(WAIT_MARGIN_MS)).await? {
                let change = changes.then(|| Change::begin(self));
                return Ok((self.send_with(&request, &token, ends_at).await?, change));
            }
            // The service itself refuses the token and there is none to replace it with.
            let ended = {
                let state = self.state();
                (!self.can_renew(&state)).then_some(state.ended.unwrap_or(SessionOverReason::Expired))
            };
            if let Some(reason) = ended {
                self.end(reason);
            }
            Ok((response, None))
        })
    }

    fn send_with<'a>(&'a self, request: &Request, token: &Secret, ends_at: u64) -> Boxed<'a, Result<Box<Response>>> {
        let left = self.left_until(ends_at);
        let request = self.0.service.attach(Box::new(request.clone()), token).timeout_ms(left);
        Box::pin(async move {
            if left == 0 {
                return Err(not_in_time());
            }
            services::send(&*self.0.host, request).await
        })
    }
}

impl<H: Host> Clone for Session<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: Host> std::fmt::Debug for Session<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("service", &self.service()).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "sim", feature = "rallyhere"))]
mod tests {
    use crate::host::{SimHost, SimReply};
    use crate::rallyhere::{Config, Credential, RallyHere};

    #[test]
    fn r07_an_api_that_refuses_every_token_costs_one_rotation_in_five_seconds() {
        let host = SimHost::new(1);
        let mut issued = 0;
        host.on_request(move |_, _| {
            issued += 1;
            let body = [
                r#"{"access_token":"a"#,
                &issued.to_string(),
                r#"","token_type":"Bearer","expires_in":3600,"refresh_token":"r","active_player_uuid":"p","#,
                r#""person_id":"q","platform":"Steam","portal_user_id":"s"}"#,
            ];
            SimReply::json(200, &body.concat())
        });
        let config = Config::base_url("https://demo.rally-here.io").client("game", "secret");
        let rallyhere = RallyHere::new(config, host.clone()).unwrap();
        let session = host.block_on(rallyhere.login(Credential::steam("t"))).unwrap();
        assert_eq!(host.block_on(session.replacement("a1")).unwrap().unwrap().expose(), "a2");
        assert!(host.block_on(session.replacement("a2")).unwrap().is_none());
        assert_eq!(host.block_on(session.replacement("a1")).unwrap().unwrap().expose(), "a2", "an old one is replaced");
        host.advance_ms(5_000);
        assert_eq!(host.block_on(session.replacement("a2")).unwrap().unwrap().expose(), "a3");
        assert_eq!(host.requests().len(), 3);
    }
}
