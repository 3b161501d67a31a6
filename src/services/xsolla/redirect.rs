//! The web sign-in with OAuth 2.0: the page the player is sent to, and their way back, each with its own `state`.

use super::{Xsolla, XsollaSession};
use crate::Secret;
use crate::error::Result;
use crate::host::{Boxed, Host};
use crate::http::{encode_pairs, query_value};
use crate::session::{Session, WebSignIn, sign_in};

/// Xsolla's own sign-in page, as the vendor's Unity SDK opens it.
const PAGE: &str = "https://login-widget.xsolla.com/latest/";

/// Whether an address may hold the answer to [`Xsolla::begin_oauth`]; the JWT protocol's comes with a token and no state.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn is_oauth(callback_url: &str) -> bool {
    query_value(callback_url, "token").is_none()
}

impl<H: Host> Xsolla<H> {
    /// Begins a web sign-in with OAuth 2.0: open the address as a page of its own. For up to 10 minutes the player may be away; five
    /// sign-ins at once, one more ends the oldest. `page`: another page than Xsolla's that takes the same query.
    ///
    /// # Errors
    /// `storage` when the store failed: the program would not know the player when they come back.
    pub async fn begin_oauth(&self, page: Option<&str>) -> Result<WebSignIn> {
        let client_id = self.config.oauth_client()?;
        let state = sign_in::begin(&*self.host, &self.config.slots()).await?;
        let query = encode_pairs(&[
            ("projectId", &self.config.project_id),
            ("client_id", client_id),
            ("response_type", "code"),
            ("state", state.expose()),
            ("redirect_uri", &self.config.redirect_uri),
            ("scope", "offline"),
        ]);
        let page = page.unwrap_or(PAGE);
        Ok(WebSignIn {
            url: crate::text::concat(&[page, if crate::http::cut(page, "?").1.is_some() { "&" } else { "?" }, &query]),
            state,
        })
    }

    /// Completes it with the address the browser came back to. Called twice with the same address, it costs one exchange
    /// and answers twice the same. Remove the query from the address bar before anything else.
    ///
    /// # Errors
    /// `platform-ticket`: this sign-in was not begun by this program, took more than 10 minutes or was completed already
    /// (nothing was sent); `session-over`: the code was not accepted; begin again. `network`, `timeout`, `busy`,
    /// `service`: call again with the same address. Else what the service put into the address.
    pub async fn complete_oauth_url(&self, callback_url: &str) -> Result<XsollaSession<H>> {
        Ok(XsollaSession::from_session(self.come_back(callback_url)?.await?))
    }

    pub(crate) fn come_back(&self, url: &str) -> Result<Boxed<'static, Result<Session<H>>>> {
        let Some(state) = sign_in::state_of(url) else {
            // An error may come to the error callback without the state (xsolla.md §4).
            return Err(self.oauth_code(url, None).err().unwrap_or_else(sign_in::not_begun));
        };
        let (client, url) = (self.clone(), Secret::from(url));
        let work = Box::pin(async move {
            let code = client.oauth_code(url.expose(), None)?;
            Ok(client.complete_oauth(&code).await?.session().clone())
        });
        Ok(self.way_back.complete(&self.host, Some((self.config.slots(), state.clone())), &state, work))
    }
}
