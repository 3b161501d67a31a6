//! Every sign-in but the one by password: one request, and what its answer comes to. A token, a code to be swapped, or
//! the wish for something else first (xsolla.md §6.4 to §6.6, §6.10).

use super::protocol::Protocol;
use super::token::{exchange, from_jwt, returned};
use super::{Config, Xsolla, XsollaSession, wire};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::{Boxed, Host};
use crate::http::{Method, Response, encode_pairs};
use crate::json::Json;
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

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn to_json(&self) -> Json {
        crate::json::Object::new()
            .text("name", &self.name)
            .flag("required", self.required)
            .maybe_text("kind", self.kind.as_deref())
            .maybe_text("defaultValue", self.default_value.as_deref())
            .maybe_text("validation", self.validation.as_deref())
            .maybe_text("confirmation", self.confirmation.as_deref())
            .maybe_number("step", self.step)
            .take()
    }
}

/// A sign-in's request, without what its protocol adds.
#[derive(Default)]
pub(crate) struct Attempt {
    /// Without `/oauth2`.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    /// `None`: the request is a GET.
    pub(super) body: Option<Vec<u8>>,
    pub(super) may_redirect: bool,
    pub(super) may_confirm: bool,
}

/// What a sign-in came to, before there is a session of it.
pub(super) enum Came {
    /// With both clocks of the request that brought the tokens.
    Granted(Granted, (u64, u64)),
    Asked(NeedsUserData),
    Unconfirmed,
}

impl<H: Host> Xsolla<H> {
    pub(crate) fn attempt(&self, attempt: Attempt, protocol: Protocol) -> Boxed<'_, Result<SignIn<H>>> {
        Box::pin(async move {
            Ok(match come(&self.config, &*self.host, attempt, protocol).await? {
                Came::Granted(granted, sent) => SignIn::SignedIn(self.open(granted, sent).await),
                Came::Asked(needs) => SignIn::NeedsUserData(needs),
                Came::Unconfirmed => SignIn::NeedsEmailConfirmation,
            })
        })
    }
}

/// Sends it, once: a ticket that may have been shown is spent.
pub(super) fn come<'a, H: Host>(
    config: &'a Config,
    host: &'a H,
    attempt: Attempt,
    protocol: Protocol,
) -> Boxed<'a, Result<Came>> {
    Box::pin(async move {
        let mut query = attempt.query;
        let state = protocol_query(config, host, &protocol, &mut query)?;
        let mut path = String::from(if state.is_some() { "/oauth2" } else { "" });
        path.push_str(&attempt.path);
        path.push('?');
        let pairs: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        path.push_str(&encode_pairs(&pairs));
        let request = match attempt.body {
            Some(body) => config.request(Method::Post, &path).json(body),
            None => config.request(Method::Get, &path),
        };
        let sent = (host.now(), host.monotonic());
        let response = send_to(host, request, attempt.may_redirect).await?;
        if attempt.may_confirm && response.status == 204 {
            return Ok(Came::Unconfirmed);
        }
        match arrival(&response, state.as_ref(), host.now())? {
            // Issued just now, so that it lives as long as it says itself, whatever the clock says here.
            Arrival::Token(token) => Ok(Came::Granted(from_jwt(token, 0)?, sent)),
            Arrival::Code(code) => {
                let (granted, sent) = exchange(config, host, &code).await?;
                Ok(Came::Granted(granted, sent))
            }
            Arrival::Ask(url, fields) => Ok(Came::Asked(NeedsUserData { url, fields, state })),
        }
    })
}

/// Adds what the protocol takes; answers the `state` of OAuth 2.0.
fn protocol_query<H: Host>(
    config: &Config,
    host: &H,
    protocol: &Protocol,
    query: &mut Vec<(&'static str, String)>,
) -> Result<Option<Secret>> {
    match protocol {
        Protocol::Jwt(jwt) => {
            query.push(("projectId", config.project_id.clone()));
            query.extend(jwt.login_url.clone().map(|url| ("login_url", url)));
            query.extend(Some(&jwt.fields).filter(|fields| !fields.is_empty()).map(|f| ("fields", f.clone())));
            query.extend(jwt.payload.clone().map(|payload| ("payload", payload)));
            if jwt.log_out_others {
                query.push(("with_logout", "1".to_owned()));
            }
            Ok(None)
        }
        Protocol::Oauth(oauth) => {
            let client_id = config.oauth_client()?;
            let state = new_state(host)?;
            query.push(("client_id", client_id.to_owned()));
            query.push(("response_type", "code".to_owned()));
            query.push(("state", state.expose().to_owned()));
            query.push(("scope", oauth.scopes.clone()));
            if !config.redirect_uri.is_empty() {
                query.push(("redirect_uri", config.redirect_uri.clone()));
            }
            query.extend(oauth.audience.clone().map(|audience| ("audience", audience)));
            Ok(Some(state))
        }
    }
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
    Ask(Secret, Vec<AskedField>),
}

fn arrival(response: &Response, state: Option<&Secret>, now_ms: u64) -> Result<Arrival> {
    if let (300..=399, Some(url)) = (response.status, response.header("location")) {
        return at_url(url, Vec::new(), state).unwrap_or_else(|| Err(not_understood(response)));
    }
    if !response.is_success() {
        return Err(wire::error(response, now_ms));
    }
    let answer = read_object(response)?;
    if let Some(token) = answer.secret("token") {
        return Ok(Arrival::Token(token));
    }
    let fields = answer.get("ask_fields").items().iter().filter_map(AskedField::from_json).collect();
    let url = answer.get("login_url").as_text().unwrap_or_default();
    at_url(url, fields, state).unwrap_or_else(|| Err(not_understood(response)))
}

/// What the address that a browser would be sent to holds; `None` for nothing of use.
fn at_url(url: &str, fields: Vec<AskedField>, state: Option<&Secret>) -> Option<Result<Arrival>> {
    if url.starts_with(ASK_PAGE) || !fields.is_empty() {
        return (!url.is_empty()).then(|| Ok(Arrival::Ask(url.into(), fields)));
    }
    match returned(url, state.map(Secret::expose))? {
        Ok(returned) if returned.is_token => Some(Ok(Arrival::Token(returned.text))),
        Ok(returned) => Some(Ok(Arrival::Code(returned.text))),
        // What the service put there has a code; without one it is not the answer to what was asked.
        Err(error) if error.code().is_some() => Some(Err(error)),
        Err(_) => Some(Err(Error::protocol("the service answered with another `state` than it was sent"))),
    }
}
