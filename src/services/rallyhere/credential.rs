//! What a player presents to sign in: one constructor a grant, each with exactly its own fields.

use crate::Secret;
use crate::json::Object;
use crate::services::Agreements;

/// What a player presents to sign in.
///
/// Platform tickets are often good for one use: when a login fails with kind `agreements` or `platform-ticket`, get a
/// fresh one for the next try.
///
/// ```
/// use playerlink::rallyhere::Credential;
///
/// let steam = Credential::steam("14000000ab").display_name("Nova");
/// let switch = Credential::nintendo_switch("service-account-token").parent_account("id-token");
/// ```
#[derive(Clone, Debug)]
pub struct Credential {
    grant: String,
    token: Secret,
    display_name: String,
    parent_token: Secret,
    parent_display_name: String,
    accept: Agreements,
}

/// A Nintendo credential, the only kind with a second, parent identity.
#[derive(Clone, Debug)]
pub struct NintendoCredential(Credential);

impl Credential {
    fn of(grant: &str, token: impl Into<Secret>) -> Self {
        Self {
            grant: grant.to_owned(),
            token: token.into(),
            display_name: String::new(),
            parent_token: Secret::default(),
            parent_display_name: String::new(),
            accept: Agreements::default(),
        }
    }

    /// Any non-empty text, which is the identity. For testing.
    pub fn anon(id: impl Into<Secret>) -> Self {
        Self::of("anon", id)
    }

    /// A user name and password. The name must not contain `:`, where the service splits.
    pub fn basic(username: &str, password: &Secret) -> Self {
        Self::of("basic", crate::text::concat(&[username, ":", password.expose()]))
    }

    /// A Steam session ticket as Steam gives it, usually hex.
    pub fn steam(ticket: impl Into<Secret>) -> Self {
        Self::of("steam", ticket)
    }

    /// An Epic Games token or an EOS ID token.
    pub fn epic(token: impl Into<Secret>) -> Self {
        Self::of("epic", token)
    }

    /// A Google ID token.
    pub fn google(id_token: impl Into<Secret>) -> Self {
        Self::of("google", id_token)
    }

    /// An identity token from Sign in with Apple.
    pub fn apple(identity_token: impl Into<Secret>) -> Self {
        Self::of("apple", identity_token)
    }

    /// An Xbox XSTS token.
    pub fn xbox_live(xsts_token: impl Into<Secret>) -> Self {
        Self::of("xboxlive", xsts_token)
    }

    /// A PlayStation 4 credential of the older kind, swapped by the service for an ID token.
    pub fn ps4_v1(token: impl Into<Secret>) -> Self {
        Self::of("ps4_v1", token)
    }

    /// A PSN authorization code of a PlayStation 4 title with cross-generation support.
    pub fn ps4_v3(authorization_code: impl Into<Secret>) -> Self {
        Self::of("ps4_v3", authorization_code)
    }

    /// A PSN authorization code of a PlayStation 5 title.
    pub fn ps5_v3(authorization_code: impl Into<Secret>) -> Self {
        Self::of("ps5_v3", authorization_code)
    }

    /// A Nintendo Account token. Legacy: gone from the newest specification.
    pub fn nintendo(account_token: impl Into<Secret>) -> NintendoCredential {
        NintendoCredential(Self::of("nintendo", account_token))
    }

    /// A Nintendo service account token (Switch); add the player's Nintendo Account with
    /// [`parent_account`](NintendoCredential::parent_account).
    pub fn nintendo_switch(service_account_token: impl Into<Secret>) -> NintendoCredential {
        NintendoCredential(Self::of("nintendo_switch", service_account_token))
    }

    /// A token of the RallyHere developer portal.
    pub fn rallyhere(token: impl Into<Secret>) -> Self {
        Self::of("rallyhere", token)
    }

    /// An Android device's identifier.
    pub fn android_device(device_id: impl Into<Secret>) -> Self {
        Self::of("android_device", device_id)
    }

    /// An iOS device's identifier.
    pub fn ios_device(device_id: impl Into<Secret>) -> Self {
        Self::of("ios_device", device_id)
    }

    /// A refresh token from an earlier login, e.g. one kept by an older launcher.
    pub fn refresh(refresh_token: impl Into<Secret>) -> Self {
        Self::of("refresh", refresh_token)
    }

    /// The escape hatch: any grant and any fields, for what this version does not know.
    pub fn raw(
        grant_type: &str,
        access_token: impl Into<Secret>,
        parent_access_token: impl Into<Secret>,
        parent_display_name: &str,
    ) -> Self {
        let mut credential = Self::of(grant_type, access_token);
        credential.parent_token = parent_access_token.into();
        credential.parent_display_name = parent_display_name.to_owned();
        credential
    }

    /// The name the platform shows for the player; some grants take it.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// The agreements the player has accepted now. `false` retracts nothing.
    #[must_use]
    pub fn accept(mut self, agreements: Agreements) -> Self {
        self.accept = agreements;
        self
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let parent = (self.parent_token.expose(), self.parent_display_name.as_str());
        body(&self.grant, (self.token.expose(), &self.display_name), parent, self.accept)
    }
}

/// A login's body: the grant, token and name of the account, those of its parent (empty ones are left out), and what the
/// player has accepted.
pub(crate) fn body(grant: &str, account: (&str, &str), parent: (&str, &str), accept: Agreements) -> Vec<u8> {
    Object::new()
        .text("grant_type", grant)
        .filled("portal_access_token", account.0)
        .filled("portal_display_name", account.1)
        .filled("portal_parent_access_token", parent.0)
        .filled("portal_parent_display_name", parent.1)
        .flag("include_refresh", true)
        .set("accept_eula", accept.eula)
        .set("accept_tos", accept.terms_of_service)
        .set("accept_privacy_policy", accept.privacy_policy)
        .body()
}

impl NintendoCredential {
    /// The player's Nintendo Account ID token.
    #[must_use]
    pub fn parent_account(mut self, id_token: impl Into<Secret>) -> Self {
        self.0.parent_token = id_token.into();
        self
    }

    /// The Nintendo Account's name.
    #[must_use]
    pub fn parent_display_name(mut self, name: impl Into<String>) -> Self {
        self.0.parent_display_name = name.into();
        self
    }

    /// See [`Credential::display_name`].
    #[must_use]
    pub fn display_name(self, name: impl Into<String>) -> Self {
        Self(self.0.display_name(name))
    }

    /// See [`Credential::accept`].
    #[must_use]
    pub fn accept(self, agreements: Agreements) -> Self {
        Self(self.0.accept(agreements))
    }
}

impl From<NintendoCredential> for Credential {
    fn from(credential: NintendoCredential) -> Self {
        credential.0
    }
}
