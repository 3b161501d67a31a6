//! Arguments from JavaScript: the JSON text of one object, read field by field. A field of the wrong type is the
//! caller's mistake and says so; `undefined` and `null` are absent.

use std::cell::Cell;

use crate::Secret;
use crate::error::{Error, Result};
use crate::http;
use crate::json::Json;

/// The fields of one argument object. Its readers are never inlined: each of the many calls would be a copy in the wasm.
/// For the same reason they return no error: a field of the wrong type reads as absent, and what is made of the fields
/// is thrown away afterwards ([`reading`]). Before anything is done that cannot be thrown away, [`check`](Self::check).
pub(super) struct Arguments<'a> {
    json: &'a Json,
    /// The first field of the wrong type.
    wrong: &'a Cell<Option<Error>>,
}

/// Reads what the skin made of the caller's object; nothing at all reads as an empty one.
pub(super) fn parse(text: Option<String>) -> Result<Json> {
    let Some(text) = text else { return Ok(Json::Null) };
    // Never the text itself in the error: it may hold a secret.
    Json::parse_object(text.as_bytes())
        .ok_or_else(|| Error::misuse("the argument must be an object; see the call's type"))
}

/// What `read` makes of the fields, unless one is of the wrong type.
pub(super) fn reading<T>(json: &Json, read: impl FnOnce(&Arguments<'_>) -> Result<T>) -> Result<T> {
    let wrong = Cell::new(None);
    let made = read(&Arguments { json, wrong: &wrong });
    match wrong.take() {
        Some(error) => Err(error),
        None => made,
    }
}

impl<'a> Arguments<'a> {
    /// The whole object, for what reads it by a table.
    pub(super) fn json(&self) -> &'a Json {
        self.json
    }

    /// # Errors
    /// When a field that was read until now is of the wrong type.
    pub(super) fn check(&self) -> Result<()> {
        match self.wrong.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    #[inline(never)]
    fn wrong_type(&self, name: &str, wanted: &str) {
        let first = self.wrong.take();
        let sentence = || Error::misuse(crate::text::concat(&["`", name, "` must be ", wanted]));
        self.wrong.set(Some(first.unwrap_or_else(sentence)));
    }

    #[inline(never)]
    pub(super) fn str(&self, name: &str) -> Option<&'a str> {
        match self.json.get(name) {
            Json::Null => {}
            Json::Text(text) => return Some(text),
            _ => self.wrong_type(name, "a text"),
        }
        None
    }

    /// A text; empty when it is absent.
    #[inline(never)]
    pub(super) fn or_empty(&self, name: &str) -> &'a str {
        self.str(name).unwrap_or_default()
    }

    /// A text that is kept.
    #[inline(never)]
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.str(name).map(str::to_owned)
    }

    #[inline(never)]
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.str(name).map(Secret::from)
    }

    /// A text, also written as a number.
    #[inline(never)]
    pub(super) fn loose(&self, name: &str) -> Option<String> {
        match self.json.get(name) {
            Json::Number(text) => Some(text.clone()),
            _ => self.text(name),
        }
    }

    #[inline(never)]
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.json.get(name) {
            Json::Null => {}
            Json::Flag(flag) => return Some(*flag),
            _ => self.wrong_type(name, "true or false"),
        }
        None
    }

    /// A number of milliseconds; a fraction is dropped, a negative one is 0.
    #[inline(never)]
    pub(super) fn ms(&self, name: &str) -> Option<u64> {
        match self.json.get(name) {
            Json::Null => {}
            Json::Number(text) if text.starts_with('-') => return Some(0),
            // With an exponent it is huge or next to nothing; either is refused as a deadline.
            Json::Number(text) => return Some(http::whole(http::cut(text, ".").0).unwrap_or(u64::MAX)),
            _ => self.wrong_type(name, "a number"),
        }
        None
    }

    /// The texts of a list; none when it is absent.
    #[inline(never)]
    pub(super) fn texts(&self, name: &str) -> Vec<&'a str> {
        let mut texts = Vec::new();
        let list = self.json.get(name);
        for item in list.items() {
            texts.extend(item.as_text());
        }
        if texts.len() < list.items().len() || !matches!(list, Json::List(_) | Json::Null) {
            self.wrong_type(name, "a list of texts");
        }
        texts
    }

    /// The objects of a list; none when it is absent.
    #[cfg(feature = "server")]
    pub(super) fn objects(&self, name: &str) -> Vec<Self> {
        let list = self.json.get(name);
        if !matches!(list, Json::List(_) | Json::Null)
            || list.items().iter().any(|item| !matches!(item, Json::Object(_)))
        {
            self.wrong_type(name, "a list of objects");
        }
        list.items().iter().map(|json| Self { json, wrong: self.wrong }).collect()
    }

    /// Any value, as JSON text.
    #[cfg(feature = "server")]
    pub(super) fn json_text(&self, name: &str) -> String {
        self.json.get(name).to_text()
    }

    #[inline(never)]
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        match self.json.get(name) {
            Json::Null => {}
            json @ Json::Object(_) => return Some(Self { json, wrong: self.wrong }),
            _ => self.wrong_type(name, "an object"),
        }
        None
    }
}

/// An argument that must be there.
pub(super) fn needed<T>(value: Option<T>, sentence: &'static str) -> Result<T> {
    value.ok_or_else(|| Error::misuse(sentence))
}
