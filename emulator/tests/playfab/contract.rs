//! The contract's two tables, and bodies that fit its calls.

use emulator::Response;
use emulator::playfab::{Platform, TokenOrder, steam_ticket};
use serde_json::{Map, Value, json};

use crate::bench::Bench;

/// Name and number of every error of the contract.
pub(crate) fn errors() -> Vec<(&'static str, u32)> {
    let lines = include_str!("../../../tests/contracts/playfab-errors.csv").lines().skip(1);
    lines.map(|line| line.split_once(',').map(|(name, number)| (name, number.parse().unwrap())).unwrap()).collect()
}

/// The number of an error.
pub(crate) fn number(name: &str) -> u32 {
    errors().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// A call as the contract lists it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) api: &'static str,
    pub(crate) name: &'static str,
    /// Name and type.
    pub(crate) required: Vec<(&'static str, &'static str)>,
    pub(crate) optional: Vec<(&'static str, &'static str)>,
    pub(crate) shared: Vec<&'static str>,
    pub(crate) errors: Vec<&'static str>,
}

/// The 87 calls of the contract.
pub(crate) fn rows() -> Vec<Row> {
    let lines = include_str!("../../../tests/contracts/playfab-calls.csv").lines().skip(1);
    let fields = |text: &'static str| text.split(' ').filter_map(|field| field.split_once(':')).collect();
    let words = |text: &'static str| text.split(' ').filter(|word| !word.is_empty()).collect();
    lines
        .map(|line| {
            let cells: Vec<&'static str> = line.split(',').collect();
            Row {
                api: cells[0],
                name: cells[1],
                required: fields(cells[2]),
                optional: fields(cells[3]),
                shared: words(cells[4]),
                errors: words(cells[6]),
            }
        })
        .collect()
}

impl Row {
    pub(crate) fn verb(&self) -> &'static str {
        ["LoginWith", "Link", "Unlink"].into_iter().find(|verb| self.name.starts_with(verb)).unwrap()
    }

    pub(crate) fn lists(&self, error: &str) -> bool {
        self.errors.contains(&error)
    }

    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.api, self.name)
    }

    /// The code of an identifier that belongs to another player.
    pub(crate) fn claimed(&self) -> &'static str {
        let codes = ["LinkedIdentifierAlreadyClaimed", "LinkedAccountAlreadyClaimed", "LinkedDeviceAlreadyClaimed"];
        codes.into_iter().find(|code| self.lists(code)).unwrap()
    }

    /// A body with all fields but the optional switches, proving that user of the call's platform.
    pub(crate) fn body(&self, bench: &mut Bench, user: &str) -> Map<String, Value> {
        let mut body = Map::new();
        for (name, _) in self.required.iter().chain(&self.optional) {
            let value = match *name {
                "TitleId" => json!("ABCD1"),
                "IdentityToken" => json!(bench.mint(&TokenOrder::new(self.jwt_platform(), user))),
                "IdToken" => json!(bench.mint(&TokenOrder::new(Platform::OpenIdConnect, user))),
                "ConnectionId" => json!("studio"),
                "SteamTicket" => json!(steam_ticket(&format!("emu.{user}"))),
                "XboxToken"
                | "AccessToken"
                | "AuthCode"
                | "ServerAuthCode"
                | "AuthTicket"
                | "FacebookInstantGamesSignature"
                | "Signature" => json!(format!("emu.{user}")),
                "RedirectUri" => json!("https://studio.example/psn"),
                "Sandbox" => json!("RETAIL"),
                "PublicKeyUrl" | "Salt" | "Timestamp" => json!("signed"),
                "CustomId"
                | "AndroidDeviceId"
                | "DeviceId"
                | "NintendoSwitchDeviceId"
                | "ServerCustomId"
                | "SteamId"
                | "PSNUserId"
                | "XboxId"
                | "Subject"
                | "KongregateId"
                | "PlayerId"
                | "GameCenterId"
                | "FacebookInstantGamesId" => json!(user),
                _ => continue,
            };
            body.insert((*name).to_owned(), value);
        }
        body
    }

    fn jwt_platform(&self) -> Platform {
        if self.name.contains("Apple") {
            Platform::Apple
        } else if self.name.contains("BattleNet") {
            Platform::BattleNet
        } else {
            Platform::NintendoServiceAccount
        }
    }

    /// Sends the body as that player: by session ticket, by secret key and `PlayFabId`, or without either.
    pub(crate) fn send(&self, bench: &mut Bench, player: &Value, mut body: Map<String, Value>) -> Response {
        if self.api == "Server" {
            if self.required.contains(&("PlayFabId", "string")) {
                body.entry("PlayFabId").or_insert(player["PlayFabId"].clone());
            }
            return bench.server(self.name, &Value::Object(body));
        }
        let ticket = player["SessionTicket"].as_str().unwrap_or_default();
        if self.verb() == "LoginWith" {
            return bench.call(&self.path(), &[], &Value::Object(body));
        }
        bench.client(ticket, self.name, &Value::Object(body))
    }
}

/// The call of that path.
pub(crate) fn row(path: &str) -> Row {
    rows().into_iter().find(|row| row.path() == path).unwrap()
}
