//! The calls of a main account: sign-in, the web sign-in's swap, refresh, sign-out, linking code, profile.

use emulator::Fault;
use emulator::xsolla::{RefreshReuse, USER_ID};
use playerlink::{ErrorKind, Secret, SessionOverReason, Status};
use serde_json::json;

use crate::support::code;
use crate::support::world::World;

const HOUR: u64 = 3_600_000;
const CALLBACK: &str = "https://companion.example/callback";

/// Goes through the web sign-in; ends at our callback.
pub(crate) fn callback(world: &World, state: &str) -> String {
    let pairs = [
        ("client_id", "57"),
        ("scope", "offline"),
        ("state", state),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
    ];
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", emulator::http::percent_encode(value))).collect();
    let request = emulator::Request {
        method: "POST".into(),
        path: "/api/oauth2/login".into(),
        query: query.join("&"),
        headers: vec![("content-type".into(), "application/json".into())],
        body: json!({ "username": "nova", "password": emulator::xsolla::PASSWORD }).to_string().into_bytes(),
    };
    let response = world.emulator().handle(world.now(), request);
    let answer: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    answer["login_url"].as_str().unwrap().to_owned()
}

#[test]
fn signing_in_sends_name_and_password_as_json_and_asks_for_a_refresh_token() {
    let world = World::new();
    let session = world.nova();
    let sent = &world.sent()[0];
    assert_eq!((sent.method, sent.path.as_str()), ("POST", "/api/oauth2/login/token"));
    let query = emulator::http::form_decode(&sent.query);
    let wanted = [("client_id", "57"), ("scope", "offline"), ("redirect_uri", CALLBACK)];
    assert_eq!(query, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(sent.json(), json!({ "username": "nova", "password": emulator::xsolla::PASSWORD }));
    let names: Vec<_> = sent.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["content-type"], "nothing else passes the service's CORS list");
    let player = session.player();
    assert_eq!((player.player_id.as_str(), player.display_name()), (USER_ID, "Nova"));
}

#[test]
fn an_empty_name_or_password_sends_nothing() {
    let world = World::new();
    for (name, word) in [("", "p"), ("nova", "")] {
        let error = world.run(world.xsolla().login(name, &Secret::new(word))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
    }
    assert_eq!(world.count(), 0);
}

#[test]
fn a_web_sign_in_becomes_a_session_that_can_be_refreshed() {
    let world = World::new();
    let xsolla = world.xsolla();
    let url = callback(&world, "state-1234");
    let code = xsolla.oauth_code(&url, Some("state-1234")).unwrap();
    let session = world.run(xsolla.complete_oauth(&code)).unwrap();
    assert_eq!(session.player().player_id, USER_ID);
    let sent = &world.sent()[0];
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    let field = |name| sent.field(name).unwrap_or_default();
    assert_eq!((field("grant_type").as_str(), field("code")), ("authorization_code", code.expose().to_owned()));
    assert_eq!((field("client_id").as_str(), field("redirect_uri").as_str()), ("57", CALLBACK));
    assert!(world.run(session.refresh()).is_ok());
    let error = world.run(xsolla.complete_oauth(&code)).unwrap_err();
    assert_eq!((self::code(&error), error.status()), ("010-023", Some(400)), "a code works once");
}

#[test]
fn a_callback_with_an_error_or_a_foreign_state_is_no_code() {
    let world = World::new();
    let xsolla = world.xsolla();
    let url = format!("{CALLBACK}?error_code=003-007&error_description=not+confirmed&state=mine-1234");
    let error = xsolla.oauth_code(&url, Some("mine-1234")).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("003-007", ErrorKind::Credentials));
    let error = xsolla.oauth_code(&format!("{CALLBACK}?error=010-015"), Some("mine-1234")).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("010-015", ErrorKind::PlatformTicket));
    for url in [callback(&world, "other-1234"), format!("{CALLBACK}?code=c"), CALLBACK.to_owned()] {
        let error = xsolla.oauth_code(&url, Some("mine-1234")).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, None), "{url}");
    }
}

