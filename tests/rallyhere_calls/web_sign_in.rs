//! The web sign-in with a slot per `state`: what is kept while the player is away, and what a way back costs.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use emulator::Fault;
use emulator::rallyhere::Agreements as Versions;
use playerlink::host::{Host, SimHost, SimReply, TransportErrorKind};
use playerlink::rallyhere::{CompletedOauth, OauthPortal, RallyHere, RallyHereSession};
use playerlink::{Agreements, Error, ErrorKind, Secret, WebSignIn};

use crate::oauth::walk_from;
use crate::support::world::World;
use crate::support::{all, code, poll_once};

const CALLBACK: &str = "http://localhost:3000/callback";
const EXCHANGE: &str = "/users/v1/oauth/token";

fn begin(world: &World) -> WebSignIn {
    world.run(world.rallyhere().begin_oauth(OauthPortal::Xbox, Some(CALLBACK))).expect("it begins")
}

/// Through the portal's page and back.
fn back(world: &World, begun: &WebSignIn) -> String {
    walk_from(world, &begun.url, OauthPortal::Xbox, "emu.x1")
}

fn complete(world: &World, rallyhere: &RallyHere<SimHost>, url: &str) -> Result<RallyHereSession<SimHost>, Error> {
    world.run(rallyhere.complete_oauth_url(url, Agreements::default()))
}

fn assert_not_begun(world: &World, rallyhere: &RallyHere<SimHost>, url: &str) {
    world.forget();
    let error = complete(world, rallyhere, url).unwrap_err();
    assert_eq!((error.kind(), error.code(), world.count()), (ErrorKind::PlatformTicket, None, 0), "{url}");
}

#[test]
fn r38_each_sign_in_has_a_state_of_128_bits_or_more_that_its_address_holds() {
    let world = World::new();
    let states: Vec<Secret> = (0..50)
        .map(|_| {
            let begun = begin(&world);
            let state = begun.state.expose();
            assert!(state.len() * 6 >= 128 && state.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            assert!(begun.url.contains(&format!("state={state}&")), "{}", begun.url);
            assert!(!format!("{begun:?}").contains(state));
            begun.state
        })
        .collect();
    for (at, state) in states.iter().enumerate() {
        assert!(states.iter().skip(at + 1).all(|other| other != state));
    }
}

#[test]
fn r38_a_sign_in_survives_the_navigation_there_and_back() {
    let world = World::new();
    let url = back(&world, &begin(&world));
    let session = complete(&world, &world.rallyhere(), &url).unwrap();
    assert_eq!(session.player().platform_user_id.as_deref(), Some("x1"));
    assert_eq!(world.sent_to(EXCHANGE).len(), 1);
    assert!(world.host.stored().iter().all(|(key, _)| !key.ends_with("/sign-ins")), "nothing is left of it");
    assert!(world.run(world.rallyhere().restore()).is_some());
}

#[test]
fn r38_five_may_be_under_way_at_once_and_a_sixth_drops_the_oldest() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let begun: Vec<WebSignIn> = (0..6).map(|_| begin(&world)).collect();
    let urls: Vec<String> = begun.iter().map(|begun| back(&world, begun)).collect();
    assert_not_begun(&world, &rallyhere, &urls[0]);
    // In whatever order the players come back.
    for url in urls[1..].iter().rev() {
        assert!(complete(&world, &rallyhere, url).is_ok());
    }
}

#[test]
fn r38_tabs_that_begin_at_the_same_moment_do_not_lose_each_others_slot() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let begun = world.run(all((0..5).map(|_| rallyhere.begin_oauth(OauthPortal::Xbox, Some(CALLBACK)))));
    for begun in begun {
        assert!(complete(&world, &rallyhere, &back(&world, &begun.unwrap())).is_ok());
    }
}

#[test]
fn r38_a_player_may_be_away_for_ten_minutes() {
    let world = World::new();
    for (away_ms, in_time) in [(599_999, true), (600_000, false)] {
        let begun = begin(&world);
        world.host.advance_ms(away_ms);
        let url = format!("{CALLBACK}?code=c&state={}", begun.state.expose());
        world.forget();
        let error = complete(&world, &world.rallyhere(), &url).unwrap_err();
        assert_eq!(code(&error) == "authorization_code_not_found", in_time, "{error}");
        assert_eq!(world.count() == 1, in_time);
    }
}

