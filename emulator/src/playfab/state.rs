//! What the service knows: the title, its players, what is linked to them, tickets and tokens; and the look-ups over
//! them. No rules.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::knobs::Knobs;
use super::platforms::{Flaw, Platform};
use crate::limits::Windows;

/// Whether the title answers at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TitleStatus {
    #[default]
    Active,
    /// `TitleNotActivated`.
    NotActivated,
    /// `APIRequestsDisabledForTitle`.
    RequestsDisabled,
    /// `TitleDeleted`.
    Deleted,
}

/// A platform as the title has it set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlatformState {
    pub enabled: bool,
    /// What is wrong with every credential of the platform for now.
    pub outage: Option<Flaw>,
    /// Users the platform does not know, whatever their credential says.
    pub unknown_users: BTreeSet<String>,
}

impl Default for PlatformState {
    fn default() -> Self {
        Self { enabled: true, outage: None, unknown_users: BTreeSet::new() }
    }
}

/// The title: what a studio sets up in the vendor's console.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Title {
    /// The host's first label; `TitleId` in a body must be the same to the letter.
    pub id: String,
    pub status: TitleStatus,
    /// The values `X-SecretKey` may have.
    pub secret_keys: Vec<String>,
    /// OpenID connections by `ConnectionId`; the value is the issuer whose tokens they take.
    pub openid_connections: BTreeMap<String, String>,
    /// The values `IssuerId` may have beside its absence.
    pub psn_issuers: Vec<i64>,
}

/// A player of the title.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Player {
    /// 16 hexadecimal digits in capitals; made up when the lever leaves it out.
    pub playfab_id: String,
    /// The entity id of the player in this title.
    pub title_player_id: String,
    pub display_name: Option<String>,
    pub username: Option<String>,
    pub email: Option<String>,
    #[serde(skip_serializing)]
    pub password: Option<String>,
    /// Epoch milliseconds.
    pub created: u64,
    /// Epoch milliseconds.
    pub last_login: Option<u64>,
    /// How the player came to be; nothing for one made by a lever.
    pub origination: Option<Platform>,
    pub banned: bool,
    pub deleted: bool,
    #[serde(skip)]
    pub(super) secret: Option<String>,
}

/// An identity on a platform, and the player it belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub platform: Platform,
    /// The player's id there.
    pub id: String,
    /// The `ConnectionId` of an OpenID link.
    #[serde(default)]
    pub connection: Option<String>,
    /// The `Sandbox` of an Xbox link.
    #[serde(default)]
    pub sandbox: Option<String>,
    /// The name the platform tells.
    #[serde(default)]
    pub name: Option<String>,
    pub playfab_id: String,
    /// Epoch milliseconds.
    #[serde(default)]
    pub linked_at: u64,
    /// Epoch milliseconds; tells the one an unlink without an id means.
    #[serde(default)]
    pub last_used: u64,
}

/// An entity: what a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entity {
    #[serde(rename = "Id")]
    pub id: String,
    #[serde(rename = "Type")]
    pub kind: &'static str,
}

/// An issued session ticket.
#[derive(Clone, Debug)]
pub(super) struct SessionTicket {
    pub(super) playfab_id: String,
    /// How the player signed in.
    pub(super) via: Option<(Platform, String)>,
    /// Epoch milliseconds.
    pub(super) expires: u64,
}

/// An issued entity token.
#[derive(Clone, Debug)]
pub(super) struct EntityToken {
    pub(super) entity: Entity,
    /// The player it goes back to; none for the title's.
    pub(super) playfab_id: Option<String>,
    pub(super) via: Option<(Platform, String)>,
    /// Epoch milliseconds.
    pub(super) expires: u64,
    pub(super) revoked: bool,
}

/// Everything the service knows.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) title: Title,
    pub(super) platforms: BTreeMap<Platform, PlatformState>,
    pub(super) players: BTreeMap<String, Player>,
    pub(super) links: Vec<Link>,
    pub(super) tickets: BTreeMap<String, SessionTicket>,
    pub(super) entity_tokens: BTreeMap<String, EntityToken>,
    /// Platform credentials that were shown, while they are good for one use.
    pub(super) used: BTreeSet<(Platform, String)>,
    pub(super) windows: Windows,
    pub(super) knobs: Knobs,
}

impl State {
    /// The link of that identity.
    pub(super) fn link(&self, platform: Platform, connection: Option<&str>, id: &str) -> Option<&Link> {
        self.links
            .iter()
            .find(|link| link.platform == platform && link.connection.as_deref() == connection && link.id == id)
    }

    /// The player's links on that platform.
    pub(super) fn links_of(&self, playfab_id: &str, platform: Platform) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| link.platform == platform && link.playfab_id == playfab_id)
    }

    /// The player of that user name.
    pub(super) fn by_username(&self, username: &str) -> Option<&Player> {
        self.alive().find(|player| player.username.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(username)))
    }

    /// The player of that e-mail address.
    pub(super) fn by_email(&self, email: &str) -> Option<&Player> {
        self.alive().find(|player| player.email.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(email)))
    }

    /// The player shown under that name.
    pub(super) fn by_display_name(&self, name: &str) -> Option<&Player> {
        self.alive().find(|player| player.display_name.as_deref() == Some(name))
    }

    /// The players who were not deleted.
    pub(super) fn alive(&self) -> impl Iterator<Item = &Player> {
        self.players.values().filter(|player| !player.deleted)
    }
}
