//! The shapes an error of Xsolla can have on the wire.

use emulator::Fault;
use playerlink::{ErrorKind, Secret};
use serde_json::json;

use crate::support::code;
use crate::support::world::World;

fn answer(status: u16, body: &str) -> playerlink::Error {
    let world = World::new();
    world.fault(Fault { status: Some(status), body: Some(body.into()), ..Fault::on("/api/oauth2/login/token") });
    world.run(world.xsolla().login("nova", &Secret::new("p"))).unwrap_err()
}

#[test]
fn a_code_may_be_a_number_in_json() {
    let error = answer(400, r#"{"error":{"code":0,"description":"x"}}"#);
    assert_eq!((code(&error), error.kind()), ("0", ErrorKind::Misuse));
    let error = answer(404, r#"{"error":{"code":404,"description":"x","details":{"a":[1]}}}"#);
    assert_eq!((code(&error), error.kind()), ("404", ErrorKind::NotFound));
}

#[test]
fn a_description_may_be_a_list_of_refused_fields() {
    let body = r#"{"error":{"code":"002-027","description":[{"property":"user_id","message":"too long"},
        {"property":"platform"}]}}"#;
    let error = answer(422, body);
    let fields: Vec<_> = error.invalid_fields().iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
    assert_eq!(fields, [("user_id", "too long"), ("platform", "")]);
    assert_eq!(code(&error), "002-027");
}

#[test]
fn the_services_own_list_of_fields_is_read() {
    let world = World::new();
    world.emulator().xsolla_mut().knobs_mut().validation_as_array = true;
    world.emulator().xsolla_mut().knobs_mut().strict_platforms = true;
    let link =
        playerlink::xsolla::server::LinkByCode { code: "1".into(), platform: "abacus".into(), user_id: "u".into() };
    let error = world.run(world.server().link_by_code(&link)).unwrap_err();
    assert_eq!((code(&error), error.invalid_fields()[0].path.as_str()), ("002-027", "platform"));
}

#[test]
fn the_commerce_shape_is_read_too() {
    let error = answer(422, r#"{"statusCode":422,"errorCode":1102,"errorMessage":"[0401-1102]: x"}"#);
    assert_eq!((code(&error), error.kind()), ("1102", ErrorKind::Misuse));
}

#[test]
fn the_description_is_never_part_of_the_error() {
    let error = answer(400, r#"{"error":{"code":"010-023","description":"refresh token CANARY is invalid"}}"#);
    assert!(!format!("{error} {error:?}").contains("CANARY"));
}

#[test]
fn bodies_that_are_no_error_of_xsolla_leave_it_to_the_status() {
    for body in ["", "<html>", "[]", "{}", "null", r#"{"error":null}"#, r#"{"error":{}}"#, r#"{"error":{"code":""}}"#] {
        let error = answer(502, body);
        assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Service, None, Some(502)), "{body}");
    }
}

#[test]
fn retry_after_is_read_in_both_forms() {
    for value in ["20", "Thu, 01 Jan 2026 00:00:20 GMT"] {
        for body in [None, Some("<html>slow down</html>".to_owned())] {
            let world = World::new();
            let session = world.nova();
            let headers = json!({ "Retry-After": value }).as_object().unwrap().clone();
            let path = "/api/users/account/code";
            world.fault(Fault { status: Some(429), headers, body: body.clone(), ..Fault::on(path) });
            let error = world.run(session.create_linking_code()).unwrap_err();
            assert_eq!((error.kind(), error.retry_after_ms()), (ErrorKind::Busy, Some(20_000)), "{value}");
            assert_eq!(code(&error), if body.is_some() { "" } else { "429" });
        }
    }
}

#[test]
fn a_429_is_busy_whatever_its_code() {
    for text in ["003-061", "010-023", "010-016", "0", "429"] {
        let error = answer(429, &json!({ "error": { "code": text, "description": "x" } }).to_string());
        assert_eq!((code(&error), error.kind()), (text, ErrorKind::Busy));
    }
}

#[test]
fn the_request_id_is_kept_for_support() {
    let world = World::new();
    let headers = json!({ "X-Request-Id": "r-7" }).as_object().unwrap().clone();
    world.fault(Fault { status: Some(418), headers, ..Fault::on("/api/oauth2/login/token") });
    let error = world.run(world.xsolla().login("nova", &Secret::new("p"))).unwrap_err();
    assert_eq!((error.request_id(), error.kind()), (Some("r-7"), ErrorKind::Service));
}
