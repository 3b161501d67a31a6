//! Threads: everything but tick may come from any of them, and two clients know nothing of each other.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use native_abi::*;

/// A game whose host only notes what it is to do.
#[derive(Default)]
struct Storm {
    requests: Mutex<Vec<u64>>,
    ended: Mutex<HashMap<u64, u32>>,
    destroyed: AtomicBool,
    late: AtomicU64,
}

unsafe extern "C" fn send(data: *mut c_void, _: playerlink_client, request: *const playerlink_http_request) -> i32 {
    let storm = unsafe { &*data.cast::<Storm>() };
    storm.requests.lock().unwrap().push(unsafe { (*request).id });
    0
}

unsafe extern "C" fn told(data: *mut c_void, _: playerlink_client, completion: *const playerlink_completion) {
    let storm = unsafe { &*data.cast::<Storm>() };
    if storm.destroyed.load(Ordering::SeqCst) {
        storm.late.fetch_add(1, Ordering::SeqCst);
    }
    let op = unsafe { (*completion).op.0 };
    if op != 0 {
        *storm.ended.lock().unwrap().entry(op).or_default() += 1;
    }
}

fn client(storm: &Storm) -> playerlink_client {
    let mut host = host();
    host.user_data = std::ptr::from_ref(storm).cast_mut().cast();
    host.http_send = Some(send);
    let mut options = options();
    options.abi_version = PLAYERLINK_ABI_VERSION;
    options.service = PLAYERLINK_SERVICE_RALLYHERE;
    options.environment = text("demo");
    options.client_id = text("game");
    options.client_secret = text("game-secret");
    options.host = &raw const host;
    options.event = Some(told);
    options.event_user_data = host.user_data;
    let mut client = playerlink_client(0);
    assert_eq!(unsafe { playerlink_client_create(&raw const options, &raw mut client) }, PLAYERLINK_OK);
    client
}

#[test]
fn a_storm_of_threads_ends_every_operation_once_and_nothing_comes_after_destroy() {
    let rounds = if cfg!(miri) { 2 } else { 40 };
    for round in 0..rounds {
        let storm = Arc::new(Storm::default());
        let client = client(&storm);
        let started = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        std::thread::scope(|scope| {
            // Two that tick: one works, the other is refused.
            for _ in 0..2 {
                let stop = stop.clone();
                scope.spawn(move || {
                    let mut now = 1;
                    while !stop.load(Ordering::Relaxed) {
                        now += 7;
                        let result = unsafe { playerlink_client_tick(client, now, now, null_mut()) };
                        assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_REENTRANT | PLAYERLINK_E_BAD_HANDLE));
                        std::thread::yield_now();
                    }
                });
            }
            let (data, ops, halt) = (Arc::as_ptr(&storm) as usize, started.clone(), stop.clone());
            scope.spawn(move || {
                let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
                steam.token = text("14000000ab");
                while !halt.load(Ordering::Relaxed) {
                    let mut op = playerlink_op(0);
                    let data = data as *mut c_void;
                    let result = unsafe { playerlink_login(client, &raw const steam, Some(told), data, &raw mut op) };
                    match result {
                        PLAYERLINK_OK => {
                            ops.lock().unwrap().push(op);
                            if op.0 & 1 == 0 {
                                unsafe { playerlink_op_cancel(client, op) };
                            }
                        }
                        PLAYERLINK_E_BAD_HANDLE => break,
                        other => assert_eq!(other, PLAYERLINK_E_STATE),
                    }
                    std::thread::yield_now();
                }
            });
            let (storm_of, halt) = (storm.clone(), stop.clone());
            scope.spawn(move || {
                let answer = Reply::json(200, &rallyhere_login("p-1", "at-1"));
                while !halt.load(Ordering::Relaxed) {
                    let id = storm_of.requests.lock().unwrap().pop();
                    if let Some(id) = id {
                        let result = complete(client, id, &answer);
                        assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_UNKNOWN_ID | PLAYERLINK_E_BAD_HANDLE));
                    }
                    let (mut buffer, mut size) = ([0; 64], 64);
                    let result =
                        unsafe { playerlink_session_copy_access_token(client, buffer.as_mut_ptr(), &raw mut size) };
                    assert!(result != PLAYERLINK_E_BUFFER && result != PLAYERLINK_E_INTERNAL, "{result:?}");
                    std::thread::yield_now();
                }
            });
            for _ in 0..(10 + round * 5) {
                std::thread::yield_now();
            }
            while !cfg!(miri) && started.lock().unwrap().len() < 20 {
                std::thread::yield_now();
            }
            assert_eq!(unsafe { playerlink_client_destroy(client) }, PLAYERLINK_OK);
            storm.destroyed.store(true, Ordering::SeqCst);
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(storm.late.load(Ordering::SeqCst), 0, "nothing is told after destroy came back");
        let ended = storm.ended.lock().unwrap();
        for op in started.lock().unwrap().iter() {
            assert_eq!(ended.get(&op.0), Some(&1), "operation {:x}", op.0);
        }
    }
}

#[test]
fn two_clients_on_two_threads_know_nothing_of_each_other() {
    let players: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = ["p-left", "p-right"]
            .map(|player| {
                scope.spawn(move || {
                    let mut game = Game::rallyhere();
                    game.answers(move |_| Reply::json(200, &rallyhere_login(player, "at")));
                    for _ in 0..if cfg!(miri) { 2 } else { 100 } {
                        let op = game.login_steam();
                        game.settle();
                        assert_eq!(game.ended(op).session.unwrap().player_id, player);
                    }
                    game.session().player_id
                })
            })
            .into_iter()
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(players, ["p-left", "p-right"]);
}
