//! What a signed-in player does with accounts: see links, link, unlink, cross-progression, restrictions, verify.

use std::ops::Deref;

use super::wire::{self, understood};
use super::{Code, Config, LoginResult};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::{Boxed, Host};
use crate::http::{Method, Response, percent_encode};
use crate::json::Need::{Filled, Needed, Text};
use crate::json::{Field, Json, Object};
use crate::services::{Player, Restriction, Service, ServiceCode, read_object};
use crate::session::Session;

/// A signed-in player of RallyHere: a [`Session`] and the calls that only RallyHere has.
#[derive(Debug)]
pub struct RallyHereSession<H: Host>(Session<H>);

/// A platform account, named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformIdentity {
    /// The platform as RallyHere spells it, e.g. `XboxLive`.
    pub platform: String,
    /// The id on it, 1 to 2 048 characters.
    pub platform_user_id: String,
}

/// What a change to accounts did, after the session was refreshed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Whether the service changed anything. `false`: it was so already, see `code`.
    pub changed: bool,
    /// Why nothing was changed, e.g. `already_cross_progression_player`.
    pub code: Option<ServiceCode>,
    /// Whether the active player or person is another one now.
    pub player_changed: bool,
    /// Who the player is now.
    pub player: Player,
}

/// The platform accounts of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The player that was asked about.
    pub player_id: String,
    /// The person that owns the accounts.
    pub person_id: String,
    /// The cross-progression player, when one is active.
    pub active_player_id: Option<String>,
    /// The person's role, a text (the login's is a number; never compare the two).
    pub role_id: Option<String>,
    /// Every platform account of the person, the caller's included.
    pub accounts: Vec<LinkedAccount>,
}

/// A linked platform account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedAccount {
    /// The platform.
    pub platform: String,
    /// The id on it, when told.
    pub platform_user_id: Option<String>,
    /// The name to show, when told.
    pub display_name: Option<String>,
    /// The account's own player.
    pub player_id: String,
}

/// Who gets the account, in [`RallyHereSession::link_to`].
#[derive(Clone, Debug)]
pub enum Leader {
    /// Whoever holds this access token: the only form a player may use.
    AccessToken(Secret),
    /// That person. Needs `user:modify:any`.
    Person(String),
    /// The person of that platform account. Needs `user:modify:any`.
    Platform(PlatformIdentity),
}

impl PlatformIdentity {
    /// Names a platform account.
    pub fn new(platform: impl Into<String>, platform_user_id: impl Into<String>) -> Self {
        Self { platform: platform.into(), platform_user_id: platform_user_id.into() }
    }
}

/// A change to make: where, and with what.
pub(crate) struct Change {
    path: &'static str,
    body: Object,
}

impl Change {
    pub(crate) fn new(path: &'static str) -> Self {
        Self { path, body: Object::new() }
    }

    fn link(leader: &Leader, follower: Option<&PlatformIdentity>) -> Result<Self> {
        let mut change = Self::new(LINK_PATH);
        match leader {
            Leader::AccessToken(token) => change.lead_by_token(token.expose())?,
            Leader::Person(id) => change.lead_by_person(id),
            Leader::Platform(leader) => change.lead_by_platform(&leader.platform, &leader.platform_user_id)?,
        }
        if let Some(follower) = follower {
            change.follower(&follower.platform, &follower.platform_user_id)?;
        }
        Ok(change)
    }

    pub(crate) fn lead_by_token(&mut self, token: &str) -> Result<()> {
        if token.is_empty() {
            return Err(Error::misuse("the leader's access token is empty; take it from the leader's session"));
        }
        self.body.text("scheme", "Bearer").text("credentials", token);
        Ok(())
    }

    pub(crate) fn lead_by_person(&mut self, id: &str) {
        self.body.text("leader_person_id", id);
    }

