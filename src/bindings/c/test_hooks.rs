//! Exports that make the library fail, for its tests: feature `ffi-test-hooks`, in no library that is given away.

use super::client::with_client;
use super::registry;
use super::result::playerlink_result;
use super::types::playerlink_client;

/// Panics: 0 in this call, 1 in the next tick.
#[unsafe(no_mangle)]
pub extern "C" fn playerlink_test_panic(client: playerlink_client, place: u32) -> playerlink_result {
    with_client(client, |client| {
        if place == 1 {
            client.panic_in_tick();
            return Ok(playerlink_result::PLAYERLINK_OK);
        }
        #[allow(clippy::panic, reason = "a test asked for it")]
        {
            panic!("asked for by a test")
        }
    })
}

/// 1: a slot whose generations are used up is never given out again.
#[unsafe(no_mangle)]
pub extern "C" fn playerlink_test_generations() -> u32 {
    u32::from(registry::a_slot_whose_generations_are_used_up_is_never_given_out_again())
}
