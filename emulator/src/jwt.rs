//! JSON Web Tokens the emulator signs and reads: RS256 with the two test keys, HS256 with any secret.
//! The keys sign emulator tokens and nothing else; they are in the repository for everyone to read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const KEY_A: &[u8] = include_bytes!("../keys/test-signing-a.pk8.der");
const KEY_B: &[u8] = include_bytes!("../keys/test-signing-b.pk8.der");

/// The key id of the first test key.
pub const KID_A: &str = "emu-a";
/// The key id of the second test key.
pub const KID_B: &str = "emu-b";

/// The keys that sign tokens.
#[derive(Clone)]
pub struct Keys {
    keys: Vec<(&'static str, Key)>,
}

#[derive(Clone)]
enum Key {
    Rsa(Box<RsaPrivateKey>),
    /// Nothing but a digest of the key's id and the text, which anyone can make.
    Digest,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.keys.iter().map(|(kid, _)| kid)).finish()
    }
}

impl Keys {
    /// The two test keys, `emu-a` and `emu-b`.
    pub fn test() -> Self {
        let read = |kid, der| RsaPrivateKey::from_pkcs8_der(der).ok().map(|key| (kid, Key::Rsa(Box::new(key))));
        Self { keys: [read(KID_A, KEY_A), read(KID_B, KEY_B)].into_iter().flatten().collect() }
    }

    /// The same two ids with signatures that cost next to nothing and prove nothing: for a simulator, which plays
    /// thousands of sign-ins a second and reads no signature.
    pub fn unsigned() -> Self {
        Self { keys: vec![(KID_A, Key::Digest), (KID_B, Key::Digest)] }
    }

    /// The key ids, in the order the keys were made.
    pub fn kids(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|(kid, _)| *kid)
    }

    /// A token `{alg:"RS256",typ:"JWT",kid}` signed with the key of that id; with no such key, the signature is empty.
    pub fn sign_rs256(&self, kid: &str, claims: &Value) -> String {
        self.sign_with_header(kid, &json!({ "alg": "RS256", "typ": "JWT", "kid": kid }), claims)
    }

    /// The same under a header of the caller's choice, e.g. one without `kid` or with a wrong one.
    pub fn sign_with_header(&self, kid: &str, header: &Value, claims: &Value) -> String {
        let signed = signing_input(header, claims);
        let signature = self.key(kid).map(|key| key.sign(kid, &signed)).unwrap_or_default();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether the token's header says RS256 and its signature is by the key of that id. Judges nothing else.
    pub fn verify_rs256(&self, kid: &str, token: &str) -> bool {
        let Some((signed, signature)) = token.rsplit_once('.') else { return false };
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        let algorithm_fits = header(token).is_some_and(|header| header.get("alg") == Some(&json!("RS256")));
        algorithm_fits && self.key(kid).is_some_and(|key| key.verify(kid, signed, &signature))
    }

    /// The modulus, big-endian without leading zeros; empty when there is no such key.
    pub fn modulus(&self, kid: &str) -> Vec<u8> {
        self.key(kid).and_then(Key::rsa).map(|key| key.n().to_bytes_be()).unwrap_or_default()
    }

    /// The public exponent, big-endian without leading zeros; empty when there is no such key.
    pub fn exponent(&self, kid: &str) -> Vec<u8> {
        self.key(kid).and_then(Key::rsa).map(|key| key.e().to_bytes_be()).unwrap_or_default()
    }

    fn key(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|(known, _)| *known == kid).map(|(_, key)| key)
    }
}

impl Key {
    fn rsa(&self) -> Option<&RsaPrivateKey> {
        match self {
            Self::Rsa(key) => Some(key),
            Self::Digest => None,
        }
    }

    fn sign(&self, kid: &str, text: &str) -> Vec<u8> {
        let digest = Sha256::digest(text.as_bytes());
        match self {
            Self::Rsa(key) => key.sign(Pkcs1v15Sign::new::<Sha256>(), &digest).unwrap_or_default(),
            Self::Digest => Sha256::new_with_prefix(kid).chain_update(digest).finalize().to_vec(),
        }
    }

    fn verify(&self, kid: &str, text: &str, signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => {
                let digest = Sha256::digest(text.as_bytes());
                key.to_public_key().verify(Pkcs1v15Sign::new::<Sha256>(), &digest, signature).is_ok()
            }
            Self::Digest => self.sign(kid, text) == signature,
        }
    }
}

/// A token `{alg:"HS256",typ:"JWT"}`, with `kid` when there is one.
pub fn sign_hs256(secret: &[u8], kid: Option<&str>, claims: &Value) -> String {
    let mut header = json!({ "alg": "HS256", "typ": "JWT" });
    if let (Some(kid), Some(header)) = (kid, header.as_object_mut()) {
        header.insert("kid".into(), kid.into());
    }
    let signed = signing_input(&header, claims);
    let signature = hmac_sha256(secret, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Whether the token's header says HS256 and its signature is by that secret. Judges nothing else.
pub fn verify_hs256(secret: &[u8], token: &str) -> bool {
    let Some((signed, signature)) = token.rsplit_once('.') else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    header(token).is_some_and(|header| header.get("alg") == Some(&json!("HS256")))
        && hmac_sha256(secret, signed.as_bytes()) == signature
}

/// The token's header, unverified.
pub fn header(token: &str) -> Option<Value> {
    part(token, 0)
}

/// The token's claims, unverified.
pub fn payload(token: &str) -> Option<Value> {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn signing_input(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_verifies_with_its_own_key_only() {
        let keys = Keys::test();
        let token = keys.sign_rs256(KID_A, &json!({ "sub": "nova" }));
        assert!(keys.verify_rs256(KID_A, &token));
        assert!(!keys.verify_rs256(KID_B, &token));
        assert_eq!(payload(&token), Some(json!({ "sub": "nova" })));
        assert_eq!(header(&token).unwrap()["kid"], "emu-a");
        assert_eq!(keys.modulus(KID_A).len(), 256);
        assert_eq!(keys.exponent(KID_B), [1, 0, 1]);
    }

    #[test]
    fn an_unsigned_token_verifies_with_its_own_key_only() {
        let keys = Keys::unsigned();
        let token = keys.sign_rs256(KID_A, &json!({ "sub": "nova" }));
        assert!(keys.verify_rs256(KID_A, &token));
        assert!(!keys.verify_rs256(KID_B, &token));
        assert!(!Keys::test().verify_rs256(KID_A, &token));
    }

    #[test]
    fn an_hs256_token_is_no_rs256_token() {
        let token = sign_hs256(b"secret", None, &json!({}));
        assert!(verify_hs256(b"secret", &token));
        assert!(!verify_hs256(b"other", &token));
        assert!(!Keys::test().verify_rs256(KID_A, &token));
    }
}
