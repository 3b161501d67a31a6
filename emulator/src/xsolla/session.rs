//! Ending sessions and checking tokens: `/oauth2/logout`, `/oauth2/token/revoke`, `/token/validate`.

use super::failure::Failure;
use super::grant::form;
use super::state::Holder;
use super::tokens::Defect;
use super::wire::object;
use super::{Answer, Call, Xsolla};
use crate::{Context, Response};

impl Xsolla {
    /// Order: anything wrong with the user token → `401 002-016` (the only refusal documented, besides 429); `sessions`
    /// missing or not `sso` or `all` → `400 0`. There is no browser session here, so `sso` changes nothing; `all` kills
    /// every access and refresh token of the user.
    pub(super) fn logout(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let user = self.bearer(context, call.request).map_err(|_| Failure::TOKEN_INVALID)?.id.clone();
        match call.query.get("sessions") {
            Some("sso") => {}
            Some("all") => {
                self.revoke_access(&user);
                self.revoke_refresh(&user);
            }
            _ => return Err(Failure::PARAMETERS.about("sessions")),
        }
        Ok(Response::empty(204))
    }

    /// Order: not a form, no `token` → `400 0`; `client_id` unknown → `400 010-019`. An unknown token is answered 204 too.
    /// A refresh token dies with all its line.
    pub(super) fn revoke(&mut self, _context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let form = form(call)?;
        let token = form.get("token").ok_or(Failure::PARAMETERS.about("token"))?;
        if let Some(client) = form.get("client_id") {
            let known = client.parse().ok().and_then(|client: u64| self.state.clients.get(&client));
            known.ok_or(Failure::CLIENT_REFUSED)?;
        }
        match self.state.refresh_tokens.get(token).map(|refresh| refresh.family.clone()) {
            Some(family) => self.revoke_family(&family),
            None => {
                self.revoke_issued(token);
            }
        }
        Ok(Response::empty(204))
    }

    /// Order: body not a JSON object or no `token` → `400 0`; bad, expired, revoked, or a server's token → `422 002-016`;
    /// project gone → `404 003-019`; user gone → `404 003-002`.
    pub(super) fn validate(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let body = object(&call.request.body)?;
        let token = body.get("token").and_then(serde_json::Value::as_str).filter(|token| !token.is_empty());
        let token = token.ok_or(Failure::PARAMETERS.about("token"))?;
        match self.judge(context, token) {
            Ok(Holder::User { .. }) => Ok(Response::empty(204)),
            Ok(Holder::Server { .. }) | Err(Defect::Invalid) => Err(Failure::TOKEN_INVALID_422),
            Err(Defect::ProjectGone) => Err(Failure::PROJECT_NOT_FOUND),
            Err(Defect::UserGone) => Err(Failure::USER_NOT_FOUND),
        }
    }
}
