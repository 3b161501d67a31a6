//! The companion page when something is in the way: a refused link, no network, a service that wants a pause. Each state
//! says what is the matter, keeps what is still good, and has a way out.

use serde_json::json;

use super::admin::exchange_with;
use super::stage::Stage;
use super::transcript::{MASK, Transcript};
use super::xsolla::{CODE, picture, text};
use crate::Result;

/// Begins and ends with a code on the page; answers the codes it showed.
pub(super) fn in_trouble(stage: &mut Stage, transcript: &mut Transcript, main_id: &str) -> Result<Vec<String>> {
    transcript.tell("A game server that makes its own codes knows whose a refused one was, and may tell the page.");
    let conflict = "platform-linked-elsewhere";
    let report = json!({ "accountId": main_id, "platform": "xbox", "conflict": conflict }).to_string();
    transcript.ask("game server", "companion server", &format!("POST /api/links {{\"conflict\":\"{conflict}\",…}}"));
    let bearer = format!("authorization: Bearer {}\r\n", stage.companion_secret);
    let answer = exchange_with(&stage.site_url, "POST", "/api/links", &bearer, &report)?;
    transcript.answer("game server", &answer.0);
    let refused = stage.browse("state", json!({ "state": "conflict" }))?;
    transcript.shows("page", &text(&refused, "error"));
    let choices = text(&refused, "choices");
    transcript.fact(
        answer.0 == "204"
            && text(&refused, "code").is_empty()
            && choices.contains("Contact support")
            && !choices.contains("Move"),
        "a conflict takes the code away, says why, and offers what can be done: not to move a link that stays",
    )?;
    picture(stage, &["conflict"], false)?;
    stage.browse("back", json!({}))?;

    transcript.tell("Alex gets a new code, and loses the network.");
    let code = text(&stage.browse("code", json!({}))?, "code");
    transcript.requests(&stage.admin, "page", &[(CODE, 200, "a code")])?;
    let away = stage.browse("network", json!({ "online": false }))?;
    transcript.shows("page", &text(&away, "banner").replace(&code, MASK));
    picture(stage, &["offline"], false)?;
    let back = stage.browse("network", json!({ "online": true }))?;
    transcript.fact(
        text(&away, "code") == code && !text(&away, "banner").is_empty() && text(&back, "banner").is_empty(),
        "offline, the page says so and keeps the code, which is still good; back online, the words go",
    )?;

    transcript.tell("Alex wants another code, and Xsolla wants a pause.");
    stage.admin.post("/__emulator/xsolla/knobs", &json!({ "codes_per_minute": 0 }).to_string())?;
    stage.browse("new-code", json!({}))?;
    let limited = stage.browse("state", json!({ "state": "limited" }))?;
    transcript.requests(&stage.admin, "page", &[(CODE, 429, "")])?;
    transcript.shows("page", &text(&limited, "error").replace('\n', " "));
    transcript.fact(
        text(&limited, "code").is_empty() && text(&limited, "error").contains("You can try again at"),
        "a limit is told as one, with the time it ends at",
    )?;
    picture(stage, &["limited"], false)?;
    stage.admin.post("/__emulator/xsolla/knobs", &json!({ "codes_per_minute": 5 }).to_string())?;
    stage.browse("cancel", json!({}))?;
    let last = text(&stage.browse("code", json!({}))?, "code");
    transcript.requests(&stage.admin, "page", &[(CODE, 200, "a code")])?;
    transcript.fact(!last.is_empty(), "from each of them a press leads back, and to a new code")?;
    Ok(vec![code, last])
}
