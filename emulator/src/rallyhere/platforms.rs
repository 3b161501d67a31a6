//! The closed lists of the contract: platforms, login grants, web portals, profiles, and what belongs to what
//! (rallyhere.md §2.0). The error codes' prefixes live here too, because they follow the grant.

use serde::{Deserialize, Serialize};

/// Which revision of the service is spoken (rallyhere.md §0.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Exactly the two base pages: 104 login codes, 16 platforms.
    Base,
    /// The newest specification: 116 login codes, 19 platforms, restrictions in a refused login.
    Current,
}

/// A platform a player can have an identity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Platform {
    name: &'static str,
    portal_id: u32,
    newest: bool,
}

impl Platform {
    pub const ANON: Self = old("Anon", 2);
    pub const BASIC: Self = old("Basic", 11);
    pub const XBOX_LIVE: Self = old("XboxLive", 10);
    pub const PSN: Self = old("PSN", 9);
    pub const NINTENDO_NAID: Self = old("NintendoNAID", 26);
    pub const NINTENDO_SWITCH: Self = old("NintendoSwitch", 22);
    pub const NINTENDO_PPID: Self = old("NintendoPPID", 33);
    pub const GOOGLE: Self = old("Google", 13);
    pub const GOOGLE_PLAY: Self = old("GooglePlay", 32);
    pub const APPLE: Self = old("Apple", 24);
    pub const EPIC: Self = old("Epic", 28);
    pub const STEAM: Self = old("Steam", 5);
    pub const AMAZON: Self = old("Amazon", 4);
    pub const TWITCH: Self = old("Twitch", 16);
    pub const RALLY_HERE: Self = old("RallyHere", 14);
    pub const LEGACY_NAME: Self = old("LegacyName", 27);
    pub const ANDROID_DEVICE: Self = new("AndroidDevice", 34);
    pub const IOS_DEVICE: Self = new("iosDevice", 35);
    pub const DISCORD: Self = new("Discord", 25);

    /// All 19.
    pub const ALL: [Self; 19] = [
        Self::ANON,
        Self::BASIC,
        Self::XBOX_LIVE,
        Self::PSN,
        Self::NINTENDO_NAID,
        Self::NINTENDO_SWITCH,
        Self::NINTENDO_PPID,
        Self::GOOGLE,
        Self::GOOGLE_PLAY,
        Self::APPLE,
        Self::EPIC,
        Self::STEAM,
        Self::AMAZON,
        Self::TWITCH,
        Self::RALLY_HERE,
        Self::LEGACY_NAME,
        Self::ANDROID_DEVICE,
        Self::IOS_DEVICE,
        Self::DISCORD,
    ];

    /// The platform of that wire name (case-sensitive), if the profile knows it.
    pub fn parse(name: &str, profile: Profile) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|platform| platform.name == name && (profile == Profile::Current || !platform.newest))
    }

    /// The wire name.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The deprecated integer twin of the name.
    pub fn portal_id(self) -> u32 {
        self.portal_id
    }
}

const fn old(name: &'static str, portal_id: u32) -> Platform {
    Platform { name, portal_id, newest: false }
}

const fn new(name: &'static str, portal_id: u32) -> Platform {
    Platform { name, portal_id, newest: true }
}

/// A value of `grant_type` at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    Anon,
    Google,
    Apple,
    Refresh,
    Epic,
    XboxLive,
    Ps4V1,
    Ps4V3,
    Ps5V3,
    Nintendo,
    NintendoSwitch,
    Steam,
    Basic,
    ClientCredentials,
    RallyHere,
    AndroidDevice,
    IosDevice,
}

/// Grant, wire name, prefix of its error codes, the platform of the user it yields.
type GrantRow = (Grant, &'static str, &'static str, Option<Platform>);

