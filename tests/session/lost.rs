//! A program that ends in the middle of a refresh, and an answer that is lost on its way, in the three ways a service
//! may rotate refresh tokens.

use std::sync::{Arc, Mutex};

use emulator::rallyhere::Rotation;
use emulator::{Delivery, Fault};
use playerlink::host::{Host, SimReply};
use playerlink::rallyhere::{Credential, RallyHereSession};
use playerlink::{ErrorKind, SessionOverReason, Status};
use serde_json::Value;

use crate::support::poll_once;
use crate::support::world::World;
use crate::tab::{Fate, Tab};

const HOUR: u64 = 3_600_000;
const LOGIN: &str = "/users/v1/login";
const MODES: [Rotation; 3] = [Rotation::Reusable, Rotation::Strict, Rotation::Grace(60)];

fn world(rotation: Rotation) -> World {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = rotation;
    world
}

fn sign_in(world: &World, tab: &Tab) -> RallyHereSession<Tab> {
    world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).expect("the login works")
}

/// The refresh tokens sent since `forget`.
fn refresh_tokens(world: &World) -> Vec<String> {
    let sent = world.sent_to(LOGIN).into_iter().map(|sent| sent.json());
    sent.filter(|json| json["grant_type"] == "refresh")
        .map(|json| json["portal_access_token"].as_str().unwrap().to_owned())
        .collect()
}

fn lose(world: &World, delivery: Delivery, times: u32) {
    world.fault(Fault { after: true, delivery, times: Some(times), ..Fault::on(LOGIN) });
}

#[test]
fn r18_the_attempt_is_in_the_store_before_the_request_leaves() {
    let world = world(Rotation::Strict);
    let session = world.steam("s1");
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let (into, host) = (seen.clone(), world.host.clone());
    world.intercept(move |_| {
        let stored = host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
        into.lock().unwrap().push(serde_json::from_str(&stored.1).unwrap());
        None
    });
    world.forget();
    world.host.advance_ms(1_000);
    assert!(world.run(session.refresh()).is_ok());
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    let attempt = &seen[0]["session"];
    assert_eq!((attempt["attempt_at"].as_u64(), attempt["attempts"].as_u64()), (Some(world.now()), Some(1)));
    // RallyHere's and Xsolla's CORS lists refuse headers they do not know: the attempt stays ours.
    assert!(world.sent()[0].headers.iter().all(|(name, _)| !name.contains("idempotency")));
    let stored = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
    assert!(!stored.1.contains("attempt"), "and is gone with the new token");
}

#[test]
fn r18_a_program_killed_at_any_step_of_a_refresh_is_resumed_by_its_next_start() {
    for rotation in MODES {
        let mut lost = 0;
        for step in 1.. {
            let world = world(rotation);
            let tab = Tab::new(&world);
            let session = sign_in(&world, &tab);
            world.host.advance_ms(HOUR);
            world.latency_ms(100);
            world.forget();
            tab.plan(step, Fate::Crash);
            let ended = world.run(tab.call(session.access_token()));
            if let Some(token) = ended {
                assert!(token.is_ok() && step > 8, "a refresh has more steps than {step}");
                break;
            }
            let sent = world.count();
            world.run(world.host.sleep(5_000));
            let restored = world.run(Tab::new(&world).rallyhere().restore());
            let token = restored.map(|session| world.run(session.access_token()));
            let tokens = refresh_tokens(&world);
            assert!(tokens.len() <= sent + 2 && tokens.len() <= 3, "{rotation:?}, step {step}: {tokens:?}");
            if !matches!(token, Some(Ok(_))) {
                // The service spent the token, and what it gave for it went down with the program.
                assert!(rotation == Rotation::Strict && sent == 1, "{rotation:?}, step {step}: {token:?}");
                lost += 1;
            }
        }
        assert_eq!(lost > 0, rotation == Rotation::Strict, "{rotation:?}: only there is nothing to be done");
    }
}

#[test]
fn r19_a_lost_answer_is_asked_for_once_more_within_the_call() {
    for rotation in MODES {
        for delivery in [Delivery::Close, Delivery::Truncate(20)] {
            let world = world(rotation);
            let session = world.steam("s1");
            let old = world.run(session.access_token()).unwrap();
            lose(&world, delivery, 1);
            world.forget();
            let result = world.run(session.refresh());
            let tokens = refresh_tokens(&world);
            assert_eq!(tokens.len(), 2, "{rotation:?}");
            assert_eq!(tokens[0], tokens[1], "{rotation:?}: the same one");
            if rotation == Rotation::Strict {
                let error = result.unwrap_err();
                let over = (ErrorKind::SessionOver, Some(SessionOverReason::OutcomeUnknown));
                assert_eq!((error.kind(), error.reason()), over);
                assert_eq!(world.run(session.access_token()).unwrap(), old, "served until it expires");
                assert_eq!(session.snapshot().status, Status::SignedIn);
                world.host.advance_ms(HOUR);
                assert_eq!(world.run(session.access_token()).unwrap_err().reason(), over.1);
                assert_eq!(session.snapshot().status, Status::SignedOut(SessionOverReason::OutcomeUnknown));
                assert_eq!(world.count(), 2, "and nothing is sent for it any more");
            } else {
                assert!(result.is_ok(), "{rotation:?}: recovered inside the call");
                assert!(world.run(session.verify()).is_ok());
                assert!(world.run(session.refresh()).is_ok());
            }
        }
    }
}

