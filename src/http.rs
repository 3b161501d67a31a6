//! Our own request and response, and the text formats around them: URLs, queries, forms, `Retry-After`.
//! No third-party HTTP type is public (a reqwest major must not force one of ours).

use std::fmt;

use crate::error::{Error, Result};

/// The largest body that is read, in bytes (1 MiB); a larger one is a `protocol` error.
pub const MAX_BODY: usize = 1024 * 1024;

/// The HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

impl Method {
    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// One HTTP request. `Debug` shows neither query, header values nor body: they may hold secrets.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL, percent-encoded.
    pub url: String,
    /// Name and value; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, if any.
    pub body: Option<Vec<u8>>,
    /// The deadline for headers and body together, in milliseconds.
    pub timeout_ms: u64,
    /// Whether it is to reach the service also when the page is left meanwhile (`keepalive` of `fetch`).
    pub keepalive: bool,
}

impl Request {
    /// A request without headers or body, with the default deadline of 10 s.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        let url = url.into();
        Self { method, url, headers: Vec::new(), body: None, timeout_ms: DEFAULT_TIMEOUT_MS, keepalive: false }
    }

    /// The same in a box, as it goes from one to the other: a move of it is code.
    pub(crate) fn to(method: Method, url: String) -> Box<Self> {
        Box::new(Self::new(method, url))
    }

    pub(crate) fn header(mut self: Box<Self>, name: &'static str, value: impl Into<String>) -> Box<Self> {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn bearer(self: Box<Self>, token: &crate::Secret) -> Box<Self> {
        self.header("authorization", concat("Bearer ", token.expose()))
    }

    pub(crate) fn json(mut self: Box<Self>, body: Vec<u8>) -> Box<Self> {
        self.body = Some(body);
        self.header("content-type", "application/json")
    }

    /// Whether every header's value can be sent: a token with a line break in it is refused here, not by a platform that
    /// may throw or panic.
    pub(crate) fn has_sendable_headers(&self) -> bool {
        self.headers.iter().all(|(_, value)| value.bytes().all(|b| b == b'\t' || (b >= b' ' && b != 0x7f && b < 0x80)))
    }

    pub(crate) fn timeout_ms(mut self: Box<Self>, ms: u64) -> Box<Self> {
        self.timeout_ms = ms;
        self
    }

    pub(crate) fn keepalive(mut self: Box<Self>) -> Box<Self> {
        self.keepalive = true;
        self
    }
}

/// The deadline of one call unless configured otherwise, in milliseconds (sessions.md R8).
pub const DEFAULT_TIMEOUT_MS: u64 = 10_000;

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("method", &self.method.as_str())
            .field("url", &path)
            .field("headers", &names)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

/// One HTTP response. `Debug` shows neither header values nor body.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Name (lower case) and value. Only what the platform lets us see.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The address of a service: `https`, or `http` on loopback only; no query, no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Checks and normalises an address: one trailing slash goes, a missing scheme becomes `https://`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(Error::configuration(
                "the base URL is empty; write the service's address, e.g. https://demo.rally-here.io",
            ));
        }
        let (scheme, rest) = match split_scheme(text) {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let authority = cut(rest, "/").0;
        if cut(authority, "@").1.is_some() {
            return Err(Error::configuration(
                "the base URL holds a user name or password; write it without, credentials have their own fields",
            ));
        }
        if cut(rest, "?#").1.is_some() {
            return Err(Error::configuration(
                "the base URL has a query or fragment; write scheme, host and path only, e.g. https://demo.rally-here.io",
            ));
        }
        let host = host_of(authority);
        if host.is_empty()
            || (0..rest.len()).any(|at| begins_oddly(rest.as_bytes().get(at..)))
            || !port_is_valid(authority)
        {
            return Err(Error::configuration(
                "the base URL is not an address; write scheme and host, e.g. https://demo.rally-here.io",
            ));
        }
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => {
                return Err(Error::configuration(
                    "plain http is only allowed to a loopback host such as 127.0.0.1; write https:// instead",
                ));
            }
            _ => {
                return Err(Error::configuration(
                    "the base URL must begin with https:// (or http:// for a loopback host)",
                ));
            }
        }
        let mut url = scheme;
        url.push_str("://");
        url.push_str(rest);
        Ok(Self(url))
    }

    /// The address without trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the first character can be in no address: spaces and controls by their ranges, written as in UTF-8, since the
