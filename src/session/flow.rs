//! The session itself: asks `policy.rs` what to do and does it through the host. One refresh at a time, under the
//! store's lock; what comes back is stored before anyone sees it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::events::{Durability, Listener, Snapshot, Status, Subscription};
use super::flight::{Boxed, Either, Flight, Pilot, first};
use super::policy::{self, AfterFailure, Decision, Lifetime};
use super::record::{Live, Record};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::host::{Host, HostError, LogLevel, MaybeSend, MaybeSync};
use crate::http::{self, Request, Response, percent_encode};
use crate::json::Json;
use crate::services::{self, Granted, Player, Service};

/// How long one operation of the store may take before the session goes on without it, in milliseconds (R35).
const STORE_TIMEOUT_MS: u64 = 2_000;
/// What a caller waits on top of the service's deadline, so that a request that ends in time is seen, in milliseconds.
const WAIT_MARGIN_MS: u64 = 400;
/// How long a caller whose token is still valid waits for its refresh, in milliseconds; the refresh goes on without.
const PATIENCE_MS: u64 = 2_000;
/// A token that is younger was not refused because of its age, in milliseconds.
const YOUNG_MS: u64 = 5_000;
/// How long a sign-out waits for the service, in milliseconds (R22).
const REVOKE_TIMEOUT_MS: u64 = 2_000;

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
pub struct Session<H: Host>(Arc<Shared<H>>);

struct Shared<H> {
    host: Arc<H>,
    service: Service,
    /// `None`: never stored.
    slot: Option<Slot>,
    state: Mutex<State>,
}

struct State {
    live: Live,
    /// The text in the store as far as we know: what the next write expects to replace.
    stored: Option<String>,
    /// `None` after a restart: only the wall clock tells the age then.
    received_monotonic: Option<u64>,
    /// The refresh token is gone for this reason; the access token is served until it expires.
    ended: Option<SessionOverReason>,
    /// Nothing is served any more.
    over: Option<SessionOverReason>,
    closed: bool,
    /// How often the player's identity was changed; which change the token has to have seen, and which it has.
    identity_changes: u32,
    identity_needed: u32,
    identity_seen: u32,
    flight: Option<Flight>,
    /// The sign-out, and whether the service confirmed it, until somebody was told.
    sign_out: Option<Flight>,
    revoked: bool,
    failures: u32,
    pause: Option<Pause>,
    durability: Durability,
    /// Whether the store says that `restore` shall find this account.
    pointed: bool,
    revision: u64,
    /// What listeners were last shown.
    shown: Option<(Status, Player, Durability)>,
    listeners: Vec<(u64, Listener)>,
    next_listener: u64,
}

impl State {
    fn is_stale(&self) -> bool {
        self.identity_seen < self.identity_needed
    }

    /// From now on only a token that is asked for later will do.
    fn identity_changed(&mut self) {
        self.identity_changes = self.identity_changes.saturating_add(1);
        self.identity_needed = self.identity_changes;
    }

    /// Fails when the session was closed or signed out here: whatever else happened meanwhile, that counts.
    fn check_wanted(&self) -> Result<()> {
        if self.closed || self.over == Some(SessionOverReason::SignedOut) { self.check_open() } else { Ok(()) }
    }

    fn check_open(&self) -> Result<()> {
        if self.closed {
            return Err(Error::misuse("the session was closed; restore it or sign in again"));
        }
        self.over.map_or(Ok(()), |reason| Err(Error::session_over(reason)))
    }

    fn name_stale(&self, error: Error) -> Error {
        if !self.is_stale() || error.kind() == ErrorKind::SessionOver {
            return error;
        }
        Error::new(
            ErrorKind::SessionStale,
            http::concat("the player's identity changed and the session is not refreshed yet: ", error.message()),
        )
        .with_retry_after_ms(error.retry_after_ms())
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            status: self.over.map_or(Status::SignedIn, Status::SignedOut),
            player: self.live.player.clone(),
            durability: self.durability,
            revision: self.revision,
        }
    }
}

/// The service is left alone until then.
struct Pause {
    until: u64,
    /// The service asked for it, so that not even an explicit refresh passes.
    asked: bool,
    error: Error,
}

/// Where the sessions of one service, address and client are kept in the store.
#[derive(Clone, Debug)]
pub(crate) struct Slots(String);

struct Slot {
    record: String,
    active: String,
    account: String,
}

impl Slots {
    pub(crate) fn new(service: &str, base_url: &str, client: &str) -> Self {
        Self(["playerlink", service, &percent_encode(base_url), &percent_encode(client)].join("/"))
    }

