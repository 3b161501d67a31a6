//! The Nintendo calls of playfab.md §2.

use emulator::playfab::{
    BANNED_PLAYER_ID, Defect, OTHER_PLAYER_ID, PLAYER_ID, Platform, SECRET_KEY, TITLE_ID, TokenOrder,
};
use serde_json::{Value, json};

use crate::bench::{Bench, data, refused, request};

const NINTENDO: Platform = Platform::NintendoServiceAccount;

fn link(bench: &mut Bench, playfab_id: &str, token: &str, force: bool) -> emulator::Response {
    let body = json!({ "PlayFabId": playfab_id, "IdentityToken": token, "ForceLink": force });
    bench.server("LinkNintendoServiceAccount", &body)
}

#[test]
fn a_server_links_a_nintendo_account_and_force_link_moves_it() {
    let mut bench = Bench::new();
    let token = bench.nintendo("nsa-1");
    assert_eq!(data(&link(&mut bench, PLAYER_ID, &token, false)), json!({}));
    assert_eq!(bench.playfab().owner(NINTENDO, None, "nsa-nova"), None, "the player's former account is replaced");
    refused(&link(&mut bench, OTHER_PLAYER_ID, &token, false), 400, "LinkedIdentifierAlreadyClaimed", 1184);
    assert_eq!(bench.playfab().owner(NINTENDO, None, "nsa-1"), Some(PLAYER_ID));
    data(&link(&mut bench, OTHER_PLAYER_ID, &token, true));
    assert_eq!(bench.playfab().owner(NINTENDO, None, "nsa-1"), Some(OTHER_PLAYER_ID));
    data(&link(&mut bench, OTHER_PLAYER_ID, &token, false));
}

#[test]
fn a_second_nintendo_account_can_be_refused_by_a_knob() {
    let mut bench = Bench::new();
    bench.playfab().knobs_mut().refuse_second_account = true;
    let token = bench.nintendo("nsa-2");
    refused(&link(&mut bench, PLAYER_ID, &token, false), 400, "AccountAlreadyLinked", 1011);
    data(&link(&mut bench, PLAYER_ID, &token, true));
}

#[test]
fn a_token_nintendo_would_not_vouch_for_is_1263() {
    let mut bench = Bench::new();
    let defects = [Defect::Expired, Defect::Issuer, Defect::Signature, Defect::Subject, Defect::UnknownKey];
    for defect in defects {
        let token = bench.mint(&TokenOrder { defect: Some(defect), ..TokenOrder::new(NINTENDO, "nsa-1") });
        refused(&link(&mut bench, PLAYER_ID, &token, false), 400, "InvalidIdentityProviderId", 1263);
        let login = bench.open("LoginWithNintendoServiceAccount", json!({ "IdentityToken": token }));
        refused(&login, 400, "InvalidIdentityProviderId", 1263);
    }
    refused(&link(&mut bench, PLAYER_ID, "no jwt", false), 400, "InvalidIdentityProviderId", 1263);
    let good = bench.nintendo("nsa-1");
    bench.advance_s(900);
    refused(&link(&mut bench, PLAYER_ID, &good, false), 400, "InvalidIdentityProviderId", 1263);
}

#[test]
fn the_add_on_may_be_off() {
    let mut bench = Bench::new();
    bench.playfab().platform_mut(NINTENDO).enabled = false;
    let token = bench.nintendo("nsa-1");
    let off = |response| refused(&response, 400, "NintendoSwitchNotEnabledForTitle", 1506);
    off(link(&mut bench, PLAYER_ID, &token, false));
    off(bench.server("LinkNintendoServiceAccountSubject", &json!({ "PlayFabId": PLAYER_ID, "Subject": "nsa-1" })));
    off(bench.server("UnlinkNintendoServiceAccount", &json!({ "PlayFabId": PLAYER_ID })));
    off(bench.open("LoginWithNintendoServiceAccount", json!({ "IdentityToken": token })));
    let ticket = bench.ticket("a");
    off(bench.client(&ticket, "LinkNintendoServiceAccount", &json!({ "IdentityToken": token })));
    off(bench.client(&ticket, "UnlinkNintendoServiceAccount", &json!({})));
}

#[test]
fn the_player_must_be_there_and_not_be_banned() {
    let mut bench = Bench::new();
    let token = bench.nintendo("nsa-1");
    refused(&link(&mut bench, "FFFF", &token, false), 400, "AccountNotFound", 1001);
    refused(&link(&mut bench, BANNED_PLAYER_ID, &token, false), 403, "AccountBanned", 1002);
    bench.playfab().delete_player(OTHER_PLAYER_ID);
    refused(&link(&mut bench, OTHER_PLAYER_ID, &token, false), 400, "AccountDeleted", 1322);
}

