//! What a signed-in player does with accounts: links, cross-progression, restrictions.

use emulator::rallyhere::{Platform, Restriction};
use playerlink::rallyhere::{Leader, PersonSelector, PlatformIdentity};
use playerlink::{ErrorKind, Status};
use serde_json::json;

use crate::support::code;
use crate::support::world::{START, World};

const REFRESH: &str = "POST /users/v1/login";

fn player_of(world: &World, platform: Platform, id: &str) -> String {
    world.emulator().rallyhere().user(platform, id).unwrap().player_uuid.clone()
}

fn person_of(world: &World, platform: Platform, id: &str) -> String {
    world.emulator().rallyhere().person_of(platform, id).unwrap().person_id.clone()
}

#[test]
fn verify_is_one_post_with_the_token_and_no_body() {
    let world = World::new();
    let session = world.steam("s1");
    let token = world.run(session.access_token()).unwrap();
    world.forget();
    assert!(world.run(session.verify()).is_ok());
    let sent = world.sent();
    assert_eq!((sent.len(), sent[0].method, sent[0].path.as_str()), (1, "POST", "/users/v1/verify"));
    assert_eq!(sent[0].header("authorization"), Some(format!("Bearer {}", token.expose()).as_str()));
    assert!(sent[0].body.is_empty());
}

#[test]
fn links_list_every_platform_account_of_the_person() {
    let world = World::new();
    let session = world.steam("s3");
    let links = world.run(session.links()).unwrap();
    assert_eq!(links.person_id, person_of(&world, Platform::STEAM, "s3"));
    let active = player_of(&world, Platform::PSN, "p3");
    assert_eq!(links.active_player_id.as_deref(), Some(active.as_str()));
    let accounts: Vec<_> =
        links.accounts.iter().map(|one| (one.platform.as_str(), one.platform_user_id.as_deref())).collect();
    assert_eq!(accounts, [("Steam", Some("s3")), ("PSN", Some("p3"))]);
    assert_eq!(links.accounts[0].player_id, player_of(&world, Platform::STEAM, "s3"));
    assert_eq!(links.accounts[0].display_name.as_deref(), Some("Sirius"));
}

#[test]
fn anothers_links_are_asked_for_by_player() {
    let world = World::new();
    let session = world.steam("s1");
    let other = player_of(&world, Platform::XBOX_LIVE, "x1");
    let links = world.run(session.links_of(&other)).unwrap();
    assert_eq!((links.player_id.as_str(), links.active_player_id), (other.as_str(), None));
    let unknown = "00000000-0000-4000-8000-000000000000";
    let error = world.run(session.links_of(unknown)).unwrap_err();
    assert_eq!((error.kind(), code(&error), error.status()), (ErrorKind::NotFound, "user_not_found", Some(404)));
    let error = world.run(session.links_of("../me")).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Misuse, Some(422)), "{error}");
    assert_eq!(error.invalid_fields().len(), 1);
    assert_eq!(world.sent().last().unwrap().path, "/users/v2/player/..%2Fme/links");
}

#[test]
fn linking_sends_the_leaders_token_as_the_follower_and_refreshes_the_session() {
    let world = World::new();
    let leader = world.steam("s1");
    let follower = world.signed_in(playerlink::rallyhere::Credential::xbox_live("emu.x1"));
    let leaders = world.run(leader.access_token()).unwrap();
    world.forget();
    let changed = world.run(follower.link(&leaders)).unwrap();
    assert_eq!((changed.changed, changed.code, changed.player_changed), (true, None, true));
    let person = person_of(&world, Platform::STEAM, "s1");
    assert_eq!(changed.player.person_id.as_deref(), Some(person.as_str()));
    assert_eq!(follower.player().person_id.as_deref(), Some(person.as_str()));
    let sent = world.sent();
    assert_eq!(sent[0].json(), json!({ "scheme": "Bearer", "credentials": leaders.expose() }));
    assert_eq!(world.take_requests(), ["POST /users/v1/link", REFRESH]);
    assert_eq!(world.run(leader.links()).unwrap().accounts.len(), 2);
}

#[test]
fn a_server_links_by_person_and_by_identity_and_a_player_may_not() {
    let world = World::new();
    let server = world
        .run(world.rallyhere_as("server", "server-secret").login(playerlink::rallyhere::Credential::steam("emu.s1")));
    let server = server.unwrap();
    let x1 = PlatformIdentity::new("XboxLive", "x1");
    let person = person_of(&world, Platform::STEAM, "s1");
    world.forget();
    assert!(world.run(server.link_to(&Leader::Person(person.clone()), Some(&x1))).unwrap().changed);
    let wanted =
        json!({ "leader_person_id": person, "follower_platform": "XboxLive", "follower_platform_user_id": "x1" });
    assert_eq!(world.sent()[0].json(), wanted);
    let player = world.steam("s3");
    let leader = Leader::Platform(PlatformIdentity::new("Steam", "s1"));
    world.forget();
    let error = world.run(player.link_to(&leader, None)).unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::Permission, "insufficient_permissions"));
    assert_eq!(world.sent()[0].json(), json!({ "leader_platform": "Steam", "leader_platform_user_id": "s1" }));
    assert_eq!(world.count(), 1, "no refresh for a missing permission");
}

