//! Xsolla's calls, and those of its sessions.

use std::sync::Arc;

use super::arguments::{Arguments, needed, reading};
use super::session::{accounts_json, open};
use super::{Answer, Started, Target, Work, fresh_credential, json, operation, unknown_operation};
use crate::error::{Error, Result};
use crate::host::web::WebHost;
use crate::host::{Boxed, Host};
use crate::http::{Method, Response};
use crate::json::{Json, Object};
use crate::session::Session;
use crate::xsolla::arrival::{Attempt, Entered, Way, asked_json};
use crate::xsolla::launcher::handed_over;
use crate::xsolla::linking::{CODE_PATH, code_json};
use crate::xsolla::profile::{PROFILE_PATH, profile_json};
use crate::xsolla::social::{LINKS_PATH, links_json, network_path, url};
use crate::xsolla::{Config, DeviceKind, LAUNCHER_ARGUMENT, Ticket, Xsolla, XsollaSession, redirect, silent};

/// The client for Xsolla Login.
pub(super) struct Client(Xsolla<WebHost>);

impl Target for Client {
    fn start(&self, operation: u32, arguments: &Arguments<'_>) -> Started {
        if let Some(work) = self.kept(operation, arguments)? {
            return Ok(Work::Later(work));
        }
        let way = match operation {
            operation::SESSION_FROM_LAUNCHER => {
                let name = arguments.str("name").unwrap_or(LAUNCHER_ARGUMENT);
                match handed_over(arguments.texts("arguments").into_iter().map(str::to_owned), name) {
                    Some(token) => Way::Token(token, false),
                    None => return Ok(Work::Done(Answer::Nothing)),
                }
            }
            _ => self.way(operation, arguments)?,
        };
        let client = self.0.clone();
        Ok(Work::Later(Box::pin(async move {
            let mut view = Object::new();
            match client.enter(Ok(way)).await? {
                Entered::Session(session) => return Ok(open(session.session())),
                Entered::Unconfirmed => view.text("outcome", "needs-email-confirmation"),
                Entered::Asked(asked) => view
                    .text("outcome", "needs-user-data")
                    .text("url", asked.url.expose())
                    .json("fields", Json::List(Json::list_of(asked.fields.items(), asked_json)))
                    .maybe_text("state", asked.state.as_ref().map(crate::Secret::expose)),
            };
            json(&view.take())
        })))
    }
}

