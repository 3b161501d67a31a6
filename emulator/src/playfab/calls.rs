//! The 87 calls that are alike, as one table (playfab.md §4): sign in with a platform, link it, unlink it. What a call
//! documents decides what it can answer: which code says that an identifier is claimed, whether a second account of the
//! platform is refused, whether a platform that is off is noticed.

use serde_json::{Value, json};

use super::codes::Code;
use super::codes::Code::*;
use super::platforms::Platform;

/// Who may ask: a client for its own player, a server for any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Client,
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Login,
    Link,
    Unlink,
}

/// Which fields prove or name the identity, and how they are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Proof {
    /// The text is the player's id on the platform; whoever says it is believed.
    Id(&'static str),
    /// A platform's ticket or token as text.
    Ticket(&'static str),
    /// A Steam ticket: hexadecimal, two digits a byte.
    Hex(&'static str),
    /// One of two tokens; the first wins.
    Either(&'static str, &'static str),
    /// A JWT of the platform.
    Jwt(&'static str),
    /// `ConnectionId` and `IdToken`.
    OpenId,
    /// `AuthCode` and `RedirectUri`.
    PsnCode,
    /// `KongregateId` and `AuthTicket`.
    Kongregate,
    /// The named player id, and the four fields of Game Center's signature.
    GameCenter(&'static str),
    /// `XboxId` and `Sandbox`.
    XboxId,
    /// The named account and `Password`.
    Password(&'static str),
    /// Unlink: the player's only one.
    Only,
    /// Unlink: the named one; the one signed in with last when absent.
    Which(&'static str),
    /// Unlink: the named one.
    Named(&'static str),
    /// Unlink: the player's only one; a token is judged when there is one.
    OnlyWith(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    Int,
}

/// A field beside those of the proof and those all calls of a verb have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) needed: bool,
}

/// A call of the table.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub(super) api: Api,
    pub(super) name: &'static str,
    pub(super) verb: Verb,
    pub(super) platform: Platform,
    pub(super) proof: Proof,
    pub(super) more: &'static [Field],
    errors: &'static [&'static [Code]],
}

impl Call {
    /// The call of that API and name.
    pub(super) fn find(api: Api, name: &str) -> Option<&'static Self> {
        CALLS.iter().find(|call| call.api == api && call.name == name)
    }

    /// The table.
    pub fn all() -> &'static [Self] {
        CALLS
    }

    /// `Client/LoginWithSteam`.
    pub fn path(&self) -> String {
        format!("{:?}/{}", self.api, self.name)
    }

    /// The errors the vendor lists for it, in no order.
    pub fn errors(&self) -> impl Iterator<Item = Code> + use<> {
        self.errors.iter().flat_map(|list| list.iter().copied())
    }

    /// Whether the vendor lists that error for it.
    pub(super) fn documents(&self, code: Code) -> bool {
        self.errors().any(|listed| listed == code)
    }

    /// The code of an identifier that is another player's.
    pub(super) fn claimed(&self) -> Code {
        let codes = [LinkedIdentifierAlreadyClaimed, LinkedAccountAlreadyClaimed, LinkedDeviceAlreadyClaimed];
        codes.into_iter().find(|code| self.documents(*code)).unwrap_or(LinkedIdentifierAlreadyClaimed)
    }

    /// Whether a missing credential may stand encrypted in `EncryptedRequest`.
    pub(super) fn takes_encrypted(&self) -> bool {
        self.api == Api::Client && self.verb == Verb::Login && !matches!(self.proof, Proof::Password(_))
    }

    /// As `/__emulator/playfab/calls` shows it.
    pub(super) fn shown(&self) -> Value {
        let errors: Vec<Value> =
            self.errors().map(|code| json!({ "error": code.name(), "errorCode": code.number() })).collect();
        json!({ "call": self.path(), "platform": self.platform, "errors": errors })
    }
}

const fn text(name: &'static str) -> Field {
    Field { name, kind: Kind::Text, needed: false }
}

const fn flag(name: &'static str) -> Field {
    Field { name, kind: Kind::Bool, needed: false }
}

const fn int(name: &'static str) -> Field {
    Field { name, kind: Kind::Int, needed: false }
}

const fn needed(name: &'static str) -> Field {
    Field { name, kind: Kind::Text, needed: true }
}

const fn login(
    api: Api,
    name: &'static str,
    platform: Platform,
    proof: Proof,
    more: &'static [Field],
    errors: &'static [&'static [Code]],
) -> Call {
    Call { api, name, verb: Verb::Login, platform, proof, more, errors }
}

const fn link(
    api: Api,
    name: &'static str,
    platform: Platform,
    proof: Proof,
    more: &'static [Field],
    errors: &'static [&'static [Code]],
) -> Call {
    Call { api, name, verb: Verb::Link, platform, proof, more, errors }
}

const fn unlink(
    api: Api,
    name: &'static str,
    platform: Platform,
    proof: Proof,
    errors: &'static [&'static [Code]],
) -> Call {
    Call { api, name, verb: Verb::Unlink, platform, proof, more: &[], errors }
}

