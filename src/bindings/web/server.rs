//! Xsolla's calls for Node game servers. A separate wasm: this never compiles together with the clients' calls.

use super::arguments::{Arguments, needed};
use super::{Answer, Started, Target, Work, json, operation, unknown_operation};
use crate::base64;
use crate::error::{Error, Result};
use crate::host::web::{Page, WebHost, What};
use crate::json::{Json, Object};
use crate::xsolla::UserToken;
use crate::xsolla::server::{
    Account, Algorithm, Attribute, Claimed, CustomIdLogin, CustomIdSignIn, LinkByCode, LinkingInfo, PlatformAccount,
    ProjectKey, Proof, ServerConfig, TokenVerifier, TrustedProject, VerifiedUser, XsollaServer,
};

/// The server side of Xsolla Login.
pub(super) struct Server {
    server: XsollaServer<WebHost>,
    /// `None`: no project is trusted, so that no token can be verified here.
    verifier: Option<TokenVerifier<WebHost>>,
    page: Page,
}

impl Target for Server {
    fn start(&self, operation: u32, arguments: &Arguments<'_>) -> Started {
        let server = self.server.clone();
        let token = || UserToken::from(arguments.secret("token").unwrap_or_default());
        Ok(Work::Later(match operation {
            operation::LOGIN_WITH_CUSTOM_ID => {
                let login = custom_id_login(arguments)?;
                Box::pin(async move { signed_in(&server.login_with_custom_id(&login).await?) })
            }
            operation::LINK_BY_CODE => {
                let link = LinkByCode {
                    // Never a number: it would have lost its zeros.
                    code: arguments.secret("code").unwrap_or_default(),
                    platform: arguments.text("platform").unwrap_or_default(),
                    user_id: arguments.text("platformUserId").unwrap_or_default(),
                };
                Box::pin(async move {
                    server.link_by_code(&link).await?;
                    json(&Object::new().flag("linked", true).take())
                })
            }
            operation::LINKING_INFO => {
                let accounts = arguments.objects("accounts");
                let accounts = accounts.iter().map(platform_account).collect::<Result<Vec<_>>>()?;
                Box::pin(async move {
                    let infos = server.linking_info(&accounts).await?;
                    json(&Json::List(infos.iter().map(linking_info).collect()))
                })
            }
            operation::VALIDATE_TOKEN => {
                let token = token();
                Box::pin(async move { server.validate_token(&token).await.map(|()| Answer::Nothing) })
            }
            operation::VERIFY_TOKEN => {
                let (token, verifier) = (token(), self.verifier.clone());
                let verifier = needed(verifier, "no project is trusted; create the server with `trustedProjects`")?;
                let page = self.page;
                Box::pin(async move {
                    let claimed = verifier.claimed(&token).await?;
                    let is_signed = is_signed(&page, &claimed).await?;
                    verified(&claimed.judge(is_signed, verifier.now())?)
                })
            }
            operation::PROJECT_KEYS => {
                let id = arguments.text("projectId").unwrap_or_default();
                Box::pin(async move {
                    let keys = server.project_keys(&id).await?;
                    json(&Json::List(keys.iter().map(jwk).collect()))
                })
            }
            _ => return Err(unknown_operation()),
        }))
    }
}

/// By Node's own cryptography: it is here already, and as wasm it would weigh more than all the rest. Whether the key is
/// fit for it is found out there too: one that is not proves nothing.
async fn is_signed(page: &Page, claimed: &Claimed) -> Result<bool> {
    let mut asked = Object::new();
    match &claimed.proof {
        Some(Proof::Rs256(key)) => asked.json("jwk", jwk(key)),
        Some(Proof::Hs256(secret)) => asked.text("secret", secret.expose()),
        None => return Ok(false),
    };
    let mut signature = String::new();
    base64::encode(&claimed.signature, &mut signature);
    asked.text("signature", &signature).text("message", &String::from_utf8_lossy(claimed.message()));
    match (&page.ask(What::Verify, &asked.take().to_text())).await {
        Ok(proven) => Ok(proven.is_some()),
        Err(()) => Err(Error::configuration(
            "tokens cannot be verified here: `crypto.subtle` is missing; use Node 20 or later",
        )),
    }
}

