//! Step 6: two players of a PlayFab title and one Nintendo account, linked, refused and moved by a game server that holds the
//! title's secret key. What the game said is laid next to what the emulator's log has of it.

use serde_json::Value;

use super::stage::Stage;
use super::tale::{Tale, holds, text};
use super::transcript::{Expected, MASK, Transcript};
use super::xsolla::short;
use crate::Result;

const CUSTOM_ID: &str = "POST /playfab/ABCD1/Client/LoginWithCustomID";
const STEAM: &str = "POST /playfab/ABCD1/Client/LoginWithSteam";
const NINTENDO: &str = "POST /playfab/ABCD1/Client/LoginWithNintendoServiceAccount";
const CHECK: Expected<'static> =
    ("POST /playfab/ABCD1/Server/AuthenticateSessionTicket", 200, "whose ticket it is, by the secret key");
const LINK: &str = "POST /playfab/ABCD1/Server/LinkNintendoServiceAccount";
const REFRESH: &str = "POST /playfab/ABCD1/Authentication/GetEntityToken";
/// The fixture's secret key, the beginning of a JWT, and what is in every session ticket.
const SECRETS: [&str; 3] = ["title-secret-key", "eyJ", "---ABCD1-"];

pub(super) fn play(stage: &mut Stage, transcript: &mut Transcript) -> Result {
    transcript.step("PlayFab, one Nintendo account and two players");
    stage.admin.requests()?;
    let events = stage.nintendo_game()?;
    let requests = stage.admin.requests()?;
    let mut tale = Tale::new("game", events, requests, transcript);
    let mika = links(&mut tale)?;
    let noor = is_refused(&mut tale, &mika)?;
    moves(&mut tale, &noor)?;

    let log = stage.node_server.errors().join("\n");
    let secrets = SECRETS.map(str::to_owned);
    let silent = log.lines().count() == 3 && !secrets.iter().any(|secret| log.contains(secret));
    transcript.fact(
        silent && !transcript.holds_any(&secrets),
        "no key, ticket or token is in that game server's log, nor in this transcript",
    )
}

fn links(tale: &mut Tale<'_>) -> Result<String> {
    tale.transcript
        .tell("Mika plays as a guest and links the console's Nintendo account, by the studio's game server.");
    let came = tale.event("signed-in", &[(CUSTOM_ID, 200, "a guest's id, with CreateAccount")])?;
    let mika = text(&came, "/player/playerId").to_owned();
    tale.transcript.answer("game", &format!("Mika plays as {}", short(&mika)));
    asks_to_link(tale, "");
    let linked = tale.event_from("game server", "linked", &[CHECK, (LINK, 200, "linked to that player")])?;
    tale.transcript.answer("game", &status(&linked).to_string());
    tale.transcript.fact(
        status(&linked) == 204 && holds(&came, "/newlyCreated"),
        "the game holds no secret key: its server asked PlayFab who Mika is, and linked the account with the title's",
    )?;
    Ok(mika)
}

fn is_refused(tale: &mut Tale<'_>, mika: &str) -> Result<String> {
    tale.transcript.tell("Noor, from Steam, sits down at the same console.");
    let came = tale.event("signed-in", &[(STEAM, 200, "a Steam ticket, with CreateAccount")])?;
    let noor = text(&came, "/player/playerId").to_owned();
    tale.transcript.answer("game", &format!("Noor plays as {}", short(&noor)));
    asks_to_link(tale, "");
    let refused = tale.event_from("game server", "refused", &[CHECK, (LINK, 400, "")])?;
    let (kind, code) = (text(&refused, "/kind"), text(&refused, "/code"));
    let number = refused.pointer("/codeNumber").and_then(Value::as_u64);
    tale.transcript.answer("game", &format!("{} {{\"kind\":\"{kind}\",\"code\":\"{code}\",…}}", status(&refused)));
    tale.transcript.shows("game", text(&refused, "/playerMessage"));
    tale.transcript.fact(
        !noor.is_empty()
            && noor != mika
            && status(&refused) == 409
            && (kind, code, number) == ("conflict", "LinkedIdentifierAlreadyClaimed", Some(1184))
            && text(&refused, "/playerMessage") == "That account is linked to another player already.",
        "what Mika has, Noor cannot take: an error of kind `conflict`, code LinkedIdentifierAlreadyClaimed (1184)",
    )?;
    Ok(noor)
}

fn moves(tale: &mut Tale<'_>, noor: &str) -> Result {
    tale.transcript.tell("The two agree that it is Noor's.");
    asks_to_link(tale, ",\"move\":true");
    let moved = tale.event_from("game server", "moved", &[CHECK, (LINK, 200, "with ForceLink")])?;
    tale.transcript.answer("game", &status(&moved).to_string());
    let came = tale.event("signed-in", &[(NINTENDO, 200, "nobody but the Nintendo account")])?;
    let owner = text(&came, "/player/playerId");
    tale.transcript.answer("game", &format!("the Nintendo account plays as {}", short(owner)));
    tale.transcript.fact(
        status(&moved) == 204 && owner == noor && !holds(&came, "/newlyCreated"),
        "`ForceLink` has moved it: whoever signs in with the Nintendo account is Noor now",
    )?;
    let refreshed = tale.event("refreshed", &[(REFRESH, 200, "by the entity token itself")])?;
    tale.transcript.fact(
        holds(&refreshed, "/newToken") && holds(&refreshed, "/sameTicket") && tale.requests.next().is_none(),
        "the session's two lives: the entity token was renewed by itself, the session ticket is the one from the login",
    )
}

fn asks_to_link(tale: &mut Tale<'_>, more: &str) {
    let body = format!("{{\"sessionTicket\":\"{MASK}\",\"identityToken\":\"{MASK}\"{more}}}");
    tale.transcript.ask("game", "game server", &format!("POST /link-nintendo {body}"));
}

fn status(value: &Value) -> u64 {
    value.pointer("/status").and_then(Value::as_u64).unwrap_or_default()
}
