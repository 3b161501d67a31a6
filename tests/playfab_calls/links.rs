//! Signing in, linking, unlinking and moving accounts, with the emulator on the other side: by a client, and by a game server.

use emulator::playfab::{BANNED_PLAYER_ID, Defect, OTHER_PLAYER_ID, PASSWORD, PLAYER_ID, Platform};
use playerlink::ErrorKind;
use playerlink::playfab::server::{self, PlayFabServer, ServerConfig};
use playerlink::playfab::{Credential, Info, Registration, Unlink};
use serde_json::Value;

use crate::emulated::{PROVIDERS, Second, broken_nintendo_token, jwt, nintendo, shown, steam};
use crate::support::code;
use crate::support::world::World;

const SUBJECT: &str = "nsa-1";

fn token(world: &World) -> String {
    jwt(world, Platform::NintendoServiceAccount, SUBJECT)
}

#[test]
fn nobody_comes_in_by_a_new_id_until_a_player_may_be_made_for_it() {
    let world = World::new();
    let client = world.playfab();
    let error = world.run(client.login(Credential::custom_id("new"))).unwrap_err();
    assert_eq!((code(&error), error.code_number(), error.kind()), ("AccountNotFound", Some(1001), ErrorKind::NotFound));
    let first = world.guest("new").login_details();
    assert_eq!((first.newly_created, first.last_login_at), (true, None));
    let made_at = world.now();
    world.host.advance_ms(60_000);
    let again = world.run(client.login(Credential::custom_id("new"))).unwrap().login_details();
    assert_eq!((again.playfab_id, again.title_player_id), (first.playfab_id, first.title_player_id));
    assert_eq!((again.newly_created, again.last_login_at), (false, Some(made_at / 1000 * 1000)));
}

#[test]
fn every_providers_proof_makes_a_player_and_finds_it_again() {
    for provider in PROVIDERS {
        let world = World::new();
        let login = || world.run(world.playfab().login((provider.proof)(&world, "7").create_account())).unwrap();
        let (first, again) = (login(), login());
        assert!(first.login_details().newly_created, "{}", provider.shown_as);
        assert!(!again.login_details().newly_created, "{}", provider.shown_as);
        assert_eq!(first.player().player_id, again.player().player_id);
        assert_eq!(shown(&world, &again)["PlayFabId"], again.player().player_id.as_str());
        assert!(shown(&world, &again)[provider.shown_as].to_string().contains("\"7\""), "{}", provider.shown_as);
    }
}

