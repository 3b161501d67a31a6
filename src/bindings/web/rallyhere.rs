//! RallyHere's calls.

use std::sync::Arc;

use super::arguments::{Arguments, needed, reading};
use super::session::{accounts_json, open};
use super::{Answer, Started, Target, Work, fresh_credential, json, operation, unknown_operation};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::Boxed;
use crate::host::web::WebHost;
use crate::http::{Method, Response};
use crate::json::{Json, Object};
use crate::rallyhere::accounts::{
    Change, DISABLE_PATH, ENABLE_PATH, LINK_PATH, UNLINK_PATH, VERIFY_PATH, links_json, links_path, restrictions_path,
};
use crate::rallyhere::credential;
use crate::rallyhere::keys::{key_json, keys_json};
use crate::rallyhere::login::{client_token_json, portal_token_json};
use crate::rallyhere::wire::{login_result_json, restrictions_json, understood};
use crate::rallyhere::{Config, OauthLogin, OauthPortal, RallyHere, RallyHereSession};
use crate::services::Agreements;
use crate::session::Session;

/// The client for RallyHere.
pub(super) struct Client(RallyHere<WebHost>);

impl Target for Client {
    fn start(&self, operation: u32, arguments: &Arguments<'_>) -> Started {
        let client = self.0.clone();
        let (request, read): (_, fn(&Json) -> Option<Json>) = match operation {
            operation::LOGIN => return later(client, Call::SignIn(credential_body(arguments)?)),
            operation::RESTORE => return later(client, Call::Restore(arguments.text("account"))),
            operation::ACCOUNTS => return later(client, Call::Accounts),
            operation::BEGIN_OAUTH => {
                return later(client, Call::Begin(portal(arguments)?, arguments.text("redirectUri")));
            }
            operation::COMPLETE_OAUTH => return later(client, Call::Complete(self.came_back(arguments)?)),
            operation::OAUTH_LOGIN_URL => {
                let portal = portal(arguments)?;
                let (redirect_uri, state) = (arguments.str("redirectUri"), arguments.str("state"));
                let url = client.oauth_login_url(OauthLogin { portal, redirect_uri, state })?;
                return Ok(Work::Done(Answer::Text(url)));
            }
            operation::PUBLIC_KEYS => (client.public_keys_request(), keys_json),
            operation::PUBLIC_KEY => {
                (client.public_key_request(needed(arguments.str("keyId"), "pass the `keyId`")?), key_json)
            }
            operation::CLIENT_TOKEN => (client.client_token_request(false), client_token_json),
            operation::OAUTH_CLIENT_TOKEN => (client.client_token_request(true), client_token_json),
            operation::PORTAL_TOKEN_DETAILS => {
                let (grant, token) = (arguments.str("grant"), arguments.str("token"));
                (client.portal_token_request(grant.unwrap_or_default(), token.unwrap_or_default())?, portal_token_json)
            }
            _ => return Err(unknown_operation()),
        };
        Ok(Work::Json(client.ask_for(request, read)))
    }
}

