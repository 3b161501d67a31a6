//! Clocks that begin late, jump, stand still and go back; storage that is slow, fails, and lies.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

use std::ptr::null;

use native_abi::*;

fn restore(game: &mut Game) -> playerlink_op {
    game.start(|client, done, data, op| unsafe { playerlink_session_restore(client, done, data, op) }).unwrap()
}

fn refreshing(game: &Game) {
    game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-2")));
}

#[test]
fn clocks_may_begin_anywhere_and_go_back() {
    for start in [0, 1, 1 << 40, u64::MAX - 20_000, u64::MAX] {
        let mut game = Game::rallyhere();
        game.now = start;
        game.signed_in();
        let token = game.access_token();
        assert_eq!(token.as_deref(), Ok("at-1"), "a clock that begins at {start}");
        game.now = start / 2;
        assert_ne!(game.tick(), 0, "a step back is ignored");
        assert_eq!(game.access_token(), token);
    }
}

#[test]
fn a_clock_that_stands_still_lets_nothing_expire() {
    let mut game = Game::rallyhere();
    game.signed_in();
    for _ in 0..1000 {
        game.tick();
    }
    assert_eq!(game.requests().len(), 1);
}

#[test]
fn a_day_in_suspend_ends_in_one_refresh() {
    let mut game = Game::rallyhere();
    game.signed_in();
    game.now += 86_400_000;
    game.world().wall += 86_400_000;
    assert_eq!(unsafe { playerlink_client_notify(game.client, PLAYERLINK_NOTIFY_RESUMED) }, PLAYERLINK_OK);
    game.answers(|_| Reply::Hangs);
    let op = game
        .start(|client, done, data, op| unsafe { playerlink_session_prepare_token(client, done, data, op) })
        .unwrap();
    game.settle();
    assert_eq!(game.access_token(), Err(PLAYERLINK_E_SESSION_STALE), "expired, and not refreshed yet");
    let hanging = game.world().sent.last().unwrap().id;
    let answer = Reply::json(200, &rallyhere_login("p-1", "at-2"));
    assert_eq!(complete(game.client, hanging, &answer), PLAYERLINK_OK);
    game.pass(20_000);
    assert_eq!(game.ended(op).result, PLAYERLINK_OK);
    assert_eq!(game.access_token().as_deref(), Ok("at-2"));
    assert_eq!(game.requests().len(), 2, "{:?}", game.requests());
}

#[test]
fn a_clock_that_does_not_run_in_suspend_is_helped_by_the_wall_clock() {
    let mut game = Game::rallyhere();
    game.signed_in();
    refreshing(&game);
    game.world().wall += 86_400_000;
    let op = game
        .start(|client, done, data, op| unsafe { playerlink_session_prepare_token(client, done, data, op) })
        .unwrap();
    game.settle();
    assert_eq!(game.ended(op).result, PLAYERLINK_OK);
    assert_eq!(game.access_token().as_deref(), Ok("at-2"));
}

#[test]
fn suspend_in_the_middle_of_a_request_ends_in_its_timeout() {
    let mut game = Game::rallyhere();
    game.answers(|_| Reply::Hangs);
    let op = game.login_steam();
    game.settle();
    game.now += 86_400_000;
    game.world().wall += 86_400_000;
    game.settle();
    assert_eq!(game.ended(op).result, PLAYERLINK_E_TIMEOUT);
    game.signed_in();
}

