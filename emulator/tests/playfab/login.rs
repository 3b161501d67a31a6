//! Signing in, every platform alike, and what the title or the platform can have against it.

use emulator::playfab::{BANNED_PLAYER_ID, Defect, Flaw, PASSWORD, PLAYER_ID, Platform, TokenOrder, steam_ticket};
use serde_json::{Value, json};

use crate::bench::{Bench, body_of, data, refused};
use crate::contract::{Row, number, row, rows};

fn login(bench: &mut Bench, row: &Row, user: &str, more: &Value) -> emulator::Response {
    let mut body = row.body(bench, user);
    body.extend(more.as_object().unwrap().clone());
    row.send(bench, &Value::Null, body)
}

/// All logins but the two with passwords and the one that names a player.
fn logins() -> Vec<Row> {
    let platform = |row: &Row| row.verb() == "LoginWith" && row.optional.contains(&("CreateAccount", "bool"));
    let rows: Vec<Row> = rows().into_iter().filter(platform).collect();
    assert_eq!(rows.len(), 28);
    rows.into_iter().filter(|row| row.path() != "Server/LoginWithTwitch").collect()
}

#[test]
fn every_login_creates_a_player_only_when_asked_and_finds_it_again() {
    for row in logins() {
        let mut bench = Bench::new();
        refused(&login(&mut bench, &row, "newcomer", &json!({})), 400, "AccountNotFound", 1001);
        let first = data(&login(&mut bench, &row, "newcomer", &json!({ "CreateAccount": true })));
        assert_eq!((&first["NewlyCreated"], &first["LastLoginTime"]), (&json!(true), &json!("0001-01-01T00:00:00Z")));
        bench.advance_s(60);
        let again = data(&login(&mut bench, &row, "newcomer", &json!({ "CreateAccount": true })));
        assert_eq!((&again["NewlyCreated"], &again["PlayFabId"]), (&json!(false), &first["PlayFabId"]));
        assert_eq!(again["LastLoginTime"], "2027-01-15T08:00:00Z");
        assert_ne!((&again["SessionTicket"], &again["EntityToken"]), (&first["SessionTicket"], &first["EntityToken"]));
        let entity = &again["EntityToken"]["Entity"];
        assert_eq!((&entity["Type"], &entity["TypeString"]), (&json!("title_player_account"), &entity["Type"]));
        assert_eq!(again["EntityToken"]["TokenExpiration"], "2027-01-16T08:01:00Z", "24 hours from now");
        for flag in ["NeedsAttribution", "GatherDeviceInfo", "GatherFocusInfo"] {
            assert!(again["SettingsForUser"][flag].is_boolean());
        }
        assert!(again["TreatmentAssignment"]["Variants"].is_array() && again.get("InfoResultPayload").is_none());
        let id = first["PlayFabId"].as_str().unwrap().to_owned();
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
        bench.playfab().ban_player(&id, true);
        refused(&login(&mut bench, &row, "newcomer", &json!({})), 403, "AccountBanned", 1002);
    }
}

#[test]
fn a_server_signs_a_named_player_in_with_twitch() {
    let mut bench = Bench::new();
    let row = row("Server/LoginWithTwitch");
    let create = |id: &str| json!({ "CreateAccount": true, "PlayFabId": id });
    refused(&login(&mut bench, &row, "t", &create("FFFF")), 400, "AccountNotFound", 1001);
    data(&login(&mut bench, &row, "t", &create(PLAYER_ID)));
}

