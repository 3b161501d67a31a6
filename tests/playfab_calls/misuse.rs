//! Mistakes of the caller: found before anything is sent, and told with what to write instead.

use playerlink::playfab::server::{self, PlayFabServer, ServerConfig};
use playerlink::playfab::{Config, Credential, PlayFab, Registration, Unlink};
use playerlink::{Error, ErrorKind};

use crate::title::Title;

#[track_caller]
fn says(error: &Error, kind: ErrorKind, what: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(what), "{error}");
}

#[test]
fn a_wrong_title_id_says_what_to_write() {
    let title = Title::new();
    for id in ["", " ", "ABCD1.playfabapi.com", "https://abcd1.playfabapi.com", "AB/CD", "ABCD1\n"] {
        for config in [Config::title(id), Config::title(id).base_url("https://vertical.playfabapi.com")] {
            says(&PlayFab::new(config, title.host.clone()).unwrap_err(), ErrorKind::Configuration, "`ABCD1`");
        }
    }
    let config = Config::title("ABCD1").base_url("http://playfab.example");
    says(&PlayFab::new(config, title.host.clone()).unwrap_err(), ErrorKind::Configuration, "https://");
    for ms in [0, 120_001] {
        let config = Config::title("ABCD1").timeout_ms(ms);
        says(&PlayFab::new(config, title.host.clone()).unwrap_err(), ErrorKind::Configuration, "10000");
    }
}

#[test]
fn a_server_without_a_secret_key_says_where_it_is() {
    let title = Title::new();
    let error = PlayFabServer::new(ServerConfig::title("ABCD1", ""), title.host.clone()).unwrap_err();
    says(&error, ErrorKind::Configuration, "Secret Keys");
    let error = PlayFabServer::new(ServerConfig::title("", "key"), title.host.clone()).unwrap_err();
    says(&error, ErrorKind::Configuration, "`ABCD1`");
    let server = PlayFabServer::new(ServerConfig::title("ABCD1", "CANARY"), title.host.clone()).unwrap();
    assert!(!format!("{server:?} {:?}", ServerConfig::title("ABCD1", "CANARY")).contains("CANARY"));
}

#[test]
fn a_missing_value_names_its_field_and_is_not_sent() {
    let title = Title::new();
    for (credential, field) in [
        (Credential::steam(""), "SteamTicket"),
        (Credential::xbox(""), "XboxToken"),
        (Credential::psn("code", ""), "RedirectUri"),
        (Credential::psn("", "uri"), "AuthCode"),
        (Credential::nintendo_service_account(""), "IdentityToken"),
        (Credential::nintendo_switch_device(""), "NintendoSwitchDeviceId"),
        (Credential::apple(""), "IdentityToken"),
        (Credential::google(""), "ServerAuthCode"),
        (Credential::google_play_games(""), "ServerAuthCode"),
        (Credential::twitch(""), "AccessToken"),
        (Credential::battle_net(""), "IdentityToken"),
        (Credential::custom_id(""), "CustomId"),
        (Credential::open_id_connect("", "jwt"), "ConnectionId"),
        (Credential::open_id_connect("c", ""), "IdToken"),
    ] {
        let session = title.session();
        for error in [
            title.run(title.client().login(credential.clone())).unwrap_err(),
            title.run(session.link(&credential)).unwrap_err(),
        ] {
            says(&error, ErrorKind::Misuse, &format!("`{field}` is missing"));
        }
        assert!(title.take().is_empty());
    }
}

#[test]
fn an_id_over_its_limit_is_not_sent() {
    let title = Title::new();
    let session = title.session();
    // playfab.md §4: at most 100 characters, not bytes.
    assert!(title.run(session.link(&Credential::open_id_connect("é".repeat(100), "jwt"))).is_ok());
    title.take();
    let error = title.run(session.link(&Credential::open_id_connect("c".repeat(101), "jwt"))).unwrap_err();
    says(&error, ErrorKind::Misuse, "1 to 100 characters");
    let error = title.run(session.unlink(&Unlink::open_id_connect("c".repeat(101)))).unwrap_err();
    says(&error, ErrorKind::Misuse, "ConnectionId");
    for count in [0, 26] {
        let ids = vec!["n"; count];
        says(&title.run(session.playfab_ids_of_nintendo_accounts(&ids)).unwrap_err(), ErrorKind::Misuse, "1 to 25");
        let error = title.run(title.server().playfab_ids_of_nintendo_accounts(&ids)).unwrap_err();
        says(&error, ErrorKind::Misuse, "1 to 25");
    }
    assert!(title.take().is_empty());
}

