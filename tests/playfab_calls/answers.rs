//! Answers that are not what the contract says, and what a busy service says.

use playerlink::host::{SimReply, TransportErrorKind};
use playerlink::playfab::Credential;
use playerlink::{Error, ErrorKind};

use crate::support::code;
use crate::title::{Title, entity_token, refusal};

fn login(title: &Title) -> Result<(), Error> {
    title.run(title.client().login(Credential::steam("00"))).map(drop)
}

fn answer(status: u16, body: &str) -> Error {
    let title = Title::new();
    title.answers(status, body);
    login(&title).unwrap_err()
}

#[test]
fn an_error_in_a_200_is_an_error() {
    // What a proxy gets that sends X-ReportErrorAsSuccess (playfab.md §1).
    let error = answer(200, &refusal(401, "NotAuthenticated", 1074));
    assert_eq!((code(&error), error.status(), error.kind()), ("NotAuthenticated", Some(401), ErrorKind::SessionOver));
    let title = Title::new();
    let session = title.session();
    title.answers(200, &refusal(400, "LinkedIdentifierAlreadyClaimed", 1184));
    let error = title.run(session.link(&Credential::apple("jwt"))).unwrap_err();
    assert_eq!((error.code_number(), error.status(), error.kind()), (Some(1184), Some(400), ErrorKind::Conflict));
    // Only the body's code tells it.
    assert_eq!(answer(200, r#"{"code":503,"status":"ServiceUnavailable"}"#).kind(), ErrorKind::Busy);
    // An error that calls itself a success is one all the same.
    for body in [r#"{"code":200,"error":"AccountBanned","data":{}}"#, r#"{"errorCode":1002,"data":{}}"#] {
        assert_eq!((code(&answer(200, body)), answer(200, body).kind()), ("AccountBanned", ErrorKind::Restricted));
    }
}

#[test]
fn a_number_written_as_text_is_read() {
    let error = answer(400, r#"{"code":"400","status":"BadRequest","error":"SteamUserNotFound","errorCode":"1513"}"#);
    assert_eq!((code(&error), error.code_number()), ("SteamUserNotFound", Some(1513)));
}

#[test]
fn members_of_a_wrong_type_are_absent() {
    for body in [
        r#"{"code":[],"error":{"a":1},"errorCode":{},"errorDetails":7}"#,
        r#"{"code":400,"error":true,"errorCode":-5}"#,
        r#"{"code":400,"errorCode":99999999999999999999}"#,
        r#"{"code":400,"errorCode":1.5}"#,
    ] {
        let error = answer(500, body);
        assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(500)), "{body}");
    }
    let details =
        r#"{"code":400,"error":"InvalidParams","errorCode":1000,"errorDetails":{"A":"x","B":[1,"y"],"C":null}}"#;
    let error = answer(400, details);
    let fields: Vec<_> = error.invalid_fields().iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
    assert_eq!(fields, [("A", "x"), ("B", "y"), ("C", "")]);
}

#[test]
fn the_fields_a_call_was_refused_for_are_told() {
    let error = answer(
        400,
        r#"{"code":400,"status":"BadRequest","error":"InvalidParams","errorCode":1000,"errorMessage":"Invalid input parameters",
            "errorDetails":{"SteamTicket":["The SteamTicket field is required.","And hex."]}}"#,
    );
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert_eq!(error.invalid_fields()[0].path, "SteamTicket");
    assert_eq!(error.invalid_fields()[0].message, "The SteamTicket field is required. And hex.");
}

#[test]
fn a_success_without_data_is_none() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "<html><body>OK</body></html>",
        r#"{"code":200,"status":"OK"}"#,
        r#"{"code":200,"status":"OK","data":null}"#,
        r#"{"code":200,"status":"OK","data":[]}"#,
        r#"{"code":200,"status":"OK","data":"ST"}"#,
        r#"{"code":200,"status":"OK","data":{"SessionTicket":"ST","PlayFab"#,
    ] {
        for status in [200, 204] {
            let error = answer(status, body);
            assert_eq!((error.kind(), error.code()), (ErrorKind::Protocol, None), "{status} {body}");
        }
    }
    let title = Title::new();
    let session = title.session();
    title.answers(200, r#"{"code":200,"status":"OK"}"#);
    assert_eq!(title.run(session.link(&Credential::apple("jwt"))).unwrap_err().kind(), ErrorKind::Protocol);
}

