//! PlayFab's class, and what only its sessions can do.

use std::sync::Arc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Started;
use super::arguments::{Arguments, needed};
use super::session::{SessionCore, accounts_json, unknown_operation};
use super::{errors, fresh_credential, json, prepared};
use crate::error::Result;
use crate::host::web::{Hooks, WebHost};
use crate::json::Object;
use crate::playfab::{Config, Credential, PlayFab, PlayFabSession, Unlink, details_json};
use crate::session::Session;

/// The client for PlayFab.
#[wasm_bindgen]
pub struct PlayFabCore(PlayFab<WebHost>);

#[wasm_bindgen]
impl PlayFabCore {
    /// Checks the options; throws an error view.
    pub fn create(options: Option<String>, hooks: Hooks) -> Result<PlayFabCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    /// A call by its name: `restore`, `accounts`, or a sign-in by a credential. Answers a session, JSON, or nothing.
    pub fn call(&self, operation: String, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let client = self.0.clone();
        let start = || -> Started {
            let arguments = Arguments::read(arguments)?;
            if operation == "accounts" {
                return Ok(Box::pin(async move { json(&accounts_json(&client.accounts().await)) }));
            }
            if operation == "restore" {
                let account = arguments.text("account")?;
                return Ok(Box::pin(async move {
                    let session = client.stored(account.as_deref()).await;
                    Ok(session.map_or(JsValue::UNDEFINED, |session| SessionCore::wrap(&session)))
                }));
            }
            let credential = Credential::from_json(arguments.json())?;
            Ok(Box::pin(async move { Ok(SessionCore::wrap(client.sign_in(&credential)?.await?.session())) }))
        };
        prepared(aborted, start())
    }
}

fn make(options: Option<String>, hooks: Hooks) -> Result<PlayFabCore> {
    let options = Arguments::read(options)?;
    let mut config = Config::title(options.text("titleId")?.unwrap_or_default());
    if let Some(url) = options.text("baseUrl")? {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.ms("deadlineMs")? {
        config.timeout_ms = ms;
    }
    let ticket = hooks.ticket();
    let mut client = PlayFab::new(config, WebHost::new(hooks))?;
    if let Some(ticket) = ticket {
        client = client.renew_with(Arc::new(move || {
            let fresh = fresh_credential(&ticket);
            Box::pin(async move { Credential::from_json(fresh.await?.json()) })
        }));
    }
    Ok(PlayFabCore(client))
}

/// A call of a PlayFab session.
pub(super) fn call(session: Session<WebHost>, operation: &str, arguments: &Arguments) -> Started {
    let session = PlayFabSession::from_session(session);
    let (path, body) = match operation {
        "link" => Credential::from_json(arguments.json())?.link()?,
        "unlink" => Unlink::from_json(arguments.json())?.call()?,
        "call" => {
            let path = needed(arguments.text("path")?, "pass the call's `path`, e.g. \"Client/GetAccountInfo\"")?;
            let body = needed(arguments.object("body")?, "pass the call's `body`, an object")?;
            let body = body.json().to_text().into_bytes();
            return Ok(Box::pin(async move { json(&session.call_json(&path, body).await?) }));
        }
        "sessionTicket" => {
            let ticket = session.session_ticket().map(|ticket| ticket.expose().into());
            return Ok(Box::pin(std::future::ready(ticket)));
        }
        "loginDetails" => {
            return Ok(Box::pin(std::future::ready(json(&details_json(
                &session.details(),
                &session.player().player_id,
                &mut Object::new(),
            )))));
        }
        _ => return Err(unknown_operation()),
    };
    Ok(Box::pin(async move { session.client_call(&path, body).await.map(|_| JsValue::UNDEFINED) }))
}
