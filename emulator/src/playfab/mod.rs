//! PlayFab, emulated from `playfab.md`: which call a request is, and what is common to all calls.
//!
//! Every call is evaluated in a fixed order, so that a request with several faults always gets the same answer: an
//! injected fault; the path; the title; the body's length and content type; who asks; whether the title denies the call;
//! JSON and fields; `TitleId`; the throttle; then the order written above the call's own function.

mod account_info;
mod admin;
mod calls;
mod codes;
mod credentials;
mod failure;
mod fields;
mod fixture;
mod knobs;
mod levers;
mod links;
mod login;
mod platforms;
mod register;
mod sessions;
mod state;

use serde_json::{Value, json};

pub use calls::{Api, Call, Verb};
pub use codes::Code;
pub use credentials::{Defect, TokenOrder, steam_ticket};
pub use fixture::{BANNED_PLAYER_ID, CONNECTION, OTHER_PLAYER_ID, PASSWORD, PLAYER_ID, SECRET_KEY, TITLE_ID};
pub use knobs::{Knobs, Throttle};
pub use platforms::{Flaw, Platform};
pub use state::{Entity, Link, PlatformState, Player, Title, TitleStatus};

pub(crate) use failure::envelope;

use crate::{Context, Fault, Request, Response, date, http};
use failure::Failure;
use fields::{Body, Check};
use state::{EntityToken, State};

/// The parts of the service, as a path names them.
const APIS: [&str; 3] = ["Client", "Server", "Authentication"];
/// Host names whose first label is the title.
const TITLE_HOSTS: [&str; 2] = [".localhost", ".playfabapi.com"];

/// The service. Its levers are methods too; over HTTP they are `/__emulator/playfab/…`.
#[derive(Debug)]
pub struct PlayFab {
    state: State,
}

/// What a call answers with: its `data`, or a refusal.
type Answer = Result<Value, Failure>;

/// Who asks.
#[derive(Debug)]
enum Caller {
    Nobody,
    /// By session ticket.
    Player(String),
    /// By secret key.
    Title,
    /// By entity token.
    Entity(Box<EntityToken>),
}

/// A call, in the table or one of its own kind.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Alike(&'static Call),
    Register,
    AccountInfo(Api),
    NintendoIds(Api),
    AuthenticateSessionTicket,
    GetEntityToken,
    ValidateEntityToken,
}

/// Where a path leads: what stands before the call, the title it names, the call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address<'p> {
    mount: &'p str,
    title: Option<&'p str>,
    call: &'p str,
}

impl<'p> Address<'p> {
    /// Reads `/Client/X`, `/{title}/Client/X` and `/any/prefix/{title}/Client/X`; `/playfab/…` is this service's whatever
    /// follows.
    pub(crate) fn parse(path: &'p str) -> Option<Self> {
        let split = path.rsplit_once('/').and_then(|(front, _)| front.rsplit_once('/'));
        if let Some((mount, _)) = split.filter(|(_, api)| APIS.contains(api)) {
            let title = mount.rsplit('/').next().filter(|title| !title.is_empty() && *title != "playfab");
            return Some(Self { mount, title, call: path.get(mount.len() + 1..)? });
        }
        let own = path == "/playfab" || path.starts_with("/playfab/");
        own.then_some(Self { mount: "", title: None, call: "" })
    }
}

impl Operation {
    fn find(call: &str) -> Option<Self> {
        let (api, name) = call.split_once('/')?;
        let api = match api {
            "Client" => Api::Client,
            "Server" => Api::Server,
            _ => {
                return match name {
                    "GetEntityToken" => Some(Self::GetEntityToken),
                    "ValidateEntityToken" => Some(Self::ValidateEntityToken),
                    _ => None,
                };
            }
        };
        match (api, name) {
            (Api::Client, "RegisterPlayFabUser") => Some(Self::Register),
            (Api::Client, "GetAccountInfo") | (Api::Server, "GetUserAccountInfo") => Some(Self::AccountInfo(api)),
            (_, "GetPlayFabIDsFromNintendoServiceAccountIds") => Some(Self::NintendoIds(api)),
            (Api::Server, "AuthenticateSessionTicket") => Some(Self::AuthenticateSessionTicket),
            _ => Call::find(api, name).map(Self::Alike),
        }
    }

    /// Whether the body has to name the title.
    fn names_title(self) -> bool {
        match self {
            Self::Alike(call) => call.api == Api::Client && call.verb == Verb::Login,
            Self::Register => true,
            _ => false,
        }
    }
}

