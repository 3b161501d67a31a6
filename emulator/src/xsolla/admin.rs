//! The levers over HTTP, `/__emulator/xsolla/…`; `emulator/docs/xsolla-levers.md` lists them. Only GET, POST and DELETE: a
//! POST to something that exists changes the members it names.

use serde_json::{Value, json};

use super::Xsolla;
use super::state::{Client, Project, User};
use super::tickets::TicketOrder;
use super::wire::Pairs;
use crate::admin::{Refusal, changed, found, members, refuse, shown};
use crate::{Context, Request, Response};

impl Xsolla {
    /// Answers one lever; the path is the one after `/__emulator/xsolla`.
    pub fn admin(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        self.lever(context, request).unwrap_or_else(|(status, sentence)| refuse(status, &sentence))
    }

    fn lever(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Refusal> {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["scenario"]) => Ok(Response::json(200, &self.scenario())),
            ("GET", ["knobs"]) => Ok(shown(&self.state.knobs)),
            ("POST", ["knobs"]) => {
                self.state.knobs = changed(Some(&self.state.knobs), request, &[])?;
                Ok(shown(&self.state.knobs))
            }
            ("GET", ["projects"]) => Ok(shown(&self.state.projects.values().collect::<Vec<_>>())),
            ("POST", ["projects", id]) => {
                let project: Project = changed(self.state.project(id), request, &[("id", json!(id))])?;
                self.put_project(context, project);
                Ok(shown(&self.state.projects.get(&id.to_ascii_lowercase())))
            }
            ("DELETE", ["projects", id]) => found(self.remove_project(id)),
            ("POST", ["projects", id, "rotate-key"]) => match self.rotate_project_key(context.keys, id) {
                Some(kid) => Ok(Response::json(200, &json!({ "kid": kid }))),
                None => Err((404, "no such project, or both keys are published already".to_owned())),
            },
            ("GET", ["clients"]) => Ok(shown(&self.state.clients.values().collect::<Vec<_>>())),
            ("POST", ["clients", id]) => {
                let id: u64 = id.parse().map_err(|_| (400, "a client id is an integer".to_owned()))?;
                let client: Client = changed(self.state.clients.get(&id), request, &[("id", json!(id))])?;
                self.put_client(client);
                Ok(shown(&self.state.clients.get(&id)))
            }
            ("DELETE", ["clients", id]) => found(id.parse().is_ok_and(|id| self.remove_client(id))),
            ("GET", ["users"]) => Ok(shown(&self.state.users.values().collect::<Vec<_>>())),
            ("POST", ["users"]) => self.admin_user(context, request, None),
            ("POST", ["users", id]) => self.admin_user(context, request, Some(id)),
            ("DELETE", ["users", id]) => found(self.remove_user(id)),
            ("GET", ["codes"]) => Ok(shown(&self.live_codes(context.now))),
            ("DELETE", ["codes", code]) => found(self.expire_code(code)),
            ("POST", ["tickets"]) => self.admin_ticket(context, request),
            ("POST", ["tokens", "revoke"]) => self.admin_revoke(request),
            ("GET", ["links"]) => {
                let after = Pairs::parse(&request.query).get("after").and_then(|after| after.parse().ok());
                Ok(shown(&self.links(after.unwrap_or(0)).collect::<Vec<_>>()))
            }
            ("POST", ["limits", "reset"]) => {
                self.reset_limits();
                Ok(Response::empty(204))
            }
            _ => Err((404, "no such lever; emulator/docs/xsolla-levers.md lists them".to_owned())),
        }
    }

    fn admin_user(
        &mut self,
        context: &mut Context<'_>,
        request: &Request,
        id: Option<&str>,
    ) -> Result<Response, Refusal> {
        let present = id.and_then(|id| self.state.users.get(id));
        let fixed = id.map(|id| ("id", json!(id)));
        let mut user: User = changed(present, request, fixed.as_slice())?;
        // A password is never shown, so that a change that does not name it must not lose it.
        user.password = user.password.or_else(|| present.and_then(|present| present.password.clone()));
        let id = self.put_user(context, user);
        Ok(shown(&self.state.users.get(&id)))
    }

    fn admin_ticket(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Refusal> {
        let order: TicketOrder = changed(None::<&TicketOrder>, request, &[])?;
        if order.platform.is_empty() || order.user_id.is_empty() {
            return Err((400, "a ticket needs platform and user_id".to_owned()));
        }
        let ticket = self.mint_ticket(context, order);
        let body = json!({ "base64": ticket.base64(), "hex": ticket.hex(), "text": ticket.text() });
        Ok(Response::json(200, &body))
    }

    fn admin_revoke(&mut self, request: &Request) -> Result<Response, Refusal> {
        let body = members(request)?;
        let member = |name| body.get(name).and_then(Value::as_str);
        match (member("token"), member("user")) {
            (Some(token), _) => found(self.revoke_token(token)),
            (None, Some(user)) => {
                self.revoke_user(user);
                Ok(Response::empty(204))
            }
            (None, None) => Err((400, "the body is {\"token\": …} or {\"user\": id}".to_owned())),
        }
    }
}
