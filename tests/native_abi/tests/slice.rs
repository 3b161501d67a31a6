//! The shortest way through: a player signs in, and is who the service says.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]

use native_abi::*;

#[test]
fn a_player_signs_in_on_a_frame_loop() {
    let mut game = Game::rallyhere();
    game.answers(|_| Reply::json(200, &rallyhere_login("p-1", "at-1")));
    let op = game.login_steam();
    assert!(game.world().sent.is_empty(), "starting does no I/O");
    game.settle();
    let done = game.ended(op);
    assert_eq!((done.kind, done.result), (PLAYERLINK_COMPLETION_LOGIN, PLAYERLINK_OK), "{done:?}");
    assert_eq!(game.session().player_id, "p-1");
    assert_eq!(game.session().flags, PLAYERLINK_SESSION_STORED);
    assert_eq!(game.access_token().as_deref(), Ok("at-1"));
    assert_eq!(game.requests(), ["POST /users/v1/login"]);
}
