//! The RallyHere users API (rallyhere.md): which path is answered by what, and where an injected fault steps in.
//! The answers themselves are in the files of their subjects.

mod accounts;
mod admin;
mod bearer;
mod codes;
mod fixture;
mod levers;
mod links;
mod login;
mod oauth;
mod platforms;
mod providers;
mod restrictions;
mod state;
mod tokens;
mod wire;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::{Context, Fault, Random, Request, Response};

pub use bearer::Defect;
pub use levers::Subject;
pub use platforms::{Grant, Platform, Portal, Profile};
pub use state::{
    Agreements, Bypass, Client, Environment, Event, Gate, GrantConfig, Parent, Person, PlatformUser, Player,
    ProviderState, Restriction, Role, Rotation,
};

use restrictions::Whose;

/// The service and its memory.
#[derive(Debug)]
pub struct RallyHere {
    pub(crate) state: state::State,
    /// Whether the fixture's dates, which count from the first request, are set.
    started: bool,
}

impl RallyHere {
    /// The default fixture.
    pub fn new(random: &mut Random) -> Self {
        Self { state: fixture::state(random), started: false }
    }

    /// Answers one request under `/users`.
    pub fn handle(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        self.start(context.now);
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if path.as_slice() == ["users", "v1", "login"] && request.method == "POST" {
            return self.login(context, request);
        }
        let Some(fault) = context.faults.take(request) else { return self.route(context, request, &path) };
        if let ["users", "v1", "oauth", step @ ("login" | "response"), portal] = path.as_slice()
            && let (None, Some(code), false) = (fault.status, &fault.error_code, fault.after)
        {
            // The web flow says what went wrong in its redirect; a fault with a status answers as anywhere else.
            return self.oauth_refusal(request, step, portal, code);
        }
        let processed = fault.after.then(|| self.route(context, request, &path));
        fault.answer(processed, envelope)
    }

    fn route(&mut self, context: &mut Context<'_>, request: &Request, path: &[&str]) -> Response {
        let state = &mut self.state;
        let method = request.method.as_str();
        let answer = match (method, path.get(1..).unwrap_or_default()) {
            ("POST", ["v1", "logout"]) => logout(state, request),
            ("POST", ["v1", "verify"]) => {
                bearer::check(state, context, request, &[]).map(|_| Response::json(200, &json!({})))
            }
            ("GET", ["v1", "publickeys"]) => {
                let keys: Value = bearer::published_kids(state).map(|kid| public_key(context, kid)).collect();
                Ok(Response::json(200, &json!({ "keys": keys })))
            }
            ("GET", ["v1", "publickeys", kid]) => Ok(bearer::published_kids(state)
                .find(|known| known == kid)
                .map_or_else(|| Response::empty(404), |kid| Response::json(200, &public_key(context, kid)))),
            ("GET", ["v2", "player", "me", "links"]) => state.my_links(context, request),
            ("GET", ["v2", "player", uuid, "links"]) => state.links_by_uuid(context, request, uuid),
            ("GET", ["v1", "player", id, "linked_portals"]) => state.links_by_id(context, request, id),
            ("GET", ["v1", "platform-user"]) => state.find_platform_user(context, request),
            ("POST", ["v1", "platform-user"]) => state.create_platform_user(context, request),
            ("PUT", ["v1", "platform-user"]) => state.put_platform_user(context, request),
            ("POST", ["v1", "link"]) => state.link(context, request),
            ("POST", ["v1", "unlink"]) => state.unlink(context, request),
            ("POST", ["v1", "cross-progression", "enable"]) => state.enable(context, request),
            ("POST", ["v1", "cross-progression", "disable"]) => state.disable(context, request),
            ("GET", ["v1", "person", "me", "restrictions"]) => state.my_restrictions(context, request, Whose::Person),
            ("GET", ["v2", "player", "me", "restrictions"]) => state.my_restrictions(context, request, Whose::Player),
            ("POST", ["v1", "person", id, "restrictions"]) => state.impose(context, request, Whose::Person, id),
            ("POST", ["v2", "player", id, "restrictions"]) => state.impose(context, request, Whose::Player, id),
            ("DELETE", ["v1", "person", id, "restrictions"]) => state.lift(context, request, Whose::Person, id),
            ("DELETE", ["v2", "player", id, "restrictions"]) => state.lift(context, request, Whose::Player, id),
            ("GET", ["v1", "oauth", "login", portal]) => self.oauth_login(context, request, portal),
            ("GET", ["v1", "oauth", "response", portal]) => self.oauth_response(context, request, portal),
            ("POST", ["v1", "oauth", "token"]) => self.oauth_token(context, request),
            ("POST", ["v2", "oauth", "token"]) => self.client_token(context, request),
            ("POST", ["v1", "portaltoken", "details"]) => portal_token_details(state, request),
            _ => Ok(Response::json(404, &json!({ "detail": "Not Found" }))),
        };
        answer.unwrap_or_else(|refused| refused)
    }

