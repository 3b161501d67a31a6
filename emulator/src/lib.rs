//! The identity services on loopback, for development and tests.
//!
//! A pure core, [`Emulator::handle`]: a request and the time go in, a response comes out; no clock, no socket and no
//! random source of the operating system inside, so that the same code answers over HTTP (feature `serve`), inside a
//! test without any socket, and under a simulator. It imports nothing from `playerlink`: what the SDK believes about a
//! service is tested against what is written here from the contracts, never against itself.

mod admin;
mod answer;
pub mod context;
pub mod cors;
mod credential;
mod date;
pub mod faults;
pub mod http;
pub mod jwt;
mod limits;
pub mod log;
pub mod playfab;
pub mod rallyhere;
pub mod random;
#[cfg(feature = "serve")]
pub mod serve;
pub mod xsolla;

use serde_json::{Value, json};

pub use context::Context;
pub use faults::{Fault, Faults};
pub use http::{Delivery, Request, Response};
pub use jwt::Keys;
pub use random::Random;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;

/// All services, their clock, their faults and their log.
///
/// ```
/// use emulator::{Emulator, Request};
///
/// let mut emulator = Emulator::new(1);
/// let request = Request { method: "GET".into(), path: "/users/v1/publickeys".into(), ..Request::default() };
/// assert_eq!(emulator.handle(1_700_000_000_000, request).status, 200);
/// ```
#[derive(Debug)]
pub struct Emulator {
    seed: u64,
    resets: u64,
    offset_ms: u64,
    keys: Keys,
    random: Random,
    faults: Faults,
    log: log::Log,
    rallyhere: rallyhere::RallyHere,
    xsolla: xsolla::Xsolla,
    playfab: playfab::PlayFab,
}

/// Which part answers a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Route {
    RallyHere,
    Xsolla,
    PlayFab,
    Admin,
    Nobody,
}

impl Emulator {
    /// The default fixture; the same seed gives the same ids.
    pub fn new(seed: u64) -> Self {
        Self::with_keys(seed, Keys::test())
    }

    /// The same with other signing keys.
    pub fn with_keys(seed: u64, keys: Keys) -> Self {
        let mut random = Random::new(seed);
        let rallyhere = rallyhere::RallyHere::new(&mut random);
        let xsolla = xsolla::Xsolla::new(&mut random);
        Self {
            seed,
            resets: 0,
            offset_ms: 0,
            keys,
            random,
            faults: Faults::default(),
            log: log::Log::default(),
            rallyhere,
            xsolla,
            playfab: playfab::PlayFab::new(),
        }
    }

    /// Back to the default fixture: same ids, the clock offset gone, no faults, empty log. Tokens issued afterwards
    /// differ from the ones before.
    pub fn reset(&mut self) {
        let resets = self.resets + 1;
        *self = Self { resets, ..Self::with_keys(self.seed, self.keys.clone()) };
        self.random = Random::new(self.seed ^ resets.rotate_left(32));
    }

    /// Answers one request at wall time `now_ms` (milliseconds since the epoch); the services see that plus the offset.
    pub fn handle(&mut self, now_ms: u64, mut request: Request) -> Response {
        while request.path.contains("//") {
            request.path = request.path.replace("//", "/");
        }
        let route = route(&request.path);
        if route == Route::Admin {
            return self.handle_admin(now_ms, &request);
        }
        let served = self.faults.served();
        let response = self.guard(now_ms, route, &request);
        let fault = self.faults.served() > served;
        let service = match route {
            Route::RallyHere => "rallyhere",
            Route::Xsolla => "xsolla",
            Route::PlayFab => "playfab",
            Route::Admin | Route::Nobody => "none",
        };
        self.log.push(log::Entry::new(self.now(now_ms), service, &request, &response, fault));
        response
    }

    /// Moves the services' clock forward.
    pub fn advance(&mut self, ms: u64) {
        self.offset_ms = self.offset_ms.saturating_add(ms);
    }

    /// The services' time at wall time `now_ms`.
    pub fn now(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add(self.offset_ms)
    }

    /// The RallyHere service.
    pub fn rallyhere(&self) -> &rallyhere::RallyHere {
        &self.rallyhere
    }

    /// The RallyHere service and its levers.
    pub fn rallyhere_mut(&mut self) -> &mut rallyhere::RallyHere {
        &mut self.rallyhere
    }

