//! The browser and Node bindings: a few functions for the TypeScript skin (`pkg-templates/npm`), which is what users see.
//! Only numbers and texts cross, objects as JSON text, read and written by the core's one JSON module. Whatever takes
//! time has a number and ends by it: calls into the core are numbered by the skin and end with `end`, what the core asks
//! of its surroundings is numbered here ([`crate::host::web`]). Classes, promises and closures of wasm-bindgen would do
//! the same and weigh several kilobytes more (`cargo xtask size`).

#![allow(
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    reason = "private to the package: the skin is the public face"
)]

mod arguments;
mod errors;
mod operation;
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

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use self::arguments::Arguments;
use crate::error::{Error, Result};
use crate::host::Boxed;
use crate::host::web::WebHost;
use crate::json::Json;

/// What calls go to: a client, a server, or a session.
trait Target {
    /// Reads the arguments and begins the call of that number in [`operation`].
    fn start(&self, operation: u32, arguments: &Arguments<'_>) -> Started;
}

/// What comes of a call.
enum Answer {
    Nothing,
    /// JSON, or a token as it is.
    Text(String),
    /// From now on known by the call's number.
    Target(Rc<dyn Target>),
}

/// A call whose arguments were right.
enum Work {
    Done(Answer),
    Later(Boxed<'static, Result<Answer>>),
    /// The same for what ends with JSON; null is nothing.
    Json(Boxed<'static, Result<Json>>),
}

type Started = Result<Work>;

#[wasm_bindgen]
extern "C" {
    /// A call has ended.
    #[wasm_bindgen(js_namespace = host)]
    fn end(call: u32, how: u32, text: Option<&str>);
}

thread_local! {
    /// By the numbers of the calls that made them.
    static TARGETS: RefCell<Vec<(u32, Rc<dyn Target>)>> = const { RefCell::new(Vec::new()) };
}

/// A call by its number in `operation`, to the target of that number; to 0, the call that makes a client.
#[wasm_bindgen]
pub fn call(target: u32, number: u32, operation: u32, arguments: Option<String>) {
    let started = arguments::parse(arguments).and_then(|json| {
        arguments::reading(&json, |arguments| match find(target) {
            Some(target) => target.start(operation, arguments),
            None => Ok(Work::Done(Answer::Target(create(operation, arguments, WebHost::new(number))?))),
        })
    });
    match started {
        Ok(Work::Later(work)) => tasks::run_as(number, Box::pin(async move { ended(number, work.await) })),
        Ok(Work::Json(work)) => {
            tasks::run_as(
                number,
                Box::pin(async move { ended(number, work.await.and_then(|json| json_or_nothing(&json))) }),
            );
        }
        Ok(Work::Done(answer)) => ended(number, Ok(answer)),
        Err(error) => ended(number, Err(error)),
    }
}

/// Drops a call that nobody waits for any more, which aborts its request; what must outlive its waiter (a refresh) has
/// been spawned by the core. It does not end.
#[wasm_bindgen]
pub fn cancel(call: u32) {
    tasks::cancel(call);
}

/// The target of that number is needed no more.
#[wasm_bindgen]
pub fn free(target: u32) {
    let freed = TARGETS.with_borrow_mut(|targets| {
        let at = targets.iter().position(|(number, _)| *number == target);
        at.map(|at| targets.swap_remove(at))
    });
    // Outside the borrow: what goes with it may come back here.
    drop(freed);
}

fn find(number: u32) -> Option<Rc<dyn Target>> {
    TARGETS.with_borrow(|targets| targets.iter().find(|(other, _)| *other == number).map(|(_, target)| target.clone()))
}

fn create(service: u32, options: &Arguments<'_>, host: WebHost) -> Result<Rc<dyn Target>> {
    Ok(match service {
        #[cfg(all(feature = "playfab", not(feature = "server")))]
        operation::PLAYFAB => Rc::new(playfab::client(options, host)?),
        #[cfg(all(feature = "rallyhere", not(feature = "server")))]
        operation::RALLYHERE => Rc::new(rallyhere::client(options, host)?),
        #[cfg(all(feature = "xsolla", not(feature = "server")))]
        operation::XSOLLA => Rc::new(xsolla::client(options, host)?),
        #[cfg(all(feature = "playfab", feature = "server"))]
        operation::PLAYFAB => Rc::new(playfab_server::server(options, host)?),
        #[cfg(feature = "server")]
        operation::XSOLLA => Rc::new(server::server(options, host)?),
        _ => return Err(unknown_operation()),
    })
}

fn ended(call: u32, result: Result<Answer>) {
    let (how, text) = match result {
        Err(error) => (0, Some(errors::view(&error).to_text())),
        Ok(Answer::Nothing) => (1, None),
        Ok(Answer::Text(text)) => (1, Some(text)),
        Ok(Answer::Target(target)) => {
            TARGETS.with_borrow_mut(|targets| targets.push((call, target)));
            (2, None)
        }
    };
    end(call, how, text.as_deref());
}

/// A result as JSON text.
fn json(value: &Json) -> Result<Answer> {
    Ok(Answer::Text(value.to_text()))
}

fn json_or_nothing(value: &Json) -> Result<Answer> {
    if matches!(value, Json::Null) { Ok(Answer::Nothing) } else { json(value) }
}

fn unknown_operation() -> Error {
    Error::misuse("there is no such call here; the package's parts are of different versions")
}

/// Asks the page for a credential with a fresh platform ticket. What it throws counts as none.
#[cfg(not(feature = "server"))]
async fn fresh_credential(page: crate::host::web::Page) -> Result<Json> {
    let text =
        (&page.ask(crate::host::web::What::Ticket, "")).await.ok().flatten().ok_or_else(crate::session::no_ticket)?;
    arguments::parse(Some(text))
}
