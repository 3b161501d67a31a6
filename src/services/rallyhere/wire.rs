//! RallyHere's JSON as it is on the wire, and how its answers become our models and errors.

use super::{Code, LoginResult, PlatformAccount, portals};
use crate::error::{Error, ErrorKind, InvalidField, Result};
use crate::http::{Response, parse_rfc3339_ms};
use crate::json::{Field, Json, Need, Object};
use crate::services::codes::Classification;
use crate::services::{self, Agreements, Player, Restriction};

/// Reads the object of a success.
pub(crate) fn understood<T>(response: &Response, read: fn(&Json) -> Option<T>) -> Result<T> {
    read(&services::read_object(response)?).ok_or_else(|| services::not_understood(response))
}

/// The agreements an answer says are missing.
pub(super) fn agreements(answer: &Json) -> Agreements {
    let needs = |name| answer.flag(name).unwrap_or(false);
    Agreements {
        eula: needs("needs_eula"),
        terms_of_service: needs("needs_tos"),
        privacy_policy: needs("needs_privacy_policy"),
    }
}

/// 9999-12-31: shown as "until 9999" rather than wrongly as now or never.
const FAR_FUTURE_MS: u64 = 253_402_214_400_000;

/// The restrictions an answer lists.
pub(crate) fn restrictions(answer: &Json) -> Vec<Restriction> {
    let mut restrictions = Vec::new();
    for item in answer.get("restrictions").items() {
        // A time we cannot read is not "for ever": it ends at an unknown time, which the far future stands for.
        let expires_at = item.get("expiration").as_text().map(|text| parse_rfc3339_ms(text).unwrap_or(FAR_FUTURE_MS));
        if let Some(kind) = item.filled("type") {
            restrictions.push(Restriction { kind, reason: item.text("reason"), expires_at });
        }
    }
    restrictions
}

/// The same for JavaScript.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn restrictions_json(answer: &Json) -> Json {
    Json::List(Json::list_of(&restrictions(answer), |restriction| Some(restriction.to_json())))
}

/// Who the player is, when the answer has what a player's login must have (rallyhere.md §2.1).
pub(super) fn player(answer: &Json) -> Option<Player> {
    Some(Player {
        player_id: answer.filled("active_player_uuid")?,
        person_id: Some(answer.filled("person_id")?),
        platform: Some(answer.filled("platform")?),
        platform_user_id: Some(answer.filled("portal_user_id")?),
        display_name: answer.filled("display_name"),
    })
}

/// The whole model, when the answer has what a player's login must have (rallyhere.md §2.1). Everything else is optional
/// here, also what the page calls required but deprecated: a client that refused an answer without it would break on
/// the day it goes.
pub(super) fn login_result(answer: &Json) -> Option<LoginResult> {
    Some(LoginResult {
        active_player_uuid: answer.filled("active_player_uuid")?,
        person_id: answer.filled("person_id")?,
        platform: answer.filled("platform")?,
        platform_user_id: answer.filled("portal_user_id")?,
        display_name: answer.filled("display_name"),
        role_id: answer.whole("role_id"),
        permissions: answer.texts("permissions"),
        restrictions: restrictions(answer),
        parent: parent(answer),
        client_id: answer.text("client_id"),
        platform_environment: answer.text("platform_environment"),
        role_custom_data: role_custom_data(answer),
        active_player_id: answer.whole("active_player_id"),
        portal_id: answer.whole("portal_id"),
        publisher_uuid: answer.text("publisher_uuid"),
        tenant_uuid: answer.text("tenant_uuid"),
        config_elector_uuid: answer.text("config_elector_uuid"),
        client_uuid: answer.text("client_uuid"),
    })
}

/// The fields of a login's answer and what they are called in JavaScript. Restrictions and parent are not plain.
const PLAIN_FIELDS: [(&str, &str); 15] = [
    ("active_player_uuid", "activePlayerUuid"),
    ("person_id", "personId"),
    ("platform", "platform"),
    ("portal_user_id", "platformUserId"),
    ("display_name", "displayName"),
    ("role_id", "roleId"),
    ("permissions", "permissions"),
    ("client_id", "clientId"),
    ("platform_environment", "platformEnvironment"),
    ("active_player_id", "activePlayerId"),
    ("portal_id", "portalId"),
    ("publisher_uuid", "publisherUuid"),
    ("tenant_uuid", "tenantUuid"),
    ("config_elector_uuid", "configElectorUuid"),
    ("client_uuid", "clientUuid"),
];

/// `LoginResult` for JavaScript, field by field from the answer. A number that JavaScript cannot hold is left out: it
/// would be another one there.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn login_result_json(answer: &Json) -> Json {
    let mut result = Object::new();
    for (name, js_name) in PLAIN_FIELDS {
        let fits = match answer.get(name) {
            Json::Text(_) => !matches!(name, "role_id" | "active_player_id" | "portal_id"),
            Json::Number(_) => answer.whole(name).is_some_and(|n| n.unsigned_abs() <= services::MAX_SAFE_INTEGER),
            Json::List(_) => name == "permissions",
            _ => false,
        };
        if fits {
            result.json(js_name, answer.get(name).clone());
        }
    }
    if answer.get("permissions").items().is_empty() {
        result.json("permissions", Json::List(Vec::new()));
    }
    result.json("restrictions", restrictions_json(answer));
    if let Some(parent) = parent_json(answer) {
        result.json("parent", parent);
    }
    if let Some(data) = role_custom_data(answer) {
        result.text("roleCustomData", &data);
    }
    result.take()
}

fn parent(answer: &Json) -> Option<PlatformAccount> {
    let parent = parent_json(answer)?;
    Some(PlatformAccount {
        platform: parent.text("platform"),
        platform_user_id: parent.text("platformUserId")?,
        display_name: parent.text("displayName"),
        platform_environment: parent.text("platformEnvironment"),
        device_type: parent.text("deviceType"),
    })
}

