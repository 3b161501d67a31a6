//! A PlayFab title that answers as it is told: what was sent to it, and what it says next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use playerlink::host::{SimHost, SimReply};
use playerlink::http::Request;
use playerlink::playfab::server::{PlayFabServer, ServerConfig};
use playerlink::playfab::{Config, Credential, PlayFab, PlayFabSession};
use serde_json::{Value, json};

pub(crate) const SECRET_KEY: &str = "SECRET-KEY-VALUE";
pub(crate) const HOUR_MS: u64 = 3_600_000;

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Value,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.url.strip_prefix("https://ABCD1.playfabapi.com").expect("the title's own host")
    }
}

type Script = Box<dyn FnMut(&Request) -> Option<SimReply> + Send>;

#[derive(Clone)]
pub(crate) struct Title {
    pub(crate) host: SimHost,
    sent: Arc<Mutex<Vec<Sent>>>,
    script: Arc<Mutex<Option<Script>>>,
}

impl Title {
    pub(crate) fn new() -> Self {
        let title = Self { host: SimHost::new(7), sent: Arc::default(), script: Arc::default() };
        let (sent, script) = (title.sent.clone(), title.script.clone());
        let mut tokens = 0;
        title.host.on_request(move |request, now| {
            let body = request.body.as_deref().unwrap_or_default();
            lock(&sent).push(Sent {
                method: request.method.as_str(),
                url: request.url.clone(),
                headers: request.headers.clone(),
                body: serde_json::from_slice(body).expect("a JSON body"),
            });
            let scripted = lock(&script).as_mut().and_then(|script| script(request));
            scripted.unwrap_or_else(|| {
                tokens += 1;
                SimReply::json(200, &works(&request.url, now, tokens).to_string())
            })
        });
        title
    }

    /// Answers with this instead, whenever it says something.
    pub(crate) fn script(&self, script: impl FnMut(&Request) -> Option<SimReply> + Send + 'static) {
        *lock(&self.script) = Some(Box::new(script));
    }

    /// Answers everything with that body.
    pub(crate) fn answers(&self, status: u16, body: &str) {
        let body = body.to_owned();
        self.script(move |_| Some(SimReply::json(status, &body)));
    }

    /// Refuses everything with that error.
    pub(crate) fn refuses(&self, status: u16, name: &str, number: u32) {
        self.answers(status, &refusal(status, name, number));
    }

    /// Refuses what goes to that path.
    pub(crate) fn refuses_at(&self, path: &'static str, status: u16, name: &'static str, number: u32) {
        self.script(move |request| {
            request.url.ends_with(path).then(|| SimReply::json(status, &refusal(status, name, number)))
        });
    }

    pub(crate) fn works_again(&self) {
        *lock(&self.script) = None;
    }

    /// What was sent since the last call of this.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut lock(&self.sent))
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.host.block_on(future)
    }

    pub(crate) fn client(&self) -> PlayFab<SimHost> {
        PlayFab::new(Config::title("ABCD1"), self.host.clone()).expect("a valid configuration")
    }

    pub(crate) fn server(&self) -> PlayFabServer<SimHost> {
        PlayFabServer::new(ServerConfig::title("ABCD1", SECRET_KEY), self.host.clone()).expect("a valid configuration")
    }

    /// A session, with nothing sent so far as the record goes.
    pub(crate) fn session(&self) -> PlayFabSession<SimHost> {
        let session = self.run(self.client().login(Credential::custom_id("guest-1").create_account()));
        self.take();
        session.expect("the login works")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The error envelope of playfab.md §1.2.
pub(crate) fn refusal(status: u16, name: &str, number: u32) -> String {
    json!({ "code": status, "status": "BadRequest", "error": name, "errorCode": number, "errorMessage": "m" })
        .to_string()
}

/// An entity token that lives 24 h, as playfab.md §3.1 shows it.
pub(crate) fn entity_token(token: &str, now: u64) -> Value {
    let expires = iso(now + 24 * HOUR_MS);
    let entity = json!({ "Id": "T1", "Type": "title_player_account", "TypeString": "title_player_account" });
    json!({ "EntityToken": token, "TokenExpiration": expires, "Entity": entity })
}

fn works(url: &str, now: u64, tokens: u32) -> Value {
    let token = entity_token(&format!("ET-{tokens}"), now);
    let data = if url.contains("/LoginWith") || url.ends_with("/RegisterPlayFabUser") {
        json!({
            "SessionTicket": "ST",
            "PlayFabId": "A1B2C3D4E5F60718",
            "NewlyCreated": true,
            "EntityToken": token,
            "LastLoginTime": "0001-01-01T00:00:00Z",
            "SettingsForUser": { "NeedsAttribution": false, "GatherDeviceInfo": true, "GatherFocusInfo": true },
        })
    } else if url.ends_with("/GetEntityToken") {
        token
    } else {
        json!({})
    };
    json!({ "code": 200, "status": "OK", "data": data })
}

/// Milliseconds since 1970 as ISO 8601, within 2026 only.
pub(crate) fn iso(ms: u64) -> String {
    let since = ms - 1_767_225_600_000;
    let (days, rest) = (since / 86_400_000, since % 86_400_000 / 1000);
    assert!(days < 31, "January 2026");
    format!("2026-01-{:02}T{:02}:{:02}:{:02}Z", days + 1, rest / 3600, rest / 60 % 60, rest % 60)
}