    /// Sets the dates that count from the first request.
    fn start(&mut self, now: u64) {
        if self.started {
            return;
        }
        self.started = true;
        let Some(user) = self.state.user(Platform::STEAM, fixture::BANNED).cloned() else { return };
        let Some(person) = self.state.person_mut(&user.person_id) else { return };
        for restriction in &mut person.restrictions {
            restriction.expiration = Some(now.saturating_add(fixture::BAN_MS) / 1000 * 1000);
        }
    }

    /// What a developer needs to connect.
    pub fn scenario(&self) -> Value {
        let clients: Vec<Value> = self
            .state
            .clients
            .iter()
            .map(|client| {
                json!({
                    "client_id": client.client_id,
                    "client_secret": client.secret,
                    "permissions": client.permissions,
                })
            })
            .collect();
        json!({
            "base_path": "",
            "profile": self.state.environment.profile,
            "clients": clients,
            "credentials": {
                "steam": "emu.s1",
                "steam_newcomer": "emu.newcomer.Nova",
                "steam_linked": "emu.s3",
                "steam_banned": format!("emu.{}", fixture::BANNED),
                "xboxlive": "emu.x1",
                "ps5_v3": "emu.p3",
                "epic": "emu.e4",
                "google_banned": "emu.g5",
                "apple": "emu.a6",
                "anon": "any text",
                "basic": "nova:correct horse",
            },
            "redirect_uris": self.state.environment.redirects,
            "key_ids": bearer::published_kids(&self.state).collect::<Vec<_>>(),
        })
    }
}

/// `POST /users/v1/logout` (§2.2): no credentials, and an unknown token is no error.
fn logout(state: &mut state::State, request: &Request) -> Result<Response, Response> {
    let mut fields = wire::Fields::of_body(wire::read_body(request, false)?);
    let token = fields.required("refresh_token", 1, usize::MAX);
    fields.finish()?;
    state.revoke(&token);
    Ok(Response::json(200, &json!({})))
}

/// `POST /users/v1/portaltoken/details` (§2.17), PlayStation only.
fn portal_token_details(state: &state::State, request: &Request) -> Result<Response, Response> {
    let mut fields = wire::Fields::of_body(wire::read_body(request, false)?);
    let name = fields.word("grant_type", &["ps4_v1", "ps4_v3", "ps5_v3"]);
    let token = fields.required("portal_access_token", 0, usize::MAX);
    fields.finish()?;
    let refuse = |code: &str| wire::error(403, code, codes::auth_success(code));
    let grant = Grant::parse(&name, state.profile()).ok_or_else(|| refuse("internal_error"))?;
    let config = state.grants.get(&grant).cloned().unwrap_or_default();
    if !config.enabled {
        return Err(refuse(&format!("{name}_disabled")));
    }
    if !config.details_enabled {
        return Err(refuse(&format!("{name}_token_details_disabled")));
    }
    if token.is_empty() {
        return Err(refuse(&platforms::empty_code(grant.group())));
    }
    if let Some(code) = providers::configuration_flaw(grant.group(), Some(grant), &config) {
        return Err(refuse(code));
    }
    let details = providers::details(grant, &config, &token).map_err(|code| refuse(&code))?;
    let body = details.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    Ok(Response::json(200, &Value::Object(body)))
}

/// `PublicKey` (§2.4): no `alg` and no `use`.
fn public_key(context: &Context<'_>, kid: &str) -> Value {
    json!({
        "kid": kid,
        "kty": "RSA",
        "n": URL_SAFE_NO_PAD.encode(context.keys.modulus(kid)),
        "e": URL_SAFE_NO_PAD.encode(context.keys.exponent(kid)),
    })
}

/// The error body of an injected fault, outside of login.
fn envelope(fault: &Fault) -> Value {
    if fault.status == Some(422) && fault.error_code.is_none() {
        return json!({ "detail": [{ "loc": ["body"], "msg": "injected", "type": "value_error" }] });
    }
    let code = fault.error_code.as_deref().unwrap_or("internal_error");
    let auth_success = !code.starts_with("auth_") && codes::auth_success(code);
    wire::error_body(code, auth_success, fault.description.as_deref())
}
