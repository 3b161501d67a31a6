//! Callbacks: what may be called in them, when they come, and that none comes twice or after the end.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use native_abi::*;

#[test]
fn an_answer_may_come_inside_of_the_request() {
    let mut game = Game::rallyhere();
    game.answers(|_| Reply::AtOnce(200, Vec::new(), rallyhere_login("p-1", "at-1").into_bytes()));
    let op = game.login_steam();
    game.tick();
    assert_eq!(game.ended(op).result, PLAYERLINK_OK, "in one tick, with the storage's answers");
}

#[test]
fn tick_in_a_callback_is_refused_in_each_of_them() {
    let mut game = Game::rallyhere();
    let client = game.client;
    let refused = Arc::new(AtomicU32::new(0));
    let tick = |refused: &Arc<AtomicU32>| {
        let refused = refused.clone();
        move || {
            let result = unsafe { playerlink_client_tick(client, u64::MAX, 0, null_mut()) };
            assert_eq!(result, PLAYERLINK_E_REENTRANT);
            refused.fetch_add(1, Ordering::Relaxed);
        }
    };
    let [send, cancel, storage, log, done] = [0; 5].map(|_| tick(&refused));
    {
        let mut world = game.world();
        world.in_send = Some(Box::new(move |_| send()));
        world.in_cancel = Some(Box::new(cancel));
        world.in_storage = Some(Box::new(storage));
        world.in_log = Some(Box::new(log));
        world.in_completion.insert(PLAYERLINK_COMPLETION_LOGIN, Box::new(move |_| done()));
    }
    game.signed_in();
    game.answers(|_| Reply::Hangs);
    game.refresh();
    game.pass(20_000);
    // A line of the log: what is stored is damaged.
    for bytes in game.world().disk.values_mut() {
        bytes.truncate(5);
    }
    game.start(|client, done, data, op| unsafe { playerlink_session_restore(client, done, data, op) }).unwrap();
    game.settle();
    assert_eq!(refused.load(Ordering::Relaxed), 5, "in send, cancel, storage, log and completion");
}

#[test]
fn anything_else_may_be_called_in_a_callback() {
    let mut game = Game::rallyhere();
    game.signed_in();
    let (client, data) = (game.client, game.user_data() as usize);
    let begun = Arc::new(Mutex::new(Vec::new()));
    let ops = begun.clone();
    game.world().in_completion.insert(
        PLAYERLINK_COMPLETION_REFRESH,
        Box::new(move |_| unsafe {
            let data = data as *mut c_void;
            let mut op = playerlink_op(0);
            assert_eq!(playerlink_account_links(client, Some(done), data, &raw mut op), PLAYERLINK_OK);
            ops.lock().unwrap().push(op);
            assert_eq!(playerlink_session_prepare_token(client, Some(done), data, &raw mut op), PLAYERLINK_OK);
            ops.lock().unwrap().push(op);
            assert_eq!(playerlink_op_cancel(client, op), PLAYERLINK_OK);
            assert_eq!(playerlink_client_notify(client, PLAYERLINK_NOTIFY_RESUMED), PLAYERLINK_OK);
            let token = copied(|buffer, size| playerlink_session_copy_access_token(client, buffer, size));
            assert_eq!(token.as_deref(), Ok("at-1"));
        }),
    );
    game.refresh();
    game.settle();
    let ops = begun.lock().unwrap().clone();
    game.started.extend(ops.iter().map(|op| op.0));
    assert_eq!(game.ended(ops[1]).result, PLAYERLINK_E_CANCELLED);
    assert!(game.has_ended(ops[0]));
}

