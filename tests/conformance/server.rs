//! The service that misbehaves: a TCP server that writes its own bytes, so that it can truncate, hang, reset and lie. It
//! plays `scenarios.json`, one base address a scenario; what a scenario does not script is answered as a healthy service
//! would. No HTTP library: what it sends is exactly what the scenario says.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The one file that all runtimes play.
pub(super) const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/scenarios.json");

/// What the server reads of a scenario; the rest is the players'.
#[derive(Deserialize)]
struct Scenario {
    name: String,
    /// Nobody signs in before the call.
    #[serde(default)]
    fresh: bool,
    #[serde(default)]
    responses: VecDeque<Answer>,
}

/// One answer, or what comes in its place.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Answer {
    status: Option<u16>,
    headers: BTreeMap<String, String>,
    /// The body as text.
    body: Option<String>,
    /// The body as JSON.
    json: Option<Value>,
    /// The body in hexadecimal, for what is no text.
    hex: Option<String>,
    /// The body of the healthy service, with these fields instead and without those.
    set: Option<Map<String, Value>>,
    without: Vec<String>,
    /// The healthy access token (Xsolla: a JWT), with these claims instead.
    claims: Option<Map<String, Value>>,
    /// `"DEEP"` in the body becomes that many nested arrays.
    deep: usize,
    /// Spaces are added to the body up to that length in bytes.
    pad_to: usize,
    chunked: bool,
    /// No length is told: the body ends with the connection.
    no_length: bool,
    /// Only so many bytes of the body are sent.
    cut: Option<usize>,
    /// Sent instead of everything above, byte for byte; `{cors}` stands for the headers a page needs,
    /// `{long}` for 1 MiB of text.
    raw: Option<String>,
    then: Then,
    /// From here on nobody listens at the scenario's address.
    refuse: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Then {
    #[default]
    Close,
    /// Nothing more is sent, until the client gives up.
    Hang,
    Reset,
}

/// A running server. Its threads end with the process.
pub(super) struct Server {
    /// Where each scenario is played, in the order of the file.
    pub(super) bases: Vec<String>,
    /// Where all is well.
    pub(super) good: String,
    plays: Vec<Arc<Play>>,
}

struct Play {
    name: String,
    script: Mutex<VecDeque<Answer>>,
}

impl Play {
    fn script(&self) -> MutexGuard<'_, VecDeque<Answer>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Listens on loopback, at one port, and at one more for each scenario that stops listening.
    pub(super) fn start() -> Self {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(SCENARIOS).expect("scenarios.json is there"))
            .expect("scenarios.json is JSON");
        let scenarios: Vec<Scenario> =
            Deserialize::deserialize(&file["scenarios"]).expect("scenarios as the server reads them");
        let (mut plays, mut own) = (Vec::new(), Vec::new());
        for mut scenario in scenarios {
            own.push(scenario.responses.iter().any(|answer| answer.refuse));
            if !scenario.fresh {
                scenario.responses.push_front(Answer::default());
            }
            plays.push(Arc::new(Play { name: scenario.name, script: Mutex::new(scenario.responses) }));
        }
        let healthy = Arc::new(Play { name: "healthy".into(), script: Mutex::default() });
        let mut all = plays.clone();
        all.push(healthy);

        let shared = listen(all.clone(), None);
        let at = |address: SocketAddr, index: usize| format!("http://{address}/s/{index}");
        let bases = (0..plays.len())
            .map(|index| match own.get(index) {
                Some(true) => at(listen(all.clone(), Some(index)), index),
                _ => at(shared, index),
            })
            .collect();
        Self { bases, good: at(shared, plays.len()), plays }
    }

    /// Of each scenario what was scripted and never asked for. A refusal is never asked for, it happens.
    pub(super) fn unplayed(&self) -> Vec<String> {
        let left = |play: &&Arc<Play>| play.script().iter().any(|answer| !answer.refuse);
        self.plays.iter().filter(left).map(|play| play.name.clone()).collect()
    }
}

