//! `GET /users/me`: what Xsolla knows of the player.

use super::XsollaSession;
use crate::error::Result;
use crate::host::Host;
use crate::http::{Method, Response};
use crate::json::Need::{Needed, Text};
use crate::json::{Field, Json};
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
}

pub(crate) const PROFILE_PATH: &str = "/users/me";

/// [`Profile`] for JavaScript.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn profile_json(response: &Response) -> Result<Json> {
    const FIELDS: [Field; 8] = [
        ("id", "id", Needed),
        ("username", "username", Text),
        ("nickname", "nickname", Text),
        ("name", "name", Text),
        ("picture", "picture", Text),
        ("email", "email", Text),
        ("country", "country", Text),
        ("registered", "registered", Text),
    ];
    let answer = read_object(response)?;
    let mut profile = answer.renamed(&FIELDS).ok_or_else(|| not_understood(response))?;
    if let Some(anonymous) = answer.flag("is_anonymous") {
        profile.flag("isAnonymous", anonymous);
    }
    Ok(profile.take())
}

impl<H: Host> XsollaSession<H> {
    /// The player's profile.
    ///
    /// # Errors
    /// `session-over` when the token is not accepted and could not be refreshed.
    pub async fn profile(&self) -> Result<Profile> {
        let read =
            |response: &Response| Profile::from_wire(&read_object(response)?).ok_or_else(|| not_understood(response));
        self.ask(Method::Get, PROFILE_PATH, read).await
    }
}
