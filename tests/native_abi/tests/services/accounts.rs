//! Signing in, links and cross-progression.

use super::*;

#[test]
fn rallyhere_cross_progression_switches_the_player() {
    let mut game = rallyhere(&services());
    let done = login(&mut game, &playerlink_credential { display_name: text("Nova"), ..steam("emu.s3") });
    assert_eq!(done.result, PLAYERLINK_OK, "{done:?}");
    let before = game.session();
    assert_eq!(before.platform, "Steam");
    let enabled = run(&mut game, |client, done, data, op| unsafe {
        playerlink_cross_progression_enable(client, null(), done, data, op)
    });
    assert_eq!(enabled.result, PLAYERLINK_OK, "{enabled:?}");
    assert_eq!(enabled.flags, PLAYERLINK_COMPLETION_CHANGED | PLAYERLINK_COMPLETION_PLAYER_CHANGED);
    assert_ne!(game.session().player_id, before.player_id);
    let again = run(&mut game, |client, done, data, op| unsafe {
        playerlink_cross_progression_enable(client, null(), done, data, op)
    });
    assert_eq!((again.result, again.flags), (PLAYERLINK_OK, 0), "it is so already");
    let links = run(&mut game, |client, done, data, op| unsafe { playerlink_account_links(client, done, data, op) });
    assert!(links.accounts.iter().any(|account| account[0] == "Steam" && account[1] == "s3"), "{links:?}");
    let unlink = |game: &mut Game| {
        run(game, |client, done, data, op| unsafe {
            let request: playerlink_unlink_request = zeroed();
            playerlink_account_unlink(client, &raw const request, done, data, op)
        })
    };
    let refused = unlink(&mut game);
    assert_eq!(refused.result, PLAYERLINK_E_CONFLICT);
    assert_eq!(refused.error.unwrap().service_code, "cannot_unlink_cross_progression_player");
    let disabled = run(&mut game, |client, done, data, op| unsafe {
        playerlink_cross_progression_disable(client, done, data, op)
    });
    assert_eq!(disabled.result, PLAYERLINK_OK, "{disabled:?}");
    let unlinked = unlink(&mut game);
    assert_eq!(unlinked.result, PLAYERLINK_OK, "{unlinked:?}");
    let out = run(&mut game, |client, done, data, op| unsafe { playerlink_logout(client, done, data, op) });
    assert_eq!((out.result, out.flags), (PLAYERLINK_OK, PLAYERLINK_COMPLETION_REVOKED));
    assert_eq!(game.session().over_reason, PLAYERLINK_OVER_SIGNED_OUT);
    assert_eq!(game.access_token(), Err(PLAYERLINK_E_SESSION_OVER));
}

#[test]
fn rallyhere_links_a_second_account_to_the_first() {
    let services = services();
    let (mut leader, mut follower) = (rallyhere(&services), rallyhere(&services));
    assert_eq!(login(&mut leader, &steam("emu.s1")).result, PLAYERLINK_OK);
    let xbox = playerlink_credential { token: text("emu.x1"), ..credential(PLAYERLINK_CREDENTIAL_XBOX) };
    assert_eq!(login(&mut follower, &xbox).result, PLAYERLINK_OK);
    let token = leader.access_token().unwrap();
    let linked = run(&mut follower, |client, done, data, op| unsafe {
        let mut request: playerlink_link_request = zeroed();
        request.kind = PLAYERLINK_LINK_TO_TOKEN;
        request.leader = text(&token);
        playerlink_account_link(client, &raw const request, done, data, op)
    });
    assert_eq!(linked.result, PLAYERLINK_OK, "{linked:?}");
    assert_eq!(follower.session().person_id, leader.session().person_id);
}

