//! Where a browser is sent after a sign-in: which callback counts as registered, and how values get into its query.

use super::failure::Failure;
use super::wire::encode_value;
use crate::cors;

/// The vendor's blank page: the callback of a project that registered none.
pub(super) const BLANK: &str = "https://login.xsolla.com/api/blank";

/// The callback a request means: the one it names, which must be registered (`422 010-012`), or the only one there is
/// (`422 010-011` when there are several).
pub(super) fn resolve(registered: &[String], named: Option<&str>) -> Result<String, Failure> {
    match (named, registered) {
        (Some(named), _) if is_registered(registered, named) => Ok(named.to_owned()),
        (Some(_), _) => Err(Failure::LOGIN_URL_UNKNOWN),
        (None, []) => Ok(BLANK.to_owned()),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Failure::LOGIN_URL_NEEDED),
    }
}

/// Byte for byte; only a loopback callback may differ in its port, and in its path if it was registered without one.
fn is_registered(registered: &[String], named: &str) -> bool {
    if registered.is_empty() {
        return named == BLANK;
    }
    registered.iter().any(|known| known == named || fits_loopback(known, named))
}

fn fits_loopback(known: &str, named: &str) -> bool {
    let (Some((known_origin, known_path)), Some((origin, path))) = (split(known), split(named)) else { return false };
    let same_host = host(known_origin) == host(origin);
    let path_fits = matches!(known_path, "" | "/") || known_path == path;
    cors::is_loopback(known_origin) && cors::is_loopback(origin) && same_host && path_fits
}

/// `http://host:port` and the path with everything after it.
fn split(url: &str) -> Option<(&str, &str)> {
    let host_start = url.find("://")?.saturating_add(3);
    let length = url.get(host_start..)?.find(['/', '?', '#']).unwrap_or(url.len() - host_start);
    Some(url.split_at(host_start + length))
}

fn host(origin: &str) -> &str {
    let port = origin.rfind(':').filter(|at| origin.get(at + 1..).is_some_and(is_port));
    port.and_then(|at| origin.get(..at)).unwrap_or(origin)
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The URL with more query values, before its fragment.
pub(super) fn with_query(url: &str, values: &[(&str, &str)]) -> String {
    let (base, fragment) = match url.split_once('#') {
        Some((base, fragment)) => (base, format!("#{fragment}")),
        None => (url, String::new()),
    };
    let mut result = base.to_owned();
    for (name, value) in values {
        result.push(if result.contains('?') { '&' } else { '?' });
        result.push_str(&format!("{name}={}", encode_value(value)));
    }
    result + &fragment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_callback_fits_any_port_and_others_fit_byte_for_byte() {
        let registered = ["http://127.0.0.1".to_owned(), "https://companion.example/callback".to_owned()];
        let accepts = |url| resolve(&registered, Some(url)).is_ok();
        assert!(accepts("http://127.0.0.1:43151/callback?x=1"));
        assert!(accepts("https://companion.example/callback"));
        assert!(!accepts("https://companion.example/callback/"));
        assert!(!accepts("http://127.0.0.1.evil.example/"));
        assert!(!accepts("http://127.0.0.1@evil.example/"));
        assert!(!accepts("http://localhost:1/"));
    }

    #[test]
    fn values_join_an_existing_query_before_the_fragment() {
        assert_eq!(
            with_query("https://a.example/cb?x=1#top", &[("token", "a.b")]),
            "https://a.example/cb?x=1&token=a.b#top"
        );
        assert_eq!(with_query("https://a.example/cb", &[("d", "two words")]), "https://a.example/cb?d=two+words");
    }
}
