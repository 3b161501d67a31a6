//! A small game for the tests: a host that records what it is asked for and answers by script or by the emulator, and
//! counters that see every operation end exactly once.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_safety_doc,
    clippy::type_complexity,
    reason = "test code"
)]

mod host;

use std::collections::{BTreeMap, HashMap};
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use host::*;
pub use playerlink::bindings::c::constants::*;
pub use playerlink::bindings::c::exports::accounts::*;
pub use playerlink::bindings::c::exports::allocator::*;
pub use playerlink::bindings::c::exports::client::*;
pub use playerlink::bindings::c::exports::completing::*;
pub use playerlink::bindings::c::exports::linking::*;
pub use playerlink::bindings::c::exports::session::*;
pub use playerlink::bindings::c::exports::version::*;
pub use playerlink::bindings::c::result::playerlink_result::{self, *};
pub use playerlink::bindings::c::types::*;

/// A structure of zeros with its size: what `= {0}` and `struct_size` are in C.
///
/// # Safety
/// Zeros are a value of `T`, which begins with its size.
pub unsafe fn zeroed<T>() -> T {
    unsafe {
        let mut value = std::mem::MaybeUninit::<T>::zeroed();
        value.as_mut_ptr().cast::<u32>().write(size_of::<T>() as u32);
        value.assume_init()
    }
}

pub fn options() -> playerlink_client_options {
    unsafe { zeroed() }
}

pub fn host() -> playerlink_host {
    unsafe { zeroed() }
}

pub fn credential(kind: u32) -> playerlink_credential {
    playerlink_credential { kind, ..unsafe { zeroed() } }
}

/// A borrowed text; it must outlive its use.
pub fn text(text: &str) -> playerlink_str {
    playerlink_str { ptr: text.as_ptr().cast(), len: text.len() }
}

/// What a text of the library says. The NUL behind it is checked.
pub fn read(text: playerlink_str) -> String {
    unsafe {
        assert!(!text.ptr.is_null(), "a text that is given out is never NULL");
        assert_eq!(*text.ptr.add(text.len), 0, "a NUL follows");
        let bytes = std::slice::from_raw_parts(text.ptr.cast::<u8>(), text.len);
        String::from_utf8(bytes.to_vec()).expect("UTF-8")
    }
}

/// A request that the host was given.
#[derive(Clone, Debug)]
pub struct Sent {
    pub client: playerlink_client,
    pub id: u64,
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub timeout_ms: u32,
}

impl Sent {
    pub fn path(&self) -> &str {
        let rest = self.url.split_once("://").expect("absolute").1;
        let path = &rest[rest.find('/').unwrap_or(rest.len())..];
        path.split('?').next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// What the host does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers before the next tick.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// Answers inside of `http_send`.
    AtOnce(u16, Vec<(String, String)>, Vec<u8>),
    /// No answer: `PLAYERLINK_HTTP_…`.
    Fails(u32),
    /// Nothing; the test may answer.
    Hangs,
    /// Does not take it.
    Refuses,
}

impl Reply {
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, vec![("Content-Type".into(), "application/json".into())], body.into())
    }
}

/// What the host does with a storage request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storing {
    AtOnce,
    /// The test completes what is in `stored_away`.
    Later,
    Fails,
    Refuses,
}

/// A storage request that the host was given.
#[derive(Clone, Debug)]
pub struct Stored {
    pub id: u64,
    pub kind: u32,
    pub key: String,
    pub value: Vec<u8>,
}

