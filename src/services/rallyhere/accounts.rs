//! What a signed-in player does with accounts: see links, link, unlink, cross-progression, restrictions, verify.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::login::to_json;
use super::wire::{self, RestrictionsAnswer};
use super::{Code, Config, LoginResult};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::{Method, Response, percent_encode};
use crate::services::{Details, Player, Restriction, Service, ServiceCode, read_json};
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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

#[derive(Default, Serialize)]
struct IdentityBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_user_id: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct LinkBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    leader_person_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leader_platform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leader_platform_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    follower_platform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    follower_platform_user_id: Option<&'a str>,
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

    fn check(&self) -> Result<()> {
        if self.platform.is_empty() || !(1..=2048).contains(&self.platform_user_id.chars().count()) {
            return Err(Error::misuse("a platform identity needs a platform and an id of 1 to 2048 characters"));
        }
        Ok(())
    }
}

fn identity_body(identity: Option<&PlatformIdentity>) -> Result<IdentityBody<'_>> {
    if let Some(identity) = identity {
        identity.check()?;
    }
    Ok(IdentityBody {
        person_id: None,
        platform: identity.map(|identity| identity.platform.as_str()),
        platform_user_id: identity.map(|identity| identity.platform_user_id.as_str()),
    })
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
        match self.0.details() {
            Details::RallyHere(result) => Some(*result),
            #[allow(unreachable_patterns, reason = "the only service in a one-service build")]
            _ => None,
        }
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
        self.links_at("/users/v2/player/me/links").await
    }

    /// The platform accounts of another player's person.
    ///
    /// # Errors
    /// `not-found` when the service knows no such player.
    pub async fn links_of(&self, player_id: &str) -> Result<Links> {
        let path = ["/users/v2/player/", &percent_encode(player_id), "/links"].concat();
        self.links_at(&path).await
    }

    async fn links_at(&self, path: &str) -> Result<Links> {
        #[derive(Deserialize)]
        struct Answer {
            player: WirePlayer,
            linked_portals: Vec<WirePortal>,
        }
        #[derive(Deserialize)]
        struct WirePlayer {
            player_uuid: String,
            person_id: String,
            active_player_uuid: Option<String>,
            role_id: Option<String>,
        }
        #[derive(Deserialize)]
        struct WirePortal {
            platform: String,
            portal_user_id: Option<String>,
            display_name: Option<String>,
            player_uuid: String,
        }
        let response = self.send(Method::Get, path).await?;
        let answer: Answer = read_json(&response)?;
        Ok(Links {
            player_id: answer.player.player_uuid,
            person_id: answer.player.person_id,
            active_player_id: answer.player.active_player_uuid,
            role_id: answer.player.role_id,
            accounts: answer
                .linked_portals
                .into_iter()
                .map(|portal| LinkedAccount {
                    platform: portal.platform,
                    platform_user_id: portal.portal_user_id,
                    display_name: portal.display_name,
                    player_id: portal.player_uuid,
                })
                .collect(),
        })
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
        let mut body = LinkBody::default();
        match leader {
            Leader::AccessToken(token) if token.is_empty() => {
                return Err(Error::misuse("the leader's access token is empty; take it from the leader's session"));
            }
            Leader::AccessToken(token) => {
                body.scheme = Some("Bearer");
                body.credentials = Some(token.expose());
            }
            Leader::Person(id) => body.leader_person_id = Some(id),
            Leader::Platform(identity) => {
                identity.check()?;
                body.leader_platform = Some(&identity.platform);
                body.leader_platform_user_id = Some(&identity.platform_user_id);
            }
        }
        if let Some(identity) = follower {
            identity.check()?;
            body.follower_platform = Some(&identity.platform);
            body.follower_platform_user_id = Some(&identity.platform_user_id);
        }
        self.change("/users/v1/link", to_json(&body)?).await
    }

    /// Takes a platform account (this session's when `None`) out of its person; it gets a new person of its own.
    ///
    /// # Errors
    /// `conflict` when it owns the cross-progression player (disable that first), `restricted`, `permission`.
    pub async fn unlink(&self, identity: Option<&PlatformIdentity>) -> Result<Changed> {
        self.change("/users/v1/unlink", to_json(&identity_body(identity)?)?).await
    }

    /// Makes the own player of a platform account (this session's when `None`) the active player of the person, for
    /// every linked platform, and refreshes the session so that its token is that player's.
    ///
    /// # Errors
    /// `permission` for somebody else's account; `session-stale` when the change was made but the refresh failed.
    pub async fn enable_cross_progression(&self, identity: Option<&PlatformIdentity>) -> Result<Changed> {
        self.change("/users/v1/cross-progression/enable", to_json(&identity_body(identity)?)?).await
    }

    /// Lets each platform account play as its own player again, and refreshes the session.
    ///
    /// # Errors
    /// As [`enable_cross_progression`](Self::enable_cross_progression).
    pub async fn disable_cross_progression(&self) -> Result<Changed> {
        self.change("/users/v1/cross-progression/disable", to_json(&IdentityBody::default())?).await
    }

    /// The same for the person with that id or platform account.
    ///
    /// # Errors
    /// As [`enable_cross_progression`](Self::enable_cross_progression).
    pub async fn disable_cross_progression_of(&self, of: &PersonSelector) -> Result<Changed> {
        let body = match of {
            PersonSelector::Person(id) => IdentityBody { person_id: Some(id), ..IdentityBody::default() },
            PersonSelector::Platform(identity) => identity_body(Some(identity))?,
        };
        self.change("/users/v1/cross-progression/disable", to_json(&body)?).await
    }

    /// The restrictions on the session's person.
    ///
    /// # Errors
    /// `permission` when the token lacks `user:restriction:read:self`.
    pub async fn person_restrictions(&self) -> Result<Vec<Restriction>> {
        self.restrictions_at("/users/v1/person/me/restrictions").await
    }

    /// The restrictions on the active player.
    ///
    /// # Errors
    /// `permission` when the token lacks `user:restriction:read:self`.
    pub async fn player_restrictions(&self) -> Result<Vec<Restriction>> {
        self.restrictions_at("/users/v2/player/me/restrictions").await
    }

    async fn restrictions_at(&self, path: &str) -> Result<Vec<Restriction>> {
        let response = self.send(Method::Get, path).await?;
        Ok(wire::restrictions(read_json::<RestrictionsAnswer>(&response)?.restrictions))
    }

    async fn send(&self, method: Method, path: &str) -> Result<Response> {
        let response = self.0.call(self.config()?.request(method, path)).await?;
        if response.is_success() { Ok(response) } else { Err(wire::error(&response, self.0.host().now())) }
    }

    /// From when the request leaves until the service has refused it, the player may be another one: an answer that is
    /// lost leaves the session stale, and its next token is a new one.
    async fn change(&self, path: &str, body: Vec<u8>) -> Result<Changed> {
        let before = self.0.player();
        let (response, change) = self.0.call_changing(self.config()?.request(Method::Post, path).json(body)).await?;
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
