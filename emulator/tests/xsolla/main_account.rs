//! Signing in to main accounts, registering them, devices and social tokens.

use emulator::xsolla::{MAIN_PROJECT_ID, Project, SHADOW_PROJECT_ID, TicketOrder, USER_ID};
use serde_json::json;

use crate::bench::{Bench, bearer, body_of, claims, in_query, refused, text};

const LOGIN_TOKEN: &str = "/api/oauth2/login/token?client_id=57&scope=offline";
const OAUTH: &str = "client_id=57&response_type=code&state=0123456789abcdef&redirect_uri=http://localhost:9/cb";

fn login_path() -> String {
    format!("/api/login?projectId={MAIN_PROJECT_ID}&login_url=http://localhost:9/cb")
}

fn nova() -> serde_json::Value {
    json!({ "username": "nova", "password": "correct-horse" })
}

#[test]
fn every_password_sign_in_tells_why_it_is_refused() {
    let mut bench = Bench::new();
    let oauth = format!("/api/oauth2/login?{OAUTH}");
    for path in [LOGIN_TOKEN.to_owned(), login_path(), oauth] {
        let mut refusal = |username: &str, password: &str, status, code| {
            let body = json!({ "username": username, "password": password });
            refused(&bench.post(&path, &[], body), status, code);
        };
        refusal("nova", "wrong", 401, "003-001");
        refusal("nobody", "correct-horse", 401, "003-001");
        refusal("banned", "correct-horse", 401, "002-040");
        refusal("banned", "wrong", 401, "003-001");
        refusal("unconfirmed", "correct-horse", 401, "003-007");
        refusal("nova", "", 422, "002-028");
        refused(&bench.post_bytes(&path, &[], "{"), 400, "0");
        assert_eq!(bench.post(&path, &[], nova()).status, 200, "{path}");
    }
}

#[test]
fn the_token_form_is_for_public_clients_only() {
    let mut bench = Bench::new();
    for client in ["58", "59", "1", "x"] {
        let path = format!("/api/oauth2/login/token?client_id={client}");
        refused(&bench.post(&path, &[], nova()), 400, "010-019");
    }
    let path = format!("{LOGIN_TOKEN}&redirect_uri=https://evil.example/");
    refused(&bench.post(&path, &[], nova()), 422, "010-012");
}

#[test]
fn the_jwt_form_puts_a_24_hour_token_into_the_callback() {
    let mut bench = Bench::new();
    let url = text(&bench.post(&format!("{}&payload=hello", login_path()), &[], nova()), "login_url");
    assert!(url.starts_with("http://localhost:9/cb?token="));
    let claims = claims(&in_query(&url, "token").unwrap());
    assert_eq!(claims["sub"], USER_ID);
    assert_eq!(claims["type"], "xsolla_login");
    assert_eq!(claims["payload"], "hello");
    assert_eq!(claims["xsolla_login_project_id"], MAIN_PROJECT_ID);
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 86400);
}

#[test]
fn the_jwt_form_judges_its_project_and_callback() {
    let mut bench = Bench::new();
    let mut refusal = |query: &str, status, code| {
        refused(&bench.post(&format!("/api/login?{query}"), &[], nova()), status, code);
    };
    refusal("", 422, "002-028");
    refusal("projectId=5", 400, "0");
    refusal("projectId=00000000-0000-4000-8000-000000000000", 404, "003-019");
    refusal(&format!("projectId={MAIN_PROJECT_ID}"), 422, "010-011");
    refusal(&format!("projectId={MAIN_PROJECT_ID}&login_url=https://evil.example/"), 422, "010-012");
    refusal(&format!("projectId={MAIN_PROJECT_ID}&with_logout=yes"), 422, "002-027");
    refusal(&format!("projectId={SHADOW_PROJECT_ID}"), 422, "003-033");
}

#[test]
fn the_oauth_form_wants_a_long_state_and_ignores_what_the_js_sdk_adds() {
    let mut bench = Bench::new();
    let short = "/api/oauth2/login?client_id=57&response_type=code&state=1234567";
    refused(&bench.post(short, &[], nova()), 400, "010-022");
    refused(
        &bench.post("/api/oauth2/login?client_id=59&response_type=code&state=12345678", &[], nova()),
        400,
        "010-019",
    );
    let token = "/api/oauth2/login?client_id=57&response_type=token&state=12345678";
    refused(&bench.post(token, &[], nova()), 400, "0");
    let sdk = format!(
        "/api/oauth2/login?projectId={MAIN_PROJECT_ID}&login_url=https:%2F%2Fapp.example%2Fcb&payload=%7B%7D&with_logout=1\
         &client_id=57&scope=offline&state=xsollatest&redirect_uri=https:%2F%2Fcompanion.example%2Fcallback\
         &response_type=code&engine=unity&sdk_v=1"
    );
    let url = text(&bench.post(&sdk, &[("x-request-id", "null")], nova()), "login_url");
    assert!(url.starts_with("https://companion.example/callback?code="));
}