/// What nearly every login by a client lists.
const LOGIN: &[Code] = &[
    EncryptionKeyMissing,
    PlayerSecretAlreadyConfigured,
    RequestViewConstraintParamsNotAllowed,
    PlayerSecretNotConfigured,
    EvaluationModePlayerCountExceeded,
];
/// What logins list whose requests can be signed.
const SIGNED: &[Code] = &[InvalidSignature, InvalidSignatureTime];
/// What logins by a server list.
const SERVER: &[Code] = &[RequestViewConstraintParamsNotAllowed, EvaluationModePlayerCountExceeded];
/// An identity only one player can have, and a player only one of.
const CLAIMED: &[Code] = &[AccountAlreadyLinked, LinkedAccountAlreadyClaimed];
const XSTS: &[Code] = &[XboxXASSExchangeFailure, XboxInaccessible, XboxRejectedXSTSExchangeRequest];
const PSN: &[Code] = &[InvalidPSNAuthCode, InvalidPSNIssuerId, PSNInaccessible];

use Api::{Client, Server};
use Platform::{
    AndroidDevice, Apple, BattleNet, CustomId, Facebook, FacebookInstantGames, GameCenter, Google, GooglePlayGames,
    IosDevice, Kongregate, NintendoServiceAccount, NintendoSwitchDevice, OpenIdConnect, PlayFab, Psn, ServerCustomId,
    Steam, Twitch, Xbox,
};
use Proof::{Either, Hex, Id, Jwt, Named, Only, OnlyWith, OpenId, Password, PsnCode, Ticket, Which, XboxId};

const ANDROID: &[Field] = &[text("AndroidDevice"), text("OS")];
const IOS: &[Field] = &[text("DeviceModel"), text("OS")];
const STEAM: &[Field] = &[flag("TicketIsServiceSpecific")];
const ISSUER: &[Field] = &[int("IssuerId")];

