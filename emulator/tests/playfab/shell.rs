//! What is common to all calls: addresses, the title, headers, browsers, throttling, the log.

use emulator::Request;
use emulator::playfab::{OTHER_PLAYER_ID, PLAYER_ID, SECRET_KEY, Throttle, TitleStatus};
use serde_json::{Value, json};

use crate::bench::{Bench, START, body_of, data, refused, request};

fn login(path: &str) -> Request {
    request(path, &[], &json!({ "TitleId": "ABCD1", "CustomId": "nova-device" }))
}

fn with(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.push((name.into(), value.into()));
    request
}

#[test]
fn a_title_is_addressed_by_path_by_host_or_not_at_all() {
    let mut bench = Bench::new();
    for path in ["/playfab/ABCD1", "/playfab/abcd1", "/playfab", "/ABCD1", "/pf/ABCD1", "", "//playfab/ABCD1/"] {
        data(&bench.send(login(&format!("{path}/Client/LoginWithCustomID"))));
    }
    for path in ["/playfab/OTHER", "/OTHER"] {
        let response = bench.send(login(&format!("{path}/Client/LoginWithCustomID")));
        refused(&response, 400, "InvalidTitleId", 1004);
    }
    for (host, status) in [
        ("ABCD1.localhost:4000", 200),
        ("abcd1.playfabapi.com", 200),
        ("127.0.0.1:4000", 200),
        ("localhost", 200),
        ("other.localhost:4000", 400),
        ("other.playfabapi.com", 400),
    ] {
        let request = with(login("/Client/LoginWithCustomID"), "host", host);
        assert_eq!(bench.send(request).status, status, "{host}");
    }
    let url = |title: &str| format!("https://{title}.playfabapi.com/Client/LoginWithCustomID?sdk=Test-1");
    let body = login("").body;
    for (title, status) in [("abcd1", 200), ("other", 400)] {
        let headers = [("Content-Type", "application/json")];
        let answer = bench.emulator.answer(START, "POST", &url(title), &headers, Some(&body));
        assert_eq!(answer.0, status, "{title}");
    }
}

#[test]
fn the_title_in_the_body_is_the_one_of_the_host_to_the_letter() {
    let mut bench = Bench::new();
    for title in ["OTHER", "abcd1"] {
        let body = json!({ "TitleId": title, "CustomId": "nova-device" });
        refused(&bench.call("Client/LoginWithCustomID", &[], &body), 400, "InvalidTitleId", 1004);
    }
}

#[test]
fn a_title_may_not_answer() {
    let mut bench = Bench::new();
    for (status, error, number) in [
        (TitleStatus::NotActivated, "TitleNotActivated", 1042),
        (TitleStatus::RequestsDisabled, "APIRequestsDisabledForTitle", 1295),
        (TitleStatus::Deleted, "TitleDeleted", 1347),
    ] {
        bench.playfab().title_mut().status = status;
        refused(&bench.open("LoginWithCustomID", json!({ "CustomId": "nova-device" })), 400, error, number);
    }
}

#[test]
fn only_posts_to_known_calls_are_calls() {
    let mut bench = Bench::new();
    for path in ["/playfab/ABCD1/Client/Nothing", "/playfab/ABCD1/Elsewhere/X", "/playfab", "/ABCD1/Server/LinkApple"] {
        refused(&bench.send(login(path)), 404, "InvalidAPIEndpoint", 1131);
    }
    let mut get = login("/playfab/ABCD1/Client/LoginWithCustomID");
    get.method = "GET".into();
    refused(&bench.send(get), 404, "InvalidAPIEndpoint", 1131);
    assert_eq!(bench.send(login("/elsewhere")).status, 404);
}

#[test]
fn a_body_is_json_of_a_reasonable_length() {
    let mut bench = Bench::new();
    let path = "/playfab/ABCD1/Client/LoginWithCustomID";
    let mut long = login(path);
    long.body = vec![b' '; 64 * 1024 + 1];
    refused(&bench.send(long), 400, "BodyTooLarge", 1068);
    for text in ["", "{", "[]", "\"text\"", "{\"CustomId\":\"\u{fffd}"] {
        let mut broken = login(path);
        broken.body = text.as_bytes().to_vec();
        refused(&bench.send(broken), 400, "InvalidJSONContent", 1200);
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let mut other = login(path);
        other.headers = vec![("content-type".into(), kind.into())];
        refused(&bench.send(other), 400, "InvalidContentType", 1144);
    }
}

#[test]
fn a_title_can_deny_a_call_to_those_who_may_ask() {
    let mut bench = Bench::new();
    let code = serde_json::from_value(json!("APINotEnabledForGameClientAccess")).unwrap();
    bench.playfab().knobs_mut().denied_calls.insert("Client/UnlinkApple".into(), code);
    refused(&bench.client("made up", "UnlinkApple", &json!({})), 401, "NotAuthenticated", 1074);
    let ticket = bench.ticket("a");
    refused(&bench.client(&ticket, "UnlinkApple", &json!({})), 403, "APINotEnabledForGameClientAccess", 1082);
    refused(&bench.client(&ticket, "UnlinkPSNAccount", &json!({})), 400, "AccountNotLinked", 1014);
}

