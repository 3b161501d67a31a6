//! `POST /users/linking_info`: whose the platform accounts are.

use super::{PlatformAccount, XsollaServer};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::Method;
use crate::json::{Json, Object};
use crate::services::not_understood;
use crate::services::xsolla::wire;

/// The most accounts one request may name.
const MOST: usize = 50;

/// Whose a platform account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkingInfo {
    /// The account that was asked for.
    pub account: PlatformAccount,
    /// The user's id: the main account's once linked, else the platform account's own. `None`: there is no such account.
    pub user_id: Option<String>,
    /// The user's e-mail address. Personal data.
    pub email: Option<String>,
    /// The user's id in your own user storage.
    pub external_account_id: Option<String>,
}

impl<H: Host> XsollaServer<H> {
    /// Whose these platform accounts are: one answer for each, in the order asked. Any number; every 50 cost a request,
    /// one after the other.
    ///
    /// # Errors
    /// `misuse` when an account lacks its platform or its id (nothing is sent), `configuration` when the project is
    /// unknown, `protocol` when the service leaves one out, `busy`. The first failure ends it; nothing is changed by
    /// asking, so ask again.
    pub async fn linking_info(&self, accounts: &[PlatformAccount]) -> Result<Vec<LinkingInfo>> {
        if accounts.iter().any(|account| account.platform.is_empty() || account.user_id.is_empty()) {
            return Err(Error::misuse("each account needs its platform and the player's id on it"));
        }
        let mut infos = Vec::with_capacity(accounts.len());
        for some in accounts.chunks(MOST) {
            infos.extend(self.some_linking_info(some).await?);
        }
        Ok(infos)
    }

    async fn some_linking_info(&self, accounts: &[PlatformAccount]) -> Result<Vec<LinkingInfo>> {
        let config = &self.0.config;
        let body = Object::new()
            .list("users", accounts.iter().map(PlatformAccount::to_json).collect())
            .maybe_number("publisher_project_id", config.publisher_project_id)
            .maybe_text("project_id", config.shadow_project_id.as_deref())
            .body();
        let response = self.call(|| config.request(Method::Post, "/users/linking_info").json(body.clone())).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.0.host.now()));
        }
        let Some(Json::List(rows)) = Json::parse(&response.body) else { return Err(not_understood(&response)) };
        let find = |account: &PlatformAccount| {
            let row = rows.iter().find(|row| {
                row.get("platform").as_text() == Some(&account.platform)
                    && row.loose("user_id").as_deref() == Some(&account.user_id)
            })?;
            Some(LinkingInfo {
                account: account.clone(),
                user_id: row.filled("xl_uid"),
                email: row.filled("email"),
                external_account_id: row.loose("external_account_id").filter(|id| !id.is_empty()),
            })
        };
        let infos: Option<Vec<_>> = accounts.iter().map(find).collect();
        // An account left out is not one that does not exist: whoever merges players must not confuse the two.
        infos.ok_or_else(|| not_understood(&response))
    }
}
