//! Reads the claims of a JWT, for display and for its own lifetime. Nothing is verified here: a claim read this way
//! proves nothing to anyone.

use crate::Secret;
use crate::base64::decode_url;
use crate::error::{Error, Result};
use crate::http::cut;
use crate::json::Json;

/// The claims we use. Everything else in the token is ignored.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) sub: Option<String>,
    pub(crate) exp: Option<u64>,
    pub(crate) iat: Option<u64>,
    pub(crate) provider: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) username: Option<String>,
}

impl Claims {
    pub(crate) fn read(token: &Secret) -> Result<Box<Self>> {
        payload(token.expose()).ok_or_else(|| Error::protocol("the token is not a JWT with readable claims"))
    }

    /// How long the token lives from `now_ms`, judged by its own times. A clock behind the service's is not believed.
    pub(crate) fn expires_in_ms(&self, now_ms: u64) -> Option<u64> {
        let exp = self.exp?.saturating_mul(1000);
        let from = self.iat.map_or(now_ms, |iat| now_ms.max(iat.saturating_mul(1000)));
        Some(exp.saturating_sub(from))
    }
}

fn payload(token: &str) -> Option<Box<Claims>> {
    // Base64url in all three parts also means that the token fits into a header.
    let (header, rest) = cut(token, ".");
    let (payload, rest) = cut(rest?, ".");
    // A fourth part would bring a `.`, which is not of the alphabet.
    let (header, payload, signature) = (decode_url(header)?, decode_url(payload)?, decode_url(rest?)?);
    if signature.is_empty() {
        return None;
    }
    Json::parse_object(&header)?;
    let claims = Json::parse_object(&payload)?;
    Some(Box::new(Claims {
        sub: claims.text("sub"),
        exp: claims.count("exp"),
        iat: claims.count("iat"),
        provider: claims.text("provider"),
        id: claims.loose("id"),
        name: claims.text("name"),
        username: claims.text("username"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_without_verification_and_rubbish_is_a_protocol_error() {
        // {"alg":"HS256"}.{"sub":"u-1","exp":2000,"iat":1000,"id":42}
        let token = Secret::new("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1LTEiLCJleHAiOjIwMDAsImlhdCI6MTAwMCwiaWQiOjQyfQ.AAAA");
        let claims = Claims::read(&token).unwrap();
        assert_eq!(claims.sub.as_deref(), Some("u-1"));
        assert_eq!(claims.id.as_deref(), Some("42"));
        assert_eq!(claims.expires_in_ms(1_500_000), Some(500_000));
        assert_eq!(claims.expires_in_ms(0), Some(1_000_000));
        assert_eq!(claims.expires_in_ms(9_000_000), Some(0));
        for rubbish in ["", "a", "a.b.c", "....", "eyJhbGciOiJIUzI1NiJ9.bm90anNvbg.AAAA"] {
            assert!(Claims::read(&Secret::new(rubbish)).is_err(), "{rubbish}");
        }
    }
}