/// Destroys the client in a callback of each kind; what is under way is told in that call, and nothing after it.
#[test]
fn destroy_in_each_callback_ends_everything_there() {
    for place in ["send", "cancel", "storage", "log", "completion", "event"] {
        let mut game = Game::rallyhere();
        if place != "completion" {
            game.signed_in();
        }
        let (client, world) = (game.client, game.world.clone());
        let told = Arc::new(AtomicU32::new(0));
        let destroys = told.clone();
        let destroy = move || {
            assert_eq!(unsafe { playerlink_client_destroy(client) }, PLAYERLINK_OK);
            assert_eq!(unsafe { playerlink_client_destroy(client) }, PLAYERLINK_E_BAD_HANDLE);
            destroys.store(lock(&world).done.len() as u32 + 1, Ordering::Relaxed);
        };
        {
            let mut world = game.world();
            match place {
                "send" => world.in_send = Some(Box::new(move |_| destroy())),
                "cancel" => world.in_cancel = Some(Box::new(destroy)),
                "storage" => world.in_storage = Some(Box::new(destroy)),
                "log" => world.in_log = Some(Box::new(destroy)),
                "completion" => {
                    world.in_completion.insert(PLAYERLINK_COMPLETION_LOGIN, Box::new(move |_| destroy()));
                }
                _ => {
                    world.in_completion.insert(PLAYERLINK_EVENT_SESSION_OVER, Box::new(move |_| destroy()));
                }
            }
        }
        match place {
            "completion" => {
                game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1")));
                game.login_steam();
            }
            "event" => {
                game.answers(|_| Reply::Hangs);
                game.refresh();
                game.start(|client, done, data, op| unsafe { playerlink_logout(client, done, data, op) }).unwrap();
            }
            "log" => {
                for bytes in game.world().disk.values_mut() {
                    bytes.truncate(5);
                }
                let restore = |client, done, data, op| unsafe { playerlink_session_restore(client, done, data, op) };
                game.start(restore).unwrap();
            }
            "cancel" => {
                game.answers(|_| Reply::Hangs);
                game.refresh();
                game.start(|client, done, data, op| unsafe { playerlink_account_links(client, done, data, op) })
                    .unwrap();
            }
            _ => {
                game.refresh();
                game.refresh();
            }
        }
        for _ in 0..50 {
            if told.load(Ordering::Relaxed) != 0 {
                break;
            }
            let post = std::mem::take(&mut game.world().post);
            for (client, id, reply) in post {
                complete(client, id, &reply);
            }
            game.enter();
            let result = unsafe { playerlink_client_tick(client, game.now, 1, null_mut()) };
            game.leave();
            assert_eq!(result, PLAYERLINK_OK, "{place}: the tick in which it is destroyed works");
            game.now += 500;
        }
        let told = told.load(Ordering::Relaxed);
        assert_ne!(told, 0, "{place}: destroyed");
        assert_eq!(game.world().done.len() as u32 + 1, told, "{place}: nothing is told after destroy came back");
        let mut wait = 0;
        assert_eq!(unsafe { playerlink_client_tick(client, 1, 1, &raw mut wait) }, PLAYERLINK_E_BAD_HANDLE);
        // `Game` sees that every operation ended once.
    }
}

#[test]
fn destroy_on_another_thread_waits_for_the_callback() {
    let mut game = Game::rallyhere();
    game.answers(|_| Reply::Hangs);
    let op = game.login_steam();
    let (client, world) = (game.client, game.world.clone());
    let (inside, is_inside) = std::sync::mpsc::channel();
    let left = Arc::new(AtomicU32::new(0));
    let has_left = left.clone();
    game.world().in_send = Some(Box::new(move |_| {
        inside.send(()).unwrap();
        // Long enough for the other thread to be waiting; what is checked does not depend on it.
        for _ in 0..10_000 {
            std::thread::yield_now();
        }
        has_left.store(1, Ordering::SeqCst);
    }));
    let destroyer = std::thread::spawn(move || {
        is_inside.recv().unwrap();
        lock(&world).in_library += 1;
        assert_eq!(unsafe { playerlink_client_destroy(client) }, PLAYERLINK_OK);
        lock(&world).in_library -= 1;
        (left.load(Ordering::SeqCst), lock(&world).done.len())
    });
    game.enter();
    let result = unsafe { playerlink_client_tick(client, game.now, 1, null_mut()) };
    game.leave();
    assert_eq!(result, PLAYERLINK_OK);
    let (left, told) = destroyer.join().unwrap();
    assert_eq!(left, 1, "destroy came back after the callback");
    assert_eq!(told, 1);
    assert_eq!(game.ended(op).result, PLAYERLINK_E_CANCELLED);
}

#[test]
fn user_data_may_be_freed_in_the_completion() {
    struct Box1 {
        freed: Arc<AtomicU32>,
        payload: Vec<u8>,
    }
    unsafe extern "C" fn free_it(
        user_data: *mut c_void,
        _: playerlink_client,
        completion: *const playerlink_completion,
    ) {
        let boxed = unsafe { Box::from_raw(user_data.cast::<Box1>()) };
        assert_eq!(boxed.payload, [1, 2, 3]);
        assert!(unsafe { !(*completion).session.is_null() || !(*completion).error.is_null() });
        boxed.freed.fetch_add(1, Ordering::Relaxed);
    }
    let freed = Arc::new(AtomicU32::new(0));
    let give = |freed: &Arc<AtomicU32>| {
        Box::into_raw(Box::new(Box1 { freed: freed.clone(), payload: vec![1, 2, 3] })).cast::<c_void>()
    };
    let mut game = Game::rallyhere();
    game.signed_in();
    let mut op = playerlink_op(0);
    unsafe {
        // One that works, one that is cancelled, one that is ended by destroy, one that never begins.
        assert_eq!(playerlink_session_refresh(game.client, Some(free_it), give(&freed), null_mut()), PLAYERLINK_OK);
        game.settle();
        assert_eq!(freed.load(Ordering::Relaxed), 1);
        assert_eq!(playerlink_session_refresh(game.client, Some(free_it), give(&freed), &raw mut op), PLAYERLINK_OK);
        assert_eq!(playerlink_op_cancel(game.client, op), PLAYERLINK_OK);
        assert_eq!(freed.load(Ordering::Relaxed), 1, "told in the next tick");
        game.settle();
        assert_eq!(freed.load(Ordering::Relaxed), 2);
        assert_eq!(playerlink_session_refresh(game.client, Some(free_it), give(&freed), null_mut()), PLAYERLINK_OK);
        let mine = give(&freed);
        assert_eq!(playerlink_login(game.client, null(), Some(free_it), mine, null_mut()), PLAYERLINK_E_NULL);
        game.destroy();
        assert_eq!(freed.load(Ordering::Relaxed), 3, "what never began is the caller's");
        drop(Box::from_raw(mine.cast::<Box1>()));
    }
}

