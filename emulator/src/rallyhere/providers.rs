//! What stands in for the platforms: test credentials `emu.<id>[.<name>][?flag…]` and the code each flaw ends in
//! (rallyhere.md §6.3, §6.4). Nothing here talks to a real platform.

use super::platforms::{Grant, Platform, Portal};
use super::state::{GrantConfig, Parent, ProviderState};
use crate::credential::Credential;

/// Who a platform says it is.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub(crate) platform: Platform,
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) owns_game: bool,
    pub(crate) parent: Option<Parent>,
    pub(crate) environment: Option<&'static str>,
}

impl Verified {
    pub(crate) fn plain(platform: Platform, id: String) -> Self {
        Self { platform, id, name: None, owns_game: true, parent: None, environment: None }
    }
}

/// Step 12 of the pipeline: what the game's own set-up with the platform lacks.
pub(crate) fn configuration_flaw(group: &str, grant: Option<Grant>, config: &GrantConfig) -> Option<&'static str> {
    match (group, config.provider_state) {
        ("nintendo", ProviderState::CredsMissing) => Some("nintendo_env_credentials_not_found"),
        ("nintendo", ProviderState::EnvUnknown) => Some("nintendo_no_environment_matches_env_id"),
        ("nintendo", ProviderState::ServiceKeyUrlMissing) if grant == Some(Grant::NintendoSwitch) => {
            Some("nintendo_service_key_url_not_found")
        }
        ("ps4_v1" | "ps4_v3" | "ps5_v3", ProviderState::PermissionDenied) => Some("psn_environment_permission_denied"),
        _ => None,
    }
}

/// Step 13 for the grants that present a platform's credential.
pub(crate) fn verify(grant: Grant, config: &GrantConfig, token: &str, parent_token: &str) -> Result<Verified, String> {
    let Some(platform) = grant.platform() else { return Err("internal_error".into()) };
    if matches!(grant, Grant::Anon | Grant::AndroidDevice | Grant::IosDevice) {
        return Ok(Verified::plain(platform, token.to_owned()));
    }
    let (token, invalid) = pick_verifier(grant, token);
    let keys_gone = config.provider_state == ProviderState::KeysUnavailable;
    match grant {
        Grant::Google if keys_gone => return Err("google_keys_not_available".into()),
        Grant::Apple if keys_gone => return Err("apple_failed_key_lookup".into()),
        Grant::Epic if keys_gone && invalid == "epic_v2_token_invalid" => {
            return Err("epic_v2_keys_not_available".into());
        }
        _ => {}
    }
    let credential = Credential::parse(token).ok_or(invalid)?;
    if let Some(code) = credential.flaw(flaws(grant, invalid)) {
        return Err(code.into());
    }
    if ["expired", "wrongapp", "badkey", "exchangefail"].iter().any(|flag| credential.has(flag)) {
        return Err(invalid.into());
    }
    let platform = match grant {
        Grant::Nintendo => nintendo_platform(config)?,
        _ => platform,
    };
    Ok(Verified {
        platform,
        owns_game: !credential.has("noown"),
        parent: if grant == Grant::NintendoSwitch { nintendo_parent(config, parent_token)? } else { None },
        environment: environment(platform),
        id: credential.id,
        name: credential.name,
    })
}

/// The token without the prefix that picks Epic's verifier (`v1.`, `v2.`), and the code for a broken one.
fn pick_verifier(grant: Grant, token: &str) -> (&str, &'static str) {
    match grant {
        Grant::Epic => match token.strip_prefix("v1.") {
            Some(rest) => (rest, "epic_v1_token_invalid"),
            None => (token.strip_prefix("v2.").unwrap_or(token), "epic_v2_token_invalid"),
        },
        Grant::Google => (token, "google_token_not_valid"),
        Grant::Apple => (token, "apple_token_not_valid"),
        Grant::XboxLive => (token, "xbox_xsts_token_invalid"),
        Grant::Ps4V1 => (token, "ps4_v1_id_token_not_valid"),
        Grant::Ps4V3 => (token, "ps4_v3_id_token_not_valid"),
        Grant::Ps5V3 => (token, "ps5_v3_id_token_not_valid"),
        Grant::Nintendo => (token, "nintendo_access_token_not_valid"),
        Grant::NintendoSwitch => (token, "nintendo_service_access_token_not_valid"),
        Grant::RallyHere => (token, "developer_api_token_invalid"),
        _ => (token, "steam_token_invalid"),
    }
}

