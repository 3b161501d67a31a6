//! Signing in to a main account with a password: `/login`, `/oauth2/login`, `/oauth2/login/token`; and what every sign-in
//! shares: which project or client it is for, and where its result goes.

use serde_json::json;

use super::failure::Failure;
use super::state::{Client, ClientKind, How, Project, ProjectKind, SignIn};
use super::wire::{is_uuid, needed_text, object};
use super::{Answer, Call, Protocol, Xsolla, redirect};
use crate::{Context, Response};

/// Where the result of a sign-in goes, resolved before anything is looked up about the user.
pub(super) struct Destination {
    /// The project users are looked up in.
    pub(super) project: String,
    pub(super) url: String,
    pub(super) kind: DestinationKind,
}

pub(super) enum DestinationKind {
    Token { with_logout: bool },
    Code { client: u64, state: String },
}

impl Xsolla {
    /// Order: body not a JSON object → `400 0`; the destination (see [`Xsolla::destination`]); the project is a shadow
    /// project → `422 003-033`; then the password check.
    pub(super) fn login(&mut self, context: &mut Context<'_>, call: &Call<'_>, protocol: Protocol) -> Answer {
        let body = object(&call.request.body)?;
        let destination = self.destination(call, protocol)?;
        let account = self.check_password(&destination.project, &body)?;
        let sign_in = sign_in(call, account, How::Password);
        let url = self.arrive(context, destination, sign_in)?;
        Ok(Response::json(200, &json!({ "login_url": url })))
    }

    /// Order: body not a JSON object → `400 0`; client unknown or not public → `400 010-019`; its project removed → `404
    /// 003-019`; `redirect_uri` given but not registered → `422 010-012`; then the password check.
    pub(super) fn login_token(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let body = object(&call.request.body)?;
        let client = self.client_of(call)?;
        if client.kind != ClientKind::Public {
            return Err(Failure::CLIENT_REFUSED);
        }
        if self.state.project(&client.project).is_none() {
            return Err(Failure::PROJECT_NOT_FOUND);
        }
        let redirect_uri = call.query.get("redirect_uri");
        if redirect_uri.is_some() {
            redirect::resolve(&client.redirect_uris, redirect_uri)?;
        }
        let account = self.check_password(&client.project, &body)?;
        let sign_in = sign_in(call, account, How::Password);
        let tokens = self.tokens(context, &client, sign_in, redirect_uri.map(str::to_owned), None)?;
        Ok(Response::json(200, &tokens).with_header("cache-control", "no-store"))
    }

    /// Order: shadow project → `422 003-033`; member missing → `422 002-028`; no such user or wrong password → `401
    /// 003-001`; banned → `401 002-040`; not confirmed → `401 003-007`. The password comes first, so that a stranger
    /// learns nothing.
    fn check_password(
        &self,
        project: &str,
        body: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<String, Failure> {
        if self.state.project(project).is_some_and(|project| project.kind == ProjectKind::Shadow) {
            return Err(Failure::PROJECT_KIND);
        }
        let username = needed_text(body, "username")?;
        let password = needed_text(body, "password")?;
        let user = self
            .state
            .user_by_login(project, username)
            .filter(|user| user.password.as_deref() == Some(password))
            .ok_or(Failure::WRONG_PASSWORD)?;
        if user.banned {
            return Err(Failure::BANNED);
        }
        if !user.confirmed {
            return Err(Failure::UNCONFIRMED);
        }
        Ok(user.id.clone())
    }

    /// JWT: `projectId` missing → `422 002-028`, not a UUID → `400 0`, unknown → `404 003-019`; `with_logout` not 0 or 1 →
    /// `422 002-027`; callback → `422 010-011` / `010-012`. OAuth: `state` shorter than 8 → `400 010-022`; client unknown or
    /// a server's → `400 010-019`; `response_type` not `code` → `400 0`; project removed → `404 003-019`; redirect URI →
    /// `422 010-011` / `010-012`. Parameters of the other protocol are ignored: the vendor's JS SDK sends both.
    pub(super) fn destination(&self, call: &Call<'_>, protocol: Protocol) -> Result<Destination, Failure> {
        match protocol {
            Protocol::Jwt => {
                let project = self.project_of(call)?;
                let with_logout = call.query.with_logout()?;
                let url = redirect::resolve(&project.callback_urls, call.query.get("login_url"))?;
                Ok(Destination { project: project.id.clone(), url, kind: DestinationKind::Token { with_logout } })
            }
            Protocol::OAuth => {
                let (client, state) = self.oauth_request(call)?;
                let url = redirect::resolve(&client.redirect_uris, call.query.get("redirect_uri"))?;
                let kind = DestinationKind::Code { client: client.id, state };
                Ok(Destination { project: client.project, url, kind })
            }
        }
    }

    /// The client and `state` of an OAuth sign-in; the order is [`Xsolla::destination`]'s.
    pub(super) fn oauth_request(&self, call: &Call<'_>) -> Result<(Client, String), Failure> {
        let state = call.query.get("state").filter(|state| state.chars().count() >= 8);
        let state = state.ok_or(Failure::STATE_SHORT)?.to_owned();
        let client = self.client_of(call)?;
        if client.kind == ClientKind::Server {
            return Err(Failure::CLIENT_REFUSED);
        }
        if call.query.get("response_type") != Some("code") {
            return Err(Failure::PARAMETERS.about("response_type"));
        }
        if self.state.project(&client.project).is_none() {
            return Err(Failure::PROJECT_NOT_FOUND);
        }
        Ok((client, state))
    }

    pub(super) fn project_of(&self, call: &Call<'_>) -> Result<&Project, Failure> {
        let id = call.query.get("projectId").ok_or_else(|| Failure::missing("projectId"))?;
        if !is_uuid(id) {
            return Err(Failure::PARAMETERS.about("projectId"));
        }
        self.state.project(id).ok_or(Failure::PROJECT_NOT_FOUND)
    }

    fn client_of(&self, call: &Call<'_>) -> Result<Client, Failure> {
        let id = call.query.get("client_id").and_then(|id| id.parse().ok());
        id.and_then(|id: u64| self.state.clients.get(&id)).cloned().ok_or(Failure::CLIENT_REFUSED)
    }

    /// The URL a signed-in user is sent to.
    pub(super) fn arrive(
        &mut self,
        context: &mut Context<'_>,
        destination: Destination,
        sign_in: SignIn,
    ) -> Result<String, Failure> {
        match destination.kind {
            DestinationKind::Token { with_logout } => {
                let token = self.jwt_token(context, &sign_in, with_logout)?;
                Ok(redirect::with_query(&destination.url, &[("token", &token)]))
            }
            DestinationKind::Code { client, state } => {
                Ok(self.code_url(context, client, sign_in, destination.url, &state))
            }
        }
    }
}

/// A sign-in of that account with the scope, audience and payload the query asks for.
pub(super) fn sign_in(call: &Call<'_>, account: String, how: How) -> SignIn {
    SignIn {
        account,
        how,
        scope: call.query.words("scope"),
        audience: call.query.owned("audience"),
        payload: call.query.owned("payload"),
    }
}
