//! A client's life: made, ticked, told, destroyed.

use core::ffi::c_char;

use crate::bindings::c::client::{Client, Parts, destroy, last_failure, with_client, without_client};
use crate::bindings::c::constants::*;
use crate::bindings::c::host_calls::HostCalls;
use crate::bindings::c::input::{self, UserData};
use crate::bindings::c::ledger::{Ledger, Target};
use crate::bindings::c::output::{copy_out, size_wanted, write_out};
use crate::bindings::c::refusal::{Fallible, Refusal};
use crate::bindings::c::registry;
use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::service::{Options, Service};
use crate::bindings::c::tickets::Tickets;
use crate::bindings::c::types::{playerlink_client, playerlink_client_options, playerlink_completion, playerlink_op};
use crate::host::engine::{EngineHost, EngineOptions};
use crate::host::{LogLevel, Signal};
use crate::http::DEFAULT_TIMEOUT_MS;
use crate::services::game_server::GameServer;

/// Makes a client for one service. Does no I/O; what it starts is done by `playerlink_client_tick`.
///
/// `PLAYERLINK_E_CONFIGURATION` when an option is wrong: `playerlink_error_copy` of client 0 says which.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_create(
    options: *const playerlink_client_options,
    out_client: *mut playerlink_client,
) -> playerlink_result {
    // SAFETY: the caller's word; nothing is followed before it is looked at.
    without_client(|| unsafe { create(options, out_client) }.inspect_err(|refusal| last_failure::set(refusal.text())))
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
    with_client(client, |client| {
        let wait = client.tick(now_ms, wall_ms)?;
        if !out_wait_ms.is_null() {
            // SAFETY: the caller's word; it may be unaligned.
            unsafe { out_wait_ms.write_unaligned(wait) };
        }
        Ok(playerlink_result::PLAYERLINK_OK)
    })
}

/// Ends a client: what is under way completes with `PLAYERLINK_E_CANCELLED` in this call, and no callback comes after it.
/// What is stored stays. Also in a callback. From another thread than that of a tick it waits for the tick's callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_destroy(client: playerlink_client) -> playerlink_result {
    destroy(client)
}

/// Tells the client what happens outside: `PLAYERLINK_NOTIFY_…`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_notify(client: playerlink_client, what: u32) -> playerlink_result {
    with_client(client, |client| {
        match what {
            PLAYERLINK_NOTIFY_RESUMED => client.engine.notify(&Signal::Resumed),
            PLAYERLINK_NOTIFY_OFFLINE => client.engine.set_offline(true),
            PLAYERLINK_NOTIFY_ONLINE => {
                client.engine.set_offline(false);
                client.engine.notify(&Signal::Online);
            }
            _ => return Err(Refusal::argument("what happened is unknown here")),
        }
        Ok(playerlink_result::PLAYERLINK_OK)
    })
}

/// The next completion or event, for hosts without callbacks: of operations started with `done` NULL, and events of a client
/// made with `event` NULL. `PLAYERLINK_NOTHING` when there is none. Of events the last 64 wait; destroy drops what nobody asked
/// for.
///
/// `out->struct_size` must be set. What it points at is valid until the next call of this function for the client, or destroy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_client_next_event(
    client: playerlink_client,
    out: *mut playerlink_completion,
) -> playerlink_result {
    with_client(client, |client| {
        // SAFETY: the caller's word.
        let size = unsafe { size_wanted(out) }?;
        let view = client.next_pulled();
        let result = match &view {
            // SAFETY: the same; what it points at is kept until the next one.
            Some(view) => unsafe {
                write_out(out, size, view.completion());
                playerlink_result::PLAYERLINK_OK
            },
            None => playerlink_result::PLAYERLINK_NOTHING,
        };
        drop(client.ledger.keep_pulled(view));
        Ok(result)
    })
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
    if client.0 == 0 {
        // SAFETY: the caller's word.
        return without_client(|| unsafe { copy_text(&last_failure::get(), buffer, inout_size) });
    }
    // Not by `with_client`: what is told must not become what was told.
    let Some(client) = registry::find(client) else { return playerlink_result::PLAYERLINK_E_BAD_HANDLE };
    // SAFETY: the caller's word.
    without_client(|| unsafe { copy_text(&client.ledger.last_error(), buffer, inout_size) })
}

/// Gives an operation up: it completes with `PLAYERLINK_E_CANCELLED` in the next tick, whatever the transport says. What the
/// service has done by then stays done. `PLAYERLINK_E_UNKNOWN_ID` when it has ended already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_op_cancel(client: playerlink_client, op: playerlink_op) -> playerlink_result {
    with_client(client, |client| client.cancel(op))
}

