//! The bearer check: §6.5 in its order, each code by a minted token.

use emulator::rallyhere::{Platform, Profile};
use serde_json::{Value, json};

use crate::world::{World, answer, request};

const VERIFY: &str = "/users/v1/verify";

fn verify(world: &mut World, authorization: &str) -> (u16, String) {
    let (status, code, body) = world.ask("POST", VERIFY, authorization, &Value::Null);
    if status == 403 {
        assert_eq!(body["auth_success"], json!(code == "insufficient_permissions"), "{code}");
    }
    (status, code)
}

fn mint(world: &mut World, defect: Option<&str>) -> String {
    let body = json!({ "platform": "Steam", "platform_user_id": "s1", "defect": defect });
    let (status, _, body) = world.lever("/rallyhere/tokens", &body);
    assert_eq!(status, 200, "{body}");
    body["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_good_token_is_accepted_from_header_and_cookie() {
    let mut world = World::new();
    let token = mint(&mut world, None);
    assert_eq!(verify(&mut world, &format!("Bearer {token}")).0, 200);
    assert_eq!(verify(&mut world, &format!("bEaReR {token}")).0, 200);
    let mut with_cookie = request("POST", VERIFY, "", &Value::Null);
    with_cookie.headers.push(("cookie".into(), format!("a=1; Authorization=bearer {token}; b=2")));
    assert_eq!(world.send(with_cookie.clone()).status, 200);
    with_cookie.headers.push(("authorization".into(), "Basic x".into()));
    assert_eq!(answer(&world.send(with_cookie)).1, "auth_token_format", "the header wins");
}

#[test]
fn each_defect_is_refused_with_its_code() {
    let mut world = World::new();
    for (defect, code) in [
        ("not_jwt", "auth_not_jwt"),
        ("unparseable", "auth_token_unknown"),
        ("unknown_key", "auth_invalid_key_id"),
        ("signature", "auth_token_sig_invalid"),
        ("version", "auth_invalid_version"),
        ("token_type", "auth_token_invalid_type"),
        ("expired", "auth_token_expired"),
        ("claim", "auth_token_invalid_claim"),
        ("access", "auth_malformed_access"),
    ] {
        let token = mint(&mut world, Some(defect));
        assert_eq!(verify(&mut world, &format!("Bearer {token}")), (403, code.into()), "{defect}");
    }
    let own_scheme = mint(&mut world, Some("format"));
    assert_eq!(verify(&mut world, &own_scheme), (403, "auth_token_format".into()));
    let powerless = format!("Bearer {}", mint(&mut world, Some("no_permissions")));
    assert_eq!(verify(&mut world, &powerless).0, 200, "verify needs no permission");
    let (_, code, body) = world.ask("GET", "/users/v1/person/me/restrictions", &powerless, &Value::Null);
    assert_eq!((code.as_str(), &body["auth_success"]), ("insufficient_permissions", &json!(true)));
}

#[test]
fn the_base_profile_has_no_code_for_a_wrong_type() {
    let mut world = World::new();
    let token = mint(&mut world, Some("token_type"));
    world.service().environment_mut().profile = Profile::Base;
    assert_eq!(verify(&mut world, &format!("Bearer {token}")).1, "auth_token_invalid_claim");
}

#[test]
fn what_is_no_bearer_credential_is_told_apart() {
    let mut world = World::new();
    for (authorization, code) in [
        ("", "auth_not_jwt"),
        ("Bearer", "auth_token_format"),
        ("Bearer  ", "auth_token_format"),
        ("Basic Zzpz", "auth_token_format"),
        ("Bearer text", "auth_not_jwt"),
        ("Bearer a.b.c", "auth_token_unknown"),
    ] {
        assert_eq!(verify(&mut world, authorization), (403, code.into()), "{authorization:?}");
    }
}

#[test]
fn a_token_expires_to_the_second_and_survives_rotation_but_not_retirement_of_its_key() {
    let mut world = World::new();
    let bearer = world.bearer("steam", "emu.s1");
    world.now += 3_599_999;
    assert_eq!(verify(&mut world, &bearer).0, 200);
    world.now += 1;
    assert_eq!(verify(&mut world, &bearer).1, "auth_token_expired");

    let old = world.bearer("steam", "emu.s1");
    assert_eq!(world.service().rotate_key(), "emu-b");
    let new = world.bearer("steam", "emu.s1");
    assert_eq!((verify(&mut world, &old).0, verify(&mut world, &new).0), (200, 200));
    world.service().retire_key("emu-a");
    assert_eq!(verify(&mut world, &old).1, "auth_invalid_key_id");
    assert_eq!(verify(&mut world, &new).0, 200);
    let (_, _, keys) = world.ask("GET", "/users/v1/publickeys", "", &Value::Null);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn unparseable_json_comes_before_the_bearer_and_the_bearer_before_the_fields() {
    let mut world = World::new();
    let mut broken = request("POST", "/users/v1/link", "", &Value::Null);
    broken.body = b"{".to_vec();
    assert_eq!(world.send(broken).status, 422);
    let wrong = json!({ "leader_person_id": 5 });
    assert_eq!(world.ask("POST", "/users/v1/link", "", &wrong).1, "auth_not_jwt");
    let bearer = world.bearer("steam", "emu.s1");
    assert_eq!(world.ask("POST", "/users/v1/link", &bearer, &wrong).0, 422);
}

#[test]
fn public_keys_verify_what_the_emulator_signed() {
    let mut world = World::new();
    let (status, _, body) = world.ask("GET", "/users/v1/publickeys/emu-a", "", &Value::Null);
    assert_eq!(status, 200);
    let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["e", "kid", "kty", "n"], "no alg and no use");
    assert_eq!(body["e"], "AQAB");
    let response = world.send(request("GET", "/users/v1/publickeys/none", "", &Value::Null));
    assert_eq!((response.status, response.body.len()), (404, 0));
    let token = mint(&mut world, None);
    assert!(emulator::Keys::test().verify_rs256("emu-a", &token));
    let claims = emulator::jwt::payload(&token).unwrap();
    assert_eq!(claims["platform_user_id"], "s1");
    assert_eq!(claims["ver"], 1);
    let user = world.service().user(Platform::STEAM, "s1").unwrap();
    assert_eq!(claims["player_uuid"], json!(user.player_uuid));
}