#[test]
fn each_refresh_uses_the_token_the_last_one_brought_in_every_mode_of_reuse() {
    for mode in [RefreshReuse::RotateStrict, RefreshReuse::Reusable, RefreshReuse::RotateGrace { seconds: 10 }] {
        let world = World::new();
        world.emulator().xsolla_mut().knobs_mut().refresh_reuse = mode;
        let session = world.nova();
        world.forget();
        for _ in 0..5 {
            world.host.advance_ms(HOUR);
            assert!(world.run(session.profile()).is_ok(), "{mode:?}");
        }
        let sent = world.sent_to("/api/oauth2/token");
        assert_eq!(sent.len(), 5);
        for pair in sent.windows(2) {
            assert_ne!(pair[0].field("refresh_token"), pair[1].field("refresh_token"));
        }
        assert!(sent.iter().all(|sent| sent.field("grant_type").as_deref() == Some("refresh_token")));
        assert!(sent.iter().all(|sent| sent.field("client_secret").is_none()));
    }
}

#[test]
fn r19_a_lost_answer_of_a_refresh_is_asked_for_once_more_and_ends_the_session_when_the_service_says_so() {
    let world = World::new();
    let session = world.nova();
    world.fault(Fault { after: true, delivery: emulator::Delivery::Close, ..Fault::on("/api/oauth2/token") });
    world.forget();
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!(world.count(), 2);
    assert_eq!((code(&error), error.kind()), ("010-023", ErrorKind::SessionOver));
    assert_eq!(error.reason(), Some(SessionOverReason::OutcomeUnknown));
    assert_eq!(session.snapshot().status, Status::SignedIn);
    assert!(world.run(session.profile()).is_ok(), "the access token lives on");
    world.host.advance_ms(HOUR);
    assert_eq!(world.run(session.profile()).unwrap_err().kind(), ErrorKind::SessionOver);
}

#[test]
fn signing_out_ends_all_tokens_at_the_service() {
    let world = World::new();
    let session = world.nova();
    let other = world.nova();
    let token = world.run(session.access_token()).unwrap();
    world.forget();
    assert!(world.run(session.logout()).revoked);
    let sent = world.sent();
    assert_eq!((sent.len(), sent[0].method, sent[0].path.as_str()), (1, "GET", "/api/oauth2/logout"));
    assert_eq!(sent[0].query, "sessions=all");
    assert_eq!(sent[0].header("authorization"), Some(format!("Bearer {}", token.expose()).as_str()));
    assert!(world.run(other.refresh()).is_err(), "the other device's too");
    for (status, text) in [(429, "429"), (418, "004-001")] {
        let session = world.nova();
        world.refuse("/api/oauth2/logout", status, text);
        assert!(!world.run(session.logout()).revoked);
        assert!(matches!(session.snapshot().status, Status::SignedOut(_)));
    }
}

#[test]
fn signing_out_with_an_access_token_that_is_not_accepted_revokes_the_refresh_token() {
    for expired in [true, false] {
        let world = World::new();
        let session = world.nova();
        let access = world.run(session.access_token()).unwrap();
        if expired {
            world.host.advance_ms(HOUR);
        } else {
            assert!(world.emulator().xsolla_mut().revoke_token(access.expose()));
        }
        world.forget();
        assert!(world.run(session.logout()).revoked);
        let sent = world.sent();
        let revoke = sent.last().unwrap();
        assert_eq!((sent.len(), revoke.path.as_str()), (if expired { 1 } else { 2 }, "/api/oauth2/token/revoke"));
        assert_eq!(revoke.field("client_id").as_deref(), Some("57"));
        let refresh_token = revoke.field("token").unwrap();
        let form = format!("grant_type=refresh_token&client_id=57&refresh_token={refresh_token}");
        let request = emulator::Request {
            method: "POST".into(),
            path: "/api/oauth2/token".into(),
            query: String::new(),
            headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
            body: form.into_bytes(),
        };
        assert_eq!(world.emulator().handle(world.now(), request).status, 400, "it is worth nothing now");
    }
}

