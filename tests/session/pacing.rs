//! How often a service in trouble is asked.

use emulator::Fault;
use playerlink::ErrorKind;
use playerlink::host::{Host, SimReply, TransportErrorKind};
use playerlink::rallyhere::{Config, Credential, RallyHere};
use serde_json::json;

use crate::support::world::World;

const HOUR: u64 = 3_600_000;

#[test]
fn r25_forty_calls_in_ten_seconds_of_outage_cost_at_most_four_posts() {
    for reply in
        [|| SimReply::fails(TransportErrorKind::Network), || SimReply::json(500, ""), || SimReply::json(429, "")]
    {
        let world = World::new();
        let session = world.steam("s1");
        world.host.advance_ms(HOUR);
        world.intercept(move |_| Some(reply()));
        world.forget();
        for _ in 0..40 {
            let error = world.run(session.access_token()).unwrap_err();
            assert_ne!(error.kind(), ErrorKind::SessionOver);
            assert!(error.retry_after_ms().is_none_or(|wait| wait <= 8_000));
            world.host.advance_ms(250);
        }
        assert_eq!(world.count(), 4, "after 0, 1, 3 and 7 seconds");
        world.no_intercept();
        world.host.advance_ms(60_000);
        assert!(world.run(session.access_token()).is_ok());
    }
}

#[test]
fn r25_pauses_grow_to_a_minute_and_end_with_the_first_success() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.intercept(|_| Some(SimReply::json(500, "")));
    world.forget();
    for _ in 0..600 {
        assert!(world.run(session.access_token()).is_err());
        world.host.advance_ms(1_000);
    }
    let at: Vec<u64> = world.sent().iter().map(|sent| sent.at).collect();
    let pauses = at.windows(2).map(|pair| pair[1] - pair[0]);
    let longest = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000].into_iter().chain(std::iter::repeat(60_000));
    for (pause, longest) in pauses.zip(longest) {
        // The clock of this test ticks in seconds.
        assert!((longest / 4 * 3..=longest + 1_000).contains(&pause), "{pause} of {longest}");
    }
    world.no_intercept();
    world.host.advance_ms(60_000);
    assert!(world.run(session.access_token()).is_ok());
    world.host.advance_ms(HOUR);
    world.intercept(|_| Some(SimReply::json(500, "")));
    assert!(world.run(session.access_token()).is_err());
    world.no_intercept();
    world.host.advance_ms(1_000);
    assert!(world.run(session.access_token()).is_ok(), "the count began anew");
}

#[test]
fn r24_with_retry_after_forty_calls_cost_one_post() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.fault(Fault { status: Some(503), retry_after: Some(10), ..Fault::on("/users/v1/login") });
    world.forget();
    for call in 0..40 {
        let error = world.run(session.access_token()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert_eq!(error.retry_after_ms(), Some(10_000 - 250 * call), "what is left of it");
        world.host.advance_ms(250);
    }
    assert_eq!(world.count(), 1);
    assert!(world.run(session.access_token()).is_ok());
}

#[test]
fn r24_retry_after_holds_for_explicit_refreshes_too() {
    let date = json!({ "Retry-After": "Thu, 01 Jan 2026 00:00:30 GMT" });
    let seconds = json!({ "Retry-After": "30" });
    for headers in [date, seconds] {
        let world = World::new();
        let session = world.steam("s1");
        let headers = headers.as_object().unwrap().clone();
        world.fault(Fault { status: Some(429), headers, ..Fault::on("/users/v1/login") });
        world.forget();
        let error = world.run(session.refresh()).unwrap_err();
        assert_eq!((error.kind(), error.retry_after_ms()), (ErrorKind::Busy, Some(30_000)));
        world.host.advance_ms(29_999);
        let error = world.run(session.refresh()).unwrap_err();
        assert_eq!((error.kind(), error.retry_after_ms()), (ErrorKind::Busy, Some(1)));
        assert!(world.run(session.access_token()).is_ok(), "the token is still valid");
        assert_eq!(world.count(), 1);
        world.host.advance_ms(1);
        assert!(world.run(session.refresh()).is_ok());
        assert_eq!(world.count(), 2);
    }
}

