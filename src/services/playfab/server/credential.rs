//! What a game server presents for a player, and what it unlinks: rows of `providers.rs` with values.

use super::providers::{self, SERVER};
use crate::Secret;
use crate::error::{Error, Result};
use crate::json::{Json, Object};
use crate::services::playfab::credential::{Info, Wanted, constructors};
use crate::services::playfab::table::{Filled, LINK, LOGIN, UNLINK};

/// What a game server presents for a player: to link it, and for those that can be signed in with, to sign in.
///
/// Ids without a proof (`steam_id`, `xbox_id`, `psn_id`, a Nintendo subject) must come from a ticket the server has
/// verified itself, never from the client's word.
///
/// ```
/// use playerlink::playfab::server::Credential;
///
/// let nintendo = Credential::nintendo_service_account("eyJ…").force_link().custom_tag("build", "1.2.3");
/// let console = Credential::server_custom_id("player-1").create_account();
/// ```
#[derive(Clone, Debug)]
pub struct Credential {
    filled: Filled,
    info: Wanted,
}

/// What an unlink takes away from a player.
#[derive(Clone, Debug)]
pub struct Unlink(Filled);

constructors! { Credential, Credential::of,
    /// An Android device's id. For login only.
    android_device(android_device_id: "AndroidDeviceId") = ANDROID_DEVICE;
    /// A Battle.net identity token.
    battle_net(identity_token: "IdentityToken") = BATTLE_NET;
    /// An id the game made up. For login only; a server links [`server_custom_id`](Self::server_custom_id).
    custom_id(custom_id: "CustomId") = CUSTOM_ID;
    /// An iOS device's id. For login only.
    ios_device(device_id: "DeviceId") = IOS_DEVICE;
    /// The JWT that Nintendo issued for the service account. For link only.
    nintendo_service_account(identity_token: "IdentityToken") = NINTENDO_SERVICE_ACCOUNT;
    /// A Nintendo service account's id, without proof. For link only.
    nintendo_service_account_subject(subject: "Subject") = NINTENDO_SERVICE_ACCOUNT_SUBJECT;
    /// A Nintendo Switch device's id. For link only.
    nintendo_switch_device(device_id: "NintendoSwitchDeviceId") = NINTENDO_SWITCH_DEVICE;
    /// A PSN authorization code, and the redirect URI it was obtained with.
    psn(auth_code: "AuthCode", redirect_uri: "RedirectUri") = PSN;
    /// A PSN user's id, without proof. For link only.
    psn_id(psn_user_id: "PSNUserId") = PSN_ID;
    /// An id that only servers know, e.g. the player's in the studio's own database.
    server_custom_id(server_custom_id: "ServerCustomId") = SERVER_CUSTOM_ID;
    /// A Steam user's id, without proof.
    steam_id(steam_id: "SteamId") = STEAM_ID;
    /// A Twitch access token. A login also names the player: [`player`](Self::player).
    twitch(access_token: "AccessToken") = TWITCH;
    /// An Xbox token for `https://playfabapi.com/`.
    xbox(xbox_token: "XboxToken") = XBOX;
    /// An Xbox user's id and sandbox, without proof.
    xbox_id(xbox_id: "XboxId", sandbox: "Sandbox") = XBOX_ID;
}

impl Credential {
    fn of(filled: Filled) -> Self {
        Self { filled, info: Wanted::default() }
    }

    /// Twitch login: the player that the token must belong to.
    #[must_use]
    pub fn player(mut self, playfab_id: impl Into<String>) -> Self {
        self.filled = self.filled.with("PlayFabId", Secret::new(playfab_id));
        self
    }

    /// PSN: the environment the code or id is from; production unless set.
    #[must_use]
    pub fn issuer_id(mut self, id: i32) -> Self {
        self.filled = self.filled.with_number("IssuerId", id);
        self
    }

    /// Login: makes a new player when nobody has signed in this way before.
    #[must_use]
    pub fn create_account(mut self) -> Self {
        self.filled.insists = true;
        self
    }

    /// Link: takes the account away from another player who has it.
    #[must_use]
    pub fn force_link(mut self) -> Self {
        self.filled.insists = true;
        self
    }

    /// A tag for the vendor's event log, e.g. the build's number. Never a secret.
    #[must_use]
    pub fn custom_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.filled.tag(key.into(), value.into());
        self
    }

    /// Login: what else to bring along.
    #[must_use]
    pub fn info(mut self, wanted: &[Info]) -> Self {
        self.info.add(wanted);
        self
    }

    pub(super) fn login(&self) -> Result<(String, Vec<u8>)> {
        let operation = self.filled.operation(LOGIN)?;
        let mut body = self.filled.body(LOGIN)?;
        self.info.ask_in(&mut body);
        Ok((operation, body.body()))
    }

    pub(super) fn link(&self, playfab_id: &str) -> Result<(String, Vec<u8>)> {
        of_player(&self.filled, LINK, playfab_id)
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_json(json: &Json) -> Result<Self> {
        Ok(Self { filled: Filled::from_json(SERVER, json)?, info: Wanted::from_json(json)? })
    }
}

constructors! { Unlink, Unlink,
    /// The Battle.net account.
    battle_net() = BATTLE_NET;
    /// The Facebook account.
    facebook() = FACEBOOK;
    /// A Facebook Instant Games id.
    facebook_instant_games() = FACEBOOK_INSTANT_GAMES;
    /// The Nintendo service account.
    nintendo_service_account() = NINTENDO_SERVICE_ACCOUNT;
    /// A Nintendo Switch device.
    nintendo_switch_device() = NINTENDO_SWITCH_DEVICE;
    /// The PSN account.
    psn() = PSN;
    /// That id, which only servers know.
    server_custom_id(server_custom_id: "ServerCustomId") = SERVER_CUSTOM_ID;
    /// The Steam account.
    steam() = STEAM_ID;
    /// The Twitch account.
    twitch() = TWITCH;
    /// The Xbox account.
    xbox() = XBOX;
}

impl Unlink {
    /// Which of several: the device's id, the Facebook Instant Games id; for Twitch and Xbox the token that names the
    /// account. Without it PlayFab takes the one last signed in with.
    #[must_use]
    pub fn which(self, id: impl Into<Secret>) -> Self {
        Self(self.0.with_which(id.into()))
    }

    /// A tag for the vendor's event log.
    #[must_use]
    pub fn custom_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.tag(key.into(), value.into());
        self
    }

    pub(super) fn call(&self, playfab_id: &str) -> Result<(String, Vec<u8>)> {
        of_player(&self.0, UNLINK, playfab_id)
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_json(json: &Json) -> Result<Self> {
        Ok(Self(Filled::from_json(SERVER, json)?))
    }
}

/// A call about a player.
fn of_player(filled: &Filled, call: u8, playfab_id: &str) -> Result<(String, Vec<u8>)> {
    let operation = filled.operation(call)?;
    if playfab_id.is_empty() {
        return Err(Error::misuse("the PlayFab id is empty; pass the player's, 16 hexadecimal digits"));
    }
    let mut body: Object = filled.body(call)?;
    Ok((operation, body.text("PlayFabId", playfab_id).body()))
}
