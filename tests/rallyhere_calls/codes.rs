//! Every code of RallyHere's other calls, and what a refused access token sets in motion.

use emulator::Fault;
use emulator::rallyhere::Platform;
use playerlink::host::SimHost;
use playerlink::rallyhere::{Changed, Credential, RallyHereSession};
use playerlink::{Agreements, Error, ErrorKind, ServiceCode, Status};
use serde_json::{Value, json};

use crate::support::code;
use crate::support::contract::{self, variant_of};
use crate::support::world::World;

const REFRESH: &str = "POST /users/v1/login";

/// Makes the call of that endpoint. What the client does not call is stood in for by `verify`.
fn call(world: &World, session: &RallyHereSession<SimHost>, endpoint: &str) -> Result<Option<Changed>, Error> {
    match endpoint {
        "POST /users/v1/link" => world.run(session.link(&"leader".into())).map(Some),
        "POST /users/v1/unlink" => world.run(session.unlink(None)).map(Some),
        "POST /users/v1/cross-progression/enable" => world.run(session.enable_cross_progression(None)).map(Some),
        "POST /users/v1/cross-progression/disable" => world.run(session.disable_cross_progression()).map(Some),
        "GET /users/v2/player/me/links" => world.run(session.links()).map(|_| None),
        "GET /users/v1/person/me/restrictions" => world.run(session.person_restrictions()).map(|_| None),
        "GET /users/v2/player/me/restrictions" => world.run(session.player_restrictions()).map(|_| None),
        "POST /users/v1/oauth/token" => {
            world.run(world.rallyhere().complete_oauth(&"code".into(), Agreements::default())).map(|_| None)
        }
        _ => world.run(session.verify()).map(|_| None),
    }
}

/// The endpoint that is called for a row.
fn called(endpoint: &str) -> &str {
    if endpoint == "POST /users/v1/platform-user" { "POST /users/v1/verify" } else { endpoint }
}

fn fault(endpoint: &str, status: u16, code: &str) -> Fault {
    let (method, path) = endpoint.split_once(' ').unwrap();
    Fault { method: Some(method.into()), status: Some(status), error_code: Some(code.into()), ..Fault::on(path) }
}

#[test]
fn each_other_code_of_each_endpoint_is_returned_exactly_typed() {
    let world = World::new();
    let session = world.steam("s1");
    for [text, endpoint, status, class, kind] in contract::other_codes() {
        let (endpoint, status) = (called(endpoint), status.parse().unwrap());
        let rejected = class == "token_rejected";
        // A refused token is replaced once; the second refusal is final.
        world.fault(Fault { times: Some(if rejected { 2 } else { 1 }), ..fault(endpoint, status, text) });
        world.forget();
        let result = call(&world, &session, endpoint);
        let requests = world.take_requests();
        if kind == "unchanged" {
            let changed = result.unwrap().expect("a change");
            assert_eq!((changed.changed, changed.code.as_ref().map(ServiceCode::as_str)), (false, Some(text)));
            assert_eq!(requests, [endpoint, REFRESH], "{text}: the token may be one of the player before");
            continue;
        }
        let error = result.expect_err(text);
        let Some(ServiceCode::RallyHere(typed)) = error.code() else { panic!("{text} at {endpoint}: {error:?}") };
        assert_eq!(format!("{typed:?}"), variant_of(text));
        assert_eq!(typed.as_str(), text);
        assert_eq!(typed.classification().map(|class| class.as_str()), Some(class), "{text}");
        assert_eq!(error.kind().as_str(), kind, "{text} at {endpoint}");
        assert_eq!(error.status(), Some(status), "{text} at {endpoint}");
        let wanted: &[&str] = if rejected { &[endpoint, REFRESH, endpoint] } else { &[endpoint] };
        assert_eq!(requests, wanted, "{text}: exactly one refresh and one replay, or none");
        assert_eq!(session.snapshot().status, Status::SignedIn, "{text}");
    }
}

#[test]
fn a_token_refused_once_costs_one_refresh_and_one_replay_with_the_new_token() {
    let world = World::new();
    let session = world.steam("s1");
    let rows = contract::other_codes().into_iter().filter(|row| row[3] == "token_rejected");
    for [text, endpoint, ..] in rows {
        if endpoint.contains("link") || endpoint.contains("cross-progression") {
            continue;
        }
        world.fault(fault(endpoint, 403, text));
        world.forget();
        assert!(call(&world, &session, endpoint).is_ok(), "{text} at {endpoint}");
        let sent = world.sent();
        assert_ne!(sent[0].header("authorization"), sent[2].header("authorization"));
        assert_eq!(world.take_requests(), [endpoint, REFRESH, endpoint]);
    }
}

#[test]
fn auth_success_decides_about_the_refresh_and_its_absence_leaves_it_to_the_code() {
    let cases = [
        (json!(false), "brand_new_code", true),
        (json!(false), "insufficient_permissions", true),
        (json!(true), "auth_token_expired", false),
        (json!(true), "insufficient_permissions", false),
        (Value::Null, "auth_token_expired", true),
        (Value::Null, "auth_not_jwt", true),
        (Value::Null, "insufficient_permissions", false),
        (Value::Null, "brand_new_code", false),
    ];
    for (auth_success, text, refreshes) in cases {
        let world = World::new();
        let session = world.steam("s1");
        let fields = json!({ "auth_success": auth_success }).as_object().unwrap().clone();
        world.fault(Fault { fields, ..fault("POST /users/v1/verify", 403, text) });
        world.forget();
        let result = world.run(session.verify());
        assert_eq!(result.is_ok(), refreshes, "{auth_success} {text}");
        assert_eq!(world.count(), if refreshes { 3 } else { 1 }, "{auth_success} {text}");
        if let Err(error) = result {
            assert_eq!((code(&error), error.status()), (text, Some(403)));
        }
    }
}