#[test]
fn r38_an_unknown_a_foreign_or_a_missing_state_sends_nothing_and_spends_nothing() {
    let world = World::new();
    let (begun, other) = (begin(&world), begin(&world));
    let url = back(&world, &begun);
    let rallyhere = world.rallyhere();
    assert_not_begun(&world, &rallyhere, &format!("{CALLBACK}?code=c&state=made-up"));
    assert_not_begun(&world, &rallyhere, &format!("{CALLBACK}?code=c"));
    assert_not_begun(&world, &rallyhere, &format!("{CALLBACK}?code=c&state="));
    assert_not_begun(&world, &world.rallyhere_as("other-game", "secret"), &url);
    for url in [CALLBACK, ""] {
        assert_eq!(complete(&world, &rallyhere, url).unwrap_err().kind(), ErrorKind::Misuse);
    }
    assert_eq!(world.count(), 0);
    assert!(complete(&world, &rallyhere, &url).is_ok(), "it can still be completed");
    assert!(complete(&world, &rallyhere, &back(&world, &other)).is_ok(), "and so can the other");
}

#[test]
fn r38_the_slot_is_gone_before_the_code_is_spent_so_that_a_replay_after_a_crash_sends_nothing() {
    let world = World::new();
    let begun = begin(&world);
    let url = back(&world, &begun);
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (into, host) = (seen.clone(), world.host.clone());
    world.intercept(move |request| {
        let exchange = request.url.contains(EXCHANGE);
        exchange.then(|| {
            into.lock().unwrap().push(format!("{:?}", host.stored()));
            SimReply::hangs()
        })
    });
    let rallyhere = world.rallyhere();
    let mut first = Box::pin(rallyhere.complete_oauth_url(&url, Agreements::default()));
    assert!(poll_once(first.as_mut()).is_pending());
    world.run(world.host.sleep(1));
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1, "the exchange was sent");
    assert!(!seen[0].contains(begun.state.expose()), "{}", seen[0]);
    drop(first);
    world.no_intercept();
    assert_not_begun(&world, &world.rallyhere(), &url);
}

#[test]
fn r38_a_store_that_fails_is_a_storage_error_before_anything_is_sent() {
    let world = World::new();
    let url = back(&world, &begin(&world));
    let rallyhere = world.rallyhere();
    world.forget();
    world.host.fail_store(true);
    let error = world.run(rallyhere.begin_oauth(OauthPortal::Xbox, None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert_eq!(complete(&world, &rallyhere, &url).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(world.count(), 0);
    world.host.fail_store(false);
    assert!(complete(&world, &rallyhere, &url).is_ok(), "nothing was lost");
}

#[test]
fn r38_what_the_store_holds_may_be_anything() {
    for text in ["", "null", "[]", "{}", r#"{"waiting":7}"#, r#"{"waiting":[7,{},{"state":1,"at":"x"},null]}"#] {
        let world = World::new();
        begin(&world);
        let (key, _) = world.host.stored().into_iter().find(|(key, _)| key.ends_with("/sign-ins")).unwrap();
        world.host.put(&key, text);
        assert_not_begun(&world, &world.rallyhere(), &format!("{CALLBACK}?code=c&state=x"));
        let url = back(&world, &begin(&world));
        assert!(complete(&world, &world.rallyhere(), &url).is_ok(), "{text}");
    }
}

#[test]
fn r39_a_way_back_that_is_handled_twice_costs_one_exchange() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let url = back(&world, &begin(&world));
    world.latency_ms(50);
    world.forget();
    let sessions = world.run(all((0..3).map(|_| rallyhere.complete_oauth_url(&url, Agreements::default()))));
    let token = world.run(sessions[0].as_ref().unwrap().access_token()).unwrap();
    for session in &sessions {
        assert_eq!(world.run(session.as_ref().unwrap().access_token()).unwrap(), token, "it is one session");
    }
    assert!(complete(&world, &rallyhere, &url).is_ok(), "also for one who comes late");
    assert_eq!(world.sent_to(EXCHANGE).len(), 1);
    assert_eq!(world.count(), 2, "the code, and the refresh that tells who the player is");
}

#[test]
fn r39_a_failure_is_shared_too() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let url = format!("{CALLBACK}?code=never-issued&state={}", begin(&world).state.expose());
    let ends = world.run(all((0..2).map(|_| rallyhere.complete_oauth_url(&url, Agreements::default()))));
    for end in ends {
        assert_eq!(code(&end.unwrap_err()), "authorization_code_not_found");
    }
    assert_eq!(world.sent_to(EXCHANGE).len(), 1);
}

#[test]
fn r39_one_who_gives_up_stops_nothing_for_the_other() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let url = back(&world, &begin(&world));
    let mut first = Box::pin(rallyhere.complete_oauth_url(&url, Agreements::default()));
    assert!(poll_once(first.as_mut()).is_pending());
    let mut second = pin!(rallyhere.complete_oauth_url(&url, Agreements::default()));
    assert!(poll_once(second.as_mut()).is_pending());
    drop(first);
    assert!(world.run(second).is_ok());
    assert_eq!(world.sent_to(EXCHANGE).len(), 1);
}