    fn active(&self) -> String {
        http::concat(&self.0, "/active")
    }

    fn slot(&self, account: &str) -> Slot {
        Slot {
            record: [&self.0, "account", &percent_encode(account)].join("/"),
            active: self.active(),
            account: account.to_owned(),
        }
    }
}

/// A login's result on its way to becoming a session.
pub(crate) struct Opened<'a, H> {
    pub(crate) host: &'a Arc<H>,
    pub(crate) service: Service,
    /// Slots and account id, unless the session is never stored.
    pub(crate) slot: Option<(&'a Slots, &'a str)>,
    pub(crate) granted: Granted,
    /// Both clocks when the request was sent.
    pub(crate) sent: (u64, u64),
}

/// What a refresh brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// Whether the active player or the person is another one than before the call.
    pub changed: bool,
    /// Who the player is now.
    pub player: Player,
}

/// What a sign-out did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether the service confirmed within 2 s. The session is over here either way.
    pub revoked: bool,
}

impl<H: Host> Session<H> {
    pub(crate) async fn open(opened: Opened<'_, H>) -> Self {
        let slot = opened.slot.map(|(slots, account)| slots.slot(account));
        let session =
            Self::from_live(opened.host, opened.service, slot, Live::new(1, opened.granted, opened.sent.0), None);
        session.state().received_monotonic = Some(opened.sent.1);
        session.store_login().await;
        session.notify();
        session
    }

    fn from_live(host: &Arc<H>, service: Service, slot: Option<Slot>, live: Live, stored: Option<String>) -> Self {
        let changes = u32::from(live.stale);
        let durability = if stored.is_some() { Durability::Durable } else { Durability::Memory };
        Self(Arc::new(Shared {
            host: host.clone(),
            service,
            slot,
            state: Mutex::new(State {
                live,
                stored,
                received_monotonic: None,
                ended: None,
                over: None,
                closed: false,
                identity_changes: changes,
                identity_needed: changes,
                identity_seen: 0,
                flight: None,
                sign_out: None,
                revoked: false,
                failures: 0,
                pause: None,
                durability,
                pointed: durability == Durability::Durable,
                revision: 0,
                shown: None,
                listeners: Vec::new(),
                next_listener: 0,
            }),
        }))
    }

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
        self.state().snapshot()
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
    /// `session-over` when there is nothing left to refresh with; `session-stale` when the player's identity changed
    /// and the refresh failed; else what the refresh failed with.
    pub async fn access_token(&self) -> Result<Secret> {
        let (flight, may_serve) = {
            let state = self.state();
            state.check_open()?;
            let decision = self.decide(&state);
            let pause = self.paused(&state, false);
            match (decision, pause) {
                (Decision::Serve, _) | (Decision::RefreshOrServe, Some(_)) => {
                    return Ok(state.live.access_token.clone());
                }
                (Decision::Over(reason), _) => {
                    drop(state);
                    return Err(self.end(reason));
                }
                (Decision::MustRefresh, Some(error)) => return Err(state.name_stale(error)),
                (Decision::RefreshOrServe, None) => (self.join(state), true),
                (Decision::MustRefresh, None) => (self.join(state), false),
            }
        };
        self.token_after(flight, may_serve).await
    }

