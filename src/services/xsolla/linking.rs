//! The linking code that a signed-in player reads from this screen and types on a console.

use super::XsollaSession;
use crate::Secret;
use crate::error::Result;
use crate::host::Host;
use crate::http::{Method, Response};
use crate::json::{Json, Object};
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
        let requested_at = self.host().now();
        Ok(LinkingCode { code: self.ask(Method::Post, CODE_PATH, code).await?, requested_at })
    }
}

pub(crate) const CODE_PATH: &str = "/users/account/code";

fn code(response: &Response) -> Result<Secret> {
    let code = read_object(response)?.loose("code").unwrap_or_default();
    let code = code.trim_ascii();
    if code.is_empty() { Err(not_understood(response)) } else { Ok(Secret::new(code)) }
}

/// [`LinkingCode`] for JavaScript, without its time. The page shows it: the one place where a code leaves its type.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn code_json(response: &Response) -> Result<Json> {
    let code = code(response)?;
    let groups = format::groups(code.expose()).into_iter().map(Json::Text).collect();
    Ok(Object::new().text("code", code.expose()).list("groups", groups).take())
}
