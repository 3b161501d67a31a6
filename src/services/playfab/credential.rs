//! What a player presents to sign in or to link, and what an unlink names: one constructor a provider, each with exactly
//! its own fields. All are rows of `table.rs` with values.

use super::providers::{self, CLIENT};
use super::table::{Filled, LINK, LOGIN, REGISTER, UNLINK};
use crate::Secret;
use crate::error::{Error, Result};
use crate::json::{Json, Object};

/// What a player presents to sign in, or to link to the account they are signed in to.
///
/// Many are good for one use (a Steam ticket, a PSN or Google code) or for minutes (an identity token), so none is kept:
/// when a login fails with kind `platform-ticket`, get a fresh one for the next try.
///
/// ```
/// use playerlink::playfab::Credential;
///
/// let steam = Credential::steam("14000000ab").create_account();
/// let nintendo = Credential::nintendo_service_account("eyJ…").force_link().custom_tag("build", "1.2.3");
/// ```
#[derive(Clone, Debug)]
pub struct Credential {
    pub(super) filled: Filled,
    info: Wanted,
    player_secret: Secret,
}

/// What an unlink takes away.
///
/// ```
/// use playerlink::playfab::Unlink;
///
/// let steam = Unlink::steam();
/// let custom_id = Unlink::custom_id().which("guest-1"); // without `which`: the one last signed in with
/// ```
#[derive(Clone, Debug)]
pub struct Unlink(Filled);

/// What else a login is to bring along, as JSON in [`LoginDetails::info`](super::LoginDetails::info). The title's
/// settings must allow clients to ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Info {
    /// `GetCharacterInventories`
    CharacterInventories,
    /// `GetCharacterList`
    CharacterList,
    /// `GetPlayerProfile`; brings the name to show.
    PlayerProfile,
    /// `GetPlayerStatistics`
    PlayerStatistics,
    /// `GetTitleData`
    TitleData,
    /// `GetUserAccountInfo`: the linked accounts.
    UserAccountInfo,
    /// `GetUserData`
    UserData,
    /// `GetUserInventory`
    UserInventory,
    /// `GetUserReadOnlyData`
    UserReadOnlyData,
    /// `GetUserVirtualCurrency`
    UserVirtualCurrency,
}

/// Some of [`Info`], a bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted(u16);

impl Wanted {
    /// In the order of [`Info`]; as JavaScript writes them, and after `Get` the flags of `InfoRequestParameters`.
    const WORDS: [&'static str; 10] = [
        "CharacterInventories",
        "CharacterList",
        "PlayerProfile",
        "PlayerStatistics",
        "TitleData",
        "UserAccountInfo",
        "UserData",
        "UserInventory",
        "UserReadOnlyData",
        "UserVirtualCurrency",
    ];

