//! After a change of who the player is, the token of the player before is never handed out again.

use std::pin::pin;

use emulator::Fault;
use emulator::rallyhere::Platform;
use playerlink::ErrorKind;
use playerlink::host::{Host, SimReply, TransportErrorKind};
use playerlink::rallyhere::Credential;

use crate::support::poll_once;
use crate::support::world::World;

fn own_player(world: &World) -> String {
    world.emulator().rallyhere().user(Platform::STEAM, "s3").unwrap().player_uuid.clone()
}

#[test]
fn a_refresh_that_was_in_the_air_before_the_change_does_not_count() {
    let world = World::new();
    let session = world.steam("s3");
    world.latency_ms(1_000);
    world.forget();
    let changed = world.run(async {
        let mut early = pin!(session.refresh());
        assert!(poll_once(early.as_mut()).is_pending());
        // Lets the spawned refresh leave before the change does.
        world.host.sleep(1).await;
        world.latency_ms(100);
        let changed = session.enable_cross_progression(None).await;
        assert!(early.await.is_ok());
        changed
    });
    let changed = changed.unwrap();
    assert_eq!(changed.player.player_id, own_player(&world));
    assert!(changed.player_changed);
    let requests = world.take_requests();
    assert_eq!(requests, ["POST /users/v1/login", "POST /users/v1/cross-progression/enable", "POST /users/v1/login"]);
    assert_eq!(session.player().player_id, own_player(&world));
}

#[test]
fn when_the_refresh_after_the_change_fails_the_session_is_stale_and_the_old_token_is_never_served() {
    let failures: [fn() -> SimReply; 4] = [
        || SimReply::fails(TransportErrorKind::Network),
        || SimReply::json(500, "{}"),
        || SimReply::response(429, vec![("retry-after".into(), "20".into())], "{}"),
        SimReply::hangs,
    ];
    for failure in failures {
        let world = World::new();
        let session = world.steam("s3");
        let old = world.run(session.access_token()).unwrap();
        world.intercept(move |request| request.url.ends_with("/v1/login").then(failure));
        let error = world.run(session.enable_cross_progression(None)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionStale);
        for _ in 0..20 {
            let error = world.run(session.access_token()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SessionStale);
            assert_eq!(world.run(session.verify()).unwrap_err().kind(), ErrorKind::SessionStale);
            world.host.advance_ms(3_000);
        }
        world.no_intercept();
        world.host.advance_ms(60_000);
        let new = world.run(session.access_token()).unwrap();
        assert_ne!(new, old);
        assert_eq!(session.player().player_id, own_player(&world));
        let sent: Vec<_> = world.sent_to("/users/v1/verify");
        assert!(sent.is_empty(), "not one call went out with the old token");
    }
}

#[test]
fn a_stale_session_says_how_long_to_wait() {
    let world = World::new();
    let session = world.steam("s3");
    world.fault(Fault { status: Some(503), retry_after: Some(20), ..Fault::on("/users/v1/login") });
    let error = world.run(session.enable_cross_progression(None)).unwrap_err();
    assert_eq!((error.kind(), error.retry_after_ms()), (ErrorKind::SessionStale, Some(20_000)));
    world.host.advance_ms(5_000);
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.retry_after_ms()), (ErrorKind::SessionStale, Some(15_000)));
}

#[test]
fn a_stale_session_whose_refresh_token_is_dead_is_over() {
    let world = World::new();
    let session = world.steam("s3");
    let old = world.run(session.access_token()).unwrap();
    world.refuse("/users/v1/login", 403, "refresh_token_not_found");
    let error = world.run(session.enable_cross_progression(None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionOver);
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionOver, "although {} ms are left", old.expose().len());
    assert!(world.run(world.rallyhere().restore()).is_none());
}

#[test]
fn a_change_without_a_refresh_token_ends_the_session_rather_than_serve_the_old_player() {
    let world = World::new();
    world.intercept(|request| {
        let body = r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"active_player_uuid":"p",
            "person_id":"q","platform":"Steam","portal_user_id":"s1"}"#;
        Some(if request.url.ends_with("/login") { SimReply::json(200, body) } else { SimReply::json(200, "") })
    });
    let session = world.signed_in(Credential::steam("t"));
    let error = world.run(session.enable_cross_progression(None)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SessionOver | ErrorKind::SessionStale), "{error}");
    let error = world.run(session.access_token()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SessionOver | ErrorKind::SessionStale), "{error}");
}

#[test]
fn a_refused_change_leaves_the_session_as_it_was() {
    let world = World::new();
    let session = world.steam("s3");
    let token = world.run(session.access_token()).unwrap();
    world.refuse("/users/v1/cross-progression/enable", 400, "cannot_modify_person");
    assert!(world.run(session.enable_cross_progression(None)).is_err());
    assert_eq!(world.run(session.access_token()).unwrap(), token);
}

#[test]
fn a_player_changed_elsewhere_is_seen_by_the_next_refresh() {
    let world = World::new();
    let one = world.steam("s3");
    let two = world.signed_in(Credential::ps5_v3("emu.p3"));
    assert!(world.run(one.enable_cross_progression(None)).is_ok());
    let refreshed = world.run(two.refresh()).unwrap();
    assert!(refreshed.changed);
    assert_eq!(refreshed.player.player_id, own_player(&world));
    assert!(!world.run(two.refresh()).unwrap().changed);
}
