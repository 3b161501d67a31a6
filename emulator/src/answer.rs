//! The plain-values form of [`Emulator::handle`], for hosts that have their own request type.

use crate::{Emulator, Request};

impl Emulator {
    /// Answers a request given as method, URL (absolute or from the path on), headers and body; returns status, headers
    /// and body. The URL's host becomes the `host` header unless there is one. How an injected fault delivers its answer is lost here: use [`handle`](Self::handle) to see it.
    ///
    /// ```
    /// let mut emulator = emulator::Emulator::new(1);
    /// let no_headers: [(&str, &str); 0] = [];
    /// let (status, _, body) = emulator.answer(0, "GET", "https://demo.rally-here.io/users/v1/publickeys", &no_headers, None);
    /// assert_eq!(status, 200);
    /// assert!(String::from_utf8(body).unwrap().contains("\"keys\""));
    /// ```
    pub fn answer<N: AsRef<str>, V: AsRef<str>>(
        &mut self,
        now_ms: u64,
        method: &str,
        url: &str,
        headers: &[(N, V)],
        body: Option<&[u8]>,
    ) -> (u16, Vec<(String, String)>, Vec<u8>) {
        let absolute = url.split_once("://").filter(|_| !url.starts_with('/'));
        let after_host = match absolute {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
            _ => url,
        };
        let authority = absolute.and_then(|(_, rest)| rest.split(['/', '?']).next());
        let named = headers.iter().any(|(name, _)| name.as_ref().eq_ignore_ascii_case("host"));
        let host = authority.filter(|_| !named).map(|host| ("host".to_owned(), host.to_owned()));
        let (path, query) = after_host.split_once('?').unwrap_or((after_host, ""));
        let response = self.handle(
            now_ms,
            Request {
                method: method.to_owned(),
                path: path.to_owned(),
                query: query.to_owned(),
                headers: headers
                    .iter()
                    .map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.as_ref().to_owned()))
                    .chain(host)
                    .collect(),
                body: body.unwrap_or_default().to_vec(),
            },
        );
        (response.status, response.headers, response.body)
    }
}
