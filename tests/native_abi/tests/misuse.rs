//! What happens on misuse: every wrong pointer, handle, size, number and text is answered, and nothing is done.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use native_abi::*;

const NOBODY: playerlink_client = playerlink_client(0);
/// The last client that could not be made is one of the whole process.
static FAILING: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Every call that takes a client, made with that one and otherwise well.
#[expect(clippy::type_complexity, reason = "a table of calls")]
fn calls() -> Vec<(&'static str, Box<dyn Fn(playerlink_client) -> playerlink_result>)> {
    fn op(
        name: &'static str,
        call: impl Fn(playerlink_client, playerlink_done_fn, *mut c_void, *mut playerlink_op) -> playerlink_result + 'static,
    ) -> (&'static str, Box<dyn Fn(playerlink_client) -> playerlink_result>) {
        (
            name,
            Box::new(move |client| {
                let mut op = playerlink_op(9);
                call(client, None, null_mut(), &raw mut op)
            }),
        )
    }
    vec![
        ("tick", Box::new(|client| unsafe { playerlink_client_tick(client, 1, 1, null_mut()) })),
        ("notify", Box::new(|client| unsafe { playerlink_client_notify(client, PLAYERLINK_NOTIFY_RESUMED) })),
        (
            "next_event",
            Box::new(|client| unsafe {
                let mut out: playerlink_completion = zeroed();
                playerlink_client_next_event(client, &raw mut out)
            }),
        ),
        ("op_cancel", Box::new(|client| unsafe { playerlink_op_cancel(client, playerlink_op(2 << 50 | 1)) })),
        op("login", |client, done, data, out| unsafe {
            let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
            steam.token = text("ab");
            playerlink_login(client, &raw const steam, done, data, out)
        }),
        op("session_restore", |client, done, data, out| unsafe { playerlink_session_restore(client, done, data, out) }),
        (
            "session_get",
            Box::new(|client| unsafe {
                let mut out: playerlink_session = zeroed();
                let (mut buffer, mut size) = ([0; 512], 512);
                playerlink_session_get(client, &raw mut out, buffer.as_mut_ptr(), &raw mut size)
            }),
        ),
        (
            "session_copy_access_token",
            Box::new(|client| unsafe {
                let (mut buffer, mut size) = ([0; 512], 512);
                playerlink_session_copy_access_token(client, buffer.as_mut_ptr(), &raw mut size)
            }),
        ),
        (
            "session_copy_ticket",
            Box::new(|client| unsafe {
                let (mut buffer, mut size) = ([0; 512], 512);
                playerlink_session_copy_ticket(client, buffer.as_mut_ptr(), &raw mut size)
            }),
        ),
        op("session_prepare_token", |client, done, data, out| unsafe {
            playerlink_session_prepare_token(client, done, data, out)
        }),
        op("session_refresh", |client, done, data, out| unsafe { playerlink_session_refresh(client, done, data, out) }),
        op("accounts_list", |client, done, data, out| unsafe { playerlink_accounts_list(client, done, data, out) }),
        op("account_restore", |client, done, data, out| unsafe {
            playerlink_account_restore(client, c"p".as_ptr(), 1, done, data, out)
        }),
        op("logout", |client, done, data, out| unsafe { playerlink_logout(client, done, data, out) }),
        ("ticket_provide", Box::new(|client| unsafe { playerlink_ticket_provide(client, null()) })),
        op("account_links", |client, done, data, out| unsafe { playerlink_account_links(client, done, data, out) }),
        op("account_link", |client, done, data, out| unsafe {
            let mut request: playerlink_link_request = zeroed();
            request.kind = PLAYERLINK_LINK_TO_TOKEN;
            request.leader = text("token");
            playerlink_account_link(client, &raw const request, done, data, out)
        }),
        op("account_unlink", |client, done, data, out| unsafe {
            let request: playerlink_unlink_request = zeroed();
            playerlink_account_unlink(client, &raw const request, done, data, out)
        }),
        op("cross_progression_enable", |client, done, data, out| unsafe {
            playerlink_cross_progression_enable(client, null(), done, data, out)
        }),
        op("cross_progression_disable", |client, done, data, out| unsafe {
            playerlink_cross_progression_disable(client, done, data, out)
        }),
        op("linking_code_create", |client, done, data, out| unsafe {
            playerlink_linking_code_create(client, null(), done, data, out)
        }),
        (
            "linking_get",
            Box::new(|client| unsafe {
                let mut out: playerlink_linking_snapshot = zeroed();
                let (mut buffer, mut size) = ([0; 512], 512);
                playerlink_linking_get(client, &raw mut out, buffer.as_mut_ptr(), &raw mut size)
            }),
        ),
        ("linking_act", Box::new(|client| unsafe { playerlink_linking_act(client, PLAYERLINK_LINKING_ACT_CANCEL) })),
        (
            "linking_push",
            Box::new(|client| unsafe {
                let news: playerlink_linking_news = zeroed();
                playerlink_linking_push(client, &raw const news)
            }),
        ),
        op("link_by_code", |client, done, data, out| unsafe {
            let mut request: playerlink_link_by_code_request = zeroed();
            request.code = text("123456");
            request.platform_ticket = text("ticket");
            playerlink_link_by_code(client, &raw const request, done, data, out)
        }),
        (
            "http_complete",
            Box::new(|client| unsafe {
                let response: playerlink_http_response = zeroed();
                playerlink_http_complete(client, 3 << 50 | 1, &raw const response)
            }),
        ),
        ("storage_complete", Box::new(|client| unsafe { playerlink_storage_complete(client, 3 << 50 | 1, 0, null()) })),
        ("destroy", Box::new(|client| unsafe { playerlink_client_destroy(client) })),
    ]
}

