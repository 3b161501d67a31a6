//! What listeners hear.

use std::sync::{Arc, Mutex};

use emulator::rallyhere::Platform;
use playerlink::host::{Host, Signal, SimHost};
use playerlink::rallyhere::RallyHereSession;
use playerlink::{Durability, PlayerChanged, SessionOverReason, Snapshot, Status, Subscription};

use crate::support::world::World;

fn listen(session: &RallyHereSession<SimHost>) -> (Arc<Mutex<Vec<Snapshot>>>, Subscription) {
    let heard: Arc<Mutex<Vec<Snapshot>>> = Arc::default();
    let into = heard.clone();
    let subscription = session.subscribe(move |snapshot| into.lock().unwrap().push(snapshot.clone()));
    (heard, subscription)
}

#[test]
fn r30_a_plain_refresh_is_no_event() {
    let world = World::new();
    let session = world.steam("s1");
    let (heard, _subscription) = listen(&session);
    let before = session.snapshot();
    for _ in 0..100 {
        world.host.advance_ms(3_600_000);
        assert!(world.run(session.access_token()).is_ok());
    }
    assert!(heard.lock().unwrap().is_empty());
    assert_eq!(session.snapshot(), before, "not even the revision moves");
}

#[test]
fn r30_a_changed_player_is_told_once_in_each_tab_with_both_players() {
    let world = World::new();
    let tabs = [world.steam("s3"), world.run(world.rallyhere().restore()).unwrap()];
    let heard: Arc<Mutex<Vec<(usize, PlayerChanged)>>> = Arc::default();
    let _subscriptions: Vec<Subscription> = tabs
        .iter()
        .enumerate()
        .map(|(tab, session)| {
            let into = heard.clone();
            session.subscribe_player(move |change| into.lock().unwrap().push((tab, change.clone())))
        })
        .collect();
    let before = tabs[0].player();
    assert!(world.run(tabs[0].enable_cross_progression(None)).is_ok());
    for session in &tabs {
        assert!(world.run(session.refresh()).is_ok());
        assert!(world.run(session.access_token()).is_ok());
    }
    let after = tabs[0].player();
    assert_ne!(before.player_id, after.player_id);
    let told = PlayerChanged { previous: before, player: after };
    assert_eq!(*heard.lock().unwrap(), [(0, told.clone()), (1, told)]);
    for session in tabs {
        world.run(session.logout());
    }
    assert_eq!(heard.lock().unwrap().len(), 2, "the end of a session is no other player");
}

#[test]
fn r30_a_window_that_comes_and_goes_a_hundred_times_is_no_event() {
    let world = World::new();
    let session = world.steam("s1");
    let (heard, _subscription) = listen(&session);
    let before = session.snapshot();
    for cycle in 0..100 {
        world.host.signal(if cycle % 3 == 0 { &Signal::Online } else { &Signal::Resumed });
        world.run(world.host.sleep(60_000));
    }
    assert!(heard.lock().unwrap().is_empty());
    assert_eq!(session.snapshot(), before);
}

#[test]
fn r30_each_visible_change_is_one_event_with_a_growing_revision() {
    let world = World::new();
    let session = world.steam("s3");
    let (heard, _subscription) = listen(&session);
    let changed = world.run(session.enable_cross_progression(None)).unwrap();
    world.emulator().with_rallyhere(world.now(), |rallyhere, context| {
        rallyhere.put_user(context, Platform::STEAM, "s3", Some("Renamed"));
    });
    assert!(world.run(session.refresh()).is_ok());
    world.host.fail_store(true);
    assert!(world.run(session.refresh()).is_ok());
    assert!(world.run(session.refresh()).is_ok());
    world.host.fail_store(false);
    assert!(world.run(session.refresh()).is_ok());
    world.run(session.logout());
    world.run(session.logout());
    let heard = heard.lock().unwrap();
    let seen: Vec<_> =
        heard.iter().map(|one| (one.status, one.player.display_name().to_owned(), one.durability)).collect();
    let signed_out = Status::SignedOut(SessionOverReason::SignedOut);
    assert_eq!(
        seen,
        [
            (Status::SignedIn, "Sirius".to_owned(), Durability::Durable),
            (Status::SignedIn, "Renamed".to_owned(), Durability::Durable),
            (Status::SignedIn, "Renamed".to_owned(), Durability::Memory),
            (Status::SignedIn, "Renamed".to_owned(), Durability::Durable),
            (signed_out, "Renamed".to_owned(), Durability::Durable),
        ]
    );
    assert_eq!(heard[0].player, changed.player);
    assert!(heard.windows(2).all(|pair| pair[0].revision < pair[1].revision));
    assert_eq!(*heard.last().unwrap(), session.snapshot());
}

#[test]
fn r30_the_listener_sees_what_the_session_says() {
    let world = World::new();
    let session = world.steam("s3");
    let own = session.clone();
    let _subscription = session.subscribe(move |snapshot| {
        assert_eq!(*snapshot, own.snapshot(), "told after the change, not before");
        assert_eq!(snapshot.player, own.player());
    });
    assert!(world.run(session.enable_cross_progression(None)).is_ok());
    world.run(session.logout());
}

#[test]
fn r31_a_listener_may_call_anything_of_its_session() {
    let world = World::new();
    let session = world.steam("s3");
    let kept: Arc<Mutex<Vec<Subscription>>> = Arc::default();
    let (own, keep, count) = (session.clone(), kept.clone(), Arc::new(Mutex::new(0)));
    let counted = count.clone();
    let subscription = session.subscribe(move |_| {
        *counted.lock().unwrap() += 1;
        let _ = (own.player(), own.snapshot(), own.login_result());
        let _ = crate::support::poll_once(Box::pin(own.access_token()).as_mut());
        let another = own.subscribe(|_| {});
        // The first one goes while it is being called.
        let first = std::mem::take(&mut *keep.lock().unwrap());
        drop(first);
        drop(another);
        own.close();
    });
    kept.lock().unwrap().push(subscription);
    assert!(world.run(session.enable_cross_progression(None)).is_err(), "it was closed on the way");
    assert_eq!(*count.lock().unwrap(), 1);
}

#[test]
fn r30_a_dropped_subscription_hears_nothing_and_outlives_its_session_harmlessly() {
    let world = World::new();
    let session = world.steam("s3");
    let (heard, subscription) = listen(&session);
    drop(subscription);
    assert!(world.run(session.enable_cross_progression(None)).is_ok());
    assert!(heard.lock().unwrap().is_empty());
    let (_, subscription) = listen(&session);
    drop(session);
    drop(subscription);
}

#[test]
fn r30_the_end_of_a_session_by_the_service_is_told_once() {
    let world = World::new();
    let session = world.steam("s1");
    let (heard, _subscription) = listen(&session);
    world.host.advance_ms(3_600_000);
    world.refuse("/users/v1/login", 403, "refresh_token_not_found");
    for _ in 0..5 {
        assert!(world.run(session.access_token()).is_err());
    }
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].status, Status::SignedOut(SessionOverReason::RefreshRejected));
}
