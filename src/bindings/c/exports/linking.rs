//! Linking codes: shown, entered, sent to the game's server.

use core::ffi::{c_char, c_void};

use crate::bindings::c::client::{with_client, without_client};
use crate::bindings::c::constants::*;
use crate::bindings::c::input::{self, UserData};
use crate::bindings::c::ledger::Target;
use crate::bindings::c::output::{copy_out, put_op, size_wanted, write_out};
use crate::bindings::c::refusal::Refusal;
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
    with_client(client, |client| {
        // SAFETY: the caller's word, for all in here.
        unsafe {
            put_op(out_op, playerlink_op(0));
            if let Some(options) = input::read_maybe(options)? {
                input::known_flags(options.flags, PLAYERLINK_LINKING_CONCEALED)?;
            }
            let work = client.service.linking_code(client.ledger.needs_session()?)?;
            client.start(PLAYERLINK_COMPLETION_LINKING_CODE, Target::new(done, UserData(user_data)), out_op, work)
        }
    })
}

/// The linking code on the screen as it is now. As `playerlink_session_get`; the QR code's modules lie in `text` as well.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_linking_get(
    client: playerlink_client,
    out: *mut playerlink_linking_snapshot,
    text: *mut c_char,
    inout_text_size: *mut usize,
) -> playerlink_result {
    with_client(client, |client| {
        let shown = client.ledger.shown().ok_or_else(|| Refusal::state("there is no linking code on the screen"))?;
        // SAFETY: the caller's word, for all in here.
        unsafe {
            let size = size_wanted(out)?;
            let snapshot = copy_out(text, inout_text_size, |texts| shown.to_c(texts))?;
            write_out(out, size, &snapshot);
        }
        Ok(playerlink_result::PLAYERLINK_OK)
    })
}

/// What the player does with the linking code on the screen: `PLAYERLINK_LINKING_ACT_…`. Done in the next tick.
/// `PLAYERLINK_E_STATE` without one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_linking_act(client: playerlink_client, act: u32) -> playerlink_result {
    with_client(client, |client| {
        if !(PLAYERLINK_LINKING_ACT_NEW_CODE..=PLAYERLINK_LINKING_ACT_FINISHED).contains(&act) {
            return Err(Refusal::argument("that act is unknown here"));
        }
        if client.ledger.shown().is_none() {
            return Err(Refusal::state("there is no linking code on the screen"));
        }
        if act != PLAYERLINK_LINKING_ACT_CANCEL {
            return Err(Refusal::unsupported("not with this version"));
        }
        client.ledger.set_shown(None);
        Ok(playerlink_result::PLAYERLINK_OK)
    })
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
    without_client(|| Err(Refusal::unsupported("not with this version")))
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
    with_client(client, |client| {
        // SAFETY: the caller's word, for all in here.
        unsafe {
            put_op(out_op, playerlink_op(0));
            let given = input::read(request)?;
            input::is_zero(given.reserved)?;
            let typed = zeroize::Zeroizing::new(input::text(given.code)?);
            let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
            let ticket = input::secret(given.platform_ticket)?;
            if code.is_empty() || ticket.is_empty() {
                return Err(Refusal::argument("linking by code needs the code and the platform's ticket"));
            }
            let session = client.ledger.session();
            let server = client.game_server.as_ref();
            let work = client.service.link_by_code(session, &client.engine, server, (ticket, code.into()))?;
            client.start(PLAYERLINK_COMPLETION_LINK_BY_CODE, Target::new(done, UserData(user_data)), out_op, work)
        }
    })
}
