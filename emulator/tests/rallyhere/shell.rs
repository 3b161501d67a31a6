//! The shell around the service: faults, CORS, the refusal of server secrets from pages, the log, reset.

use emulator::{Delivery, Emulator, Request, Response};
use serde_json::{Value, json};

use crate::world::{START, World, answer, game, request, server};

fn from_page(mut request: Request, origin: &str) -> Request {
    request.headers.push(("origin".into(), origin.into()));
    request
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.header(name).unwrap_or_default()
}

#[test]
fn a_fault_answers_in_the_envelope_of_its_endpoint_as_often_as_it_says() {
    let mut world = World::new();
    let fault = json!({
        "path": "/users/v1/login", "match": { "grant_type": "steam" }, "status": 403,
        "error_code": "steam_token_exchange_failed", "desc": "later", "times": 2
    });
    assert_eq!(world.lever("/faults", &fault).2["waiting"], 1);
    assert_eq!(world.login("anon", "a").0, 200);
    for _ in 0..2 {
        let (status, code, body) = world.login("steam", "emu.s1");
        assert_eq!((status, code.as_str()), (403, "steam_token_exchange_failed"));
        assert_eq!(
            (&body["auth_success"], &body["needs_eula"], &body["desc"]),
            (&json!(false), &json!(false), &json!("later"))
        );
    }
    assert_eq!(world.login("steam", "emu.s1").0, 200);

    let bearer = world.bearer("steam", "emu.s1");
    world.fault(json!({ "path": "/users/v1/*", "status": 403, "error_code": "auth_token_expired" }));
    let (_, code, body) = world.ask("POST", "/users/v1/verify", &bearer, &Value::Null);
    assert_eq!((code.as_str(), &body["auth_success"]), ("auth_token_expired", &json!(false)));
    assert!(body.get("needs_eula").is_none());
}

#[test]
fn a_fault_can_be_any_answer() {
    let mut world = World::new();
    world.lever(
        "/faults",
        &json!([
            { "path": "/users/v1/verify", "status": 502, "body": "<h1>Bad gateway</h1>" },
            { "path": "/users/v1/verify", "status": 429, "retry_after": 3, "headers": { "X-Test": "yes" } },
            { "path": "/users/v1/verify", "delivery": "hang" },
            { "path": "/users/v1/verify", "delivery": "truncate:5", "after": true },
            { "path": "/users/v1/verify", "status": 403, "error_code": "x", "fields": { "auth_success": null } },
        ]),
    );
    let bearer = world.bearer("steam", "emu.s1");
    let mut verify = || world.send(request("POST", "/users/v1/verify", &bearer, &Value::Null));
    let gateway = verify();
    assert_eq!((gateway.status, gateway.body.as_slice()), (502, b"<h1>Bad gateway</h1>".as_slice()));
    assert_eq!(header(&gateway, "content-type"), "text/html; charset=utf-8");
    let slow = verify();
    assert_eq!((slow.status, header(&slow, "retry-after"), header(&slow, "x-test")), (429, "3", "yes"));
    assert_eq!(verify().delivery, Delivery::Hang);
    let cut = verify();
    assert_eq!((cut.status, cut.delivery), (200, Delivery::Truncate(5)));
    assert!(answer(&verify()).2.get("auth_success").is_none());
    assert_eq!(verify().status, 200);
    assert_eq!(world.lever("/faults", &json!({ "status": 500 })).0, 400, "a fault needs a path");
    assert_eq!(world.lever("/faults", &json!({ "path": "/", "delivery": "lost" })).0, 400);
}

#[test]
fn faults_are_served_in_order_and_can_be_forgotten() {
    let mut world = World::new();
    for code in ["internal_error", "failed_to_save_tokens"] {
        world.fault(json!({ "path": "/users/v1/login", "status": 403, "error_code": code }));
    }
    assert_eq!(world.login_code("steam", "emu.s1"), "internal_error");
    assert_eq!(world.ask("DELETE", "/__emulator/faults", "", &Value::Null).0, 204);
    assert_eq!(world.login("steam", "emu.s1").0, 200);
}

#[test]
fn a_preflight_permits_what_the_contract_lists() {
    let mut world = World::new();
    let preflight = request("OPTIONS", "/users/v1/anything", "", &Value::Null);
    let response = world.send(from_page(preflight, "https://game.example"));
    assert_eq!(response.status, 204);
    assert_eq!(header(&response, "access-control-allow-origin"), "https://game.example");
    assert_eq!(header(&response, "access-control-allow-methods"), "GET, POST, PUT, OPTIONS");
    let allowed = header(&response, "access-control-allow-headers");
    assert_eq!(allowed, "authorization, content-type, accept, x-rh-client-addr");
    assert_eq!(header(&response, "access-control-max-age"), "600");

    let body = json!({ "grant_type": "anon", "portal_access_token": "a" });
    let login = request("POST", "/users/v1/login", &game(), &body);
    let response = world.send(from_page(login, "https://game.example"));
    assert_eq!(response.status, 200, "Basic is no server secret");
    assert_eq!(header(&response, "access-control-allow-origin"), "https://game.example");
    assert_eq!(header(&response, "access-control-expose-headers"), "retry-after");
}

