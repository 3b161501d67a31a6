//! `POST /oauth2/token`.

use emulator::xsolla::{MAIN_PROJECT_ID, RefreshReuse, SERVER_SECRET, USER_ID};
use emulator::{Delivery, Fault};
use serde_json::json;

use crate::bench::{Bench, body_of, claims, in_query, refused, text, too_many};

const CALLBACK: &str = "http://127.0.0.1:43151/callback";

fn auth_code(bench: &mut Bench, client: &str) -> String {
    let path = format!(
        "/api/oauth2/login?client_id={client}&response_type=code&state=0123456789abcdef&scope=offline+email&redirect_uri={CALLBACK}"
    );
    let url = text(&bench.post(&path, &[], json!({ "username": "nova", "password": "correct-horse" })), "login_url");
    assert!(url.starts_with(CALLBACK));
    assert_eq!(in_query(&url, "state").unwrap(), "0123456789abcdef");
    in_query(&url, "code").unwrap()
}

fn redeem(bench: &mut Bench, client: &str, code: &str, redirect_uri: &str) -> emulator::Response {
    let grant = [
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("client_secret", "confidential-client-secret"),
    ];
    bench.token(&grant)
}

fn refresh(bench: &mut Bench, client: &str, token: &str) -> emulator::Response {
    bench.token(&[("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)])
}

#[test]
fn client_credentials_give_a_server_token_and_no_refresh_token() {
    let mut bench = Bench::new();
    let grant = [("grant_type", "client_credentials"), ("client_id", "59"), ("client_secret", SERVER_SECRET)];
    let response = bench.token(&grant);
    assert_eq!(response.status, 200);
    let body = body_of(&response);
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body.get("refresh_token"), None);
    assert_eq!(claims(body["access_token"].as_str().unwrap())["client_id"], 59);
}

#[test]
fn an_authorization_code_is_good_once_for_its_client_and_redirect_uri() {
    let mut bench = Bench::new();
    let code = auth_code(&mut bench, "58");
    refused(&redeem(&mut bench, "57", &code, CALLBACK), 400, "010-023");
    refused(&redeem(&mut bench, "58", &code, "http://127.0.0.1:1/callback"), 400, "010-023");
    refused(&redeem(&mut bench, "58", "unknown", CALLBACK), 400, "010-023");
    let response = redeem(&mut bench, "58", &code, CALLBACK);
    assert_eq!(response.status, 200);
    let body = body_of(&response);
    assert_eq!(body["scope"], "offline email");
    assert!(body["refresh_token"].is_string());
    let claims = claims(body["access_token"].as_str().unwrap());
    assert_eq!(claims["sub"], USER_ID);
    assert_eq!(claims["iss"], "https://login.xsolla.com");
    assert_eq!(claims["scp"], json!(["offline", "email"]));
    assert_eq!(claims["aud"], json!([]));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    refused(&redeem(&mut bench, "58", &code, CALLBACK), 400, "010-023");
}

#[test]
fn an_authorization_code_lives_ten_minutes() {
    let mut bench = Bench::new();
    let code = auth_code(&mut bench, "57");
    bench.advance_s(600);
    refused(&redeem(&mut bench, "57", &code, CALLBACK), 400, "010-023");
}

#[test]
fn what_is_no_known_grant_in_a_form_is_400_0() {
    let mut bench = Bench::new();
    refused(&bench.post("/api/oauth2/token", &[], json!({ "grant_type": "client_credentials" })), 400, "0");
    refused(&bench.token(&[("client_id", "59"), ("client_secret", SERVER_SECRET)]), 400, "0");
    refused(&bench.token(&[("grant_type", "password"), ("client_id", "57")]), 400, "0");
}

#[test]
fn what_a_client_may_not_do_is_400_010_019() {
    let mut bench = Bench::new();
    for (grant, client, secret) in [
        ("client_credentials", "1", SERVER_SECRET),
        ("client_credentials", "59", "wrong"),
        ("client_credentials", "59", ""),
        ("client_credentials", "57", ""),
        ("client_credentials", "58", "confidential-client-secret"),
        ("refresh_token", "59", SERVER_SECRET),
        ("refresh_token", "58", ""),
        ("urn:ietf:params:oauth:grant-type:token_exchange", "57", ""),
    ] {
        let form = [("grant_type", grant), ("client_id", client), ("client_secret", secret), ("refresh_token", "x")];
        refused(&bench.token(&form), 400, "010-019");
    }
    refused(&bench.token(&[("grant_type", "refresh_token"), ("refresh_token", "x")]), 400, "010-019");
}

#[test]
fn a_client_whose_project_is_removed_gets_404() {
    let mut bench = Bench::new();
    assert!(bench.xsolla().remove_project(MAIN_PROJECT_ID));
    let grant = [("grant_type", "client_credentials"), ("client_id", "59"), ("client_secret", SERVER_SECRET)];
    refused(&bench.token(&grant), 404, "003-019");
}

#[test]
fn a_missing_grant_parameter_is_422() {
    let mut bench = Bench::new();
    refused(&bench.token(&[("grant_type", "authorization_code"), ("client_id", "57")]), 422, "002-028");
    refused(&bench.token(&[("grant_type", "refresh_token"), ("client_id", "57")]), 422, "002-028");
}

#[test]
fn the_teapot_and_a_limit_come_from_faults_too() {
    let mut bench = Bench::new();
    bench.emulator.faults_mut().push(Fault { status: Some(418), ..Fault::on("/api/oauth2/token") });
    refused(&bench.token(&[]), 418, "004-001");
    refused(&bench.token(&[]), 400, "0");
    let limited = Fault { status: Some(429), retry_after: Some(3), ..Fault::on("/api/oauth2/token") };
    bench.emulator.faults_mut().push(limited);
    assert_eq!(too_many(&bench.token(&[])), 3);
}

#[test]
fn a_lost_response_in_strict_rotation_costs_the_session() {
    let mut bench = Bench::new();
    let first = bench.sign_in("nova")["refresh_token"].as_str().unwrap().to_owned();
    let lost = Fault { after: true, delivery: Delivery::Close, ..Fault::on("/api/oauth2/token") };
    bench.emulator.faults_mut().push(lost);
    assert_eq!(refresh(&mut bench, "57", &first).delivery, Delivery::Close);
    refused(&refresh(&mut bench, "57", &first), 400, "010-023");
}

#[test]
fn a_limited_call_says_how_long_to_wait() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().requests_per_minute.insert("token".into(), 2);
    bench.server_token();
    bench.advance_s(20);
    bench.server_token();
    assert_eq!(too_many(&bench.token(&[])), 40);
    bench.advance_s(40);
    bench.server_token();
}

#[test]
fn a_refresh_token_comes_with_scope_offline_only() {
    let mut bench = Bench::new();
    let body = json!({ "username": "nova", "password": "correct-horse" });
    let without = bench.post("/api/oauth2/login/token?client_id=57&scope=email", &[], body);
    assert_eq!(body_of(&without).get("refresh_token"), None);
    assert!(bench.sign_in("nova")["refresh_token"].is_string());
}

#[test]
fn rotation_is_strict_and_a_reused_refresh_token_is_400_010_023() {
    let mut bench = Bench::new();
    let first = bench.sign_in("nova")["refresh_token"].as_str().unwrap().to_owned();
    let second = text(&refresh(&mut bench, "57", &first), "refresh_token");
    assert_ne!(first, second);
    refused(&refresh(&mut bench, "57", &first), 400, "010-023");
    refused(&refresh(&mut bench, "60", &second), 400, "010-023");
    assert_eq!(refresh(&mut bench, "57", &second).status, 200);
}

#[test]
fn with_grace_the_old_refresh_token_stays_good_for_some_seconds() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().refresh_reuse = RefreshReuse::RotateGrace { seconds: 10 };
    let first = bench.sign_in("nova")["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh(&mut bench, "57", &first).status, 200);
    bench.advance_s(9);
    assert_eq!(refresh(&mut bench, "57", &first).status, 200);
    bench.advance_s(1);
    refused(&refresh(&mut bench, "57", &first), 400, "010-023");
}

#[test]
fn a_reusable_refresh_token_is_good_until_it_expires() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().refresh_reuse = RefreshReuse::Reusable;
    let first = bench.sign_in("nova")["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh(&mut bench, "57", &first).status, 200);
    bench.advance_s(30 * 24 * 3600 - 1);
    assert_eq!(refresh(&mut bench, "57", &first).status, 200);
    bench.advance_s(1);
    refused(&refresh(&mut bench, "57", &first), 400, "010-023");
}

#[test]
fn a_refresh_with_another_redirect_uri_or_of_a_banned_user_is_invalid() {
    let mut bench = Bench::new();
    let code = auth_code(&mut bench, "57");
    let token = text(&redeem(&mut bench, "57", &code, CALLBACK), "refresh_token");
    let grant = [("grant_type", "refresh_token"), ("client_id", "57"), ("refresh_token", &token)];
    let mut other = grant.to_vec();
    other.push(("redirect_uri", "http://127.0.0.1:1/other"));
    refused(&bench.token(&other), 400, "010-023");
    bench.xsolla().ban_user(USER_ID, true);
    refused(&bench.token(&grant), 400, "010-023");
    bench.xsolla().ban_user(USER_ID, false);
    assert_eq!(bench.token(&grant).status, 200);
}

#[test]
fn token_exchange_answers_when_its_knob_is_on() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().token_exchange = true;
    let token = bench.main_token();
    let grant = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token_exchange"),
        ("client_id", "57"),
        ("subject_token", token.as_str()),
        ("scope", "playfab"),
    ];
    assert_eq!(claims(&text(&bench.token(&grant), "access_token"))["scp"], json!(["playfab"]));
}
