//! A platform's session ticket as `cross_auth` takes it: which encoding is which, and the templates of platforms whose
//! credential has several parts (xsolla.md §6.7).

use crate::error::{Error, Result};
use crate::{Secret, base64};

/// A platform's ticket, encoded for the wire. A secret that the platform accepts once: get a new one for each sign-in.
///
/// The reference wants Base64, and so do we; the vendor's own engine SDKs send Steam's ticket in hexadecimal.
///
/// ```
/// use playerlink::xsolla::Ticket;
///
/// let bytes = [0x14, 0, 0, 0xff]; // as Steam's GetAuthSessionTicket wrote them, cut to the length it returned
/// assert_ne!(Ticket::base64(&bytes), Ticket::hex(&bytes));
/// assert_eq!(Ticket::base64(&bytes), Ticket::verbatim("FAAA/w=="));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket(Secret);

impl Ticket {
    /// The platform's bytes in Base64 (RFC 4648 §4, with padding), as the reference says.
    pub fn base64(bytes: &[u8]) -> Self {
        let mut text = String::new();
        base64::encode(bytes, &mut text);
        Self(text.into())
    }

    /// The platform's bytes in lower-case hexadecimal, as the vendor's Unity and Unreal SDKs send Steam's.
    pub fn hex(bytes: &[u8]) -> Self {
        Self(hex(bytes).into())
    }

    /// A text that is sent as it is.
    pub fn verbatim(text: impl Into<Secret>) -> Self {
        Self(text.into())
    }

    /// Xbox: the Base64 of `<xid>-<user hash>;<XSTS token>`.
    ///
    /// # Errors
    /// `misuse` when a part is empty.
    pub fn xbox(xid: &str, user_hash: &str, xsts_token: &Secret) -> Result<Self> {
        if xid.is_empty() || user_hash.is_empty() || xsts_token.is_empty() {
            return Err(Error::misuse("an Xbox ticket needs the Xbox user id, the user hash and the XSTS token"));
        }
        let parts = Secret::new(crate::text::concat(&[xid, "-", user_hash, ";", xsts_token.expose()]));
        Ok(Self::base64(parts.expose().as_bytes()))
    }

    pub(crate) fn text(&self) -> &str {
        self.0.expose()
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        crate::text::push_hex(&mut text, *byte, b'a');
    }
    text
}
