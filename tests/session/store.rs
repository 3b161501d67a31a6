//! What is stored, in which order, and what happens when the store fails.

use std::sync::{Arc, Mutex};

use playerlink::host::{Host, Signal, SimReply};
use playerlink::rallyhere::{Credential, RallyHereSession};
use playerlink::{Durability, ErrorKind, Secret, SessionOverReason, Status};
use serde_json::Value;

use crate::spy::Spy;
use crate::support::poll_once;
use crate::support::world::World;
use crate::tab::Tab;

const HOUR: u64 = 3_600_000;

fn strict() -> World {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = emulator::rallyhere::Rotation::Strict;
    world
}

#[test]
fn r17_a_new_token_is_stored_before_anyone_can_see_it() {
    let world = strict();
    let spy = Spy::new(&world);
    let session = world.run(spy.rallyhere().login(Credential::steam("emu.s3"))).unwrap();
    let old = world.run(session.access_token()).unwrap();
    let (first, old_player) = (old.clone(), session.player());
    let writes: Arc<Mutex<Vec<String>>> = Arc::default();
    let (seen, watched): (_, Arc<RallyHereSession<Spy>>) = (writes.clone(), Arc::new(session.clone()));
    spy.on_swap(move |key, next| {
        if !key.contains("/account/") {
            return;
        }
        let record: Value = serde_json::from_str(next.expect("a record")).unwrap();
        seen.lock().unwrap().push(record["session"]["access_token"].as_str().unwrap().to_owned());
        assert_eq!(watched.player(), old_player, "the new player is not shown yet");
        let mut asking = Box::pin(watched.access_token());
        if let std::task::Poll::Ready(token) = poll_once(asking.as_mut()) {
            assert_eq!(token.unwrap(), old, "only the old token is handed out while the new one is written");
        }
    });
    // So that the refresh changes something that can be seen.
    world.emulator().with_rallyhere(world.now(), |rallyhere, context| {
        rallyhere.put_user(context, emulator::rallyhere::Platform::STEAM, "s3", Some("Renamed"));
    });
    world.latency_ms(100);
    assert!(world.run(session.refresh()).is_ok());
    let token = world.run(session.access_token()).unwrap();
    let writes = writes.lock().unwrap();
    assert_eq!(writes.len(), 2, "the note that it is about to be asked for, and the new one");
    assert!(writes[0] == first.expose() && writes[1] == token.expose());
    assert_eq!(session.player().display_name(), "Renamed");
}

#[test]
fn r17_a_program_killed_right_after_the_answer_was_stored_finds_the_new_token() {
    let world = strict();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    let token = world.run(session.access_token()).unwrap();
    drop(session);
    let restored = world.run(world.rallyhere().restore()).unwrap();
    world.forget();
    assert_eq!(world.run(restored.access_token()).unwrap(), token);
    assert_eq!(world.count(), 0);
    assert!(world.run(restored.refresh()).is_ok(), "with the refresh token that belongs to it");
}

#[test]
fn r20_a_failing_store_is_reported_and_loses_no_rotation() {
    let world = strict();
    let session = world.steam("s1");
    assert_eq!(session.snapshot().durability, Durability::Durable);
    world.host.fail_store(true);
    for _ in 0..3 {
        assert!(world.run(session.refresh()).is_ok(), "each refresh uses the token the last one brought");
        assert_eq!(session.snapshot().durability, Durability::Memory);
        assert_eq!(session.snapshot().status, Status::SignedIn);
    }
    assert!(world.host.log_lines().iter().any(|line| line.starts_with("warn store-failed")));
    world.host.fail_store(false);
    assert!(world.run(session.refresh()).is_ok());
    assert_eq!(session.snapshot().durability, Durability::Durable);
    let token = world.run(session.access_token()).unwrap();
    let restored = world.run(world.rallyhere().restore()).unwrap();
    assert_eq!(world.run(restored.access_token()).unwrap(), token);
}

#[test]
fn r20_a_store_that_fails_at_the_login_and_works_later_ends_up_durable() {
    let world = strict();
    world.host.fail_store(true);
    let session = world.steam("s1");
    assert_eq!(session.snapshot().durability, Durability::Memory);
    assert!(world.run(session.access_token()).is_ok());
    world.host.fail_store(false);
    assert!(world.run(session.refresh()).is_ok());
    assert_eq!(session.snapshot().durability, Durability::Durable);
    let restored = world.run(world.rallyhere().restore());
    assert!(restored.is_some(), "`durable` means that a restart finds it");
}

