//! What a signed-in user sees of itself: `/users/me` and the social networks linked for signing in.

use serde_json::{Value, json};

use super::failure::Failure;
use super::state::User;
use super::wire::encode_value;
use super::{Answer, Call, Xsolla, redirect};
use crate::{Context, Response};

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
    let seconds = ms / 1000;
    // Days to a date by the Gregorian calendar, counted from 0000-03-01, so that the leap day ends a year.
    let days = seconds / 86400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::iso_time;

    #[test]
    fn times_are_written_by_the_calendar() {
        assert_eq!(iso_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso_time(1_709_164_800_000), "2024-02-29T00:00:00Z");
        assert_eq!(iso_time(1_700_000_000_999), "2023-11-14T22:13:20Z");
    }
}
