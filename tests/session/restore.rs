//! What a restarted program finds, also when what it finds is damaged.

use emulator::Random;
use playerlink::host::SimReply;
use playerlink::rallyhere::Credential;
use playerlink::{Durability, ErrorKind, Status};

use crate::support::world::World;

const HOUR: u64 = 3_600_000;

fn record_key(world: &World) -> String {
    let stored = world.host.stored();
    stored.iter().map(|(key, _)| key.clone()).find(|key| key.contains("/account/")).expect("a record")
}

#[test]
fn a_valid_session_comes_back_without_a_request() {
    let world = World::new();
    let session = world.steam("s3");
    let token = world.run(session.access_token()).unwrap();
    world.forget();
    let restored = world.run(world.rallyhere().restore()).expect("the session");
    assert_eq!(world.run(restored.access_token()).unwrap(), token);
    assert_eq!(world.count(), 0);
    assert_eq!(restored.player(), session.player());
    assert_eq!(restored.login_result(), session.login_result());
    assert_eq!(restored.snapshot().durability, Durability::Durable);
}

#[test]
fn an_expired_session_comes_back_refreshed() {
    let world = World::new();
    world.steam("s1");
    world.host.advance_ms(HOUR);
    world.forget();
    let restored = world.run(world.rallyhere().restore()).expect("the session");
    assert_eq!(world.take_requests(), ["POST /users/v1/login"]);
    assert!(world.run(restored.access_token()).is_ok());
    assert_eq!(world.count(), 0);
}

#[test]
fn an_expired_session_survives_a_start_without_network() {
    let world = World::new();
    world.steam("s1");
    world.host.advance_ms(HOUR);
    world.go_offline();
    let restored = world.run(world.rallyhere().restore()).expect("offline is no reason to sign in again");
    assert_eq!(restored.snapshot().status, Status::SignedIn);
    assert_eq!(restored.player().platform_user_id.as_deref(), Some("s1"));
    assert_eq!(world.run(restored.access_token()).unwrap_err().kind(), ErrorKind::Network);
    world.no_intercept();
    world.host.advance_ms(60_000);
    assert!(world.run(restored.access_token()).is_ok());
}

#[test]
fn a_session_the_service_no_longer_knows_is_not_restored_and_not_tried_again() {
    for text in ["refresh_token_not_found", "refresh_token_invalid_user", "user_auth_restricted"] {
        let world = World::new();
        world.steam("s1");
        world.host.advance_ms(HOUR);
        world.refuse("/users/v1/login", 403, text);
        assert!(world.run(world.rallyhere().restore()).is_none(), "{text}");
        world.forget();
        assert!(world.run(world.rallyhere().restore()).is_none());
        assert_eq!(world.count(), 0, "{text}: the dead token is forgotten");
    }
}

#[test]
fn r36_nothing_stored_a_mark_of_a_sign_out_and_a_failing_store_are_no_session() {
    let world = World::new();
    assert!(world.run(world.rallyhere().restore()).is_none());
    let session = world.steam("s1");
    let key = record_key(&world);
    world.host.fail_store(true);
    assert!(world.run(world.rallyhere().restore()).is_none());
    assert!(world.host.log_lines().iter().any(|line| line.starts_with("warn store-failed")));
    world.host.fail_store(false);
    assert!(world.run(world.rallyhere().restore()).is_some(), "nothing was lost by that");
    let active = world.host.stored().into_iter().find(|(key, _)| key.ends_with("/accounts")).unwrap();
    world.run(session.logout());
    world.host.put(&active.0, &active.1);
    assert!(world.run(world.rallyhere().restore()).is_none(), "a mark is no session, even if it is pointed to");
    world.host.put(&key, "");
    assert!(world.run(world.rallyhere().restore()).is_none());
    assert!(world.host.log_lines().iter().any(|line| line.starts_with("warn record-unreadable")));
}

#[test]
fn r44_the_account_signed_in_last_is_restored() {
    let world = World::new();
    world.steam("s1");
    let last = world.signed_in(Credential::xbox_live("emu.x1"));
    let restored = world.run(world.rallyhere().restore()).unwrap();
    assert_eq!(restored.player(), last.player());
}

