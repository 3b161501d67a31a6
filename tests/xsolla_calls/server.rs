//! The game server's calls and its one cached token.

use emulator::xsolla::{SERVER_SECRET, SHADOW_PROJECT_ID};
use playerlink::ErrorKind;
use playerlink::xsolla::server::{Attribute, CustomIdLogin, LinkByCode};
use serde_json::json;

use crate::support::world::World;

const TOKEN: &str = "/api/oauth2/token";
const CUSTOM_ID: &str = "/api/users/login/server_custom_id";

fn xbox() -> CustomIdLogin {
    CustomIdLogin::new("player-1").social_profile("xbox", "x1")
}

#[test]
fn many_calls_cost_one_token_request() {
    let world = World::new();
    let server = world.server();
    for _ in 0..10 {
        assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
        let clone = server.clone();
        assert!(world.run(clone.login_with_custom_id(&xbox())).is_ok(), "clones share it");
    }
    let sent = world.sent_to(TOKEN);
    assert_eq!(sent.len(), 1);
    let field = |name| sent[0].field(name).unwrap_or_default();
    assert_eq!(field("grant_type"), "client_credentials");
    assert_eq!((field("client_id").as_str(), field("client_secret").as_str()), ("59", SERVER_SECRET));
    let headers = &world.sent_to(CUSTOM_ID)[0].headers;
    assert!(headers.iter().any(|(name, value)| *name == "x-server-authorization" && !value.contains("Bearer")));
    assert!(headers.iter().all(|(name, _)| *name != "authorization"));
    assert!(world.host.stored().is_empty(), "the server token is never stored");
}

#[test]
fn twenty_first_calls_at_once_cost_one_token_request() {
    let world = World::new();
    let server = world.server();
    world.latency_ms(50);
    let login = xbox();
    let results = world.run(crate::support::all((0..20).map(|_| server.login_with_custom_id(&login))));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.sent_to(TOKEN).len(), 1);
}

#[test]
fn a_failed_token_request_is_told_to_all_who_waited_and_tried_again_by_the_next() {
    let world = World::new();
    let server = world.server();
    world.latency_ms(50);
    world.refuse(TOKEN, 418, "004-001");
    let login = xbox();
    let results = world.run(crate::support::all((0..20).map(|_| server.login_with_custom_id(&login))));
    assert!(results.iter().all(|result| result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Service)));
    assert_eq!(world.count(), 1);
    assert!(world.run(server.login_with_custom_id(&login)).is_ok());
}

#[test]
fn a_token_that_lives_shorter_than_its_request_took_is_used_all_the_same() {
    let world = World::new();
    let mut client = world.emulator().xsolla().client(59).unwrap().clone();
    client.access_ttl_s = 1;
    world.emulator().xsolla_mut().put_client(client);
    world.latency_ms(700);
    let server = world.server();
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    assert_eq!(world.take_requests(), [TOKEN, CUSTOM_ID].map(|path| format!("POST {path}")));
}

#[test]
fn the_token_is_renewed_five_minutes_before_it_expires() {
    let world = World::new();
    let server = world.server();
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    world.host.advance_ms(3_600_000 - 301_000);
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    assert_eq!(world.sent_to(TOKEN).len(), 1);
    world.host.advance_ms(1_000);
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    assert_eq!(world.sent_to(TOKEN).len(), 2);
    assert_eq!(world.sent_to(CUSTOM_ID).len(), 3, "and no call was refused on the way");
}

#[test]
fn a_refused_token_is_renewed_once_and_the_call_sent_again() {
    let world = World::new();
    let server = world.server();
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    world.emulator().advance(3_600_000);
    world.forget();
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    assert_eq!(world.take_requests(), [CUSTOM_ID, TOKEN, CUSTOM_ID].map(|path| format!("POST {path}")));
    for text in ["002-016", "003-040"] {
        world.fault(emulator::Fault {
            status: Some(401),
            error_code: Some(text.into()),
            times: Some(2),
            ..emulator::Fault::on(CUSTOM_ID)
        });
        assert!(world.run(server.login_with_custom_id(&xbox())).is_err());
        let requests = world.take_requests();
        assert_eq!(requests, [CUSTOM_ID, TOKEN, CUSTOM_ID].map(|path| format!("POST {path}")), "{text}: once");
    }
}

#[test]
fn a_refusal_that_is_not_about_the_token_keeps_it() {
    let world = World::new();
    let server = world.server();
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    world.forget();
    for (status, text) in [(401, "002-040"), (422, "010-016"), (404, "003-019"), (429, "429"), (418, "004-001")] {
        world.refuse(CUSTOM_ID, status, text);
        assert!(world.run(server.login_with_custom_id(&xbox())).is_err());
    }
    assert!(world.run(server.login_with_custom_id(&xbox())).is_ok());
    assert!(world.sent_to(TOKEN).is_empty());
}

