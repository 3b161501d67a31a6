//! A host for the fuzz targets: it keeps what it is asked for, and counts completions.

#![allow(dead_code, unused_imports, reason = "each target uses a part")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

pub use playerlink::bindings::c::constants::*;
pub use playerlink::bindings::c::exports::accounts::*;
pub use playerlink::bindings::c::exports::client::*;
pub use playerlink::bindings::c::exports::completing::*;
pub use playerlink::bindings::c::exports::session::*;
pub use playerlink::bindings::c::result::playerlink_result::{self, *};
pub use playerlink::bindings::c::types::*;

/// What the host was asked and told.
#[derive(Default)]
pub struct Seen {
    /// Requests without an answer.
    pub requests: Vec<u64>,
    /// Storage requests without an answer, with their kind.
    pub storing: Vec<(u64, u32)>,
    /// How often each operation ended.
    pub ended: BTreeMap<u64, u32>,
    /// In a call that may call back.
    pub inside: bool,
}

thread_local! {
    pub static SEEN: RefCell<Seen> = RefCell::new(Seen::default());
}

pub fn seen<T>(with: impl FnOnce(&mut Seen) -> T) -> T {
    SEEN.with(|seen| with(&mut seen.borrow_mut()))
}

/// Zeros with the size in front.
///
/// # Safety
/// Zeros are a value of `T`, which begins with its size.
pub unsafe fn sized<T>() -> T {
    unsafe {
        let mut value = std::mem::MaybeUninit::<T>::zeroed();
        value.as_mut_ptr().cast::<u32>().write(size_of::<T>() as u32);
        value.assume_init()
    }
}

pub fn text(text: &str) -> playerlink_str {
    playerlink_str { ptr: text.as_ptr().cast(), len: text.len() }
}

unsafe extern "C" fn send(_: *mut c_void, _: playerlink_client, request: *const playerlink_http_request) -> i32 {
    let id = unsafe { (*request).id };
    seen(|seen| {
        assert!(seen.inside);
        seen.requests.push(id);
    });
    0
}

unsafe extern "C" fn cancel(_: *mut c_void, _: playerlink_client, id: u64) {
    seen(|seen| seen.requests.retain(|other| *other != id));
}

unsafe extern "C" fn store(_: *mut c_void, _: playerlink_client, request: *const playerlink_storage_request) -> i32 {
    let (id, kind) = unsafe { ((*request).id, (*request).kind) };
    seen(|seen| seen.storing.push((id, kind)));
    0
}

pub unsafe extern "C" fn done(_: *mut c_void, _: playerlink_client, completion: *const playerlink_completion) {
    let op = unsafe { (*completion).op.0 };
    seen(|seen| {
        assert!(seen.inside, "a callback outside of tick and destroy");
        let ended = seen.ended.entry(op).or_default();
        *ended += 1;
        assert_eq!(*ended, 1, "an operation ended twice");
    });
}

unsafe extern "C" fn event(_: *mut c_void, _: playerlink_client, completion: *const playerlink_completion) {
    assert_eq!(unsafe { (*completion).op.0 }, 0);
    assert!(seen(|seen| seen.inside));
}

/// A client of the service with that number, 1 to 3.
pub fn create(service: u32, storage: bool) -> playerlink_client {
    let mut host: playerlink_host = unsafe { sized() };
    host.http_send = Some(send);
    host.http_cancel = Some(cancel);
    host.storage = if storage { Some(store) } else { None };
    let mut options: playerlink_client_options = unsafe { sized() };
    options.abi_version = PLAYERLINK_ABI_VERSION;
    options.service = service;
    match service {
        PLAYERLINK_SERVICE_RALLYHERE => {
            options.environment = text("demo");
            options.client_id = text("game");
            options.client_secret = text("secret");
        }
        PLAYERLINK_SERVICE_XSOLLA => {
            options.client_id = text("60");
            options.project_id = text("0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809");
            options.game_server_url = text("https://game.example");
        }
        _ => options.title_id = text("ABCD1"),
    }
    options.host = &raw const host;
    options.event = Some(event);
    let mut client = playerlink_client(0);
    assert_eq!(unsafe { playerlink_client_create(&raw const options, &raw mut client) }, PLAYERLINK_OK);
    client
}

/// A login that this service has.
pub fn login(client: playerlink_client, service: u32) -> (playerlink_result, u64) {
    let mut credential: playerlink_credential = unsafe { sized() };
    credential.token = text("ticket");
    credential.kind = PLAYERLINK_CREDENTIAL_STEAM;
    if service == PLAYERLINK_SERVICE_XSOLLA {
        credential.kind = PLAYERLINK_CREDENTIAL_GAME_SERVER;
    }
    let mut op = playerlink_op(0);
    let result = unsafe { playerlink_login(client, &raw const credential, Some(done), null_mut(), &raw mut op) };
    (result, op.0)
}

pub fn tick(client: playerlink_client, now: u64) -> playerlink_result {
    seen(|seen| seen.inside = true);
    let result = unsafe { playerlink_client_tick(client, now, now, null_mut()) };
    seen(|seen| seen.inside = false);
    result
}

pub fn destroy(client: playerlink_client) -> playerlink_result {
    seen(|seen| seen.inside = true);
    let result = unsafe { playerlink_client_destroy(client) };
    seen(|seen| seen.inside = false);
    result
}

/// Answers a request with any bytes.
pub fn answer(client: playerlink_client, id: u64, status: u32, header: &[u8], body: &[u8]) -> playerlink_result {
    let headers = [
        playerlink_header { name: text("content-type"), value: text("application/json") },
        playerlink_header {
            name: text("retry-after"),
            value: playerlink_str { ptr: header.as_ptr().cast(), len: header.len() },
        },
    ];
    let mut response: playerlink_http_response = unsafe { sized() };
    response.status = status;
    response.headers = headers.as_ptr();
    response.header_count = if header.is_empty() { 1 } else { 2 };
    response.body = playerlink_bytes { ptr: body.as_ptr(), len: body.len() };
    unsafe { playerlink_http_complete(client, id, &raw const response) }
}

/// Answers a storage request; `value` `None`: nothing is stored.
pub fn stored(client: playerlink_client, id: u64, result: i32, value: Option<&[u8]>) -> playerlink_result {
    let bytes = value.map(|value| playerlink_bytes { ptr: value.as_ptr(), len: value.len() });
    let pointer = bytes.as_ref().map_or(null(), |bytes| bytes as *const playerlink_bytes);
    unsafe { playerlink_storage_complete(client, id, result, pointer) }
}
