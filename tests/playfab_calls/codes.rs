//! Every error that the contract names, of every call that names it.

use std::collections::BTreeSet;

use playerlink::playfab::{Code, Credential, Registration};
use playerlink::{Error, ErrorKind};

use crate::operations;
use crate::support::code;
use crate::support::contract::{playfab_errors, playfab_kind, playfab_operations};
use crate::title::{Title, refusal};

fn assert_is(error: &Error, name: &str, number: u32, of: &str) {
    let (class, kind) = playfab_kind(name);
    assert_eq!((code(error), error.code_number()), (name, Some(number)), "{of}");
    let found = error.code().and_then(playerlink::ServiceCode::classification).map(|class| class.as_str());
    assert_eq!(found, Some(class), "{of}: {name}");
    assert_eq!(error.kind().as_str(), kind, "{of}: {name}");
    assert_eq!(error.code().map(playerlink::ServiceCode::service), Some("playfab"));
    assert!(error.player_message().is_some_and(|text| text.ends_with('.')), "{name}");
}

#[test]
fn every_error_a_login_link_or_unlink_call_names_is_exactly_that_code_number_class_and_kind() {
    let title = Title::new();
    let (client, session, server) = (title.client(), title.session(), title.server());
    let mut names = BTreeSet::new();
    let mut answers = 0;
    for row in playfab_operations() {
        for (name, number) in row.errors() {
            title.refuses(400, name, number);
            let error = title.run(operations::call(&client, &session, &server, row.api, row.operation)).unwrap_err();
            assert_is(&error, name, number, &format!("{}/{}", row.api, row.operation));
            assert_eq!(error.status(), Some(400));
            names.insert(name);
            answers += 1;
        }
    }
    assert_eq!((playfab_operations().len(), names.len()), (87, 59), "as many as the contract says");
    assert!(answers > 300, "{answers}");
}

#[test]
fn every_error_any_call_may_answer_is_exactly_that_code_number_class_and_kind() {
    for (name, number) in playfab_errors() {
        let title = Title::new();
        title.refuses(400, name, number);
        let error = title.run(title.client().login(Credential::steam("00"))).unwrap_err();
        assert_is(&error, name, number, "login");
    }
    assert_eq!(playfab_errors().len(), 118);
}

#[test]
fn a_registrations_errors_are_typed() {
    // playfab.md, "RegisterPlayFabUser".
    for (name, number) in [
        ("EmailAddressNotAvailable", 1006),
        ("InvalidEmailAddress", 1005),
        ("InvalidUsername", 1007),
        ("InvalidPassword", 1008),
        ("UsernameNotAvailable", 1009),
        ("NameNotAvailable", 1058),
        ("InvalidPartnerResponse", 1193),
        ("ProfaneDisplayName", 1234),
        ("EncryptionKeyMissing", 1290),
        ("SignedRequestNotAllowed", 1302),
        ("EvaluationModePlayerCountExceeded", 1490),
    ] {
        let title = Title::new();
        title.refuses(400, name, number);
        let registration = Registration::new("correct-horse").username("nova");
        assert_is(&title.run(title.client().register(&registration)).unwrap_err(), name, number, "register");
    }
}

#[test]
fn the_table_of_codes_is_the_contracts_and_nothing_else() {
    let ours: BTreeSet<(String, u32)> =
        Code::TABLE.iter().map(|row| (row.text.to_owned(), row.code.number().unwrap())).collect();
    let theirs = playfab_errors().into_iter().map(|(name, number)| (name.to_owned(), number)).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn one_situation_with_two_codes_is_one_kind() {
    // The same device claimed by another player: the client's call says 1184, the server's 1012 (playfab.md §2).
    let title = Title::new();
    let session = title.session();
    title.refuses(400, "LinkedIdentifierAlreadyClaimed", 1184);
    let client = title.run(session.link(&Credential::nintendo_switch_device("d"))).unwrap_err();
    title.refuses(400, "LinkedAccountAlreadyClaimed", 1012);
    let device = playerlink::playfab::server::Credential::nintendo_switch_device("d");
    let server = title.run(title.server().link("P", &device)).unwrap_err();
    assert_eq!((client.kind(), server.kind()), (ErrorKind::Conflict, ErrorKind::Conflict));
    assert_eq!((client.code_number(), server.code_number()), (Some(1184), Some(1012)));
}

#[test]
fn a_number_says_more_than_a_name_and_a_name_more_than_a_status() {
    let answer = |body: &str, status: u16| {
        let title = Title::new();
        title.answers(status, body);
        title.run(title.client().login(Credential::steam("00"))).unwrap_err()
    };
    let error = answer(&refusal(400, "AccountBanned", 1184), 400);
    assert_eq!((code(&error), error.code_number()), ("LinkedIdentifierAlreadyClaimed", Some(1184)));
    let error = answer(r#"{"code":400,"error":"AccountBanned"}"#, 400);
    assert_eq!((code(&error), error.code_number(), error.kind()), ("AccountBanned", Some(1002), ErrorKind::Restricted));
    let error = answer(r#"{"code":409,"status":"Conflict"}"#, 409);
    assert_eq!((error.code(), error.kind()), (None, ErrorKind::Conflict));
}

#[test]
fn a_code_of_tomorrow_keeps_its_name_and_number() {
    for (status, kind) in [(400, ErrorKind::Service), (403, ErrorKind::Permission), (429, ErrorKind::Busy)] {
        let title = Title::new();
        title.refuses(status, "SteamIsOnHoliday", 4_000_000_000);
        let error = title.run(title.client().login(Credential::steam("00"))).unwrap_err();
        assert_eq!((code(&error), error.code_number()), ("SteamIsOnHoliday", Some(4_000_000_000)));
        assert_eq!((error.kind(), error.player_message()), (kind, None));
    }
}

#[test]
fn a_code_of_tomorrow_without_a_name_is_its_number() {
    let title = Title::new();
    title.answers(400, r#"{"code":400,"errorCode":60000}"#);
    let error = title.run(title.client().login(Credential::steam("00"))).unwrap_err();
    assert_eq!((code(&error), error.code_number()), ("60000", Some(60_000)));
}