impl PlayFab {
    /// The fixture; see [`PlayFab::scenario`].
    pub fn new() -> Self {
        Self { state: fixture::state() }
    }

    /// Answers one request; the path is the whole one.
    pub fn handle(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        let Some(address) = Address::parse(&request.path) else { return self.finish(context, request, no_such_call()) };
        context.faults.mount(address.mount);
        let inner = Request { path: format!("/{}", address.call), ..request.clone() };
        let response = match context.faults.take(&inner) {
            Some(fault) => {
                let processed = fault.after.then(|| self.process(context, &address, request));
                faulty(fault, processed)
            }
            None => self.process(context, &address, request),
        };
        self.finish(context, request, response)
    }

    /// Every id and test credential a developer needs to connect.
    pub fn scenario(&self) -> Value {
        fixture::scenario(&self.state)
    }

    /// What every answer has: the request's id, the time by the emulator's clock, and status 200 for those who ask for
    /// it.
    fn finish(&self, context: &mut Context<'_>, request: &Request, mut response: Response) -> Response {
        let wanted = request.header("x-reporterrorassuccess").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if wanted && response.header("content-type") == Some("application/json") {
            response.status = 200;
        }
        let id = context.random.uuid().replace('-', "");
        response.with_header("x-requestid", id).with_header("date", date::http(context.now))
    }

    fn process(&mut self, context: &mut Context<'_>, address: &Address<'_>, request: &Request) -> Response {
        match self.route(context, address, request) {
            Ok(data) => failure::success(&data),
            Err(failure) => failure.response(),
        }
    }

    fn route(&mut self, context: &mut Context<'_>, address: &Address<'_>, request: &Request) -> Answer {
        let found = Operation::find(address.call).filter(|_| request.method == "POST");
        let operation = found.ok_or(Code::InvalidAPIEndpoint)?;
        self.title_answers(address.title.or_else(|| title_of_host(request)))?;
        if request.body.len() > http::LONGEST_BODY {
            return Err(Code::BodyTooLarge.into());
        }
        let kind = request.header("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/json") {
            return Err(Code::InvalidContentType.into());
        }
        let caller = self.caller(context.now, operation, request)?;
        if let Some(code) = self.state.knobs.denied_calls.get(address.call) {
            return Err((*code).into());
        }
        let body = Body::read(request)?;
        check(operation, &body)?;
        if operation.names_title() && body.needed("TitleId") != self.state.title.id {
            return Err(Code::InvalidTitleId.into());
        }
        self.pace(context.now, &caller, &body)?;
        match operation {
            Operation::Alike(call) => match call.verb {
                Verb::Login => self.login(context, call, &body),
                Verb::Link => self.link(context, call, &caller, &body),
                Verb::Unlink => self.unlink(context, call, &caller, &body),
            },
            Operation::Register => self.register(context, &body),
            Operation::AccountInfo(Api::Client) => self.client_account_info(&caller, &body),
            Operation::AccountInfo(Api::Server) => self.server_account_info(&body),
            Operation::NintendoIds(_) => self.nintendo_ids(&body),
            Operation::AuthenticateSessionTicket => self.authenticate_session_ticket(context.now, &body),
            Operation::GetEntityToken => self.get_entity_token(context, &caller, &body),
            Operation::ValidateEntityToken => self.validate_entity_token(context.now, &caller, &body),
        }
    }

    /// The title the address names, which is this one when it names none, has to exist and to answer.
    fn title_answers(&self, named: Option<&str>) -> Result<(), Failure> {
        let title = &self.state.title;
        if named.is_some_and(|named| !named.eq_ignore_ascii_case(&title.id)) {
            return Err(Code::InvalidTitleId.into());
        }
        match title.status {
            TitleStatus::Active => Ok(()),
            TitleStatus::NotActivated => Err(Code::TitleNotActivated.into()),
            TitleStatus::RequestsDisabled => Err(Code::APIRequestsDisabledForTitle.into()),
            TitleStatus::Deleted => Err(Code::TitleDeleted.into()),
        }
    }

    fn caller(&self, now: u64, operation: Operation, request: &Request) -> Result<Caller, Failure> {
        let api = match operation {
            _ if operation.names_title() => return Ok(Caller::Nobody),
            Operation::GetEntityToken => return self.any_caller(now, request),
            Operation::ValidateEntityToken => return self.entity(now, request),
            Operation::Alike(call) => call.api,
            Operation::AccountInfo(api) | Operation::NintendoIds(api) => api,
            Operation::Register | Operation::AuthenticateSessionTicket => Api::Server,
        };
        match api {
            Api::Client => self.player(now, request),
            Api::Server => self.server(request),
        }
    }