/// standard library's tables of them and its `chars` are larger.
fn begins_oddly(text: Option<&[u8]>) -> bool {
    match text.unwrap_or_default() {
        [..=b' ' | 0x7f | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}', ..] => true,
        // Up to U+00A0; U+1680; from U+2000, U+2028 and U+205F; U+3000.
        [0xc2, ..=0xa0, ..] | [0xe1, 0x9a, 0x80, ..] | [0xe3, 0x80, 0x80, ..] => true,
        [0xe2, 0x80, ..=0x8f | 0xa8..=0xaf, ..] | [0xe2, 0x81, 0x9f, ..] => true,
        _ => false,
    }
}

/// What is before the first of these ASCII characters, and what is behind it. The standard library's searches are half
/// a kilobyte more in the wasm.
#[inline(never)]
pub(crate) fn cut<'a>(text: &'a str, at: &str) -> (&'a str, Option<&'a str>) {
    let place = text.bytes().position(|byte| at.bytes().any(|one| one == byte));
    match place {
        Some(place) => (text.get(..place).unwrap_or_default(), text.get(place + 1..)),
        None => (text, None),
    }
}

/// Scheme and the rest.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = cut(text, ":");
    Some((scheme, rest?.strip_prefix("//")?))
}

#[cfg_attr(not(feature = "web"), allow(dead_code))]
/// Whether a token may travel to this URL: https, or http on loopback.
pub(crate) fn may_carry_token(url: &str) -> Result<()> {
    if split_scheme(url).is_none() {
        return Err(Error::misuse(
            "the URL is not absolute; write scheme and host, e.g. https://api.example.com/inventory",
        ));
    }
    BaseUrl::parse(cut(url, "?#").0)
        .map(|_| ())
        .map_err(|error| Error::misuse(concat("the access token is not sent there: ", error.message())))
}

fn host_of(authority: &str) -> &str {
    match cut(authority, "]") {
        (address, Some(_)) if address.starts_with('[') => authority.get(..=address.len()).unwrap_or_default(),
        _ => cut(authority, ":").0,
    }
}

fn port_is_valid(authority: &str) -> bool {
    let after = authority.get(host_of(authority).len()..).unwrap_or_default();
    after.is_empty()
        || after.strip_prefix(':').is_some_and(|port| whole(port).is_some_and(|port| (1..65_536).contains(&port)))
}

fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    if host == "localhost" || host.ends_with(".localhost") || host == "[::1]" {
        return true;
    }
    let (first, mut rest) = cut(&host, ".");
    let mut count = 1;
    while let Some(text) = rest {
        let (part, behind) = cut(text, ".");
        if whole(part).is_none_or(|part| part > 255) {
            return false;
        }
        (rest, count) = (behind, count + 1);
    }
    first == "127" && count == 4
}

pub(crate) fn concat(left: &str, right: &str) -> String {
    crate::text::concat(&[left, right])
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            crate::text::push_hex(&mut encoded, byte, b'A');
        }
    }
    encoded
}

/// Decodes percent-encoding and `+` as space, as in a query; what is not valid stays as it is.
pub(crate) fn percent_decode(text: &str) -> String {
    let digit = |at: &u8| char::from(*at).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match (first, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    (high * 16 + low) as u8
                }
                _ => b'%',
            },
            (other, _) => other,
        });
    }
    crate::text::utf8(&bytes).unwrap_or(text).to_owned()
}

/// `a=1&b=2`, percent-encoded, for a query or a form body.
pub(crate) fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&percent_encode(name));
        text.push('=');
        text.push_str(&percent_encode(value));
    }
    text
}

/// The value of a query parameter of an absolute or relative URL; the fragment does not count.
pub(crate) fn query_value(url: &str, name: &str) -> Option<String> {
    let mut query = cut(cut(url, "#").0, "?").1;
    while let Some(pairs) = query {
        let (pair, behind) = cut(pairs, "&");
        let (key, value) = cut(pair, "=");
        if percent_decode(key) == name {
            return Some(percent_decode(value.unwrap_or_default()));
        }
        query = behind;
    }
    None
}