/// # Safety
/// As [`copy_out`].
unsafe fn copy_text(text: &str, buffer: *mut c_char, inout_size: *mut usize) -> Fallible<playerlink_result> {
    // SAFETY: the caller's word.
    unsafe { copy_out(buffer, inout_size, |texts| texts.put(text.as_bytes())) }?;
    Ok(playerlink_result::PLAYERLINK_OK)
}

/// # Safety
/// As [`input::read`], for the options, their texts and the host; `out` is NULL or writable.
unsafe fn create(
    options: *const playerlink_client_options,
    out: *mut playerlink_client,
) -> Fallible<playerlink_result> {
    const FLAGS: u32 = PLAYERLINK_OPTION_BUILTIN_HTTP | PLAYERLINK_OPTION_TICKETS | PLAYERLINK_OPTION_NO_RETRIES;
    if out.is_null() {
        return Err(Refusal::null("there is nowhere to put the client"));
    }
    // SAFETY: the caller's word, for this and for all that the options hold.
    unsafe { out.write_unaligned(playerlink_client(0)) };
    // SAFETY: the same.
    let given = unsafe { input::read(options) }?;
    if given.abi_version >> 16 != PLAYERLINK_ABI_VERSION >> 16 {
        let text = "the caller was compiled for another major version of this library";
        return Err(Refusal::new(playerlink_result::PLAYERLINK_E_ABI_VERSION, text));
    }
    input::known_flags(given.flags, FLAGS)?;
    let log_level = level(given.log_level)?;
    // SAFETY: the same.
    let host = unsafe { HostCalls::read(given.host) }?;
    let is_builtin = given.flags & PLAYERLINK_OPTION_BUILTIN_HTTP != 0;
    if is_builtin && !cfg!(feature = "builtin-http") {
        return Err(Refusal::unsupported("this library was built without HTTP of its own"));
    }
    if !is_builtin && !host.has_http() {
        return Err(Refusal::null("`http_send` is NULL"));
    }
    let timeout_ms = if given.timeout_ms == 0 { DEFAULT_TIMEOUT_MS } else { u64::from(given.timeout_ms) };
    // SAFETY: the same.
    let (options, game_server_url) = unsafe {
        let options = Options {
            service: given.service,
            timeout_ms,
            retries: given.flags & PLAYERLINK_OPTION_NO_RETRIES == 0,
            environment: input::text(given.environment)?,
            client_id: input::text(given.client_id)?,
            client_secret: input::secret(given.client_secret)?,
            project_id: input::text(given.project_id)?,
            redirect_uri: input::text(given.redirect_uri)?,
            title_id: input::text(given.title_id)?,
            base_url: input::text(given.base_url)?,
        };
        (options, input::maybe_text(given.game_server_url)?)
    };
    let game_server = match game_server_url {
        Some(url) => Some(GameServer::new(&url, timeout_ms).map_err(|error| Refusal::from(&error))?),
        None => None,
    };
    let engine = EngineHost::new(EngineOptions {
        random: host.random_source()?,
        has_storage: host.has_storage(),
        log_level: log_level.filter(|_| host.has_log()),
    });
    let ledger = Ledger::new(Target::new(given.event, UserData(given.event_user_data)));
    let tickets = (given.flags & PLAYERLINK_OPTION_TICKETS != 0).then(|| Tickets::new(&ledger));
    let service = Service::new(options, &engine, tickets.as_ref())?;
    #[cfg(feature = "builtin-http")]
    let builtin =
        if is_builtin { Some(crate::bindings::c::builtin_http::BuiltinHttp::start(engine.clone())?) } else { None };
    let parts = Parts {
        engine,
        service,
        game_server,
        tickets,
        ledger,
        host,
        #[cfg(feature = "builtin-http")]
        builtin,
    };
    let client = registry::add(|handle| Client::new(handle, parts));
    let client = client.ok_or_else(|| Refusal::state("there are a million clients already"))?;
    // SAFETY: the same.
    unsafe { out.write_unaligned(client) };
    Ok(playerlink_result::PLAYERLINK_OK)
}

fn level(level: u32) -> Fallible<Option<LogLevel>> {
    Ok(match level {
        PLAYERLINK_LOG_OFF => None,
        PLAYERLINK_LOG_ERROR => Some(LogLevel::Error),
        PLAYERLINK_LOG_WARN => Some(LogLevel::Warn),
        PLAYERLINK_LOG_INFO => Some(LogLevel::Info),
        PLAYERLINK_LOG_DEBUG => Some(LogLevel::Debug),
        _ => return Err(Refusal::argument("the log level is unknown here")),
    })
}