    /// The token after that refresh, or after one more when the first began before the player changed.
    fn token_after(&self, mut flight: Flight, may_serve: bool) -> Boxed<'_, Result<Secret>> {
        Box::pin(async move {
            let mut patience = self.patience_ms();
            if may_serve {
                let landed = self.within(&flight, PATIENCE_MS).await.is_some();
                let state = self.state();
                state.check_wanted()?;
                if !landed && state.over.is_none() && self.is_servable(&state) {
                    return Ok(state.live.access_token.clone());
                }
                patience = patience.saturating_sub(PATIENCE_MS);
            }
            for last in [false, true] {
                let result = self.within(&flight, patience).await.unwrap_or_else(|| Err(not_in_time()));
                let state = self.state();
                state.check_wanted()?;
                if state.over.is_none() && self.is_servable(&state) {
                    return Ok(state.live.access_token.clone());
                }
                result.map_err(|error| state.name_stale(error))?;
                state.check_open()?;
                if !state.is_stale() {
                    return Ok(state.live.access_token.clone());
                }
                if last {
                    break;
                }
                flight = self.join(state);
            }
            Err(changed_again())
        })
    }

    fn is_servable(&self, state: &State) -> bool {
        self.lifetime(state).is_valid() && !state.is_stale()
    }

    /// Refreshes now, whatever the token's age. Joins a refresh that is already in the air.
    ///
    /// # Errors
    /// `busy` while the service asked to be left alone; `session-over` when the service no longer accepts the session
    /// or there is no refresh token; else what the refresh failed with.
    pub async fn refresh(&self) -> Result<Refreshed> {
        let before = self.player();
        self.rotate_once(self.patience_ms()).await?;
        Ok(self.refreshed_since(&before))
    }

    /// After a call that changed who the player is: refreshes with a request that is sent after it.
    pub(crate) fn refresh_identity<'a>(&'a self, before: &'a Player) -> Boxed<'a, Result<Refreshed>> {
        Box::pin(async move {
            self.mark_stale().await;
            let in_the_air = self.state().flight.clone();
            // A refresh that was in the air already may have been answered before the change: however it ends, it is
            // not the one.
            if let Some(flight) = in_the_air {
                let _ = self.within(&flight, self.patience_ms()).await;
            }
            if self.state().is_stale() {
                self.rotate_once(self.patience_ms()).await.map_err(|error| self.state().name_stale(error))?;
            }
            Ok(self.refreshed_since(before))
        })
    }

    fn refreshed_since(&self, before: &Player) -> Refreshed {
        let player = self.player();
        Refreshed { changed: !player.is_same(before), player }
    }

    /// Refreshes; once more when the refresh that was joined began before the player changed.
    fn rotate_once(&self, patience_ms: u64) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            for _ in 0..2 {
                let flight = {
                    let state = self.state();
                    state.check_open()?;
                    if let Some(error) = self.paused(&state, true) {
                        return Err(error);
                    }
                    if state.live.refresh_token.is_none() {
                        return Err(Error::session_over(state.ended.unwrap_or(SessionOverReason::Expired)));
                    }
                    self.join(state)
                };
                let result = self.within(&flight, patience_ms).await.unwrap_or_else(|| Err(not_in_time()));
                let state = self.state();
                state.check_wanted()?;
                result?;
                state.check_open()?;
                if !state.is_stale() {
                    return Ok(());
                }
            }
            Err(changed_again())
        })
    }

    /// How a flight ended, or `None` when the caller has waited long enough: it goes on for the others.
    fn within<'a>(&'a self, flight: &'a Flight, ms: u64) -> Boxed<'a, Option<Result<()>>> {
        Box::pin(async move {
            match first(flight, self.0.host.sleep(ms)).await {
                Either::A(result) => Some(result),
                Either::B(()) => None,
            }
        })
    }

    /// How long one call may wait for a refresh.
    fn patience_ms(&self) -> u64 {
        self.0.service.timeout_ms().saturating_add(WAIT_MARGIN_MS)
    }

    /// After somebody else's API refused a request with `token`: a new token to send it with once more, or `None` when
    /// there is none, or when `token` is so new that another one would be refused as well.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) async fn replacement(&self, token: &str) -> Result<Option<Secret>> {
        let is_young = {
            let state = self.state();
            state.live.access_token.expose() == token && self.lifetime(&state).elapsed_ms < YOUNG_MS
        };
        if is_young { Ok(None) } else { self.replace(token, self.patience_ms()).await }
    }

    fn replace<'a>(&'a self, token: &'a str, patience_ms: u64) -> Boxed<'a, Result<Option<Secret>>> {
        Box::pin(async move {
            {
                let state = self.state();
                state.check_open()?;
                if state.live.access_token.expose() != token && !state.is_stale() {
                    return Ok(Some(state.live.access_token.clone()));
                }
                if state.live.refresh_token.is_none() {
                    return Ok(None);
                }
            }
            self.rotate_once(patience_ms).await?;
            let current = self.state().live.access_token.clone();
            Ok((current.expose() != token).then_some(current))
        })
    }

    /// Whether an answer to a request that carried the access token says that the token was not accepted.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn is_token_rejected(&self, status: u16, body: &[u8]) -> bool {
        self.0.service.is_token_rejected(status, body)
    }

    /// Sends a request with the access token; when the token is refused, refreshes and sends it once more. All of that
    /// within the request's one deadline.
    pub(crate) fn call(&self, request: Request) -> Boxed<'_, Result<Response>> {
        Box::pin(async move { Ok(self.send(request, false).await?.0) })
    }

    /// The same for a request that may change who the player is. What it came to is told to the [`Change`]; until then,
    /// and when the answer is lost, no token from before is handed out.
    pub(crate) fn call_changing(&self, request: Request) -> Boxed<'_, Result<(Response, Change<H>)>> {
        Box::pin(async move {
            let (response, change) = self.send(request, true).await?;
            Ok((response, change.unwrap_or_else(|| Change::begin(self))))
        })
    }

    fn send(&self, request: Request, changes: bool) -> Boxed<'_, Result<(Response, Option<Change<H>>)>> {
        Box::pin(async move {
            let ends_at = self.0.host.monotonic().saturating_add(request.timeout_ms);
            let token = self.access_token().await?;
            let change = changes.then(|| Change::begin(self));
            let response = self.send_with(&request, &token, ends_at).await?;
            if !self.0.service.is_token_rejected(response.status, &response.body) {
                return Ok((response, change));
            }
            if let Some(change) = change {
                change.refused();
            }
            let left = ends_at.saturating_sub(self.0.host.monotonic());
            if let Some(token) = self.replace(token.expose(), left.saturating_add(WAIT_MARGIN_MS)).await? {
                let change = changes.then(|| Change::begin(self));
                return Ok((self.send_with(&request, &token, ends_at).await?, change));
            }
            // The service itself refuses the token and there is none to replace it with.
            let ended = {
                let state = self.state();
                state.live.refresh_token.is_none().then_some(state.ended.unwrap_or(SessionOverReason::Expired))
            };
            if let Some(reason) = ended {
                self.end(reason);
            }
            Ok((response, None))
        })
    }

    fn send_with<'a>(&'a self, request: &Request, token: &Secret, ends_at: u64) -> Boxed<'a, Result<Response>> {
        let left = ends_at.saturating_sub(self.0.host.monotonic());
        let request = request.clone().bearer(token).timeout_ms(left);
        Box::pin(async move {
            if left == 0 {
                return Err(not_in_time());
            }
            services::send(&*self.0.host, request).await
        })
    }

    /// Signs out: here at once, also offline; then tells the service, for at most 2 s. Goes on when its caller gives
    /// up. When it is called twice, `revoked` is told once.
    pub async fn logout(&self) -> SignedOut {
        if let Some(flight) = self.begin_sign_out() {
            let _ = (&flight).await;
        }
        SignedOut { revoked: std::mem::take(&mut self.state().revoked) }
    }

    fn begin_sign_out(&self) -> Option<Flight> {
        let mut state = self.state();
        if state.over == Some(SessionOverReason::SignedOut) {
            return state.sign_out.clone();
        }
        // A session that was over already owns nothing but the record it last saw.
        let owns = state.over.is_none();
        // A refresh elsewhere spends the refresh token, not the access token.
        let is_spent_by_refresh = !self.0.service.revokes_every_session() || !self.lifetime(&state).is_valid();
        state.over = Some(SessionOverReason::SignedOut);
        let wiped = state.live.without_tokens();
        let (live, expected) = (std::mem::replace(&mut state.live, wiped), state.stored.take());
        let (flight, pilot) = Flight::take_off();
        state.sign_out = Some(flight.clone());
        drop(state);
        let session = self.clone();
        self.0.host.spawn(async move {
            let newer = session.bury(live.generation, expected, owns).await;
            // Another tab has refreshed since: its tokens are the ones the service knows.
            let revoked = session.revoke(newer.filter(|_| is_spent_by_refresh).unwrap_or(live)).await;
            session.state().revoked = revoked;
            pilot.land(Ok(()));
        });
        self.notify();
        Some(flight)
    }

    /// Tells the service to forget these tokens, for at most 2 s.
    fn revoke(&self, live: Live) -> Boxed<'_, bool> {
        Box::pin(async move {
            let revoke = self.0.service.revoke(&*self.0.host, &live.access_token, live.refresh_token.as_ref());
            match first(revoke, self.0.host.sleep(REVOKE_TIMEOUT_MS)).await {
                Either::A(result) => result.unwrap_or(false),
                Either::B(()) => false,
            }
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

    // --- the refresh ---

    /// The refresh in the air, or a new one. One that has landed and is still here was ended by a panic.
    fn join(&self, mut state: MutexGuard<'_, State>) -> Flight {
        if let Some(flight) = state.flight.as_ref().filter(|flight| !flight.has_landed()) {
            return flight.clone();
        }
        let (flight, pilot) = Flight::take_off();
        state.flight = Some(flight.clone());
        // A host may poll at once what it is given.
        drop(state);
        self.0.host.spawn(self.clone().fly(flight.clone(), pilot));
        flight
    }

    async fn fly(self, flight: Flight, pilot: Pilot) {
        let name = self.0.slot.as_ref().map_or("playerlink", |slot| &slot.record);
        let result = self.0.host.with_lock(name, self.rotate()).await;
        {
            let mut state = self.state();
            if state.flight.as_ref().is_some_and(|current| current.is(&flight)) {
                state.flight = None;
            }
            match &result {
                Ok(()) => {
                    state.failures = 0;
                    state.pause = None;
                }
                Err(error) => {
                    state.failures = state.failures.saturating_add(1);
                    state.pause = Some(Pause {
                        until: self.0.host.monotonic().saturating_add(policy::pause_ms(error, state.failures)),
                        asked: error.retry_after_ms().is_some(),
                        error: error.clone(),
                    });
                }
            }
        }
        pilot.land(result);
        self.notify();
    }

    /// Swaps the refresh token. A tab that loses the race to another has what that one got, and, should that be spent
    /// already, tries once with it.
    fn rotate(&self) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            if self.adopt().await? {
                return Ok(());
            }
            for last in [false, true] {
                let (live, seen) = {
                    let state = self.state();
                    state.check_open()?;
                    (state.live.clone(), state.identity_changes)
                };
                let Some(refresh_token) = &live.refresh_token else {
                    return Err(Error::session_over(SessionOverReason::Expired));
                };
                let sent = (self.0.host.now(), self.0.host.monotonic());
                let error = match self.0.service.refresh(&*self.0.host, refresh_token, (&live.player, &live.details)).await {
                    Ok(granted) => return self.commit(live.refreshed(granted, sent.0), sent.1, seen).await,
                    Err(error) => error,
                };
                let AfterFailure::Discard(reason) = policy::after_refresh_failure(&error) else { return Err(error) };
                // Another tab may have rotated: a losing tab adopts and clears nothing.
                let mut served = self.adopt().await?;
                if self.state().live.generation == live.generation {
                    if self.discard(reason).await {
                        return Err(error.with_reason(reason));
                    }
                    served = self.adopt().await?;
                }
                if served {
                    return Ok(());
                }
                let state = self.state();
                if last || state.live.generation == live.generation || state.live.refresh_token.is_none() {
                    return if self.is_servable(&state) { Ok(()) } else { Err(error) };
                }
            }
            Err(changed_again())
        })
    }

    /// Takes over what another tab or process has stored since; `true` when that makes a refresh needless.
    fn adopt(&self) -> Boxed<'_, Result<bool>> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return Ok(false) };
            let Ok(Some(text)) = self.load(&slot.record).await else { return Ok(false) };
            let mut state = self.state();
            let ours = state.live.generation;
            match Record::from_text(&text) {
                Some(Record::Ended { generation, reason }) if generation > ours => {
                    // Only a sign-out takes away what is still valid.
                    state.live.refresh_token = None;
                    state.ended.get_or_insert(reason);
                    let keeps = reason != SessionOverReason::SignedOut && self.is_servable(&state);
                    drop(state);
                    Err(if keeps { Error::session_over(reason) } else { self.end(reason) })
                }
                Some(Record::Live(live)) if live.generation > ours => {
                    state.check_open()?;
                    if live.stale {
                        state.identity_changed();
                    }
                    state.live = live;
                    state.stored = Some(text);
                    state.received_monotonic = None;
                    state.ended = None;
                    state.durability = Durability::Durable;
                    Ok(!state.is_stale() && self.decide(&state) == Decision::Serve)
                }
                Some(Record::Live(live)) if live.generation == ours && live.stale => {
                    // Another tab has changed the player: the refresh that follows is sent after that.
                    if state.stored.as_ref() != Some(&text) {
                        state.identity_changed();
                        state.stored = Some(text);
                    }
                    Ok(false)
                }
                _ => Ok(false),
            }
        })
    }

    /// Stores, then shows. A sign-out that came first wins.
    fn commit(&self, mut live: Live, received_monotonic: u64, seen: u32) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            let mut expected = self.state().stored.clone();
            let mut stored = None;
            let mut failed = None;
            let mut changed_elsewhere = false;
            if let Some(slot) = &self.0.slot {
                for _ in 0..3 {
                    {
                        let state = self.state();
                        if state.over.is_some() {
                            break;
                        }
                        live.stale = changed_elsewhere || seen < state.identity_needed;
                    }
                    let Some(text) = Record::Live(live.clone()).to_text() else { break };
                    match self.swap(&slot.record, expected.as_deref(), &text).await {
                        Ok(true) => {
                            stored = Some(text);
                            break;
                        }
                        Ok(false) => {
                            let Ok(found) = self.load(&slot.record).await else { break };
                            let newer = found.as_deref().and_then(Record::from_text);
                            match &newer {
                                // Any other end was too early: the service has just accepted this session.
                                Some(Record::Ended { generation, reason: SessionOverReason::SignedOut })
                                    if *generation >= live.generation =>
                                {
                                    self.give_back(live).await;
                                    return Err(self.end(SessionOverReason::SignedOut));
                                }
                                Some(Record::Live(newer)) => changed_elsewhere |= newer.stale,
                                _ => {}
                            }
                            if let Some(newer) = newer {
                                live.generation = live.generation.max(newer.generation().saturating_add(1));
                            }
                            expected = found;
                        }
                        Err(error) => {
                            failed = Some(error);
                            break;
                        }
                    }
                }
            }
            let late = {
                let mut state = self.state();
                if let Some(reason) = state.over {
                    Some(reason)
                } else {
                    if changed_elsewhere {
                        state.identity_changed();
                    }
                    state.live = live.clone();
                    state.durability = if stored.is_some() { Durability::Durable } else { Durability::Memory };
                    state.stored = stored.take().or(expected);
                    state.received_monotonic = Some(received_monotonic);
                    state.identity_seen = seen;
                    state.ended = None;
                    None
                }
            };
            // After the state is set: a logger that panics loses no rotation.
            if let Some(HostError(error)) = failed {
                self.0.host.log(LogLevel::Warn, "store-failed", &[("error", &error)]);
            }
            let Some(reason) = late else {
                self.point_here().await;
                return Ok(());
            };
            // Over while the request was in the air: what it brought is given back, not kept. Only what was written
            // here is taken out of the store; another record there is a newer sign-in.
            if stored.is_some() {
                self.bury(live.generation, stored, false).await;
            }
            self.give_back(live).await;
            Err(Error::session_over(reason))
        })
    }

    /// Revokes tokens nobody will use, unless that would end a newer sign-in of the same account.
    fn give_back(&self, live: Live) -> Boxed<'_, ()> {
        Box::pin(async move {
            if let (true, Some(slot)) = (self.0.service.revokes_every_session(), &self.0.slot) {
                let found = self.load(&slot.record).await.ok().flatten();
                if matches!(found.as_deref().and_then(Record::from_text), Some(Record::Live(_))) {
                    return;
                }
            }
            self.revoke(live).await;
        })
    }

    /// Takes the dead refresh token out of the record; `false` when the record is another one by now. Where tabs have
    /// no lock in common, the service may have refused it because another one has just used it, and that one's tokens
    /// are on their way into the store: so this writes once, over the record we know and no other. What is still valid
    /// stays for the next start of the program, unless the player is restricted or another one.
    fn discard(&self, reason: SessionOverReason) -> Boxed<'_, bool> {
        Box::pin(async move {
            let (mut next, expected, ends) = {
                let mut state = self.state();
                state.live.refresh_token = None;
                state.ended = Some(reason);
                let mut next = state.live.clone();
                next.generation = next.generation.saturating_add(1);
                let ends = reason == SessionOverReason::Restricted || state.is_stale();
                (Record::Live(next), state.stored.clone(), ends)
            };
            if ends {
                next = Record::Ended { generation: next.generation(), reason };
            }
            let mut ours = true;
            if let (Some(slot), Some(text)) = (&self.0.slot, next.to_text()) {
                match self.swap(&slot.record, expected.as_deref(), &text).await {
                    Ok(true) => {
                        {
                            let mut state = self.state();
                            if state.over.is_none() {
                                state.live.generation = next.generation();
                                state.stored = Some(text);
                            }
                        }
                        if ends {
                            self.point_to(slot, None).await;
                        }
                    }
                    Ok(false) => ours = false,
                    Err(_) => {}
                }
            }
            let servable = self.is_servable(&self.state());
            if ours && !servable {
                self.end(reason);
            }
            ours
        })
    }

    /// Notes in the store that the token is one of the player before, so that a restart does not serve it either.
    fn mark_stale(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return };
            let (text, expected) = {
                let state = self.state();
                if state.over.is_some() || !state.is_stale() || state.stored.is_none() {
                    return;
                }
                (Record::Live(Live { stale: true, ..state.live.clone() }).to_text(), state.stored.clone())
            };
            let Some(text) = text else { return };
            if self.swap(&slot.record, expected.as_deref(), &text).await.unwrap_or(false) {
                let mut state = self.state();
                // Unless a refresh has replaced it meanwhile.
                if state.stored == expected {
                    state.stored = Some(text);
                }
            }
        })
    }

    // --- the store ---

    fn store_login(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return };
            for _ in 0..3 {
                let Ok(found) = self.load(&slot.record).await else { return };
                let newest = found.as_deref().and_then(Record::from_text).map_or(0, |record| record.generation());
                let generation = newest.saturating_add(1);
                let text = {
                    let mut state = self.state();
                    state.live.generation = generation;
                    Record::Live(state.live.clone()).to_text()
                };
                let Some(text) = text else { return };
                match self.swap(&slot.record, found.as_deref(), &text).await {
                    Ok(true) => {
                        let mut state = self.state();
                        state.stored = Some(text);
                        state.durability = Durability::Durable;
                        break;
                    }
                    Ok(false) => {}
                    Err(error) => {
                        self.0.host.log(LogLevel::Warn, "store-failed", &[("error", &error.0)]);
                        return;
                    }
                }
            }
            self.point_here().await;
        })
    }

    /// Makes `restore` find this account, once it is stored.
    fn point_here(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return };
            let due = {
                let state = self.state();
                !state.pointed && state.durability == Durability::Durable
            };
            if due {
                let pointed = self.point_to(slot, Some(&slot.account)).await;
                self.state().pointed = pointed;
            }
        })
    }

    /// Makes `restore` find this account (or none, if it still points here).
    fn point_to<'a>(&'a self, slot: &'a Slot, account: Option<&'a str>) -> Boxed<'a, bool> {
        Box::pin(async move {
            let Ok(found) = self.load(&slot.active).await else { return false };
            if account.is_none() && found.as_deref() != Some(&slot.account) {
                return false;
            }
            self.swap_to(&slot.active, found.as_deref(), account).await.unwrap_or(false)
        })
    }

    /// Writes the mark that this session was signed out: over whatever generation is there, or, unless `all`, over the
    /// `expected` text only. Returns the session it replaced when that was a newer one.
    fn bury(&self, ours: u64, mut expected: Option<String>, all: bool) -> Boxed<'_, Option<Live>> {
        Box::pin(async move {
            let slot = self.0.slot.as_ref()?;
            let mut generation = ours.saturating_add(1);
            for _ in 0..if all { 5 } else { 1 } {
                let text = Record::Ended { generation, reason: SessionOverReason::SignedOut }.to_text()?;
                if self.swap(&slot.record, expected.as_deref(), &text).await.ok()? {
                    self.point_to(slot, None).await;
                    return match Record::from_text(&expected?) {
                        Some(Record::Live(live)) if live.generation > ours => Some(live),
                        _ => None,
                    };
                }
                let found = self.load(&slot.record).await.ok()?;
                if let Some(record) = found.as_deref().and_then(Record::from_text) {
                    generation = generation.max(record.generation().saturating_add(1));
                }
                expected = found;
            }
            None
        })
    }

    fn load<'a>(&'a self, key: &'a str) -> Boxed<'a, Result<Option<String>, HostError>> {
        load(&*self.0.host, key)
    }

    fn swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: &'a str,
    ) -> Boxed<'a, Result<bool, HostError>> {
        self.swap_to(key, expected, Some(next))
    }

    fn swap_to<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> Boxed<'a, Result<bool, HostError>> {
        Box::pin(async move {
            match first(self.0.host.compare_and_swap(key, expected, next), self.0.host.sleep(STORE_TIMEOUT_MS)).await {
                Either::A(result) => result,
                Either::B(()) => Err(store_hangs()),
            }
        })
    }

    // --- state ---

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lifetime(&self, state: &State) -> Lifetime {
        let monotonic = state.received_monotonic.map(|at| self.0.host.monotonic().saturating_sub(at));
        Lifetime {
            expires_in_ms: state.live.expires_in_ms,
            elapsed_ms: policy::elapsed_ms(state.live.received_at, self.0.host.now(), monotonic),
        }
    }

    fn decide(&self, state: &State) -> Decision {
        policy::decide(self.lifetime(state), state.live.refresh_token.is_some(), state.is_stale(), state.ended)
    }

    fn paused(&self, state: &State, only_asked: bool) -> Option<Error> {
        let pause = state.pause.as_ref()?;
        let left = pause.until.checked_sub(self.0.host.monotonic()).filter(|left| *left > 0)?;
        (pause.asked || !only_asked).then(|| pause.error.clone().with_retry_after_ms(Some(left)))
    }

    fn end(&self, reason: SessionOverReason) -> Error {
        let reason = {
            let mut state = self.state();
            state.live = state.live.without_tokens();
            *state.over.get_or_insert(reason)
        };
        self.notify();
        Error::session_over(reason)
    }

    /// Tells the listeners, outside every lock, if something they can see is different from what they were last shown.
    fn notify(&self) {
        let (snapshot, listeners) = {
            let mut state = self.state();
            let now = state.snapshot();
            let shown = (now.status, now.player, now.durability);
            if state.shown.as_ref() == Some(&shown) {
                return;
            }
            state.shown = Some(shown);
            state.revision += 1;
            (state.snapshot(), state.listeners.clone())
        };
        for (_, listener) in listeners {
            listener(&snapshot);
        }
    }
}

