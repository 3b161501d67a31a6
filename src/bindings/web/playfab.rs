//! PlayFab's class, and what only its sessions can do.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Started;
use super::arguments::{Arguments, needed};
use super::session::{SessionCore, unknown_operation};
use super::{errors, json, prepared};
use crate::error::Result;
use crate::host::web::{Hooks, WebHost};
use crate::json::Object;
use crate::playfab::{
    Config, Credential, NINTENDO_IDS, PlayFab, PlayFabSession, Unlink, nintendo_ids, nintendo_ids_json,
    read_nintendo_ids,
};
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

    /// A session: `login`, `register` or `restore`; the last one's may be none.
    pub fn open(&self, operation: String, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let client = self.0.clone();
        let start = || -> Started {
            if operation == "restore" {
                return Ok(Box::pin(async move {
                    let session = client.restore().await;
                    Ok(session.map_or(JsValue::UNDEFINED, |session| SessionCore::wrap(session.session())))
                }));
            }
            let arguments = Arguments::read(arguments)?;
            let (call, body, word) = client.read_sign_in(operation == "register", arguments.json())?;
            Ok(Box::pin(async move { Ok(SessionCore::wrap(client.sign_in(&call, body, word).await?.session())) }))
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
        config = config.timeout_ms(ms);
    }
    Ok(PlayFabCore(PlayFab::new(config, WebHost::new(hooks))?))
}

/// A call of a PlayFab session.
pub(super) fn call(session: Session<WebHost>, operation: &str, arguments: &Arguments) -> Started {
    let session = PlayFabSession::from_session(session);
    let (path, body) = match operation {
        "link" => Credential::from_json(arguments.json())?.link()?,
        "unlink" => Unlink::from_json(arguments.json())?.call()?,
        "playFabIds" => {
            let ids = arguments.json().texts("nintendoAccountIds");
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            (NINTENDO_IDS.to_owned(), nintendo_ids(&ids)?)
        }
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
            return Ok(Box::pin(std::future::ready(json(&session.login_details().to_json(&mut Object::new())))));
        }
        _ => return Err(unknown_operation()),
    };
    let answers = operation == "playFabIds";
    Ok(Box::pin(async move {
        let data = session.client_call(&path, body).await?;
        if answers { json(&nintendo_ids_json(&read_nintendo_ids(&data))) } else { Ok(JsValue::UNDEFINED) }
    }))
}
