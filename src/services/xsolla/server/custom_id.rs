//! `POST /users/login/server_custom_id`: a console player's token, by an id the game server chose.

use super::XsollaServer;
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::{Method, concat, encode_pairs};
use crate::json::{Json, Object};
use crate::services::xsolla::wire;
use crate::services::{not_understood, read_object};

/// The account on a publishing platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocialProfile {
    /// The platform, free text here, e.g. `xbox`. Linking by code takes `steam`, `xbox`, `epicgames` and `psn`.
    pub platform: String,
    /// The player's id on it. Take it from a ticket the server has verified, never from the client's word.
    pub user_id: String,
}

/// Who may see and who writes an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Written by the client.
    Client,
    /// Written by the server.
    Server,
}

/// A user attribute to write on sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// 1 to 256 characters of `A-Z a-z 0-9 _`.
    pub key: String,
    /// The value: any JSON, as text, e.g. `"\"gold\""` or `5`.
    pub value_json: String,
    /// Who writes it.
    pub attr_type: AttributeType,
    /// `public` or `private`.
    pub permission: &'static str,
}

/// A console player to sign in.
#[derive(Clone, Debug)]
pub struct CustomIdLogin {
    custom_id: Secret,
    profile: Option<SocialProfile>,
    attributes: Vec<Attribute>,
    log_out_others: bool,
}

impl CustomIdLogin {
    /// The id the game server chose for the player, 1 to 256 characters. Keep it secret: whoever has it and a server
    /// token is the player.
    pub fn new(custom_id: impl Into<Secret>) -> Self {
        Self { custom_id: custom_id.into(), profile: None, attributes: Vec::new(), log_out_others: false }
    }

    /// The platform account; needed for linking.
    #[must_use]
    pub fn social_profile(mut self, platform: impl Into<String>, user_id: impl Into<String>) -> Self {
        self.profile = Some(SocialProfile { platform: platform.into(), user_id: user_id.into() });
        self
    }

    /// A user attribute to write.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Invalidates the player's other tokens.
    #[must_use]
    pub fn log_out_others(mut self) -> Self {
        self.log_out_others = true;
        self
    }
}

/// A platform user's token, to be handed to the game.
#[derive(Clone, Debug)]
pub struct PlatformToken {
    /// The user JWT. Its `sub` is the main account's id once the accounts are linked.
    pub token: Secret,
    /// Whether the account was made by this call, when the service says so.
    pub is_new: Option<bool>,
}

fn attribute_json(attribute: &Attribute) -> Result<Json> {
    let value = Json::parse(attribute.value_json.as_bytes())
        .ok_or_else(|| Error::misuse("an attribute's value is not JSON; a text needs its quotes"))?;
    let kind = match attribute.attr_type {
        AttributeType::Client => "client",
        AttributeType::Server => "server",
    };
    Ok(Object::new()
        .text("key", &attribute.key)
        .json("value", value)
        .text("attr_type", kind)
        .text("permission", attribute.permission)
        .take())
}

impl<H: Host> XsollaServer<H> {
    /// Signs a console player in; makes the platform account if there is none.
    ///
    /// # Errors
    /// `misuse` for ids over their limits, `conflict` when the platform account has another custom id, `restricted`
    /// for a banned user, `configuration` when the project is not a shadow project.
    pub async fn login_with_custom_id(&self, login: &CustomIdLogin) -> Result<PlatformToken> {
        check(login)?;
        let config = &self.0.config;
        let publisher = config.publisher_project_id.map(|id| id.to_string());
        let mut query = Vec::new();
        query.extend(publisher.as_deref().map(|id| ("publisher_project_id", id)));
        query.extend(config.shadow_project_id.as_deref().map(|id| ("projectId", id)));
        if login.log_out_others {
            query.push(("with_logout", "1"));
        }
        let path = concat("/users/login/server_custom_id?", &encode_pairs(&query));
        let mut body = Object::new();
        body.text("server_custom_id", login.custom_id.expose());
        if let Some(profile) = &login.profile {
            let profile = Object::new().text("platform", &profile.platform).text("user_id", &profile.user_id).take();
            body.json("social_profile", profile);
        }
        body.list("attributes", login.attributes.iter().map(attribute_json).collect::<Result<Vec<_>>>()?);
        let body = body.body();
        let response = self.call(|| config.request(Method::Post, &path).json(body.clone())).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.0.host.now()));
        }
        let answer = read_object(&response)?;
        match answer.secret("token") {
            Some(token) => Ok(PlatformToken { token, is_new: answer.flag("is_new") }),
            None => Err(not_understood(&response)),
        }
    }
}

fn check(login: &CustomIdLogin) -> Result<()> {
    if !(1..=256).contains(&login.custom_id.expose().chars().count()) {
        return Err(Error::misuse("the custom id must be 1 to 256 characters"));
    }
    if login.profile.as_ref().is_some_and(|profile| profile.platform.is_empty() || profile.user_id.is_empty()) {
        return Err(Error::misuse("the social profile needs both platform and user id"));
    }
    for attribute in &login.attributes {
        let length = attribute.key.len();
        let plain = attribute.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !(1..=256).contains(&length) || !plain || !matches!(attribute.permission, "public" | "private") {
            return Err(Error::misuse(
                "an attribute needs a key of 1 to 256 letters, digits or `_`, and the permission `public` or `private`",
            ));
        }
    }
    Ok(())
}
