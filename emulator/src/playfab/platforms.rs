//! What a player can sign in with: the platforms and their names in the service's enumerations (playfab.md §3.7), and
//! what a platform's refusal is called on the wire (§5).

use serde::{Deserialize, Serialize};

use super::calls::Call;
use super::codes::Code;

/// A platform, in the widest sense: everything that can be linked to a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    AndroidDevice,
    Apple,
    BattleNet,
    CustomId,
    Facebook,
    FacebookInstantGames,
    GameCenter,
    Google,
    GooglePlayGames,
    IosDevice,
    Kongregate,
    NintendoServiceAccount,
    NintendoSwitchDevice,
    OpenIdConnect,
    /// The service's own accounts, by user name or e-mail address and password.
    PlayFab,
    Psn,
    ServerCustomId,
    Steam,
    Twitch,
    Xbox,
}

/// What is wrong with a credential, or with its platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Not a credential of this platform at all, or used up.
    Invalid,
    Expired,
    /// The platform does not answer the service.
    Unreachable,
    /// The platform lets nobody in through the service (Xbox: no XSTS token for this title).
    Rejected,
    /// The platform's answer was no use (Xbox: XASS; Google: OAuth).
    Exchange,
    /// Google answered without an id token.
    NoIdToken,
    /// PSN: a credential of another environment.
    Issuer,
    /// PSN: a credential of another namespace.
    Namespace,
    /// The credential is good, but the user is gone.
    NoUser,
    /// Signed with a key the platform does not publish.
    UnknownKey,
    /// The platform says that the service asks too often.
    Throttled,
}

impl Platform {
    /// All twenty.
    pub const ALL: &[Self] = &[
        Self::AndroidDevice,
        Self::Apple,
        Self::BattleNet,
        Self::CustomId,
        Self::Facebook,
        Self::FacebookInstantGames,
        Self::GameCenter,
        Self::Google,
        Self::GooglePlayGames,
        Self::IosDevice,
        Self::Kongregate,
        Self::NintendoServiceAccount,
        Self::NintendoSwitchDevice,
        Self::OpenIdConnect,
        Self::PlayFab,
        Self::Psn,
        Self::ServerCustomId,
        Self::Steam,
        Self::Twitch,
        Self::Xbox,
    ];