#[test]
fn what_the_player_types_is_asked_for_again() {
    let title = Title::new();
    for credential in [
        Credential::email("", "correct-horse"),
        Credential::email("nova@example.com", ""),
        Credential::email("nova@example.com", "short"),
        Credential::playfab("", "correct-horse"),
        Credential::playfab("nova", "x".repeat(101)),
    ] {
        let error = title.run(title.client().login(credential)).unwrap_err();
        says(&error, ErrorKind::Credentials, "ask the player");
    }
    for registration in [
        Registration::new("short").username("nova"),
        Registration::new("x".repeat(101)).username("nova"),
        Registration::new("correct-horse").username("no"),
        Registration::new("correct-horse").username("n".repeat(21)),
        Registration::new("correct-horse").username("nova").display_name("No"),
        Registration::new("correct-horse").username("nova").display_name("n".repeat(26)),
    ] {
        let error = title.run(title.client().register(&registration)).unwrap_err();
        says(&error, ErrorKind::Credentials, "ask the player");
    }
    let error = title.run(title.client().register(&Registration::new("correct-horse"))).unwrap_err();
    says(&error, ErrorKind::Misuse, "user name, an e-mail address");
    assert!(title.take().is_empty());
}

#[test]
fn a_call_that_playfab_does_not_have_says_so() {
    let title = Title::new();
    let session = title.session();
    for credential in [Credential::email("a@b.example", "correct-horse"), Credential::playfab("nova", "correct-horse")]
    {
        says(&title.run(session.link(&credential)).unwrap_err(), ErrorKind::Misuse, "PlayFab has no call");
    }
    let server = title.server();
    use server::Credential as Server;
    for credential in
        [Server::nintendo_service_account("jwt"), Server::nintendo_switch_device("d"), Server::psn_id("1")]
    {
        says(&title.run(server.login(&credential)).unwrap_err(), ErrorKind::Misuse, "PlayFab has no call");
    }
    for credential in [Server::custom_id("c"), Server::android_device("d"), Server::ios_device("d")] {
        says(&title.run(server.link("P", &credential)).unwrap_err(), ErrorKind::Misuse, "PlayFab has no call");
    }
    says(&title.run(server.login(&Server::twitch("t"))).unwrap_err(), ErrorKind::Misuse, "`PlayFabId` is missing");
    assert!(title.take().is_empty());
}

#[test]
fn a_server_call_needs_its_player() {
    let title = Title::new();
    let link = title.run(title.server().link("", &server::Credential::steam_id("1"))).unwrap_err();
    says(&link, ErrorKind::Misuse, "PlayFab id");
    let unlink = title.run(title.server().unlink("", &server::Unlink::steam())).unwrap_err();
    says(&unlink, ErrorKind::Misuse, "PlayFab id");
    let ticket = title.run(title.server().authenticate_session_ticket(&"".into())).unwrap_err();
    says(&ticket, ErrorKind::Misuse, "session ticket");
    assert!(title.take().is_empty());
}

#[test]
fn a_call_by_name_must_be_one_of_the_clients() {
    let title = Title::new();
    let session = title.session();
    for path in ["Server/LinkNintendoServiceAccount", "Admin/DeletePlayer", "Matchmaker/AuthUser"] {
        says(&title.run(session.call(path, "{}")).unwrap_err(), ErrorKind::Misuse, "game server");
    }
    for path in
        ["", "/", "Client", "Client/", "/Client/GetAccountInfo", "Client/Get?x=1", "Client/../Server/X", "a/b/c"]
    {
        says(&title.run(session.call(path, "{}")).unwrap_err(), ErrorKind::Misuse, "Client/GetAccountInfo");
    }
    for body in ["", "null", "[]", "{", "\"x\""] {
        says(&title.run(session.call("Client/GetAccountInfo", body)).unwrap_err(), ErrorKind::Misuse, "`{}`");
    }
    assert!(title.take().is_empty());
}