#[test]
fn a_handle_that_is_none_is_told_apart_from_every_other() {
    let game = Game::rallyhere();
    let real = game.client.0;
    assert!(real < 1 << 53, "fits the numbers of Lua and JavaScript");
    let mut wrong = vec![0, 1, 77, u64::MAX, 2 << 50 | 1, 3 << 50 | 1, 1 << 50, (1 << 50) - 1];
    wrong.extend((0..64).map(|bit| real ^ (1 << bit)));
    // Bits of the index may make it another test's client, which runs at the same time.
    wrong.retain(|handle| handle >> 20 != real >> 20);
    for handle in wrong {
        for (name, call) in calls() {
            if name != "destroy" && name != "tick" || handle & MARKS != 1 << 50 {
                let result = call(playerlink_client(handle));
                assert_eq!(result, PLAYERLINK_E_BAD_HANDLE, "{name} with {handle:#x}, the real one is {real:#x}");
            }
        }
    }
    assert_eq!(game.session().status, PLAYERLINK_SESSION_NONE, "the real one still works");
}

const MARKS: u64 = !((1 << 50) - 1);

#[test]
fn a_destroyed_client_is_none_also_when_its_place_has_a_new_one() {
    let game = Game::rallyhere();
    let old = game.client;
    assert_eq!(game.destroy(), PLAYERLINK_OK);
    let new = Game::rallyhere();
    assert_ne!(old, new.client);
    for (name, call) in calls() {
        assert_eq!(call(old), PLAYERLINK_E_BAD_HANDLE, "{name}");
    }
    assert_eq!(new.session().status, PLAYERLINK_SESSION_NONE);
}

#[test]
fn a_place_can_be_used_ten_thousand_times() {
    let rounds = if cfg!(miri) { 4 } else { 10_000 };
    let mut handles = std::collections::HashSet::new();
    for _ in 0..rounds {
        let game = Game::rallyhere();
        assert!(handles.insert(game.client.0), "a handle is never given out twice");
        assert!(game.client.0 < 1 << 53);
    }
    assert_eq!(playerlink::bindings::c::test_hooks::playerlink_test_generations(), 1);
}

