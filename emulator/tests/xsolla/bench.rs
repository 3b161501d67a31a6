//! An emulator, a clock, and short words for the calls the tests make.

use emulator::http::percent_encode;
use emulator::xsolla::{MAIN_PROJECT_ID, PUBLISHER_PROJECT_ID, SERVER_SECRET, TicketOrder, Xsolla};
use emulator::{Context, Emulator, Request, Response, jwt};
use serde_json::{Value, json};

pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) now: u64,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { emulator: Emulator::new(7), now: 1_800_000_000_000 }
    }

    pub(crate) fn send(&mut self, request: Request) -> Response {
        self.emulator.handle(self.now, request)
    }

    pub(crate) fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send(request("GET", path, headers, Vec::new()))
    }

    pub(crate) fn delete(&mut self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send(request("DELETE", path, headers, Vec::new()))
    }

    pub(crate) fn post(&mut self, path: &str, headers: &[(&str, &str)], body: Value) -> Response {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        self.send(request("POST", path, &headers, body.to_string().into_bytes()))
    }

    pub(crate) fn post_bytes(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        self.send(request("POST", path, headers, body.as_bytes().to_vec()))
    }

    pub(crate) fn form(&mut self, path: &str, pairs: &[(&str, &str)]) -> Response {
        let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(request("POST", path, &headers, body.join("&").into_bytes()))
    }

    pub(crate) fn token(&mut self, pairs: &[(&str, &str)]) -> Response {
        self.form("/api/oauth2/token", pairs)
    }

    pub(crate) fn advance_s(&mut self, seconds: u64) {
        self.now += seconds * 1000;
    }

    pub(crate) fn xsolla(&mut self) -> &mut Xsolla {
        self.emulator.xsolla_mut()
    }

    pub(crate) fn with<T>(&mut self, act: impl FnOnce(&mut Xsolla, &mut Context<'_>) -> T) -> T {
        self.emulator.with_xsolla(self.now, act)
    }

    /// A server JWT of client 59.
    pub(crate) fn server_token(&mut self) -> String {
        let grant = [("grant_type", "client_credentials"), ("client_id", "59"), ("client_secret", SERVER_SECRET)];
        text(&self.token(&grant), "access_token")
    }

    /// The token JSON of a password sign-in by public client 57, scope `offline`.
    pub(crate) fn sign_in(&mut self, username: &str) -> Value {
        let body = json!({ "username": username, "password": "correct-horse" });
        body_of(&self.post("/api/oauth2/login/token?client_id=57&scope=offline", &[], body))
    }

    /// A main user token of `nova`.
    pub(crate) fn main_token(&mut self) -> String {
        self.sign_in("nova")["access_token"].as_str().unwrap().to_owned()
    }

    /// Another main account with a token of it.
    pub(crate) fn other_main(&mut self, username: &str) -> String {
        let body =
            json!({ "username": username, "password": "correct-horse", "email": format!("{username}@x.example") });
        let path = format!("/api/user?projectId={MAIN_PROJECT_ID}&login_url=http://localhost:1/");
        assert_eq!(self.post(&path, &[], body).status, 200);
        self.sign_in(username)["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn create_code(&mut self, token: &str) -> Response {
        self.post_bytes("/api/users/account/code", &[("authorization", &format!("Bearer {token}"))], "")
    }

    pub(crate) fn code(&mut self) -> String {
        let token = self.main_token();
        text(&self.create_code(&token), "code")
    }

    /// Custom-id authentication of an Xbox player.
    pub(crate) fn platform_sign_in(&mut self, custom_id: &str, user_id: &str) -> Response {
        self.custom_id(json!({
            "server_custom_id": custom_id, "social_profile": { "platform": "xbox", "user_id": user_id },
        }))
    }

    pub(crate) fn custom_id(&mut self, body: Value) -> Response {
        let server = self.server_token();
        let path = format!("/api/users/login/server_custom_id?publisher_project_id={PUBLISHER_PROJECT_ID}");
        self.post(&path, &[("x-server-authorization", &server)], body)
    }

    pub(crate) fn link_body(&mut self, body: Value) -> Response {
        let server = self.server_token();
        self.post("/api/users/account/link", &[("x-server-authorization", &server)], body)
    }

    pub(crate) fn link(&mut self, code: &str, user_id: &str) -> Response {
        self.link_body(json!({
            "code": code, "platform": "xbox", "user_id": user_id, "publisher_project_id": PUBLISHER_PROJECT_ID,
        }))
    }

    pub(crate) fn ticket(&mut self, order: TicketOrder) -> emulator::xsolla::Ticket {
        self.with(|xsolla, context| xsolla.mint_ticket(context, order))
    }
}

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { method: method.into(), path: path.into(), query: query.into(), headers, body }
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub(crate) fn body_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// A text member of the body.
#[track_caller]
pub(crate) fn text(response: &Response, name: &str) -> String {
    let body = body_of(response);
    body[name].as_str().unwrap_or_else(|| panic!("{} {body}", response.status)).to_owned()
}

/// The status and the error code of an answer.
#[track_caller]
pub(crate) fn refused(response: &Response, status: u16, code: &str) {
    let body = body_of(response);
    assert_eq!((response.status, body["error"]["code"].as_str()), (status, Some(code)), "{body}");
    assert!(body["error"]["description"].is_string());
}

/// A 429 with the seconds to wait.
#[track_caller]
pub(crate) fn too_many(response: &Response) -> u64 {
    refused(response, 429, "429");
    response.header("retry-after").unwrap().parse().unwrap()
}

pub(crate) fn claims(token: &str) -> Value {
    jwt::payload(token).unwrap()
}

/// A value in the query of a URL.
pub(crate) fn in_query(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    emulator::http::form_decode(query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
