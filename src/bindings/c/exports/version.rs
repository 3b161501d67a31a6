//! What the library is, without any client.

use core::ffi::c_char;

use crate::bindings::c::constants::PLAYERLINK_ABI_VERSION;

/// The version of the ABI the library has. Compare its high half with that of `PLAYERLINK_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn playerlink_abi_version() -> u32 {
    PLAYERLINK_ABI_VERSION
}

/// The version of the library, e.g. `0.1.0`. Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn playerlink_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The word for a result, e.g. `platform-ticket`; for a number this version does not know `unknown`. Static, never NULL.
/// Takes a number on purpose.
#[unsafe(no_mangle)]
pub extern "C" fn playerlink_result_name(result: i32) -> *const c_char {
    crate::bindings::c::result::name(result).as_ptr()
}