    /// The two buckets of the entity the call is about: the one in the body, else the caller, else the title.
    fn pace(&mut self, now: u64, caller: &Caller, body: &Body) -> Result<(), Failure> {
        let Some(throttle) = self.state.knobs.throttle else { return Ok(()) };
        let target = match (body.text("PlayFabId"), caller) {
            (Some(playfab_id), _) => playfab_id,
            (None, Caller::Player(playfab_id)) => playfab_id,
            (None, Caller::Entity(token)) => &token.entity.id,
            (None, Caller::Nobody | Caller::Title) => &self.state.title.id,
        };
        let buckets = [
            (format!("burst {target}"), throttle.burst, throttle.burst_s),
            (format!("sustained {target}"), throttle.sustained, throttle.sustained_s),
        ];
        let windows = &mut self.state.windows;
        let waits = buckets.iter().filter_map(|(key, limit, window_s)| windows.full(key, *limit, *window_s, now));
        if let Some(seconds) = waits.max() {
            return Err(Failure::throttled(Code::APIClientRequestRateLimitExceeded, seconds));
        }
        for (key, _, _) in &buckets {
            self.state.windows.add(key, now);
        }
        Ok(())
    }
}

impl Default for PlayFab {
    fn default() -> Self {
        Self::new()
    }
}

/// All that is wrong with the fields of a body.
fn check(operation: Operation, body: &Body) -> Result<(), Failure> {
    let mut check = Check::new(body);
    match operation {
        Operation::Alike(call) => {
            check.call(call);
        }
        Operation::Register => register::check(&mut check, body),
        Operation::AccountInfo(Api::Client) => {
            check.text("PlayFabId").text("Username").text("Email").text("TitleDisplayName");
        }
        Operation::AccountInfo(Api::Server) => {
            check.needed("PlayFabId");
        }
        Operation::NintendoIds(_) => {
            check.texts("NintendoAccountIds", links::MOST_IDS);
        }
        Operation::AuthenticateSessionTicket => {
            check.needed("SessionTicket");
        }
        Operation::GetEntityToken => {
            check.tags().object("Entity");
        }
        Operation::ValidateEntityToken => {
            check.tags().needed("EntityToken");
        }
    }
    check.finish()
}

/// The first label of a host that is made of a title's id.
fn title_of_host(request: &Request) -> Option<&str> {
    let host = request.header("host")?;
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    TITLE_HOSTS.iter().find_map(|suffix| name.strip_suffix(suffix)).filter(|title| !title.contains('.'))
}

fn no_such_call() -> Response {
    Failure::from(Code::InvalidAPIEndpoint).response()
}

/// The answer of a fault: an error named as in the service's table brings its number and status along.
fn faulty(mut fault: Fault, processed: Option<Response>) -> Response {
    let code = fault.error_code.as_deref().map_or(Some(Code::InternalServerError), Code::find);
    if let (Some(code), None) = (code.filter(|_| fault.error_code.is_some()), fault.status) {
        fault.status = Some(code.status());
    }
    fault.answer(processed, |fault| {
        let status = fault.status.unwrap_or(500);
        let code = if fault.error_code.is_none() && status == 429 {
            Some(Code::APIClientRequestRateLimitExceeded)
        } else {
            code
        };
        let name = fault.error_code.as_deref().filter(|_| code.is_none()).or_else(|| code.map(Code::name));
        let known = code.unwrap_or(Code::UnknownError);
        let message = fault.description.clone().unwrap_or_else(|| known.message());
        let mut body = envelope(status, name.unwrap_or_default(), known.number(), &message);
        if let (Some(seconds), Some(members)) = (fault.retry_after, body.as_object_mut()) {
            members.insert("retryAfterSeconds".into(), json!(seconds));
        }
        body
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_read_from_any_prefix() {
        let read = |path| Address::parse(path).map(|address| (address.mount, address.title, address.call));
        assert_eq!(read("/Client/LinkApple"), Some(("", None, "Client/LinkApple")));
        assert_eq!(read("/ABCD1/Server/LinkPSNId"), Some(("/ABCD1", Some("ABCD1"), "Server/LinkPSNId")));
        assert_eq!(read("/pf/ABCD1/Client/X"), Some(("/pf/ABCD1", Some("ABCD1"), "Client/X")));
        assert_eq!(read("/playfab/Client/X"), Some(("/playfab", None, "Client/X")));
        assert_eq!(read("/playfab/ABCD1/Elsewhere"), Some(("", None, "")));
        assert_eq!(read("/elsewhere/at/all"), None);
    }
}
