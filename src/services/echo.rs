//! What a service repeats of what it was sent. Some quote a refused value in the sentence about it; a password or a ticket
//! must not get into an error that way.

use crate::http::{Request, Response, cut};
use crate::json::Json;
use crate::text;

/// What a field's name says of its value.
const SECRET_NAMES: [&str; 6] = ["token", "ticket", "password", "secret", "code", "signature"];
/// Members with words of the service's own.
const CODES: [&str; 5] = ["code", "error", "error_code", "errorCode", "status"];
/// Anything shorter is in many a sentence by chance.
const LEAST: usize = 4;

/// The body of a request, if it has anything to hide.
pub(super) fn body_of(request: &Request) -> zeroize::Zeroizing<Vec<u8>> {
    request.body.clone().unwrap_or_default().into()
}

/// Takes the secrets of the request's body out of what a refusal says.
pub(super) fn take_out(response: &mut Response, sent: &[u8]) {
    if !(400..500).contains(&response.status) {
        return;
    }
    let (Some(Json::Object(sent)), Some(mut answer)) = (Json::parse_object(sent), Json::parse_object(&response.body))
    else {
        return;
    };
    let is_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        SECRET_NAMES.iter().any(|part| text::place_of(&name, part).is_some())
    };
    let mut found = false;
    for (name, value) in &sent {
        let Some(secret) = value.as_text().filter(|secret| secret.len() >= LEAST && is_secret(name)) else { continue };
        found |= redact(&mut answer, secret);
        // A user name and a password in one.
        if let Some(password) = cut(secret, ":").1.filter(|password| password.len() >= LEAST) {
            found |= redact(&mut answer, password);
        }
    }
    if found {
        response.body = answer.to_text().into_bytes();
    }
}

/// A code stays a code, whatever somebody's password is.
fn redact(json: &mut Json, secret: &str) -> bool {
    match json {
        Json::Text(text) => text::replaced(text, secret, "[redacted]").map(|cleaned| *text = cleaned).is_some(),
        Json::List(items) => items.iter_mut().fold(false, |found, item| redact(item, secret) | found),
        Json::Object(members) => members.iter_mut().fold(false, |found, (name, value)| {
            let is_code = matches!(value, Json::Text(_)) && CODES.contains(&name.as_str());
            (!is_code && redact(value, secret)) | found
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, answer: &str) -> String {
        let sent = br#"{"grant_type":"steam","portal_access_token":"14000000ab","credentials":"x","password":"nova:hunter22"}"#;
        let mut response = Response { status, headers: Vec::new(), body: answer.into() };
        take_out(&mut response, sent);
        String::from_utf8(response.body).unwrap()
    }

    #[test]
    fn what_was_sent_in_secret_is_taken_out_of_every_sentence() {
        assert_eq!(
            told(422, r#"{"detail":[{"loc":["body","portal_access_token"],"msg":"14000000ab is no ticket"}]}"#),
            r#"{"detail":[{"loc":["body","portal_access_token"],"msg":"[redacted] is no ticket"}]}"#
        );
        assert_eq!(told(400, r#"{"e":{"m":"not hunter22 again"}}"#), r#"{"e":{"m":"not [redacted] again"}}"#);
        assert_eq!(told(400, r#"{"d":{"Password":["hunter22"]}}"#), r#"{"d":{"Password":["[redacted]"]}}"#);
    }

    #[test]
    fn codes_names_and_public_values_stay_as_they_are() {
        for answer in [
            r#"{"error_code":"14000000ab"}"#,
            r#"{"14000000ab":"is a name"}"#,
            r#"{"msg":"no steam here"}"#,
            r#"{"error":{"code":"hunter22"}}"#,
            "not JSON, hunter22",
        ] {
            assert_eq!(told(400, answer), answer);
        }
        let success = r#"{"display_name":"mr hunter22"}"#;
        assert_eq!(told(200, success), success);
    }
}
