//! What the host brings back.

use crate::bindings::c::client::with_client;
use crate::bindings::c::constants::*;
use crate::bindings::c::input;
use crate::bindings::c::refusal::{Fallible, Refusal};
use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::types::{playerlink_bytes, playerlink_client, playerlink_http_response};
use crate::host::{HostError, TransportError, TransportErrorKind};
use crate::http::{MAX_BODY, Response};

/// Brings a request's answer: from any thread, also in `http_send` itself. It is copied, and worked on in the next tick.
/// `PLAYERLINK_E_UNKNOWN_ID` for a second answer, and for one nobody waits for any more; both are harmless.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_http_complete(
    client: playerlink_client,
    request_id: u64,
    response: *const playerlink_http_response,
) -> playerlink_result {
    with_client(client, |client| {
        // SAFETY: the caller's word.
        let given = unsafe { input::read(response) }?;
        if !client.engine.awaits_http(request_id) {
            return Err(unknown_id());
        }
        // SAFETY: the same.
        let answer = unsafe { answer(&given) }?;
        if client.engine.complete_http(request_id, answer) {
            Ok(playerlink_result::PLAYERLINK_OK)
        } else {
            Err(unknown_id())
        }
    })
}

/// Brings a storage request's outcome: `result` 0 and, of a load, the bytes (`value` NULL: nothing is stored under that key);
/// anything else: it failed. As `playerlink_http_complete`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_storage_complete(
    client: playerlink_client,
    request_id: u64,
    result: i32,
    value: *const playerlink_bytes,
) -> playerlink_result {
    with_client(client, |client| {
        let outcome = match (result, value.is_null()) {
            (0, true) => Ok(None),
            (0, false) => {
                // SAFETY: the caller's word; it may be unaligned.
                let given = unsafe { input::bytes(value.read_unaligned(), MAX_BODY) }?;
                match given {
                    Some(bytes) => Ok(Some(bytes.to_vec())),
                    None => Err(HostError("what is stored is over 1 MiB".into())),
                }
            }
            _ => Err(HostError("the host's storage failed".into())),
        };
        if client.engine.complete_storage(request_id, outcome) {
            Ok(playerlink_result::PLAYERLINK_OK)
        } else {
            Err(unknown_id())
        }
    })
}

fn unknown_id() -> Refusal {
    Refusal::new(playerlink_result::PLAYERLINK_E_UNKNOWN_ID, "nobody waits for that request: answered, or given up")
}

/// The most headers that are looked at, and the most bytes of them.
const MOST_HEADERS: usize = 256;
const MOST_HEADER_BYTES: usize = 64 * 1024;

/// # Safety
/// All that the response points at is readable.
unsafe fn answer(given: &playerlink_http_response) -> Fallible<Result<Response, TransportError>> {
    input::is_zero(given.reserved)?;
    let status = match given.status {
        0 => {
            let kind = match given.failure {
                PLAYERLINK_HTTP_NETWORK => TransportErrorKind::Network,
                PLAYERLINK_HTTP_TIMEOUT => TransportErrorKind::Timeout,
                PLAYERLINK_HTTP_BODY_TOO_LARGE => TransportErrorKind::BodyTooLarge,
                PLAYERLINK_HTTP_REDIRECT => TransportErrorKind::Redirect,
                PLAYERLINK_HTTP_TRUNCATED => TransportErrorKind::Truncated,
                PLAYERLINK_HTTP_UNUSABLE => TransportErrorKind::Unusable,
                _ => return Err(Refusal::argument("the failure is unknown here")),
            };
            return Ok(Err(TransportError::new(kind, "the host's HTTP failed")));
        }
        status @ 100..=999 => status as u16,
        _ => return Err(Refusal::argument("the status is none of HTTP; 0 says that there was no answer")),
    };
    if given.header_count > MOST_HEADERS {
        return Err(Refusal::argument("more than 256 headers"));
    }
    if given.headers.is_null() && given.header_count > 0 {
        return Err(Refusal::null("the headers are NULL and there are some"));
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut room = MOST_HEADER_BYTES;
    for at in 0..given.header_count {
        // SAFETY: the caller's word; it may be unaligned.
        let header = unsafe { given.headers.add(at).read_unaligned() };
        // SAFETY: the same.
        let (name, value) = unsafe { (input::text(header.name), input::text(header.value)) };
        // What is not text cannot be what we look for: services' headers are ASCII.
        let (Ok(mut name), Ok(value)) = (name, value) else { continue };
        let length = name.len() + value.len();
        if length > room {
            continue;
        }
        room -= length;
        name.make_ascii_lowercase();
        // A header that comes twice is one list, as `fetch` has it.
        match headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, list)) => {
                list.push_str(", ");
                list.push_str(&value);
            }
            None => headers.push((name, value)),
        }
    }
    // SAFETY: the same.
    Ok(match unsafe { input::bytes(given.body, MAX_BODY) }? {
        Some(body) => Ok(Response { status, headers, body: body.to_vec() }),
        None => Err(TransportError::new(TransportErrorKind::BodyTooLarge, "body over 1 MiB")),
    })
}
