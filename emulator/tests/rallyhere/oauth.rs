//! The web sign-in: §2.13 to §2.17, and the codes of §6.4 that are reached through it.

use emulator::http::form_decode;
use emulator::rallyhere::{Agreements, Platform, Portal, ProviderState};
use serde_json::{Value, json};

use crate::world::{World, game, request, server};

const CALLBACK: &str = "http://localhost:3000/callback";

/// The location of a 307, and its query.
fn follow(world: &mut World, target: &str) -> (String, Vec<(String, String)>) {
    let response = world.send(request("GET", target, "", &Value::Null));
    assert_eq!(response.status, 307, "{target}");
    let location = response.header("location").unwrap().to_owned();
    let (place, query) = location.split_once('?').unwrap();
    (place.to_owned(), form_decode(query))
}

fn get<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// The state the emulator gives the platform.
fn start(world: &mut World, portal: &str) -> String {
    let (place, query) = follow(world, &format!("/users/v1/oauth/login/{portal}?state=mine%20%26"));
    assert!(place.ends_with(&format!("/oauth/page/{portal}")), "{place}");
    get(&query, "state").to_owned()
}

/// The redirect after the player typed `credential` on the platform's page.
fn finish(world: &mut World, portal: &str, credential: &str) -> Vec<(String, String)> {
    let state = start(world, portal);
    let code = emulator::http::percent_encode(credential);
    let (place, query) = follow(world, &format!("/users/v1/oauth/response/{portal}?code={code}&state={state}"));
    assert_eq!(place, CALLBACK);
    assert_eq!(get(&query, "state"), "mine &", "returned unchanged");
    query
}

fn swap(world: &mut World, code: &str, more: &Value) -> (u16, String, Value) {
    let mut body = json!({ "grant_type": "authorization_code", "code": code });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    world.ask("POST", "/users/v1/oauth/token", &game(), &body)
}

#[test]
fn a_known_player_signs_in_on_the_web_and_the_code_works_once() {
    let mut world = World::new();
    let query = finish(&mut world, "steam", "emu.s1");
    let code = get(&query, "code").to_owned();
    let (status, _, body) = swap(&mut world, &code, &json!({}));
    assert_eq!(status, 200);
    let (status, _, login) = world.login("refresh", body["refresh_token"].as_str().unwrap());
    assert_eq!((status, &login["portal_user_id"]), (200, &json!("s1")));
    assert_eq!(swap(&mut world, &code, &json!({})).1, "authorization_code_not_found");
    assert_eq!(swap(&mut world, "", &json!({})).0, 422);
    let (status, code, _) = world.ask("POST", "/users/v1/oauth/token", "", &json!({}));
    assert_eq!((status, code.as_str()), (403, "client_credentials_invalid"));
}

#[test]
fn a_code_expires() {
    let mut world = World::new();
    let query = finish(&mut world, "steam", "emu.s1");
    world.now += 3_600_000;
    assert_eq!(swap(&mut world, get(&query, "code"), &json!({})).1, "authorization_code_not_found");
}

#[test]
fn missing_agreements_come_as_a_200_with_a_new_code() {
    let mut world = World::new();
    world.service().require_agreements(Agreements { eula: Some(1), ..Agreements::default() });
    let query = finish(&mut world, "steam", "emu.s1");
    let (status, _, body) = swap(&mut world, get(&query, "code"), &json!({}));
    assert_eq!((status, &body["needs_eula"], &body["needs_tos"]), (200, &json!(true), &json!(false)));
    assert!(body.get("access_token").is_none());
    let again = body["regenerated_code"].as_str().unwrap();
    let (_, _, body) = swap(&mut world, again, &json!({ "accepted_eula": true }));
    assert!(body["access_token"].is_string());
}

#[test]
fn a_banned_player_gets_a_200_with_the_restrictions() {
    let mut world = World::new();
    let query = finish(&mut world, "google", "emu.g5");
    let (status, _, body) = swap(&mut world, get(&query, "code"), &json!({}));
    assert_eq!((status, &body["restrictions"][0]["type"]), (200, &json!("account_ban")));
    assert!(body.get("access_token").is_none());
}

