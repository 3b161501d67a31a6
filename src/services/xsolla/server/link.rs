//! `POST /users/account/link`: binds a console player's platform account to the main account that showed the code.

use super::XsollaServer;
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::Method;
use crate::json::Object;
use crate::services::xsolla::wire;

/// A link to make.
#[derive(Clone, Debug)]
pub struct LinkByCode {
    /// What the player typed. Spaces around it are dropped, nothing else is changed.
    pub code: Secret,
    /// The platform, as in the player's social profile: `steam`, `xbox`, `epicgames` or `psn`.
    pub platform: String,
    /// The player's id on it. Take it from a ticket the server has verified, never from the client's word.
    pub user_id: String,
}

impl<H: Host> XsollaServer<H> {
    /// Links. Afterwards sign the player in again: the old token still names the old account. A link cannot be undone.
    ///
    /// # Errors
    /// `not-found` (code 003-061: the linking code is unknown, used or expired, the service does not say which; 003-002:
    /// no such platform account), `conflict` (010-016: linked to another main account, or that one has an account of
    /// this platform already), `busy` after too many wrong codes.
    pub async fn link_by_code(&self, link: &LinkByCode) -> Result<()> {
        let code = link.code.expose().trim_ascii();
        if code.is_empty() || link.platform.is_empty() || link.user_id.is_empty() {
            return Err(Error::misuse("linking needs a code, a platform and the player's id on it"));
        }
        let config = &self.0.config;
        let body = Object::new()
            .text("code", code)
            .text("platform", &link.platform)
            .text("user_id", &link.user_id)
            .maybe_number("publisher_project_id", config.publisher_project_id)
            .maybe_text("project_id", config.shadow_project_id.as_deref())
            .body();
        let response = self.call(|| config.request(Method::Post, "/users/account/link").json(body.clone())).await?;
        if response.is_success() { Ok(()) } else { Err(wire::error(&response, self.0.host.now())) }
    }
}
