//! The levers over HTTP, and the scenario.

use emulator::Response;
use emulator::playfab::{OTHER_PLAYER_ID, PLAYER_ID, SECRET_KEY, TITLE_ID};
use serde_json::{Value, json};

use crate::bench::{Bench, body_of, data, refused, request};

fn look(bench: &mut Bench, method: &str, path: &str) -> Response {
    let mut request = request(&format!("/__emulator/playfab{path}"), &[], &Value::Null);
    request.method = method.into();
    bench.send(request)
}

#[track_caller]
fn pull(bench: &mut Bench, path: &str, body: &Value) -> Value {
    let response = bench.lever(&format!("/playfab{path}"), body);
    assert!(response.status < 300, "{}", body_of(&response));
    body_of(&response)
}

#[test]
fn the_scenario_says_how_to_connect() {
    let mut bench = Bench::new();
    let scenario = body_of(&look(&mut bench, "GET", "/scenario"));
    assert_eq!((&scenario["title_id"], &scenario["secret_key"]), (&json!(TITLE_ID), &json!(SECRET_KEY)));
    assert_eq!(bench.emulator.scenario()["playfab"], scenario);
    let path = format!("{}/Client/LoginWithSteam", scenario["base_path"].as_str().unwrap());
    let body = json!({ "TitleId": TITLE_ID, "SteamTicket": scenario["credentials"]["steam_ticket"] });
    assert_eq!(data(&bench.send(request(&path, &[], &body)))["PlayFabId"], PLAYER_ID);
}

#[test]
fn the_calls_and_the_errors_can_be_listed() {
    let mut bench = Bench::new();
    assert_eq!(body_of(&look(&mut bench, "GET", "/calls")).as_array().unwrap().len(), 87);
    let errors = body_of(&look(&mut bench, "GET", "/errors"));
    assert_eq!(errors[0], json!({ "error": "UnkownError", "errorCode": 500, "code": 500 }));
}

#[test]
fn a_lever_changes_only_what_it_names() {
    let mut bench = Bench::new();
    let knobs =
        pull(&mut bench, "/knobs", &json!({ "ticket_ttl_s": 5, "denied_calls": { "Client/X": "NotAuthorized" } }));
    assert_eq!((&knobs["ticket_ttl_s"], &knobs["player_creation"]), (&json!(5), &json!(true)));
    assert_eq!(bench.lever("/playfab/knobs", &json!({ "ticket_ttl": 5 })).status, 400);
    let title = pull(&mut bench, "/title", &json!({ "status": "deleted" }));
    assert_eq!((&title["status"], &title["id"]), (&json!("deleted"), &json!(TITLE_ID)));
    pull(&mut bench, "/title", &json!({ "status": "active" }));
    let steam = pull(&mut bench, "/platforms/steam", &json!({ "outage": "no_user" }));
    assert_eq!(steam, json!({ "enabled": true, "outage": "no_user", "unknown_users": [] }));
    refused(&bench.server("LoginWithSteamId", &json!({ "SteamId": "1" })), 400, "SteamUserNotFound", 1513);
    assert_eq!(bench.lever("/playfab/platforms/gamecube", &json!({})).status, 404);
    assert_eq!(look(&mut bench, "GET", "/nothing").status, 404);
}

#[test]
fn players_and_links_have_levers() {
    let mut bench = Bench::new();
    let player = json!({ "username": "lyra", "password": "correct-horse" });
    let made = pull(&mut bench, "/players", &player);
    assert_eq!(made.get("password"), None);
    let id = made["playfab_id"].as_str().unwrap().to_owned();
    pull(&mut bench, "/links", &json!({ "platform": "steam", "id": "7", "playfab_id": id }));
    assert_eq!(data(&bench.server("LoginWithSteamId", &json!({ "SteamId": "7" })))["PlayFabId"], json!(id));
    pull(&mut bench, &format!("/players/{id}"), &json!({ "banned": true }));
    let login = json!({ "Username": "lyra", "Password": "correct-horse" });
    refused(&bench.open("LoginWithPlayFab", login.clone()), 403, "AccountBanned", 1002);
    pull(&mut bench, &format!("/players/{id}"), &json!({ "banned": false }));
    data(&bench.open("LoginWithPlayFab", login));
    assert_eq!(look(&mut bench, "DELETE", &format!("/players/{id}")).status, 204);
    refused(&bench.server("LoginWithSteamId", &json!({ "SteamId": "7" })), 400, "AccountNotFound", 1001);
    assert_eq!(look(&mut bench, "DELETE", "/players/FFFF").status, 404);
    let links = body_of(&look(&mut bench, "GET", "/links"));
    assert!(links.as_array().unwrap().iter().all(|link| link["playfab_id"] != json!(id)));
}

#[test]
fn credentials_are_made_and_sessions_ended_over_http() {
    let mut bench = Bench::new();
    let order = json!({ "platform": "nintendo_service_account", "subject": "nsa-9" });
    let token = pull(&mut bench, "/identity-tokens", &order)["identity_token"].clone();
    let link = json!({ "PlayFabId": OTHER_PLAYER_ID, "IdentityToken": token });
    data(&bench.server("LinkNintendoServiceAccount", &link));
    let broken = json!({ "platform": "nintendo_service_account", "subject": "nsa-9", "defect": "signature" });
    let token = pull(&mut bench, "/identity-tokens", &broken)["identity_token"].clone();
    let link = json!({ "PlayFabId": OTHER_PLAYER_ID, "IdentityToken": token });
    refused(&bench.server("LinkNintendoServiceAccount", &link), 400, "InvalidIdentityProviderId", 1263);
    let ticket = pull(&mut bench, "/steam-tickets", &json!({ "credential": "emu.9.Nine" }))["hex"].clone();
    data(&bench.open("LoginWithSteam", json!({ "SteamTicket": ticket, "CreateAccount": true })));

    let session = bench.ticket("nova-device");
    pull(&mut bench, "/sessions/revoke", &json!({ "playfab_id": PLAYER_ID }));
    refused(&bench.client(&session, "GetAccountInfo", &json!({})), 401, "NotAuthenticated", 1074);
    pull(&mut bench, "/limits/reset", &json!({}));
    for (path, body) in
        [("/identity-tokens", json!({})), ("/steam-tickets", json!({})), ("/sessions/revoke", json!({}))]
    {
        assert_eq!(bench.lever(&format!("/playfab{path}"), &body).status, 400, "{path}");
    }
}
