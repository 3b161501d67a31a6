//! RallyHere's JSON as it is on the wire (private), and how its answers become our models and errors.

use serde::{Deserialize, Serialize};

use super::{Code, LoginResult, PlatformAccount, portals};
use crate::Secret;
use crate::error::{Error, ErrorKind, InvalidField};
use crate::http::{Response, parse_rfc3339_ms};
use crate::services::codes::Classification;
use crate::services::loose::LooseText;
use crate::services::{self, Agreements, Restriction};

#[derive(Serialize)]
pub(super) struct LoginBody<'a> {
    pub(super) grant_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) portal_access_token: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) portal_display_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) portal_parent_access_token: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) portal_parent_display_name: &'a str,
    pub(super) include_refresh: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) accept_eula: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) accept_tos: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) accept_privacy_policy: bool,
}

#[derive(Serialize)]
pub(super) struct OauthTokenBody<'a> {
    pub(super) grant_type: &'a str,
    pub(super) code: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) accepted_eula: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) accepted_tos: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) accepted_privacy_policy: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Every field optional: which are needed depends on the grant. `publisher_uuid` and its like are required on the wire
/// but deprecated; a client that refused an answer without them would break on the day they go.
#[derive(Deserialize)]
pub(super) struct LoginAnswer {
    pub(super) access_token: Option<Secret>,
    pub(super) token_type: Option<String>,
    pub(super) expires_in: Option<i64>,
    pub(super) refresh_token: Option<Secret>,
    pub(super) active_player_uuid: Option<String>,
    active_player_id: Option<i64>,
    person_id: Option<String>,
    platform: Option<String>,
    portal_user_id: Option<String>,
    portal_id: Option<i64>,
    display_name: Option<String>,
    role_id: Option<i64>,
    permissions: Option<Vec<String>>,
    restrictions: Option<Vec<WireRestriction>>,
    portal_parent_auth_result: Option<WireParent>,
    client_id: Option<String>,
    platform_environment: Option<String>,
    role_custom_data: Option<Box<serde_json::value::RawValue>>,
    publisher_uuid: Option<String>,
    tenant_uuid: Option<String>,
    config_elector_uuid: Option<String>,
    client_uuid: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireRestriction {
    #[serde(rename = "type")]
    kind: String,
    reason: Option<String>,
    expiration: Option<String>,
}

#[derive(Deserialize)]
struct WireParent {
    platform: Option<String>,
    portal_id: Option<i64>,
    portal_user_id: String,
    display_name: Option<String>,
    platform_environment: Option<String>,
    device_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RestrictionsAnswer {
    pub(super) restrictions: Option<Vec<WireRestriction>>,
}

#[derive(Deserialize)]
pub(super) struct ClientTokenAnswer {
    pub(super) access_token: Secret,
    pub(super) token_type: String,
    pub(super) expires_in: Option<i64>,
    pub(super) permissions: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct OauthTokenAnswer {
    pub(super) access_token: Option<Secret>,
    pub(super) refresh_token: Option<Secret>,
    needs_eula: Option<bool>,
    needs_tos: Option<bool>,
    needs_privacy_policy: Option<bool>,
    pub(super) regenerated_code: Option<Secret>,
    pub(super) restrictions: Option<Vec<WireRestriction>>,
}

/// `HzApiErrorModel`, `LoginCompleteMessage` and `HTTPValidationError` in one: they share no field.
#[derive(Deserialize)]
struct ErrorAnswer {
    error_code: Option<String>,
    needs_eula: Option<bool>,
    needs_tos: Option<bool>,
    needs_privacy_policy: Option<bool>,
    restrictions: Option<Vec<WireRestriction>>,
    detail: Option<Vec<WireInvalid>>,
}

#[derive(Deserialize)]
struct WireInvalid {
    loc: Vec<LooseText>,
    msg: String,
}

fn agreements(eula: Option<bool>, tos: Option<bool>, privacy_policy: Option<bool>) -> Agreements {
    Agreements {
        eula: eula.unwrap_or(false),
        terms_of_service: tos.unwrap_or(false),
        privacy_policy: privacy_policy.unwrap_or(false),
    }
}

impl OauthTokenAnswer {
    /// The agreements that are missing, when that is why there is no token.
    pub(super) fn agreements(&self) -> Agreements {
        agreements(self.needs_eula, self.needs_tos, self.needs_privacy_policy)
    }
}

impl From<WireRestriction> for Restriction {
    fn from(wire: WireRestriction) -> Self {
        // A time we cannot read is not "for ever": it ends at an unknown time, which the far future stands for.
        let expires_at = wire.expiration.map(|text| parse_rfc3339_ms(&text).unwrap_or(FAR_FUTURE_MS));
        Self { kind: wire.kind, reason: wire.reason, expires_at }
    }
}

/// 9999-12-31: shown as "until 9999" rather than wrongly as now or never.
const FAR_FUTURE_MS: u64 = 253_402_214_400_000;

pub(super) fn restrictions(wire: Option<Vec<WireRestriction>>) -> Vec<Restriction> {
    wire.unwrap_or_default().into_iter().map(Restriction::from).collect()
}

impl LoginAnswer {
    /// The model, when the answer has what a player's login must have (rallyhere.md §2.1).
    pub(super) fn into_result(self) -> Option<LoginResult> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Some(LoginResult {
            active_player_uuid: filled(self.active_player_uuid)?,
            person_id: filled(self.person_id)?,
            platform: filled(self.platform)?,
            platform_user_id: filled(self.portal_user_id)?,
            display_name: filled(self.display_name),
            role_id: self.role_id,
            permissions: self.permissions.unwrap_or_default(),
            restrictions: restrictions(self.restrictions),
            parent: self.portal_parent_auth_result.map(|parent| PlatformAccount {
                platform: parent
                    .platform
                    .or_else(|| parent.portal_id.and_then(portals::platform_of).map(str::to_owned)),
                platform_user_id: parent.portal_user_id,
                display_name: filled(parent.display_name),
                platform_environment: parent.platform_environment,
                device_type: parent.device_type,
            }),
            client_id: self.client_id,
            platform_environment: self.platform_environment,
            role_custom_data: self.role_custom_data.map(|raw| raw.get().to_owned()),
            active_player_id: self.active_player_id,
            portal_id: self.portal_id,
            publisher_uuid: self.publisher_uuid,
            tenant_uuid: self.tenant_uuid,
            config_elector_uuid: self.config_elector_uuid,
            client_uuid: self.client_uuid,
        })
    }
}

/// The gate codes are reported at once with a wait of at least a minute (rallyhere.md §3.1).
const GATE_WAIT_MS: u64 = 60_000;

/// The error for an answer that is not a success.
pub(super) fn error(response: &Response, now_ms: u64) -> Error {
    let base = services::from_status(response, now_ms);
    let Ok(answer) = serde_json::from_slice::<ErrorAnswer>(&response.body) else { return base };
    if let Some(details) = answer.detail.filter(|_| response.status == 422) {
        let fields = details.into_iter().map(|field| InvalidField {
            path: field.loc.into_iter().map(LooseText::into_string).collect::<Vec<_>>().join("."),
            message: field.msg,
        });
        return base.with_fields(fields.collect());
    }
    let Some(text) = answer.error_code.filter(|text| !text.is_empty()) else { return base };
    let code = Code::parse(&text);
    let agreements = agreements(answer.needs_eula, answer.needs_tos, answer.needs_privacy_policy);
    let restrictions = restrictions(answer.restrictions);
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
    #[derive(Deserialize)]
    struct Flags {
        auth_success: Option<bool>,
        error_code: Option<String>,
    }
    serde_json::from_slice::<Flags>(body).is_ok_and(|flags| match flags.auth_success {
        Some(success) => !success,
        None => {
            let class = flags.error_code.and_then(|code| Code::parse(&code).classification());
            class == Some(Classification::TokenRejected)
        }
    })
}
