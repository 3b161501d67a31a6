//! `POST /users/login/server_custom_id`.

use emulator::xsolla::{MAIN_PROJECT_ID, SHADOW_PROJECT_ID};
use serde_json::json;

use crate::bench::{Bench, body_of, claims, refused, text, too_many};

const PATH: &str = "/api/users/login/server_custom_id";

#[test]
fn an_unknown_custom_id_becomes_a_user_and_stays_it() {
    let mut bench = Bench::new();
    let first = bench.platform_sign_in("player-1", "123");
    assert_eq!(first.status, 200);
    assert_eq!(body_of(&first)["is_new"], true);
    let again = bench.platform_sign_in("player-1", "123");
    assert_eq!(body_of(&again)["is_new"], false);
    let (first, again) = (claims(&text(&first, "token")), claims(&text(&again, "token")));
    assert_eq!(first["sub"], again["sub"]);
    assert_eq!(first["type"], "server_custom_id");
    assert_eq!(first["server_custom_id"], "player-1");
    assert_eq!(first["is_master"], false);
    assert_eq!(first["xsolla_login_project_id"], SHADOW_PROJECT_ID);
}

#[test]
fn only_a_server_token_opens_it() {
    let mut bench = Bench::new();
    let body = json!({ "server_custom_id": "p" });
    let path = format!("{PATH}?publisher_project_id=44056");
    refused(&bench.post(&path, &[], body.clone()), 401, "003-040");
    refused(&bench.post(&path, &[("x-server-authorization", "forged")], body.clone()), 401, "002-016");
    let user = bench.main_token();
    refused(&bench.post(&path, &[("x-server-authorization", &user)], body.clone()), 401, "003-040");
    let server = bench.server_token();
    let prefixed = format!("Bearer {server}");
    refused(&bench.post(&path, &[("x-server-authorization", &prefixed)], body.clone()), 401, "002-016");
    bench.advance_s(3600);
    refused(&bench.post(&path, &[("x-server-authorization", &server)], body), 401, "002-016");
}

#[test]
fn its_project_is_named_by_either_id() {
    let mut bench = Bench::new();
    let server = bench.server_token();
    let mut ask = |query: &str| {
        let body = json!({ "server_custom_id": "p" });
        bench.post(&format!("{PATH}{query}"), &[("x-server-authorization", &server)], body)
    };
    for query in ["publisher_project_id=44056", "projectId=", "shadow_project_id=", "project_id="] {
        let id = if query.ends_with('=') { SHADOW_PROJECT_ID } else { "" };
        assert_eq!(ask(&format!("?{query}{id}")).status, 200, "{query}");
    }
    refused(&ask(""), 422, "002-028");
    refused(&ask("?publisher_project_id=1"), 404, "003-019");
    refused(&ask("?projectId=00000000-0000-4000-8000-000000000000"), 404, "003-019");
    refused(&ask(&format!("?publisher_project_id=44056&projectId={MAIN_PROJECT_ID}")), 422, "003-033");
    assert_eq!(ask(&format!("?projectId={MAIN_PROJECT_ID}")).status, 200);
}

#[test]
fn its_body_is_judged_field_by_field() {
    let mut bench = Bench::new();
    let server = bench.server_token();
    let path = format!("{PATH}?publisher_project_id=44056");
    refused(&bench.post_bytes(&path, &[("x-server-authorization", &server)], "nope"), 400, "0");
    refused(&bench.custom_id(json!({})), 422, "002-028");
    refused(
        &bench.custom_id(json!({ "server_custom_id": "p", "social_profile": { "platform": "xbox" } })),
        422,
        "002-028",
    );
    refused(&bench.custom_id(json!({ "server_custom_id": "p".repeat(257) })), 422, "002-027");
    assert_eq!(bench.custom_id(json!({ "server_custom_id": "p".repeat(256) })).status, 200);
    let attribute = |key: &str, attr_type: &str| {
        json!({ "server_custom_id": "p", "attributes": [
            { "key": key, "value": 1, "attr_type": attr_type, "permission": "public" }
        ] })
    };
    refused(&bench.custom_id(attribute("no spaces", "server")), 422, "002-027");
    refused(&bench.custom_id(attribute("level", "both")), 422, "002-027");
    let mut loose = attribute("level", "server");
    loose["attributes"][0]["read_only"] = json!("yes");
    refused(&bench.custom_id(loose), 400, "0");
    assert_eq!(bench.custom_id(attribute("level", "server")).status, 200);
    let path = format!("{path}&with_logout=2");
    let body = json!({ "server_custom_id": "p" });
    refused(&bench.post(&path, &[("x-server-authorization", &server)], body), 422, "002-027");
}

#[test]
fn a_platform_identity_never_changes_hands() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    refused(&bench.platform_sign_in("player-2", "123"), 422, "010-016");
    refused(&bench.platform_sign_in("player-1", "456"), 422, "010-016");
}

#[test]
fn a_banned_platform_account_stays_out() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    let id = bench.xsolla().platform_account(SHADOW_PROJECT_ID, "xbox", "123").unwrap().id.clone();
    bench.xsolla().ban_user(&id, true);
    refused(&bench.platform_sign_in("player-1", "123"), 401, "002-040");
}

#[test]
fn it_can_be_limited() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().requests_per_minute.insert("custom_id".into(), 1);
    bench.platform_sign_in("player-1", "123");
    too_many(&bench.platform_sign_in("player-1", "123"));
}
