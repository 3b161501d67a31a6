//! What somebody does in a tab, as tasks of that tab: each call is begun, awaited and judged.

use playerlink::rallyhere::{Config, Credential, RallyHere, RallyHereSession};
use playerlink::{Durability, Error, Secret, SessionOverReason, Snapshot, Status, Subscription};

use crate::host::Tab;
use crate::judge::Invariant;
use crate::ledger::Token;
use crate::network::ACCOUNT;
use crate::plan::Act;
use crate::world::Shared;

/// A call's own deadline as configured, and what it may take on top for a timer's last step.
const CALL_MS: u64 = 10_500;
/// An operation of the store gives up after 2 s.
const STORE_MS: u64 = 2_050;
/// How much later than its true end a token may be handed out: the service counts in whole seconds, and clocks drift.
const SLACK_MS: u64 = 1_800;

/// The client in one tab, and its session.
pub(crate) struct Client {
    pub(crate) tab: Tab,
    client: RallyHere<Tab>,
    pub(crate) session: Option<RallyHereSession<Tab>>,
    subscription: Option<Subscription>,
}

/// What a listener has been shown.
#[derive(Debug, Default)]
struct Shown {
    last: Option<Snapshot>,
}

impl Client {
    pub(crate) fn new(world: &Shared, tab: usize) -> Option<Self> {
        let life = world.get().moves_in(tab);
        let host = Tab { world: world.clone(), tab, life };
        let config = Config::base_url("https://demo.rally-here.io").client("game", "game-secret");
        let client = RallyHere::new(config, host.clone()).ok()?;
        Some(Self { tab: host, client, session: None, subscription: None })
    }

    /// Takes a new session in, and listens to it.
    pub(crate) fn takes(&mut self, session: RallyHereSession<Tab>, reentrant: bool) {
        let (host, again) = (self.tab.clone(), session.clone());
        {
            let mut world = self.tab.world.get();
            world.judge.opens(host.life);
            // What the service said to the session before does not bind a new one.
            let monotonic = world.clock.monotonic();
            world.pace.forgets(host.life, monotonic);
            world.ledger.begins(host.life);
        }
        let shown = std::sync::Mutex::new(Shown::default());
        self.subscription = None;
        self.session = None;
        // The listener must not keep its own session alive: it would never be dropped.
        let weak = reentrant.then_some(again);
        let weak = std::sync::Mutex::new(weak);
        self.subscription = Some(session.subscribe(move |snapshot| {
            let mut shown = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            hears(&host, shown.last.as_ref(), snapshot);
            shown.last = Some(snapshot.clone());
            drop(shown);
            let again = weak.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
            if let Some(session) = again {
                redraws(&host, &session);
            }
        }));
        self.session = Some(session);
    }

    pub(crate) fn closes(&mut self) {
        if let Some(session) = self.session.take() {
            session.close();
            // The next one knows of a stored token's age what the wall clock says.
            let mut world = self.tab.world.get();
            world.ledger.forgets(self.tab.life);
            world.pace.closes(self.tab.life);
        }
        self.subscription = None;
    }

