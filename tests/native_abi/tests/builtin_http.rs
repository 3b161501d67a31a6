//! HTTP in the library: the same way through, without a host's.
#![cfg(feature = "builtin-http")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use native_abi::*;

/// Reads one request whole, and hands it on.
fn request(stream: &mut TcpStream) -> String {
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).unwrap();
        all.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
    }
}

fn game(url: &str) -> Game {
    Game::with_host(
        |host| (host.http_send, host.http_cancel) = (None, None),
        |options| {
            options.service = PLAYERLINK_SERVICE_RALLYHERE;
            options.base_url = text(url);
            options.client_id = text("game");
            options.client_secret = text("game-secret");
            options.flags = PLAYERLINK_OPTION_BUILTIN_HTTP | PLAYERLINK_OPTION_NO_RETRIES;
        },
    )
}

#[test]
fn a_player_signs_in_without_the_hosts_http() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let asked = request(&mut stream);
        let body = rallyhere_login("p-1", "at-1");
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        asked
    });
    let mut game = game(&url);
    let op = game.login_steam();
    // Ticks by the clock of the test: virtual time stands still meanwhile.
    while !game.has_ended(op) {
        let wait = game.tick();
        assert!(wait <= 10 || game.has_ended(op), "an answer may come at any time: {wait}");
        std::thread::yield_now();
    }
    let asked = server.join().unwrap();
    assert!(asked.starts_with("POST /users/v1/login HTTP/1.1"), "{asked}");
    assert_eq!(game.ended(op).result, PLAYERLINK_OK);
    assert_eq!(game.session().player_id, "p-1");
    assert!(game.world().sent.is_empty());
}

#[test]
fn a_request_that_hangs_is_ended_by_cancel_and_by_destroy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut game = game(&url);
    let op = game.login_steam();
    game.tick();
    let (mut first, _) = listener.accept().unwrap();
    request(&mut first);
    assert_eq!(unsafe { playerlink_op_cancel(game.client, op) }, PLAYERLINK_OK);
    game.tick();
    assert_eq!(game.ended(op).result, PLAYERLINK_E_CANCELLED);
    let mut rest = Vec::new();
    assert_eq!(first.read_to_end(&mut rest).unwrap_or(0), 0, "the connection was closed");
    let op = game.login_steam();
    game.tick();
    let (mut second, _) = listener.accept().unwrap();
    request(&mut second);
    assert_eq!(game.destroy(), PLAYERLINK_OK, "joins its thread");
    assert_eq!(game.ended(op).result, PLAYERLINK_E_CANCELLED);
}

#[test]
fn nobody_there_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut game = game(&url);
    let op = game.login_steam();
    while !game.has_ended(op) {
        game.tick();
        std::thread::yield_now();
    }
    assert_eq!(game.ended(op).result, PLAYERLINK_E_NETWORK);
}
