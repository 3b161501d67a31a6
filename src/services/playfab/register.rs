//! `POST /Client/RegisterPlayFabUser`: a new account with a user name, an e-mail address and a password.

use super::credential::{Info, ask_for};
use super::table::custom_tags;
use super::{PlayFab, PlayFabSession};
use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::json::{Json, Object};

pub(super) const REGISTER: &str = "RegisterPlayFabUser";

/// An account to make.
///
/// ```
/// use playerlink::playfab::Registration;
///
/// let nova = Registration::new("correct-horse").username("nova").email("nova@example.com").display_name("Nova");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registration {
    password: Secret,
    username: String,
    email: String,
    display_name: String,
    tags: Vec<(String, String)>,
    info: Vec<Info>,
}

impl Registration {
    /// The password, 6 to 100 characters.
    pub fn new(password: impl Into<Secret>) -> Self {
        Self { password: password.into(), ..Self::default() }
    }

    /// The name to sign in with, 3 to 20 characters.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
        self
    }

    /// The e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = email.into();
        self
    }

    /// The name to show, 3 to 25 characters.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// A tag for the vendor's event log.
    #[must_use]
    pub fn custom_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// What else to bring along.
    #[must_use]
    pub fn info(mut self, wanted: &[Info]) -> Self {
        self.info.extend_from_slice(wanted);
        self
    }

    pub(super) fn body(&self, title_id: &str) -> Result<Vec<u8>> {
        if self.username.is_empty() && self.email.is_empty() {
            return Err(Error::misuse("a registration needs a user name, an e-mail address or both"));
        }
        let limits = [
            (self.password.expose(), true, 6, 100, "the password must be 6 to 100 characters; ask the player"),
            (&self.username, false, 3, 20, "the user name must be 3 to 20 characters; ask the player"),
            (&self.display_name, false, 3, 25, "the name to show must be 3 to 25 characters; ask the player"),
        ];
        for (text, needed, min, max, sentence) in limits {
            if (needed || !text.is_empty()) && !(min..=max).contains(&text.chars().count()) {
                return Err(Error::new(ErrorKind::Credentials, sentence));
            }
        }
        let both = !self.username.is_empty() && !self.email.is_empty();
        let mut body = Object::new();
        body.text("TitleId", title_id)
            .text("Password", self.password.expose())
            .filled("Username", &self.username)
            .filled("Email", &self.email)
            .filled("DisplayName", &self.display_name)
            // PlayFab wants both unless it is told otherwise.
            .flag("RequireBothUsernameAndEmail", both);
        custom_tags(&mut body, &self.tags);
        ask_for(&mut body, &self.info);
        Ok(body.body())
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_json(json: &Json) -> Result<Self> {
        Ok(Self {
            password: json.secret("password").unwrap_or_default(),
            username: json.text("username").unwrap_or_default(),
            email: json.text("email").unwrap_or_default(),
            display_name: json.text("displayName").unwrap_or_default(),
            tags: super::table::tags_from_json(json)?,
            info: Info::from_words(&json.texts("info"))?,
        })
    }
}

impl<H: Host> PlayFab<H> {
    /// Makes an account and signs it in.
    ///
    /// # Errors
    /// `credentials` (a name, address or password that cannot be used), `conflict` (taken already), `configuration`, and
    /// those of every call.
    pub async fn register(&self, registration: &Registration) -> Result<PlayFabSession<H>> {
        let body = registration.body(&self.config.title_id)?;
        self.sign_in(REGISTER, body, "playfab").await
    }
}