fn custom_id_login(arguments: &Arguments<'_>) -> Result<CustomIdLogin> {
    let mut login = CustomIdLogin::new(arguments.secret("customId").unwrap_or_default());
    let (platform, id) = (arguments.text("platform"), arguments.text("platformUserId"));
    if platform.is_some() || id.is_some() {
        login = login.social_profile(platform.unwrap_or_default(), id.unwrap_or_default());
    }
    for attribute in arguments.objects("attributes") {
        login = login.attribute(self::attribute(&attribute)?);
    }
    if let Some(payload) = arguments.text("payload") {
        login = login.payload(payload);
    }
    Ok(if arguments.flag("logOutOthers").unwrap_or(false) { login.log_out_others() } else { login })
}

fn attribute(arguments: &Arguments<'_>) -> Result<Attribute> {
    let (key, value) = (arguments.text("key").unwrap_or_default(), arguments.json_text("value"));
    let mut attribute = match arguments.text("writer").as_deref() {
        Some("client") => Attribute::client(key, value),
        Some("server") | None => Attribute::server(key, value),
        _ => return Err(Error::misuse("who writes the attribute? `writer` is \"client\" or \"server\"")),
    };
    if arguments.flag("public").unwrap_or(false) {
        attribute = attribute.public();
    }
    Ok(match arguments.flag("readOnly") {
        Some(yes) => attribute.read_only(yes),
        None => attribute,
    })
}

fn platform_account(arguments: &Arguments<'_>) -> Result<PlatformAccount> {
    let (platform, id) = (arguments.text("platform"), arguments.text("platformUserId"));
    Ok(PlatformAccount::new(platform.unwrap_or_default(), id.unwrap_or_default()))
}

fn signed_in(sign_in: &CustomIdSignIn) -> Result<Answer> {
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

fn verified(user: &VerifiedUser) -> Result<Answer> {
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

fn trusted(arguments: &Arguments<'_>) -> Result<TrustedProject> {
    let algorithm = match (arguments.text("algorithm").as_deref(), arguments.secret("secret")) {
        (Some("RS256"), None) => Algorithm::Rs256,
        (Some("HS256"), Some(secret)) => Algorithm::Hs256(secret),
        _ => {
            return Err(Error::configuration(
                "a trusted project needs its algorithm: \"RS256\", or \"HS256\" with the project's `secret`",
            ));
        }
    };
    let id = arguments.text("projectId").unwrap_or_default();
    match arguments.text("kind").as_deref() {
        Some("standard") => Ok(TrustedProject::standard(id, algorithm)),
        Some("shadow") => Ok(TrustedProject::shadow(id, algorithm)),
        _ => Err(Error::configuration("a trusted project needs its `kind`: \"standard\" or \"shadow\"")),
    }
}

pub(super) fn server(options: &Arguments<'_>, host: WebHost) -> Result<Server> {
    let page = host.page();
    let client_id = options.loose("clientId").unwrap_or_default();
    let mut config = ServerConfig::client(client_id, options.secret("clientSecret").unwrap_or_default());
    if let Some(id) = options.loose("publisherProjectId") {
        let id = id.parse().map_err(|_| Error::configuration("`publisherProjectId` must be a whole number"))?;
        config = config.publisher_project_id(id);
    }
    if let Some(id) = options.text("shadowProjectId") {
        config = config.shadow_project_id(id);
    }
    if let Some(url) = options.text("baseUrl") {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.ms("deadlineMs") {
        config = config.timeout_ms(ms);
    }
    let server = XsollaServer::new(config, host)?;
    let projects = options.objects("trustedProjects").iter().map(trusted).collect::<Result<Vec<_>>>()?;
    let verifier = if projects.is_empty() { None } else { Some(server.verifier(projects)?) };
    Ok(Server { server, verifier, page })
}
