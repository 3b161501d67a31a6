//! Reading a request's body: JSON members, which are missing and which have the wrong type.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Api;
use super::calls::{Call, Field, Kind, Proof, Verb};
use super::codes::Code;
use super::failure::Failure;
use crate::Request;

/// The members of a body. Null counts as absent, unknown members are ignored.
#[derive(Debug)]
pub(super) struct Body(Map<String, Value>);

impl Body {
    /// The body as a JSON object, else `InvalidJSONContent`.
    pub(super) fn read(request: &Request) -> Result<Self, Failure> {
        match request.json() {
            Some(Value::Object(mut members)) => {
                members.retain(|_, value| !value.is_null());
                Ok(Self(members))
            }
            _ => Err(Code::InvalidJSONContent.into()),
        }
    }

    /// A text; nothing when it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A text that the check has found to be there.
    pub(super) fn needed(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// A switch; off when absent.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A switch; `default` when absent.
    pub(super) fn flag_or(&self, name: &str, default: bool) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(default)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(super) fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.0.get(name).and_then(Value::as_object)
    }

    /// A list of texts.
    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).collect()
    }
}

/// Collects what is wrong with a body, so that one answer names it all.
#[derive(Debug)]
pub(super) struct Check<'b> {
    body: &'b Body,
    details: BTreeMap<String, Vec<String>>,
}

impl<'b> Check<'b> {
    pub(super) fn new(body: &'b Body) -> Self {
        Self { body, details: BTreeMap::new() }
    }

    fn wrong(&mut self, name: &str, sentence: String) {
        self.details.entry(name.to_owned()).or_default().push(sentence);
    }

    /// A text that must be there and not be empty.
    pub(super) fn needed(&mut self, name: &str) -> &mut Self {
        self.text(name);
        if self.body.text(name).is_none() && !self.details.contains_key(name) {
            self.wrong(name, format!("The {name} field is required."));
        }
        self
    }

    /// A text that may be absent.
    pub(super) fn text(&mut self, name: &str) -> &mut Self {
        self.typed(name, "a string", Value::is_string)
    }

    /// A text that may be absent, of so many characters.
    pub(super) fn length(&mut self, name: &str, least: usize, most: usize) -> &mut Self {
        self.text(name);
        let length = self.body.text(name).map(|text| text.chars().count());
        if length.is_some_and(|length| !(least..=most).contains(&length)) {
            self.wrong(name, format!("The field {name} must be {least} to {most} characters long."));
        }
        self
    }

    /// A switch that may be absent.
    pub(super) fn flag(&mut self, name: &str) -> &mut Self {
        self.typed(name, "a boolean", Value::is_boolean)
    }

    /// A list of at most so many texts that must be there.
    pub(super) fn texts(&mut self, name: &str, most: usize) -> &mut Self {
        self.typed(name, "a list of strings", |value| {
            value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
        });
        match self.body.0.get(name).and_then(Value::as_array) {
            None if !self.details.contains_key(name) => self.wrong(name, format!("The {name} field is required.")),
            Some(list) if list.len() > most => self.wrong(name, format!("The field {name} takes at most {most}.")),
            _ => {}
        }
        self
    }

    /// An object that may be absent.
    pub(super) fn object(&mut self, name: &str) -> &mut Self {
        self.typed(name, "an object", Value::is_object)
    }

    /// `CustomTags`: texts by name.
    pub(super) fn tags(&mut self) -> &mut Self {
        self.typed("CustomTags", "an object of strings", |value| {
            value.as_object().is_some_and(|tags| tags.values().all(Value::is_string))
        })
    }

    /// What every login and the registration take.
    pub(super) fn login_options(&mut self) -> &mut Self {
        self.tags().object("InfoRequestParameters").flag("LoginTitlePlayerAccountEntity").text("PlayerSecret")
    }

    fn typed(&mut self, name: &str, kind: &str, fits: impl FnOnce(&Value) -> bool) -> &mut Self {
        if self.body.0.get(name).is_some_and(|value| !fits(value)) {
            self.wrong(name, format!("The {name} field is {kind}."));
        }
        self
    }

    /// All fields of a call of the table.
    pub(super) fn call(&mut self, call: &Call) -> &mut Self {
        match (call.api, call.verb) {
            (Api::Client, Verb::Login) => {
                self.needed("TitleId");
            }
            (Api::Server, Verb::Link | Verb::Unlink) => {
                self.needed("PlayFabId");
            }
            _ => {}
        }
        match call.verb {
            Verb::Login => self.login_options().text("EncryptedRequest").flag("CreateAccount"),
            Verb::Link => self.tags().flag("ForceLink"),
            Verb::Unlink => self.tags(),
        };
        let encrypted = call.takes_encrypted() && self.body.text("EncryptedRequest").is_some();
        self.proof(call.proof, !encrypted);
        for Field { name, kind, needed } in call.more {
            match kind {
                Kind::Text if *needed => self.needed(name),
                Kind::Text => self.text(name),
                Kind::Bool => self.flag(name),
                Kind::Int => self.typed(name, "an integer", |value| {
                    value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
                }),
            };
        }
        self
    }

    fn proof(&mut self, proof: Proof, needed: bool) {
        let mut all = |names: &[&str]| {
            for name in names {
                if needed {
                    self.needed(name);
                } else {
                    self.text(name);
                }
            }
        };
        match proof {
            Proof::Id(name) | Proof::Ticket(name) | Proof::Hex(name) | Proof::Jwt(name) => all(&[name]),
            Proof::OpenId => {
                all(&["ConnectionId", "IdToken"]);
                self.length("ConnectionId", 1, 100);
            }
            Proof::PsnCode => all(&["AuthCode", "RedirectUri"]),
            Proof::Kongregate => all(&["KongregateId", "AuthTicket"]),
            Proof::XboxId => all(&["XboxId", "Sandbox"]),
            Proof::Password(name) => all(&[name, "Password"]),
            Proof::Named(name) => all(&[name]),
            Proof::GameCenter(name) => {
                all(&[name]);
                self.text("PublicKeyUrl").text("Salt").text("Signature").text("Timestamp");
            }
            Proof::Either(first, second) => {
                self.text(first).text(second);
                let absent = self.body.text(first).is_none() && self.body.text(second).is_none();
                let well_typed = ![first, second].into_iter().any(|name| self.details.contains_key(name));
                if needed && absent && well_typed {
                    self.wrong(first, format!("The {first} field is required."));
                }
            }
            Proof::Which(name) | Proof::OnlyWith(name) => {
                self.text(name);
            }
            Proof::Only => {}
        }
    }

    /// `InvalidParams` with all that is wrong.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        if self.details.is_empty() { Ok(()) } else { Err(Failure::params(std::mem::take(&mut self.details))) }
    }
}