#[test]
fn flaws_on_the_web_end_in_their_codes() {
    for (portal, credential, code) in [
        ("amazon", "", "amazon_token_empty"),
        ("amazon", "x", "amazon_invalid_access_token"),
        ("amazon", "emu.a?exchangefail", "amazon_token_exchange_failed"),
        ("twitch", "", "twitch_token_empty"),
        ("twitch", "x", "twitch_token_invalid"),
        ("twitch", "emu.t?exchangefail", "twitch_token_exchange_failed"),
        ("apple", "emu.a?exchangefail", "apple_token_exchange_failed"),
        ("google", "emu.g?exchangefail", "google_token_exchange_failed"),
        ("epic", "emu.e?exchangefail", "epic_oauth_token_exchange_failed"),
        ("nintendo", "emu.n?exchangefail", "nintendo_token_exchange_failed"),
        ("xbox", "emu.x?idfail", "xbox_access_token_request_failed"),
        ("xbox", "emu.x?exchangefail", "xbox_xsts_token_exchange_failed"),
        ("xbox", "emu.x?badkey", "xbox_xtoken_exchange_failed"),
        ("steam", "emu.s?exchangefail", "error_occurred_during_exchange"),
        ("twitch", "emu.unseen", "create_new_user_not_allowed"),
    ] {
        let mut world = World::new();
        let query = finish(&mut world, portal, credential);
        assert_eq!(get(&query, "error_code_v2"), code, "{portal} {credential}");
        assert!(!get(&query, "error_description").is_empty() && !get(&query, "error_code").is_empty());
        assert_eq!(get(&query, "code"), "");
    }
    let mut world = World::new();
    world.service().portal_mut(Portal::Twitch).provider_state = ProviderState::KeysUnavailable;
    assert_eq!(get(&finish(&mut world, "twitch", "emu.t"), "error_code_v2"), "twitch_keys_not_available");
    world.service().environment_mut().oauth_creates_users = true;
    assert!(!get(&finish(&mut world, "amazon", "emu.new.Amy"), "code").is_empty());
    assert!(world.service().user(Platform::AMAZON, "new").is_some());
}

#[test]
fn the_start_of_the_flow_fails_into_the_redirect() {
    let login = |world: &mut World, portal: &str, more: &str| {
        let (place, query) = follow(world, &format!("/users/v1/oauth/login/{portal}?state=s{more}"));
        (place, get(&query, "error_code_v2").to_owned(), get(&query, "error_code").to_owned())
    };
    let mut world = World::new();
    world.service().portal_mut(Portal::Amazon).enabled = false;
    world.service().portal_mut(Portal::Twitch).enabled = false;
    world.service().portal_mut(Portal::Nintendo).oauth_configured = false;
    for (portal, code, deprecated) in [
        ("amazon", "amazon_disabled", "PORTAL_PROVIDER_DISABLED"),
        ("twitch", "twitch_disabled", "PORTAL_PROVIDER_DISABLED"),
        ("nintendo", "nintendo_oauth_env_not_found", "ERROR_OCCURRED_DURING_EXCHANGE"),
    ] {
        assert_eq!(login(&mut world, portal, ""), (CALLBACK.into(), code.into(), deprecated.into()));
    }
    world.service().fail_state_store(true);
    assert_eq!(login(&mut world, "steam", "").1, "failed_to_save_state");
    world.service().fail_state_store(false);
    assert_eq!(login(&mut world, "steam", "&redirect_uri=http%3A%2F%2Fevil.example").1, "", "the first is used");
    world.service().environment_mut().strict_redirects = true;
    let (place, code, _) = login(&mut world, "steam", "&redirect_uri=http%3A%2F%2Fevil.example");
    assert_eq!((place.as_str(), code.as_str()), (CALLBACK, "redirect_uri_does_not_match"));
    world.lever("/rallyhere/redirects", &json!({ "portal": "steam", "uris": [] }));
    assert_eq!(login(&mut world, "steam", "").1, "no_redirects_configured");
    let long = format!("/users/v1/oauth/login/google?state={}", "s".repeat(4097));
    assert_eq!(world.ask("GET", &long, "", &Value::Null).0, 422);
    assert_eq!(world.ask("GET", "/users/v1/oauth/login/xboxlive", "", &Value::Null).0, 422);
}

