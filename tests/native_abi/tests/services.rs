//! The three services behind the C ABI, played by the emulator: sign in, links, cross-progression, linking codes, and a
//! console that links by code at the game's own server.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex};

use emulator::xsolla::{
    MAIN_PROJECT_ID, PASSWORD, PUBLISHER_PROJECT_ID, SERVER_SECRET, SHADOW_PROJECT_ID, TicketOrder,
};
use emulator::{Delivery, Emulator};
use native_abi::*;

const CALLBACK: &str = "https://companion.example/callback";
const START: u64 = 1_767_225_600_000;

type Services = Arc<Mutex<Emulator>>;

fn services() -> Services {
    Arc::new(Mutex::new(Emulator::new(7)))
}

fn ask(services: &Services, sent: &Sent) -> Reply {
    let (_, rest) = sent.url.split_once("://").unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let request = emulator::Request {
        method: sent.method.clone(),
        path: path[path.find('/').unwrap_or(path.len())..].to_owned(),
        query: query.to_owned(),
        headers: sent.headers.clone(),
        body: sent.body.clone(),
    };
    let response = services.lock().unwrap().handle(START, request);
    match response.delivery {
        Delivery::Whole => Reply::Answer(response.status, response.headers, response.body),
        Delivery::Hang => Reply::Hangs,
        Delivery::Close => Reply::Fails(PLAYERLINK_HTTP_NETWORK),
        Delivery::Truncate(_) => Reply::Fails(PLAYERLINK_HTTP_TRUNCATED),
    }
}

/// A game whose services are the emulator, and whose own server is `answers`.
fn play(game: &Game, services: &Services, mut server: impl FnMut(&Sent) -> Option<Reply> + Send + 'static) {
    let services = services.clone();
    game.answers(move |sent| server(sent).unwrap_or_else(|| ask(&services, sent)));
}

fn rallyhere(services: &Services) -> Game {
    let game = Game::rallyhere();
    play(&game, services, |_| None);
    game
}

fn xsolla(services: &Services, project: &'static str, client: &'static str) -> Game {
    let game = Game::with(|options| {
        options.service = PLAYERLINK_SERVICE_XSOLLA;
        options.project_id = text(project);
        options.client_id = text(client);
        options.redirect_uri = text(CALLBACK);
        options.game_server_url = text("https://games.example/v1");
    });
    play(&game, services, |_| None);
    game
}

fn playfab(services: &Services) -> Game {
    let game = Game::with(|options| {
        options.service = PLAYERLINK_SERVICE_PLAYFAB;
        options.title_id = text(emulator::playfab::TITLE_ID);
    });
    play(&game, services, |_| None);
    game
}

/// Starts, settles, and answers how it ended.
fn run(
    game: &mut Game,
    call: impl FnOnce(playerlink_client, playerlink_done_fn, *mut std::ffi::c_void, *mut playerlink_op) -> playerlink_result,
) -> Done {
    let op = game.start(call).unwrap_or_else(|result| panic!("{result:?}: {}", last_error(game.client)));
    game.settle();
    if !game.has_ended(op) {
        game.pass(3_000);
    }
    game.ended(op)
}

fn login(game: &mut Game, credential: &playerlink_credential) -> Done {
    let credential = std::ptr::from_ref(credential);
    run(game, |client, done, data, op| unsafe { playerlink_login(client, credential, done, data, op) })
}

