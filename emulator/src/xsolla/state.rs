//! What the service knows: projects, OAuth clients, users, codes, tokens; and the look-ups over them. No rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::knobs::Knobs;
use super::tickets::Ticket;
use crate::limits::Windows;

/// A standard project holds main accounts, a shadow project platform accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectKind {
    #[default]
    Standard,
    Shadow,
}

/// How a project signs its tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    #[default]
    RS256,
    HS256,
}

/// A Login project.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Project {
    /// Its UUID. The admin call takes it from the path.
    pub id: String,
    pub kind: ProjectKind,
    pub publisher_project_id: Option<u64>,
    /// For a shadow project: the standard project its accounts are linked into.
    pub main_project_id: Option<String>,
    pub callback_urls: Vec<String>,
    pub error_callback_url: Option<String>,
    /// Browser origins it answers; a loopback origin written without a port stands for every port.
    pub allowed_origins: Vec<String>,
    pub algorithm: Algorithm,
    /// The secret of `HS256`; made up when the admin call leaves it out.
    pub hs_secret: Option<String>,
    /// The published RSA keys (`emu-a`, `emu-b`); the last one signs. None given means `emu-a`.
    pub key_ids: Vec<String>,
    /// How long a token of the JWT protocol lives, in seconds; 0 means 86400.
    pub user_token_ttl_s: u64,
    /// Connected publishing platforms by name; the value is the app id a ticket must be for, or empty for any.
    pub platforms: BTreeMap<String, String>,
    /// Registration answers 204 and the account waits for confirmation.
    pub confirm_email: bool,
    /// Removed, but remembered, so that its tokens can be told from forged ones.
    pub removed: bool,
}

/// What an OAuth client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// No secret; authorization code, refresh, and the only kind for `/oauth2/login/token`.
    Public,
    /// Secret; authorization code and refresh.
    Confidential,
    /// Secret; client credentials only.
    Server,
}

/// An OAuth 2.0 client.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The admin call takes it from the path.
    #[serde(default)]
    pub id: u64,
    pub kind: ClientKind,
    #[serde(default)]
    pub secret: Option<String>,
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The UUID of its project.
    pub project: String,
    /// Seconds.
    #[serde(default = "Client::default_access_ttl_s")]
    pub access_ttl_s: u64,
    /// Seconds.
    #[serde(default = "Client::default_refresh_ttl_s")]
    pub refresh_ttl_s: u64,
    /// Scope `offline` brings a refresh token.
    #[serde(default = "Client::default_offline")]
    pub offline: bool,
}

impl Client {
    /// 3600 s, the documented default.
    pub fn default_access_ttl_s() -> u64 {
        3600
    }

    /// 30 days, the contract's decision.
    pub fn default_refresh_ttl_s() -> u64 {
        30 * 24 * 3600
    }

    fn default_offline() -> bool {
        true
    }
}

/// A social identity for signing in, one of `/users/me/social_providers`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Social {
    pub provider: String,
    pub social_id: String,
    pub full_name: Option<String>,
    pub nickname: Option<String>,
    pub picture: Option<String>,
}

/// A user: a main account in a standard project, a platform account in a shadow project.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// Made up when the admin call leaves it out.
    pub id: String,
    /// The standard project of the fixture when the admin call leaves it out.
    pub project: String,
    pub username: Option<String>,
    #[serde(skip_serializing)]
    pub password: Option<String>,
    pub email: Option<String>,
    pub nickname: Option<String>,
    pub confirmed: bool,
    pub banned: bool,
    pub server_custom_id: Option<String>,
    pub platform: Option<String>,
    pub platform_user_id: Option<String>,
    /// The main account this platform account is linked to; for good.
    pub linked_main: Option<String>,
    /// `<type>:<id>` of the device a device account belongs to.
    pub device: Option<String>,
    pub social: Vec<Social>,
    pub attributes: Vec<serde_json::Value>,
    pub external_account_id: Option<String>,
    /// Epoch milliseconds.
    pub registered: u64,
    /// Epoch milliseconds.
    pub last_login: Option<u64>,
}

impl Default for User {
    fn default() -> Self {
        Self {
            id: String::new(),
            project: String::new(),
            username: None,
            password: None,
            email: None,
            nickname: None,
            confirmed: true,
            banned: false,
            server_custom_id: None,
            platform: None,
            platform_user_id: None,
            linked_main: None,
            device: None,
            social: Vec::new(),
            attributes: Vec::new(),
            external_account_id: None,
            registered: 0,
            last_login: None,
        }
    }
}

/// A linking code that can still be submitted, or could be.
#[derive(Clone, Debug, Serialize)]
pub struct LinkCode {
    pub code: String,
    pub main_user: String,
    /// The standard project of that user.
    pub project: String,
    /// Epoch milliseconds.
    pub created: u64,
    /// Epoch milliseconds.
    pub expires: u64,
}

