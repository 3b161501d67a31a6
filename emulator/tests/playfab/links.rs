//! Linking and unlinking, every platform alike.

use emulator::playfab::{Platform, PlayFab};
use serde_json::{Value, json};

use crate::bench::{Bench, data, refused};
use crate::contract::{Row, number, row, rows};

fn links_of(playfab: &PlayFab, player: &Value) -> Vec<String> {
    let mine =
        |link: &&emulator::playfab::Link| link.playfab_id == player["PlayFabId"] && !link.id.starts_with("caller");
    playfab.all_links().iter().filter(mine).map(|link| link.id.clone()).collect()
}

fn link(bench: &mut Bench, row: &Row, player: &Value, user: &str, force: bool) -> emulator::Response {
    let mut body = row.body(bench, user);
    if force {
        body.insert("ForceLink".into(), json!(true));
    }
    row.send(bench, player, body)
}

fn links() -> Vec<Row> {
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.verb() == "Link").collect();
    assert_eq!(rows.len(), 29);
    rows
}

#[test]
fn every_link_is_refused_while_another_player_has_it_and_force_link_moves_it() {
    for row in links() {
        let mut bench = Bench::new();
        let (one, two) = (bench.login("caller-1"), bench.login("caller-2"));
        assert_eq!(data(&link(&mut bench, &row, &one, "identity", false)), json!({}), "{}", row.path());
        data(&link(&mut bench, &row, &one, "identity", false));
        assert_eq!(links_of(bench.playfab(), &one), ["identity"], "the same again changes nothing");
        let claimed = row.claimed();
        refused(&link(&mut bench, &row, &two, "identity", false), 400, claimed, number(claimed));
        assert_eq!(links_of(bench.playfab(), &one), ["identity"]);
        data(&link(&mut bench, &row, &two, "identity", true));
        assert_eq!(links_of(bench.playfab(), &one), [] as [&str; 0], "{}", row.path());
        assert_eq!(links_of(bench.playfab(), &two), ["identity"], "{}", row.path());
    }
}

#[test]
fn client_and_server_name_the_same_claim_differently() {
    for (path, code) in [
        ("Client/LinkNintendoSwitchDeviceId", 1184),
        ("Server/LinkNintendoSwitchDeviceId", 1012),
        ("Client/LinkTwitch", 1012),
        ("Server/LinkTwitchAccount", 1184),
        ("Client/LinkNintendoServiceAccount", 1184),
        ("Server/LinkNintendoServiceAccount", 1184),
        ("Client/LinkSteamAccount", 1012),
        ("Server/LinkSteamId", 1012),
        ("Client/LinkIOSDeviceID", 1118),
    ] {
        assert_eq!(number(row(path).claimed()), code, "{path}");
    }
}

#[test]
fn a_second_account_of_a_platform_is_refused_where_the_call_says_so() {
    for row in links() {
        let mut bench = Bench::new();
        let player = bench.login("caller");
        data(&link(&mut bench, &row, &player, "first", false));
        let second = link(&mut bench, &row, &player, "second", false);
        let several = ["Device", "CustomI", "InstantGames"].iter().any(|part| row.name.contains(part));
        if row.lists("AccountAlreadyLinked") {
            refused(&second, 400, "AccountAlreadyLinked", 1011);
            data(&link(&mut bench, &row, &player, "second", true));
            let both = ["GoogleAccount", "GameCenter"].iter().any(|part| row.name.contains(part));
            let expected: &[&str] = if both { &["first", "second"] } else { &["second"] };
            assert_eq!(links_of(bench.playfab(), &player), expected, "{}", row.path());
        } else {
            data(&second);
            let expected: &[&str] = if several { &["first", "second"] } else { &["second"] };
            assert_eq!(links_of(bench.playfab(), &player), expected, "{}", row.path());
        }
    }
}

#[test]
fn an_identity_of_a_banned_player_tells_so_where_the_call_lists_it() {
    for row in links() {
        let mut bench = Bench::new();
        let (banned, player) = (bench.login("caller-1"), bench.login("caller-2"));
        data(&link(&mut bench, &row, &banned, "identity", false));
        bench.playfab().ban_player(banned["PlayFabId"].as_str().unwrap(), true);
        let listed = row.lists("AccountLinkedToABannedPlayer");
        let error = if listed { "AccountLinkedToABannedPlayer" } else { row.claimed() };
        refused(&link(&mut bench, &row, &player, "identity", false), 400, error, number(error));
    }
}

