//! What is between a tab and the service: our requests become the emulator's, its answers ours, and everything else a
//! network does to both.

use emulator::{Context, Emulator, Keys, rallyhere::Rotation};
use playerlink::host::{TransportError, TransportErrorKind};
use playerlink::http::{Request, Response};
use serde_json::Value;

use crate::plan::{Answer, Setup, Wait};

pub(crate) type Reply = Result<Response, TransportError>;

/// The service: the emulator's pure core.
#[derive(Debug)]
pub(crate) struct Service(Emulator);

/// What a request is to the judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Login,
    /// With that refresh token.
    Refresh(String),
    Logout,
    /// It changes who the active player is.
    Change,
    Other,
}

impl Subject {
    pub(crate) fn of(request: &Request) -> Self {
        let url = request.url.as_str();
        if url.ends_with("/users/v1/logout") {
            return Self::Logout;
        }
        if url.contains("/cross-progression/") {
            return Self::Change;
        }
        if !url.ends_with("/users/v1/login") {
            return Self::Other;
        }
        let body = request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let field = |name: &str| body.as_ref().and_then(|body| body.get(name)?.as_str());
        match (field("grant_type"), field("portal_access_token")) {
            (Some("refresh"), Some(token)) => Self::Refresh(token.to_owned()),
            _ => Self::Login,
        }
    }

    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh(_) => "refresh",
            Self::Logout => "logout",
            Self::Change => "change",
            Self::Other => "call",
        }
    }
}

impl Service {
    pub(crate) fn new(seed: u64, setup: &Setup) -> Self {
        let mut emulator = Emulator::with_keys(seed, Keys::unsigned());
        let environment = emulator.rallyhere_mut().environment_mut();
        environment.rotation = setup.rotation;
        environment.access_ttl_s = setup.ttl_s;
        Self(emulator)
    }

    pub(crate) fn answer(&mut self, now: u64, request: &Request) -> Response {
        let target = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
        let target = target.find('/').and_then(|at| target.get(at..)).unwrap_or("/");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let answer = self.0.handle(
            now,
            emulator::Request {
                method: request.method.as_str().into(),
                path: path.into(),
                query: query.into(),
                headers: request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
                body: request.body.clone().unwrap_or_default(),
            },
        );
        self.0.clear_log();
        let mut headers = answer.headers;
        headers.push(("date".into(), http_date(now)));
        Response { status: answer.status, headers, body: answer.body }
    }

    pub(crate) fn accepts(&mut self, now: u64, refresh_token: &str) -> bool {
        self.with(now, |service, context| service.accepts_refresh_token(context, refresh_token))
    }

    pub(crate) fn restart(&mut self, now: u64) {
        self.with(now, |service, context| service.forget_grace(context));
    }

    pub(crate) fn revoke_all(&mut self) {
        self.0.rallyhere_mut().revoke_refresh_tokens();
    }

    fn with<T>(&mut self, now: u64, act: impl FnOnce(&mut emulator::rallyhere::RallyHere, &mut Context<'_>) -> T) -> T {
        self.0.with_rallyhere(now, act)
    }
}

/// The account every tab signs in to: two linked platforms, so that its active player can change.
pub(crate) const ACCOUNT: &str = "s3";

pub(crate) fn fails(kind: TransportErrorKind) -> Reply {
    Err(TransportError::new(kind, "simulated"))
}

/// An answer that somebody else gives in the service's place.
pub(crate) fn made_up(answer: Answer, now: u64) -> Reply {
    let html = b"<!doctype html><title>Welcome to our network</title>".to_vec();
    let mut headers = vec![("content-type".to_owned(), "text/html".to_owned()), ("date".to_owned(), http_date(now))];
    let status = match answer {
        Answer::Portal => 200,
        Answer::Redirect => {
            headers.push(("location".into(), "https://portal.example/".into()));
            302
        }
        Answer::Broken(status) => status,
        Answer::Busy(status, wait) => {
            match wait {
                Wait::Untold => {}
                Wait::Seconds(seconds) => headers.push(("retry-after".into(), seconds.to_string())),
                Wait::Date(seconds) => headers.push(("retry-after".into(), http_date(now + seconds * 1_000))),
            }
            status
        }
    };
    Ok(Response { status, headers, body: html })
}

/// How long an answer asks to be left alone, in milliseconds.
pub(crate) fn asked_wait(answer: Answer) -> Option<u64> {
    match answer {
        Answer::Busy(_, Wait::Seconds(seconds)) => Some(seconds * 1_000),
        // A date is told in whole seconds.
        Answer::Busy(_, Wait::Date(seconds)) => Some((seconds * 1_000).saturating_sub(1_000)),
        _ => None,
    }
}

/// The first half of an answer; `told`: the platform notices.
pub(crate) fn cut(reply: Reply, told: bool) -> Reply {
    if told {
        return fails(TransportErrorKind::Truncated);
    }
    reply.map(|mut response| {
        response.body.truncate(response.body.len() / 2);
        response
    })
}

/// Whether the service said, with a code of its table, that this refresh token will never work again.
pub(crate) fn is_terminal(reply: &Reply) -> bool {
    let Ok(response) = reply else { return false };
    if response.status != 403 && response.status != 401 && response.status != 400 {
        return false;
    }
    let body: Option<Value> = serde_json::from_slice(&response.body).ok();
    let code = body.as_ref().and_then(|body| body.get("error_code")?.as_str());
    matches!(code, Some("refresh_token_not_found" | "refresh_token_client_id_mismatch" | "refresh_token_invalid_user"))
}

/// What a rotation mode does with a replaced refresh token, in a word.
pub fn rotation_word(rotation: Rotation) -> String {
    match rotation {
        Rotation::Reusable => "reusable".into(),
        Rotation::Strict => "strict".into(),
        Rotation::Grace(seconds) => format!("grace of {seconds} s"),
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(epoch_ms: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = epoch_ms / 1_000;
    let days = seconds / 86_400;
    // Days from the civil calendar, with years that begin in March.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let name = |list: &'static [&'static str], index: u64| {
        usize::try_from(index).ok().and_then(|index| list.get(index).copied()).unwrap_or_default()
    };
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        name(&DAYS, days % 7),
        name(&MONTHS, month - 1),
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_http_has_it() {
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(1_767_225_600_000), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(http_date(1_709_164_800_000), "Thu, 29 Feb 2024 00:00:00 GMT");
    }
}
