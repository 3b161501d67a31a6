//! Requests with fields missing, of the wrong type, or too long.

use serde_json::{Value, json};

use crate::bench::{Bench, body_of, data, refused};
use crate::contract::{Row, row, rows};

/// The fields an `InvalidParams` names.
#[track_caller]
fn wrong_fields(response: &emulator::Response) -> Vec<String> {
    refused(response, 400, "InvalidParams", 1000);
    body_of(response)["errorDetails"].as_object().unwrap().keys().cloned().collect()
}

/// Credentials that the schema does not require, because they could stand in `EncryptedRequest`; the service needs them.
fn credentials(row: &Row) -> Vec<&'static str> {
    if row.verb() == "Unlink" {
        return Vec::new();
    }
    let named = [
        "CustomId",
        "AndroidDeviceId",
        "DeviceId",
        "NintendoSwitchDeviceId",
        "SteamTicket",
        "XboxToken",
        "AuthCode",
        "RedirectUri",
        "PlayerId",
        "KongregateId",
        "AuthTicket",
    ];
    let optional = |name: &str| row.optional.contains(&(name, "string"));
    let mut credentials: Vec<&'static str> = named.into_iter().filter(|name| optional(name)).collect();
    // Of two, the one that is recommended is asked for.
    match (optional("ServerAuthCode"), optional("AccessToken") && !row.name.starts_with("Unlink")) {
        (true, _) => credentials.push("ServerAuthCode"),
        (false, true) => credentials.push("AccessToken"),
        _ => {}
    }
    credentials
}

#[test]
fn a_missing_field_is_named_and_so_are_all_others() {
    let mut bench = Bench::new();
    let player = bench.login("caller");
    for row in rows() {
        let mut needed: Vec<&str> = row.required.iter().map(|(name, _)| *name).collect();
        needed.extend(credentials(&row));
        needed.sort_unstable();
        // An empty `PlayFabId` keeps the helper from putting one in; it counts as missing.
        let mut body = serde_json::Map::new();
        if row.api == "Server" {
            body.insert("PlayFabId".into(), json!(""));
        }
        let response = row.send(&mut bench, &player, body);
        if needed.is_empty() {
            assert_ne!(body_of(&response)["errorCode"], 1000, "{}", row.path());
        } else {
            assert_eq!(wrong_fields(&response), needed, "{}", row.path());
            let sentence = format!("The {} field is required.", needed[0]);
            assert_eq!(body_of(&response)["errorDetails"][needed[0]], json!([sentence]), "{}", row.path());
        }
    }
}

#[test]
fn a_field_of_the_wrong_type_is_named_and_null_is_absence() {
    let mut bench = Bench::new();
    let player = bench.login("caller");
    for row in rows() {
        let letters = [("CT", "CustomTags"), ("IR", "InfoRequestParameters"), ("PS", "PlayerSecret")];
        let shared = letters.into_iter().filter(|(letter, _)| row.shared.contains(letter)).map(|(_, name)| name);
        let named = row.required.iter().chain(&row.optional).map(|(name, _)| *name);
        for name in named.chain(shared) {
            let mut body = row.body(&mut bench, "anyone");
            body.insert("Password".into(), json!("correct-horse"));
            body.insert("Email".into(), json!("nobody@example.com"));
            body.insert("Username".into(), json!("nobody"));
            body.insert(name.to_owned(), json!([["list"]]));
            let response = row.send(&mut bench, &player, body.clone());
            assert_eq!(wrong_fields(&response), [name], "{}", row.path());
        }
        for (name, _) in &row.optional {
            let mut body = row.body(&mut bench, "anyone");
            body.insert("Password".into(), json!("correct-horse"));
            body.insert("Email".into(), json!("nobody@example.com"));
            body.insert("Username".into(), json!("nobody"));
            if credentials(&row).contains(name) {
                continue;
            }
            body.insert((*name).to_owned(), Value::Null);
            let response = row.send(&mut bench, &player, body);
            let message = body_of(&response);
            assert_ne!(message["errorCode"], 1000, "{} {name}: {message}", row.path());
        }
    }
}

#[test]
fn ids_have_limits_and_unknown_fields_none() {
    let mut bench = Bench::new();
    let body = json!({ "ConnectionId": "c".repeat(101), "IdToken": "t" });
    assert_eq!(wrong_fields(&bench.open("LoginWithOpenIdConnect", body)), ["ConnectionId"]);
    let login = row("Client/LoginWithPSN");
    let mut body = login.body(&mut bench, "p");
    body.insert("IssuerId".into(), json!(3_000_000_000_u64));
    assert_eq!(wrong_fields(&login.send(&mut bench, &Value::Null, body)), ["IssuerId"]);
    let tags = json!({ "CustomId": "nova-device", "CustomTags": { "build": 5 } });
    assert_eq!(wrong_fields(&bench.open("LoginWithCustomID", tags)), ["CustomTags"]);
    data(&bench.open("LoginWithCustomID", json!({ "CustomId": "nova-device", "Future": [1, 2] })));
}
