//! Signing in to the main account, and the session that comes of it.

use std::ops::Deref;

use super::token::{UserToken, from_jwt, granted};
use super::{Config, Xsolla};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Boxed, Host};
use crate::http::{Method, concat, encode_pairs};
use crate::json::Object;
use crate::services::{self, Granted, Service};
use crate::session::{self, Opened, Session};

/// A signed-in player of Xsolla Login: a [`Session`] and the calls that only Xsolla has.
#[derive(Debug)]
pub struct XsollaSession<H: Host>(Session<H>);

impl<H: Host> Xsolla<H> {
    /// Signs in to the main account by user name (or e-mail) and password, with a refresh token, and stores the session.
    ///
    /// # Errors
    /// `credentials` (wrong name or password, not confirmed), `restricted` (banned), `configuration` (the client is not
    /// a public one, or the project is unknown), `busy`, and those of every call.
    pub async fn login(&self, username: &str, password: &Secret) -> Result<XsollaSession<H>> {
        if username.is_empty() || password.is_empty() {
            return Err(Error::new(ErrorKind::Credentials, "user name and password must not be empty; ask the player"));
        }
        let mut query = vec![("client_id", self.config.oauth_client()?), ("scope", "offline")];
        if !self.config.redirect_uri.is_empty() {
            query.push(("redirect_uri", &self.config.redirect_uri));
        }
        let path = concat("/oauth2/login/token?", &encode_pairs(&query));
        let body = Object::new().text("username", username).text("password", password.expose()).body();
        let sent = (self.host.now(), self.host.monotonic());
        let response = services::send(&*self.host, self.config.request(Method::Post, &path).json(body)).await?;
        Ok(self.open(granted(&response, sent.0, None)?, sent).await)
    }

    /// A session from a user JWT that another party obtained, e.g. the platform token a game server hands to a console.
    /// It is not stored and cannot be refreshed: when it expires, ask the server for a new one.
    ///
    /// # Errors
    /// `misuse` when the text is not a JWT; `session-over` when it has expired.
    pub async fn session_from_token(&self, token: impl Into<UserToken>) -> Result<XsollaSession<H>> {
        self.around_token(token.into(), false).await
    }

    pub(crate) fn around_token(&self, token: UserToken, is_stored: bool) -> Boxed<'_, Result<XsollaSession<H>>> {
        Box::pin(async move {
            let sent = (self.host.now(), self.host.monotonic());
            let granted = from_jwt(token.into_secret(), sent.0).map_err(|_| {
                Error::misuse("that is not a user token of Xsolla Login; pass the JWT as it was issued")
            })?;
            if granted.expires_in_ms == Some(0) {
                return Err(Error::session_over(crate::error::SessionOverReason::Expired));
            }
            if is_stored {
                return Ok(self.open(granted, sent).await);
            }
            // A new ticket would be of another sign-in than the one that was handed over.
            let client = session::Client { renew: None, ..self.sessions() };
            let opened = Opened { client, slot: None, granted, sent };
            Ok(XsollaSession(Session::open(opened).await))
        })
    }

    pub(super) async fn open(&self, granted: Granted, sent: (u64, u64)) -> XsollaSession<H> {
        let slots = self.config.slots();
        let account = granted.player.player_id.clone();
        let slot = Some((&slots, account.as_str()));
        XsollaSession(Session::open(Opened { client: self.sessions(), slot, granted, sent }).await)
    }
}

impl<H: Host> XsollaSession<H> {
    pub(super) fn new(session: Session<H>) -> Self {
        Self(session)
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn session(&self) -> &Session<H> {
        &self.0
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_session(session: Session<H>) -> Self {
        Self(session)
    }

    pub(super) fn config(&self) -> Result<&Config> {
        match self.0.service_config() {
            Service::Xsolla(config) => Ok(config),
            #[allow(unreachable_patterns, reason = "the only service in a one-service build")]
            _ => Err(Error::misuse("this session is not one of Xsolla")),
        }
    }
}

impl<H: Host> Deref for XsollaSession<H> {
    type Target = Session<H>;

    fn deref(&self) -> &Session<H> {
        &self.0
    }
}

impl<H: Host> Clone for XsollaSession<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