#[test]
fn what_is_wrong_with_a_credential_is_told_in_the_platforms_own_code() {
    let mut bench = Bench::new();
    for (path, field, credential, error) in [
        ("Client/LoginWithXbox", "XboxToken", "nonsense", "InvalidXboxLiveToken"),
        ("Client/LoginWithXbox", "XboxToken", "emu.x?expired", "ExpiredXboxLiveToken"),
        ("Client/LoginWithXbox", "XboxToken", "emu.x?unreachable", "XboxInaccessible"),
        ("Client/LoginWithXbox", "XboxToken", "emu.x?rejected", "XboxRejectedXSTSExchangeRequest"),
        ("Client/LoginWithXbox", "XboxToken", "emu.x?exchange", "XboxXASSExchangeFailure"),
        ("Client/LinkXboxAccount", "XboxToken", "emu.x?expired", "ExpiredXboxLiveToken"),
        ("Server/LinkXboxAccount", "XboxToken", "emu.x?expired", "InvalidXboxLiveToken"),
        ("Client/LoginWithPSN", "AuthCode", "nonsense", "InvalidPSNAuthCode"),
        ("Client/LoginWithPSN", "AuthCode", "emu.p?issuer", "InvalidPSNIssuerId"),
        ("Client/LoginWithPSN", "AuthCode", "emu.p?unreachable", "PSNInaccessible"),
        ("Server/LinkPSNAccount", "AuthCode", "emu.p?namespace", "InvalidNamespaceMismatch"),
        ("Client/LoginWithGoogleAccount", "ServerAuthCode", "nonsense", "InvalidGoogleToken"),
        ("Client/LoginWithGoogleAccount", "ServerAuthCode", "emu.g?exchange", "GoogleOAuthError"),
        (
            "Client/LoginWithGoogleAccount",
            "ServerAuthCode",
            "emu.g?no_id_token",
            "GoogleOAuthNoIdTokenIncludedInResponse",
        ),
        (
            "Client/LoginWithGooglePlayGamesServices",
            "ServerAuthCode",
            "nonsense",
            "InvalidGooglePlayGamesServerAuthCode",
        ),
        ("Client/LoginWithGooglePlayGamesServices", "ServerAuthCode", "emu.g?no_id_token", "InvalidGoogleToken"),
        ("Client/LoginWithFacebook", "AccessToken", "nonsense", "InvalidFacebookToken"),
        ("Client/LoginWithFacebook", "AccessToken", "emu.f?unreachable", "FacebookAPIError"),
        (
            "Client/LoginWithFacebookInstantGamesId",
            "FacebookInstantGamesSignature",
            "nonsense",
            "InvalidFacebookInstantGamesSignature",
        ),
        ("Client/LoginWithTwitch", "AccessToken", "nonsense", "InvalidTwitchToken"),
        ("Client/LoginWithTwitch", "AccessToken", "emu.t?unreachable", "TwitchResponseError"),
        ("Client/UnlinkTwitch", "AccessToken", "nonsense", "InvalidTwitchToken"),
        ("Client/UnlinkXboxAccount", "XboxToken", "nonsense", "InvalidXboxLiveToken"),
        ("Client/LoginWithKongregate", "AuthTicket", "emu.another", "InvalidKongregateToken"),
        ("Client/LoginWithOpenIdConnect", "IdToken", "nonsense", "InvalidIdentityProviderId"),
        ("Client/LoginWithOpenIdConnect", "ConnectionId", "unknown", "InvalidIdentityProviderId"),
        ("Client/LoginWithBattleNet", "IdentityToken", "nonsense", "InvalidAuthToken"),
        ("Client/LinkBattleNetAccount", "IdentityToken", "nonsense", "InvalidIdentityProviderId"),
        ("Client/LinkApple", "IdentityToken", "nonsense", "InvalidIdentityProviderId"),
        ("Client/LoginWithGameCenter", "PlayerId", "with space", "InvalidGameCenterId"),
        ("Client/LinkGameCenterAccount", "GameCenterId", "with space", "InvalidGameCenterAuthRequest"),
        ("Client/LoginWithGameCenter", "Salt", "", "InvalidGameCenterAuthRequest"),
        ("Client/LoginWithGameCenter", "Signature", "emu.another", "GameCenterAuthenticationFailed"),
    ] {
        let row = row(path);
        assert!(row.lists(error), "{path} does not list {error}");
        let player = bench.login("caller");
        let mut body = row.body(&mut bench, "someone");
        body.insert(field.to_owned(), json!(credential));
        refused(&row.send(&mut bench, &player, body), 400, error, number(error));
    }
}

#[test]
fn a_steam_ticket_is_hexadecimal_and_says_how_it_was_made() {
    let mut bench = Bench::new();
    let mut ask = |ticket: &str, specific: Value| {
        let body = json!({ "SteamTicket": ticket, "TicketIsServiceSpecific": specific, "CreateAccount": true });
        bench.open("LoginWithSteam", body)
    };
    let (session, web) = (steam_ticket("emu.7"), steam_ticket("emu.7?web"));
    data(&ask(&session, Value::Null));
    data(&ask(&session.to_ascii_uppercase(), json!(false)));
    data(&ask(&web, json!(true)));
    for (ticket, specific) in [
        ("emu.7", json!(false)),
        ("8", json!(false)),
        ("zz", json!(false)),
        (session.as_str(), json!(true)),
        (web.as_str(), json!(false)),
    ] {
        refused(&ask(ticket, specific), 400, "InvalidSteamTicket", 1010);
    }
    refused(&ask(&steam_ticket("emu.7?no_user"), json!(false)), 400, "SteamUserNotFound", 1513);
}

#[test]
fn a_stale_apple_token_is_not_authorized_and_a_retired_key_has_a_code() {
    let mut bench = Bench::new();
    let mut mint = |platform, defect| bench.mint(&TokenOrder { defect, ..TokenOrder::new(platform, "a") });
    let stale = mint(Platform::Apple, Some(Defect::Expired));
    let retired = mint(Platform::Apple, Some(Defect::UnknownKey));
    let nintendo = mint(Platform::NintendoServiceAccount, None);
    let mut ask = |token: &str| bench.open("LoginWithApple", json!({ "IdentityToken": token, "CreateAccount": true }));
    refused(&ask(&stale), 401, "NotAuthorized", 1089);
    refused(&ask(&retired), 400, "TokenSigningKeyNotFound", 1568);
    refused(&ask(&nintendo), 400, "TokenSigningKeyNotFound", 1568);
}

