//! `POST /users/account/code`, `POST /users/account/link`, and the flow they make.

use emulator::jwt::{KID_A, KID_B};
use emulator::xsolla::{InvalidBearer, MAIN_PROJECT_ID, Project, ProjectKind, SHADOW_PROJECT_ID, USER_ID};
use serde_json::json;

use crate::bench::{Bench, bearer, body_of, claims, refused, text, too_many};

#[test]
fn after_a_link_the_platform_signs_in_as_the_main_account() {
    let mut bench = Bench::new();
    // The console is known to the game by its own account.
    let old = text(&bench.platform_sign_in("player-1", "123"), "token");
    assert_ne!(claims(&old)["sub"], USER_ID);
    assert!(bench.emulator.with_xsolla(0, |_, context| context.keys.verify_rs256(KID_B, &old)));
    refused(&bench.create_code(&old), 422, "003-033");
    // The companion shows a code, the player types it on the console.
    let code = bench.code();
    assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()));
    let linked = bench.link(&code, "123");
    assert_eq!((linked.status, linked.body.len()), (204, 0));
    // The platform now signs in as the main account.
    let new = text(&bench.platform_sign_in("player-1", "123"), "token");
    let new_claims = claims(&new);
    assert_eq!(new_claims["sub"], USER_ID);
    assert_eq!(new_claims["is_master"], true);
    assert_eq!(new_claims["type"], "server_custom_id");
    assert_eq!(new_claims["xsolla_login_project_id"], MAIN_PROJECT_ID);
    assert!(bench.emulator.with_xsolla(0, |_, context| context.keys.verify_rs256(KID_A, &new)));
    let me = bench.get("/api/users/me", &[("authorization", &bearer(&new))]);
    assert_eq!(body_of(&me)["nickname"], "Nova");
    // That token may create codes; the one from before the link is still the platform account's.
    assert_eq!(bench.create_code(&new).status, 200);
    refused(&bench.create_code(&old), 422, "003-033");
    let links: Vec<_> = bench.xsolla().links(0).cloned().collect();
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].sequence, links[0].again), (1, false));
    assert_eq!(links[0].main_user, USER_ID);
}

#[test]
fn the_project_claim_can_stay_the_shadow_one() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().keep_shadow_project_id = true;
    bench.platform_sign_in("player-1", "123");
    let code = bench.code();
    bench.link(&code, "123");
    let token = text(&bench.platform_sign_in("player-1", "123"), "token");
    assert_eq!(claims(&token)["sub"], USER_ID);
    assert_eq!(claims(&token)["xsolla_login_project_id"], SHADOW_PROJECT_ID);
    assert!(bench.emulator.with_xsolla(0, |_, context| context.keys.verify_rs256(KID_B, &token)));
}

#[test]
fn creating_a_code_needs_a_users_bearer_token() {
    let mut bench = Bench::new();
    let token = bench.main_token();
    let mut ask = |header: Option<String>| {
        let headers: Vec<(&str, &str)> = header.iter().map(|value| ("authorization", value.as_str())).collect();
        bench.post_bytes("/api/users/account/code", &headers, "{}")
    };
    refused(&ask(Some(token.clone())), 400, "0");
    refused(&ask(Some("Basic abc".into())), 400, "0");
    refused(&ask(None), 401, "002-016");
    refused(&ask(Some(bearer("forged"))), 401, "002-016");
    let (body, _) = token.rsplit_once('.').unwrap();
    refused(&ask(Some(bearer(&format!("{body}.AAAA")))), 401, "002-016");
    assert_eq!(ask(Some(bearer(&token))).status, 200);
    let server = bench.server_token();
    refused(&bench.create_code(&server), 401, "002-016");
    bench.advance_s(3600);
    refused(&bench.create_code(&token), 401, "002-016");
}

#[test]
fn a_bad_bearer_can_get_403_or_422() {
    let mut bench = Bench::new();
    bench.xsolla().knobs_mut().invalid_bearer = InvalidBearer::Forbidden;
    refused(&bench.create_code("forged"), 403, "1901-0001");
    bench.xsolla().knobs_mut().invalid_bearer = InvalidBearer::Unprocessable;
    refused(&bench.create_code("forged"), 422, "010-017");
}

#[test]
fn a_deleted_user_cannot_create_a_code() {
    let mut bench = Bench::new();
    let token = bench.main_token();
    assert!(bench.xsolla().remove_user(USER_ID));
    refused(&bench.create_code(&token), 404, "003-002");
}

#[test]
fn five_codes_a_minute_and_no_more() {
    let mut bench = Bench::new();
    let token = bench.main_token();
    for _ in 0..5 {
        assert_eq!(bench.create_code(&token).status, 200);
    }
    assert_eq!(too_many(&bench.create_code(&token)), 60);
    bench.advance_s(60);
    assert_eq!(bench.create_code(&token).status, 200);
}

#[test]
fn an_unknown_expired_used_or_replaced_code_is_404_alike() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    refused(&bench.link("not-a-code", "123"), 404, "003-061");
    let replaced = bench.code();
    let code = bench.code();
    refused(&bench.link(&replaced, "123"), 404, "003-061");
    refused(&bench.link(&format!(" {code}"), "123"), 404, "003-061");
    assert_eq!(bench.link(&code, "123").status, 204);
    refused(&bench.link(&code, "123"), 404, "003-061");
    let expired = bench.code();
    bench.advance_s(600);
    refused(&bench.link(&expired, "123"), 404, "003-061");
}

