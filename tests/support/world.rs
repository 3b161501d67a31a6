//! The emulator under the simulated host: virtual time, no socket, and a record of what was sent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use emulator::{Delivery, Emulator, Fault};
use playerlink::Secret;
use playerlink::host::{Host, SimHost, SimReply, TransportErrorKind};
use playerlink::http::Request;
use playerlink::playfab::server::PlayFabServer;
use playerlink::playfab::{self, PlayFab, PlayFabSession};
use playerlink::rallyhere::{Config, Credential, RallyHere, RallyHereSession};
use playerlink::xsolla::server::{ServerConfig, XsollaServer};
use playerlink::xsolla::{self, Xsolla, XsollaSession};
use serde_json::Value;

/// When every world begins: 2026-01-01.
pub(crate) const START: u64 = 1_767_225_600_000;

type Interceptor = Box<dyn FnMut(&Request) -> Option<SimReply> + Send>;

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Wall clock.
    pub(crate) at: u64,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(crate) fn form(&self) -> Vec<(String, String)> {
        emulator::http::form_decode(std::str::from_utf8(&self.body).expect("a form"))
    }

    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.form().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

#[derive(Default)]
struct Wire {
    sent: Vec<Sent>,
    latency_ms: u64,
    interceptor: Option<Interceptor>,
}

