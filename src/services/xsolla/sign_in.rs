//! Signing in to the main account, and the session that comes of it.

use std::ops::Deref;

use super::arrival::{Attempt, Entry, SignIn, Way};
use super::{Config, Protocol, UserToken, Xsolla, wire};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Boxed, Host};
use crate::http::{Method, Response, concat, encode_pairs};
use crate::json::Object;
use crate::services::{Granted, Service};
use crate::session::{Opened, Session};

/// A signed-in player of Xsolla Login: a [`Session`] and the calls that only Xsolla has.
#[derive(Debug)]
pub struct XsollaSession<H: Host>(Session<H>);

fn password_body(username: &str, password: &str) -> Result<Vec<u8>> {
    if username.is_empty() || password.is_empty() {
        return Err(Error::new(ErrorKind::Credentials, "user name and password must not be empty; ask the player"));
    }
    Ok(Object::new().text("username", username).text("password", password).body())
}

impl Attempt {
    pub(crate) fn password(username: &str, password: &str) -> Result<Box<Self>> {
        let body = Some(password_body(username, password)?);
        Ok(Box::new(Self { path: "/login".into(), body, ..Self::default() }))
    }
}

impl<H: Host> Xsolla<H> {
    /// Signs in to the main account by user name (or e-mail) and password, with a refresh token, and stores the session.
    ///
    /// # Errors
    /// `credentials` (wrong name or password, not confirmed), `restricted` (banned), `configuration` (the client is not
    /// a public one, or the project is unknown), `busy`, and those of every call.
    pub async fn login(&self, username: &str, password: &Secret) -> Result<XsollaSession<H>> {
        self.enter_session(self.password_way(username, password.expose())).await
    }

    /// The same in the protocol of your choice: with [`Jwt`](super::Jwt) for a project that has no OAuth 2.0 client,
    /// whose sessions cannot be refreshed.
    ///
    /// ```
    /// # use playerlink::xsolla::{Config, Jwt, SignIn, Xsolla};
    /// # let host = playerlink::host::SimHost::new(1);
    /// # let mut services = emulator::Emulator::new(1);
    /// # host.on_request(move |request, now| services
    /// #     .answer(now, request.method.as_str(), &request.url, &request.headers, request.body.as_deref()).into());
    /// # host.clone().block_on(async move {
    /// let xsolla = Xsolla::new(Config::project("f6c5011a-715e-4e5e-b7b1-a4812d85b8c8"), host)?;
    /// let jwt = Jwt::new().login_url("https://companion.example/callback");
    /// let SignIn::SignedIn(session) = xsolla.password_login("nova", &"correct-horse".into(), jwt).await? else {
    ///     return Ok(()); // the service asks the player for data first
    /// };
    /// assert!(!session.player().player_id.is_empty());
    /// # Ok::<(), playerlink::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of [`login`](Self::login).
    pub async fn password_login(
        &self,
        username: &str,
        password: &Secret,
        protocol: impl Into<Protocol>,
    ) -> Result<SignIn<H>> {
        self.sign_in(Attempt::password(username, password.expose()), protocol.into()).await
    }

    pub(crate) fn password_way(&self, username: &str, password: &str) -> Result<Way> {
        let body = password_body(username, password)?;
        let mut query = vec![("client_id", self.config.oauth_client()?), ("scope", "offline")];
        if !self.config.redirect_uri.is_empty() {
            query.push(("redirect_uri", &self.config.redirect_uri));
        }
        let path = concat("/oauth2/login/token?", &encode_pairs(&query));
        Ok(Way::Ask(Entry::tokens(self.config.request(Method::Post, &path).json(body))))
    }

    /// A session from a user JWT that another party obtained, e.g. the platform token a game server hands to a console.
    /// It is not stored and cannot be refreshed: when it expires, ask the server for a new one.
    ///
    /// # Errors
    /// `misuse` when the text is not a JWT; `session-over` when it has expired.
    pub async fn session_from_token(&self, token: impl Into<UserToken>) -> Result<XsollaSession<H>> {
        self.enter_session(Ok(Way::Token(token.into(), false))).await
    }

    pub(super) fn open(&self, granted: Box<Granted>, sent: (u64, u64), is_stored: bool) -> Boxed<'_, XsollaSession<H>> {
        Box::pin(async move {
            let slots = self.config.slots();
            let account = granted.player.player_id.clone();
            let mut opened = Opened { client: self.sessions(), slot: Some((&slots, account.as_str())), granted, sent };
            if !is_stored {
                // A new ticket would be of another sign-in than the one that was handed over.
                (opened.slot, opened.client.renew) = (None, None);
            }
            XsollaSession(Session::open(opened).await)
        })
    }
}

impl<H: Host> XsollaSession<H> {
    pub(super) fn new(session: Session<H>) -> Self {
        Self(session)
    }

    pub(crate) fn session(&self) -> &Session<H> {
        &self.0
    }

    pub(crate) fn from_session(session: Session<H>) -> Self {
        Self(session)
    }

    /// Asks with the access token, and has `read` understand a success. One future for all calls of a session.
    pub(crate) fn ask<'a, T: 'static>(
        &'a self,
        method: Method,
        path: &str,
        read: fn(&Response) -> Result<T>,
    ) -> Boxed<'a, Result<T>> {
        let request = self.config().map(|config| config.request(method, path));
        Box::pin(async move {
            let response = self.0.call(request?).await?;
            if response.is_success() { read(&response) } else { Err(wire::error(&response, self.0.host().now())) }
        })
    }

    fn config(&self) -> Result<&Config> {
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