fn steam(token: &str) -> playerlink_credential {
    playerlink_credential { token: text(token), ..credential(PLAYERLINK_CREDENTIAL_STEAM) }
}

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
fn xsolla_shows_a_linking_code_to_the_main_account() {
    let services = services();
    let mut page = xsolla(&services, MAIN_PROJECT_ID, "57");
    let mut nova = credential(PLAYERLINK_CREDENTIAL_PASSWORD);
    (nova.user_id, nova.token) = (text("nova"), text("wrong password"));
    assert_eq!(login(&mut page, &nova).result, PLAYERLINK_E_CREDENTIALS);
    nova.token = text(PASSWORD);
    assert_eq!(login(&mut page, &nova).result, PLAYERLINK_OK);

    let companion = "https://link.example/xbox";
    let shown = run(&mut page, |client, done, data, op| unsafe {
        let mut options: playerlink_linking_options = zeroed();
        options.companion_url = text(companion);
        playerlink_linking_code_create(client, &raw const options, done, data, op)
    });
    assert_eq!(shown.result, PLAYERLINK_OK, "{shown:?}");
    let [code, grouped, spelled] = shown.code.unwrap();
    assert_eq!(code.len(), 6);
    assert_eq!(grouped.replace(' ', ""), code);
    assert_eq!(spelled.replace([' ', ','], ""), code);
    assert_eq!((grouped.len(), spelled.len()), (7, 12), "{grouped} and {spelled}");

    let get = |game: &Game| unsafe {
        let mut out: playerlink_linking_snapshot = zeroed();
        let mut size = 0;
        let result = playerlink_linking_get(game.client, &raw mut out, null_mut(), &raw mut size);
        assert_eq!(result, PLAYERLINK_E_BUFFER);
        let mut buffer = vec![0_u8; size];
        let result = playerlink_linking_get(game.client, &raw mut out, buffer.as_mut_ptr().cast(), &raw mut size);
        assert_eq!(result, PLAYERLINK_OK);
        let modules = std::slice::from_raw_parts(out.qr_modules.ptr, out.qr_modules.len).to_vec();
        (out.state, read(out.code), out.qr_size, modules, read(out.url), out.age_ms, out.expires_in_ms, out.revision)
    };
    let seen = get(&page);
    assert_eq!((seen.0, seen.1.as_str(), seen.4.as_str()), (PLAYERLINK_LINKING_ACTIVE, code.as_str(), companion));
    let qr = playerlink::linking::qr::encode(companion).unwrap();
    assert_eq!(seen.2 as usize, qr.size);
    assert_eq!(seen.3.iter().map(|module| *module == 1).collect::<Vec<_>>(), qr.modules);
    page.pass(30_000);
    assert_eq!(get(&page).5, 30_000);
    assert_eq!(get(&page).6, 0, "nobody tells a lifetime");

    let act = |game: &Game, act| assert_eq!(unsafe { playerlink_linking_act(game.client, act) }, PLAYERLINK_OK);
    act(&page, PLAYERLINK_LINKING_ACT_CONCEAL);
    page.settle();
    assert_eq!(get(&page).1, "", "concealed");
    let events = page.world().done.iter().filter(|done| done.kind == PLAYERLINK_EVENT_LINKING_CHANGED).count();
    assert!(events >= 1);
    act(&page, PLAYERLINK_LINKING_ACT_REVEAL);
    act(&page, PLAYERLINK_LINKING_ACT_NEW_CODE);
    page.settle();
    let second = get(&page);
    assert_eq!(second.0, PLAYERLINK_LINKING_ACTIVE);
    assert_ne!(second.1, code);
    assert!(second.7 > seen.7);
    act(&page, PLAYERLINK_LINKING_ACT_CANCEL);
    page.settle();
    assert_eq!((get(&page).0, get(&page).1.as_str()), (PLAYERLINK_LINKING_CANCELLED, ""));

    let again = run(&mut page, |client, done, data, op| unsafe {
        playerlink_linking_code_create(client, null(), done, data, op)
    });
    assert_eq!(again.result, PLAYERLINK_OK);
    run(&mut page, |client, done, data, op| unsafe { playerlink_logout(client, done, data, op) });
    assert_eq!(get(&page).1, "", "a code does not outlive its session");
}

