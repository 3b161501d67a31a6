//! Every refusal this service can answer: HTTP status and code together, in one table, and how it is written on the wire.
//!
//! Codes and their statuses come from the contract (§4 and §8); the descriptions are ours, since clients must not match
//! on them.

use serde_json::{Value, json};

use super::knobs::{InvalidBearer, Knobs};
use crate::http::Response;

/// A refusal on its way to the caller.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) description: &'static str,
    /// The parameter it is about, when it is about one.
    property: Option<String>,
    retry_after_s: Option<u64>,
}

impl Failure {
    pub(super) const PARAMETERS: Self = Self::new(400, "0", "Request has invalid parameters.");
    pub(super) const NO_SUCH_CALL: Self = Self::new(404, "404", "There is no such call.");
    pub(super) const TOKEN_INVALID: Self = Self::new(401, "002-016", "Invalid token.");
    pub(super) const TOKEN_INVALID_422: Self = Self::new(422, "002-016", "Invalid token.");
    pub(super) const UNAUTHORISED: Self = Self::new(401, "003-040", "User is not authorised.");
    pub(super) const PARAMETER_INVALID: Self = Self::new(422, "002-027", "Parameter is invalid");
    pub(super) const PARAMETER_MISSING: Self = Self::new(422, "002-028", "Parameter was not passed");
    pub(super) const BANNED: Self = Self::new(401, "002-040", "User is banned.");
    pub(super) const WRONG_PASSWORD: Self = Self::new(401, "003-001", "Wrong username, email or password.");
    pub(super) const USER_NOT_FOUND: Self = Self::new(404, "003-002", "User not found.");
    pub(super) const USERNAME_EXISTS: Self = Self::new(422, "003-003", "User with this username already exists.");
    pub(super) const EMAIL_EXISTS: Self = Self::new(422, "003-004", "User with this email already exists.");
    pub(super) const UNCONFIRMED: Self = Self::new(401, "003-007", "User account is not confirmed.");
    pub(super) const PROJECT_NOT_FOUND: Self = Self::new(404, "003-019", "Project not found.");
    pub(super) const MISCONFIGURED: Self = Self::new(422, "003-022", "The Login project is not set up for this.");
    pub(super) const PROJECT_KIND: Self = Self::new(422, "003-033", "Mismatch of project type.");
    pub(super) const NOT_FOUND: Self = Self::new(404, "003-061", "Object not found.");
    pub(super) const REGISTRATION_CLOSED: Self = Self::new(422, "010-003", "Registration is not allowed.");
    pub(super) const LOGIN_URL_NEEDED: Self = Self::new(422, "010-011", "Several login URLs, none submitted.");
    pub(super) const LOGIN_URL_UNKNOWN: Self = Self::new(422, "010-012", "The login URL is not registered.");
    pub(super) const PLATFORM_REFUSED: Self = Self::new(422, "010-015", "Social network authentication failed");
    pub(super) const ALREADY_LINKED: Self = Self::new(422, "010-016", "The account is already linked to another user.");
    pub(super) const CLIENT_REFUSED: Self = Self::new(400, "010-019", "Client authentication failed.");
    pub(super) const STATE_SHORT: Self = Self::new(400, "010-022", "State is missing or shorter than 8 characters.");
    pub(super) const GRANT_INVALID: Self = Self::new(400, "010-023", "The grant is invalid, expired or revoked.");

    pub(super) const fn new(status: u16, code: &'static str, description: &'static str) -> Self {
        Self { status, code, description, property: None, retry_after_s: None }
    }

    /// HTTP 429. The real code is unknown; `"429"` is the contract's placeholder, and `Retry-After` is always sent.
    pub(super) fn too_many(retry_after_s: u64) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::new(429, "429", "Too many requests.") }
    }

    /// What a missing, broken or expired user token gets; which one the real service uses is undocumented.
    pub(super) fn invalid_bearer(knobs: &Knobs) -> Self {
        match knobs.invalid_bearer {
            InvalidBearer::Unauthorized => Self::TOKEN_INVALID,
            InvalidBearer::Forbidden => Self::new(403, "1901-0001", "Invalid token."),
            InvalidBearer::Unprocessable => Self::new(422, "010-017", "Invalid or expired token."),
        }
    }

    pub(super) fn missing(property: &str) -> Self {
        Self::PARAMETER_MISSING.about(property)
    }

    pub(super) fn invalid(property: &str) -> Self {
        Self::PARAMETER_INVALID.about(property)
    }

    #[must_use]
    pub(super) fn about(mut self, property: &str) -> Self {
        self.property = Some(property.to_owned());
        self
    }

    /// The description as one text.
    pub(super) fn text(&self) -> String {
        match &self.property {
            Some(property) => format!("{}: {property}", self.description.trim_end_matches('.')),
            None => self.description.to_owned(),
        }
    }

    pub(super) fn response(&self, knobs: &Knobs) -> Response {
        let code = if self.code == "0" && knobs.zero_code_as_number { json!(0) } else { json!(self.code) };
        let description = match &self.property {
            Some(property) if knobs.validation_as_array => {
                json!([{ "property": property, "message": self.description }])
            }
            _ => json!(self.text()),
        };
        let response = Response::json(self.status, &envelope(&code, &description));
        match self.retry_after_s {
            Some(seconds) => response.with_header("retry-after", seconds.to_string()),
            None => response,
        }
    }
}

/// The error envelope of this service.
pub(super) fn envelope(code: &Value, description: &Value) -> Value {
    json!({ "error": { "code": code, "description": description } })
}
