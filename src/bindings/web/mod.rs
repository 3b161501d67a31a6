//! The browser and Node bindings: classes for the TypeScript skin (`pkg-templates/npm`), which is what users see.
//! Objects cross as plain values; every promise rejects with a plain error view that the skin turns into its error.
//!
//! Exported methods take `&self` and no borrow lives across an await: a call may come in while another is waiting.

#![allow(
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    reason = "private to the package: the skin is the public face"
)]

mod errors;
#[cfg(all(feature = "rallyhere", not(feature = "server")))]
mod rallyhere;
#[cfg(feature = "server")]
mod server;
#[cfg(not(feature = "server"))]
mod session;
mod values;
#[cfg(all(feature = "xsolla", not(feature = "server")))]
mod xsolla;

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

use crate::error::{Error, ErrorKind, Result};

/// Runs a call as a promise. An aborted signal drops the call, which aborts its request; what must outlive its waiter
/// (a refresh) has been spawned by the core.
fn promise<T: Into<JsValue>>(signal: Option<AbortSignal>, work: impl Future<Output = Result<T>> + 'static) -> Promise {
    future_to_promise(async move {
        let Some(signal) = signal else {
            return work.await.map(Into::into).map_err(|error| errors::view(&error));
        };
        if signal.aborted() {
            return Err(errors::view(&cancelled()));
        }
        let mut listener = Function::new_no_args("");
        let aborted = Promise::new(&mut |resolve, _| listener = resolve);
        let _ = signal.add_event_listener_with_callback("abort", &listener);
        let result = {
            let mut aborted = pin!(JsFuture::from(aborted));
            let mut work = pin!(work);
            std::future::poll_fn(|context| {
                if let Poll::Ready(result) = work.as_mut().poll(context) {
                    return Poll::Ready(result);
                }
                aborted.as_mut().poll(context).map(|_| Err(cancelled()))
            })
            .await
        };
        let _ = signal.remove_event_listener_with_callback("abort", &listener);
        result.map(Into::into).map_err(|error| errors::view(&error))
    })
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the call was cancelled by its signal")
}
