//! RallyHere's class.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{Arguments, needed};
use super::session::SessionCore;
use super::{errors, json, prepared, promise};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Boxed;
use crate::host::web::{Hooks, WebHost};
use crate::json::{Json, Object};
use crate::rallyhere::{
    ClientToken, CompletedOauth, Config, Credential, OauthLogin, OauthPortal, OauthRetry, PublicKey, RallyHere,
};
use crate::services::Agreements;

/// The client for RallyHere.
#[wasm_bindgen]
pub struct RallyHereCore {
    client: RallyHere<WebHost>,
    /// After a web sign-in that needs agreements: what the next completion continues.
    pending: Rc<RefCell<Option<OauthRetry>>>,
}

#[wasm_bindgen]
impl RallyHereCore {
    /// Checks the options; throws an error view.
    pub fn create(options: Option<String>, hooks: Hooks) -> Result<RallyHereCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    pub fn login(&self, credential: Option<String>, aborted: Option<Promise>) -> Promise {
        let client = self.client.clone();
        let start = || -> Result<Boxed<'static, Result<JsValue>>> {
            let body = credential_from(&Arguments::read(credential)?)?.body();
            Ok(Box::pin(async move { Ok(SessionCore::wrap(client.sign_in(body).await?.session())) }))
        };
        prepared(aborted, start())
    }

    pub fn restore(&self, aborted: Option<Promise>) -> Promise {
        let client = self.client.clone();
        promise(
            aborted,
            Box::pin(async move {
                let session = client.restore().await;
                Ok(session.map_or(JsValue::UNDEFINED, |session| SessionCore::wrap(session.session())))
            }),
        )
    }

    #[wasm_bindgen(js_name = oauthLoginUrl)]
    pub fn oauth_login_url(&self, options: Option<String>) -> Result<String, JsValue> {
        self.login_url(options).map_err(|error| errors::view(&error))
    }

    #[wasm_bindgen(js_name = completeOauth)]
    pub fn complete_oauth(&self, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        let (client, pending) = (self.client.clone(), self.pending.clone());
        let start = || -> Result<Boxed<'static, Result<JsValue>>> {
            let (retry, accept) = self.oauth_step(&Arguments::read(arguments)?)?;
            // Kept until it is known to be spent, so that a lost answer can be followed by another try.
            *pending.borrow_mut() = Some(retry.clone());
            Ok(Box::pin(async move {
                let completed = client.retry_oauth(&retry, accept).await;
                let (next, result) = after_oauth(retry, completed);
                *pending.borrow_mut() = next;
                result
            }))
        };
        prepared(aborted, start())
    }

    /// `publicKeys`, `publicKey`, `clientToken`, `oauthClientToken`, `portalTokenDetails`.
    pub fn call(&self, operation: String, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        prepared(aborted, Arguments::read(arguments).and_then(|arguments| self.start(&operation, &arguments)))
    }
}

impl RallyHereCore {
    fn start(&self, operation: &str, arguments: &Arguments) -> Result<Boxed<'static, Result<JsValue>>> {
        let client = self.client.clone();
        Ok(match operation {
            "publicKeys" => Box::pin(async move {
                let keys = client.public_keys().await?;
                json(&Json::List(keys.iter().map(PublicKey::to_json).collect()))
            }),
            "publicKey" => {
                let id = needed(arguments.text("keyId")?, "pass the `keyId`")?;
                Box::pin(async move { json(&client.public_key(&id).await?.to_json()) })
            }
            "clientToken" | "oauthClientToken" => {
                let oauth = operation == "oauthClientToken";
                Box::pin(async move { client_token(&client.client_token_by(oauth).await?) })
            }
            "portalTokenDetails" => {
                let grant = arguments.text("grant")?.unwrap_or_default();
                let token = arguments.secret("token")?.unwrap_or_default();
                Box::pin(async move {
                    let details = client.portal_token_details(&grant, &token).await?;
                    json(&Json::Object(details.into_iter().map(|(key, text)| (key, Json::Text(text))).collect()))
                })
            }
            _ => return Err(Error::misuse("no such call; the package's parts are of different versions")),
        })
    }

    fn oauth_step(&self, arguments: &Arguments) -> Result<(OauthRetry, Agreements)> {
        let code = match arguments.text("url")? {
            Some(url) => Some(self.client.oauth_code(&url, arguments.text("state")?.as_deref())?),
            None => arguments.secret("code")?,
        };
        let retry = code.map(OauthRetry::from_code).or_else(|| self.pending.borrow().clone());
        let retry = needed(retry, "pass the `url` the browser came back to, or a `code`")?;
        Ok((retry, agreements(arguments)?))
    }

    fn login_url(&self, options: Option<String>) -> Result<String> {
        let arguments = Arguments::read(options)?;
        let name = arguments.text("portal")?;
        let portal = OauthPortal::ALL.into_iter().find(|portal| Some(portal.as_str()) == name.as_deref());
        self.client.oauth_login_url(OauthLogin {
            portal: needed(
                portal,
                "no such portal; write google, apple, epic, xbox, psn, nintendo, steam, amazon or twitch",
            )?,
            redirect_uri: arguments.text("redirectUri")?.as_deref(),
            state: arguments.text("state")?.as_deref(),
        })
    }
}