#[test]
fn r24_retry_after_is_clamped_to_one_second_and_five_minutes() {
    for (value, wanted) in [("0", 1_000), ("86400", 300_000), ("Thu, 01 Jan 2015 00:00:00 GMT", 1_000)] {
        let world = World::new();
        let session = world.steam("s1");
        let headers = json!({ "retry-after": value }).as_object().unwrap().clone();
        world.fault(Fault { status: Some(503), headers, ..Fault::on("/users/v1/login") });
        let error = world.run(session.refresh()).unwrap_err();
        assert_eq!(error.retry_after_ms(), Some(wanted), "{value}");
    }
}

#[test]
fn r23_a_status_that_says_not_now_ends_no_session_whatever_its_code() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let world = World::new();
        let (steam, nova) = (world.steam("s1"), world.nova());
        world.host.advance_ms(HOUR);
        world.refuse("/users/v1/login", status, "refresh_token_not_found");
        world.refuse("/api/oauth2/token", status, "010-023");
        for result in [world.run(steam.access_token()), world.run(nova.access_token())] {
            let error = result.unwrap_err();
            assert_eq!((error.status(), error.reason()), (Some(status), None), "{error}");
            assert!(status >= 500 && status != 503 || error.kind() == ErrorKind::Busy, "{status}: {error}");
        }
        world.host.advance_ms(1_000);
        assert!(world.run(steam.access_token()).is_ok(), "{status}");
        assert!(world.run(nova.access_token()).is_ok(), "{status}");
    }
}

#[test]
fn r26_an_explicit_refresh_passes_a_pause_nobody_asked_for() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.go_offline();
    assert!(world.run(session.access_token()).is_err());
    world.no_intercept();
    assert!(world.run(session.refresh()).is_ok(), "the player pressed a button");
    assert!(world.run(session.access_token()).is_ok());
}

fn retrying(world: &World) -> RallyHere<playerlink::host::SimHost> {
    let config = Config::base_url("https://demo.rally-here.io").client("game", "game-secret");
    RallyHere::new(config, world.host.clone()).unwrap()
}

#[test]
fn a_login_is_tried_again_by_itself_as_its_class_says_and_within_its_deadline() {
    let cases = [
        (403, "internal_error", 3, 7_000),
        (403, "apple_failed_key_lookup", 3, 7_000),
        (403, "too_many_users", 2, 2_000),
        (403, "never_heard_of", 1, 0),
        (403, "authentication_locked", 1, 0),
        (403, "steam_token_invalid", 1, 0),
        (403, "user_needs_agreements", 1, 0),
        (403, "client_credentials_invalid", 1, 0),
    ];
    for (status, text, posts, takes) in cases {
        let world = World::new();
        world.fault(Fault {
            status: Some(status),
            error_code: Some(text.into()),
            times: Some(9),
            ..Fault::on("/users/v1/login")
        });
        let before = world.now();
        let error = world.run(retrying(&world).login(Credential::steam("emu.s1"))).unwrap_err();
        assert_eq!(crate::support::code(&error), text);
        assert_eq!((world.count(), world.now() - before), (posts, takes), "{text}");
    }
}

#[test]
fn a_login_waits_as_long_as_the_service_asks_when_that_fits() {
    let world = World::new();
    world.fault(Fault { status: Some(503), retry_after: Some(4), ..Fault::on("/users/v1/login") });
    let before = world.now();
    assert!(world.run(retrying(&world).login(Credential::steam("emu.s1"))).is_ok());
    assert_eq!((world.count(), world.now() - before), (2, 4_000));
    world.forget();
    world.fault(Fault { status: Some(503), retry_after: Some(11), ..Fault::on("/users/v1/login") });
    let error = world.run(retrying(&world).login(Credential::steam("emu.s1"))).unwrap_err();
    assert_eq!((error.kind(), error.retry_after_ms(), world.count()), (ErrorKind::Busy, Some(11_000), 1));
}

#[test]
fn a_login_with_a_one_time_ticket_is_not_repeated_after_a_lost_answer() {
    for reply in [|| SimReply::fails(TransportErrorKind::Network), SimReply::hangs, || SimReply::json(502, "")] {
        let world = World::new();
        world.intercept(move |_| Some(reply()));
        assert!(world.run(retrying(&world).login(Credential::steam("emu.s1"))).is_err());
        assert_eq!(world.count(), 1);
    }
}

#[test]
fn time_only_moves_when_something_waits() {
    let world = World::new();
    let before = world.host.monotonic();
    let session = world.steam("s1");
    assert!(world.run(session.verify()).is_ok());
    assert_eq!(world.host.monotonic(), before);
}
