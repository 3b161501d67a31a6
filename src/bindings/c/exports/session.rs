//! Signing in and out, and the session.

use core::ffi::{c_char, c_void};

use crate::bindings::c::client::{begin, with_client};
use crate::bindings::c::constants::*;
use crate::bindings::c::credential::Presented;
use crate::bindings::c::input;
use crate::bindings::c::ledger::Outcome;
use crate::bindings::c::output::{self, copy_out, size_wanted, write_out};
use crate::bindings::c::refusal::Refusal;
use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::service::Service;
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
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_LOGIN, (done, user_data), out_op, |client| {
            let presented = Presented::read(credential)?;
            client.service.sign_in(&presented, &client.engine, client.game_server.as_ref())
        })
    }
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
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_RESTORE, (done, user_data), out_op, |client| {
            Ok(client.service.restore(None))
        })
    }
}

/// Lists who is signed in on this device, the active one first: `completion->accounts`. Asks only the host's storage; what
/// cannot be read there is left out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_accounts_list(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_ACCOUNTS, (done, user_data), out_op, |client| Ok(client.service.accounts()))
    }
}

/// Takes up the stored session of one of `playerlink_accounts_list`, by its `account_id`, which takes `account_size` bytes: as
/// `playerlink_session_restore`, which finds this one from then on. The session the client has stays stored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_account_restore(
    client: playerlink_client,
    account: *const c_char,
    account_size: usize,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_RESTORE, (done, user_data), out_op, |client| {
            let account = input::text_at(account, account_size)?;
            if account.is_empty() {
                return Err(Refusal::argument("which account is to be restored"));
            }
            Ok(client.service.restore(Some(account)))
        })
    }
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
    with_client(client, |client| {
        let snapshot = client.ledger.snapshot();
        // SAFETY: the caller's word, for all in here.
        unsafe {
            let size = size_wanted(out)?;
            let session = copy_out(text, inout_text_size, |texts| match &snapshot {
                Some(snapshot) => output::session(texts, snapshot),
                None => output::no_session(texts),
            })?;
            write_out(out, size, &session);
        }
        Ok(playerlink_result::PLAYERLINK_OK)
    })
}

/// The access token, if it is valid now and the active player's; else `PLAYERLINK_E_SESSION_STALE`: start
/// `playerlink_session_prepare_token`. A secret: wipe the copy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_copy_access_token(
    client: playerlink_client,
    buffer: *mut c_char,
    inout_size: *mut usize,
) -> playerlink_result {
    with_client(client, |client| {
        let token = client.ledger.needs_session()?.token_at_hand().map_err(|error| Refusal::from(&error))?;
        // SAFETY: the caller's word.
        unsafe { copy_out(buffer, inout_size, |texts| texts.put(token.expose().as_bytes())) }?;
        Ok(playerlink_result::PLAYERLINK_OK)
    })
}

/// The session ticket of PlayFab, which its `Client` calls take. A secret: wipe the copy. `PLAYERLINK_E_UNSUPPORTED` for other
/// services.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_copy_ticket(
    client: playerlink_client,
    buffer: *mut c_char,
    inout_size: *mut usize,
) -> playerlink_result {
    with_client(client, |client| {
        let Service::PlayFab(_) = &client.service else {
            return Err(Refusal::unsupported("only PlayFab has session tickets"));
        };
        let ticket = client.ledger.needs_session()?.refresh_token().map_err(|error| Refusal::from(&error))?;
        // SAFETY: the caller's word.
        unsafe { copy_out(buffer, inout_size, |texts| texts.put(ticket.expose().as_bytes())) }?;
        Ok(playerlink_result::PLAYERLINK_OK)
    })
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
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_TOKEN, (done, user_data), out_op, |client| {
            let session = client.ledger.needs_session()?;
            Ok(Box::pin(async move {
                match session.access_token().await {
                    Ok(_) => Outcome::ok(),
                    Err(error) => error.into(),
                }
            }))
        })
    }
}

/// Refreshes now, whatever the token's age. Joins a refresh that is under way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_session_refresh(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_REFRESH, (done, user_data), out_op, |client| {
            let session = client.ledger.needs_session()?;
            Ok(Box::pin(async move {
                match session.refresh().await {
                    Ok(refreshed) => Outcome::ok().flagged(refreshed.changed, PLAYERLINK_COMPLETION_PLAYER_CHANGED),
                    Err(error) => error.into(),
                }
            }))
        })
    }
}

/// Signs out: here in the next tick, also offline; then tells the service, for at most 2 s.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_logout(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_LOGOUT, (done, user_data), out_op, |client| {
            let session = client.ledger.needs_session()?;
            Ok(Box::pin(
                async move { Outcome::ok().flagged(session.logout().await.revoked, PLAYERLINK_COMPLETION_REVOKED) },
            ))
        })
    }
}

/// Answers `PLAYERLINK_EVENT_TICKET_WANTED` with a credential that has a new platform ticket; NULL: there is none.
/// `PLAYERLINK_E_STATE` when none is wanted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_ticket_provide(
    client: playerlink_client,
    credential: *const playerlink_credential,
) -> playerlink_result {
    with_client(client, |client| {
        let tickets = client.tickets.as_ref();
        let tickets = tickets.ok_or_else(|| Refusal::state("the client was made without PLAYERLINK_OPTION_TICKETS"))?;
        let presented = if credential.is_null() {
            None
        } else {
            // SAFETY: the caller's word.
            Some(unsafe { Presented::read(credential) }?)
        };
        if let Some(presented) = &presented {
            client.service.can_renew_with(presented)?;
        }
        tickets.provide(presented)?;
        Ok(playerlink_result::PLAYERLINK_OK)
    })
}
