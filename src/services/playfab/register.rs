//! `POST /Client/RegisterPlayFabUser`: a new account with a user name, an e-mail address and a password.

use super::credential::{Credential, Info};
use super::{PlayFab, PlayFabSession, providers};
use crate::Secret;
use crate::error::Result;
use crate::host::Host;

/// An account to make.
///
/// ```
/// use playerlink::playfab::Registration;
///
/// let nova = Registration::new("correct-horse").username("nova").email("nova@example.com").display_name("Nova");
/// ```
#[derive(Clone, Debug)]
pub struct Registration(Credential);

impl Registration {
    /// The password, 6 to 100 characters.
    pub fn new(password: impl Into<Secret>) -> Self {
        Self(Credential::of(providers::REGISTRATION.filled())).with("Password", password.into())
    }

    /// The name to sign in with, 3 to 20 characters.
    #[must_use]
    pub fn username(self, username: impl Into<String>) -> Self {
        self.with("Username", Secret::new(username))
    }

    /// The e-mail address.
    #[must_use]
    pub fn email(self, email: impl Into<String>) -> Self {
        self.with("Email", Secret::new(email))
    }

    /// The name to show, 3 to 25 characters.
    #[must_use]
    pub fn display_name(self, name: impl Into<String>) -> Self {
        self.with("DisplayName", Secret::new(name))
    }

    /// A tag for the vendor's event log.
    #[must_use]
    pub fn custom_tag(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        Self(self.0.custom_tag(key, value))
    }

    /// What else to bring along.
    #[must_use]
    pub fn info(self, wanted: &[Info]) -> Self {
        Self(self.0.info(wanted))
    }

    fn with(mut self, field: &'static str, text: Secret) -> Self {
        self.0.filled = self.0.filled.with(field, text);
        self
    }
}

impl<H: Host> PlayFab<H> {
    /// Makes an account and signs it in.
    ///
    /// # Errors
    /// `credentials` (a name, address or password that cannot be used), `conflict` (taken already), `misuse` without a
    /// user name and an e-mail address, `configuration`, and those of every call.
    pub async fn register(&self, registration: &Registration) -> Result<PlayFabSession<H>> {
        self.sign_in(&registration.0)?.await
    }
}
