//! The emulator in virtual time, and short ways to ask it things.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use emulator::rallyhere::RallyHere;
use emulator::{Context, Emulator, Fault, Request, Response};
use serde_json::{Value, json};

pub(crate) const START: u64 = 1_700_000_000_000;

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) now: u64,
}

/// A status, an error code (empty when there is none) and the body.
pub(crate) type Answer = (u16, String, Value);

impl World {
    pub(crate) fn new() -> Self {
        Self { emulator: Emulator::new(1), now: START }
    }

    /// The same in profile `base`.
    pub(crate) fn base() -> Self {
        let mut world = Self::new();
        world.service().environment_mut().profile = emulator::rallyhere::Profile::Base;
        world
    }

    pub(crate) fn service(&mut self) -> &mut RallyHere {
        self.emulator.rallyhere_mut()
    }

    pub(crate) fn with<T>(&mut self, act: impl FnOnce(&mut RallyHere, &mut Context<'_>) -> T) -> T {
        self.emulator.with_rallyhere(self.now, act)
    }

    pub(crate) fn fault(&mut self, fault: Value) {
        let fault: Fault = serde_json::from_value(fault).unwrap();
        self.emulator.faults_mut().push(fault);
    }

    pub(crate) fn send(&mut self, request: Request) -> Response {
        self.emulator.handle(self.now, request)
    }

    /// A request with the value of its `Authorization` header (none when empty) and a JSON body.
    pub(crate) fn ask(&mut self, method: &str, target: &str, authorization: &str, body: &Value) -> Answer {
        let response = self.send(request(method, target, authorization, body));
        answer(&response)
    }

    pub(crate) fn lever(&mut self, path: &str, body: &Value) -> Answer {
        self.ask("POST", &format!("/__emulator{path}"), "", body)
    }

    pub(crate) fn login_with(&mut self, client: &str, grant: &str, token: &str, more: &Value) -> Answer {
        let mut body = json!({ "grant_type": grant, "portal_access_token": token });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.ask("POST", "/users/v1/login", client, &body)
    }

    pub(crate) fn login(&mut self, grant: &str, token: &str) -> Answer {
        self.login_with(&game(), grant, token, &json!({ "include_refresh": true }))
    }

    /// The code of a refused login; panics when it is not refused.
    pub(crate) fn login_code(&mut self, grant: &str, token: &str) -> String {
        let (status, code, body) = self.login(grant, token);
        assert_eq!(status, 403, "{grant} {token}: {body}");
        code
    }

    /// `Bearer …` of a fixture user who signs in by the client `game`.
    pub(crate) fn bearer(&mut self, grant: &str, token: &str) -> String {
        let (status, _, body) = self.login(grant, token);
        assert_eq!(status, 200, "{body}");
        format!("Bearer {}", body["access_token"].as_str().unwrap())
    }

    /// `Bearer …` of the client `server`, without a user.
    pub(crate) fn server(&mut self) -> String {
        let (status, _, body) = self.login_with(&server(), "client_credentials", "", &json!({}));
        assert_eq!(status, 200, "{body}");
        format!("Bearer {}", body["access_token"].as_str().unwrap())
    }
}

pub(crate) fn game() -> String {
    basic("game", "game-secret")
}

pub(crate) fn server() -> String {
    basic("server", "server-secret")
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

pub(crate) fn request(method: &str, target: &str, authorization: &str, body: &Value) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    if !authorization.is_empty() {
        headers.push(("authorization".to_owned(), authorization.to_owned()));
    }
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Request { method: method.into(), path: path.into(), query: query.into(), headers, body }
}

pub(crate) fn answer(response: &Response) -> Answer {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    (response.status, body["error_code"].as_str().unwrap_or_default().to_owned(), body)
}
