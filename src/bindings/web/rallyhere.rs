//! RallyHere's class.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::session::SessionCore;
use super::values::{needed, read, write};
use super::{errors, promise};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::web::{Hooks, WebHost};
use crate::rallyhere::{
    ClientToken, CompletedOauth, Config, Credential, OauthLogin, OauthPortal, OauthRetry, RallyHere,
};
use crate::services::Agreements;

/// The client for RallyHere.
#[wasm_bindgen]
pub struct RallyHereCore {
    client: RallyHere<WebHost>,
    /// After a web sign-in that needs agreements: what the next completion continues.
    pending: Rc<RefCell<Option<OauthRetry>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    environment: Option<String>,
    base_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    deadline_ms: Option<f64>,
    retries: Option<bool>,
    client_address: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CredentialFields {
    grant: Option<String>,
    id: Option<Secret>,
    username: Option<String>,
    password: Option<Secret>,
    ticket: Option<Secret>,
    token: Option<Secret>,
    id_token: Option<Secret>,
    identity_token: Option<Secret>,
    xsts_token: Option<Secret>,
    authorization_code: Option<Secret>,
    account_token: Option<Secret>,
    parent_token: Option<Secret>,
    service_account_token: Option<Secret>,
    account_id_token: Option<Secret>,
    device_id: Option<Secret>,
    refresh_token: Option<Secret>,
    grant_type: Option<String>,
    portal_access_token: Option<Secret>,
    portal_parent_access_token: Option<Secret>,
    portal_parent_display_name: Option<String>,
    display_name: Option<String>,
    parent_display_name: Option<String>,
    accept: Option<Agreements>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OauthArguments {
    portal: Option<String>,
    redirect_uri: Option<String>,
    url: Option<String>,
    code: Option<Secret>,
    state: Option<String>,
    accept: Option<Agreements>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CallArguments {
    key_id: Option<String>,
    grant: Option<String>,
    token: Option<Secret>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClientTokenView {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in_ms: Option<u64>,
    permissions: Vec<String>,
}

#[wasm_bindgen]
impl RallyHereCore {
    /// Checks the options; throws an error view.
    pub fn create(options: JsValue, hooks: Hooks) -> Result<RallyHereCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    pub fn login(&self, credential: JsValue, options: JsValue, signal: Option<AbortSignal>) -> Promise {
        let client = self.client.clone();
        promise(signal, async move {
            let _ = options;
            let session = client.login(credential_from(read(credential)?)?).await?;
            Ok(SessionCore::new(session.session().clone()))
        })
    }

    pub fn restore(&self, signal: Option<AbortSignal>) -> Promise {
        let client = self.client.clone();
        promise(signal, async move {
            let session = client.restore().await;
            Ok(session.map_or(JsValue::UNDEFINED, |session| SessionCore::new(session.session().clone()).into()))
        })
    }

    #[wasm_bindgen(js_name = oauthLoginUrl)]
    pub fn oauth_login_url(&self, options: JsValue) -> Result<String, JsValue> {
        let url = || {
            let arguments: OauthArguments = read(options)?;
            let portal =
                OauthPortal::ALL.into_iter().find(|portal| Some(portal.as_str()) == arguments.portal.as_deref());
            self.client.oauth_login_url(OauthLogin {
                portal: needed(
                    portal,
                    "no such portal; write google, apple, epic, xbox, psn, nintendo, steam, amazon or twitch",
                )?,
                redirect_uri: arguments.redirect_uri.as_deref(),
                state: arguments.state.as_deref(),
            })
        };
        url().map_err(|error| errors::view(&error))
    }

    #[wasm_bindgen(js_name = completeOauth)]
    pub fn complete_oauth(&self, arguments: JsValue, signal: Option<AbortSignal>) -> Promise {
        let (client, pending) = (self.client.clone(), self.pending.clone());
        promise(signal, async move {
            let arguments: OauthArguments = read(arguments)?;
            let accept = arguments.accept.unwrap_or_default();
            let code = match (&arguments.url, arguments.code) {
                (Some(url), _) => Some(client.oauth_code(url, arguments.state.as_deref())?),
                (None, code) => code,
            };
            let retry = pending.borrow_mut().take();
            let completed = match (code, retry) {
                (Some(code), _) => client.complete_oauth(&code, accept).await?,
                (None, Some(retry)) => client.retry_oauth(&retry, accept).await?,
                (None, None) => return Err(Error::misuse("pass the `url` the browser came back to, or a `code`")),
            };
            match completed {
                CompletedOauth::SignedIn(session) => Ok(SessionCore::new(session.session().clone())),
                CompletedOauth::NeedsAgreements(agreements, retry) => {
                    *pending.borrow_mut() = Some(retry);
                    let message = "agreements must be accepted first; show them, then call again with `accept`";
                    Err(Error::new(ErrorKind::Agreements, message).with_agreements(agreements))
                }
            }
        })
    }

    /// `publicKeys`, `publicKey`, `clientToken`, `oauthClientToken`, `portalTokenDetails`.
    pub fn call(&self, operation: String, arguments: JsValue, signal: Option<AbortSignal>) -> Promise {
        let client = self.client.clone();
        promise(signal, async move {
            let arguments: CallArguments = read(arguments)?;
            match operation.as_str() {
                "publicKeys" => write(&client.public_keys().await?),
                "publicKey" => {
                    let id = needed(arguments.key_id, "pass the `keyId`")?;
                    write(&client.public_key(&id).await?)
                }
                "clientToken" => client_token(client.client_token().await?),
                "oauthClientToken" => client_token(client.oauth_client_token().await?),
                "portalTokenDetails" => {
                    let (grant, token) = (arguments.grant.unwrap_or_default(), arguments.token.unwrap_or_default());
                    let details = client.portal_token_details(&grant, &token).await?;
                    write(&details.into_iter().collect::<std::collections::BTreeMap<_, _>>())
                }
                _ => Err(Error::misuse("no such call; the package's parts are of different versions")),
            }
        })
    }
}

fn make(options: JsValue, hooks: Hooks) -> Result<RallyHereCore> {
    let options: Options = read(options)?;
    let mut config = match (&options.base_url, &options.environment) {
        (Some(url), _) => Config::base_url(url),
        (None, Some(id)) => Config::environment(id),
        (None, None) => {
            return Err(Error::configuration("neither `environment` nor `baseUrl` is set; e.g. environment: \"demo\""));
        }
    };
    config = config.client(options.client_id.unwrap_or_default(), options.client_secret.unwrap_or_default());
    if let Some(ms) = options.deadline_ms {
        config = config.timeout_ms(ms as u64);
    }
    if let Some(on) = options.retries {
        config = config.retries(on);
    }
    if let Some(address) = options.client_address {
        config = config.client_address(address);
    }
    let client = RallyHere::new(config, WebHost::new(hooks))?;
    Ok(RallyHereCore { client, pending: Rc::default() })
}

fn client_token(token: ClientToken) -> Result<JsValue> {
    write(&ClientTokenView {
        access_token: token.access_token.expose().to_owned(),
        expires_in_ms: token.expires_in_ms,
        permissions: token.permissions,
    })
}

fn credential_from(fields: CredentialFields) -> Result<Credential> {
    let field =
        |value: Option<Secret>| needed(value, "the credential lacks the field its grant needs; see the grant's type");
    let grant = needed(fields.grant, "the credential has no `grant`; e.g. { grant: \"steam\", ticket }")?;
    let parent_name = fields.parent_display_name.unwrap_or_default();
    let credential = match grant.as_str() {
        "anon" => Credential::anon(field(fields.id)?),
        "basic" => Credential::basic(&fields.username.unwrap_or_default(), &field(fields.password)?),
        "steam" => Credential::steam(field(fields.ticket)?),
        "epic" => Credential::epic(field(fields.token)?),
        "google" => Credential::google(field(fields.id_token)?),
        "apple" => Credential::apple(field(fields.identity_token)?),
        "xboxlive" => Credential::xbox_live(field(fields.xsts_token)?),
        "ps4_v1" => Credential::ps4_v1(field(fields.token)?),
        "ps4_v3" => Credential::ps4_v3(field(fields.authorization_code)?),
        "ps5_v3" => Credential::ps5_v3(field(fields.authorization_code)?),
        "nintendo" => Credential::nintendo(field(fields.account_token)?)
            .parent_account(fields.parent_token.unwrap_or_default())
            .parent_display_name(parent_name)
            .into(),
        "nintendo_switch" => Credential::nintendo_switch(field(fields.service_account_token)?)
            .parent_account(fields.account_id_token.unwrap_or_default())
            .parent_display_name(parent_name)
            .into(),
        "rallyhere" => Credential::rallyhere(field(fields.token)?),
        "android_device" => Credential::android_device(field(fields.device_id)?),
        "ios_device" => Credential::ios_device(field(fields.device_id)?),
        "refresh" => Credential::refresh(field(fields.refresh_token)?),
        "raw" => Credential::raw(
            &needed(fields.grant_type, "a raw credential needs its `grantType`")?,
            fields.portal_access_token.unwrap_or_default(),
            fields.portal_parent_access_token.unwrap_or_default(),
            &fields.portal_parent_display_name.unwrap_or_default(),
        ),
        _ => {
            return Err(Error::misuse(
                "no such grant; for one this version does not know use { grant: \"raw\", grantType }",
            ));
        }
    };
    Ok(credential.display_name(fields.display_name.unwrap_or_default()).accept(fields.accept.unwrap_or_default()))
}