#[test]
fn null_is_answered_wherever_a_pointer_is_needed() {
    let _alone = FAILING.lock().unwrap();
    let mut game = Game::rallyhere();
    game.signed_in();
    let client = game.client;
    let mut size = 64_usize;
    let mut op = playerlink_op(1);
    let mut buffer = [0; 64];
    unsafe {
        let null_results = [
            playerlink_client_create(null(), null_mut()),
            playerlink_client_create(null(), &raw mut *Box::new(playerlink_client(9))),
            playerlink_client_create(&raw const *Box::new(options()), null_mut()),
            playerlink_client_next_event(client, null_mut()),
            playerlink_error_copy(client, buffer.as_mut_ptr(), null_mut()),
            playerlink_error_copy(NOBODY, buffer.as_mut_ptr(), null_mut()),
            playerlink_login(client, null(), None, null_mut(), &raw mut op),
            playerlink_session_get(client, null_mut(), buffer.as_mut_ptr(), &raw mut size),
            playerlink_session_get(client, &raw mut *Box::new(zeroed()), buffer.as_mut_ptr(), null_mut()),
            playerlink_session_copy_access_token(client, buffer.as_mut_ptr(), null_mut()),
            playerlink_account_link(client, null(), None, null_mut(), &raw mut op),
            playerlink_account_unlink(client, null(), None, null_mut(), &raw mut op),
            playerlink_link_by_code(client, null(), None, null_mut(), &raw mut op),
            playerlink_http_complete(client, 1, null()),
        ];
        for (at, result) in null_results.into_iter().enumerate() {
            assert_eq!(result, PLAYERLINK_E_NULL, "call {at}");
        }
        // What may be NULL is not an error.
        assert_eq!(playerlink_client_tick(client, game.now, 1, null_mut()), PLAYERLINK_OK);
        assert_eq!(playerlink_session_refresh(client, None, null_mut(), null_mut()), PLAYERLINK_OK);
    }
    assert_eq!(op.0, 0, "no operation was begun");
}

#[test]
fn a_client_without_what_it_needs_is_not_made_and_says_why() {
    let _alone = FAILING.lock().unwrap();
    type Change = fn(&mut playerlink_client_options, &mut playerlink_host);
    let cases: [(Change, playerlink_result, &str); 14] = [
        (|o, _| o.host = null(), PLAYERLINK_E_NULL, "NULL"),
        (|_, h| h.http_send = None, PLAYERLINK_E_NULL, "http_send"),
        (|_, h| h.reserved = 1, PLAYERLINK_E_ARGUMENT, "reserved"),
        (|o, _| o.abi_version = PLAYERLINK_ABI_VERSION + (1 << 16), PLAYERLINK_E_ABI_VERSION, "major"),
        (|o, _| o.abi_version = 0, PLAYERLINK_E_ABI_VERSION, "major"),
        (|o, _| o.service = 0, PLAYERLINK_E_ARGUMENT, "service"),
        (|o, _| o.service = 4, PLAYERLINK_E_ARGUMENT, "service"),
        (|o, _| o.flags = 1 << 31, PLAYERLINK_E_ARGUMENT, "flag"),
        (|o, _| o.flags = 8, PLAYERLINK_E_ARGUMENT, "flag"),
        (|o, _| o.log_level = 5, PLAYERLINK_E_ARGUMENT, "level"),
        (|o, _| o.timeout_ms = 120_001, PLAYERLINK_E_CONFIGURATION, "deadline"),
        (|o, _| o.environment = text("not an id"), PLAYERLINK_E_CONFIGURATION, "environment id"),
        (|o, _| o.client_id = text(""), PLAYERLINK_E_CONFIGURATION, "client id"),
        (|o, _| o.game_server_url = text("http://games.example"), PLAYERLINK_E_CONFIGURATION, "game server"),
    ];
    for (at, (change, expected, says)) in cases.into_iter().enumerate() {
        let mut host = host();
        host.http_send = Some(http_send);
        let mut options = options();
        options.abi_version = PLAYERLINK_ABI_VERSION;
        options.service = PLAYERLINK_SERVICE_RALLYHERE;
        options.environment = text("demo");
        options.client_id = text("game");
        options.client_secret = text("canary-secret");
        let host = &raw mut host;
        options.host = host;
        change(&mut options, unsafe { &mut *host });
        let mut client = playerlink_client(7);
        let result = unsafe { playerlink_client_create(&raw const options, &raw mut client) };
        assert_eq!((result, client.0), (expected, 0), "case {at}");
        let said = last_error(NOBODY);
        assert!(said.contains(says) && !said.contains("canary"), "{said}");
    }
    #[cfg(not(feature = "builtin-http"))]
    {
        let mut host = host();
        host.http_send = Some(http_send);
        let mut options = options();
        options.abi_version = PLAYERLINK_ABI_VERSION;
        options.flags = PLAYERLINK_OPTION_BUILTIN_HTTP;
        options.host = &raw const host;
        let mut client = playerlink_client(7);
        let result = unsafe { playerlink_client_create(&raw const options, &raw mut client) };
        assert_eq!((result, client.0), (PLAYERLINK_E_UNSUPPORTED, 0));
    }
}