#[test]
fn a_linking_code_is_asked_for_with_the_token_and_shown_in_groups() {
    let world = World::new();
    let session = world.nova();
    world.forget();
    let code = world.run(session.create_linking_code()).unwrap();
    assert_eq!(code.requested_at, world.now());
    let live = world.emulator().xsolla().live_codes(world.now());
    assert_eq!(live[0].code, code.code.expose());
    let groups: String = code.groups().iter().map(|group| group.expose().to_owned()).collect();
    assert_eq!((groups.as_str(), code.groups().len()), (code.code.expose(), 2));
    let sent = &world.sent()[0];
    assert!(sent.header("authorization").is_some_and(|value| value.starts_with("Bearer ")));
    let next = world.run(session.create_linking_code()).unwrap();
    assert_ne!(next.code, code.code, "a new one replaces the old");
}

#[test]
fn a_linking_code_is_opaque_and_may_be_a_number() {
    let cases = [("\"012345\"", "012345"), ("123456", "123456"), ("\" ab-CD \"", "ab-CD"), ("\"53LRH2\"", "53LRH2")];
    for (json, wanted) in cases {
        let world = World::new();
        let session = world.nova();
        let body = format!("{{\"code\":{json}}}");
        world.fault(Fault { status: Some(200), body: Some(body), ..Fault::on("/api/users/account/code") });
        assert_eq!(world.run(session.create_linking_code()).unwrap().code.expose(), wanted);
    }
    for body in ["{}", "{\"code\":\"\"}", "{\"code\":\" \"}", "{\"code\":null}", ""] {
        let world = World::new();
        let session = world.nova();
        world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on("/api/users/account/code") });
        assert_eq!(world.run(session.create_linking_code()).unwrap_err().kind(), ErrorKind::Protocol, "{body}");
    }
}

#[test]
fn the_profile_is_read_with_every_field_optional() {
    let world = World::new();
    let session = world.nova();
    let profile = world.run(session.profile()).unwrap();
    assert_eq!((profile.id.as_str(), profile.username.as_deref()), (USER_ID, Some("nova")));
    assert_eq!((profile.email.as_deref(), profile.nickname.as_deref()), (Some("nova@example.com"), Some("Nova")));
    assert_eq!((profile.is_anonymous, profile.country), (Some(false), None));
    assert_eq!(profile.registered.as_deref(), Some("2023-11-14T22:13:20Z"));
    let body = r#"{"id":"u","brand_new":{"x":1},"email":null}"#;
    world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on("/api/users/me") });
    let profile = world.run(session.profile()).unwrap();
    assert_eq!((profile.id.as_str(), profile.email), ("u", None));
}

#[test]
fn a_session_from_a_token_is_neither_stored_nor_refreshed() {
    let world = World::new();
    let token = world.run(world.nova().access_token()).unwrap();
    world.host.advance_ms(1);
    let stored = world.host.stored();
    world.forget();
    let session = world.run(world.xsolla().session_from_token(token.clone())).unwrap();
    assert_eq!((session.player().player_id.as_str(), world.count()), (USER_ID, 0));
    assert_eq!(world.host.stored(), stored);
    assert!(world.run(session.profile()).is_ok());
    world.host.advance_ms(HOUR);
    world.forget();
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    let error = world.run(world.xsolla().session_from_token(token)).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    for rubbish in ["", "a.b.c", "not a token"] {
        let error = world.run(world.xsolla().session_from_token(rubbish)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse, "{rubbish}");
    }
    assert_eq!(world.count(), 0);
}

#[test]
fn a_linking_code_is_asked_for_without_a_body() {
    let world = World::new();
    let session = world.nova();
    world.forget();
    assert!(world.run(session.create_linking_code()).is_ok());
    let sent = &world.sent()[0];
    let names: Vec<_> = sent.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!((sent.body.as_slice(), names.as_slice()), (&[][..], &["authorization"][..]));
}

#[test]
fn a_403_that_is_not_about_the_token_costs_no_refresh() {
    let world = World::new();
    let session = world.nova();
    for body in ["", "<html>", r#"{"auth_success":false,"error_code":"auth_token_expired"}"#] {
        world.fault(Fault { status: Some(403), body: Some(body.into()), ..Fault::on("/api/users/me") });
        world.forget();
        assert_eq!(world.run(session.profile()).unwrap_err().kind(), ErrorKind::Permission, "{body}");
        assert_eq!(world.count(), 1, "{body}");
    }
}
