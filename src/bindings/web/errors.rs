//! The view of an error that crosses to JavaScript; the skin makes a real `Error` of it.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::values::write;
use crate::error::{Error, SessionOverReason};
use crate::services::{Agreements, Classification, Restriction, ServiceCode};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    kind: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    classification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreements: Option<&'a Agreements>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    restrictions: &'a [Restriction],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    player_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    path: &'a str,
    message: &'a str,
}

/// The plain object a promise rejects with.
pub(super) fn view(error: &Error) -> JsValue {
    let view = View {
        kind: error.kind().as_str(),
        message: error.message(),
        service: error.code().map(ServiceCode::service),
        code: error.code().map(ServiceCode::as_str),
        classification: error.code().and_then(ServiceCode::classification).map(Classification::as_str),
        status: error.status(),
        retry_after_ms: error.retry_after_ms(),
        agreements: error.agreements(),
        restrictions: error.restrictions(),
        reason: error.reason().map(SessionOverReason::as_str),
        request_id: error.request_id(),
        player_message: error.player_message(),
        fields: error.invalid_fields().iter().map(|f| Field { path: &f.path, message: &f.message }).collect(),
    };
    write(&view).unwrap_or_else(|_| JsValue::from_str(error.kind().as_str()))
}
