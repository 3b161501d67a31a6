//! When the refresh token is refused for good and the platform can give a new ticket.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use playerlink::host::{Host, SimHost, SimReply, TransportErrorKind};
use playerlink::rallyhere::{Credential, RallyHereSession};
use playerlink::{ErrorKind, SessionOverReason, Status};

use crate::support::world::World;

const HOUR: u64 = 3_600_000;
const LOGIN: &str = "/users/v1/login";

/// A session that may ask for tickets, and how often it did.
fn session(world: &World, ticket: Option<&'static str>) -> (RallyHereSession<SimHost>, Arc<AtomicUsize>) {
    let asked: Arc<AtomicUsize> = Arc::default();
    let count = asked.clone();
    let rallyhere = world.rallyhere().with_tickets(move || {
        count.fetch_add(1, Relaxed);
        std::future::ready(ticket.map(Credential::steam))
    });
    let session = world.run(rallyhere.login(Credential::steam("emu.s1"))).expect("the login works");
    (session, asked)
}

#[test]
fn a_new_ticket_is_asked_for_once_and_the_session_goes_on_without_a_word() {
    let world = World::new();
    let (session, asked) = session(&world, Some("emu.s1"));
    let heard: Arc<AtomicUsize> = Arc::default();
    let count = heard.clone();
    let _subscription = session.subscribe(move |_| {
        count.fetch_add(1, Relaxed);
    });
    for round in 1..=2 {
        let old = world.run(session.access_token()).unwrap();
        world.refuse(LOGIN, 403, "refresh_token_not_found");
        world.forget();
        world.run(session.refresh()).unwrap();
        assert_eq!(world.count(), 2, "the refresh and the sign-in");
        assert_ne!(world.run(session.access_token()).unwrap(), old);
        assert_eq!(asked.load(Relaxed), round, "once each time it is needed");
    }
    assert_eq!(heard.load(Relaxed), 0, "the player is the same");
    assert!(world.run(session.refresh()).is_ok(), "with the new refresh token");
    assert!(world.run(world.rallyhere().restore()).is_some(), "which is stored");
    assert_eq!(asked.load(Relaxed), 2);
}

#[test]
fn a_program_without_a_ticket_and_a_ticket_that_is_refused_end_the_session_after_one_question() {
    for ticket in [None, Some("expired.s1")] {
        let world = World::new();
        let (session, asked) = session(&world, ticket);
        world.host.advance_ms(HOUR);
        world.refuse(LOGIN, 403, "refresh_token_not_found");
        if ticket.is_some() {
            world.refuse(LOGIN, 403, "steam_token_invalid");
        }
        for _ in 0..5 {
            let error = world.run(session.access_token()).unwrap_err();
            assert_eq!(error.reason(), Some(SessionOverReason::RefreshRejected), "{error}");
            world.run(world.host.sleep(1_000));
        }
        assert_eq!(asked.load(Relaxed), 1);
        assert_eq!(session.snapshot().status, Status::SignedOut(SessionOverReason::RefreshRejected));
        assert!(world.run(world.rallyhere().restore()).is_none());
    }
}

#[test]
fn a_sign_in_that_fails_for_want_of_a_network_is_tried_again_with_another_ticket() {
    let world = World::new();
    let (session, asked) = session(&world, Some("emu.s1"));
    world.host.advance_ms(HOUR);
    let mut refused = false;
    world.intercept(move |_| {
        Some(match std::mem::replace(&mut refused, true) {
            false => SimReply::json(403, r#"{"auth_success":false,"error_code":"refresh_token_not_found"}"#),
            true => SimReply::fails(TransportErrorKind::Network),
        })
    });
    assert_eq!(world.run(session.access_token()).unwrap_err().kind(), ErrorKind::Network);
    assert_eq!(session.snapshot().status, Status::SignedIn);
    world.no_intercept();
    world.run(world.host.sleep(60_000));
    assert!(world.run(session.access_token()).is_ok());
    assert!(asked.load(Relaxed) >= 2);
}

#[test]
fn a_banned_player_is_not_signed_in_again_with_a_ticket() {
    let world = World::new();
    let (session, asked) = session(&world, Some("emu.s1"));
    world.host.advance_ms(HOUR);
    world.refuse(LOGIN, 403, "user_auth_restricted");
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Restricted, Some(SessionOverReason::Restricted)));
    assert_eq!(asked.load(Relaxed), 0);
}