#[test]
fn older_and_newer_callers_are_understood_by_the_size_they_give() {
    let game = Game::rallyhere();
    let known = size_of::<playerlink_credential>();
    let mut memory = vec![0_u64; 4096 / 8 + 1];
    let steam = playerlink_credential { token: text("ab"), ..credential(PLAYERLINK_CREDENTIAL_STEAM) };
    let mut login = |size: u32, tail: &[(usize, u8)]| unsafe {
        memory.fill(0);
        let bytes = memory.as_mut_ptr().cast::<u8>();
        bytes.cast::<playerlink_credential>().write(steam);
        bytes.cast::<u32>().write(size);
        for (at, byte) in tail {
            bytes.add(*at).write(*byte);
        }
        let mut op = playerlink_op(0);
        let result = playerlink_login(game.client, bytes.cast(), None, null_mut(), &raw mut op);
        if result == PLAYERLINK_OK {
            assert_eq!(playerlink_op_cancel(game.client, op), PLAYERLINK_OK);
        }
        result
    };
    for size in [0, 3, 8, known as u32 - 1, 4097, 1 << 20, u32::MAX] {
        assert_eq!(login(size, &[]), PLAYERLINK_E_STRUCT_SIZE, "size {size}");
    }
    for size in [known as u32, known as u32 + 8, 4096] {
        assert_eq!(login(size, &[]), PLAYERLINK_OK, "size {size}");
    }
    for at in [known, known + 7, 4095] {
        assert_eq!(login(4096, &[(at, 1)]), PLAYERLINK_E_STRUCT_SIZE, "something unknown at {at}");
    }
    assert_eq!(login(known as u32, &[(known, 1)]), PLAYERLINK_OK, "what is behind the structure is not looked at");
}

#[test]
fn structures_may_lie_anywhere() {
    let game = Game::rallyhere();
    let steam = playerlink_credential { token: text("ab"), ..credential(PLAYERLINK_CREDENTIAL_STEAM) };
    let mut memory = vec![0_u8; 512];
    for shift in 1..8 {
        unsafe {
            let at = memory.as_mut_ptr().add(shift);
            at.cast::<playerlink_credential>().write_unaligned(steam);
            let out = memory.as_mut_ptr().add(400 + shift);
            assert_eq!(playerlink_login(game.client, at.cast(), None, null_mut(), out.cast()), PLAYERLINK_OK);
            let op = out.cast::<playerlink_op>().read_unaligned();
            assert_eq!(playerlink_op_cancel(game.client, op), PLAYERLINK_OK);
        }
    }
}