    pub(crate) fn lead_by_platform(&mut self, platform: &str, id: &str) -> Result<()> {
        self.identity(("leader_platform", platform), ("leader_platform_user_id", id))
    }

    pub(crate) fn follower(&mut self, platform: &str, id: &str) -> Result<()> {
        self.identity(("follower_platform", platform), ("follower_platform_user_id", id))
    }

    /// For that person, not the session's own.
    pub(crate) fn of_person(&mut self, id: &str) {
        self.body.text("person_id", id);
    }

    /// For that platform account, not the session's own.
    pub(crate) fn of_platform(&mut self, platform: &str, id: &str) -> Result<()> {
        self.identity(("platform", platform), ("platform_user_id", id))
    }

    /// A change for that account, or the session's own.
    fn of(path: &'static str, identity: Option<&PlatformIdentity>) -> Result<Self> {
        let mut change = Self::new(path);
        if let Some(identity) = identity {
            change.of_platform(&identity.platform, &identity.platform_user_id)?;
        }
        Ok(change)
    }

    #[inline(never)]
    fn identity(&mut self, platform: (&str, &str), id: (&str, &str)) -> Result<()> {
        if platform.1.is_empty() || !(1..=2048).contains(&id.1.chars().count()) {
            return Err(Error::misuse("a platform identity needs a platform and an id of 1 to 2048 characters"));
        }
        self.body.text(platform.0, platform.1).text(id.0, id.1);
        Ok(())
    }
}

impl Links {
    /// `None` for an answer that lacks what the contract says is always there.
    fn from_wire(answer: &Json) -> Option<Self> {
        let links = links_json(answer)?;
        let account = |account: &Json| {
            Some(LinkedAccount {
                platform: account.text("platform")?,
                platform_user_id: account.text("platformUserId"),
                display_name: account.text("displayName"),
                player_id: account.text("playerId")?,
            })
        };
        Some(Self {
            player_id: links.text("playerId")?,
            person_id: links.text("personId")?,
            active_player_id: links.text("activePlayerId"),
            role_id: links.text("roleId"),
            accounts: links.get("accounts").items().iter().map(account).collect::<Option<_>>()?,
        })
    }
}

const LINKS: [Field; 4] = [
    ("player_uuid", "playerId", Needed),
    ("person_id", "personId", Needed),
    ("active_player_uuid", "activePlayerId", Filled),
    ("role_id", "roleId", Text),
];

const LINKED_ACCOUNT: [Field; 4] = [
    ("platform", "platform", Needed),
    ("portal_user_id", "platformUserId", Text),
    ("display_name", "displayName", Text),
    ("player_uuid", "playerId", Needed),
];

/// [`Links`] for JavaScript; `None` for an answer that lacks what the contract says is always there.
pub(crate) fn links_json(answer: &Json) -> Option<Json> {
    let Json::List(portals) = answer.get("linked_portals") else { return None };
    let mut links = answer.get("player").renamed(&LINKS)?;
    let mut accounts = Vec::new();
    for portal in portals {
        accounts.push(portal.renamed(&LINKED_ACCOUNT)?.take());
    }
    Some(links.json("accounts", Json::List(accounts)).take())
}

/// The path of a person's links, by their player or of the session's own.
pub(crate) fn links_path(player_id: Option<&str>) -> String {
    let who = player_id.map_or_else(|| "me".to_owned(), percent_encode);
    crate::text::concat(&["/users/v2/player/", &who, "/links"])
}

/// The path of the restrictions on the session's player, or on the person.
pub(crate) fn restrictions_path(of_player: bool) -> &'static str {
    if of_player { "/users/v2/player/me/restrictions" } else { "/users/v1/person/me/restrictions" }
}

impl<H: Host> RallyHereSession<H> {
    pub(super) fn new(session: Session<H>) -> Self {
        Self(session)
    }

    pub(crate) fn session(&self) -> &Session<H> {
        &self.0
    }