#[test]
fn an_error_in_the_address_is_typed_and_ends_the_sign_in() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let state = begin(&world).state;
    world.forget();
    let url = format!("{CALLBACK}?error_code_v2=steam_disabled&state={}", state.expose());
    let error = complete(&world, &rallyhere, &url).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("steam_disabled", ErrorKind::PlatformDisabled));
    assert_not_begun(&world, &world.rallyhere(), &format!("{CALLBACK}?code=c&state={}", state.expose()));
    let lost = complete(&world, &rallyhere, &format!("{CALLBACK}?error_code_v2=failed_to_verify_state")).unwrap_err();
    assert_eq!(code(&lost), "failed_to_verify_state", "a service that lost the state cannot send it back");
    assert_eq!(world.count(), 0);
}

#[test]
fn missing_agreements_are_accepted_with_the_same_address() {
    let world = World::new();
    let versions = Versions { eula: Some(1), tos: None, privacy_policy: None };
    world.emulator().rallyhere_mut().require_agreements(versions);
    let rallyhere = world.rallyhere();
    let url = back(&world, &begin(&world));
    let error = complete(&world, &rallyhere, &url).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Agreements);
    let accept = *error.agreements().unwrap();
    assert!(world.run(rallyhere.complete_oauth_url(&url, accept)).is_ok());
    assert_eq!(world.sent_to(EXCHANGE).len(), 2);
}

#[test]
fn a_sign_in_whose_code_is_spent_goes_on_after_the_network_failed() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let url = back(&world, &begin(&world));
    world.intercept(|request| {
        request.url.contains("/users/v1/login").then(|| SimReply::fails(TransportErrorKind::Network))
    });
    assert_eq!(complete(&world, &rallyhere, &url).unwrap_err().kind(), ErrorKind::Network);
    assert_eq!(complete(&world, &rallyhere, &url).unwrap_err().kind(), ErrorKind::Network);
    world.no_intercept();
    assert!(complete(&world, &rallyhere, &url).is_ok());
    assert_eq!(world.sent_to(EXCHANGE).len(), 1, "the code was good for one exchange");
}

#[test]
fn a_sign_in_whose_code_never_arrived_is_tried_again_with_it() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let url = back(&world, &begin(&world));
    world.fault(Fault { status: Some(503), ..Fault::on(EXCHANGE) });
    assert_eq!(complete(&world, &rallyhere, &url).unwrap_err().kind(), ErrorKind::Busy);
    assert!(complete(&world, &rallyhere, &url).is_ok());
}

#[test]
fn a_launcher_that_keeps_the_state_itself_gets_the_retry() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let begun = begin(&world);
    let code = rallyhere.oauth_code(&back(&world, &begun), Some(begun.state.expose())).unwrap();
    world.intercept(|request| {
        request.url.contains("/users/v1/login").then(|| SimReply::fails(TransportErrorKind::Network))
    });
    let completed = world.run(rallyhere.complete_oauth(&code, Agreements::default())).unwrap();
    let CompletedOauth::Interrupted(error, retry) = completed else { panic!("interrupted") };
    assert_eq!(error.kind(), ErrorKind::Network);
    world.no_intercept();
    let completed = world.run(rallyhere.retry_oauth(&retry, Agreements::default())).unwrap();
    assert!(matches!(completed, CompletedOauth::SignedIn(_)));
    assert_eq!(world.sent_to(EXCHANGE).len(), 1);
}
