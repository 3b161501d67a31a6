//! Every sign-in but the one by password: one request, and what its answer comes to. A token, a code to be swapped, or
//! the wish for something else first (xsolla.md §6.4 to §6.6, §6.10).

use super::protocol::Protocol;
use super::token::{Returned, code_request, from_jwt, granted, handed_over, returned};
use super::{Config, UserToken, Xsolla, XsollaSession, wire};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::{Boxed, Host};
use crate::http::{Method, Request, Response, encode_pairs};
use crate::json::Need::{Needed, Text};
use crate::json::{Field, Json};
use crate::services::{Granted, not_understood, read_object, send_to};

/// The page that asks the player for what the platform did not tell.
const ASK_PAGE: &str = "https://login-widget.xsolla.com/latest/ask";

/// What a sign-in came to.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignIn<H: Host> {
    /// Signed in.
    SignedIn(XsollaSession<H>),
    /// The player must tell something first. Open the page; it ends at the callback URL, which
    /// [`complete_redirect`](Xsolla::complete_redirect) takes.
    NeedsUserData(NeedsUserData),
    /// The account was made, and must be confirmed by the e-mail that was sent. Then sign in.
    NeedsEmailConfirmation,
}

impl<H: Host> SignIn<H> {
    /// The session, unless something else comes first.
    pub fn session(self) -> Option<XsollaSession<H>> {
        match self {
            Self::SignedIn(session) => Some(session),
            _ => None,
        }
    }
}

/// What the player must tell before the sign-in goes on.
#[derive(Clone, Debug)]
pub struct NeedsUserData {
    /// The page to open in a browser. Do not log it: it continues this sign-in.
    pub url: Secret,
    /// What is asked there; empty when the service does not say.
    pub fields: Vec<AskedField>,
    /// With OAuth 2.0: the `state` to complete the sign-in with.
    pub state: Option<Secret>,
}

/// Something the player is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedField {
    /// E.g. `email`, `phone_number`, `country-name`, `gdpr_consent`, `bday`, `promo_email_agreement`.
    pub name: String,
    /// Whether there is no going on without it.
    pub required: bool,
    /// The kind of input, as the service names it.
    pub kind: Option<String>,
    /// What to offer as the answer.
    pub default_value: Option<String>,
    /// The pattern of a valid answer.
    pub validation: Option<String>,
    /// How the answer is confirmed: `code` or `link`.
    pub confirmation: Option<String>,
    /// On which step of the form it stands.
    pub step: Option<u64>,
}

impl AskedField {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            name: json.filled("name")?,
            required: json.flag("required").unwrap_or(false),
            kind: json.text("type"),
            default_value: json.loose("default_value"),
            validation: json.text("validation"),
            confirmation: json.text("confirmation_type"),
            step: json.count("step"),
        })
    }
}

/// [`AskedField`] for JavaScript.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn asked_json(json: &Json) -> Option<Json> {
    const FIELDS: [Field; 4] = [
        ("name", "name", Needed),
        ("type", "kind", Text),
        ("validation", "validation", Text),
        ("confirmation_type", "confirmation", Text),
    ];
    let mut field = json.renamed(&FIELDS)?;
    field
        .flag("required", json.flag("required").unwrap_or(false))
        .maybe_text("defaultValue", json.loose("default_value").as_deref())
        .maybe_number("step", json.count("step"));
    Some(field.take())
}

/// A sign-in's request, without what its protocol adds.
#[derive(Default)]
pub(crate) struct Attempt {
    /// Without `/oauth2`.
    pub(super) path: String,
    /// Percent-encoded pairs, each with an `&` before it.
    pub(super) query: String,
    /// `None`: the request is a GET.
    pub(super) body: Option<Vec<u8>>,
    pub(super) may_redirect: bool,
    pub(super) may_confirm: bool,
    pub(crate) is_oauth: bool,
}