/// A completion, copied.
#[derive(Clone, Debug)]
pub struct Done {
    pub kind: u32,
    pub op: u64,
    pub result: playerlink_result,
    pub flags: u32,
    pub session: Option<SessionSeen>,
    pub error: Option<ErrorSeen>,
    pub accounts: Vec<[String; 4]>,
    /// Who is signed in on this device, and whether the first is the active one.
    pub stored: Option<(bool, Vec<[String; 4]>)>,
    pub code: Option<[String; 3]>,
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSeen {
    pub status: u32,
    pub over_reason: u32,
    pub flags: u32,
    pub player_id: String,
    pub person_id: String,
    pub platform: String,
    pub platform_user_id: String,
    pub display_name: String,
    pub revision: u64,
}

#[derive(Clone, Debug)]
pub struct ErrorSeen {
    pub result: playerlink_result,
    pub http_status: u32,
    pub retry_after_ms: u32,
    pub service_code_number: u32,
    pub over_reason: u32,
    pub agreements: u32,
    pub service_code: String,
    pub message: String,
    pub player_message: String,
    pub request_id: String,
    pub restrictions: Vec<(String, String, u64)>,
}

type Script = Box<dyn FnMut(&Sent) -> Reply + Send>;
type InCallback = Box<dyn FnOnce(&Done) + Send>;

/// What the game knows. Reached from the library by `user_data`.
#[derive(Default)]
pub struct World {
    pub sent: Vec<Sent>,
    pub cancelled: Vec<u64>,
    pub done: Vec<Done>,
    pub lines: Vec<(u32, String)>,
    pub stored: Vec<Stored>,
    pub disk: BTreeMap<String, Vec<u8>>,
    pub storing: Option<Storing>,
    pub script: Option<Script>,
    /// Runs in the next completion of that kind.
    pub in_completion: HashMap<u32, InCallback>,
    /// Runs in the next call of that kind of the host.
    pub in_send: Option<Box<dyn FnOnce(&Sent) + Send>>,
    pub in_cancel: Option<Box<dyn FnOnce() + Send>>,
    pub in_storage: Option<Box<dyn FnOnce() + Send>>,
    pub in_log: Option<Box<dyn FnOnce() + Send>>,
    /// Answers to be brought before the next tick.
    pub post: Vec<(playerlink_client, u64, Reply)>,
    /// Callbacks are allowed now.
    pub in_library: u32,
    /// How often each operation ended.
    pub ended: HashMap<u64, u32>,
    pub random: u64,
    pub wall: u64,
}

/// A game with one client.
pub struct Game {
    pub client: playerlink_client,
    pub world: Arc<Mutex<World>>,
    pub now: u64,
    pub started: Vec<u64>,
}

pub fn lock(world: &Arc<Mutex<World>>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Copies a completion, looking at all it points at.
pub fn copy(completion: &playerlink_completion) -> Done {
    assert_eq!(completion.struct_size as usize, size_of::<playerlink_completion>());
    unsafe {
        Done {
            kind: completion.kind,
            op: completion.op.0,
            result: completion.result,
            flags: completion.flags,
            session: completion.session.as_ref().map(session_seen),
            error: completion.error.as_ref().map(|error| ErrorSeen {
                result: error.result,
                http_status: error.http_status,
                retry_after_ms: error.retry_after_ms,
                service_code_number: error.service_code_number,
                over_reason: error.over_reason,
                agreements: error.agreements,
                service_code: read(error.service_code),
                message: read(error.message),
                player_message: read(error.player_message),
                request_id: read(error.request_id),
                restrictions: slice(error.restrictions, error.restriction_count)
                    .iter()
                    .map(|one| (read(one.kind), read(one.reason), one.expires_at_ms))
                    .collect(),
            }),
            accounts: completion.links.as_ref().map_or_else(Vec::new, |links| {
                slice(links.accounts, links.account_count)
                    .iter()
                    .map(|a| [read(a.platform), read(a.platform_user_id), read(a.display_name), read(a.player_id)])
                    .collect()
            }),
            stored: completion.accounts.as_ref().map(|stored| {
                let each = slice(stored.accounts, stored.account_count).iter();
                let texts = each
                    .map(|a| [read(a.account_id), read(a.player_id), read(a.platform), read(a.display_name)])
                    .collect();
                (stored.has_active == 1, texts)
            }),
            code: completion.linking.as_ref().map(|shown| [read(shown.code), read(shown.grouped), read(shown.spelled)]),
            url: completion.user_data_request.as_ref().map(|asked| read(asked.url)),
        }
    }
}

unsafe fn slice<'a, T>(ptr: *const T, len: usize) -> &'a [T] {
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(ptr, len) } }
}

pub fn session_seen(session: &playerlink_session) -> SessionSeen {
    SessionSeen {
        status: session.status,
        over_reason: session.over_reason,
        flags: session.flags,
        player_id: read(session.player_id),
        person_id: read(session.person_id),
        platform: read(session.platform),
        platform_user_id: read(session.platform_user_id),
        display_name: read(session.display_name),
        revision: session.revision,
    }
}

fn bytes(bytes: playerlink_bytes) -> Vec<u8> {
    if bytes.len == 0 {
        return Vec::new();
    }
    unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) }.to_vec()
}

