//! Test credentials that stand for platform tickets: `emu.<platform user id>[.<display name>][?flag…]`.

use crate::http::percent_decode;

/// A test credential, taken apart.
#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    flags: Vec<String>,
}

impl Credential {
    /// Nothing for a text that is no test credential.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (identity, flags) = text.strip_prefix("emu.")?.split_once('?').unwrap_or((text.strip_prefix("emu.")?, ""));
        let (id, name) = match identity.split_once('.') {
            Some((id, name)) => (id, Some(percent_decode(name)).filter(|name| !name.is_empty())),
            None => (identity, None),
        };
        let flags = flags.split(['?', '&']).filter(|flag| !flag.is_empty()).map(str::to_owned).collect();
        (!id.is_empty()).then(|| Self { id: percent_decode(id), name, flags })
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }

    /// The first of the flaws that the credential has.
    pub(crate) fn flaw<T: Copy>(&self, flaws: &[(&str, T)]) -> Option<T> {
        flaws.iter().find(|(flag, _)| self.has(flag)).map(|(_, flaw)| *flaw)
    }
}
