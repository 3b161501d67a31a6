//! §6.4: every login code that is natural on login is reached by state or by a test credential.

use emulator::rallyhere::{Grant, Platform, Profile, ProviderState};
use serde_json::json;

use crate::world::{World, game};

fn in_state(grant: Grant, state: ProviderState) -> World {
    let mut world = World::base();
    world.service().grant_mut(grant).provider_state = state;
    world
}

#[test]
fn flawed_credentials_end_in_their_codes() {
    let mut world = World::base();
    for (grant, token, code) in [
        ("anon", "", "anon_token_empty"),
        ("basic", "", "basic_token_empty"),
        ("basic", "nova", "basic_auth_incorrect_format"),
        ("basic", ":x", "basic_auth_incorrect_format"),
        ("basic", "nova:", "basic_auth_incorrect_format"),
        ("basic", "nova:wrong", "basic_auth_credentials_not_found"),
        ("apple", "", "apple_token_empty"),
        ("apple", "emu.a?badkey", "apple_token_key_not_valid"),
        ("apple", "eyJ", "apple_token_not_valid"),
        ("google", "", "google_token_empty"),
        ("google", "eyJ", "google_token_not_valid"),
        ("epic", "", "epic_token_empty"),
        ("epic", "v1.emu.e?badkey", "epic_v1_token_key_id_invalid"),
        ("epic", "v1.eyJ", "epic_v1_token_invalid"),
        ("epic", "v2.eyJ", "epic_v2_token_invalid"),
        ("xboxlive", "", "xbox_xsts_token_empty"),
        ("xboxlive", "XBL", "xbox_xsts_token_invalid"),
        ("xboxlive", "emu.x?badkey", "xbox_xtoken_invalid"),
        ("steam", "", "steam_token_empty"),
        ("steam", "1400", "steam_token_invalid"),
        ("steam", "emu.", "steam_token_invalid"),
        ("steam", "emu.s?exchangefail", "steam_token_exchange_failed"),
        ("steam", "emu.s?vacban", "steam_user_vacbanned"),
        ("steam", "emu.s?pubban", "steam_user_publisherbanned"),
        ("steam", "emu.s.Name?offline", "steam_user_offline"),
        ("steam", "emu.s?wrongapp", "steam_token_for_wrong_app"),
        ("ps4_v1", "", "ps4_v1_token_empty"),
        ("ps4_v1", "emu.p?expired", "ps4_v1_token_expired"),
        ("ps4_v1", "emu.p?exchangefail", "ps4_v1_token_exchange_failed"),
        ("ps4_v1", "emu.p?idfail", "ps4_v1_id_token_request_failed"),
        ("ps4_v1", "v3.x", "ps4_v1_id_token_not_valid"),
        ("ps4_v3", "", "ps4_v3_token_empty"),
        ("ps4_v3", "emu.p?idfail", "ps4_v3_id_token_request_failed"),
        ("ps4_v3", "v3.x", "ps4_v3_id_token_not_valid"),
        ("ps5_v3", "", "ps5_v3_token_empty"),
        ("ps5_v3", "emu.p?idfail", "ps5_v3_id_token_request_failed"),
        ("ps5_v3", "v3.x", "ps5_v3_id_token_not_valid"),
        ("nintendo", "", "nintendo_token_empty"),
        ("nintendo_switch", "", "nintendo_token_empty"),
        ("nintendo", "eyJ", "nintendo_access_token_not_valid"),
        ("nintendo", "emu.n?unknownenv", "nintendo_no_environment_matches_env_id"),
        ("nintendo", "emu.n?manyppid", "nintendo_ppid_conversion_too_many_accounts_found"),
        ("nintendo", "emu.n?noppid", "nintendo_ppid_conversion_no_accounts_found"),
        ("nintendo", "emu.n?badkey", "nintendo_ppid_key_not_valid"),
        ("nintendo_switch", "emu.n?noppid", "nintendo_ppid_missing"),
        ("nintendo_switch", "eyJ", "nintendo_service_access_token_not_valid"),
        ("nintendo_switch", "emu.n?wrongapp", "nintendo_service_access_token_for_wrong_app"),
    ] {
        assert_eq!(world.login_code(grant, token), code, "{grant} {token}");
    }
}

#[test]
fn provider_states_end_in_their_codes() {
    for (grant, state, code) in [
        (Grant::Apple, ProviderState::KeysUnavailable, "apple_failed_key_lookup"),
        (Grant::Google, ProviderState::KeysUnavailable, "google_keys_not_available"),
        (Grant::Epic, ProviderState::KeysUnavailable, "epic_v2_keys_not_available"),
        (Grant::Ps4V1, ProviderState::PermissionDenied, "psn_environment_permission_denied"),
        (Grant::Ps5V3, ProviderState::PermissionDenied, "psn_environment_permission_denied"),
        (Grant::Nintendo, ProviderState::CredsMissing, "nintendo_env_credentials_not_found"),
        (Grant::Nintendo, ProviderState::EnvUnknown, "nintendo_no_environment_matches_env_id"),
        (Grant::Nintendo, ProviderState::ClientCredentialsFailed, "nintendo_retrieve_client_credentials_failed"),
        (Grant::Nintendo, ProviderState::ConversionFailed, "nintendo_ppid_conversion_failed"),
        (Grant::NintendoSwitch, ProviderState::ServiceKeyUrlMissing, "nintendo_service_key_url_not_found"),
    ] {
        assert_eq!(in_state(grant, state).login_code(grant.name(), "emu.someone"), code);
    }
}