#[test]
fn a_caller_is_filled_in_what_it_knows() {
    let mut game = Game::rallyhere();
    game.signed_in();
    let known = size_of::<playerlink_session>();
    let get = |size: u32| unsafe {
        let mut memory = [0x7f_u8; 4096];
        memory[..4].copy_from_slice(&size.to_ne_bytes());
        let (mut buffer, mut room) = ([0; 1024], 1024);
        let result =
            playerlink_session_get(game.client, memory.as_mut_ptr().cast(), buffer.as_mut_ptr(), &raw mut room);
        let filled = u32::from_ne_bytes(memory[..4].try_into().unwrap()) as usize;
        let untouched = memory[known..].iter().all(|byte| *byte == 0x7f);
        (result, filled, untouched)
    };
    for size in [0, 4, known as u32 - 1, 4097, u32::MAX] {
        assert_eq!(get(size).0, PLAYERLINK_E_STRUCT_SIZE, "{size}");
    }
    for size in [known as u32, known as u32 + 8, 4096] {
        assert_eq!(get(size), (PLAYERLINK_OK, known, true), "{size}");
    }
}

#[test]
fn numbers_outside_their_list_are_refused() {
    let mut game = Game::rallyhere();
    game.signed_in();
    let client = game.client;
    for kind in [0, PLAYERLINK_CREDENTIAL_GRANT + 1, 1 << 31, u32::MAX] {
        assert_eq!(game.login(&credential(kind)), Err(PLAYERLINK_E_ARGUMENT), "credential {kind}");
    }
    for kind in PLAYERLINK_CREDENTIAL_STEAM..=PLAYERLINK_CREDENTIAL_GRANT {
        let result = game.login(&credential(kind));
        assert!(
            matches!(result, Err(PLAYERLINK_E_ARGUMENT | PLAYERLINK_E_UNSUPPORTED)),
            "an empty credential of kind {kind}: {result:?}"
        );
    }
    for bit in 5..32 {
        let flagged =
            playerlink_credential { flags: 1 << bit, token: text("ab"), ..credential(PLAYERLINK_CREDENTIAL_STEAM) };
        assert_eq!(game.login(&flagged), Err(PLAYERLINK_E_ARGUMENT), "flag {bit}");
    }
    for bit in 3..32 {
        let accepted =
            playerlink_credential { accept: 1 << bit, token: text("ab"), ..credential(PLAYERLINK_CREDENTIAL_STEAM) };
        assert_eq!(game.login(&accepted), Err(PLAYERLINK_E_ARGUMENT), "agreement {bit}");
    }
    for what in [0, 4, u32::MAX] {
        assert_eq!(unsafe { playerlink_client_notify(client, what) }, PLAYERLINK_E_ARGUMENT);
        assert_eq!(unsafe { playerlink_linking_act(client, what + 100 * u32::from(what == 4)) }, PLAYERLINK_E_ARGUMENT);
    }
    for kind in [0, 5, u32::MAX] {
        let mut request: playerlink_link_request = unsafe { zeroed() };
        request.kind = kind;
        let result = game.start(|client, done, data, op| unsafe {
            playerlink_account_link(client, &raw const request, done, data, op)
        });
        assert_eq!(result, Err(PLAYERLINK_E_ARGUMENT));
    }
    let names: Vec<&str> = [-99, 0, 1, -1, -40, 12345, i32::MIN, i32::MAX].iter().map(|n| name(*n)).collect();
    assert_eq!(names, ["internal", "ok", "nothing", "null", "platform-ticket", "unknown", "unknown", "unknown"]);
}

fn name(result: i32) -> &'static str {
    unsafe { std::ffi::CStr::from_ptr(playerlink_result_name(result)) }.to_str().unwrap()
}

