//! A defect of the library: the client is of no use any more, all it had under way ends, others go on.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use native_abi::*;
use playerlink::bindings::c::test_hooks::playerlink_test_panic;

#[test]
fn a_panic_makes_one_client_useless_and_no_other() {
    for place in [0, 1] {
        let mut other = Game::rallyhere();
        let mut game = Game::rallyhere();
        game.signed_in();
        game.answers(|_| Reply::Hangs);
        let op = game.refresh();
        game.settle();
        let told = game.world().lines.len();
        let result = playerlink_test_panic(game.client, place);
        if place == 1 {
            assert_eq!(result, PLAYERLINK_OK);
            let ticked = unsafe { playerlink_client_tick(game.client, game.now, 1, std::ptr::null_mut()) };
            assert_eq!(ticked, PLAYERLINK_E_INTERNAL);
        } else {
            assert_eq!(result, PLAYERLINK_E_INTERNAL);
        }
        assert_eq!(game.world().lines[told..], [(PLAYERLINK_LOG_ERROR, "panic".to_owned())], "without what it said");
        assert!(!game.has_ended(op));
        let client = game.client;
        unsafe {
            let mut wait = 0;
            assert_eq!(playerlink_client_tick(client, game.now, 1, &raw mut wait), PLAYERLINK_E_INTERNAL);
            assert_eq!(playerlink_client_notify(client, PLAYERLINK_NOTIFY_ONLINE), PLAYERLINK_E_INTERNAL);
            assert_eq!(playerlink_op_cancel(client, op), PLAYERLINK_E_INTERNAL);
        }
        assert_eq!(game.access_token(), Err(PLAYERLINK_E_INTERNAL));
        assert!(last_error(client).contains("destroy it"));
        other.signed_in();
        assert_eq!(game.destroy(), PLAYERLINK_OK);
        assert_eq!(game.ended(op).result, PLAYERLINK_E_CANCELLED);
        assert_eq!(other.session().player_id, "p-1");
    }
}