    pub(super) fn add(&mut self, wanted: &[Info]) {
        for info in wanted {
            self.0 |= 1 << *info as u16;
        }
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(super) fn from_json(json: &Json) -> Result<Self> {
        let mut wanted = 0;
        for item in json.get("info").items() {
            match Self::WORDS.iter().position(|word| item.as_text() == Some(word)) {
                Some(place) => wanted |= 1 << place,
                None => return Err(Error::misuse("`info` lists what else to ask for, e.g. [\"PlayerProfile\"]")),
            }
        }
        Ok(Self(wanted))
    }

    /// `InfoRequestParameters`, with all ten flags, as the schema wants; left out when nothing is asked for.
    pub(super) fn ask_in(self, body: &mut Object) {
        if self.0 == 0 {
            return;
        }
        let mut flags = Object::new();
        for (place, word) in Self::WORDS.iter().enumerate() {
            flags.flag(&crate::http::concat("Get", word), self.0 & (1 << place) != 0);
        }
        body.json("InfoRequestParameters", flags.take());
    }
}

/// `name(argument: "Field", …) = ROW;` a line: constructors that fill in a row of the `providers` in scope.
macro_rules! constructors {
    ($type:ty, $make:expr, $(
        $(#[$meta:meta])* $name:ident($($argument:ident: $field:literal),*) = $row:ident;
    )*) => {
        impl $type {
            $(
                $(#[$meta])*
                pub fn $name($($argument: impl Into<$crate::Secret>),*) -> Self {
                    $make(providers::$row.filled()$(.with($field, $argument.into()))*)
                }
            )*
        }
    };
}
#[cfg(feature = "server")]
pub(super) use constructors;

constructors! { Credential, Credential::of,
    /// An Android device's id. Whoever knows it is the player: offer to link a real account soon.
    android_device(android_device_id: "AndroidDeviceId") = ANDROID_DEVICE;
    /// An identity token from Sign in with Apple.
    apple(identity_token: "IdentityToken") = APPLE;
    /// A Battle.net identity token.
    battle_net(identity_token: "IdentityToken") = BATTLE_NET;
    /// An id the game made up, e.g. for a guest. Whoever knows it is the player.
    custom_id(custom_id: "CustomId") = CUSTOM_ID;
    /// An e-mail address and password. For login only.
    email(email: "Email", password: "Password") = EMAIL;
    /// A Facebook access token.
    facebook(access_token: "AccessToken") = FACEBOOK;
    /// A Facebook authentication token (limited login).
    facebook_limited(authentication_token: "AuthenticationToken") = FACEBOOK;
    /// The signature of a Facebook Instant Games player.
    facebook_instant_games(signature: "FacebookInstantGamesSignature") = FACEBOOK_INSTANT_GAMES;
    /// A Google server authorization code.
    google(server_auth_code: "ServerAuthCode") = GOOGLE;
    /// A Google Play Games server authorization code.
    google_play_games(server_auth_code: "ServerAuthCode") = GOOGLE_PLAY_GAMES;
    /// An iOS device's id. Whoever knows it is the player.
    ios_device(device_id: "DeviceId") = IOS_DEVICE;
    /// A Kongregate user id and its ticket.
    kongregate(kongregate_id: "KongregateId", auth_ticket: "AuthTicket") = KONGREGATE;
    /// The JWT that Nintendo issued for the service account.
    nintendo_service_account(identity_token: "IdentityToken") = NINTENDO_SERVICE_ACCOUNT;
    /// A Nintendo Switch device's id.
    nintendo_switch_device(device_id: "NintendoSwitchDeviceId") = NINTENDO_SWITCH_DEVICE;
    /// An id token of an OpenID Connect provider, and the connection's id (at most 100 characters) in the title's settings.
    open_id_connect(connection_id: "ConnectionId", id_token: "IdToken") = OPEN_ID_CONNECT;
    /// A PlayFab user name and password (6 to 100 characters). For login only.
    playfab(username: "Username", password: "Password") = PLAYFAB;
    /// A PSN authorization code, and the redirect URI it was obtained with.
    psn(auth_code: "AuthCode", redirect_uri: "RedirectUri") = PSN;
    /// A Steam ticket in hexadecimal, two digits a byte. For one made for a web API see
    /// [`ticket_is_service_specific`](Self::ticket_is_service_specific).
    steam(steam_ticket: "SteamTicket") = STEAM;
    /// A Twitch access token.
    twitch(access_token: "AccessToken") = TWITCH;
    /// An Xbox token for `https://playfabapi.com/`.
    xbox(xbox_token: "XboxToken") = XBOX;
}

impl Credential {
    pub(super) fn of(filled: Filled) -> Self {
        Self { filled, info: Wanted::default(), player_secret: Secret::default() }
    }

    /// What Game Center signed: the player's id, and how it may be verified.
    pub fn game_center(player_id: impl Into<Secret>, signed: GameCenterSignature) -> Self {
        let id = player_id.into();
        Self::of(
            providers::GAME_CENTER
                .filled()
                .with("PlayerId", id.clone())
                .with("GameCenterId", id)
                .with("PublicKeyUrl", signed.public_key_url.into())
                .with("Salt", signed.salt.into())
                .with("Signature", signed.signature)
                .with("Timestamp", signed.timestamp.into()),
        )
    }

    /// Steam: the ticket was made by `GetAuthTicketForWebAPI("AzurePlayFab")`.
    #[must_use]
    pub fn ticket_is_service_specific(mut self) -> Self {
        self.filled = self.filled.with_flag("TicketIsServiceSpecific", true);
        self
    }

    /// PSN: the environment the code is from; production unless set.
    #[must_use]
    pub fn issuer_id(mut self, id: i32) -> Self {
        self.filled = self.filled.with_number("IssuerId", id);
        self
    }

    /// Google login: whether the account's e-mail address becomes the player's contact address; PlayFab does so unless
    /// this says `false`.
    #[must_use]
    pub fn set_email(mut self, set: bool) -> Self {
        self.filled = self.filled.with_flag("SetEmail", set);
        self
    }

    /// Android and iOS: the device's model and system, for the vendor's statistics.
    #[must_use]
    pub fn device(mut self, model: impl Into<String>, os: impl Into<String>) -> Self {
        let model = Secret::new(model);
        self.filled = self.filled.with("AndroidDevice", model.clone()).with("DeviceModel", model);
        self.filled = self.filled.with("OS", Secret::new(os));
        self
    }

    /// Login: makes a new player when nobody has signed in this way before. Without it that is `not-found`.
    #[must_use]
    pub fn create_account(mut self) -> Self {
        self.filled.insists = true;
        self
    }

    /// Link: takes the account away from another player who has it. Without it that is a `conflict`. Ask the player
    /// first: the other player can no longer sign in this way.
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

    /// Login: the player secret of titles that sign requests (an enterprise feature).
    #[must_use]
    pub fn player_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.player_secret = secret.into();
        self
    }

    /// The call and its body. `title_id` is part of a login's and of a registration's.
    pub(super) fn login(&self, title_id: &str) -> Result<(String, Vec<u8>)> {
        let registers = self.filled.provider.calls & REGISTER != 0;
        let call = if registers { REGISTER } else { LOGIN };
        let mut body = self.filled.body(call)?;
        if registers && !self.filled.has("Username") && !self.filled.has("Email") {
            return Err(Error::misuse("a registration needs a user name, an e-mail address or both"));
        }
        body.text("TitleId", title_id);
        if !self.filled.provider.is_typed() {
            body.filled("PlayerSecret", self.player_secret.expose());
        }
        self.info.ask_in(&mut body);
        Ok((self.filled.operation(call)?, body.body()))
    }

    pub(crate) fn link(&self) -> Result<(String, Vec<u8>)> {
        Ok((self.filled.operation(LINK)?, self.filled.body(LINK)?.body()))
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_json(json: &Json) -> Result<Self> {
        let mut credential = Self::of(Filled::from_json(CLIENT, json)?);
        credential.info = Wanted::from_json(json)?;
        credential.player_secret = json.secret("playerSecret").unwrap_or_default();
        Ok(credential)
    }
}

/// What Game Center's `fetchItems` gives to verify a player with, all as text.
#[derive(Clone, Debug)]
pub struct GameCenterSignature {
    /// Where the key is that signed it.
    pub public_key_url: String,
    /// Base64.
    pub salt: String,
    /// Base64.
    pub signature: Secret,
    /// Milliseconds since 1970.
    pub timestamp: String,
}

constructors! { Unlink, Unlink,
    /// An Android device.
    android_device() = ANDROID_DEVICE;
    /// The Apple account.
    apple() = APPLE;
    /// The Battle.net account.
    battle_net() = BATTLE_NET;
    /// A custom id.
    custom_id() = CUSTOM_ID;
    /// The Facebook account.
    facebook() = FACEBOOK;
    /// A Facebook Instant Games id.
    facebook_instant_games() = FACEBOOK_INSTANT_GAMES;
    /// The Game Center account.
    game_center() = GAME_CENTER;
    /// The Google account.
    google() = GOOGLE;
    /// The Google Play Games account.
    google_play_games() = GOOGLE_PLAY_GAMES;
    /// An iOS device.
    ios_device() = IOS_DEVICE;
    /// The Kongregate account.
    kongregate() = KONGREGATE;
    /// The Nintendo service account.
    nintendo_service_account() = NINTENDO_SERVICE_ACCOUNT;
    /// A Nintendo Switch device.
    nintendo_switch_device() = NINTENDO_SWITCH_DEVICE;
    /// The account of that OpenID Connect connection.
    open_id_connect(connection_id: "ConnectionId") = OPEN_ID_CONNECT;
    /// The PSN account.
    psn() = PSN;
    /// The Steam account.
    steam() = STEAM;
    /// The Twitch account.
    twitch() = TWITCH;
    /// The Xbox account.
    xbox() = XBOX;
}

impl Unlink {
    /// Which of several: the device's id, the custom id, the Facebook Instant Games id; for Twitch and Xbox the token
    /// that names the account. Without it PlayFab takes the one last signed in with.
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

    pub(crate) fn call(&self) -> Result<(String, Vec<u8>)> {
        Ok((self.0.operation(UNLINK)?, self.0.body(UNLINK)?.body()))
    }

    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_json(json: &Json) -> Result<Self> {
        Ok(Self(Filled::from_json(CLIENT, json)?))
    }
}
