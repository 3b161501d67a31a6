//! The game server's classes for Node. A separate wasm: this never compiles together with the client's classes.

use js_sys::{JSON, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::arguments::{Arguments, needed};
use super::{errors, json, prepared};
use crate::base64;
use crate::error::{Error, Result};
use crate::host::Boxed;
use crate::host::web::{Hooks, WebHost};
use crate::json::{Json, Object};
use crate::xsolla::UserToken;
use crate::xsolla::server::{
    Account, Algorithm, Attribute, Claimed, CustomIdLogin, CustomIdSignIn, LinkByCode, LinkingInfo, PlatformAccount,
    ProjectKey, Proof, ServerConfig, TokenVerifier, TrustedProject, VerifiedUser, XsollaServer,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    fn import_key(
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        extractable: bool,
        usages: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = verify, catch)]
    fn verify_signature(
        algorithm: &JsValue,
        key: &JsValue,
        signature: &Uint8Array,
        data: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

/// The server side of Xsolla Login.
#[wasm_bindgen]
pub struct XsollaServerCore {
    server: XsollaServer<WebHost>,
    /// `None`: no project is trusted, so that no token can be verified here.
    verifier: Option<TokenVerifier<WebHost>>,
}

#[wasm_bindgen]
impl XsollaServerCore {
    /// Checks the options; throws an error view.
    pub fn create(options: Option<String>, hooks: Hooks) -> Result<XsollaServerCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    /// `loginWithCustomId`, `linkByCode`, `linkingInfo`, `validateToken`, `verifyToken`, `projectKeys`.
    pub fn call(&self, operation: String, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        prepared(aborted, Arguments::read(arguments).and_then(|arguments| self.start(&operation, &arguments)))
    }
}

impl XsollaServerCore {
    fn start(&self, operation: &str, arguments: &Arguments) -> Result<Boxed<'static, Result<JsValue>>> {
        let server = self.server.clone();
        let token = || Ok::<_, Error>(UserToken::from(arguments.secret("token")?.unwrap_or_default()));
        Ok(match operation {
            "loginWithCustomId" => {
                let login = custom_id_login(arguments)?;
                Box::pin(async move { signed_in(&server.login_with_custom_id(&login).await?) })
            }
            "linkByCode" => {
                let link = LinkByCode {
                    // Never a number: it would have lost its zeros.
                    code: arguments.secret("code")?.unwrap_or_default(),
                    platform: arguments.text("platform")?.unwrap_or_default(),
                    user_id: arguments.text("platformUserId")?.unwrap_or_default(),
                };
                Box::pin(async move {
                    server.link_by_code(&link).await?;
                    json(&Object::new().flag("linked", true).take())
                })
            }
            "linkingInfo" => {
                let accounts = arguments.objects("accounts")?;
                let accounts = accounts.iter().map(platform_account).collect::<Result<Vec<_>>>()?;
                Box::pin(async move {
                    let infos = server.linking_info(&accounts).await?;
                    json(&Json::List(infos.iter().map(linking_info).collect()))
                })
            }
            "validateToken" => {
                let token = token()?;
                Box::pin(async move { server.validate_token(&token).await.map(|()| JsValue::UNDEFINED) })
            }
            "verifyToken" => {
                let (token, verifier) = (token()?, self.verifier.clone());
                let verifier = needed(verifier, "no project is trusted; create the server with `trustedProjects`")?;
                Box::pin(async move {
                    let claimed = verifier.claimed(&token).await?;
                    let is_signed = is_signed(&claimed).await?;
                    verified(&claimed.judge(is_signed, verifier.now())?)
                })
            }
            "projectKeys" => {
                let id = arguments.text("projectId")?.unwrap_or_default();
                Box::pin(async move {
                    let keys = server.project_keys(&id).await?;
                    json(&Json::List(keys.iter().map(jwk).collect()))
                })
            }
            _ => return Err(Error::misuse("no such call; the package's parts are of different versions")),
        })
    }
}

/// By Node's own cryptography: it is here already, and as wasm it would weigh more than all the rest.
async fn is_signed(claimed: &Claimed) -> Result<bool> {
    const RSA: &str = r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#;
    const HMAC: &str = r#"{"name":"HMAC","hash":"SHA-256"}"#;
    let object = |text: &str| JSON::parse(text).unwrap_or(JsValue::UNDEFINED);
    let (algorithm, format, key) = match &claimed.proof {
        Some(Proof::Rs256(key)) => (object(RSA), "jwk", object(&jwk(key).to_text())),
        Some(Proof::Hs256(secret)) => (object(HMAC), "raw", Uint8Array::from(secret.expose().as_bytes()).into()),
        None => return Ok(false),
    };
    let missing =
        |_| Error::configuration("tokens cannot be verified here: `crypto.subtle` is missing; use Node 20 or later");
    let imported = import_key(format, &key, &algorithm, false, &object(r#"["verify"]"#)).map_err(missing)?;
    // A key that cannot be used proves nothing.
    let Ok(key) = JsFuture::from(imported).await else { return Ok(false) };
    let (signature, message) = (Uint8Array::from(claimed.signature.as_slice()), Uint8Array::from(claimed.message()));
    let proven = verify_signature(&algorithm, &key, &signature, &message).map_err(missing)?;
    Ok(JsFuture::from(proven).await.is_ok_and(|proven| proven == JsValue::TRUE))
}

fn custom_id_login(arguments: &Arguments) -> Result<CustomIdLogin> {
    let mut login = CustomIdLogin::new(arguments.secret("customId")?.unwrap_or_default());
    let (platform, id) = (arguments.text("platform")?, arguments.text("platformUserId")?);
    if platform.is_some() || id.is_some() {
        login = login.social_profile(platform.unwrap_or_default(), id.unwrap_or_default());
    }
    for attribute in arguments.objects("attributes")? {
        login = login.attribute(self::attribute(&attribute)?);
    }
    if let Some(payload) = arguments.text("payload")? {
        login = login.payload(payload);
    }
    Ok(if arguments.flag("logOutOthers")?.unwrap_or(false) { login.log_out_others() } else { login })
}

fn attribute(arguments: &Arguments) -> Result<Attribute> {
    let (key, value) = (arguments.text("key")?.unwrap_or_default(), arguments.json_text("value"));
    let mut attribute = match arguments.text("writer")?.as_deref() {
        Some("client") => Attribute::client(key, value),
        Some("server") | None => Attribute::server(key, value),
        _ => return Err(Error::misuse("who writes the attribute? `writer` is \"client\" or \"server\"")),
    };
    if arguments.flag("public")?.unwrap_or(false) {
        attribute = attribute.public();
    }
    Ok(match arguments.flag("readOnly")? {
        Some(yes) => attribute.read_only(yes),
        None => attribute,
    })
}

fn platform_account(arguments: &Arguments) -> Result<PlatformAccount> {
    let (platform, id) = (arguments.text("platform")?, arguments.text("platformUserId")?);
    Ok(PlatformAccount::new(platform.unwrap_or_default(), id.unwrap_or_default()))
}

fn signed_in(sign_in: &CustomIdSignIn) -> Result<JsValue> {
    let mut view = Object::new();
    view.text("token", sign_in.token.expose());
    if let Some(is_new) = sign_in.is_new {
        view.flag("isNew", is_new);
    }
    json(&view.take())
}

fn linking_info(info: &LinkingInfo) -> Json {
    Object::new()
        .text("platform", &info.account.platform)
        .text("platformUserId", &info.account.user_id)
        .maybe_text("userId", info.user_id.as_deref())
        .maybe_text("email", info.email.as_deref())
        .maybe_text("externalAccountId", info.external_account_id.as_deref())
        .take()
}

fn verified(user: &VerifiedUser) -> Result<JsValue> {
    let (account, token) = match &user.account {
        Account::Main(token) => ("main", token.expose()),
        Account::Platform(token) => ("platform", token.expose()),
    };
    json(
        &Object::new()
            .text("account", account)
            .text("token", token)
            .text("userId", &user.user_id)
            .text("projectId", &user.project_id)
            .number("expiresAt", user.expires_at)
            .maybe_text("platform", user.platform.as_deref())
            .maybe_text("platformUserId", user.platform_user_id.as_deref())
            .maybe_text("payload", user.payload.as_deref())
            .take(),
    )
}

fn jwk(key: &ProjectKey) -> Json {
    let number = |bytes: &[u8]| {
        let mut text = String::new();
        base64::encode(bytes, &mut text);
        text.trim_end_matches('=').replace('+', "-").replace('/', "_")
    };
    Object::new()
        .text("kty", "RSA")
        .text("alg", "RS256")
        .text("use", "sig")
        .text("kid", &key.kid)
        .text("n", &number(&key.n))
        .text("e", &number(&key.e))
        .take()
}

fn trusted(arguments: &Arguments) -> Result<TrustedProject> {
    let algorithm = match (arguments.text("algorithm")?.as_deref(), arguments.secret("secret")?) {
        (Some("RS256"), None) => Algorithm::Rs256,
        (Some("HS256"), Some(secret)) => Algorithm::Hs256(secret),
        _ => {
            return Err(Error::configuration(
                "a trusted project needs its algorithm: \"RS256\", or \"HS256\" with the project's `secret`",
            ));
        }
    };
    let id = arguments.text("projectId")?.unwrap_or_default();
    match arguments.text("kind")?.as_deref() {
        Some("standard") => Ok(TrustedProject::standard(id, algorithm)),
        Some("shadow") => Ok(TrustedProject::shadow(id, algorithm)),
        _ => Err(Error::configuration("a trusted project needs its `kind`: \"standard\" or \"shadow\"")),
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
    let server = XsollaServer::new(config, WebHost::new(hooks))?;
    let projects = options.objects("trustedProjects")?.iter().map(trusted).collect::<Result<Vec<_>>>()?;
    let verifier = if projects.is_empty() { None } else { Some(server.verifier(projects)?) };
    Ok(XsollaServerCore { server, verifier })
}
