//! RallyHere's public keys, for whoever verifies access tokens. No `alg` is given: assume RS256 and pin it.

use super::RallyHere;
use super::login::ask;
use crate::error::Result;
use crate::host::Host;
use crate::http::{Method, concat, percent_encode};
use crate::json::{Json, Object};
use crate::services::not_understood;

/// An RSA public key (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The key's id, as in a token's header.
    pub kid: String,
    /// `RSA`.
    pub kty: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}

impl PublicKey {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self { kid: json.filled("kid")?, kty: json.filled("kty")?, n: json.filled("n")?, e: json.filled("e")? })
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn to_json(&self) -> Json {
        Object::new().text("kid", &self.kid).text("kty", &self.kty).text("n", &self.n).text("e", &self.e).take()
    }
}

impl<H: Host> RallyHere<H> {
    /// All current keys. Keep them for an hour; on an unknown key id ask again, at most every 5 minutes.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn public_keys(&self) -> Result<Vec<PublicKey>> {
        let request = self.config.request(Method::Get, "/users/v1/publickeys");
        let (answer, response) = ask(&*self.host, request).await?;
        match answer.get("keys") {
            Json::List(keys) => Ok(keys.iter().filter_map(PublicKey::from_json).collect()),
            _ => Err(not_understood(&response)),
        }
    }

    /// One key.
    ///
    /// # Errors
    /// `not-found` for an unknown id.
    pub async fn public_key(&self, key_id: &str) -> Result<PublicKey> {
        let path = concat("/users/v1/publickeys/", &percent_encode(key_id));
        let (answer, response) = ask(&*self.host, self.config.request(Method::Get, &path)).await?;
        PublicKey::from_json(&answer).ok_or_else(|| not_understood(&response))
    }
}