    /// The task of an act, and its call's number; `None` when there is nothing to do it with.
    pub(crate) fn acts(&self, act: Act) -> Vec<(u64, crate::executor::Task, Option<Arrival>)> {
        let host = self.tab.clone();
        let begin = |name, deadline| host.world.get().call_begins(host.tab, host.life, name, deadline);
        match (act, &self.session) {
            (Act::Tokens(count), Some(session)) => (0..count)
                .map(|_| {
                    let call = begin("access_token", CALL_MS);
                    let (host, session) = (host.clone(), session.clone());
                    let task = async move {
                        let result = session.access_token().await;
                        judges_token(&host, call, &session, &result);
                        ends(&host, call, result.err());
                    };
                    (call, Box::pin(task) as crate::executor::Task, None)
                })
                .collect(),
            (Act::Refresh, Some(session)) => {
                let call = begin("refresh", CALL_MS);
                let (host, session) = (host.clone(), session.clone());
                let task = async move {
                    explicit(&host);
                    ends(&host, call, session.refresh().await.err())
                };
                vec![(call, Box::pin(task), None)]
            }
            (Act::Call, Some(session)) => {
                let call = begin("links", CALL_MS);
                let (host, session) = (host.clone(), session.clone());
                let task = async move {
                    explicit(&host);
                    ends(&host, call, session.links().await.err())
                };
                vec![(call, Box::pin(task), None)]
            }
            (Act::Enable | Act::Disable, Some(session)) => {
                // The change, a refresh that was in the air before it, and the one after it.
                let call = begin("change of player", 3 * CALL_MS + STORE_MS);
                let (host, session) = (host.clone(), session.clone());
                let task = async move {
                    explicit(&host);
                    let result = match act {
                        Act::Enable => session.enable_cross_progression(None).await,
                        _ => session.disable_cross_progression().await,
                    };
                    ends(&host, call, result.err());
                };
                vec![(call, Box::pin(task), None)]
            }
            (Act::Logout, Some(session)) => {
                // Burying and pointing elsewhere, then 2 s for the service.
                let call = begin("logout", 6 * STORE_MS + 2_050);
                {
                    let world = &mut *host.world.get();
                    world.judge.signs_out(host.life, &world.ledger);
                }
                let (host, session) = (host.clone(), session.clone());
                let task = async move {
                    session.logout().await;
                    let leftover = session.access_token().await;
                    let mut world = host.world.get();
                    world.judge.has_signed_out();
                    if leftover.is_ok() {
                        world
                            .judge
                            .violate(Invariant::I5, || format!("tab {} serves a token after its sign-out", host.tab));
                    }
                    drop(world);
                    ends(&host, call, None);
                };
                vec![(call, Box::pin(task), None)]
            }
            (Act::Login, _) => {
                let call = begin("login", CALL_MS + 8 * STORE_MS);
                let (arrival, slot) = Arrival::new();
                let (host, client) = (host.clone(), self.client.clone());
                let task = async move {
                    let result = client.login(Credential::steam(["emu.", ACCOUNT].concat())).await;
                    let error = result.as_ref().err().cloned();
                    slot.fill(result.ok());
                    ends(&host, call, error);
                };
                vec![(call, Box::pin(task), Some(arrival))]
            }
            (Act::Restore, None) => {
                let call = begin("restore", CALL_MS + 3 * STORE_MS);
                let (arrival, slot) = Arrival::new();
                let (host, client) = (host.clone(), self.client.clone());
                let task = async move {
                    let session = client.restore().await;
                    if session.is_none() {
                        // As when one is closed: the next one begins with what the wall clock says.
                        host.world.get().ledger.forgets(host.life);
                    }
                    slot.fill(session);
                    ends(&host, call, None);
                };
                vec![(call, Box::pin(task), Some(arrival))]
            }
            _ => Vec::new(),
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("tab", &self.tab.tab).field("life", &self.tab.life).finish_non_exhaustive()
    }
}

/// Where a login or a restore puts its session until the runner takes it in.
#[derive(Clone)]
pub(crate) struct Arrival(std::sync::Arc<std::sync::Mutex<Option<RallyHereSession<Tab>>>>);

impl Arrival {
    fn new() -> (Self, Self) {
        let arrival = Self(std::sync::Arc::default());
        (arrival.clone(), arrival)
    }

    fn fill(&self, session: Option<RallyHereSession<Tab>>) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = session;
    }