impl Client {
    /// The calls about what is kept in the store.
    fn kept(&self, operation: u32, arguments: &Arguments<'_>) -> Result<Option<Boxed<'static, Result<Answer>>>> {
        let client = self.0.clone();
        Ok(Some(match operation {
            operation::RESTORE => {
                let account = arguments.text("account");
                Box::pin(
                    async move { Ok(client.stored(account.as_deref()).await.as_ref().map_or(Answer::Nothing, open)) },
                )
            }
            operation::ACCOUNTS => Box::pin(async move { json(&accounts_json(&client.accounts().await)) }),
            operation::BEGIN_OAUTH => {
                let page = arguments.text("page");
                Box::pin(async move { json(&client.begin_oauth(page.as_deref()).await?.to_json()) })
            }
            operation::COMPLETE_REDIRECT => match (arguments.str("url"), arguments.str("state")) {
                (Some(url), None) if redirect::is_oauth(url) => {
                    arguments.check()?;
                    let completed = client.come_back(url)?;
                    Box::pin(async move { Ok(open(&completed.await?)) })
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    fn way(&self, operation: u32, arguments: &Arguments<'_>) -> Result<Way> {
        let text = |name| arguments.or_empty(name);
        let attempt = match operation {
            operation::LOGIN => return self.0.password_way(text("username"), text("password")),
            operation::COMPLETE_REDIRECT => {
                return match (arguments.str("url"), arguments.secret("code")) {
                    (Some(url), _) => self.0.redirect_way(url, arguments.str("state")),
                    (None, Some(code)) => self.0.code_way(&code),
                    _ => Err(Error::misuse("pass the `url` the browser came back to, or a `code`")),
                };
            }
            operation::SESSION_FROM_TOKEN => {
                return Ok(Way::Token(needed(arguments.str("token"), "pass the `token`")?.into(), false));
            }
            operation::SILENT_LOGIN => silent_attempt(arguments)?,
            operation::PASSWORD_LOGIN => Attempt::password(text("username"), text("password"))?,
            operation::REGISTER => {
                let consents = (arguments.flag("acceptConsent"), arguments.flag("promoEmails"));
                Attempt::register(text("username"), text("password"), text("email"), consents)?
            }
            operation::DEVICE_LOGIN => {
                let kind = match text("device") {
                    "android" => DeviceKind::Android,
                    "ios" => DeviceKind::Ios,
                    _ => return Err(Error::misuse("which kind of device? pass `device`: \"android\" or \"ios\"")),
                };
                Attempt::device(kind, text("model"), text("deviceId"))?
            }
            operation::SOCIAL_TOKEN_LOGIN => {
                let token = (text("accessToken"), arguments.str("accessTokenSecret"), arguments.str("openid"));
                Attempt::social(text("network"), token)?
            }
            _ => return Err(unknown_operation()),
        };
        self.0.way(with_protocol(attempt, arguments, self.0.has_oauth(), operation == operation::DEVICE_LOGIN)?)
    }
}

/// OAuth 2.0 where the client has it, unless the caller says otherwise.
fn with_protocol(
    mut attempt: Box<Attempt>,
    arguments: &Arguments<'_>,
    has_oauth: bool,
    must_be_oauth: bool,
) -> Result<Box<Attempt>> {
    attempt.is_oauth = match arguments.str("protocol") {
        None => must_be_oauth || has_oauth,
        Some("oauth") => true,
        Some("jwt") if !must_be_oauth => false,
        _ => return Err(Error::misuse("no such protocol here; write \"oauth\", or \"jwt\" where there is one")),
    };
    if attempt.is_oauth {
        attempt.ask("scope", Some(&joined("offline", ' ', &arguments.texts("scopes"))));
        attempt.ask("audience", arguments.str("audience"));
    } else {
        attempt.ask("login_url", arguments.str("loginUrl"));
        let fields = joined("", ',', &arguments.texts("fields"));
        attempt.ask("fields", Some(fields.as_str()).filter(|fields| !fields.is_empty()));
        attempt.ask("payload", arguments.str("payload"));
        attempt.ask("with_logout", arguments.flag("logOutOthers").filter(|yes| *yes).map(|_| "1"));
    }
    Ok(attempt)
}

fn joined(first: &str, separator: char, texts: &[&str]) -> String {
    let mut all = first.to_owned();
    for text in texts {
        if !all.is_empty() {
            all.push(separator);
        }
        all.push_str(text);
    }
    all
}

/// The ticket is encoded by the skin, which has the bytes.
fn silent_attempt(arguments: &Arguments<'_>) -> Result<Box<Attempt>> {
    let text = |name| arguments.or_empty(name);
    let mut platform = text("platform");
    let ticket = match platform {
        "xbox" => Some(Ticket::xbox(text("xid"), text("userHash"), &text("xstsToken").into())?),
        "epicgames" => Some(Ticket::base64(text("exchangeCode").as_bytes())),
        _ => arguments.str("ticket").map(Ticket::verbatim),
    };
    if platform == "raw" {
        platform = text("platformName");
    }
    let proof = (ticket.as_ref().map(Ticket::text), arguments.str("code"));
    let mut attempt = silent::attempt(platform, arguments.loose("appId").as_deref(), proof, false)?;
    attempt.ask("no_user_creation", arguments.flag("existingOnly").filter(|yes| *yes).map(|_| "true"));
    attempt.ask("deployment_id", arguments.str("deploymentId"));
    Ok(attempt)
}

/// The calls that only a session of Xsolla has.
pub(super) fn session_call(session: Session<WebHost>, operation: u32, arguments: &Arguments<'_>) -> Started {
    let network = || arguments.or_empty("network");
    let path;
    let (method, path, read): (_, _, fn(&Response) -> Result<Json>) = match operation {
        operation::CREATE_LINKING_CODE => (Method::Post, CODE_PATH, code_json),
        operation::PROFILE => (Method::Get, PROFILE_PATH, profile_json),
        operation::SOCIAL_LINKS => (Method::Get, LINKS_PATH, links_json),
        operation::SOCIAL_LINK_URL => {
            path = network_path(network(), Some(arguments.str("loginUrl")))?;
            (Method::Get, path.as_str(), |response| url(response).map(Json::Text))
        }
        operation::REMOVE_SOCIAL_LINK => {
            path = network_path(network(), None)?;
            (Method::Delete, path.as_str(), |_| Ok(Json::Null))
        }
        _ => return Err(unknown_operation()),
    };
    let path = path.to_owned();
    let asked_at = (method == Method::Post).then(|| session.host().now());
    let session = XsollaSession::from_session(session);
    Ok(Work::Later(Box::pin(async move {
        match (session.ask(method, &path, read).await?, asked_at) {
            // A linking code says when it was asked for.
            (Json::Object(mut members), Some(at)) => {
                members.push(("requestedAtMs".to_owned(), Json::Number(crate::http::digits(at))));
                json(&Json::Object(members))
            }
            (Json::Null, _) => Ok(Answer::Nothing),
            (answer, _) => json(&answer),
        }
    })))
}

pub(super) fn client(options: &Arguments<'_>, host: WebHost) -> Result<Client> {
    let mut config = Config::project(options.or_empty("projectId"));
    if let Some(oauth) = options.object("oauth") {
        // A number in the vendor's console; both forms are natural to write.
        let client_id = oauth.loose("clientId").unwrap_or_default();
        config = config.oauth(client_id, oauth.or_empty("redirectUri"));
    }
    if let Some(url) = options.str("baseUrl") {
        config = config.base_url(url);
    }
    if let Some(ms) = options.ms("deadlineMs") {
        config.timeout_ms = ms;
    }
    let page = host.page();
    let mut client = Xsolla::new(config, host)?;
    if options.flag("hasTickets") == Some(true) {
        let has_oauth = client.has_oauth();
        client = client.renew_with(Arc::new(move || {
            Box::pin(async move {
                let credential = fresh_credential(page).await?;
                reading(&credential, |arguments| with_protocol(silent_attempt(arguments)?, arguments, has_oauth, false))
            })
        }));
    }
    Ok(Client(client))
}
