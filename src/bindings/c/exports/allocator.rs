//! Where memory comes from.

use crate::bindings::c::client::without_client;
#[cfg(not(feature = "ffi-allocator"))]
use crate::bindings::c::refusal::Refusal;
use crate::bindings::c::result::playerlink_result;
use crate::bindings::c::types::playerlink_allocator;

/// Has all memory of the library come from the game. Once, before any other function of it: `PLAYERLINK_E_STATE` after that.
/// `PLAYERLINK_E_UNSUPPORTED` where the library was built without.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_set_allocator(allocator: *const playerlink_allocator) -> playerlink_result {
    #[cfg(feature = "ffi-allocator")]
    // SAFETY: the caller's word.
    return without_client(|| unsafe { crate::bindings::c::allocator::set(allocator) });
    #[cfg(not(feature = "ffi-allocator"))]
    {
        let _ = allocator;
        without_client(|| Err(Refusal::unsupported("this library was built without")))
    }
}
