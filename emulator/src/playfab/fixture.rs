//! The title a developer finds at start. The ids never change.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::credentials::steam_ticket;
use super::platforms::Platform;
use super::state::{Link, Player, State, Title};

/// The title.
pub const TITLE_ID: &str = "ABCD1";
/// The value of `X-SecretKey`.
pub const SECRET_KEY: &str = "title-secret-key";
/// The player `nova`, who has Steam, Nintendo and a custom id.
pub const PLAYER_ID: &str = "1234FA3420000001";
/// The player `orion`, who has a custom id.
pub const OTHER_PLAYER_ID: &str = "1234FA3420000002";
/// A banned player, who has Steam, Nintendo and a custom id.
pub const BANNED_PLAYER_ID: &str = "1234FA3420000003";
/// The password of all three.
pub const PASSWORD: &str = "correct-horse";
/// The OpenID connection that is set up.
pub const CONNECTION: &str = "studio";

const CREATED: u64 = 1_690_000_000_000;

pub(super) fn state() -> State {
    let issuer = "https://studio.emulator.invalid".to_owned();
    let title = Title {
        id: TITLE_ID.into(),
        secret_keys: vec![SECRET_KEY.into()],
        openid_connections: BTreeMap::from([(CONNECTION.to_owned(), issuer)]),
        psn_issuers: vec![1, 8, 256],
        ..Title::default()
    };
    let mut state = State { title, ..State::default() };
    let players = [(PLAYER_ID, "nova", "Nova"), (OTHER_PLAYER_ID, "orion", "Orion"), (BANNED_PLAYER_ID, "vex", "Vex")];
    for (playfab_id, name, shown) in players {
        let player = Player {
            playfab_id: playfab_id.into(),
            title_player_id: playfab_id.replacen("1234FA34", "56780B12", 1),
            display_name: Some(shown.into()),
            username: Some(name.into()),
            email: Some(format!("{name}@example.com")),
            password: Some(PASSWORD.into()),
            created: CREATED,
            origination: Some(Platform::PlayFab),
            banned: playfab_id == BANNED_PLAYER_ID,
            ..Player::default()
        };
        state.players.insert(playfab_id.to_owned(), player);
    }
    state.links = vec![
        link(Platform::CustomId, "nova-device", PLAYER_ID),
        link(Platform::Steam, "76561197960287930", PLAYER_ID),
        link(Platform::NintendoServiceAccount, "nsa-nova", PLAYER_ID),
        link(Platform::CustomId, "orion-device", OTHER_PLAYER_ID),
        link(Platform::CustomId, "vex-device", BANNED_PLAYER_ID),
        link(Platform::Steam, "76561197960287931", BANNED_PLAYER_ID),
        link(Platform::NintendoServiceAccount, "nsa-vex", BANNED_PLAYER_ID),
    ];
    state
}

fn link(platform: Platform, id: &str, playfab_id: &str) -> Link {
    Link {
        platform,
        id: id.into(),
        connection: None,
        sandbox: None,
        name: None,
        playfab_id: playfab_id.into(),
        linked_at: CREATED,
        last_used: CREATED,
    }
}

/// What a developer needs to connect, as it is now.
pub(super) fn scenario(state: &State) -> Value {
    let players: Vec<Value> = state
        .alive()
        .map(|player| {
            let links: Vec<Value> = state
                .links
                .iter()
                .filter(|link| link.playfab_id == player.playfab_id)
                .map(|link| json!({ "platform": link.platform, "id": link.id, "connection": link.connection }))
                .collect();
            json!({
                "playfab_id": player.playfab_id, "username": player.username, "password": player.password,
                "email": player.email, "banned": player.banned, "links": links,
            })
        })
        .collect();
    json!({
        "base_path": format!("/playfab/{}", state.title.id),
        "title_id": state.title.id,
        "secret_key": state.title.secret_keys.first(),
        "openid_connection_id": state.title.openid_connections.keys().next(),
        "players": players,
        "credentials": {
            "text": "emu.<user id>[.<name>][?flag…]",
            "steam_ticket": steam_ticket("emu.76561197960287930"),
            "steam_ticket_newcomer": steam_ticket("emu.76561197960287999.Newcomer"),
            "identity_tokens": "POST /__emulator/playfab/identity-tokens",
        },
    })
}
