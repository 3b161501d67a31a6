//! Linked accounts and cross-progression of the player who is signed in.

use core::ffi::c_void;

use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::types::{
    playerlink_client, playerlink_done_fn, playerlink_identity, playerlink_link_request, playerlink_op,
    playerlink_unlink_request,
};

/// The linked accounts. RallyHere; Xsolla: the social networks. `PLAYERLINK_E_UNSUPPORTED` for PlayFab.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_account_links(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Links accounts, and refreshes after it. RallyHere, PlayFab.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_account_link(
    client: playerlink_client,
    request: *const playerlink_link_request,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, request, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Unlinks an account, and refreshes after it. All services; Xsolla: a social network.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_account_unlink(
    client: playerlink_client,
    request: *const playerlink_unlink_request,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, request, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Makes one linked account's player the active one for all of them, and refreshes after it. `identity` NULL: this session's
/// account. RallyHere.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_cross_progression_enable(
    client: playerlink_client,
    identity: *const playerlink_identity,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, identity, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}

/// Lets every linked account have its own player again, and refreshes after it. RallyHere.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_cross_progression_disable(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    let _ = (client, done, user_data, out_op);
    playerlink_result::PLAYERLINK_E_INTERNAL
}