/// The answer of RallyHere to a login.
pub fn rallyhere_login(player: &str, token: &str) -> String {
    format!(
        r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-{token}",
        "active_player_uuid":"{player}","person_id":"person-1","platform":"Steam","portal_user_id":"s1",
        "display_name":"Nova","publisher_uuid":"u","tenant_uuid":"u","config_elector_uuid":"u","client_uuid":"u"}}"#
    )
}

impl Game {
    /// A client of RallyHere whose host answers by script; nothing is answered without one.
    pub fn rallyhere() -> Self {
        Self::with(|options| {
            options.service = PLAYERLINK_SERVICE_RALLYHERE;
            options.environment = text("demo");
            options.client_id = text("game");
            options.client_secret = text("game-secret");
        })
    }

    /// A client with these options, and a host that can do everything.
    pub fn with(change: impl FnOnce(&mut playerlink_client_options)) -> Self {
        Self::with_host(|_| {}, change)
    }

    pub fn with_host(
        change_host: impl FnOnce(&mut playerlink_host),
        change: impl FnOnce(&mut playerlink_client_options),
    ) -> Self {
        let world = Arc::new(Mutex::new(World { wall: 1_767_225_600_000, ..World::default() }));
        let user_data = Arc::as_ptr(&world).cast_mut().cast::<c_void>();
        let mut host = host();
        host.user_data = user_data;
        host.http_send = Some(http_send);
        host.http_cancel = Some(http_cancel);
        host.storage = Some(storage);
        host.random = Some(random);
        host.log = Some(log);
        change_host(&mut host);
        let mut options = options();
        options.abi_version = PLAYERLINK_ABI_VERSION;
        options.log_level = PLAYERLINK_LOG_DEBUG;
        options.host = &raw const host;
        options.event = Some(done);
        options.event_user_data = user_data;
        change(&mut options);
        let mut client = playerlink_client(77);
        let result = unsafe { playerlink_client_create(&raw const options, &raw mut client) };
        assert_eq!(result, PLAYERLINK_OK, "{}", last_error(playerlink_client(0)));
        Self { client, world, now: 1 << 40, started: Vec::new() }
    }

