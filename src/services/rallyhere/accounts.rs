//! What a signed-in player does with accounts: see links, link, unlink, cross-progression, restrictions, verify.

use std::ops::Deref;

use super::wire;
use super::{Code, Config, LoginResult};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::{Boxed, Host};
use crate::http::{Method, Response, percent_encode};
use crate::json::{Json, Object};
use crate::services::{Player, Restriction, Service, ServiceCode, not_understood, read_object};
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

    fn put(&self, body: &mut Object, platform: &str, id: &str) -> Result<()> {
        if self.platform.is_empty() || !(1..=2048).contains(&self.platform_user_id.chars().count()) {
            return Err(Error::misuse("a platform identity needs a platform and an id of 1 to 2048 characters"));
        }
        body.text(platform, &self.platform).text(id, &self.platform_user_id);
        Ok(())
    }
}

/// A change to make: where, and with what.
pub(crate) struct Change {
    path: &'static str,
    body: Object,
}

impl Change {
    pub(crate) fn link(leader: &Leader, follower: Option<&PlatformIdentity>) -> Result<Self> {
        let mut body = Object::new();
        match leader {
            Leader::AccessToken(token) if token.is_empty() => {
                return Err(Error::misuse("the leader's access token is empty; take it from the leader's session"));
            }
            Leader::AccessToken(token) => {
                body.text("scheme", "Bearer").text("credentials", token.expose());
            }
            Leader::Person(id) => {
                body.text("leader_person_id", id);
            }
            Leader::Platform(identity) => identity.put(&mut body, "leader_platform", "leader_platform_user_id")?,
        }
        if let Some(identity) = follower {
            identity.put(&mut body, "follower_platform", "follower_platform_user_id")?;
        }
        Ok(Self { path: "/users/v1/link", body })
    }

    pub(crate) fn unlink(identity: Option<&PlatformIdentity>) -> Result<Self> {
        Ok(Self { path: "/users/v1/unlink", body: identity_body(identity)? })
    }

    pub(crate) fn enable(identity: Option<&PlatformIdentity>) -> Result<Self> {
        Ok(Self { path: "/users/v1/cross-progression/enable", body: identity_body(identity)? })
    }

    pub(crate) fn disable(of: Option<&PersonSelector>) -> Result<Self> {
        let mut body = Object::new();
        match of {
            None => {}
            Some(PersonSelector::Person(id)) => {
                body.text("person_id", id);
            }
            Some(PersonSelector::Platform(identity)) => identity.put(&mut body, "platform", "platform_user_id")?,
        }
        Ok(Self { path: "/users/v1/cross-progression/disable", body })
    }
}

fn identity_body(identity: Option<&PlatformIdentity>) -> Result<Object> {
    let mut body = Object::new();
    if let Some(identity) = identity {
        identity.put(&mut body, "platform", "platform_user_id")?;
    }
    Ok(body)
}

impl Links {
    /// `None` for an answer that lacks what the contract says is always there.
    fn from_wire(answer: &Json) -> Option<Self> {
        let player = answer.get("player");
        let account = |portal: &Json| {
            Some(LinkedAccount {
                platform: portal.filled("platform")?,
                platform_user_id: portal.text("portal_user_id"),
                display_name: portal.text("display_name"),
                player_id: portal.filled("player_uuid")?,
            })
        };
        let Json::List(portals) = answer.get("linked_portals") else { return None };
        Some(Self {
            player_id: player.filled("player_uuid")?,
            person_id: player.filled("person_id")?,
            active_player_id: player.filled("active_player_uuid"),
            role_id: player.text("role_id"),
            accounts: portals.iter().map(account).collect::<Option<_>>()?,
        })
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn to_json(&self) -> Json {
        let account = |account: &LinkedAccount| {
            Object::new()
                .text("platform", &account.platform)
                .maybe_text("platformUserId", account.platform_user_id.as_deref())
                .maybe_text("displayName", account.display_name.as_deref())
                .text("playerId", &account.player_id)
                .take()
        };
        Object::new()
            .text("playerId", &self.player_id)
            .text("personId", &self.person_id)
            .maybe_text("activePlayerId", self.active_player_id.as_deref())
            .maybe_text("roleId", self.role_id.as_deref())
            .json("accounts", Json::List(self.accounts.iter().map(account).collect()))
            .take()
    }
}

impl<H: Host> RallyHereSession<H> {
    pub(super) fn new(session: Session<H>) -> Self {
        Self(session)
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn session(&self) -> &Session<H> {
        &self.0
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
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
        self.send(Method::Post, "/users/v1/verify").await.map(|_| ())
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

    pub(crate) async fn links_at(&self, player_id: Option<&str>) -> Result<Links> {
        let who = player_id.map_or_else(|| "me".to_owned(), percent_encode);
        let path = ["/users/v2/player/", &who, "/links"].concat();
        let response = self.send(Method::Get, &path).await?;
        Links::from_wire(&read_object(&response)?).ok_or_else(|| not_understood(&response))
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
        self.change(Change::link(leader, follower)?).await
    }

    /// Takes a platform account (this session's when `None`) out of its person; it gets a new person of its own.
    ///
    /// # Errors
    /// `conflict` when it owns the cross-progression player (disable that first), `restricted`, `permission`.
    pub async fn unlink(&self, identity: Option<&PlatformIdentity>) -> Result<Changed> {
        self.change(Change::unlink(identity)?).await
    }

    /// Makes the own player of a platform account (this session's when `None`) the active player of the person, for
    /// every linked platform, and refreshes the session so that its token is that player's.
    ///
    /// # Errors
    /// `permission` for somebody else's account; `session-stale` when the change was made but the refresh failed.
    pub async fn enable_cross_progression(&self, identity: Option<&PlatformIdentity>) -> Result<Changed> {
        self.change(Change::enable(identity)?).await
    }

    /// Lets each platform account play as its own player again, and refreshes the session.
    ///
    /// # Errors
    /// As [`enable_cross_progression`](Self::enable_cross_progression).
    pub async fn disable_cross_progression(&self) -> Result<Changed> {
        self.change(Change::disable(None)?).await
    }

    /// The same for the person with that id or platform account.
    ///
    /// # Errors
    /// As [`enable_cross_progression`](Self::enable_cross_progression).
    pub async fn disable_cross_progression_of(&self, of: &PersonSelector) -> Result<Changed> {
        self.change(Change::disable(Some(of))?).await
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

    pub(crate) async fn restrictions_of(&self, player: bool) -> Result<Vec<Restriction>> {
        let path = if player { "/users/v2/player/me/restrictions" } else { "/users/v1/person/me/restrictions" };
        let response = self.send(Method::Get, path).await?;
        Ok(wire::restrictions(&read_object(&response)?))
    }

    fn send<'a>(&'a self, method: Method, path: &'a str) -> Boxed<'a, Result<Response>> {
        Box::pin(async move {
            let response = self.0.call(self.config()?.request(method, path)).await?;
            if response.is_success() { Ok(response) } else { Err(wire::error(&response, self.0.host().now())) }
        })
    }

    pub(crate) fn change(&self, change: Change) -> Boxed<'_, Result<Changed>> {
        Box::pin(self.make(change))
    }

    /// From when the request leaves until the service has refused it, the player may be another one: an answer that is
    /// lost leaves the session stale, and its next token is a new one.
    async fn make(&self, mut wanted: Change) -> Result<Changed> {
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
        Ok(Changed { changed: code.is_none(), code, player_changed: refreshed.changed, player: refreshed.player })
    }
}

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
