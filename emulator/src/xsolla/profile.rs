//! What a signed-in user sees of itself: `/users/me` and the social networks linked for signing in.

use serde_json::{Value, json};

use super::failure::Failure;
use super::state::User;
use super::wire::encode_value;
use super::{Answer, Call, Xsolla, redirect};
use crate::{Context, Response, date};

impl Xsolla {
    /// Order: the user token (see [`Xsolla::bearer`]).
    pub(super) fn me(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let user = self.bearer(context, call.request)?;
        let body = json!({
            "id": user.id,
            "username": user.username,
            "nickname": user.nickname,
            "name": user.nickname,
            "picture": null,
            "birthday": null,
            "first_name": null,
            "last_name": null,
            "gender": null,
            "email": user.email,
            "phone": null,
            "groups": [{ "id": 1, "name": "default", "is_default": true }],
            "registered": iso_time(user.registered),
            "external_id": user.external_account_id,
            "last_login": user.last_login.map(iso_time),
            "ban": null,
            "country": null,
            "tag": null,
            "connection_information": null,
            "is_anonymous": user.username.is_none() && user.social.is_empty(),
            "phone_auth": null,
            "presence": "online",
        });
        Ok(Response::json(200, &body))
    }

    /// Order: the user token. Platform accounts linked by code are listed only when the knob is on: nothing documents that
    /// the real service lists them.
    pub(super) fn social_providers(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let user = self.bearer(context, call.request)?;
        let mut rows: Vec<Value> = user.social.iter().map(|social| json!(social)).collect();
        if self.state.knobs.list_linked_in_social_providers {
            let linked = self.state.users.values().filter(|account| account.linked_main.as_ref() == Some(&user.id));
            rows.extend(linked.map(platform_row));
        }
        Ok(Response::json(200, &Value::Array(rows)))
    }

    /// Order: the user token; callback → `422 010-011` / `010-012`.
    pub(super) fn social_login_url(&mut self, context: &mut Context<'_>, call: &Call<'_>, provider: &str) -> Answer {
        let user = self.bearer(context, call.request)?;
        let project = self.state.project(&user.project).ok_or(Failure::PROJECT_NOT_FOUND)?;
        let callback = redirect::resolve(&project.callback_urls, call.query.get("login_url"))?;
        let (provider, callback) = (encode_value(provider), encode_value(&callback));
        let url = format!(
            "https://login.xsolla.com/api/social/{provider}/login_redirect?projectId={}&login_url={callback}",
            project.id
        );
        Ok(Response::json(200, &json!({ "url": url })))
    }

    /// Order: the user token; not linked → `404 003-061`. Never touches accounts linked by code.
    pub(super) fn remove_social(&mut self, context: &mut Context<'_>, call: &Call<'_>, provider: &str) -> Answer {
        let id = self.bearer(context, call.request)?.id.clone();
        let user = self.state.users.get_mut(&id).ok_or(Failure::USER_NOT_FOUND)?;
        let before = user.social.len();
        user.social.retain(|social| social.provider != provider);
        if user.social.len() == before { Err(Failure::NOT_FOUND) } else { Ok(Response::empty(204)) }
    }
}

fn platform_row(account: &User) -> Value {
    json!({
        "provider": account.platform,
        "social_id": account.platform_user_id,
        "full_name": null,
        "nickname": account.nickname,
        "picture": null,
    })
}

/// Epoch milliseconds as `2024-01-22T09:30:00Z`.
fn iso_time(ms: u64) -> String {
    date::format(ms / 1000 * 1000)
}
