//! The session's class, one for all services: what only one service has goes through `call`.

use std::cell::Cell;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::arguments::Arguments;
use super::{Started, json, prepared};
use crate::error::{Error, Result};
use crate::host::web::WebHost;
use crate::http::may_carry_token;
use crate::json::{Json, Object};
use crate::session::{Account, Session, Status, Subscription};

/// A signed-in player. Made by `login`, `restore` and their like only.
#[wasm_bindgen]
pub struct SessionCore {
    session: Session<WebHost>,
    subscription: Cell<Option<Subscription>>,
}

impl SessionCore {
    pub(super) fn wrap(session: &Session<WebHost>) -> JsValue {
        Self { session: session.clone(), subscription: Cell::default() }.into()
    }
}

#[wasm_bindgen]
impl SessionCore {
    /// What is to be shown, as JSON; nothing when that is of the `known` revision already.
    pub fn snapshot(&self, known: f64) -> Option<String> {
        let snapshot = self.session.snapshot();
        if snapshot.revision as f64 == known {
            return None;
        }
        let (status, reason) = match snapshot.status {
            Status::SignedIn => ("signed-in", None),
            Status::SignedOut(reason) => ("signed-out", Some(reason.as_str())),
        };
        let mut view = Object::new();
        view.text("status", status)
            .maybe_text("reason", reason)
            .json("player", snapshot.player.to_json())
            .text("durability", snapshot.durability.as_str())
            .number("revision", snapshot.revision);
        Some(view.take().to_text())
    }

    /// Calls `changed` after each change, in place of the one before, or nothing any more. The skin has the many
    /// listeners.
    pub fn subscribe(&self, changed: Option<Function>) {
        let subscription = changed.map(|changed| {
            self.session.subscribe(move |_| {
                // What a listener throws is its own affair.
                let _ = changed.call0(&JsValue::NULL);
            })
        });
        drop(self.subscription.replace(subscription));
    }

    pub fn close(&self) {
        self.session.close();
        self.subscribe(None);
    }

    /// A call by its name: those of every session, and those that only this session's service has.
    pub fn call(&self, operation: String, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        prepared(aborted, Arguments::read(arguments).and_then(|arguments| self.start(&operation, arguments)))
    }
}

impl SessionCore {
    fn start(&self, operation: &str, arguments: Arguments) -> Started {
        let session = self.session.clone();
        if let Some(own) = OWN.iter().position(|name| *name == operation) {
            if let Some(url) = arguments.str("url")? {
                may_carry_token(url)?;
            }
            return Ok(Box::pin(call(session, own, arguments)));
        }
        match session.service() {
            #[cfg(feature = "playfab")]
            "playfab" => super::playfab::call(session, operation, &arguments),
            #[cfg(feature = "rallyhere")]
            "rallyhere" => super::rallyhere::session_call(session, operation, &arguments),
            #[cfg(feature = "xsolla")]
            "xsolla" => super::xsolla::session_call(session, operation, &arguments),
            _ => Err(unknown_operation()),
        }
    }
}

/// The calls of every session, in the order of `call`'s arms.
const OWN: [&str; 6] = ["makeActive", "settle", "refresh", "logout", "rejected", "accessToken"];

/// One state machine for all of them.
async fn call(session: Session<WebHost>, operation: usize, arguments: Arguments) -> Result<JsValue> {
    let mut answer = Object::new();
    let token = match operation {
        0 => {
            session.make_active().await;
            None
        }
        // Which closes.
        1 => {
            session.close_and_settle().await;
            None
        }
        2 => {
            let refreshed = session.refresh().await?;
            return json(&answer.flag("changed", refreshed.changed).json("player", refreshed.player.to_json()).take());
        }
        3 => return json(&answer.flag("revoked", session.logout().await.revoked).take()),
        // After a 401 or 403 to a request with `token`: a new one to send it with once more, or nothing.
        4 => {
            let text = |name| arguments.str(name).map(Option::unwrap_or_default);
            let status = arguments.json().count("status").and_then(|status| u16::try_from(status).ok());
            if session.is_token_rejected(status.unwrap_or_default(), text("body")?.as_bytes()) {
                session.replacement(text("token")?).await?
            } else {
                None
            }
        }
        _ => Some(session.access_token().await?),
    };
    Ok(token.map_or(JsValue::UNDEFINED, |token| token.expose().into()))
}

pub(super) fn accounts_json(accounts: &[Account]) -> Json {
    Json::List(Json::list_of(accounts, |account| {
        let mut view = Object::new();
        view.text("id", &account.id).json("player", account.player.to_json()).flag("active", account.active);
        Some(view.take())
    }))
}

pub(super) fn unknown_operation() -> Error {
    Error::misuse("this session has no such call; the package's parts are of different versions")
}