/// Listens until the process ends, or until the scenario `closing` comes to its refusal.
fn listen(plays: Vec<Arc<Play>>, closing: Option<usize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let address = listener.local_addr().expect("a bound listener has an address");
    let ends = move |plays: &[Arc<Play>]| {
        let play = closing.and_then(|index| plays.get(index));
        play.is_some_and(|play| play.script().front().is_some_and(|next| next.refuse))
    };
    if ends(&plays) {
        return address;
    }
    let (end, ended) = mpsc::channel::<Sender<()>>();
    let accept = move || {
        listener.set_nonblocking(closing.is_some()).expect("a listener may be told not to block");
        loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    let (plays, end) = (plays.clone(), end.clone());
                    thread::spawn(move || {
                        stream.set_nonblocking(false).ok()?;
                        let (request, reset) = receive(&stream, &plays)?;
                        let answer = answer(&request, &plays)?;
                        if ends(&plays) {
                            // Nobody listens any more when this answer arrives.
                            let (closed, wait) = mpsc::channel();
                            end.send(closed).ok()?;
                            wait.recv().ok();
                        }
                        send(stream, &answer, reset)
                    });
                }
                Err(_) => {
                    if let Ok(closed) = ended.recv_timeout(Duration::from_millis(1)) {
                        drop(listener);
                        closed.send(()).ok();
                        return;
                    }
                }
            }
        }
    };
    thread::spawn(accept);
    address
}

struct Request {
    method: String,
    play: usize,
    /// Behind the scenario's base address, without query.
    path: String,
    headers: String,
}

/// Waits for one whole request. It is taken from the socket unless its answer is a reset: closing a socket with unread
/// bytes in it is what makes the system send one.
fn receive(stream: &TcpStream, plays: &[Arc<Play>]) -> Option<(Request, bool)> {
    let mut buffer = vec![0; 65_536];
    loop {
        let length = stream.peek(&mut buffer).ok().filter(|length| *length > 0)?;
        let text = String::from_utf8_lossy(buffer.get(..length)?).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            thread::yield_now();
            continue;
        };
        let (line, headers) = head.split_once("\r\n")?;
        let lower = headers.to_ascii_lowercase();
        let expected = lower.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
        if body.len() < expected.and_then(|text| text.trim().parse().ok()).unwrap_or(0) {
            thread::yield_now();
            continue;
        }
        let (method, target) = line.split_once(' ')?;
        let target = target.split([' ', '?']).next()?;
        let (index, path) = target.strip_prefix("/s/")?.split_once('/')?;
        let play: usize = index.parse().ok()?;
        let reset =
            method != "OPTIONS" && plays.get(play)?.script().front().is_some_and(|next| next.then == Then::Reset);
        if !reset {
            (&*stream).read_exact(buffer.get_mut(..length)?).ok()?;
        }
        let request = Request { method: method.into(), play, path: ["/", path].concat(), headers: lower };
        return Some((request, reset));
    }
}

