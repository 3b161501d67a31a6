//! Session tickets and entity tokens, by the emulator's clock.

use emulator::playfab::{PLAYER_ID, SECRET_KEY, TITLE_ID};
use serde_json::{Value, json};

use crate::bench::{Bench, data, refused};

const DAY_S: u64 = 24 * 3600;
const GET: &str = "Authentication/GetEntityToken";

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A player's session ticket and entity token.
fn session(bench: &mut Bench) -> (String, String) {
    let login = bench.login("nova-device");
    (text(&login["SessionTicket"]), text(&login["EntityToken"]["EntityToken"]))
}

/// The title's entity token.
fn title_token(bench: &mut Bench) -> String {
    text(&data(&bench.call(GET, &[("x-secretkey", SECRET_KEY)], &json!({})))["EntityToken"])
}

fn ask(bench: &mut Bench, header: &str, value: &str, body: &Value) -> emulator::Response {
    bench.call(GET, &[(header, value)], body)
}

#[test]
fn a_session_ticket_lives_for_a_day() {
    let mut bench = Bench::new();
    let (ticket, _) = session(&mut bench);
    bench.emulator.advance((DAY_S - 1) * 1000);
    data(&bench.client(&ticket, "GetAccountInfo", &json!({})));
    bench.advance_s(1);
    refused(&bench.client(&ticket, "GetAccountInfo", &json!({})), 401, "NotAuthenticated", 1074);
    refused(&ask(&mut bench, "x-authorization", &ticket, &json!({})), 401, "NotAuthenticated", 1074);
    let body = json!({ "SessionTicket": ticket });
    let told = data(&bench.server("AuthenticateSessionTicket", &body));
    assert_eq!((&told["IsSessionTicketExpired"], &told["UserInfo"]["PlayFabId"]), (&json!(true), &json!(PLAYER_ID)));
}

#[test]
fn a_new_login_leaves_the_older_session_alive() {
    let mut bench = Bench::new();
    let (older, token) = session(&mut bench);
    let (newer, _) = session(&mut bench);
    assert_ne!(older, newer);
    data(&bench.client(&older, "GetAccountInfo", &json!({})));
    data(&ask(&mut bench, "x-entitytoken", &token, &json!({})));
}

#[test]
fn an_unknown_ticket_is_not_authenticated_or_invalid_by_a_knob() {
    let mut bench = Bench::new();
    refused(&bench.client("made up", "UnlinkApple", &json!({})), 401, "NotAuthenticated", 1074);
    refused(&bench.client("", "UnlinkApple", &json!({})), 401, "NotAuthenticated", 1074);
    refused(
        &bench.server("AuthenticateSessionTicket", &json!({ "SessionTicket": "made up" })),
        400,
        "InvalidSessionTicket",
        1100,
    );
    bench.playfab().knobs_mut().unknown_ticket_is_invalid = true;
    refused(&bench.client("made up", "UnlinkApple", &json!({})), 400, "InvalidSessionTicket", 1100);
}

#[test]
fn a_banned_or_deleted_players_ticket_tells_so() {
    let mut bench = Bench::new();
    let (ticket, token) = session(&mut bench);
    bench.playfab().ban_player(PLAYER_ID, true);
    refused(&bench.client(&ticket, "GetAccountInfo", &json!({})), 403, "AccountBanned", 1002);
    refused(&ask(&mut bench, "x-entitytoken", &token, &json!({})), 403, "AccountBanned", 1002);
    bench.playfab().delete_player(PLAYER_ID);
    refused(&bench.client(&ticket, "GetAccountInfo", &json!({})), 400, "AccountDeleted", 1322);
}

#[test]
fn an_entity_token_is_had_in_three_ways() {
    let mut bench = Bench::new();
    let (ticket, token) = session(&mut bench);
    let by_ticket = data(&ask(&mut bench, "x-authorization", &ticket, &json!({})));
    let by_token = data(&ask(&mut bench, "x-entitytoken", &token, &json!({})));
    assert_eq!(by_ticket["Entity"], by_token["Entity"]);
    assert_ne!(by_ticket["EntityToken"], by_token["EntityToken"]);
    assert_eq!(by_ticket["TokenExpiration"], "2027-01-16T08:00:00Z");
    let by_secret = data(&ask(&mut bench, "x-secretkey", SECRET_KEY, &json!({})));
    assert_eq!(by_secret["Entity"], json!({ "Id": TITLE_ID, "Type": "title", "TypeString": "title" }));

    refused(&bench.call(GET, &[], &json!({})), 401, "NotAuthenticated", 1074);
    refused(&ask(&mut bench, "x-secretkey", "guessed", &json!({})), 401, "SecretKeyNotFound", 1293);
    let both = [("x-authorization", ticket.as_str()), ("x-entitytoken", token.as_str())];
    refused(&bench.call(GET, &both, &json!({})), 400, "InvalidRequest", 1071);
}

