//! The two ways in which Xsolla hands out the result of a sign-in, with what each takes.

/// The JWT protocol: the user token comes at once. It lives 24 hours unless the project says otherwise, and cannot be
/// refreshed: sign in again when it has expired.
#[derive(Clone, Debug, Default)]
pub struct Jwt {
    pub(super) login_url: Option<String>,
    pub(super) fields: String,
    pub(super) payload: Option<String>,
    pub(super) log_out_others: bool,
}

impl Jwt {
    /// Nothing but the project.
    pub fn new() -> Self {
        Self::default()
    }

    /// The callback URL, byte for byte as it is registered. Needed when the project has several.
    #[must_use]
    pub fn login_url(mut self, url: impl Into<String>) -> Self {
        self.login_url = Some(url.into());
        self
    }

    /// What the player must have told, e.g. `email`; see [`SignIn::NeedsUserData`](super::SignIn::NeedsUserData).
    #[must_use]
    pub fn field(mut self, name: &str) -> Self {
        if !self.fields.is_empty() {
            self.fields.push(',');
        }
        self.fields.push_str(name);
        self
    }

    /// A text that comes back as the token's claim `payload`. Xsolla recommends less than 500 characters, and takes it
    /// only with a user storage of your own.
    #[must_use]
    pub fn payload(mut self, payload: impl Into<String>) -> Self {
        self.payload = Some(payload.into());
        self
    }

    /// Invalidates the player's other tokens (`with_logout`).
    #[must_use]
    pub fn log_out_others(mut self) -> Self {
        self.log_out_others = true;
        self
    }
}

/// The OAuth 2.0 protocol: a code that is swapped for an access token and a refresh token. Needs the client's
/// [`oauth`](super::Config::oauth).
#[derive(Clone, Debug, Default)]
pub struct Oauth {
    pub(super) scopes: String,
    pub(super) audience: Option<String>,
}

impl Oauth {
    /// With scope `offline`, which is what brings a refresh token.
    pub fn new() -> Self {
        Self { scopes: "offline".to_owned(), audience: None }
    }

    /// One more scope, e.g. `email` or `playfab`. Ones that Xsolla does not know are copied into the token.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scopes.push(' ');
        self.scopes.push_str(scope);
        self
    }

    /// Who the token is for: its claim `aud`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }
}

/// How the result of a sign-in comes.
#[derive(Clone, Debug)]
pub enum Protocol {
    /// A user token at once.
    Jwt(Jwt),
    /// A code, swapped for tokens that can be refreshed.
    Oauth(Oauth),
}

impl From<Jwt> for Protocol {
    fn from(jwt: Jwt) -> Self {
        Self::Jwt(jwt)
    }
}

impl From<Oauth> for Protocol {
    fn from(oauth: Oauth) -> Self {
        Self::Oauth(oauth)
    }
}
