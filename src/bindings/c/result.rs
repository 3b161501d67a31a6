//! How a call ended, in numbers that are never changed or used again, and what they are made of: the closed list of
//! error kinds, and the caller's mistakes that only C can make.

use crate::error::{Error, ErrorKind, SessionOverReason};
use crate::services::ServiceCode;
use crate::services::codes::CodeRow;

use super::constants::*;

/// How a call ended. 0: it worked. Above: it worked, with a remark. Below: it failed.
///
/// -1 to -19 are mistakes of the caller, to be fixed in the code; -20 to -39 come from outside, to be handled; -40 to -59
/// concern the player; -99 is a defect of the library. Newer libraries may have further values.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum playerlink_result {
    /// It worked.
    PLAYERLINK_OK = 0,
    /// It worked, and there is nothing: no stored session, no event.
    PLAYERLINK_NOTHING = 1,
    /// The player must tell something first: see `user_data_request`. Xsolla.
    PLAYERLINK_NEEDS_USER_DATA = 2,
    /// The account was made, and must be confirmed by the e-mail that was sent. Xsolla.
    PLAYERLINK_NEEDS_EMAIL_CONFIRMATION = 3,

    /// A pointer that is needed is NULL.
    PLAYERLINK_E_NULL = -1,
    /// No such client or operation: 0, made up, of another kind, or destroyed.
    PLAYERLINK_E_BAD_HANDLE = -2,
    /// `struct_size` is none of this structure, or what this version does not know of it is not zero.
    PLAYERLINK_E_STRUCT_SIZE = -3,
    /// A kind or flag that is unknown, a text that is no UTF-8, holds a NUL or is too long.
    PLAYERLINK_E_ARGUMENT = -4,
    /// Tick was called in a callback, or on two threads at once.
    PLAYERLINK_E_REENTRANT = -5,
    /// The buffer is too small; the size that is needed was written.
    PLAYERLINK_E_BUFFER = -6,
    /// The caller was compiled for another major version.
    PLAYERLINK_E_ABI_VERSION = -7,
    /// Not now: there is no session, a login is under way, too many operations.
    PLAYERLINK_E_STATE = -8,
    /// The call is wrong: kind `misuse`.
    PLAYERLINK_E_MISUSE = -9,
    /// The set-up is wrong: kind `configuration`.
    PLAYERLINK_E_CONFIGURATION = -10,
    /// This service, or this build of the library, cannot do that.
    PLAYERLINK_E_UNSUPPORTED = -11,
    /// No such request or operation any more.
    PLAYERLINK_E_UNKNOWN_ID = -12,

    /// No answer. Trying again may help.
    PLAYERLINK_E_NETWORK = -20,
    /// No complete answer before the deadline.
    PLAYERLINK_E_TIMEOUT = -21,
    /// Cancelled by `playerlink_op_cancel` or `playerlink_client_destroy`.
    PLAYERLINK_E_CANCELLED = -22,
    /// The service asks to wait: see `retry_after_ms`.
    PLAYERLINK_E_BUSY = -23,
    /// The service failed: report it.
    PLAYERLINK_E_SERVICE = -24,
    /// The service's answer was not understood: report it.
    PLAYERLINK_E_PROTOCOL = -25,
    /// The storage failed.
    PLAYERLINK_E_STORAGE = -26,

    /// The platform's ticket was not accepted: get a new one and sign in again.
    PLAYERLINK_E_PLATFORM_TICKET = -40,
    /// What the player typed was not accepted: ask again.
    PLAYERLINK_E_CREDENTIALS = -41,
    /// The player must accept agreements first: see `agreements`.
    PLAYERLINK_E_AGREEMENTS = -42,
    /// The account is restricted: see `restrictions`.
    PLAYERLINK_E_RESTRICTED = -43,
    /// That way to sign in is switched off: offer another.
    PLAYERLINK_E_PLATFORM_DISABLED = -44,
    /// Unknown account, nothing linked, or a linking code that is unknown, used or expired: explain.
    PLAYERLINK_E_NOT_FOUND = -45,
    /// Already linked or already claimed: let the player choose.
    PLAYERLINK_E_CONFLICT = -46,
    /// Not allowed to do that.
    PLAYERLINK_E_PERMISSION = -47,
    /// The session has ended: sign in again.
    PLAYERLINK_E_SESSION_OVER = -48,
    /// The session has to be refreshed first.
    PLAYERLINK_E_SESSION_STALE = -49,

    /// A defect of this library: report it. The client does nothing any more; destroy it.
    PLAYERLINK_E_INTERNAL = -99,
}