    pub(crate) fn from_session(session: Session<H>) -> Self {
        Self(session)
    }

    fn config(&self) -> Result<&Config> {
        match self.0.service_config() {
            Service::RallyHere(config) => Ok(config),
            #[allow(unreachable_patterns, reason = "the only service in a one-service build")]
            _ => Err(Error::misuse("this session is not one of RallyHere")),
        }
    }

    /// All that the last login or refresh told.
    pub fn login_result(&self) -> Option<LoginResult> {
        wire::login_result(&self.0.details())
    }

    /// Asks the service whether the access token is still accepted.
    ///
    /// # Errors
    /// `session-over` when it is not and could not be refreshed.
    pub async fn verify(&self) -> Result<()> {
        self.ask(Method::Post, VERIFY_PATH, |_| Ok(())).await
    }

    /// The platform accounts of the active player's person.
    ///
    /// # Errors
    /// `not-found` when the service knows no such player.
    pub async fn links(&self) -> Result<Links> {
        self.links_at(None).await
    }

    /// The platform accounts of another player's person.
    ///
    /// # Errors
    /// `not-found` when the service knows no such player.
    pub async fn links_of(&self, player_id: &str) -> Result<Links> {
        self.links_at(Some(player_id)).await
    }

    async fn links_at(&self, player_id: Option<&str>) -> Result<Links> {
        self.ask(Method::Get, &links_path(player_id), |response| understood(response, Links::from_wire)).await
    }

    /// Links this session's platform account (the follower) under the person of `leader`'s access token. Afterwards
    /// refresh the leader's session too.
    ///
    /// # Errors
    /// `conflict` (already linked, or cross-progression is on), `restricted`, `not-found` (no such leader).
    pub async fn link(&self, leader: &Secret) -> Result<Changed> {
        self.link_to(&Leader::AccessToken(leader.clone()), None).await
    }

    /// Links `follower` (this session's platform account when `None`) under `leader`. Anything but a leader's access
    /// token and no follower needs the permission `user:modify:any`, even for oneself.
    ///
    /// # Errors
    /// As [`link`](Self::link); `permission`.
    pub async fn link_to(&self, leader: &Leader, follower: Option<&PlatformIdentity>) -> Result<Changed> {
        Ok(*self.change(Change::link(leader, follower)?).await?)
    }

    /// Takes a platform account (this session's when `None`) out of its person; it gets a new person of its own.
    ///
    /// # Errors
    /// `conflict` when it owns the cross-progression player (disable that first), `restricted`, `permission`.
    pub async fn unlink(&self, identity: Option<&PlatformIdentity>) -> Result<Changed> {
        Ok(*self.change(Change::of(UNLINK_PATH, identity)?).await?)
    }

    /// Makes the own player of a platform account (this session's when `None`) the active player of the person, for
    /// every linked platform, and refreshes the session so that its token is that player's.
    ///
    /// # Errors
    /// `permission` for somebody else's account; `session-stale` when the change was made but the refresh failed.
    pub async fn enable_cross_progression(&self, identity: Option<&PlatformIdentity>) -> Result<Changed> {
        Ok(*self.change(Change::of(ENABLE_PATH, identity)?).await?)
    }

    /// Lets each platform account play as its own player again, and refreshes the session.
    ///
    /// # Errors
    /// As [`enable_cross_progression`](Self::enable_cross_progression).
    pub async fn disable_cross_progression(&self) -> Result<Changed> {
        Ok(*self.change(Change::new(DISABLE_PATH)).await?)
    }

    /// The same for the person with that id or platform account.
    ///
    /// # Errors
    /// As [`enable_cross_progression`](Self::enable_cross_progression).
    pub async fn disable_cross_progression_of(&self, of: &PersonSelector) -> Result<Changed> {
        let mut change = Change::new(DISABLE_PATH);
        match of {
            PersonSelector::Person(id) => change.of_person(id),
            PersonSelector::Platform(identity) => change.of_platform(&identity.platform, &identity.platform_user_id)?,
        }
        Ok(*self.change(change).await?)
    }