#[test]
fn completions_can_be_pulled_by_a_host_without_callbacks() {
    let mut game = Game::with(|options| {
        options.service = PLAYERLINK_SERVICE_RALLYHERE;
        options.environment = text("demo");
        options.client_id = text("game");
        options.client_secret = text("game-secret");
        options.event = None;
    });
    game.answers(|sent| match sent.path() {
        "/users/v1/login" => Reply::json(200, &rallyhere_login("p-1", "at-1")),
        _ => Reply::json(500, "{}"),
    });
    let mut op = playerlink_op(0);
    let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
    steam.token = text("ab");
    let result = unsafe { playerlink_login(game.client, &raw const steam, None, null_mut(), &raw mut op) };
    assert_eq!(result, PLAYERLINK_OK);
    let next = |game: &Game| unsafe {
        let mut out: playerlink_completion = zeroed();
        match playerlink_client_next_event(game.client, &raw mut out) {
            PLAYERLINK_OK => Some(copy(&out)),
            PLAYERLINK_NOTHING => None,
            other => panic!("{other:?}"),
        }
    };
    assert!(next(&game).is_none());
    game.settle();
    let done = next(&game).unwrap();
    assert_eq!((done.op, done.result, done.session.unwrap().player_id.as_str()), (op.0, PLAYERLINK_OK, "p-1"));
    assert!(next(&game).is_none());
    let result = unsafe { playerlink_logout(game.client, None, null_mut(), null_mut()) };
    assert_eq!(result, PLAYERLINK_OK);
    game.pass(3_000);
    let kinds: Vec<u32> = std::iter::from_fn(|| next(&game)).map(|done| done.kind).collect();
    assert_eq!(
        kinds,
        [PLAYERLINK_EVENT_SESSION_CHANGED, PLAYERLINK_EVENT_SESSION_OVER, PLAYERLINK_COMPLETION_LOGOUT],
        "in the order they happened"
    );
    let mut small: playerlink_completion = unsafe { zeroed() };
    small.struct_size = 8;
    assert_eq!(unsafe { playerlink_client_next_event(game.client, &raw mut small) }, PLAYERLINK_E_STRUCT_SIZE);
}

#[test]
fn events_tell_of_another_player_once() {
    let mut game = Game::rallyhere();
    game.signed_in();
    game.answers(|_| Reply::json(200, &rallyhere_login("p-2", "at-2")));
    let op = game.refresh();
    game.settle();
    let done = game.ended(op);
    assert_eq!((done.result, done.flags), (PLAYERLINK_OK, PLAYERLINK_COMPLETION_PLAYER_CHANGED));
    let events: Vec<(u32, String)> = (game.world().done.iter())
        .filter(|done| done.op == 0)
        .map(|done| (done.kind, done.session.as_ref().unwrap().player_id.clone()))
        .collect();
    let expected = [PLAYERLINK_EVENT_SESSION_CHANGED, PLAYERLINK_EVENT_PLAYER_CHANGED];
    assert_eq!(events, expected.map(|kind| (kind, "p-2".to_owned())));
}

#[test]
#[cfg_attr(miri, ignore = "thousands of callbacks")]
fn a_game_that_starts_something_in_every_callback_still_gets_to_draw() {
    unsafe extern "C" fn again(data: *mut c_void, client: playerlink_client, completion: *const playerlink_completion) {
        if unsafe { (*completion).op.0 } == 0 {
            return;
        }
        let count = unsafe { &*data.cast::<AtomicU32>() };
        count.fetch_add(1, Ordering::Relaxed);
        let mut op = playerlink_op(0);
        let result = unsafe { playerlink_session_refresh(client, Some(again), data, &raw mut op) };
        if result == PLAYERLINK_OK {
            unsafe { playerlink_op_cancel(client, op) };
        }
    }
    let mut game = Game::rallyhere();
    game.signed_in();
    let count = AtomicU32::new(0);
    let data = std::ptr::from_ref(&count).cast_mut().cast::<c_void>();
    let mut op = playerlink_op(0);
    let result = unsafe { playerlink_session_refresh(game.client, Some(again), data, &raw mut op) };
    assert_eq!(result, PLAYERLINK_OK);
    assert_eq!(unsafe { playerlink_op_cancel(game.client, op) }, PLAYERLINK_OK);
    assert_eq!(game.tick(), 0, "there is more");
    let first = count.load(Ordering::Relaxed);
    assert!((1000..=4096).contains(&first), "{first}");
    game.destroy();
    assert_eq!(count.load(Ordering::Relaxed), first + 1, "the one under way, and no other");
}
