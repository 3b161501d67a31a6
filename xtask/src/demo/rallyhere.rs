//! Step 5: the Node launcher plays its part from beginning to end; what it said is then laid next to what the emulator's
//! log has of it. Every event of the launcher stands for a known number of requests.

use serde_json::{Value, json};

use super::stage::Stage;
use super::tale::{Tale, holds, text};
use super::transcript::Transcript;
use super::xsolla::short;
use crate::Result;

const LOGIN: &str = "POST /users/v1/login";

pub(super) fn play(stage: &mut Stage, transcript: &mut Transcript) -> Result {
    transcript.step("RallyHere, Node launcher");
    transcript.tell("The studio publishes new agreements. Then a launcher starts, with the npm package inside.");
    let new_terms = json!({ "eula": true, "tos": true, "privacy_policy": true });
    stage.admin.post("/__emulator/rallyhere/agreements", &new_terms.to_string())?;
    stage.admin.requests()?;
    let now = stage.admin.now_ms()?;
    let events = stage.launcher()?;
    let requests = stage.admin.requests()?;
    let mut tale = Tale::new("launcher", events, requests, transcript);
    signs_in(&mut tale)?;
    changes_player(&mut tale)?;
    meets_a_ban(&mut tale, now)
}

fn signs_in(tale: &mut Tale<'_>) -> Result {
    tale.transcript.tell("Sol signs in with a Steam ticket, is shown the agreements, accepts them.");
    let refused = tale.event("login-refused", &[(LOGIN, 403, "")])?;
    tale.answer(&told(&refused));
    tale.transcript.shows("launcher", text(&refused, "/playerMessage"));
    tale.transcript.fact(
        text(&refused, "/kind") == "agreements"
            && text(&refused, "/code") == "user_needs_agreements"
            && ["eula", "termsOfService", "privacyPolicy"]
                .iter()
                .all(|one| holds(&refused, &format!("/agreements/{one}"))),
        "the login is refused with kind `agreements`, and the error says which: all three",
    )?;
    tale.event("agreements-accepted", &[])?;
    let signed_in = tale.event("signed-in", &[(LOGIN, 200, "a new ticket, with what was accepted")])?;
    let (name, id) = (text(&signed_in, "/player/displayName"), text(&signed_in, "/player/playerId"));
    tale.answer(&format!("signed in: {name} plays as {}", short(id)));
    tale.transcript
        .fact(name == "Sol" && text(&signed_in, "/player/platform") == "Steam", "after that the login succeeds")?;
    let refreshed = tale.event("refreshed", &[(LOGIN, 200, "grant refresh")])?;
    tale.transcript.fact(holds(&refreshed, "/newToken"), "the token is refreshed: it is another one now")
}

fn changes_player(tale: &mut Tale<'_>) -> Result {
    tale.transcript.tell(
        "Sol also plays on Xbox. That identity signs in and joins Sol's person, with Sol's token as the leader's.",
    );
    tale.event("login-refused", &[(LOGIN, 403, "the agreements again: another person so far")])?;
    tale.event("agreements-accepted", &[])?;
    let follower = tale.event("follower-signed-in", &[(LOGIN, 200, "the Xbox identity")])?;
    let linked = tale.event(
        "linked",
        &[
            ("POST /users/v1/link", 200, "follower: Xbox, leader: Sol's token"),
            (LOGIN, 200, "the SDK refreshes by itself"),
        ],
    )?;
    let xbox_player = text(&follower, "/player/playerId").to_owned();
    let (before, after) = (text(&follower, "/player/personId"), text(&linked, "/player/personId"));
    tale.answer(&format!("linked: the Xbox identity moves from person {} to {}", short(before), short(after)));
    tale.transcript.fact(
        holds(&linked, "/changed") && !after.is_empty() && before != after,
        "the Xbox identity is linked and its session already belongs to Sol's person",
    )?;

    tale.transcript.tell("The Xbox player becomes the one everyone of this person plays as.");
    let changed = tale.event(
        "player-changed",
        &[
            ("POST /users/v1/cross-progression/enable", 200, "{platform: XboxLive}"),
            (LOGIN, 200, "the SDK refreshes by itself: the old token is stale"),
        ],
    )?;
    let enabled = tale.event("cross-progression", &[])?;
    let now = text(&enabled, "/player/playerId");
    tale.answer(&format!("cross-progression is on: Sol, on Steam, now plays as {}", short(now)));
    tale.transcript.fact(
        holds(&enabled, "/playerChanged") && now == xbox_player && text(&enabled, "/player/platform") == "Steam",
        "the Steam session's active player is the Xbox one, without anybody asking for a refresh",
    )?;
    tale.transcript.fact(holds(&enabled, "/newToken"), "its access token is a new one, of the new player")?;
    tale.transcript.fact(text(&changed, "/player/playerId") == now, "whoever listens to the session was told")
}

fn meets_a_ban(tale: &mut Tale<'_>, now: u64) -> Result {
    tale.transcript.tell("Umbra cheated and tries to sign in.");
    let refused = tale.event("login-refused", &[(LOGIN, 403, "")])?;
    tale.answer(&told(&refused));
    tale.transcript.shows("launcher", text(&refused, "/playerMessage"));
    let until = refused.pointer("/restrictions/0/expiresAt").and_then(Value::as_u64).unwrap_or_default();
    let kind = text(&refused, "/restrictions/0/type");
    let reason = text(&refused, "/restrictions/0/reason");
    tale.transcript.shows("launcher", &format!("{kind}, {reason}, until {}", date(until)));
    tale.transcript.fact(
        text(&refused, "/kind") == "restricted" && kind == "account_ban" && until > now,
        "a banned account is told why and until when",
    )?;
    let logout = ("POST /users/v1/logout", 200, "");
    let out = tale.event("signed-out", &[logout, logout])?;
    tale.transcript.fact(
        holds(&out, "/session/revoked") && holds(&out, "/follower/revoked") && tale.requests.next().is_none(),
        "both sessions sign out, and the service knows",
    )
}

fn told(error: &Value) -> String {
    format!("an error of kind `{}`, code `{}`", text(error, "/kind"), text(error, "/code"))
}

/// Epoch milliseconds as `2026-11-29 07:22 UTC` (Howard Hinnant's `civil_from_days`).
fn date(ms: u64) -> String {
    let minutes = ms / 60_000;
    let days = minutes / 1440 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60 % 24, minutes % 60)
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(super::date(0), "1970-01-01 00:00 UTC");
        assert_eq!(super::date(1_709_210_096_000), "2024-02-29 12:34 UTC");
        assert_eq!(super::date(1_795_937_130_000), "2026-11-29 07:25 UTC");
    }
}