/// One successful link.
#[derive(Clone, Debug, Serialize)]
pub struct LinkEvent {
    /// Counts from 1.
    pub sequence: u64,
    /// Epoch milliseconds.
    pub at: u64,
    pub main_user: String,
    /// The platform account's own user id.
    pub account: String,
    pub platform: String,
    pub user_id: String,
    /// The shadow project.
    pub project: String,
    /// The pair was linked before; the code was consumed all the same.
    pub again: bool,
}

/// How a user got in; decides the claims of the token.
#[derive(Clone, Debug)]
pub(super) enum How {
    Password,
    Device,
    CustomId(String),
    Social { provider: String, id: String },
    Silent { provider: String, id: String },
}

/// A sign-in that tokens are made of, again and again while it is refreshed.
#[derive(Clone, Debug)]
pub(super) struct SignIn {
    /// The user who signed in; a linked platform account's token names its main account instead.
    pub(super) account: String,
    pub(super) how: How,
    pub(super) scope: Vec<String>,
    pub(super) audience: Option<String>,
    pub(super) payload: Option<String>,
}

/// What an issued token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    User { subject: String },
    Server { client: u64 },
}

/// An issued token, found by its signature.
#[derive(Clone, Debug)]
pub(super) struct IssuedToken {
    pub(super) holder: Holder,
    /// Epoch seconds.
    pub(super) expires_s: u64,
    pub(super) revoked: bool,
}

/// A one-time authorization code.
#[derive(Clone, Debug)]
pub(super) struct AuthCode {
    pub(super) client: u64,
    pub(super) redirect_uri: String,
    pub(super) sign_in: SignIn,
    /// Epoch milliseconds.
    pub(super) expires: u64,
    pub(super) used: bool,
}

/// A refresh token.
#[derive(Clone, Debug)]
pub(super) struct RefreshToken {
    pub(super) client: u64,
    pub(super) redirect_uri: Option<String>,
    pub(super) sign_in: SignIn,
    /// The first token of its line: what reuse revokes together.
    pub(super) family: String,
    /// Epoch milliseconds.
    pub(super) expires: u64,
    /// When it was first used, epoch milliseconds.
    pub(super) used_at: Option<u64>,
    pub(super) revoked: bool,
}

/// Everything the service knows.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) projects: BTreeMap<String, Project>,
    pub(super) clients: BTreeMap<u64, Client>,
    pub(super) users: BTreeMap<String, User>,
    pub(super) link_codes: BTreeMap<String, LinkCode>,
    pub(super) link_events: Vec<LinkEvent>,
    pub(super) tokens: BTreeMap<String, IssuedToken>,
    pub(super) auth_codes: BTreeMap<String, AuthCode>,
    pub(super) refresh_tokens: BTreeMap<String, RefreshToken>,
    pub(super) tickets: Vec<Ticket>,
    pub(super) windows: Windows,
    pub(super) knobs: Knobs,
}

impl State {
    /// A project that was not removed.
    pub(super) fn project(&self, id: &str) -> Option<&Project> {
        self.projects.get(id).filter(|project| !project.removed)
    }

    /// The shadow project bound to a Publisher Account project.
    pub(super) fn shadow_of_publisher(&self, publisher_project_id: u64) -> Option<&Project> {
        self.projects.values().find(|project| {
            !project.removed
                && project.kind == ProjectKind::Shadow
                && project.publisher_project_id == Some(publisher_project_id)
        })
    }

    /// The user with that username or e-mail address.
    pub(super) fn user_by_login(&self, project: &str, login: &str) -> Option<&User> {
        self.users.values().find(|user| {
            user.project == project
                && (user.username.as_deref() == Some(login)
                    || user.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(login)))
        })
    }

    /// The account of that player on that platform.
    pub(super) fn platform_account(&self, project: &str, platform: &str, user_id: &str) -> Option<&User> {
        self.users.values().find(|user| {
            user.project == project
                && user.platform.as_deref() == Some(platform)
                && user.platform_user_id.as_deref() == Some(user_id)
        })
    }

    /// The user a custom id belongs to.
    pub(super) fn user_by_custom_id(&self, project: &str, custom_id: &str) -> Option<&User> {
        self.users.values().find(|user| user.project == project && user.server_custom_id.as_deref() == Some(custom_id))
    }

    /// The user and, if it is a linked platform account, its main account: either being banned bars both.
    pub(super) fn is_banned(&self, user: &User) -> bool {
        user.banned || user.linked_main.as_ref().and_then(|id| self.users.get(id)).is_some_and(|main| main.banned)
    }

    /// Whether the user lives in a shadow project.
    pub(super) fn is_platform_account(&self, user: &User) -> bool {
        self.projects.get(&user.project).is_some_and(|project| project.kind == ProjectKind::Shadow)
    }
}
