//! The two lives of a session over days, with the emulator on the other side: its tickets and entity tokens live 24 h.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use playerlink::host::{Host as _, SimHost};
use playerlink::playfab::{PlayFabSession, Unlink};
use playerlink::{ErrorKind, SessionOverReason, Status};

use crate::emulated::{shown, steam};
use crate::support::world::World;
use crate::title::HOUR_MS;

const RENEW: &str = "/Authentication/GetEntityToken";

/// What goes on by itself while the program runs and does nothing.
fn idles(world: &World, hours: u64) {
    world.run(world.host.sleep(hours * HOUR_MS));
}

fn token(world: &World, session: &PlayFabSession<SimHost>) -> String {
    world.run(session.access_token()).expect("a token").expose().to_owned()
}

/// Sessions whose entity tokens live so long.
fn entity_tokens_live(world: &World, seconds: u64) {
    world.emulator().playfab_mut().knobs_mut().entity_token_ttl_s = seconds;
}

fn revoke(world: &World, session: &PlayFabSession<SimHost>) {
    world.emulator().playfab_mut().revoke_sessions(&session.player().player_id);
}

#[test]
fn the_entity_token_renews_itself_for_days_and_never_by_the_ticket() {
    let world = World::new();
    let session = world.guest("guest-1");
    let first = token(&world, &session);
    world.forget();
    idles(&world, 23);
    assert_eq!((token(&world, &session), world.count()), (first.clone(), 0));
    idles(&world, 1);
    assert_ne!(token(&world, &session), first, "minutes before it expired, and nobody had asked");
    idles(&world, 72);
    let sent = world.sent();
    assert_eq!(sent.len(), 4, "once a day");
    for sent in &sent {
        assert_eq!(sent.path, RENEW);
        assert!(sent.header("x-entitytoken").is_some() && sent.header("x-authorization").is_none());
    }
    assert_eq!(session.snapshot().status, Status::SignedIn);
}

#[test]
fn links_need_the_ticket_and_end_an_hour_before_it_does() {
    let world = World::new();
    let session = world.guest("guest-1");
    idles(&world, 22);
    world.run(session.link(&steam("7"))).unwrap();
    idles(&world, 1);
    world.forget();
    let errors = [
        world.run(session.unlink(&Unlink::steam())).unwrap_err(),
        world.run(session.call("Client/GetAccountInfo", "{}")).unwrap_err(),
        world.run(session.playfab_ids_of_nintendo_accounts(&["nsa-1"])).unwrap_err(),
        session.session_ticket().unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    }
    assert_eq!(world.count(), 0, "a ticket past its life is never sent");
    idles(&world, 24);
    assert!(world.run(session.access_token()).is_ok(), "the entity token's life goes on");
    let session = world.guest("guest-1");
    world.run(session.unlink(&Unlink::steam())).unwrap();
}

#[test]
fn a_device_that_slept_past_the_entity_tokens_life_gets_one_by_the_ticket() {
    let world = World::new();
    entity_tokens_live(&world, 3600);
    let session = world.guest("guest-1");
    let first = token(&world, &session);
    world.forget();
    world.host.advance_ms(2 * HOUR_MS);
    assert_ne!(token(&world, &session), first);
    let sent = world.sent();
    assert_eq!((sent.len(), sent[0].path.as_str()), (1, RENEW));
    assert!(sent[0].header("x-authorization").is_some() && sent[0].header("x-entitytoken").is_none());
    assert_eq!(shown(&world, &session)["PlayFabId"], session.player().player_id.as_str());
}

#[test]
fn a_session_asleep_past_both_lives_is_over_and_not_restored() {
    let world = World::new();
    let session = world.guest("guest-1");
    world.host.advance_ms(24 * HOUR_MS);
    world.forget();
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    assert_eq!(session.snapshot().status, Status::SignedOut(SessionOverReason::Expired));
    assert!(world.run(world.playfab().restore()).is_none());
    assert_eq!(world.count(), 0);
}