#[test]
fn a_day_of_sleep_in_any_state_ends_what_was_under_way_and_leaves_a_client_that_signs_in() {
    for state in ["new", "login", "signed in", "refresh", "restore", "links", "logout", "signed out"] {
        let mut game = Game::rallyhere();
        if !["new", "login", "restore"].contains(&state) {
            game.signed_in();
        }
        game.answers(|_| Reply::Hangs);
        let begun = match state {
            "login" => Some(game.login_steam()),
            "refresh" => Some(game.refresh()),
            "restore" => {
                game.world().storing = Some(Storing::Later);
                Some(restore(&mut game))
            }
            "links" => game
                .start(|client, done, data, op| unsafe { playerlink_account_links(client, done, data, op) })
                .map(Some)
                .unwrap(),
            "logout" | "signed out" => game
                .start(|client, done, data, op| unsafe { playerlink_logout(client, done, data, op) })
                .map(Some)
                .unwrap(),
            _ => None,
        };
        if state == "signed out" {
            game.pass(20_000);
        } else {
            game.settle();
        }
        game.now += 86_400_000;
        game.world().wall += 86_400_000;
        assert_eq!(unsafe { playerlink_client_notify(game.client, PLAYERLINK_NOTIFY_RESUMED) }, PLAYERLINK_OK);
        game.pass(30_000);
        assert!(begun.is_none_or(|op| game.has_ended(op)), "{state}");
        game.world().storing = None;
        game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-2")));
        let login = game.login_steam();
        // Storage that hangs is waited for, though not for long.
        game.pass(10_000);
        assert_eq!(game.ended(login).result, PLAYERLINK_OK, "{state}");
        assert_eq!(game.access_token().as_deref(), Ok("at-2"), "{state}");
    }
}

#[test]
fn the_token_is_refreshed_before_it_expires_and_the_wait_says_when() {
    let mut game = Game::rallyhere();
    game.signed_in();
    refreshing(&game);
    let wait = game.tick();
    assert!((60_000..3_600_000).contains(&wait), "{wait}");
    assert_eq!(game.requests().len(), 1);
    game.pass(u64::from(wait) + 60_000);
    assert_eq!(game.requests().len(), 2);
    assert_eq!(game.access_token().as_deref(), Ok("at-2"));
}

