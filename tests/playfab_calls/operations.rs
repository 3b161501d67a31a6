//! Each login, link and unlink call of the contract as the user of the library writes it. A value is `v-` and the name of
//! the field that it is to be found in.

use playerlink::Result;
use playerlink::host::Host;
use playerlink::playfab::server::{self, PlayFabServer};
use playerlink::playfab::{Credential, GameCenterSignature, Info, PlayFab, PlayFabSession, Unlink};

/// The names after `LoginWith` and `Link`, what is presented, and what an unlink names.
type Client = (&'static str, &'static str, Credential, Option<Unlink>);
type Server = (&'static str, &'static str, Option<server::Credential>, Option<server::Unlink>);

pub(crate) fn client() -> Vec<Client> {
    let signed = GameCenterSignature {
        public_key_url: "v-PublicKeyUrl".into(),
        salt: "v-Salt".into(),
        signature: "v-Signature".into(),
        timestamp: "v-Timestamp".into(),
    };
    let token = "v-IdentityToken";
    vec![
        (
            "AndroidDeviceID",
            "AndroidDeviceID",
            Credential::android_device("v-AndroidDeviceId").device("v-AndroidDevice", "v-OS"),
            Some(Unlink::android_device().which("v-AndroidDeviceId")),
        ),
        ("Apple", "Apple", Credential::apple(token), Some(Unlink::apple())),
        ("BattleNet", "BattleNetAccount", Credential::battle_net(token), Some(Unlink::battle_net())),
        ("CustomID", "CustomID", Credential::custom_id("v-CustomId"), Some(Unlink::custom_id().which("v-CustomId"))),
        ("EmailAddress", "", Credential::email("v-Email", "v-Password"), None),
        ("Facebook", "FacebookAccount", Credential::facebook("v-AccessToken"), Some(Unlink::facebook())),
        (
            "FacebookInstantGamesId",
            "FacebookInstantGamesId",
            Credential::facebook_instant_games("v-FacebookInstantGamesSignature"),
            Some(Unlink::facebook_instant_games().which("v-FacebookInstantGamesId")),
        ),
        ("GameCenter", "GameCenterAccount", Credential::game_center("v-PlayerId", signed), Some(Unlink::game_center())),
        ("GoogleAccount", "GoogleAccount", Credential::google("v-ServerAuthCode"), Some(Unlink::google())),
        (
            "GooglePlayGamesServices",
            "GooglePlayGamesServicesAccount",
            Credential::google_play_games("v-ServerAuthCode"),
            Some(Unlink::google_play_games()),
        ),
        (
            "IOSDeviceID",
            "IOSDeviceID",
            Credential::ios_device("v-DeviceId").device("v-DeviceModel", "v-OS"),
            Some(Unlink::ios_device().which("v-DeviceId")),
        ),
        (
            "Kongregate",
            "Kongregate",
            Credential::kongregate("v-KongregateId", "v-AuthTicket"),
            Some(Unlink::kongregate()),
        ),
        (
            "NintendoServiceAccount",
            "NintendoServiceAccount",
            Credential::nintendo_service_account(token),
            Some(Unlink::nintendo_service_account()),
        ),
        (
            "NintendoSwitchDeviceId",
            "NintendoSwitchDeviceId",
            Credential::nintendo_switch_device("v-NintendoSwitchDeviceId"),
            Some(Unlink::nintendo_switch_device().which("v-NintendoSwitchDeviceId")),
        ),
        (
            "OpenIdConnect",
            "OpenIdConnect",
            Credential::open_id_connect("v-ConnectionId", "v-IdToken"),
            Some(Unlink::open_id_connect("v-ConnectionId")),
        ),
        ("PlayFab", "", Credential::playfab("v-Username", "v-Password"), None),
        ("PSN", "PSNAccount", Credential::psn("v-AuthCode", "v-RedirectUri").issuer_id(256), Some(Unlink::psn())),
        (
            "Steam",
            "SteamAccount",
            Credential::steam("v-SteamTicket").ticket_is_service_specific(),
            Some(Unlink::steam()),
        ),
        ("Twitch", "Twitch", Credential::twitch("v-AccessToken"), Some(Unlink::twitch().which("v-AccessToken"))),
        ("Xbox", "XboxAccount", Credential::xbox("v-XboxToken"), Some(Unlink::xbox().which("v-XboxToken"))),
    ]
}