#[test]
fn r36_four_thousand_damaged_records_neither_panic_nor_block_the_next_sign_in() {
    let world = World::new();
    world.steam("s3");
    let key = record_key(&world);
    let whole = world.host.stored().into_iter().find(|(one, _)| *one == key).unwrap().1;
    let mut random = Random::new(11);
    let mut restored = 0;
    let spices = [
        "null",
        "-1",
        "18446744073709551615",
        "18446744073709551616",
        "1e999",
        "\"\"",
        "{}",
        "[]",
        "true",
        "\\u0000",
        "\u{FEFF}",
        "\"\\ud800\"",
        "9007199254740993",
        "{\"session\":",
    ];
    // Refused refreshes, so that a damaged record cannot take a token from the service.
    world.intercept(|_| Some(SimReply::json(403, "{\"error_code\":\"refresh_token_not_found\"}")));
    for round in 0..4_000 {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..=random.next_u64() % 3 {
            damage(&mut bytes, &mut random, &spices);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        world.host.put(&key, &text);
        if let Some(session) = world.run(world.rallyhere().restore()) {
            restored += 1;
            let _ = world.run(session.access_token());
            let _ = (session.snapshot(), session.login_result(), format!("{session:?}"));
            let _ = world.run(session.refresh());
        }
        if round % 200 == 0 {
            world.no_intercept();
            world.host.put(&key, &text);
            let session = world.steam("s3");
            assert_eq!(session.snapshot().durability, Durability::Durable, "{text}");
            assert!(world.run(world.rallyhere().restore()).is_some(), "{text}");
            world.intercept(|_| Some(SimReply::json(403, "{\"error_code\":\"refresh_token_not_found\"}")));
        }
    }
    assert!((1..4_000).contains(&restored), "some damage is survived, some is not: {restored}");
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random, spices: &[&str]) {
    let at = |random: &mut Random, length: usize| (random.next_u64() as usize) % length.max(1);
    let place = at(random, bytes.len());
    match random.next_u64() % 6 {
        0 => bytes.truncate(place),
        1 if place < bytes.len() => bytes[place] ^= 1 << (random.next_u64() % 8),
        2 if place < bytes.len() => {
            bytes.remove(place);
        }
        3 => {
            let spice = spices[at(random, spices.len())];
            bytes.splice(place..place, spice.bytes());
        }
        4 => {
            // Another value for a field: what follows a colon up to the next comma.
            let colons: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b':').collect();
            if !colons.is_empty() {
                let from = colons[at(random, colons.len())] + 1;
                let to = bytes[from..].iter().position(|byte| *byte == b',').map_or(bytes.len(), |n| from + n);
                let spice = spices[at(random, spices.len())];
                bytes.splice(from..to, spice.bytes());
            }
        }
        _ => {
            let end = place + at(random, bytes.len() - place.min(bytes.len()));
            let piece: Vec<u8> = bytes[place.min(bytes.len())..end.min(bytes.len())].to_vec();
            bytes.extend(piece);
        }
    }
}

#[test]
fn r36_a_record_with_the_highest_generation_blocks_neither_sign_in_nor_refresh_nor_sign_out() {
    for text in [
        r#"{"v":1,"generation":18446744073709551615}"#,
        r#"{"v":1,"generation":18446744073709551615,"session":{"access_token":"a","refresh_token":"r","access_life":{"received_at":0,
            "expires_in_ms":18446744073709551615},"player":{"playerId":"p"},"details":"none"}}"#,
    ] {
        let world = World::new();
        let key = {
            world.steam("s1");
            record_key(&world)
        };
        world.host.put(&key, text);
        let session = world.steam("s1");
        assert!(world.run(session.refresh()).is_ok());
        world.host.put(&key, text);
        let _ = world.run(session.refresh());
        let session = world.steam("s1");
        assert!(world.run(session.access_token()).is_ok());
        assert!(world.run(session.logout()).revoked);
        assert!(world.run(world.rallyhere().restore()).is_none());
    }
}

#[test]
fn r36_a_damaged_pointer_is_no_session_and_the_next_sign_in_repairs_it() {
    let world = World::new();
    world.steam("s1");
    let pointer = world.host.stored().into_iter().map(|(key, _)| key).find(|key| key.ends_with("/accounts")).unwrap();
    for text in [
        "",
        "Steam:s1",
        "[]",
        r#"{"active":1,"accounts":{}}"#,
        r#"{"active":"Steam:nobody"}"#,
        r#"{"active":"../../etc"}"#,
    ] {
        world.host.put(&pointer, text);
        assert!(world.run(world.rallyhere().restore()).is_none(), "{text}");
    }
    world.steam("s1");
    assert!(world.run(world.rallyhere().restore()).is_some());
}

#[test]
fn a_session_of_xsolla_comes_back_too() {
    let world = World::new();
    let session = world.nova();
    let token = world.run(session.access_token()).unwrap();
    world.forget();
    let restored = world.run(world.xsolla().restore()).expect("the session");
    assert_eq!((world.run(restored.access_token()).unwrap(), world.count()), (token, 0));
    world.host.advance_ms(HOUR);
    let restored = world.run(world.xsolla().restore()).expect("refreshed");
    assert_eq!(world.take_requests(), ["POST /api/oauth2/token"]);
    assert!(world.run(restored.profile()).is_ok());
}