#[test]
fn the_faults_of_one_request_are_answered_in_the_contracts_order() {
    let mut bench = Bench::new();
    bench.playfab().platform_mut(NINTENDO).enabled = false;
    let claimed = bench.nintendo("nsa-nova");
    let path = format!("/playfab/{TITLE_ID}/Server/LinkNintendoServiceAccount");
    let mut wrong = request(&path, &[], &Value::Null);
    wrong.headers.clear();
    wrong.body = b"{".to_vec();
    refused(&bench.send(wrong.clone()), 400, "InvalidContentType", 1144);
    wrong.headers.push(("content-type".into(), "application/json; charset=utf-8".into()));
    refused(&bench.send(wrong.clone()), 401, "NotAuthenticated", 1074);
    wrong.headers.push(("x-secretkey".into(), "guessed".into()));
    refused(&bench.send(wrong.clone()), 401, "SecretKeyNotFound", 1293);
    wrong.headers.pop();
    wrong.headers.push(("x-secretkey".into(), SECRET_KEY.into()));
    refused(&bench.send(wrong), 400, "InvalidJSONContent", 1200);
    refused(&bench.server("LinkNintendoServiceAccount", &json!({})), 400, "InvalidParams", 1000);
    refused(&link(&mut bench, "FFFF", "no jwt", false), 400, "NintendoSwitchNotEnabledForTitle", 1506);
    bench.playfab().platform_mut(NINTENDO).enabled = true;
    refused(&link(&mut bench, "FFFF", "no jwt", false), 400, "InvalidIdentityProviderId", 1263);
    refused(&link(&mut bench, "FFFF", &claimed, false), 400, "AccountNotFound", 1001);
    refused(&link(&mut bench, OTHER_PLAYER_ID, &claimed, false), 400, "LinkedIdentifierAlreadyClaimed", 1184);
}

#[test]
fn a_subject_is_linked_without_proof_and_taken_off_again() {
    let mut bench = Bench::new();
    let body = json!({ "PlayFabId": OTHER_PLAYER_ID, "Subject": "nsa-nova" });
    refused(&bench.server("LinkNintendoServiceAccountSubject", &body), 400, "LinkedIdentifierAlreadyClaimed", 1184);
    let body = json!({ "PlayFabId": OTHER_PLAYER_ID, "Subject": "nsa-orion", "CustomTags": { "build": "1.2.3" } });
    data(&bench.server("LinkNintendoServiceAccountSubject", &body));
    let unlink = json!({ "PlayFabId": OTHER_PLAYER_ID });
    data(&bench.server("UnlinkNintendoServiceAccount", &unlink));
    refused(&bench.server("UnlinkNintendoServiceAccount", &unlink), 400, "AccountNotLinked", 1014);
}

#[test]
fn a_client_links_its_own_player_and_learns_of_a_ban_elsewhere() {
    let mut bench = Bench::new();
    let ticket = bench.ticket("orion-device");
    let token = bench.nintendo("nsa-orion");
    data(&bench.client(&ticket, "LinkNintendoServiceAccount", &json!({ "IdentityToken": token })));
    let login = data(&bench.open("LoginWithNintendoServiceAccount", json!({ "IdentityToken": token })));
    assert_eq!((&login["PlayFabId"], &login["NewlyCreated"]), (&json!(OTHER_PLAYER_ID), &json!(false)));
    let banned = bench.nintendo("nsa-vex");
    for force in [false, true] {
        let body = json!({ "IdentityToken": banned, "ForceLink": force });
        let refusal = bench.client(&ticket, "LinkNintendoServiceAccount", &body);
        refused(&refusal, 400, "AccountLinkedToABannedPlayer", 1613);
    }
    data(&bench.client(&ticket, "UnlinkNintendoServiceAccount", &json!({})));
    let again = bench.open("LoginWithNintendoServiceAccount", json!({ "IdentityToken": token }));
    refused(&again, 400, "AccountNotFound", 1001);
}

#[test]
fn ids_are_looked_up_25_at_a_time() {
    let mut bench = Bench::new();
    let call = "GetPlayFabIDsFromNintendoServiceAccountIds";
    let rows = json!({ "Data": [
        { "NintendoServiceAccountId": "nsa-nova", "PlayFabId": PLAYER_ID },
        { "NintendoServiceAccountId": "nsa-nobody", "PlayFabId": null },
    ] });
    let body = json!({ "NintendoAccountIds": ["nsa-nova", "nsa-nobody"] });
    assert_eq!(data(&bench.server(call, &body)), rows);
    let ticket = bench.ticket("a");
    assert_eq!(data(&bench.client(&ticket, call, &body)), rows);
    let many = vec!["nsa-nova"; 26];
    refused(&bench.server(call, &json!({ "NintendoAccountIds": many })), 400, "InvalidParams", 1000);
    refused(&bench.server(call, &json!({})), 400, "InvalidParams", 1000);
}
