//! A project's public keys, which Xsolla writes its own way: a bare list, numbers in hexadecimal (xsolla.md §3.5).

use super::XsollaServer;
use crate::base64;
use crate::error::Result;
use crate::host::Host;
use crate::http::Method;
use crate::json::Json;
use crate::services::xsolla::{check_project_id, wire};
use crate::services::{self, not_understood};

/// An RSA public key of a Login project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectKey {
    /// The key's id, as in a token's header.
    pub kid: String,
    /// The modulus, big-endian without leading zeros.
    pub n: Vec<u8>,
    /// The exponent, big-endian without leading zeros.
    pub e: Vec<u8>,
}

impl ProjectKey {
    /// `None` for what is no RSA key for signatures.
    fn from_json(json: &Json) -> Option<Self> {
        let is_or_untold = |name: &str, wanted: &str| json.text(name).is_none_or(|text| text == wanted);
        if !is_or_untold("kty", "RSA") || !is_or_untold("alg", "RS256") || !is_or_untold("use", "sig") {
            return None;
        }
        let (n, e) = (json.text("n")?, json.text("e")?);
        // As hexadecimal this would be an even number, which no exponent is: then both are base64url.
        let read = if e.trim_end_matches('=') == "AQAB" { from_base64url } else { from_hex };
        Some(Self { kid: json.loose("kid")?, n: read(&n)?, e: read(&e)? })
    }
}

fn from_base64url(text: &str) -> Option<Vec<u8>> {
    base64::decode_url(text.trim_end_matches('=')).and_then(trimmed)
}

/// Also an odd number of digits, e.g. `10001`.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let mut digits = text.chars().map(|digit| digit.to_digit(16));
    let mut bytes = Vec::with_capacity(text.len() / 2 + 1);
    if text.len() % 2 == 1 {
        bytes.push(digits.next()??);
    }
    while let Some(high) = digits.next() {
        bytes.push(high? * 16 + digits.next()??);
    }
    trimmed(bytes.into_iter().filter_map(|byte| u8::try_from(byte).ok()).collect())
}

/// Without leading zeros; `None` for nothing and for zero.
fn trimmed(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let start = bytes.iter().position(|byte| *byte != 0)?;
    bytes.get(start..).map(<[u8]>::to_vec)
}

impl<H: Host> XsollaServer<H> {
    /// The public keys of a Login project; none for one that signs with HS256. To check tokens use a
    /// [`verifier`](Self::verifier), which keeps them.
    ///
    /// # Errors
    /// `configuration` when there is no such project, and those of every call.
    pub async fn project_keys(&self, project_id: &str) -> Result<Vec<ProjectKey>> {
        check_project_id(project_id)?;
        let path = ["/projects/", project_id, "/keys"].concat();
        let response = services::send(&self.0.host, self.0.config.request(Method::Get, &path)).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.0.host.now()));
        }
        let answer = Json::parse(&response.body);
        let keys = match &answer {
            Some(Json::List(keys)) => keys.as_slice(),
            Some(object @ Json::Object(_)) if matches!(object.get("keys"), Json::List(_)) => object.get("keys").items(),
            _ => return Err(not_understood(&response)),
        };
        Ok(keys.iter().filter_map(ProjectKey::from_json).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<ProjectKey> {
        ProjectKey::from_json(&Json::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn numbers_are_hexadecimal_unless_the_exponent_is_spelled_as_base64url() {
        let hex = key(r#"{"alg":"RS256","kty":"RSA","use":"sig","kid":"a","n":"00Ab01","e":"10001"}"#).unwrap();
        assert_eq!((hex.n, hex.e), (vec![0xab, 1], vec![1, 0, 1]));
        let base64 = key(r#"{"kid":"a","n":"AKsB","e":"AQAB"}"#).unwrap();
        assert_eq!((base64.n, base64.e), (vec![0xab, 1], vec![1, 0, 1]));
    }

    #[test]
    fn what_is_no_rsa_key_for_signatures_is_left_out() {
        for text in [
            "1",
            "{}",
            r#"{"kid":"a","n":"","e":"3"}"#,
            r#"{"kid":"a","n":"xyz","e":"3"}"#,
            r#"{"kid":"a","n":"00","e":"3"}"#,
            r#"{"kid":"a","n":7,"e":3}"#,
            r#"{"kid":"a","n":"é1","e":"3"}"#,
            r#"{"kid":"a","n":"ab","e":"3","kty":"EC"}"#,
            r#"{"kid":"a","n":"ab","e":"3","alg":"HS256"}"#,
            r#"{"kid":"a","n":"ab","e":"3","use":"enc"}"#,
            r#"{"n":"ab","e":"3"}"#,
        ] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
