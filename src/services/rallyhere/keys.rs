//! RallyHere's public keys, for whoever verifies access tokens. No `alg` is given: assume RS256 and pin it.

use super::RallyHere;
use crate::error::Result;
use crate::host::Host;
use crate::http::{Method, Request, concat, percent_encode};
use crate::json::Need::Needed;
use crate::json::{Field, Json};

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
}

const KEY: [Field; 4] = [("kid", "kid", Needed), ("kty", "kty", Needed), ("n", "n", Needed), ("e", "e", Needed)];

/// [`PublicKey`] for JavaScript.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn key_json(answer: &Json) -> Option<Json> {
    Some(answer.renamed(&KEY)?.take())
}

/// All keys for JavaScript. One that is not understood is left out.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn keys_json(answer: &Json) -> Option<Json> {
    let Json::List(keys) = answer.get("keys") else { return None };
    Some(Json::List(Json::list_of(keys, key_json)))
}

fn keys(answer: &Json) -> Option<Vec<PublicKey>> {
    let Json::List(keys) = answer.get("keys") else { return None };
    Some(keys.iter().filter_map(PublicKey::from_json).collect())
}

impl<H: Host> RallyHere<H> {
    /// All current keys. Keep them for an hour; on an unknown key id ask again, at most every 5 minutes.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn public_keys(&self) -> Result<Vec<PublicKey>> {
        self.ask_for(self.public_keys_request(), keys).await
    }

    /// One key.
    ///
    /// # Errors
    /// `not-found` for an unknown id.
    pub async fn public_key(&self, key_id: &str) -> Result<PublicKey> {
        self.ask_for(self.public_key_request(key_id), PublicKey::from_json).await
    }

    pub(crate) fn public_keys_request(&self) -> Box<Request> {
        self.config.request(Method::Get, "/users/v1/publickeys")
    }

    pub(crate) fn public_key_request(&self, key_id: &str) -> Box<Request> {
        self.config.request(Method::Get, &concat("/users/v1/publickeys/", &percent_encode(key_id)))
    }
}
