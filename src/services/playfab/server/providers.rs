//! The server's rows of the table (playfab.md §4.4 to §4.6). It trusts the caller: several take an id where the client's
//! row takes a proof.

use crate::services::playfab::table::{ALL, Field as F, LINK, LOGIN, UNLINK, providers};

const PRESENT: u8 = LOGIN | LINK;
const BIND: u8 = LINK | UNLINK;

providers! {
    /// What a game server may call.
    SERVER:
    ANDROID_DEVICE = "android-device" "AndroidDeviceID" "" LOGIN
        [F::needed("AndroidDeviceId"), F::text("AndroidDevice"), F::text("OS")];
    BATTLE_NET = "battle-net" "BattleNet" "BattleNetAccount" ALL [F::needed("IdentityToken")];
    CUSTOM_ID = "custom-id" "CustomID" "" LOGIN [F::needed("CustomId")];
    FACEBOOK = "facebook" "" "FacebookAccount" UNLINK [];
    FACEBOOK_INSTANT_GAMES = "facebook-instant-games" "" "FacebookInstantGamesId" UNLINK
        [F::text("FacebookInstantGamesId").only(UNLINK)];
    IOS_DEVICE = "ios-device" "IOSDeviceID" "" LOGIN
        [F::needed("DeviceId"), F::text("DeviceModel"), F::text("OS")];
    NINTENDO_SERVICE_ACCOUNT = "nintendo-service-account" "" "NintendoServiceAccount" BIND
        [F::needed("IdentityToken")];
    NINTENDO_SERVICE_ACCOUNT_SUBJECT = "nintendo-service-account-subject" "" "NintendoServiceAccountSubject" LINK
        [F::needed("Subject")];
    NINTENDO_SWITCH_DEVICE = "nintendo-switch-device" "" "NintendoSwitchDeviceId" BIND
        [F::needed("NintendoSwitchDeviceId").and(UNLINK)];
    PSN = "psn" "PSN" "PSNAccount" ALL [F::needed("AuthCode"), F::needed("RedirectUri"), F::number("IssuerId")];
    PSN_ID = "psn-id" "" "PSNId" LINK [F::needed("PSNUserId"), F::number("IssuerId")];
    SERVER_CUSTOM_ID = "server-custom-id" "ServerCustomId" "ServerCustomId" ALL
        [F::needed("ServerCustomId").needed_in(UNLINK)];
    STEAM_ID = "steam-id" "SteamId" "SteamId" ALL [F::needed("SteamId")];
    TWITCH = "twitch" "Twitch" "TwitchAccount" ALL
        [F::needed("AccessToken").and(UNLINK), F::needed("PlayFabId").only(LOGIN)];
    XBOX = "xbox" "Xbox" "XboxAccount" ALL [F::needed("XboxToken").and(UNLINK)];
    XBOX_ID = "xbox-id" "XboxId" "XboxId" PRESENT [F::needed("XboxId"), F::needed("Sandbox")];
}