/// The longest wait a service can ask for, in milliseconds (rallyhere.md §1.3).
pub(crate) const MAX_RETRY_AFTER_MS: u64 = 300_000;

/// Reads `Retry-After` (whole seconds, or an HTTP date against `now`) as milliseconds, clamped to 1 s to 300 s.
pub(crate) fn retry_after_ms(value: &str, now_ms: u64) -> Option<u64> {
    let value = value.trim_ascii();
    let ms = match whole(value) {
        Some(seconds) => seconds.min(300) * 1000,
        None => parse_http_date_ms(value)?.saturating_sub(now_ms),
    };
    Some(ms.clamp(1_000, MAX_RETRY_AFTER_MS))
}

/// Reads an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT` as milliseconds since 1970.
pub(crate) fn parse_http_date_ms(text: &str) -> Option<u64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let rest = &mut cut(text, ",").1?;
    skip(rest, " ")?;
    let day = take(rest, 2)?;
    skip(rest, " ")?;
    let (name, after) = rest.split_at_checked(3)?;
    *rest = after;
    let month = (0..12).find(|at| MONTHS.get(at * 3..at * 3 + 3) == Some(name))? as u64 + 1;
    skip(rest, " ")?;
    let year = take(rest, 4)?;
    skip(rest, " ")?;
    Some(days(year, month, day)? + clock_ms(rest)?)
}

/// Reads an RFC 3339 time such as `2026-11-29T06:00:00.5Z` or `…+01:00` as milliseconds since 1970.
pub(crate) fn parse_rfc3339_ms(text: &str) -> Option<u64> {
    let rest = &mut &*text;
    let year = take(rest, 4)?;
    skip(rest, "-")?;
    let month = take(rest, 2)?;
    skip(rest, "-")?;
    let day = take(rest, 2)?;
    skip(rest, "Tt ")?;
    let mut ms = days(year, month, day)? + clock_ms(rest)?;
    if skip(rest, ".").is_some() {
        let mut unit = 100;
        while let Some(digit) = take(rest, 1) {
            ms += digit * unit;
            unit /= 10;
        }
    }
    let zone = skip(rest, "Zz+-")?;
    if zone.eq_ignore_ascii_case(&b'z') {
        return Some(ms);
    }
    let hours = take(rest, 2)?;
    skip(rest, ":")?;
    let minutes = take(rest, 2)?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = (hours * 60 + minutes) * 60_000;
    if zone == b'+' { ms.checked_sub(offset) } else { ms.checked_add(offset) }
}

/// Takes a number of so many digits from the front.
#[inline(never)]
fn take(rest: &mut &str, digits: usize) -> Option<u64> {
    let (number, after) = rest.split_at_checked(digits)?;
    let number = whole(number)?;
    *rest = after;
    Some(number)
}

/// Takes one character from the front, which must be one of these.
#[inline(never)]
fn skip(rest: &mut &str, any_of: &str) -> Option<u8> {
    let (first, after) = rest.split_at_checked(1)?;
    let found = any_of.bytes().find(|one| first.as_bytes() == [*one])?;
    *rest = after;
    Some(found)
}

/// `08:49:37` in milliseconds.
fn clock_ms(rest: &mut &str) -> Option<u64> {
    let hour = take(rest, 2)?;
    skip(rest, ":")?;
    let minute = take(rest, 2)?;
    skip(rest, ":")?;
    let second = take(rest, 2)?;
    (hour < 24 && minute < 60 && second < 61).then_some(((hour * 60 + minute) * 60 + second) * 1000)
}

/// The start of a day in milliseconds since 1970.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Counting years from March, so that the leap day comes last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    Some(days.checked_sub(719_468)? * 86_400_000)
}

/// A whole number of up to 19 decimal digits and nothing else.
pub(crate) fn whole(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    text.bytes().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0')))
}

