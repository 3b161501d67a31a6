//! What each call looks like on the wire: method, address, headers and body, against the contract's tables.

use playerlink::playfab::server::Credential as ServerCredential;
use playerlink::playfab::{Credential, Info, Registration, Unlink};
use serde_json::{Value, json};

use crate::operations;
use crate::support::contract::playfab_operations;
use crate::title::{SECRET_KEY, Title};

#[test]
fn every_call_has_the_address_the_headers_and_the_fields_of_the_contract() {
    let title = Title::new();
    let (client, session, server) = (title.client(), title.session(), title.server());
    for row in playfab_operations() {
        let name = format!("{}/{}", row.api, row.operation);
        title.run(operations::call(&client, &session, &server, row.api, row.operation)).unwrap();
        let sent = title.take();
        assert_eq!(sent.len(), 1, "{name}");
        let sent = &sent[0];
        assert_eq!((sent.method, sent.path()), ("POST", format!("/{name}").as_str()));
        let auth = match row.auth {
            "none" => None,
            "ticket" => Some(("x-authorization", "ST")),
            _ => Some(("x-secretkey", SECRET_KEY)),
        };
        let mut headers: Vec<(&str, &str)> = sent.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.sort_unstable();
        let mut wanted: Vec<(&str, &str)> = auth.into_iter().chain([("content-type", "application/json")]).collect();
        wanted.sort_unstable();
        assert_eq!(headers, wanted, "{name}");
        let body = sent.body.as_object().unwrap();
        for field in &row.required {
            assert!(body.contains_key(*field), "{name} lacks {field}: {body:?}");
        }
        for (field, value) in body {
            let known = row.required.contains(&field.as_str()) || row.optional.contains(&field.as_str());
            assert!(known, "{name} does not take {field}");
            let expected = match field.as_str() {
                "TitleId" => json!("ABCD1"),
                "CustomTags" => json!({ "build": "1.2.3" }),
                "CreateAccount" | "ForceLink" | "TicketIsServiceSpecific" => json!(true),
                "IssuerId" | "InfoRequestParameters" => continue,
                "GameCenterId" => json!("v-PlayerId"),
                other => json!(format!("v-{other}")),
            };
            assert_eq!(*value, expected, "{name}: {field}");
        }
    }
}

fn sent_by_login(credential: Credential) -> Value {
    let title = Title::new();
    title.run(title.client().login(credential)).unwrap();
    title.take().remove(0).body
}

fn sent_by_link(credential: &Credential) -> Value {
    let title = Title::new();
    let session = title.session();
    title.run(session.link(credential)).unwrap();
    title.take().remove(0).body
}

#[test]
fn what_is_not_said_is_not_sent() {
    assert_eq!(sent_by_login(Credential::steam("14")), json!({ "TitleId": "ABCD1", "SteamTicket": "14" }));
    assert_eq!(sent_by_link(&Credential::steam("14")), json!({ "SteamTicket": "14" }));
    let psn = sent_by_link(&Credential::psn("c", "https://game.example/psn").issuer_id(256));
    assert_eq!(psn, json!({ "AuthCode": "c", "RedirectUri": "https://game.example/psn", "IssuerId": 256 }));
    assert_eq!(
        sent_by_login(Credential::google("c").set_email(false)),
        json!({ "TitleId": "ABCD1", "ServerAuthCode": "c", "SetEmail": false })
    );
    assert_eq!(
        sent_by_login(Credential::facebook_limited("t")),
        json!({ "TitleId": "ABCD1", "AuthenticationToken": "t" })
    );
}

#[test]
fn the_base_pages_call_is_the_base_pages_example() {
    let title = Title::new();
    let nintendo = ServerCredential::nintendo_service_account("eyJraWQi...");
    title.run(title.server().link("1234FA342", &nintendo)).unwrap();
    let sent = title.take().remove(0);
    assert_eq!(sent.url, "https://ABCD1.playfabapi.com/Server/LinkNintendoServiceAccount");
    assert_eq!(sent.body, json!({ "PlayFabId": "1234FA342", "IdentityToken": "eyJraWQi..." }));
}

#[test]
fn an_unlink_without_an_id_leaves_the_choice_to_playfab() {
    for unlink in [Unlink::custom_id(), Unlink::android_device(), Unlink::steam(), Unlink::xbox()] {
        let title = Title::new();
        let session = title.session();
        title.run(session.unlink(&unlink)).unwrap();
        assert_eq!(title.take().remove(0).body, json!({}));
    }
}

#[test]
fn asking_for_more_sends_all_ten_flags() {
    let body = sent_by_login(Credential::custom_id("g").info(&[Info::UserAccountInfo, Info::PlayerProfile]));
    let flags = body["InfoRequestParameters"].as_object().unwrap();
    // playfab.md §3.6: the schema marks all ten required.
    let names = [
        "GetCharacterInventories",
        "GetCharacterList",
        "GetPlayerProfile",
        "GetPlayerStatistics",
        "GetTitleData",
        "GetUserAccountInfo",
        "GetUserData",
        "GetUserInventory",
        "GetUserReadOnlyData",
        "GetUserVirtualCurrency",
    ];
    assert_eq!(flags.len(), names.len());
    for name in names {
        assert_eq!(flags[name], json!(matches!(name, "GetPlayerProfile" | "GetUserAccountInfo")), "{name}");
    }
}

#[test]
fn a_registration_sends_what_it_has_and_does_not_insist_on_both_names() {
    let sent = |registration: &Registration| {
        let title = Title::new();
        title.run(title.client().register(registration)).unwrap();
        let sent = title.take().remove(0);
        assert_eq!((sent.path(), sent.header("x-authorization")), ("/Client/RegisterPlayFabUser", None));
        sent.body
    };
    let password = || Registration::new("correct-horse");
    assert_eq!(
        sent(&password().username("nova")),
        json!({ "TitleId": "ABCD1", "Password": "correct-horse", "Username": "nova",
            "RequireBothUsernameAndEmail": false })
    );
    let both = password().username("nova").email("nova@example.com").display_name("Nova").custom_tag("a", "b");
    assert_eq!(
        sent(&both),
        json!({ "TitleId": "ABCD1", "Password": "correct-horse", "Username": "nova", "Email": "nova@example.com",
            "DisplayName": "Nova", "RequireBothUsernameAndEmail": false, "CustomTags": { "a": "b" } })
    );
}

#[test]
fn texts_are_escaped_and_survive() {
    let odd = "quote\" backslash\\ line\nbreak é\u{1F600}";
    assert_eq!(sent_by_login(Credential::custom_id(odd))["CustomId"], json!(odd));
}