#[test]
fn r19_a_success_that_cannot_be_read_is_a_lost_answer_too() {
    for body in ["<!doctype html><h1>Sign in to the hotel</h1>", "", "{\"access_token\":\"a", "{}"] {
        let world = world(Rotation::Grace(60));
        let session = world.steam("s1");
        world.fault(Fault { after: true, status: Some(200), body: Some(body.into()), ..Fault::on(LOGIN) });
        world.forget();
        assert!(world.run(session.refresh()).is_ok(), "{body}");
        assert_eq!(refresh_tokens(&world).len(), 2);
    }
}

#[test]
fn r19_an_answer_that_says_no_is_not_asked_for_again() {
    for status in [400, 401, 403, 404, 408, 429, 500, 503] {
        let world = World::new();
        let session = world.steam("s1");
        world.forget();
        world.intercept(move |_| Some(SimReply::json(status, "{}")));
        assert!(world.run(session.refresh()).is_err());
        assert_eq!(world.count(), 1, "{status}");
    }
}

#[test]
fn r19_when_the_second_answer_is_lost_too_the_call_ends_and_the_session_stays() {
    for rotation in MODES {
        let world = world(rotation);
        let session = world.steam("s1");
        let old = world.run(session.access_token()).unwrap();
        lose(&world, Delivery::Close, 2);
        world.forget();
        assert_eq!(world.run(session.refresh()).unwrap_err().kind(), ErrorKind::Network, "{rotation:?}");
        assert_eq!(world.count(), 2);
        assert_eq!(world.run(session.access_token()).unwrap(), old);
        assert_eq!(session.snapshot().status, Status::SignedIn);
        let next = world.run(session.refresh());
        assert_eq!(next.is_ok(), rotation != Rotation::Strict, "{rotation:?}: {next:?}");
    }
}

#[test]
fn r19_an_answer_lost_before_a_crash_is_told_as_unknown_by_the_next_start() {
    let world = world(Rotation::Strict);
    let tab = Tab::new(&world);
    let session = sign_in(&world, &tab);
    let old = world.run(session.access_token()).unwrap();
    // The answer is on its way when the program ends.
    world.latency_ms(1_000);
    world.run(async {
        let mut refresh = Box::pin(tab.call(session.refresh()));
        assert!(crate::support::poll_once(refresh.as_mut()).is_pending());
        world.host.sleep(500).await;
        tab.plan(1, Fate::Crash);
        assert!(refresh.await.is_none());
    });
    world.latency_ms(0);
    let next = Tab::new(&world);
    let restored = world.run(next.rallyhere().restore()).expect("the token is still valid");
    assert_eq!(world.run(restored.access_token()).unwrap(), old);
    let error = world.run(restored.refresh()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::OutcomeUnknown)));
    assert_eq!(world.run(restored.access_token()).unwrap(), old, "served until it expires");
}

#[test]
fn r19_a_replay_waits_for_a_look_into_the_store() {
    // Another tab got an answer while ours was lost: nothing is replayed.
    let world = world(Rotation::Strict);
    let session = world.steam("s1");
    let (host, mut first) = (world.host.clone(), true);
    world.forget();
    world.intercept(move |_| {
        assert!(std::mem::take(&mut first), "a second request");
        let (key, text) = host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
        let mut record: Value = serde_json::from_str(&text).unwrap();
        record["generation"] = 9.into();
        record["session"]["access_token"] = "another-tabs".into();
        host.put(&key, &record.to_string());
        Some(SimReply::fails(playerlink::host::TransportErrorKind::Network))
    });
    assert!(world.run(session.refresh()).is_ok());
    assert_eq!(world.run(session.access_token()).unwrap().expose(), "another-tabs");
    assert_eq!(world.count(), 1);
}

#[test]
fn r19_a_tab_that_thaws_with_its_answer_keeps_it_though_another_has_noted_it_as_lost() {
    let world = world(Rotation::Strict);
    let (slow, quick) = (Tab::new(&world), Tab::new(&world));
    let one = sign_in(&world, &slow);
    let two = world.run(quick.rallyhere().restore()).unwrap();
    world.run(world.host.sleep(1));
    // As after sleep: no timer has noticed yet.
    world.host.set_wall_clock(world.host.now() + HOUR);
    world.latency_ms(100);
    world.forget();
    world.run(async {
        let mut asking = Box::pin(slow.call(one.access_token()));
        assert!(poll_once(asking.as_mut()).is_pending());
        while world.count() < 1 {
            world.host.sleep(1).await;
        }
        slow.freeze();
        while two.snapshot().status == Status::SignedIn {
            assert!(two.access_token().await.is_err());
            world.host.sleep(1_000).await;
        }
        assert_eq!(two.snapshot().status, Status::SignedOut(SessionOverReason::OutcomeUnknown));
        slow.steps_take(10);
        slow.thaw();
        let token = slow.call(one.access_token()).await.expect("it lives");
        assert!(token.is_ok(), "the answer had come: {token:?}");
    });
    assert_eq!(one.snapshot().status, Status::SignedIn);
    assert!(world.run(world.rallyhere().restore()).is_some(), "and is stored");
}
