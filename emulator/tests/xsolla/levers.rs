//! The levers over HTTP, the scenario, and what browsers may do.

use emulator::Request;
use emulator::xsolla::{MAIN_PROJECT_ID, SERVER_SECRET, USER_ID};
use serde_json::json;

use crate::bench::{Bench, body_of, refused, text};

const ADMIN: &str = "/__emulator/xsolla";

#[test]
fn the_scenario_names_what_a_developer_needs() {
    let mut bench = Bench::new();
    let scenario = body_of(&bench.get(&format!("{ADMIN}/scenario"), &[]));
    assert_eq!(scenario["main_project_id"], MAIN_PROJECT_ID);
    assert_eq!(scenario["publisher_project_id"], 44056);
    assert_eq!(scenario["server_client_secret"], SERVER_SECRET);
    let again = Bench::new().emulator.scenario()["xsolla"].clone();
    assert_eq!(again, scenario);
}

#[test]
fn a_lever_changes_only_what_it_names() {
    let mut bench = Bench::new();
    let knobs = body_of(&bench.post(&format!("{ADMIN}/knobs"), &[], json!({ "code_ttl_s": 5 })));
    assert_eq!((&knobs["code_ttl_s"], &knobs["strict_platforms"]), (&json!(5), &json!(false)));
    let grace = json!({ "refresh_reuse": { "rotate_grace": { "seconds": 3 } } });
    assert_eq!(bench.post(&format!("{ADMIN}/knobs"), &[], grace).status, 200);
    assert_eq!(bench.post(&format!("{ADMIN}/knobs"), &[], json!({ "code_ttl": 5 })).status, 400);
    let user = body_of(&bench.post(&format!("{ADMIN}/users/{USER_ID}"), &[], json!({ "nickname": "N" })));
    assert_eq!((user["nickname"].as_str(), user["username"].as_str()), (Some("N"), Some("nova")));
    assert_eq!(user.get("password"), None);
    bench.main_token();
    let path = format!("{ADMIN}/projects/{MAIN_PROJECT_ID}");
    assert_eq!(body_of(&bench.post(&path, &[], json!({ "user_token_ttl_s": 60 })))["user_token_ttl_s"], 60);
    let client = body_of(&bench.post(&format!("{ADMIN}/clients/57"), &[], json!({ "access_ttl_s": 20 })));
    assert_eq!((&client["access_ttl_s"], &client["kind"]), (&json!(20), &json!("public")));
    assert_eq!(bench.sign_in("nova")["expires_in"], 20);
}

#[test]
fn codes_are_listed_and_expired() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    let code = bench.code();
    let codes = body_of(&bench.get(&format!("{ADMIN}/codes"), &[]));
    assert_eq!((codes[0]["code"].as_str(), codes[0]["main_user"].as_str()), (Some(code.as_str()), Some(USER_ID)));
    assert_eq!(bench.delete(&format!("{ADMIN}/codes/{code}"), &[]).status, 204);
    refused(&bench.link(&code, "123"), 404, "003-061");
    assert_eq!(bench.delete(&format!("{ADMIN}/codes/{code}"), &[]).status, 404);
}

#[test]
fn users_tickets_tokens_and_links_have_levers() {
    let mut bench = Bench::new();
    let user = json!({ "username": "lyra", "password": "correct-horse", "email": "lyra@x.example" });
    let id = text(&bench.post(&format!("{ADMIN}/users"), &[], user), "id");
    let token = bench.sign_in("lyra")["access_token"].as_str().unwrap().to_owned();
    assert_eq!(bench.post(&format!("{ADMIN}/tokens/revoke"), &[], json!({ "token": token })).status, 204);
    refused(&bench.create_code(&token), 401, "002-016");
    assert_eq!(bench.post(&format!("{ADMIN}/users/{id}"), &[], json!({ "banned": true })).status, 200);
    assert_eq!(bench.delete(&format!("{ADMIN}/users/{id}"), &[]).status, 204);
    let ticket = bench.post(&format!("{ADMIN}/tickets"), &[], json!({ "platform": "steam", "user_id": "1" }));
    assert!(text(&ticket, "hex").len() > 40);
    bench.platform_sign_in("player-1", "123");
    let code = bench.code();
    bench.link(&code, "123");
    assert_eq!(body_of(&bench.get(&format!("{ADMIN}/links?after=0"), &[]))[0]["user_id"], "123");
    assert_eq!(body_of(&bench.get(&format!("{ADMIN}/links?after=1"), &[])), json!([]));
    assert_eq!(bench.delete(&format!("{ADMIN}/projects/{MAIN_PROJECT_ID}"), &[]).status, 204);
    assert_eq!(bench.get(&format!("{ADMIN}/nothing"), &[]).status, 404);
}

#[test]
fn the_error_envelope_can_be_as_awkward_as_the_real_one() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().zero_code_as_number = true;
    bench.xsolla().knobs_mut().validation_as_array = true;
    let error = body_of(&bench.token(&[]))["error"].clone();
    assert_eq!(error["code"], 0);
    assert_eq!(error["description"][0]["property"], "grant_type");
}

#[test]
fn a_page_of_an_allowed_origin_may_call_but_not_with_a_server_token() {
    let mut bench = Bench::new();
    for (origin, allowed) in [("https://companion.example", true), ("https://evil.example", false)] {
        let preflight = Request {
            method: "OPTIONS".into(),
            path: "/api/users/account/code".into(),
            headers: vec![("origin".into(), origin.into())],
            ..Request::default()
        };
        let response = bench.send(preflight);
        assert_eq!(response.header("access-control-allow-origin"), allowed.then_some(origin));
        if allowed {
            assert_eq!(response.header("access-control-allow-credentials"), Some("true"));
            assert!(!response.header("access-control-allow-headers").unwrap().contains("x-server-authorization"));
        }
    }
    let server = bench.server_token();
    let headers = [("origin", "https://companion.example"), ("x-server-authorization", server.as_str())];
    assert_eq!(bench.post("/api/users/account/link", &headers, json!({})).status, 403);
}
