//! The host for browsers and Node: `Date`, `performance` and `crypto` directly; HTTP, waiting, the store, the lock, the
//! news of other tabs and the log through the JavaScript skin, which only does what it is told.
//!
//! HTTP is one hook and not gloo-net and web-sys here, which as wasm weigh several times what the same lines weigh as
//! JavaScript (`cargo xtask size`).

use std::future::Future;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{
    Host, HostError, Listening, LogLevel, MaybeSend, Signal, SignalListener, TransportError, TransportErrorKind,
};
use crate::bindings::web::tasks;
use crate::http::{MAX_BODY, Request, Response};
use crate::json::{Json, Object as JsonObject};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(out: &mut [u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now, catch)]
    fn performance_now() -> Result<f64, JsValue>;

    /// What the skin passes.
    pub type Hooks;

    #[wasm_bindgen(method, catch)]
    fn exchange(this: &Hooks, request: &str) -> Result<Task, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn sleep(this: &Hooks, ms: f64) -> Result<Task, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn store(this: &Hooks) -> StoreHook;
    #[wasm_bindgen(method)]
    fn durable(this: &Hooks) -> bool;
    #[wasm_bindgen(method, catch)]
    fn lock(this: &Hooks, name: &str) -> Result<Option<Task>, JsValue>;
    #[wasm_bindgen(method)]
    fn broadcast(this: &Hooks, key: &str, generation: f64);
    #[wasm_bindgen(method)]
    fn listen(this: &Hooks, tell: &JsValue) -> Task;
    #[wasm_bindgen(method)]
    fn online(this: &Hooks) -> bool;
    #[wasm_bindgen(method, getter)]
    fn log(this: &Hooks) -> Option<Function>;
    /// Resolves with the JSON of a credential, or nothing.
    #[wasm_bindgen(method, getter)]
    pub fn ticket(this: &Hooks) -> Option<Function>;

    /// Something under way that can be stopped.
    type Task;
    #[wasm_bindgen(method, getter)]
    fn promise(this: &Task) -> Promise;
    #[wasm_bindgen(method)]
    fn stop(this: &Task);

    type StoreHook;
    #[wasm_bindgen(method, catch)]
    fn load(this: &StoreHook, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = compareAndSwap)]
    fn compare_and_swap(this: &StoreHook, key: &str, expected: JsValue, next: JsValue) -> Result<JsValue, JsValue>;
}

pub(crate) struct WebHost(Hooks);

impl WebHost {
    pub(crate) fn new(hooks: Hooks) -> Self {
        Self(hooks)
    }
}

/// Stops the task when its waiter is gone; without effect when it is done. A lock is given back by it.
pub(crate) struct Stop(Task);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Stop {
    async fn result(&self) -> Result<JsValue, JsValue> {
        JsFuture::from(self.0.promise()).await
    }
}

impl Host for WebHost {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let task = Stop(self.0.exchange(&request_text(request)).map_err(|_| unusable())?);
        let answer = task.result().await.ok().and_then(|answer| answer.as_string()).unwrap_or_default();
        response(&answer)
    }

    async fn sleep(&self, ms: u64) {
        if let Ok(task) = self.0.sleep(ms as f64) {
            let _ = Stop(task).result().await;
        }
    }

    fn now(&self) -> u64 {
        to_u64(js_sys::Date::now())
    }

    fn monotonic(&self) -> u64 {
        performance_now().map_or_else(|_| self.now(), to_u64)
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        get_random_values(out).map_err(|_| HostError("crypto.getRandomValues is missing here".into()))
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        tasks::spawn(Box::pin(work));
    }

    async fn load(&self, key: &str) -> Result<Option<String>, HostError> {
        let value = settled(self.0.store().load(key)).await?;
        Ok(value.as_string())
    }

    async fn compare_and_swap(&self, key: &str, expected: Option<&str>, next: Option<&str>) -> Result<bool, HostError> {
        let value = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
        let swapped = settled(self.0.store().compare_and_swap(key, value(expected), value(next))).await?;
        Ok(swapped.is_truthy())
    }

    fn is_durable(&self) -> bool {
        self.0.durable()
    }

    type Lock = Stop;

    async fn lock(&self, name: &str) -> Option<Stop> {
        let task = Stop(self.0.lock(name).ok()??);
        task.result().await.ok().map(|_| task)
    }

    fn broadcast(&self, key: &str, generation: u64) {
        self.0.broadcast(key, generation as f64);
    }

    fn listen(&self, listener: SignalListener) -> Listening {
        // Of the type that `JsFuture` has, so that both share their way in.
        let tell = Closure::<dyn FnMut(JsValue) -> Result<(), JsError>>::new(move |news: JsValue| {
            if let Some(signal) = news.as_string().and_then(|news| signal(&news)) {
                listener(&signal);
            }
            Ok(())
        });
        let task = Stop(self.0.listen(tell.as_ref()));
        Listening::until(move || drop((task, tell)))
    }

    fn is_online(&self) -> bool {
        self.0.online()
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        let Some(log) = self.0.log() else { return };
        let mut entry = JsonObject::new();
        for (name, value) in fields {
            entry.text(name, value);
        }
        let fields = entry.take();
        let entry = entry.text("level", level.as_str()).text("event", event).json("fields", fields).take();
        let _ = log.call1(&JsValue::NULL, &JsValue::from_str(&entry.to_text()));
    }
}

/// A value or a promise of one, from code that may also throw.
async fn settled(value: Result<JsValue, JsValue>) -> Result<JsValue, HostError> {
    let failed = |_| HostError("the store threw or rejected".into());
    JsFuture::from(Promise::resolve(&value.map_err(failed)?)).await.map_err(failed)
}

/// What the skin tells: two words, or the JSON of what another tab said, which may be anything.
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
    let mut headers = JsonObject::new();
    for (name, value) in &request.headers {
        headers.text(name, value);
    }
    // Bodies are JSON or forms, so text.
    let body = request.body.map(|bytes| String::from_utf8(bytes).unwrap_or_default());
    JsonObject::new()
        .text("method", request.method.as_str())
        .text("url", &request.url)
        .json("headers", headers.take())
        .maybe_text("body", body.as_deref())
        .number("timeoutMs", request.timeout_ms)
        .number("maxBody", MAX_BODY as u64)
        .set("keepalive", request.keepalive)
        .take()
        .to_text()
}

/// The skin's answer: a failure's name, or status, headers and body.
fn response(answer: &str) -> Result<Response, TransportError> {
    let answer = Json::parse_object(answer.as_bytes()).unwrap_or(Json::Null);
    let Some(status) = answer.count("status").and_then(|status| u16::try_from(status).ok()) else {
        let kind = match answer.get("failure").as_text() {
            Some("timeout") => TransportErrorKind::Timeout,
            Some("too-large") => TransportErrorKind::BodyTooLarge,
            Some("redirect") => TransportErrorKind::Redirect,
            Some("truncated") => TransportErrorKind::Truncated,
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
