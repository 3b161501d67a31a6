//! `GET /users/me`: what Xsolla knows of the player.

use serde::{Deserialize, Serialize};

use super::{XsollaSession, wire};
use crate::error::Result;
use crate::host::Host;
use crate::http::Method;
use crate::services::read_json;

/// The player's profile. Every field but the id may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The user's id, as the session's `player_id`.
    pub id: String,
    /// The name to sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// ISO 3166 country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// When the account was made, as the service writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered: Option<String>,
    /// Whether the account is one without any sign-in name.
    #[serde(
        rename(serialize = "isAnonymous"),
        alias = "is_anonymous",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub is_anonymous: Option<bool>,
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
        read_json(&response)
    }
}
