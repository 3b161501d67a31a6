//! The three ways a service may rotate refresh tokens, and an answer that gets lost in each.

use emulator::rallyhere::Rotation;
use emulator::{Delivery, Fault};
use playerlink::{ErrorKind, SessionOverReason, Status};

use crate::support::code;
use crate::support::world::World;

const MODES: [Rotation; 3] = [Rotation::Reusable, Rotation::Strict, Rotation::Grace(10)];

fn world(mode: Rotation) -> World {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = mode;
    world
}

fn lose_the_next_refresh(world: &World) {
    world.fault(Fault { after: true, delivery: Delivery::Close, ..Fault::on("/users/v1/login") });
}

#[test]
fn a_session_outlives_a_day_of_refreshes_in_every_mode() {
    for mode in MODES {
        let world = world(mode);
        let session = world.steam("s1");
        world.forget();
        let mut tokens = Vec::new();
        for _ in 0..24 {
            world.host.advance_ms(3_600_000);
            let token = world.run(session.access_token()).expect("a token");
            assert!(!tokens.contains(&token), "{mode:?}: a new one each hour");
            tokens.push(token);
            assert!(world.run(session.verify()).is_ok());
        }
        let sent = world.sent_to("/users/v1/login");
        assert_eq!(sent.len(), 24);
        for pair in sent.windows(2) {
            assert_ne!(
                pair[0].json()["portal_access_token"],
                pair[1].json()["portal_access_token"],
                "the latest is used"
            );
        }
        assert!(
            sent.iter().all(|sent| sent.json()["include_refresh"] == true && sent.json()["grant_type"] == "refresh")
        );
    }
}

#[test]
fn r19_a_lost_answer_is_recovered_in_the_call_where_the_service_allows_it_and_is_a_typed_end_where_not() {
    for mode in MODES {
        let world = world(mode);
        let session = world.steam("s1");
        let old = world.run(session.access_token()).unwrap();
        lose_the_next_refresh(&world);
        world.forget();
        let refreshed = world.run(session.refresh());
        assert_eq!(world.count(), 2, "{mode:?}: asked for once more");
        match mode {
            Rotation::Reusable | Rotation::Grace(_) => {
                assert!(refreshed.is_ok(), "{mode:?}");
                assert_ne!(world.run(session.access_token()).unwrap(), old);
            }
            Rotation::Strict => {
                let error = refreshed.unwrap_err();
                assert_eq!((error.kind(), code(&error)), (ErrorKind::SessionOver, "refresh_token_not_found"));
                assert_eq!(error.reason(), Some(SessionOverReason::OutcomeUnknown));
                assert_eq!(session.snapshot().status, Status::SignedIn);
                assert_eq!(world.run(session.access_token()).unwrap(), old, "still valid, still served");
                assert!(world.run(session.verify()).is_ok());
                world.forget();
                let error = world.run(session.refresh()).unwrap_err();
                assert_eq!(
                    (error.kind(), world.count()),
                    (ErrorKind::SessionOver, 0),
                    "a dead token is not sent again"
                );
                world.host.advance_ms(3_600_000);
                let error = world.run(session.access_token()).unwrap_err();
                assert_eq!(error.reason(), Some(SessionOverReason::OutcomeUnknown));
                assert_eq!(world.count(), 0);
            }
        }
        assert!(world.run(world.rallyhere().login(playerlink::rallyhere::Credential::steam("emu.s1"))).is_ok());
    }
}

#[test]
fn r19_an_answer_that_is_lost_twice_destroys_no_session_and_after_the_grace_the_token_is_dead() {
    let world = world(Rotation::Grace(10));
    let session = world.steam("s1");
    let old = world.run(session.access_token()).unwrap();
    lose_the_next_refresh(&world);
    lose_the_next_refresh(&world);
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Network, None));
    assert_eq!(session.snapshot().status, Status::SignedIn);
    assert_eq!(world.run(session.access_token()).unwrap(), old, "what is valid is served");
    world.host.advance_ms(10_001);
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::SessionOver, "refresh_token_not_found"));
    assert_eq!(error.reason(), Some(SessionOverReason::OutcomeUnknown));
}

#[test]
fn r23_a_truncated_or_foreign_answer_to_a_refresh_keeps_the_session() {
    let faults = [
        Fault { after: true, delivery: Delivery::Truncate(20), ..Fault::default() },
        Fault { status: Some(502), body: Some("<html>bad gateway</html>".into()), ..Fault::default() },
        Fault { status: Some(403), body: Some("<html>forbidden</html>".into()), ..Fault::default() },
        Fault { status: Some(200), body: Some("{}".into()), ..Fault::default() },
        Fault { status: Some(500), error_code: Some("never_heard_of".into()), ..Fault::default() },
        Fault { status: Some(429), error_code: Some("never_heard_of".into()), ..Fault::default() },
    ];
    for fault in faults {
        let world = World::new();
        let session = world.steam("s1");
        // Twice: what may have been a success is asked for once more.
        for _ in 0..2 {
            world.fault(Fault { path: "/users/v1/login".into(), ..fault.clone() });
        }
        let error = world.run(session.refresh()).unwrap_err();
        assert_eq!(error.reason(), None, "{fault:?}");
        assert_eq!(session.snapshot().status, Status::SignedIn);
        world.emulator().faults_mut().clear();
        assert!(world.run(session.refresh()).is_ok(), "{fault:?}");
    }
}
