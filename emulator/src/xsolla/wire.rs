//! Reading requests: query and form pairs, JSON members, and the small syntaxes of single values.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::failure::Failure;
use crate::http::{form_decode, percent_encode};

/// Decoded pairs of a query or a form. Unknown keys are ignored; an empty value counts as absent.
#[derive(Debug)]
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub(super) fn parse(text: &str) -> Self {
        Self(form_decode(text))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The first of several names for one thing.
    pub(super) fn any(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// A boolean; anything but `true`, `false`, `1`, `0` is `400 0`.
    pub(super) fn boolean(&self, name: &str, default: bool) -> Result<bool, Failure> {
        match self.get(name) {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(Failure::PARAMETERS.about(name)),
        }
    }

    /// `with_logout`, a string of `0` or `1`; anything else is `422 002-027`.
    pub(super) fn with_logout(&self) -> Result<bool, Failure> {
        match self.get("with_logout") {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(Failure::invalid("with_logout")),
        }
    }

    /// An integer; anything else is `400 0`.
    pub(super) fn integer(&self, name: &str) -> Result<Option<u64>, Failure> {
        self.get(name).map(|text| text.parse().map_err(|_| Failure::PARAMETERS.about(name))).transpose()
    }

    /// A space-separated list.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        self.get(name).map(|text| text.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// Percent-encodes a query value; a space becomes `+`.
pub(super) fn encode_value(text: &str) -> String {
    percent_encode(text).replace("%20", "+")
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A platform credential's bytes under every encoding its text can be read in, in the order the contract asks for:
/// even-length hex, standard Base64, URL-safe Base64. A space is an unescaped `+`.
pub(super) fn ticket_readings(text: &str) -> Vec<Vec<u8>> {
    let text = text.replace(' ', "+");
    let mut readings = Vec::new();
    if text.len().is_multiple_of(2) && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let digits = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        readings.push(text.as_bytes().chunks_exact(2).filter_map(digits).collect());
    }
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        if let Ok(bytes) = engine.decode(&text) {
            readings.push(bytes);
        }
    }
    readings
}

/// Standard Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Whether the text is a UUID in its usual form.
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// A body that must be a JSON object, else `400 0`.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Failure::PARAMETERS),
    }
}

/// A string member; null and empty count as absent, another type is `400 0`.
pub(super) fn text<'v>(members: &'v Map<String, Value>, name: &str) -> Result<Option<&'v str>, Failure> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(Failure::PARAMETERS.about(name)),
    }
}

/// A string member that must be there, else `422 002-028`.
pub(super) fn needed_text<'v>(members: &'v Map<String, Value>, name: &str) -> Result<&'v str, Failure> {
    text(members, name)?.ok_or_else(|| Failure::missing(name))
}

/// An integer member; null counts as absent, a string of digits is read too, anything else is `400 0`.
pub(super) fn integer(members: &Map<String, Value>, name: &str) -> Result<Option<u64>, Failure> {
    let number = match members.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    number.map(Some).ok_or_else(|| Failure::PARAMETERS.about(name))
}