    /// Its name in the emulator's levers and test issuers, `nintendo_service_account`.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Its name in `LoginIdentityProvider`.
    pub(super) fn identity_provider(self) -> &'static str {
        self.row().1
    }

    /// Its name in `UserOrigination`.
    pub(super) fn origination(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::AndroidDevice => ("android_device", "AndroidDevice", "Android"),
            Self::Apple => ("apple", "Apple", "Apple"),
            Self::BattleNet => ("battle_net", "BattleNet", "BattleNet"),
            Self::CustomId => ("custom_id", "Custom", "CustomId"),
            Self::Facebook => ("facebook", "Facebook", "Facebook"),
            Self::FacebookInstantGames => ("facebook_instant_games", "FacebookInstantGames", "FacebookInstantGamesId"),
            Self::GameCenter => ("game_center", "GameCenter", "GameCenter"),
            Self::Google => ("google", "GooglePlay", "Google"),
            Self::GooglePlayGames => ("google_play_games", "GooglePlayGames", "GooglePlayGames"),
            Self::IosDevice => ("ios_device", "IOSDevice", "IOS"),
            Self::Kongregate => ("kongregate", "Kongregate", "Kongregate"),
            Self::NintendoServiceAccount => {
                ("nintendo_service_account", "NintendoSwitchAccount", "NintendoSwitchAccount")
            }
            Self::NintendoSwitchDevice => ("nintendo_switch_device", "NintendoSwitch", "NintendoSwitchDeviceId"),
            Self::OpenIdConnect => ("open_id_connect", "OpenIdConnect", "OpenIdConnect"),
            Self::PlayFab => ("play_fab", "PlayFab", "Organic"),
            Self::Psn => ("psn", "PSN", "PSN"),
            Self::ServerCustomId => ("server_custom_id", "CustomServer", "ServerCustomId"),
            Self::Steam => ("steam", "Steam", "Steam"),
            Self::Twitch => ("twitch", "Twitch", "Twitch"),
            Self::Xbox => ("xbox", "XBoxLive", "XboxLive"),
        }
    }

    /// Whether a player can have several of it: custom ids, devices, and one per OpenID connection.
    pub(super) fn holds_several(self) -> bool {
        matches!(
            self,
            Self::AndroidDevice
                | Self::CustomId
                | Self::FacebookInstantGames
                | Self::IosDevice
                | Self::NintendoSwitchDevice
                | Self::OpenIdConnect
                | Self::ServerCustomId
        )
    }

    /// With `ForceLink`, the one the player already has stays beside the new one (the specification's text for these).
    pub(super) fn force_keeps_both(self) -> bool {
        matches!(self, Self::Google | Self::GameCenter)
    }

    /// The code of a platform that is off for the title; none for those nobody can switch off.
    pub(super) fn disabled(self) -> Option<Code> {
        Some(match self {
            Self::Apple => Code::AppleNotEnabledForTitle,
            Self::BattleNet => Code::BattleNetNotEnabledForTitle,
            Self::FacebookInstantGames => Code::FacebookInstantGamesAuthNotConfiguredForTitle,
            Self::Google | Self::GooglePlayGames => Code::GoogleOAuthNotConfiguredForTitle,
            Self::Kongregate | Self::Psn | Self::Twitch => Code::FeatureNotConfiguredForTitle,
            Self::NintendoServiceAccount => Code::NintendoSwitchNotEnabledForTitle,
            Self::Steam => Code::SteamNotEnabledForTitle,
            _ => return None,
        })
    }

    /// The code of an unlink that named an id the player does not have, while it has others of the platform.
    pub(super) fn other_id(self) -> Code {
        match self {
            Self::AndroidDevice | Self::IosDevice => Code::DeviceNotLinked,
            Self::CustomId => Code::CustomIdNotLinked,
            Self::FacebookInstantGames => Code::FacebookInstantGamesIdNotLinked,
            Self::NintendoSwitchDevice => Code::NintendoSwitchDeviceIdNotLinked,
            Self::ServerCustomId => Code::IdentifierNotLinked,
            _ => Code::AccountNotLinked,
        }
    }

    /// What a flaw is called in an answer of that call: the first name the call documents, else the most general.
    pub(super) fn refusal(self, flaw: Flaw, call: &Call) -> Code {
        let names = self.names(flaw);
        let documented = names.iter().copied().find(|name| call.documents(*name));
        documented.or_else(|| names.last().copied()).unwrap_or(Code::DownstreamServiceUnavailable)
    }

    /// The names of a flaw, the most particular first.
    fn names(self, flaw: Flaw) -> &'static [Code] {
        match (self, flaw) {
            (Self::Facebook, Flaw::Unreachable | Flaw::Exchange) => &[Code::FacebookAPIError],
            (Self::Google | Self::GooglePlayGames, Flaw::Unreachable) => &[Code::GoogleAPIServiceUnavailable],
            (Self::Psn, Flaw::Unreachable) => &[Code::PSNInaccessible],
            (Self::Twitch, Flaw::Unreachable | Flaw::Exchange) => &[Code::TwitchResponseError],
            (Self::Xbox, Flaw::Unreachable) => &[Code::XboxInaccessible, Code::DownstreamServiceUnavailable],
            (_, Flaw::Unreachable) => &[Code::DownstreamServiceUnavailable],
            (Self::Xbox, Flaw::Throttled) => &[Code::XboxServiceTooManyRequests],
            (_, Flaw::Throttled) => &[Code::DownstreamServiceUnavailable],
            (Self::Apple, Flaw::Expired) => &[Code::NotAuthorized],
            (Self::Apple | Self::BattleNet, Flaw::UnknownKey) => {
                &[Code::TokenSigningKeyNotFound, Code::InvalidAuthToken, Code::InvalidIdentityProviderId]
            }
            (Self::Apple, _) => &[Code::InvalidIdentityProviderId, Code::TokenSigningKeyNotFound],
            (Self::BattleNet, _) => &[Code::InvalidAuthToken, Code::InvalidIdentityProviderId],
            (Self::Facebook, _) => &[Code::InvalidFacebookToken],
            (Self::FacebookInstantGames, _) => &[Code::InvalidFacebookInstantGamesSignature],
            (Self::GameCenter, _) => &[Code::GameCenterAuthenticationFailed],
            (Self::Google | Self::GooglePlayGames, Flaw::Exchange) => &[Code::GoogleOAuthError],
            (Self::Google, Flaw::NoIdToken) => &[Code::GoogleOAuthNoIdTokenIncludedInResponse],
            (Self::Google, _) | (Self::GooglePlayGames, Flaw::NoIdToken) => &[Code::InvalidGoogleToken],
            (Self::GooglePlayGames, _) => &[Code::InvalidGooglePlayGamesServerAuthCode],
            (Self::Kongregate, _) => &[Code::InvalidKongregateToken],
            (Self::NintendoServiceAccount | Self::OpenIdConnect, _) => &[Code::InvalidIdentityProviderId],
            (Self::Psn, Flaw::Issuer) => &[Code::InvalidPSNIssuerId],
            (Self::Psn, Flaw::Namespace) => &[Code::InvalidNamespaceMismatch, Code::InvalidPSNIssuerId],
            (Self::Psn, _) => &[Code::InvalidPSNAuthCode],
            (Self::Steam, Flaw::NoUser) => &[Code::SteamUserNotFound],
            (Self::Steam, _) => &[Code::InvalidSteamTicket],
            (Self::Twitch, _) => &[Code::InvalidTwitchToken],
            (Self::Xbox, Flaw::Expired) => &[Code::ExpiredXboxLiveToken, Code::InvalidXboxLiveToken],
            (Self::Xbox, Flaw::Rejected) => &[Code::XboxRejectedXSTSExchangeRequest, Code::InvalidXboxLiveToken],
            (Self::Xbox, Flaw::Exchange) => &[Code::XboxXASSExchangeFailure, Code::InvalidXboxLiveToken],
            (Self::Xbox, _) => &[Code::InvalidXboxLiveToken],
            (
                Self::AndroidDevice
                | Self::CustomId
                | Self::IosDevice
                | Self::NintendoSwitchDevice
                | Self::PlayFab
                | Self::ServerCustomId,
                _,
            ) => &[Code::InvalidRequest],
        }
    }
}
