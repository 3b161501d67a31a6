//! A program that plays its part from beginning to end: what it told is laid next to the requests that the emulator's log
//! has of it. Every event stands for a known number of requests.

use serde_json::Value;

use super::admin::Entry;
use super::transcript::{Expected, Transcript};
use crate::Result;

pub(super) struct Tale<'a> {
    /// Who tells it, in the transcript.
    who: &'static str,
    events: std::vec::IntoIter<Value>,
    pub(super) requests: std::vec::IntoIter<Entry>,
    pub(super) transcript: &'a mut Transcript,
}

impl<'a> Tale<'a> {
    pub(super) fn new(
        who: &'static str,
        events: Vec<Value>,
        requests: Vec<Entry>,
        transcript: &'a mut Transcript,
    ) -> Self {
        Self { who, events: events.into_iter(), requests: requests.into_iter(), transcript }
    }

    /// The next event, which must have that name, after its requests.
    pub(super) fn event(&mut self, name: &str, expected: &[Expected<'_>]) -> Result<Value> {
        self.event_from(self.who, name, expected)
    }

    /// The same where somebody else sent the requests.
    pub(super) fn event_from(&mut self, from: &str, name: &str, expected: &[Expected<'_>]) -> Result<Value> {
        let who = self.who;
        let event = self.events.next().ok_or_else(|| format!("the {who} ended before `{name}`"))?;
        let found: Vec<Entry> = self.requests.by_ref().take(expected.len()).collect();
        self.transcript.told_requests(from, &found, expected)?;
        if text(&event, "/event") == name {
            return Ok(event);
        }
        Err(format!("the {who} should have told `{name}` and told {event}"))
    }

    pub(super) fn answer(&mut self, what: &str) {
        self.transcript.answer(self.who, what);
    }
}

/// The text at a JSON pointer, else an empty one.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Whether there is a `true` at a JSON pointer.
pub(super) fn holds(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool) == Some(true)
}
