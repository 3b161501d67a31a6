//! Linking alone, as a wasm module of its own: the display machine, the reading of what players type, QR codes. JSON
//! text goes in and out; the skin around it (`pkg-templates/npm/src/skin/linking`) does what the actions say.

#![allow(
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    reason = "private to the package: the skin is the public face"
)]

mod events;
mod views;

use wasm_bindgen::prelude::*;

use crate::json::{Json, Object};
use crate::linking::Now;
use crate::linking::display::Machine;
use crate::linking::entry::{LinkRule, Problem, read, read_scanned};
use crate::linking::qr;

/// What is freed is wiped: codes come and go as text.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<rlsf::SmallGlobalTlsf> =
    zeroizing_alloc::ZeroAlloc(rlsf::SmallGlobalTlsf::new());

#[wasm_bindgen]
pub struct LinkingMachine(Machine);

#[wasm_bindgen]
impl LinkingMachine {
    /// Of `LinkingOptions`, with `offered`, `capabilities` and `seed` beside them.
    pub fn create(options: String) -> Result<LinkingMachine, JsValue> {
        events::options(&parsed(&options)).map(|options| Self(Machine::new(options))).map_err(thrown)
    }

    /// What an event makes the skin do: `{ actions, wakeInMs?, revision }`.
    pub fn step(&mut self, event: String, wall: f64, monotonic: f64) -> String {
        let now = now(wall, monotonic);
        let actions = match events::event(&parsed(&event)) {
            Some(event) => self.0.step(event, now),
            None => Vec::new(),
        };
        let actions = actions.iter().map(views::action).collect();
        let mut object = Object::new();
        object.json("actions", Json::List(actions)).maybe_number("wakeInMs", self.0.wake_in_ms(now));
        object.number("revision", self.0.revision()).take().to_text()
    }

    /// `LinkingSnapshot`.
    pub fn snapshot(&self, wall: f64, monotonic: f64) -> String {
        views::snapshot(&self.0.snapshot(now(wall, monotonic))).to_text()
    }
}

/// `CodeEntry`.
#[wasm_bindgen(js_name = readCode)]
pub fn read_code(text: String, format: String, link: Option<String>) -> Result<String, JsValue> {
    let format = events::format(&parsed(&format)).map_err(thrown)?;
    let entry = match link.map(|link| parsed(&link)) {
        Some(link) => {
            let rule = LinkRule {
                origin: link.text("origin").unwrap_or_default(),
                parameter: link.text("parameter").unwrap_or_default(),
                in_query: link.flag("inQuery").unwrap_or_default(),
            };
            read_scanned(&text, &format, &rule)
        }
        None => read(&text, &format),
    };
    let mut object = Object::new();
    object.text("normalized", &entry.normalized);
    object.json("groups", Json::List(entry.groups.into_iter().map(Json::Text).collect()));
    if let Some(problem) = entry.problem {
        let mut view = Object::new();
        view.text("kind", problem.as_str());
        match problem {
            Problem::TooShort { missing } => view.number("missing", missing as u64),
            Problem::TooLong { extra } => view.number("extra", extra as u64),
            Problem::BadCharacter { position, character } => {
                view.number("position", position as u64).text("character", character.encode_utf8(&mut [0; 4]))
            }
            Problem::Empty | Problem::BadCheckDigit | Problem::ForeignLink => &mut view,
        };
        object.json("problem", view.take());
    }
    Ok(object.take().to_text())
}

/// The modules row by row, `1` is dark.
#[wasm_bindgen(js_name = qrCode)]
pub fn qr_code(text: String) -> Option<String> {
    let code = qr::encode(&text)?;
    Some(code.modules.into_iter().map(|dark| if dark { '1' } else { '0' }).collect())
}

fn parsed(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap_or(Json::Null)
}

fn thrown(message: &'static str) -> JsValue {
    let mut object = Object::new();
    object.text("kind", "misuse").text("message", message);
    JsValue::from_str(&object.take().to_text())
}

fn now(wall: f64, monotonic: f64) -> Now {
    Now { wall: wall as u64, monotonic: monotonic as u64 }
}