#[test]
fn texts_are_copied_or_refused() {
    let mut game = Game::rallyhere();
    game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1")));
    let long = "x".repeat(64 * 1024);
    let too_long = "x".repeat(64 * 1024 + 1);
    let mut with = |token: playerlink_str, expected: Result<(), playerlink_result>| {
        let steam = playerlink_credential { token, ..credential(PLAYERLINK_CREDENTIAL_STEAM) };
        let result = game.login(&steam);
        assert_eq!(result.map(drop), expected);
        if let Ok(op) = result {
            game.settle();
            assert_eq!(game.ended(op).result, PLAYERLINK_OK);
            let body = game.world().sent.last().unwrap().body.clone();
            return Some(serde_json::from_slice::<serde_json::Value>(&body).unwrap()["portal_access_token"].clone());
        }
        None
    };
    let raw = |bytes: &'static [u8], len: usize| playerlink_str { ptr: bytes.as_ptr().cast(), len };
    with(text(""), Err(PLAYERLINK_E_ARGUMENT));
    with(playerlink_str { ptr: null(), len: 0 }, Err(PLAYERLINK_E_ARGUMENT));
    with(playerlink_str { ptr: null(), len: 4 }, Err(PLAYERLINK_E_NULL));
    with(playerlink_str { ptr: null(), len: usize::MAX }, Err(PLAYERLINK_E_NULL));
    with(raw(b"a\0b", 3), Err(PLAYERLINK_E_ARGUMENT));
    with(raw(b"a\xff", 2), Err(PLAYERLINK_E_ARGUMENT));
    with(raw(b"\xc3", 1), Err(PLAYERLINK_E_ARGUMENT));
    with(text(&too_long), Err(PLAYERLINK_E_ARGUMENT));
    if !cfg!(miri) {
        assert_eq!(with(text(&long), Ok(())).unwrap().as_str().map(str::len), Some(long.len()));
    }
    assert_eq!(with(text("a😀é"), Ok(())).unwrap(), "a😀é");
    assert_eq!(with(raw(b"ab\0cd", usize::MAX), Ok(())).unwrap(), "ab", "to its NUL");
    // Exactly as long as it says, with nothing behind it: a reader of one byte more is seen by Miri and by sanitizers.
    let exact: Box<[u8]> = (*b"abc").into();
    assert_eq!(with(playerlink_str { ptr: exact.as_ptr().cast(), len: 3 }, Ok(())).unwrap(), "abc");
}

#[test]
fn bytes_become_what_the_service_wants() {
    let mut game = Game::rallyhere();
    game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1")));
    let ticket = [0x14, 0, 0, 0xff];
    let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
    steam.ticket = playerlink_bytes { ptr: ticket.as_ptr(), len: ticket.len() };
    game.login(&steam).unwrap();
    game.settle();
    let body: serde_json::Value = serde_json::from_slice(&game.world().sent[0].body).unwrap();
    assert_eq!(body["portal_access_token"], "140000ff");
    steam.ticket.ptr = null();
    assert_eq!(game.login(&steam), Err(PLAYERLINK_E_NULL));
    let large = vec![1_u8; 16 * 1024 + 1];
    steam.ticket = playerlink_bytes { ptr: large.as_ptr(), len: large.len() };
    assert_eq!(game.login(&steam), Err(PLAYERLINK_E_ARGUMENT));
}

#[test]
fn a_buffer_of_any_size_is_treated_well() {
    let mut game = Game::rallyhere();
    game.signed_in();
    let need = "at-1".len() + 1;
    for room in [0, 1, need - 1, need, need + 1, need + 50] {
        let mut buffer = vec![0x7f_u8; need + 64];
        let mut size = room;
        let result =
            unsafe { playerlink_session_copy_access_token(game.client, buffer.as_mut_ptr().cast(), &raw mut size) };
        assert_eq!(size, need, "room {room}");
        if room < need {
            assert_eq!(result, PLAYERLINK_E_BUFFER);
            assert!(buffer.iter().all(|byte| *byte == 0x7f), "nothing is written");
        } else {
            assert_eq!(result, PLAYERLINK_OK);
            assert_eq!(&buffer[..need], b"at-1\0");
            assert!(buffer[need..].iter().all(|byte| *byte == 0x7f), "nothing is written behind it");
        }
    }
    let mut size = usize::MAX;
    let result = unsafe { playerlink_session_copy_access_token(game.client, null_mut(), &raw mut size) };
    assert_eq!((result, size), (PLAYERLINK_E_BUFFER, need));
    let mut session: playerlink_session = unsafe { zeroed() };
    session.revision = 77;
    let mut size = 3;
    let mut buffer = [0x7f_u8; 8];
    let result =
        unsafe { playerlink_session_get(game.client, &raw mut session, buffer.as_mut_ptr().cast(), &raw mut size) };
    assert_eq!((result, session.revision, buffer), (PLAYERLINK_E_BUFFER, 77, [0x7f; 8]), "nothing but the size");
    assert_eq!(size, "p-1".len() + "person-1".len() + "Steam".len() + "s1".len() + "Nova".len() + 5);
}