#[test]
fn errors_and_faults_are_readable_by_pages_too() {
    let mut world = World::new();
    world.fault(json!({ "path": "/users/v1/login", "status": 503, "retry_after": 9 }));
    let login = request("POST", "/users/v1/login", &game(), &json!({ "grant_type": "anon" }));
    let response = world.send(from_page(login, "http://localhost:5173"));
    assert_eq!((response.status, header(&response, "retry-after")), (503, "9"));
    assert_eq!(header(&response, "access-control-allow-origin"), "http://localhost:5173");
}

#[test]
fn a_server_secret_from_a_page_is_refused_with_a_sentence() {
    let mut world = World::new();
    let plain = || request("POST", "/users/v1/login", &game(), &json!({ "grant_type": "anon" }));
    let mut by_header = plain();
    by_header.headers.push(("x-server-authorization".into(), "s".into()));
    let mut by_key = plain();
    by_key.headers.push(("x-secretkey".into(), "s".into()));
    let mut by_form = plain();
    by_form.body = b"grant_type=client_credentials&client%5Fsecret=s".to_vec();
    let by_json = request("POST", "/users/v1/login", "", &json!({ "client_secret": "s" }));
    for leaking in [by_header, by_key, by_form, by_json] {
        let (status, _, body) = answer(&world.send(from_page(leaking.clone(), "http://localhost:1")));
        assert_eq!(status, 403);
        assert!(body["desc"].as_str().unwrap().contains("server secret"), "{body}");
        let mut xsolla = leaking.clone();
        xsolla.path = "/api/oauth2/token".into();
        let (status, _, body) = answer(&world.send(from_page(xsolla, "http://localhost:1")));
        assert_eq!(status, 403);
        assert!(body["error"]["description"].as_str().unwrap().contains("server secret"), "{body}");
        assert_ne!(answer(&world.send(leaking)).1, "server_secret_from_browser", "a server may");
    }
}

#[test]
fn the_levers_are_for_this_machines_pages_only() {
    let mut world = World::new();
    let health = || request("GET", "/__emulator/health", "", &Value::Null);
    assert_eq!(world.send(from_page(health(), "https://game.example")).status, 403);
    let response = world.send(from_page(health(), "http://127.0.0.1:8080"));
    assert_eq!((response.status, header(&response, "access-control-allow-origin")), (200, "http://127.0.0.1:8080"));
    assert_eq!(world.send(health()).status, 200);
}

#[test]
fn the_log_says_who_asked_for_what_and_keeps_no_secret() {
    let mut world = World::new();
    let body = json!({ "grant_type": "basic", "portal_access_token": "nova:wrong horse" });
    let mut login = request("POST", "//users/v1/login?token=hush", &game(), &body);
    login.headers.push(("user-agent".into(), "Game/1.0".into()));
    world.send(from_page(login, "http://localhost:5173"));
    let (_, _, log) = world.ask("GET", "/__emulator/log", "", &Value::Null);
    let expected = json!([{
        "at": START, "service": "rallyhere", "method": "POST", "path": "/users/v1/login",
        "origin": "http://localhost:5173", "user_agent": "Game/1.0", "status": 403,
        "error_code": "basic_auth_credentials_not_found", "fault": false
    }]);
    assert_eq!(log, expected);
    let line = world.emulator.log().entries().next().unwrap().to_string();
    for secret in ["hush", "horse", "game-secret", "Z2FtZTo"] {
        assert!(!line.contains(secret) && !log.to_string().contains(secret));
    }
    assert_eq!(world.ask("DELETE", "/__emulator/log", "", &Value::Null).0, 204);
    assert_eq!(world.emulator.log().entries().count(), 0);
}

#[test]
fn the_same_seed_gives_the_same_world_and_reset_goes_back_to_it() {
    let (mut one, mut two) = (World::new(), World::new());
    let first = one.login("steam", "emu.s1").2;
    assert_eq!(first, two.login("steam", "emu.s1").2);
    one.emulator.advance(5_000);
    one.service().delete_user(emulator::rallyhere::Platform::STEAM, "s1");
    one.fault(json!({ "path": "*" }));
    assert_eq!(one.lever("/reset", &json!({})).0, 200);
    let again = one.login("steam", "emu.s1").2;
    assert_eq!(again["person_id"], first["person_id"]);
    assert_ne!(again["refresh_token"], first["refresh_token"], "a token from before never comes back");
    assert_eq!(one.emulator.now(START), START);
    assert_ne!(Emulator::new(2).scenario(), Value::Null);
}

#[test]
fn the_scenario_says_how_to_connect() {
    let mut world = World::new();
    let (_, _, scenario) = world.ask("GET", "/__emulator/scenario", "", &Value::Null);
    let rallyhere = &scenario["rallyhere"];
    assert_eq!(rallyhere["clients"][0]["client_id"], "game");
    assert_eq!(rallyhere["credentials"]["basic"], "nova:correct horse");
    let banned = rallyhere["credentials"]["steam_banned"].as_str().unwrap();
    assert_eq!(world.login_code("steam", banned), "user_auth_restricted");
    assert_eq!(world.login_with(&server(), "basic", "nova:correct horse", &json!({})).0, 200);
}
