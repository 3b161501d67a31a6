//! What browsers are told: preflight answers, allowed origins, and the refusal of server secrets that come from a page.

use crate::http::form_decode;
use crate::{Request, Response};

/// What one service lets browsers do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) methods: &'static str,
    pub(crate) headers: &'static str,
    pub(crate) exposed: &'static str,
    pub(crate) credentials: bool,
}

/// RallyHere documents no CORS; rallyhere.md §1.3 decides this.
pub(crate) const RALLYHERE: Policy = Policy {
    methods: "GET, POST, PUT, OPTIONS",
    headers: "authorization, content-type, accept, x-rh-client-addr",
    exposed: "retry-after",
    credentials: false,
};

/// xsolla.md §8: with credentials, and never `x-server-authorization`.
pub(crate) const XSOLLA: Policy = Policy {
    methods: "GET, POST, PATCH, PUT, DELETE, OPTIONS",
    headers: "authorization, content-type, x-request-id, x-lot-number, x-captcha-output, x-pass-token, x-gen-time",
    exposed: "retry-after",
    credentials: true,
};

/// playfab.md §1: no credentials mode, and never `x-secretkey`.
pub(crate) const PLAYFAB: Policy = Policy {
    methods: "POST, OPTIONS",
    headers: "content-type, x-playfabsdk, x-authorization, x-entitytoken",
    exposed: "retry-after, x-requestid, date",
    credentials: false,
};

/// The emulator's own levers, for pages on this machine.
pub(crate) const ADMIN: Policy =
    Policy { methods: "GET, POST, DELETE, OPTIONS", headers: "content-type, accept", exposed: "", credentials: false };

/// Whether the origin is a page served from this machine: `http://127.0.0.1:*`, `http://localhost:*`, `http://[::1]:*`.
pub fn is_loopback(origin: &str) -> bool {
    let Some(host) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else {
        return false;
    };
    ["127.0.0.1", "localhost", "[::1]"].into_iter().any(|loopback| {
        host.strip_prefix(loopback).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix(':')
                    .is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
        })
    })
}

/// The answer to `OPTIONS`: 204, with the permissions when the origin is allowed.
pub(crate) fn preflight(policy: &Policy, origin: Option<&str>, allowed: bool) -> Response {
    let response = Response::empty(204);
    if origin.is_none() || !allowed {
        return response.with_header("vary", "origin");
    }
    permit(
        policy,
        origin,
        response
            .with_header("access-control-allow-methods", policy.methods)
            .with_header("access-control-allow-headers", policy.headers)
            .with_header("access-control-max-age", "600"),
    )
}

/// Lets the page of an allowed origin read the answer.
pub(crate) fn permit(policy: &Policy, origin: Option<&str>, response: Response) -> Response {
    let Some(origin) = origin else { return response };
    let mut response = response.with_header("access-control-allow-origin", origin).with_header("vary", "origin");
    if policy.credentials {
        response = response.with_header("access-control-allow-credentials", "true");
    }
    if !policy.exposed.is_empty() {
        response = response.with_header("access-control-expose-headers", policy.exposed);
    }
    response
}

/// Which server secret a request from a page carries; such a request is refused, because the page has no business
/// knowing it. HTTP Basic is none: RallyHere's public clients ship theirs.
pub(crate) fn leaked_secret(request: &Request) -> Option<&'static str> {
    request.header("origin")?;
    if request.header("x-server-authorization").is_some() {
        return Some("X-Server-Authorization");
    }
    if request.header("x-secretkey").is_some() {
        return Some("X-SecretKey");
    }
    let named =
        |pairs: Vec<(String, String)>| pairs.iter().any(|(key, value)| key == "client_secret" && !value.is_empty());
    let in_json = || request.json().is_some_and(|body| body.get("client_secret").is_some());
    let leaked = in_json() || named(request.form()) || named(form_decode(&request.query));
    leaked.then_some("client_secret")
}

/// The sentence a refused request gets.
pub(crate) fn refusal(secret: &str) -> String {
    format!(
        "{secret} is a server secret, and this request comes from a web page (it has an Origin header): \
         call from the game's server instead, and replace the secret if this page was ever public"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_machine_are_loopback() {
        for origin in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://localhost:5173"] {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in ["http://localhost.evil.example", "http://127.0.0.1:80@evil", "null", "http://10.0.0.1"] {
            assert!(!is_loopback(origin), "{origin}");
        }
    }
}