#[test]
fn a_restart_after_a_renewal_brings_the_entity_token_back_without_its_ticket() {
    let world = World::new();
    let session = world.guest("guest-1");
    let id = session.player().player_id;
    idles(&world, 30);
    let last = token(&world, &session);
    session.close();
    let restored = world.run(world.playfab().restore()).unwrap();
    assert_eq!((token(&world, &restored), restored.player().player_id), (last, id));
    assert_eq!(restored.session_ticket().unwrap_err().reason(), Some(SessionOverReason::Expired));
    world.run(restored.refresh()).unwrap();
}

#[test]
fn past_both_lives_a_program_with_tickets_signs_in_again_by_itself() {
    let world = World::new();
    world.emulator().playfab_mut().knobs_mut().single_use_credentials = true;
    let asked = Arc::new(AtomicU32::new(0));
    let counter = asked.clone();
    let client = world.playfab().with_tickets(move || {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        async move { Some(steam(&format!("7?{number}"))) }
    });
    let session = world.run(client.login(steam("7").create_account())).unwrap();
    let id = session.player().player_id;
    for day in 1..=2 {
        world.host.advance_ms(25 * HOUR_MS);
        world.forget();
        token(&world, &session);
        assert_eq!(asked.load(Ordering::Relaxed), day);
        assert_eq!(world.take_requests(), ["POST /Client/LoginWithSteam"], "neither dead credential is sent");
        assert_eq!(shown(&world, &session)["PlayFabId"], id.as_str(), "and the new ticket is good for links");
    }
}

#[test]
fn revoked_sessions_end_with_the_first_refresh() {
    let world = World::new();
    let session = world.guest("guest-1");
    revoke(&world, &session);
    world.forget();
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!(error.reason(), Some(SessionOverReason::RefreshRejected));
    assert_eq!(error.code_number(), Some(1074), "the token was 1337, and so was tried the ticket");
    assert_eq!(world.take_requests(), [format!("POST {RENEW}"), format!("POST {RENEW}")]);
    assert_eq!(session.session_ticket().unwrap_err().kind(), ErrorKind::SessionOver);
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!(error.reason(), Some(SessionOverReason::RefreshRejected));
    assert_eq!(world.count(), 0, "what was refused is not sent again");
}

#[test]
fn a_ticket_past_its_life_is_not_tried_when_the_entity_token_is_refused() {
    let world = World::new();
    let session = world.guest("guest-1");
    idles(&world, 30);
    revoke(&world, &session);
    world.forget();
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.code_number(), error.reason()), (Some(1337), Some(SessionOverReason::RefreshRejected)));
    assert_eq!(world.count(), 1);
}

#[test]
fn a_banned_or_deleted_player_learns_it_at_the_next_refresh() {
    let world = World::new();
    let session = world.guest("guest-1");
    world.emulator().playfab_mut().ban_player(&session.player().player_id, true);
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1002), ErrorKind::Restricted));
    assert_eq!(error.reason(), Some(SessionOverReason::Restricted));

    let session = world.guest("guest-2");
    world.emulator().playfab_mut().delete_player(&session.player().player_id);
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1322), ErrorKind::NotFound));
    assert_eq!(error.reason(), Some(SessionOverReason::RefreshRejected), "nothing will bring this player back");
    assert!(session.session_ticket().is_err());
}

#[test]
fn a_day_off_line_ends_in_nothing_worse_than_a_new_sign_in() {
    let world = World::new();
    let session = world.guest("guest-1");
    world.host.advance_ms(23 * HOUR_MS + HOUR_MS / 2);
    world.go_offline();
    assert!(world.run(session.access_token()).is_ok(), "valid for half an hour");
    assert_eq!(world.run(session.refresh()).unwrap_err().kind(), ErrorKind::Network);
    world.no_intercept();
    world.host.advance_ms(60_000);
    world.run(session.refresh()).unwrap();
    assert_eq!(session.snapshot().status, Status::SignedIn);
}
