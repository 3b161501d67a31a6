//! A text that must never be printed: tokens, tickets, linking codes, client secrets.

use std::fmt;

use zeroize::Zeroize;

/// A secret text. It has no `Display`, a `Debug` that says nothing, and is wiped when dropped.
///
/// Reading it takes the one greppable call [`Secret::expose`].
///
/// ```
/// use playerlink::Secret;
///
/// let ticket = Secret::new("14000000ab");
/// assert_eq!(format!("{ticket:?}"), "Secret([redacted])");
/// assert_eq!(ticket.expose(), "14000000ab");
/// ```
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every use of this is a place where a secret leaves the type's protection.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Constant text: neither a length nor a hash, since a six-digit code has neither to spare.
        f.write_str("Secret([redacted])")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Secret {}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