/// The code for a credential that was used before.
pub(crate) fn spent_code(grant: Grant, token: &str) -> &'static str {
    pick_verifier(grant, token).1
}

fn flaws(grant: Grant, invalid: &'static str) -> &'static [(&'static str, &'static str)] {
    match grant {
        Grant::Steam => &[
            ("exchangefail", "steam_token_exchange_failed"),
            ("wrongapp", "steam_token_for_wrong_app"),
            ("offline", "steam_user_offline"),
            ("vacban", "steam_user_vacbanned"),
            ("pubban", "steam_user_publisherbanned"),
        ],
        Grant::Apple => &[("badkey", "apple_token_key_not_valid")],
        Grant::Epic if invalid == "epic_v1_token_invalid" => &[("badkey", "epic_v1_token_key_id_invalid")],
        Grant::XboxLive => &[("badkey", "xbox_xtoken_invalid")],
        Grant::Ps4V1 => &[
            ("expired", "ps4_v1_token_expired"),
            ("exchangefail", "ps4_v1_token_exchange_failed"),
            ("idfail", "ps4_v1_id_token_request_failed"),
        ],
        Grant::Ps4V3 => {
            &[("idfail", "ps4_v3_id_token_request_failed"), ("exchangefail", "ps4_v3_id_token_request_failed")]
        }
        Grant::Ps5V3 => {
            &[("idfail", "ps5_v3_id_token_request_failed"), ("exchangefail", "ps5_v3_id_token_request_failed")]
        }
        Grant::Nintendo => &[
            ("unknownenv", "nintendo_no_environment_matches_env_id"),
            ("badkey", "nintendo_ppid_key_not_valid"),
            ("manyppid", "nintendo_ppid_conversion_too_many_accounts_found"),
            ("noppid", "nintendo_ppid_conversion_no_accounts_found"),
        ],
        Grant::NintendoSwitch => &[
            ("unknownenv", "nintendo_no_environment_matches_env_id"),
            ("wrongapp", "nintendo_service_access_token_for_wrong_app"),
            ("badkey", "nintendo_ppid_key_not_valid"),
            ("manyppid", "nintendo_ppid_conversion_too_many_accounts_found"),
            ("noppid", "nintendo_ppid_missing"),
        ],
        _ => &[],
    }
}

fn nintendo_platform(config: &GrantConfig) -> Result<Platform, String> {
    match config.provider_state {
        ProviderState::ClientCredentialsFailed => Err("nintendo_retrieve_client_credentials_failed".into()),
        ProviderState::ConversionFailed => Err("nintendo_ppid_conversion_failed".into()),
        _ if config.ppid_conversion => Ok(Platform::NINTENDO_PPID),
        _ => Ok(Platform::NINTENDO_NAID),
    }
}

/// The Nintendo Account behind a Switch service account, when the client sent one.
fn nintendo_parent(config: &GrantConfig, token: &str) -> Result<Option<Parent>, String> {
    if token.is_empty() {
        return Ok(None);
    }
    let credential = Credential::parse(token).ok_or("nintendo_access_token_not_valid")?;
    let flaws = [
        ("unknownenv", "nintendo_no_environment_matches_env_id"),
        ("badkey", "nintendo_ppid_key_not_valid"),
        ("manyppid", "nintendo_ppid_conversion_too_many_accounts_found"),
        ("noppid", "nintendo_ppid_conversion_no_accounts_found"),
        ("expired", "nintendo_access_token_not_valid"),
        ("wrongapp", "nintendo_access_token_not_valid"),
    ];
    if let Some(code) = credential.flaw(&flaws) {
        return Err(code.into());
    }
    Ok(Some(Parent {
        platform: nintendo_platform(config)?,
        display_name: credential.name.unwrap_or_else(|| credential.id.clone()),
        platform_user_id: credential.id,
    }))
}

/// The environment a platform names in the newest profile.
fn environment(platform: Platform) -> Option<&'static str> {
    match platform {
        Platform::XBOX_LIVE => Some("RETAIL"),
        Platform::PSN => Some("np"),
        Platform::NINTENDO_NAID | Platform::NINTENDO_PPID | Platform::NINTENDO_SWITCH => Some("lp1"),
        _ => None,
    }
}