const GRANTS: [GrantRow; 17] = [
    (Grant::Anon, "anon", "anon", Some(Platform::ANON)),
    (Grant::Google, "google", "google", Some(Platform::GOOGLE)),
    (Grant::Apple, "apple", "apple", Some(Platform::APPLE)),
    (Grant::Refresh, "refresh", "refresh", None),
    (Grant::Epic, "epic", "epic", Some(Platform::EPIC)),
    (Grant::XboxLive, "xboxlive", "xbox", Some(Platform::XBOX_LIVE)),
    (Grant::Ps4V1, "ps4_v1", "ps4_v1", Some(Platform::PSN)),
    (Grant::Ps4V3, "ps4_v3", "ps4_v3", Some(Platform::PSN)),
    (Grant::Ps5V3, "ps5_v3", "ps5_v3", Some(Platform::PSN)),
    (Grant::Nintendo, "nintendo", "nintendo", Some(Platform::NINTENDO_NAID)),
    (Grant::NintendoSwitch, "nintendo_switch", "nintendo", Some(Platform::NINTENDO_SWITCH)),
    (Grant::Steam, "steam", "steam", Some(Platform::STEAM)),
    (Grant::Basic, "basic", "basic", Some(Platform::BASIC)),
    (Grant::ClientCredentials, "client_credentials", "client", None),
    (Grant::RallyHere, "rallyhere", "developer_api", Some(Platform::RALLY_HERE)),
    (Grant::AndroidDevice, "android_device", "android_device", Some(Platform::ANDROID_DEVICE)),
    (Grant::IosDevice, "ios_device", "ios_device", Some(Platform::IOS_DEVICE)),
];

impl Grant {
    /// All 17 grants of both profiles.
    pub fn all() -> impl Iterator<Item = Self> {
        GRANTS.iter().map(|row| row.0)
    }

    /// The grant of that wire name, if the profile's enumeration knows the word. `nintendo` is known to both; the newest
    /// service no longer supports it.
    pub fn parse(name: &str, profile: Profile) -> Option<Self> {
        let grant = GRANTS.iter().find(|row| row.1 == name)?.0;
        let newest = matches!(grant, Self::RallyHere | Self::AndroidDevice | Self::IosDevice);
        (profile == Profile::Current || !newest).then_some(grant)
    }

    /// The wire name.
    pub fn name(self) -> &'static str {
        GRANTS.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The prefix of the grant's error codes.
    pub fn group(self) -> &'static str {
        GRANTS.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// The platform of the user the grant yields; none for `refresh` and `client_credentials`.
    pub fn platform(self) -> Option<Platform> {
        GRANTS.iter().find(|row| row.0 == self).and_then(|row| row.3)
    }

    /// Whether the service still takes the grant when nobody pulled its lever.
    pub fn supported_by(self, profile: Profile) -> bool {
        self != Self::Nintendo || profile == Profile::Base
    }
}

/// A path segment of the web flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Portal {
    Google,
    Apple,
    Epic,
    Xbox,
    Psn,
    Nintendo,
    Steam,
    Amazon,
    Twitch,
}

const PORTALS: [(Portal, &str, &str, Platform); 9] = [
    (Portal::Google, "google", "google", Platform::GOOGLE),
    (Portal::Apple, "apple", "apple", Platform::APPLE),
    (Portal::Epic, "epic", "epic", Platform::EPIC),
    (Portal::Xbox, "xbox", "xbox", Platform::XBOX_LIVE),
    // The contract has no `psn_disabled`; the web flow borrows the codes of the PS4/PS5 grant.
    (Portal::Psn, "psn", "ps4_v3", Platform::PSN),
    (Portal::Nintendo, "nintendo", "nintendo", Platform::NINTENDO_NAID),
    (Portal::Steam, "steam", "steam", Platform::STEAM),
    (Portal::Amazon, "amazon", "amazon", Platform::AMAZON),
    (Portal::Twitch, "twitch", "twitch", Platform::TWITCH),
];

impl Portal {
    /// All nine.
    pub fn all() -> impl Iterator<Item = Self> {
        PORTALS.iter().map(|row| row.0)
    }

    /// The portal of that path segment.
    pub fn parse(name: &str) -> Option<Self> {
        PORTALS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The path segment.
    pub fn name(self) -> &'static str {
        PORTALS.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The prefix of the portal's error codes.
    pub fn group(self) -> &'static str {
        PORTALS.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// The platform of the user the portal yields.
    pub fn platform(self) -> Platform {
        PORTALS.iter().find(|row| row.0 == self).map_or(Platform::GOOGLE, |row| row.3)
    }
}

/// `<group>_token_empty`, as the service spells it.
pub(crate) fn empty_code(group: &str) -> String {
    if group == "xbox" { "xbox_xsts_token_empty".into() } else { format!("{group}_token_empty") }
}
