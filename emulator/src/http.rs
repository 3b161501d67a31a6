//! The emulator's own request and response: plain data, so that the same core answers over a socket, inside a test
//! without any socket, and under a simulator.

/// One HTTP request as the core sees it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, … in upper case.
    pub method: String,
    /// The path without the query, percent-encoded as it came, e.g. `/users/v1/login`.
    pub path: String,
    /// The query without `?`, percent-encoded as it came; empty when there is none.
    pub query: String,
    /// Header names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// One HTTP response, and how it reaches the caller.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// What the server does with it; anything but `Whole` comes from an injected fault.
    pub delivery: Delivery,
}

/// How a response reaches the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// As usual.
    #[default]
    Whole,
    /// The request is processed, but no answer is ever sent and the connection stays open.
    Hang,
    /// The request is processed, then the connection is closed without an answer: a lost response.
    Close,
    /// `content-length` says all, then the connection is closed after this many bytes of the body.
    Truncate(usize),
}

impl Response {
    /// A response with a status and nothing else (`content-length: 0`).
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Whole }
    }

    /// A response with a JSON body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
            delivery: Delivery::Whole,
        }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