const PARENT: [Field; 5] = [
    ("platform", "platform", Need::Filled),
    ("portal_user_id", "platformUserId", Need::Needed),
    ("display_name", "displayName", Need::Filled),
    ("platform_environment", "platformEnvironment", Need::Text),
    ("device_type", "deviceType", Need::Text),
];

fn parent_json(answer: &Json) -> Option<Json> {
    let answer = answer.get("portal_parent_auth_result");
    let mut parent = answer.renamed(&PARENT)?;
    if answer.filled("platform").is_none() {
        parent.maybe_text("platform", answer.whole("portal_id").and_then(portals::platform_of));
    }
    Some(parent.take())
}

fn role_custom_data(answer: &Json) -> Option<String> {
    match answer.get("role_custom_data") {
        data @ Json::Object(_) => Some(data.to_text()),
        _ => None,
    }
}

/// The gate codes are reported at once with a wait of at least a minute (rallyhere.md §3.1).
const GATE_WAIT_MS: u64 = 60_000;

/// The error for an answer that is not a success.
pub(super) fn error(response: &Response, now_ms: u64) -> Error {
    let base = services::from_status(response, now_ms);
    let Some(answer) = Json::parse_object(&response.body) else { return base };
    if response.status == 422 && !answer.get("detail").items().is_empty() {
        return base.with_fields(answer.get("detail").items().iter().map(invalid_field).collect());
    }
    let Some(text) = answer.filled("error_code") else { return base };
    let code = Code::parse(&text);
    let agreements = agreements(&answer);
    let restrictions = restrictions(&answer);
    let class = code.classification().or_else(|| guess(response.status, &text, agreements, &restrictions));
    // A status that says "not now" says more than any code.
    let kind = match (base.kind(), class) {
        (ErrorKind::Busy, _) | (_, None) => base.kind(),
        (_, Some(class)) => class.kind(),
    };
    let mut wait = base.retry_after_ms();
    if matches!(code, Code::AuthenticationLimited | Code::AuthenticationLocked) {
        wait = Some(wait.unwrap_or(GATE_WAIT_MS).max(GATE_WAIT_MS));
    }
    let mut error = Error::new(kind, sentence(&code, kind))
        .with_status(response.status)
        .with_request_id(services::request_id(response))
        .with_retry_after_ms(wait)
        .with_restrictions(restrictions)
        .with_code(code);
    if kind == ErrorKind::Agreements {
        error = error.with_agreements(agreements);
    }
    error
}

/// `HzApiErrorModel`, `LoginCompleteMessage` and `HTTPValidationError` share no field; this is of the last.
fn invalid_field(detail: &Json) -> InvalidField {
    let mut path = String::new();
    for (at, step) in detail.get("loc").items().iter().enumerate() {
        if at > 0 {
            path.push('.');
        }
        if let Json::Text(text) | Json::Number(text) = step {
            path.push_str(text);
        }
    }
    InvalidField { path, message: detail.text("msg").unwrap_or_default() }
}

/// What an unknown code most likely means (rallyhere.md §3.1, last paragraph). The order matters.
fn guess(status: u16, code: &str, agreements: Agreements, restrictions: &[Restriction]) -> Option<Classification> {
    if status != 403 {
        return None;
    }
    if agreements.any() {
        return Some(Classification::UserActionAgreements);
    }
    if !restrictions.is_empty() {
        return Some(Classification::Restricted);
    }
    Some(guess_by_name(code))
}

/// What an unknown code most likely means when there is only its name to go by.
pub(super) fn guess_by_name(code: &str) -> Classification {
    let ticket = ["_token_empty", "_token_invalid", "_not_valid", "_expired", "_exchange_failed"];
    if code.ends_with("_disabled") {
        Classification::PlatformDisabled
    } else if ticket.iter().any(|suffix| code.ends_with(suffix)) {
        Classification::RetryWithNewPlatformToken
    } else {
        Classification::Internal
    }
}

fn sentence(code: &Code, kind: ErrorKind) -> String {
    let advice = match kind {
        ErrorKind::Misuse => "fix the call",
        ErrorKind::Configuration => "fix the client's set-up here or in the RallyHere developer portal",
        ErrorKind::Busy => "try again later",
        ErrorKind::PlatformTicket => "get a new ticket from the platform and sign in again",
        ErrorKind::Credentials => "ask the player again",
        ErrorKind::Agreements => "show the agreements, then sign in again with `accept` and a new ticket",
        ErrorKind::Restricted => "show the restriction and when it ends; do not retry",
        ErrorKind::PlatformDisabled => "offer another way to sign in",
        ErrorKind::NotFound => "tell the player",
        ErrorKind::Conflict => "let the player choose",
        ErrorKind::Permission => "check the client's permissions and whose account it is",
        ErrorKind::SessionOver => "sign in again",
        _ => "report it with the code",
    };
    let mut text = String::from("RallyHere answered ");
    text.push_str(code.as_str());
    text.push_str("; ");
    text.push_str(advice);
    text
}

/// Whether the body of a 403 says that the access token was not accepted: `auth_success` is false, or it is missing and
/// the code is one of the bearer check's (rallyhere.md §1.2, §5 number 7).
pub(crate) fn is_auth_rejected(body: &[u8]) -> bool {
    let answer = Json::parse_object(body).unwrap_or(Json::Null);
    answer.flag("auth_success").map_or_else(
        || {
            let class = answer.text("error_code").and_then(|code| Code::parse(&code).classification());
            class == Some(Classification::TokenRejected)
        },
        |success| !success,
    )
}