/// The headers without which a page could not see the answer.
fn cors(headers: &str) -> String {
    let origin = headers.split("origin: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or("*");
    format!(
        "access-control-allow-origin: {origin}\r\naccess-control-expose-headers: retry-after, x-request-id, x-requestid, date\r\nvary: origin\r\n"
    )
}

/// The bytes to send, whether to say nothing more afterwards.
struct Bytes {
    bytes: Vec<u8>,
    hang: bool,
}

fn answer(request: &Request, plays: &[Arc<Play>]) -> Option<Bytes> {
    let cors = cors(&request.headers);
    if request.method == "OPTIONS" {
        let allowed = "access-control-allow-methods: GET, POST, PUT, DELETE\r\naccess-control-allow-headers: authorization, content-type, accept, x-rh-client-addr, x-authorization, x-entitytoken\r\n";
        let text = format!("HTTP/1.1 204 No Content\r\n{cors}{allowed}connection: close\r\n\r\n");
        return Some(Bytes { bytes: text.into_bytes(), hang: false });
    }
    let answer = plays.get(request.play)?.script().pop_front().unwrap_or_default();
    let hang = answer.then == Then::Hang;
    if let Some(raw) = &answer.raw {
        return Some(Bytes {
            bytes: raw.replace("{cors}", &cors).replace("{long}", &"a".repeat(1 << 20)).into_bytes(),
            hang,
        });
    }
    let (status, body) = body(&answer, &request.path);
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n{cors}");
    if !answer.headers.contains_key("connection") {
        head.push_str("connection: close\r\n");
    }
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !answer.headers.contains_key("content-type") {
        head.push_str("content-type: application/json\r\n");
    }
    let has_body = !matches!(status, 204 | 304);
    if answer.chunked {
        head.push_str("transfer-encoding: chunked\r\n");
    } else if has_body && !answer.no_length {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    let sent = body.get(..answer.cut.unwrap_or(body.len())).unwrap_or(&body);
    if answer.chunked {
        for chunk in sent.chunks(1_000) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes().chain(chunk.iter().copied()).chain(*b"\r\n"));
        }
        if answer.cut.is_none() {
            bytes.extend(b"0\r\n\r\n");
        }
    } else if has_body {
        bytes.extend(sent);
    }
    Some(Bytes { bytes, hang })
}

fn body(answer: &Answer, path: &str) -> (u16, Vec<u8>) {
    let (healthy_status, mut healthy) = healthy(path);
    let own = answer.body.is_some() || answer.json.is_some() || answer.hex.is_some();
    let status = answer.status.unwrap_or(if own { 200 } else { healthy_status });
    if let Value::Object(fields) = &mut healthy {
        if let Some(claims) = &answer.claims {
            fields.insert("access_token".into(), jwt(claims).into());
        }
        fields.extend(answer.set.clone().unwrap_or_default());
        fields.retain(|name, _| !answer.without.contains(name));
    }
    let changed = answer.set.is_some() || answer.claims.is_some() || !answer.without.is_empty();
    let mut body = match (&answer.body, &answer.json, &answer.hex) {
        (Some(text), _, _) => text.clone().into_bytes(),
        (_, Some(json), _) => json.to_string().into_bytes(),
        (_, _, Some(hex)) => hex.split(' ').filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect(),
        // An error status alone has an empty body.
        _ if answer.status.is_some_and(|status| status != 200) && !changed => Vec::new(),
        _ => healthy.to_string().into_bytes(),
    };
    if answer.deep > 0 {
        let nested = ["[".repeat(answer.deep), "]".repeat(answer.deep)].concat();
        body = String::from_utf8_lossy(&body).replace("\"DEEP\"", &nested).into_bytes();
    }
    body.resize(body.len().max(answer.pad_to), b' ');
    (status, body)
}

fn send(mut stream: TcpStream, answer: &Bytes, reset: bool) -> Option<()> {
    stream.write_all(&answer.bytes).ok()?;
    if answer.hang {
        // Until the client gives up and closes.
        let _ = stream.read(&mut [0; 1]);
    }
    if !reset {
        // First what was said, then the end: closing at once may reset the connection before all was read.
        stream.shutdown(std::net::Shutdown::Write).ok()?;
        while stream.read(&mut [0; 1_024]).is_ok_and(|length| length > 0) {}
    }
    Some(())
}