#[test]
fn a_login_without_ticket_or_player_is_none() {
    for data in [
        "{}",
        r#"{"SessionTicket":"ST"}"#,
        r#"{"PlayFabId":"A1"}"#,
        r#"{"SessionTicket":"","PlayFabId":"A1"}"#,
        r#"{"SessionTicket":5,"PlayFabId":["A1"]}"#,
    ] {
        let error = answer(200, &format!(r#"{{"code":200,"status":"OK","data":{data}}}"#));
        assert_eq!(error.kind(), ErrorKind::Protocol, "{data}");
    }
}

#[test]
fn a_login_without_an_entity_token_gets_one_by_its_ticket() {
    let title = Title::new();
    title.script(|request| {
        let data = r#"{"code":200,"data":{"SessionTicket":"ST","PlayFabId":"A1","EntityToken":null}}"#;
        request.url.ends_with("/LoginWithSteam").then(|| SimReply::json(200, data))
    });
    let session = title.run(title.client().login(Credential::steam("00"))).unwrap();
    assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-1");
    let sent = title.take();
    assert_eq!(
        sent.iter().map(|sent| sent.path()).collect::<Vec<_>>(),
        ["/Client/LoginWithSteam", "/Authentication/GetEntityToken"]
    );
    assert_eq!(sent[1].header("x-authorization"), Some("ST"));
}

#[test]
fn error_pages_of_gateways_leave_it_to_the_status() {
    for (status, kind) in [
        (401, ErrorKind::SessionOver),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (429, ErrorKind::Busy),
        (500, ErrorKind::Service),
        (502, ErrorKind::Service),
        (503, ErrorKind::Busy),
    ] {
        for body in ["", "<html>", "{", "[1]", r#"{"message":"no"}"#] {
            let error = answer(status, body);
            assert_eq!((error.kind(), error.status(), error.code()), (kind, Some(status), None), "{status} {body}");
        }
    }
}

#[test]
fn a_broken_connection_says_which() {
    for (failure, kind) in [
        (TransportErrorKind::Network, ErrorKind::Network),
        (TransportErrorKind::Timeout, ErrorKind::Timeout),
        (TransportErrorKind::Truncated, ErrorKind::Protocol),
        (TransportErrorKind::BodyTooLarge, ErrorKind::Protocol),
    ] {
        let title = Title::new();
        title.script(move |_| Some(SimReply::fails(failure)));
        assert_eq!(login(&title).unwrap_err().kind(), kind);
        assert_eq!(title.take().len(), 1, "nothing is tried again by itself");
    }
}

#[test]
fn throttling_says_how_long_by_header_or_body() {
    let throttled = |header: Option<&str>, body: &str| {
        let title = Title::new();
        let headers = header.map(|value| ("retry-after".to_owned(), value.to_owned())).into_iter().collect();
        let reply = SimReply::response(429, headers, body);
        title.script(move |_| Some(reply.clone()));
        let error = login(&title).unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Busy, Some(429)));
        error.retry_after_ms()
    };
    let body = |hint: &str| {
        format!(
            r#"{{"code":429,"status":"TooManyRequests",{hint}"error":"APIClientRequestRateLimitExceeded","errorCode":1199}}"#
        )
    };
    assert_eq!(throttled(Some("8"), &body("")), Some(8_000));
    assert_eq!(throttled(None, &body(r#""retryAfterSeconds":8,"#)), Some(8_000));
    assert_eq!(throttled(None, &body(r#""retryAfter":8,"#)), Some(8_000));
    assert_eq!(throttled(None, &body(r#""retryAfterSeconds":"8","#)), Some(8_000));
    assert_eq!(throttled(Some("8"), &body(r#""retryAfterSeconds":2,"#)), Some(8_000), "the header counts");
    assert_eq!(throttled(Some("soon"), &body(r#""retryAfterSeconds":2,"#)), Some(2_000));
    assert_eq!(throttled(None, &body(r#""retryAfterSeconds":-1,"#)), None);
    assert_eq!(throttled(None, &body(r#""retryAfterSeconds":0,"#)), Some(1_000));
    assert_eq!(throttled(None, &body(r#""retryAfterSeconds":100000,"#)), Some(300_000));
    assert_eq!(throttled(None, &body("")), None);
}

#[test]
fn a_throttling_code_is_busy_whatever_its_status() {
    for (name, number) in [("APIClientRequestRateLimitExceeded", 1199), ("APIConcurrentRequestLimitExceeded", 1342)] {
        assert_eq!(answer(400, &refusal(400, name, number)).kind(), ErrorKind::Busy);
    }
    let error = answer(429, &refusal(429, "LinkedIdentifierAlreadyClaimed", 1184));
    assert_eq!((error.kind(), error.code_number()), (ErrorKind::Busy, Some(1184)));
}

#[test]
fn a_ban_says_why_and_until_when() {
    let ban = |details: &str| {
        answer(403, &format!(r#"{{"code":403,"error":"AccountBanned","errorCode":1002,"errorDetails":{details}}}"#))
    };
    let error = ban(r#"{"cheating":["2026-01-31T00:00:00"],"spam":["Indefinite"]}"#);
    assert_eq!(error.kind(), ErrorKind::Restricted);
    let told: Vec<_> =
        error.restrictions().iter().map(|ban| (ban.kind.as_str(), ban.reason.as_deref(), ban.expires_at)).collect();
    assert_eq!(told, [("account_ban", Some("cheating"), Some(1_769_817_600_000)), ("account_ban", Some("spam"), None)]);
    assert!(error.invalid_fields().is_empty());
    assert!(ban("null").restrictions().is_empty());
}

#[test]
fn the_request_id_is_kept_for_support() {
    let title = Title::new();
    let headers = vec![("x-requestid".to_owned(), "r-7".to_owned())];
    let reply = SimReply::response(500, headers, refusal(500, "InternalServerError", 1110));
    title.script(move |_| Some(reply.clone()));
    assert_eq!(login(&title).unwrap_err().request_id(), Some("r-7"));
}

#[test]
fn the_services_own_message_is_never_part_of_the_error() {
    let body =
        r#"{"code":400,"error":"InvalidSteamTicket","errorCode":1010,"errorMessage":"ticket CANARY is not valid"}"#;
    let error = answer(400, body);
    assert!(!format!("{error} {error:?}").contains("CANARY"));
}

#[test]
fn what_was_presented_is_never_part_of_an_error_or_a_print() {
    let credential = Credential::psn("CANARY", "https://game.example/psn").player_secret("CANARY");
    assert!(!format!("{credential:?}").contains("CANARY"));
    let title = Title::new();
    title.refuses(400, "InvalidPSNAuthCode", 1092);
    let error = title.run(title.client().login(credential)).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("CANARY"));
    assert!(title.host.log_lines().iter().all(|line| !line.contains("CANARY")));
}

#[test]
fn a_token_that_no_header_can_carry_is_refused_before_it_is_sent() {
    let title = Title::new();
    title.script(|request| {
        let mut data = entity_token("ET", 1_767_225_600_000);
        data["SessionTicket"] = "S\nT".into();
        data["PlayFabId"] = "A1".into();
        data["EntityToken"] = entity_token("ET", 1_767_225_600_000);
        let body = serde_json::json!({ "code": 200, "data": data }).to_string();
        request.url.contains("/LoginWith").then(|| SimReply::json(200, &body))
    });
    let session = title.run(title.client().login(Credential::steam("00"))).unwrap();
    title.take();
    assert_eq!(title.run(session.link(&Credential::apple("jwt"))).unwrap_err().kind(), ErrorKind::Protocol);
    assert!(title.take().is_empty());
}