#[rustfmt::skip]
const CALLS: &[Call] = &[
    login(Client, "LoginWithAndroidDeviceID", AndroidDevice, Id("AndroidDeviceId"), ANDROID,
        &[LOGIN, SIGNED, &[SignedRequestNotAllowed, PlayerCreationDisabled]]),
    login(Client, "LoginWithApple", Apple, Jwt("IdentityToken"), &[],
        &[LOGIN, SIGNED, &[AppleNotEnabledForTitle, TokenSigningKeyNotFound]]),
    login(Client, "LoginWithBattleNet", BattleNet, Jwt("IdentityToken"), &[],
        &[LOGIN, SIGNED, &[AccountNotFound, InvalidTitleId, InvalidAuthToken, BattleNetNotEnabledForTitle]]),
    login(Client, "LoginWithCustomID", CustomId, Id("CustomId"), &[],
        &[LOGIN, SIGNED, &[EncryptedRequestNotAllowed, SignedRequestNotAllowed, PlayerCreationDisabled]]),
    login(Client, "LoginWithEmailAddress", PlayFab, Password("Email"), &[],
        &[&[InvalidEmailOrPassword, RequestViewConstraintParamsNotAllowed]]),
    login(Client, "LoginWithFacebook", Facebook, Either("AccessToken", "AuthenticationToken"), &[],
        &[LOGIN, &[InvalidFacebookToken, FacebookAPIError]]),
    login(Client, "LoginWithFacebookInstantGamesId", FacebookInstantGames, Ticket("FacebookInstantGamesSignature"), &[],
        &[LOGIN, SIGNED, &[InvalidFacebookInstantGamesSignature, FacebookInstantGamesAuthNotConfiguredForTitle]]),
    login(Client, "LoginWithGameCenter", GameCenter, Proof::GameCenter("PlayerId"), &[],
        &[LOGIN, &[InvalidGameCenterAuthRequest, GameCenterAuthenticationFailed, InvalidGameCenterId]]),
    login(Client, "LoginWithGoogleAccount", Google, Either("ServerAuthCode", "AccessToken"),
        &[text("PublisherId"), flag("SetEmail")],
        &[LOGIN, &[InvalidGoogleToken, GoogleOAuthNotConfiguredForTitle, GoogleOAuthError,
            GoogleOAuthNoIdTokenIncludedInResponse]]),
    login(Client, "LoginWithGooglePlayGamesServices", GooglePlayGames, Ticket("ServerAuthCode"), &[],
        &[LOGIN, &[InvalidGoogleToken, GoogleOAuthNotConfiguredForTitle, GoogleOAuthError,
            InvalidGooglePlayGamesServerAuthCode]]),
    login(Client, "LoginWithIOSDeviceID", IosDevice, Id("DeviceId"), IOS,
        &[LOGIN, SIGNED, &[SignedRequestNotAllowed, PlayerCreationDisabled]]),
    login(Client, "LoginWithKongregate", Kongregate, Proof::Kongregate, &[],
        &[LOGIN, &[InvalidKongregateToken, FeatureNotConfiguredForTitle]]),
    login(Client, "LoginWithNintendoServiceAccount", NintendoServiceAccount, Jwt("IdentityToken"), &[],
        &[LOGIN, SIGNED, &[NintendoSwitchNotEnabledForTitle]]),
    login(Client, "LoginWithNintendoSwitchDeviceId", NintendoSwitchDevice, Id("NintendoSwitchDeviceId"), &[],
        &[SIGNED, &[PlayerSecretAlreadyConfigured, RequestViewConstraintParamsNotAllowed, PlayerSecretNotConfigured,
            EvaluationModePlayerCountExceeded, PlayerCreationDisabled]]),
    login(Client, "LoginWithOpenIdConnect", OpenIdConnect, OpenId, &[],
        &[LOGIN, SIGNED, &[InvalidIdentityProviderId]]),
    login(Client, "LoginWithPlayFab", PlayFab, Password("Username"), &[],
        &[&[InvalidUsernameOrPassword, InvalidSignature, RequestViewConstraintParamsNotAllowed]]),
    login(Client, "LoginWithPSN", Psn, PsnCode, ISSUER,
        &[LOGIN, PSN, &[FeatureNotConfiguredForTitle]]),
    login(Client, "LoginWithSteam", Steam, Hex("SteamTicket"), STEAM,
        &[LOGIN, &[InvalidSteamTicket, SteamNotEnabledForTitle, SteamUserNotFound]]),
    login(Client, "LoginWithTwitch", Twitch, Ticket("AccessToken"), &[],
        &[LOGIN, &[FeatureNotConfiguredForTitle, InvalidTwitchToken, TwitchResponseError]]),
    login(Client, "LoginWithXbox", Xbox, Ticket("XboxToken"), &[],
        &[XSTS, &[InvalidXboxLiveToken, ExpiredXboxLiveToken, EncryptionKeyMissing, SignedRequestNotAllowed,
            RequestViewConstraintParamsNotAllowed, EvaluationModePlayerCountExceeded]]),

    link(Client, "LinkAndroidDeviceID", AndroidDevice, Id("AndroidDeviceId"), ANDROID,
        &[&[LinkedDeviceAlreadyClaimed, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkApple", Apple, Jwt("IdentityToken"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, InvalidIdentityProviderId, AppleNotEnabledForTitle,
            TokenSigningKeyNotFound, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkBattleNetAccount", BattleNet, Jwt("IdentityToken"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, InvalidIdentityProviderId, TokenSigningKeyNotFound,
            BattleNetNotEnabledForTitle]]),
    link(Client, "LinkCustomID", CustomId, Id("CustomId"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkFacebookAccount", Facebook, Either("AccessToken", "AuthenticationToken"), &[],
        &[CLAIMED, &[AccountNotFound, InvalidFacebookToken, FacebookAPIError, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkFacebookInstantGamesId", FacebookInstantGames, Ticket("FacebookInstantGamesSignature"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, InvalidFacebookInstantGamesSignature,
            FacebookInstantGamesAuthNotConfiguredForTitle, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkGameCenterAccount", GameCenter, Proof::GameCenter("GameCenterId"), &[],
        &[CLAIMED, &[InvalidGameCenterAuthRequest, GameCenterAuthenticationFailed, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkGoogleAccount", Google, Either("ServerAuthCode", "AccessToken"), &[],
        &[CLAIMED, &[InvalidGoogleToken, GoogleOAuthNotConfiguredForTitle, GoogleOAuthError,
            GoogleOAuthNoIdTokenIncludedInResponse, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkGooglePlayGamesServicesAccount", GooglePlayGames, Ticket("ServerAuthCode"), &[],
        &[CLAIMED, &[InvalidGoogleToken, GoogleOAuthNotConfiguredForTitle, GoogleOAuthError,
            InvalidGooglePlayGamesServerAuthCode, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkIOSDeviceID", IosDevice, Id("DeviceId"), IOS,
        &[&[LinkedDeviceAlreadyClaimed, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkKongregate", Kongregate, Proof::Kongregate, &[],
        &[&[LinkedAccountAlreadyClaimed, InvalidKongregateToken, FeatureNotConfiguredForTitle,
            AccountLinkedToABannedPlayer]]),
    link(Client, "LinkNintendoServiceAccount", NintendoServiceAccount, Jwt("IdentityToken"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, InvalidIdentityProviderId, NintendoSwitchNotEnabledForTitle,
            AccountLinkedToABannedPlayer]]),
    link(Client, "LinkNintendoSwitchDeviceId", NintendoSwitchDevice, Id("NintendoSwitchDeviceId"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkOpenIdConnect", OpenIdConnect, OpenId, &[],
        &[&[LinkedIdentifierAlreadyClaimed, InvalidIdentityProviderId, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkPSNAccount", Psn, PsnCode, ISSUER,
        &[CLAIMED, PSN, &[AccountLinkedToABannedPlayer]]),
    link(Client, "LinkSteamAccount", Steam, Hex("SteamTicket"), STEAM,
        &[CLAIMED, &[InvalidSteamTicket, SteamNotEnabledForTitle, SteamUserNotFound, AccountLinkedToABannedPlayer]]),
    link(Client, "LinkTwitch", Twitch, Ticket("AccessToken"), &[],
        &[CLAIMED, &[FeatureNotConfiguredForTitle, InvalidTwitchToken, TwitchResponseError,
            AccountLinkedToABannedPlayer]]),
    link(Client, "LinkXboxAccount", Xbox, Ticket("XboxToken"), &[],
        &[CLAIMED, &[InvalidXboxLiveToken, ExpiredXboxLiveToken]]),

    unlink(Client, "UnlinkAndroidDeviceID", AndroidDevice, Which("AndroidDeviceId"),
        &[&[AccountNotLinked, DeviceNotLinked]]),
    unlink(Client, "UnlinkApple", Apple, Only, &[&[AccountNotLinked, AppleNotEnabledForTitle]]),
    unlink(Client, "UnlinkBattleNetAccount", BattleNet, Only, &[&[AccountNotLinked, BattleNetNotEnabledForTitle]]),
    unlink(Client, "UnlinkCustomID", CustomId, Which("CustomId"), &[&[AccountNotLinked, CustomIdNotLinked]]),
    unlink(Client, "UnlinkFacebookAccount", Facebook, Only, &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkFacebookInstantGamesId", FacebookInstantGames, Which("FacebookInstantGamesId"),
        &[&[AccountNotLinked, FacebookInstantGamesIdNotLinked]]),
    unlink(Client, "UnlinkGameCenterAccount", GameCenter, Only, &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkGoogleAccount", Google, Only, &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkGooglePlayGamesServicesAccount", GooglePlayGames, Only, &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkIOSDeviceID", IosDevice, Which("DeviceId"), &[&[AccountNotLinked, DeviceNotLinked]]),
    unlink(Client, "UnlinkKongregate", Kongregate, Only, &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkNintendoServiceAccount", NintendoServiceAccount, Only,
        &[&[AccountNotLinked, NintendoSwitchNotEnabledForTitle]]),
    unlink(Client, "UnlinkNintendoSwitchDeviceId", NintendoSwitchDevice, Which("NintendoSwitchDeviceId"),
        &[&[AccountNotLinked, NintendoSwitchDeviceIdNotLinked]]),
    unlink(Client, "UnlinkOpenIdConnect", OpenIdConnect, Named("ConnectionId"), &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkPSNAccount", Psn, Only, &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkSteamAccount", Steam, Only, &[&[AccountNotLinked]]),
    unlink(Client, "UnlinkTwitch", Twitch, OnlyWith("AccessToken"),
        &[&[AccountNotLinked, FeatureNotConfiguredForTitle, InvalidTwitchToken]]),
    unlink(Client, "UnlinkXboxAccount", Xbox, OnlyWith("XboxToken"), &[&[AccountNotLinked, InvalidXboxLiveToken]]),

    login(Server, "LoginWithAndroidDeviceID", AndroidDevice, Id("AndroidDeviceId"), ANDROID, &[SERVER]),
    login(Server, "LoginWithBattleNet", BattleNet, Jwt("IdentityToken"), &[],
        &[LOGIN, SIGNED, &[AccountNotFound, InvalidTitleId, InvalidAuthToken, BattleNetNotEnabledForTitle]]),
    login(Server, "LoginWithCustomID", CustomId, Id("CustomId"), &[], &[SERVER]),
    login(Server, "LoginWithIOSDeviceID", IosDevice, Id("DeviceId"), IOS, &[SERVER]),
    login(Server, "LoginWithPSN", Psn, PsnCode, ISSUER, &[LOGIN, PSN, &[FeatureNotConfiguredForTitle]]),
    login(Server, "LoginWithServerCustomId", ServerCustomId, Id("ServerCustomId"), &[],
        &[&[EvaluationModePlayerCountExceeded]]),
    login(Server, "LoginWithSteamId", Steam, Id("SteamId"), &[],
        &[SERVER, SIGNED, &[SteamNotEnabledForTitle, SteamUserNotFound]]),
    login(Server, "LoginWithTwitch", Twitch, Ticket("AccessToken"), &[needed("PlayFabId")],
        &[&[AccountNotFound, FeatureNotConfiguredForTitle, InvalidTwitchToken, TwitchResponseError,
            PlayerSecretAlreadyConfigured, RequestViewConstraintParamsNotAllowed, PlayerSecretNotConfigured]]),
    login(Server, "LoginWithXbox", Xbox, Ticket("XboxToken"), &[],
        &[SERVER, XSTS, &[InvalidXboxLiveToken, ExpiredXboxLiveToken]]),
    login(Server, "LoginWithXboxId", Xbox, XboxId, &[], &[SERVER, XSTS]),

    link(Server, "LinkBattleNetAccount", BattleNet, Jwt("IdentityToken"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, BattleNetNotEnabledForTitle]]),
    link(Server, "LinkNintendoServiceAccount", NintendoServiceAccount, Jwt("IdentityToken"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, InvalidIdentityProviderId, NintendoSwitchNotEnabledForTitle]]),
    link(Server, "LinkNintendoServiceAccountSubject", NintendoServiceAccount, Id("Subject"), &[],
        &[&[LinkedIdentifierAlreadyClaimed, InvalidIdentityProviderId, NintendoSwitchNotEnabledForTitle]]),
    link(Server, "LinkNintendoSwitchDeviceId", NintendoSwitchDevice, Id("NintendoSwitchDeviceId"), &[],
        &[&[LinkedAccountAlreadyClaimed]]),
    link(Server, "LinkPSNAccount", Psn, PsnCode, ISSUER,
        &[CLAIMED, PSN, &[AccountNotFound, RequestViewConstraintParamsNotAllowed, InvalidNamespaceMismatch]]),
    link(Server, "LinkPSNId", Psn, Id("PSNUserId"), ISSUER,
        &[CLAIMED, PSN, &[AccountNotFound, InvalidNamespaceMismatch]]),
    link(Server, "LinkServerCustomId", ServerCustomId, Id("ServerCustomId"), &[],
        &[&[AccountNotFound, LinkedIdentifierAlreadyClaimed]]),
    link(Server, "LinkSteamId", Steam, Id("SteamId"), &[],
        &[CLAIMED, &[InvalidSteamTicket, SteamNotEnabledForTitle, SteamUserNotFound]]),
    link(Server, "LinkTwitchAccount", Twitch, Ticket("AccessToken"), &[],
        &[&[FeatureNotConfiguredForTitle, LinkedIdentifierAlreadyClaimed, InvalidTwitchToken, TwitchResponseError]]),
    link(Server, "LinkXboxAccount", Xbox, Ticket("XboxToken"), &[], &[CLAIMED, &[InvalidXboxLiveToken]]),
    link(Server, "LinkXboxId", Xbox, XboxId, &[], &[CLAIMED]),

    unlink(Server, "UnlinkBattleNetAccount", BattleNet, Only, &[&[AccountNotLinked, BattleNetNotEnabledForTitle]]),
    unlink(Server, "UnlinkFacebookAccount", Facebook, Only, &[&[AccountNotLinked]]),
    unlink(Server, "UnlinkFacebookInstantGamesId", FacebookInstantGames, Which("FacebookInstantGamesId"),
        &[&[AccountNotLinked, FacebookInstantGamesIdNotLinked]]),
    unlink(Server, "UnlinkNintendoServiceAccount", NintendoServiceAccount, Only,
        &[&[AccountNotLinked, NintendoSwitchNotEnabledForTitle]]),
    unlink(Server, "UnlinkNintendoSwitchDeviceId", NintendoSwitchDevice, Which("NintendoSwitchDeviceId"),
        &[&[AccountNotLinked, NintendoSwitchDeviceIdNotLinked]]),
    unlink(Server, "UnlinkPSNAccount", Psn, Only, &[&[AccountNotLinked]]),
    unlink(Server, "UnlinkServerCustomId", ServerCustomId, Named("ServerCustomId"),
        &[&[AccountNotLinked, IdentifierNotLinked]]),
    unlink(Server, "UnlinkSteamId", Steam, Only, &[&[AccountNotLinked]]),
    unlink(Server, "UnlinkTwitchAccount", Twitch, OnlyWith("AccessToken"),
        &[&[AccountNotLinked, FeatureNotConfiguredForTitle, InvalidTwitchToken]]),
    unlink(Server, "UnlinkXboxAccount", Xbox, OnlyWith("XboxToken"), &[&[AccountNotLinked, InvalidXboxLiveToken]]),
];
