//! `POST /oauth2/token` for players (code and refresh), the callback URL of a sign-in, the sign-out, and how a token
//! becomes a player.

use super::arrival::{Entry, Way};
use super::{Config, Xsolla, XsollaSession, wire};
use crate::Secret;
use crate::claims::Claims;
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::host::Host;
use crate::http::{Method, Request, Response, cut, encode_pairs, query_value};
use crate::json::Json;
use crate::services::codes::Classification;
use crate::services::{self, Granted, Player, read_object};

/// A player's token as a text that somebody else obtained. Nothing is verified.
///
/// A type of its own, so that no other token is taken for one: a server token cannot be turned into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserToken(Secret);

impl UserToken {
    /// The JWT as it was issued.
    pub fn new(jwt: impl Into<Secret>) -> Self {
        Self(jwt.into())
    }

    /// The JWT itself, to be handed on or sent as a bearer token.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl From<Secret> for UserToken {
    fn from(jwt: Secret) -> Self {
        Self(jwt)
    }
}

impl From<&str> for UserToken {
    fn from(jwt: &str) -> Self {
        Self::new(jwt)
    }
}

impl From<String> for UserToken {
    fn from(jwt: String) -> Self {
        Self::new(jwt)
    }
}

impl<H: Host> Xsolla<H> {
    /// Takes the authorization code out of the address the browser came back to, and checks `state` against the one
    /// sent. Remove the query from the address bar before anything else.
    ///
    /// # Errors
    /// What the service put into the address, typed; `misuse` when there is no code or `state` differs.
    pub fn oauth_code(&self, callback_url: &str, state: Option<&str>) -> Result<Secret> {
        match returned(callback_url, state).transpose()? {
            Some(Returned { is_token: false, text }) => Ok(text),
            _ => Err(nothing_returned()),
        }
    }

    /// Swaps an authorization code for a session.
    ///
    /// # Errors
    /// `session-over` when the code was used, has expired or belongs to another client or redirect URI: begin again.
    pub async fn complete_oauth(&self, code: &Secret) -> Result<XsollaSession<H>> {
        self.enter_session(self.code_way(code)).await
    }

    /// Finishes a sign-in with the address the browser came back to: swaps its code, or takes its token. With `state`
    /// (OAuth 2.0) an answer to anything else is refused. Remove the query from the address bar first.
    ///
    /// # Errors
    /// Those of [`oauth_code`](Self::oauth_code) and [`complete_oauth`](Self::complete_oauth).
    pub async fn complete_redirect(&self, callback_url: &str, state: Option<&str>) -> Result<XsollaSession<H>> {
        self.enter_session(self.redirect_way(callback_url, state)).await
    }

    pub(crate) fn code_way(&self, code: &Secret) -> Result<Way> {
        Ok(Way::Ask(Entry::tokens(code_request(&self.config, code)?)))
    }

    pub(crate) fn redirect_way(&self, callback_url: &str, state: Option<&str>) -> Result<Way> {
        match returned(callback_url, state).transpose()? {
            Some(Returned { is_token: false, text }) => self.code_way(&text),
            Some(Returned { is_token: true, text }) => Ok(Way::Token(UserToken(text), true)),
            None => Err(nothing_returned()),
        }
    }
}

/// The request that swaps an authorization code for tokens.
pub(super) fn code_request(config: &Config, code: &Secret) -> Result<Box<Request>> {
    config.oauth_client()?;
    Ok(token_request(config, &[("grant_type", "authorization_code"), ("code", code.expose())]))
}

/// What a token that somebody else obtained grants.
pub(super) fn handed_over(token: UserToken, now_ms: u64) -> Result<Box<Granted>> {
    let granted = from_jwt(token.0, now_ms)
        .map_err(|_| Error::misuse("that is not a user token of Xsolla Login; pass the JWT as it was issued"))?;
    if granted.expires_in_ms == Some(0) {
        return Err(Error::session_over(SessionOverReason::Expired));
    }
    Ok(granted)
}

/// What a callback URL brought.
pub(super) struct Returned {
    /// Of the JWT protocol; else an authorization code.
    pub(super) is_token: bool,
    pub(super) text: Secret,
}

/// Reads a callback URL: its error, else its code, else its token; `None` when it has none of them.
pub(super) fn returned(url: &str, state: Option<&str>) -> Option<Result<Returned>> {
    let error = query_value(url, "error_code").or_else(|| query_value(url, "error"));
    let echoed = query_value(url, "state");
    // An error may come to the error callback without the state (xsolla.md §4).
    let lost = echoed.is_none() && error.is_some();
    if state.is_some() && echoed.as_deref() != state && !lost {
        return Some(Err(Error::misuse("`state` is not the one this sign-in began with; start the web sign-in again")));
    }
    if let Some(text) = error {
        let code = super::Code::parse(&text);
        let kind = code.classification().map_or(ErrorKind::Service, Classification::kind);
        return Some(Err(Error::new(kind, "the web sign-in did not finish; see the code").with_code(code)));
    }
    for (name, is_token) in [("code", false), ("token", true)] {
        if let Some(text) = query_value(url, name).filter(|text| !text.is_empty()) {
            return Some(Ok(Returned { is_token, text: Secret::new(text) }));
        }
    }
    None
}