/// What a later completion continues, and what this one came to.
fn after_oauth(retry: OauthRetry, completed: Result<CompletedOauth<WebHost>>) -> (Option<OauthRetry>, Result<JsValue>) {
    match completed {
        Ok(CompletedOauth::SignedIn(session)) => (None, Ok(SessionCore::wrap(session.session()))),
        Ok(CompletedOauth::NeedsAgreements(agreements, retry)) => {
            let message = "agreements must be accepted first; show them, then call again with `accept`";
            (Some(retry), Err(Error::new(ErrorKind::Agreements, message).with_agreements(agreements)))
        }
        // An answer that refuses the code has spent it.
        Err(error) => (Some(retry).filter(|_| error.status().is_none()), Err(error)),
    }
}

fn make(options: Option<String>, hooks: Hooks) -> Result<RallyHereCore> {
    let options = Arguments::read(options)?;
    let mut config = match (options.text("baseUrl")?, options.text("environment")?) {
        (Some(url), _) => Config::base_url(&url),
        (None, Some(id)) => Config::environment(&id),
        (None, None) => {
            return Err(Error::configuration("neither `environment` nor `baseUrl` is set; e.g. environment: \"demo\""));
        }
    };
    config = config
        .client(options.text("clientId")?.unwrap_or_default(), options.secret("clientSecret")?.unwrap_or_default());
    if let Some(ms) = options.ms("deadlineMs")? {
        config = config.timeout_ms(ms);
    }
    if let Some(on) = options.flag("retries")? {
        config = config.retries(on);
    }
    if let Some(address) = options.text("clientAddress")? {
        config = config.client_address(address);
    }
    let client = RallyHere::new(config, WebHost::new(hooks))?;
    Ok(RallyHereCore { client, pending: Rc::default() })
}

fn client_token(token: &ClientToken) -> Result<JsValue> {
    let permissions = token.permissions.iter().map(|permission| Json::Text(permission.clone())).collect();
    json(
        &Object::new()
            .text("accessToken", token.access_token.expose())
            .maybe_number("expiresInMs", token.expires_in_ms)
            .json("permissions", Json::List(permissions))
            .take(),
    )
}

fn agreements(arguments: &Arguments) -> Result<Agreements> {
    let Some(accept) = arguments.object("accept")? else { return Ok(Agreements::default()) };
    let flag = |name| Ok(accept.flag(name)?.unwrap_or(false));
    Ok(Agreements {
        eula: flag("eula")?,
        terms_of_service: flag("termsOfService")?,
        privacy_policy: flag("privacyPolicy")?,
    })
}

/// The grants that need one field, and its name.
const ONE_FIELD: [(&str, &str); 13] = [
    ("anon", "id"),
    ("steam", "ticket"),
    ("epic", "token"),
    ("google", "idToken"),
    ("apple", "identityToken"),
    ("xboxlive", "xstsToken"),
    ("ps4_v1", "token"),
    ("ps4_v3", "authorizationCode"),
    ("ps5_v3", "authorizationCode"),
    ("rallyhere", "token"),
    ("android_device", "deviceId"),
    ("ios_device", "deviceId"),
    ("refresh", "refreshToken"),
];

fn credential_from(fields: &Arguments) -> Result<Credential> {
    let field = |name: &str| {
        needed(fields.secret(name)?, "the credential lacks the field its grant needs; see the grant's type")
    };
    let optional = |name: &str| Ok::<Secret, Error>(fields.secret(name)?.unwrap_or_default());
    let grant = needed(fields.text("grant")?, "the credential has no `grant`; e.g. { grant: \"steam\", ticket }")?;
    let one_field = ONE_FIELD.iter().find(|(name, _)| *name == grant);
    let (parent, parent_name) = match grant.as_str() {
        "nintendo" => (optional("parentToken")?, "parentDisplayName"),
        "nintendo_switch" => (optional("accountIdToken")?, "parentDisplayName"),
        "raw" => (optional("portalParentAccessToken")?, "portalParentDisplayName"),
        _ => (Secret::default(), ""),
    };
    let (grant, token) = match (one_field, grant.as_str()) {
        (Some((_, name)), _) => (grant, field(name)?),
        (None, "basic") => {
            let username = fields.text("username")?.unwrap_or_default();
            let pair = [&username, ":", field("password")?.expose()].concat();
            (grant, Secret::new(pair))
        }
        (None, "nintendo") => (grant, field("accountToken")?),
        (None, "nintendo_switch") => (grant, field("serviceAccountToken")?),
        (None, "raw") => {
            let grant = needed(fields.text("grantType")?, "a raw credential needs its `grantType`")?;
            (grant, optional("portalAccessToken")?)
        }
        _ => {
            return Err(Error::misuse(
                "no such grant; for one this version does not know use { grant: \"raw\", grantType }",
            ));
        }
    };
    let parent_name = fields.text(parent_name)?.unwrap_or_default();
    let credential = Credential::raw(&grant, token, parent, &parent_name);
    Ok(credential.display_name(fields.text("displayName")?.unwrap_or_default()).accept(agreements(fields)?))
}