#[test]
fn errors_are_http_200_for_those_who_ask_for_it() {
    let mut bench = Bench::new();
    let wanted = [("x-reporterrorassuccess", "true")];
    let response = bench.call("Client/UnlinkApple", &wanted, &json!({}));
    let body = body_of(&response);
    assert_eq!((response.status, &body["code"], &body["errorCode"]), (200, &json!(401), &json!(1074)));
    bench.fault(json!({ "path": "/Client/UnlinkApple", "error_code": "ServiceUnavailable" }));
    let response = bench.call("Client/UnlinkApple", &wanted, &json!({}));
    assert_eq!((response.status, &body_of(&response)["code"]), (200, &json!(503)));
    bench.fault(json!({ "path": "/Client/UnlinkApple", "status": 502, "body": "gateway" }));
    assert_eq!(bench.call("Client/UnlinkApple", &wanted, &json!({})).status, 502, "a gateway knows no such header");
    let logged = bench.emulator.log().entries().next().unwrap().clone();
    assert_eq!((logged.service, logged.error_code.as_deref()), ("playfab", Some("NotAuthenticated")));
}

#[test]
fn every_answer_has_an_id_of_its_own_and_the_emulators_time() {
    let mut bench = Bench::new();
    bench.emulator.advance(3_600_000);
    let good = bench.open("LoginWithCustomID", json!({ "CustomId": "nova-device" }));
    let bad = bench.open("LoginWithCustomID", json!({}));
    for response in [&good, &bad] {
        assert_eq!(response.header("date"), Some("Fri, 15 Jan 2027 09:00:00 GMT"));
        assert_eq!(response.header("x-requestid").unwrap().len(), 32);
    }
    assert_ne!(good.header("x-requestid"), bad.header("x-requestid"));
}

#[test]
fn a_page_may_sign_in_but_not_show_a_secret_key() {
    let mut bench = Bench::new();
    let path = "/playfab/ABCD1/Client/LoginWithCustomID";
    let mut preflight = with(login(path), "origin", "https://game.example");
    preflight.method = "OPTIONS".into();
    let response = bench.send(preflight);
    assert_eq!(response.status, 204);
    assert_eq!(response.header("access-control-allow-origin"), Some("https://game.example"));
    assert_eq!(response.header("access-control-allow-credentials"), None);
    let allowed = response.header("access-control-allow-headers").unwrap();
    for name in ["content-type", "x-playfabsdk", "x-authorization", "x-entitytoken"] {
        assert!(allowed.contains(name), "{name}");
    }
    assert!(!allowed.contains("x-secretkey"));

    let response = bench.send(with(login(path), "origin", "https://game.example"));
    data(&response);
    assert_eq!(response.header("access-control-expose-headers"), Some("retry-after, x-requestid, date"));
    for path in [path, "/playfab/ABCD1/Server/UnlinkSteamId", "/playfab/ABCD1/Authentication/GetEntityToken"] {
        let leaking = with(with(login(path), "x-secretkey", SECRET_KEY), "origin", "https://game.example");
        let response = bench.send(leaking);
        refused(&response, 403, "server_secret_from_browser", 0);
        assert!(body_of(&response)["errorMessage"].as_str().unwrap().contains("server secret"));
    }
}

#[test]
fn an_entity_is_throttled_by_two_buckets_and_told_when_to_come_back() {
    let mut bench = Bench::new();
    let throttle = Throttle { burst: 2, burst_s: 10, sustained: 3, sustained_s: 60 };
    bench.playfab().knobs_mut().throttle = Some(throttle);
    let ask = |bench: &mut Bench, player: &str| bench.server("GetUserAccountInfo", &json!({ "PlayFabId": player }));
    let hint = |response: &emulator::Response| {
        refused(response, 429, "APIClientRequestRateLimitExceeded", 1199);
        let seconds = body_of(response)["retryAfterSeconds"].as_u64().unwrap();
        assert_eq!(response.header("retry-after"), Some(seconds.to_string().as_str()));
        seconds
    };
    for _ in 0..2 {
        data(&ask(&mut bench, PLAYER_ID));
    }
    assert_eq!(hint(&ask(&mut bench, PLAYER_ID)), 10);
    data(&ask(&mut bench, OTHER_PLAYER_ID));
    bench.advance_s(10);
    data(&ask(&mut bench, PLAYER_ID));
    assert_eq!(hint(&ask(&mut bench, PLAYER_ID)), 50, "the longer bucket is full now");
    let missing = bench.server("GetUserAccountInfo", &json!({}));
    refused(&missing, 400, "InvalidParams", 1000);
    bench.playfab().reset_limits();
    data(&ask(&mut bench, PLAYER_ID));
}

#[test]
fn the_log_keeps_no_credential() {
    let mut bench = Bench::new();
    let (ticket, token) = (bench.ticket("hush-device"), bench.nintendo("nsa-hush"));
    bench.client(&ticket, "LinkNintendoServiceAccount", &json!({ "IdentityToken": token }));
    bench.server("UnlinkNintendoServiceAccount", &json!({ "PlayFabId": PLAYER_ID }));
    let log: Vec<Value> = bench.emulator.log().entries().map(|entry| serde_json::to_value(entry).unwrap()).collect();
    assert_eq!((log.len(), &log[2]["error_code"]), (3, &Value::Null));
    let log = json!(log).to_string();
    for secret in [ticket.as_str(), token.as_str(), SECRET_KEY, "hush", "Test-1"] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn the_same_seed_gives_the_same_tickets_and_reset_gives_new_ones() {
    let (mut one, mut two) = (Bench::new(), Bench::new());
    let first = one.login("nova-device");
    assert_eq!(first, two.login("nova-device"));
    one.playfab().delete_player(PLAYER_ID);
    one.emulator.reset();
    let again = one.login("nova-device");
    assert_eq!(again["PlayFabId"], first["PlayFabId"]);
    assert_ne!(again["SessionTicket"], first["SessionTicket"]);
}
