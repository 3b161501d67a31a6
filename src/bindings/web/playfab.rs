//! PlayFab's calls, and what only its sessions can do.

use std::sync::Arc;

use super::arguments::{Arguments, needed};
use super::session::{accounts_json, open};
use super::{Answer, Started, Target, Work, fresh_credential, json, operation, unknown_operation};
use crate::error::Result;
use crate::host::web::WebHost;
use crate::json::Object;
use crate::playfab::{Config, Credential, PlayFab, PlayFabSession, Unlink, details_json};
use crate::session::Session;

/// The client for PlayFab.
pub(super) struct Client(PlayFab<WebHost>);

impl Target for Client {
    /// `restore`, `accounts`, or a sign-in by a credential.
    fn start(&self, operation: u32, arguments: &Arguments<'_>) -> Started {
        let client = self.0.clone();
        Ok(Work::Later(match operation {
            operation::ACCOUNTS => Box::pin(async move { json(&accounts_json(&client.accounts().await)) }),
            operation::RESTORE => {
                let account = arguments.text("account");
                Box::pin(
                    async move { Ok(client.stored(account.as_deref()).await.as_ref().map_or(Answer::Nothing, open)) },
                )
            }
            _ => {
                let credential = Credential::from_json(arguments.json())?;
                Box::pin(async move { Ok(open(client.sign_in(&credential)?.await?.session())) })
            }
        }))
    }
}

pub(super) fn client(options: &Arguments<'_>, host: WebHost) -> Result<Client> {
    let mut config = Config::title(options.text("titleId").unwrap_or_default());
    if let Some(url) = options.text("baseUrl") {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.ms("deadlineMs") {
        config.timeout_ms = ms;
    }
    let page = host.page();
    let mut client = PlayFab::new(config, host)?;
    if options.flag("hasTickets") == Some(true) {
        client = client.renew_with(Arc::new(move || {
            Box::pin(async move { Credential::from_json(&fresh_credential(page).await?) })
        }));
    }
    Ok(Client(client))
}

/// A call of a PlayFab session.
pub(super) fn session_call(session: Session<WebHost>, operation: u32, arguments: &Arguments<'_>) -> Started {
    let session = PlayFabSession::from_session(session);
    let (path, body) = match operation {
        operation::LINK => Credential::from_json(arguments.json())?.link()?,
        operation::UNLINK => Unlink::from_json(arguments.json())?.call()?,
        operation::CALL => {
            let path = needed(arguments.text("path"), "pass the call's `path`, e.g. \"Client/GetAccountInfo\"")?;
            let body = needed(arguments.object("body"), "pass the call's `body`, an object")?;
            let body = body.json().to_text().into_bytes();
            return Ok(Work::Later(Box::pin(async move { json(&session.call_json(&path, body).await?) })));
        }
        operation::SESSION_TICKET => {
            return Ok(Work::Done(Answer::Text(session.session_ticket()?.expose().to_owned())));
        }
        operation::LOGIN_DETAILS => {
            let details = details_json(&session.details(), &session.player().player_id, &mut Object::new());
            return Ok(Work::Done(json(&details)?));
        }
        _ => return Err(unknown_operation()),
    };
    Ok(Work::Later(Box::pin(async move { session.client_call(&path, body).await.map(|_| Answer::Nothing) })))
}
