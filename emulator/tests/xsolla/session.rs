//! Logout, revocation, validation, keys and the profile.

use emulator::jwt;
use emulator::xsolla::{Algorithm, MAIN_PROJECT_ID, Project, SHADOW_PROJECT_ID, USER_ID};
use serde_json::json;

use crate::bench::{Bench, bearer, body_of, refused, text, too_many};

#[test]
fn logging_out_of_all_kills_access_and_refresh_tokens() {
    let mut bench = Bench::new();
    let tokens = bench.sign_in("nova");
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let header = bearer(access);
    refused(&bench.get("/api/oauth2/logout?sessions=all", &[]), 401, "002-016");
    assert_eq!(bench.get("/api/oauth2/logout?sessions=sso", &[("authorization", &header)]).status, 204);
    assert_eq!(bench.get("/api/users/me", &[("authorization", &header)]).status, 200);
    assert_eq!(bench.get("/api/oauth2/logout?sessions=all", &[("authorization", &header)]).status, 204);
    refused(&bench.get("/api/oauth2/logout?sessions=all", &[("authorization", &header)]), 401, "002-016");
    refused(&bench.post("/api/token/validate", &[], json!({ "token": access })), 422, "002-016");
    let grant = [("grant_type", "refresh_token"), ("client_id", "57"), ("refresh_token", refresh)];
    refused(&bench.token(&grant), 400, "010-023");
    bench.xsolla().knobs_mut().requests_per_minute.insert("logout".into(), 0);
    too_many(&bench.get("/api/oauth2/logout?sessions=all", &[]));
}

#[test]
fn revoking_a_token_is_always_204() {
    let mut bench = Bench::new();
    let tokens = bench.sign_in("nova");
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    for token in [access, refresh, "unknown"] {
        assert_eq!(bench.form("/api/oauth2/token/revoke", &[("token", token), ("client_id", "57")]).status, 204);
    }
    refused(&bench.get("/api/users/me", &[("authorization", &bearer(access))]), 401, "002-016");
    let grant = [("grant_type", "refresh_token"), ("client_id", "57"), ("refresh_token", refresh)];
    refused(&bench.token(&grant), 400, "010-023");
    refused(&bench.form("/api/oauth2/token/revoke", &[]), 400, "0");
}

#[test]
fn validation_tells_a_bad_token_from_a_lost_user_or_project() {
    let mut bench = Bench::new();
    let token = bench.main_token();
    let mut validate = |token: &str| bench.post("/api/token/validate", &[], json!({ "token": token }));
    assert_eq!(validate(&token).status, 204);
    refused(&validate(""), 400, "0");
    refused(&validate("forged"), 422, "002-016");
    bench.xsolla().remove_user(USER_ID);
    let mut validate = |token: &str| bench.post("/api/token/validate", &[], json!({ "token": token }));
    refused(&validate(&token), 404, "003-002");
    bench.xsolla().remove_project(MAIN_PROJECT_ID);
    let mut validate = |token: &str| bench.post("/api/token/validate", &[], json!({ "token": token }));
    refused(&validate(&token), 404, "003-019");
    bench.advance_s(3600);
    refused(&bench.post("/api/token/validate", &[], json!({ "token": token })), 422, "002-016");
}

#[test]
fn keys_are_a_bare_array_in_hexadecimal() {
    let mut bench = Bench::new();
    let keys = body_of(&bench.get(&format!("/api/projects/{MAIN_PROJECT_ID}/keys"), &[]));
    assert_eq!(keys.as_array().unwrap().len(), 1);
    let key = &keys[0];
    assert_eq!(
        (key["alg"].as_str(), key["kty"].as_str(), key["use"].as_str()),
        (Some("RS256"), Some("RSA"), Some("sig"))
    );
    assert_eq!((key["kid"].as_str(), key["e"].as_str()), (Some("emu-a"), Some("10001")));
    let n = key["n"].as_str().unwrap();
    assert!(n.len() == 512 && n.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let shadow = body_of(&bench.get(&format!("/api/projects/{SHADOW_PROJECT_ID}/keys"), &[]));
    assert_eq!(shadow[0]["kid"], "emu-b");
    refused(&bench.get("/api/projects/nope/keys", &[]), 404, "003-019");
}

#[test]
fn a_generated_key_signs_from_now_on_and_old_tokens_stay_good() {
    let mut bench = Bench::new();
    let old = bench.main_token();
    let server = bench.server_token();
    let path = format!("/api/projects/{MAIN_PROJECT_ID}/keys");
    refused(&bench.post(&path, &[], json!({})), 401, "003-040");
    let key = bench.post(&path, &[("x-server-authorization", &server)], json!({}));
    assert_eq!(body_of(&key)["kid"], "emu-b");
    let new = bench.main_token();
    assert_eq!(jwt::header(&new).unwrap()["kid"], "emu-b");
    for token in [old, new] {
        assert_eq!(bench.post("/api/token/validate", &[], json!({ "token": token })).status, 204);
    }
    assert_eq!(body_of(&bench.get(&path, &[])).as_array().unwrap().len(), 2);
}

#[test]
fn an_hs256_project_signs_with_its_secret_and_publishes_no_key() {
    let mut bench = Bench::new();
    let project = bench.xsolla().project(MAIN_PROJECT_ID).unwrap().clone();
    let hs = Project { algorithm: Algorithm::HS256, hs_secret: Some("shared".into()), ..project };
    bench.with(|xsolla, context| xsolla.put_project(context, hs));
    let token = bench.main_token();
    assert!(jwt::verify_hs256(b"shared", &token));
    assert_eq!(jwt::header(&token).unwrap().get("kid"), None);
    assert_eq!(bench.get("/api/users/me", &[("authorization", &bearer(&token))]).status, 200);
    let keys = bench.get(&format!("/api/projects/{MAIN_PROJECT_ID}/keys"), &[]);
    assert_eq!(body_of(&keys), json!([]));
}

#[test]
fn the_profile_has_every_field_even_if_null() {
    let mut bench = Bench::new();
    let token = bench.main_token();
    let me = body_of(&bench.get("/api/users/me", &[("authorization", &bearer(&token))]));
    assert_eq!((me["id"].as_str(), me["nickname"].as_str()), (Some(USER_ID), Some("Nova")));
    assert_eq!(me["registered"], "2023-11-14T22:13:20Z");
    for name in ["birthday", "phone", "ban", "country", "tag", "external_id", "connection_information", "phone_auth"] {
        assert!(me[name].is_null() && me.get(name).is_some(), "{name}");
    }
    bench.xsolla().ban_user(USER_ID, true);
    refused(&bench.get("/api/users/me", &[("authorization", &bearer(&token))]), 401, "002-040");
}

#[test]
fn linked_platform_accounts_are_listed_only_when_the_knob_is_on() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    let code = bench.code();
    bench.link(&code, "123");
    let header = bearer(&bench.main_token());
    let path = "/api/users/me/social_providers";
    assert_eq!(body_of(&bench.get(path, &[("authorization", &header)])), json!([]));
    bench.xsolla().knobs_mut().list_linked_in_social_providers = true;
    let rows = body_of(&bench.get(path, &[("authorization", &header)]));
    assert_eq!((rows[0]["provider"].as_str(), rows[0]["social_id"].as_str()), (Some("xbox"), Some("123")));
    refused(&bench.delete(&format!("{path}/xbox"), &[("authorization", &header)]), 404, "003-061");
    let url =
        bench.get(&format!("{path}/discord/login_url?login_url=http://localhost:9/cb"), &[("authorization", &header)]);
    assert!(text(&url, "url").contains("/social/discord/"));
}
