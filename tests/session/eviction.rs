//! The browser empties the store under an open session.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use emulator::rallyhere::Rotation;
use playerlink::host::{Host, SimReply, TransportErrorKind};
use playerlink::rallyhere::Credential;

use crate::support::all;
use crate::support::world::World;
use crate::tab::Tab;

fn strict() -> World {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = Rotation::Strict;
    world
}

fn evict(world: &World) {
    for (key, text) in world.host.stored() {
        assert!(world.run(world.host.compare_and_swap(&key, Some(&text), None)).unwrap());
    }
}

#[test]
fn a_session_that_is_refreshed_after_the_store_was_emptied_is_found_by_the_next_start() {
    let world = strict();
    let session = world.steam("s1");
    evict(&world);
    assert!(world.run(session.refresh()).is_ok());
    let token = world.run(session.access_token()).unwrap();
    let restored = world.run(world.rallyhere().restore()).expect("listed again");
    assert_eq!(world.run(restored.access_token()).unwrap(), token);
}

/// Seed 13497 of the simulator.
#[test]
fn r11_the_dead_record_of_a_tab_that_missed_a_change_of_player_is_not_taken_over_after_the_store_was_emptied() {
    let world = strict();
    let (one, two) = (Tab::new(&world), Tab::new(&world));
    let first = world.run(one.rallyhere().login(Credential::steam("emu.s3"))).unwrap();
    let second = world.run(two.rallyhere().restore()).unwrap();
    let old = world.run(second.access_token()).unwrap();
    two.freeze();
    assert!(world.run(first.enable_cross_progression(None)).unwrap().player_changed);
    evict(&world);
    two.thaw();
    assert!(world.run(second.refresh()).is_err(), "its refresh token is spent");
    let new = world.run(first.access_token()).unwrap();
    assert!(new != old && world.run(second.access_token()).unwrap() == old);
    world.refuse("/users/v1/login", 403, "refresh_token_not_found");
    let _ = world.run(first.refresh());
    assert_eq!(world.run(first.access_token()).unwrap(), new, "not a token of the player before");
}

#[test]
fn r10_a_tab_that_gives_up_on_the_lock_after_the_store_was_emptied_waits_for_what_its_holder_gets() {
    let world = strict();
    let (one, two) = (Tab::new(&world), Tab::new(&world));
    let first = world.run(one.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let second = world.run(two.rallyhere().restore()).unwrap();
    evict(&world);
    world.latency_ms(9_000);
    world.forget();
    // Holds the lock for 18 s: the first request is lost on its way, the second is slow.
    let asked = AtomicUsize::new(0);
    world.intercept(move |_| {
        let is_first = asked.fetch_add(1, Relaxed) == 0;
        is_first.then(|| SimReply::fails(TransportErrorKind::Network).after_ms(9_000))
    });
    let waits = async {
        world.host.sleep(1).await;
        // Callers give up before; the refresh itself waits for the lock, and then for what its holder gets.
        let _ = second.refresh().await;
        world.host.sleep(20_000).await;
    };
    world.run(all([
        Box::pin(async { drop(first.refresh().await) }) as Pin<Box<dyn Future<Output = ()> + '_>>,
        Box::pin(waits),
    ]));
    assert_eq!(world.sent_to("/users/v1/login").len(), 2, "both from the holder");
    let token = world.run(first.access_token()).unwrap();
    assert_eq!(world.run(second.access_token()).unwrap(), token);
}

#[test]
fn a_session_whose_tokens_were_refused_takes_over_what_a_sign_in_has_stored_since_the_store_was_emptied() {
    let world = strict();
    let (one, two) = (Tab::new(&world), Tab::new(&world));
    let first = world.run(one.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    for _ in 0..3 {
        assert!(world.run(first.refresh()).is_ok());
    }
    one.freeze();
    evict(&world);
    let second = world.run(two.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    one.thaw();
    world.refuse("/users/v1/login", 403, "refresh_token_not_found");
    assert!(world.run(first.refresh()).is_ok(), "numbers in the store begin anew, and its own is the higher one");
    assert_eq!(world.run(first.access_token()).unwrap(), world.run(second.access_token()).unwrap());
}

/// Seed 88722 of the simulator.
#[test]
fn r11_tokens_in_memory_only_do_not_give_way_to_older_ones_that_came_back_after_the_store_was_emptied() {
    let world = strict();
    let session = world.steam("s1");
    let (key, old) = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
    world.run(world.host.sleep(1_000));
    assert!(world.run(session.refresh()).is_ok());
    // A tab that was frozen meanwhile notes its attempt in the emptied store.
    world.host.put(&key, &old);
    world.host.fail_store(true);
    assert!(world.run(session.refresh()).is_ok());
    let token = world.run(session.access_token()).unwrap();
    world.host.fail_store(false);
    world.run(world.host.sleep(10_001));
    assert_eq!(world.run(session.access_token()).unwrap(), token);
    let restored = world.run(world.rallyhere().restore()).unwrap();
    assert_eq!(world.run(restored.access_token()).unwrap(), token, "stored over the older ones");
    assert!(world.run(session.refresh()).is_ok());
}
