//! The fault queue: what the next matching request gets instead of (or after) its real answer.
//! A service takes a fault at its contract's step and renders it in its own error envelope.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Delivery, Request, Response};

/// One fault, as `POST /__emulator/faults` reads it. Everything but `path` is optional.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fault {
    /// The path it waits for, as the client sends it; a prefix when it ends in `*`.
    pub path: String,
    /// The method it waits for; any when absent.
    pub method: Option<String>,
    /// Body fields (JSON or form) and the values they must have.
    #[serde(rename = "match")]
    pub matching: Map<String, Value>,
    /// The status of the answer; 500 when absent, or the real one with `after`.
    pub status: Option<u16>,
    /// The service's error code.
    pub error_code: Option<String>,
    /// The human text beside the code.
    #[serde(alias = "desc")]
    pub description: Option<String>,
    /// Fields put into the error envelope; null takes one out.
    pub fields: Map<String, Value>,
    /// A raw body instead of the error envelope, e.g. a gateway's HTML.
    pub body: Option<String>,
    /// Headers put on the answer; one of the same name is replaced.
    pub headers: Map<String, Value>,
    /// `retry-after`, in seconds.
    pub retry_after: Option<u64>,
    /// `whole`, `hang`, `close` or `truncate:N`.
    #[serde(deserialize_with = "delivery")]
    pub delivery: Delivery,
    /// Process the request first, then lose or replace its answer.
    pub after: bool,
    /// How many requests it serves; once when absent.
    pub times: Option<u32>,
    /// How many fitting requests, not served by a fault before it, pass first.
    pub skip: u32,
}

impl Fault {
    /// A fault for the next request to `path`, which answers 500 and nothing else until told otherwise.
    pub fn on(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::default() }
    }

    /// The answer the client gets: `processed` is the real one (with `after`), `envelope` makes the service's error body.
    pub fn answer(&self, processed: Option<Response>, envelope: impl FnOnce(&Self) -> Value) -> Response {
        let replaces = self.status.is_some() || self.error_code.is_some() || self.body.is_some();
        let mut response = match processed {
            Some(processed) if !replaces => processed,
            _ => {
                let status = self.status.unwrap_or(500);
                match &self.body {
                    Some(body) => Response { body: body.clone().into_bytes(), ..Response::empty(status) }
                        .with_header("content-type", "text/html; charset=utf-8"),
                    None => Response::json(status, &self.amend(envelope(self))),
                }
            }
        };
        for (name, value) in &self.headers {
            let name = name.to_ascii_lowercase();
            response.headers.retain(|(present, _)| *present != name);
            response = response.with_header(&name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        if let Some(seconds) = self.retry_after {
            response = response.with_header("retry-after", seconds.to_string());
        }
        response.delivery = self.delivery;
        response
    }

    fn amend(&self, mut envelope: Value) -> Value {
        if let Some(object) = envelope.as_object_mut() {
            for (name, value) in &self.fields {
                if value.is_null() {
                    object.remove(name);
                } else {
                    object.insert(name.clone(), value.clone());
                }
            }
        }
        envelope
    }

    fn fits(&self, mount: &str, request: &Request) -> bool {
        let path_fits = match self.path.strip_suffix('*') {
            Some(prefix) => format!("{mount}{}", request.path).starts_with(prefix),
            None => self.path == request.path || self.path.strip_prefix(mount).is_some_and(|path| path == request.path),
        };
        let method_fits = self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method));
        path_fits && method_fits && self.matching.iter().all(|(name, value)| request.has_field(name, value))
    }
}

/// The queue; the first fault that fits is served.
#[derive(Debug, Default)]
pub struct Faults {
    queue: VecDeque<Fault>,
    mount: String,
    served: u64,
}

impl Faults {
    /// Puts a fault at the end of the queue.
    pub fn push(&mut self, fault: Fault) {
        self.queue.push_back(fault);
    }

    /// Forgets all faults.
    pub fn clear(&mut self) {
        self.queue.clear();
    }

    /// How many faults wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The first fault that fits this request; it leaves the queue when it has been served `times` times.
    pub fn take(&mut self, request: &Request) -> Option<Fault> {
        let mount = &self.mount;
        let index = self.queue.iter_mut().position(|fault| {
            let fits = fault.fits(mount, request);
            let passes = fits && fault.skip > 0;
            fault.skip -= u32::from(passes);
            fits && !passes
        })?;
        self.served += 1;
        let fault = self.queue.get_mut(index)?;
        let left = fault.times.unwrap_or(1).saturating_sub(1);
        fault.times = Some(left);
        let taken = fault.clone();
        if left == 0 {
            self.queue.remove(index);
        }
        Some(taken)
    }

    /// How many were served so far.
    pub(crate) fn served(&self) -> u64 {
        self.served
    }

    /// Under which prefix the service about to answer is mounted; paths in faults are full paths.
    pub(crate) fn mount(&mut self, prefix: &str) {
        prefix.clone_into(&mut self.mount);
    }
}

fn delivery<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Delivery, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        "whole" => Ok(Delivery::Whole),
        "hang" => Ok(Delivery::Hang),
        "close" => Ok(Delivery::Close),
        other => other
            .strip_prefix("truncate:")
            .and_then(|count| count.trim().parse().ok())
            .map(Delivery::Truncate)
            .ok_or_else(|| serde::de::Error::custom("delivery is whole, hang, close or truncate:N")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn login(grant: &str) -> Request {
        Request {
            method: "POST".into(),
            path: "/users/v1/login".into(),
            body: json!({ "grant_type": grant }).to_string().into_bytes(),
            ..Request::default()
        }
    }

    #[test]
    fn a_fault_waits_for_its_body_field_and_leaves_after_its_times() {
        let mut faults = Faults::default();
        let fault = json!({ "path": "/users/v1/login", "match": { "grant_type": "steam" }, "times": 2 });
        faults.push(serde_json::from_value(fault).unwrap());
        assert!(faults.take(&login("anon")).is_none());
        assert!(faults.take(&login("steam")).is_some());
        assert!(faults.take(&login("steam")).is_some());
        assert!(faults.take(&login("steam")).is_none());
    }

    #[test]
    fn a_fault_lets_as_many_requests_pass_as_it_is_told() {
        let mut faults = Faults::default();
        for skip in [0, 1, 2] {
            faults.push(serde_json::from_value(json!({ "path": "/users/v1/login", "skip": skip })).unwrap());
        }
        let served: Vec<bool> = (0..7).map(|_| faults.take(&login("steam")).is_some()).collect();
        assert_eq!(served, [true, false, true, false, true, false, false], "every other one, and each try anew passes");
        assert_eq!(faults.served(), 3);
    }

    #[test]
    fn a_fault_after_the_request_keeps_the_real_answer_unless_it_replaces_it() {
        let real = Response::json(200, &json!({ "ok": true }));
        let lost: Fault = serde_json::from_value(json!({ "path": "*", "after": true, "delivery": "close" })).unwrap();
        let response = lost.answer(Some(real.clone()), |_| json!({}));
        assert_eq!((response.status, response.delivery), (200, Delivery::Close));
        let replaced = Fault { status: Some(502), ..lost };
        assert_eq!(replaced.answer(Some(real), |_| json!({})).status, 502);
    }
}
