//! Xsolla's class.

use js_sys::Promise;
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::session::SessionCore;
use super::values::{needed, read};
use super::{errors, promise};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::web::{Hooks, WebHost};
use crate::services::loose::LooseText;
use crate::xsolla::{Config, Xsolla};

/// The client for Xsolla Login.
#[wasm_bindgen]
pub struct XsollaCore(Xsolla<WebHost>);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    project_id: Option<String>,
    base_url: Option<String>,
    oauth: Option<OauthOptions>,
    deadline_ms: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OauthOptions {
    /// A number in the vendor's console; both forms are natural to write.
    client_id: Option<LooseText>,
    redirect_uri: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Arguments {
    username: Option<String>,
    password: Option<Secret>,
    url: Option<String>,
    code: Option<Secret>,
    state: Option<String>,
    token: Option<Secret>,
}

#[wasm_bindgen]
impl XsollaCore {
    /// Checks the options; throws an error view.
    pub fn create(options: JsValue, hooks: Hooks) -> Result<XsollaCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    pub fn login(&self, credential: JsValue, signal: Option<AbortSignal>) -> Promise {
        let client = self.0.clone();
        promise(signal, async move {
            let arguments: Arguments = read(credential)?;
            let (username, password) = (arguments.username.unwrap_or_default(), arguments.password.unwrap_or_default());
            Ok(SessionCore::new(client.login(&username, &password).await?.session().clone()))
        })
    }

    #[wasm_bindgen(js_name = completeRedirect)]
    pub fn complete_redirect(&self, arguments: JsValue, signal: Option<AbortSignal>) -> Promise {
        let client = self.0.clone();
        promise(signal, async move {
            let arguments: Arguments = read(arguments)?;
            let code = match (&arguments.url, arguments.code) {
                (Some(url), _) => client.oauth_code(url, arguments.state.as_deref())?,
                (None, code) => needed(code, "pass the `url` the browser came back to, or a `code`")?,
            };
            Ok(SessionCore::new(client.complete_oauth(&code).await?.session().clone()))
        })
    }

    #[wasm_bindgen(js_name = sessionFromToken)]
    pub fn session_from_token(&self, arguments: JsValue, signal: Option<AbortSignal>) -> Promise {
        let client = self.0.clone();
        promise(signal, async move {
            let arguments: Arguments = read(arguments)?;
            let token = needed(arguments.token, "pass the `token`")?;
            Ok(SessionCore::new(client.session_from_token(token).await?.session().clone()))
        })
    }

    pub fn restore(&self, signal: Option<AbortSignal>) -> Promise {
        let client = self.0.clone();
        promise(signal, async move {
            let session = client.restore().await;
            Ok(session.map_or(JsValue::UNDEFINED, |session| SessionCore::new(session.session().clone()).into()))
        })
    }
}

fn make(options: JsValue, hooks: Hooks) -> Result<XsollaCore> {
    let options: Options = read(options)?;
    let mut config = Config::project(options.project_id.unwrap_or_default());
    let Some(oauth) = options.oauth else {
        return Err(Error::configuration("`oauth` is not set; write oauth: { clientId, redirectUri }"));
    };
    let client_id = oauth.client_id.map(LooseText::into_string).unwrap_or_default();
    config = config.oauth(client_id, oauth.redirect_uri.unwrap_or_default());
    if let Some(url) = options.base_url {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.deadline_ms {
        config = config.timeout_ms(ms as u64);
    }
    Ok(XsollaCore(Xsolla::new(config, WebHost::new(hooks))?))
}
