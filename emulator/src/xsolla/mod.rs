//! Xsolla Login, emulated from `xsolla.md`: which call a request is, and what is common to all calls.
//!
//! Every call is evaluated in a fixed order, so that a request with several faults always gets the same answer: first an
//! injected fault, then the `requests_per_minute` limit, then the order written above the call's own function.

mod admin;
mod custom_id;
mod failure;
mod fixture;
mod grant;
mod keys;
mod knobs;
mod levers;
mod linking;
mod linking_info;
mod profile;
mod redirect;
mod register;
mod session;
mod sign_in;
mod silent;
mod social;
mod state;
mod tickets;
mod tokens;
mod wire;

use serde_json::{Value, json};

pub use fixture::{
    BANNED_USER_ID, MAIN_PROJECT_ID, PASSWORD, PUBLISHER_PROJECT_ID, SERVER_SECRET, SHADOW_PROJECT_ID,
    UNCONFIRMED_USER_ID, USER_ID,
};
pub use knobs::{InvalidBearer, Knobs, RefreshReuse};
pub use state::{Algorithm, Client, ClientKind, LinkCode, LinkEvent, Project, ProjectKind, Social, User};
pub use tickets::{Ticket, TicketOrder};

use crate::{Context, Random, Request, Response, cors};
use failure::{Failure, envelope};
use state::State;
use wire::Pairs;

/// The service. Its levers are methods too; over HTTP they are `/__emulator/xsolla/…`.
#[derive(Debug)]
pub struct Xsolla {
    state: State,
}

/// A call's answer.
type Answer = Result<Response, Failure>;

/// A request with its query read.
struct Call<'r> {
    request: &'r Request,
    query: Pairs,
}

/// Whether a sign-in ends in a token in the callback's query, or in an authorization code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Jwt,
    OAuth,
}

impl Xsolla {
    /// The fixture; see [`Xsolla::scenario`].
    pub fn new(random: &mut Random) -> Self {
        Self { state: fixture::state(random) }
    }

    /// Answers one request; the path is the one after `/api`.
    pub fn handle(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        let fault_envelope = |fault: &crate::Fault| {
            let usual = if fault.status == Some(429) { "429" } else { "004-001" };
            let code = fault.error_code.as_deref().unwrap_or(usual);
            let description = fault.description.as_deref().unwrap_or("Something went wrong.");
            envelope(&json!(code), &json!(description))
        };
        match context.faults.take(request) {
            Some(fault) if fault.after => fault.answer(Some(self.process(context, request)), fault_envelope),
            Some(fault) => fault.answer(None, fault_envelope),
            None => self.process(context, request),
        }
    }

    /// Whether pages of that origin may call, by any project's list of allowed origins.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.state.projects.values().filter(|project| !project.removed).any(|project| {
            let anywhere = |allowed: &str| cors::is_loopback(allowed) && cors::is_loopback(origin);
            project.allowed_origins.iter().any(|allowed| allowed == origin || anywhere(allowed))
        })
    }

    /// Every id and test credential a developer needs to connect.
    pub fn scenario(&self) -> Value {
        fixture::scenario(&self.state)
    }

    fn process(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        let call = Call { request, query: Pairs::parse(&request.query) };
        self.route(context, &call).unwrap_or_else(|failure| failure.response(&self.state.knobs))
    }

    fn route(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let segments = call.request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let path = path.as_slice();
        let name = name_of(&call.request.method, path).ok_or(Failure::NO_SUCH_CALL)?;
        self.pace(context, name)?;
        match (name, path) {
            ("token", _) => self.token(context, call),
            ("revoke", _) => self.revoke(context, call),
            ("validate", _) => self.validate(context, call),
            ("logout", _) => self.logout(context, call),
            ("keys", ["projects", project, ..]) => self.published_keys(context, project),
            ("generate_key", ["projects", project, ..]) => self.generate_key(context, call, project),
            ("login", ["oauth2", ..]) => self.login(context, call, Protocol::OAuth),
            ("login", _) => self.login(context, call, Protocol::Jwt),
            ("login_token", _) => self.login_token(context, call),
            ("register", ["oauth2", ..]) => self.register(context, call, Protocol::OAuth),
            ("register", _) => self.register(context, call, Protocol::Jwt),
            ("device", [_, _, _, kind]) => self.device(context, call, kind),
            ("login_with_token", ["oauth2", _, provider, _]) => {
                self.login_with_token(context, call, provider, Protocol::OAuth)
            }
            ("login_with_token", [_, provider, _]) => self.login_with_token(context, call, provider, Protocol::Jwt),
            ("cross_auth", ["oauth2", _, platform, _]) => self.cross_auth(context, call, platform, Protocol::OAuth),
            ("cross_auth", [_, platform, _]) => self.cross_auth(context, call, platform, Protocol::Jwt),
            ("custom_id", _) => self.custom_id(context, call),
            ("create_code", _) => self.create_code(context, call),
            ("link", _) => self.link(context, call),
            ("linking_info", _) => self.linking_info(context, call),
            ("me", _) => self.me(context, call),
            ("social_providers", [_, _, _, provider, "login_url"]) => self.social_login_url(context, call, provider),
            ("social_providers", [_, _, _, provider]) => self.remove_social(context, call, provider),
            ("social_providers", _) => self.social_providers(context, call),
            _ => Err(Failure::NO_SUCH_CALL),
        }
    }

    /// The limit a developer set for the call, over all its callers.
    fn pace(&mut self, context: &Context<'_>, name: &str) -> Result<(), Failure> {
        let Some(&limit) = self.state.knobs.requests_per_minute.get(name) else { return Ok(()) };
        let key = format!("call {name}");
        if let Some(seconds) = self.state.windows.full(&key, limit, 60, context.now) {
            return Err(Failure::too_many(seconds));
        }
        self.state.windows.add(&key, context.now);
        Ok(())
    }
}

/// The name of a call, as `requests_per_minute` has it.
fn name_of(method: &str, path: &[&str]) -> Option<&'static str> {
    Some(match (method, path) {
        ("POST", ["oauth2", "token"]) => "token",
        ("POST", ["oauth2", "token", "revoke"]) => "revoke",
        ("POST", ["token", "validate"]) => "validate",
        ("GET", ["oauth2", "logout"]) => "logout",
        ("GET", ["projects", _, "keys"]) => "keys",
        ("POST", ["projects", _, "keys"]) => "generate_key",
        ("POST", ["login"] | ["oauth2", "login"]) => "login",
        ("POST", ["oauth2", "login", "token"]) => "login_token",
        ("POST", ["user"] | ["oauth2", "user"]) => "register",
        ("POST", ["oauth2", "login", "device", _]) => "device",
        ("POST", ["social", _, "login_with_token"] | ["oauth2", "social", _, "login_with_token"]) => "login_with_token",
        ("GET", ["social", _, "cross_auth"] | ["oauth2", "social", _, "cross_auth"]) => "cross_auth",
        ("POST", ["users", "login", "server_custom_id"]) => "custom_id",
        ("POST", ["users", "account", "code"]) => "create_code",
        ("POST", ["users", "account", "link"]) => "link",
        ("POST", ["users", "linking_info"]) => "linking_info",
        ("GET", ["users", "me"]) => "me",
        ("GET", ["users", "me", "social_providers"]) => "social_providers",
        ("GET", ["users", "me", "social_providers", _, "login_url"]) => "social_providers",
        ("DELETE", ["users", "me", "social_providers", _]) => "social_providers",
        _ => return None,
    })
}