impl Client {
    fn came_back(&self, arguments: &Arguments<'_>) -> Result<Boxed<'static, Result<Session<WebHost>>>> {
        let accept = agreements(arguments);
        let code = match (arguments.str("url"), arguments.str("state")) {
            (Some(url), None) => {
                arguments.check()?;
                return self.0.come_back(url, accept);
            }
            (Some(url), state) => Some(self.0.oauth_code(url, state)?),
            (None, _) => arguments.secret("code"),
        };
        arguments.check()?;
        needed(self.0.go_on(code, accept), "pass the `url` the browser came back to, or a `code`")
    }
}

/// A call whose arguments were read.
enum Call {
    SignIn(Vec<u8>),
    Restore(Option<String>),
    Accounts,
    Begin(OauthPortal, Option<String>),
    Complete(Boxed<'static, Result<Session<WebHost>>>),
}

fn later(client: RallyHere<WebHost>, call: Call) -> Started {
    Ok(Work::Later(Box::pin(answer(client, call))))
}

/// One state machine for all of them.
async fn answer(client: RallyHere<WebHost>, call: Call) -> Result<Answer> {
    let session = match call {
        Call::SignIn(body) => Some(client.sign_in(body).await?.session().clone()),
        Call::Restore(account) => client.stored(account.as_deref()).await,
        Call::Complete(completed) => Some(completed.await?),
        Call::Accounts => return json(&accounts_json(&client.accounts().await)),
        Call::Begin(portal, uri) => return json(&client.begin_oauth(portal, uri.as_deref()).await?.to_json()),
    };
    Ok(session.as_ref().map_or(Answer::Nothing, open))
}

fn portal(arguments: &Arguments<'_>) -> Result<OauthPortal> {
    let name = arguments.str("portal");
    let portal = OauthPortal::ALL.into_iter().find(|portal| Some(portal.as_str()) == name);
    needed(portal, "no such portal; write google, apple, epic, xbox, psn, nintendo, steam, amazon or twitch")
}

pub(super) fn client(options: &Arguments<'_>, host: WebHost) -> Result<Client> {
    let mut config = match (options.str("baseUrl"), options.str("environment")) {
        (Some(url), _) => Config::base_url(url),
        (None, Some(id)) => Config::environment(id),
        (None, None) => {
            return Err(Error::configuration("neither `environment` nor `baseUrl` is set; e.g. environment: \"demo\""));
        }
    };
    config = config.client(options.or_empty("clientId"), options.or_empty("clientSecret"));
    if let Some(ms) = options.ms("deadlineMs") {
        config.timeout_ms = ms;
    }
    if let Some(on) = options.flag("retries") {
        config.retries = on;
    }
    if let Some(address) = options.str("clientAddress") {
        config = config.client_address(address);
    }
    let page = host.page();
    let mut client = RallyHere::new(config, host)?;
    if options.flag("hasTickets") == Some(true) {
        client = client.renew_with(Arc::new(move || {
            Box::pin(async move { reading(&fresh_credential(page).await?, credential_body) })
        }));
    }
    Ok(Client(client))
}

fn agreements(arguments: &Arguments<'_>) -> Agreements {
    let Some(accept) = arguments.object("accept") else { return Agreements::default() };
    let flag = |name| accept.flag(name).unwrap_or(false);
    Agreements { eula: flag("eula"), terms_of_service: flag("termsOfService"), privacy_policy: flag("privacyPolicy") }
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

fn credential_body(fields: &Arguments<'_>) -> Result<Vec<u8>> {
    let field = |name| needed(fields.str(name), "the credential lacks the field its grant needs; see the grant's type");
    let grant = needed(fields.str("grant"), "the credential has no `grant`; e.g. { grant: \"steam\", ticket }")?;
    // The grant as the service calls it, the token, and the fields of the parent's token and name.
    let pair;
    let (grant, token, parent, parent_name) = match (ONE_FIELD.iter().find(|(name, _)| *name == grant), grant) {
        (Some((_, name)), _) => (grant, field(name)?, "", ""),
        (None, "basic") => {
            pair = Secret::new(crate::text::concat(&[fields.or_empty("username"), ":", field("password")?]));
            (grant, pair.expose(), "", "")
        }
        (None, "nintendo") => (grant, field("accountToken")?, "parentToken", "parentDisplayName"),
        (None, "nintendo_switch") => (grant, field("serviceAccountToken")?, "accountIdToken", "parentDisplayName"),
        (None, "raw") => {
            let grant = needed(fields.str("grantType"), "a raw credential needs its `grantType`")?;
            (grant, fields.or_empty("portalAccessToken"), "portalParentAccessToken", "portalParentDisplayName")
        }
        _ => {
            return Err(Error::misuse(
                "no such grant; for one this version does not know use { grant: \"raw\", grantType }",
            ));
        }
    };
    let account = (token, fields.or_empty("displayName"));
    Ok(credential::body(grant, account, (fields.or_empty(parent), fields.or_empty(parent_name)), agreements(fields)))
}

/// The calls that only a session of RallyHere has.
pub(super) fn session_call(session: Session<WebHost>, operation: u32, arguments: &Arguments<'_>) -> Started {
    let session = RallyHereSession::from_session(session);
    match operation {
        operation::VERIFY => Ok(Work::Json(session.ask(Method::Post, VERIFY_PATH, |_| Ok(Json::Null)))),
        operation::LINKS => {
            let path = links_path(arguments.str("playerId"));
            Ok(Work::Json(session.ask(Method::Get, &path, |response| understood(response, links_json))))
        }
        operation::RESTRICTIONS => {
            let of_player = match arguments.str("of") {
                Some("player") => true,
                Some("person") => false,
                _ => return Err(Error::misuse("whose restrictions? pass `of`: \"person\" or \"player\"")),
            };
            let read = |response: &Response| understood(response, |answer| Some(restrictions_json(answer)));
            Ok(Work::Json(session.ask(Method::Get, restrictions_path(of_player), read)))
        }
        operation::LOGIN_RESULT => Ok(Work::Done(match session.details() {
            details @ Json::Object(_) => json(&login_result_json(&details))?,
            _ => Answer::Nothing,
        })),
        _ => {
            let change = change(operation, arguments)?;
            Ok(Work::Json(Box::pin(async move {
                let changed = session.change(change).await?;
                Ok(Object::new()
                    .flag("changed", changed.changed)
                    .maybe_text("code", changed.code.as_ref().map(|code| code.as_str()))
                    .flag("playerChanged", changed.player_changed)
                    .json("player", changed.player.to_json())
                    .take())
            })))
        }
    }
}

fn change(operation: u32, arguments: &Arguments<'_>) -> Result<Change> {
    let identity = |platform, id| match (arguments.str(platform), arguments.str(id)) {
        (None, None) => Ok(None),
        (Some(platform), Some(id)) => Ok(Some((platform, id))),
        _ => Err(Error::misuse("platform and platform user id belong together; give both or neither")),
    };
    let mut change = Change::new(match operation {
        operation::LINK => LINK_PATH,
        operation::UNLINK => UNLINK_PATH,
        operation::ENABLE_CROSS_PROGRESSION => ENABLE_PATH,
        operation::DISABLE_CROSS_PROGRESSION => DISABLE_PATH,
        _ => return Err(unknown_operation()),
    });
    if operation == operation::LINK {
        let by_platform = identity("leaderPlatform", "leaderPlatformUserId")?;
        match (arguments.str("leaderAccessToken"), arguments.str("leaderPersonId"), by_platform) {
            (Some(token), ..) => change.lead_by_token(token)?,
            (_, Some(id), _) => change.lead_by_person(id),
            (.., Some((platform, id))) => change.lead_by_platform(platform, id)?,
            _ => return Err(Error::misuse("linking needs a leader: pass `leaderAccessToken`")),
        }
        if let Some((platform, id)) = identity("followerPlatform", "followerPlatformUserId")? {
            change.follower(platform, id)?;
        }
        return Ok(change);
    }
    let person = if operation == operation::DISABLE_CROSS_PROGRESSION { arguments.str("personId") } else { None };
    match (person, identity("platform", "platformUserId")?) {
        (Some(id), _) => change.of_person(id),
        (None, Some((platform, id))) => change.of_platform(platform, id)?,
        (None, None) => {}
    }
    Ok(change)
}
