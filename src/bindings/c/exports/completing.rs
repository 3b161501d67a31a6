//! What the host brings back.

use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::types::{playerlink_bytes, playerlink_client, playerlink_http_response};

/// Brings a request's answer: from any thread, also in `http_send` itself. It is copied, and worked on in the next tick.
/// `PLAYERLINK_E_UNKNOWN_ID` for a second answer, and for one nobody waits for any more; both are harmless.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_http_complete(
    client: playerlink_client,
    request_id: u64,
    response: *const playerlink_http_response,
) -> playerlink_result {
    let _ = (client, request_id, response);
    playerlink_result::PLAYERLINK_E_INTERNAL
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
    let _ = (client, request_id, result, value);
    playerlink_result::PLAYERLINK_E_INTERNAL
}
