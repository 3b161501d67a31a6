//! The session's class, one for all services: what only one service has goes through `call`.

use std::cell::Cell;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::arguments::Arguments;
use super::{errors, json, prepared, promise};
use crate::error::{Error, Result};
use crate::host::Boxed;
use crate::host::web::WebHost;
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
    /// Grows when `snapshot` has something new.
    pub fn revision(&self) -> f64 {
        self.session.snapshot().revision as f64
    }

    pub fn snapshot(&self) -> String {
        let snapshot = self.session.snapshot();
        let (status, reason) = match snapshot.status {
            Status::SignedIn => ("signed-in", None),
            Status::SignedOut(reason) => ("signed-out", Some(reason.as_str())),
        };
        Object::new()
            .text("status", status)
            .maybe_text("reason", reason)
            .json("player", snapshot.player.to_json())
            .text("durability", snapshot.durability.as_str())
            .number("revision", snapshot.revision)
            .take()
            .to_text()
    }

    #[wasm_bindgen(js_name = accessToken)]
    pub fn access_token(&self, aborted: Option<Promise>) -> Promise {
        let session = self.session.clone();
        promise(aborted, Box::pin(async move { Ok(session.access_token().await?.expose().into()) }))
    }

    pub fn refresh(&self, aborted: Option<Promise>) -> Promise {
        let session = self.session.clone();
        promise(
            aborted,
            Box::pin(async move {
                let refreshed = session.refresh().await?;
                let player = refreshed.player.to_json();
                json(&Object::new().flag("changed", refreshed.changed).json("player", player).take())
            }),
        )
    }

    /// After a 401 or 403 to a request with `token`: a new one to send it with once more, or `undefined`.
    pub fn rejected(&self, token: String, status: u16, body: String) -> Promise {
        let session = self.session.clone();
        promise(
            None,
            Box::pin(async move {
                if !session.is_token_rejected(status, body.as_bytes()) {
                    return Ok(JsValue::UNDEFINED);
                }
                let token = session.replacement(&token).await?;
                Ok(token.map_or(JsValue::UNDEFINED, |token| token.expose().into()))
            }),
        )
    }

    #[wasm_bindgen(js_name = mayAttach)]
    pub fn may_attach(&self, url: &str) -> Result<(), JsValue> {
        crate::http::may_carry_token(url).map_err(|error| errors::view(&error))
    }

    pub fn logout(&self, aborted: Option<Promise>) -> Promise {
        let session = self.session.clone();
        promise(
            aborted,
            Box::pin(async move { json(&Object::new().flag("revoked", session.logout().await.revoked).take()) }),
        )
    }

    /// Calls `changed` after each change, in place of the one before. The skin has the many listeners.
    pub fn subscribe(&self, changed: Function) {
        let subscription = self.session.subscribe(move |_| {
            // What a listener throws is its own affair.
            let _ = changed.call0(&JsValue::NULL);
        });
        drop(self.subscription.replace(Some(subscription)));
    }

    pub fn unsubscribe(&self) {
        drop(self.subscription.take());
    }

    pub fn close(&self) {
        self.session.close();
        self.unsubscribe();
    }

    /// `makeActive`, `settle` (which closes), and the calls that only this session's service has.
    pub fn call(&self, operation: String, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let start = || {
            let arguments = Arguments::read(arguments)?;
            let session = self.session.clone();
            if operation == "makeActive" || operation == "settle" {
                return Ok::<_, Error>(nothing(Box::pin(async move {
                    if operation == "settle" { session.close_and_settle().await } else { session.make_active().await }
                })));
            }
            match session.service() {
                #[cfg(feature = "playfab")]
                "playfab" => super::playfab::call(session, &operation, &arguments),
                #[cfg(feature = "rallyhere")]
                "rallyhere" => super::rallyhere::session_call(session, &operation, &arguments),
                #[cfg(feature = "xsolla")]
                "xsolla" => super::xsolla::session_call(session, &operation, &arguments),
                _ => Err(unknown_operation()),
            }
        };
        prepared(aborted, start())
    }
}

fn nothing(work: Boxed<'static, ()>) -> Boxed<'static, Result<JsValue>> {
    Box::pin(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    })
}

pub(super) fn accounts_json(accounts: &[Account]) -> Json {
    let account = |account: &Account| {
        Object::new()
            .text("id", &account.id)
            .json("player", account.player.to_json())
            .flag("active", account.active)
            .take()
    };
    Json::List(accounts.iter().map(account).collect())
}

pub(super) fn unknown_operation() -> Error {
    Error::misuse("this session has no such call; the package's parts are of different versions")
}
