//! Xsolla's class.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{Arguments, needed};
use super::session::{SessionCore, Started, unknown_operation};
use super::{errors, json, prepared, promise};
use crate::error::{Error, Result};
use crate::host::Boxed;
use crate::host::web::{Hooks, WebHost};
use crate::json::{Json, Object};
use crate::xsolla::{
    AskedField, Attempt, Config, DeviceKind, Jwt, LAUNCHER_ARGUMENT, Oauth, Protocol, Registration, SignIn,
    SilentLogin, SocialToken, Ticket, UserToken, Xsolla, XsollaSession, handed_over, returned,
};

/// The client for Xsolla Login.
#[wasm_bindgen]
pub struct XsollaCore(Xsolla<WebHost>);

#[wasm_bindgen]
impl XsollaCore {
    /// Checks the options; throws an error view.
    pub fn create(options: Option<String>, hooks: Hooks) -> Result<XsollaCore, JsValue> {
        make(options, hooks).map_err(|error| errors::view(&error))
    }

    pub fn restore(&self, aborted: Option<Promise>) -> Promise {
        let client = self.0.clone();
        promise(aborted, Box::pin(async move { Ok(maybe(client.restore().await.as_ref())) }))
    }

    /// The sign-ins, by name. Answers a session, the JSON of what comes first, or nothing.
    pub fn call(&self, operation: String, arguments: Option<String>, aborted: Option<Promise>) -> Promise {
        prepared(aborted, Arguments::read(arguments).and_then(|arguments| self.start(&operation, &arguments)))
    }
}

impl XsollaCore {
    fn start(&self, operation: &str, arguments: &Arguments) -> Started {
        let client = self.0.clone();
        let attempt = match operation {
            "login" => {
                let username = arguments.text("username")?.unwrap_or_default();
                let password = arguments.secret("password")?.unwrap_or_default();
                return Ok(Box::pin(async move { Ok(wrapped(&client.login(&username, &password).await?)) }));
            }
            "completeRedirect" => {
                let state = arguments.text("state")?;
                let came = match arguments.text("url")? {
                    Some(url) => returned(&url, state.as_deref()).transpose()?,
                    None => {
                        let code = arguments.secret("code")?;
                        let code = needed(code, "pass the `url` the browser came back to, or a `code`")?;
                        return Ok(Box::pin(async move { Ok(wrapped(&client.complete_oauth(&code).await?)) }));
                    }
                };
                return Ok(Box::pin(async move { Ok(wrapped(&client.finish(Ok(came)).await?)) }));
            }
            "sessionFromToken" => {
                let token = needed(arguments.secret("token")?, "pass the `token`")?;
                return Ok(around(client, token.into()));
            }
            "sessionFromLauncher" => {
                let name = arguments.text("name")?;
                let name = name.as_deref().unwrap_or(LAUNCHER_ARGUMENT);
                return Ok(match handed_over(arguments.texts("arguments")?, name) {
                    Some(token) => around(client, token),
                    None => Box::pin(std::future::ready(Ok(JsValue::UNDEFINED))),
                });
            }
            "silentLogin" => silent(arguments)?.attempt()?,
            "register" => registration(arguments)?.attempt()?,
            "deviceLogin" => {
                let kind = match arguments.text("device")?.as_deref() {
                    Some("android") => DeviceKind::Android,
                    Some("ios") => DeviceKind::Ios,
                    _ => return Err(Error::misuse("which kind of device? pass `device`: \"android\" or \"ios\"")),
                };
                let model = arguments.text("model")?.unwrap_or_default();
                Attempt::device(kind, &model, &arguments.secret("deviceId")?.unwrap_or_default())?
            }
            "socialTokenLogin" => {
                let mut token = SocialToken::new(arguments.secret("accessToken")?.unwrap_or_default());
                if let Some(secret) = arguments.secret("accessTokenSecret")? {
                    token = token.secret(secret);
                }
                if let Some(id) = arguments.text("openid")? {
                    token = token.openid(id);
                }
                Attempt::social(&arguments.text("network")?.unwrap_or_default(), &token)?
            }
            _ => return Err(unknown_operation()),
        };
        let protocol = self.protocol(arguments, operation == "deviceLogin")?;
        Ok(Box::pin(async move { arrived(client.attempt(attempt, protocol).await?) }))
    }

