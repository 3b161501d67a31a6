//! The service's entities (rallyhere.md §6.1) and the questions asked of them. No HTTP and no decisions about answers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::platforms::{Grant, Platform, Portal, Profile};
use crate::Random;

/// What is set for the whole environment.
#[derive(Clone, Debug)]
pub struct Environment {
    pub id: String,
    pub profile: Profile,
    pub gate: Gate,
    pub publisher_uuid: String,
    pub tenant_uuid: String,
    pub config_elector_uuid: String,
    /// The documents a player must have accepted.
    pub agreements: Agreements,
    pub access_ttl_s: u64,
    pub refresh_ttl_s: u64,
    pub rotation: Rotation,
    /// Optional fields are null instead of absent.
    pub emit_nulls: bool,
    /// User grants work without a Basic header (as the client `game`).
    pub lenient_client_auth: bool,
    /// A platform credential works once.
    pub single_use_tickets: bool,
    /// Where the web flow may end; the first is the default.
    pub redirects: Vec<String>,
    /// An unlisted `redirect_uri` is an error instead of being replaced by the first listed one.
    pub strict_redirects: bool,
    /// The web flow creates unseen users also in profile `current`.
    pub oauth_creates_users: bool,
}

/// Who may sign in at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// Only refreshes and roles with a bypass.
    Limited,
    /// Only roles with the bypass `locked`.
    Locked,
    /// Nobody: 503 with `Retry-After` in seconds.
    Unavailable(u64),
}

/// What happens to a refresh token when a new one is issued for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It stays valid.
    Reusable,
    /// It dies at once.
    Strict,
    /// It dies after this many seconds.
    Grace(u64),
}

/// A version for each document; for a person the accepted one, for the environment the required one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Agreements {
    pub eula: Option<u32>,
    pub tos: Option<u32>,
    pub privacy_policy: Option<u32>,
}

/// A client of the developer portal.
#[derive(Clone, Debug)]
pub struct Client {
    pub client_id: String,
    pub secret: String,
    pub client_uuid: String,
    pub permissions: Vec<String>,
    pub allow_user_auth: bool,
    pub allow_client_auth: bool,
}

/// The switches of one login grant or one web portal.
#[derive(Clone, Debug)]
pub struct GrantConfig {
    pub enabled: bool,
    /// Whether the service takes the grant at all; absent: as the profile has it.
    pub supported: Option<bool>,
    /// `POST /users/v1/portaltoken/details` works for it.
    pub details_enabled: bool,
    pub provider_state: ProviderState,
    /// The portal's environment is set.
    pub oauth_configured: bool,
    /// A Nintendo Account becomes a `NintendoPPID` user.
    pub ppid_conversion: bool,
    /// The portal's own redirect URIs; absent: the environment's.
    pub redirects: Option<Vec<String>>,
}

impl Default for GrantConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            supported: None,
            details_enabled: true,
            provider_state: ProviderState::Ok,
            oauth_configured: true,
            ppid_conversion: false,
            redirects: None,
        }
    }
}

/// What is wrong on the platform's side, or in its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderState {
    Ok,
    KeysUnavailable,
    PermissionDenied,
    EnvUnknown,
    CredsMissing,
    ServiceKeyUrlMissing,
    ClientCredentialsFailed,
    ConversionFailed,
}

/// One human being: the owner of platform users.
#[derive(Clone, Debug)]
pub struct Person {
    pub person_id: String,
    pub role_id: Option<String>,
    /// The cross-progression player; always one of the person's own.
    pub active_player_uuid: Option<String>,
    pub accepted: Agreements,
    pub restrictions: Vec<Restriction>,
}

/// A game character's owner record; one for each platform user.
#[derive(Clone, Debug)]
pub struct Player {
    pub player_uuid: String,
    pub player_id: u64,
}

/// An identity on a platform.
#[derive(Clone, Debug)]
pub struct PlatformUser {
    pub platform: Platform,
    pub platform_user_id: String,
    pub display_name: Option<String>,
    pub player_uuid: String,
    pub person_id: String,
    pub platform_environment: Option<String>,
    pub parent: Option<Parent>,
}

