//! The linking code that a signed-in player reads from this screen and types on a console.

use super::{XsollaSession, wire};
use crate::Secret;
use crate::error::Result;
use crate::host::Host;
use crate::http::Method;
use crate::linking::format;
use crate::services::{not_understood, read_object};

/// A linking code. A secret: whoever types it binds a console to this player's account, so show it to the player only.
///
/// Xsolla tells neither how long it lives nor when it is used; there is nothing to count down.
#[derive(Clone, Debug)]
pub struct LinkingCode {
    /// The code, exactly as the service gave it.
    pub code: Secret,
    /// When it was asked for, epoch milliseconds.
    pub requested_at: u64,
}

impl LinkingCode {
    /// The code in groups that are easy to read and type, e.g. `123` and `456`. Join them with nothing to get the code.
    pub fn groups(&self) -> Vec<Secret> {
        format::groups(self.code.expose()).into_iter().map(Secret::from).collect()
    }
}

impl<H: Host> XsollaSession<H> {
    /// Asks for a linking code for this main account. A new one replaces the old.
    ///
    /// # Errors
    /// `configuration` when the account is a platform account that is not linked yet; `busy` when codes were asked for
    /// too often; `session-over`.
    pub async fn create_linking_code(&self) -> Result<LinkingCode> {
        let config = self.config()?;
        let requested_at = self.host().now();
        let request = config.request(Method::Post, "/users/account/code");
        let response = self.call(request).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.host().now()));
        }
        match read_object(&response)?.loose("code").filter(|code| !code.trim_ascii().is_empty()) {
            Some(code) => Ok(LinkingCode { code: Secret::new(code.trim_ascii()), requested_at }),
            None => Err(not_understood(&response)),
        }
    }
}