#[test]
fn every_provider_is_linked_seen_and_unlinked_again() {
    for provider in PROVIDERS {
        let world = World::new();
        // One that is none of the providers.
        let session = world.run(world.playfab().login(Credential::playfab("orion", PASSWORD))).unwrap();
        let custom_id = Unlink::custom_id().which("orion-device");
        world.run(session.unlink(&custom_id)).unwrap();
        let credential = (provider.proof)(&world, "7");
        world.run(session.link(&credential)).unwrap();
        world.run(session.link(&credential)).expect("what is linked may be linked again");
        assert!(shown(&world, &session)[provider.shown_as].to_string().contains("\"7\""), "{}", provider.shown_as);
        let by_link = world.run(world.playfab().login((provider.proof)(&world, "7"))).unwrap();
        assert_eq!(by_link.player().player_id, OTHER_PLAYER_ID);
        world.run(session.unlink(&(provider.unlink)())).unwrap();
        assert_eq!(shown(&world, &session)[provider.shown_as], Value::Null, "{}", provider.shown_as);
        let error = world.run(session.unlink(&(provider.unlink)())).unwrap_err();
        assert_eq!((code(&error), error.code_number()), ("AccountNotLinked", Some(1014)), "{}", provider.shown_as);
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[test]
fn what_another_player_has_is_a_conflict_until_force_link_moves_it() {
    for provider in PROVIDERS {
        let world = World::new();
        let proof = || (provider.proof)(&world, "7");
        let first = world.run(world.playfab().login(proof().create_account())).unwrap();
        let second = world.run(world.playfab().login(Credential::playfab("orion", PASSWORD))).unwrap();
        let error = world.run(second.link(&proof())).unwrap_err();
        assert_eq!((error.code_number(), error.status()), (Some(provider.claimed), Some(400)), "{}", provider.shown_as);
        assert_eq!(error.kind(), ErrorKind::Conflict, "{}", provider.shown_as);
        assert!(error.player_message().is_some_and(|sentence| sentence.contains("another player")));
        world.run(second.link(&proof().force_link())).unwrap();
        let owner = world.run(world.playfab().login(proof())).unwrap().player().player_id;
        assert_eq!(owner, OTHER_PLAYER_ID, "{}", provider.shown_as);
        assert_eq!(shown(&world, &first)[provider.shown_as], Value::Null, "{}", provider.shown_as);
    }
}

#[test]
fn a_second_account_of_a_provider_is_refused_added_or_takes_the_place_as_the_contract_has_it() {
    for provider in PROVIDERS {
        let world = World::new();
        let session = world.run(world.playfab().login((provider.proof)(&world, "7").create_account())).unwrap();
        let linked = world.run(session.link(&(provider.proof)(&world, "8")));
        let old_one = || world.run(world.playfab().login((provider.proof)(&world, "7")));
        match (provider.second, linked) {
            (Second::Refused, Err(error)) => {
                assert_eq!((code(&error), error.code_number()), ("AccountAlreadyLinked", Some(1011)));
                assert_eq!(error.kind(), ErrorKind::Conflict);
                world.run(session.link(&(provider.proof)(&world, "8").force_link())).unwrap();
                let keeps_both = ["GoogleInfo", "GameCenterInfo"].contains(&provider.shown_as);
                assert_eq!(old_one().is_ok(), keeps_both, "{}", provider.shown_as);
            }
            (Second::Replaces, Ok(())) => assert_eq!(old_one().unwrap_err().code_number(), Some(1001)),
            (Second::Added, Ok(())) => assert!(old_one().is_ok(), "{}", provider.shown_as),
            (second, linked) => panic!("{} is {second:?}, and came to {linked:?}", provider.shown_as),
        }
        let new_one = world.run(world.playfab().login((provider.proof)(&world, "8"))).unwrap();
        assert_eq!(new_one.player().player_id, session.player().player_id, "{}", provider.shown_as);
    }
}

#[test]
fn a_switch_claimed_by_another_is_1184_for_a_client_and_1012_for_a_server_and_twitch_the_other_way_round() {
    let world = World::new();
    let server = world.playfab_server();
    let session = world.guest("guest-1");
    for (client, by_server, codes) in [
        (
            Credential::nintendo_switch_device("switch-1"),
            server::Credential::nintendo_switch_device("switch-1"),
            [1184, 1012],
        ),
        (Credential::twitch("emu.t1"), server::Credential::twitch("emu.t1"), [1012, 1184]),
    ] {
        world.run(server.link(PLAYER_ID, &by_server)).unwrap();
        let errors = [
            world.run(session.link(&client)).unwrap_err(),
            world.run(server.link(OTHER_PLAYER_ID, &by_server)).unwrap_err(),
        ];
        assert_eq!(errors.each_ref().map(|error| error.code_number().unwrap()), codes);
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::Conflict));
    }
}

