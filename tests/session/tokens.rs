//! Which token is handed out when, and how many requests that costs.

use std::pin::pin;

use emulator::{Delivery, Fault};
use playerlink::host::{Host, SimReply, TransportErrorKind};
use playerlink::rallyhere::Credential;
use playerlink::{ErrorKind, SessionOverReason};

use crate::support::world::World;
use crate::support::{all, poll_once};

const HOUR: u64 = 3_600_000;

#[test]
fn r04_a_cached_token_costs_no_request() {
    let world = World::new();
    let session = world.steam("s1");
    let first = world.run(session.access_token()).unwrap();
    world.forget();
    for _ in 0..1000 {
        assert_eq!(world.run(session.access_token()).unwrap(), first);
    }
    assert_eq!(world.count(), 0);
}

#[test]
fn r05_twenty_callers_at_expiry_cost_one_post_and_all_succeed() {
    let world = World::new();
    let session = world.steam("s1");
    let old = world.run(session.access_token()).unwrap();
    world.host.advance_ms(HOUR);
    world.latency_ms(100);
    world.forget();
    let tokens = world.run(all((0..20).map(|_| session.access_token())));
    let first = tokens[0].clone().unwrap();
    assert_ne!(first, old);
    assert!(tokens.into_iter().all(|token| token.unwrap() == first));
    assert_eq!(world.take_requests(), ["POST /users/v1/login"]);
}

#[test]
fn r05_explicit_refreshes_and_waiting_callers_share_one_post() {
    let world = World::new();
    let session = world.steam("s1");
    world.latency_ms(100);
    world.forget();
    let results = world.run(all((0..20).map(|_| session.refresh())));
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(|refreshed| !refreshed.changed)));
    assert_eq!(world.count(), 1);
    assert!(world.run(session.refresh()).is_ok());
    assert_eq!(world.count(), 2, "a later one is its own");
}

#[test]
fn r14_a_token_is_refreshed_before_it_expires_and_not_a_moment_too_soon() {
    let world = World::new();
    let session = world.steam("s1");
    let old = world.run(session.access_token()).unwrap();
    world.forget();
    world.host.advance_ms(HOUR - 360_001);
    assert_eq!(world.run(session.access_token()).unwrap(), old);
    assert_eq!(world.count(), 0, "five minutes before, and up to one more");
    world.host.advance_ms(120_001);
    assert_ne!(world.run(session.access_token()).unwrap(), old);
    assert_eq!(world.count(), 1);
}

#[test]
fn r13_lifetime_counts_from_when_the_request_was_sent() {
    let world = World::new();
    world.latency_ms(5_000);
    let session = world.steam("s1");
    world.latency_ms(0);
    world.forget();
    world.host.advance_ms(HOUR - 5_000);
    world.go_offline();
    assert!(world.run(session.access_token()).is_err(), "five seconds of the hour were spent on the way");
}

#[test]
fn r06_no_failure_of_a_refresh_makes_a_valid_token_unavailable() {
    type Reply = fn() -> SimReply;
    let replies: [(&str, Reply, u64); 7] = [
        ("429", || SimReply::json(429, "{}"), 0),
        ("429 with Retry-After", || SimReply::response(429, vec![("retry-after".into(), "30".into())], "{}"), 0),
        ("503", || SimReply::response(503, vec![("retry-after".into(), "7".into())], ""), 0),
        ("offline", || SimReply::fails(TransportErrorKind::Network), 250),
        ("hanging", SimReply::hangs, 10_000),
        ("rubbish", || SimReply::json(200, "{\"access_token\":1}"), 250),
        ("unknown 403", || SimReply::json(403, "{\"error_code\":\"new_thing\"}"), 0),
    ];
    for (name, reply, takes) in replies {
        let world = World::new();
        let session = world.steam("s1");
        let old = world.run(session.access_token()).unwrap();
        world.host.advance_ms(HOUR - 45_000);
        world.intercept(move |_| Some(reply()));
        world.forget();
        let before = world.now();
        for _ in 0..10 {
            assert_eq!(world.run(session.access_token()).unwrap(), old, "{name}");
        }
        let asked_again = usize::from(takes == 250);
        assert_eq!(world.count(), 1 + asked_again, "{name}: one try, and one more where an answer may be lost");
        assert_eq!(world.now() - before, takes, "{name}");
        world.no_intercept();
        world.host.advance_ms(30_001);
        assert_ne!(world.run(session.access_token()).unwrap(), old, "{name}: the next try after the pause works");
    }
}

