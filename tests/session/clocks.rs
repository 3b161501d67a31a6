//! Wrong clocks, long lives and long sleeps.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use playerlink::host::{Host, Signal, SimReply};
use playerlink::rallyhere::{Credential, RallyHereSession};
use playerlink::{ErrorKind, Snapshot, Status};

use crate::support::world::World;
use crate::tab::Tab;

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

fn sign_in(world: &World, tab: &Tab) -> RallyHereSession<Tab> {
    world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).expect("the login works")
}

/// A session whose tokens live that long.
fn living(world: &World, tab: &Tab, seconds: u64) -> RallyHereSession<Tab> {
    let body = [
        r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r","active_player_uuid":"p","person_id":"q","#,
        r#""platform":"Steam","portal_user_id":"s1","expires_in":"#,
        &seconds.to_string(),
        "}",
    ]
    .concat();
    world.intercept(move |_| Some(SimReply::json(200, &body)));
    sign_in(world, tab)
}

#[test]
fn r13_a_clock_that_is_a_day_wrong_costs_no_refresh_and_serves_no_dead_token() {
    for hours in [-24, -2, -1, 1, 2, 24] {
        let world = World::new();
        let tab = Tab::new(&world);
        tab.skew_ms(hours * 3_600_000);
        let session = sign_in(&world, &tab);
        world.forget();
        for _ in 0..10 {
            assert!(world.run(session.access_token()).is_ok());
        }
        assert_eq!(world.count(), 0, "{hours} h");
        world.host.advance_ms(HOUR);
        for _ in 0..10 {
            assert!(world.run(session.access_token()).is_ok());
        }
        assert_eq!(world.count(), 1, "{hours} h");
        // The next start has the same wrong clock.
        let restored = world.run(tab.rallyhere().restore()).expect("the session");
        assert!(world.run(restored.access_token()).is_ok());
        assert_eq!(world.count(), 1, "{hours} h: nothing more after a restart");
    }
}

#[test]
fn r13_a_clock_that_jumps_an_hour_in_the_middle_costs_one_refresh_at_most() {
    for hours in [-24, -1, 1, 24] {
        let world = World::new();
        let tab = Tab::new(&world);
        let session = sign_in(&world, &tab);
        world.host.advance_ms(HOUR / 2);
        world.forget();
        tab.skew_ms(hours * 3_600_000);
        for _ in 0..10 {
            assert!(world.run(session.access_token()).is_ok());
        }
        assert_eq!(world.count(), usize::from(hours > 0), "{hours} h: forward it may have slept, back it has not");
        // The service counts on, whatever the clock here shows.
        world.host.advance_ms(HOUR);
        world.forget();
        for _ in 0..10 {
            assert!(world.run(session.verify()).is_ok());
        }
        assert_eq!(world.sent_to("/users/v1/login").len(), 1, "{hours} h");
    }
}

#[test]
fn r13_a_monotonic_clock_that_stands_still_in_sleep_keeps_no_dead_token_alive() {
    for stands_still in [true, false] {
        let world = World::new();
        let tab = Tab::new(&world);
        let session = sign_in(&world, &tab);
        let old = world.run(session.access_token()).unwrap();
        tab.machine_sleeps(HOUR, stands_still);
        assert_ne!(world.run(session.access_token()).unwrap(), old);
    }
}

#[test]
fn r13_a_restored_token_is_not_kept_alive_by_a_clock_that_is_set_back() {
    let world = World::new();
    let tab = Tab::new(&world);
    drop(sign_in(&world, &tab));
    world.host.advance_ms(HOUR / 2);
    let restored = world.run(tab.rallyhere().restore()).expect("the session");
    let old = world.run(restored.access_token()).unwrap();
    tab.skew_ms(-2_700_000);
    world.host.advance_ms(HOUR / 2);
    assert_ne!(world.run(restored.access_token()).unwrap(), old, "an hour has passed since it was issued");
}

#[test]
fn r14_a_token_of_twenty_seconds_or_less_does_not_loop() {
    for (seconds, most) in [(20, 8), (5, 15), (1, 15)] {
        let world = World::new();
        let tab = Tab::new(&world);
        let session = living(&world, &tab, seconds);
        world.forget();
        world.run(world.host.sleep(60_000));
        assert!((4..=most).contains(&world.count()), "{seconds} s: {} in a minute nobody asked", world.count());
        drop(session);
    }
}

#[test]
fn r15_a_thirty_day_token_costs_no_post_and_one_timer_in_a_day() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = living(&world, &tab, 30 * 86_400);
    world.forget();
    for _ in 0..24 {
        world.run(world.host.sleep(HOUR));
        assert!(world.run(session.access_token()).is_ok());
        assert_eq!(tab.holds(), (1, 1, 1), "one task, one timer, one listener");
    }
    assert_eq!(world.count(), 0);
    world.run(world.host.sleep(30 * DAY));
    assert!((1..=2).contains(&world.count()), "and it is refreshed when its time comes: {}", world.count());
    assert!(tab.seen().longest_sleep_ms <= 1 << 30, "no timer is longer than browsers can count");
}

