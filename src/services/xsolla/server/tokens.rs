//! The kinds of tokens a game server meets, each a type of its own: what is sent in the name of the server, of a platform
//! account and of a main account cannot be taken for each other.

use crate::Secret;
use crate::services::xsolla::UserToken;

macro_rules! token_kind {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Secret);

        impl $name {
            pub(super) fn new(jwt: Secret) -> Self {
                Self(jwt)
            }

            /// The JWT itself. Every use of this is a place where it leaves the type's protection.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }
    };
}

token_kind! {
    /// The server's own token, for `X-Server-Authorization`. Never to leave the server: there is no way from here to a
    /// [`UserToken`], which is what clients get.
    ServerToken
}

token_kind! {
    /// A user token of a platform account, to be handed to the game. Once the accounts are linked its `sub` is the main
    /// account's.
    PlatformToken
}

token_kind! {
    /// A user token that was verified to be a main account's.
    MainToken
}

impl From<PlatformToken> for UserToken {
    fn from(token: PlatformToken) -> Self {
        token.0.into()
    }
}

impl From<MainToken> for UserToken {
    fn from(token: MainToken) -> Self {
        token.0.into()
    }
}
