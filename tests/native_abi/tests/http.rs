//! Faults of HTTP: answers that do not come, come twice, late, broken or huge.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use native_abi::*;

/// A game without retries, so that each request is one of the test's.
fn game() -> Game {
    Game::with(|options| {
        options.service = PLAYERLINK_SERVICE_RALLYHERE;
        options.environment = text("demo");
        options.client_id = text("game");
        options.client_secret = text("game-secret");
        options.flags = PLAYERLINK_OPTION_NO_RETRIES;
    })
}

/// The result of a login whose one answer is that one.
fn login_with(reply: Reply) -> Done {
    let mut game = game();
    game.answers(move |_| reply.clone());
    let op = game.login_steam();
    game.pass(11_000);
    game.ended(op)
}

#[test]
fn a_request_that_is_never_answered_is_given_up_at_its_deadline_not_a_millisecond_earlier() {
    let mut game = game();
    game.answers(|_| Reply::Hangs);
    let op = game.login_steam();
    // The clock is far along when the first tick comes: the deadline begins there.
    game.now += 86_400_000;
    assert_eq!(game.tick(), 10_000, "nothing to do before the deadline");
    let id = game.world().sent[0].id;
    game.now += 9_999;
    game.tick();
    assert!(!game.has_ended(op));
    game.now += 1;
    game.tick();
    assert_eq!(game.ended(op).result, PLAYERLINK_E_TIMEOUT);
    assert_eq!(game.world().cancelled, [id], "the host is told");
    assert_eq!(complete(game.client, id, &Reply::json(200, "{}")), PLAYERLINK_E_UNKNOWN_ID, "late");
}

#[test]
fn an_answer_that_is_there_at_the_deadline_counts() {
    let mut game = game();
    game.answers(|_| Reply::Hangs);
    let op = game.login_steam();
    game.tick();
    let id = game.world().sent[0].id;
    let answer = Reply::json(200, &rallyhere_login("p-1", "at-1"));
    assert_eq!(complete(game.client, id, &answer), PLAYERLINK_OK);
    assert_eq!(complete(game.client, id, &answer), PLAYERLINK_E_UNKNOWN_ID, "twice");
    game.now += 10_000;
    game.settle();
    assert_eq!(game.ended(op).result, PLAYERLINK_OK);
    assert!(game.world().cancelled.is_empty());
}

#[test]
fn a_deadline_is_a_timeout_whatever_the_transport_says() {
    for failure in PLAYERLINK_HTTP_NETWORK..=PLAYERLINK_HTTP_UNUSABLE {
        let expected = match failure {
            PLAYERLINK_HTTP_NETWORK => PLAYERLINK_E_NETWORK,
            PLAYERLINK_HTTP_TIMEOUT => PLAYERLINK_E_TIMEOUT,
            PLAYERLINK_HTTP_UNUSABLE => PLAYERLINK_E_CONFIGURATION,
            _ => PLAYERLINK_E_PROTOCOL,
        };
        assert_eq!(login_with(Reply::Fails(failure)).result, expected, "failure {failure}");
    }
    assert_eq!(login_with(Reply::Refuses).result, PLAYERLINK_E_NETWORK);
    assert_eq!(login_with(Reply::Hangs).result, PLAYERLINK_E_TIMEOUT);
}

#[test]
fn answers_to_nobody_are_harmless() {
    let mut game = game();
    let other = self::game();
    game.answers(|_| Reply::Hangs);
    let op = game.login_steam();
    game.tick();
    let id = game.world().sent[0].id;
    assert!(id < 1 << 53);
    let answer = Reply::json(200, &rallyhere_login("p-1", "at-1"));
    for wrong in [0, 1, id + 1, id - 1, u64::MAX, game.client.0, op.0] {
        assert_eq!(complete(game.client, wrong, &answer), PLAYERLINK_E_UNKNOWN_ID, "{wrong:#x}");
    }
    assert_eq!(complete(other.client, id, &answer), PLAYERLINK_E_UNKNOWN_ID, "another client's");
    assert_eq!(unsafe { playerlink_op_cancel(game.client, op) }, PLAYERLINK_OK);
    game.tick();
    assert_eq!(game.world().cancelled, [id]);
    assert_eq!(complete(game.client, id, &answer), PLAYERLINK_E_UNKNOWN_ID, "after cancel");
    assert_eq!(game.ended(op).result, PLAYERLINK_E_CANCELLED);
    assert_eq!(game.session().status, PLAYERLINK_SESSION_NONE);
    game.destroy();
    assert_eq!(complete(game.client, id, &answer), PLAYERLINK_E_BAD_HANDLE, "after destroy");
}

