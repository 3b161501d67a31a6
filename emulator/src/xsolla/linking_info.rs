//! `POST /users/linking_info`: a game server asks whose the platform accounts are.

use serde_json::{Value, json};

use super::failure::Failure;
use super::wire::{integer, needed_text, object, text};
use super::{Answer, Call, Xsolla};
use crate::{Context, Response};

const MOST_USERS: usize = 50;

impl Xsolla {
    /// Order: server token (`401`); body not a JSON object, wrong types, `users` missing, empty or more than 50, a member of
    /// one missing → `400 0`; no project named → `422 002-028`; project not found → `404 003-019`.
    pub(super) fn linking_info(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        self.server(context, call.request)?;
        let body = object(&call.request.body)?;
        let users = body.get("users").and_then(Value::as_array).ok_or(Failure::PARAMETERS.about("users"))?;
        if users.is_empty() || users.len() > MOST_USERS {
            return Err(Failure::PARAMETERS.about("users"));
        }
        let mut asked = Vec::with_capacity(users.len());
        for user in users {
            let user = user.as_object().ok_or(Failure::PARAMETERS.about("users"))?;
            let member = |name| needed_text(user, name).map_err(|_| Failure::PARAMETERS.about(name));
            asked.push((member("platform")?, member("user_id")?));
        }
        let publisher = integer(&body, "publisher_project_id")?;
        let project = self.resolve_project(text(&body, "project_id")?, publisher)?;
        let rows = asked.into_iter().map(|(platform, user_id)| {
            let account = self.state.platform_account(&project.id, platform, user_id);
            let user = account.map(|account| self.subject(account));
            json!({
                "platform": platform,
                "user_id": user_id,
                "xl_uid": user.map(|user| &user.id),
                "email": user.and_then(|user| user.email.as_ref()),
                "external_account_id": user.and_then(|user| user.external_account_id.as_ref()),
            })
        });
        Ok(Response::json(200, &Value::Array(rows.collect())))
    }
}