#[test]
fn a_token_that_expires_while_a_call_is_under_way_is_refreshed_and_the_call_ends_well() {
    let mut game = Game::rallyhere();
    game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1").replace("3600", "5")));
    let login = game.login_steam();
    game.settle();
    assert_eq!(game.ended(login).result, PLAYERLINK_OK);
    game.answers(|_| Reply::Hangs);
    let op = game.start(|client, done, data, op| unsafe { playerlink_account_links(client, done, data, op) }).unwrap();
    game.settle();
    let asked = game.world().sent.iter().find(|sent| sent.path() != "/users/v1/login").unwrap().id;
    game.pass(5_001);
    assert_eq!(game.access_token(), Err(PLAYERLINK_E_SESSION_STALE), "expired");
    game.answers(|sent| match (sent.path(), sent.header("authorization")) {
        ("/users/v1/login", _) => Reply::json(200, &rallyhere_login("p-1", "at-2")),
        (_, Some("Bearer at-2")) => {
            Reply::json(200, r#"{"player":{"player_uuid":"p-1","person_id":"q"},"linked_portals":[]}"#)
        }
        _ => Reply::json(401, "{}"),
    });
    assert_eq!(complete(game.client, asked, &Reply::json(401, "{}")), PLAYERLINK_OK);
    // A refresh that began at the expiry is answered as well.
    let refreshing = game.world().sent.iter().skip(1).find(|sent| sent.path() == "/users/v1/login").map(|sent| sent.id);
    if let Some(id) = refreshing {
        assert_eq!(complete(game.client, id, &Reply::json(200, &rallyhere_login("p-1", "at-2"))), PLAYERLINK_OK);
    }
    game.pass(3_000);
    assert_eq!(game.ended(op).result, PLAYERLINK_OK);
    let logins = game.requests().iter().filter(|line| line.contains("/login")).count();
    assert_eq!(logins, 2, "one refresh: {:?}", game.requests());
    assert_eq!(game.access_token().as_deref(), Ok("at-2"));
}

#[test]
fn no_wall_clock_is_a_wall_clock_too() {
    let mut game = Game::rallyhere();
    game.world().wall = 0;
    game.signed_in();
    assert_eq!(game.access_token().as_deref(), Ok("at-1"));
}

#[test]
fn offline_nothing_is_tried_and_online_everything_again() {
    let mut game = Game::rallyhere();
    game.signed_in();
    game.answers(|_| Reply::Fails(PLAYERLINK_HTTP_NETWORK));
    assert_eq!(unsafe { playerlink_client_notify(game.client, PLAYERLINK_NOTIFY_OFFLINE) }, PLAYERLINK_OK);
    game.pass(3_590_000);
    let tried = game.requests().len();
    refreshing(&game);
    assert_eq!(unsafe { playerlink_client_notify(game.client, PLAYERLINK_NOTIFY_ONLINE) }, PLAYERLINK_OK);
    game.pass(5_000);
    assert!(game.requests().len() > tried);
    assert_eq!(game.access_token().as_deref(), Ok("at-2"));
}

#[test]
fn a_restart_finds_the_session_in_the_storage() {
    let mut game = Game::rallyhere();
    game.signed_in();
    assert_eq!(game.session().flags, PLAYERLINK_SESSION_STORED);
    let disk = game.world().disk.clone();
    assert!(disk.keys().all(|key| key.len() <= 64 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')));
    game.destroy();
    let mut again = Game::rallyhere();
    again.world().disk = disk;
    let op = restore(&mut again);
    again.settle();
    let done = again.ended(op);
    assert_eq!((done.result, done.session.unwrap().player_id.as_str()), (PLAYERLINK_OK, "p-1"));
    assert!(again.requests().is_empty(), "the token is still good");
    assert_eq!(again.access_token().as_deref(), Ok("at-1"));
}

#[test]
fn several_players_of_one_device_are_listed_and_each_can_be_taken_up_again() {
    let mut game = Game::rallyhere();
    let list = |game: &mut Game| {
        let op =
            game.start(|client, done, data, op| unsafe { playerlink_accounts_list(client, done, data, op) }).unwrap();
        game.settle();
        let done = game.ended(op);
        assert_eq!(done.result, PLAYERLINK_OK);
        done.stored.unwrap()
    };
    assert_eq!(list(&mut game), (false, Vec::new()));
    for player in ["p-1", "p-2"] {
        let login =
            rallyhere_login(player, &format!("at-of-{player}")).replace("s1", player).replace("person-1", player);
        game.answers(move |_| Reply::json(200, &login));
        let op = game.login_steam();
        game.settle();
        assert_eq!(game.ended(op).result, PLAYERLINK_OK);
    }
    let (has_active, stored) = list(&mut game);
    let players: Vec<&str> = stored.iter().map(|account| account[1].as_str()).collect();
    assert!(has_active);
    assert_eq!(players, ["p-2", "p-1"], "the active one first");
    assert_eq!(stored[1][2..], ["Steam".to_owned(), "Nova".to_owned()]);

    let take_up = |game: &mut Game, account: &str| {
        let op = game.start(|client, done, data, op| unsafe {
            playerlink_account_restore(client, account.as_ptr().cast(), account.len(), done, data, op)
        });
        game.settle();
        op.map(|op| game.ended(op).result)
    };
    let requests = game.requests().len();
    assert_eq!(take_up(&mut game, &stored[1][0]), Ok(PLAYERLINK_OK));
    assert_eq!(game.access_token().as_deref(), Ok("at-of-p-1"));
    assert_eq!(list(&mut game).1[0][1], "p-1", "the active one from now on");
    assert_eq!(take_up(&mut game, "nobody"), Ok(PLAYERLINK_NOTHING));
    assert_eq!(take_up(&mut game, ""), Err(PLAYERLINK_E_ARGUMENT));
    assert_eq!(game.session().player_id, "p-1", "the session of before");
    assert_eq!(game.requests().len(), requests, "their tokens are still good");
}

#[test]
fn an_empty_storage_is_nothing_to_restore() {
    let mut game = Game::rallyhere();
    let op = restore(&mut game);
    game.settle();
    let done = game.ended(op);
    assert_eq!((done.result, done.error.is_none()), (PLAYERLINK_NOTHING, true));
}

#[test]
fn a_game_without_storage_lives_in_memory() {
    let mut game = Game::with_host(
        |host| host.storage = None,
        |options| {
            options.service = PLAYERLINK_SERVICE_RALLYHERE;
            options.environment = text("demo");
            options.client_id = text("game");
            options.client_secret = text("game-secret");
        },
    );
    game.signed_in();
    assert_eq!(game.session().flags, 0);
    assert!(game.world().stored.is_empty());
    let op = restore(&mut game);
    game.settle();
    assert_eq!(game.ended(op).result, PLAYERLINK_OK, "within one run it is there");
}

#[test]
fn storage_that_fails_or_hangs_costs_the_flag_and_nothing_else() {
    for storing in [Storing::Fails, Storing::Refuses, Storing::Later] {
        let mut game = Game::rallyhere();
        game.world().storing = Some(storing);
        game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1")));
        let op = game.login_steam();
        game.pass(20_000);
        assert_eq!(game.ended(op).result, PLAYERLINK_OK, "{storing:?}");
        assert_eq!(game.session().flags, 0, "{storing:?}");
        assert_eq!(game.access_token().as_deref(), Ok("at-1"));
        let op = restore(&mut game);
        game.pass(20_000);
        assert!(matches!(game.ended(op).result, PLAYERLINK_NOTHING | PLAYERLINK_OK), "{storing:?}");
    }
}

#[test]
fn storage_that_recovers_is_written_in_the_end() {
    let mut game = Game::rallyhere();
    game.world().storing = Some(Storing::Fails);
    game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1")));
    game.login_steam();
    game.pass(5_000);
    assert_eq!(game.session().flags, 0);
    game.world().storing = None;
    game.pass(600_000);
    assert_eq!(game.session().flags, PLAYERLINK_SESSION_STORED);
    assert!(!game.world().disk.is_empty());
}

#[test]
fn damaged_storage_is_no_session_and_no_crash() {
    let mut game = Game::rallyhere();
    game.signed_in();
    let disk = game.world().disk.clone();
    let step = if cfg!(miri) { 401 } else { 23 };
    for (key, whole) in &disk {
        let damages = (0..whole.len()).step_by(step).flat_map(|at| {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            [whole[..at].to_vec(), flipped]
        });
        let other_version = [b"playerlink 2 ".to_vec(), whole[13..].to_vec()].concat();
        for damaged in damages.chain([other_version, vec![0; 100], vec![0xff; 2_000_000]]) {
            let mut again = Game::rallyhere();
            again.world().disk = disk.clone();
            again.world().disk.insert(key.clone(), damaged);
            let op = restore(&mut again);
            again.settle();
            let done = again.ended(op);
            assert_eq!(done.result, PLAYERLINK_NOTHING, "{done:?}");
            assert!(again.requests().is_empty(), "nothing is sent with what was damaged");
        }
    }
}

#[test]
fn what_another_game_stored_is_no_session_of_this_one() {
    let mut theirs = Game::rallyhere();
    theirs.signed_in();
    let disk = theirs.world().disk.clone();
    let ours = || {
        Game::with(|options| {
            options.service = PLAYERLINK_SERVICE_RALLYHERE;
            options.environment = text("another");
            options.client_id = text("game");
            options.client_secret = text("game-secret");
        })
    };
    let mut asking = ours();
    restore(&mut asking);
    asking.settle();
    let keys: Vec<String> = asking.world().stored.iter().map(|stored| stored.key.clone()).collect();
    assert!(!keys.is_empty());
    for value in disk.values() {
        let mut game = ours();
        game.world().disk = keys.iter().map(|key| (key.clone(), value.clone())).collect();
        let op = restore(&mut game);
        game.settle();
        assert_eq!(game.ended(op).result, PLAYERLINK_NOTHING);
        assert!(game.requests().is_empty(), "their token is sent nowhere");
    }
}

#[test]
fn for_a_key_one_request_is_under_way_at_a_time_in_order() {
    let mut game = Game::rallyhere();
    game.signed_in();
    let before = game.world().stored.len();
    game.world().storing = Some(Storing::Later);
    refreshing(&game);
    game.refresh();
    game.start(|client, done, data, op| unsafe { playerlink_logout(client, done, data, op) }).unwrap();
    let mut open: Vec<Stored> = Vec::new();
    let mut seen = before;
    for _ in 0..200 {
        game.settle();
        let new: Vec<Stored> = game.world().stored[seen..].to_vec();
        seen += new.len();
        for stored in new {
            assert!(open.iter().all(|other| other.key != stored.key), "two at once for {}", stored.key);
            open.push(stored);
        }
        let Some(stored) = (!open.is_empty()).then(|| open.remove(0)) else { break };
        let client = game.client;
        let result = do_store(&mut game.world().disk, &stored, |id, value| {
            let view = value.as_ref().map(|value| playerlink_bytes { ptr: value.as_ptr(), len: value.len() });
            unsafe { playerlink_storage_complete(client, id, 0, view.as_ref().map_or(null(), std::ptr::from_ref)) }
        });
        assert_eq!(result, PLAYERLINK_OK);
        let again = unsafe { playerlink_storage_complete(client, stored.id, 0, null()) };
        assert_eq!(again, PLAYERLINK_E_UNKNOWN_ID, "twice");
        game.pass(100);
    }
    game.pass(30_000);
    let tokens = |world: &World| {
        let all: Vec<u8> = world.disk.values().flatten().copied().collect();
        let text = String::from_utf8_lossy(&all).into_owned();
        ["at-1", "at-2", "rt-at"].iter().any(|token| text.contains(token))
    };
    assert!(!tokens(&game.world()), "after the sign-out no token is on the disk");
}

#[test]
fn a_write_that_comes_back_after_the_sign_out_does_not_bring_the_token_back() {
    let mut game = Game::rallyhere();
    game.world().storing = Some(Storing::Later);
    game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1")));
    game.login_steam();
    // The storage is slow: the session gives each up after 2 s and goes on, and what was asked for is still under way.
    game.pass(10_000);
    game.start(|client, done, data, op| unsafe { playerlink_logout(client, done, data, op) }).unwrap();
    game.pass(10_000);
    for at in 0..100 {
        let stored = game.world().stored.get(at).cloned();
        let Some(stored) = stored else { break };
        let client = game.client;
        do_store(&mut game.world().disk, &stored, |id, value| {
            let view = value.as_ref().map(|value| playerlink_bytes { ptr: value.as_ptr(), len: value.len() });
            unsafe { playerlink_storage_complete(client, id, 0, view.as_ref().map_or(null(), std::ptr::from_ref)) }
        });
        game.pass(1_000);
    }
    game.pass(60_000);
    let all: Vec<u8> = game.world().disk.values().flatten().copied().collect();
    assert!(!String::from_utf8_lossy(&all).contains("at-1"), "{}", String::from_utf8_lossy(&all));
}

#[test]
fn a_game_that_ticks_every_four_seconds_still_refreshes_over_storage_that_answers_between_its_ticks() {
    let mut game = Game::rallyhere();
    game.signed_in();
    refreshing(&game);
    game.world().storing = Some(Storing::Later);
    let mut seen = game.world().stored.len();
    let op = game.refresh();
    for _ in 0..30 {
        game.tick();
        let new: Vec<Stored> = game.world().stored[seen..].to_vec();
        seen += new.len();
        for stored in new {
            let client = game.client;
            do_store(&mut game.world().disk, &stored, |id, value| {
                let view = value.as_ref().map(|value| playerlink_bytes { ptr: value.as_ptr(), len: value.len() });
                unsafe { playerlink_storage_complete(client, id, 0, view.as_ref().map_or(null(), std::ptr::from_ref)) }
            });
        }
        game.now += 4_000;
        game.world().wall += 4_000;
    }
    assert_eq!(game.access_token().as_deref(), Ok("at-2"), "refreshed, whether it could be stored or not");
    assert!(game.has_ended(op));
}
