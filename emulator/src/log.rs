//! The request log: who asked for what and what came back. No query value, header value, body or token is kept.

use std::collections::VecDeque;

use serde::Serialize;

use crate::{Request, Response};

const KEPT: usize = 1000;
const LONGEST: usize = 200;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Virtual time, milliseconds since the epoch.
    pub at: u64,
    /// `rallyhere`, `xsolla`, `playfab` or `none`.
    pub service: &'static str,
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The page that asked, when a browser did.
    pub origin: Option<String>,
    pub user_agent: Option<String>,
    pub status: u16,
    /// The service's error code, when the answer has one.
    pub error_code: Option<String>,
    /// Whether a fault of the queue made or spoilt the answer.
    pub fault: bool,
}

impl Entry {
    /// What is worth keeping of a request and its answer.
    pub(crate) fn new(at: u64, service: &'static str, request: &Request, response: &Response, fault: bool) -> Self {
        let short = |name| request.header(name).map(|value| value.chars().take(LONGEST).collect());
        Self {
            at,
            service,
            method: request.method.clone(),
            path: request.path.chars().take(LONGEST).collect(),
            origin: short("origin"),
            user_agent: short("user-agent"),
            status: response.status,
            error_code: error_code(response),
            fault,
        }
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} {} {} {}", self.at, self.service, self.method, self.path, self.status)?;
        for (name, value) in [("error", &self.error_code), ("origin", &self.origin), ("agent", &self.user_agent)] {
            if let Some(value) = value {
                write!(formatter, " {name}={}", value.escape_debug())?;
            }
        }
        Ok(())
    }
}

/// The last 1000 requests.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    pushed: u64,
}

impl Log {
    pub(crate) fn push(&mut self, entry: Entry) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.pushed += 1;
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many entries were ever written; tells a reader whether the last request wrote one.
    pub fn written(&self) -> u64 {
        self.pushed
    }

    /// Forgets all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

fn error_code(response: &Response) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    // PlayFab's error may come with status 200; its name stands in `error` itself.
    let named = body.get("error").filter(|error| error.is_string() && body.get("errorCode").is_some());
    if named.is_none() && response.status < 300 {
        return None;
    }
    let code = named.or_else(|| body.get("error_code")).or_else(|| body.get("error")?.get("code"))?;
    Some(code.as_str().map_or_else(|| code.to_string(), str::to_owned))
}
