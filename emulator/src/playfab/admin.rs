//! The levers over HTTP, `/__emulator/playfab/…`; `emulator/docs/playfab-levers.md` lists them. Only GET, POST and
//! DELETE: a POST to something that exists changes the members it names.

use serde_json::{Value, json};

use super::calls::Call;
use super::codes::Code;
use super::credentials::TokenOrder;
use super::platforms::Platform;
use super::state::{Link, Player};
use super::{PlayFab, steam_ticket};
use crate::admin::{Refusal, changed, found, members, refuse, shown};
use crate::{Context, Request, Response};

impl PlayFab {
    /// Answers one lever; the path is the one after `/__emulator/playfab`.
    pub fn admin(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        self.lever(context, request).unwrap_or_else(|(status, sentence)| refuse(status, &sentence))
    }

    fn lever(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Refusal> {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["scenario"]) => Ok(Response::json(200, &self.scenario())),
            ("GET", ["calls"]) => Ok(shown(&Call::all().iter().map(Call::shown).collect::<Vec<_>>())),
            ("GET", ["errors"]) => Ok(shown(&Code::ALL.iter().map(error_row).collect::<Vec<_>>())),
            ("GET", ["knobs"]) => Ok(shown(&self.state.knobs)),
            ("POST", ["knobs"]) => {
                self.state.knobs = changed(Some(&self.state.knobs), request, &[])?;
                Ok(shown(&self.state.knobs))
            }
            ("GET", ["title"]) => Ok(shown(&self.state.title)),
            ("POST", ["title"]) => {
                self.state.title = changed(Some(&self.state.title), request, &[])?;
                Ok(shown(&self.state.title))
            }
            ("GET", ["platforms"]) => Ok(shown(&self.state.platforms)),
            ("POST", ["platforms", name]) => {
                let platform = Platform::ALL.iter().find(|platform| platform.name() == *name);
                let platform = *platform.ok_or_else(|| (404, "there is no such platform".to_owned()))?;
                let set_up = changed(Some(self.platform_mut(platform)), request, &[])?;
                *self.platform_mut(platform) = set_up;
                Ok(shown(self.platform_mut(platform)))
            }
            ("GET", ["players"]) => Ok(shown(&self.state.players.values().collect::<Vec<_>>())),
            ("POST", ["players"]) => self.admin_player(context, request, None),
            ("POST", ["players", id]) => self.admin_player(context, request, Some(id)),
            ("DELETE", ["players", id]) => found(self.delete_player(id)),
            ("GET", ["links"]) => Ok(shown(&self.state.links)),
            ("POST", ["links"]) => {
                let link: Link = changed(None::<&Link>, request, &[])?;
                let link = Link { linked_at: context.now, last_used: context.now, ..link };
                self.put_link(link.clone());
                Ok(shown(&link))
            }
            ("POST", ["identity-tokens"]) => {
                let order: TokenOrder = changed(None::<&TokenOrder>, request, &[])?;
                if order.subject.is_empty() {
                    return Err((400, "an identity token needs a subject".to_owned()));
                }
                Ok(Response::json(200, &json!({ "identity_token": self.state.mint(context, &order) })))
            }
            ("POST", ["steam-tickets"]) => match members(request)?.get("credential").and_then(Value::as_str) {
                Some(credential) => Ok(Response::json(200, &json!({ "hex": steam_ticket(credential) }))),
                None => Err((400, "the body is {\"credential\": \"emu.<steam id>\"}".to_owned())),
            },
            ("POST", ["sessions", "revoke"]) => match members(request)?.get("playfab_id").and_then(Value::as_str) {
                Some(playfab_id) => {
                    self.revoke_sessions(playfab_id);
                    Ok(Response::empty(204))
                }
                None => Err((400, "the body is {\"playfab_id\": id}".to_owned())),
            },
            ("POST", ["limits", "reset"]) => {
                self.reset_limits();
                Ok(Response::empty(204))
            }
            _ => Err((404, "no such lever; emulator/docs/playfab-levers.md lists them".to_owned())),
        }
    }

    fn admin_player(
        &mut self,
        context: &mut Context<'_>,
        request: &Request,
        id: Option<&str>,
    ) -> Result<Response, Refusal> {
        let present = id.and_then(|id| self.state.players.get(id));
        let fixed = id.map(|id| ("playfab_id", json!(id)));
        let player: Player = changed(present, request, fixed.as_slice())?;
        // What is never shown must not be lost by a change that does not name it.
        let hidden = present.map(|present| (present.password.clone(), present.secret.clone()));
        let (password, secret) = hidden.unwrap_or_default();
        let player = Player { password: player.password.clone().or(password), secret, ..player };
        let id = self.put_player(context, player);
        Ok(shown(&self.state.players.get(&id)))
    }
}

fn error_row(code: &Code) -> Value {
    json!({ "error": code.name(), "errorCode": code.number(), "code": code.status() })
}
