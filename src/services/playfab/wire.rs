//! PlayFab's envelopes, `{code, status, data}` and `{code, status, error, errorCode, …}`, and how they become answers and
//! errors. The body decides, not the HTTP status: proxies that send `X-ReportErrorAsSuccess` get 200 for everything
//! (playfab.md §1.2).

use super::Code;
use crate::error::{Error, ErrorKind, InvalidField};
use crate::http::{Response, parse_rfc3339_ms, retry_after_ms, whole};
use crate::json::Json;
use crate::services::codes::Classification;
use crate::services::{Restriction, from_status, kind_of_status, not_understood};

/// The `data` of a success. Bodies without are none: the vendor's own clients take them for errors.
pub(super) fn data(mut response: Box<Response>, now_ms: u64) -> Result<Json, Error> {
    let answer = Json::parse_object(&response.body).unwrap_or(Json::Null);
    if response.is_success() {
        // What the service answered before something on the way turned it into a success.
        response.status = answer.count("code").and_then(|code| u16::try_from(code).ok()).unwrap_or(response.status);
    }
    if !response.is_success() || is_error(&answer) {
        return Err(error(&response, &answer, now_ms));
    }
    match answer.get("data") {
        data @ Json::Object(_) => Ok(data.clone()),
        _ => Err(not_understood(&response)),
    }
}

fn is_error(answer: &Json) -> bool {
    *answer.get("error") != Json::Null || answer.get("errorCode") != &Json::Null
}

/// The typed code and PlayFab's number: by the number, which is the documented key, then by the name. What neither
/// names keeps its text.
fn code(answer: &Json) -> Option<(Code, Option<u32>)> {
    let number = answer.loose("errorCode").and_then(|text| u32::try_from(whole(&text)?).ok());
    let name = answer.filled("error");
    if let Some(code) = number.and_then(Code::of_number) {
        return Some((code, number));
    }
    let code = match (&name, number) {
        (Some(name), _) => Code::parse(name),
        (None, Some(_)) => Code::Other(answer.loose("errorCode")?.into()),
        (None, None) => return None,
    };
    let number = number.or(code.number());
    Some((code, number))
}

fn error(response: &Response, answer: &Json, now_ms: u64) -> Error {
    let base = from_status(response, now_ms);
    let Some((code, number)) = code(answer) else {
        // An error that the body only calls so, with a status of success.
        return if response.is_success() { not_understood(response) } else { base };
    };
    let class = code.classification();
    // A status that says "not now" says more than any code. Nearly everything else is a 400, which alone says nothing.
    let kind = match (kind_of_status(response.status), class) {
        (ErrorKind::Busy, _) => ErrorKind::Busy,
        (_, Some(class)) => class.kind(),
        (ErrorKind::Protocol, None) => ErrorKind::Service,
        (kind, None) => kind,
    };
    let seconds = answer.loose("retryAfterSeconds").or_else(|| answer.loose("retryAfter"));
    let wait = base.retry_after_ms().or_else(|| retry_after_ms(&seconds?, now_ms));
    let sentence = sentence(&code, kind);
    let error = base.with_kind(kind, sentence).with_retry_after_ms(wait).with_code(code).with_code_number(number);
    let details = details(answer);
    if class == Some(Classification::Restricted) {
        return error.with_restrictions(details.into_iter().map(ban).collect());
    }
    error.with_fields(details)
}

/// `errorDetails`, `{field: [messages…]}`.
fn details(answer: &Json) -> Vec<InvalidField> {
    let Json::Object(members) = answer.get("errorDetails") else { return Vec::new() };
    let read = |(path, messages): &(String, Json)| {
        let messages = match messages {
            Json::Text(text) => text.clone(),
            list => {
                let texts: Vec<&str> = list.items().iter().filter_map(Json::as_text).collect();
                crate::text::join(&texts, " ")
            }
        };
        InvalidField { path: path.clone(), message: messages }
    };
    members.iter().map(read).collect()
}

/// The same of a ban: `{reason: ["2026-01-31T00:00:00" or "Indefinite"]}`. Not documented, so read leniently: a time that
/// cannot be read is not told.
fn ban(detail: InvalidField) -> Restriction {
    let expires_at = parse_time_ms(&detail.message);
    Restriction { kind: "account_ban".to_owned(), reason: Some(detail.path), expires_at }
}

/// A time in ISO 8601; PlayFab's are UTC also where they do not say so.
pub(super) fn parse_time_ms(text: &str) -> Option<u64> {
    parse_rfc3339_ms(text).or_else(|| parse_rfc3339_ms(&crate::http::concat(text, "Z")))
}

fn sentence(code: &Code, kind: ErrorKind) -> String {
    let advice = match kind {
        ErrorKind::Misuse => "fix the call",
        ErrorKind::Configuration => "fix the title's set-up here or in PlayFab's Game Manager",
        ErrorKind::Busy => "try again later",
        ErrorKind::PlatformTicket => "get a new ticket from the platform and try again",
        ErrorKind::Credentials => "ask the player again",
        ErrorKind::Restricted => "tell the player; do not retry",
        ErrorKind::PlatformDisabled => "offer another way to sign in",
        ErrorKind::NotFound => "tell the player",
        ErrorKind::Conflict => "let the player choose",
        ErrorKind::Permission => "check whose account it is and what the title allows",
        ErrorKind::SessionOver => "sign in again",
        _ => "report it with the code",
    };
    crate::text::concat(&["PlayFab answered ", code.as_str(), "; ", advice])
}

/// Whether an answer to a call with a token says that the token was not accepted.
pub(crate) fn is_auth_rejected(status: u16, body: &[u8]) -> bool {
    let answer = Json::parse_object(body).unwrap_or(Json::Null);
    match code(&answer).and_then(|(code, _)| code.classification()) {
        Some(class) => class == Classification::TokenRejected,
        None => status == 401,
    }
}