/// The same for the web flow, whose `code` is a test credential too.
pub(crate) fn verify_portal(portal: Portal, config: &GrantConfig, code: &str) -> Result<Verified, String> {
    let (grant, web_flaws): (Option<Grant>, &[(&str, &str)]) = match portal {
        Portal::Google => (Some(Grant::Google), &[("exchangefail", "google_token_exchange_failed")]),
        Portal::Apple => (Some(Grant::Apple), &[("exchangefail", "apple_token_exchange_failed")]),
        Portal::Epic => (Some(Grant::Epic), &[("exchangefail", "epic_oauth_token_exchange_failed")]),
        Portal::Xbox => (
            Some(Grant::XboxLive),
            &[
                ("idfail", "xbox_access_token_request_failed"),
                ("exchangefail", "xbox_xsts_token_exchange_failed"),
                ("badkey", "xbox_xtoken_exchange_failed"),
            ],
        ),
        Portal::Psn => (Some(Grant::Ps4V3), &[("exchangefail", "error_occurred_during_exchange")]),
        Portal::Nintendo => (Some(Grant::Nintendo), &[("exchangefail", "nintendo_token_exchange_failed")]),
        Portal::Steam => (Some(Grant::Steam), &[("exchangefail", "error_occurred_during_exchange")]),
        Portal::Amazon => (None, &[("exchangefail", "amazon_token_exchange_failed")]),
        Portal::Twitch => (None, &[("exchangefail", "twitch_token_exchange_failed")]),
    };
    let credential = Credential::parse(pick_verifier(Grant::Epic, code).0);
    if let Some(flaw) = credential.as_ref().and_then(|credential| credential.flaw(web_flaws)) {
        return Err(flaw.into());
    }
    if let Some(grant) = grant {
        return verify(grant, config, code, "");
    }
    if portal == Portal::Twitch && config.provider_state == ProviderState::KeysUnavailable {
        return Err("twitch_keys_not_available".into());
    }
    let invalid = if portal == Portal::Amazon { "amazon_invalid_access_token" } else { "twitch_token_invalid" };
    let credential = credential.filter(|one| one.flaw(&[("expired", ""), ("badkey", "")]).is_none());
    let credential = credential.ok_or(invalid)?;
    let mut verified = Verified::plain(portal.platform(), credential.id);
    verified.name = credential.name;
    Ok(verified)
}

/// What `portaltoken/details` knows about a PlayStation credential.
pub(crate) fn details(grant: Grant, config: &GrantConfig, token: &str) -> Result<Vec<(&'static str, String)>, String> {
    let verified = verify(grant, config, token, "").map_err(|code| {
        if code == "ps4_v1_id_token_request_failed" { "ps4_v1_token_details_request_failed".into() } else { code }
    })?;
    Ok(vec![
        ("online_id", verified.name.unwrap_or_else(|| verified.id.clone())),
        ("user_id", verified.id),
        ("env_iss_id", "256".into()),
    ])
}