#[test]
fn a_custom_id_signs_in_with_exactly_its_fields() {
    let world = World::new();
    let attribute = Attribute::server("region", r#"{ "eu": 1 }"#);
    let other = Attribute::client("skin", "\"gold\"").public().read_only(true);
    let login = xbox().attribute(attribute).attribute(other).payload("p 1").log_out_others();
    let server = world.server_with(|config| config.publisher_project_id(44056).shadow_project_id(SHADOW_PROJECT_ID));
    let token = world.run(server.login_with_custom_id(&login)).unwrap();
    assert_eq!(token.is_new, Some(true));
    assert_eq!(world.run(server.login_with_custom_id(&login)).unwrap().is_new, Some(false));
    let sent = &world.sent_to(CUSTOM_ID)[0];
    assert_eq!(
        sent.query,
        format!("publisher_project_id=44056&projectId={SHADOW_PROJECT_ID}&payload=p%201&with_logout=1")
    );
    let attribute = json!({ "key": "region", "value": { "eu": 1 }, "attr_type": "server", "permission": "private" });
    let other = json!({
        "key": "skin", "value": "gold", "attr_type": "client", "permission": "public", "read_only": true,
    });
    let wanted = json!({
        "server_custom_id": "player-1", "social_profile": { "platform": "xbox", "user_id": "x1" },
        "attributes": [attribute, other],
    });
    assert_eq!(sent.json(), wanted);
    let bare = world.server_with(|config| config.shadow_project_id(SHADOW_PROJECT_ID));
    world.emulator().xsolla_mut().knobs_mut().tell_is_new = false;
    let token = world.run(bare.login_with_custom_id(&CustomIdLogin::new("player-2"))).unwrap();
    assert_eq!(token.is_new, None);
    let sent = world.sent_to(CUSTOM_ID).pop().unwrap();
    assert_eq!(sent.query, format!("projectId={SHADOW_PROJECT_ID}"));
    assert_eq!(sent.json(), json!({ "server_custom_id": "player-2" }));
}

#[test]
fn ids_and_attributes_over_their_limits_are_a_misuse_and_send_nothing() {
    let world = World::new();
    let server = world.server();
    let logins = [
        CustomIdLogin::new(""),
        CustomIdLogin::new("é".repeat(257)),
        CustomIdLogin::new("p").social_profile("", "x1"),
        CustomIdLogin::new("p").social_profile("xbox", ""),
        CustomIdLogin::new("p").attribute(Attribute::client("", "1")),
        CustomIdLogin::new("p").attribute(Attribute::client("a-b", "1")),
        CustomIdLogin::new("p").attribute(Attribute::client("a".repeat(257), "1")),
        CustomIdLogin::new("p").attribute(Attribute::client("a", "gold")),
        CustomIdLogin::new("p").attribute(Attribute::client("a", "")),
    ];
    for login in logins {
        let error = world.run(server.login_with_custom_id(&login)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse, "{login:?}");
    }
    for (code, platform, user_id) in [("", "xbox", "x1"), ("  ", "xbox", "x1"), ("1", "", "x1"), ("1", "xbox", "")] {
        let link = LinkByCode { code: code.into(), platform: platform.into(), user_id: user_id.into() };
        assert_eq!(world.run(server.link_by_code(&link)).unwrap_err().kind(), ErrorKind::Misuse);
    }
    assert_eq!(world.count(), 0);
    assert!(world.run(server.login_with_custom_id(&CustomIdLogin::new("é".repeat(256)))).is_ok());
}

#[test]
fn linking_sends_the_code_as_a_text_without_the_spaces_around_it() {
    let world = World::new();
    let server = world.server();
    let link = LinkByCode { code: " 012 345\n".into(), platform: "xbox".into(), user_id: "x1".into() };
    assert!(world.run(server.link_by_code(&link)).is_err());
    let sent = world.sent_to("/api/users/account/link").pop().unwrap();
    let wanted = json!({ "code": "012 345", "platform": "xbox", "user_id": "x1", "publisher_project_id": 44056 });
    assert_eq!(sent.json(), wanted);
    let server = world.server_with(|config| config.shadow_project_id(SHADOW_PROJECT_ID));
    assert!(world.run(server.link_by_code(&link)).is_err());
    let sent = world.sent_to("/api/users/account/link").pop().unwrap();
    let wanted = json!({ "code": "012 345", "platform": "xbox", "user_id": "x1", "project_id": SHADOW_PROJECT_ID });
    assert_eq!(sent.json(), wanted);
}

#[test]
fn an_answer_without_a_token_is_a_protocol_error() {
    for (path, bodies) in [
        (TOKEN, ["", "{}", r#"{"access_token":"","token_type":"bearer"}"#]),
        (CUSTOM_ID, ["", "{}", r#"{"token":""}"#]),
    ] {
        for body in bodies {
            let world = World::new();
            let server = world.server();
            let fault = emulator::Fault::on(path);
            world.fault(emulator::Fault { status: Some(200), body: Some(body.into()), ..fault });
            let error = world.run(server.login_with_custom_id(&xbox())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{path} {body}");
            assert!(world.run(server.login_with_custom_id(&xbox())).is_ok(), "nothing broken is kept");
        }
    }
}