    /// The same world behind a new client: the game was started anew.
    pub fn answers(&self, script: impl FnMut(&Sent) -> Reply + Send + 'static) {
        self.world().script = Some(Box::new(script));
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub fn user_data(&self) -> *mut c_void {
        Arc::as_ptr(&self.world).cast_mut().cast()
    }

    /// Brings the answers that are due, and ticks. Answers how long to wait.
    pub fn tick(&mut self) -> u32 {
        let post = std::mem::take(&mut self.world().post);
        for (client, id, reply) in post {
            let result = complete(client, id, &reply);
            assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_UNKNOWN_ID | PLAYERLINK_E_BAD_HANDLE), "{result:?}");
        }
        let wall = self.world().wall;
        let mut wait = 0;
        self.enter();
        let result = unsafe { playerlink_client_tick(self.client, self.now, wall, &raw mut wait) };
        self.leave();
        assert!(matches!(result, PLAYERLINK_OK), "{result:?}");
        wait
    }

    pub fn enter(&self) {
        self.world().in_library += 1;
    }

    pub fn leave(&self) {
        self.world().in_library -= 1;
    }

    /// Ticks until nothing happens any more, without letting time pass.
    pub fn settle(&mut self) {
        for _ in 0..200 {
            let before = {
                let world = self.world();
                (world.sent.len(), world.done.len(), world.stored.len(), world.lines.len())
            };
            let wait = self.tick();
            let world = self.world();
            let after = (world.sent.len(), world.done.len(), world.stored.len(), world.lines.len());
            if before == after && world.post.is_empty() && wait > 0 {
                return;
            }
        }
        panic!("the game does not come to rest");
    }

    /// Lets time pass, tick by tick, as a frame loop would that obeys the wait.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now.saturating_add(ms);
        self.settle();
        while self.now < end {
            let wait = u64::from(self.tick()).max(1);
            let step = wait.min(end - self.now);
            self.now += step;
            self.world().wall += step;
            self.settle();
        }
    }

    /// Starts an operation by one of the calls, and notes that it has to end.
    pub fn start(
        &mut self,
        call: impl FnOnce(playerlink_client, playerlink_done_fn, *mut c_void, *mut playerlink_op) -> playerlink_result,
    ) -> Result<playerlink_op, playerlink_result> {
        let mut op = playerlink_op(55);
        let result = call(self.client, Some(done), self.user_data(), &raw mut op);
        if result != PLAYERLINK_OK {
            assert_eq!(op.0, 0, "a call that fails leaves no operation");
            return Err(result);
        }
        assert!(op.0 != 0 && op.0 < 1 << 53);
        self.started.push(op.0);
        Ok(op)
    }

    pub fn login(&mut self, credential: &playerlink_credential) -> Result<playerlink_op, playerlink_result> {
        let credential = std::ptr::from_ref(credential);
        self.start(|client, done, data, op| unsafe { playerlink_login(client, credential, done, data, op) })
    }

    pub fn login_steam(&mut self) -> playerlink_op {
        let mut steam = credential(PLAYERLINK_CREDENTIAL_STEAM);
        steam.token = text("14000000ab");
        self.login(&steam).expect("started")
    }

    /// Signs in to RallyHere by script; what the script was stays set.
    pub fn signed_in(&mut self) {
        self.answers(|sent| match sent.path() {
            "/users/v1/login" => Reply::json(200, &rallyhere_login("p-1", "at-1")),
            _ => Reply::json(200, "{}"),
        });
        let op = self.login_steam();
        self.settle();
        let done = self.ended(op);
        assert_eq!(done.result, PLAYERLINK_OK, "{done:?}");
    }

    /// How an operation ended; it has ended once.
    pub fn ended(&self, op: playerlink_op) -> Done {
        let world = self.world();
        let found: Vec<&Done> = world.done.iter().filter(|done| done.op == op.0).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    pub fn has_ended(&self, op: playerlink_op) -> bool {
        self.world().done.iter().any(|done| done.op == op.0)
    }

    pub fn refresh(&mut self) -> playerlink_op {
        self.start(|client, done, data, op| unsafe { playerlink_session_refresh(client, done, data, op) }).unwrap()
    }

    pub fn session(&self) -> SessionSeen {
        let mut session: playerlink_session = unsafe { zeroed() };
        let mut buffer = vec![0x7f_u8; 4096];
        let mut size = buffer.len();
        let result =
            unsafe { playerlink_session_get(self.client, &raw mut session, buffer.as_mut_ptr().cast(), &raw mut size) };
        assert_eq!(result, PLAYERLINK_OK);
        session_seen(&session)
    }

    pub fn access_token(&self) -> Result<String, playerlink_result> {
        copied(|buffer, size| unsafe { playerlink_session_copy_access_token(self.client, buffer, size) })
    }

    pub fn destroy(&self) -> playerlink_result {
        self.enter();
        let result = playerlink_client_destroy_it(self.client);
        self.leave();
        result
    }

    /// Requests so far, as method and path.
    pub fn requests(&self) -> Vec<String> {
        self.world().sent.iter().map(|sent| format!("{} {}", sent.method, sent.path())).collect()
    }
}

fn playerlink_client_destroy_it(client: playerlink_client) -> playerlink_result {
    unsafe { playerlink_client_destroy(client) }
}

/// Destroys the client if the test has not, and sees that every operation has ended once.
impl Drop for Game {
    fn drop(&mut self) {
        self.destroy();
        if std::thread::panicking() {
            return;
        }
        let world = self.world();
        for op in &self.started {
            assert_eq!(world.ended.get(op), Some(&1), "operation {op:x} ended exactly once");
        }
        assert_eq!(world.ended.len(), self.started.len(), "nothing ended that was not started");
    }
}

/// Copies a text out, asking for its size first.
pub fn copied(call: impl Fn(*mut c_char, *mut usize) -> playerlink_result) -> Result<String, playerlink_result> {
    let mut size = 0;
    match call(null_mut(), &raw mut size) {
        PLAYERLINK_E_BUFFER => {}
        other => return Err(other),
    }
    let mut buffer = vec![0x7f_u8; size + 8];
    let mut given = size;
    assert_eq!(call(buffer.as_mut_ptr().cast(), &raw mut given), PLAYERLINK_OK);
    assert_eq!(given, size);
    assert!(buffer[size..].iter().all(|byte| *byte == 0x7f), "nothing is written behind the text");
    Ok(CStr::from_bytes_until_nul(&buffer).unwrap().to_str().unwrap().to_owned())
}

pub fn last_error(client: playerlink_client) -> String {
    copied(|buffer, size| unsafe { playerlink_error_copy(client, buffer, size) }).unwrap_or_default()
}