#[test]
fn a_request_that_was_not_sent_yet_is_not_sent_after_cancel() {
    let mut game = game();
    let op = game.login_steam();
    assert_eq!(unsafe { playerlink_op_cancel(game.client, op) }, PLAYERLINK_OK);
    game.settle();
    assert!(game.requests().is_empty());
    assert_eq!(game.ended(op).result, PLAYERLINK_E_CANCELLED);
}

#[test]
fn every_status_has_its_result() {
    let cases = [
        (100, PLAYERLINK_E_PROTOCOL),
        (204, PLAYERLINK_E_PROTOCOL),
        (301, PLAYERLINK_E_PROTOCOL),
        (400, PLAYERLINK_E_PROTOCOL),
        (401, PLAYERLINK_E_CONFIGURATION),
        (403, PLAYERLINK_E_PERMISSION),
        (404, PLAYERLINK_E_NOT_FOUND),
        (409, PLAYERLINK_E_CONFLICT),
        (418, PLAYERLINK_E_SERVICE),
        (422, PLAYERLINK_E_MISUSE),
        (429, PLAYERLINK_E_BUSY),
        (500, PLAYERLINK_E_SERVICE),
        (503, PLAYERLINK_E_BUSY),
        (999, PLAYERLINK_E_PROTOCOL),
    ];
    for (status, expected) in cases {
        let done = login_with(Reply::Answer(status, Vec::new(), Vec::new()));
        assert_eq!(done.result, expected, "status {status}: {done:?}");
        let error = done.error.unwrap();
        assert_eq!(error.result, expected);
        assert!(matches!(u16::try_from(error.http_status), Ok(told) if told == status || status == 301), "{error:?}");
    }
    let game = game();
    for status in [1, 99, 1000, u32::MAX] {
        let mut response: playerlink_http_response = unsafe { zeroed() };
        response.status = status;
        assert_eq!(
            unsafe { playerlink_http_complete(game.client, 3 << 50 | 1, &raw const response) },
            PLAYERLINK_E_UNKNOWN_ID
        );
    }
}

#[test]
fn an_answer_that_cannot_be_one_is_refused_and_may_be_given_again() {
    let mut game = game();
    game.answers(|_| Reply::Hangs);
    let op = game.login_steam();
    game.tick();
    let id = game.world().sent[0].id;
    let mut response: playerlink_http_response = unsafe { zeroed() };
    let refused = |change: &dyn Fn(&mut playerlink_http_response), expected: playerlink_result| {
        let mut response = response;
        change(&mut response);
        let result = unsafe { playerlink_http_complete(game.client, id, &raw const response) };
        assert_eq!(result, expected);
    };
    refused(&|r| r.status = 99, PLAYERLINK_E_ARGUMENT);
    refused(&|r| r.status = 1000, PLAYERLINK_E_ARGUMENT);
    refused(&|r| r.failure = 6, PLAYERLINK_E_ARGUMENT);
    refused(&|r| r.reserved = 1, PLAYERLINK_E_ARGUMENT);
    refused(&|r| (r.status, r.header_count) = (200, 1), PLAYERLINK_E_NULL);
    refused(&|r| (r.status, r.header_count) = (200, 257), PLAYERLINK_E_ARGUMENT);
    refused(&|r| (r.status, r.body.len) = (200, 1), PLAYERLINK_E_NULL);
    refused(&|r| r.struct_size = 4, PLAYERLINK_E_STRUCT_SIZE);
    let body = rallyhere_login("p-1", "at-1");
    response.status = 200;
    response.body = playerlink_bytes { ptr: body.as_ptr(), len: body.len() };
    assert_eq!(unsafe { playerlink_http_complete(game.client, id, &raw const response) }, PLAYERLINK_OK);
    game.settle();
    assert_eq!(game.ended(op).result, PLAYERLINK_OK);
}

#[test]
fn retry_after_is_told_in_milliseconds_and_never_more_than_five_minutes() {
    let cases = [
        ("7", 7_000),
        ("0", 1_000),
        ("99999999999", 300_000),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30_000),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1_000),
        ("soon", 0),
        ("-3", 0),
        ("", 0),
    ];
    for (value, expected) in cases {
        let headers = vec![
            ("Retry-After".to_owned(), value.to_owned()),
            ("DATE".to_owned(), "Thu, 01 Jan 2026 00:00:00 GMT".to_owned()),
        ];
        let error = login_with(Reply::Answer(429, headers, Vec::new())).error.unwrap();
        assert_eq!(error.retry_after_ms, expected, "{value:?}");
    }
}

