//! An emulator, a clock, and short words for the calls the tests make.

use emulator::playfab::{Platform, PlayFab, SECRET_KEY, TITLE_ID, TokenOrder};
use emulator::{Context, Emulator, Fault, Request, Response};
use serde_json::{Value, json};

pub(crate) const START: u64 = 1_800_000_000_000;

pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) now: u64,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { emulator: Emulator::new(7), now: START }
    }

    pub(crate) fn playfab(&mut self) -> &mut PlayFab {
        self.emulator.playfab_mut()
    }

    pub(crate) fn with<T>(&mut self, act: impl FnOnce(&mut PlayFab, &mut Context<'_>) -> T) -> T {
        self.emulator.with_playfab(self.now, act)
    }

    pub(crate) fn advance_s(&mut self, seconds: u64) {
        self.now += seconds * 1000;
    }

    pub(crate) fn send(&mut self, request: Request) -> Response {
        self.emulator.handle(self.now, request)
    }

    pub(crate) fn fault(&mut self, fault: Value) {
        let fault: Fault = serde_json::from_value(fault).unwrap();
        self.emulator.faults_mut().push(fault);
    }

    /// A call of this title with those headers.
    pub(crate) fn call(&mut self, call: &str, headers: &[(&str, &str)], body: &Value) -> Response {
        self.send(request(&format!("/playfab/{TITLE_ID}/{call}"), headers, body))
    }

    /// A call without credentials; `TitleId` is put in.
    pub(crate) fn open(&mut self, call: &str, mut body: Value) -> Response {
        body["TitleId"] = json!(TITLE_ID);
        self.call(&format!("Client/{call}"), &[], &body)
    }

    pub(crate) fn client(&mut self, ticket: &str, call: &str, body: &Value) -> Response {
        self.call(&format!("Client/{call}"), &[("x-authorization", ticket)], body)
    }

    pub(crate) fn server(&mut self, call: &str, body: &Value) -> Response {
        self.call(&format!("Server/{call}"), &[("x-secretkey", SECRET_KEY)], body)
    }

    /// The `LoginResult` of a custom id, created when it is new.
    pub(crate) fn login(&mut self, custom_id: &str) -> Value {
        let response = self.open("LoginWithCustomID", json!({ "CustomId": custom_id, "CreateAccount": true }));
        data(&response)
    }

    /// The session ticket of a custom id.
    pub(crate) fn ticket(&mut self, custom_id: &str) -> String {
        self.login(custom_id)["SessionTicket"].as_str().unwrap().to_owned()
    }

    /// A good Nintendo identity token.
    pub(crate) fn nintendo(&mut self, subject: &str) -> String {
        self.mint(&TokenOrder::new(Platform::NintendoServiceAccount, subject))
    }

    pub(crate) fn mint(&mut self, order: &TokenOrder) -> String {
        self.with(|playfab, context| playfab.mint_identity_token(context, order))
    }

    pub(crate) fn lever(&mut self, path: &str, body: &Value) -> Response {
        self.send(request(&format!("/__emulator{path}"), &[], body))
    }
}

pub(crate) fn request(path: &str, headers: &[(&str, &str)], body: &Value) -> Request {
    let mut all = vec![("content-type".to_owned(), "application/json".to_owned())];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Request {
        method: "POST".into(),
        path: path.into(),
        query: "sdk=Test-1".into(),
        headers: all,
        body: body.to_string().into_bytes(),
    }
}

pub(crate) fn body_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// The `data` of a successful answer.
#[track_caller]
pub(crate) fn data(response: &Response) -> Value {
    let body = body_of(response);
    assert_eq!((response.status, &body["code"], &body["status"]), (200, &json!(200), &json!("OK")), "{body}");
    assert!(body["data"].is_object(), "{body}");
    body["data"].clone()
}

/// The status, the name and the number of a refusal.
#[track_caller]
pub(crate) fn refused(response: &Response, status: u16, error: &str, number: u32) {
    let body = body_of(response);
    assert_eq!((response.status, body["error"].as_str()), (status, Some(error)), "{body}");
    assert_eq!((&body["errorCode"], &body["code"]), (&json!(number), &json!(status)), "{body}");
    assert!(body["status"].is_string() && body["errorMessage"].is_string(), "{body}");
}