#[test]
fn r07_an_expired_token_is_never_served() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR - 300);
    world.go_offline();
    assert!(world.run(session.access_token()).is_ok());
    world.host.advance_ms(50);
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    world.no_intercept();
    world.host.advance_ms(60_000);
    assert!(world.run(session.access_token()).is_ok(), "back online, back in business");
}

#[test]
fn r07_a_token_that_expires_while_its_refresh_fails_is_not_served() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR - 1_000);
    world.intercept(|_| Some(SimReply::fails(TransportErrorKind::Network).after_ms(2_000)));
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
}

#[test]
fn r13_a_clock_that_is_set_back_or_forward_does_not_keep_a_dead_token_alive() {
    let world = World::new();
    let session = world.steam("s1");
    let first = world.run(session.access_token()).unwrap();
    world.host.set_wall_clock(1_600_000_000_000);
    world.forget();
    assert_eq!(world.run(session.access_token()).unwrap(), first, "set back: nothing happened to the token");
    world.host.advance_ms(HOUR);
    let second = world.run(session.access_token()).unwrap();
    assert_ne!(second, first, "the monotonic clock counted on");
    world.host.set_wall_clock(1_600_000_000_000 + 3 * HOUR);
    assert_ne!(world.run(session.access_token()).unwrap(), second, "set forward: it may have slept");
    assert_eq!(world.count(), 2);
}

#[test]
fn a_token_of_unknown_lifetime_is_used_until_it_is_refused() {
    for expires in ["", "\"expires_in\":0,", "\"expires_in\":-5,", "\"expires_in\":null,"] {
        let world = World::new();
        let body = format!(
            r#"{{"access_token":"a","token_type":"Bearer",{expires}"refresh_token":"r","active_player_uuid":"p",
            "person_id":"q","platform":"Steam","portal_user_id":"s1"}}"#
        );
        world.intercept(move |request| request.url.ends_with("/login").then(|| SimReply::json(200, &body)));
        let session = world.signed_in(Credential::steam("t"));
        world.host.advance_ms(1_000 * HOUR);
        world.forget();
        assert_eq!(world.run(session.access_token()).unwrap().expose(), "a");
        assert_eq!(world.count(), 0, "{expires}");
        let _ = world.run(session.verify());
        assert_eq!(world.sent_to("/users/v1/login").len(), 1, "refused: refreshed");
    }
}

#[test]
fn a_session_without_a_refresh_token_ends_with_its_token() {
    let world = World::new();
    world.intercept(|_| {
        Some(SimReply::json(
            200,
            r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"active_player_uuid":"p","person_id":"q",
            "platform":"Steam","portal_user_id":"s1"}"#,
        ))
    });
    let session = world.signed_in(Credential::steam("t"));
    world.forget();
    world.host.advance_ms(HOUR - 1);
    assert!(world.run(session.access_token()).is_ok());
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    assert!(world.run(session.access_token()).is_ok(), "a refresh that cannot be does not end a valid token");
    world.host.advance_ms(1);
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    assert_eq!(world.count(), 0);
}

#[test]
fn an_answer_without_a_refresh_token_leaves_the_old_one_in_use() {
    let world = World::new();
    let session = world.steam("s1");
    let body = r#"{"access_token":"fresh","token_type":"Bearer","expires_in":3600,"active_player_uuid":"p",
        "person_id":"q","platform":"Steam","portal_user_id":"s1"}"#;
    world.forget();
    world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on("/users/v1/login") });
    assert!(world.run(session.refresh()).is_ok());
    assert_eq!(world.run(session.access_token()).unwrap().expose(), "fresh");
    assert!(world.run(session.refresh()).is_ok());
    let sent = world.sent();
    assert_eq!(sent[0].json()["portal_access_token"], sent[1].json()["portal_access_token"]);
}