impl Attempt {
    /// One more field of the query; nothing when there is no value.
    #[inline(never)]
    pub(crate) fn ask(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.query.push('&');
            self.query.push_str(&encode_pairs(&[(name, value)]));
        }
    }

    pub(super) fn with(mut self: Box<Self>, protocol: Protocol) -> Box<Self> {
        match protocol {
            Protocol::Jwt(jwt) => {
                self.ask("login_url", jwt.login_url.as_deref());
                self.ask("fields", Some(jwt.fields.as_str()).filter(|fields| !fields.is_empty()));
                self.ask("payload", jwt.payload.as_deref());
                self.ask("with_logout", jwt.log_out_others.then_some("1"));
            }
            Protocol::Oauth(oauth) => {
                self.is_oauth = true;
                self.ask("scope", Some(&oauth.scopes));
                self.ask("audience", oauth.audience.as_deref());
            }
        }
        self
    }
}

/// How to become a session.
pub(crate) enum Way {
    /// By a token at hand, and whether the session is stored.
    Token(UserToken, bool),
    /// By asking.
    Ask(Box<Entry>),
}

/// A request that leads to tokens.
pub(crate) struct Entry {
    request: Box<Request>,
    /// Whether the answer is that of the token endpoint, and not one that is an address.
    is_token_call: bool,
    state: Option<Secret>,
    may_redirect: bool,
    may_confirm: bool,
}

impl Entry {
    /// A request whose answer has the tokens.
    pub(super) fn tokens(request: Box<Request>) -> Box<Self> {
        Box::new(Self { request, is_token_call: true, state: None, may_redirect: false, may_confirm: false })
    }
}

/// What a sign-in came to, before there is a session of it.
pub(super) enum Came {
    /// With both clocks of the request that brought the tokens.
    Granted(Box<Granted>, (u64, u64)),
    Asked(Asked),
    Unconfirmed,
}

/// What comes first, as the service says it.
pub(crate) struct Asked {
    pub(crate) url: Secret,
    pub(crate) fields: Json,
    pub(crate) state: Option<Secret>,
}

/// What a way came to.
pub(crate) enum Entered<H: Host> {
    Session(XsollaSession<H>),
    Asked(Asked),
    Unconfirmed,
}

impl<H: Host> Xsolla<H> {
    pub(super) async fn sign_in(&self, attempt: Result<Box<Attempt>>, protocol: Protocol) -> Result<SignIn<H>> {
        let way = attempt.and_then(|attempt| self.way(attempt.with(protocol)));
        Ok(match self.enter(way).await? {
            Entered::Session(session) => SignIn::SignedIn(session),
            Entered::Asked(asked) => SignIn::NeedsUserData(NeedsUserData {
                fields: asked.fields.items().iter().filter_map(AskedField::from_json).collect(),
                url: asked.url,
                state: asked.state,
            }),
            Entered::Unconfirmed => SignIn::NeedsEmailConfirmation,
        })
    }

    pub(crate) fn way(&self, attempt: Box<Attempt>) -> Result<Way> {
        entry(&self.config, &*self.host, attempt).map(Way::Ask)
    }

    /// Signs in and makes the session. One future for all ways in.
    pub(crate) fn enter(&self, way: Result<Way>) -> Boxed<'_, Result<Entered<H>>> {
        Box::pin(async move {
            let (granted, sent, is_stored) = match way? {
                Way::Token(token, is_stored) => {
                    let sent = (self.host.now(), self.host.monotonic());
                    (handed_over(token, sent.0)?, sent, is_stored)
                }
                Way::Ask(entry) => match come(&self.config, &*self.host, entry).await? {
                    Came::Granted(granted, sent) => (granted, sent, true),
                    Came::Asked(asked) => return Ok(Entered::Asked(asked)),
                    Came::Unconfirmed => return Ok(Entered::Unconfirmed),
                },
            };
            Ok(Entered::Session(self.open(granted, sent, is_stored).await))
        })
    }

    /// The same for a way that ends in a session or an error.
    pub(super) async fn enter_session(&self, way: Result<Way>) -> Result<XsollaSession<H>> {
        match self.enter(way).await? {
            Entered::Session(session) => Ok(session),
            _ => Err(Error::protocol("the service's answer is not one of this call")),
        }
    }
}

