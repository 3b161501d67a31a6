//! Refresh tokens: expiry, logout, the three rotation modes, and a lost response in each.

use emulator::Delivery;
use emulator::rallyhere::Rotation;
use serde_json::{Value, json};

use crate::world::{World, game, request};

fn first(world: &mut World) -> String {
    let (_, _, body) = world.login("steam", "emu.s1");
    body["refresh_token"].as_str().unwrap().to_owned()
}

/// The new refresh token of a successful refresh.
fn refreshed(world: &mut World, token: &str) -> String {
    let (status, _, body) = world.login("refresh", token);
    assert_eq!(status, 200, "{body}");
    body["refresh_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_reusable_token_stays_valid_beside_the_new_one() {
    let mut world = World::new();
    let old = first(&mut world);
    let new = refreshed(&mut world, &old);
    assert_ne!(old, new);
    refreshed(&mut world, &old);
    refreshed(&mut world, &new);
}

#[test]
fn a_strictly_rotated_token_dies_at_once_but_only_for_a_new_one() {
    let mut world = World::new();
    world.service().environment_mut().rotation = Rotation::Strict;
    let old = first(&mut world);
    let (status, _, body) = world.login_with(&game(), "refresh", &old, &json!({}));
    assert_eq!((status, body.get("refresh_token")), (200, None), "not asked for, not consumed");
    let new = refreshed(&mut world, &old);
    assert_eq!(world.login_code("refresh", &old), "refresh_token_not_found");
    refreshed(&mut world, &new);
}

#[test]
fn a_token_rotated_with_grace_works_a_little_longer() {
    let mut world = World::new();
    world.service().environment_mut().rotation = Rotation::Grace(10);
    let old = first(&mut world);
    refreshed(&mut world, &old);
    world.now += 9_000;
    refreshed(&mut world, &old);
    world.now += 1_000;
    assert_eq!(world.login_code("refresh", &old), "refresh_token_not_found", "using it does not prolong it");
}

#[test]
fn a_lost_response_has_rotated_the_token_all_the_same() {
    let mut world = World::new();
    world.service().environment_mut().rotation = Rotation::Strict;
    let old = first(&mut world);
    world.fault(json!({
        "path": "/users/v1/login", "match": { "grant_type": "refresh" }, "after": true, "delivery": "close"
    }));
    let body = json!({ "grant_type": "refresh", "portal_access_token": old, "include_refresh": true });
    let response = world.send(request("POST", "/users/v1/login", &game(), &body));
    assert_eq!((response.status, response.delivery), (200, Delivery::Close));
    assert_eq!(world.login_code("refresh", &old), "refresh_token_not_found");
}

#[test]
fn a_refresh_token_expires_on_the_virtual_clock() {
    let mut world = World::new();
    world.service().environment_mut().refresh_ttl_s = 60;
    let token = first(&mut world);
    let (_, _, clock) = world.lever("/clock", &json!({ "advance_ms": 59_999 }));
    assert_eq!(clock["now_ms"], world.now + 59_999);
    refreshed(&mut world, &token);
    world.emulator.advance(1);
    assert_eq!(world.login_code("refresh", &token), "refresh_token_not_found");
}

#[test]
fn logout_ends_the_refresh_token_and_not_the_access_token() {
    let mut world = World::new();
    let (_, _, body) = world.login("steam", "emu.s1");
    let refresh_token = body["refresh_token"].clone();
    let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
    let logout = |world: &mut World, body: &Value| world.ask("POST", "/users/v1/logout", "", body).0;
    assert_eq!(logout(&mut world, &json!({ "refresh_token": refresh_token })), 200);
    assert_eq!(logout(&mut world, &json!({ "refresh_token": refresh_token })), 200, "an unknown one is no error");
    assert_eq!(logout(&mut world, &json!({ "refresh_token": "" })), 422);
    assert_eq!(logout(&mut world, &json!({})), 422);
    assert_eq!(world.login_code("refresh", refresh_token.as_str().unwrap()), "refresh_token_not_found");
    assert_eq!(world.ask("POST", "/users/v1/verify", &bearer, &Value::Null).0, 200);
}

#[test]
fn refusals_of_a_refresh_have_their_codes() {
    let mut world = World::new();
    assert_eq!(world.login_code("refresh", ""), "refresh_token_empty");
    assert_eq!(world.login_code("refresh", "rt_unknown"), "refresh_token_not_found");
    world.service().grant_mut(emulator::rallyhere::Grant::Refresh).enabled = false;
    assert_eq!(world.login_code("refresh", "rt_unknown"), "refresh_disabled");
}