#[test]
fn r35_a_store_that_never_answers_costs_two_seconds_and_then_the_session_goes_on_in_memory() {
    let world = strict();
    let spy = Spy::new(&world);
    let session = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let old = world.run(session.access_token()).unwrap();
    world.host.advance_ms(HOUR);
    spy.writes_take(None);
    let before = world.now();
    let token = world.run(session.access_token()).unwrap();
    assert_ne!(token, old);
    assert_eq!(world.now() - before, 2_000);
    assert_eq!(session.snapshot().durability, Durability::Memory);
    spy.writes_take(Some(0));
    assert!(world.run(session.refresh()).is_ok());
    assert_eq!(session.snapshot().durability, Durability::Durable);
}

#[test]
fn r44_records_of_other_clients_environments_and_services_are_left_alone() {
    let world = World::new();
    let session = world.steam("s1");
    let nova = world.nova();
    let server = world.run(world.rallyhere_as("server", "server-secret").login(Credential::steam("emu.s1"))).unwrap();
    let accounts = world.host.stored().iter().filter(|(key, _)| key.contains("/account/")).count();
    assert_eq!(accounts, 3, "one a service, client and account");
    world.run(session.logout());
    assert!(world.run(nova.access_token()).is_ok());
    assert!(world.run(server.refresh()).is_ok());
    assert!(world.run(world.xsolla().restore()).is_some());
    assert!(world.run(world.rallyhere_as("server", "server-secret").restore()).is_some());
    assert!(world.run(world.rallyhere().restore()).is_none());
}

#[test]
fn r32_neither_the_client_secret_nor_a_platform_ticket_is_stored() {
    let world = World::new();
    let session = world.signed_in(Credential::basic("nova", &Secret::new("correct horse")));
    assert!(world.run(session.refresh()).is_ok());
    for (key, text) in world.host.stored() {
        for secret in ["game-secret", "correct horse"] {
            assert!(!key.contains(secret) && !text.contains(secret), "{key}");
        }
    }
}

fn stored_token(world: &World) -> Option<String> {
    let stored = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/"))?;
    let record: Value = serde_json::from_str(&stored.1).unwrap();
    record["session"]["access_token"].as_str().map(str::to_owned)
}

#[test]
fn r20_what_could_not_be_written_is_written_one_second_later_and_five_after_that() {
    for (back_after, durable_after) in [(500, 1_001), (1_500, 6_001), (5_900, 6_001)] {
        for at_login in [false, true] {
            let world = strict();
            world.host.fail_store(at_login);
            let session = world.steam("s1");
            if !at_login {
                world.host.fail_store(true);
                assert!(world.run(session.refresh()).is_ok());
            }
            assert_eq!(session.snapshot().durability, Durability::Memory);
            world.run(world.host.sleep(back_after));
            world.host.fail_store(false);
            world.run(world.host.sleep(durable_after - back_after - 2));
            assert_eq!(session.snapshot().durability, Durability::Memory, "back after {back_after} ms");
            world.run(world.host.sleep(3));
            assert_eq!(session.snapshot().durability, Durability::Durable, "back after {back_after} ms");
            let token = world.run(session.access_token()).unwrap();
            assert_eq!(stored_token(&world).as_deref(), Some(token.expose()), "nobody had to ask for it");
            let restored = world.run(world.rallyhere().restore()).expect("a restart finds it");
            assert!(world.run(restored.refresh()).is_ok());
        }
    }
}

#[test]
fn r20_after_both_tries_it_is_written_when_something_happens_and_within_a_minute() {
    for signal in [Some(Signal::Resumed), Some(Signal::Online), None] {
        let world = strict();
        let session = world.steam("s1");
        world.host.fail_store(true);
        assert!(world.run(session.refresh()).is_ok());
        world.run(world.host.sleep(10_000));
        world.host.fail_store(false);
        world.run(world.host.sleep(5_000));
        assert_eq!(session.snapshot().durability, Durability::Memory, "not yet");
        if let Some(signal) = &signal {
            world.host.signal(signal);
        }
        world.run(world.host.sleep(if signal.is_some() { 1 } else { 55_000 }));
        assert_eq!(session.snapshot().durability, Durability::Durable, "{signal:?}");
        let token = world.run(session.access_token()).unwrap();
        assert_eq!(stored_token(&world).as_deref(), Some(token.expose()));
    }
}

#[test]
fn r20_a_program_that_ends_while_the_store_fails_starts_with_what_was_stored_last() {
    // With a service that takes the old token for a while, nothing is lost even then.
    let world = World::new();
    let session = world.steam("s1");
    world.host.fail_store(true);
    assert!(world.run(session.refresh()).is_ok());
    drop(session);
    world.host.fail_store(false);
    let restored = world.run(world.rallyhere().restore()).expect("the session of before");
    assert!(world.run(restored.refresh()).is_ok());
}

