//! What a developer can turn: every choice the contract leaves open (§8 and §10), with the contract's decision as default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The switches of the emulated service. In JSON the names are the same; `PATCH /knobs` changes those it names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knobs {
    /// What a missing, broken or expired user token gets.
    pub invalid_bearer: InvalidBearer,
    /// How long a linking code lives, in seconds.
    pub code_ttl_s: u64,
    /// How many decimal digits a linking code has.
    pub code_digits: usize,
    /// A new linking code leaves the user's earlier ones alive.
    pub keep_earlier_codes: bool,
    /// Linking codes a user may create in 60 s.
    pub codes_per_minute: usize,
    /// Wrong linking codes a platform account may submit in `wrong_codes_window_s`.
    pub wrong_codes: usize,
    /// The window of `wrong_codes`, in seconds.
    pub wrong_codes_window_s: u64,
    /// Linking creates a platform account that does not exist instead of answering `404 003-002`.
    pub auto_create_platform_account: bool,
    /// Linking accepts `steam`, `xbox`, `epicgames` and `psn` only.
    pub strict_platforms: bool,
    /// A main account holds at most one account of a platform.
    pub one_account_per_platform: bool,
    /// A linked platform account's token keeps the shadow project in `xsolla_login_project_id`.
    pub keep_shadow_project_id: bool,
    /// Platform accounts linked by code are listed in `/users/me/social_providers`.
    pub list_linked_in_social_providers: bool,
    /// The token-exchange grant answers instead of `400 010-019`.
    pub token_exchange: bool,
    /// What becomes of a refresh token once it was used.
    pub refresh_reuse: RefreshReuse,
    /// Reuse of a refresh token also revokes its successors.
    pub reuse_revokes_successors: bool,
    /// `error.code` `0` is a JSON number.
    pub zero_code_as_number: bool,
    /// `error.description` is an array of `{property, message}` where one parameter is at fault.
    pub validation_as_array: bool,
    /// New users may register.
    pub registration: bool,
    /// Custom-id authentication tells `is_new`.
    pub tell_is_new: bool,
    /// Requests a call answers in 60 s, by the call's name (`token`, `link`, …); a call not named has no limit.
    pub requests_per_minute: BTreeMap<String, usize>,
}

/// The status of an answer to a bad user token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidBearer {
    /// `401 002-016`.
    Unauthorized,
    /// `403 1901-0001`.
    Forbidden,
    /// `422 010-017`.
    Unprocessable,
}

/// What becomes of a refresh token once it was used. Every mode answers with a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshReuse {
    /// It stays good until it expires.
    Reusable,
    /// It is dead at once: `400 010-023`.
    RotateStrict,
    /// It stays good for some seconds.
    RotateGrace { seconds: u64 },
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            invalid_bearer: InvalidBearer::Unauthorized,
            code_ttl_s: 600,
            code_digits: 6,
            keep_earlier_codes: false,
            codes_per_minute: 5,
            wrong_codes: 5,
            wrong_codes_window_s: 600,
            auto_create_platform_account: false,
            strict_platforms: false,
            one_account_per_platform: true,
            keep_shadow_project_id: false,
            list_linked_in_social_providers: false,
            token_exchange: false,
            refresh_reuse: RefreshReuse::RotateStrict,
            reuse_revokes_successors: false,
            zero_code_as_number: false,
            validation_as_array: false,
            registration: true,
            tell_is_new: true,
            requests_per_minute: BTreeMap::new(),
        }
    }
}
