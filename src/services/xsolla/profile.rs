//! `GET /users/me`: what Xsolla knows of the player.

use super::{XsollaSession, wire};
use crate::error::Result;
use crate::host::Host;
use crate::http::Method;
use crate::json::{Json, Object};
use crate::services::{not_understood, read_object};

/// The player's profile. Every field but the id may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The user's id, as the session's `player_id`.
    pub id: String,
    /// The name to sign in with.
    pub username: Option<String>,
    /// The name to show.
    pub nickname: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The address of a picture.
    pub picture: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// ISO 3166 country code.
    pub country: Option<String>,
    /// When the account was made, as the service writes it.
    pub registered: Option<String>,
    /// Whether the account is one without any sign-in name.
    pub is_anonymous: Option<bool>,
}

impl Profile {
    fn from_wire(json: &Json) -> Option<Self> {
        Some(Self {
            id: json.filled("id")?,
            username: json.text("username"),
            nickname: json.text("nickname"),
            name: json.text("name"),
            picture: json.text("picture"),
            email: json.text("email"),
            country: json.text("country"),
            registered: json.text("registered"),
            is_anonymous: json.flag("is_anonymous"),
        })
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn to_json(&self) -> Json {
        let mut json = Object::new();
        json.text("id", &self.id)
            .maybe_text("username", self.username.as_deref())
            .maybe_text("nickname", self.nickname.as_deref())
            .maybe_text("name", self.name.as_deref())
            .maybe_text("picture", self.picture.as_deref())
            .maybe_text("email", self.email.as_deref())
            .maybe_text("country", self.country.as_deref())
            .maybe_text("registered", self.registered.as_deref());
        if let Some(anonymous) = self.is_anonymous {
            json.flag("isAnonymous", anonymous);
        }
        json.take()
    }
}

impl<H: Host> XsollaSession<H> {
    /// The player's profile.
    ///
    /// # Errors
    /// `session-over` when the token is not accepted and could not be refreshed.
    pub async fn profile(&self) -> Result<Profile> {
        let config = self.config()?;
        let response = self.call(config.request(Method::Get, "/users/me")).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.host().now()));
        }
        Profile::from_wire(&read_object(&response)?).ok_or_else(|| not_understood(&response))
    }
}
