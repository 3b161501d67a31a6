//! The session itself: asks `policy.rs` what to do and does it through the host. One refresh at a time, under the
//! store's lock; what comes back is stored before anyone sees it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::events::{Durability, Listener, Snapshot, Status, Subscription};
use super::flight::{Either, Flight, Pilot, first};
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
    /// How often the player's identity was changed, and up to which change the token has seen.
    identity_changes: u32,
    identity_seen: u32,
    flight: Option<Flight>,
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
        self.identity_seen != self.identity_changes
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
                identity_changes: 0,
                identity_seen: 0,
                flight: None,
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
            if let Some(shared) = shared.upgrade() {
                Session(shared).state().listeners.retain(|(other, _)| *other != id);
            }
        }))
    }

    /// An access token that is valid now and belongs to the player who is active now. Refreshes first when it has to,
    /// once for all who wait; while the old one is valid, no failure of a refresh makes this fail.
    ///
    /// # Errors
    /// `session-over` when there is nothing left to refresh with; `session-stale` when the player's identity changed
    /// and the refresh failed; else what the refresh failed with.
    pub async fn access_token(&self) -> Result<Secret> {
        let flight = {
            let mut state = self.state();
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
                (Decision::RefreshOrServe | Decision::MustRefresh, None) => self.join(&mut state),
            }
        };
        let result = self.wait(&flight).await;
        let state = self.state();
        let servable = state.check_open().is_ok() && self.lifetime(&state).is_valid() && !state.is_stale();
        match result {
            Err(error) if !servable => Err(state.name_stale(error)),
            _ => state.check_open().map(|()| state.live.access_token.clone()),
        }
    }

    /// Refreshes now, whatever the token's age. Joins a refresh that is already in the air.
    ///
    /// # Errors
    /// `busy` while the service asked to be left alone; `session-over` when the service no longer accepts the session
    /// or there is no refresh token; else what the refresh failed with.
    pub async fn refresh(&self) -> Result<Refreshed> {
        let before = self.player();
        self.rotate_once().await?;
        Ok(self.refreshed_since(&before))
    }

    /// After a call that changed who the player is: refreshes with a request that was sent after it.
    pub(crate) async fn refresh_identity(&self) -> Result<Refreshed> {
        let (before, in_the_air) = {
            let mut state = self.state();
            state.identity_changes += 1;
            (state.live.player.clone(), state.flight.clone())
        };
        // A refresh that was in the air already may have been answered before the change: however it ends, it is not
        // the one.
        if let Some(flight) = in_the_air {
            let _ = self.wait(&flight).await;
        }
        if self.state().is_stale() {
            self.rotate_once().await.map_err(|error| self.state().name_stale(error))?;
        }
        Ok(self.refreshed_since(&before))
    }

    fn refreshed_since(&self, before: &Player) -> Refreshed {
        let player = self.player();
        Refreshed { changed: !player.is_same(before), player }
    }

    async fn rotate_once(&self) -> Result<()> {
        let flight = {
            let mut state = self.state();
            state.check_open()?;
            if let Some(error) = self.paused(&state, true) {
                return Err(error);
            }
            if state.live.refresh_token.is_none() {
                return Err(Error::session_over(state.ended.unwrap_or(SessionOverReason::Expired)));
            }
            self.join(&mut state)
        };
        self.wait(&flight).await?;
        self.state().check_open()
    }

    /// Waits for a refresh, but not longer than one call may take: the refresh goes on for the others.
    async fn wait(&self, flight: &Flight) -> Result<()> {
        let deadline = self.0.service.timeout_ms().saturating_add(WAIT_MARGIN_MS);
        match first(flight, self.0.host.sleep(deadline)).await {
            Either::A(result) => result,
            Either::B(()) => {
                Err(Error::new(ErrorKind::Timeout, "the session was not refreshed before the deadline; try again"))
            }
        }
    }

    /// After a request with `token` was refused: a new token to send it with once more, or `None` when there is none.
    pub(crate) async fn replacement(&self, token: &str) -> Result<Option<Secret>> {
        {
            let state = self.state();
            state.check_open()?;
            if state.live.access_token.expose() != token {
                return Ok(Some(state.live.access_token.clone()));
            }
            if state.live.refresh_token.is_none() {
                return Ok(None);
            }
        }
        self.rotate_once().await?;
        let current = self.state().live.access_token.clone();
        Ok((current.expose() != token).then_some(current))
    }

    /// Whether an answer to a request that carried the access token says that the token was not accepted.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn is_token_rejected(&self, status: u16, body: &[u8]) -> bool {
        self.0.service.is_token_rejected(status, body)
    }

    /// Sends a request with the access token; when the token is refused, refreshes and sends it once more.
    pub(crate) async fn call(&self, build: impl Fn(&Secret) -> Request + MaybeSend) -> Result<Response> {
        let token = self.access_token().await?;
        let response = services::send(&*self.0.host, build(&token)).await?;
        if !self.0.service.is_token_rejected(response.status, &response.body) {
            return Ok(response);
        }
        if let Some(token) = self.replacement(token.expose()).await? {
            return services::send(&*self.0.host, build(&token)).await;
        }
        // The service itself refuses the token and there is none to replace it with.
        let ended = {
            let state = self.state();
            state.live.refresh_token.is_none().then_some(state.ended.unwrap_or(SessionOverReason::Expired))
        };
        if let Some(reason) = ended {
            self.end(reason);
        }
        Ok(response)
    }

    /// Signs out: here at once, also offline; then tells the service, for at most 2 s.
    pub async fn logout(&self) -> SignedOut {
        let (live, expected) = {
            let mut state = self.state();
            if state.over == Some(SessionOverReason::SignedOut) {
                return SignedOut { revoked: false };
            }
            state.over = Some(SessionOverReason::SignedOut);
            let wiped = state.live.without_tokens();
            (std::mem::replace(&mut state.live, wiped), state.stored.take())
        };
        self.notify();
        self.bury(live.generation, expected).await;
        let revoke = self.0.service.revoke(&*self.0.host, &live.access_token, live.refresh_token.as_ref());
        let revoked = match first(revoke, self.0.host.sleep(REVOKE_TIMEOUT_MS)).await {
            Either::A(result) => result.unwrap_or(false),
            Either::B(()) => false,
        };
        SignedOut { revoked }
    }

    /// Lets go of everything: listeners are dropped, later calls are a `misuse`. What is stored stays.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.listeners.clear();
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

    fn join(&self, state: &mut State) -> Flight {
        if let Some(flight) = &state.flight {
            return flight.clone();
        }
        let (flight, pilot) = Flight::take_off();
        state.flight = Some(flight.clone());
        let session = self.clone();
        self.0.host.spawn(session.fly(flight.clone(), pilot));
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

    async fn rotate(&self) -> Result<()> {
        if self.adopt().await? {
            return Ok(());
        }
        let (live, seen) = {
            let state = self.state();
            state.check_open()?;
            (state.live.clone(), state.identity_changes)
        };
        let Some(refresh_token) = &live.refresh_token else {
            return Err(Error::session_over(SessionOverReason::Expired));
        };
        let sent = (self.0.host.now(), self.0.host.monotonic());
        match self.0.service.refresh(&*self.0.host, refresh_token, (&live.player, &live.details)).await {
            Ok(granted) => self.commit(live.refreshed(granted, sent.0), sent.1, seen).await,
            Err(error) => self.refresh_failed(error).await,
        }
    }

    /// Takes over what another tab or process has stored since; `true` when that makes a refresh needless.
    async fn adopt(&self) -> Result<bool> {
        let Some(slot) = &self.0.slot else { return Ok(false) };
        let Ok(Some(text)) = self.bounded(self.0.host.load(&slot.record)).await else { return Ok(false) };
        let ours = self.state().live.generation;
        match Record::from_text(&text) {
            Some(Record::Ended { generation }) if generation > ours => Err(self.end(SessionOverReason::SignedOut)),
            Some(Record::Live(live)) if live.generation > ours => {
                let mut state = self.state();
                state.check_open()?;
                state.live = live;
                state.stored = Some(text);
                state.received_monotonic = None;
                state.ended = None;
                state.durability = Durability::Durable;
                Ok(!state.is_stale() && self.decide(&state) == Decision::Serve)
            }
            _ => Ok(false),
        }
    }

    /// Stores, then shows. A sign-out that came first wins.
    async fn commit(&self, live: Live, received_monotonic: u64, seen: u32) -> Result<()> {
        let mut record = Record::Live(live);
        let mut expected = self.state().stored.clone();
        let mut stored = None;
        let mut durability = Durability::Memory;
        if let Some(slot) = &self.0.slot {
            for _ in 0..3 {
                let Some(text) = record.to_text() else { break };
                match self.bounded(self.0.host.compare_and_swap(&slot.record, expected.as_deref(), Some(&text))).await {
                    Ok(true) => {
                        stored = Some(text);
                        durability = Durability::Durable;
                        break;
                    }
                    Ok(false) => {
                        let Ok(found) = self.bounded(self.0.host.load(&slot.record)).await else { break };
                        let newer = found.as_deref().and_then(Record::from_text);
                        if matches!(newer, Some(Record::Ended { generation }) if generation >= record.generation()) {
                            self.forget(record).await;
                            return Err(self.end(SessionOverReason::SignedOut));
                        }
                        if let (Record::Live(live), Some(newer)) = (&mut record, newer) {
                            live.generation = live.generation.max(newer.generation().saturating_add(1));
                        }
                        expected = found;
                    }
                    Err(error) => {
                        self.0.host.log(LogLevel::Warn, "store-failed", &[("error", &error.0)]);
                        break;
                    }
                }
            }
        }
        let late = {
            let mut state = self.state();
            match (state.over, record) {
                (None, Record::Live(live)) => {
                    state.live = live;
                    state.stored = stored.take().or(expected);
                    state.received_monotonic = Some(received_monotonic);
                    state.identity_seen = seen;
                    state.ended = None;
                    state.durability = durability;
                    None
                }
                (_, record) => Some(record),
            }
        };
        let Some(late) = late else {
            self.point_here().await;
            return Ok(());
        };
        // Signed out here while the request was in the air: what it brought is given back, not kept.
        self.bury(late.generation(), stored).await;
        self.forget(late).await;
        Err(Error::session_over(SessionOverReason::SignedOut))
    }

    async fn forget(&self, record: Record) {
        if let Record::Live(live) = record {
            let revoke = self.0.service.revoke(&*self.0.host, &live.access_token, live.refresh_token.as_ref());
            let _ = first(revoke, self.0.host.sleep(REVOKE_TIMEOUT_MS)).await;
        }
    }

    /// What a failed refresh comes to: mostly its error, but a tab that lost the race to another has what that one got.
    async fn refresh_failed(&self, error: Error) -> Result<()> {
        let AfterFailure::Discard(reason) = policy::after_refresh_failure(&error) else { return Err(error) };
        // Another tab may have rotated: a losing tab adopts and clears nothing.
        let ours = self.state().live.generation;
        self.adopt().await?;
        {
            let state = self.state();
            if state.live.generation != ours {
                let servable = self.lifetime(&state).is_valid() && !state.is_stale();
                return if servable { Ok(()) } else { Err(error) };
            }
        }
        let (over, stale) = {
            let mut state = self.state();
            state.ended = Some(reason);
            (!self.lifetime(&state).is_valid() || state.is_stale(), state.is_stale())
        };
        if reason == SessionOverReason::Restricted || stale {
            let (generation, expected) = {
                let mut state = self.state();
                state.live.refresh_token = None;
                (state.live.generation, state.stored.take())
            };
            self.bury(generation, expected).await;
        } else if !self.strike_refresh_token().await {
            self.adopt().await?;
            let state = self.state();
            if state.live.generation != ours {
                return if self.lifetime(&state).is_valid() { Ok(()) } else { Err(error) };
            }
        }
        if over {
            self.end(reason);
        }
        Err(error.with_reason(reason))
    }

    /// Takes the dead refresh token out of the record. No mark that the session was ended: where tabs have no lock in
    /// common, the service may have said so because another one has just used the token, and that one's tokens are on
    /// their way into the store. `false` when the record is another one by now.
    async fn strike_refresh_token(&self) -> bool {
        let (struck, expected) = {
            let mut state = self.state();
            state.live.refresh_token = None;
            let mut struck = state.live.clone();
            struck.generation = struck.generation.saturating_add(1);
            (struck, state.stored.clone())
        };
        let Some(slot) = &self.0.slot else { return true };
        let Some(text) = Record::Live(struck.clone()).to_text() else { return true };
        match self.bounded(self.0.host.compare_and_swap(&slot.record, expected.as_deref(), Some(&text))).await {
            Ok(true) => {
                let mut state = self.state();
                if state.over.is_none() {
                    state.live.generation = struck.generation;
                    state.stored = Some(text);
                }
                true
            }
            Ok(false) => false,
            Err(_) => true,
        }
    }

    // --- the store ---

    async fn store_login(&self) {
        let Some(slot) = &self.0.slot else { return };
        for _ in 0..3 {
            let Ok(found) = self.bounded(self.0.host.load(&slot.record)).await else { return };
            let newest = found.as_deref().and_then(Record::from_text).map_or(0, |record| record.generation());
            let generation = newest.saturating_add(1);
            let text = {
                let mut state = self.state();
                state.live.generation = generation;
                Record::Live(state.live.clone()).to_text()
            };
            let Some(text) = text else { return };
            match self.bounded(self.0.host.compare_and_swap(&slot.record, found.as_deref(), Some(&text))).await {
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
    }

    /// Makes `restore` find this account, once it is stored.
    async fn point_here(&self) {
        let Some(slot) = &self.0.slot else { return };
        let due = {
            let state = self.state();
            !state.pointed && state.durability == Durability::Durable
        };
        if due {
            let pointed = self.point_to(slot, Some(&slot.account)).await;
            self.state().pointed = pointed;
        }
    }

    /// Makes `restore` find this account (or none, if it still points here).
    async fn point_to(&self, slot: &Slot, account: Option<&str>) -> bool {
        let Ok(found) = self.bounded(self.0.host.load(&slot.active)).await else { return false };
        if account.is_none() && found.as_deref() != Some(&slot.account) {
            return false;
        }
        self.bounded(self.0.host.compare_and_swap(&slot.active, found.as_deref(), account)).await.unwrap_or(false)
    }

    /// Writes the mark that this session was ended, over whatever generation is there.
    async fn bury(&self, generation: u64, mut expected: Option<String>) {
        let Some(slot) = &self.0.slot else { return };
        let mut generation = generation.saturating_add(1);
        for _ in 0..5 {
            let Some(text) = (Record::Ended { generation }).to_text() else { return };
            match self.bounded(self.0.host.compare_and_swap(&slot.record, expected.as_deref(), Some(&text))).await {
                Ok(true) => break,
                Ok(false) => {
                    let Ok(found) = self.bounded(self.0.host.load(&slot.record)).await else { return };
                    if let Some(record) = found.as_deref().and_then(Record::from_text) {
                        generation = generation.max(record.generation().saturating_add(1));
                    }
                    expected = found;
                }
                Err(_) => return,
            }
        }
        self.point_to(slot, None).await;
    }

    async fn bounded<T>(&self, work: impl Future<Output = Result<T, HostError>> + MaybeSend) -> Result<T, HostError> {
        match first(work, self.0.host.sleep(STORE_TIMEOUT_MS)).await {
            Either::A(result) => result,
            Either::B(()) => Err(HostError("the store did not answer within 2 s".into())),
        }
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

/// The session that was active when the program last ran; `None` when there is none or it can no longer be used. What
/// is stored, however damaged, never makes this fail.
pub(crate) async fn restore<H: Host>(host: &Arc<H>, service: Service, slots: &Slots) -> Option<Session<H>> {
    let session = load(host, service, slots).await?;
    let needs_refresh = {
        let state = session.state();
        !session.lifetime(&state).is_valid()
    };
    // Offline, the session is kept: its next call will say what is wrong.
    if needs_refresh && session.rotate_once().await.is_err() && session.state().live.refresh_token.is_none() {
        return None;
    }
    let over = session.state().over;
    over.is_none().then_some(session)
}

async fn load<H: Host>(host: &Arc<H>, service: Service, slots: &Slots) -> Option<Session<H>> {
    let read = |key: String| async move {
        match first(host.load(&key), host.sleep(STORE_TIMEOUT_MS)).await {
            Either::A(Ok(text)) => text,
            Either::A(Err(error)) => {
                host.log(LogLevel::Warn, "store-failed", &[("error", &error.0)]);
                None
            }
            Either::B(()) => None,
        }
    };
    let account = read(slots.active()).await?;
    let slot = slots.slot(&account);
    let text = read(slot.record.clone()).await?;
    match Record::from_text(&text) {
        Some(Record::Live(live)) => {
            let session = Session::from_live(host, service, Some(slot), live, Some(text));
            session.notify();
            Some(session)
        }
        Some(Record::Ended { .. }) => None,
        None => {
            host.log(LogLevel::Warn, "record-unreadable", &[("key", &slot.record)]);
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