#[test]
fn a_code_that_cannot_be_had_says_why() {
    let services = services();
    let mut page = xsolla(&services, MAIN_PROJECT_ID, "57");
    let mut nova = credential(PLAYERLINK_CREDENTIAL_PASSWORD);
    (nova.user_id, nova.token) = (text("nova"), text(PASSWORD));
    assert_eq!(login(&mut page, &nova).result, PLAYERLINK_OK);
    page.answers(|_| Reply::Answer(429, vec![("Retry-After".into(), "7".into())], Vec::new()));
    let limited = run(&mut page, |client, done, data, op| unsafe {
        playerlink_linking_code_create(client, null(), done, data, op)
    });
    assert_eq!((limited.result, limited.error.unwrap().retry_after_ms), (PLAYERLINK_E_BUSY, 7_000));
    page.answers(|_| Reply::Hangs);
    let op = page
        .start(|client, done, data, op| unsafe { playerlink_linking_code_create(client, null(), done, data, op) })
        .unwrap();
    page.settle();
    assert_eq!(unsafe { playerlink_op_cancel(page.client, op) }, PLAYERLINK_OK);
    page.settle();
    assert_eq!(page.ended(op).result, PLAYERLINK_E_CANCELLED);
    assert_eq!(page.world().cancelled.len(), 1, "the request is given up as well");
    let address = "https://link.example/".repeat(10);
    let too_long = page.start(|client, done, data, op| unsafe {
        let mut options: playerlink_linking_options = zeroed();
        options.companion_url = text(&address);
        playerlink_linking_code_create(client, &raw const options, done, data, op)
    });
    assert_eq!(too_long, Err(PLAYERLINK_E_ARGUMENT));
}

