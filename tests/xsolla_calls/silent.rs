//! Silent authentication in both protocols: what is sent, and what each answer comes to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use emulator::Fault;
use emulator::xsolla::{SHADOW_PROJECT_ID, TicketOrder, USER_ID};
use playerlink::host::{SimReply, TransportErrorKind};
use playerlink::xsolla::server::LinkByCode;
use playerlink::xsolla::{Config, Jwt, Oauth, Protocol, SignIn, SilentLogin, Ticket, Xsolla};
use playerlink::{ErrorKind, SessionOverReason};
use serde_json::json;

use crate::bench::{CALLBACK, STEAM_ID, asked, minted, session_of, shadow, signed_in, steam, steam_ticket};
use crate::support::code;
use crate::support::world::World;

const JWT: &str = "/api/social/steam/cross_auth";
const OAUTH: &str = "/api/oauth2/social/steam/cross_auth";
const DAY: u64 = 86_400_000;

#[test]
fn a_steam_ticket_becomes_a_session_of_the_jwt_protocol_that_ends_with_its_token() {
    let world = World::new();
    let session = session_of(world.run(shadow(&world).silent_login(steam(&world), Jwt::new())).unwrap());
    let player = session.player();
    assert_eq!((player.platform.as_deref(), player.platform_user_id.as_deref()), (Some("steam"), Some(STEAM_ID)));
    let sent = &world.sent()[0];
    assert_eq!((world.count(), sent.method, sent.path.as_str()), (1, "GET", JWT));
    assert!(sent.headers.is_empty() && sent.body.is_empty(), "no credential, nothing a browser would preflight");
    let names: Vec<String> = emulator::http::form_decode(&sent.query).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["app_id", "session_ticket", "is_redirect", "projectId"]);
    assert_eq!(asked(sent, "is_redirect").as_deref(), Some("false"));
    assert_eq!(asked(sent, "projectId").as_deref(), Some(SHADOW_PROJECT_ID));
    world.forget();
    assert!(world.run(shadow(&world).restore()).is_some(), "it is stored");
    world.host.advance_ms(DAY);
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    assert_eq!(world.count(), 0, "there is nothing to refresh with");
}

#[test]
fn a_steam_ticket_becomes_a_session_of_oauth_that_can_be_refreshed() {
    let world = World::new();
    let session = signed_in(&world, steam(&world));
    let sent = world.sent();
    assert_eq!((sent[0].path.as_str(), sent[1].path.as_str(), sent.len()), (OAUTH, "/api/oauth2/token", 2));
    let field = |name| asked(&sent[0], name).unwrap_or_default();
    assert_eq!((field("client_id").as_str(), field("response_type").as_str()), ("60", "code"));
    assert_eq!((field("scope").as_str(), field("redirect_uri").as_str()), ("offline", CALLBACK));
    assert_eq!((field("state").len(), field("projectId").as_str()), (32, ""));
    assert_eq!(sent[1].field("redirect_uri").as_deref(), Some(CALLBACK), "the same at the exchange");
    world.host.advance_ms(3_600_000);
    world.forget();
    assert!(world.run(session.profile()).is_ok());
    assert_eq!(world.take_requests(), ["POST /api/oauth2/token", "GET /api/users/me"]);
    let again = signed_in(&world, steam(&world));
    assert_ne!(asked(&world.sent()[0], "state"), asked(&sent[0], "state"), "a state is used once");
    assert_eq!(again.player().player_id, session.player().player_id);
}

#[test]
fn every_parameter_of_the_page_is_sent_as_it_is_named_there() {
    let world = World::new();
    let login = steam(&world).code("platform-code").deployment_id("d 1").existing_only();
    let jwt = Jwt::new().login_url(CALLBACK).field("email").field("bday").payload("p&1").log_out_others();
    let error = world.run(shadow(&world).silent_login(login.clone(), jwt)).unwrap_err();
    assert_eq!(code(&error), "003-002", "no such player, and none is made");
    let oauth = Oauth::new().scope("email").scope("playfab").audience("game");
    assert!(world.run(shadow(&world).silent_login(login, oauth)).is_err());
    let sent = world.sent();
    for sent in &sent {
        let field = |name| asked(sent, name).unwrap_or_default();
        assert_eq!((field("code").as_str(), field("deployment_id").as_str()), ("platform-code", "d 1"));
        assert_eq!(field("no_user_creation"), "true");
    }
    let field = |name| asked(&sent[0], name).unwrap_or_default();
    assert_eq!((field("login_url").as_str(), field("fields").as_str()), (CALLBACK, "email,bday"));
    assert_eq!((field("payload").as_str(), field("with_logout").as_str()), ("p&1", "1"));
    let field = |name| asked(&sent[1], name).unwrap_or_default();
    assert_eq!((field("scope").as_str(), field("audience").as_str()), ("offline email playfab", "game"));
    for name in ["projectId", "login_url", "fields", "payload", "with_logout"] {
        assert_eq!(asked(&sent[1], name), None, "{name} is none of OAuth 2.0");
    }
}

