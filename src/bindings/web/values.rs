//! Values in and out: plain objects, camelCase, times in epoch milliseconds.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::{Error, ErrorKind, Result};

/// Reads an argument object. `undefined` reads as an empty one.
pub(super) fn read<T: DeserializeOwned + Default>(value: JsValue) -> Result<T> {
    if value.is_undefined() || value.is_null() {
        return Ok(T::default());
    }
    // The library's own text may quote the value, which may hold a secret.
    serde_wasm_bindgen::from_value(value)
        .map_err(|_| Error::misuse("an argument has a field of the wrong type; see the call's type"))
}

/// Writes a result as a plain object.
pub(super) fn write(value: &(impl Serialize + ?Sized)) -> Result<JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|_| Error::new(ErrorKind::Internal, "a result could not be handed to JavaScript"))
}

/// An argument that must be there.
pub(super) fn needed<T>(value: Option<T>, sentence: &'static str) -> Result<T> {
    value.ok_or_else(|| Error::misuse(sentence))
}