#[test]
fn a_broken_body_is_a_protocol_error_wherever_it_breaks() {
    let whole = rallyhere_login("p-1", "at-1");
    let step = if cfg!(miri) { 97 } else { 1 };
    let mut game = game();
    for cut in (0..whole.len()).step_by(step) {
        let body = whole.as_bytes()[..cut].to_vec();
        game.answers(move |_| Reply::Answer(200, Vec::new(), body.clone()));
        let op = game.login_steam();
        game.settle();
        assert_eq!(game.ended(op).result, PLAYERLINK_E_PROTOCOL, "cut at {cut}");
    }
}

#[test]
fn odd_bodies_are_answers_or_errors_and_nothing_else() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let replaced = |from: &str, to: &str| rallyhere_login("p-1", "at-1").replace(from, to);
    let cases: Vec<(&str, Vec<u8>, playerlink_result)> = vec![
        ("html of a captive portal", b"<!doctype html><title>Wi-Fi</title>".to_vec(), PLAYERLINK_E_PROTOCOL),
        ("another charset", b"\xff\xfe{\0}\0".to_vec(), PLAYERLINK_E_PROTOCOL),
        ("nothing but zeros", vec![0; 1000], PLAYERLINK_E_PROTOCOL),
        ("deep", deep.into_bytes(), PLAYERLINK_E_PROTOCOL),
        ("a list", b"[]".to_vec(), PLAYERLINK_E_PROTOCOL),
        ("wrong type", replaced("\"at-1\"", "17").into_bytes(), PLAYERLINK_E_PROTOCOL),
        ("huge number", replaced("3600", "9007199254740993").into_bytes(), PLAYERLINK_OK),
        ("larger number", replaced("3600", "9223372036854775808").into_bytes(), PLAYERLINK_OK),
        ("negative life", replaced("3600", "-5").into_bytes(), PLAYERLINK_OK),
        ("fraction", replaced("3600", "3600.5").into_bytes(), PLAYERLINK_OK),
        ("unknown platform", replaced("\"Steam\"", "\"Dreamcast2\"").into_bytes(), PLAYERLINK_OK),
        ("twice", replaced("{", "{\"access_token\":\"first\",").into_bytes(), PLAYERLINK_OK),
    ];
    for (what, body, expected) in cases {
        let done = login_with(Reply::Answer(200, Vec::new(), body));
        assert_eq!(done.result, expected, "{what}: {done:?}");
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    let done = login_with(Reply::Answer(200, Vec::new(), large));
    assert_eq!(done.result, PLAYERLINK_E_PROTOCOL, "a body over 1 MiB");
    assert!(done.error.unwrap().message.contains("1 MiB"));
}

#[test]
fn odd_headers_do_no_harm() {
    let headers = vec![
        ("Retry-After".to_owned(), "3".to_owned()),
        ("retry-after".to_owned(), "4".to_owned()),
        ("x-big".to_owned(), "x".repeat(64 * 1024)),
        ("x-lines".to_owned(), "a\r\nSet-Cookie: b".to_owned()),
        (String::new(), String::new()),
        ("x-request-id".to_owned(), "req-7".to_owned()),
    ];
    let error = login_with(Reply::Answer(503, headers, Vec::new())).error.unwrap();
    assert_eq!(error.retry_after_ms, 0, "twice is a list, which says nothing");
    assert_eq!(error.request_id, "req-7");
    let mut game = game();
    game.answers(|_| Reply::Hangs);
    let op = game.login_steam();
    game.tick();
    let id = game.world().sent[0].id;
    let bad = [0xff_u8];
    let headers = [playerlink_header { name: playerlink_str { ptr: bad.as_ptr().cast(), len: 1 }, value: text("v") }];
    let body = rallyhere_login("p-1", "at-1");
    let mut response: playerlink_http_response = unsafe { zeroed() };
    response.status = 200;
    (response.headers, response.header_count) = (headers.as_ptr(), 1);
    response.body = playerlink_bytes { ptr: body.as_ptr(), len: body.len() };
    assert_eq!(unsafe { playerlink_http_complete(game.client, id, &raw const response) }, PLAYERLINK_OK);
    game.settle();
    assert_eq!(game.ended(op).result, PLAYERLINK_OK, "a header that is no text is left out");
}