#[test]
fn each_platform_and_each_encoding_of_its_ticket_signs_in() {
    let world = World::new();
    let steam = |ticket| SilentLogin::steam("480", ticket);
    let xbox = minted(&world, TicketOrder::new("xbox", "2533"));
    let (xid, rest) = xbox.text().unwrap().split_once('-').unwrap();
    let (user_hash, token) = rest.split_once(';').unwrap();
    let epic = minted(&world, TicketOrder::new("epicgames", "e1"));
    let by_code = minted(&world, TicketOrder::new("epicgames", "e2"));
    let logins = [
        steam(Ticket::base64(steam_ticket(&world).bytes())),
        steam(Ticket::hex(steam_ticket(&world).bytes())),
        steam(Ticket::verbatim(steam_ticket(&world).hex())),
        SilentLogin::xbox(xid, user_hash, &token.into()).unwrap(),
        SilentLogin::epic(&epic.text().unwrap().into()),
        SilentLogin::by_code("epicgames", by_code.text().unwrap()),
        SilentLogin::platform("xbox", Ticket::base64(minted(&world, TicketOrder::new("xbox", "1")).bytes())),
    ];
    for login in logins {
        assert!(!signed_in(&world, login).player().player_id.is_empty());
    }
    assert_eq!(asked(&world.sent_to(OAUTH)[1], "session_ticket").map(|hex| hex.len()), Some(106), "lower-case hex");
}

