//! A thin server over the core: reads a request, asks [`Emulator::handle`], and delivers the answer, or loses it the way
//! an injected fault says. The only place that reads the system clock.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use futures_core::Stream;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use crate::http::LONGEST_BODY;
use crate::{Delivery, Emulator, Request, Response};

/// More than this is not even read.
const LONGEST_READ: usize = 16 * LONGEST_BODY;

/// How the server behaves beside answering.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Prints each request as one line to standard output.
    pub log: bool,
}

/// Answers connections until the future is dropped; fails when the listener does.
pub async fn serve(
    listener: TcpListener,
    emulator: Arc<Mutex<Emulator>>,
    options: Options,
) -> std::io::Result<Infallible> {
    let router = Router::new().fallback(move |request| answer(emulator.clone(), options, request));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(router.clone());
        let service = hyper::service::service_fn(move |request| {
            let answer = hyper::service::Service::call(&service, request);
            async move {
                match answer.await {
                    // An error makes hyper close the connection without an answer.
                    Ok(response) if response.extensions().get::<Lost>().is_some() => Err(Lost),
                    Ok(response) => Ok(response),
                    Err(never) => match never {},
                }
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// Wall time, milliseconds since the epoch.
#[allow(clippy::disallowed_methods, reason = "the server is the emulator's only door to the system clock")]
pub fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Marks an answer that never reaches the caller.
#[derive(Clone, Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the answer is lost on purpose")
    }
}

impl std::error::Error for Lost {}

async fn answer(
    emulator: Arc<Mutex<Emulator>>,
    options: Options,
    request: axum::extract::Request,
) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = read(body).await else { return lost() };
    let request = Request {
        method: parts.method.as_str().to_ascii_uppercase(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers(&parts.headers),
        body,
    };
    let response = handle(&emulator, options, request);
    deliver(response).await
}

fn handle(emulator: &Mutex<Emulator>, options: Options, request: Request) -> Response {
    use std::io::Write as _;

    let mut emulator = emulator.lock().unwrap_or_else(PoisonError::into_inner);
    let written = emulator.log().written();
    let response = emulator.handle(now_ms(), request);
    if options.log
        && emulator.log().written() > written
        && let Some(entry) = emulator.log().entries().next_back()
    {
        // A reader who went away is no reason to stop answering.
        let _ = writeln!(std::io::stdout(), "{entry}");
    }
    response
}

/// The body, up to one byte more than a service reads; the rest is read and thrown away, so that the caller gets to
/// see the refusal.
async fn read(body: Body) -> Result<Vec<u8>, axum::Error> {
    let mut stream = body.into_data_stream();
    let (mut kept, mut total) = (Vec::new(), 0);
    while let Some(chunk) = std::future::poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        let chunk = chunk?;
        total += chunk.len();
        let room = (LONGEST_BODY + 1).saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
        if total > LONGEST_READ {
            break;
        }
    }
    Ok(kept)
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

async fn deliver(response: Response) -> axum::response::Response {
    match response.delivery {
        Delivery::Hang => std::future::pending().await,
        Delivery::Close => lost(),
        Delivery::Whole => render(&response, Body::from(response.body.clone())),
        Delivery::Truncate(length) => {
            let mut start = response.body.clone();
            start.truncate(length);
            let mut rendered = render(&response, Body::from_stream(Truncated::new(start)));
            rendered.headers_mut().insert("content-length", HeaderValue::from(response.body.len()));
            rendered
        }
    }
}

fn render(response: &Response, body: Body) -> axum::response::Response {
    let mut rendered = axum::response::Response::new(body);
    *rendered.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            rendered.headers_mut().append(name, value);
        }
    }
    rendered
}

fn lost() -> axum::response::Response {
    let mut response = axum::response::Response::new(Body::empty());
    response.extensions_mut().insert(Lost);
    response
}

/// The beginning of a body, then an error, which makes hyper close the connection.
#[derive(Debug)]
struct Truncated {
    start: Option<Bytes>,
    flushed: bool,
}

impl Truncated {
    fn new(start: Vec<u8>) -> Self {
        Self { start: Some(Bytes::from(start)), flushed: false }
    }
}

impl Stream for Truncated {
    type Item = Result<Bytes, Lost>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(start) = self.start.take() {
            return Poll::Ready(Some(Ok(start)));
        }
        if !self.flushed {
            // One turn without data lets hyper write out what it has.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Lost)))
    }
}
