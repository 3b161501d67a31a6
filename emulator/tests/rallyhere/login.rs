//! The login pipeline: §6.2 in its order, and what a login answers.

use emulator::rallyhere::{Agreements, Bypass, Gate, Grant, Platform, Restriction, Role};
use serde_json::json;

use crate::world::{World, basic, game, server};

#[test]
fn a_steam_login_answers_the_whole_login_result() {
    let mut world = World::new();
    let (status, _, body) = world.login("steam", "emu.newcomer.Nova%20Prime");
    assert_eq!(status, 200, "{body}");
    for (name, value) in [
        ("token_type", json!("Bearer")),
        ("expires_in", json!(3600)),
        ("platform", json!("Steam")),
        ("portal_id", json!(5)),
        ("portal_user_id", json!("newcomer")),
        ("display_name", json!("Nova Prime")),
        ("role_id", json!(0)),
        ("restrictions", json!([])),
        ("client_id", json!("game")),
        ("role_custom_data", json!({})),
        ("permissions", json!(["user:restriction:read:self", "user:audit:self"])),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    for name in ["access_token", "refresh_token", "active_player_uuid", "person_id", "publisher_uuid", "client_uuid"] {
        assert!(body[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    let (_, _, without) = world.login_with(&game(), "steam", "emu.newcomer", &json!({}));
    assert!(without.get("refresh_token").is_none());
    assert_eq!(without["person_id"], body["person_id"]);
}

#[test]
fn the_base_profile_emits_only_what_the_base_page_has() {
    let mut world = World::base();
    let (_, _, body) = world.login("xboxlive", "emu.x1");
    for name in ["client_id", "platform_environment", "role_custom_data"] {
        assert!(body.get(name).is_none(), "{name}");
    }
    let (_, code, refused) = world.login("google", "emu.g5");
    assert_eq!(code, "user_auth_restricted");
    assert!(refused.get("restrictions").is_none());
    assert_eq!(world.login("rallyhere", "emu.r").0, 422);
}

#[test]
fn optional_fields_are_absent_or_null_as_the_environment_says() {
    let mut world = World::new();
    let (_, _, body) = world.login_with(&game(), "steam", "emu.s1", &json!({}));
    assert!(body.get("refresh_token").is_none() && body.get("portal_parent_auth_result").is_none());
    world.service().environment_mut().emit_nulls = true;
    let (_, _, body) = world.login_with(&game(), "steam", "emu.s1", &json!({}));
    assert!(body["refresh_token"].is_null() && body.get("refresh_token").is_some());
}

#[test]
fn client_credentials_yield_a_token_without_a_user() {
    let mut world = World::new();
    let (status, _, body) = world.login_with(&server(), "client_credentials", "", &json!({ "include_refresh": true }));
    assert_eq!(status, 200);
    assert_eq!(body["permissions"], json!(["user:*"]));
    assert!(body.get("person_id").is_none() && body.get("active_player_uuid").is_none());
}

/// Each line makes one more step pass; the code named is that of the first step that still fails.
#[test]
fn failures_come_in_the_order_of_the_pipeline() {
    let mut world = World::new();
    let user = (Platform::STEAM, "s1");
    world.service().environment_mut().gate = Gate::Unavailable(7);
    world.service().client_mut("game").unwrap().allow_user_auth = false;
    world.service().grant_mut(Grant::Steam).supported = Some(false);
    world.service().grant_mut(Grant::Steam).enabled = false;
    world.service().set_ambiguous(user.0, user.1, true);
    world.service().assign_role(user.0, user.1, Some("missing"));
    let ban = Restriction { kind: "account_ban".into(), reason: None, expiration: None };
    world.service().restrict(user.0, user.1, ban);
    world.service().require_agreements(Agreements { eula: Some(1), tos: None, privacy_policy: Some(3) });
    world.service().drop_player(user.0, user.1);
    world.service().fail_token_store(true);
    world.fault(json!({ "path": "/users/v1/login", "status": 403, "error_code": "internal_error" }));

    let mut broken = crate::world::request("POST", "/users/v1/login", "", &json!(null));
    broken.body = b"{".to_vec();
    assert_eq!(world.send(broken).status, 422, "1: unparseable, before the closed gate");

    let wrong = basic("game", "wrong");
    let no_grant = json!({ "grant_type": "carrier_pigeon" });
    let response = world.send(crate::world::request("POST", "/users/v1/login", &wrong, &no_grant));
    assert_eq!((response.status, response.header("retry-after")), (503, Some("7")), "2");
    world.service().environment_mut().gate = Gate::Locked;

    let (status, code, body) = world.ask("POST", "/users/v1/login", &wrong, &no_grant);
    assert_eq!((status, code.as_str()), (403, "client_credentials_invalid"), "3: before the unknown grant");
    assert_eq!(body["auth_success"], false);

    let (status, _, body) = world.ask("POST", "/users/v1/login", &game(), &no_grant);
    assert_eq!((status, &body["detail"][0]["type"]), (422, &json!("type_error.enum")), "4");
    assert_eq!(body["detail"][0]["loc"], json!(["body", "grant_type"]));

    assert_eq!(world.login_code("steam", ""), "internal_error", "5: the injected fault, before the client's policy");
    assert_eq!(world.login_code("steam", ""), "user_auth_disabled", "6");
    world.service().client_mut("game").unwrap().allow_user_auth = true;
    assert_eq!(world.login_code("steam", ""), "invalid_grant_type", "7");
    world.service().grant_mut(Grant::Steam).supported = None;
    assert_eq!(world.login_code("steam", ""), "steam_disabled", "9");
    world.service().grant_mut(Grant::Steam).enabled = true;
    assert_eq!(world.login_code("steam", ""), "steam_token_empty", "10");
    assert_eq!(world.login_code("steam", "140000ab"), "steam_token_invalid", "13");
    assert_eq!(world.login_code("steam", "emu.s1?noown"), "does_not_meet_ownership_reqs", "14");
    assert_eq!(world.login_code("steam", "emu.s1"), "too_many_users", "15");
    world.service().set_ambiguous(user.0, user.1, false);
    assert_eq!(world.login_code("steam", "emu.s1"), "failed_to_retrieve_roles", "16");
    world.service().assign_role(user.0, user.1, None);
    assert_eq!(world.login_code("steam", "emu.s1"), "authentication_locked", "17");
    world.service().environment_mut().gate = Gate::Open;
    assert_eq!(world.login_code("steam", "emu.s1"), "user_auth_restricted", "18");
    world.service().lift_restrictions(user.0, user.1);
    let (_, code, body) = world.login("steam", "emu.s1");
    assert_eq!(code, "user_needs_agreements", "19");
    let needs = ["needs_eula", "needs_tos", "needs_privacy_policy"].map(|name| body[name] == true);
    assert_eq!(needs, [true, false, true]);
    let accept = json!({ "accept_eula": true, "accept_privacy_policy": true });
    let (_, code, _) = world.login_with(&game(), "steam", "emu.s1", &accept);
    assert_eq!(code, "error_retrieving_player_results", "20: acceptance is stored");
    world.service().delete_user(user.0, user.1);
    assert_eq!(world.login_code("steam", "emu.s1"), "user_needs_agreements", "a new person accepted nothing");
    let (_, code, _) = world.login_with(&game(), "steam", "emu.s1", &accept);
    assert_eq!(code, "failed_to_save_tokens", "21");
    world.service().fail_token_store(false);
    assert_eq!(world.login("steam", "emu.s1").0, 200, "23");
}

#[test]
fn a_basic_header_is_read_in_either_alphabet_padded_or_not() {
    let mut world = World::new();
    world.with(|service, context| service.add_client(context, "ga~me", "??>>:~~ÿ"));
    let standard = basic("ga~me", "??>>:~~ÿ");
    assert!(standard.contains('/') || standard.contains('+'), "{standard}");
    let url_safe = standard.replace('+', "-").replace('/', "_");
    for header in [standard.clone(), url_safe.clone(), url_safe.trim_end_matches('=').to_owned()] {
        assert_eq!(world.login_with(&header, "anon", "someone", &json!({})).0, 200, "{header}");
    }
}

#[test]
fn a_missing_basic_header_is_tolerated_for_users_only_when_lenient() {
    let mut world = World::new();
    assert_eq!(world.login_with("", "anon", "a", &json!({})).1, "client_credentials_invalid");
    world.service().environment_mut().lenient_client_auth = true;
    assert_eq!(world.login_with("", "anon", "a", &json!({})).0, 200);
    assert_eq!(world.login_with("", "client_credentials", "", &json!({})).1, "client_credentials_invalid");
    assert_eq!(world.login_with(&basic("game", "no"), "anon", "a", &json!({})).1, "client_credentials_invalid");
}

#[test]
fn client_policy_exists_in_the_newest_profile_only() {
    let mut world = World::new();
    world.service().client_mut("server").unwrap().allow_client_auth = false;
    assert_eq!(world.login_with(&server(), "client_credentials", "", &json!({})).1, "client_auth_disabled");
    world.service().environment_mut().profile = emulator::rallyhere::Profile::Base;
    assert_eq!(world.login_with(&server(), "client_credentials", "", &json!({})).0, 200);
    world.service().grant_mut(Grant::Steam).supported = Some(false);
    assert_eq!(world.login_code("steam", "emu.s1"), "steam_disabled", "base has no invalid_grant_type");
}

#[test]
fn a_refused_login_lists_only_the_restrictions_that_block_it() {
    let mut world = World::new();
    let pending = Restriction {
        kind: "account_pending_deletion".into(),
        reason: Some("user_request".into()),
        expiration: Some(crate::world::START + 86_400_000),
    };
    world.service().restrict(Platform::STEAM, "s1", pending.clone());
    let (status, _, body) = world.login("steam", "emu.s1");
    assert_eq!((status, &body["restrictions"][0]["type"]), (200, &json!("account_pending_deletion")));

    world.service().restrict(Platform::STEAM, "banned1", pending);
    let (_, code, body) = world.login("steam", "emu.banned1");
    assert_eq!(code, "user_auth_restricted");
    let expected = json!([{
        "type": "account_ban", "reason": "cheating_observed", "expiration": "2023-11-21T22:13:20Z"
    }]);
    assert_eq!(body["restrictions"], expected);
    assert_eq!(body["auth_success"], true);
    world.now += 7 * 86_400_000;
    assert_eq!(world.login("steam", "emu.banned1").0, 200, "an expired restriction is ignored");
}

#[test]
fn a_limited_gate_lets_refreshes_and_roles_pass_and_a_locked_one_only_its_bypass() {
    let mut world = World::new();
    let (_, _, first) = world.login("steam", "emu.s1");
    let token = first["refresh_token"].as_str().unwrap().to_owned();
    for (role_id, auth_bypass) in [("vip", Bypass::Limited), ("staff", Bypass::Locked)] {
        world.service().set_role(Role { role_id: role_id.into(), auth_bypass, ..Role::default() });
    }
    world.service().environment_mut().gate = Gate::Limited;
    assert_eq!(world.login_code("steam", "emu.s1"), "authentication_limited");
    assert_eq!(world.login("refresh", &token).0, 200);
    assert_eq!(world.login_with(&server(), "client_credentials", "", &json!({})).0, 200);
    world.service().assign_role(Platform::STEAM, "s1", Some("vip"));
    assert_eq!(world.login("steam", "emu.s1").0, 200);
    world.service().environment_mut().gate = Gate::Locked;
    assert_eq!(world.login_code("steam", "emu.s1"), "authentication_locked");
    assert_eq!(world.login_code("refresh", &token), "authentication_locked");
    assert_eq!(world.login_with(&server(), "client_credentials", "", &json!({})).0, 200);
    world.service().assign_role(Platform::STEAM, "s1", Some("staff"));
    assert_eq!(world.login("refresh", &token).0, 200);
}

#[test]
fn a_bumped_agreement_is_asked_again_also_on_refresh() {
    let mut world = World::new();
    world.lever("/rallyhere/agreements", &json!({ "tos": true }));
    assert_eq!(world.login_code("steam", "emu.s1"), "user_needs_agreements");
    let accept = json!({ "accept_tos": true, "include_refresh": true });
    let (status, _, body) = world.login_with(&game(), "steam", "emu.s1", &accept);
    assert_eq!(status, 200);
    assert_eq!(world.login("steam", "emu.s1").0, 200, "false retracts nothing");
    let token = body["refresh_token"].as_str().unwrap();
    assert_eq!(world.login("refresh", token).0, 200);
    world.lever("/rallyhere/agreements", &json!({ "tos": true }));
    let (_, code, body) = world.login("refresh", token);
    assert_eq!((code.as_str(), &body["needs_tos"]), ("user_needs_agreements", &json!(true)));
}

#[test]
fn malformed_input_is_a_validation_error_without_error_code() {
    let mut world = World::new();
    for (body, location, kind) in [
        (json!({}), json!(["body", "grant_type"]), "value_error.missing"),
        (json!({ "grant_type": 5 }), json!(["body", "grant_type"]), "type_error.str"),
        (json!([]), json!(["body"]), "type_error.dict"),
        (json!({ "grant_type": "anon", "accept_eula": "yes" }), json!(["body", "accept_eula"]), "type_error.bool"),
    ] {
        let (status, code, answer) = world.ask("POST", "/users/v1/login", &game(), &body);
        assert_eq!((status, code.as_str()), (422, ""), "{body}");
        assert_eq!((&answer["detail"][0]["loc"], &answer["detail"][0]["type"]), (&location, &json!(kind)), "{body}");
    }
    let body = json!({ "grant_type": "anon", "portal_access_token": "a" });
    let mut request = crate::world::request("POST", "/users/v1/login", &game(), &body);
    request.headers.push(("x-rh-client-addr".into(), "2001:0db8:0000:0000:0000:0000:0000:0001".into()));
    assert_eq!(world.send(request).status, 422);
    let huge = json!({ "grant_type": "anon", "portal_access_token": "a".repeat(70_000) });
    assert_eq!(world.ask("POST", "/users/v1/login", &game(), &huge).0, 422);
}