#[test]
fn unlinking_gives_the_account_a_person_of_its_own() {
    let world = World::new();
    let session = world.steam("s3");
    let before = person_of(&world, Platform::STEAM, "s3");
    world.forget();
    let changed = world.run(session.unlink(None)).unwrap();
    assert!(changed.changed && changed.player_changed);
    assert_ne!(changed.player.person_id.as_deref(), Some(before.as_str()));
    assert_eq!(changed.player.player_id, player_of(&world, Platform::STEAM, "s3"));
    assert_eq!(world.sent()[0].json(), json!({}), "no identity: the token's");
    assert_eq!(world.take_requests(), ["POST /users/v1/unlink", REFRESH]);
    let again = world.run(session.unlink(None)).unwrap();
    assert_eq!((again.changed, again.player_changed), (false, false));
    assert_eq!(again.code.unwrap().as_str(), "player_not_linked");
    assert_eq!(
        world.take_requests(),
        ["POST /users/v1/unlink", REFRESH],
        "since when, nobody says: the token may be old"
    );
}

#[test]
fn enabling_makes_the_own_player_the_active_one_and_the_new_token_is_that_players() {
    let world = World::new();
    let session = world.steam("s3");
    let old = world.run(session.access_token()).unwrap();
    assert_eq!(session.player().player_id, player_of(&world, Platform::PSN, "p3"));
    world.forget();
    let changed = world.run(session.enable_cross_progression(None)).unwrap();
    assert!(changed.changed && changed.player_changed);
    assert_eq!(changed.player.player_id, player_of(&world, Platform::STEAM, "s3"));
    assert_eq!(world.sent()[0].json(), json!({}));
    assert_eq!(world.take_requests(), ["POST /users/v1/cross-progression/enable", REFRESH]);
    assert_ne!(world.run(session.access_token()).unwrap(), old);
}

#[test]
fn enabling_for_another_account_of_the_person_names_it_in_the_body() {
    let world = World::new();
    let leader = world.steam("s1");
    let follower = world.signed_in(playerlink::rallyhere::Credential::xbox_live("emu.x1"));
    let token = world.run(leader.access_token()).unwrap();
    assert!(world.run(follower.link(&token)).is_ok());
    world.forget();
    let x1 = PlatformIdentity::new("XboxLive", "x1");
    let changed = world.run(leader.enable_cross_progression(Some(&x1))).unwrap();
    assert_eq!(world.sent()[0].json(), json!({ "platform": "XboxLive", "platform_user_id": "x1" }));
    assert!(changed.player_changed);
    assert_eq!(leader.player().player_id, player_of(&world, Platform::XBOX_LIVE, "x1"));
}

#[test]
fn what_is_so_already_is_a_success_without_change_and_costs_one_refresh() {
    let world = World::new();
    let epic = world.signed_in(playerlink::rallyhere::Credential::epic("emu.e4"));
    world.forget();
    let changed = world.run(epic.enable_cross_progression(None)).unwrap();
    assert_eq!((changed.changed, changed.player_changed), (false, false));
    assert_eq!(changed.code.unwrap().as_str(), "already_cross_progression_player");
    assert_eq!(changed.player, epic.player());
    let steam = world.steam("s1");
    let changed = world.run(steam.disable_cross_progression()).unwrap();
    assert_eq!((changed.changed, changed.code.unwrap().as_str()), (false, "not_cross_progression_player"));
    let refreshes =
        world.sent_to("/users/v1/login").iter().filter(|sent| sent.json()["grant_type"] == "refresh").count();
    assert_eq!(refreshes, 2, "each token may be one of the player before");
}

#[test]
fn disabling_lets_the_account_play_as_its_own_player() {
    let world = World::new();
    let session = world.steam("s3");
    world.forget();
    let changed = world.run(session.disable_cross_progression()).unwrap();
    assert!(changed.changed && changed.player_changed);
    assert_eq!(changed.player.player_id, player_of(&world, Platform::STEAM, "s3"));
    assert_eq!(world.sent()[0].json(), json!({}));
}

#[test]
fn disabling_for_a_person_or_an_account_names_it() {
    let world = World::new();
    let session = world.steam("s3");
    let person = person_of(&world, Platform::STEAM, "s3");
    world.forget();
    assert!(world.run(session.disable_cross_progression_of(&PersonSelector::Person(person.clone()))).unwrap().changed);
    assert_eq!(world.sent()[0].json(), json!({ "person_id": person }));
    assert!(world.run(session.enable_cross_progression(None)).unwrap().changed);
    world.forget();
    let p3 = PersonSelector::Platform(PlatformIdentity::new("PSN", "p3"));
    assert!(world.run(session.disable_cross_progression_of(&p3)).unwrap().changed);
    assert_eq!(world.sent()[0].json(), json!({ "platform": "PSN", "platform_user_id": "p3" }));
    let x1 = PersonSelector::Platform(PlatformIdentity::new("XboxLive", "x1"));
    let error = world.run(session.disable_cross_progression_of(&x1)).unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::Permission, "cannot_modify_person"));
}

