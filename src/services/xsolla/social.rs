//! The social networks a signed-in player can sign in with (xsolla.md §6.9). Another matter than linking by code: these
//! links are inside one project, and can be removed.

use super::{XsollaSession, wire};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::{Method, encode_pairs, percent_encode};
use crate::json::{Json, Object};
use crate::services::{not_understood, read_object};

/// A social network the player can sign in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocialLink {
    /// Xsolla's name of the network, e.g. `google`.
    pub network: String,
    /// The player's id there.
    pub social_id: Option<String>,
    /// The player's full name there.
    pub full_name: Option<String>,
    /// The player's name to show there.
    pub nickname: Option<String>,
    /// The address of a picture.
    pub picture: Option<String>,
}

impl SocialLink {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            network: json.filled("provider")?,
            social_id: json.loose("social_id"),
            full_name: json.text("full_name"),
            nickname: json.text("nickname"),
            picture: json.text("picture"),
        })
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn to_json(&self) -> Json {
        Object::new()
            .text("network", &self.network)
            .maybe_text("socialId", self.social_id.as_deref())
            .maybe_text("fullName", self.full_name.as_deref())
            .maybe_text("nickname", self.nickname.as_deref())
            .maybe_text("picture", self.picture.as_deref())
            .take()
    }
}

const PATH: &str = "/users/me/social_providers";

impl<H: Host> XsollaSession<H> {
    /// The networks that are linked. Not documented to name platform accounts that were linked by code.
    ///
    /// # Errors
    /// `session-over`, and those of every call.
    pub async fn social_links(&self) -> Result<Vec<SocialLink>> {
        let response = self.call(self.config()?.request(Method::Get, PATH)).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.host().now()));
        }
        match Json::parse(&response.body) {
            Some(Json::List(links)) => Ok(links.iter().filter_map(SocialLink::from_json).collect()),
            _ => Err(not_understood(&response)),
        }
    }

    /// The address at which the player links a network; open it as a page. It ends at `login_url`, one of the project's
    /// callback URLs (which must be told when there are several).
    ///
    /// # Errors
    /// `configuration` when the callback URL is not registered, `session-over`, and those of every call.
    pub async fn social_link_url(&self, network: &str, login_url: Option<&str>) -> Result<String> {
        let mut path = network_path(network)?;
        path.push_str("/login_url");
        if let Some(url) = login_url {
            path.push('?');
            path.push_str(&encode_pairs(&[("login_url", url)]));
        }
        let response = self.call(self.config()?.request(Method::Get, &path)).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.host().now()));
        }
        read_object(&response)?.filled("url").ok_or_else(|| not_understood(&response))
    }

    /// Removes the link to a network.
    ///
    /// # Errors
    /// `not-found` when it is not linked, `session-over`, and those of every call.
    pub async fn remove_social_link(&self, network: &str) -> Result<()> {
        let path = network_path(network)?;
        let response = self.call(self.config()?.request(Method::Delete, &path)).await?;
        if response.is_success() { Ok(()) } else { Err(wire::error(&response, self.host().now())) }
    }
}

fn network_path(network: &str) -> Result<String> {
    if network.is_empty() {
        return Err(Error::misuse("which network? pass Xsolla's name of it, e.g. `google`"));
    }
    Ok([PATH, "/", &percent_encode(network)].concat())
}