#[test]
fn an_entity_token_is_refreshed_while_it_is_good_and_not_afterwards() {
    let mut bench = Bench::new();
    let (_, token) = session(&mut bench);
    bench.advance_s(DAY_S - 1);
    let fresh = text(&data(&ask(&mut bench, "x-entitytoken", &token, &json!({})))["EntityToken"]);
    bench.advance_s(1);
    refused(&ask(&mut bench, "x-entitytoken", &token, &json!({})), 401, "EntityTokenExpired", 1336);
    data(&ask(&mut bench, "x-entitytoken", &fresh, &json!({})));
    bench.playfab().revoke_sessions(PLAYER_ID);
    refused(&ask(&mut bench, "x-entitytoken", &fresh, &json!({})), 401, "EntityTokenRevoked", 1337);
    refused(&ask(&mut bench, "x-entitytoken", "made up", &json!({})), 401, "EntityTokenInvalid", 1335);
}

#[test]
fn a_token_may_be_for_a_relation_of_the_caller_only() {
    let mut bench = Bench::new();
    let (ticket, _) = session(&mut bench);
    let mut entity = |kind: &str, id: &str| {
        ask(&mut bench, "x-authorization", &ticket, &json!({ "Entity": { "Id": id, "Type": kind } }))
    };
    let master = data(&entity("master_player_account", PLAYER_ID));
    assert_eq!(master["Entity"]["Type"], "master_player_account");
    refused(&entity("master_player_account", "FFFF"), 401, "NotAuthorized", 1089);
    refused(&entity("title", TITLE_ID), 401, "NotAuthorized", 1089);
    refused(&entity("Title_Player_Account", PLAYER_ID), 400, "InvalidEntityType", 1373);
}

#[test]
fn the_title_validates_its_players_tokens() {
    let mut bench = Bench::new();
    let (_, token) = session(&mut bench);
    let title = title_token(&mut bench);
    let call = "Authentication/ValidateEntityToken";
    let body = json!({ "EntityToken": token });
    let told = data(&bench.call(call, &[("x-entitytoken", &title)], &body));
    assert_eq!(told["Entity"]["Type"], "title_player_account");
    assert_eq!(
        (&told["IdentityProvider"], &told["IdentityProviderIssuedId"]),
        (&json!("Custom"), &json!("nova-device"))
    );
    assert_eq!(told["Lineage"]["MasterPlayerAccountId"], PLAYER_ID);
    refused(&bench.call(call, &[], &body), 401, "EntityTokenMissing", 1334);
    refused(&bench.call(call, &[("x-entitytoken", &token)], &body), 400, "InvalidEntityType", 1373);
    let unknown = json!({ "EntityToken": "made up" });
    refused(&bench.call(call, &[("x-entitytoken", &title)], &unknown), 401, "EntityTokenInvalid", 1335);
    refused(&bench.call(call, &[("x-entitytoken", &title)], &json!({})), 400, "InvalidParams", 1000);
    bench.playfab().revoke_sessions(PLAYER_ID);
    refused(&bench.call(call, &[("x-entitytoken", &title)], &body), 401, "EntityTokenRevoked", 1337);
}

#[test]
fn lifetimes_follow_their_knobs() {
    let mut bench = Bench::new();
    bench.playfab().knobs_mut().ticket_ttl_s = 10;
    bench.playfab().knobs_mut().entity_token_ttl_s = 20;
    let (ticket, token) = session(&mut bench);
    bench.advance_s(10);
    refused(&bench.client(&ticket, "GetAccountInfo", &json!({})), 401, "NotAuthenticated", 1074);
    data(&ask(&mut bench, "x-entitytoken", &token, &json!({})));
    bench.advance_s(10);
    refused(&ask(&mut bench, "x-entitytoken", &token, &json!({})), 401, "EntityTokenExpired", 1336);
}