#[test]
fn r37_a_record_that_cannot_be_read_is_put_aside_and_told_and_read_no_second_time() {
    let world = World::new();
    let session = world.steam("s1");
    let (key, _) = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
    drop(session);
    // What a store gives that has lost its key.
    world.host.put(&key, "\u{1}\u{7f}ciphertext");
    assert!(world.run(world.rallyhere().restore()).is_none());
    let unreadable = |world: &World| world.host.log_lines().iter().filter(|line| line.contains("unreadable")).count();
    assert_eq!(unreadable(&world), 1);
    let aside = world.host.stored().into_iter().find(|(key, _)| key.ends_with("/unreadable")).expect("a copy");
    assert_eq!(aside.1, "\u{1}\u{7f}ciphertext");
    world.run(world.host.sleep(HOUR));
    assert_eq!(unreadable(&world), 1, "nothing looks again by itself");
    assert_eq!(world.steam("s1").snapshot().durability, Durability::Durable, "the next sign-in writes over it");
}

#[test]
fn r20_what_is_not_saved_waits_for_the_refresh_in_the_air_without_asking_the_store_again_and_again() {
    let world = strict();
    let tab = Tab::new(&world);
    world.host.fail_store(true);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    world.host.fail_store(false);
    // Each look takes time, so that looking without end does not stop the world.
    tab.steps_take(1);
    world.latency_ms(8_000);
    tab.forget();
    assert!(world.run(session.refresh()).is_ok(), "the next try to save was due meanwhile");
    assert!(tab.seen().loads <= 5, "{:?}", tab.seen());
    world.run(world.host.sleep(1_000));
    assert_eq!(session.snapshot().durability, Durability::Durable);
}

#[test]
fn r21_a_write_that_lost_its_race_does_not_undo_what_the_tab_has_taken_over_meanwhile() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    tab.steps_take(100);
    tab.forget();
    let (token, newer) = world.run(async {
        let mut asking = Box::pin(tab.call(session.refresh()));
        assert!(poll_once(asking.as_mut()).is_pending());
        // After the note: the new tokens, on their way into the store.
        while tab.seen().writes < 2 {
            world.host.sleep(1).await;
        }
        let newer = world.rallyhere().login(Credential::steam("emu.s1")).await.unwrap();
        let signed_in = newer.access_token().await.unwrap();
        assert!(asking.await.expect("it lives").is_ok());
        world.host.sleep(5_000).await;
        (session.access_token().await.unwrap(), signed_in)
    });
    assert_eq!(token, newer, "the newer sign-in counts");
    let restored = world.run(world.rallyhere().restore()).unwrap();
    assert_eq!(world.run(restored.access_token()).unwrap(), newer, "and is in the store still");
}

#[test]
fn r20_an_account_that_could_not_be_listed_at_the_login_is_listed_within_ten_seconds() {
    let world = strict();
    let spy = Spy::new(&world);
    let host = world.host.clone();
    // The record is written; the list is not, and works again a second later.
    spy.on_swap(move |key, _| {
        if key.ends_with("/accounts") {
            host.fail_store(true);
        }
    });
    let session = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    assert_eq!(session.snapshot().durability, Durability::Durable);
    spy.on_swap(|_, _| {});
    world.host.fail_store(false);
    assert!(world.run(world.rallyhere().restore()).is_none(), "nobody knows yet that it is there");
    world.run(world.host.sleep(10_001));
    assert!(world.run(world.rallyhere().restore()).is_some());
}

#[test]
fn r21_tokens_in_memory_only_do_not_overwrite_a_newer_login_when_another_tab_left_a_note_meanwhile() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    world.host.fail_store(true);
    assert!(world.run(session.refresh()).is_ok());
    world.host.fail_store(false);
    // Another tab has left a note on what is stored; then the store fails once more.
    let (key, text) = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
    let mut record: Value = serde_json::from_str(&text).unwrap();
    record["session"]["pause_until"] = 1.into();
    world.host.put(&key, &record.to_string());
    world.latency_ms(500);
    world.run(async {
        let mut asking = Box::pin(tab.call(session.refresh()));
        assert!(poll_once(asking.as_mut()).is_pending());
        world.host.sleep(100).await;
        world.host.fail_store(true);
        assert!(asking.await.expect("it lives").is_ok());
    });
    assert_eq!(session.snapshot().durability, Durability::Memory);
    world.host.fail_store(false);
    let newer = world.run(world.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let signed_in = world.run(newer.access_token()).unwrap();
    world.run(world.host.sleep(30_000));
    assert_eq!(stored_token(&world).as_deref(), Some(signed_in.expose()), "the newer sign-in counts");
    assert_eq!(world.run(session.access_token()).unwrap(), signed_in);
}

