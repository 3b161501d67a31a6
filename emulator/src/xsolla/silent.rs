//! Silent authentication, `cross_auth`, in both protocols: a platform's credential becomes a session without a word from
//! the player.

use serde_json::{Value, json};

use super::failure::Failure;
use super::sign_in::{Destination, DestinationKind, sign_in};
use super::state::{How, User};
use super::tickets::{Shown, TicketOrder};
use super::wire::{encode_value, ticket_readings};
use super::{Answer, Call, Protocol, Xsolla, redirect};
use crate::{Context, Response};

/// The page that asks a player for data the platform did not tell.
const ASK: &str = "https://login-widget.xsolla.com/latest/ask";

/// What a silent sign-in comes to.
struct Arrival {
    url: String,
    ask_fields: Option<Value>,
}

impl Xsolla {
    /// Order: bad boolean → `400 0`; the destination (see [`Xsolla::destination`]: `400 0`, `400 010-022`, `400 010-019`,
    /// `404 003-019`, `422 010-011`, `422 010-012`); platform not connected → `422 003-022`; Steam without `app_id` → `422
    /// 002-028`; neither `session_ticket` nor `code` → `422 002-028`; undecodable ticket → `400 0`; refused by the platform →
    /// `422 010-015`; no such user and `no_user_creation` → `404 003-002`; banned → `401 002-040`.
    ///
    /// With `is_redirect` (the default) every refusal after the callback is known is a 302 to the error callback.
    pub(super) fn cross_auth(
        &mut self,
        context: &mut Context<'_>,
        call: &Call<'_>,
        platform: &str,
        protocol: Protocol,
    ) -> Answer {
        let is_redirect = call.query.boolean("is_redirect", true)?;
        let create = !call.query.boolean("no_user_creation", false)?;
        let outcome = self
            .destination(call, protocol)
            .and_then(|destination| self.silent(context, call, platform, create, destination));
        match outcome {
            Ok(arrival) if is_redirect => Ok(Response::empty(302).with_header("location", arrival.url)),
            Ok(Arrival { url, ask_fields: None }) => Ok(Response::json(200, &json!({ "login_url": url }))),
            Ok(Arrival { url, ask_fields }) => {
                Ok(Response::json(200, &json!({ "login_url": url, "ask_fields": ask_fields })))
            }
            Err(failure) => match self.error_target(call, protocol).filter(|_| is_redirect) {
                Some(target) => {
                    let values = [("error_code", failure.code), ("error_description", &failure.text())];
                    Ok(Response::empty(302).with_header("location", redirect::with_query(&target, &values)))
                }
                None => Err(failure),
            },
        }
    }

    /// Where refusals are sent: the registered error callback, else the callback of success.
    fn error_target(&self, call: &Call<'_>, protocol: Protocol) -> Option<String> {
        match protocol {
            Protocol::Jwt => {
                let project = self.project_of(call).ok()?;
                let callback = || redirect::resolve(&project.callback_urls, call.query.get("login_url")).ok();
                project.error_callback_url.clone().or_else(callback)
            }
            Protocol::OAuth => self.destination(call, protocol).ok().map(|destination| destination.url),
        }
    }

    fn silent(
        &mut self,
        context: &mut Context<'_>,
        call: &Call<'_>,
        platform: &str,
        create: bool,
        destination: Destination,
    ) -> Result<Arrival, Failure> {
        let project = self.state.project(&destination.project).ok_or(Failure::PROJECT_NOT_FOUND)?;
        let project_app = project.platforms.get(platform).ok_or(Failure::MISCONFIGURED)?.clone();
        let app_id = call.query.get("app_id");
        if platform == "steam" && app_id.is_none() {
            return Err(Failure::missing("app_id"));
        }
        let readings = match (call.query.get("session_ticket"), call.query.get("code")) {
            (Some(ticket), _) => ticket_readings(ticket),
            (None, Some(code)) => vec![code.as_bytes().to_vec()],
            (None, None) => return Err(Failure::missing("session_ticket")),
        };
        if readings.is_empty() {
            return Err(Failure::PARAMETERS.about("session_ticket"));
        }
        if app_id.is_some_and(|app_id| !project_app.is_empty() && project_app != app_id) {
            return Err(Failure::PLATFORM_REFUSED.about(platform));
        }
        let shown = Shown { platform, app_id, deployment_id: call.query.get("deployment_id") };
        let player = self.state.redeem_ticket(context.now, &shown, &readings, true)?;
        let id = self.silent_user(context, &destination.project, &player, create)?;
        let has_email = self.state.users.get(&id).is_some_and(|user| user.email.is_some());
        if destination.asks_for_email(call) && !has_email {
            let url = format!("{ASK}?projectId={}", encode_value(&destination.project));
            let ask_fields = json!([{ "name": "email", "required": true, "type": "email", "step": 1 }]);
            return Ok(Arrival { url, ask_fields: Some(ask_fields) });
        }
        let how = How::Silent { provider: platform.to_owned(), id: network_id(&player) };
        let url = self.arrive(context, destination, sign_in(call, id, how))?;
        Ok(Arrival { url, ask_fields: None })
    }

    fn silent_user(
        &mut self,
        context: &mut Context<'_>,
        project: &str,
        player: &TicketOrder,
        create: bool,
    ) -> Result<String, Failure> {
        match self.state.platform_account(project, &player.platform, &player.user_id) {
            Some(user) if self.state.is_banned(user) => Err(Failure::BANNED),
            Some(user) => Ok(user.id.clone()),
            None if !create => Err(Failure::USER_NOT_FOUND),
            None => Ok(self.create_user(
                context,
                User {
                    project: project.to_owned(),
                    platform: Some(player.platform.clone()),
                    platform_user_id: Some(player.user_id.clone()),
                    email: player.email.clone(),
                    nickname: player.name.clone(),
                    ..User::default()
                },
            )),
        }
    }
}

/// The id claim: for Steam a URL, of which vendor SDKs take the part after the last `/`.
fn network_id(player: &TicketOrder) -> String {
    match player.platform.as_str() {
        "steam" => format!("https://steamcommunity.com/openid/id/{}", player.user_id),
        _ => player.user_id.clone(),
    }
}

impl Destination {
    /// Only the JWT form has `fields`.
    fn asks_for_email(&self, call: &Call<'_>) -> bool {
        let asks = |fields: &str| fields.split(',').any(|field| field.trim() == "email");
        matches!(self.kind, DestinationKind::Token { .. }) && call.query.get("fields").is_some_and(asks)
    }
}