#[test]
fn an_injected_error_is_told_in_the_redirect() {
    let mut world = World::new();
    world.fault(json!({ "path": "/users/v1/oauth/login/*", "error_code": "internal_error" }));
    let (place, query) = follow(&mut world, "/users/v1/oauth/login/steam?state=s");
    assert_eq!((place.as_str(), get(&query, "state")), (CALLBACK, "s"));
    assert_eq!(get(&query, "error_code_v2"), "internal_error");
    world.fault(json!({ "path": "/users/v1/oauth/response/*", "error_code": "too_many_users" }));
    assert_eq!(get(&finish(&mut world, "steam", "emu.s1"), "error_code_v2"), "too_many_users");
    world.fault(json!({ "path": "/users/v1/oauth/login/*", "status": 500 }));
    assert_eq!(world.ask("GET", "/users/v1/oauth/login/steam", "", &Value::Null).0, 500);
}

#[test]
fn a_state_must_be_known_fresh_and_unused() {
    let mut world = World::new();
    let respond = |world: &mut World, state: &str| {
        let (_, query) = follow(world, &format!("/users/v1/oauth/response/steam?code=emu.s1&state={state}"));
        get(&query, "error_code_v2").to_owned()
    };
    assert_eq!(respond(&mut world, "made-up"), "failed_to_verify_state");
    let state = start(&mut world, "steam");
    assert_eq!(respond(&mut world, &state), "");
    assert_eq!(respond(&mut world, &state), "failed_to_verify_state", "used");
    let state = start(&mut world, "steam");
    world.now += 3_600_000;
    assert_eq!(respond(&mut world, &state), "failed_to_verify_state", "expired");
}

#[test]
fn the_page_that_plays_the_platform_leads_back() {
    let mut world = World::new();
    let state = start(&mut world, "steam");
    let target = format!("/__emulator/rallyhere/oauth/page/steam?state={state}");
    let response = world.send(request("GET", &target, "", &Value::Null));
    let html = String::from_utf8(response.body).unwrap();
    assert!(html.contains("/users/v1/oauth/response/steam") && html.contains(&state));
}

#[test]
fn a_client_token_comes_from_the_second_version_too() {
    let mut world = World::new();
    let body = json!({ "grant_type": "client_credentials" });
    let (status, _, token) = world.ask("POST", "/users/v2/oauth/token", &server(), &body);
    assert_eq!((status, &token["token_type"], &token["expires_in"]), (200, &json!("Bearer"), &json!(3600)));
    assert_eq!(world.ask("POST", "/users/v2/oauth/token", "", &body).1, "client_credentials_invalid");
    assert_eq!(world.ask("POST", "/users/v2/oauth/token", &server(), &json!({})).0, 422);
}

#[test]
fn playstation_token_details_have_their_codes() {
    let mut world = World::new();
    let ask = |world: &mut World, grant: &str, token: &str| {
        let body = json!({ "grant_type": grant, "portal_access_token": token });
        world.ask("POST", "/users/v1/portaltoken/details", "", &body)
    };
    let (status, _, body) = ask(&mut world, "ps4_v1", "emu.p3.Polaris");
    assert_eq!(status, 200);
    assert!(body.as_object().unwrap().values().all(Value::is_string));
    let (_, code, body) = ask(&mut world, "ps4_v1", "emu.p?idfail");
    assert_eq!(code, "ps4_v1_token_details_request_failed");
    assert!(body.get("needs_eula").is_none(), "the smaller envelope");
    assert_eq!(ask(&mut world, "steam", "emu.s").0, 422);
    for grant in ["ps4_v1", "ps4_v3", "ps5_v3"] {
        world.lever("/rallyhere/grants", &json!({ "grant": grant, "details_enabled": false }));
        assert_eq!(ask(&mut world, grant, "emu.p").1, format!("{grant}_token_details_disabled"));
    }
}
