//! Linking codes: shown, entered, sent to the game's server.

use core::ffi::{c_char, c_void};

use std::sync::Arc;

use crate::bindings::c::client::{Client, begin, with_client, without_client};
use crate::bindings::c::constants::*;
use crate::bindings::c::input::{self, UserData};
use crate::bindings::c::ledger::Target;
use crate::bindings::c::output::{self, copy_out, put_op, size_wanted, write_out};
use crate::bindings::c::refusal::{Fallible, Refusal};
use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::screen::Screen;
use crate::bindings::c::types::{
    playerlink_client, playerlink_code_entry, playerlink_code_format, playerlink_done_fn,
    playerlink_link_by_code_request, playerlink_linking_news, playerlink_linking_options, playerlink_linking_snapshot,
    playerlink_op,
};
use crate::linking::display::{Event, Link, Options};
use crate::linking::entry::{self, Problem};
use crate::linking::format::Format;
use crate::linking::qr;

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
    // SAFETY: the caller's word. Zero whatever fails, so that no old number is taken for this operation's.
    unsafe { put_op(out_op, playerlink_op(0)) };
    with_client(client, |client| {
        // SAFETY: the caller's word, for all in here.
        unsafe {
            client.service.makes_linking_codes()?;
            let session = client.ledger.needs_session()?;
            let (mut format, mut concealed, mut url) = (None, false, String::new());
            if let Some(given) = input::read_maybe(options)? {
                input::known_flags(given.flags, PLAYERLINK_LINKING_CONCEALED)?;
                concealed = given.flags & PLAYERLINK_LINKING_CONCEALED != 0;
                url = input::text(given.companion_url)?;
                format = read_format(given.format)?;
            }
            if url.len() > qr::MAX_TEXT {
                return Err(Refusal::argument("the companion page's address is too long for a QR code: 120 bytes"));
            }
            let options = Options { format, concealed, ..Options::default() };
            let screen = Screen::new(&client.engine, &session, &client.ledger, options, url);
            let target = Target::new(done, UserData(user_data));
            let work = Box::pin(screen.first_code());
            let result = client.start(PLAYERLINK_COMPLETION_LINKING_CODE, target, out_op, work)?;
            client.ledger.set_screen(Some(screen.clone()));
            screen.push(Event::Start);
            Ok(result)
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
        let shown = needs_screen(client)?.shown();
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
        let event = match act {
            PLAYERLINK_LINKING_ACT_NEW_CODE => Event::NewCode,
            PLAYERLINK_LINKING_ACT_KEEP => Event::Keep,
            PLAYERLINK_LINKING_ACT_CANCEL => Event::Cancel,
            PLAYERLINK_LINKING_ACT_CONCEAL => Event::Conceal,
            PLAYERLINK_LINKING_ACT_REVEAL => Event::Reveal,
            PLAYERLINK_LINKING_ACT_FINISHED => Event::Finished,
            PLAYERLINK_LINKING_ACT_HIDDEN => Event::Hidden,
            PLAYERLINK_LINKING_ACT_VISIBLE => Event::Visible,
            _ => return Err(Refusal::argument("that act is unknown here")),
        };
        needs_screen(client)?.push(event);
        Ok(playerlink_result::PLAYERLINK_OK)
    })
}

/// The game's own server says that the code on the screen was used, or why it could not be: the code leaves the screen in the
/// next tick, and after a link the session is refreshed. Without it the player has to say so (`PLAYERLINK_LINKING_ACT_FINISHED`).
/// `PLAYERLINK_E_STATE` without a screen; news change nothing after the link, an error or the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_linking_push(
    client: playerlink_client,
    news: *const playerlink_linking_news,
) -> playerlink_result {
    with_client(client, |client| {
        // SAFETY: the caller's word, for all in here.
        unsafe {
            let given = input::read(news)?;
            input::is_zero(given.reserved)?;
            let (conflict, platform) = (input::text(given.conflict)?, input::text(given.platform)?);
            let some = |text: String| Some(text).filter(|text| !text.is_empty());
            let id = some(input::text(given.platform_user_id)?);
            let display_name = some(input::text(given.display_name)?);
            needs_screen(client)?.push(match some(conflict) {
                Some(conflict) => Event::PushedConflict(conflict),
                None => Event::PushedLinked(Link { platform, id, display_name }),
            });
        }
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
    // SAFETY: the caller's word, for all in here.
    without_client(|| unsafe {
        let size = size_wanted(out)?;
        let format = read_format(format)?.unwrap_or_else(Format::digits6);
        let typed = zeroize::Zeroizing::new(input::text_at(typed, typed_len)?);
        let entry = entry::read(&typed, &format);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (problem, number, position) = match entry.problem {
            None => (PLAYERLINK_CODE_GOOD, 0, 0),
            Some(Problem::Empty) => (PLAYERLINK_CODE_EMPTY, 0, 0),
            Some(Problem::TooShort { missing }) => (PLAYERLINK_CODE_TOO_SHORT, count(missing), 0),
            Some(Problem::TooLong { extra }) => (PLAYERLINK_CODE_TOO_LONG, count(extra), 0),
            Some(Problem::BadCharacter { position, .. }) => (PLAYERLINK_CODE_BAD_CHARACTER, 0, count(position)),
            Some(Problem::BadCheckDigit | Problem::ForeignLink) => (PLAYERLINK_CODE_BAD_CHECK_DIGIT, 0, 0),
        };
        let grouped = entry.groups.join(" ");
        let entry = copy_out(text, inout_text_size, |texts| playerlink_code_entry {
            struct_size: output::size::<playerlink_code_entry>(),
            problem,
            count: number,
            position,
            normalized: texts.text(&entry.normalized),
            grouped: texts.text(&grouped),
        })?;
        write_out(out, size, &entry);
        Ok(playerlink_result::PLAYERLINK_OK)
    })
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
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_LINK_BY_CODE, (done, user_data), out_op, |client| {
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
            client.service.link_by_code(session, &client.engine, server, (ticket, code.into()))
        })
    }
}

fn needs_screen(client: &Client) -> Fallible<Arc<Screen>> {
    client.ledger.screen().ok_or_else(|| Refusal::state("there is no linking code on the screen"))
}

/// # Safety
/// As [`input::read`], and its text as [`input::text`].
unsafe fn read_format(from: *const playerlink_code_format) -> Fallible<Option<Format>> {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        let Some(given) = input::read_maybe(from)? else { return Ok(None) };
        let format = match given.kind {
            PLAYERLINK_CODE_DIGITS_6 => Format::digits6(),
            PLAYERLINK_CODE_DIGITS_8 => Format::digits8(),
            PLAYERLINK_CODE_DIGITS_10 => Format::digits10(),
            PLAYERLINK_CODE_BASE20_8 => Format::base20x8(),
            PLAYERLINK_CODE_XSOLLA_LEGACY_6 => Format::xsolla_legacy6(),
            PLAYERLINK_CODE_CUSTOM => {
                let length = usize::try_from(given.length).unwrap_or(usize::MAX);
                let format = Format::custom(&input::text(given.alphabet)?, length, &[]);
                let checked = match given.check_digit {
                    0 => format,
                    1 => format.and_then(Format::with_check_digit),
                    _ => return Err(Refusal::argument("`check_digit` is 0 or 1")),
                };
                checked.map_err(|error| Refusal::from(&error))?
            }
            _ => return Err(Refusal::argument("the kind of code is unknown here")),
        };
        Ok(Some(format))
    }
}
