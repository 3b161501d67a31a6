//! `POST /users/login/server_custom_id`: a console player's token, by an id the game server chose.

use super::{PlatformToken, XsollaServer};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::{Method, concat, encode_pairs};
use crate::json::{Json, Object};
use crate::services::xsolla::wire;
use crate::services::{not_understood, read_object};

/// An account on a publishing platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformAccount {
    /// The platform, free text here, e.g. `xbox`. Linking by code takes `steam`, `xbox`, `epicgames` and `psn`.
    pub platform: String,
    /// The player's id on it. Take it from a ticket the server has verified, never from the client's word.
    pub user_id: String,
}

impl PlatformAccount {
    /// That player on that platform.
    pub fn new(platform: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self { platform: platform.into(), user_id: user_id.into() }
    }

    pub(super) fn to_json(&self) -> Json {
        Object::new().text("platform", &self.platform).text("user_id", &self.user_id).take()
    }
}

/// A user attribute to write on sign-in. Private unless made public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    key: String,
    value_json: String,
    kind: &'static str,
    is_public: bool,
    read_only: Option<bool>,
}

impl Attribute {
    /// One that the server writes. The key is 1 to 256 characters of `A-Z a-z 0-9 _`; the value is any JSON as text,
    /// e.g. `"\"gold\""` or `5`.
    pub fn server(key: impl Into<String>, value_json: impl Into<String>) -> Self {
        Self { key: key.into(), value_json: value_json.into(), kind: "server", is_public: false, read_only: None }
    }

    /// One that clients may write too.
    pub fn client(key: impl Into<String>, value_json: impl Into<String>) -> Self {
        Self { kind: "client", ..Self::server(key, value_json) }
    }

    /// Other players may read it.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.is_public = true;
        self
    }

    /// Whether clients may only read it.
    #[must_use]
    pub fn read_only(mut self, yes: bool) -> Self {
        self.read_only = Some(yes);
        self
    }

    fn to_json(&self) -> Result<Json> {
        let value = Json::parse(self.value_json.as_bytes())
            .ok_or_else(|| Error::misuse("an attribute's value is not JSON; a text needs its quotes"))?;
        let mut json = Object::new();
        json.text("key", &self.key)
            .json("value", value)
            .text("attr_type", self.kind)
            .text("permission", if self.is_public { "public" } else { "private" });
        if let Some(read_only) = self.read_only {
            json.flag("read_only", read_only);
        }
        Ok(json.take())
    }
}

/// A console player to sign in.
#[derive(Clone, Debug)]
pub struct CustomIdLogin {
    custom_id: Secret,
    profile: Option<PlatformAccount>,
    attributes: Vec<Attribute>,
    payload: Option<String>,
    log_out_others: bool,
}

impl CustomIdLogin {
    /// The id the game server chose for the player, 1 to 256 characters. Keep it secret: whoever has it and a server
    /// token is the player.
    pub fn new(custom_id: impl Into<Secret>) -> Self {
        Self {
            custom_id: custom_id.into(),
            profile: None,
            attributes: Vec::new(),
            payload: None,
            log_out_others: false,
        }
    }

    /// The platform account; needed for linking.
    #[must_use]
    pub fn social_profile(mut self, platform: impl Into<String>, user_id: impl Into<String>) -> Self {
        self.profile = Some(PlatformAccount::new(platform, user_id));
        self
    }

    /// A user attribute to write.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// A text that comes back as the token's claim `payload`. Xsolla recommends less than 500 characters, and takes it
    /// only with a user storage of your own.
    #[must_use]
    pub fn payload(mut self, payload: impl Into<String>) -> Self {
        self.payload = Some(payload.into());
        self
    }

    /// Invalidates the player's other tokens.
    #[must_use]
    pub fn log_out_others(mut self) -> Self {
        self.log_out_others = true;
        self
    }
}

/// What signing in by custom id brought.
#[derive(Clone, Debug)]
pub struct CustomIdSignIn {
    /// To be handed to the game.
    pub token: PlatformToken,
    /// Whether the account was made by this call, when the service says so.
    pub is_new: Option<bool>,
}

impl<H: Host> XsollaServer<H> {
    /// Signs a console player in; makes the platform account if there is none.
    ///
    /// # Errors
    /// `misuse` for ids over their limits, `conflict` when the platform account has another custom id, `restricted`
    /// for a banned user, `configuration` when the project is not a shadow project.
    pub async fn login_with_custom_id(&self, login: &CustomIdLogin) -> Result<CustomIdSignIn> {
        check(login)?;
        let config = &self.0.config;
        let publisher = config.publisher_project_id.map(|id| id.to_string());
        let mut query = Vec::new();
        query.extend(publisher.as_deref().map(|id| ("publisher_project_id", id)));
        query.extend(config.shadow_project_id.as_deref().map(|id| ("projectId", id)));
        query.extend(login.payload.as_deref().map(|payload| ("payload", payload)));
        if login.log_out_others {
            query.push(("with_logout", "1"));
        }
        let path = concat("/users/login/server_custom_id?", &encode_pairs(&query));
        let mut body = Object::new();
        body.text("server_custom_id", login.custom_id.expose());
        if let Some(profile) = &login.profile {
            body.json("social_profile", profile.to_json());
        }
        body.list("attributes", login.attributes.iter().map(Attribute::to_json).collect::<Result<Vec<_>>>()?);
        let body = body.body();
        let response = self.call(|| config.request(Method::Post, &path).json(body.clone())).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.0.host.now()));
        }
        let answer = read_object(&response)?;
        match answer.secret("token") {
            Some(token) => Ok(CustomIdSignIn { token: PlatformToken::new(token), is_new: answer.flag("is_new") }),
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
        if !(1..=256).contains(&length) || !plain {
            return Err(Error::misuse("an attribute needs a key of 1 to 256 letters, digits or `_`"));
        }
    }
    Ok(())
}
