//! The view of an error that crosses to JavaScript; the skin makes a real `Error` of it.

use crate::error::{Error, SessionOverReason};
use crate::json::{Json, Object};
use crate::services::{Classification, ServiceCode};

/// What a call ends with that fails.
pub(super) fn view(error: &Error) -> Json {
    let code = error.code();
    let restrictions = Json::list_of(error.restrictions(), |restriction| Some(restriction.to_json()));
    let fields = Json::list_of(error.invalid_fields(), |field| {
        Some(Object::new().text("path", &field.path).text("message", &field.message).take())
    });
    let mut view = Object::new();
    view.text("kind", error.kind().as_str())
        .text("message", error.message())
        .maybe_text("service", code.map(ServiceCode::service))
        .maybe_text("code", code.map(ServiceCode::as_str))
        .maybe_text("classification", code.and_then(ServiceCode::classification).map(Classification::as_str))
        .maybe_number("codeNumber", error.code_number().map(u64::from))
        .maybe_number("status", error.status().map(u64::from))
        .maybe_number("retryAfterMs", error.retry_after_ms());
    if let Some(agreements) = error.agreements() {
        view.json("agreements", agreements.to_json());
    }
    view.list("restrictions", restrictions)
        .maybe_text("reason", error.reason().map(SessionOverReason::as_str))
        .maybe_text("requestId", error.request_id())
        .list("fields", fields);
    view.take()
}