#[test]
fn r15_nothing_is_armed_for_a_session_that_is_over() {
    for end in ["logout", "close", "refused", "refused while valid"] {
        let world = World::new();
        let tab = Tab::new(&world);
        let session = sign_in(&world, &tab);
        match end {
            "logout" => drop(world.run(session.logout())),
            "close" => session.close(),
            _ => {
                world.host.advance_ms(if end == "refused" { HOUR } else { HOUR - 60_000 });
                world.refuse("/users/v1/login", 403, "refresh_token_not_found");
                let _ = world.run(session.refresh());
                world.run(world.host.sleep(60_000));
                assert!(world.run(session.access_token()).is_err());
            }
        }
        world.run(world.host.sleep(100));
        let (tasks, timers, _) = tab.holds();
        assert_eq!((tasks, timers), (0, 0), "{end}");
    }
}

/// What listeners hear.
fn listen(session: &RallyHereSession<Tab>) -> (Arc<Mutex<Vec<Snapshot>>>, playerlink::Subscription) {
    let heard: Arc<Mutex<Vec<Snapshot>>> = Arc::default();
    let into = heard.clone();
    let subscription = session.subscribe(move |snapshot| into.lock().unwrap().push(snapshot.clone()));
    (heard, subscription)
}

#[test]
fn r16_after_eight_hours_of_sleep_the_first_call_costs_one_post_and_no_event() {
    for stands_still in [true, false] {
        for told in [true, false] {
            let world = World::new();
            let tab = Tab::new(&world);
            let session = sign_in(&world, &tab);
            let (heard, _subscription) = listen(&session);
            world.forget();
            tab.machine_sleeps(8 * HOUR, stands_still);
            if told {
                world.host.signal(&Signal::Resumed);
            }
            assert!(world.run(session.access_token()).is_ok());
            world.run(world.host.sleep(10_000));
            assert_eq!(world.count(), 1, "the clock stood still: {stands_still}, told: {told}");
            assert!(heard.lock().unwrap().is_empty());
        }
    }
}

#[test]
fn r16_a_wake_nobody_calls_after_refreshes_once_within_two_seconds() {
    for signals in [vec![Signal::Resumed], vec![Signal::Resumed, Signal::Online, Signal::Resumed]] {
        let world = World::new();
        let tab = Tab::new(&world);
        let session = sign_in(&world, &tab);
        world.forget();
        tab.machine_sleeps(8 * HOUR, true);
        for signal in &signals {
            world.host.signal(signal);
        }
        world.run(world.host.sleep(2_001));
        assert_eq!(world.count(), 1, "{signals:?}");
        assert!(world.run(session.access_token()).is_ok());
        assert_eq!(world.count(), 1);
    }
}

#[test]
fn r16_a_network_that_is_back_seven_seconds_after_the_wake_is_used_within_two_more() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = sign_in(&world, &tab);
    let (heard, _subscription) = listen(&session);
    world.host.set_online(false);
    world.forget();
    tab.machine_sleeps(8 * HOUR, true);
    world.host.signal(&Signal::Resumed);
    assert_eq!(world.run(session.access_token()).unwrap_err().kind(), ErrorKind::Network);
    world.run(world.host.sleep(7_000));
    assert_eq!(world.count(), 0, "nothing is sent without a network");
    world.host.set_online(true);
    world.run(world.host.sleep(2_000));
    assert_eq!(world.count(), 1, "recovered without a call");
    assert!(world.run(session.access_token()).is_ok());
    assert_eq!(world.count(), 1);
    assert!(heard.lock().unwrap().is_empty(), "no event for what nobody has to know");
    assert_eq!(session.snapshot().status, Status::SignedIn);
}

#[test]
fn r16_programs_that_wake_together_spread_over_two_seconds_whether_they_are_told_or_not() {
    for told in [true, false] {
        let world = World::new();
        let sign_in = |number: usize| {
            let tab = Tab::new(&world);
            world.run(tab.rallyhere().login(Credential::steam(format!("emu.crowd{number}")))).expect("the login works")
        };
        let sessions: Vec<_> = (0..20).map(sign_in).collect();
        world.run(world.host.sleep(1));
        world.forget();
        world.host.advance_ms(8 * HOUR);
        let woke = world.now();
        if told {
            world.host.signal(&Signal::Resumed);
        }
        world.run(world.host.sleep(2_001));
        let fifths: BTreeSet<u64> = world.sent().into_iter().map(|sent| (sent.at - woke) / 200).collect();
        assert_eq!(world.count(), sessions.len());
        assert!(fifths.len() >= 6, "told: {told}: in {} of ten fifths of a second", fifths.len());
    }
}

#[test]
fn r24_a_pause_in_the_store_grows_no_longer_when_the_clock_is_set_back() {
    let world = World::new();
    let tab = Tab::new(&world);
    let session = sign_in(&world, &tab);
    world.intercept(|_| Some(SimReply::response(429, vec![("retry-after".into(), "30".into())], "")));
    assert!(world.run(session.refresh()).is_err());
    world.no_intercept();
    let next = Tab::new(&world);
    next.skew_ms(-3_600_000);
    let restored = world.run(next.rallyhere().restore()).unwrap();
    let refused = world.run(restored.refresh()).unwrap_err();
    assert_eq!((refused.kind(), refused.retry_after_ms()), (ErrorKind::Busy, Some(30_000)));
    world.run(world.host.sleep(30_001));
    assert!(world.run(restored.refresh()).is_ok());
}
