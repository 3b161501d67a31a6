//! The client's rows of the table: each way to sign in, its calls and their fields (playfab.md §4.1 to §4.3).
//!
//! A field that PlayFab's schema calls optional is needed here where the call makes no sense without; so is what only an
//! encrypted request could stand in for.

use super::table::{ALL, Field as F, LINK, LOGIN, REGISTER, UNLINK, providers};

providers! {
    /// What a client may call.
    CLIENT:
    ANDROID_DEVICE = "android-device" "AndroidDeviceID" "AndroidDeviceID" ALL
        [F::needed("AndroidDeviceId").and(UNLINK), F::text("AndroidDevice"), F::text("OS")];
    APPLE = "apple" "Apple" "Apple" ALL [F::needed("IdentityToken")];
    BATTLE_NET = "battle-net" "BattleNet" "BattleNetAccount" ALL [F::needed("IdentityToken")];
    CUSTOM_ID = "custom-id" "CustomID" "CustomID" ALL [F::needed("CustomId").and(UNLINK)];
    EMAIL = "email" "EmailAddress" "" LOGIN [F::needed("Email").typed(1, 0), F::needed("Password").typed(6, 100)];
    FACEBOOK = "facebook" "Facebook" "FacebookAccount" ALL [F::text("AccessToken"), F::text("AuthenticationToken")];
    FACEBOOK_INSTANT_GAMES = "facebook-instant-games" "FacebookInstantGamesId" "FacebookInstantGamesId" ALL
        [F::needed("FacebookInstantGamesSignature"), F::text("FacebookInstantGamesId").only(UNLINK)];
    GAME_CENTER = "game-center" "GameCenter" "GameCenterAccount" ALL [
        F::needed("PlayerId").only(LOGIN),
        F::needed("GameCenterId").only(LINK),
        F::text("PublicKeyUrl"),
        F::text("Salt"),
        F::text("Signature"),
        F::text("Timestamp")
    ];
    GOOGLE = "google" "GoogleAccount" "GoogleAccount" ALL
        [F::needed("ServerAuthCode"), F::flag("SetEmail").only(LOGIN)];
    GOOGLE_PLAY_GAMES = "google-play-games" "GooglePlayGamesServices" "GooglePlayGamesServicesAccount" ALL
        [F::needed("ServerAuthCode")];
    IOS_DEVICE = "ios-device" "IOSDeviceID" "IOSDeviceID" ALL
        [F::needed("DeviceId").and(UNLINK), F::text("DeviceModel"), F::text("OS")];
    KONGREGATE = "kongregate" "Kongregate" "Kongregate" ALL [F::needed("KongregateId"), F::needed("AuthTicket")];
    NINTENDO_SERVICE_ACCOUNT = "nintendo-service-account" "NintendoServiceAccount" "NintendoServiceAccount" ALL
        [F::needed("IdentityToken")];
    NINTENDO_SWITCH_DEVICE = "nintendo-switch-device" "NintendoSwitchDeviceId" "NintendoSwitchDeviceId" ALL
        [F::needed("NintendoSwitchDeviceId").and(UNLINK)];
    OPEN_ID_CONNECT = "open-id-connect" "OpenIdConnect" "OpenIdConnect" ALL
        [F::needed("ConnectionId").max(100).needed_in(UNLINK), F::needed("IdToken")];
    PLAYFAB = "playfab" "PlayFab" "" LOGIN [F::needed("Username").typed(1, 0), F::needed("Password").typed(6, 100)];
    PSN = "psn" "PSN" "PSNAccount" ALL [F::needed("AuthCode"), F::needed("RedirectUri"), F::number("IssuerId")];
    REGISTRATION = "registration" "PlayFabUser" "" REGISTER [
        F::needed("Password").typed(6, 100).needed_in(REGISTER),
        F::text("Username").typed(3, 20).only(REGISTER),
        F::text("Email").typed(1, 0).only(REGISTER),
        F::text("DisplayName").typed(3, 25).only(REGISTER)
    ];
    STEAM = "steam" "Steam" "SteamAccount" ALL [F::needed("SteamTicket"), F::flag("TicketIsServiceSpecific")];
    TWITCH = "twitch" "Twitch" "Twitch" ALL [F::needed("AccessToken").and(UNLINK)];
    XBOX = "xbox" "Xbox" "XboxAccount" ALL [F::needed("XboxToken").and(UNLINK)];
}
