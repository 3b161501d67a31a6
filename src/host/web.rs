//! The host for browsers and Node: gloo-net's request and response types with our own binding of `fetch`, gloo's
//! timers, `Date`, `crypto.getRandomValues`; the store, the lock and the log are the JavaScript skin's.

use std::future::Future;

use gloo_net::http::{Request as GlooRequest, RequestBuilder, Response as GlooResponse};
use js_sys::{ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestRedirect, ResponseType};

use super::{Host, HostError, LogLevel, MaybeSend, TransportError, TransportErrorKind};
use crate::http::{MAX_BODY, Method, Request, Response};

#[wasm_bindgen]
extern "C" {
    // gloo-net's own `send` panics when `fetch` rejects with anything but an `Error`, and when there is no `fetch`.
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(request: &web_sys::Request) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(out: &Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now, catch)]
    fn performance_now() -> Result<f64, JsValue>;

    /// What the skin passes: its store, and what the platform has of locks and logs.
    pub type Hooks;

    #[wasm_bindgen(method, getter)]
    fn fetch(this: &Hooks) -> Option<Function>;
    #[wasm_bindgen(method, getter)]
    fn store(this: &Hooks) -> StoreHook;
    #[wasm_bindgen(method, getter)]
    fn lock(this: &Hooks) -> Option<Function>;
    #[wasm_bindgen(method, getter)]
    fn log(this: &Hooks) -> Option<Function>;

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

/// Aborts the exchange when its waiter is gone or the deadline has passed.
struct Aborter(AbortController);

impl Drop for Aborter {
    fn drop(&mut self) {
        // Without effect when the exchange is over.
        self.0.abort();
    }
}

impl Host for WebHost {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let controller = AbortController::new().map_err(|_| unusable())?;
        let aborter = Aborter(controller);
        let deadline = gloo_timers::future::TimeoutFuture::new(millis(request.timeout_ms));
        let work = exchange(self.0.fetch(), request, &aborter.0);
        let mut work = std::pin::pin!(work);
        let mut deadline = std::pin::pin!(deadline);
        std::future::poll_fn(|context| {
            if let std::task::Poll::Ready(result) = work.as_mut().poll(context) {
                return std::task::Poll::Ready(result);
            }
            deadline.as_mut().poll(context).map(|()| Err(TransportError::new(TransportErrorKind::Timeout, "deadline")))
        })
        .await
    }

    async fn sleep(&self, ms: u64) {
        gloo_timers::future::TimeoutFuture::new(millis(ms)).await;
    }

    fn now(&self) -> u64 {
        to_u64(js_sys::Date::now())
    }

    fn monotonic(&self) -> u64 {
        performance_now().map_or_else(|_| self.now(), to_u64)
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        let length = u32::try_from(out.len()).map_err(|_| HostError("too much at once".into()))?;
        let bytes = Uint8Array::new_with_length(length);
        get_random_values(&bytes).map_err(|_| HostError("crypto.getRandomValues is missing here".into()))?;
        bytes.copy_to(out);
        Ok(())
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        wasm_bindgen_futures::spawn_local(work);
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

    async fn with_lock<T: MaybeSend>(&self, name: &str, work: impl Future<Output = T> + MaybeSend) -> T {
        let _held = match self.0.lock() {
            Some(lock) => settled(lock.call1(&JsValue::NULL, &name.into())).await.ok().and_then(Held::new),
            None => None,
        };
        work.await
    }

    fn log(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, &str)]) {
        let Some(log) = self.0.log() else { return };
        let object = Object::new();
        for (name, value) in fields {
            let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
        }
        let _ = log.call3(&JsValue::NULL, &level.as_str().into(), &event.into(), &object);
    }
}

/// Releases the skin's lock when the work is done or given up.
struct Held(Function);

impl Held {
    fn new(release: JsValue) -> Option<Self> {
        release.dyn_into().ok().map(Self)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::NULL);
    }
}

/// A value or a promise of one, from code that may also throw.
async fn settled(value: Result<JsValue, JsValue>) -> Result<JsValue, HostError> {
    let failed = |_| HostError("the store threw or rejected".into());
    JsFuture::from(Promise::resolve(&value.map_err(failed)?)).await.map_err(failed)
}

