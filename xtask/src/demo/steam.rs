//! Step 4: a game on Steam signs its player in silently, by both protocols of Xsolla Login. What the game said is laid next
//! to what the emulator's log has of it.

use super::stage::Stage;
use super::tale::{Tale, holds, text};
use super::transcript::{MASK, Transcript};
use super::xsolla::short;
use crate::Result;

const JWT: &str = "GET /api/social/steam/cross_auth";
const OAUTH: &str = "GET /api/oauth2/social/steam/cross_auth";
const TOKEN: &str = "POST /api/oauth2/token";

pub(super) fn play(stage: &mut Stage, transcript: &mut Transcript) -> Result {
    transcript.step("Xsolla, silent authentication of a Steam game");
    stage.admin.requests()?;
    let events = stage.steam_game()?;
    let requests = stage.admin.requests()?;
    let mut tale = Tale::new("game", events, requests, transcript);

    tale.transcript.tell("Kai starts the game from Steam and is asked for nothing. First by the JWT protocol.");
    tale.transcript.ask("game", "Xsolla", &format!("the ticket {MASK}, with is_redirect=false"));
    let first = tale.event("signed-in", &[(JWT, 200, "the ticket becomes a token")])?;
    let player = text(&first, "/player/playerId").to_owned();
    tale.transcript.answer("game", &format!("signed in: Steam player …0042 plays as {}", short(&player)));
    tale.transcript.fact(
        text(&first, "/player/platform") == "steam" && text(&first, "/player/platformUserId") == "76561198000000042",
        "the token names the Steam player, whose platform account Xsolla has made",
    )?;

    tale.transcript.tell("Somebody shows the same ticket once more.");
    let refused = tale.event("refused", &[(JWT, 422, "")])?;
    let (kind, code) = (text(&refused, "/kind"), text(&refused, "/code"));
    tale.transcript.answer("game", &format!("an error of kind `{kind}`, code `{code}`"));
    tale.transcript.shows("game", text(&refused, "/playerMessage"));
    tale.transcript.fact(
        kind == "platform-ticket" && code == "010-015",
        "a ticket is good once: the error says to get a new one, and the SDK has not tried again by itself",
    )?;

    tale.transcript.tell("With a new ticket, by OAuth 2.0: a code comes back, and the SDK swaps it.");
    let second = tale.event(
        "signed-in",
        &[(OAUTH, 200, "the ticket becomes a code, beside our `state`"), (TOKEN, 200, "the code becomes tokens")],
    )?;
    tale.transcript.fact(text(&second, "/player/playerId") == player, "Kai is the same player by both protocols")?;
    let refreshed = tale.event("refreshed", &[(TOKEN, 200, "grant refresh_token")])?;
    tale.transcript.fact(
        holds(&refreshed, "/newToken") && !holds(&refreshed, "/changed"),
        "that session is refreshed without a ticket: another token, the same player",
    )?;
    let out = tale.event("signed-out", &[("GET /api/oauth2/logout", 204, "")])?;
    tale.transcript.fact(holds(&out, "/revoked") && tale.requests.next().is_none(), "signed out, and Xsolla knows")
}
