//! The service's JSON: error envelopes, reading and validating request bodies, and objects whose optional fields are
//! absent or null as the environment says (rallyhere.md §1.4, §1.5).

use serde_json::{Map, Value, json};

use super::codes;
use super::platforms::{Platform, Profile};
use super::state::Restriction;
use crate::http::LONGEST_BODY;
use crate::{Request, Response, date};

/// `HzApiErrorModel`.
pub(crate) fn error(status: u16, code: &str, auth_success: bool) -> Response {
    Response::json(status, &error_body(code, auth_success, None))
}

/// The body of `HzApiErrorModel`; without a description, the code in words.
pub(crate) fn error_body(code: &str, auth_success: bool, description: Option<&str>) -> Value {
    let description = description.map_or_else(|| code.replace('_', " "), str::to_owned);
    json!({ "auth_success": auth_success, "error_code": code, "desc": description })
}

/// Which agreements are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) eula: bool,
    pub(crate) tos: bool,
    pub(crate) privacy_policy: bool,
}

impl Needs {
    pub(crate) fn any(self) -> bool {
        self.eula || self.tos || self.privacy_policy
    }
}

/// A refused login: `LoginCompleteMessage` at 403.
#[derive(Clone, Debug)]
pub(crate) struct Denied {
    pub(crate) code: String,
    pub(crate) needs: Needs,
    pub(crate) restrictions: Vec<Restriction>,
}

impl Denied {
    pub(crate) fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), needs: Needs::default(), restrictions: Vec::new() }
    }

    /// The body; `restrictions` exist in profile `current` only.
    pub(crate) fn body(&self, profile: Profile, description: Option<&str>) -> Value {
        let mut body = error_body(&self.code, codes::auth_success(&self.code), description);
        if let Some(body) = body.as_object_mut() {
            body.insert("needs_eula".into(), self.needs.eula.into());
            body.insert("needs_tos".into(), self.needs.tos.into());
            body.insert("needs_privacy_policy".into(), self.needs.privacy_policy.into());
            if profile == Profile::Current {
                body.insert("restrictions".into(), restrictions(self.restrictions.iter()));
            }
        }
        body
    }
}

/// `Restriction[]`.
pub(crate) fn restrictions<'a>(list: impl Iterator<Item = &'a Restriction>) -> Value {
    list.map(|one| {
        let mut object = Map::new();
        object.insert("type".into(), one.kind.clone().into());
        if let Some(reason) = &one.reason {
            object.insert("reason".into(), reason.clone().into());
        }
        if let Some(expiration) = one.expiration {
            object.insert("expiration".into(), date::format(expiration).into());
        }
        Value::Object(object)
    })
    .collect()
}

/// An object whose optional fields are left out, or null under `emit_nulls`.
#[derive(Debug)]
pub(crate) struct Object {
    fields: Map<String, Value>,
    emit_nulls: bool,
}

impl Object {
    pub(crate) fn new(emit_nulls: bool) -> Self {
        Self { fields: Map::new(), emit_nulls }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn optional(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => {
                self.fields.insert(name.to_owned(), value.into());
            }
            None if self.emit_nulls => {
                self.fields.insert(name.to_owned(), Value::Null);
            }
            None => {}
        }
        self
    }

    pub(crate) fn build(self) -> Value {
        Value::Object(self.fields)
    }
}

/// `HTTPValidationError` with one entry.
pub(crate) fn invalid(location: &[&str], kind: &str) -> Response {
    Response::json(422, &json!({ "detail": [problem(location, kind)] }))
}

fn problem(location: &[&str], kind: &str) -> Value {
    let message = match kind {
        "value_error.missing" => "field required",
        "value_error.jsondecode" => "the body is not JSON",
        "value_error.any_str.max_length" => "the value is too long",
        "value_error.any_str.min_length" => "the value is too short",
        "type_error.enum" => "the value is not one of the permitted ones",
        "type_error.uuid" => "the value is not a valid uuid",
        _ => "the value has the wrong type",
    };
    json!({ "loc": location, "msg": message, "type": kind })
}

