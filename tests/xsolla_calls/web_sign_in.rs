//! Xsolla's web sign-in with a slot per `state`. The rules of the slots are proved with RallyHere's.

use playerlink::ErrorKind;

use crate::player::callback;
use crate::support::world::World;
use crate::support::{all, code};

const CALLBACK: &str = "https://companion.example/callback";

#[test]
fn r38_a_sign_in_begins_at_xsollas_page_or_another_one_with_a_state_of_its_own() {
    let world = World::new();
    let begun = world.run(world.xsolla().begin_oauth(None)).unwrap();
    let query = format!(
        "projectId={}&client_id=57&response_type=code&state={}\
         &redirect_uri=https%3A%2F%2Fcompanion.example%2Fcallback&scope=offline",
        emulator::xsolla::MAIN_PROJECT_ID,
        begun.state.expose()
    );
    assert_eq!(begun.url, format!("https://login-widget.xsolla.com/latest/?{query}"));
    let own = world.run(world.xsolla().begin_oauth(Some("https://companion.example/sign-in?lang=de"))).unwrap();
    assert!(own.url.starts_with("https://companion.example/sign-in?lang=de&projectId="), "{}", own.url);
    assert_ne!(own.state, begun.state);
    assert_eq!(world.count(), 0);
}

#[test]
fn r39_a_way_back_becomes_one_session_however_often_it_is_handled() {
    let world = World::new();
    let begun = world.run(world.xsolla().begin_oauth(None)).unwrap();
    let url = callback(&world, begun.state.expose());
    // After the navigation.
    let xsolla = world.xsolla();
    let sessions = world.run(all([xsolla.complete_oauth_url(&url), xsolla.complete_oauth_url(&url)]));
    for session in sessions {
        assert_eq!(session.unwrap().player().player_id, emulator::xsolla::USER_ID);
    }
    assert_eq!(world.take_requests(), ["POST /api/oauth2/token"]);
    let error = world.run(world.xsolla().complete_oauth_url(&url)).unwrap_err();
    assert_eq!((error.kind(), world.count()), (ErrorKind::PlatformTicket, 0), "a replay in another page");
}

#[test]
fn r38_an_unknown_or_missing_state_sends_nothing() {
    let world = World::new();
    let xsolla = world.xsolla();
    for query in ["code=c&state=unknown", "code=c"] {
        let error = world.run(xsolla.complete_oauth_url(&format!("{CALLBACK}?{query}"))).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::PlatformTicket, None), "{query}");
    }
    let error = world.run(xsolla.complete_oauth_url(&format!("{CALLBACK}?error_code=003-007"))).unwrap_err();
    assert_eq!(code(&error), "003-007", "an error may come without the state");
    assert_eq!(world.run(xsolla.complete_oauth_url(CALLBACK)).unwrap_err().kind(), ErrorKind::Misuse);
    assert_eq!(world.count(), 0);
}