#[test]
fn a_platform_that_is_off_answers_its_own_code_where_the_call_lists_it() {
    for (part, platform, error) in [
        ("Steam", Platform::Steam, "SteamNotEnabledForTitle"),
        ("NintendoServiceAccount", Platform::NintendoServiceAccount, "NintendoSwitchNotEnabledForTitle"),
        ("Apple", Platform::Apple, "AppleNotEnabledForTitle"),
        ("GoogleAccount", Platform::Google, "GoogleOAuthNotConfiguredForTitle"),
        ("GooglePlayGames", Platform::GooglePlayGames, "GoogleOAuthNotConfiguredForTitle"),
        ("PSN", Platform::Psn, "FeatureNotConfiguredForTitle"),
        ("Twitch", Platform::Twitch, "FeatureNotConfiguredForTitle"),
        ("Kongregate", Platform::Kongregate, "FeatureNotConfiguredForTitle"),
        ("BattleNet", Platform::BattleNet, "BattleNetNotEnabledForTitle"),
        ("FacebookInstant", Platform::FacebookInstantGames, "FacebookInstantGamesAuthNotConfiguredForTitle"),
    ] {
        let mut told = 0;
        for row in rows().into_iter().filter(|row| row.name.contains(part) && row.lists(error)) {
            let mut bench = Bench::new();
            let player = bench.login("caller");
            bench.playfab().platform_mut(platform).enabled = false;
            let mut body = row.body(&mut bench, "someone");
            body.entry("PlayFabId").or_insert(json!(PLAYER_ID));
            refused(&row.send(&mut bench, &player, body), 400, error, number(error));
            told += 1;
        }
        assert!(told > 0, "{part}");
    }
}

#[test]
fn a_platform_can_be_out_of_order_and_not_know_a_user() {
    let mut bench = Bench::new();
    let body = json!({ "XboxId": "x", "Sandbox": "RETAIL", "CreateAccount": true });
    bench.playfab().platform_mut(Platform::Xbox).outage = Some(Flaw::Unreachable);
    refused(&bench.server("LoginWithXboxId", &body), 400, "XboxInaccessible", 1339);
    bench.playfab().platform_mut(Platform::Xbox).outage = Some(Flaw::Throttled);
    refused(&bench.server("LoginWithXboxId", &body), 429, "XboxServiceTooManyRequests", 1505);
    bench.playfab().platform_mut(Platform::Xbox).outage = None;
    data(&bench.server("LoginWithXboxId", &body));
    bench.playfab().platform_mut(Platform::Steam).unknown_users.insert("404".into());
    refused(&bench.server("LoginWithSteamId", &json!({ "SteamId": "404" })), 400, "SteamUserNotFound", 1513);
}

#[test]
fn a_ticket_can_be_good_for_one_use() {
    let mut bench = Bench::new();
    bench.playfab().knobs_mut().single_use_credentials = true;
    let steam = json!({ "SteamTicket": steam_ticket("emu.76561197960287930"), "TitleId": "ABCD1" });
    data(&bench.open("LoginWithSteam", steam.clone()));
    refused(&bench.open("LoginWithSteam", steam), 400, "InvalidSteamTicket", 1010);
    data(&bench.open("LoginWithSteam", json!({ "SteamTicket": steam_ticket("emu.76561197960287930?2") })));
    let token = bench.nintendo("nsa-nova");
    for _ in 0..2 {
        data(&bench.open("LoginWithNintendoServiceAccount", json!({ "IdentityToken": token })));
    }
}

#[test]
fn passwords_have_one_answer_for_all_mistakes_and_not_endlessly() {
    let mut bench = Bench::new();
    let by_name = |name: &str, password: &str| json!({ "Username": name, "Password": password });
    let login = data(&bench.open("LoginWithPlayFab", by_name("Nova", PASSWORD)));
    assert_eq!(login["PlayFabId"], PLAYER_ID);
    refused(&bench.open("LoginWithPlayFab", by_name("nova", "wrong")), 400, "InvalidUsernameOrPassword", 1003);
    refused(&bench.open("LoginWithPlayFab", by_name("nobody", "wrong")), 400, "InvalidUsernameOrPassword", 1003);
    refused(&bench.open("LoginWithPlayFab", by_name("vex", PASSWORD)), 403, "AccountBanned", 1002);
    let by_email = |password: &str| json!({ "Email": "NOVA@example.com", "Password": password });
    data(&bench.open("LoginWithEmailAddress", by_email(PASSWORD)));
    for _ in 0..10 {
        refused(&bench.open("LoginWithEmailAddress", by_email("wrong")), 400, "InvalidEmailOrPassword", 1142);
    }
    let closed = bench.open("LoginWithEmailAddress", by_email(PASSWORD));
    refused(&closed, 429, "FailedLoginAttemptRateLimitExceeded", 1356);
    assert_eq!(closed.header("retry-after"), Some("300"));
    bench.advance_s(300);
    data(&bench.open("LoginWithEmailAddress", by_email(PASSWORD)));
}

