//! Arguments from JavaScript: the JSON text of one object, read field by field. A field of the wrong type is the
//! caller's mistake and says so; `undefined` and `null` are absent.

use crate::Secret;
use crate::error::{Error, Result};
use crate::http;
use crate::json::Json;

/// The fields of one argument object. Its readers are never inlined: each of the many calls would be a copy in the wasm.
pub(super) struct Arguments(Json);

impl Arguments {
    /// Reads what the skin made of the caller's object; nothing at all reads as an empty one.
    #[inline(never)]
    pub(super) fn read(text: Option<String>) -> Result<Self> {
        let Some(text) = text else { return Ok(Self(Json::Null)) };
        // Never the text itself in the error: it may hold a secret.
        Json::parse_object(text.as_bytes())
            .map(Self)
            .ok_or_else(|| Error::misuse("the argument must be an object; see the call's type"))
    }

    /// The whole object, for what reads it by a table.
    pub(super) fn json(&self) -> &Json {
        &self.0
    }

    #[inline(never)]
    pub(super) fn str(&self, name: &str) -> Result<Option<&str>> {
        match self.0.get(name) {
            Json::Null => Ok(None),
            Json::Text(text) => Ok(Some(text)),
            _ => Err(wrong_type(name, "a text")),
        }
    }

    /// A text that is kept.
    #[inline(never)]
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        Ok(self.str(name)?.map(str::to_owned))
    }

    #[inline(never)]
    pub(super) fn secret(&self, name: &str) -> Result<Option<Secret>> {
        Ok(self.str(name)?.map(Secret::from))
    }

    /// A text, also written as a number.
    #[inline(never)]
    pub(super) fn loose(&self, name: &str) -> Result<Option<String>> {
        match self.0.get(name) {
            Json::Number(text) => Ok(Some(text.clone())),
            _ => self.text(name),
        }
    }

    #[inline(never)]
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.0.get(name) {
            Json::Null => Ok(None),
            Json::Flag(flag) => Ok(Some(*flag)),
            _ => Err(wrong_type(name, "true or false")),
        }
    }

    /// A number of milliseconds; a fraction is dropped, a negative one is 0.
    #[inline(never)]
    pub(super) fn ms(&self, name: &str) -> Result<Option<u64>> {
        match self.0.get(name) {
            Json::Null => Ok(None),
            Json::Number(text) if text.starts_with('-') => Ok(Some(0)),
            Json::Number(text) => {
                // With an exponent it is huge or next to nothing; either is refused as a deadline.
                Ok(Some(http::whole(http::cut(text, ".").0).unwrap_or(u64::MAX)))
            }
            _ => Err(wrong_type(name, "a number")),
        }
    }

    /// The texts of a list; none when it is absent.
    #[inline(never)]
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>> {
        let read = |item: &Json| item.as_text().map(str::to_owned);
        match self.0.get(name) {
            Json::Null => Some(Vec::new()),
            Json::List(items) => items.iter().map(read).collect(),
            _ => None,
        }
        .ok_or_else(|| wrong_type(name, "a list of texts"))
    }

    /// The objects of a list; none when it is absent.
    #[cfg(feature = "server")]
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>> {
        let read = |item: &Json| Some(Self(item.clone())).filter(|_| matches!(item, Json::Object(_)));
        match self.0.get(name) {
            Json::Null => Some(Vec::new()),
            Json::List(items) => items.iter().map(read).collect(),
            _ => None,
        }
        .ok_or_else(|| wrong_type(name, "a list of objects"))
    }

    /// Any value, as JSON text.
    #[cfg(feature = "server")]
    pub(super) fn json_text(&self, name: &str) -> String {
        self.0.get(name).to_text()
    }

    #[inline(never)]
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>> {
        match self.0.get(name) {
            Json::Null => Ok(None),
            object @ Json::Object(_) => Ok(Some(Self(object.clone()))),
            _ => Err(wrong_type(name, "an object")),
        }
    }
}

#[inline(never)]
fn wrong_type(name: &str, wanted: &str) -> Error {
    Error::misuse(crate::text::concat(&["`", name, "` must be ", wanted]))
}

/// An argument that must be there.
pub(super) fn needed<T>(value: Option<T>, sentence: &'static str) -> Result<T> {
    value.ok_or_else(|| Error::misuse(sentence))
}
