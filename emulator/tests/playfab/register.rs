//! `Client/RegisterPlayFabUser`.

use serde_json::{Value, json};

use crate::bench::{Bench, body_of, data, refused};

fn account() -> Value {
    json!({ "Username": "lyra", "Email": "lyra@example.com", "Password": "correct-horse", "DisplayName": "Lyra" })
}

fn with(name: &str, value: Value) -> Value {
    let mut account = account();
    account[name] = value;
    account
}

#[test]
fn an_account_is_made_and_signs_in() {
    let mut bench = Bench::new();
    let made = data(&bench.open("RegisterPlayFabUser", account()));
    assert_eq!(made["Username"], "lyra");
    assert_eq!(made["EntityToken"]["Entity"]["Type"], "title_player_account");
    assert!(made["SettingsForUser"]["NeedsAttribution"].is_boolean());
    let ticket = made["SessionTicket"].as_str().unwrap().to_owned();
    data(&bench.client(&ticket, "GetAccountInfo", &json!({})));
    let login = json!({ "Email": "lyra@example.com", "Password": "correct-horse" });
    assert_eq!(data(&bench.open("LoginWithEmailAddress", login))["PlayFabId"], made["PlayFabId"]);
}

#[test]
fn each_field_has_its_own_refusal() {
    let mut bench = Bench::new();
    bench.playfab().knobs_mut().unique_display_names = true;
    for (body, error, number) in [
        (with("Username", json!("ly")), "InvalidUsername", 1007),
        (with("Username", json!("l".repeat(21))), "InvalidUsername", 1007),
        (with("Username", json!("ly ra")), "InvalidUsername", 1007),
        (with("Email", json!("lyra.example.com")), "InvalidEmailAddress", 1005),
        (with("Password", json!("short")), "InvalidPassword", 1008),
        (with("Password", json!("l".repeat(101))), "InvalidPassword", 1008),
        (with("DisplayName", json!("Damn Good")), "ProfaneDisplayName", 1234),
        (with("Username", json!("NOVA")), "UsernameNotAvailable", 1009),
        (with("Email", json!("Nova@example.com")), "EmailAddressNotAvailable", 1006),
        (with("DisplayName", json!("Nova")), "NameNotAvailable", 1058),
        (with("EncryptedRequest", json!("AAAA")), "EncryptionKeyMissing", 1290),
        (with("DisplayName", json!("Ly")), "InvalidParams", 1000),
        (with("Email", Value::Null), "InvalidParams", 1000),
    ] {
        refused(&bench.open("RegisterPlayFabUser", body), 400, error, number);
    }
    bench.playfab().knobs_mut().player_cap = Some(1);
    refused(&bench.open("RegisterPlayFabUser", account()), 400, "EvaluationModePlayerCountExceeded", 1490);
}

#[test]
fn both_names_are_needed_unless_one_is_said_to_do() {
    let mut bench = Bench::new();
    let one = json!({ "Email": "lyra@example.com", "Password": "correct-horse" });
    let missing = bench.open("RegisterPlayFabUser", one.clone());
    assert_eq!(body_of(&missing)["errorDetails"], json!({ "Username": ["The Username field is required."] }));
    let mut relaxed = one;
    relaxed["RequireBothUsernameAndEmail"] = json!(false);
    data(&bench.open("RegisterPlayFabUser", relaxed));
    let neither = json!({ "Password": "correct-horse", "RequireBothUsernameAndEmail": false });
    refused(&bench.open("RegisterPlayFabUser", neither), 400, "InvalidParams", 1000);
}
