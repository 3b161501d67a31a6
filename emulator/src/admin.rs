//! The emulator's own levers under `/__emulator`: clock, faults, log, reset, and the door to each service's levers.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{Emulator, Fault, Request, Response, cors};

impl Emulator {
    /// Answers a request under `/__emulator`; pages of this machine may ask, others may not.
    pub(crate) fn handle_admin(&mut self, now_ms: u64, request: &Request) -> Response {
        let origin = request.header("origin");
        let allowed = origin.is_none_or(cors::is_loopback);
        if request.method == "OPTIONS" {
            return cors::preflight(&cors::ADMIN, origin, allowed);
        }
        if !allowed {
            return refuse(403, "only pages served from this machine may move the emulator's levers");
        }
        let response = self.lever(now_ms, request);
        cors::permit(&cors::ADMIN, origin, response)
    }

    fn lever(&mut self, now_ms: u64, request: &Request) -> Response {
        let path = request.path.strip_prefix("/__emulator").unwrap_or_default();
        match (request.method.as_str(), path) {
            ("GET", "/health") => Response::json(200, &json!({ "ok": true, "now_ms": self.now(now_ms) })),
            ("GET", "/scenario") => Response::json(200, &self.scenario()),
            ("POST", "/reset") => {
                self.reset();
                Response::json(200, &json!({ "ok": true }))
            }
            ("POST", "/clock") => match request.json().and_then(|body| body.get("advance_ms")?.as_u64()) {
                Some(ms) => {
                    self.advance(ms);
                    Response::json(200, &json!({ "now_ms": self.now(now_ms) }))
                }
                None => refuse(400, "the body is {\"advance_ms\": milliseconds}"),
            },
            ("POST", "/faults") => self.push_faults(request),
            ("DELETE", "/faults") => {
                self.faults_mut().clear();
                Response::empty(204)
            }
            ("GET", "/log") => {
                let entries: Vec<_> = self.log().entries().collect();
                Response::json(200, &serde_json::to_value(entries).unwrap_or_default())
            }
            ("DELETE", "/log") => {
                self.clear_log();
                Response::empty(204)
            }
            (_, path) if path.starts_with("/rallyhere/") => {
                let request = inner(request, "/__emulator/rallyhere");
                self.with_rallyhere(now_ms, |service, context| service.admin(context, &request))
            }
            (_, path) if path.starts_with("/xsolla/") => {
                let request = inner(request, "/__emulator/xsolla");
                self.with_xsolla(now_ms, |service, context| service.admin(context, &request))
            }
            (_, path) if path.starts_with("/playfab/") => {
                let request = inner(request, "/__emulator/playfab");
                self.with_playfab(now_ms, |service, context| service.admin(context, &request))
            }
            _ => refuse(404, "no such lever; emulator/README.md lists them"),
        }
    }

    fn push_faults(&mut self, request: &Request) -> Response {
        let list = match request.json() {
            Some(Value::Array(list)) => list,
            Some(one) => vec![one],
            None => return refuse(400, "the body is a fault or an array of faults"),
        };
        let faults: Result<Vec<Fault>, _> = list.into_iter().map(serde_json::from_value).collect();
        match faults {
            Ok(faults) if faults.iter().all(|fault| !fault.path.is_empty()) => {
                faults.into_iter().for_each(|fault| self.faults_mut().push(fault));
                Response::json(200, &json!({ "waiting": self.faults_mut().len() }))
            }
            Ok(_) => refuse(400, "a fault needs a path"),
            Err(error) => refuse(400, &error.to_string()),
        }
    }
}

/// An admin answer that says what was wrong with the request.
pub(crate) fn refuse(status: u16, sentence: &str) -> Response {
    Response::json(status, &json!({ "error": sentence }))
}

/// A status and a sentence for the developer.
pub(crate) type Refusal = (u16, String);

/// What is there with the members of the body laid over it, or the body alone.
pub(crate) fn changed<T: Serialize + DeserializeOwned>(
    present: Option<&T>,
    request: &Request,
    fixed: &[(&str, Value)],
) -> Result<T, Refusal> {
    let mut whole = match present.map(serde_json::to_value) {
        Some(Ok(Value::Object(whole))) => whole,
        _ => Map::new(),
    };
    whole.extend(members(request)?);
    whole.extend(fixed.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    serde_json::from_value(Value::Object(whole)).map_err(|error| (400, error.to_string()))
}

/// The members of a JSON object in the body.
pub(crate) fn members(request: &Request) -> Result<Map<String, Value>, Refusal> {
    match request.json() {
        Some(Value::Object(members)) => Ok(members),
        _ => Err((400, "the body is a JSON object".to_owned())),
    }
}

/// A value as JSON.
pub(crate) fn shown<T: Serialize>(value: &T) -> Response {
    Response::json(200, &serde_json::to_value(value).unwrap_or_default())
}

/// 204, or 404 when there was nothing.
pub(crate) fn found(found: bool) -> Result<Response, Refusal> {
    if found { Ok(Response::empty(204)) } else { Err((404, "there is no such thing".to_owned())) }
}

fn inner(request: &Request, prefix: &str) -> Request {
    let path = request.path.strip_prefix(prefix).unwrap_or_default().to_owned();
    Request { path, ..request.clone() }
}