/// Step one of every request with a body: a longer one than 64 KiB is 422 (§5, decision 41), an empty one is `{}` where the body is optional.
pub(crate) fn read_body(request: &Request, optional: bool) -> Result<Value, Response> {
    if request.body.len() > LONGEST_BODY {
        return Err(invalid(&["body"], "value_error.any_str.max_length"));
    }
    if request.body.iter().all(u8::is_ascii_whitespace) {
        return if optional { Ok(json!({})) } else { Err(invalid(&["body"], "value_error.missing")) };
    }
    match request.json() {
        // Where the whole body is optional, null is the same as none.
        Some(Value::Null) if optional => Ok(json!({})),
        Some(body) => Ok(body),
        None => Err(invalid(&["body"], "value_error.jsondecode")),
    }
}

/// Reads fields of a body or a query, and collects everything that is wrong with them.
#[derive(Debug)]
pub(crate) struct Fields {
    place: &'static str,
    values: Map<String, Value>,
    problems: Vec<Value>,
    null_is_absent: bool,
}

impl Fields {
    /// The fields of a JSON body, which must be an object.
    pub(crate) fn of_body(body: Value) -> Self {
        let (values, problems) = match body {
            Value::Object(values) => (values, Vec::new()),
            _ => (Map::new(), vec![problem(&["body"], "type_error.dict")]),
        };
        Self { place: "body", values, problems, null_is_absent: true }
    }

    /// The fields of a query; the first of each name counts.
    pub(crate) fn of_query(request: &Request) -> Self {
        let mut values = Map::new();
        for (name, value) in crate::http::form_decode(&request.query) {
            values.entry(name).or_insert_with(|| value.into());
        }
        Self { place: "query", values, problems: Vec::new(), null_is_absent: true }
    }

    /// From here on null is a wrong type, as it is for fields with a default.
    pub(crate) fn strict(mut self) -> Self {
        self.null_is_absent = false;
        self
    }

    /// A field, if it is there; null counts as absent unless strict.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !(self.null_is_absent && value.is_null()))
    }

    pub(crate) fn fail(&mut self, name: &str, kind: &str) {
        self.problems.push(problem(&[self.place, name], kind));
    }

    /// A string of at most `longest` characters.
    pub(crate) fn string(&mut self, name: &str, longest: usize) -> Option<String> {
        let value = self.value(name)?.clone();
        let Some(text) = value.as_str() else {
            self.fail(name, "type_error.str");
            return None;
        };
        if text.chars().count() > longest {
            self.fail(name, "value_error.any_str.max_length");
            return None;
        }
        Some(text.to_owned())
    }

    /// The same, and it must be there with at least `shortest` characters.
    pub(crate) fn required(&mut self, name: &str, shortest: usize, longest: usize) -> String {
        if self.value(name).is_none() {
            self.fail(name, "value_error.missing");
            return String::new();
        }
        let text = self.string(name, longest);
        if text.as_ref().is_some_and(|text| text.chars().count() < shortest) {
            self.fail(name, "value_error.any_str.min_length");
        }
        text.unwrap_or_default()
    }

    /// A boolean; false when absent.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.value(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.fail(name, "type_error.bool");
                false
            }
        }
    }

    /// One of the given words.
    pub(crate) fn word(&mut self, name: &str, words: &[&str]) -> String {
        let text = self.required(name, 0, usize::MAX);
        if self.value(name).is_some_and(Value::is_string) && !words.contains(&text.as_str()) {
            self.fail(name, "type_error.enum");
        }
        text
    }

    pub(crate) fn platform(&mut self, name: &str, profile: Profile) -> Option<Platform> {
        let text = self.string(name, usize::MAX)?;
        let platform = Platform::parse(&text, profile);
        if platform.is_none() {
            self.fail(name, "type_error.enum");
        }
        platform
    }

    /// A uuid in any case; handed on in lower case.
    pub(crate) fn uuid(&mut self, name: &str) -> Option<String> {
        let text = self.string(name, usize::MAX)?;
        if !is_uuid(&text) {
            self.fail(name, "type_error.uuid");
            return None;
        }
        Some(text.to_ascii_lowercase())
    }

    /// Everything that was wrong, as one 422.
    pub(crate) fn finish(&self) -> Result<(), Response> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Response::json(422, &json!({ "detail": self.problems })))
    }
}

/// Whether the text is a uuid with hyphens, in any case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(index, c)| match index {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// The newest profile's address hint is at most 32 characters long.
pub(crate) fn check_headers(request: &Request) -> Result<(), Response> {
    match request.header("x-rh-client-addr") {
        Some(address) if address.chars().count() > 32 => {
            Err(invalid(&["header", "x-rh-client-addr"], "value_error.any_str.max_length"))
        }
        _ => Ok(()),
    }
}