#[test]
fn a_grant_that_is_off_says_so_by_its_group() {
    let mut world = World::base();
    for (grant, code) in [
        (Grant::Anon, "anon_disabled"),
        (Grant::Google, "google_disabled"),
        (Grant::Apple, "apple_disabled"),
        (Grant::Refresh, "refresh_disabled"),
        (Grant::Epic, "epic_disabled"),
        (Grant::XboxLive, "xbox_disabled"),
        (Grant::Ps4V1, "ps4_v1_disabled"),
        (Grant::Ps4V3, "ps4_v3_disabled"),
        (Grant::Ps5V3, "ps5_v3_disabled"),
        (Grant::Nintendo, "nintendo_disabled"),
        (Grant::NintendoSwitch, "nintendo_disabled"),
        (Grant::Steam, "steam_disabled"),
        (Grant::Basic, "basic_disabled"),
    ] {
        world.service().grant_mut(grant).enabled = false;
        assert_eq!(world.login_code(grant.name(), "emu.x"), code);
    }
}

#[test]
fn the_newest_profile_has_its_own_codes_and_no_nintendo_grant() {
    let mut world = World::new();
    for (grant, token, code) in [
        ("nintendo", "emu.n", "invalid_grant_type"),
        ("rallyhere", "", "developer_api_token_empty"),
        ("rallyhere", "x", "developer_api_token_invalid"),
        ("android_device", "", "android_device_token_empty"),
        ("ios_device", "", "ios_device_token_empty"),
        ("steam", "emu.s?noown", "does_not_meet_ownership_reqs"),
    ] {
        assert_eq!(world.login_code(grant, token), code, "{grant} {token}");
    }
    for (grant, code) in [
        (Grant::RallyHere, "developer_api_disabled"),
        (Grant::AndroidDevice, "android_device_disabled"),
        (Grant::IosDevice, "ios_device_disabled"),
    ] {
        world.service().grant_mut(grant).enabled = false;
        assert_eq!(world.login_code(grant.name(), "x"), code);
    }
}

#[test]
fn every_grant_yields_its_platform_and_portal_id() {
    let mut world = World::new();
    world.service().grant_mut(Grant::Nintendo).supported = Some(true);
    for (grant, token, platform, portal_id) in [
        ("anon", "someone", "Anon", 2),
        ("google", "emu.g", "Google", 13),
        ("apple", "emu.a", "Apple", 24),
        ("epic", "v1.emu.e", "Epic", 28),
        ("xboxlive", "emu.x", "XboxLive", 10),
        ("ps4_v1", "emu.p", "PSN", 9),
        ("ps4_v3", "emu.p", "PSN", 9),
        ("ps5_v3", "emu.p", "PSN", 9),
        ("nintendo", "emu.n", "NintendoNAID", 26),
        ("nintendo_switch", "emu.n", "NintendoSwitch", 22),
        ("steam", "emu.s", "Steam", 5),
        ("basic", "nova:correct horse", "Basic", 11),
        ("rallyhere", "emu.r", "RallyHere", 14),
        ("android_device", "phone-1", "AndroidDevice", 34),
        ("ios_device", "phone-2", "iosDevice", 35),
    ] {
        let (status, _, body) = world.login(grant, token);
        assert_eq!((status, &body["platform"], &body["portal_id"]), (200, &json!(platform), &json!(portal_id)));
    }
    world.service().grant_mut(Grant::Nintendo).ppid_conversion = true;
    assert_eq!(world.login("nintendo", "emu.n").2["platform"], "NintendoPPID");
}

#[test]
fn a_switch_login_answers_the_parent_identity() {
    let mut world = World::new();
    let more = json!({ "portal_parent_access_token": "emu.naid1.Parent", "portal_parent_display_name": "Elder" });
    let (_, _, body) = world.login_with(&game(), "nintendo_switch", "emu.sw1", &more);
    let expected =
        json!({ "platform": "NintendoNAID", "portal_id": 26, "portal_user_id": "naid1", "display_name": "Elder" });
    assert_eq!(body["portal_parent_auth_result"], expected);
    let broken = json!({ "portal_parent_access_token": "eyJ" });
    assert_eq!(world.login_with(&game(), "nintendo_switch", "emu.sw1", &broken).1, "nintendo_access_token_not_valid");
}

#[test]
fn a_single_use_ticket_works_once() {
    let mut world = World::new();
    world.service().environment_mut().single_use_tickets = true;
    assert_eq!(world.login("steam", "emu.s1.Sol").0, 200);
    assert_eq!(world.login_code("steam", "emu.s1.Sol"), "steam_token_invalid");
    assert_eq!(world.login("steam", "emu.s1.Sol?2").0, 200, "another ticket of the same player");
    assert_eq!(world.login("anon", "a").0, 200);
    assert_eq!(world.login("anon", "a").0, 200, "an id is no ticket");
    assert!(world.service().user(Platform::STEAM, "s1").is_some());
}

#[test]
fn credential_rejections_and_only_they_answer_auth_success_false() {
    let mut world = World::new();
    for (grant, token, auth_success) in [
        ("steam", "1400", false),
        ("basic", "nova:wrong", false),
        ("refresh", "rt_x", false),
        ("steam", "emu.s?vacban", true),
        ("steam", "emu.s?wrongapp", true),
        ("google", "emu.g5", true),
    ] {
        assert_eq!(world.login(grant, token).2["auth_success"], auth_success, "{grant} {token}");
    }
    assert_eq!(world.service().environment().profile, Profile::Current);
}