    /// The RallyHere service together with what it needs to answer or to mint a token.
    pub fn with_rallyhere<T>(
        &mut self,
        now_ms: u64,
        act: impl FnOnce(&mut rallyhere::RallyHere, &mut Context<'_>) -> T,
    ) -> T {
        let now = self.now(now_ms);
        self.faults.mount("");
        let mut context = Context { now, random: &mut self.random, keys: &self.keys, faults: &mut self.faults };
        act(&mut self.rallyhere, &mut context)
    }

    /// The Xsolla service.
    pub fn xsolla(&self) -> &xsolla::Xsolla {
        &self.xsolla
    }

    /// The Xsolla service and its levers.
    pub fn xsolla_mut(&mut self) -> &mut xsolla::Xsolla {
        &mut self.xsolla
    }

    /// The Xsolla service together with what it needs to answer.
    pub fn with_xsolla<T>(&mut self, now_ms: u64, act: impl FnOnce(&mut xsolla::Xsolla, &mut Context<'_>) -> T) -> T {
        let now = self.now(now_ms);
        self.faults.mount("/api");
        let mut context = Context { now, random: &mut self.random, keys: &self.keys, faults: &mut self.faults };
        act(&mut self.xsolla, &mut context)
    }

    /// The PlayFab service.
    pub fn playfab(&self) -> &playfab::PlayFab {
        &self.playfab
    }

    /// The PlayFab service and its levers.
    pub fn playfab_mut(&mut self) -> &mut playfab::PlayFab {
        &mut self.playfab
    }

    /// The PlayFab service together with what it needs to answer or to mint a token.
    pub fn with_playfab<T>(
        &mut self,
        now_ms: u64,
        act: impl FnOnce(&mut playfab::PlayFab, &mut Context<'_>) -> T,
    ) -> T {
        let now = self.now(now_ms);
        let mut context = Context { now, random: &mut self.random, keys: &self.keys, faults: &mut self.faults };
        act(&mut self.playfab, &mut context)
    }

    /// The requests so far, without the admin's.
    pub fn log(&self) -> &log::Log {
        &self.log
    }

    /// Forgets the requests so far.
    pub fn clear_log(&mut self) {
        self.log.clear();
    }

    /// The fault queue.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// What a developer needs to connect: paths, clients, test credentials. Holds test secrets only.
    pub fn scenario(&self) -> Value {
        json!({
            "rallyhere": self.rallyhere.scenario(),
            "xsolla": self.xsolla.scenario(),
            "playfab": self.playfab.scenario(),
        })
    }

    /// CORS and the secret check around a service's answer.
    fn guard(&mut self, now_ms: u64, route: Route, request: &Request) -> Response {
        let origin = request.header("origin");
        let (policy, allowed) = match route {
            Route::RallyHere => (&cors::RALLYHERE, true),
            Route::Xsolla => (&cors::XSOLLA, origin.is_none_or(|origin| self.xsolla.allows_origin(origin))),
            Route::PlayFab => (&cors::PLAYFAB, true),
            Route::Admin | Route::Nobody => return Response::empty(404),
        };
        if request.method == "OPTIONS" {
            return cors::preflight(policy, origin, allowed);
        }
        let response = match cors::leaked_secret(request) {
            Some(secret) => {
                let sentence = cors::refusal(secret);
                let body = match route {
                    Route::RallyHere => json!({
                        "auth_success": true, "error_code": "server_secret_from_browser", "desc": sentence
                    }),
                    Route::PlayFab => playfab::envelope(403, "server_secret_from_browser", 0, &sentence),
                    _ => json!({
                        "error": { "code": "server_secret_from_browser", "description": sentence }
                    }),
                };
                Response::json(403, &body)
            }
            None => self.dispatch(now_ms, route, request),
        };
        if allowed { cors::permit(policy, origin, response) } else { response }
    }

    fn dispatch(&mut self, now_ms: u64, route: Route, request: &Request) -> Response {
        match route {
            Route::RallyHere => self.with_rallyhere(now_ms, |service, context| service.handle(context, request)),
            Route::Xsolla => {
                if request.body.len() > http::LONGEST_BODY {
                    return Response::empty(413);
                }
                let path = request.path.strip_prefix("/api").unwrap_or(&request.path).to_owned();
                let request = Request { path, ..request.clone() };
                self.with_xsolla(now_ms, |service, context| service.handle(context, &request))
            }
            Route::PlayFab => self.with_playfab(now_ms, |service, context| service.handle(context, request)),
            Route::Admin | Route::Nobody => Response::empty(404),
        }
    }
}

fn route(path: &str) -> Route {
    match path.split('/').nth(1) {
        Some("users") => Route::RallyHere,
        Some("api") => Route::Xsolla,
        Some("__emulator") => Route::Admin,
        _ if playfab::Address::parse(path).is_some() => Route::PlayFab,
        _ => Route::Nobody,
    }
}