/// The second identity of a two-tier platform.
#[derive(Clone, Debug)]
pub struct Parent {
    pub platform: Platform,
    pub platform_user_id: String,
    pub display_name: String,
}

/// A role persons can have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Role {
    pub role_id: String,
    pub legacy_role_id: i64,
    pub custom_data: Map<String, Value>,
    pub permissions: Vec<String>,
    pub auth_bypass: Bypass,
}

/// Which closed gate a role passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bypass {
    #[default]
    None,
    Limited,
    Locked,
}

/// A sanction; it lies on the person and holds for all of its players.
#[derive(Clone, Debug)]
pub struct Restriction {
    /// `account_ban`, `account_lockout`, `account_deny_auth` or `account_pending_deletion`.
    pub kind: String,
    pub reason: Option<String>,
    /// Milliseconds since the epoch; absent: permanent.
    pub expiration: Option<u64>,
}

impl Restriction {
    /// Whether it keeps its person from signing in.
    pub fn blocks_login(&self) -> bool {
        self.kind != PENDING_DELETION
    }

    /// Whether it holds at that time.
    pub fn is_active(&self, now: u64) -> bool {
        self.expiration.is_none_or(|end| now < end)
    }
}

/// The one restriction that does not block a login and that DELETE leaves in place.
pub(crate) const PENDING_DELETION: &str = "account_pending_deletion";

/// A refresh token; only its hash is kept.
#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) hash: [u8; 32],
    pub(crate) platform: Platform,
    pub(crate) platform_user_id: String,
    pub(crate) client_id: String,
    pub(crate) expires: u64,
}

/// One attempt of the web flow, between our redirect and the platform's.
#[derive(Clone, Debug)]
pub(crate) struct OAuthState {
    pub(crate) value: String,
    pub(crate) portal: Portal,
    pub(crate) redirect_uri: String,
    pub(crate) client_state: Option<String>,
    pub(crate) expires: u64,
    pub(crate) used: bool,
}

/// What the web flow ends with, until the client swaps it for tokens.
#[derive(Clone, Debug)]
pub(crate) struct AuthCode {
    pub(crate) hash: [u8; 32],
    pub(crate) platform: Platform,
    pub(crate) platform_user_id: String,
    pub(crate) expires: u64,
}

/// Something that happened, for assertions.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Milliseconds since the epoch.
    pub at: u64,
    /// `login`, `link`, `unlink`, `new_person`, `xprog_enable` or `xprog_disable`.
    pub action: &'static str,
    pub platform: &'static str,
    pub platform_user_id: String,
    pub person_id: String,
    pub client_id: Option<String>,
    pub user_agent: Option<String>,
    /// What the client said about its address, `x-rh-client-addr` or `x-forwarded-for`.
    pub address: Option<String>,
}

/// How many events are remembered.
const EVENTS_KEPT: usize = 10_000;

/// Everything the service remembers.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) environment: Environment,
    pub(crate) clients: Vec<Client>,
    pub(crate) grants: BTreeMap<Grant, GrantConfig>,
    pub(crate) portals: BTreeMap<Portal, GrantConfig>,
    pub(crate) roles: Vec<Role>,
    pub(crate) persons: Vec<Person>,
    pub(crate) players: Vec<Player>,
    pub(crate) users: Vec<PlatformUser>,
    pub(crate) basic_accounts: BTreeMap<String, String>,
    pub(crate) refresh_tokens: Vec<RefreshToken>,
    pub(crate) oauth_states: Vec<OAuthState>,
    pub(crate) auth_codes: Vec<AuthCode>,
    pub(crate) used_tickets: BTreeSet<String>,
    /// Identities that match more than one platform user.
    pub(crate) ambiguous: Vec<(Platform, String)>,
    pub(crate) events: Vec<Event>,
    pub(crate) signing_kid: &'static str,
    pub(crate) retired_kids: BTreeSet<String>,
    pub(crate) token_store_fails: bool,
    pub(crate) state_store_fails: bool,
    pub(crate) next_player_id: u64,
}

