//! Link, unlink, enable, disable: the table of §6.7, row by row, and what the operations leave behind.

use emulator::rallyhere::{Platform, Restriction};
use serde_json::{Value, json};

use crate::world::{World, game, server};

const LINK: &str = "/users/v1/link";
const UNLINK: &str = "/users/v1/unlink";
const ENABLE: &str = "/users/v1/cross-progression/enable";
const DISABLE: &str = "/users/v1/cross-progression/disable";

/// The fixture's users and the grant each signs in with.
const GRANTS: [(&str, &str); 6] =
    [("s1", "steam"), ("x1", "xboxlive"), ("s3", "steam"), ("p3", "ps5_v3"), ("e4", "epic"), ("a6", "apple")];

fn signed_in(world: &mut World, id: &str) -> String {
    let grant = GRANTS.iter().find(|(known, _)| *known == id).unwrap().1;
    world.bearer(grant, &format!("emu.{id}"))
}

fn leader(world: &mut World, id: &str) -> Value {
    let bearer = signed_in(world, id);
    json!({ "scheme": "bearer", "credentials": bearer.strip_prefix("Bearer ").unwrap() })
}

fn post(world: &mut World, path: &str, bearer: &str, body: &Value) -> (u16, String) {
    let (status, code, _) = world.ask("POST", path, bearer, body);
    (status, code)
}

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[test]
fn linking_by_the_leaders_token_follows_the_fixture_table() {
    for (follower, leading, expected) in [
        ("s3", "p3", "cannot_link_same_player"),
        ("p3", "x1", "follower_already_linked"),
        ("e4", "s1", "follower_has_cross_progression_enabled"),
        ("s1", "s3", "platform_already_linked"),
    ] {
        let mut world = World::new();
        let credentials = leader(&mut world, leading);
        let bearer = signed_in(&mut world, follower);
        assert_eq!(post(&mut world, LINK, &bearer, &credentials), refused(expected));
    }
    let mut world = World::new();
    let credentials = leader(&mut world, "s1");
    let bearer = signed_in(&mut world, "x1");
    let response = world.send(crate::world::request("POST", LINK, &bearer, &credentials));
    assert_eq!((response.status, response.body.len()), (200, 0));
    let service = world.service();
    let person = service.person_of(Platform::STEAM, "s1").unwrap().person_id.clone();
    assert_eq!(service.user(Platform::XBOX_LIVE, "x1").unwrap().person_id, person);
    assert_eq!(service.events().last().unwrap().action, "link");
}

#[test]
fn linking_by_a_server_follows_the_fixture_table() {
    let mut world = World::new();
    let server = world.server();
    let users = |leader: (&str, &str), follower: (&str, &str)| {
        json!({
            "leader_platform": leader.0, "leader_platform_user_id": leader.1,
            "follower_platform": follower.0, "follower_platform_user_id": follower.1,
        })
    };
    for (leader, follower, expected) in [
        (("Steam", "s1"), ("Google", "g5"), "follower_has_restrictions"),
        (("Google", "g5"), ("Apple", "a6"), "leader_has_restrictions"),
        (("Steam", "s1"), ("Steam", "nope"), "account_not_found"),
        (("Steam", "nope"), ("Apple", "a6"), "leader_not_found"),
    ] {
        assert_eq!(post(&mut world, LINK, &server, &users(leader, follower)), refused(expected));
    }
    assert_eq!(post(&mut world, LINK, &server, &users(("Steam", "s1"), ("Apple", "a6"))).0, 200);
}

#[test]
fn linking_judges_the_leader_and_the_selectors() {
    let mut world = World::new();
    let bearer = signed_in(&mut world, "x1");
    assert_eq!(post(&mut world, LINK, &bearer, &json!({})), refused("leader_not_found"));
    assert_eq!(post(&mut world, LINK, &bearer, &Value::Null), refused("leader_not_found"));
    let half = json!({ "leader_platform": "Steam" });
    assert_eq!(post(&mut world, LINK, &bearer, &half), refused("leader_not_found"), "half a selector is none");
    let person = world.service().person_of(Platform::STEAM, "s1").unwrap().person_id.clone();
    let selected = json!({ "leader_person_id": person });
    assert_eq!(post(&mut world, LINK, &bearer, &selected), (403, "insufficient_permissions".into()));
    let server = world.server();
    let client = server.strip_prefix("Bearer ").unwrap();
    for (scheme, credentials, expected) in [
        ("Bearer", client, "invalid_token_claims"),
        ("Bearer", "not-a-token", "leader_not_found"),
        ("Basic", client, "leader_not_found"),
    ] {
        let body = json!({ "scheme": scheme, "credentials": credentials });
        assert_eq!(post(&mut world, LINK, &bearer, &body), refused(expected));
    }
    let bad = json!({ "leader_person_id": "not-a-uuid" });
    assert_eq!(post(&mut world, LINK, &bearer, &bad).0, 422);
}

#[test]
fn a_client_token_without_an_identity_has_invalid_claims() {
    let mut world = World::new();
    let server = world.server();
    for path in [LINK, UNLINK, ENABLE, DISABLE] {
        assert_eq!(post(&mut world, path, &server, &json!({})), refused("invalid_token_claims"), "{path}");
    }
}