impl playerlink_result {
    /// Every value, in the order of the header.
    pub(super) const ALL: &'static [(Self, &'static core::ffi::CStr)] = &[
        (Self::PLAYERLINK_OK, c"ok"),
        (Self::PLAYERLINK_NOTHING, c"nothing"),
        (Self::PLAYERLINK_NEEDS_USER_DATA, c"needs-user-data"),
        (Self::PLAYERLINK_NEEDS_EMAIL_CONFIRMATION, c"needs-email-confirmation"),
        (Self::PLAYERLINK_E_NULL, c"null"),
        (Self::PLAYERLINK_E_BAD_HANDLE, c"bad-handle"),
        (Self::PLAYERLINK_E_STRUCT_SIZE, c"struct-size"),
        (Self::PLAYERLINK_E_ARGUMENT, c"argument"),
        (Self::PLAYERLINK_E_REENTRANT, c"reentrant"),
        (Self::PLAYERLINK_E_BUFFER, c"buffer"),
        (Self::PLAYERLINK_E_ABI_VERSION, c"abi-version"),
        (Self::PLAYERLINK_E_STATE, c"state"),
        (Self::PLAYERLINK_E_MISUSE, c"misuse"),
        (Self::PLAYERLINK_E_CONFIGURATION, c"configuration"),
        (Self::PLAYERLINK_E_UNSUPPORTED, c"unsupported"),
        (Self::PLAYERLINK_E_UNKNOWN_ID, c"unknown-id"),
        (Self::PLAYERLINK_E_NETWORK, c"network"),
        (Self::PLAYERLINK_E_TIMEOUT, c"timeout"),
        (Self::PLAYERLINK_E_CANCELLED, c"cancelled"),
        (Self::PLAYERLINK_E_BUSY, c"busy"),
        (Self::PLAYERLINK_E_SERVICE, c"service"),
        (Self::PLAYERLINK_E_PROTOCOL, c"protocol"),
        (Self::PLAYERLINK_E_STORAGE, c"storage"),
        (Self::PLAYERLINK_E_PLATFORM_TICKET, c"platform-ticket"),
        (Self::PLAYERLINK_E_CREDENTIALS, c"credentials"),
        (Self::PLAYERLINK_E_AGREEMENTS, c"agreements"),
        (Self::PLAYERLINK_E_RESTRICTED, c"restricted"),
        (Self::PLAYERLINK_E_PLATFORM_DISABLED, c"platform-disabled"),
        (Self::PLAYERLINK_E_NOT_FOUND, c"not-found"),
        (Self::PLAYERLINK_E_CONFLICT, c"conflict"),
        (Self::PLAYERLINK_E_PERMISSION, c"permission"),
        (Self::PLAYERLINK_E_SESSION_OVER, c"session-over"),
        (Self::PLAYERLINK_E_SESSION_STALE, c"session-stale"),
        (Self::PLAYERLINK_E_INTERNAL, c"internal"),
    ];
}

/// The word for a number.
pub(super) fn name(result: i32) -> &'static core::ffi::CStr {
    let known = playerlink_result::ALL.iter().find(|(value, _)| *value as i32 == result);
    known.map_or(c"unknown", |(_, name)| name)
}

/// The result that stands for a kind of error.
pub(super) fn of_kind(kind: ErrorKind) -> playerlink_result {
    match kind {
        ErrorKind::Misuse => playerlink_result::PLAYERLINK_E_MISUSE,
        ErrorKind::Configuration => playerlink_result::PLAYERLINK_E_CONFIGURATION,
        ErrorKind::Network => playerlink_result::PLAYERLINK_E_NETWORK,
        ErrorKind::Timeout => playerlink_result::PLAYERLINK_E_TIMEOUT,
        ErrorKind::Cancelled => playerlink_result::PLAYERLINK_E_CANCELLED,
        ErrorKind::Busy => playerlink_result::PLAYERLINK_E_BUSY,
        ErrorKind::Service => playerlink_result::PLAYERLINK_E_SERVICE,
        ErrorKind::Protocol => playerlink_result::PLAYERLINK_E_PROTOCOL,
        ErrorKind::PlatformTicket => playerlink_result::PLAYERLINK_E_PLATFORM_TICKET,
        ErrorKind::Credentials => playerlink_result::PLAYERLINK_E_CREDENTIALS,
        ErrorKind::Agreements => playerlink_result::PLAYERLINK_E_AGREEMENTS,
        ErrorKind::Restricted => playerlink_result::PLAYERLINK_E_RESTRICTED,
        ErrorKind::PlatformDisabled => playerlink_result::PLAYERLINK_E_PLATFORM_DISABLED,
        ErrorKind::NotFound => playerlink_result::PLAYERLINK_E_NOT_FOUND,
        ErrorKind::Conflict => playerlink_result::PLAYERLINK_E_CONFLICT,
        ErrorKind::Permission => playerlink_result::PLAYERLINK_E_PERMISSION,
        ErrorKind::SessionOver => playerlink_result::PLAYERLINK_E_SESSION_OVER,
        ErrorKind::SessionStale => playerlink_result::PLAYERLINK_E_SESSION_STALE,
        ErrorKind::Storage => playerlink_result::PLAYERLINK_E_STORAGE,
        ErrorKind::Internal => playerlink_result::PLAYERLINK_E_INTERNAL,
    }
}

/// The number of a reason.
pub(super) fn over(reason: Option<SessionOverReason>) -> u32 {
    match reason {
        None => PLAYERLINK_OVER_NOT,
        Some(SessionOverReason::SignedOut) => PLAYERLINK_OVER_SIGNED_OUT,
        Some(SessionOverReason::RefreshRejected) => PLAYERLINK_OVER_REFRESH_REJECTED,
        Some(SessionOverReason::OutcomeUnknown) => PLAYERLINK_OVER_OUTCOME_UNKNOWN,
        Some(SessionOverReason::Expired) => PLAYERLINK_OVER_EXPIRED,
        Some(SessionOverReason::Restricted) => PLAYERLINK_OVER_RESTRICTED,
    }
}

/// The result of an operation that failed.
pub(super) fn of(error: &Error) -> playerlink_result {
    of_kind(error.kind())
}

/// The number of a service's code; `None` for one that this version does not know.
pub(super) fn code_number(code: &ServiceCode) -> Option<u32> {
    fn find<C>(table: &[CodeRow<C>], text: &str) -> Option<u32> {
        table.iter().find(|row| row.text == text).map(|row| u32::from(row.number))
    }
    match code {
        ServiceCode::PlayFab(code) => find(crate::playfab::Code::TABLE, code.as_str()),
        ServiceCode::RallyHere(code) => find(crate::rallyhere::Code::TABLE, code.as_str()),
        ServiceCode::Xsolla(code) => find(crate::xsolla::Code::TABLE, code.as_str()),
    }
}
