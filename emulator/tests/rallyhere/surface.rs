//! The other endpoints: links, platform users, restrictions, and the levers over HTTP.

use emulator::rallyhere::Platform;
use serde_json::{Value, json};

use crate::world::World;

fn get(world: &mut World, target: &str, bearer: &str) -> (u16, String, Value) {
    world.ask("GET", target, bearer, &Value::Null)
}

#[test]
fn links_list_every_platform_user_of_the_person() {
    let mut world = World::new();
    let bearer = world.bearer("steam", "emu.s3");
    let (status, _, links) = get(&mut world, "/users/v2/player/me/links", &bearer);
    assert_eq!(status, 200);
    let users: Vec<_> = links["linked_portals"].as_array().unwrap().iter().map(|one| &one["portal_user_id"]).collect();
    assert_eq!(users, ["s3", "p3"]);
    assert!(links["player"].get("role_id").is_none());
    let uuid = links["player"]["player_uuid"].as_str().unwrap().to_uppercase();
    let id = links["player"]["player_id"].as_u64().unwrap();
    assert_eq!(get(&mut world, &format!("/users/v2/player/{uuid}/links"), &bearer).2, links);
    assert_eq!(get(&mut world, &format!("/users/v1/player/{id}/linked_portals"), &bearer).2, links);

    let alone = world.bearer("steam", "emu.s1");
    let (_, _, links) = get(&mut world, "/users/v2/player/me/links", &alone);
    assert!(links["player"].get("active_player_uuid").is_none(), "only when there is one");
    let unknown = "/users/v2/player/00000000-0000-4000-8000-000000000000/links";
    assert_eq!(get(&mut world, unknown, &alone).1, "user_not_found");
    assert_eq!(get(&mut world, "/users/v2/player/nobody/links", &alone).0, 422);
    assert_eq!(get(&mut world, "/users/v1/player/nobody/linked_portals", &alone).0, 422);
    let server = world.server();
    let (status, code, _) = get(&mut world, "/users/v2/player/me/links", &server);
    assert_eq!((status, code.as_str()), (400, "invalid_token_claims"));
}

#[test]
fn platform_users_are_found_created_and_updated_by_servers() {
    const PATH: &str = "/users/v1/platform-user";
    let mut world = World::new();
    let server = world.server();
    let (status, code, _) = get(&mut world, &format!("{PATH}?platform=Steam&platform_user_id=nope"), &server);
    assert_eq!((status, code.as_str()), (404, "user_not_found"));
    let known = json!({ "platform": "Steam", "platform_user_id": "s1" });
    let (status, code, _) = world.ask("POST", PATH, &server, &known);
    assert_eq!((status, code.as_str()), (409, "user_already_exists"));
    let new = json!({ "platform": "Discord", "platform_user_id": "d 1", "display_name": "Dee" });
    let (status, _, created) = world.ask("POST", PATH, &server, &new);
    assert_eq!((status, &created["display_name"]), (201, &json!("Dee")));
    let target = format!("{PATH}?platform=Discord&platform_user_id=d+1&unknown=1");
    assert_eq!(get(&mut world, &target, &server).2, created);
    let (status, _, renamed) = world.ask("PUT", &format!("{target}&display_name=Di"), &server, &Value::Null);
    assert_eq!((status, &renamed["display_name"], &renamed["person_id"]), (200, &json!("Di"), &created["person_id"]));
    let other = format!("{PATH}?platform=Steam&platform_user_id=new&display_name=N");
    assert_eq!(world.ask("PUT", &other, &server, &Value::Null).0, 201);
    assert_eq!(world.ask("PUT", &target, &server, &Value::Null).0, 422, "display_name is required");
    assert_eq!(get(&mut world, &format!("{PATH}?platform=steam&platform_user_id=s1"), &server).0, 422);
    let player = world.bearer("steam", "emu.s1");
    assert_eq!(get(&mut world, &target, &player).1, "insufficient_permissions");
}

