//! Many tabs over one store, and one of them in trouble while it refreshes.

use std::sync::{Arc, Mutex};

use emulator::rallyhere::Rotation;
use playerlink::host::Host;
use playerlink::rallyhere::{Credential, RallyHereSession};
use playerlink::{SessionOverReason, Snapshot, Status};
use serde_json::Value;

use crate::support::world::World;
use crate::support::{all, poll_once};
use crate::tab::{Fate, Tab};

const HOUR: u64 = 3_600_000;
/// How long another tab's attempt is respected: a request's deadline and two seconds.
const LEASE: u64 = 12_000;
const LOGIN: &str = "/users/v1/login";

fn world(rotation: Rotation) -> World {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = rotation;
    world
}

/// So many tabs of one session.
fn tabs(world: &World, count: usize, new: fn(&World) -> Tab) -> Vec<(Tab, RallyHereSession<Tab>)> {
    let first = new(world);
    let session = world.run(first.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let mut tabs = vec![(first, session)];
    while tabs.len() < count {
        let tab = new(world);
        let session = world.run(tab.rallyhere().restore()).expect("the session of the first tab");
        tabs.push((tab, session));
    }
    tabs
}

fn record(world: &World) -> Value {
    let stored = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/")).expect("a record");
    serde_json::from_str(&stored.1).unwrap()
}

#[test]
fn r09_two_to_fifty_tabs_at_one_expiry_cost_one_post_with_locks_and_without() {
    for new in [Tab::new, Tab::without_locks] {
        for count in [2, 3, 10, 50] {
            let world = world(Rotation::Strict);
            let tabs = tabs(&world, count, new);
            let before = record(&world)["generation"].as_u64().unwrap();
            world.host.advance_ms(HOUR);
            world.latency_ms(300);
            world.forget();
            let tokens = world.run(all(tabs.iter().map(|(_, session)| session.access_token())));
            let first = tokens[0].clone().unwrap();
            assert!(tokens.into_iter().all(|token| token.unwrap() == first), "{count} tabs");
            assert_eq!(world.sent_to(LOGIN).len(), 1, "{count} tabs");
            assert_eq!(record(&world)["generation"], before + 1, "one commit of {count} tabs");
        }
    }
}

#[test]
fn r09_tabs_that_nobody_asks_refresh_once_among_them_too() {
    for new in [Tab::new, Tab::without_locks] {
        let world = world(Rotation::Strict);
        let tabs = tabs(&world, 10, new);
        world.latency_ms(300);
        world.forget();
        world.run(world.host.sleep(10 * HOUR));
        let posts = world.sent_to(LOGIN).len();
        assert!((10..=12).contains(&posts), "one an hour, not one a tab: {posts}");
        drop(tabs);
    }
}

/// Stops one of two tabs at each step of its refresh, and says how long the other then took to have a token.
fn stop_at_each_step(new: fn(&World) -> Tab, fate: Fate, rotation: Rotation, mut check: impl FnMut(&World, usize)) {
    for step in 1.. {
        let world = world(rotation);
        let tabs = tabs(&world, 2, new);
        let [(stopped, victim), (other, survivor)] = &tabs[..] else { unreachable!() };
        world.host.advance_ms(HOUR);
        world.latency_ms(100);
        stopped.plan(step, fate);
        let (tab, session) = (stopped.clone(), victim.clone());
        world.host.spawn(async move {
            let _ = tab.call(session.access_token()).await;
        });
        world.run(world.host.sleep(1_000));
        if !stopped.is_stopped() {
            assert!(step > 8, "a refresh has more steps than {step}");
            return;
        }
        let began = world.now();
        let mut token = world.run(other.call(survivor.access_token())).unwrap();
        while token.is_err() && world.now() - began <= LEASE + 1_000 {
            world.run(world.host.sleep(250));
            token = world.run(other.call(survivor.access_token())).unwrap();
        }
        let took = world.now() - began;
        let lost = rotation == Rotation::Strict && world.sent_to(LOGIN).len() > 2;
        match token {
            Ok(_) => assert!(took <= LEASE + 1_000, "{fate:?} at step {step}: {took} ms"),
            // The tokens went down with the other tab, and the service takes the old one no more.
            Err(error) => assert!(lost && fate == Fate::Crash, "{fate:?} at step {step}: {error}"),
        }
        if fate == Fate::Freeze {
            stopped.thaw();
            world.run(world.host.sleep(60_000));
            let tokens = world.run(all([victim.access_token(), survivor.access_token()]));
            assert_eq!(tokens[0].clone().unwrap(), tokens[1].clone().unwrap(), "step {step}: both go on as one");
            assert!(world.run(victim.refresh()).is_ok() && world.run(survivor.refresh()).is_ok(), "step {step}");
        }
        check(&world, step);
    }
}

#[test]
fn r09_a_tab_that_crashes_in_a_refresh_delays_the_others_by_no_more_than_its_lease() {
    for new in [Tab::new, Tab::without_locks] {
        stop_at_each_step(new, Fate::Crash, Rotation::Reusable, |world, step| {
            assert!(world.sent_to(LOGIN).len() <= 3, "step {step}: the login, the lost one, the other's");
        });
    }
}

#[test]
fn r10_a_tab_frozen_at_any_step_of_its_refresh_stops_no_other_and_goes_on_when_it_thaws() {
    for new in [Tab::new, Tab::without_locks] {
        for rotation in [Rotation::Reusable, Rotation::Grace(60)] {
            stop_at_each_step(new, Fate::Freeze, rotation, |_, _| {});
        }
    }
}

#[test]
fn r10_what_a_frozen_tab_was_given_is_not_lost_when_it_thaws_even_if_the_service_takes_a_token_once() {
    for new in [Tab::new, Tab::without_locks] {
        for step in 1.. {
            let world = world(Rotation::Strict);
            let tabs = tabs(&world, 2, new);
            let [(frozen, one), (_, two)] = &tabs[..] else { unreachable!() };
            world.host.advance_ms(HOUR);
            world.latency_ms(100);
            frozen.plan(step, Fate::Freeze);
            let (tab, session) = (frozen.clone(), one.clone());
            world.host.spawn(async move {
                let _ = tab.call(session.access_token()).await;
            });
            world.run(world.host.sleep(1_000));
            if !frozen.is_stopped() {
                assert!(step > 8, "a refresh has more steps than {step}");
                break;
            }
            // The other one goes on, or is told the truth: the service spent the token, and nobody has the new one yet.
            let _ = world.run(two.access_token());
            world.run(world.host.sleep(LEASE + 1_000));
            if let Err(error) = world.run(two.access_token()) {
                assert_eq!(error.reason(), Some(SessionOverReason::OutcomeUnknown), "step {step}: {error}");
            }
            frozen.thaw();
            world.run(world.host.sleep(60_000));
            assert!(world.run(one.access_token()).is_ok(), "step {step}");
            let restored = world.run(Tab::new(&world).rallyhere().restore()).expect("the store has it");
            assert!(world.run(restored.refresh()).is_ok(), "step {step}");
            assert!(world.run(one.refresh()).is_ok(), "step {step}");
        }
    }
}

#[test]
fn r10_the_lock_covers_the_refresh_and_nothing_of_the_user() {
    let world = world(Rotation::Strict);
    let tabs = tabs(&world, 2, Tab::new);
    let [(_, one), (tab, two)] = &tabs[..] else { unreachable!() };
    world.host.advance_ms(HOUR);
    let heard: Arc<Mutex<Vec<bool>>> = Arc::default();
    let (host, into) = (world.host.clone(), heard.clone());
    let key = world.host.stored().into_iter().map(|(key, _)| key).find(|key| key.contains("/account/")).unwrap();
    // So that the refresh is heard of.
    world.emulator().with_rallyhere(world.now(), |rallyhere, context| {
        rallyhere.put_user(context, emulator::rallyhere::Platform::STEAM, "s1", Some("Renamed"));
    });
    let _subscription = one.subscribe(move |_| {
        let mut lock = Box::pin(host.lock(&key));
        into.lock().unwrap().push(crate::support::poll_once(lock.as_mut()).is_ready());
    });
    assert!(world.run(one.access_token()).is_ok());
    assert_eq!(*heard.lock().unwrap(), [true], "a listener finds the lock free");
    tab.forget();
    assert!(world.run(two.access_token()).is_ok());
    assert_eq!(tab.seen().requests, 0);
}

#[test]
fn r11_a_tab_that_loses_hears_nothing_and_clears_nothing() {
    let world = world(Rotation::Strict);
    let tabs = tabs(&world, 2, Tab::new);
    let [(_, winner), (_, loser)] = &tabs[..] else { unreachable!() };
    let heard: Arc<Mutex<Vec<Snapshot>>> = Arc::default();
    let into = heard.clone();
    let _subscription = loser.subscribe(move |snapshot| into.lock().unwrap().push(snapshot.clone()));
    world.host.advance_ms(HOUR);
    world.latency_ms(100);
    world.forget();
    // The loser's refresh token is refused although another one is in the store by then.
    let store = world.host.clone();
    let mut first = true;
    world.intercept(move |_| {
        let mut record = store.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
        let mut json: Value = serde_json::from_str(&record.1).unwrap();
        if !std::mem::replace(&mut first, false) {
            return None;
        }
        json["generation"] = 99.into();
        json["session"]["access_token"] = "the-winners".into();
        json["session"]["access_life"]["received_at"] = (1_767_225_600_000 + HOUR).into();
        record.1 = json.to_string();
        store.put(&record.0, &record.1);
        Some(playerlink::host::SimReply::json(403, r#"{"error_code":"refresh_token_not_found"}"#))
    });
    assert_eq!(world.run(loser.access_token()).unwrap().expose(), "the-winners");
    assert_eq!(world.run(winner.access_token()).unwrap().expose(), "the-winners");
    assert!(heard.lock().unwrap().is_empty());
    assert_eq!(loser.snapshot().status, Status::SignedIn);
    assert_eq!(record(&world)["generation"], 99, "the record is the winner's");
}

#[test]
fn r12_messages_to_other_tabs_hold_a_key_and_a_generation_and_nothing_else() {
    let world = world(Rotation::Strict);
    let tabs = tabs(&world, 2, Tab::new);
    let [(one, session), (two, other)] = &tabs[..] else { unreachable!() };
    let mut secrets = vec![world.run(session.access_token()).unwrap()];
    for _ in 0..3 {
        assert!(world.run(session.refresh()).is_ok() && world.run(other.refresh()).is_ok());
        secrets.push(world.run(session.access_token()).unwrap());
        secrets.push(record(&world)["session"]["refresh_token"].as_str().unwrap().into());
    }
    world.run(session.logout());
    let messages = [one.seen().broadcasts, two.seen().broadcasts].concat();
    assert!(messages.len() >= 5, "the login, three refreshes at least, and the sign-out: {messages:?}");
    for (key, generation) in &messages {
        assert!(key.starts_with("playerlink/") && *generation > 0, "{key}");
        for secret in &secrets {
            assert!(!key.contains(secret.expose()), "{key}");
        }
    }
    assert!(secrets.iter().all(|secret| secret.expose().len() > 8), "they are looked for as they are");
}

#[test]
fn r12_a_sign_out_is_seen_in_every_live_tab_without_a_call() {
    let world = world(Rotation::Strict);
    let tabs = tabs(&world, 10, Tab::new);
    let before = world.now();
    world.run(tabs[0].1.logout());
    world.run(world.host.sleep(100));
    assert!(world.now() - before <= 200);
    for (_, session) in &tabs {
        assert_eq!(session.snapshot().status, Status::SignedOut(SessionOverReason::SignedOut));
        assert_eq!(world.run(session.access_token()).unwrap_err().reason(), Some(SessionOverReason::SignedOut));
    }
}

#[test]
fn r12_a_frozen_tab_knows_of_the_sign_out_before_its_first_call_returns() {
    let world = world(Rotation::Strict);
    let tabs = tabs(&world, 2, Tab::new);
    let [(_, one), (frozen, two)] = &tabs[..] else { unreachable!() };
    frozen.freeze();
    world.run(one.logout());
    world.run(world.host.sleep(60_000));
    frozen.thaw();
    let error = world.run(frozen.call(two.access_token())).unwrap().unwrap_err();
    assert_eq!(error.reason(), Some(SessionOverReason::SignedOut));
}

#[test]
fn r10_who_was_frozen_between_the_note_and_the_request_notes_it_anew() {
    let world = World::new();
    let (one, two) = (Tab::new(&world), Tab::new(&world));
    let first = world.run(one.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let second = world.run(two.rallyhere().restore()).unwrap();
    world.latency_ms(9_500);
    world.forget();
    // Steps: the lock, the look and the note, each before and after.
    one.plan(6, Fate::Freeze);
    world.run(async {
        let mut asks = Box::pin(one.call(first.refresh()));
        assert!(poll_once(asks.as_mut()).is_pending());
        world.host.sleep(1_000).await;
        assert!(one.is_stopped() && world.sent_to("/users/v1/login").is_empty());
        let mut waits = Box::pin(two.call(second.refresh()));
        assert!(poll_once(waits.as_mut()).is_pending());
        world.host.sleep(4_000).await;
        one.thaw();
        // The other one waits 12 s for the lock, and then for what the note is about.
        world.host.sleep(9_000).await;
        assert_eq!(world.sent_to("/users/v1/login").len(), 1, "the note is younger than the freeze");
        let _ = (asks.await, waits.await);
        world.host.sleep(10_000).await;
    });
    assert_eq!(world.sent_to("/users/v1/login").len(), 1);
    assert_eq!(world.run(first.access_token()).unwrap(), world.run(second.access_token()).unwrap());
}