impl State {
    pub(crate) fn profile(&self) -> Profile {
        self.environment.profile
    }

    pub(crate) fn is_current(&self) -> bool {
        self.environment.profile == Profile::Current
    }

    pub(crate) fn user(&self, platform: Platform, id: &str) -> Option<&PlatformUser> {
        self.users.iter().find(|user| user.platform == platform && user.platform_user_id == id)
    }

    pub(crate) fn user_mut(&mut self, platform: Platform, id: &str) -> Option<&mut PlatformUser> {
        self.users.iter_mut().find(|user| user.platform == platform && user.platform_user_id == id)
    }

    pub(crate) fn user_of_player(&self, player_uuid: &str) -> Option<&PlatformUser> {
        self.users.iter().find(|user| user.player_uuid.eq_ignore_ascii_case(player_uuid))
    }

    pub(crate) fn users_of<'a>(&'a self, person_id: &'a str) -> impl Iterator<Item = &'a PlatformUser> {
        self.users.iter().filter(move |user| user.person_id == person_id)
    }

    pub(crate) fn person(&self, person_id: &str) -> Option<&Person> {
        self.persons.iter().find(|person| person.person_id.eq_ignore_ascii_case(person_id))
    }

    pub(crate) fn person_mut(&mut self, person_id: &str) -> Option<&mut Person> {
        self.persons.iter_mut().find(|person| person.person_id.eq_ignore_ascii_case(person_id))
    }

    pub(crate) fn player_id(&self, player_uuid: &str) -> Option<u64> {
        self.players.iter().find(|player| player.player_uuid == player_uuid).map(|player| player.player_id)
    }

    /// The player a login of this user yields: the person's active one, else the user's own.
    pub(crate) fn active_player(&self, user: &PlatformUser) -> String {
        self.person(&user.person_id)
            .and_then(|person| person.active_player_uuid.clone())
            .unwrap_or_else(|| user.player_uuid.clone())
    }

    pub(crate) fn role(&self, role_id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.role_id == role_id)
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    pub(crate) fn has_active_restriction(&self, person_id: &str, now: u64) -> bool {
        self.person(person_id).is_some_and(|person| person.restrictions.iter().any(|one| one.is_active(now)))
    }

    /// A new platform user with a player and a person of its own.
    pub(crate) fn create_user(
        &mut self,
        now: u64,
        random: &mut Random,
        platform: Platform,
        id: &str,
        display_name: Option<String>,
    ) -> PlatformUser {
        let player_uuid = random.uuid();
        self.players.push(Player { player_uuid: player_uuid.clone(), player_id: self.next_player_id });
        self.next_player_id += 1;
        let person_id = self.create_person(random, Agreements::default());
        let user = PlatformUser {
            platform,
            platform_user_id: id.to_owned(),
            display_name,
            player_uuid,
            person_id,
            platform_environment: None,
            parent: None,
        };
        self.users.push(user.clone());
        self.record(now, "new_person", &user);
        user
    }

    pub(crate) fn create_person(&mut self, random: &mut Random, accepted: Agreements) -> String {
        let person_id = random.uuid();
        self.persons.push(Person {
            person_id: person_id.clone(),
            role_id: None,
            active_player_uuid: None,
            accepted,
            restrictions: Vec::new(),
        });
        person_id
    }

    /// Removes a person nobody belongs to any more.
    pub(crate) fn drop_person_if_empty(&mut self, person_id: &str) {
        if self.users_of(person_id).next().is_none() {
            self.persons.retain(|person| person.person_id != person_id);
        }
    }

    pub(crate) fn record(&mut self, at: u64, action: &'static str, user: &PlatformUser) {
        if self.events.len() >= EVENTS_KEPT {
            self.events.remove(0);
        }
        self.events.push(Event {
            at,
            action,
            platform: user.platform.name(),
            platform_user_id: user.platform_user_id.clone(),
            person_id: user.person_id.clone(),
            client_id: None,
            user_agent: None,
            address: None,
        });
    }
}
