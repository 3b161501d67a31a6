//! `POST /oauth2/token` for players (code and refresh), `GET /oauth2/logout`, and how a token becomes a player.

use super::wire;
use super::{Config, Xsolla, XsollaSession};
use crate::Secret;
use crate::claims::Claims;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::http::{Method, Request, Response, encode_pairs, query_value};
use crate::json::Json;
use crate::services::codes::Classification;
use crate::services::{self, Granted, Player, read_object};

impl<H: Host> Xsolla<H> {
    /// Takes the authorization code out of the address the browser came back to, and checks `state` against the one
    /// sent. Remove the query from the address bar before anything else.
    ///
    /// # Errors
    /// What the service put into the address, typed; `misuse` when there is no code or `state` differs.
    pub fn oauth_code(&self, callback_url: &str, state: Option<&str>) -> Result<Secret> {
        let error = query_value(callback_url, "error_code").or_else(|| query_value(callback_url, "error"));
        let returned = query_value(callback_url, "state");
        // An error may come to the error callback without the state (xsolla.md §4).
        let lost = returned.is_none() && error.is_some();
        if state.is_some() && returned.as_deref() != state && !lost {
            return Err(Error::misuse("`state` is not the one this sign-in began with; start the web sign-in again"));
        }
        if let Some(text) = error {
            let code = super::Code::parse(&text);
            let kind = code.classification().map_or(ErrorKind::Service, Classification::kind);
            return Err(Error::new(kind, "the web sign-in did not finish; see the code").with_code(code));
        }
        match query_value(callback_url, "code").filter(|code| !code.is_empty()) {
            Some(code) => Ok(Secret::new(code)),
            None => {
                Err(Error::misuse("the address has neither a code nor an error; pass the one the browser came back to"))
            }
        }
    }

    /// Swaps an authorization code for a session.
    ///
    /// # Errors
    /// `session-over` when the code was used, has expired or belongs to another client or redirect URI: begin again.
    pub async fn complete_oauth(&self, code: &Secret) -> Result<XsollaSession<H>> {
        let sent = (self.host.now(), self.host.monotonic());
        let request = token_request(&self.config, &[("grant_type", "authorization_code"), ("code", code.expose())]);
        let granted = granted(&services::send(&*self.host, request).await?, sent.0, None)?;
        Ok(self.open(granted, sent).await)
    }
}

/// Refreshes. The tokens are what counts: when the new one is not readable, the player stays who they were.
pub(crate) async fn refresh<H: Host>(
    config: &Config,
    host: &H,
    refresh_token: &Secret,
    before: &Player,
) -> Result<Granted> {
    let now = host.now();
    let request = token_request(config, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())]);
    granted(&services::send(host, request).await?, now, Some(before))
}

/// Ends the session at the service: all its access and refresh tokens.
pub(crate) async fn logout<H: Host>(config: &Config, host: &H, access_token: &Secret) -> Result<bool> {
    if access_token.is_empty() {
        return Ok(false);
    }
    let request = config.request(Method::Get, "/oauth2/logout?sessions=all").bearer(access_token);
    Ok(services::send(host, request).await?.is_success())
}

fn token_request(config: &Config, pairs: &[(&str, &str)]) -> Request {
    let mut form = encode_pairs(pairs);
    for (name, value) in [("client_id", &config.oauth_client_id), ("redirect_uri", &config.redirect_uri)] {
        if !value.is_empty() {
            form.push('&');
            form.push_str(&encode_pairs(&[(name, value)]));
        }
    }
    let mut request = config.request(Method::Post, "/oauth2/token");
    request.body = Some(form.into_bytes());
    request.header("content-type", "application/x-www-form-urlencoded")
}

/// Reads a token answer.
pub(super) fn granted(response: &Response, now_ms: u64, before: Option<&Player>) -> Result<Granted> {
    if !response.is_success() {
        return Err(wire::error(response, now_ms));
    }
    let answer = read_object(response)?;
    let Some(access_token) = bearer(&answer) else { return Err(services::not_understood(response)) };
    let mut granted = match (from_jwt(access_token.clone(), now_ms), before) {
        (Ok(granted), _) => granted,
        (Err(_), Some(player)) => Granted {
            access_token,
            refresh_token: None,
            expires_in_ms: None,
            refresh_expires_in_ms: None,
            player: player.clone(),
            details: Json::Null,
        },
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

/// The player a user JWT describes. `sub` is the identity; names are for display.
pub(super) fn from_jwt(token: Secret, now_ms: u64) -> Result<Granted> {
    let claims = Claims::read(&token)?;
    let expires_in_ms = claims.expires_in_ms(now_ms);
    let Some(sub) = claims.sub.filter(|sub| !sub.is_empty()) else {
        return Err(Error::protocol("the token names no user (`sub`)"));
    };
    // For Steam the id is a URL that ends in the id.
    let platform_user_id = claims.id.and_then(|id| id.rsplit('/').next().map(str::to_owned));
    Ok(Granted {
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
    })
}
