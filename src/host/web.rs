//! The host for browsers and Node: everything through the JavaScript skin, which only does what it is told. What takes
//! time has a number, and the skin calls `settled` with it when it has ended.
//!
//! HTTP is there and not gloo-net and web-sys here, which as wasm weigh several times what the same lines weigh as
//! JavaScript (`cargo xtask size`).

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

use super::{
    Host, HostError, Listening, LogLevel, MaybeSend, Signal, SignalListener, TransportError, TransportErrorKind,
};
use crate::bindings::web::tasks;
use crate::http::{MAX_BODY, Request, Response, digits};
use crate::json::{Json, Object};

/// `host` is the skin: `Surroundings` in `boundary.ts`. Nothing of it throws.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn wall_clock() -> f64;
    #[wasm_bindgen(js_namespace = host)]
    fn monotonic() -> f64;
    /// Whether there is such a source.
    #[wasm_bindgen(js_namespace = host)]
    fn random(out: &mut [u8]) -> bool;
    /// Begins something of a client's host, with an argument. Without a number it is done at once, and answers.
    #[wasm_bindgen(js_namespace = host)]
    fn begin(client: u32, number: u32, what: u32, argument: &str) -> bool;
    /// Stops it, without effect when it has ended. A lock is given back by it. Of a client's number: its host is needed
    /// no more.
    #[wasm_bindgen(js_namespace = host)]
    fn stop(number: u32);
}

/// What a client's host is asked for, by the same numbers as in the skin (`boundary.ts`).
#[derive(Clone, Copy)]
pub(crate) enum What {
    Exchange,
    Sleep,
    Lock,
    Listen,
    Load,
    Swap,
    /// A credential with a fresh platform ticket.
    Ticket,
    /// Whether a signature is right.
    #[cfg(feature = "server")]
    Verify,
    /// From here on: at once.
    Durable = 8,
    Online,
    Broadcast,
    Log,
}

thread_local! {
    static ASKED: RefCell<Vec<Asked>> = const { RefCell::new(Vec::new()) };
}

/// What the skin is doing.
struct Asked {
    number: u32,
    outcome: Option<Outcome>,
    waker: Option<Waker>,
    listener: Option<SignalListener>,
}

/// A text, or nothing; or it failed.
type Outcome = Result<Option<String>, ()>;

/// What was asked has ended.
#[wasm_bindgen]
#[allow(unreachable_pub, reason = "wasm-bindgen wants it public")]
pub fn settled(number: u32, ok: bool, text: Option<String>) {
    let waker = with_asked(number, |asked| {
        asked.outcome = Some(if ok { Ok(text) } else { Err(()) });
        asked.waker.take()
    });
    if let Some(waker) = waker.flatten() {
        waker.wake();
    }
}

/// What a listener hears: two words, or the JSON of what another tab said.
#[wasm_bindgen]
#[allow(unreachable_pub, reason = "wasm-bindgen wants it public")]
pub fn news(number: u32, text: &str) {
    let listener = with_asked(number, |asked| asked.listener.clone()).flatten();
    if let (Some(listener), Some(signal)) = (listener, signal(text)) {
        listener(&signal);
    }
}

fn with_asked<T>(number: u32, with: impl FnOnce(&mut Asked) -> T) -> Option<T> {
    ASKED.with_borrow_mut(|all| all.iter_mut().find(|asked| asked.number == number).map(with))
}

/// Something under way, until it is dropped.
pub(crate) struct Asking(u32);

impl Future for &Asking {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = with_asked(self.0, |asked| {
            asked.waker = Some(context.waker().clone());
            asked.outcome.take()
        });
        outcome.flatten().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let asked = ASKED.with_borrow_mut(|all| {
            let at = all.iter().position(|asked| asked.number == self.0);
            at.map(|at| all.swap_remove(at))
        });
        // Outside the borrow: a listener may own what comes here again when it goes.
        drop(asked);
        stop(self.0);
    }
}

/// The surroundings of one client, by its number.
#[derive(Clone, Copy)]
pub(crate) struct Page(u32);

impl Page {
    #[inline(never)]
    pub(crate) fn ask(self, what: What, argument: &str) -> Asking {
        self.ask_for(what, argument, None)
    }

    fn ask_for(self, what: What, argument: &str, listener: Option<SignalListener>) -> Asking {
        let number = tasks::next_id();
        ASKED.with_borrow_mut(|all| all.push(Asked { number, outcome: None, waker: None, listener }));
        begin(self.0, number, what as u32, argument);
        Asking(number)
    }

    fn at_once(self, what: What, argument: &str) -> bool {
        begin(self.0, 0, what as u32, argument)
    }
}

pub(crate) struct WebHost(Page);

impl WebHost {
    /// Of the client of that number.
    pub(crate) fn new(client: u32) -> Self {
        Self(Page(client))
    }

    pub(crate) fn page(&self) -> Page {
        self.0
    }
}

