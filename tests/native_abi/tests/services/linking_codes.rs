//! Linking codes: shown by the main account, typed on a console, sent to the game's server.

use super::*;

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
fn the_games_server_says_that_the_code_was_used_or_why_not() {
    let state = |game: &Game| unsafe {
        let mut out: playerlink_linking_snapshot = zeroed();
        let (mut buffer, mut size) = (vec![0_u8; 8192], 8192);
        let result = playerlink_linking_get(game.client, &raw mut out, buffer.as_mut_ptr().cast(), &raw mut size);
        assert_eq!(result, PLAYERLINK_OK);
        (out.state, out.result, read(out.code), read(out.linked_platform), read(out.linked_display_name))
    };
    let shows = || {
        let services = services();
        let mut page = xsolla(&services, MAIN_PROJECT_ID, "57");
        let mut nova = credential(PLAYERLINK_CREDENTIAL_PASSWORD);
        (nova.user_id, nova.token) = (text("nova"), text(PASSWORD));
        assert_eq!(login(&mut page, &nova).result, PLAYERLINK_OK);
        let shown = run(&mut page, |client, done, data, op| unsafe {
            playerlink_linking_code_create(client, null(), done, data, op)
        });
        assert_eq!(shown.result, PLAYERLINK_OK);
        page
    };
    let act = |game: &Game, act| assert_eq!(unsafe { playerlink_linking_act(game.client, act) }, PLAYERLINK_OK);

    let mut page = shows();
    act(&page, PLAYERLINK_LINKING_ACT_HIDDEN);
    page.settle();
    assert_eq!(state(&page).0, PLAYERLINK_LINKING_ACTIVE, "unseen, it is still there");
    act(&page, PLAYERLINK_LINKING_ACT_VISIBLE);
    let mut news: playerlink_linking_news = unsafe { zeroed() };
    (news.platform, news.display_name) = (text("xbox"), text("Nova on Xbox"));
    let asked = page.requests().len();
    assert_eq!(unsafe { playerlink_linking_push(page.client, &raw const news) }, PLAYERLINK_OK);
    assert_eq!(state(&page).0, PLAYERLINK_LINKING_ACTIVE, "in the next tick");
    page.pass(3_000);
    let linked = (PLAYERLINK_LINKING_LINKED, PLAYERLINK_OK, "", "xbox", "Nova on Xbox");
    let seen = state(&page);
    assert_eq!((seen.0, seen.1, seen.2.as_str(), seen.3.as_str(), seen.4.as_str()), linked);
    assert!(page.requests().len() > asked, "the session is taken up anew: {:?}", page.requests());

    let page = &mut shows();
    news.conflict = text("010-016");
    news.reserved = 1;
    assert_eq!(unsafe { playerlink_linking_push(page.client, &raw const news) }, PLAYERLINK_E_ARGUMENT);
    news.reserved = 0;
    assert_eq!(unsafe { playerlink_linking_push(page.client, &raw const news) }, PLAYERLINK_OK);
    page.pass(3_000);
    let seen = state(page);
    assert_eq!((seen.0, seen.1, seen.2.as_str()), (PLAYERLINK_LINKING_FAILED, PLAYERLINK_E_CONFLICT, ""));
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
