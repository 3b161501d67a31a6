//! Throttling and outages, with the emulator on the other side.

use emulator::playfab::{Flaw, OTHER_PLAYER_ID, PASSWORD, PLAYER_ID, Platform, Throttle};
use playerlink::ErrorKind;
use playerlink::playfab::{Credential, Unlink, server};

use crate::emulated::steam;
use crate::support::code;
use crate::support::world::World;

fn throttle(world: &World, burst: usize) {
    let throttle = Throttle { burst, burst_s: 10, sustained: 1000, sustained_s: 3600 };
    world.emulator().playfab_mut().knobs_mut().throttle = Some(throttle);
}

#[test]
fn a_player_who_is_throttled_is_told_how_long_to_wait_and_nothing_is_sent_twice() {
    let world = World::new();
    let session = world.guest("guest-1");
    throttle(&world, 2);
    world.run(session.link(&steam("7"))).unwrap();
    world.host.advance_ms(4_000);
    world.run(session.unlink(&Unlink::steam())).unwrap();
    world.forget();
    let error = world.run(session.link(&steam("7"))).unwrap_err();
    assert_eq!((code(&error), error.code_number()), ("APIClientRequestRateLimitExceeded", Some(1199)));
    assert_eq!((error.kind(), error.status()), (ErrorKind::Busy, Some(429)));
    assert_eq!(error.retry_after_ms(), Some(6_000), "until the first of the two is ten seconds old");
    assert_eq!(world.count(), 1);
    world.host.advance_ms(6_000);
    world.run(session.link(&steam("7"))).unwrap();
}

#[test]
fn the_limit_is_the_players_also_when_a_server_asks() {
    let world = World::new();
    let server = world.playfab_server();
    throttle(&world, 1);
    let proof = server::Credential::nintendo_service_account_subject("nsa-1");
    world.run(server.link(PLAYER_ID, &proof.clone().force_link())).unwrap();
    let error = world.run(server.link(PLAYER_ID, &proof)).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1199), ErrorKind::Busy));
    assert_eq!(error.retry_after_ms(), Some(10_000));
    let other = world.run(server.link(OTHER_PLAYER_ID, &proof));
    assert_eq!(other.unwrap_err().code_number(), Some(1184), "another player is not concerned");
}

#[test]
fn a_refresh_that_is_throttled_costs_nothing_and_waits_as_long_as_it_is_asked_to() {
    let world = World::new();
    let session = world.guest("guest-1");
    throttle(&world, 0);
    world.forget();
    let token = world.run(session.access_token()).unwrap();
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1199), ErrorKind::Busy));
    assert!(error.retry_after_ms().is_some());
    assert_eq!(world.run(session.refresh()).unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(world.count(), 1, "asked to wait, it does");
    assert_eq!(world.run(session.access_token()).unwrap(), token);
    throttle(&world, 100);
    world.host.advance_ms(error.retry_after_ms().unwrap());
    assert!(world.run(session.refresh()).is_ok());
}

#[test]
fn wrong_passwords_are_the_players_until_there_are_too_many() {
    let world = World::new();
    let client = world.playfab();
    for (credential, number) in
        [(Credential::playfab("nova", "wrong one"), 1003), (Credential::email("nova@example.com", "wrong one"), 1142)]
    {
        let error = world.run(client.login(credential.clone())).unwrap_err();
        assert_eq!((error.code_number(), error.kind()), (Some(number), ErrorKind::Credentials));
        for _ in 1..10 {
            assert!(world.run(client.login(credential.clone())).is_err());
        }
        let error = world.run(client.login(credential)).unwrap_err();
        assert_eq!((code(&error), error.kind()), ("FailedLoginAttemptRateLimitExceeded", ErrorKind::Busy));
        assert_eq!(error.retry_after_ms(), Some(300_000));
    }
    let right = || Credential::playfab("nova", PASSWORD);
    assert_eq!(world.run(client.login(right())).unwrap_err().code_number(), Some(1356), "the right one as well");
    world.host.advance_ms(300_000);
    assert_eq!(world.run(client.login(right())).unwrap().player().player_id, PLAYER_ID);
}

#[test]
fn a_platform_that_cannot_be_reached_is_busy_and_one_that_is_off_is_disabled() {
    let world = World::new();
    let client = world.playfab();
    let psn = || Credential::psn("emu.p1", "https://game.example/psn").create_account();
    world.emulator().playfab_mut().platform_mut(Platform::Psn).outage = Some(Flaw::Unreachable);
    let error = world.run(client.login(psn())).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("PSNInaccessible", ErrorKind::Busy));
    world.emulator().playfab_mut().platform_mut(Platform::Psn).outage = None;
    assert!(world.run(client.login(psn())).is_ok());
    world.emulator().playfab_mut().platform_mut(Platform::Psn).enabled = false;
    let error = world.run(client.login(psn())).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1177), ErrorKind::PlatformDisabled));
}

#[test]
fn a_ticket_that_was_used_is_not_accepted_again() {
    let world = World::new();
    world.emulator().playfab_mut().knobs_mut().single_use_credentials = true;
    let client = world.playfab();
    assert!(world.run(client.login(steam("7").create_account())).is_ok());
    let error = world.run(client.login(steam("7"))).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1010), ErrorKind::PlatformTicket));
    assert!(world.run(client.login(steam("7?2"))).is_ok(), "a fresh one is");
}