/// One simulated world with all services in it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) host: SimHost,
    emulator: Arc<Mutex<Emulator>>,
    wire: Arc<Mutex<Wire>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self {
            host: SimHost::new(7),
            emulator: Arc::new(Mutex::new(Emulator::new(7))),
            wire: Arc::new(Mutex::new(Wire::default())),
        };
        let (emulator, wire) = (world.emulator.clone(), world.wire.clone());
        world.host.on_request(move |request, now| answer(&emulator, &wire, request, now));
        world
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.host.block_on(future)
    }

    pub(crate) fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The wall clock.
    pub(crate) fn now(&self) -> u64 {
        self.host.now()
    }

    /// How long each answer takes from now on.
    pub(crate) fn latency_ms(&self, ms: u64) {
        self.wire().latency_ms = ms;
    }

    /// Answers instead of the emulator whenever the closure says something.
    pub(crate) fn intercept(&self, interceptor: impl FnMut(&Request) -> Option<SimReply> + Send + 'static) {
        self.wire().interceptor = Some(Box::new(interceptor));
    }

    /// The emulator answers everything again.
    pub(crate) fn no_intercept(&self) {
        self.wire().interceptor = None;
    }

    /// From now on there is no network.
    pub(crate) fn go_offline(&self) {
        self.intercept(|_| Some(SimReply::fails(TransportErrorKind::Network)));
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.emulator().faults_mut().push(fault);
    }

    /// The next request to `path` gets that status and code.
    pub(crate) fn refuse(&self, path: &str, status: u16, code: &str) {
        self.fault(Fault { status: Some(status), error_code: Some(code.into()), ..Fault::on(path) });
    }

    /// All requests so far.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.wire().sent.clone()
    }

    /// The requests so far to that path.
    pub(crate) fn sent_to(&self, path: &str) -> Vec<Sent> {
        self.sent().into_iter().filter(|sent| sent.path == path).collect()
    }

    /// `METHOD path` of the requests since the last call of this or of [`forget`](Self::forget).
    pub(crate) fn take_requests(&self) -> Vec<String> {
        self.wire().sent.drain(..).map(|sent| format!("{} {}", sent.method, sent.path)).collect()
    }

    pub(crate) fn forget(&self) {
        self.wire().sent.clear();
    }

    /// How many requests since [`forget`](Self::forget).
    pub(crate) fn count(&self) -> usize {
        self.wire().sent.len()
    }

    // --- RallyHere ---

    pub(crate) fn rallyhere(&self) -> RallyHere<SimHost> {
        self.rallyhere_as("game", "game-secret")
    }

    pub(crate) fn rallyhere_as(&self, id: &str, secret: &str) -> RallyHere<SimHost> {
        let config = Config::base_url("https://demo.rally-here.io").client(id, secret).retries(false);
        RallyHere::new(config, self.host.clone()).expect("a valid configuration")
    }

    /// A session of that Steam user.
    pub(crate) fn steam(&self, id: &str) -> RallyHereSession<SimHost> {
        self.signed_in(Credential::steam(format!("emu.{id}")))
    }

    pub(crate) fn signed_in(&self, credential: impl Into<Credential>) -> RallyHereSession<SimHost> {
        self.run(self.rallyhere().login(credential)).expect("the login works")
    }

    // --- Xsolla ---

    pub(crate) fn xsolla(&self) -> Xsolla<SimHost> {
        let config = xsolla::Config::project(emulator::xsolla::MAIN_PROJECT_ID)
            .oauth("57", "https://companion.example/callback");
        Xsolla::new(config, self.host.clone()).expect("a valid configuration")
    }

    pub(crate) fn nova(&self) -> XsollaSession<SimHost> {
        self.run(self.xsolla().login("nova", &Secret::new(emulator::xsolla::PASSWORD))).expect("the login works")
    }

    pub(crate) fn server(&self) -> XsollaServer<SimHost> {
        self.server_with(|config| config.publisher_project_id(emulator::xsolla::PUBLISHER_PROJECT_ID))
    }

    pub(crate) fn server_with(&self, change: impl FnOnce(ServerConfig) -> ServerConfig) -> XsollaServer<SimHost> {
        let config = change(ServerConfig::client("59", emulator::xsolla::SERVER_SECRET));
        XsollaServer::new(config, self.host.clone()).expect("a valid configuration")
    }

    // --- PlayFab ---

    pub(crate) fn playfab(&self) -> PlayFab<SimHost> {
        let config = playfab::Config::title(emulator::playfab::TITLE_ID);
        PlayFab::new(config, self.host.clone()).expect("a valid configuration")
    }

    pub(crate) fn playfab_server(&self) -> PlayFabServer<SimHost> {
        let config = playfab::server::ServerConfig::title(emulator::playfab::TITLE_ID, emulator::playfab::SECRET_KEY);
        PlayFabServer::new(config, self.host.clone()).expect("a valid configuration")
    }

    /// A session of the player with that custom id, a new one if there is none.
    pub(crate) fn guest(&self, custom_id: &str) -> PlayFabSession<SimHost> {
        let credential = playfab::Credential::custom_id(custom_id).create_account();
        self.run(self.playfab().login(credential)).expect("the login works")
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(emulator: &Mutex<Emulator>, wire: &Mutex<Wire>, request: &Request, now: u64) -> SimReply {
    let (path, query) = split(&request.url);
    let (latency, intercepted) = {
        let mut wire = wire.lock().unwrap_or_else(PoisonError::into_inner);
        wire.sent.push(Sent {
            method: request.method.as_str(),
            path: path.clone(),
            query: query.clone(),
            headers: request.headers.clone(),
            body: request.body.clone().unwrap_or_default(),
            at: now,
        });
        let interceptor = wire.interceptor.take();
        (wire.latency_ms, interceptor)
    };
    if let Some(mut interceptor) = intercepted {
        let reply = interceptor(request);
        wire.lock().unwrap_or_else(PoisonError::into_inner).interceptor.get_or_insert(interceptor);
        if let Some(reply) = reply {
            return reply;
        }
    }
    let headers = request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let body = request.body.clone().unwrap_or_default();
    let asked = emulator::Request { method: request.method.as_str().into(), path, query, headers, body };
    let response = emulator.lock().unwrap_or_else(PoisonError::into_inner).handle(now, asked);
    let reply = match response.delivery {
        Delivery::Whole => SimReply::response(response.status, response.headers, response.body),
        Delivery::Hang => SimReply::hangs(),
        Delivery::Close => SimReply::fails(TransportErrorKind::Network),
        Delivery::Truncate(_) => SimReply::fails(TransportErrorKind::Truncated),
    };
    reply.after_ms(latency)
}

/// Path and query of an absolute URL.
fn split(url: &str) -> (String, String) {
    let (_, rest) = url.split_once("://").expect("an absolute URL");
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.find('/').map_or("/", |at| &path[at..]);
    (path.to_owned(), query.to_owned())
}