impl Drop for WebHost {
    fn drop(&mut self) {
        stop(self.0.0);
    }
}

impl Host for WebHost {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let answer = (&self.0.ask(What::Exchange, &request_text(request))).await.map_err(|()| unusable())?;
        response(&answer.unwrap_or_default())
    }

    async fn sleep(&self, ms: u64) {
        let _ = (&self.0.ask(What::Sleep, &digits(ms))).await;
    }

    fn now(&self) -> u64 {
        to_u64(wall_clock())
    }

    fn monotonic(&self) -> u64 {
        to_u64(monotonic())
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        if random(out) { Ok(()) } else { Err(HostError("crypto.getRandomValues is missing here".into())) }
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        tasks::spawn(Box::pin(work));
    }

    async fn load(&self, key: &str) -> Result<Option<String>, HostError> {
        (&self.0.ask(What::Load, key)).await.map_err(store_failed)
    }

    async fn compare_and_swap(&self, key: &str, expected: Option<&str>, next: Option<&str>) -> Result<bool, HostError> {
        let mut swap = Object::new();
        swap.text("key", key).maybe_text("expected", expected).maybe_text("next", next);
        let swapped = (&self.0.ask(What::Swap, &swap.take().to_text())).await.map_err(store_failed)?;
        Ok(swapped.is_some())
    }

    fn is_durable(&self) -> bool {
        self.0.at_once(What::Durable, "")
    }

    type Lock = Asking;

    async fn lock(&self, name: &str) -> Option<Asking> {
        let asking = self.0.ask(What::Lock, name);
        // A text says that there are no locks.
        matches!((&asking).await, Ok(None)).then_some(asking)
    }

    fn broadcast(&self, key: &str, generation: u64) {
        self.0.at_once(
            What::Broadcast,
            &Object::new().text("key", key).number("generation", generation).take().to_text(),
        );
    }

    fn listen(&self, listener: SignalListener) -> Listening {
        let asking = self.0.ask_for(What::Listen, "", Some(listener));
        Listening::until(move || drop(asking))
    }

    fn is_online(&self) -> bool {
        self.0.at_once(What::Online, "")
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        let mut entry = Object::new();
        for (name, value) in fields {
            entry.text(name, value);
        }
        let fields = entry.take();
        let entry = entry.text("level", level.as_str()).text("event", event).json("fields", fields).take();
        self.0.at_once(What::Log, &entry.to_text());
    }
}

fn store_failed((): ()) -> HostError {
    HostError("the store threw or rejected".into())
}

/// Two words, or the JSON of what another tab said, which may be anything.
fn signal(news: &str) -> Option<Signal> {
    Some(match news {
        "online" => Signal::Online,
        "resumed" => Signal::Resumed,
        _ => {
            let news = Json::parse_object(news.as_bytes())?;
            Signal::Changed { key: news.text("key")?, generation: news.count("generation")? }
        }
    })
}

/// The request as the skin reads it.
fn request_text(request: Request) -> String {
    let mut headers = Object::new();
    for (name, value) in &request.headers {
        headers.text(name, value);
    }
    // Bodies are JSON or forms, so text.
    let body = request.body.as_deref().map(|bytes| crate::text::utf8(bytes).unwrap_or_default());
    Object::new()
        .text("method", request.method.as_str())
        .text("url", &request.url)
        .json("headers", headers.take())
        .maybe_text("body", body)
        .number("timeoutMs", request.timeout_ms)
        .number("maxBody", MAX_BODY as u64)
        .set("keepalive", request.keepalive)
        .take()
        .to_text()
}

/// The skin's answer: a failure's name, or JSON with status, headers and body.
fn response(text: &str) -> Result<Response, TransportError> {
    let answer = Json::parse_object(text.as_bytes()).unwrap_or(Json::Null);
    let Some(status) = answer.count("status").and_then(|status| u16::try_from(status).ok()) else {
        let kind = match text {
            "timeout" => TransportErrorKind::Timeout,
            "too-large" => TransportErrorKind::BodyTooLarge,
            "redirect" => TransportErrorKind::Redirect,
            "truncated" => TransportErrorKind::Truncated,
            _ => TransportErrorKind::Network,
        };
        return Err(TransportError::new(kind, ""));
    };
    let mut headers = Vec::new();
    if let Json::Object(shown) = answer.get("headers") {
        for (name, value) in shown {
            headers.push((name.clone(), value.as_text().unwrap_or_default().to_owned()));
        }
    }
    Ok(Response { status, headers, body: answer.text("body").unwrap_or_default().into_bytes() })
}

fn unusable() -> TransportError {
    TransportError::new(TransportErrorKind::Unusable, "this JavaScript environment lacks fetch or AbortController")
}

fn to_u64(number: f64) -> u64 {
    // Saturating, and NaN is 0.
    number as u64
}

impl std::fmt::Debug for WebHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebHost")
    }
}
