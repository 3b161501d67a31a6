//! What comes in: options, events, answers. An app's source may answer anything; what is not understood is a failure.

use crate::ErrorKind;
use crate::http;
use crate::json::Json;
use crate::linking::capabilities::{Capabilities, Undo};
use crate::linking::display::{Answer, Event, Failure, Link, NewCode, Options};
use crate::linking::format::Format;
use crate::linking::watch::Offered;

/// Or the reason why they are a misuse.
pub(super) fn options(json: &Json) -> Result<Options, &'static str> {
    let (offered, told) = (json.get("offered"), json.get("capabilities"));
    let offers = |name: &str| offered.flag(name).unwrap_or_default();
    let default = Options::default();
    let of_service = Capabilities::of_service(&json.text("service").unwrap_or_default());
    Ok(Options {
        format: match json.get("format") {
            Json::Null => None,
            given => Some(format(given)?),
        },
        account_name: json.filled("accountName"),
        expect_platform: json.filled("expectPlatform"),
        warn_ms: millis(json, "warnMs").unwrap_or(default.warn_ms),
        max_renewals: millis(json, "maxRenewals").map(|most| u32::try_from(most).unwrap_or(u32::MAX)),
        concealed: json.flag("concealed").unwrap_or_default(),
        offered: Offered {
            listen: offers("listen"),
            status: offers("status"),
            links: offers("links"),
            refresh: offers("refresh"),
            revoke: offers("revoke"),
        },
        capabilities: Capabilities {
            undo: told.text("undo").map_or(of_service.undo, |word| Undo::from_word(&word)),
            max_age_hint_ms: millis(told, "maxAgeHintMs").filter(|ms| *ms > 0),
            ..of_service
        },
        spelling_words: json.texts("spellingWords"),
        seed: millis(json, "seed").map_or(default.seed, |seed| seed as u32),
    })
}

pub(super) fn format(json: &Json) -> Result<Format, &'static str> {
    if let Some(word) = json.as_text() {
        return Format::preset(word)
            .ok_or("the format of a code is digits6, digits8, digits10, base20x8, xsolla-legacy6 or an object");
    }
    let size = |json: &Json| match json {
        Json::Number(text) => http::whole(text).and_then(|number| usize::try_from(number).ok()).unwrap_or_default(),
        _ => 0,
    };
    let groups: Vec<usize> = json.get("groups").items().iter().map(size).collect();
    let format = Format::checked(&json.text("alphabet").unwrap_or_default(), size(json.get("length")), &groups)?;
    if json.flag("checkDigit") == Some(true) { format.checking() } else { Ok(format) }
}

pub(super) fn event(json: &Json) -> Option<Event> {
    Some(match json.get("type").as_text()? {
        "start" => Event::Start,
        "new-code" => Event::NewCode,
        "keep" => Event::Keep,
        "cancel" => Event::Cancel,
        "conceal" => Event::Conceal,
        "reveal" => Event::Reveal,
        "finished" => Event::Finished,
        "account-switched" => Event::AccountSwitched,
        "dispose" => Event::Dispose,
        "hidden" => Event::Hidden,
        "visible" => Event::Visible,
        "tick" => Event::Tick,
        "reply" => Event::Reply { id: u32::try_from(json.count("id")?).ok()?, result: result(json) },
        "pushed" => match json.get("news").filled("conflict") {
            Some(code) => Event::PushedConflict(code),
            None => Event::PushedLinked(link(json.get("news"))?),
        },
        // A player's word in another tab says nothing about the code in this one.
        "elsewhere" if json.get("link").get("evidence").as_text() == Some("manual") => return None,
        "elsewhere" => Event::Elsewhere(link(json.get("link"))?),
        _ => return None,
    })
}

fn result(json: &Json) -> Result<Answer, Failure> {
    match json.get("failure") {
        Json::Null => {}
        failure => return Err(self::failure(failure)),
    }
    let given = json.get("answer");
    let answer = match json.get("of").as_text() {
        Some("code") => given.loose("code").map(|code| {
            Answer::Code(NewCode {
                was_number: matches!(given.get("code"), Json::Number(_)),
                code: code.trim_ascii().into(),
                expires_in_ms: millis(given, "expiresInMs"),
            })
        }),
        Some("links") => match given {
            Json::List(items) => Some(Answer::Links(items.iter().filter_map(link).collect())),
            _ => None,
        },
        Some("status") => match given.as_text() {
            Some("pending") => Some(Answer::Pending),
            Some("expired") => Some(Answer::Expired),
            Some("denied") => Some(Answer::Denied),
            _ => link(given.get("linked")).map(Answer::Linked),
        },
        Some("refresh") => match given {
            Json::Object(_) => {
                let changed = given.flag("playerChanged").or(given.flag("changed"));
                Some(Answer::Refreshed { player_changed: changed.unwrap_or_default() })
            }
            _ => None,
        },
        _ => None,
    };
    answer.ok_or(Failure::of(ErrorKind::Protocol))
}

/// Of a playerlink error by its kind; of anything else that can be thrown, by its name or its HTTP status.
fn failure(json: &Json) -> Failure {
    let known = |word: String| ErrorKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    let kind = json.text("kind").and_then(known).unwrap_or_else(|| match json.get("name").as_text() {
        Some("AbortError") => ErrorKind::Cancelled,
        Some("TimeoutError") => ErrorKind::Timeout,
        // What fetch rejects with when there is no answer.
        Some("TypeError") => ErrorKind::Network,
        // An HTML page in place of JSON.
        Some("SyntaxError") => ErrorKind::Protocol,
        _ => match json.count("status") {
            Some(429) => ErrorKind::Busy,
            Some(401) => ErrorKind::SessionOver,
            _ => ErrorKind::Service,
        },
    });
    Failure { kind, code: json.filled("code"), retry_after_ms: millis(json, "retryAfterMs") }
}

fn link(json: &Json) -> Option<Link> {
    match json {
        Json::Object(_) => Some(Link {
            platform: json.text("platform").unwrap_or_default(),
            id: json.loose("id"),
            display_name: json.filled("displayName"),
        }),
        _ => None,
    }
}

/// A number that is not negative; fractions of it do not count.
fn millis(json: &Json, name: &str) -> Option<u64> {
    match json.get(name) {
        Json::Number(text) => http::whole(text.split('.').next()?),
        _ => None,
    }
}