    /// The restrictions on the session's person.
    ///
    /// # Errors
    /// `permission` when the token lacks `user:restriction:read:self`.
    pub async fn person_restrictions(&self) -> Result<Vec<Restriction>> {
        self.restrictions_of(false).await
    }

    /// The restrictions on the active player.
    ///
    /// # Errors
    /// `permission` when the token lacks `user:restriction:read:self`.
    pub async fn player_restrictions(&self) -> Result<Vec<Restriction>> {
        self.restrictions_of(true).await
    }

    async fn restrictions_of(&self, player: bool) -> Result<Vec<Restriction>> {
        let read = |response: &Response| Ok(wire::restrictions(&read_object(response)?));
        self.ask(Method::Get, restrictions_path(player), read).await
    }

    /// Sends a request with the access token, and reads the answer of a success.
    pub(crate) fn ask<T: 'static>(
        &self,
        method: Method,
        path: &str,
        read: fn(&Response) -> Result<T>,
    ) -> Boxed<'static, Result<T>> {
        let request = self.config().map(|config| config.request(method, path));
        let session = self.0.clone();
        Box::pin(async move {
            let response = session.call(request?).await?;
            if response.is_success() { read(&response) } else { Err(wire::error(&response, session.host().now())) }
        })
    }

    pub(crate) fn change(&self, change: Change) -> Boxed<'_, Result<Box<Changed>>> {
        Box::pin(self.make(change))
    }

    /// From when the request leaves until the service has refused it, the player may be another one: an answer that is
    /// lost leaves the session stale, and its next token is a new one.
    async fn make(&self, mut wanted: Change) -> Result<Box<Changed>> {
        let before = self.0.player();
        let request = self.config()?.request(Method::Post, wanted.path).json(wanted.body.body());
        let (response, change) = self.0.call_changing(request).await?;
        let code = if response.is_success() {
            None
        } else {
            let error = wire::error(&response, self.0.host().now());
            match error.code() {
                // What was asked for is so already (rallyhere.md §2.9 to §2.11); since when, nobody says, so that the
                // token may be one of the player before.
                Some(
                    code @ ServiceCode::RallyHere(
                        Code::AlreadyCrossProgressionPlayer | Code::NotCrossProgressionPlayer | Code::PlayerNotLinked,
                    ),
                ) => Some(code.clone()),
                _ => {
                    if is_refusal(response.status) {
                        change.refused();
                    }
                    return Err(error);
                }
            }
        };
        change.made();
        let refreshed = self.0.refresh_identity(&before).await?;
        let (changed, player_changed) = (code.is_none(), refreshed.changed);
        Ok(Box::new(Changed { changed, code, player_changed, player: refreshed.player }))
    }
}

pub(crate) const VERIFY_PATH: &str = "/users/v1/verify";
pub(crate) const LINK_PATH: &str = "/users/v1/link";
pub(crate) const UNLINK_PATH: &str = "/users/v1/unlink";
pub(crate) const ENABLE_PATH: &str = "/users/v1/cross-progression/enable";
pub(crate) const DISABLE_PATH: &str = "/users/v1/cross-progression/disable";

/// Whether the answer says that nothing was done. A 408 may come from something in between that gave up waiting.
fn is_refusal(status: u16) -> bool {
    (400..500).contains(&status) && status != 408
}

/// Whose cross-progression to end.
#[derive(Clone, Debug)]
pub enum PersonSelector {
    /// That person.
    Person(String),
    /// The person of that platform account.
    Platform(PlatformIdentity),
}

impl<H: Host> Deref for RallyHereSession<H> {
    type Target = Session<H>;

    fn deref(&self) -> &Session<H> {
        &self.0
    }
}

impl<H: Host> Clone for RallyHereSession<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