/// The request of an attempt, with what its protocol adds.
#[allow(clippy::boxed_local, reason = "moving it is more code")]
pub(super) fn entry<H: Host>(config: &Config, host: &H, mut attempt: Box<Attempt>) -> Result<Box<Entry>> {
    let state = if attempt.is_oauth {
        let state = new_state(host)?;
        attempt.ask("client_id", Some(config.oauth_client()?));
        attempt.ask("response_type", Some("code"));
        attempt.ask("state", Some(state.expose()));
        attempt.ask("redirect_uri", Some(config.redirect_uri.as_str()).filter(|uri| !uri.is_empty()));
        Some(state)
    } else {
        attempt.ask("projectId", Some(&config.project_id));
        None
    };
    let prefix = if attempt.is_oauth { "/oauth2" } else { "" };
    let query = attempt.query.get(1..).unwrap_or_default();
    let path = crate::text::concat(&[prefix, &attempt.path, "?", query]);
    let request = match attempt.body {
        Some(body) => config.request(Method::Post, &path).json(body),
        None => config.request(Method::Get, &path),
    };
    let (may_redirect, may_confirm) = (attempt.may_redirect, attempt.may_confirm);
    Ok(Box::new(Entry { request, is_token_call: false, state, may_redirect, may_confirm }))
}

/// Sends it, once: a ticket that may have been shown is spent. A code that comes back is swapped.
pub(super) fn come<'a, H: Host>(config: &'a Config, host: &'a H, entry: Box<Entry>) -> Boxed<'a, Result<Came>> {
    Box::pin(async move {
        let Entry { mut request, mut is_token_call, state, mut may_redirect, may_confirm } = *entry;
        loop {
            let sent = (host.now(), host.monotonic());
            let response = send_to(host, request, may_redirect).await?;
            if is_token_call {
                return Ok(Came::Granted(granted(&response, sent.0, None)?, sent));
            }
            if may_confirm && response.status == 204 {
                return Ok(Came::Unconfirmed);
            }
            match arrival(&response, state.as_ref(), host.now())? {
                // Issued just now, so that it lives as long as it says itself, whatever the clock says here.
                Arrival::Token(token) => return Ok(Came::Granted(from_jwt(token, 0)?, sent)),
                Arrival::Ask(url, fields) => return Ok(Came::Asked(Asked { url, fields, state })),
                Arrival::Code(code) => request = code_request(config, &code)?,
            }
            (is_token_call, may_redirect) = (true, false);
        }
    })
}

/// 32 characters that nobody can guess; Xsolla wants at least 8.
fn new_state<H: Host>(host: &H) -> Result<Secret> {
    let mut bytes = [0; 16];
    host.random(&mut bytes)
        .map_err(|_| Error::configuration("this platform has no secure random numbers, which OAuth 2.0 needs"))?;
    Ok(super::ticket::hex(&bytes).into())
}

/// What an answer holds.
enum Arrival {
    Token(Secret),
    Code(Secret),
    Ask(Secret, Json),
}

fn arrival(response: &Response, state: Option<&Secret>, now_ms: u64) -> Result<Arrival> {
    let (url, fields) = match (response.status, response.header("location")) {
        (300..=399, Some(url)) => (url.to_owned(), Json::Null),
        _ if !response.is_success() => return Err(wire::error(response, now_ms)),
        _ => {
            let answer = read_object(response)?;
            if let Some(token) = answer.secret("token") {
                return Ok(Arrival::Token(token));
            }
            (answer.text("login_url").unwrap_or_default(), answer.get("ask_fields").clone())
        }
    };
    let asks = url.starts_with(ASK_PAGE) || fields.items().iter().any(|field| field.filled("name").is_some());
    if asks && !url.is_empty() {
        return Ok(Arrival::Ask(url.into(), fields));
    }
    match returned(&url, state.map(Secret::expose)) {
        Some(Ok(Returned { is_token: true, text })) => Ok(Arrival::Token(text)),
        Some(Ok(Returned { is_token: false, text })) => Ok(Arrival::Code(text)),
        // What the service put there has a code; without one it is not the answer to what was asked.
        Some(Err(error)) if error.code().is_some() => Err(error),
        Some(Err(_)) => Err(Error::protocol("the service answered with another `state` than it was sent")),
        None => Err(not_understood(response)),
    }
}
