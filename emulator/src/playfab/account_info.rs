//! What the service shows of a player: `UserAccountInfo` with everything that is linked (playfab.md §3.7), and the
//! parts a login can ask for with `InfoRequestParameters`.

use serde_json::{Map, Value, json};

use super::codes::Code;
use super::fields::Body;
use super::platforms::Platform;
use super::state::{Link, Player};
use super::{Answer, Caller, PlayFab};
use crate::date;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    List,
    Object,
}

/// Parts of `InfoResultPayload` that are empty here, because the emulator has no game data.
const EMPTY: [(&str, &str, Shape); 8] = [
    ("GetCharacterInventories", "CharacterInventories", Shape::List),
    ("GetCharacterList", "CharacterList", Shape::List),
    ("GetPlayerStatistics", "PlayerStatistics", Shape::List),
    ("GetTitleData", "TitleData", Shape::Object),
    ("GetUserData", "UserData", Shape::Object),
    ("GetUserInventory", "UserInventory", Shape::List),
    ("GetUserReadOnlyData", "UserReadOnlyData", Shape::Object),
    ("GetUserVirtualCurrency", "UserVirtualCurrency", Shape::Object),
];

impl PlayFab {
    /// `Client/GetAccountInfo`: the caller's, or that of the player named by id, user name, address or display name.
    pub(super) fn client_account_info(&self, caller: &Caller, body: &Body) -> Answer {
        let found = if let Some(id) = body.text("PlayFabId") {
            self.state.players.get(id).filter(|player| !player.deleted)
        } else if let Some(name) = body.text("Username") {
            self.state.by_username(name)
        } else if let Some(email) = body.text("Email") {
            self.state.by_email(email)
        } else if let Some(name) = body.text("TitleDisplayName") {
            self.state.by_display_name(name)
        } else {
            match caller {
                Caller::Player(own) => self.state.players.get(own),
                _ => None,
            }
        };
        let player = found.ok_or(Code::AccountNotFound)?;
        Ok(json!({ "AccountInfo": self.account_info(&player.playfab_id) }))
    }

    /// `Server/GetUserAccountInfo`.
    pub(super) fn server_account_info(&self, body: &Body) -> Answer {
        let player = self.state.players.get(body.needed("PlayFabId")).filter(|player| !player.deleted);
        let player = player.ok_or(Code::AccountNotFound)?;
        Ok(json!({ "UserInfo": self.account_info(&player.playfab_id) }))
    }

    /// `UserAccountInfo`; what is not linked is not there.
    pub(super) fn account_info(&self, playfab_id: &str) -> Value {
        let Some(player) = self.state.players.get(playfab_id) else { return Value::Null };
        let mut info = json!({
            "PlayFabId": player.playfab_id,
            "Created": date::format(player.created),
            "TitleInfo": self.title_info(player),
            "PrivateInfo": {},
        });
        let Some(members) = info.as_object_mut() else { return info };
        if let Some(username) = &player.username {
            members.insert("Username".into(), json!(username));
        }
        if let Some(email) = &player.email {
            members.insert("PrivateInfo".into(), json!({ "Email": email }));
        }
        let mut links: Vec<&Link> = self.state.links.iter().filter(|link| link.playfab_id == playfab_id).collect();
        // Of several, the one used last is shown.
        links.sort_by_key(|link| link.last_used);
        for link in links {
            self.show_link(members, link);
        }
        info
    }

