//! The server over a real socket: answers, lost answers, cut answers.

use std::sync::{Arc, Mutex};

use emulator::Emulator;
use emulator::serve::{Options, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::world::game;

async fn start() -> (String, Arc<Mutex<Emulator>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let emulator = Arc::new(Mutex::new(Emulator::new(1)));
    tokio::spawn(serve(listener, emulator.clone(), Options::default()));
    (address, emulator)
}

/// Everything the server sends until it closes the connection.
async fn exchange(address: &str, path: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        game(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    // A cut answer may end in a reset; what came before it counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn login(address: &str) -> String {
    let body = json!({ "grant_type": "steam", "portal_access_token": "emu.s1" }).to_string();
    exchange(address, "/users/v1/login", body.as_bytes()).await
}

fn fault(emulator: &Mutex<Emulator>, fault: Value) {
    emulator.lock().unwrap().faults_mut().push(serde_json::from_value(fault).unwrap());
}

#[tokio::test]
async fn a_login_is_answered_over_the_socket() {
    let (address, emulator) = start().await;
    let answer = login(&address).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["portal_user_id"], "s1");
    assert_eq!(emulator.lock().unwrap().log().entries().count(), 1);
}

#[tokio::test]
async fn an_oversized_body_is_a_validation_error() {
    let (address, _) = start().await;
    let answer = exchange(&address, "/users/v1/login", &vec![b' '; 200_000]).await;
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
}

#[tokio::test]
async fn a_closed_answer_never_arrives_although_the_request_was_processed() {
    let (address, emulator) = start().await;
    fault(&emulator, json!({ "path": "/users/v1/login", "delivery": "close", "after": true }));
    assert_eq!(login(&address).await, "");
    assert_eq!(emulator.lock().unwrap().rallyhere().events().len(), 1);
    assert!(login(&address).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_holds() {
    let (address, emulator) = start().await;
    fault(&emulator, json!({ "path": "/users/v1/login", "delivery": "truncate:10", "after": true }));
    let answer = login(&address).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(promised.parse::<usize>().unwrap() > 10);
    assert_eq!(body.len(), 10);
}

#[tokio::test]
async fn a_hanging_answer_keeps_the_connection_open() {
    let (address, emulator) = start().await;
    fault(&emulator, json!({ "path": "/users/v1/login", "delivery": "hang" }));
    let hanging = tokio::time::timeout(std::time::Duration::from_millis(200), login(&address));
    assert!(hanging.await.is_err());
    assert!(login(&address).await.starts_with("HTTP/1.1 200"), "others are answered");
}