#[test]
fn an_incomplete_sign_in_is_a_misuse_and_sends_nothing() {
    let world = World::new();
    assert_eq!(SilentLogin::xbox("", "u", &"t".into()).unwrap_err().kind(), ErrorKind::Misuse);
    assert_eq!(SilentLogin::xbox("x", "u", &"".into()).unwrap_err().kind(), ErrorKind::Misuse);
    for login in [
        SilentLogin::platform("steam", Ticket::verbatim("t")),
        SilentLogin::steam("", Ticket::verbatim("t")),
        SilentLogin::steam("480", Ticket::base64(&[])),
        SilentLogin::platform("", Ticket::verbatim("t")),
        SilentLogin::by_code("epicgames", ""),
    ] {
        let error = world.run(shadow(&world).silent_login(login, Jwt::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse);
    }
    let jwt_only = Xsolla::new(Config::project(SHADOW_PROJECT_ID), world.host.clone()).unwrap();
    let error = world.run(jwt_only.silent_login(steam(&world), Oauth::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "OAuth 2.0 without a client");
    assert_eq!(world.run(jwt_only.login("nova", &"word".into())).unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(world.run(jwt_only.complete_oauth(&"c".into())).unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(world.count(), 0);
    let session = session_of(world.run(jwt_only.silent_login(steam(&world), Jwt::new())).unwrap());
    assert!(world.run(session.logout()).revoked, "without an OAuth client too");
}

#[test]
fn a_ticket_is_never_sent_twice_whatever_became_of_it() {
    for protocol in [Protocol::Jwt(Jwt::new()), Protocol::Oauth(Oauth::new())] {
        for status in [408, 429, 500, 503] {
            let world = World::new();
            world.intercept(move |_| Some(SimReply::json(status, "{}")));
            assert!(world.run(shadow(&world).silent_login(steam(&world), protocol.clone())).is_err());
            assert_eq!(world.count(), 1, "{status}");
        }
        for (failure, kind) in
            [(TransportErrorKind::Network, ErrorKind::Network), (TransportErrorKind::Truncated, ErrorKind::Protocol)]
        {
            let world = World::new();
            world.intercept(move |_| Some(SimReply::fails(failure)));
            let error = world.run(shadow(&world).silent_login(steam(&world), protocol.clone())).unwrap_err();
            assert_eq!((error.kind(), world.count()), (kind, 1));
        }
    }
    let world = World::new();
    let login = steam(&world);
    signed_in(&world, login.clone());
    let error = world.run(shadow(&world).silent_login(login, Jwt::new())).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("010-015", ErrorKind::PlatformTicket), "it is spent");
}

#[test]
fn a_native_program_may_ask_for_the_redirect_and_reads_where_it_leads() {
    let world = World::new();
    for protocol in [Protocol::Jwt(Jwt::new()), Protocol::Oauth(Oauth::new())] {
        let came = world.run(shadow(&world).silent_login(steam(&world).by_redirect(), protocol.clone())).unwrap();
        assert_eq!(session_of(came).player().platform_user_id.as_deref(), Some(STEAM_ID));
        let spent = SilentLogin::steam("480", Ticket::hex(&[1, 2])).by_redirect();
        let error = world.run(shadow(&world).silent_login(spent, protocol)).unwrap_err();
        assert_eq!((code(&error), error.kind(), error.status()), ("010-015", ErrorKind::PlatformTicket, None));
    }
    let sent = world.sent_to(JWT);
    assert!(sent.iter().all(|sent| asked(sent, "is_redirect").as_deref() == Some("true")));
    // A redirect that was not asked for is still none of ours.
    world.intercept(|_| Some(SimReply::response(302, vec![("location".into(), "https://x/?token=a".into())], vec![])));
    let error = world.run(shadow(&world).silent_login(steam(&world), Jwt::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[test]
fn a_wish_for_more_data_is_a_result_with_the_page_to_open() {
    let world = World::new();
    let came = world.run(shadow(&world).silent_login(steam(&world), Jwt::new().field("email"))).unwrap();
    let SignIn::NeedsUserData(needs) = came else { panic!("{came:?}") };
    assert!(needs.url.expose().starts_with("https://login-widget.xsolla.com/latest/ask"));
    assert!(!format!("{needs:?}").contains("login-widget"), "the page continues the sign-in");
    assert_eq!((needs.fields.len(), needs.state.is_none()), (1, true));
    let email = &needs.fields[0];
    assert_eq!((email.name.as_str(), email.required, email.step), ("email", true, Some(1)));

    // The address alone says it too, and odd fields are left out; what is asked may carry everything.
    let ask = "https://login-widget.xsolla.com/latest/ask?projectId=p";
    let full = json!({ "name": "phone_number", "required": true, "type": "phone", "default_value": 5,
        "validation": "^\\d+$", "confirmation_type": "code", "step": 2, "tomorrow": [] });
    for (fields, count) in [(json!(null), 0), (json!([]), 0), (json!("email"), 0), (json!([7, {}, full]), 1)] {
        let body = json!({ "login_url": ask, "ask_fields": fields }).to_string();
        world.fault(Fault { status: Some(200), body: Some(body), ..Fault::on(OAUTH) });
        let came = world.run(shadow(&world).silent_login(steam(&world), Oauth::new())).unwrap();
        let SignIn::NeedsUserData(needs) = came else { panic!("{came:?}") };
        assert_eq!((needs.fields.len(), needs.url.expose()), (count, ask));
        let sent = world.sent_to(OAUTH).pop().unwrap();
        assert_eq!(needs.state.map(|state| state.expose().to_owned()), asked(&sent, "state"), "to complete it with");
        if let Some(field) = needs.fields.first() {
            assert_eq!((field.default_value.as_deref(), field.kind.as_deref()), (Some("5"), Some("phone")));
            assert_eq!((field.confirmation.as_deref(), field.validation.as_deref()), (Some("code"), Some("^\\d+$")));
        }
    }
}

#[test]
fn an_answer_of_another_shape_is_a_protocol_error() {
    let here = |query: &str| json!({ "login_url": format!("{CALLBACK}?{query}") }).to_string();
    let bodies = [
        String::new(),
        "<!doctype html>".into(),
        "[]".into(),
        "{}".into(),
        json!({ "login_url": 7 }).to_string(),
        json!({ "login_url": "" }).to_string(),
        json!({ "login_url": CALLBACK }).to_string(),
        json!({ "token": "" }).to_string(),
        json!({ "token": 7 }).to_string(),
        json!({ "token": "opaque" }).to_string(),
        json!({ "ask_fields": [{ "name": "email" }] }).to_string(),
        here("token="),
        here("token=opaque"),
        here("#token=a.b.c"),
    ];
    for body in bodies {
        let world = World::new();
        world.fault(Fault { status: Some(200), body: Some(body.clone()), ..Fault::on(JWT) });
        let error = world.run(shadow(&world).silent_login(steam(&world), Jwt::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
        assert!(world.host.stored().is_empty(), "{body}");
    }
    for (body, wanted) in [(here("code=c&state=of-another"), 1), (here("code=c"), 1)] {
        let world = World::new();
        world.fault(Fault { status: Some(200), body: Some(body.clone()), ..Fault::on(OAUTH) });
        let error = world.run(shadow(&world).silent_login(steam(&world), Oauth::new())).unwrap_err();
        assert_eq!((error.kind(), world.count()), (ErrorKind::Protocol, wanted), "{body}: the code is not swapped");
    }
    let world = World::new();
    world.fault(Fault { status: Some(204), ..Fault::on(JWT) });
    let error = world.run(shadow(&world).silent_login(steam(&world), Jwt::new())).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Protocol, Some(204)));
    // What the service put into the address counts, also with a status of success.
    let body = here("error_code=002-040&error_description=User+is+banned");
    world.fault(Fault { status: Some(200), body: Some(body), ..Fault::on(JWT) });
    let error = world.run(shadow(&world).silent_login(steam(&world), Jwt::new())).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("002-040", ErrorKind::Restricted));
}

#[test]
fn a_token_lives_as_long_as_it_says_whatever_the_clock_says_here() {
    for clock in [0, 4_102_444_800_000] {
        let world = World::new();
        let login = steam(&world);
        let answer = world.run(shadow(&world).silent_login(login, Jwt::new())).unwrap();
        let token = world.run(session_of(answer).access_token()).unwrap();
        let body = json!({ "token": token.expose() }).to_string();
        world.host.set_wall_clock(clock);
        world.intercept(move |_| Some(SimReply::json(200, &body)));
        let session = session_of(world.run(shadow(&world).silent_login(steam(&world), Jwt::new())).unwrap());
        assert!(world.run(session.access_token()).is_ok(), "{clock}");
        world.host.advance_ms(DAY);
        assert!(world.run(session.access_token()).is_err(), "{clock}");
    }
}

#[test]
fn once_linked_the_platform_signs_in_as_the_main_account() {
    let world = World::new();
    let before = signed_in(&world, steam(&world));
    let shown = world.run(world.nova().create_linking_code()).unwrap();
    let link = LinkByCode { code: shown.code, platform: "steam".into(), user_id: STEAM_ID.into() };
    world.run(world.server().link_by_code(&link)).expect("linked");
    assert_ne!(before.player().player_id, USER_ID, "the old token still names the old account");
    let after = signed_in(&world, steam(&world));
    assert_eq!(after.player().player_id, USER_ID);
    assert!(world.run(after.refresh()).is_ok());
}

#[test]
fn a_session_that_cannot_be_refreshed_asks_once_for_a_new_ticket() {
    let world = World::new();
    let pocket = Arc::new(Mutex::new(Vec::new()));
    let (asked_for, tickets) = (Arc::new(AtomicUsize::new(0)), pocket.clone());
    let count = asked_for.clone();
    let client = shadow(&world).with_tickets(Jwt::new(), move || {
        count.fetch_add(1, Ordering::Relaxed);
        let ticket: Option<SilentLogin> = tickets.lock().unwrap().pop();
        async move { ticket }
    });
    let session = session_of(world.run(client.silent_login(steam(&world), Jwt::new())).unwrap());
    let first = world.run(session.access_token()).unwrap();
    world.host.advance_ms(DAY);
    pocket.lock().unwrap().push(steam(&world));
    world.forget();
    let second = world.run(session.access_token()).unwrap();
    assert_ne!(first, second);
    assert_eq!((asked_for.load(Ordering::Relaxed), world.take_requests()), (1, vec![format!("GET {JWT}")]));
    assert_eq!(session.player().platform_user_id.as_deref(), Some(STEAM_ID));
    world.host.advance_ms(DAY);
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionOver, "the program has no other ticket");
    assert_eq!((asked_for.load(Ordering::Relaxed), world.count()), (2, 0));

    let session = world.run(client.session_from_token(signed_token(&world))).unwrap();
    world.host.advance_ms(DAY);
    assert!(world.run(session.access_token()).is_err());
    assert_eq!(asked_for.load(Ordering::Relaxed), 2, "a token that was handed over is not renewed");
}

fn signed_token(world: &World) -> playerlink::Secret {
    world.run(signed_in(world, steam(world)).access_token()).unwrap()
}
