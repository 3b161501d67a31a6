//! What a session takes from its host, and gives back.

use playerlink::host::{Host, Signal, SimReply};
use playerlink::rallyhere::Credential;
use playerlink::{Durability, ErrorKind};

use crate::support::world::World;
use crate::support::{all, poll_once};
use crate::tab::{Seen, Tab};

const HOUR: u64 = 3_600_000;

#[test]
fn r01_the_same_seed_gives_the_same_requests_records_and_log_lines() {
    let play = || {
        let world = World::new();
        let tabs: Vec<_> = (0..3).map(|_| Tab::new(&world)).collect();
        let one = world.run(tabs[0].rallyhere().login(Credential::steam("emu.s3"))).unwrap();
        let two = world.run(tabs[1].rallyhere().restore()).unwrap();
        let mut failures = 0;
        world.intercept(move |_| {
            failures += 1;
            (failures % 3 == 1).then(|| SimReply::json(503, "").after_ms(70))
        });
        for hour in 0..50 {
            world.run(world.host.sleep(HOUR / 7 * (hour % 5)));
            let _ = world.run(all([one.access_token(), two.access_token()]));
            if hour % 10 == 3 {
                let _ = world.run(one.enable_cross_progression(None));
            }
        }
        world.run(two.logout());
        let seen: Vec<Seen> = tabs.iter().map(Tab::seen).collect();
        (format!("{:?}", world.sent()), world.host.stored(), world.host.log_lines(), seen, world.now())
    };
    let first = play();
    assert!(first.0.len() > 5_000 && !first.2.is_empty(), "something happened");
    assert!(first == play());
}

#[test]
fn r04_a_cached_token_takes_no_request_store_or_lock_and_no_timer() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    world.run(world.host.sleep(1_000));
    tab.forget();
    for _ in 0..1_000 {
        // At the first poll: there is nothing to wait for.
        assert!(poll_once(Box::pin(session.access_token()).as_mut()).is_ready());
    }
    assert_eq!(tab.seen(), Seen::default());
    assert_eq!(tab.holds(), (1, 1, 1));
}

#[test]
fn r27_two_thousand_refreshes_leave_one_timer() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let body = r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r",
        "active_player_uuid":"p","person_id":"q","platform":"Steam","portal_user_id":"s1"}"#;
    let mut request = 0;
    world.intercept(move |_| {
        request += 1;
        Some(match request % 4 {
            0 => SimReply::hangs(),
            1 => SimReply::json(500, ""),
            _ => SimReply::json(200, body).after_ms(50),
        })
    });
    for _ in 0..2_200 {
        let _ = world.run(session.refresh());
    }
    world.run(world.host.sleep(60_000));
    assert_eq!(tab.holds(), (1, 1, 1), "one task, one timer, one listener");
}

#[test]
fn r28_a_waiter_that_gives_up_before_anything_was_sent_leaves_a_session_that_works() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.forget();
    // Never polled: never asked for.
    drop(session.access_token());
    drop(session.refresh());
    world.run(world.host.sleep(0));
    let asked = world.count();
    assert!(asked <= 1, "the keeper's own refresh at most");
    assert!(world.run(session.access_token()).is_ok());
    assert_eq!(world.count(), 1);
}

#[test]
fn r35_a_store_that_hangs_ends_neither_sign_in_nor_restore_nor_sign_out() {
    let world = World::new();
    let tab = Tab::new(&world);
    tab.store_hangs();
    let before = world.now();
    assert!(world.run(tab.rallyhere().restore()).is_none());
    assert!(world.now() - before <= 2_000, "{} ms for a restore", world.now() - before);
    let before = world.now();
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).expect("in memory");
    assert!(world.now() - before <= 4_000, "{} ms for a login", world.now() - before);
    assert_eq!(session.snapshot().durability, Durability::Memory);
    assert!(world.run(session.access_token()).is_ok());
    let before = world.now();
    assert!(world.run(session.refresh()).is_ok());
    assert!(world.now() - before <= 10_500, "{} ms for a refresh", world.now() - before);
    let before = world.now();
    assert!(world.run(session.logout()).revoked);
    assert!(world.now() - before <= 4_000, "{} ms for a sign-out", world.now() - before);
    assert_eq!(world.run(session.access_token()).unwrap_err().kind(), ErrorKind::SessionOver);
}

#[test]
fn r45_ten_thousand_sessions_dropped_without_close_leave_no_task_timer_or_listener() {
    let world = World::new();
    let tab = Tab::new(&world);
    let rallyhere = tab.rallyhere();
    drop(world.run(rallyhere.login(Credential::steam("emu.s1"))).unwrap());
    for round in 0..10_000 {
        let session = world.run(rallyhere.restore()).expect("the session");
        let subscription = session.subscribe(|_| {});
        if round % 2 == 0 {
            // In whatever order they go.
            drop(subscription);
            drop(session);
        }
    }
    world.run(world.host.sleep(1));
    assert_eq!(tab.holds(), (0, 0, 0));
    world.host.signal(&Signal::Resumed);
    world.run(world.host.sleep(HOUR));
    assert_eq!(world.count(), 1, "nothing of them asks the service");
}

#[test]
fn r45_closing_waits_for_the_refresh_that_was_sent_and_takes_everything_along() {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = emulator::rallyhere::Rotation::Strict;
    let tab = Tab::new(&world);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let _subscription = session.subscribe(|_| {});
    world.host.advance_ms(HOUR);
    world.latency_ms(1_000);
    let before = world.now();
    world.run(async {
        let mut waiting = Box::pin(session.access_token());
        assert!(poll_once(waiting.as_mut()).is_pending());
        world.host.sleep(1).await;
        session.close_and_settle().await;
        assert_eq!(waiting.await.unwrap_err().kind(), ErrorKind::Misuse);
    });
    assert!((1_000..1_100).contains(&(world.now() - before)));
    world.run(world.host.sleep(1));
    assert_eq!(tab.holds(), (0, 0, 0));
    let restored = world.run(tab.rallyhere().restore()).expect("what was sent is in the store");
    assert!(world.run(restored.refresh()).is_ok());
}

#[test]
fn a_session_that_is_over_does_not_look_into_the_store_when_it_hears_of_a_change() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let key = world.host.stored().into_iter().map(|(key, _)| key).find(|key| key.contains("/account/")).unwrap();
    world.run(session.logout());
    world.run(world.host.sleep(1_000));
    tab.forget();
    for _ in 0..3 {
        world.host.signal(&Signal::Changed { key: key.clone(), generation: 9 });
        world.host.signal(&Signal::Resumed);
        world.run(world.host.sleep(1_000));
        assert!(world.run(session.access_token()).is_err());
    }
    assert_eq!(tab.seen().loads, 0);
}
