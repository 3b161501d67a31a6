//! Two sessions over one store, as two tabs or processes have them.

use std::pin::Pin;

use emulator::rallyhere::Rotation;
use playerlink::host::{Host as _, Signal};
use playerlink::rallyhere::Credential;
use playerlink::{ErrorKind, Result, Secret, SessionOverReason, Status};

use crate::spy::Spy;
use crate::support::all;
use crate::support::world::World;

type Boxed<'a> = Pin<Box<dyn Future<Output = Result<Secret>> + 'a>>;

const HOUR: u64 = 3_600_000;

fn strict() -> World {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = Rotation::Strict;
    world
}

#[test]
fn r09_two_tabs_at_expiry_cost_one_post_and_have_the_same_token() {
    let world = strict();
    let one = world.steam("s1");
    let two = world.run(world.rallyhere().restore()).unwrap();
    world.host.advance_ms(HOUR);
    world.latency_ms(100);
    world.forget();
    let tokens = world.run(all([one.access_token(), two.access_token()]));
    assert_eq!(tokens[0].clone().unwrap(), tokens[1].clone().unwrap());
    assert_eq!(world.count(), 1);
}

#[test]
fn r11_a_tab_adopts_what_another_has_rotated_before() {
    let world = strict();
    let one = world.steam("s1");
    let two = world.run(world.rallyhere().restore()).unwrap();
    for _ in 0..5 {
        world.host.advance_ms(HOUR);
        let token = world.run(one.access_token()).unwrap();
        world.forget();
        assert_eq!(world.run(two.access_token()).unwrap(), token);
        assert_eq!(world.count(), 0);
        world.host.advance_ms(HOUR);
        let token = world.run(two.access_token()).unwrap();
        world.forget();
        assert_eq!(world.run(one.access_token()).unwrap(), token);
        assert_eq!(world.count(), 0);
    }
}

