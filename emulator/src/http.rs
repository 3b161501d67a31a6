//! The emulator's own request and response: plain data, so that the same core answers over a socket, inside a test
//! without any socket, and under a simulator.

/// The longest body a service reads, in bytes; a longer one is refused.
pub const LONGEST_BODY: usize = 64 * 1024;

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

    /// The first value of that query key, decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        form_decode(&self.query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The body read as `application/x-www-form-urlencoded`, decoded, in order.
    pub fn form(&self) -> Vec<(String, String)> {
        form_decode(&String::from_utf8_lossy(&self.body))
    }

    /// The body read as JSON; `None` when it is not JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The decoded path segments, without empty ones.
    pub fn segments(&self) -> Vec<String> {
        self.path.split('/').filter(|segment| !segment.is_empty()).map(percent_decode).collect()
    }

    /// Whether the body, JSON or form, has that field with that value.
    pub(crate) fn has_field(&self, name: &str, value: &serde_json::Value) -> bool {
        match self.json() {
            Some(body) => body.get(name) == Some(value),
            None => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.form().contains(&(name.to_owned(), text))
            }
        }
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

/// Reads `a=1&b=two+words` into decoded pairs.
pub fn form_decode(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(&key.replace('+', " ")), percent_decode(&value.replace('+', " ")))
        })
        .collect()
}

/// Undoes percent-encoding; what is not a valid escape stays as it is, what is not UTF-8 becomes U+FFFD.
pub fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes everything but letters, digits and `-._~`: safe in a path segment, a query and a form.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_and_broken_escapes_survive() {
        let text = "Nova & Ünü/100%";
        assert_eq!(percent_decode(&percent_encode(text)), text);
        assert_eq!(percent_decode("100%+%zz%4"), "100%+%zz%4");
    }

    #[test]
    fn a_form_is_read_with_plus_as_space() {
        let pairs = form_decode("a=1&b=two+words%21&c");
        let expected = [("a", "1"), ("b", "two words!"), ("c", "")];
        assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