/// The decimal digits of a number. `to_string` brings the standard library's formatting into the wasm: a kilobyte.
#[inline(never)]
pub(crate) fn digits(number: u64) -> String {
    let mut unit = 1;
    while number / unit >= 10 {
        unit *= 10;
    }
    let mut text = String::new();
    while unit > 0 {
        text.push(char::from(b'0' + (number / unit % 10) as u8));
        unit /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_base_url_is_normalised_as_the_vendor_client_does() {
        for (given, wanted) in [
            ("https://demo.rally-here.io", "https://demo.rally-here.io"),
            ("demo.rally-here.io/", "https://demo.rally-here.io"),
            ("HTTP://127.0.0.1:8080/base/", "http://127.0.0.1:8080/base"),
            ("http://[::1]:80", "http://[::1]:80"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(BaseUrl::parse(given).unwrap().as_str(), wanted);
        }
    }

    #[test]
    fn a_wrong_base_url_says_what_to_write_instead() {
        for given in [
            "",
            " ",
            "ftp://x",
            "https://",
            "http://example.com",
            "http://127.0.0.1.example.com",
            "https://u:p@host",
            "https://host?x=1",
            "https://host#f",
            "https://ho st",
            "https://host:0",
            "https://host:99999",
            "http://127.1",
        ] {
            let error = BaseUrl::parse(given).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{given}");
            assert!(error.message().contains("write") || error.message().contains("must begin"), "{given}: {error}");
        }
    }

    #[test]
    fn an_address_holds_no_space_control_or_quote_of_unicode() {
        for c in (0..=0xffff).filter_map(char::from_u32) {
            let is_odd = match c {
                ..=' ' | '\u{7f}'..='\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' => true,
                '\u{1680}' | '\u{205f}' | '\u{3000}' => true,
                _ => matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}'),
            };
            let text = String::from(c);
            assert_eq!((0..text.len()).any(|at| begins_oddly(text.as_bytes().get(at..))), is_odd, "{c:?}");
        }
    }

    #[test]
    fn percent_encoding_round_trips() {
        let text = "a b+c/=?&%é\u{1F600}";
        assert_eq!(percent_decode(&percent_encode(text)), text);
        assert_eq!(percent_encode("A-z_0.~"), "A-z_0.~");
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz"), "%zz");
    }

    #[test]
    fn a_query_value_is_found_and_the_fragment_is_not_read() {
        assert_eq!(query_value("https://a/b?x=1&token=ey.J%2B#token=no", "token").as_deref(), Some("ey.J+"));
        assert_eq!(query_value("https://a/b#token=no", "token"), None);
    }

    #[test]
    fn r24_retry_after_reads_seconds_and_dates_and_is_clamped() {
        assert_eq!(retry_after_ms("30", 0), Some(30_000));
        assert_eq!(retry_after_ms("0", 0), Some(1_000));
        assert_eq!(retry_after_ms("99999999999999999999", 0), None);
        assert_eq!(retry_after_ms("86400", 0), Some(300_000));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(parse_http_date_ms(date), Some(784_111_777_000));
        assert_eq!(retry_after_ms(date, 784_111_767_000), Some(10_000));
        assert_eq!(retry_after_ms(date, 784_111_999_000), Some(1_000));
        assert_eq!(retry_after_ms("soon", 0), None);
    }

    #[test]
    fn digits_are_those_of_the_standard_library() {
        for number in [0, 1, 9, 10, 11, 99, 100, 1_999, u64::MAX / 10, u64::MAX - 1, u64::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn rfc3339_times_are_read_with_zone_and_fraction() {
        assert_eq!(parse_rfc3339_ms("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse_rfc3339_ms("2000-02-29T12:00:00.5+01:00"), Some(951_822_000_500));
        assert_eq!(parse_rfc3339_ms("2000-02-29T12:00:00.123456-00:30"), Some(951_827_400_123));
        assert_eq!(parse_rfc3339_ms("2000-13-01T00:00:00Z"), None);
        assert_eq!(parse_rfc3339_ms("2000-01-01T00:00:00+9999999999999999999:00"), None);
        assert_eq!(parse_rfc3339_ms("yesterday"), None);
    }

    #[test]
    fn debug_of_a_request_shows_no_query_header_value_or_body() {
        let request = Request::to(Method::Post, "https://a/b?session_ticket=CANARY".to_owned())
            .bearer(&"CANARY".into())
            .json(b"CANARY".to_vec());
        assert!(!format!("{request:?}").contains("CANARY"));
    }
}