#[test]
fn operations_at_the_wrong_time_are_refused() {
    let mut game = Game::rallyhere();
    for (name, call) in calls() {
        let expected = match name {
            "session_copy_ticket" | "linking_code_create" => continue,
            "session_copy_access_token"
            | "session_prepare_token"
            | "session_refresh"
            | "logout"
            | "ticket_provide"
            | "account_links"
            | "account_link"
            | "account_unlink"
            | "cross_progression_enable"
            | "cross_progression_disable"
            | "linking_get"
            | "linking_act"
            | "linking_push" => PLAYERLINK_E_STATE,
            "link_by_code" => PLAYERLINK_E_CONFIGURATION,
            "next_event" => PLAYERLINK_NOTHING,
            "op_cancel" | "http_complete" | "storage_complete" => PLAYERLINK_E_UNKNOWN_ID,
            "destroy" | "login" | "session_restore" | "account_restore" => continue,
            _ => PLAYERLINK_OK,
        };
        assert_eq!(call(game.client), expected, "{name} without a session: {}", last_error(game.client));
    }
    let op = game.login_steam();
    let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
    steam.token = text("ab");
    assert_eq!(game.login(&steam), Err(PLAYERLINK_E_STATE), "one login at a time");
    assert!(last_error(game.client).contains("another login"));
    let restore = game.start(|client, done, data, op| unsafe { playerlink_session_restore(client, done, data, op) });
    assert_eq!(restore, Err(PLAYERLINK_E_STATE));
    assert_eq!(unsafe { playerlink_op_cancel(game.client, op) }, PLAYERLINK_OK);
    assert_eq!(unsafe { playerlink_op_cancel(game.client, op) }, PLAYERLINK_E_UNKNOWN_ID, "twice");
    game.settle();
    assert_eq!(game.ended(op).result, PLAYERLINK_E_CANCELLED);
}

#[test]
fn an_operation_of_one_client_cannot_be_cancelled_by_another() {
    let mut mine = Game::rallyhere();
    let yours = Game::rallyhere();
    let op = mine.login_steam();
    assert_eq!(unsafe { playerlink_op_cancel(yours.client, op) }, PLAYERLINK_E_UNKNOWN_ID);
    for op in [0, 1, u64::MAX, mine.client.0, 3 << 50 | 1, 2 << 50] {
        assert_eq!(unsafe { playerlink_op_cancel(mine.client, playerlink_op(op)) }, PLAYERLINK_E_BAD_HANDLE, "{op:#x}");
    }
}

#[test]
fn never_ticking_does_nothing_and_destroy_ends_all() {
    let mut game = Game::rallyhere();
    let op = game.login_steam();
    game.destroy();
    assert!(game.world().sent.is_empty());
    let done = game.ended(op);
    assert_eq!(done.result, PLAYERLINK_E_CANCELLED);
    assert_eq!(done.error.unwrap().result, PLAYERLINK_E_CANCELLED);
}

#[test]
#[cfg_attr(miri, ignore = "thousands of callbacks")]
fn more_than_a_thousand_operations_are_too_many() {
    let mut game = Game::rallyhere();
    game.signed_in();
    for _ in 0..1024 {
        game.refresh();
    }
    let more = game.start(|client, done, data, op| unsafe { playerlink_session_refresh(client, done, data, op) });
    assert_eq!(more, Err(PLAYERLINK_E_STATE));
    game.settle();
    assert_eq!(game.world().done.iter().filter(|done| done.kind == PLAYERLINK_COMPLETION_REFRESH).count(), 1024);
    assert_eq!(game.requests().len(), 2, "all joined one refresh");
}
