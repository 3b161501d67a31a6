//! Signing in and out, and the session.

use core::ffi::{c_char, c_void};

use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::types::{
    playerlink_client, playerlink_credential, playerlink_done_fn, playerlink_op, playerlink_session,
};

/// Signs a player in. The session replaces the one the client has, which stays stored if it is another player's.
/// `PLAYERLINK_E_STATE` while another login or restore is under way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_login(
    client: playerlink_client,
    credential: *const playerlink_credential,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, credential, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Takes the stored session up again, refreshed if it must be. Completes with `PLAYERLINK_NOTHING` when there is none that
/// can be used; what is stored, however damaged, never makes it fail.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_restore(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// The session as it is now. `out->struct_size` must be set; its texts lie in `text`, which takes `*inout_text_size` bytes.
/// `PLAYERLINK_E_BUFFER` writes nothing but the size that is needed; `text` NULL asks for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_get(
    client: playerlink_client,
    out: *mut playerlink_session,
    text: *mut c_char,
    inout_text_size: *mut usize,
) -> playerlink_result {
    let _ = (client, out, text, inout_text_size);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// The access token, if it is valid now and the active player's; else `PLAYERLINK_E_SESSION_STALE`: start
/// `playerlink_session_prepare_token`. A secret: wipe the copy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_copy_access_token(
    client: playerlink_client,
    buffer: *mut c_char,
    inout_size: *mut usize,
) -> playerlink_result {
    let _ = (client, buffer, inout_size);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// The session ticket of PlayFab, which its `Client` calls take. A secret: wipe the copy. `PLAYERLINK_E_UNSUPPORTED` for other
/// services.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_copy_ticket(
    client: playerlink_client,
    buffer: *mut c_char,
    inout_size: *mut usize,
) -> playerlink_result {
    let _ = (client, buffer, inout_size);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Completes when the access token is valid, after a refresh if there has to be one: `playerlink_session_copy_access_token`
/// then has it. While the old one is valid, no failure of a refresh makes this fail.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_prepare_token(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Refreshes now, whatever the token's age. Joins a refresh that is under way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_refresh(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Signs out: here in the next tick, also offline; then tells the service, for at most 2 s.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_logout(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Answers `PLAYERLINK_EVENT_TICKET_WANTED` with a credential that has a new platform ticket; NULL: there is none.
/// `PLAYERLINK_E_STATE` when none is wanted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_ticket_provide(
    client: playerlink_client,
    credential: *const playerlink_credential,
) -> playerlink_result {
    let _ = (client, credential);
    playerlink_result::PLAYERLINK_E_INTERNAL
}
