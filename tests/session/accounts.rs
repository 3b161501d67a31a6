//! Several accounts on one device, and several clients in one program.

use playerlink::host::Host;
use playerlink::rallyhere::Credential;
use playerlink::{SessionOverReason, Status};

use crate::spy::Spy;
use crate::support::poll_once;
use crate::support::world::World;
use crate::tab::Tab;

const HOUR: u64 = 3_600_000;

#[test]
fn r44_every_account_that_signed_in_is_listed_the_active_one_first() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    assert_eq!(world.run(rallyhere.accounts()), []);
    let first = world.steam("s1");
    let second = world.steam("s3");
    let third = world.signed_in(Credential::xbox_live("emu.x1"));
    let accounts = world.run(rallyhere.accounts());
    let players: Vec<_> = accounts.iter().map(|account| account.player.clone()).collect();
    assert_eq!(players, [third.player(), first.player(), second.player()]);
    assert_eq!(accounts.iter().map(|account| account.active).collect::<Vec<_>>(), [true, false, false]);
    for account in &accounts {
        let session = world.run(rallyhere.restore_account(&account.id)).expect("each can be restored");
        assert_eq!(session.player(), account.player);
    }
    assert!(world.run(rallyhere.restore_account("Steam:nobody")).is_none());
}

#[test]
fn r44_the_account_that_is_made_active_is_the_one_restore_finds_also_after_a_restart() {
    let world = World::new();
    let first = world.steam("s1");
    let second = world.steam("s3");
    assert_eq!(world.run(world.rallyhere().restore()).unwrap().player(), second.player());
    world.run(first.make_active());
    assert_eq!(world.run(world.rallyhere().restore()).unwrap().player(), first.player());
    // A refresh of the other one changes nothing about that.
    assert!(world.run(second.refresh()).is_ok());
    assert_eq!(world.run(world.rallyhere().restore()).unwrap().player(), first.player());
    assert_eq!(world.run(world.rallyhere().accounts()).len(), 2);
}

#[test]
fn r44_sessions_of_two_accounts_refresh_end_and_sign_out_each_for_itself() {
    let world = World::new();
    let first = world.steam("s1");
    let second = world.steam("s3");
    world.run(first.logout());
    assert_eq!(second.snapshot().status, Status::SignedIn);
    let accounts = world.run(world.rallyhere().accounts());
    assert_eq!(accounts.iter().map(|account| account.player.clone()).collect::<Vec<_>>(), [second.player()]);
    let third = world.signed_in(Credential::xbox_live("emu.x1"));
    world.host.advance_ms(HOUR);
    world.refuse("/users/v1/login", 403, "user_auth_restricted");
    assert!(world.run(second.access_token()).is_err());
    assert!(world.run(third.access_token()).is_ok());
    assert_eq!(
        (second.snapshot().status, third.snapshot().status),
        (Status::SignedOut(SessionOverReason::Restricted), Status::SignedIn)
    );
}

#[test]
fn r44_two_clients_in_one_program_share_nothing() {
    let world = World::new();
    let game = world.steam("s1");
    let server = world.rallyhere_as("server", "server-secret");
    assert_eq!(world.run(server.accounts()), [], "not even the list");
    let other = world.run(server.login(Credential::steam("emu.s1"))).unwrap();
    assert_ne!(world.run(game.access_token()).unwrap(), world.run(other.access_token()).unwrap());
    world.run(game.logout());
    world.run(world.host.sleep(1_000));
    assert_eq!(other.snapshot().status, Status::SignedIn);
    assert!(world.run(other.refresh()).is_ok());
    assert_eq!(world.run(server.accounts()).len(), 1);
}

#[test]
fn r44_a_sign_in_between_another_tabs_sign_out_and_its_list_stays_listed() {
    let world = World::new();
    let tab = Tab::new(&world);
    let old = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    tab.steps_take(100);
    tab.forget();
    let new = world.run(async {
        let mut leaving = Box::pin(tab.call(old.logout()));
        assert!(poll_once(leaving.as_mut()).is_pending());
        // The mark is in the store; the list without the account is on its way.
        while tab.seen().writes < 2 {
            world.host.sleep(1).await;
        }
        let new = world.rallyhere().login(Credential::steam("emu.s1")).await.unwrap();
        leaving.await;
        new
    });
    assert_eq!(world.run(world.rallyhere().accounts()).len(), 1);
    let restored = world.run(world.rallyhere().restore()).expect("the new sign-in");
    assert_eq!(world.run(restored.access_token()).unwrap(), world.run(new.access_token()).unwrap());
}

#[test]
fn r44_a_refresh_that_brings_an_account_back_from_an_end_in_another_tab_lists_it_again() {
    let world = World::new();
    let spy = Spy::racing(&world);
    let one = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let two = world.run(spy.rallyhere().restore()).unwrap();
    world.latency_ms(1_000);
    world.run(async {
        let mut refreshing = Box::pin(one.refresh());
        assert!(poll_once(refreshing.as_mut()).is_pending());
        world.host.sleep(1).await;
        world.latency_ms(0);
        // A ban that is lifted at once: the one that was asked first was accepted.
        world.refuse("/users/v1/login", 403, "user_auth_restricted");
        assert!(two.refresh().await.is_err());
        assert_eq!(world.rallyhere().accounts().await, [], "it is off the list");
        assert!(refreshing.await.is_ok());
    });
    assert_eq!(world.run(world.rallyhere().accounts()).len(), 1);
    assert!(world.run(world.rallyhere().restore()).is_some());
}
