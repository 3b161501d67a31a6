//! The browser and Node bindings: classes for the TypeScript skin (`pkg-templates/npm`), which is what users see.
//! Objects cross as JSON text, read and written by the core's one JSON module; every promise rejects with the JSON of
//! an error, which the skin turns into its error class.
//!
//! Exported methods take `&self` and no borrow lives across an await: a call may come in while another is waiting.

#![allow(
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    reason = "private to the package: the skin is the public face"
)]

mod arguments;
mod errors;
#[cfg(all(feature = "playfab", not(feature = "server")))]
mod playfab;
#[cfg(all(feature = "playfab", feature = "server"))]
mod playfab_server;
#[cfg(all(feature = "rallyhere", not(feature = "server")))]
mod rallyhere;
#[cfg(feature = "server")]
mod server;
#[cfg(not(feature = "server"))]
mod session;
pub(crate) mod tasks;
#[cfg(all(feature = "xsolla", not(feature = "server")))]
mod xsolla;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::error::{Error, ErrorKind, Result};
use crate::host::Boxed;
use crate::json::Json;
use crate::session::flight::{Either, first};

/// Runs a call as a promise. When `aborted` settles first the call is dropped, which aborts its request; what must
/// outlive its waiter (a refresh) has been spawned by the core.
fn promise(aborted: Option<Promise>, work: Boxed<'static, Result<JsValue>>) -> Promise {
    let mut call = Some((aborted, work));
    Promise::new(&mut move |resolve, reject| {
        if let Some((aborted, work)) = call.take() {
            tasks::spawn(Box::pin(settle(aborted, work, resolve, reject)));
        }
    })
}

async fn settle(aborted: Option<Promise>, work: Boxed<'static, Result<JsValue>>, resolve: Function, reject: Function) {
    let result = match aborted {
        None => work.await,
        Some(aborted) => match first(work, JsFuture::from(aborted)).await {
            Either::A(result) => result,
            Either::B(_) => Err(cancelled()),
        },
    };
    let (settle, value) = match result {
        Ok(value) => (resolve, value),
        Err(error) => (reject, errors::view(&error)),
    };
    let _ = settle.call1(&JsValue::UNDEFINED, &value);
}

/// The promise of a call whose arguments may be wrong.
#[inline(never)]
fn prepared(aborted: Option<Promise>, work: Started) -> Promise {
    promise(aborted, work.unwrap_or_else(|error| Box::pin(std::future::ready(Err(error)))))
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the call was cancelled by its signal")
}

/// A result as JSON text.
fn json(value: &Json) -> Result<JsValue> {
    Ok(JsValue::from_str(&value.to_text()))
}

/// Asks the page for a credential with a fresh platform ticket. What it throws counts as none.
#[cfg(not(feature = "server"))]
fn fresh_credential(ticket: &Function) -> Boxed<'static, Result<arguments::Arguments>> {
    let asked = ticket.call0(&JsValue::NULL).map(Promise::from);
    Box::pin(async move {
        let answer = match asked {
            Ok(asked) => JsFuture::from(asked).await.ok(),
            Err(_) => None,
        };
        let text = answer.and_then(|answer| answer.as_string()).ok_or_else(crate::session::no_ticket)?;
        arguments::Arguments::read(Some(text))
    })
}

/// What a call with arguments begins: they are read first, so that only the call itself is a state machine.
type Started = Result<Boxed<'static, Result<JsValue>>>;
