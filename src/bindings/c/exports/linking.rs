//! Linking codes: shown, entered, sent to the game's server.

use core::ffi::{c_char, c_void};

use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::types::{
    playerlink_client, playerlink_code_entry, playerlink_code_format, playerlink_done_fn,
    playerlink_link_by_code_request, playerlink_linking_options, playerlink_linking_snapshot, playerlink_op,
};

/// Asks for a linking code and shows it: completes when it is there, and from then on `PLAYERLINK_EVENT_LINKING_CHANGED` tells
/// of changes. `options` may be NULL. Xsolla. A new one replaces the old.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_linking_code_create(
    client: playerlink_client,
    options: *const playerlink_linking_options,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, options, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// The linking code on the screen as it is now. As `playerlink_session_get`; the QR code's modules lie in `text` as well.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_linking_get(
    client: playerlink_client,
    out: *mut playerlink_linking_snapshot,
    text: *mut c_char,
    inout_text_size: *mut usize,
) -> playerlink_result {
    let _ = (client, out, text, inout_text_size);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// What the player does with the linking code on the screen: `PLAYERLINK_LINKING_ACT_…`. Done in the next tick.
/// `PLAYERLINK_E_STATE` without one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_linking_act(client: playerlink_client, act: u32) -> playerlink_result {
    let _ = (client, act);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Makes a code of what a player typed, and says what is wrong with it, without any guess spent. `format` NULL: six digits.
/// `out->struct_size` must be set; its texts lie in `text`, for which 256 bytes are always enough.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_code_entry_check(
    format: *const playerlink_code_format,
    typed: *const c_char,
    typed_len: usize,
    out: *mut playerlink_code_entry,
    text: *mut c_char,
    inout_text_size: *mut usize,
) -> playerlink_result {
    let _ = (format, typed, typed_len, out, text, inout_text_size);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Sends a code that the player typed to the game's own server, which links this console's player to the main account that
/// showed it; then takes the session up as that player (docs/link-by-code.md). Needs `game_server_url`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_link_by_code(
    client: playerlink_client,
    request: *const playerlink_link_by_code_request,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, request, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}
