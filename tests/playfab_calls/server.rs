//! What only the game server does.

use playerlink::ErrorKind;
use playerlink::host::SimReply;
use playerlink::playfab::server::Credential;
use serde_json::json;

use crate::support::code;
use crate::title::{HOUR_MS, SECRET_KEY, Title};

fn success(data: &serde_json::Value) -> String {
    json!({ "code": 200, "status": "OK", "data": data }).to_string()
}

#[test]
fn a_login_by_the_server_brings_what_the_client_needs() {
    let title = Title::new();
    let login = title.run(title.server().login(&Credential::server_custom_id("player-1").create_account())).unwrap();
    assert_eq!(login.session_ticket.expose(), "ST");
    assert_eq!(login.session_ticket_expires_in_ms, 23 * HOUR_MS);
    assert_eq!(login.entity_token.unwrap().expose(), "ET-1");
    assert_eq!(login.entity_token_expires_in_ms, Some(24 * HOUR_MS));
    assert_eq!((login.details.playfab_id.as_str(), login.details.newly_created), ("A1B2C3D4E5F60718", true));
    assert_eq!(login.details.title_player_id.as_deref(), Some("T1"));
    let sent = title.take().remove(0);
    assert_eq!(sent.path(), "/Server/LoginWithServerCustomId");
    assert_eq!(sent.body, json!({ "ServerCustomId": "player-1", "CreateAccount": true }));
}

#[test]
fn a_session_ticket_is_checked() {
    let title = Title::new();
    let user = json!({ "PlayFabId": "A1", "Username": "nova" });
    title.answers(200, &success(&json!({ "UserInfo": user, "IsSessionTicketExpired": true })));
    let checked = title.run(title.server().authenticate_session_ticket(&"ST".into())).unwrap();
    assert_eq!((checked.playfab_id.as_str(), checked.expired), ("A1", true));
    assert!(checked.user_info.contains("nova"));
    let sent = title.take().remove(0);
    assert_eq!(sent.path(), "/Server/AuthenticateSessionTicket");
    assert_eq!(sent.body, json!({ "SessionTicket": "ST" }));
    title.answers(200, &success(&json!({})));
    let error = title.run(title.server().authenticate_session_ticket(&"ST".into())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[test]
fn a_bad_session_ticket_is_the_players_and_a_bad_secret_key_the_developers() {
    let title = Title::new();
    title.refuses(400, "InvalidSessionTicket", 1100);
    let error = title.run(title.server().authenticate_session_ticket(&"ST".into())).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("InvalidSessionTicket", ErrorKind::SessionOver));
    for (name, number) in [("NotAuthenticated", 1074), ("SecretKeyNotFound", 1293)] {
        title.refuses(401, name, number);
        let errors = [
            title.run(title.server().authenticate_session_ticket(&"ST".into())).unwrap_err(),
            title.run(title.server().link("P", &Credential::steam_id("1"))).unwrap_err(),
            title.run(title.server().title_token()).unwrap_err(),
        ];
        for error in errors {
            assert_eq!((code(&error), error.code_number()), (name, Some(number)));
            assert_eq!((error.kind(), error.status()), (ErrorKind::Configuration, Some(401)));
            assert!(!format!("{error} {error:?}").contains(SECRET_KEY));
        }
    }
    title.answers(401, "");
    let error = title.run(title.server().title_token()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Configuration, None));
}

#[test]
fn the_secret_key_gets_a_token_of_the_title() {
    let title = Title::new();
    let body = success(&json!({
        "EntityToken": "TT",
        "TokenExpiration": "2026-01-01T01:00:00Z",
        "Entity": { "Id": "ABCD1", "Type": "title" },
    }));
    // Its clock is half an hour ahead of ours.
    let headers = vec![("date".to_owned(), "Thu, 01 Jan 2026 00:30:00 GMT".to_owned())];
    title.script(move |_| Some(SimReply::response(200, headers.clone(), body.clone())));
    let token = title.run(title.server().title_token()).unwrap();
    assert_eq!((token.token.expose(), token.expires_in_ms), ("TT", Some(HOUR_MS / 2)));
    assert_eq!((token.entity_id.as_deref(), token.entity_type.as_deref()), (Some("ABCD1"), Some("title")));
    let sent = title.take().remove(0);
    assert_eq!((sent.path(), sent.header("x-secretkey")), ("/Authentication/GetEntityToken", Some(SECRET_KEY)));
    assert_eq!((sent.header("x-authorization"), sent.header("x-entitytoken")), (None, None));
    assert_eq!(sent.body, json!({}));
}

#[test]
fn nintendo_accounts_are_looked_up_by_client_and_server() {
    let title = Title::new();
    let session = title.session();
    title.answers(
        200,
        &success(&json!({ "Data": [
            { "NintendoServiceAccountId": "n1", "PlayFabId": "A1" },
            { "NintendoServiceAccountId": "n2", "PlayFabId": null },
            { "PlayFabId": "A3" },
        ] })),
    );
    let wanted = [("n1".to_owned(), Some("A1".to_owned())), ("n2".to_owned(), None)];
    assert_eq!(title.run(session.playfab_ids_of_nintendo_accounts(&["n1", "n2"])).unwrap(), wanted);
    assert_eq!(title.run(title.server().playfab_ids_of_nintendo_accounts(&["n1", "n2"])).unwrap(), wanted);
    let sent = title.take();
    let paths: Vec<&str> = sent.iter().map(|sent| sent.path()).collect();
    let operation = "GetPlayFabIDsFromNintendoServiceAccountIds";
    assert_eq!(paths, [format!("/Client/{operation}"), format!("/Server/{operation}")]);
    assert_eq!(sent[0].body, json!({ "NintendoAccountIds": ["n1", "n2"] }));
}
