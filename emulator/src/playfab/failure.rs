//! A refusal on its way to the caller, and the service's two envelopes (playfab.md §1.1, §1.2).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::codes::Code;
use crate::Response;

/// A code with what is told beside it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) code: Code,
    /// What is wrong, by field.
    details: BTreeMap<String, Vec<String>>,
    retry_after_s: Option<u64>,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, details: BTreeMap::new(), retry_after_s: None }
    }
}

impl Failure {
    /// `InvalidParams` with what is wrong, by field.
    pub(super) fn params(details: BTreeMap<String, Vec<String>>) -> Self {
        Self { details, ..Self::from(Code::InvalidParams) }
    }

    /// Too many calls: how many seconds until the next may succeed.
    pub(super) fn throttled(code: Code, retry_after_s: u64) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::from(code) }
    }

    pub(super) fn response(&self) -> Response {
        let status = self.code.status();
        let mut body = envelope(status, self.code.name(), self.code.number(), &self.code.message());
        if let Some(members) = body.as_object_mut() {
            if !self.details.is_empty() {
                members.insert("errorDetails".into(), json!(self.details));
            }
            if let Some(seconds) = self.retry_after_s {
                members.insert("retryAfterSeconds".into(), seconds.into());
            }
        }
        let response = Response::json(status, &body);
        match self.retry_after_s {
            Some(seconds) => response.with_header("retry-after", seconds.to_string()),
            None => response,
        }
    }
}

/// The error envelope.
pub(crate) fn envelope(status: u16, error: &str, number: u32, message: &str) -> Value {
    json!({
        "code": status, "status": status_name(status), "error": error, "errorCode": number, "errorMessage": message,
    })
}

/// The success envelope.
pub(super) fn success(data: &Value) -> Response {
    Response::json(200, &json!({ "code": 200, "status": "OK", "data": data }))
}

/// The status as .NET names it.
fn status_name(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    }
}
