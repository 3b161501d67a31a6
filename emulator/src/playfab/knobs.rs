//! What a developer can turn: the choices the contract leaves open, with its decision as default, and the states of a
//! title that are rare in development.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codes::Code;

/// The switches of the emulated service. In JSON the names are the same; `POST /knobs` changes those it names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knobs {
    /// How long a session ticket lives, in seconds.
    pub ticket_ttl_s: u64,
    /// How long an entity token lives, in seconds.
    pub entity_token_ttl_s: u64,
    /// An unknown session ticket gets `400 InvalidSessionTicket` instead of `401 NotAuthenticated`.
    pub unknown_ticket_is_invalid: bool,
    /// A second account of a platform whose calls list no error for it (Nintendo, Apple, …) gets `AccountAlreadyLinked`
    /// instead of taking the first one's place.
    pub refuse_second_account: bool,
    /// A platform's ticket or code is good once.
    pub single_use_credentials: bool,
    /// New players may come to be; off: `PlayerCreationDisabled`.
    pub player_creation: bool,
    /// So many players and no more: `EvaluationModePlayerCountExceeded`.
    pub player_cap: Option<usize>,
    /// The title takes `PlayerSecret`; off: `PlayerSecretNotConfigured`.
    pub player_secrets: bool,
    /// `EncryptedRequest` is allowed (and fails, because the title has no key); off: `EncryptedRequestNotAllowed`.
    pub encrypted_requests: bool,
    /// `ProfileConstraints` may ask for anything; off: `RequestViewConstraintParamsNotAllowed`.
    pub profile_views: bool,
    /// Two players cannot have one display name: `NameNotAvailable`.
    pub unique_display_names: bool,
    /// Words a display name must not contain: `ProfaneDisplayName`.
    pub profane_words: Vec<String>,
    /// Wrong passwords an account takes in `failed_logins_window_s`, then `FailedLoginAttemptRateLimitExceeded`.
    pub failed_logins: usize,
    /// The window of `failed_logins`, in seconds.
    pub failed_logins_window_s: u64,
    /// How many calls an entity may be the target of, then `APIClientRequestRateLimitExceeded`; no limit when absent.
    pub throttle: Option<Throttle>,
    /// Calls (`Client/LinkSteamAccount`) that answer nothing but that error.
    pub denied_calls: BTreeMap<String, Code>,
}

/// The two buckets of an entity: a short burst and a longer stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Calls in `burst_s`.
    pub burst: usize,
    /// Seconds.
    pub burst_s: u64,
    /// Calls in `sustained_s`.
    pub sustained: usize,
    /// Seconds.
    pub sustained_s: u64,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            ticket_ttl_s: 86_400,
            entity_token_ttl_s: 86_400,
            unknown_ticket_is_invalid: false,
            refuse_second_account: false,
            single_use_credentials: false,
            player_creation: true,
            player_cap: None,
            player_secrets: false,
            encrypted_requests: true,
            profile_views: true,
            unique_display_names: false,
            profane_words: vec!["damn".into()],
            failed_logins: 10,
            failed_logins_window_s: 300,
            throttle: None,
            denied_calls: BTreeMap::new(),
        }
    }
}
