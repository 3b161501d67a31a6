//! The emulator's levers over its own HTTP: the log of requests, the clock, the agreements. A dozen lines of HTTP/1.1
//! instead of a client, because xtask must build in a moment.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::Result;

pub(super) struct Admin {
    url: String,
    seen: Cell<usize>,
    spoilt: Cell<usize>,
}

/// One request to a service, as the emulator's log tells it.
pub(super) struct Entry {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: u64,
    pub(super) error_code: Option<String>,
    pub(super) origin: Option<String>,
    pub(super) user_agent: Option<String>,
}

impl Admin {
    pub(super) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), seen: Cell::new(0), spoilt: Cell::new(0) }
    }

    /// The requests since the last time this was asked, without those that met a fault.
    pub(super) fn requests(&self) -> Result<Vec<Entry>> {
        let log = self.get("/__emulator/log")?;
        let all = log.as_array().ok_or("the emulator's log is not a list")?;
        let news = all.iter().skip(self.seen.replace(all.len()));
        let (spoilt, whole): (Vec<&Value>, Vec<&Value>) =
            news.partition(|entry| entry.get("fault").and_then(Value::as_bool) == Some(true));
        self.spoilt.set(self.spoilt.get() + spoilt.len());
        Ok(whole.into_iter().map(Entry::read).collect())
    }

    /// How many requests met a fault so far; they are none of the story's.
    pub(super) fn spoilt(&self) -> usize {
        self.spoilt.get()
    }

    /// The emulator's time, epoch milliseconds.
    pub(super) fn now_ms(&self) -> Result<u64> {
        let health = self.get("/__emulator/health")?;
        health.get("now_ms").and_then(Value::as_u64).ok_or_else(|| "the emulator does not tell its time".to_owned())
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, "")
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Result<Value> {
        self.call("POST", path, body)
    }

    fn call(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let (status, body) = exchange(&self.url, method, path, body)?;
        if !status.starts_with('2') {
            return Err(format!("the emulator answers {status} to {method} {path}: {body}"));
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&body).map_err(|error| format!("the emulator, {path}: {error}"))
    }
}

/// Sends one request to a program on loopback. Status and body.
pub(super) fn exchange(url: &str, method: &str, path: &str, body: &str) -> Result<(String, String)> {
    exchange_with(url, method, path, "", body)
}

/// The same with more headers, each with its line's end.
pub(super) fn exchange_with(
    url: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Result<(String, String)> {
    let host = url.trim_start_matches("http://");
    let send = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             {headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = send().map_err(|error| format!("{method} {url}{path}: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Ok((head.split(' ').nth(1).unwrap_or_default().to_owned(), body.to_owned()))
}

impl Entry {
    fn read(entry: &Value) -> Self {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            method: text("method").unwrap_or_default(),
            path: text("path").unwrap_or_default(),
            status: entry.get("status").and_then(Value::as_u64).unwrap_or_default(),
            error_code: text("error_code"),
            origin: text("origin"),
            user_agent: text("user_agent"),
        }
    }

    /// `POST /users/v1/login 200`.
    pub(super) fn line(&self) -> String {
        format!("{} {} {}", self.method, self.path, self.status)
    }
}