#[test]
fn r28_a_caller_who_gives_up_does_not_stop_the_rotation() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.latency_ms(1_000);
    world.forget();
    world.run(async {
        {
            let mut waiting = pin!(session.access_token());
            assert!(poll_once(waiting.as_mut()).is_pending());
        }
        world.host.sleep(5_000).await;
    });
    assert_eq!(world.count(), 1);
    let stored = world.host.stored();
    let token = world.run(session.access_token()).unwrap();
    assert_eq!(world.count(), 1, "the rotation came to its end, and its token is here");
    assert!(stored.iter().any(|(_, text)| text.contains(token.expose())), "and in the store");
}

#[test]
fn r28_the_other_waiters_are_served_when_one_gives_up() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.latency_ms(1_000);
    world.forget();
    let token = world.run(async {
        let mut gives_up = Box::pin(session.access_token());
        assert!(poll_once(gives_up.as_mut()).is_pending());
        let mut stays = pin!(session.access_token());
        assert!(poll_once(stays.as_mut()).is_pending());
        drop(gives_up);
        stays.await
    });
    assert!(token.is_ok());
    assert_eq!(world.count(), 1);
}

#[test]
fn r45_a_closed_session_is_a_misuse_and_what_is_stored_stays() {
    let world = World::new();
    let session = world.steam("s1");
    let stored = world.host.stored();
    session.close();
    world.forget();
    for error in [
        world.run(session.access_token()).unwrap_err(),
        world.run(session.refresh()).unwrap_err(),
        world.run(session.verify()).unwrap_err(),
        world.run(session.links()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Misuse);
        assert!(error.message().contains("restore it or sign in again"), "{error}");
    }
    assert_eq!((world.count(), world.host.stored()), (0, stored));
    assert!(world.run(world.rallyhere().restore()).is_some());
}

#[test]
fn r45_closing_while_a_refresh_is_in_the_air_loses_no_rotation() {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = emulator::rallyhere::Rotation::Strict;
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.latency_ms(1_000);
    world.run(async {
        let mut waiting = pin!(session.access_token());
        assert!(poll_once(waiting.as_mut()).is_pending());
        session.close();
        world.host.sleep(5_000).await;
    });
    let restored = world.run(world.rallyhere().restore()).expect("the rotated session is in the store");
    assert!(world.run(restored.refresh()).is_ok());
}

#[test]
fn r27_a_refresh_that_hangs_ends_at_the_deadline_as_a_timeout() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.fault(Fault { delivery: Delivery::Hang, ..Fault::on("/users/v1/login") });
    let before = world.now();
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), world.now() - before), (ErrorKind::Timeout, 10_000));
    world.host.advance_ms(1_000);
    assert!(world.run(session.access_token()).is_ok());
}

#[test]
fn r17_a_refresh_that_tells_no_player_keeps_its_tokens_and_the_player() {
    let world = World::new();
    let session = world.steam("s1");
    let (player, old) = (session.player(), world.run(session.access_token()).unwrap());
    let body = r#"{"access_token":"new","token_type":"Bearer","expires_in":3600,"refresh_token":"next","platform":7}"#;
    world.intercept(|_| Some(SimReply::json(200, body)));
    let refreshed = world.run(session.refresh()).unwrap();
    assert_eq!((refreshed.changed, refreshed.player), (false, player.clone()));
    let token = world.run(session.access_token()).unwrap();
    assert_eq!((token.expose(), session.player()), ("new", player));
    assert_ne!(token, old);
    assert!(world.host.stored().iter().any(|(_, text)| text.contains("\"refresh_token\":\"next\"")));
}

#[test]
fn a_token_that_no_header_can_carry_is_a_protocol_error_and_is_never_sent() {
    for token in ["a\r\nx-evil: 1", "a\u{0}", "é"] {
        let world = World::new();
        let answer = serde_json::json!({
            "access_token": token, "token_type": "Bearer", "active_player_uuid": "p", "person_id": "q",
            "platform": "Steam", "portal_user_id": "s1",
        });
        world.intercept(move |_| Some(SimReply::json(200, &answer.to_string())));
        let session = world.steam("s1");
        world.forget();
        assert_eq!(world.run(session.verify()).unwrap_err().kind(), ErrorKind::Protocol);
        assert_eq!(world.count(), 0);
    }
}