#[test]
fn r09_a_tab_that_hears_of_the_new_token_while_it_waits_for_the_lock_does_not_refresh_once_more() {
    let world = strict();
    // The one that rotates does not ask for the lock, so that the other one can wait for it meanwhile.
    let spy = Spy::without_locks(&world);
    let one = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let two = world.run(world.rallyhere().restore()).unwrap();
    let stored = world.host.stored();
    let (key, _) = stored.iter().find(|(key, _)| key.contains("/account/")).unwrap();
    world.run(world.host.sleep(1));
    // As after sleep: no timer has noticed yet.
    world.host.set_wall_clock(world.host.now() + HOUR);
    world.forget();
    let held = world.run(world.host.lock(key)).unwrap();
    let rotates = async {
        world.host.sleep(50).await;
        one.access_token().await.unwrap();
        // Its keeper has it before the lock is free.
        world.host.signal(&Signal::Changed { key: key.clone(), generation: 2 });
        world.host.sleep(50).await;
        drop(held);
        one.access_token().await
    };
    let tokens = world.run(all([Box::pin(rotates) as Boxed<'_>, Box::pin(two.access_token())]));
    assert_eq!(tokens[0].clone().unwrap(), tokens[1].clone().unwrap());
    assert_eq!(world.count(), 1);
}

#[test]
fn r11_a_losing_tab_adopts_the_winners_tokens() {
    // Without a common lock both send the same refresh token, and the service takes it once.
    let world = strict();
    let spy = Spy::racing(&world);
    let one = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let two = world.run(spy.rallyhere().restore()).unwrap();
    world.host.advance_ms(HOUR);
    world.latency_ms(100);
    world.forget();
    let tokens = world.run(all([one.access_token(), two.access_token()]));
    assert_eq!(world.sent_to("/users/v1/login").len(), 2, "the race took place");
    assert_eq!(tokens[0].clone().unwrap(), tokens[1].clone().unwrap());
    world.latency_ms(0);
    world.host.advance_ms(60_000);
    assert!(world.run(one.refresh()).is_ok(), "nobody's session was cleared");
    assert!(world.run(two.refresh()).is_ok());
    assert!(world.run(world.rallyhere().restore()).is_some());
}

#[test]
fn r11_an_explicit_refresh_that_loses_the_race_is_a_success_too() {
    let world = strict();
    let spy = Spy::racing(&world);
    let one = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let two = world.run(spy.rallyhere().restore()).unwrap();
    world.latency_ms(100);
    world.forget();
    let results = world.run(all([one.refresh(), two.refresh()]));
    assert_eq!(world.count(), 2, "the race took place");
    for result in results {
        assert!(result.is_ok(), "both tabs have the winner's tokens now: {result:?}");
    }
    let tokens = world.run(all([one.access_token(), two.access_token()]));
    assert_eq!(tokens[0].clone().unwrap(), tokens[1].clone().unwrap());
}

#[test]
fn r11_a_tab_that_loses_before_the_winner_has_stored_its_tokens_destroys_nothing() {
    for expired in [true, false] {
        for write_ms in [1, 50, 200, 1_500] {
            let world = strict();
            let spy = Spy::racing(&world);
            let one = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
            let two = world.run(spy.rallyhere().restore()).unwrap();
            if expired {
                world.host.advance_ms(HOUR);
            }
            world.latency_ms(100);
            spy.writes_take(Some(write_ms));
            world.forget();
            let results = world.run(all([one.refresh(), two.refresh()]));
            assert_eq!(world.sent_to("/users/v1/login").len(), 2, "the race took place");
            assert!(results.iter().any(Result::is_ok), "the winner has won");
            assert!(world.sent_to("/users/v1/logout").is_empty(), "and gives nothing back");
            spy.writes_take(Some(0));
            world.latency_ms(0);
            let winner = if results[0].is_ok() { &one } else { &two };
            assert!(world.run(winner.refresh()).is_ok(), "expired: {expired}, write: {write_ms}");
            let restored = world.run(world.rallyhere().restore()).expect("the store has the winner's tokens");
            assert!(world.run(restored.refresh()).is_ok());
        }
    }
}

#[test]
fn r21_signing_out_in_one_tab_signs_the_other_out_at_its_next_refresh() {
    let world = strict();
    let one = world.steam("s1");
    let two = world.run(world.rallyhere().restore()).unwrap();
    world.run(one.logout());
    world.host.advance_ms(HOUR);
    world.forget();
    let error = world.run(two.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::SignedOut)));
    assert_eq!(two.snapshot().status, Status::SignedOut(SessionOverReason::SignedOut));
    assert_eq!(world.count(), 0, "the mark in the store says enough");
}

#[test]
fn r21_signing_out_in_one_tab_ends_a_refresh_in_the_air_in_the_other() {
    for locks in [true, false] {
        let world = strict();
        let spy = if locks { Spy::new(&world) } else { Spy::racing(&world) };
        let one = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
        let two = world.run(spy.rallyhere().restore()).unwrap();
        world.host.advance_ms(HOUR);
        world.latency_ms(100);
        world.forget();
        let error = world.run(async {
            let refresh = two.access_token();
            let sign_out = one.logout();
            let mut refresh = std::pin::pin!(refresh);
            assert!(crate::support::poll_once(refresh.as_mut()).is_pending());
            playerlink::host::Host::sleep(&world.host, 50).await;
            sign_out.await;
            refresh.await
        });
        assert_eq!(error.unwrap_err().reason(), Some(SessionOverReason::SignedOut), "locks: {locks}");
        assert!(world.run(spy.rallyhere().restore()).is_none());
        for (key, text) in world.host.stored() {
            assert!(!text.contains("token"), "{key}: {text}");
        }
    }
}

#[test]
fn a_ban_seen_by_one_tab_ends_the_other_at_its_next_refresh() {
    let world = strict();
    let one = world.steam("s1");
    let two = world.run(world.rallyhere().restore()).unwrap();
    world.host.advance_ms(HOUR);
    world.refuse("/users/v1/login", 403, "user_auth_restricted");
    assert!(world.run(one.access_token()).is_err());
    let error = world.run(two.access_token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionOver);
}
