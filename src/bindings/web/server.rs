//! The game server's classes for Node. A separate wasm: this never compiles together with the client's classes.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::Arguments;
use super::{errors, json, promise};
use crate::error::{Error, Result};
use crate::host::web::{Hooks, WebHost};
use crate::json::Object;
use crate::xsolla::server::{CustomIdLogin, LinkByCode, ServerConfig, XsollaServer};

/// The server side of Xsolla Login.
#[wasm_bindgen]
pub struct XsollaServerCore(XsollaServer<WebHost>);

#[wasm_bindgen]
impl XsollaServerCore {
    /// Checks the options; throws an error view.
    pub fn create(options: Option<String>, hooks: Hooks) -> Result<XsollaServerCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    #[wasm_bindgen(js_name = loginWithCustomId)]
    pub fn login_with_custom_id(&self, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let server = self.0.clone();
        promise(
            aborted,
            Box::pin(async move {
                let arguments = Arguments::read(arguments)?;
                let mut login = CustomIdLogin::new(arguments.secret("customId")?.unwrap_or_default());
                let (platform, id) = (arguments.text("platform")?, arguments.text("platformUserId")?);
                if platform.is_some() || id.is_some() {
                    login = login.social_profile(platform.unwrap_or_default(), id.unwrap_or_default());
                }
                if arguments.flag("logOutOthers")?.unwrap_or(false) {
                    login = login.log_out_others();
                }
                let token = server.login_with_custom_id(&login).await?;
                let mut view = Object::new();
                view.text("token", token.token.expose());
                if let Some(is_new) = token.is_new {
                    view.flag("isNew", is_new);
                }
                json(&view.take())
            }),
        )
    }

    #[wasm_bindgen(js_name = linkByCode)]
    pub fn link_by_code(&self, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let server = self.0.clone();
        promise(
            aborted,
            Box::pin(async move {
                let arguments = Arguments::read(arguments)?;
                let link = LinkByCode {
                    code: arguments.secret("code")?.unwrap_or_default(),
                    platform: arguments.text("platform")?.unwrap_or_default(),
                    user_id: arguments.text("platformUserId")?.unwrap_or_default(),
                };
                server.link_by_code(&link).await?;
                json(&Object::new().flag("linked", true).take())
            }),
        )
    }
}

fn make(options: Option<String>, hooks: Hooks) -> Result<XsollaServerCore> {
    let options = Arguments::read(options)?;
    let client_id = options.loose("clientId")?.unwrap_or_default();
    let mut config = ServerConfig::client(client_id, options.secret("clientSecret")?.unwrap_or_default());
    if let Some(id) = options.loose("publisherProjectId")? {
        let id = id.parse().map_err(|_| Error::configuration("`publisherProjectId` must be a whole number"))?;
        config = config.publisher_project_id(id);
    }
    if let Some(id) = options.text("shadowProjectId")? {
        config = config.shadow_project_id(id);
    }
    if let Some(url) = options.text("baseUrl")? {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.ms("deadlineMs")? {
        config = config.timeout_ms(ms);
    }
    Ok(XsollaServerCore(XsollaServer::new(config, WebHost::new(hooks))?))
}
