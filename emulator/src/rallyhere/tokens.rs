//! Issuing tokens: the 200 of a login, refresh tokens and how they rotate (rallyhere.md §2.1, §4.2).

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::bearer;
use super::state::{Client, PlatformUser, RefreshToken, Rotation, State};
use super::wire::{self, Object};
use crate::Context;

/// What every player may do; the client's and the role's permissions come on top.
const PLAYER_PERMISSIONS: [&str; 2] = ["user:restriction:read:self", "user:audit:self"];

const NUMERIC_ROLE_WITHOUT_ROLE: i64 = 0;

impl State {
    /// The tokens and the description of a user: `LoginResult`. The caller has checked that the player exists.
    pub(crate) fn user_result(
        &mut self,
        context: &mut Context<'_>,
        client: &Client,
        user: &PlatformUser,
        include_refresh: bool,
        honour_store: bool,
    ) -> Result<Value, &'static str> {
        if honour_store && self.token_store_fails {
            return Err("failed_to_save_tokens");
        }
        let person = self.person(&user.person_id).cloned().ok_or("internal_error")?;
        let role = person.role_id.as_deref().and_then(|role_id| self.role(role_id)).cloned();
        let permissions = permissions(client, role.as_ref().map_or(&[][..], |role| &role.permissions), true);
        let claims = bearer::user_claims(self, context, &client.client_id, user, &permissions);
        let access_token = bearer::sign(self, context, &claims);
        let refresh_token = include_refresh.then(|| self.issue_refresh_token(context, &client.client_id, user));
        let active_player = self.active_player(user);
        let tolerated = person.restrictions.iter().filter(|one| one.is_active(context.now) && !one.blocks_login());
        let nulls = self.environment.emit_nulls;
        let parent = user.parent.as_ref().map(|parent| {
            Object::new(nulls)
                .with("platform", parent.platform.name())
                .with("portal_id", parent.platform.portal_id())
                .with("portal_user_id", parent.platform_user_id.clone())
                .with("display_name", parent.display_name.clone())
                .build()
        });
        let mut result = self
            .common_result(client, access_token, &permissions)
            .optional("refresh_token", refresh_token)
            .optional("active_player_id", self.player_id(&active_player))
            .with("active_player_uuid", active_player)
            .with("person_id", user.person_id.clone())
            .with("platform", user.platform.name())
            .with("portal_id", user.platform.portal_id())
            .with("portal_user_id", user.platform_user_id.clone())
            .optional("display_name", user.display_name.clone())
            .with("role_id", role.as_ref().map_or(NUMERIC_ROLE_WITHOUT_ROLE, |role| role.legacy_role_id))
            .with("restrictions", wire::restrictions(tolerated))
            .optional("portal_parent_auth_result", parent);
        if self.is_current() {
            result = result
                .optional("platform_environment", user.platform_environment.clone())
                .with("role_custom_data", role.map_or_else(Map::new, |role| role.custom_data));
        }
        Ok(result.build())
    }

    /// The user-less `LoginResult` of `client_credentials`.
    pub(crate) fn client_result(&self, context: &mut Context<'_>, client: &Client) -> Value {
        let permissions = permissions(client, &[], false);
        let access_token = self.client_token(context, client);
        let mut result = self.common_result(client, access_token, &permissions);
        for name in [
            "refresh_token",
            "active_player_uuid",
            "active_player_id",
            "person_id",
            "platform",
            "portal_user_id",
            "portal_id",
            "display_name",
            "role_id",
            "portal_parent_auth_result",
        ] {
            result = result.optional(name, None::<Value>);
        }
        result = result.with("restrictions", json!([]));
        if self.is_current() {
            result = result.optional("platform_environment", None::<Value>).with("role_custom_data", json!({}));
        }
        result.build()
    }

    /// An access token without a user.
    pub(crate) fn client_token(&self, context: &mut Context<'_>, client: &Client) -> String {
        let permissions = permissions(client, &[], false);
        let claims = bearer::client_claims(self, context, &client.client_id, &permissions);
        bearer::sign(self, context, &claims)
    }

    fn common_result(&self, client: &Client, access_token: String, permissions: &[String]) -> Object {
        let environment = &self.environment;
        let result = Object::new(environment.emit_nulls)
            .with("access_token", access_token)
            .with("token_type", "Bearer")
            .with("expires_in", environment.access_ttl_s)
            .with("permissions", permissions)
            .with("publisher_uuid", environment.publisher_uuid.clone())
            .with("tenant_uuid", environment.tenant_uuid.clone())
            .with("config_elector_uuid", environment.config_elector_uuid.clone())
            .with("client_uuid", client.client_uuid.clone());
        if self.is_current() { result.with("client_id", client.client_id.clone()) } else { result }
    }

    fn issue_refresh_token(&mut self, context: &mut Context<'_>, client_id: &str, user: &PlatformUser) -> String {
        let now = context.now;
        self.refresh_tokens.retain(|token| now < token.expires);
        let value = format!("rt_{}", context.random.token());
        self.refresh_tokens.push(RefreshToken {
            hash: hash(&value),
            platform: user.platform,
            platform_user_id: user.platform_user_id.clone(),
            client_id: client_id.to_owned(),
            expires: now.saturating_add(self.environment.refresh_ttl_s.saturating_mul(1000)),
        });
        value
    }

    /// The record of a refresh token that still works.
    pub(crate) fn live_refresh_token(&self, now: u64, value: &str) -> Option<&RefreshToken> {
        let hash = hash(value);
        self.refresh_tokens.iter().find(|token| token.hash == hash && now < token.expires)
    }

    /// What becomes of a refresh token for which a new one was issued.
    pub(crate) fn rotate(&mut self, now: u64, value: &str) {
        let hash = hash(value);
        let end = match self.environment.rotation {
            Rotation::Reusable => return,
            Rotation::Strict => now,
            Rotation::Grace(seconds) => now.saturating_add(seconds.saturating_mul(1000)),
        };
        if let Some(token) = self.refresh_tokens.iter_mut().find(|token| token.hash == hash) {
            token.expires = token.expires.min(end);
        }
    }

    /// Ends a refresh token; one that does not exist is no error.
    pub(crate) fn revoke(&mut self, value: &str) {
        let hash = hash(value);
        self.refresh_tokens.retain(|token| token.hash != hash);
    }
}

pub(crate) fn hash(value: &str) -> [u8; 32] {
    Sha256::digest(value.as_bytes()).into()
}

/// The permissions of a token, each once: the client's, then the role's, then what every player has.
pub(crate) fn permissions(client: &Client, of_role: &[String], is_user: bool) -> Vec<String> {
    let of_player = PLAYER_PERMISSIONS.iter().filter(|_| is_user).map(|one| (*one).to_owned());
    let mut all: Vec<String> = Vec::new();
    for permission in client.permissions.iter().chain(of_role).cloned().chain(of_player) {
        if !all.contains(&permission) {
            all.push(permission);
        }
    }
    all
}