/// A call that may have changed who the player is. Dropped without a word about its outcome, it counts as done.
pub(crate) struct Change<H: Host> {
    session: Session<H>,
    ticket: u32,
    needed_before: u32,
    settled: bool,
}

impl<H: Host> Change<H> {
    fn begin(session: &Session<H>) -> Self {
        let mut state = session.state();
        let needed_before = state.identity_needed;
        state.identity_changed();
        let ticket = state.identity_changes;
        drop(state);
        Self { session: session.clone(), ticket, needed_before, settled: false }
    }

    /// Nothing has changed: the service said so.
    pub(crate) fn refused(mut self) {
        self.settled = true;
        let mut state = self.session.state();
        if state.identity_needed == self.ticket {
            state.identity_needed = self.needed_before;
        }
    }

    /// It has changed, and whoever says so refreshes now. A refresh sent before this moment does not count.
    pub(crate) fn made(mut self) {
        self.settled = true;
        self.session.state().identity_changed();
    }
}

impl<H: Host> Drop for Change<H> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        self.session.state().identity_changed();
        let session = self.session.clone();
        self.session.0.host.spawn(async move { session.mark_stale().await });
    }
}

fn not_in_time() -> Error {
    Error::new(ErrorKind::Timeout, "the session was not refreshed before the deadline; try again")
}