#[test]
fn every_unlink_takes_off_what_is_linked_and_then_finds_nothing() {
    let unlinks: Vec<Row> = rows().into_iter().filter(|row| row.verb() == "Unlink").collect();
    assert_eq!(unlinks.len(), 28);
    for row in unlinks {
        let mut bench = Bench::new();
        let player = bench.login("caller");
        let nothing = |bench: &mut Bench, first: bool| {
            let mut body = row.body(bench, "identity");
            body.remove("CustomId");
            // The caller came in by a custom id, which is the one thing there is.
            let custom = row.name == "UnlinkCustomID";
            if !(custom && first) {
                refused(&row.send(bench, &player, body), 400, "AccountNotLinked", 1014);
            }
        };
        nothing(&mut bench, true);
        let linking = links().into_iter().find(|link| {
            let name = format!("Un{}", link.name.replacen('L', "l", 1));
            name == row.name || name.replace("Account", "") == row.name.replace("Account", "")
        });
        let linking = linking.unwrap_or_else(|| panic!("{}", row.path()));
        data(&link(&mut bench, &linking, &player, "identity", false));
        let body = row.body(&mut bench, "identity");
        assert_eq!(data(&row.send(&mut bench, &player, body)), json!({}), "{}", row.path());
        assert_eq!(links_of(bench.playfab(), &player), [] as [&str; 0], "{}", row.path());
        if row.name == "UnlinkCustomID" {
            data(&row.send(&mut bench, &player, serde_json::Map::new()));
        }
        nothing(&mut bench, false);
    }
}

#[test]
fn an_unlink_of_an_id_the_player_does_not_have_has_a_code_of_its_own() {
    for (path, error) in [
        ("Client/UnlinkCustomID", "CustomIdNotLinked"),
        ("Client/UnlinkAndroidDeviceID", "DeviceNotLinked"),
        ("Client/UnlinkIOSDeviceID", "DeviceNotLinked"),
        ("Client/UnlinkNintendoSwitchDeviceId", "NintendoSwitchDeviceIdNotLinked"),
        ("Server/UnlinkNintendoSwitchDeviceId", "NintendoSwitchDeviceIdNotLinked"),
        ("Client/UnlinkFacebookInstantGamesId", "FacebookInstantGamesIdNotLinked"),
        ("Server/UnlinkFacebookInstantGamesId", "FacebookInstantGamesIdNotLinked"),
        ("Server/UnlinkServerCustomId", "IdentifierNotLinked"),
        ("Client/UnlinkTwitch", "AccountNotLinked"),
        ("Client/UnlinkOpenIdConnect", "AccountNotLinked"),
    ] {
        let mut bench = Bench::new();
        let player = bench.login("caller");
        let unlink = row(path);
        let name = unlink.name.replacen("Unlink", "Link", 1);
        let linking = links().into_iter().find(|link| link.name == name).unwrap();
        data(&link(&mut bench, &linking, &player, "mine", false));
        let mut body = unlink.body(&mut bench, "not-mine");
        body.entry("ConnectionId").and_modify(|connection| *connection = json!("another"));
        refused(&unlink.send(&mut bench, &player, body), 400, error, number(error));
    }
}

#[test]
fn an_unlink_without_an_id_means_the_one_signed_in_with_last() {
    let mut bench = Bench::new();
    let ticket = bench.ticket("first");
    data(&bench.client(&ticket, "LinkCustomID", &json!({ "CustomId": "second" })));
    bench.advance_s(10);
    bench.login("first");
    data(&bench.client(&ticket, "UnlinkCustomID", &json!({})));
    assert_eq!(bench.playfab().owner(Platform::CustomId, None, "first"), None);
    assert!(bench.playfab().owner(Platform::CustomId, None, "second").is_some());
    data(&bench.client(&ticket, "UnlinkCustomID", &json!({})));
    refused(&bench.client(&ticket, "UnlinkCustomID", &json!({})), 400, "AccountNotLinked", 1014);
}

#[test]
fn a_player_has_one_link_of_each_openid_connection() {
    let mut bench = Bench::new();
    let player = bench.login("caller");
    let issuer = "https://studio.emulator.invalid".to_owned();
    bench.playfab().title_mut().openid_connections.insert("partner".into(), issuer);
    let linking = row("Client/LinkOpenIdConnect");
    for connection in ["studio", "partner"] {
        let mut body = linking.body(&mut bench, "subject");
        body.insert("ConnectionId".into(), json!(connection));
        data(&linking.send(&mut bench, &player, body));
    }
    data(&link(&mut bench, &linking, &player, "another", false));
    assert_eq!(links_of(bench.playfab(), &player), ["subject", "another"]);
    let ticket = player["SessionTicket"].as_str().unwrap();
    data(&bench.client(ticket, "UnlinkOpenIdConnect", &json!({ "ConnectionId": "studio" })));
    assert_eq!(links_of(bench.playfab(), &player), ["subject"]);
}