/// What a healthy service answers. The services' paths differ, so one table does.
fn healthy(path: &str) -> (u16, Value) {
    const PLAYER: &str = "00000000-0000-4000-8000-000000000001";
    const PERSON: &str = "00000000-0000-4000-8000-000000000002";
    const PLAYFAB_ID: &str = "A1B2C3D4E5F60718";
    static ISSUED: AtomicU32 = AtomicU32::new(1);
    let number = ISSUED.fetch_add(1, Ordering::Relaxed);
    match path {
        "/Client/LoginWithSteam" => (
            200,
            json!({ "code": 200, "status": "OK", "data": {
                "SessionTicket": format!("refresh-{number}"), "PlayFabId": PLAYFAB_ID, "NewlyCreated": false,
                "EntityToken": entity_token(number),
            } }),
        ),
        "/Authentication/GetEntityToken" => (200, json!({ "code": 200, "status": "OK", "data": entity_token(number) })),
        _ if path.starts_with("/Client/") => (200, json!({ "code": 200, "status": "OK", "data": {} })),
        "/users/v1/login" => (
            200,
            json!({
                "access_token": format!("access-{number}"), "token_type": "Bearer", "expires_in": 3600,
                "refresh_token": format!("refresh-{number}"), "active_player_uuid": PLAYER, "person_id": PERSON,
                "platform": "Steam", "portal_user_id": "76561190000000001", "display_name": "Nova", "role_id": 4,
                "permissions": ["user:restriction:read:self"], "restrictions": [], "publisher_uuid": PERSON,
                "tenant_uuid": PERSON, "config_elector_uuid": PERSON, "client_uuid": PERSON,
            }),
        ),
        "/users/v1/oauth/token" => {
            (200, json!({ "access_token": "web", "refresh_token": format!("refresh-{number}") }))
        }
        "/users/v2/oauth/token" => (200, json!({ "access_token": "client", "token_type": "Bearer", "expires_in": 60 })),
        "/users/v1/publickeys" => (200, json!({ "keys": [{ "kid": "1", "kty": "RSA", "n": "AQAB", "e": "AQAB" }] })),
        "/users/v1/portaltoken/details" => (200, json!({ "online_id": "nova" })),
        "/users/v2/player/me/links" => (
            200,
            json!({
                "player": { "player_uuid": PLAYER, "person_id": PERSON, "active_player_uuid": null, "role_id": "4" },
                "linked_portals": [{ "platform": "Steam", "portal_user_id": "7", "player_uuid": PLAYER }],
            }),
        ),
        "/users/v2/player/me/restrictions" | "/users/v1/person/me/restrictions" => (200, json!({ "restrictions": [] })),
        "/oauth2/login/token" | "/oauth2/token" => (
            200,
            json!({
                "access_token": jwt(&Map::new()), "token_type": "bearer", "expires_in": 3600,
                "refresh_token": format!("refresh-{number}"), "scope": "offline",
            }),
        ),
        "/social/steam/cross_auth" => {
            (200, json!({ "login_url": format!("http://127.0.0.1/callback?token={}", jwt(&Map::new())) }))
        }
        "/users/me/social_providers" => (200, json!([{ "provider": "google", "social_id": "g-1" }])),
        "/users/account/code" => (200, json!({ "code": "012345" })),
        "/users/me" => (200, json!({ "id": PLAYER, "username": "nova", "is_anonymous": false })),
        "/oauth2/logout" => (204, Value::Null),
        _ => (200, json!({})),
    }
}

/// PlayFab's entity token.
fn entity_token(number: u32) -> Value {
    let entity = json!({ "Id": "T1", "Type": "title_player_account" });
    json!({ "EntityToken": format!("entity-{number}"), "TokenExpiration": "2100-01-01T00:00:00Z", "Entity": entity })
}

/// A user token of Xsolla's shape, unsigned: clients only read it.
fn jwt(claims: &Map<String, Value>) -> String {
    static ISSUED: AtomicU32 = AtomicU32::new(1);
    let sub = "00000000-0000-4000-8000-000000000007";
    let number = ISSUED.fetch_add(1, Ordering::Relaxed);
    let mut all = json!({ "sub": sub, "exp": 4_102_444_800_u64, "iat": 1_000, "jti": number });
    if let Value::Object(all) = &mut all {
        all.extend(claims.clone());
    }
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({ "alg": "RS256", "kid": "1" })), part(&all))
}