    /// OAuth 2.0 where the client has it, unless the caller says otherwise.
    fn protocol(&self, arguments: &Arguments, must_be_oauth: bool) -> Result<Protocol> {
        let named = arguments.text("protocol")?;
        let is_oauth = match named.as_deref() {
            None => must_be_oauth || self.0.has_oauth(),
            Some("oauth") => true,
            Some("jwt") if !must_be_oauth => false,
            _ => return Err(Error::misuse("no such protocol here; write \"oauth\", or \"jwt\" where there is one")),
        };
        if is_oauth {
            let mut oauth = Oauth::new();
            for scope in arguments.texts("scopes")? {
                oauth = oauth.scope(&scope);
            }
            if let Some(audience) = arguments.text("audience")? {
                oauth = oauth.audience(audience);
            }
            return Ok(oauth.into());
        }
        let mut jwt = Jwt::new();
        if let Some(url) = arguments.text("loginUrl")? {
            jwt = jwt.login_url(url);
        }
        for field in arguments.texts("fields")? {
            jwt = jwt.field(&field);
        }
        if let Some(payload) = arguments.text("payload")? {
            jwt = jwt.payload(payload);
        }
        if arguments.flag("logOutOthers")?.unwrap_or(false) {
            jwt = jwt.log_out_others();
        }
        Ok(jwt.into())
    }
}

fn silent(arguments: &Arguments) -> Result<SilentLogin> {
    let platform = arguments.text("platform")?.unwrap_or_default();
    let secret = |name: &str| Ok::<_, Error>(arguments.secret(name)?.unwrap_or_default());
    let mut login = match platform.as_str() {
        "xbox" => {
            let (xid, user_hash) = (arguments.text("xid")?, arguments.text("userHash")?);
            SilentLogin::xbox(&xid.unwrap_or_default(), &user_hash.unwrap_or_default(), &secret("xstsToken")?)?
        }
        "epicgames" => SilentLogin::epic(&secret("exchangeCode")?),
        "raw" => SilentLogin::platform(arguments.text("platformName")?.unwrap_or_default(), ticket(arguments)?),
        _ => SilentLogin::platform(platform, ticket(arguments)?),
    };
    if let Some(id) = arguments.loose("appId")? {
        login = login.app_id(id);
    }
    if let Some(code) = arguments.secret("code")? {
        login = login.code(code);
    }
    if let Some(id) = arguments.text("deploymentId")? {
        login = login.deployment_id(id);
    }
    Ok(if arguments.flag("existingOnly")?.unwrap_or(false) { login.existing_only() } else { login })
}

/// Encoded by the skin, which has the bytes.
fn ticket(arguments: &Arguments) -> Result<Ticket> {
    Ok(Ticket::verbatim(arguments.secret("ticket")?.unwrap_or_default()))
}

fn registration(arguments: &Arguments) -> Result<Registration> {
    let mut registration = Registration::new(
        arguments.text("username")?.unwrap_or_default(),
        arguments.secret("password")?.unwrap_or_default(),
        arguments.text("email")?.unwrap_or_default(),
    );
    if let Some(yes) = arguments.flag("acceptConsent")? {
        registration = registration.accept_consent(yes);
    }
    if let Some(yes) = arguments.flag("promoEmails")? {
        registration = registration.promo_emails(yes);
    }
    Ok(registration)
}

fn around(client: Xsolla<WebHost>, token: UserToken) -> Boxed<'static, Result<JsValue>> {
    Box::pin(async move { Ok(wrapped(&client.around_token(token, false).await?)) })
}

fn wrapped(session: &XsollaSession<WebHost>) -> JsValue {
    SessionCore::wrap(session.session())
}

fn maybe(session: Option<&XsollaSession<WebHost>>) -> JsValue {
    session.map_or(JsValue::UNDEFINED, wrapped)
}

fn arrived(came: SignIn<WebHost>) -> Result<JsValue> {
    let mut view = Object::new();
    match came {
        SignIn::SignedIn(session) => return Ok(wrapped(&session)),
        SignIn::NeedsEmailConfirmation => view.text("outcome", "needs-email-confirmation"),
        SignIn::NeedsUserData(needs) => view
            .text("outcome", "needs-user-data")
            .text("url", needs.url.expose())
            .json("fields", Json::List(needs.fields.iter().map(AskedField::to_json).collect()))
            .maybe_text("state", needs.state.as_ref().map(crate::Secret::expose)),
    };
    json(&view.take())
}

fn make(options: Option<String>, hooks: Hooks) -> Result<XsollaCore> {
    let options = Arguments::read(options)?;
    let mut config = Config::project(options.text("projectId")?.unwrap_or_default());
    if let Some(oauth) = options.object("oauth")? {
        // A number in the vendor's console; both forms are natural to write.
        let client_id = oauth.loose("clientId")?.unwrap_or_default();
        config = config.oauth(client_id, oauth.text("redirectUri")?.unwrap_or_default());
    }
    if let Some(url) = options.text("baseUrl")? {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.ms("deadlineMs")? {
        config = config.timeout_ms(ms);
    }
    Ok(XsollaCore(Xsolla::new(config, WebHost::new(hooks))?))
}
