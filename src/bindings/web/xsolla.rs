//! Xsolla's class.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{Arguments, needed};
use super::session::SessionCore;
use super::{errors, promise};
use crate::error::{Error, Result};
use crate::host::web::{Hooks, WebHost};
use crate::xsolla::{Config, Xsolla};

/// The client for Xsolla Login.
#[wasm_bindgen]
pub struct XsollaCore(Xsolla<WebHost>);

#[wasm_bindgen]
impl XsollaCore {
    /// Checks the options; throws an error view.
    pub fn create(options: Option<String>, hooks: Hooks) -> Result<XsollaCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    pub fn login(&self, credential: Option<String>, aborted: Option<Promise>) -> Promise {
        let client = self.0.clone();
        promise(
            aborted,
            Box::pin(async move {
                let arguments = Arguments::read(credential)?;
                let username = arguments.text("username")?.unwrap_or_default();
                let password = arguments.secret("password")?.unwrap_or_default();
                Ok(SessionCore::wrap(client.login(&username, &password).await?.session()))
            }),
        )
    }

    #[wasm_bindgen(js_name = completeRedirect)]
    pub fn complete_redirect(&self, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let client = self.0.clone();
        promise(
            aborted,
            Box::pin(async move {
                let arguments = Arguments::read(arguments)?;
                let code = match arguments.text("url")? {
                    Some(url) => client.oauth_code(&url, arguments.text("state")?.as_deref())?,
                    None => needed(arguments.secret("code")?, "pass the `url` the browser came back to, or a `code`")?,
                };
                Ok(SessionCore::wrap(client.complete_oauth(&code).await?.session()))
            }),
        )
    }

    #[wasm_bindgen(js_name = sessionFromToken)]
    pub fn session_from_token(&self, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let client = self.0.clone();
        promise(
            aborted,
            Box::pin(async move {
                let token = needed(Arguments::read(arguments)?.secret("token")?, "pass the `token`")?;
                Ok(SessionCore::wrap(client.session_from_token(token).await?.session()))
            }),
        )
    }

    pub fn restore(&self, aborted: Option<Promise>) -> Promise {
        let client = self.0.clone();
        promise(
            aborted,
            Box::pin(async move {
                let session = client.restore().await;
                Ok(session.map_or(JsValue::UNDEFINED, |session| SessionCore::wrap(session.session())))
            }),
        )
    }
}

fn make(options: Option<String>, hooks: Hooks) -> Result<XsollaCore> {
    let options = Arguments::read(options)?;
    let mut config = Config::project(options.text("projectId")?.unwrap_or_default());
    let Some(oauth) = options.object("oauth")? else {
        return Err(Error::configuration("`oauth` is not set; write oauth: { clientId, redirectUri }"));
    };
    // A number in the vendor's console; both forms are natural to write.
    let client_id = oauth.loose("clientId")?.unwrap_or_default();
    config = config.oauth(client_id, oauth.text("redirectUri")?.unwrap_or_default());
    if let Some(url) = options.text("baseUrl")? {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.ms("deadlineMs")? {
        config = config.timeout_ms(ms);
    }
    Ok(XsollaCore(Xsolla::new(config, WebHost::new(hooks))?))
}
