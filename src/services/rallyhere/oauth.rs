//! The web sign-in: an address to open as a page of its own, what the service appends when it sends the browser back,
//! and swapping the code for a session.

use super::login::ask;
use super::wire;
use super::{Code, Credential, RallyHere, RallyHereSession};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Boxed, Host};
use crate::http::{Method, concat, encode_pairs, query_value};
use crate::json::Object;
use crate::services::{self, Agreements};

/// The platforms of the web sign-in. Spelled differently from the platforms of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OauthPortal {
    /// Google
    Google,
    /// Apple
    Apple,
    /// Epic Games
    Epic,
    /// Xbox
    Xbox,
    /// PlayStation Network
    Psn,
    /// Nintendo
    Nintendo,
    /// Steam
    Steam,
    /// Amazon
    Amazon,
    /// Twitch
    Twitch,
}

impl OauthPortal {
    /// Every portal.
    pub const ALL: [Self; 9] = [
        Self::Google,
        Self::Apple,
        Self::Epic,
        Self::Xbox,
        Self::Psn,
        Self::Nintendo,
        Self::Steam,
        Self::Amazon,
        Self::Twitch,
    ];

    /// As in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Apple => "apple",
            Self::Epic => "epic",
            Self::Xbox => "xbox",
            Self::Psn => "psn",
            Self::Nintendo => "nintendo",
            Self::Steam => "steam",
            Self::Amazon => "amazon",
            Self::Twitch => "twitch",
        }
    }
}

/// A web sign-in to begin.
#[derive(Clone, Copy, Debug)]
pub struct OauthLogin<'a> {
    /// Where the player signs in.
    pub portal: OauthPortal,
    /// One of the addresses configured at RallyHere; the first of them when `None`.
    pub redirect_uri: Option<&'a str>,
    /// Returned unchanged, at most 4 096 characters: an unguessable text kept by the page, to be compared on return.
    pub state: Option<&'a str>,
}

/// What completing a web sign-in came to.
#[derive(Debug)]
pub enum CompletedOauth<H: Host> {
    /// Signed in.
    SignedIn(RallyHereSession<H>),
    /// The player must accept these first; then complete with the retry.
    NeedsAgreements(Agreements, OauthRetry),
}

/// A second try after the agreements: a fresh code from the service.
#[derive(Clone, Debug)]
pub struct OauthRetry(Secret);

impl OauthRetry {
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_code(code: Secret) -> Self {
        Self(code)
    }
}

impl<H: Host> RallyHere<H> {
    /// The address to open as a page of its own (never to be fetched).
    ///
    /// # Errors
    /// `misuse` when `state` is longer than 4 096 characters.
    pub fn oauth_login_url(&self, login: OauthLogin<'_>) -> Result<String> {
        if login.state.is_some_and(|state| state.chars().count() > 4096) {
            return Err(Error::misuse(
                "`state` is longer than 4096 characters; keep the data here and send a short id",
            ));
        }
        let mut pairs = Vec::new();
        pairs.extend(login.state.map(|state| ("state", state)));
        pairs.extend(login.redirect_uri.map(|uri| ("redirect_uri", uri)));
        let mut url = concat(self.config.base(), "/users/v1/oauth/login/");
        url.push_str(login.portal.as_str());
        if !pairs.is_empty() {
            url.push('?');
            url.push_str(&encode_pairs(&pairs));
        }
        Ok(url)
    }

    /// Takes the code out of the address the browser came back to, and checks `state` against the one sent. Remove the
    /// query from the address bar before anything else.
    ///
    /// # Errors
    /// What the service put into the address, typed as a login's error; `misuse` when there is no code or `state`
    /// differs.
    pub fn oauth_code(&self, callback_url: &str, state: Option<&str>) -> Result<Secret> {
        let error = query_value(callback_url, "error_code_v2").or_else(|| query_value(callback_url, "error_code"));
        let returned = query_value(callback_url, "state");
        // A service that lost the state (`failed_to_verify_state`) cannot send it back with its error.
        let lost = returned.is_none() && error.is_some();
        if state.is_some() && returned.as_deref() != state && !lost {
            return Err(Error::misuse("`state` is not the one this sign-in began with; start the web sign-in again"));
        }
        if let Some(text) = error {
            // The deprecated codes are the same words in upper case.
            let code = match Code::parse(&text.to_ascii_lowercase()) {
                Code::Other(_) => Code::parse(&text),
                known => known,
            };
            let class = code.classification().unwrap_or_else(|| wire::guess_by_name(&text.to_ascii_lowercase()));
            return Err(Error::new(class.kind(), "the web sign-in did not finish; see the code").with_code(code));
        }
        match query_value(callback_url, "code").filter(|code| !code.is_empty()) {
            Some(code) => Ok(Secret::new(code)),
            None => {
                Err(Error::misuse("the address has neither a code nor an error; pass the one the browser came back to"))
            }
        }
    }

    /// Swaps the code for a session. `accept`: what the player has accepted now.
    ///
    /// # Errors
    /// `platform-ticket` when the code was used or has expired; `restricted`; those of a login.
    pub async fn complete_oauth(&self, code: &Secret, accept: Agreements) -> Result<CompletedOauth<H>> {
        self.exchange(code, accept).await
    }

    fn exchange<'a>(&'a self, code: &'a Secret, accept: Agreements) -> Boxed<'a, Result<CompletedOauth<H>>> {
        Box::pin(self.exchange_code(code, accept))
    }

    async fn exchange_code(&self, code: &Secret, accept: Agreements) -> Result<CompletedOauth<H>> {
        if code.is_empty() {
            return Err(Error::misuse("the authorization code is empty"));
        }
        let body = Object::new()
            .text("grant_type", "authorization_code")
            .text("code", code.expose())
            .set("accepted_eula", accept.eula)
            .set("accepted_tos", accept.terms_of_service)
            .set("accepted_privacy_policy", accept.privacy_policy)
            .body();
        let request = self.config.client_request(Method::Post, "/users/v1/oauth/token").json(body);
        let (answer, response) = ask(&*self.host, request).await?;
        let needs = wire::agreements(&answer);
        if let (Some(_), Some(refresh_token)) = (answer.secret("access_token"), answer.secret("refresh_token")) {
            // This answer tells neither the lifetime nor the player: one refresh does.
            return Ok(CompletedOauth::SignedIn(self.sign_in(Credential::refresh(refresh_token).body()).await?));
        }
        if let Some(code) = answer.secret("regenerated_code").filter(|_| needs.any()) {
            return Ok(CompletedOauth::NeedsAgreements(needs, OauthRetry(code)));
        }
        let restrictions = wire::restrictions(&answer);
        if !restrictions.is_empty() {
            return Err(Error::new(
                ErrorKind::Restricted,
                "the account is restricted; show the restriction and when it ends",
            )
            .with_status(response.status)
            .with_restrictions(restrictions));
        }
        Err(services::not_understood(&response))
    }

    /// Completes after the player has accepted the agreements.
    ///
    /// # Errors
    /// As [`complete_oauth`](Self::complete_oauth).
    pub async fn retry_oauth(&self, retry: &OauthRetry, accept: Agreements) -> Result<CompletedOauth<H>> {
        self.exchange(&retry.0, accept).await
    }
}