#[test]
fn what_stands_in_the_way_of_a_login_is_told_as_data() {
    let services = services();
    let mut game = rallyhere(&services);
    let refused = |game: &mut Game, code: &str, status: u16| {
        let fault = emulator::Fault {
            status: Some(status),
            error_code: Some(code.into()),
            ..emulator::Fault::on("/users/v1/login")
        };
        services.lock().unwrap().faults_mut().push(fault);
        login(game, &steam("emu.s1"))
    };
    let done = refused(&mut game, "steam_token_invalid", 401);
    let error = done.error.unwrap();
    assert_eq!((done.result, error.result), (PLAYERLINK_E_PLATFORM_TICKET, PLAYERLINK_E_PLATFORM_TICKET), "{error:?}");
    assert_eq!(error.service_code, "steam_token_invalid");
    assert!(error.service_code_number > 1000 && !error.player_message.is_empty() && !error.message.is_empty());
    let done = refused(&mut game, "a_code_of_tomorrow", 403);
    let error = done.error.unwrap();
    assert_eq!((error.service_code.as_str(), error.service_code_number), ("a_code_of_tomorrow", 0));

    game.answers(|_| Reply::json(403, r#"{"error_code":"needs","desc":"","needs_eula":true,"needs_tos":true}"#));
    let done = login(&mut game, &steam("emu.s1"));
    assert_eq!(done.result, PLAYERLINK_E_AGREEMENTS);
    let agreements = PLAYERLINK_AGREEMENT_EULA | PLAYERLINK_AGREEMENT_TERMS_OF_SERVICE;
    assert_eq!(done.error.unwrap().agreements, agreements);
    let ban = emulator::rallyhere::Restriction {
        kind: "account_ban".into(),
        reason: Some("cheating_observed".into()),
        expiration: Some(START + 60_000),
    };
    services.lock().unwrap().rallyhere_mut().restrict(emulator::rallyhere::Platform::STEAM, "s1", ban);
    play(&game, &services, |_| None);
    let done = login(&mut game, &steam("emu.s1"));
    let expected = ("account_ban".to_owned(), "cheating_observed".to_owned(), START + 60_000);
    assert_eq!((done.result, done.error.unwrap().restrictions), (PLAYERLINK_E_RESTRICTED, vec![expected]));
    play(&game, &services, |_| None);
    let accepted = playerlink_credential { accept: PLAYERLINK_AGREEMENT_EULA, ..steam("emu.s3") };
    assert_eq!(login(&mut game, &accepted).result, PLAYERLINK_OK);
    let body = String::from_utf8(game.world().sent.last().unwrap().body.clone()).unwrap();
    assert!(body.contains("\"accept_eula\":true") && !body.contains("accept_tos"), "{body}");
}

#[test]
fn a_restart_asks_for_a_ticket_when_the_session_cannot_be_refreshed() {
    let services = services();
    let game_with_tickets = || {
        Game::with(|options| {
            options.service = PLAYERLINK_SERVICE_RALLYHERE;
            options.environment = text("demo");
            options.client_id = text("game");
            options.client_secret = text("game-secret");
            options.flags = PLAYERLINK_OPTION_TICKETS;
        })
    };
    for answer in ["ticket", "none", "silence"] {
        let mut game = game_with_tickets();
        play(&game, &services, |_| None);
        assert_eq!(unsafe { playerlink_ticket_provide(game.client, null()) }, PLAYERLINK_E_STATE, "none is wanted");
        assert_eq!(login(&mut game, &steam("emu.s1")).result, PLAYERLINK_OK);
        // The refresh token is refused for good; a new login works.
        let again = services.clone();
        game.answers(move |sent| match String::from_utf8_lossy(&sent.body).contains("\"refresh\"") {
            true => Reply::json(401, r#"{"error_code":"refresh_token_not_found","desc":"","auth_success":false}"#),
            false => ask(&again, sent),
        });
        let op = game.refresh();
        game.settle();
        let wanted =
            |game: &Game| game.world().done.iter().filter(|done| done.kind == PLAYERLINK_EVENT_TICKET_WANTED).count();
        assert_eq!(wanted(&game), 1, "{answer}: asked for once");
        assert!(!game.has_ended(op));
        match answer {
            "ticket" => {
                let wrong = credential(PLAYERLINK_CREDENTIAL_TWITCH);
                let result = unsafe { playerlink_ticket_provide(game.client, &raw const wrong) };
                assert_eq!(result, PLAYERLINK_E_UNSUPPORTED);
                let new = steam("emu.s1");
                assert_eq!(unsafe { playerlink_ticket_provide(game.client, &raw const new) }, PLAYERLINK_OK);
                assert_eq!(unsafe { playerlink_ticket_provide(game.client, null()) }, PLAYERLINK_E_STATE, "twice");
            }
            "none" => assert_eq!(unsafe { playerlink_ticket_provide(game.client, null()) }, PLAYERLINK_OK),
            _ => {}
        }
        game.pass(90_000);
        let done = game.ended(op);
        match answer {
            "ticket" => assert_eq!(done.result, PLAYERLINK_OK, "{done:?}"),
            _ => assert_ne!(done.result, PLAYERLINK_OK, "{answer}"),
        }
    }
}

#[test]
fn xsolla_signs_in_silently_with_the_bytes_of_a_ticket() {
    let services = services();
    let order = TicketOrder { app_id: Some("480".into()), ..TicketOrder::new("steam", "76561198000000001") };
    let ticket = services.lock().unwrap().with_xsolla(START, |xsolla, context| xsolla.mint_ticket(context, order));
    let mut game = xsolla(&services, SHADOW_PROJECT_ID, "60");
    let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
    steam.app_id = text("480");
    steam.ticket = playerlink_bytes { ptr: ticket.bytes().as_ptr(), len: ticket.bytes().len() };
    let done = login(&mut game, &steam);
    assert_eq!(done.result, PLAYERLINK_OK, "{done:?}");
    assert_eq!(
        (game.session().platform.as_str(), game.session().platform_user_id.as_str()),
        ("steam", "76561198000000001")
    );
    let spent = login(&mut game, &steam);
    assert_eq!(spent.result, PLAYERLINK_E_PLATFORM_TICKET, "a ticket is good for one use");
}

#[test]
fn playfab_signs_in_links_and_unlinks() {
    let services = services();
    let mut game = playfab(&services);
    let mut guest = credential(PLAYERLINK_CREDENTIAL_CUSTOM_ID);
    guest.user_id = text("guest-of-c");
    assert_eq!(login(&mut game, &guest).result, PLAYERLINK_E_NOT_FOUND);
    guest.flags = PLAYERLINK_CREDENTIAL_CREATE_ACCOUNT;
    assert_eq!(login(&mut game, &guest).result, PLAYERLINK_OK);
    let ticket = copied(|buffer, size| unsafe { playerlink_session_copy_ticket(game.client, buffer, size) });
    assert!(!ticket.unwrap().is_empty());
    let steam_ticket = emulator::playfab::steam_ticket("emu.c-abi");
    let steam = steam(&steam_ticket);
    let link = |game: &mut Game, credential: &playerlink_credential| {
        run(game, |client, done, data, op| unsafe {
            let mut request: playerlink_link_request = zeroed();
            request.kind = PLAYERLINK_LINK_CREDENTIAL;
            request.credential = credential;
            playerlink_account_link(client, &raw const request, done, data, op)
        })
    };
    let linked = link(&mut game, &steam);
    assert_eq!((linked.result, linked.flags), (PLAYERLINK_OK, PLAYERLINK_COMPLETION_CHANGED), "{linked:?}");
    let player = game.session().player_id;
    let mut by_steam = playfab(&services);
    assert_eq!(login(&mut by_steam, &steam).result, PLAYERLINK_OK);
    assert_eq!(by_steam.session().player_id, player);
    let unlinked = run(&mut game, |client, done, data, op| unsafe {
        let mut request: playerlink_unlink_request = zeroed();
        request.kind = PLAYERLINK_CREDENTIAL_STEAM;
        playerlink_account_unlink(client, &raw const request, done, data, op)
    });
    assert_eq!(unlinked.result, PLAYERLINK_OK, "{unlinked:?}");
    let links = game.start(|client, done, data, op| unsafe { playerlink_account_links(client, done, data, op) });
    assert_eq!(links, Err(PLAYERLINK_E_UNSUPPORTED));
    let refreshed = game.refresh();
    game.settle();
    assert_eq!(game.ended(refreshed).result, PLAYERLINK_OK);
}