#[test]
fn enable_disable_and_unlink_follow_the_fixture_table() {
    let x1 = json!({ "platform": "XboxLive", "platform_user_id": "x1" });
    for (path, id, body, expected) in [
        (ENABLE, "e4", json!({}), "already_cross_progression_player"),
        (ENABLE, "s1", x1.clone(), "cannot_modify_person"),
        (DISABLE, "s1", x1.clone(), "cannot_modify_person"),
        (UNLINK, "s1", x1, "cannot_modify_person"),
        (DISABLE, "s1", json!({}), "not_cross_progression_player"),
        (UNLINK, "s1", json!({}), "player_not_linked"),
        (UNLINK, "p3", json!({}), "cannot_unlink_cross_progression_player"),
        (ENABLE, "s1", json!({ "platform": "Steam", "platform_user_id": "nope" }), "account_not_found"),
    ] {
        let mut world = World::new();
        let bearer = signed_in(&mut world, id);
        assert_eq!(post(&mut world, path, &bearer, &body), refused(expected), "{path} {id}");
    }
}

#[test]
fn a_restriction_blocks_unlinking_even_the_pending_deletion() {
    let mut world = World::new();
    let bearer = signed_in(&mut world, "s3");
    let pending = Restriction { kind: "account_pending_deletion".into(), reason: None, expiration: None };
    world.service().restrict(Platform::STEAM, "s3", pending);
    assert_eq!(post(&mut world, UNLINK, &bearer, &json!({})), refused("user_has_restrictions"));
}

#[test]
fn unlinking_makes_a_new_person_that_keeps_its_acceptances() {
    let mut world = World::new();
    world.lever("/rallyhere/agreements", &json!({ "eula": 2 }));
    let accept = json!({ "accept_eula": true, "include_refresh": true });
    let (_, _, before) = world.login_with(&game(), "steam", "emu.s3", &accept);
    let bearer = format!("Bearer {}", before["access_token"].as_str().unwrap());
    assert_eq!(post(&mut world, UNLINK, &bearer, &json!({})).0, 200);
    let (status, _, after) = world.login("refresh", before["refresh_token"].as_str().unwrap());
    assert_eq!(status, 200, "the refresh token stays valid and the agreements accepted: {after}");
    assert_ne!(after["person_id"], before["person_id"]);
    assert_ne!(after["active_player_uuid"], before["active_player_uuid"], "own player instead of p3's");
    let actions: Vec<_> = world.service().events().iter().map(|event| event.action).collect();
    assert_eq!(actions, ["login", "unlink", "new_person", "login"]);
}

#[test]
fn half_an_identity_is_a_validation_error_outside_of_link() {
    let mut world = World::new();
    let bearer = signed_in(&mut world, "s1");
    for path in [UNLINK, ENABLE, DISABLE] {
        assert_eq!(post(&mut world, path, &bearer, &json!({ "platform": "Steam" })).0, 422, "{path}");
        assert_eq!(post(&mut world, path, &bearer, &json!({ "platform_user_id": "s1" })).0, 422, "{path}");
    }
    let discord = json!({ "platform": "Discord", "platform_user_id": "d" });
    assert_eq!(post(&mut world, ENABLE, &bearer, &discord), refused("account_not_found"));
    world.service().environment_mut().profile = emulator::rallyhere::Profile::Base;
    assert_eq!(post(&mut world, ENABLE, &bearer, &discord).0, 422, "the base page has 16 platforms");
}

#[test]
fn enabling_moves_the_active_player_and_the_old_token_keeps_naming_the_old_one() {
    let mut world = World::new();
    let (_, _, before) = world.login("steam", "emu.s3");
    let polaris = world.service().user(Platform::PSN, "p3").unwrap().player_uuid.clone();
    let sirius = world.service().user(Platform::STEAM, "s3").unwrap().player_uuid.clone();
    assert_eq!(before["active_player_uuid"], json!(polaris));
    let bearer = format!("Bearer {}", before["access_token"].as_str().unwrap());
    assert_eq!(post(&mut world, ENABLE, &bearer, &json!({})).0, 200);
    let (_, _, links) = world.ask("GET", "/users/v2/player/me/links", &bearer, &Value::Null);
    assert_eq!(links["player"]["player_uuid"], json!(polaris), "the stale token");
    assert_eq!(links["player"]["active_player_uuid"], json!(sirius));
    let (_, _, after) = world.login("refresh", before["refresh_token"].as_str().unwrap());
    assert_eq!(after["active_player_uuid"], json!(sirius));
    assert_eq!(post(&mut world, DISABLE, &bearer, &json!({})).0, 200);
    let (_, _, own) = world.login("ps5_v3", "emu.p3");
    assert_eq!(own["active_player_uuid"], json!(polaris));
}

#[test]
fn a_server_may_disable_any_person_and_its_users_are_found() {
    let mut world = World::new();
    let bearer = world.server();
    let person = world.service().person_of(Platform::EPIC, "e4").unwrap().person_id.clone();
    assert_eq!(post(&mut world, DISABLE, &bearer, &json!({ "person_id": person })).0, 200);
    assert!(world.service().person_of(Platform::EPIC, "e4").unwrap().active_player_uuid.is_none());
    let unknown = json!({ "person_id": "00000000-0000-4000-8000-000000000000" });
    assert_eq!(post(&mut world, DISABLE, &bearer, &unknown), refused("account_not_found"));
}

#[test]
fn a_refresh_token_knows_its_user_and_its_client() {
    let mut world = World::new();
    let (_, _, body) = world.login("xboxlive", "emu.x1");
    let token = body["refresh_token"].as_str().unwrap();
    let (_, code, refused) = world.login_with(&server(), "refresh", token, &json!({}));
    assert_eq!((code.as_str(), &refused["auth_success"]), ("refresh_token_client_id_mismatch", &json!(false)));
    assert!(world.service().delete_user(Platform::XBOX_LIVE, "x1"));
    assert_eq!(world.login_code("refresh", token), "refresh_token_invalid_user");
}