#[test]
fn a_title_may_take_no_more_players() {
    let mut bench = Bench::new();
    let new = json!({ "CustomId": "new", "CreateAccount": true });
    bench.playfab().knobs_mut().player_cap = Some(3);
    refused(&bench.open("LoginWithCustomID", new.clone()), 400, "EvaluationModePlayerCountExceeded", 1490);
    bench.playfab().knobs_mut().player_cap = None;
    bench.playfab().knobs_mut().player_creation = false;
    refused(&bench.open("LoginWithCustomID", new), 400, "PlayerCreationDisabled", 22000);
    data(&bench.open("LoginWithCustomID", json!({ "CustomId": "nova-device" })));
}

#[test]
fn enterprise_features_are_refused_as_a_title_without_them_does() {
    let mut bench = Bench::new();
    let encrypted = json!({ "EncryptedRequest": "AAAA" });
    refused(&bench.open("LoginWithSteam", encrypted.clone()), 400, "EncryptionKeyMissing", 1290);
    bench.playfab().knobs_mut().encrypted_requests = false;
    refused(&bench.open("LoginWithCustomID", encrypted), 400, "EncryptedRequestNotAllowed", 1301);
    let secret = json!({ "CustomId": "nova-device", "PlayerSecret": "s" });
    refused(&bench.open("LoginWithCustomID", secret.clone()), 400, "PlayerSecretNotConfigured", 1323);
    bench.playfab().knobs_mut().player_secrets = true;
    data(&bench.open("LoginWithCustomID", secret.clone()));
    refused(&bench.open("LoginWithCustomID", secret), 400, "PlayerSecretAlreadyConfigured", 1294);
    let views = json!({ "CustomId": "nova-device",
        "InfoRequestParameters": { "GetPlayerProfile": true, "ProfileConstraints": { "ShowLocations": true } } });
    data(&bench.open("LoginWithCustomID", views.clone()));
    bench.playfab().knobs_mut().profile_views = false;
    refused(&bench.open("LoginWithCustomID", views), 400, "RequestViewConstraintParamsNotAllowed", 1303);
}

#[test]
fn a_login_brings_what_it_asks_for_and_every_link_can_be_read_back() {
    let mut bench = Bench::new();
    let wanted = json!({ "GetUserAccountInfo": true, "GetUserData": true, "GetPlayerProfile": false });
    let login =
        data(&bench.open("LoginWithCustomID", json!({ "CustomId": "nova-device", "InfoRequestParameters": wanted })));
    let payload = &login["InfoResultPayload"];
    assert_eq!((&payload["UserData"], payload.get("PlayerProfile")), (&json!({}), None));
    let info = &payload["AccountInfo"];
    assert_eq!(info["NintendoSwitchAccountInfo"]["NintendoSwitchAccountSubjectId"], "nsa-nova");
    assert_eq!(info["SteamInfo"]["SteamId"], "76561197960287930");
    assert_eq!(info["CustomIdInfo"]["CustomId"], "nova-device");
    assert_eq!((info.get("XboxInfo"), &info["TitleInfo"]["DisplayName"]), (None, &json!("Nova")));

    let ticket = login["SessionTicket"].as_str().unwrap();
    let xbox = json!({ "XboxToken": "emu.2533.Major%20Nova" });
    data(&bench.client(ticket, "LinkXboxAccount", &xbox));
    let info = data(&bench.client(ticket, "GetAccountInfo", &json!({})))["AccountInfo"].clone();
    assert_eq!(info["XboxInfo"]["XboxUserId"], "2533");
    let other = data(&bench.client(ticket, "GetAccountInfo", &json!({ "Username": "vex" })));
    assert_eq!(other["AccountInfo"]["TitleInfo"]["isBanned"], true);
    refused(&bench.client(ticket, "GetAccountInfo", &json!({ "Email": "x@y.z" })), 400, "AccountNotFound", 1001);
    let server = data(&bench.server("GetUserAccountInfo", &json!({ "PlayFabId": BANNED_PLAYER_ID })));
    assert_eq!(server["UserInfo"]["Username"], "vex");
    assert!(body_of(&bench.server("GetUserAccountInfo", &json!({ "PlayFabId": "F" })))["error"] == "AccountNotFound");
}