#[test]
fn a_game_server_links_a_nintendo_account_meets_1184_and_moves_it_by_force() {
    let world = World::new();
    let server = world.playfab_server();
    let proof = || server::Credential::nintendo_service_account(token(&world));
    let (first, second) = (world.guest("guest-1"), world.guest("guest-2"));
    let [first, second] = [first, second].map(|session| session.player().player_id);
    world.forget();
    world.run(server.link(&first, &proof().custom_tag("build", "1.2.3"))).unwrap();
    let sent = world.sent().remove(0);
    assert_eq!((sent.method, sent.path.as_str()), ("POST", "/Server/LinkNintendoServiceAccount"));
    assert_eq!(sent.json()["CustomTags"]["build"], "1.2.3");
    let error = world.run(server.link(&second, &proof())).unwrap_err();
    assert_eq!((code(&error), error.code_number()), ("LinkedIdentifierAlreadyClaimed", Some(1184)));
    assert_eq!((error.kind(), error.status()), (ErrorKind::Conflict, Some(400)));
    assert_eq!(error.player_message(), Some("That account is linked to another player already."));
    world.run(server.link(&second, &proof().force_link())).unwrap();
    let owner = world.run(world.playfab().login(nintendo(&world, SUBJECT))).unwrap();
    assert_eq!(owner.player().player_id, second);
    let unlink = server::Unlink::nintendo_service_account();
    assert_eq!(world.run(server.unlink(&first, &unlink)).unwrap_err().code_number(), Some(1014));
    world.run(server.unlink(&second, &unlink)).unwrap();
    assert_eq!(world.emulator().playfab().owner(Platform::NintendoServiceAccount, None, SUBJECT), None);
}

#[test]
fn a_nintendo_account_is_linked_by_its_subject_and_looked_up_by_client_and_server() {
    let world = World::new();
    let server = world.playfab_server();
    let session = world.guest("guest-1");
    let id = session.player().player_id;
    world.run(server.link(&id, &server::Credential::nintendo_service_account_subject("nsa-9"))).unwrap();
    let wanted = [
        ("nsa-9".to_owned(), Some(id)),
        ("nsa-nova".to_owned(), Some(PLAYER_ID.to_owned())),
        ("nsa-nobody".to_owned(), None),
    ];
    let ids = wanted.each_ref().map(|(account, _)| account.as_str());
    assert_eq!(world.run(server.playfab_ids_of_nintendo_accounts(&ids)).unwrap(), wanted);
    assert_eq!(world.run(session.playfab_ids_of_nintendo_accounts(&ids)).unwrap(), wanted);
}

#[test]
fn whatever_is_wrong_with_nintendos_token_is_1263_and_asks_for_a_fresh_one() {
    let world = World::new();
    let (server, session) = (world.playfab_server(), world.guest("guest-1"));
    let defects = [Defect::Expired, Defect::Issuer, Defect::Signature, Defect::Subject, Defect::UnknownKey];
    let broken = defects.map(|defect| broken_nintendo_token(&world, defect));
    for token in broken.into_iter().chain(["no JWT".to_owned()]) {
        let for_server = server::Credential::nintendo_service_account(token.clone());
        let for_client = Credential::nintendo_service_account(token);
        for error in [
            world.run(server.link(PLAYER_ID, &for_server)).unwrap_err(),
            world.run(session.link(&for_client)).unwrap_err(),
            world.run(world.playfab().login(for_client.create_account())).unwrap_err(),
        ] {
            assert_eq!((code(&error), error.code_number()), ("InvalidIdentityProviderId", Some(1263)));
            assert_eq!(error.kind(), ErrorKind::PlatformTicket);
        }
    }
    let proof = nintendo(&world, SUBJECT);
    world.host.advance_ms(15 * 60_000);
    assert_eq!(world.run(session.link(&proof)).unwrap_err().code_number(), Some(1263), "it was good for 15 minutes");
}

#[test]
fn an_add_on_that_is_off_an_unknown_player_and_a_wrong_key_are_told_apart() {
    let world = World::new();
    let server = world.playfab_server();
    let proof = server::Credential::nintendo_service_account(token(&world));
    let error = world.run(server.link("0000000000000000", &proof)).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1001), ErrorKind::NotFound));
    world.emulator().playfab_mut().platform_mut(Platform::NintendoServiceAccount).enabled = false;
    let error = world.run(server.link(PLAYER_ID, &proof)).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1506), ErrorKind::PlatformDisabled));
    let config = ServerConfig::title(emulator::playfab::TITLE_ID, "another key");
    let stranger = PlayFabServer::new(config, world.host.clone()).unwrap();
    let error = world.run(stranger.link(PLAYER_ID, &proof)).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1293), ErrorKind::Configuration));
    assert_eq!(error.status(), Some(401));
}