#[test]
fn restrictions_lie_on_the_person() {
    let mut world = World::new();
    let server = world.server();
    let player = world.bearer("steam", "emu.s3");
    let person = world.service().person_of(Platform::STEAM, "s3").unwrap().person_id.clone();
    let polaris = world.service().user(Platform::PSN, "p3").unwrap().player_uuid.clone();
    let (by_person, by_player) =
        (format!("/users/v1/person/{person}/restrictions"), format!("/users/v2/player/{polaris}/restrictions"));
    let ban = json!({
        "type": "account_lockout", "issuer_type": "gm", "issuer": "g", "reason": "other",
        "expiration": "2030-01-02T03:04:05+01:00"
    });
    let deletion = json!({ "type": "account_pending_deletion", "issuer_type": "support", "issuer": "s" });
    assert_eq!(world.ask("POST", &by_player, &server, &ban).0, 201);
    assert_eq!(world.ask("POST", &by_person, &server, &deletion).0, 201);
    assert_eq!(world.ask("POST", &by_person, &player, &ban).1, "insufficient_permissions");
    assert_eq!(world.ask("POST", &by_person, &server, &json!({ "type": "x" })).0, 422);
    for target in ["/users/v1/person/me/restrictions", "/users/v2/player/me/restrictions"] {
        let (status, _, body) = get(&mut world, target, &player);
        let expected = json!([
            { "type": "account_lockout", "reason": "other", "expiration": "2030-01-02T02:04:05Z" },
            { "type": "account_pending_deletion" },
        ]);
        assert_eq!((status, &body["restrictions"]), (200, &expected));
    }
    assert_eq!(world.ask("DELETE", &by_player, &server, &Value::Null).0, 204);
    let (_, _, body) = get(&mut world, "/users/v1/person/me/restrictions", &player);
    assert_eq!(body["restrictions"], json!([{ "type": "account_pending_deletion" }]), "deletion stays");
    let (status, code, _) = get(&mut world, "/users/v1/person/me/restrictions", &server);
    assert_eq!((status, code.as_str()), (404, "user_not_found"));
}

#[test]
fn the_levers_work_over_http() {
    let mut world = World::new();
    let s1 = json!({ "platform": "Steam", "platform_user_id": "s1" });
    for (path, body) in [
        ("environment", json!({ "profile": "base", "rotation": "rotate_grace", "grace_s": 5, "access_ttl_s": 1 })),
        ("grants", json!({ "grant": "epic", "provider_state": "keys_unavailable" })),
        ("clients", json!({ "client_id": "tool", "secret": "t", "permissions": ["user:platform:read"] })),
        ("roles", json!({ "role_id": "vip", "legacy_role_id": 7, "auth_bypass": "limited" })),
        ("persons/role", json!({ "platform": "Steam", "platform_user_id": "s1", "role_id": "vip" })),
        ("basic-accounts", json!({ "username": "u", "password": "p" })),
        ("storage", json!({ "tokens_fail": false })),
        ("platform-users", json!({ "platform": "Twitch", "platform_user_id": "t", "matches": 2 })),
    ] {
        let (status, _, answer) = world.lever(&format!("/rallyhere/{path}"), &body);
        assert_eq!(status, 200, "{path}: {answer}");
    }
    let (_, _, body) = world.login("steam", "emu.s1");
    assert_eq!((&body["role_id"], &body["expires_in"]), (&json!(7), &json!(1)));
    assert_eq!(world.login("basic", "u:p").0, 200);
    assert_eq!(world.login_code("epic", "emu.e4"), "epic_v2_keys_not_available");

    let mut ban = s1.clone();
    ban["type"] = json!("account_ban");
    ban["expires_in_s"] = json!(60);
    assert_eq!(world.lever("/rallyhere/restrictions", &ban).0, 200);
    assert_eq!(world.login_code("steam", "emu.s1"), "user_auth_restricted");
    assert_eq!(world.ask("DELETE", "/__emulator/rallyhere/restrictions", "", &s1).0, 200);
    assert_eq!(world.ask("DELETE", "/__emulator/rallyhere/players", "", &s1).0, 200);
    assert_eq!(world.login_code("steam", "emu.s1"), "error_retrieving_player_results");
    assert_eq!(world.ask("DELETE", "/__emulator/rallyhere/platform-users", "", &s1).0, 200);
    assert_eq!(world.ask("DELETE", "/__emulator/rallyhere/platform-users", "", &s1).0, 404);
    assert_eq!(world.ask("DELETE", "/__emulator/rallyhere/roles/vip", "", &Value::Null).0, 200);
    for (path, body) in [
        ("environment", json!({ "gate": "ajar" })),
        ("environment", json!({ "acess_ttl_s": 1 })),
        ("grants", json!({ "grant": "carrier_pigeon" })),
        ("restrictions", json!({ "platform": "Steam", "platform_user_id": "s3", "type": "x" })),
        ("tokens", json!({})),
    ] {
        assert_eq!(world.lever(&format!("/rallyhere/{path}"), &body).0, 400, "{path} {body}");
    }
    assert_eq!(world.lever("/rallyhere/nothing", &json!({})).0, 404);
    assert_eq!(get(&mut world, "/__emulator/rallyhere/state", "").0, 200);
    assert_eq!(get(&mut world, "/__emulator/rallyhere/events", "").0, 200);
}

#[test]
fn unknown_paths_and_methods_are_404() {
    let mut world = World::new();
    for (method, target) in
        [("GET", "/users/v1/login"), ("GET", "/users/v3/verify"), ("GET", "/"), ("GET", "/favicon.ico")]
    {
        assert_eq!(world.ask(method, target, "", &Value::Null).0, 404, "{method} {target}");
    }
}
