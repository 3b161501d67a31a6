//! The social networks a signed-in player can sign in with (xsolla.md §6.9). Another matter than linking by code: these
//! links are inside one project, and can be removed.

use super::XsollaSession;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::{Method, Response, encode_pairs, percent_encode};
use crate::json::Need::{Needed, Text};
use crate::json::{Field, Json};
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
}

/// [`SocialLink`]s for JavaScript.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn links_json(response: &Response) -> Result<Json> {
    const FIELDS: [Field; 4] = [
        ("provider", "network", Needed),
        ("full_name", "fullName", Text),
        ("nickname", "nickname", Text),
        ("picture", "picture", Text),
    ];
    let link = |json: &Json| {
        let mut link = json.renamed(&FIELDS)?;
        Some(link.maybe_text("socialId", json.loose("social_id").as_deref()).take())
    };
    list(response, link).map(Json::List)
}

fn list<T>(response: &Response, read: fn(&Json) -> Option<T>) -> Result<Vec<T>> {
    match Json::parse(&response.body) {
        Some(Json::List(links)) => Ok(links.iter().filter_map(read).collect()),
        _ => Err(not_understood(response)),
    }
}

/// The address of a page, of its answer.
pub(crate) fn url(response: &Response) -> Result<String> {
    read_object(response)?.filled("url").ok_or_else(|| not_understood(response))
}

pub(crate) const LINKS_PATH: &str = "/users/me/social_providers";

/// The path of a network, or with `login_url` that of the address at which it is linked.
pub(crate) fn network_path(network: &str, login_url: Option<Option<&str>>) -> Result<String> {
    if network.is_empty() {
        return Err(Error::misuse("which network? pass Xsolla's name of it, e.g. `google`"));
    }
    let mut path = crate::text::concat(&[LINKS_PATH, "/", &percent_encode(network)]);
    if let Some(login_url) = login_url {
        path.push_str("/login_url");
        if let Some(url) = login_url {
            path.push('?');
            path.push_str(&encode_pairs(&[("login_url", url)]));
        }
    }
    Ok(path)
}

impl<H: Host> XsollaSession<H> {
    /// The networks that are linked. Not documented to name platform accounts that were linked by code.
    ///
    /// # Errors
    /// `session-over`, and those of every call.
    pub async fn social_links(&self) -> Result<Vec<SocialLink>> {
        self.ask(Method::Get, LINKS_PATH, |response| list(response, SocialLink::from_json)).await
    }

    /// The address at which the player links a network; open it as a page. It ends at `login_url`, one of the project's
    /// callback URLs (which must be told when there are several).
    ///
    /// # Errors
    /// `configuration` when the callback URL is not registered, `session-over`, and those of every call.
    pub async fn social_link_url(&self, network: &str, login_url: Option<&str>) -> Result<String> {
        self.ask(Method::Get, &network_path(network, Some(login_url))?, url).await
    }

    /// Removes the link to a network.
    ///
    /// # Errors
    /// `not-found` when it is not linked, `session-over`, and those of every call.
    pub async fn remove_social_link(&self, network: &str) -> Result<()> {
        self.ask(Method::Delete, &network_path(network, None)?, |_| Ok(())).await
    }
}
