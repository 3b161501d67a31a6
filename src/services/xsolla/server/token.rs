//! The server token: got by client credentials, kept until shortly before it ends, never refreshed but asked for anew.

use std::sync::PoisonError;

use super::XsollaServer;
use crate::Secret;
use crate::error::Result;
use crate::host::Host;
use crate::http::{Method, encode_pairs};
use crate::services::xsolla::token::bearer;
use crate::services::xsolla::wire;
use crate::services::{self, read_object};
use crate::session::policy::margin_ms;

pub(super) struct Cached {
    token: Secret,
    /// Monotonic.
    renew_at: u64,
}

/// Xsolla's default life of a server token, used when the answer does not tell (xsolla.md §3.1).
const DEFAULT_LIFE_MS: u64 = 3_600_000;

impl<H: Host> XsollaServer<H> {
    pub(super) async fn token(&self) -> Result<Secret> {
        let now = self.0.host.monotonic();
        let cached = {
            let cache = self.0.token.lock().unwrap_or_else(PoisonError::into_inner);
            cache.as_ref().filter(|cached| now < cached.renew_at).map(|cached| cached.token.clone())
        };
        if let Some(token) = cached {
            return Ok(token);
        }
        let config = &self.0.config;
        let form = encode_pairs(&[
            ("grant_type", "client_credentials"),
            ("client_id", &config.client_id),
            ("client_secret", config.client_secret.expose()),
        ]);
        let mut request = config.request(Method::Post, "/oauth2/token");
        request.body = Some(form.into_bytes());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = services::send(&self.0.host, request).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.0.host.now()));
        }
        let answer = read_object(&response)?;
        let Some(token) = bearer(&answer) else { return Err(services::not_understood(&response)) };
        let life = services::seconds_to_ms(answer.whole("expires_in")).unwrap_or(DEFAULT_LIFE_MS);
        let cached =
            Cached { token: token.clone(), renew_at: now.saturating_add(life.saturating_sub(margin_ms(life))) };
        *self.0.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(cached);
        Ok(token)
    }

    pub(super) fn drop_token(&self, refused: &Secret) {
        let mut cache = self.0.token.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.as_ref().is_some_and(|cached| cached.token == *refused) {
            *cache = None;
        }
    }
}
