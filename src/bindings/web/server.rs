//! The game server's classes for Node. A separate wasm: this never compiles together with the client's classes.

use js_sys::Promise;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::values::{read, write};
use super::{errors, promise};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::web::{Hooks, WebHost};
use crate::services::loose::LooseText;
use crate::xsolla::server::{CustomIdLogin, LinkByCode, ServerConfig, XsollaServer};

/// The server side of Xsolla Login.
#[wasm_bindgen]
pub struct XsollaServerCore(XsollaServer<WebHost>);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    client_id: Option<LooseText>,
    client_secret: Option<Secret>,
    publisher_project_id: Option<LooseText>,
    shadow_project_id: Option<String>,
    base_url: Option<String>,
    deadline_ms: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Arguments {
    custom_id: Option<Secret>,
    code: Option<Secret>,
    platform: Option<String>,
    platform_user_id: Option<String>,
    log_out_others: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenView {
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_new: Option<bool>,
}

#[derive(Serialize)]
struct LinkedView {
    linked: bool,
}

#[wasm_bindgen]
impl XsollaServerCore {
    /// Checks the options; throws an error view.
    pub fn create(options: JsValue, hooks: Hooks) -> Result<XsollaServerCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    #[wasm_bindgen(js_name = loginWithCustomId)]
    pub fn login_with_custom_id(&self, arguments: JsValue, signal: Option<AbortSignal>) -> Promise {
        let server = self.0.clone();
        promise(signal, async move {
            let arguments: Arguments = read(arguments)?;
            let mut login = CustomIdLogin::new(arguments.custom_id.unwrap_or_default());
            if arguments.platform.is_some() || arguments.platform_user_id.is_some() {
                login = login.social_profile(
                    arguments.platform.unwrap_or_default(),
                    arguments.platform_user_id.unwrap_or_default(),
                );
            }
            if arguments.log_out_others {
                login = login.log_out_others();
            }
            let token = server.login_with_custom_id(&login).await?;
            write(&TokenView { token: token.token.expose().to_owned(), is_new: token.is_new })
        })
    }

    #[wasm_bindgen(js_name = linkByCode)]
    pub fn link_by_code(&self, arguments: JsValue, signal: Option<AbortSignal>) -> Promise {
        let server = self.0.clone();
        promise(signal, async move {
            let arguments: Arguments = read(arguments)?;
            let link = LinkByCode {
                code: arguments.code.unwrap_or_default(),
                platform: arguments.platform.unwrap_or_default(),
                user_id: arguments.platform_user_id.unwrap_or_default(),
            };
            server.link_by_code(&link).await?;
            write(&LinkedView { linked: true })
        })
    }
}

fn make(options: JsValue, hooks: Hooks) -> Result<XsollaServerCore> {
    let options: Options = read(options)?;
    let client_id = options.client_id.map(LooseText::into_string).unwrap_or_default();
    let mut config = ServerConfig::client(client_id, options.client_secret.unwrap_or_default());
    if let Some(id) = options.publisher_project_id {
        let id =
            id.as_str().parse().map_err(|_| Error::configuration("`publisherProjectId` must be a whole number"))?;
        config = config.publisher_project_id(id);
    }
    if let Some(id) = options.shadow_project_id {
        config = config.shadow_project_id(id);
    }
    if let Some(url) = options.base_url {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.deadline_ms {
        config = config.timeout_ms(ms as u64);
    }
    Ok(XsollaServerCore(XsollaServer::new(config, WebHost::new(hooks))?))
}