#[test]
fn each_conflict_of_the_contracts_fixture_comes_out_typed() {
    let world = World::new();
    let token = |platform_token: &str| {
        let session = match platform_token {
            "p3" => world.signed_in(playerlink::rallyhere::Credential::ps5_v3("emu.p3")),
            "x1" => world.signed_in(playerlink::rallyhere::Credential::xbox_live("emu.x1")),
            steam => world.steam(steam),
        };
        world.run(session.access_token()).unwrap()
    };
    let (s1, s3, p3, x1) = (token("s1"), token("s3"), token("p3"), token("x1"));
    let psn = world.signed_in(playerlink::rallyhere::Credential::ps5_v3("emu.p3"));
    let epic = world.signed_in(playerlink::rallyhere::Credential::epic("emu.e4"));
    let check = |result: playerlink::Result<playerlink::rallyhere::Changed>, wanted: &str, kind: ErrorKind| {
        let error = result.expect_err(wanted);
        assert_eq!((code(&error), error.kind(), error.status()), (wanted, kind, Some(400)));
    };
    check(world.run(world.steam("s3").link(&p3)), "cannot_link_same_player", ErrorKind::Conflict);
    check(world.run(psn.link(&x1)), "follower_already_linked", ErrorKind::Conflict);
    check(world.run(epic.link(&s1)), "follower_has_cross_progression_enabled", ErrorKind::Conflict);
    check(world.run(world.steam("s1").link(&s3)), "platform_already_linked", ErrorKind::Conflict);
    check(world.run(world.steam("s1").link(&"rubbish".into())), "leader_not_found", ErrorKind::NotFound);
    let x1 = PlatformIdentity::new("XboxLive", "x1");
    check(
        world.run(world.steam("s1").enable_cross_progression(Some(&x1))),
        "cannot_modify_person",
        ErrorKind::Permission,
    );
    let nobody = PlatformIdentity::new("Steam", "nope");
    check(world.run(world.steam("s1").unlink(Some(&nobody))), "account_not_found", ErrorKind::NotFound);
    check(world.run(psn.unlink(None)), "cannot_unlink_cross_progression_player", ErrorKind::Conflict);
    let restriction = Restriction { kind: "account_ban".into(), reason: None, expiration: None };
    let s3 = world.steam("s3");
    world.emulator().rallyhere_mut().restrict(Platform::STEAM, "s3", restriction);
    check(world.run(s3.unlink(None)), "user_has_restrictions", ErrorKind::Restricted);
    assert_eq!(s3.snapshot().status, Status::SignedIn, "a refused call does not end the session");
}

#[test]
fn a_wrong_identity_or_an_empty_leader_token_is_a_misuse_and_sends_nothing() {
    let world = World::new();
    let session = world.steam("s1");
    world.forget();
    let long = "x".repeat(2049);
    for identity in [("", "x1"), ("XboxLive", ""), ("XboxLive", long.as_str())] {
        let identity = PlatformIdentity::new(identity.0, identity.1);
        for result in [
            world.run(session.unlink(Some(&identity))),
            world.run(session.enable_cross_progression(Some(&identity))),
            world.run(session.link_to(&Leader::Platform(identity.clone()), None)),
            world.run(session.link_to(&Leader::Person("p".into()), Some(&identity))),
            world.run(session.disable_cross_progression_of(&PersonSelector::Platform(identity.clone()))),
        ] {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Misuse);
        }
    }
    assert_eq!(world.run(session.link(&"".into())).unwrap_err().kind(), ErrorKind::Misuse);
    assert_eq!(world.count(), 0);
}

#[test]
fn restrictions_of_person_and_player_are_listed_with_their_end() {
    let world = World::new();
    let session = world.steam("s1");
    assert!(world.run(session.person_restrictions()).unwrap().is_empty());
    let ban = Restriction { kind: "account_ban".into(), reason: Some("fraud".into()), expiration: Some(START + 5_000) };
    let forever = Restriction { kind: "account_lockout".into(), reason: None, expiration: None };
    for restriction in [ban, forever] {
        world.emulator().rallyhere_mut().restrict(Platform::STEAM, "s1", restriction);
    }
    world.forget();
    let of_person = world.run(session.person_restrictions()).unwrap();
    let of_player = world.run(session.player_restrictions()).unwrap();
    assert_eq!(of_person, of_player);
    assert_eq!((of_person[0].reason.as_deref(), of_person[0].expires_at), (Some("fraud"), Some(START + 5_000)));
    assert_eq!((of_person[1].kind.as_str(), of_person[1].expires_at), ("account_lockout", None));
    let wanted = ["GET /users/v1/person/me/restrictions", "GET /users/v2/player/me/restrictions"];
    assert_eq!(world.take_requests(), wanted);
}
