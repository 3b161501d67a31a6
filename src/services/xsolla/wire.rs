//! How Xsolla's error answers become our errors. It has two envelopes, and writes codes as texts or numbers and
//! descriptions as a text or a list (xsolla.md §4).

use super::Code;
use crate::error::{Error, ErrorKind, InvalidField};
use crate::http::Response;
use crate::json::Json;
use crate::services::codes::Classification;
use crate::services::{self, from_status};

/// The error for an answer that is not a success.
pub(super) fn error(response: &Response, now_ms: u64) -> Error {
    let base = from_status(response, now_ms);
    let Some(answer) = Json::parse_object(&response.body) else { return base };
    let Some(text) = code_text(&answer) else { return base };
    // A description that is a text is not kept: it may change, and may quote the request.
    let field = |item: &Json| InvalidField {
        path: item.text("property").unwrap_or_default(),
        message: item.text("message").unwrap_or_default(),
    };
    let fields = answer.get("error").get("description").items().iter().map(field).collect();
    let code = Code::parse(&text);
    // 429 and 5xx say more than any code: the emulator's and the vendor's codes for them are not documented.
    let kind = match (base.kind(), code.classification()) {
        (ErrorKind::Busy, _) | (_, None | Some(Classification::Unexplained)) => base.kind(),
        (_, Some(class)) => class.kind(),
    };
    Error::new(kind, sentence(&code, kind))
        .with_status(response.status)
        .with_retry_after_ms(base.retry_after_ms())
        .with_request_id(services::request_id(response))
        .with_fields(fields)
        .with_code(code)
}

fn sentence(code: &Code, kind: ErrorKind) -> String {
    let advice = match kind {
        ErrorKind::Misuse => "fix the call",
        ErrorKind::Configuration => "fix the project's or client's set-up here or in Xsolla Publisher Account",
        ErrorKind::Busy => "try again later",
        ErrorKind::PlatformTicket => "get a new ticket from the platform and sign in again",
        ErrorKind::Credentials => "ask the player again",
        ErrorKind::Restricted => "tell the player; do not retry",
        ErrorKind::PlatformDisabled => "offer another way to sign in",
        ErrorKind::NotFound => "tell the player",
        ErrorKind::Conflict => "let the player choose",
        ErrorKind::Permission => "check whose account it is and what the client may do",
        ErrorKind::SessionOver => "sign in again",
        _ => "report it with the code",
    };
    crate::text::concat(&["Xsolla answered ", code.as_str(), "; ", advice])
}

/// The code, of the usual envelope or of the Commerce one, which the same host may answer.
fn code_text(answer: &Json) -> Option<String> {
    answer.get("error").loose("code").or_else(|| answer.loose("errorCode")).filter(|text| !text.is_empty())
}

/// Whether an answer to a call with a bearer token says that the token was not accepted. Another API's 403 does not.
pub(crate) fn is_auth_rejected(status: u16, body: &[u8]) -> bool {
    let code = Json::parse_object(body).and_then(|answer| code_text(&answer)).map(|text| Code::parse(&text));
    match code.as_ref().and_then(Code::classification) {
        None | Some(Classification::Unexplained) => status == 401,
        Some(class) => status >= 400 && class == Classification::TokenRejected,
    }
}