#[test]
fn five_wrong_codes_close_the_door_for_ten_minutes() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    bench.platform_sign_in("player-2", "456");
    for _ in 0..5 {
        refused(&bench.link("wrong", "123"), 404, "003-061");
    }
    let code = bench.code();
    assert_eq!(too_many(&bench.link(&code, "123")), 600);
    // Another player is not held up, and the code was not consumed.
    assert_eq!(bench.link(&code, "456").status, 204);
    bench.advance_s(600);
    refused(&bench.link("wrong", "123"), 404, "003-061");
}

#[test]
fn linking_needs_a_server_token() {
    let mut bench = Bench::new();
    let path = "/api/users/account/link";
    refused(&bench.post(path, &[], json!({})), 401, "003-040");
    refused(&bench.post(path, &[("x-server-authorization", "forged")], json!({})), 401, "002-016");
    let user = bench.main_token();
    refused(&bench.post(path, &[("x-server-authorization", &user)], json!({})), 401, "003-040");
}

#[test]
fn what_is_submitted_is_judged_before_the_code() {
    let mut bench = Bench::new();
    let server = bench.server_token();
    refused(&bench.post_bytes("/api/users/account/link", &[("x-server-authorization", &server)], "nope"), 400, "0");
    let full = json!({ "code": "123456", "platform": "xbox", "user_id": "123", "publisher_project_id": 44056 });
    let mut changed = |name: &str, value: serde_json::Value| {
        let mut body = full.clone();
        body[name] = value;
        bench.link_body(body)
    };
    refused(&changed("code", json!(["1"])), 400, "0");
    refused(&changed("user_id", json!(123)), 400, "0");
    refused(&changed("publisher_project_id", json!("x")), 400, "0");
    for name in ["code", "platform", "user_id", "publisher_project_id"] {
        refused(&changed(name, json!(null)), 422, "002-028");
    }
    refused(&changed("publisher_project_id", json!(1)), 404, "003-019");
    refused(&changed("project_id", json!("00000000-0000-4000-8000-000000000000")), 404, "003-019");
    refused(&changed("project_id", json!(MAIN_PROJECT_ID)), 422, "003-033");
    assert_eq!(changed("platform", json!("psn-beta")).status, 404);
    bench.xsolla().knobs_mut().strict_platforms = true;
    let strict = json!({ "code": "1", "platform": "psn-beta", "user_id": "1", "publisher_project_id": 44056 });
    refused(&bench.link_body(strict), 422, "002-027");
}

#[test]
fn a_code_may_be_submitted_as_a_number_and_the_project_by_uuid() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    let code = loop {
        let code = bench.code();
        if !code.starts_with('0') {
            break code.parse::<u64>().unwrap();
        }
        bench.advance_s(60);
    };
    let body = json!({ "code": code, "platform": "xbox", "user_id": "123", "project_id": SHADOW_PROJECT_ID });
    assert_eq!(bench.link_body(body).status, 204);
}

#[test]
fn a_platform_account_must_exist_unless_the_knob_makes_it() {
    let mut bench = Bench::new();
    let code = bench.code();
    refused(&bench.link(&code, "nobody"), 404, "003-002");
    bench.xsolla().knobs_mut().auto_create_platform_account = true;
    assert_eq!(bench.link(&code, "nobody").status, 204);
}

#[test]
fn a_shadow_project_of_another_main_project_is_422_and_keeps_the_code() {
    let mut bench = Bench::new();
    let other = Project {
        id: "11111111-0000-4000-8000-000000000000".into(),
        kind: ProjectKind::Shadow,
        publisher_project_id: Some(7),
        main_project_id: Some("22222222-0000-4000-8000-000000000000".into()),
        ..Project::default()
    };
    bench.with(|xsolla, context| xsolla.put_project(context, other));
    bench.platform_sign_in("player-1", "123");
    let code = bench.code();
    let body = json!({ "code": code, "platform": "xbox", "user_id": "123", "publisher_project_id": 7 });
    refused(&bench.link_body(body), 422, "003-033");
    assert_eq!(bench.link(&code, "123").status, 204);
}

#[test]
fn a_platform_account_belongs_to_one_main_account_for_good() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    let code = bench.code();
    assert_eq!(bench.link(&code, "123").status, 204);
    let other = bench.other_main("lyra");
    let foreign = text(&bench.create_code(&other), "code");
    refused(&bench.link(&foreign, "123"), 422, "010-016");
    // The same pair again is fine, and consumes its code.
    let again = bench.code();
    assert_eq!(bench.link(&again, "123").status, 204);
    refused(&bench.link(&again, "123"), 404, "003-061");
    assert!(bench.xsolla().links(1).next().unwrap().again);
}

#[test]
fn a_main_account_has_one_account_of_a_platform_unless_the_knob_says_otherwise() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    bench.platform_sign_in("player-2", "456");
    let code = bench.code();
    bench.link(&code, "123");
    let code = bench.code();
    refused(&bench.link(&code, "456"), 422, "010-016");
    bench.xsolla().knobs_mut().one_account_per_platform = false;
    assert_eq!(bench.link(&code, "456").status, 204);
}