    fn show_link(&self, members: &mut Map<String, Value>, link: &Link) {
        let (id, name) = (&link.id, &link.name);
        let (member, shown) = match link.platform {
            Platform::AndroidDevice => ("AndroidDeviceInfo", json!({ "AndroidDeviceId": id })),
            Platform::Apple => ("AppleAccountInfo", json!({ "AppleSubjectId": id })),
            Platform::BattleNet => ("BattleNetAccountInfo", json!({ "BattleNetAccountId": id })),
            Platform::CustomId => ("CustomIdInfo", json!({ "CustomId": id })),
            Platform::Facebook => ("FacebookInfo", json!({ "FacebookId": id, "FullName": name })),
            Platform::FacebookInstantGames => ("FacebookInstantGamesIdInfo", json!({ "FacebookInstantGamesId": id })),
            Platform::GameCenter => ("GameCenterInfo", json!({ "GameCenterId": id })),
            Platform::Google => ("GoogleInfo", json!({ "GoogleId": id, "GoogleName": name })),
            Platform::GooglePlayGames => ("GooglePlayGamesInfo", json!({ "GooglePlayGamesPlayerId": id })),
            Platform::IosDevice => ("IosDeviceInfo", json!({ "IosDeviceId": id })),
            Platform::Kongregate => ("KongregateInfo", json!({ "KongregateId": id, "KongregateName": name })),
            Platform::NintendoServiceAccount => {
                ("NintendoSwitchAccountInfo", json!({ "NintendoSwitchAccountSubjectId": id }))
            }
            Platform::NintendoSwitchDevice => ("NintendoSwitchDeviceIdInfo", json!({ "NintendoSwitchDeviceId": id })),
            Platform::OpenIdConnect => {
                let connection = link.connection.as_deref().unwrap_or_default();
                let issuer = self.state.title.openid_connections.get(connection);
                let row = json!({ "ConnectionId": connection, "Issuer": issuer, "Subject": id });
                match members.get_mut("OpenIdInfo").and_then(Value::as_array_mut) {
                    Some(rows) => rows.push(row),
                    None => {
                        members.insert("OpenIdInfo".into(), json!([row]));
                    }
                }
                return;
            }
            Platform::PlayFab => return,
            Platform::Psn => ("PsnInfo", json!({ "PsnAccountId": id, "PsnOnlineId": name })),
            Platform::ServerCustomId => ("ServerCustomIdInfo", json!({ "CustomId": id })),
            Platform::Steam => ("SteamInfo", json!({ "SteamId": id, "SteamName": name })),
            Platform::Twitch => ("TwitchInfo", json!({ "TwitchId": id, "TwitchUserName": name })),
            Platform::Xbox => ("XboxInfo", json!({ "XboxUserId": id, "XboxUserSandbox": link.sandbox })),
        };
        members.insert(member.to_owned(), without_nulls(shown));
    }

    fn title_info(&self, player: &Player) -> Value {
        without_nulls(json!({
            "DisplayName": player.display_name,
            "Created": date::format(player.created),
            "FirstLogin": date::format(player.created),
            "LastLogin": player.last_login.map(date::format),
            "isBanned": player.banned,
            "Origination": player.origination.map(Platform::origination),
            "TitlePlayerAccount": super::sessions::key(&self.title_player(&player.playfab_id)),
        }))
    }

    /// `InfoResultPayload`: what was asked for and nothing else, but for the two versions, which are always there.
    pub(super) fn combined_info(&self, playfab_id: &str, wanted: &Map<String, Value>) -> Value {
        let asked = |name: &str| wanted.get(name).and_then(Value::as_bool).unwrap_or(false);
        let mut payload = Map::new();
        for (flag, member, shape) in EMPTY {
            if asked(flag) {
                payload.insert(member.to_owned(), if shape == Shape::List { json!([]) } else { json!({}) });
            }
        }
        payload.insert("UserDataVersion".into(), json!(0));
        payload.insert("UserReadOnlyDataVersion".into(), json!(0));
        if asked("GetUserAccountInfo") {
            payload.insert("AccountInfo".into(), self.account_info(playfab_id));
        }
        if asked("GetPlayerProfile") {
            let name = self.state.players.get(playfab_id).and_then(|player| player.display_name.as_deref());
            let profile = json!({ "TitleId": self.state.title.id, "PlayerId": playfab_id, "DisplayName": name });
            payload.insert("PlayerProfile".into(), without_nulls(profile));
        }
        Value::Object(payload)
    }
}

/// Members that are null are not sent.
fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}