fn nothing_returned() -> Error {
    Error::misuse("the address has neither a code nor an error; pass the one the browser came back to")
}

/// Refreshes. The tokens are what counts: when the new one is not readable, the player stays who they were.
pub(crate) async fn refresh<H: Host>(
    config: &Config,
    host: &H,
    refresh_token: &Secret,
    before: &Player,
) -> Result<Box<Granted>> {
    let now = host.now();
    let request = token_request(config, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())]);
    granted(&*services::send(host, request).await?, now, Some(before))
}

/// Ends the session at the service: all the player's access and refresh tokens. That takes an access token which is still
/// accepted; with an expired one at least the refresh token is revoked, and with it what came of it.
pub(crate) async fn logout<H: Host>(
    config: &Config,
    host: &H,
    access_token: &Secret,
    refresh_token: Option<&Secret>,
) -> Result<bool> {
    let mut requests = Vec::new();
    if let Some(refresh_token) = refresh_token {
        requests.push(form_request(config, "/oauth2/token/revoke", &[("token", refresh_token.expose())]));
    }
    // An expired token is not worth one of the sign-out's two seconds.
    let expired = Claims::read(access_token).is_ok_and(|claims| claims.expires_in_ms(host.now()) == Some(0));
    if !access_token.is_empty() && (!expired || requests.is_empty()) {
        requests.push(config.request(Method::Get, "/oauth2/logout?sessions=all").bearer(access_token));
    }
    while let Some(request) = requests.pop() {
        let response = services::send(host, request.keepalive()).await?;
        if response.is_success() {
            return Ok(true);
        }
        if !wire::is_auth_rejected(response.status, &response.body) {
            return Ok(false);
        }
    }
    Ok(false)
}

fn token_request(config: &Config, pairs: &[(&str, &str)]) -> Box<Request> {
    let redirect_uri = Some(("redirect_uri", config.redirect_uri.as_str())).filter(|(_, uri)| !uri.is_empty());
    form_request(config, "/oauth2/token", &[pairs, redirect_uri.as_slice()].concat())
}

fn form_request(config: &Config, path: &str, pairs: &[(&str, &str)]) -> Box<Request> {
    let client = config.oauth_client_id.as_deref().map(|id| ("client_id", id));
    let form = encode_pairs(&[pairs, client.as_slice()].concat());
    let mut request = config.request(Method::Post, path);
    request.body = Some(form.into_bytes());
    request.header("content-type", "application/x-www-form-urlencoded")
}

/// Reads a token answer.
pub(super) fn granted(response: &Response, now_ms: u64, before: Option<&Player>) -> Result<Box<Granted>> {
    if !response.is_success() {
        return Err(wire::error(response, now_ms));
    }
    let answer = read_object(response)?;
    let Some(access_token) = bearer(&answer) else { return Err(services::not_understood(response)) };
    let mut granted = match (from_jwt(access_token.clone(), now_ms), before) {
        (Ok(granted), _) => granted,
        (Err(_), Some(player)) => Box::new(Granted {
            access_token,
            refresh_token: None,
            expires_in_ms: None,
            refresh_expires_in_ms: None,
            player: player.clone(),
            details: Json::Null,
        }),
        (Err(error), None) => return Err(error),
    };
    granted.refresh_token = answer.secret("refresh_token");
    granted.expires_in_ms = services::seconds_to_ms(answer.whole("expires_in")).or(granted.expires_in_ms);
    Ok(granted)
}

/// The access token of a token answer.
pub(super) fn bearer(answer: &Json) -> Option<Secret> {
    let is_bearer = answer.get("token_type").as_text().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    answer.secret("access_token").filter(|_| is_bearer)
}

/// What is behind the last slash.
fn last_part(text: &str) -> &str {
    let mut last = text;
    while let (_, Some(behind)) = cut(last, "/") {
        last = behind;
    }
    last
}

/// The player a user JWT describes. `sub` is the identity; names are for display.
pub(super) fn from_jwt(token: Secret, now_ms: u64) -> Result<Box<Granted>> {
    let claims = Claims::read(&token)?;
    let expires_in_ms = claims.expires_in_ms(now_ms);
    let Some(sub) = claims.sub.filter(|sub| !sub.is_empty()) else {
        return Err(Error::protocol("the token names no user (`sub`)"));
    };
    // For Steam the id is a URL that ends in the id.
    let platform_user_id = claims.id.map(|id| last_part(&id).to_owned());
    Ok(Box::new(Granted {
        access_token: token,
        refresh_token: None,
        expires_in_ms,
        refresh_expires_in_ms: None,
        player: Player {
            player_id: sub,
            person_id: None,
            platform: claims.provider,
            platform_user_id,
            display_name: claims.name.or(claims.username),
        },
        details: Json::Null,
    }))
}
