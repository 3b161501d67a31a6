//! What goes out: actions and snapshots, in the shapes of `pkg-templates/npm/src/api/linking.ts`. The page shows the
//! code: here it leaves its type.

use crate::Secret;
use crate::json::{Json, Object};
use crate::linking::display::{Action, Announce, Connection, Link, Problem, Snapshot, Warning};

pub(super) fn action(action: &Action) -> Json {
    let mut object = Object::new();
    let request = |object: &mut Object, word: &str, id: u32| {
        object.text("do", word).number("id", id.into());
    };
    match action {
        Action::Listen => object.text("do", "listen"),
        Action::StopListening => object.text("do", "stop-listening"),
        Action::Abort => object.text("do", "abort"),
        Action::Revoke => object.text("do", "revoke"),
        Action::TakeBaseline { id } => {
            request(&mut object, "links", *id);
            &mut object
        }
        Action::RequestCode { id } => {
            request(&mut object, "code", *id);
            &mut object
        }
        Action::Check { id, source } => {
            request(&mut object, source.as_str(), *id);
            &mut object
        }
        Action::Refresh { id } => {
            request(&mut object, "refresh", *id);
            &mut object
        }
        Action::Linked { link, evidence, player_changed, refreshed } => {
            object.text("do", "linked").json("link", self::link(link)).text("evidence", evidence.as_str());
            object.flag("playerChanged", *player_changed).flag("refreshed", *refreshed)
        }
        Action::Warn(warning) => {
            object.text("do", "warn").text("what", warning.as_str());
            match warning {
                Warning::TooOften { drift_ms } => {
                    let mut text = String::from(if *drift_ms < 0 { "-" } else { "" });
                    text.push_str(&crate::http::digits(drift_ms.unsigned_abs()));
                    object.json("driftMs", Json::Number(text))
                }
                _ => &mut object,
            }
        }
    };
    object.take()
}

pub(super) fn snapshot(view: &Snapshot) -> Json {
    let mut object = Object::new();
    object.number("revision", view.revision).text("state", view.state.as_str());
    object.maybe_text("code", view.code.as_ref().map(Secret::expose));
    object.json("groups", texts(&view.groups)).json("spelled", texts(&view.spelled));
    object.flag("formatMismatch", view.format_mismatch);
    object.maybe_number("expiresInMs", view.expires_in_ms).text("expirySource", view.expiry_source.as_str());
    if let (Some(left), Some(life)) = (view.expires_in_ms, view.lifetime_ms) {
        object.json("progress", Json::Number(fraction(left, life)));
    }
    object.maybe_number("ageMs", view.age_ms).number("renewalsUsed", view.renewals_used.into());
    let mut connection = Object::new();
    match view.connection {
        Connection::Online => connection.text("state", "online"),
        Connection::Retrying { next_ms } => connection.text("state", "retrying").number("nextMs", next_ms),
    };
    object.json("connection", connection.take()).flag("concealed", view.concealed);
    object.text("evidence", view.evidence.as_str());
    for (name, other) in [("linked", &view.linked), ("otherLink", &view.other_link)] {
        if let Some(other) = other {
            object.json(name, link(other));
        }
    }
    object.text("refresh", view.refresh.as_str()).text("undo", view.undo.as_str());
    object.maybe_text("accountName", view.account_name.as_deref());
    if let Some(problem) = &view.problem {
        object.json("error", error(problem));
    }
    let words = view.actions.iter().map(|word| Json::Text((*word).to_owned())).collect();
    object.json("actions", Json::List(words));
    if let Some(announce) = &view.announce {
        object.json("announce", self::announce(announce));
    }
    object.take()
}

fn error(problem: &Problem) -> Json {
    let mut object = Object::new();
    object.text("kind", problem.kind).maybe_text("conflict", problem.conflict);
    let choices = problem.choices.iter().map(|choice| Json::Text(choice.as_str().to_owned())).collect();
    object.json("choices", Json::List(choices)).flag("retryable", problem.retryable);
    object.maybe_number("retryAtMs", problem.retry_at_ms).take()
}

fn announce(announce: &Announce) -> Json {
    let mut args = Object::new();
    args.maybe_number("seconds", announce.seconds).maybe_text("platform", announce.platform.as_deref());
    args.maybe_text("displayName", announce.display_name.as_deref()).maybe_text("kind", announce.kind);
    let mut object = Object::new();
    object.number("n", announce.n.into()).text("key", announce.key).json("args", args.take()).take()
}

/// Without its id: nobody who draws needs it.
fn link(link: &Link) -> Json {
    let mut object = Object::new();
    object.filled("platform", &link.platform).maybe_text("displayName", link.display_name.as_deref()).take()
}

fn texts(secrets: &[Secret]) -> Json {
    Json::List(secrets.iter().map(|secret| Json::Text(secret.expose().to_owned())).collect())
}

/// Of four digits: formatting floating point would be kilobytes of the wasm.
fn fraction(part: u64, whole: u64) -> String {
    if part >= whole {
        return "1".to_owned();
    }
    let digits = crate::http::digits(10_000 + part.saturating_mul(10_000) / whole.max(1));
    let mut text = String::from("0.");
    text.push_str(digits.get(1..).unwrap_or_default());
    text
}
