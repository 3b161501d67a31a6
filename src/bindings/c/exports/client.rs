//! A client's life: made, ticked, told, destroyed.

use core::ffi::c_char;

use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::types::{playerlink_client, playerlink_client_options, playerlink_completion, playerlink_op};

/// Makes a client for one service. Does no I/O; what it starts is done by `playerlink_client_tick`.
///
/// `PLAYERLINK_E_CONFIGURATION` when an option is wrong: `playerlink_error_copy` of client 0 says which.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_create(
    options: *const playerlink_client_options,
    out_client: *mut playerlink_client,
) -> playerlink_result {
    let _ = (options, out_client);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Does what there is to do, and calls back. Once a frame, from one thread at a time.
///
/// `now_ms`: milliseconds from any fixed point; steps back are ignored, and it should go on while the machine sleeps.
/// `wall_ms`: milliseconds since 1970 UTC as the system has it; 0: not known.
/// `out_wait_ms` (may be NULL): nothing will be due before, unless something is started or completed; UINT32_MAX: nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_tick(
    client: playerlink_client,
    now_ms: u64,
    wall_ms: u64,
    out_wait_ms: *mut u32,
) -> playerlink_result {
    let _ = (client, now_ms, wall_ms, out_wait_ms);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Ends a client: what is under way completes with `PLAYERLINK_E_CANCELLED` in this call, and no callback comes after it.
/// What is stored stays. Also in a callback. From another thread than that of a tick it waits for the tick's callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_destroy(client: playerlink_client) -> playerlink_result {
    let _ = (client,);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Tells the client what happens outside: `PLAYERLINK_NOTIFY_…`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_notify(client: playerlink_client, what: u32) -> playerlink_result {
    let _ = (client, what);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// The next completion or event, for hosts without callbacks: of operations started with `done` NULL, and events of a client
/// made with `event` NULL. `PLAYERLINK_NOTHING` when there is none.
///
/// `out->struct_size` must be set. What it points at is valid until the next call of this function for the client, or destroy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_next_event(
    client: playerlink_client,
    out: *mut playerlink_completion,
) -> playerlink_result {
    let _ = (client, out);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// The text of the last call of this client that failed at once (not of operations: their completion has it); of client 0, of
/// the last client that could not be made. For developers; it holds no secret.
///
/// `*inout_size` in: the room; out: what is needed, with the NUL. `buffer` NULL asks for the size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_error_copy(
    client: playerlink_client,
    buffer: *mut c_char,
    inout_size: *mut usize,
) -> playerlink_result {
    let _ = (client, buffer, inout_size);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Gives an operation up: it completes with `PLAYERLINK_E_CANCELLED` in the next tick, whatever the transport says. What the
/// service has done by then stays done. `PLAYERLINK_E_UNKNOWN_ID` when it has ended already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_op_cancel(client: playerlink_client, op: playerlink_op) -> playerlink_result {
    let _ = (client, op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}