#[test]
fn a_token_that_is_refused_is_refreshed_once_and_not_in_circles() {
    for (status, body) in [(401, "{}"), (403, r#"{"auth_success":false}"#)] {
        let mut game = game();
        game.signed_in();
        let refreshes = Arc::new(AtomicU32::new(0));
        let counted = refreshes.clone();
        game.answers(move |sent| match sent.path() {
            "/users/v1/login" => {
                counted.fetch_add(1, Ordering::Relaxed);
                Reply::json(200, &rallyhere_login("p-1", "at-2"))
            }
            _ => Reply::json(status, body),
        });
        let op =
            game.start(|client, done, data, op| unsafe { playerlink_account_links(client, done, data, op) }).unwrap();
        game.pass(12_000);
        assert_eq!(refreshes.load(Ordering::Relaxed), 1, "status {status}");
        let asked = game.requests().iter().filter(|line| line.contains("/links")).count();
        assert_eq!(asked, 2, "once more with the new token");
        assert!(game.ended(op).result != PLAYERLINK_OK);
    }
}

#[test]
fn a_hundred_callers_share_one_refresh_and_out_of_order_answers_find_their_callers() {
    let mut game = game();
    game.signed_in();
    game.answers(|_| Reply::Hangs);
    let refreshes: Vec<_> = (0..100).map(|_| game.refresh()).collect();
    let links: Vec<_> = (0..3)
        .map(|_| {
            game.start(|client, done, data, op| unsafe { playerlink_account_links(client, done, data, op) }).unwrap()
        })
        .collect();
    game.settle();
    let sent = game.world().sent.clone();
    let logins = sent.iter().skip(1).filter(|sent| sent.path() == "/users/v1/login").count();
    assert_eq!(logins, 1);
    for (at, sent) in sent.iter().skip(1).rev().enumerate() {
        let body = match sent.path() {
            "/users/v1/login" => rallyhere_login("p-1", "at-2"),
            _ => format!(r#"{{"player":{{"player_uuid":"p-{at}","person_id":"q"}},"linked_portals":[]}}"#),
        };
        assert_eq!(complete(game.client, sent.id, &Reply::json(200, &body)), PLAYERLINK_OK);
        game.settle();
    }
    for op in refreshes.into_iter().chain(links) {
        assert_eq!(game.ended(op).result, PLAYERLINK_OK);
    }
    assert_eq!(game.access_token().as_deref(), Ok("at-2"));
}

#[test]
fn a_program_that_dies_between_rotation_and_storage_is_signed_in_or_out_but_never_in_circles() {
    for accepted in [true, false] {
        let mut game = game();
        game.signed_in();
        let disk = game.world().disk.clone();
        game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-2")));
        game.refresh();
        game.settle();
        // The disk as it was before the refresh: its token has been spent.
        let mut again = self::game();
        again.world().disk = disk;
        again.answers(move |_| match accepted {
            true => Reply::json(200, &rallyhere_login("p-1", "at-3")),
            false => Reply::json(401, r#"{"error_code":"refresh_token_not_found","desc":"","auth_success":false}"#),
        });
        again.now += 3_700_000;
        again.world().wall += 3_700_000;
        let op = again
            .start(|client, done, data, op| unsafe { playerlink_session_restore(client, done, data, op) })
            .unwrap();
        again.pass(60_000);
        let done = again.ended(op);
        if accepted {
            assert_eq!((done.result, again.access_token().as_deref()), (PLAYERLINK_OK, Ok("at-3")));
        } else {
            assert_eq!(done.result, PLAYERLINK_NOTHING);
        }
        assert_eq!(again.requests().len(), 1, "{:?}", again.requests());
    }
}

#[test]
fn secrets_are_in_no_text_but_where_they_belong() {
    let canaries = ["canary-ticket", "canary-secret", "canary-access", "canary-refresh"];
    for status in [200, 401, 429, 500] {
        let mut game = Game::with(|options| {
            options.service = PLAYERLINK_SERVICE_RALLYHERE;
            options.environment = text("demo");
            options.client_id = text("game");
            options.client_secret = text("canary-secret");
        });
        game.answers(move |_| {
            let body = rallyhere_login("p-1", "canary-access").replace("rt-canary-access", "canary-refresh");
            Reply::json(status, &body)
        });
        let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
        steam.token = text("canary-ticket");
        let op = game.login(&steam).unwrap();
        game.pass(11_000);
        assert!(game.has_ended(op));
        if status == 200 {
            game.answers(|_| Reply::json(500, "canary-access"));
            game.refresh();
            game.pass(11_000);
            game.start(|client, done, data, op| unsafe { playerlink_logout(client, done, data, op) }).unwrap();
            game.pass(3_000);
        }
        let world = game.world();
        let told = format!("{:?}{:?}", world.done, world.lines);
        let urls = world.sent.iter().map(|sent| sent.url.as_str()).collect::<String>();
        for canary in canaries {
            assert!(!told.contains(canary), "status {status}: {canary} in {told}");
            assert!(!urls.contains(canary), "status {status}: {canary} in a URL");
        }
    }
}