    pub(crate) fn take(&self) -> Option<RallyHereSession<Tab>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

fn explicit(host: &Tab) {
    let mut world = host.world.get();
    let now = world.clock.monotonic();
    world.pace.explicit(host.life, now);
}

/// A call has ended.
fn ends(host: &Tab, call: u64, error: Option<Error>) {
    let mut world = host.world.get();
    let Some(ended) = world.calls.remove(&call) else { return };
    if let Some(error) = &error {
        world.failed.insert(call);
        world.judge.check_public("an error", &error.to_string());
        world.judge.check_public("an error", &format!("{error:?}"));
    }
    let clock = world.clock.clone();
    world.trace.line(&clock, host.tab, || match &error {
        None => format!("{} ends well", ended.name),
        Some(error) => format!("{} ends with {}: {error}", ended.name, error.kind()),
    });
}

/// I6, I13 and I14: a token is handed out.
fn judges_token(host: &Tab, call: u64, session: &RallyHereSession<Tab>, result: &Result<Secret, Error>) {
    let Ok(token) = result else { return };
    let durability = session.snapshot().durability;
    let (tab, life) = (host.tab, host.life);
    let mut world = host.world.get();
    let world = &mut *world;
    let Some(Token::Access(index)) = world.ledger.token(token.expose()) else {
        world.judge.violate(Invariant::I6, || format!("tab {tab} hands out a token that nobody issued"));
        return;
    };
    world.trace.line(&world.clock, tab, || format!("hands out A{index}"));
    let Some(access) = world.ledger.access.get(index) else { return };
    let now = world.clock.now();
    let known = world.ledger.known_age(life, index, world.clock.wall(), world.clock.monotonic());
    let over = now.saturating_sub(access.issued).saturating_sub(access.ttl_ms);
    // Of a token that came back after the store was emptied, the wall clock tells the age, and it was set.
    let is_back = world.judge.evicted && world.judge.jumped.is_some();
    if over > SLACK_MS && known > access.ttl_ms + SLACK_MS && !is_back {
        world.judge.violate(Invariant::I6, || format!("tab {tab} hands out A{index}, {over} ms after its end"));
    }
    let excused =
        durability == Durability::Memory || world.judge.failed_since(life, access.issued) || world.judge.evicted;
    if !access.stored && !excused {
        world.judge.violate(Invariant::I13, || format!("tab {tab} hands out A{index}, which the store never had"));
    }
    // Another tab's login may have been answered before the change and stored after it: nobody can tell.
    let elsewhere = access.is_login && access.life != life;
    // The same of what that tab has made of its login while the store failed.
    let root = access.refresh.map(|refresh| world.ledger.root(refresh));
    let Some(call) = world.calls.get(&call) else { return };
    let own = world.changes.iter().filter(|(by, ..)| *by == life).nth(call.changes.wrapping_sub(1));
    if let (Some((_, tokens, of)), true) = (own, call.changes > 0)
        && index < *tokens
        && !elsewhere
        && (access.life == life || root == *of)
        && world.judge.had_one_session(life)
    {
        world.judge.violate(Invariant::I14, || format!("tab {tab} hands out A{index} of the player before"));
    }
}

/// I11: a listener is told something.
fn hears(host: &Tab, last: Option<&Snapshot>, now: &Snapshot) {
    let mut world = host.world.get();
    let tab = host.tab;
    if matches!(now.status, Status::SignedOut(_)) {
        let stored = world.record().and_then(|record| record.refresh).filter(|index| world.is_accepted(*index));
        world.judge.ends(host.life, stored);
    }
    let clock = world.clock.clone();
    let word = match now.status {
        Status::SignedIn => "signed in".to_owned(),
        Status::SignedOut(reason) => format!("signed out, {}", reason.as_str()),
    };
    let durability = now.durability.as_str();
    world.trace.line(&clock, tab, || format!("shows: {word}, {durability}, revision {}", now.revision));
    world.judge.check_public("an event", &format!("{now:?}"));
    if let Some(last) = last {
        let same = (last.status, &last.player, last.durability) == (now.status, &now.player, now.durability);
        if same || now.revision <= last.revision {
            world.judge.violate(Invariant::I11, || format!("tab {tab} is told the same or something older again"));
        }
        if matches!(last.status, Status::SignedOut(_)) && now.status == Status::SignedIn {
            world.judge.violate(Invariant::I11, || format!("tab {tab} is told that its session is back"));
        }
    }
    let is_so = match now.status {
        Status::SignedIn => true,
        Status::SignedOut(SessionOverReason::SignedOut) => world.judge.was_ever_signed_out(),
        Status::SignedOut(SessionOverReason::RefreshRejected) => world.judge.was_ever_refused(),
        Status::SignedOut(_) => true,
    };
    if !is_so {
        world.judge.violate(Invariant::I11, || format!("tab {tab} is told `{:?}`, which is not so", now.status));
    }
    let known = |player: &str| world.ledger.access.iter().any(|access| access.player == player);
    if !known(&now.player.player_id) {
        world.judge.violate(Invariant::I11, || format!("tab {tab} is told of a player nobody is"));
    }
}

/// What an interface does when it is told something: looks, and asks for a token at once.
fn redraws(host: &Tab, session: &RallyHereSession<Tab>) {
    let _ = (session.player(), session.snapshot());
    let call = host.world.get().call_begins(host.tab, host.life, "access_token of a listener", CALL_MS);
    let (again, session) = (host.clone(), session.clone());
    let task = Box::pin(async move {
        let result = session.access_token().await;
        judges_token(&again, call, &session, &result);
        ends(&again, call, result.err());
    });
    host.world.get().spawned.push((host.tab, host.life, 0, task));
}