/// The game's own server, as docs/link-by-code.md has it, with the emulator behind it.
fn game_server(services: &Services, gives_token: bool) -> impl FnMut(&Sent) -> Option<Reply> + Send + 'static {
    let services = services.clone();
    move |sent| {
        let path = sent.url.strip_prefix("https://games.example/v1")?;
        let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        if body["platformTicket"] != "test-ticket-alex" {
            return Some(Reply::json(401, r#"{"kind":"platform-ticket","playerMessage":"Please sign in again."}"#));
        }
        let call = |path: &str, content: &str, token: Option<&str>, body: String| {
            let mut headers = vec![("content-type".to_owned(), content.to_owned())];
            headers.extend(token.map(|token| ("x-server-authorization".to_owned(), token.to_owned())));
            let sent = Sent {
                client: sent.client,
                id: 0,
                method: "POST".into(),
                url: format!("https://login.xsolla.com/api{path}"),
                headers,
                body: body.into_bytes(),
                timeout_ms: 0,
            };
            let Reply::Answer(status, _, body) = ask(&services, &sent) else { panic!() };
            (status, serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default())
        };
        let form = format!("grant_type=client_credentials&client_id=59&client_secret={SERVER_SECRET}");
        let (_, token) = call("/oauth2/token", "application/x-www-form-urlencoded", None, form);
        let token = token["access_token"].as_str().unwrap().to_owned();
        let sign_in = || {
            let body =
                r#"{"server_custom_id":"xbox-1","social_profile":{"platform":"xbox","user_id":"2533274800000001"}}"#;
            let path = format!("/users/login/server_custom_id?publisher_project_id={PUBLISHER_PROJECT_ID}");
            let (status, answer) = call(&path, "application/json", Some(&token), body.to_owned());
            assert_eq!(status, 200, "{answer}");
            answer["token"].as_str().unwrap().to_owned()
        };
        Some(match path {
            "/sign-in" => Reply::json(200, &format!(r#"{{"token":"{}"}}"#, sign_in())),
            "/link" => {
                let body = serde_json::json!({
                    "code": body["code"], "platform": "xbox", "user_id": "2533274800000001",
                    "publisher_project_id": PUBLISHER_PROJECT_ID,
                });
                match call("/users/account/link", "application/json", Some(&token), body.to_string()).0 {
                    204 if gives_token => Reply::json(200, &format!(r#"{{"token":"{}"}}"#, sign_in())),
                    204 => Reply::Answer(204, Vec::new(), Vec::new()),
                    404 => Reply::json(404, r#"{"kind":"not-found","code":"003-061"}"#),
                    other => panic!("{other}"),
                }
            }
            other => panic!("{other}"),
        })
    }
}

#[test]
fn a_console_becomes_the_player_who_showed_the_code() {
    for gives_token in [false, true] {
        let services = services();
        let mut page = xsolla(&services, MAIN_PROJECT_ID, "57");
        let mut nova = credential(PLAYERLINK_CREDENTIAL_PASSWORD);
        (nova.user_id, nova.token) = (text("nova"), text(PASSWORD));
        assert_eq!(login(&mut page, &nova).result, PLAYERLINK_OK);
        let shown = run(&mut page, |client, done, data, op| unsafe {
            playerlink_linking_code_create(client, null(), done, data, op)
        });
        let [code, grouped, _] = shown.code.unwrap();

        let mut console = xsolla(&services, SHADOW_PROJECT_ID, "60");
        play(&console, &services, game_server(&services, gives_token));
        let mut ticket = credential(PLAYERLINK_CREDENTIAL_GAME_SERVER);
        ticket.token = text("a stolen ticket");
        let refused = login(&mut console, &ticket);
        assert_eq!(refused.result, PLAYERLINK_E_PLATFORM_TICKET, "{refused:?}");
        ticket.token = text("test-ticket-alex");
        assert_eq!(login(&mut console, &ticket).result, PLAYERLINK_OK);
        let before = console.session();
        assert_ne!(before.player_id, page.session().player_id);
        assert_eq!(before.flags, 0, "a token that was handed over is not stored");

        let link = |console: &mut Game, typed: &str| {
            run(console, |client, done, data, op| unsafe {
                let mut request: playerlink_link_by_code_request = zeroed();
                request.code = text(typed);
                request.platform_ticket = text("test-ticket-alex");
                playerlink_link_by_code(client, &raw const request, done, data, op)
            })
        };
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let missed = link(&mut console, wrong);
        let error = missed.error.unwrap();
        assert_eq!((missed.result, error.service_code.as_str()), (PLAYERLINK_E_NOT_FOUND, "003-061"), "{error:?}");
        assert!(!error.player_message.is_empty());
        assert_eq!(console.session().player_id, before.player_id);

        let linked = link(&mut console, &format!(" {grouped}-"));
        assert_eq!(linked.result, PLAYERLINK_OK, "{linked:?}");
        assert_eq!(linked.flags, PLAYERLINK_COMPLETION_CHANGED | PLAYERLINK_COMPLETION_PLAYER_CHANGED);
        assert_eq!(linked.session.unwrap().player_id, page.session().player_id);
        assert_eq!(console.session().player_id, page.session().player_id);
    }
}

#[test]
fn the_link_by_code_contract_is_kept_when_the_server_is_odd() {
    let services = services();
    let cases = [
        (Reply::json(429, r#"{"kind":"busy","retryAfterMs":9000}"#), PLAYERLINK_E_BUSY, 9_000),
        (Reply::json(409, r#"{"kind":"conflict","code":"010-016"}"#), PLAYERLINK_E_CONFLICT, 0),
        (Reply::json(500, "<html>"), PLAYERLINK_E_SERVICE, 0),
        (Reply::json(404, r#"{"kind":"a word of tomorrow"}"#), PLAYERLINK_E_NOT_FOUND, 0),
        (Reply::Fails(PLAYERLINK_HTTP_NETWORK), PLAYERLINK_E_NETWORK, 0),
        (
            Reply::Answer(302, vec![("Location".into(), "https://x.example".into())], Vec::new()),
            PLAYERLINK_E_PROTOCOL,
            0,
        ),
    ];
    for (reply, expected, wait) in cases {
        let mut console = xsolla(&services, SHADOW_PROJECT_ID, "60");
        let answer = reply.clone();
        play(&console, &services, move |_| Some(answer.clone()));
        let done = run(&mut console, |client, done, data, op| unsafe {
            let mut request: playerlink_link_by_code_request = zeroed();
            (request.code, request.platform_ticket) = (text("123456"), text("t"));
            playerlink_link_by_code(client, &raw const request, done, data, op)
        });
        let error = done.error.unwrap();
        assert_eq!((done.result, error.retry_after_ms), (expected, wait), "{reply:?}: {error:?}");
        assert_eq!(console.requests(), ["POST /v1/link"], "never tried again by itself: the code may be spent");
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

#[test]
fn a_typed_code_is_read_as_the_player_meant_it() {
    let check = |format: Option<playerlink_code_format>, typed: &str| unsafe {
        let mut out: playerlink_code_entry = zeroed();
        let mut buffer = [0x7f_u8; 256];
        let mut size = buffer.len();
        let format = format.as_ref().map_or(null(), std::ptr::from_ref);
        let result = playerlink_code_entry_check(
            format,
            typed.as_ptr().cast(),
            typed.len(),
            &raw mut out,
            buffer.as_mut_ptr().cast(),
            &raw mut size,
        );
        if result != PLAYERLINK_OK {
            return Err(result);
        }
        Ok((out.problem, out.count, out.position, read(out.normalized), read(out.grouped)))
    };
    let good = |text: &str, grouped: &str| Ok((PLAYERLINK_CODE_GOOD, 0, 0, text.to_owned(), grouped.to_owned()));
    assert_eq!(check(None, " 12O-45l "), good("120451", "120 451"));
    assert_eq!(check(None, "٠١٢ ٣٤٥"), good("012345", "012 345"));
    assert_eq!(check(None, ""), Ok((PLAYERLINK_CODE_EMPTY, 0, 0, String::new(), String::new())));
    assert!(matches!(check(None, "1234"), Ok((PLAYERLINK_CODE_TOO_SHORT, 2, ..))));
    assert!(matches!(check(None, "1234567"), Ok((PLAYERLINK_CODE_TOO_LONG, 1, ..))));
    assert!(matches!(check(None, "12X456"), Ok((PLAYERLINK_CODE_BAD_CHARACTER, 0, 2, ..))));
    assert!(matches!(check(None, &"1".repeat(2000)), Ok((PLAYERLINK_CODE_TOO_LONG, ..))));
    let format = |kind| playerlink_code_format { kind, ..unsafe { zeroed() } };
    assert_eq!(check(Some(format(PLAYERLINK_CODE_BASE20_8)), "wdjb mjht"), good("WDJBMJHT", "WDJB MJHT"));
    for kind in [PLAYERLINK_CODE_DIGITS_8, PLAYERLINK_CODE_DIGITS_10, PLAYERLINK_CODE_XSOLLA_LEGACY_6] {
        assert!(matches!(check(Some(format(kind)), "12"), Ok((PLAYERLINK_CODE_TOO_SHORT, ..))));
    }
    let mut custom = format(PLAYERLINK_CODE_CUSTOM);
    assert_eq!(check(Some(custom), "1"), Err(PLAYERLINK_E_MISUSE));
    (custom.length, custom.check_digit, custom.alphabet) = (4, 1, text("0123456789"));
    assert!(matches!(check(Some(custom), "5725"), Ok((PLAYERLINK_CODE_BAD_CHECK_DIGIT, ..))));
    assert!(matches!(check(Some(custom), "5724"), Ok((PLAYERLINK_CODE_GOOD, ..))), "Damm's own example");
    assert_eq!(check(Some(format(0)), "1"), Err(PLAYERLINK_E_ARGUMENT));
    assert_eq!(check(Some(format(7)), "1"), Err(PLAYERLINK_E_ARGUMENT));
}