#[test]
fn r11_tokens_in_memory_only_that_give_way_to_another_tab_s_are_refreshed_when_they_had_seen_a_change_of_player() {
    let world = World::new();
    let (one, two) = (Tab::new(&world), Tab::new(&world));
    let first = world.run(one.rallyhere().login(Credential::steam("emu.s3"))).unwrap();
    let second = world.run(two.rallyhere().restore()).unwrap();
    world.host.fail_store(true);
    assert!(world.run(second.refresh()).is_ok());
    let old = second.player();
    assert!(world.run(first.enable_cross_progression(None)).unwrap().player_changed);
    let new = first.player();
    // The other tab is the first whose tokens are written.
    one.freeze();
    world.host.fail_store(false);
    world.run(world.host.sleep(30_000));
    assert_eq!(second.snapshot().durability, Durability::Durable);
    assert_eq!((second.player() == old, new == old), (true, false), "it knows nothing of the change");
    one.thaw();
    world.run(world.host.sleep(1_000));
    assert!(world.run(first.access_token()).is_ok());
    assert_eq!(first.player(), new);
}

/// Seed 51802 of the simulator.
#[test]
fn r20_a_sign_in_that_the_note_of_a_refresh_has_stored_is_stored_and_gives_way_to_a_newer_one() {
    let world = strict();
    world.host.fail_store(true);
    let session = world.run(Tab::new(&world).rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    assert_eq!(session.snapshot().durability, Durability::Memory);
    world.host.fail_store(false);
    world.intercept(|_| Some(SimReply::json(500, "")));
    assert!(world.run(session.refresh()).is_err());
    world.no_intercept();
    assert_eq!(session.snapshot().durability, Durability::Durable, "the note is on the tokens themselves");
    world.run(world.host.sleep(100));
    assert!(world.run(world.rallyhere().restore()).is_some(), "and the account is listed");
    let newer = world.run(Tab::new(&world).rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let signed_in = world.run(newer.access_token()).unwrap();
    world.run(world.host.sleep(30_000));
    assert_eq!(stored_token(&world).as_deref(), Some(signed_in.expose()), "the newer sign-in counts");
    assert!(world.run(session.refresh()).is_ok());
    let renewed = world.run(session.access_token()).unwrap();
    assert_eq!(world.run(newer.access_token()).unwrap(), renewed, "it has gone over to it");
}

/// Seed 68001 of the simulator.
#[test]
fn a_sign_in_that_is_refused_before_it_could_be_stored_gives_way_to_what_it_was_to_replace() {
    let world = strict();
    world.steam("s1").close();
    world.host.fail_store(true);
    let session = world.steam("s1");
    world.refuse("/users/v1/login", 403, "refresh_token_not_found");
    assert_eq!(world.run(session.refresh()).unwrap_err().reason(), Some(SessionOverReason::RefreshRejected));
    world.host.fail_store(false);
    world.run(world.host.sleep(10_001));
    assert_eq!(session.snapshot().status, Status::SignedIn);
    world.host.advance_ms(HOUR);
    let token = world.run(session.access_token()).expect("the session of before works still");
    let restored = world.run(world.rallyhere().restore()).unwrap();
    assert_eq!(world.run(restored.access_token()).unwrap(), token);
}

/// Seed 63683 of the simulator.
#[test]
fn r35_no_session_ends_because_the_store_fails_when_it_is_asked_for_another_tab_s_tokens() {
    let world = strict();
    let session = world.steam("s1");
    let (key, text) = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
    // Another tab has lost its answer; a third one had it, and could store it later only.
    world.host.put(&key, r#"{"v":1,"generation":5,"reason":"outcome-unknown"}"#);
    assert_eq!(world.run(session.refresh()).unwrap_err().reason(), Some(SessionOverReason::OutcomeUnknown));
    let mut record: Value = serde_json::from_str(&text).unwrap();
    record["generation"] = 6.into();
    record["session"]["access_token"] = "third-tabs".into();
    record["session"]["access_life"]["received_at"] = (world.now() + HOUR).into();
    world.host.put(&key, &record.to_string());
    world.host.fail_store(true);
    world.host.advance_ms(HOUR);
    assert_eq!(world.run(session.access_token()).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(session.snapshot().status, Status::SignedIn);
    world.host.fail_store(false);
    assert_eq!(world.run(session.access_token()).unwrap().expose(), "third-tabs");
}
