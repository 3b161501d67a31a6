//! The web sign-in: an address to open as a page of its own, what the service appends when it sends the browser back,
//! and swapping the code for a session.
//!
//! [`RallyHere::begin_oauth`] and [`RallyHere::complete_oauth_url`] are all that a page needs. The calls below them are for
//! programs that keep the `state` themselves.

use super::login::ask;
use super::wire;
use super::{Code, Credential, RallyHere, RallyHereSession};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::guarded::Guard;
use crate::host::{Boxed, Host};
use crate::http::{Method, concat, encode_pairs, query_value};
use crate::json::Object;
use crate::services::{self, Agreements};
use crate::session::{Session, Slots, WebSignIn, policy, sign_in};

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
    /// The code is spent, and then no answer came. Nothing is lost: complete with the retry.
    Interrupted(Error, OauthRetry),
}

/// Where a web sign-in goes on: with a fresh code from the service, or with what the code was swapped for.
#[derive(Clone, Debug)]
pub struct OauthRetry {
    token: Secret,
    is_refresh: bool,
}

impl OauthRetry {
    fn code(code: Secret) -> Self {
        Self { token: code, is_refresh: false }
    }
}

impl<H: Host> RallyHere<H> {
    /// Begins a web sign-in: open the address as a page of its own. For up to 10 minutes the player may be away; five
    /// sign-ins at once, one more ends the oldest. `redirect_uri` is one of the addresses configured at RallyHere, the
    /// first of them when `None`.
    ///
    /// # Errors
    /// `storage` when the store failed: the program would not know the player when they come back.
    pub async fn begin_oauth(&self, portal: OauthPortal, redirect_uri: Option<&str>) -> Result<WebSignIn> {
        let state = sign_in::begin(&*self.host, &self.config.slots()).await?;
        let login = OauthLogin { portal, redirect_uri, state: Some(state.expose()) };
        Ok(WebSignIn { url: self.oauth_login_url(login)?, state })
    }

    /// Completes it with the address the browser came back to. Called twice with the same address, it costs one exchange
    /// and answers twice the same. Remove the query from the address bar before anything else.
    ///
    /// # Errors
    /// `agreements`: show them, then call again with the same address and `accept`. `platform-ticket`: this sign-in was
    /// not begun by this program, took more than 10 minutes or was completed already (nothing was sent), or the code was
    /// not accepted; begin again. `network`, `timeout`, `busy`, `service`: call again with the same address. Else what
    /// the service put into the address, `restricted`, and those of a login.
    pub async fn complete_oauth_url(&self, callback_url: &str, accept: Agreements) -> Result<RallyHereSession<H>> {
        Ok(RallyHereSession::from_session(self.come_back(callback_url, accept)?.await?))
    }

    pub(crate) fn come_back(&self, url: &str, accept: Agreements) -> Result<Boxed<'static, Result<Session<H>>>> {
        let Some(state) = sign_in::state_of(url) else {
            // A service that lost the state cannot send it back with its error.
            return Err(self.oauth_code(url, None).err().unwrap_or_else(sign_in::not_begun));
        };
        let slot = (self.config.slots(), state.clone());
        Ok(self.complete(Some(slot), state.into(), Some(Secret::from(url)), accept))
    }

    /// With a code whose `state` somebody else has checked, or from where the last one stopped.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn go_on(&self, code: Option<Secret>, accept: Agreements) -> Option<Boxed<'static, Result<Session<H>>>> {
        let key = code.clone().or_else(|| self.way_back.last())?;
        Some(self.complete(None, key, code, accept))
    }

    /// `came`: a code, or the address with one when there is a slot.
    fn complete(
        &self,
        slot: Option<(Slots, String)>,
        key: Secret,
        came: Option<Secret>,
        accept: Agreements,
    ) -> Boxed<'static, Result<Session<H>>> {
        let (client, is_url, name) = (self.clone(), slot.is_some(), key.clone());
        let work = Box::pin(async move {
            let stopped = client.stopped().take().filter(|(key, _)| *key == name).map(|(_, retry)| retry);
            let retry = match (stopped, came) {
                (Some(retry), _) => retry,
                (None, Some(url)) if is_url => OauthRetry::code(client.oauth_code(url.expose(), None)?),
                (None, Some(code)) => OauthRetry::code(code),
                (None, None) => return Err(sign_in::not_begun()),
            };
            let (error, retry) = match client.exchange(&retry, accept).await {
                Ok(CompletedOauth::SignedIn(session)) => return Ok(session.session().clone()),
                Ok(CompletedOauth::NeedsAgreements(agreements, retry)) => {
                    let message = "agreements must be accepted first; show them, then call again with `accept`";
                    (Error::new(ErrorKind::Agreements, message).with_agreements(agreements), retry)
                }
                Ok(CompletedOauth::Interrupted(error, retry)) => (error, retry),
                Err(error) if policy::is_passing(&error) => (error, retry),
                Err(error) => return Err(error),
            };
            *client.stopped() = Some((name, retry));
            Err(error)
        });
        self.way_back.complete(&self.host, slot, key.expose(), work)
    }

    fn stopped(&self) -> Guard<'_, Option<(Secret, OauthRetry)>> {
        self.stopped.lock()
    }

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
        for (name, value) in [("state", login.state), ("redirect_uri", login.redirect_uri)] {
            if let Some(value) = value {
                pairs.push((name, value));
            }
        }
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
        self.exchange(&OauthRetry::code(code.clone()), accept).await
    }

    fn exchange<'a>(&'a self, retry: &'a OauthRetry, accept: Agreements) -> Boxed<'a, Result<CompletedOauth<H>>> {
        Box::pin(async move {
            let spent =
                if retry.is_refresh { Ok(retry.token.clone()) } else { self.spend(&retry.token, accept).await? };
            let refresh_token = match spent {
                Ok(refresh_token) => refresh_token,
                Err((needs, code)) => return Ok(CompletedOauth::NeedsAgreements(needs, OauthRetry::code(code))),
            };
            match self.sign_in(Credential::refresh(refresh_token.clone()).body()).await {
                Ok(session) => Ok(CompletedOauth::SignedIn(session)),
                Err(error) if policy::is_passing(&error) => {
                    let retry = OauthRetry { token: refresh_token, is_refresh: true };
                    Ok(CompletedOauth::Interrupted(error, retry))
                }
                Err(error) => Err(error),
            }
        })
    }

    /// Swaps the code for a refresh token, or for what must be accepted first and a fresh code.
    async fn spend(&self, code: &Secret, accept: Agreements) -> Result<Result<Secret, (Agreements, Secret)>> {
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
            return Ok(Ok(refresh_token));
        }
        if let Some(code) = answer.secret("regenerated_code").filter(|_| needs.any()) {
            return Ok(Err((needs, code)));
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

    /// Goes on with a sign-in that stopped half-way: after the player has accepted the agreements, or after a failure.
    ///
    /// # Errors
    /// As [`complete_oauth`](Self::complete_oauth).
    pub async fn retry_oauth(&self, retry: &OauthRetry, accept: Agreements) -> Result<CompletedOauth<H>> {
        self.exchange(retry, accept).await
    }
}
