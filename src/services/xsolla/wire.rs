//! Xsolla's JSON as it is on the wire (private), and how its error answers become our errors.

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Code;
use crate::Secret;
use crate::error::{Error, ErrorKind, InvalidField};
use crate::http::Response;
use crate::services::codes::Classification;
use crate::services::loose::LooseText;
use crate::services::{self, from_status};

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: Secret,
    pub(super) token_type: String,
    pub(super) expires_in: Option<i64>,
    pub(super) refresh_token: Option<Secret>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: Option<ErrorBody>,
    /// The Commerce shape, which the same host may answer.
    #[serde(rename = "errorCode")]
    error_code: Option<LooseText>,
}

#[derive(Deserialize)]
struct ErrorBody {
    code: Option<LooseText>,
    description: Option<Description>,
}

/// A sentence (not kept: it may change and may quote the request), or a list of refused fields.
struct Description(Vec<InvalidField>);

impl<'de> Deserialize<'de> for Description {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Description;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text or a list of fields")
            }
            fn visit_str<E: de::Error>(self, _: &str) -> Result<Description, E> {
                Ok(Description(Vec::new()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Description, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Description(Vec::new()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Description, A::Error> {
                #[derive(Deserialize)]
                struct Field {
                    property: Option<String>,
                    message: Option<String>,
                }
                let mut fields = Vec::new();
                while let Some(field) = seq.next_element::<Field>()? {
                    fields.push(InvalidField {
                        path: field.property.unwrap_or_default(),
                        message: field.message.unwrap_or_default(),
                    });
                }
                Ok(Description(fields))
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

/// The error for an answer that is not a success.
pub(super) fn error(response: &Response, now_ms: u64) -> Error {
    let base = from_status(response, now_ms);
    let Ok(answer) = serde_json::from_slice::<ErrorAnswer>(&response.body) else { return base };
    let (code, fields) = match answer.error {
        Some(body) => (body.code, body.description.map(|d| d.0).unwrap_or_default()),
        None => (answer.error_code, Vec::new()),
    };
    let Some(text) = code.map(LooseText::into_string).filter(|text| !text.is_empty()) else { return base };
    let code = Code::parse(&text);
    // 429 and 5xx say more than any code: the emulator's and the vendor's codes for them are not documented.
    let kind = match (base.kind(), code.classification()) {
        (ErrorKind::Busy, _) | (_, None) => base.kind(),
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
    ["Xsolla answered ", code.as_str(), "; ", advice].concat()
}

/// Whether an answer to a call with a bearer token says that the token was not accepted.
pub(crate) fn is_auth_rejected(status: u16, body: &[u8]) -> bool {
    let code = serde_json::from_slice::<ErrorAnswer>(body)
        .ok()
        .and_then(|answer| answer.error?.code)
        .map(|text| Code::parse(text.as_str()));
    match code.as_ref().and_then(Code::classification) {
        Some(class) => status >= 400 && class == Classification::TokenRejected,
        None => matches!(status, 401 | 403),
    }
}