#[test]
fn the_jwt_request_of_the_vendors_js_sdk_is_understood_as_captured() {
    let mut bench = Bench::new();
    let path = format!(
        "/api/login?projectId={MAIN_PROJECT_ID}&login_url=https:%2F%2Fcompanion.example%2Fcallback\
         &payload=%7B%22p%22:1%7D&with_logout=1"
    );
    let headers = [("x-request-id", "null"), ("content-type", "application/json;charset=utf-8")];
    let answer = bench.post_bytes(&path, &headers, r#"{"username":"nova","password":"correct-horse"}"#);
    let url = text(&answer, "login_url");
    assert_eq!(claims(&in_query(&url, "token").unwrap())["payload"], "{\"p\":1}");
}

#[test]
fn with_logout_kills_the_users_other_tokens() {
    let mut bench = Bench::new();
    let old = bench.main_token();
    bench.advance_s(1);
    let url = text(&bench.post(&format!("{}&with_logout=1", login_path()), &[], nova()), "login_url");
    let new = in_query(&url, "token").unwrap();
    refused(&bench.get("/api/users/me", &[("authorization", &bearer(&old))]), 401, "002-016");
    assert_eq!(bench.get("/api/users/me", &[("authorization", &bearer(&new))]).status, 200);
}

#[test]
fn a_new_user_registers_once() {
    let mut bench = Bench::new();
    let path = format!("/api/oauth2/user?{OAUTH}");
    let user =
        |name: &str, password: &str, email: &str| json!({ "username": name, "password": password, "email": email });
    assert!(
        in_query(&text(&bench.post(&path, &[], user("lyra", "secret1", "l@x.example")), "login_url"), "code").is_some()
    );
    refused(&bench.post(&path, &[], user("lyra", "secret1", "m@x.example")), 422, "003-003");
    refused(&bench.post(&path, &[], user("mira", "secret1", "L@x.example")), 422, "003-004");
    refused(&bench.post(&path, &[], user("mira", "short", "m@x.example")), 422, "002-027");
    refused(&bench.post(&path, &[], user("mira", "secret1", "")), 422, "002-028");
    bench.xsolla().knobs_mut().registration = false;
    refused(&bench.post(&path, &[], user("mira", "secret1", "m@x.example")), 422, "010-003");
}

#[test]
fn registration_with_confirmation_answers_204_and_the_account_waits() {
    let mut bench = Bench::new();
    let project = bench.xsolla().project(MAIN_PROJECT_ID).unwrap().clone();
    bench.with(|xsolla, context| xsolla.put_project(context, Project { confirm_email: true, ..project }));
    let path = format!("/api/user?projectId={MAIN_PROJECT_ID}&login_url=http://localhost:9/cb");
    let body = json!({ "username": "lyra", "password": "correct-horse", "email": "lyra@x.example" });
    assert_eq!(bench.post(&path, &[], body.clone()).status, 204);
    refused(&bench.post(LOGIN_TOKEN, &[], body), 401, "003-007");
}

#[test]
fn a_device_is_the_same_user_every_time() {
    let mut bench = Bench::new();
    let mut sign_in = |kind: &str| {
        let path = format!("/api/oauth2/login/device/{kind}?{OAUTH}");
        bench.post(&path, &[], json!({ "device": "Pixel", "device_id": "d-1" }))
    };
    refused(&sign_in("toaster"), 422, "002-027");
    let codes = [sign_in("android"), sign_in("android"), sign_in("ios")].map(|response| {
        let code = in_query(&text(&response, "login_url"), "code").unwrap();
        let grant = [
            ("grant_type", "authorization_code"),
            ("client_id", "57"),
            ("code", &code),
            ("redirect_uri", "http://localhost:9/cb"),
        ];
        claims(&text(&bench.token(&grant), "access_token"))
    });
    assert_eq!(codes[0]["sub"], codes[1]["sub"]);
    assert_ne!(codes[0]["sub"], codes[2]["sub"]);
    assert_eq!(codes[0]["type"], "device");
}

#[test]
fn a_social_token_signs_in() {
    let mut bench = Bench::new();
    let ticket = bench.ticket(TicketOrder::new("discord", "d-77"));
    let body = json!({ "access_token": ticket.text().unwrap() });
    let path = format!("/api/social/discord/login_with_token?projectId={MAIN_PROJECT_ID}");
    let token = text(&bench.post(&path, &[], body.clone()), "token");
    assert_eq!(claims(&token)["provider"], "discord");
    assert_eq!(claims(&token)["id"], "d-77");
    let again = text(&bench.post(&path, &[], body.clone()), "token");
    assert_eq!(claims(&again)["sub"], claims(&token)["sub"]);
    let providers = bench.get("/api/users/me/social_providers", &[("authorization", &bearer(&token))]);
    assert_eq!(body_of(&providers)[0]["social_id"], "d-77");

    refused(&bench.post(&path, &[], json!({ "access_token": "forged" })), 422, "010-015");
    refused(&bench.post(&path, &[], json!({})), 422, "002-028");
    let unknown = format!("/api/social/myspace/login_with_token?projectId={MAIN_PROJECT_ID}");
    refused(&bench.post(&unknown, &[], body), 422, "002-027");

    let ticket = bench.ticket(TicketOrder::new("discord", "d-77"));
    let path = format!("/api/oauth2/social/discord/login_with_token?{OAUTH}");
    let url = text(&bench.post(&path, &[], json!({ "access_token": ticket.text().unwrap() })), "login_url");
    assert!(in_query(&url, "code").is_some());
}
