//! RallyHere's public keys, for whoever verifies access tokens. No `alg` is given: assume RS256 and pin it.

use serde::{Deserialize, Serialize};

use super::{RallyHere, wire};
use crate::error::Result;
use crate::host::Host;
use crate::http::{Method, concat, percent_encode};
use crate::services::{self, read_json};

/// An RSA public key (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl<H: Host> RallyHere<H> {
    /// All current keys. Keep them for an hour; on an unknown key id ask again, at most every 5 minutes.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn public_keys(&self) -> Result<Vec<PublicKey>> {
        #[derive(Deserialize)]
        struct Answer {
            keys: Vec<PublicKey>,
        }
        let response = services::send(&*self.host, self.config.request(Method::Get, "/users/v1/publickeys")).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.host.now()));
        }
        Ok(read_json::<Answer>(&response)?.keys)
    }

    /// One key.
    ///
    /// # Errors
    /// `not-found` for an unknown id.
    pub async fn public_key(&self, key_id: &str) -> Result<PublicKey> {
        let path = concat("/users/v1/publickeys/", &percent_encode(key_id));
        let response = services::send(&*self.host, self.config.request(Method::Get, &path)).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.host.now()));
        }
        read_json(&response)
    }
}
