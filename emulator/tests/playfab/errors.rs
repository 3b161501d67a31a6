//! Every error of the contract by name and number, and every one of them through a call.

use emulator::playfab::{Call, Code};
use serde_json::json;

use crate::bench::{Bench, START, body_of, refused};
use crate::contract::{errors, number, rows};

/// playfab.md §1.2, the statuses that are not 400.
const STATUSES: [(&str, u16); 26] = [
    ("NotAuthenticated", 401),
    ("NotAuthorized", 401),
    ("EntityTokenMissing", 401),
    ("EntityTokenInvalid", 401),
    ("EntityTokenExpired", 401),
    ("EntityTokenRevoked", 401),
    ("ExpiredAuthToken", 401),
    ("SecretKeyNotFound", 401),
    ("AccountBanned", 403),
    ("NotAuthorizedByTitle", 403),
    ("APINotEnabledForGameClientAccess", 403),
    ("APINotEnabledForGameServerAccess", 403),
    ("ApiNotEnabledForTitle", 403),
    ("IpAddressBanned", 403),
    ("EntityLineageBanned", 403),
    ("InvalidAPIEndpoint", 404),
    ("ConcurrentEditError", 409),
    ("DataUpdateRateExceeded", 409),
    ("APIClientRequestRateLimitExceeded", 429),
    ("APIConcurrentRequestLimitExceeded", 429),
    ("XboxServiceTooManyRequests", 429),
    ("FailedLoginAttemptRateLimitExceeded", 429),
    ("UnkownError", 500),
    ("UnknownError", 500),
    ("InternalServerError", 500),
    ("ServiceUnavailable", 503),
];

fn status(name: &str) -> u16 {
    let listed = STATUSES.iter().find(|(known, _)| *known == name).map(|(_, status)| *status);
    listed.unwrap_or(if name == "DownstreamServiceUnavailable" { 503 } else { 400 })
}

#[test]
fn the_table_of_errors_is_the_contracts() {
    let ours: Vec<(&str, u32)> = Code::ALL.iter().map(|code| (code.name(), code.number())).collect();
    assert_eq!(ours, errors());
    assert_eq!(ours.len(), 118);
}

#[test]
fn the_table_of_calls_is_the_contracts() {
    let sorted = |mut names: Vec<&'static str>| {
        names.sort_unstable();
        names
    };
    let rows = rows();
    assert_eq!((rows.len(), Call::all().len()), (87, 87));
    for row in rows {
        let call = Call::all().iter().find(|call| call.path() == row.path());
        let listed = call.unwrap_or_else(|| panic!("{} is missing", row.path())).errors().map(Code::name).collect();
        assert_eq!(sorted(listed), sorted(row.errors.clone()), "{}", row.path());
    }
}

#[test]
fn every_error_of_the_contract_can_be_had_by_name() {
    let mut bench = Bench::new();
    for (name, number) in errors() {
        bench.fault(json!({ "path": "/playfab/ABCD1/Client/LoginWithSteam", "error_code": name }));
        refused(&bench.open("LoginWithSteam", json!({})), status(name), name, number);
        bench.fault(json!({ "path": "/Client/LoginWithSteam", "error_code": number.to_string() }));
        refused(&bench.open("LoginWithSteam", json!({})), status(name), name, number);
    }
    assert!(bench.emulator.faults_mut().is_empty());
}

#[test]
fn every_error_a_call_lists_can_be_had_through_that_call() {
    let mut bench = Bench::new();
    let mut told = 0;
    for row in rows() {
        for error in &row.errors {
            bench.fault(json!({ "path": format!("/{}", row.path()), "error_code": error }));
            let response = bench.call(&row.path(), &[], &json!({}));
            refused(&response, status(error), error, number(error));
            told += 1;
        }
    }
    assert!(told > 300, "{told}");
}

#[test]
fn a_fault_can_be_any_answer_of_a_gateway() {
    let mut bench = Bench::new();
    let path = "/playfab/*";
    bench.fault(json!({ "path": path, "status": 429, "retry_after": 8 }));
    let slow = bench.open("LoginWithCustomID", json!({}));
    refused(&slow, 429, "APIClientRequestRateLimitExceeded", 1199);
    assert_eq!((slow.header("retry-after"), &body_of(&slow)["retryAfterSeconds"]), (Some("8"), &json!(8)));

    bench.fault(json!({ "path": path, "status": 429, "retry_after": 8,
        "fields": { "retryAfterSeconds": null, "retryAfter": 8 } }));
    let other = body_of(&bench.open("LoginWithCustomID", json!({})));
    assert_eq!((other.get("retryAfterSeconds"), &other["retryAfter"]), (None, &json!(8)));

    bench.fault(json!({ "path": path, "status": 502, "body": "<h1>Bad gateway</h1>" }));
    assert_eq!(bench.open("LoginWithCustomID", json!({})).body, b"<h1>Bad gateway</h1>");

    bench.fault(json!({ "path": path, "error_code": "FutureError", "fields": { "errorCode": 99999 } }));
    let unknown = body_of(&bench.open("LoginWithCustomID", json!({})));
    assert_eq!((&unknown["error"], &unknown["errorCode"]), (&json!("FutureError"), &json!(99999)));

    bench.fault(json!({ "path": path }));
    refused(&bench.open("LoginWithCustomID", json!({})), 500, "InternalServerError", 1110);

    bench.fault(json!({ "path": path, "after": true, "delivery": "close" }));
    bench.open("LoginWithCustomID", json!({ "CustomId": "lost", "CreateAccount": true }));
    let kept = bench.playfab().owner(emulator::playfab::Platform::CustomId, None, "lost").map(str::to_owned);
    let player = bench.playfab().player_of(&kept.unwrap()).unwrap().clone();
    assert_eq!(player.created, START, "a lost answer is an answer to a call that was made");
}
