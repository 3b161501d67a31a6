//! The game's own server, as far as linking by code needs it: it holds the server secrets, and a console asks it to sign
//! its player in and to link what the player typed. A small contract of ours, in docs/link-by-code.md.

use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::http::{BaseUrl, Method, Request, Response, concat};
use crate::json::{Json, Object};
use crate::services::{self, ServiceCode};

/// Where it is.
#[derive(Clone, Debug)]
pub(crate) struct GameServer {
    base_url: BaseUrl,
    timeout_ms: u64,
}

impl GameServer {
    pub(crate) fn new(url: &str, timeout_ms: u64) -> Result<Self> {
        let base_url = BaseUrl::parse(url).map_err(|error| {
            Error::configuration(concat("the game server's address is not valid: ", error.message()))
        })?;
        services::check_timeout(timeout_ms)?;
        Ok(Self { base_url, timeout_ms })
    }

    /// The platform token of the player whom the ticket shows.
    pub(crate) async fn sign_in<H: Host>(&self, host: &H, ticket: &Secret) -> Result<Secret> {
        let response = self.post(host, "/sign-in", Object::new().text("platformTicket", ticket.expose())).await?;
        token(&response).ok_or_else(|| services::not_understood(&response))
    }

    /// Links that player to whoever showed the code. Answers the player's new platform token, if the server gives it at
    /// once. After `network` and `timeout` nobody knows: the code may be spent.
    pub(crate) async fn link<H: Host>(&self, host: &H, ticket: &Secret, code: &Secret) -> Result<Option<Secret>> {
        let mut body = Object::new();
        body.text("platformTicket", ticket.expose()).text("code", code.expose());
        let response = self.post(host, "/link", &mut body).await?;
        Ok(token(&response))
    }

    async fn post<H: Host>(&self, host: &H, path: &str, body: &mut Object) -> Result<Box<Response>> {
        let request = Request::to(Method::Post, concat(self.base_url.as_str(), path))
            .header("accept", "application/json")
            .timeout_ms(self.timeout_ms)
            .json(body.body());
        let response = services::send(host, request).await?;
        if response.is_success() { Ok(response) } else { Err(refusal(&response, host.now())) }
    }
}

fn token(response: &Response) -> Option<Secret> {
    Json::parse_object(&response.body)?.secret("token")
}

/// `kind` and `code` are our words; without them the status decides.
fn refusal(response: &Response, now_ms: u64) -> Error {
    let error = services::from_status(response, now_ms);
    let Some(body) = Json::parse_object(&response.body) else { return error };
    let told = body.text("kind").unwrap_or_default();
    let Some(kind) = ErrorKind::ALL.into_iter().find(|kind| kind.as_str() == told) else { return error };
    let wait = error.retry_after_ms().or_else(|| body.count("retryAfterMs"));
    let error = error.with_kind(kind, message(kind)).with_retry_after_ms(wait);
    match body.filled("code") {
        Some(code) => error.with_code(code_of(&code)),
        None => error,
    }
}

fn message(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "the game server does not know that code: it is wrong, used or too old",
        ErrorKind::Conflict => "the game server says that one of the accounts is linked already",
        ErrorKind::PlatformTicket => "the game server does not accept the platform's ticket; get a new one",
        ErrorKind::Busy => "the game server asks to wait",
        ErrorKind::Restricted => "the game server says that the account is restricted",
        _ => "the game server could not do it; its log says why",
    }
}

/// The server links with Xsolla, and hands its codes on.
fn code_of(text: &str) -> ServiceCode {
    crate::xsolla::Code::parse(text).into()
}
