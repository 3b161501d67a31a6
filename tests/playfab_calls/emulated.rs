//! What the tests over the emulator share: proofs of a user on every platform, and a look at what is linked.

use emulator::playfab::{CONNECTION, Defect, Platform, TokenOrder, steam_ticket};
use playerlink::host::SimHost;
use playerlink::playfab::{Credential, GameCenterSignature, PlayFabSession, Unlink};
use serde_json::Value;

use crate::support::world::World;

/// A provider as the contract has it.
pub(crate) struct Provider {
    /// What `UserAccountInfo` calls it (playfab.md §3.7).
    pub(crate) shown_as: &'static str,
    /// The client's code for an account that another player has (playfab.md §4, "Which claimed code applies").
    pub(crate) claimed: u32,
    pub(crate) second: Second,
    pub(crate) proof: fn(&World, &str) -> Credential,
    pub(crate) unlink: fn() -> Unlink,
}

/// What becomes of a player's second account of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Second {
    /// `AccountAlreadyLinked`, 1011.
    Refused,
    /// It takes the first one's place.
    Replaces,
    /// The player has both.
    Added,
}

pub(crate) fn jwt(world: &World, platform: Platform, subject: &str) -> String {
    minted(world, TokenOrder::new(platform, subject))
}

pub(crate) fn minted(world: &World, order: TokenOrder) -> String {
    world.emulator().with_playfab(world.now(), |playfab, context| playfab.mint_identity_token(context, &order))
}

pub(crate) fn nintendo(world: &World, subject: &str) -> Credential {
    Credential::nintendo_service_account(jwt(world, Platform::NintendoServiceAccount, subject))
}

pub(crate) fn broken_nintendo_token(world: &World, defect: Defect) -> String {
    let order = TokenOrder::new(Platform::NintendoServiceAccount, "nsa-1");
    minted(world, TokenOrder { defect: Some(defect), ..order })
}

pub(crate) fn steam(id: &str) -> Credential {
    Credential::steam(steam_ticket(&format!("emu.{id}")))
}

/// What `Client/GetAccountInfo` shows of the session's player.
pub(crate) fn shown(world: &World, session: &PlayFabSession<SimHost>) -> Value {
    let data = world.run(session.call("Client/GetAccountInfo", "{}")).expect("the player is shown");
    serde_json::from_str::<Value>(&data).expect("JSON")["AccountInfo"].clone()
}

fn open_id(world: &World, subject: &str) -> Credential {
    let order = TokenOrder::new(Platform::OpenIdConnect, subject);
    let token = minted(world, TokenOrder { connection: Some(CONNECTION.into()), ..order });
    Credential::open_id_connect(CONNECTION, token)
}

fn game_center(_: &World, id: &str) -> Credential {
    let signed = GameCenterSignature {
        public_key_url: "https://static.gc.example/key".into(),
        salt: "c2FsdA==".into(),
        signature: format!("emu.{id}").into(),
        timestamp: "1767225600000".into(),
    };
    Credential::game_center(id, signed)
}

fn ticket(id: &str) -> String {
    format!("emu.{id}")
}

/// A row: what it is shown as, the claimed code, a second one, the proof, the unlink.
macro_rules! providers {
    ($($shown_as:literal $claimed:literal $second:ident $proof:expr, $unlink:expr;)*) => {
        &[$(Provider {
            shown_as: $shown_as,
            claimed: $claimed,
            second: Second::$second,
            proof: $proof,
            unlink: $unlink,
        }),*]
    };
}

/// All that a client can link.
pub(crate) const PROVIDERS: &[Provider] = providers! {
    "AndroidDeviceInfo" 1118 Added |_, id| Credential::android_device(id), Unlink::android_device;
    "AppleAccountInfo" 1184 Replaces |world, id| Credential::apple(jwt(world, Platform::Apple, id)), Unlink::apple;
    "BattleNetAccountInfo" 1184 Replaces
        |world, id| Credential::battle_net(jwt(world, Platform::BattleNet, id)), Unlink::battle_net;
    "CustomIdInfo" 1184 Added |_, id| Credential::custom_id(id), Unlink::custom_id;
    "FacebookInfo" 1012 Refused |_, id| Credential::facebook(ticket(id)), Unlink::facebook;
    "FacebookInstantGamesIdInfo" 1184 Added
        |_, id| Credential::facebook_instant_games(ticket(id)), Unlink::facebook_instant_games;
    "GameCenterInfo" 1012 Refused game_center, Unlink::game_center;
    "GoogleInfo" 1012 Refused |_, id| Credential::google(ticket(id)), Unlink::google;
    "GooglePlayGamesInfo" 1012 Refused |_, id| Credential::google_play_games(ticket(id)), Unlink::google_play_games;
    "IosDeviceInfo" 1118 Added |_, id| Credential::ios_device(id), Unlink::ios_device;
    "KongregateInfo" 1012 Replaces |_, id| Credential::kongregate(id, ticket(id)), Unlink::kongregate;
    "NintendoSwitchAccountInfo" 1184 Replaces nintendo, Unlink::nintendo_service_account;
    "NintendoSwitchDeviceIdInfo" 1184 Added
        |_, id| Credential::nintendo_switch_device(id), Unlink::nintendo_switch_device;
    "OpenIdInfo" 1184 Replaces open_id, || Unlink::open_id_connect(CONNECTION);
    "PsnInfo" 1012 Refused |_, id| Credential::psn(ticket(id), "https://game.example/psn"), Unlink::psn;
    "SteamInfo" 1012 Refused |_, id| steam(id), Unlink::steam;
    "TwitchInfo" 1012 Refused |_, id| Credential::twitch(ticket(id)), Unlink::twitch;
    "XboxInfo" 1012 Refused |_, id| Credential::xbox(ticket(id)), Unlink::xbox;
};
