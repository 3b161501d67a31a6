//! What a refresh may be answered with, and what of it ends a session.

use playerlink::host::{Host, SimHost, SimReply, TransportErrorKind};
use playerlink::rallyhere::{Credential, RallyHereSession};
use playerlink::{Durability, ErrorKind, SessionOverReason, Status};

use crate::spy::Spy;
use crate::support::all;
use crate::support::world::World;
use crate::tab::Tab;

const HOUR: u64 = 3_600_000;
const LOGIN: &str = "/users/v1/login";
/// A code of which the contract says that the refresh token will never work again (rallyhere.md §3.1).
const TERMINAL: &str = r#"{"auth_success":false,"error_code":"refresh_token_not_found","desc":""}"#;

/// Bodies by name; the first one says that the refresh token is dead.
fn bodies() -> Vec<(&'static str, Option<&'static str>, Option<TransportErrorKind>)> {
    vec![
        ("typed", Some(TERMINAL), None),
        ("typed, of tomorrow", Some(r#"{"auth_success":false,"error_code":"refresh_token_tired","desc":""}"#), None),
        ("of another kind", Some(r#"{"error":"invalid_grant","error_code":7}"#), None),
        ("HTML", Some("<!doctype html><title>403</title>refresh_token_not_found"), None),
        ("a captive portal", Some("<html><meta http-equiv=refresh></html>"), None),
        ("empty", Some(""), None),
        ("half", Some(r#"{"auth_success":false,"error_code":"refresh_token_not_fo"#), None),
        ("truncated", None, Some(TransportErrorKind::Truncated)),
        ("a bomb", None, Some(TransportErrorKind::BodyTooLarge)),
        ("reset", None, Some(TransportErrorKind::Network)),
    ]
}

#[test]
fn r23_of_all_statuses_and_bodies_only_the_contracts_codes_end_a_session() {
    let world = World::new();
    let mut session = world.steam("s1");
    let mut ended = Vec::new();
    for status in 100..600 {
        for (name, body, failure) in bodies() {
            world.intercept(move |request| {
                request.url.ends_with(LOGIN).then(|| match failure {
                    Some(failure) => SimReply::fails(failure),
                    None => SimReply::response(status, Vec::new(), body.unwrap_or_default()),
                })
            });
            let result = world.run(session.refresh());
            world.no_intercept();
            let error = result.expect_err("none of these is a success");
            // A token that is valid is served whatever happened.
            assert!(world.run(session.access_token()).is_ok(), "{status}, {name}");
            if let Some(reason) = error.reason() {
                let earlier = Some(SessionOverReason::OutcomeUnknown) == Some(reason);
                assert!(
                    name == "typed" && (earlier || reason == SessionOverReason::RefreshRejected),
                    "{status}, {name}"
                );
                ended.push(status);
                session = world.steam("s1");
                continue;
            }
            assert_eq!((error.reason(), session.snapshot().status), (None, Status::SignedIn), "{status}, {name}");
            // Nothing was deleted: it refreshes as soon as it may.
            world.host.advance_ms(error.retry_after_ms().unwrap_or(0));
            if status % 25 == 3 {
                assert!(world.run(session.refresh()).is_ok(), "{status}, {name}");
                let restored = world.run(world.rallyhere().restore()).expect("and so does the next start");
                assert!(world.run(restored.refresh()).is_ok(), "{status}, {name}");
                assert!(world.run(session.refresh()).is_ok(), "{status}, {name}");
            } else if world.host.monotonic() > HOUR / 2 {
                session = world.steam("s1");
            }
        }
    }
    assert!(ended.contains(&403), "with the status the contract gives it");
    for status in ended {
        assert!((400..500).contains(&status) && ![408, 425, 429].contains(&status), "{status} says not now");
    }
}

#[test]
fn r24_a_retry_after_holds_in_every_tab_and_after_a_restart_and_says_what_is_left() {
    for (status, value) in [(429, "30"), (503, "30"), (503, "Thu, 01 Jan 2026 00:00:30 GMT")] {
        let world = World::new();
        let tabs = [Tab::new(&world), Tab::new(&world), Tab::new(&world)];
        let one = world.run(tabs[0].rallyhere().login(Credential::steam("emu.s1"))).unwrap();
        let two = world.run(tabs[1].rallyhere().restore()).unwrap();
        world.intercept(move |_| Some(SimReply::response(status, vec![("retry-after".into(), value.into())], "")));
        assert!(world.run(one.refresh()).is_err());
        world.forget();
        world.run(world.host.sleep(10_000));
        let restarted = world.run(tabs[2].rallyhere().restore()).unwrap();
        for session in [&one, &two, &restarted] {
            let error = world.run(session.refresh()).unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Busy, Some(status)), "{value}");
            assert_eq!(error.retry_after_ms(), Some(20_000), "{value}");
            assert!(world.run(session.access_token()).is_ok(), "what is valid is served");
        }
        assert_eq!(world.count(), 0, "nobody asks");
        world.no_intercept();
        world.run(world.host.sleep(20_000));
        assert!(world.run(two.refresh()).is_ok());
    }
}

#[test]
fn r25_forty_calls_in_ten_seconds_cost_four_posts_whatever_the_outage() {
    let outages: [fn() -> SimReply; 6] = [
        || SimReply::json(429, ""),
        || SimReply::json(500, ""),
        || SimReply::response(503, Vec::new(), "<html>busy</html>"),
        || SimReply::fails(TransportErrorKind::Network),
        || SimReply::json(403, r#"{"error_code":"of_tomorrow"}"#),
        || SimReply::response(200, Vec::new(), "<html>hotel</html>"),
    ];
    for outage in outages {
        for seed in 0..8 {
            let world = World::new();
            let session = world.steam("s1");
            // Each draws other random numbers.
            let _ = world.host.random(&mut vec![0; 8 * seed]);
            world.host.advance_ms(HOUR);
            world.intercept(move |_| Some(outage()));
            world.forget();
            for _ in 0..40 {
                assert_ne!(world.run(session.access_token()).unwrap_err().kind(), ErrorKind::SessionOver);
                world.run(world.host.sleep(250));
            }
            let posts = world.sent().iter().filter(|sent| sent.at < world.now()).count();
            assert!(posts <= 4, "{posts} with {:?}", outage());
        }
    }
}

#[test]
fn r26_when_the_service_heals_the_call_after_the_pause_succeeds_within_five_seconds_of_a_short_outage() {
    for seed in 0..20 {
        let world = World::new();
        let session = world.steam("s1");
        let _ = world.host.random(&mut vec![0; 8 * seed]);
        world.host.advance_ms(HOUR);
        world.intercept(|_| Some(SimReply::json(500, "")));
        let healed = world.now() + 10_000;
        let mut left = 0;
        while world.now() < healed {
            let error = world.run(session.access_token()).unwrap_err();
            left = error.retry_after_ms().unwrap_or_default();
            world.run(world.host.sleep(100));
        }
        world.no_intercept();
        assert!(left <= 5_100, "{left} ms");
        world.run(world.host.sleep(left));
        assert!(world.run(session.access_token()).is_ok(), "the error has said how long to wait");
    }
}

#[test]
fn r26_a_network_that_is_back_ends_a_pause_of_ours_and_not_one_the_service_asked_for() {
    for asked in [false, true] {
        let world = World::new();
        let session = world.steam("s1");
        world.host.advance_ms(HOUR);
        world.intercept(move |_| {
            let headers = if asked { vec![("retry-after".to_owned(), "30".to_owned())] } else { Vec::new() };
            Some(SimReply::response(503, headers, ""))
        });
        for _ in 0..5 {
            assert!(world.run(session.refresh()).is_err());
        }
        world.no_intercept();
        world.forget();
        world.host.set_online(true);
        world.run(world.host.sleep(2_001));
        assert_eq!(world.count(), usize::from(!asked), "asked: {asked}");
        assert_eq!(world.run(session.access_token()).is_ok(), !asked);
    }
}

fn signed_in(count: usize) -> (World, Vec<RallyHereSession<SimHost>>) {
    let world = World::new();
    let sessions = (0..count).map(|number| world.steam(&format!("many{number}"))).collect();
    (world, sessions)
}

#[test]
fn r08_every_call_ends_at_its_own_deadline_whatever_goes_on_behind_it() {
    let (world, sessions) = signed_in(1);
    let session = &sessions[0];
    world.host.advance_ms(HOUR);
    world.intercept(|_| Some(SimReply::hangs()));
    for wait in [0, 3_000, 7_000] {
        world.run(world.host.sleep(wait));
        let before = world.now();
        assert!(world.run(session.access_token()).is_err());
        assert!(world.now() - before <= 10_500, "{} ms", world.now() - before);
        let before = world.now();
        assert!(world.run(session.refresh()).is_err());
        assert!(world.now() - before <= 10_500, "{} ms", world.now() - before);
        let before = world.now();
        assert_eq!(world.run(session.verify()).unwrap_err().kind(), ErrorKind::Timeout);
        assert!(world.now() - before <= 10_500, "{} ms", world.now() - before);
    }
}

#[test]
fn r05_callers_of_a_cold_start_share_one_post() {
    let (world, sessions) = signed_in(1);
    drop(sessions);
    world.host.advance_ms(HOUR);
    world.latency_ms(100);
    world.forget();
    let clients: Vec<_> = (0..11).map(|_| world.rallyhere()).collect();
    let restored = world.run(all(clients.iter().map(|client| client.restore())));
    let sessions: Vec<_> = restored.into_iter().map(|session| session.expect("the session")).collect();
    let tokens = world.run(all(sessions.iter().map(|session| session.access_token())));
    assert!(tokens.iter().all(|token| token.as_ref().unwrap() == tokens[0].as_ref().unwrap()));
    assert_eq!(world.take_requests(), ["POST /users/v1/login"]);
    assert_eq!(sessions[0].snapshot().durability, Durability::Durable);
}

#[test]
fn r11_a_call_in_a_pause_takes_what_another_tab_has_renewed_meanwhile() {
    let world = World::new();
    // No messages between these two.
    let spy = Spy::new(&world);
    let one = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let two = world.run(spy.rallyhere().restore()).unwrap();
    world.host.advance_ms(HOUR);
    world.go_offline();
    assert_eq!(world.run(two.access_token()).unwrap_err().kind(), ErrorKind::Network);
    world.no_intercept();
    // Its own keeper may have failed too; who asks by name is not held up by that.
    assert!(world.run(one.refresh()).is_ok());
    let token = world.run(one.access_token()).unwrap();
    world.forget();
    assert_eq!(world.run(two.access_token()).unwrap(), token, "it is in the store");
    assert_eq!(world.count(), 0);
}

/// Seeds 73229 and 79998 of the simulator.
#[test]
fn r24_a_retry_after_that_another_tab_was_told_counts_where_a_pause_of_before_is_over() {
    let world = World::new();
    let (one, two) = (Tab::new(&world), Tab::new(&world));
    let first = world.run(one.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let second = world.run(two.rallyhere().restore()).unwrap();
    let told = |seconds: &'static str| {
        world.intercept(move |_| Some(SimReply::response(429, vec![("retry-after".into(), seconds.into())], "")));
    };
    told("2");
    assert!(world.run(second.refresh()).is_err());
    world.run(world.host.sleep(5_000));
    told("60");
    assert!(world.run(first.refresh()).is_err());
    world.forget();
    world.run(world.host.sleep(10_000));
    let error = world.run(second.refresh()).unwrap_err();
    assert_eq!((error.kind(), error.retry_after_ms()), (ErrorKind::Busy, Some(50_000)));
    assert_eq!(world.count(), 0, "it does not ask");
}