async fn exchange(
    fetch: Option<Function>,
    request: Request,
    controller: &AbortController,
) -> Result<Response, TransportError> {
    let builder: RequestBuilder = match request.method {
        Method::Get => GlooRequest::get(&request.url),
        Method::Post => GlooRequest::post(&request.url),
        Method::Put => GlooRequest::put(&request.url),
        Method::Delete => GlooRequest::delete(&request.url),
    };
    let mut builder = builder
        .redirect(RequestRedirect::Manual)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .abort_signal(Some(&controller.signal()));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let built = match request.body {
        Some(body) => builder.body(Uint8Array::from(body.as_slice())),
        None => builder.build(),
    };
    let raw: web_sys::Request = built.map_err(|_| unusable())?.into();
    let promise = match fetch {
        Some(fetch) => fetch.call1(&JsValue::UNDEFINED, &raw).map(|value| Promise::resolve(&value)),
        None => global_fetch(&raw),
    };
    // Whatever was thrown or rejected, an `Error` or not: there is no answer.
    let value = match promise {
        Ok(promise) => JsFuture::from(promise).await,
        Err(thrown) => Err(thrown),
    };
    let value = value.map_err(|_| TransportError::new(TransportErrorKind::Network, "fetch failed"))?;
    // A mock's or polyfill's response is not the global class: read by name, not by class.
    let raw: web_sys::Response = value.unchecked_into();
    if !looks_like_response(&raw) {
        return Err(TransportError::new(TransportErrorKind::Network, "fetch gave no response"));
    }
    if raw.type_() == ResponseType::Opaqueredirect {
        return Err(TransportError::new(TransportErrorKind::Redirect, "redirect"));
    }
    let status = raw.status();
    let response: GlooResponse = Clone::clone(&raw).into();
    let headers = response.headers().entries().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let body = read_body(&raw).await?;
    Ok(Response { status, headers, body })
}

/// Whether what `fetch` gave has the members that are read without a check: calling one that is missing would throw
/// through the module, which does not survive that.
fn looks_like_response(value: &JsValue) -> bool {
    let member = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED);
    member(value, "status").as_f64().is_some() && member(&member(value, "headers"), "entries").is_function()
}

#[wasm_bindgen]
extern "C" {
    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<Promise, JsValue>;
}

/// Reads chunk by chunk, so that a body without end is refused at the limit and not held whole first.
async fn read_body(response: &web_sys::Response) -> Result<Vec<u8>, TransportError> {
    let truncated = |_| TransportError::new(TransportErrorKind::Truncated, "the body ended too early");
    let stream = Reflect::get(response, &"body".into()).unwrap_or(JsValue::NULL);
    let get_reader = Reflect::get(&stream, &"getReader".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
    let Some(get_reader) = get_reader.filter(|_| !stream.is_null()) else {
        // No stream: an empty body, or a mock with `arrayBuffer` only.
        let Ok(promise) = response.array_buffer() else { return Ok(Vec::new()) };
        let buffer = JsFuture::from(promise).await.map_err(truncated)?;
        return if buffer.is_object() { limited(Vec::new(), &Uint8Array::new(&buffer)) } else { Err(not_bytes()) };
    };
    let reader: Reader = get_reader.call0(&stream).map_err(truncated)?.unchecked_into();
    let mut body = Vec::new();
    loop {
        let part = JsFuture::from(reader.read().map_err(truncated)?).await.map_err(truncated)?;
        if Reflect::get(&part, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(body);
        }
        let chunk = Reflect::get(&part, &"value".into()).map_err(truncated)?;
        // Anything else would be taken for a length, or throw through the module.
        if !ArrayBuffer::is_view(&chunk) {
            return Err(not_bytes());
        }
        body = match limited(body, &Uint8Array::new(&chunk)) {
            Ok(body) => body,
            Err(error) => {
                let _ = reader.cancel();
                return Err(error);
            }
        };
    }
}

fn limited(mut body: Vec<u8>, bytes: &Uint8Array) -> Result<Vec<u8>, TransportError> {
    let start = body.len();
    let end = start + bytes.length() as usize;
    if end > MAX_BODY {
        return Err(TransportError::new(TransportErrorKind::BodyTooLarge, "body over 1 MiB"));
    }
    body.resize(end, 0);
    if let Some(room) = body.get_mut(start..) {
        bytes.copy_to(room);
    }
    Ok(body)
}

fn not_bytes() -> TransportError {
    TransportError::new(TransportErrorKind::Truncated, "the body is not made of bytes")
}

fn unusable() -> TransportError {
    TransportError::new(
        TransportErrorKind::Unusable,
        "this JavaScript environment lacks fetch, Request or AbortController",
    )
}

fn millis(ms: u64) -> u32 {
    u32::try_from(ms).unwrap_or(u32::MAX).min(0x7fff_ffff)
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
