//! Linked accounts and cross-progression of the player who is signed in.

use core::ffi::c_void;

use crate::bindings::c::client::begin;
use crate::bindings::c::constants::*;
use crate::bindings::c::credential::Presented;
use crate::bindings::c::input;
use crate::bindings::c::refusal::{Fallible, Refusal};
use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::service::{Link, Unlink};
use crate::bindings::c::types::{
    playerlink_client, playerlink_done_fn, playerlink_identity, playerlink_link_request, playerlink_op,
    playerlink_unlink_request,
};
use crate::rallyhere::{Leader, PlatformIdentity};

/// The linked accounts. RallyHere; Xsolla: the social networks. `PLAYERLINK_E_UNSUPPORTED` for PlayFab.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_account_links(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_LINKS, (done, user_data), out_op, |client| {
            client.service.links(client.ledger.needs_session()?)
        })
    }
}

/// Links accounts. RallyHere, whose session is refreshed after it; PlayFab.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_account_link(
    client: playerlink_client,
    request: *const playerlink_link_request,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_LINK, (done, user_data), out_op, |client| {
            let link = read_link(request)?;
            client.service.link(client.ledger.needs_session()?, link)
        })
    }
}

/// Unlinks an account. RallyHere, whose session is refreshed after it; PlayFab; Xsolla: a social network.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_account_unlink(
    client: playerlink_client,
    request: *const playerlink_unlink_request,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_UNLINK, (done, user_data), out_op, |client| {
            let given = input::read(request)?;
            let unlink = Unlink {
                kind: given.kind,
                platform: input::text(given.platform)?,
                id: input::text(given.platform_user_id)?,
            };
            client.service.unlink(client.ledger.needs_session()?, unlink)
        })
    }
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
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_CROSS_PROGRESSION_ENABLE, (done, user_data), out_op, |client| {
            let identity = read_identity(identity)?;
            client.service.cross_progression(client.ledger.needs_session()?, true, identity)
        })
    }
}

/// Lets every linked account have its own player again, and refreshes after it. RallyHere.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_cross_progression_disable(
    client: playerlink_client,
    done: playerlink_done_fn,
    user_data: *mut c_void,
    out_op: *mut playerlink_op,
) -> playerlink_result {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        begin(client, PLAYERLINK_COMPLETION_CROSS_PROGRESSION_DISABLE, (done, user_data), out_op, |client| {
            client.service.cross_progression(client.ledger.needs_session()?, false, None)
        })
    }
}

/// # Safety
/// As [`input::read`], and its texts as [`input::text`].
unsafe fn read_identity(from: *const playerlink_identity) -> Fallible<Option<PlatformIdentity>> {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        let Some(given) = input::read_maybe(from)? else { return Ok(None) };
        input::is_zero(given.reserved)?;
        Ok(Some(PlatformIdentity::new(input::text(given.platform)?, input::text(given.platform_user_id)?)))
    }
}

/// # Safety
/// As [`input::read`], with all it points at.
unsafe fn read_link(from: *const playerlink_link_request) -> Fallible<Link> {
    // SAFETY: the caller's word, for all in here.
    unsafe {
        let given = input::read(from)?;
        input::known_flags(given.flags, PLAYERLINK_LINK_FORCE)?;
        input::is_zero(given.reserved)?;
        let leader = match given.kind {
            PLAYERLINK_LINK_TO_TOKEN => Leader::AccessToken(input::secret(given.leader)?),
            PLAYERLINK_LINK_TO_PERSON => Leader::Person(input::text(given.leader)?),
            PLAYERLINK_LINK_TO_PLATFORM => {
                let platform = input::text(given.leader_platform)?;
                Leader::Platform(PlatformIdentity::new(platform, input::text(given.leader)?))
            }
            PLAYERLINK_LINK_CREDENTIAL => {
                let presented = Presented::read(given.credential)?;
                return Ok(Link::Add(Box::new(presented), given.flags & PLAYERLINK_LINK_FORCE != 0));
            }
            _ => return Err(Refusal::argument("the kind of link is unknown here")),
        };
        Ok(Link::To(leader, read_identity(given.follower)?))
    }
}
