//! Other ways in: a new account, a device without one, a social network's own token (xsolla.md §6.10).

use super::arrival::{Attempt, SignIn};
use super::{Oauth, Protocol, Xsolla};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::http::percent_encode;
use crate::json::Object;

/// A main account to make.
#[derive(Clone, Debug)]
pub struct Registration {
    username: String,
    password: Secret,
    email: String,
    accept_consent: Option<bool>,
    promo_emails: Option<bool>,
}

impl Registration {
    /// User name and e-mail address of 1 to 255 characters, a password of 6 to 100.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>, email: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
            email: email.into(),
            accept_consent: None,
            promo_emails: None,
        }
    }

    /// Whether the player consents to the processing of personal data.
    #[must_use]
    pub fn accept_consent(mut self, yes: bool) -> Self {
        self.accept_consent = Some(yes);
        self
    }

    /// Whether the player agrees to promotional e-mails.
    #[must_use]
    pub fn promo_emails(mut self, yes: bool) -> Self {
        self.promo_emails = Some(yes);
        self
    }
}

/// The devices that can be signed in by their id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// Android
    Android,
    /// iOS
    Ios,
}

impl DeviceKind {
    /// As in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
        }
    }
}

/// What a social network gave the player.
#[derive(Clone, Debug)]
pub struct SocialToken {
    access_token: Secret,
    access_token_secret: Option<Secret>,
    openid: Option<String>,
}

impl SocialToken {
    /// The network's access token.
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self { access_token: access_token.into(), access_token_secret: None, openid: None }
    }

    /// The second half of a token of OAuth 1.0 (Twitter).
    #[must_use]
    pub fn secret(mut self, secret: impl Into<Secret>) -> Self {
        self.access_token_secret = Some(secret.into());
        self
    }

    /// The OpenID (WeChat, QQ).
    #[must_use]
    pub fn openid(mut self, id: impl Into<String>) -> Self {
        self.openid = Some(id.into());
        self
    }
}

impl Attempt {
    /// `consents`: to the processing of personal data, and to promotional e-mails.
    pub(crate) fn register(
        username: &str,
        password: &str,
        email: &str,
        consents: (Option<bool>, Option<bool>),
    ) -> Result<Box<Self>> {
        let fits = |text: &str, least, most| (least..=most).contains(&text.chars().count());
        if !fits(username, 1, 255) || !fits(email, 1, 255) || !fits(password, 6, 100) {
            return Err(Error::new(
                ErrorKind::Credentials,
                "user name and e-mail must be 1 to 255 characters, the password 6 to 100; ask the player",
            ));
        }
        let mut body = Object::new();
        body.text("username", username).text("password", password).text("email", email);
        if let Some(yes) = consents.0 {
            body.flag("accept_consent", yes);
        }
        body.maybe_number("promo_email_agreement", consents.1.map(u64::from));
        Ok(Box::new(Self { path: "/user".into(), body: Some(body.body()), may_confirm: true, ..Self::default() }))
    }

    pub(crate) fn device(kind: DeviceKind, model: &str, id: &str) -> Result<Box<Self>> {
        if model.is_empty() || id.is_empty() {
            return Err(Error::misuse("a device signs in by its model and its id; neither may be empty"));
        }
        let body = Object::new().text("device", model).text("device_id", id).body();
        let path = crate::text::concat(&["/login/device/", kind.as_str()]);
        Ok(Box::new(Self { path, body: Some(body), ..Self::default() }))
    }

    /// `token`: the network's token, its second half, the OpenID.
    pub(crate) fn social(network: &str, token: (&str, Option<&str>, Option<&str>)) -> Result<Box<Self>> {
        if network.is_empty() || token.0.is_empty() {
            return Err(Error::misuse("a social sign-in needs the network's name and its access token"));
        }
        let body = Object::new()
            .text("access_token", token.0)
            .maybe_text("access_token_secret", token.1)
            .maybe_text("openid", token.2)
            .body();
        let path = crate::text::concat(&["/social/", &percent_encode(network), "/login_with_token"]);
        Ok(Box::new(Self { path, body: Some(body), ..Self::default() }))
    }
}

impl<H: Host> Xsolla<H> {
    /// Makes a main account. [`SignIn::NeedsEmailConfirmation`] when the project wants the address confirmed first.
    ///
    /// # Errors
    /// `credentials` for texts over their limits (nothing is sent), `conflict` (user name or e-mail is taken),
    /// `platform-disabled` (registration is closed), `configuration`, and those of every call.
    pub async fn register(&self, registration: Registration, protocol: impl Into<Protocol>) -> Result<SignIn<H>> {
        let Registration { username, password, email, accept_consent, promo_emails } = &registration;
        let consents = (*accept_consent, *promo_emails);
        self.sign_in(Attempt::register(username, password.expose(), email, consents), protocol.into()).await
    }

    /// Signs a device in; one that is not known becomes an account. `model` is a name to show, `id` is unique for the
    /// device: whoever has it is the player.
    ///
    /// # Errors
    /// `misuse` when one of them is empty, `restricted`, `configuration`, and those of every call.
    pub async fn device_login(&self, kind: DeviceKind, model: &str, id: &Secret, oauth: Oauth) -> Result<SignIn<H>> {
        self.sign_in(Attempt::device(kind, model, id.expose()), oauth.into()).await
    }

    /// Signs in with a social network's own token. `network` is Xsolla's name of it: `xsolla`, `facebook`, `google`,
    /// `linkedin`, `twitter`, `discord`, `naver`, `baidu`, `battlenet`, `wechat` or `qq_mobile`.
    ///
    /// # Errors
    /// `platform-ticket` (the network does not know the token), `restricted`, `misuse` (no such network), and those of
    /// every call.
    pub async fn social_token_login(
        &self,
        network: &str,
        token: SocialToken,
        protocol: impl Into<Protocol>,
    ) -> Result<SignIn<H>> {
        let secret = token.access_token_secret.as_ref().map(Secret::expose);
        let token = (token.access_token.expose(), secret, token.openid.as_deref());
        self.sign_in(Attempt::social(network, token), protocol.into()).await
    }
}