#[test]
fn a_401_of_any_body_costs_one_refresh_and_one_replay() {
    for body in ["", "<html>", "{}", "{\"auth_success\":true}"] {
        let world = World::new();
        let session = world.steam("s1");
        world.fault(Fault { status: Some(401), body: Some(body.into()), ..Fault::on("/users/v1/verify") });
        world.forget();
        assert!(world.run(session.verify()).is_ok(), "{body}");
        assert_eq!(world.count(), 3);
    }
}

#[test]
fn a_retired_signing_key_is_survived_by_one_refresh() {
    let world = World::new();
    let session = world.steam("s1");
    {
        let mut emulator = world.emulator();
        let rallyhere = emulator.rallyhere_mut();
        let new = rallyhere.rotate_key();
        let old = if new == emulator::jwt::KID_A { emulator::jwt::KID_B } else { emulator::jwt::KID_A };
        rallyhere.retire_key(old);
    }
    world.forget();
    assert!(world.run(session.verify()).is_ok());
    assert_eq!(world.take_requests(), ["POST /users/v1/verify", REFRESH, "POST /users/v1/verify"]);
    let seen = world.emulator().log().entries().filter_map(|entry| entry.error_code.clone()).next_back();
    assert_eq!(seen.as_deref(), Some("auth_invalid_key_id"));
}

#[test]
fn a_service_whose_clock_is_ahead_is_survived_by_one_refresh() {
    let world = World::new();
    let session = world.steam("s1");
    world.emulator().advance(3_600_000);
    world.forget();
    assert!(world.run(session.links()).is_ok());
    assert_eq!(world.count(), 3);
}

#[test]
fn ten_calls_refused_together_share_one_refresh() {
    let world = World::new();
    let session = world.steam("s1");
    world.emulator().advance(3_600_000);
    world.latency_ms(50);
    world.forget();
    let results = world.run(crate::support::all((0..10).map(|_| session.verify())));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.sent_to("/users/v1/login").len(), 1);
    assert_eq!(world.sent_to("/users/v1/verify").len(), 20);
}

#[test]
fn a_deleted_user_is_not_found_and_its_session_ends_with_the_refresh() {
    let world = World::new();
    let session = world.signed_in(playerlink::rallyhere::Credential::xbox_live("emu.x1"));
    assert!(world.emulator().rallyhere_mut().delete_user(Platform::XBOX_LIVE, "x1"));
    let error = world.run(session.person_restrictions()).unwrap_err();
    assert_eq!((error.kind(), code(&error), error.status()), (ErrorKind::NotFound, "user_not_found", Some(404)));
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::SessionOver, "refresh_token_invalid_user"));
}

#[test]
fn statuses_without_a_body_that_says_more_have_their_own_kinds() {
    let cases = [
        (408, "busy"),
        (425, "busy"),
        (429, "busy"),
        (503, "busy"),
        (500, "service"),
        (502, "service"),
        (504, "service"),
        (418, "service"),
        (404, "not-found"),
        (409, "conflict"),
        (422, "misuse"),
        (403, "permission"),
    ];
    for (status, kind) in cases {
        for body in ["", "<html>gateway</html>", "[]", "{\"error_code\":null}"] {
            let world = World::new();
            let session = world.steam("s1");
            world.fault(Fault { status: Some(status), body: Some(body.into()), ..Fault::on("/users/v1/verify") });
            let error = world.run(session.verify()).unwrap_err();
            assert_eq!((error.kind().as_str(), error.status()), (kind, Some(status)), "{body}");
            assert_eq!(error.code(), None);
        }
    }
}

#[test]
fn a_422_that_quotes_the_ticket_does_not_get_it_into_the_error() {
    let world = World::new();
    let body =
        r#"{"detail":[{"loc":["body","portal_access_token"],"msg":"value emu.canary-ticket is too odd","type":"x"}]}"#;
    world.fault(Fault { status: Some(422), body: Some(body.into()), ..Fault::on("/users/v1/login") });
    let error = world.run(world.rallyhere().login(Credential::steam("emu.canary-ticket"))).unwrap_err();
    let fields: Vec<_> = error.invalid_fields().iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
    assert_eq!(fields, [("body.portal_access_token", "value [redacted] is too odd")]);
}

#[test]
fn a_422_names_the_refused_fields() {
    let world = World::new();
    let session = world.steam("s1");
    let body = r#"{"detail":[{"loc":["body","items",0,"id"],"msg":"not a uuid","type":"type_error.uuid"},
        {"loc":["query","x"],"msg":"too long","type":"t"}]}"#;
    world.fault(Fault { status: Some(422), body: Some(body.into()), ..Fault::on("/users/v1/verify") });
    let error = world.run(session.verify()).unwrap_err();
    let fields: Vec<_> = error.invalid_fields().iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
    assert_eq!(fields, [("body.items.0.id", "not a uuid"), ("query.x", "too long")]);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, None));
}