#[test]
fn a_banned_player_stays_out_and_a_banned_players_account_is_not_to_be_had_by_a_client() {
    let world = World::new();
    let error = world.run(world.playfab().login(Credential::custom_id("vex-device"))).unwrap_err();
    assert_eq!((error.code_number(), error.kind(), error.status()), (Some(1002), ErrorKind::Restricted, Some(403)));
    let session = world.guest("guest-1");
    for proof in [nintendo(&world, "nsa-vex"), nintendo(&world, "nsa-vex").force_link()] {
        let error = world.run(session.link(&proof)).unwrap_err();
        assert_eq!((code(&error), error.code_number()), ("AccountLinkedToABannedPlayer", Some(1613)));
        assert_eq!(error.kind(), ErrorKind::Restricted);
    }
    // The server's call documents no such code.
    let proof = server::Credential::nintendo_service_account_subject("nsa-vex");
    let error = world.run(world.playfab_server().link(PLAYER_ID, &proof)).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1184), ErrorKind::Conflict));
    let error = world.run(world.playfab_server().link(BANNED_PLAYER_ID, &proof)).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1002), ErrorKind::Restricted));
}

#[test]
fn a_registered_player_signs_in_by_name_and_by_address_and_the_name_is_taken() {
    let world = World::new();
    let client = world.playfab();
    let registration = || Registration::new("long enough").username("lyra").email("lyra@example.com");
    let session = world.run(client.register(&registration().display_name("Lyra"))).unwrap();
    let id = session.player().player_id;
    for credential in [Credential::playfab("lyra", "long enough"), Credential::email("lyra@example.com", "long enough")]
    {
        assert_eq!(world.run(client.login(credential)).unwrap().player().player_id, id);
    }
    let error = world.run(client.register(&registration())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let info = [Info::PlayerProfile, Info::UserAccountInfo];
    let session = world.run(client.login(Credential::playfab("lyra", "long enough").info(&info))).unwrap();
    assert_eq!(session.player().display_name(), "Lyra");
    let info: Value = serde_json::from_str(&session.login_details().info.unwrap()).unwrap();
    assert_eq!(info["AccountInfo"], shown(&world, &session));
    assert_eq!(info["AccountInfo"]["Username"], "lyra");
}

#[test]
fn a_game_server_signs_players_in_and_learns_whose_a_session_ticket_is() {
    let world = World::new();
    let server = world.playfab_server();
    let steam_id = server::Credential::steam_id("76561197960287930");
    let login = world.run(server.login(&steam_id)).unwrap();
    assert_eq!(login.details.playfab_id, PLAYER_ID);
    let mine = world.run(world.playfab().login(steam("76561197960287930"))).unwrap();
    for ticket in [login.session_ticket, mine.session_ticket().unwrap()] {
        let checked = world.run(server.authenticate_session_ticket(&ticket)).unwrap();
        assert_eq!((checked.playfab_id.as_str(), checked.expired), (PLAYER_ID, false));
        assert!(checked.user_info.contains("nsa-nova"));
    }
    let error = world.run(server.authenticate_session_ticket(&"made up".into())).unwrap_err();
    assert_eq!((error.code_number(), error.kind()), (Some(1100), ErrorKind::SessionOver));
    let ticket = mine.session_ticket().unwrap();
    world.host.advance_ms(24 * 3_600_000);
    assert!(world.run(server.authenticate_session_ticket(&ticket)).unwrap().expired);
    let token = world.run(server.title_token()).unwrap();
    assert_eq!((token.entity_type.as_deref(), token.entity_id.as_deref()), (Some("title"), Some("ABCD1")));
    assert_eq!(token.expires_in_ms, Some(24 * 3_600_000));
}
