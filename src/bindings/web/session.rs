//! The session's calls, one set for all services: what only one service has goes to that service's.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::arguments::Arguments;
use super::{Answer, Started, Target, Work, json, operation, unknown_operation};
use crate::error::Result;
use crate::host::web::WebHost;
use crate::http::may_carry_token;
use crate::json::{Json, Object};
use crate::session::{Account, Session, Status, Subscription};

#[wasm_bindgen]
extern "C" {
    /// What the session of that number shows has changed.
    #[wasm_bindgen(js_namespace = host)]
    fn changed(session: u32);
}

/// A signed-in player. Made by `login`, `restore` and their like only.
struct OpenSession {
    session: Session<WebHost>,
    subscription: Cell<Option<Subscription>>,
}

pub(super) fn open(session: &Session<WebHost>) -> Answer {
    Answer::Target(Rc::new(OpenSession { session: session.clone(), subscription: Cell::default() }))
}

impl OpenSession {
    /// What is to be shown, as JSON; nothing when that is of the `known` revision already.
    fn snapshot(&self, known: Option<u64>) -> Answer {
        let snapshot = self.session.snapshot();
        if Some(snapshot.revision) == known {
            return Answer::Nothing;
        }
        let (status, reason) = match snapshot.status {
            Status::SignedIn => ("signed-in", None),
            Status::SignedOut(reason) => ("signed-out", Some(reason.as_str())),
        };
        let mut view = Object::new();
        view.text("status", status)
            .maybe_text("reason", reason)
            .json("player", snapshot.player.to_json())
            .text("durability", snapshot.durability.as_str())
            .number("revision", snapshot.revision);
        Answer::Text(view.take().to_text())
    }
}

impl Target for OpenSession {
    fn start(&self, operation: u32, arguments: &Arguments<'_>) -> Started {
        let session = self.session.clone();
        if operation <= operation::ACCESS_TOKEN {
            if let Some(url) = arguments.str("url") {
                may_carry_token(url)?;
            }
            let token = arguments.or_empty("token").to_owned();
            if operation == operation::REFRESH && arguments.flag("playerMayHaveChanged") == Some(true) {
                arguments.check()?;
                // Before anything is awaited: no token from before is handed out any more.
                session.identity_may_have_changed();
                return Ok(Work::Later(Box::pin(call(session, operation::PLAYER_MAY_HAVE_CHANGED, token))));
            }
            if operation == operation::REJECTED {
                let status = arguments.json().count("status").and_then(|status| u16::try_from(status).ok());
                if !session.is_token_rejected(status.unwrap_or_default(), arguments.or_empty("body").as_bytes()) {
                    return Ok(Work::Done(Answer::Nothing));
                }
            }
            return Ok(Work::Later(Box::pin(call(session, operation, token))));
        }
        match operation {
            operation::SNAPSHOT => return Ok(Work::Done(self.snapshot(arguments.json().count("known")))),
            // The skin has the many listeners.
            operation::SUBSCRIBE => {
                let number = arguments.json().count("number").unwrap_or_default() as u32;
                self.subscription.set(Some(session.subscribe(move |_| changed(number))));
            }
            operation::UNSUBSCRIBE => self.subscription.set(None),
            operation::CLOSE => {
                session.close();
                self.subscription.set(None);
            }
            _ => {
                return match session.service() {
                    #[cfg(feature = "playfab")]
                    "playfab" => super::playfab::session_call(session, operation, arguments),
                    #[cfg(feature = "rallyhere")]
                    "rallyhere" => super::rallyhere::session_call(session, operation, arguments),
                    #[cfg(feature = "xsolla")]
                    "xsolla" => super::xsolla::session_call(session, operation, arguments),
                    _ => Err(unknown_operation()),
                };
            }
        }
        Ok(Work::Done(Answer::Nothing))
    }
}

/// One state machine for all of them. `rejected`: the token that was.
async fn call(session: Session<WebHost>, operation: u32, rejected: String) -> Result<Answer> {
    let mut answer = Object::new();
    let token = match operation {
        operation::MAKE_ACTIVE => {
            session.make_active().await;
            None
        }
        // Which closes.
        operation::SETTLE => {
            session.close_and_settle().await;
            None
        }
        // The second: a refresh that has to be sent after this moment.
        operation::REFRESH | operation::PLAYER_MAY_HAVE_CHANGED => {
            let refreshed = if operation == operation::REFRESH {
                session.refresh_now().await?
            } else {
                session.refresh_identity(&session.player()).await?
            };
            return json(&answer.flag("changed", refreshed.changed).json("player", refreshed.player.to_json()).take());
        }
        operation::LOGOUT => return json(&answer.flag("revoked", session.logout().await.revoked).take()),
        // After a 401 or 403 to a request with that token: a new one to send it with once more, or nothing.
        operation::REJECTED => session.replacement(&rejected).await?,
        _ => Some(session.access_token().await?),
    };
    Ok(token.map_or(Answer::Nothing, |token| Answer::Text(token.expose().to_owned())))
}

pub(super) fn accounts_json(accounts: &[Account]) -> Json {
    Json::List(Json::list_of(accounts, |account| {
        let mut view = Object::new();
        view.text("id", &account.id).json("player", account.player.to_json()).flag("active", account.active);
        Some(view.take())
    }))
}