fn changed_again() -> Error {
    Error::new(ErrorKind::SessionStale, "the player's identity changed during the refresh; refresh, then call again")
}

fn store_hangs() -> HostError {
    HostError("the store did not answer within 2 s".into())
}

fn load<'a, H: Host>(host: &'a H, key: &'a str) -> Boxed<'a, Result<Option<String>, HostError>> {
    Box::pin(async move {
        match first(host.load(key), host.sleep(STORE_TIMEOUT_MS)).await {
            Either::A(result) => result,
            Either::B(()) => Err(store_hangs()),
        }
    })
}

/// The session that was active when the program last ran; `None` when there is none or it can no longer be used. What
/// is stored, however damaged, never makes this fail.
pub(crate) async fn restore<H: Host>(host: &Arc<H>, service: Service, slots: &Slots) -> Option<Session<H>> {
    let session = read_active(host, service, slots).await?;
    let servable = session.is_servable(&session.state());
    // Offline, the session is kept: its next call will say what is wrong.
    let refreshed = servable || session.rotate_once(session.patience_ms()).await.is_ok();
    let state = session.state();
    let usable = state.over.is_none() && (refreshed || state.live.refresh_token.is_some());
    drop(state);
    usable.then_some(session)
}

fn read_active<'a, H: Host>(host: &'a Arc<H>, service: Service, slots: &'a Slots) -> Boxed<'a, Option<Session<H>>> {
    Box::pin(async move {
        let account = read(host, &slots.active()).await?;
        let slot = slots.slot(&account);
        let text = read(host, &slot.record).await?;
        match Record::from_text(&text) {
            Some(Record::Live(live)) => {
                let session = Session::from_live(host, service, Some(slot), live, Some(text));
                session.notify();
                Some(session)
            }
            Some(Record::Ended { .. }) => None,
            None => {
                // Not the key: it holds the account's id.
                host.log(LogLevel::Warn, "record-unreadable", &[("service", service.name())]);
                None
            }
        }
    })
}

async fn read<H: Host>(host: &Arc<H>, key: &str) -> Option<String> {
    match load(&**host, key).await {
        Ok(text) => text,
        Err(error) => {
            host.log(LogLevel::Warn, "store-failed", &[("error", &error.0)]);
            None
        }
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
    fn an_api_that_refuses_every_token_costs_no_rotation_while_the_token_is_young() {
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
        assert!(host.block_on(session.replacement("a1")).unwrap().is_none());
        host.advance_ms(4_999);
        assert!(host.block_on(session.replacement("a1")).unwrap().is_none());
        host.advance_ms(1);
        assert_eq!(host.block_on(session.replacement("a1")).unwrap().unwrap().expose(), "a2");
        assert!(host.block_on(session.replacement("a2")).unwrap().is_none());
        assert_eq!(host.block_on(session.replacement("a1")).unwrap().unwrap().expose(), "a2", "an old one is replaced");
        assert_eq!(host.requests().len(), 2);
    }
}