pub(crate) fn server() -> Vec<Server> {
    use server::{Credential, Unlink};
    let token = "v-IdentityToken";
    vec![
        ("AndroidDeviceID", "", Some(Credential::android_device("v-AndroidDeviceId")), None),
        ("BattleNet", "BattleNetAccount", Some(Credential::battle_net(token)), Some(Unlink::battle_net())),
        ("CustomID", "", Some(Credential::custom_id("v-CustomId")), None),
        ("", "FacebookAccount", None, Some(Unlink::facebook())),
        ("", "FacebookInstantGamesId", None, Some(Unlink::facebook_instant_games().which("v-FacebookInstantGamesId"))),
        ("IOSDeviceID", "", Some(Credential::ios_device("v-DeviceId")), None),
        (
            "",
            "NintendoServiceAccount",
            Some(Credential::nintendo_service_account(token)),
            Some(Unlink::nintendo_service_account()),
        ),
        ("", "NintendoServiceAccountSubject", Some(Credential::nintendo_service_account_subject("v-Subject")), None),
        (
            "",
            "NintendoSwitchDeviceId",
            Some(Credential::nintendo_switch_device("v-NintendoSwitchDeviceId")),
            Some(Unlink::nintendo_switch_device().which("v-NintendoSwitchDeviceId")),
        ),
        ("PSN", "PSNAccount", Some(Credential::psn("v-AuthCode", "v-RedirectUri")), Some(Unlink::psn())),
        ("", "PSNId", Some(Credential::psn_id("v-PSNUserId").issuer_id(1)), None),
        (
            "ServerCustomId",
            "ServerCustomId",
            Some(Credential::server_custom_id("v-ServerCustomId")),
            Some(Unlink::server_custom_id("v-ServerCustomId")),
        ),
        ("SteamId", "SteamId", Some(Credential::steam_id("v-SteamId")), Some(Unlink::steam())),
        (
            "Twitch",
            "TwitchAccount",
            Some(Credential::twitch("v-AccessToken").player("v-PlayFabId")),
            Some(Unlink::twitch().which("v-AccessToken")),
        ),
        ("Xbox", "XboxAccount", Some(Credential::xbox("v-XboxToken")), Some(Unlink::xbox().which("v-XboxToken"))),
        ("XboxId", "XboxId", Some(Credential::xbox_id("v-XboxId", "v-Sandbox")), None),
    ]
}

/// Makes one call of the contract's table, with everything that may go with it.
pub(crate) async fn call<H: Host>(
    client: &PlayFab<H>,
    session: &PlayFabSession<H>,
    server: &PlayFabServer<H>,
    api: &str,
    operation: &str,
) -> Result<()> {
    let wanted = |verb: &str, noun: &str| !noun.is_empty() && operation == format!("{verb}{noun}");
    if api == "Client" {
        for (login, link, credential, unlink) in self::client() {
            let tagged = credential.custom_tag("build", "1.2.3");
            if wanted("LoginWith", login) {
                let credential = tagged.create_account().info(&[Info::PlayerProfile]).player_secret("v-PlayerSecret");
                return client.login(credential).await.map(drop);
            }
            if wanted("Link", link) {
                return session.link(&tagged.force_link()).await;
            }
            if wanted("Unlink", link) {
                return session.unlink(&unlink.expect("an unlink").custom_tag("build", "1.2.3")).await;
            }
        }
    } else {
        for (login, link, credential, unlink) in self::server() {
            if let Some(credential) = credential {
                let tagged = credential.custom_tag("build", "1.2.3");
                if wanted("LoginWith", login) {
                    return server.login(&tagged.create_account()).await.map(drop);
                }
                if wanted("Link", link) {
                    return server.link("v-PlayFabId", &tagged.force_link()).await;
                }
            }
            if let Some(unlink) = unlink
                && wanted("Unlink", link)
            {
                return server.unlink("v-PlayFabId", &unlink.custom_tag("build", "1.2.3")).await;
            }
        }
    }
    panic!("{api}/{operation} cannot be called")
}
