//! Login by every grant, its whole answer, client tokens, sign-out, token details and public keys.

use emulator::rallyhere::{Agreements as Versions, Bypass, Platform, Profile, Restriction, Role};
use playerlink::host::SimReply;
use playerlink::rallyhere::{Config, Credential, RallyHere};
use playerlink::{Agreements, ErrorKind, Secret};
use serde_json::{Value, json};

use crate::support::code;
use crate::support::world::{START, World};

const LOGIN: &str = "/users/v1/login";

#[test]
fn each_grant_signs_its_platforms_user_in_and_sends_exactly_its_fields() {
    let accept = Agreements { eula: true, ..Agreements::default() };
    let switch = Credential::nintendo_switch("emu.n1").parent_account("emu.n9").parent_display_name("Parent");
    let cases: Vec<(&str, Credential, &str, Value)> = vec![
        ("anon", Credential::anon("me"), "Anon", json!({ "portal_access_token": "me" })),
        (
            "basic",
            Credential::basic("nova", &"correct horse".into()),
            "Basic",
            json!({ "portal_access_token": "nova:correct horse" }),
        ),
        (
            "steam",
            Credential::steam("emu.s1").display_name("Sol").accept(accept),
            "Steam",
            json!({ "portal_access_token": "emu.s1", "portal_display_name": "Sol", "accept_eula": true }),
        ),
        ("epic", Credential::epic("emu.e4"), "Epic", json!({ "portal_access_token": "emu.e4" })),
        ("google", Credential::google("emu.g1"), "Google", json!({ "portal_access_token": "emu.g1" })),
        ("apple", Credential::apple("emu.a6"), "Apple", json!({ "portal_access_token": "emu.a6" })),
        ("xboxlive", Credential::xbox_live("emu.x1"), "XboxLive", json!({ "portal_access_token": "emu.x1" })),
        ("ps4_v1", Credential::ps4_v1("emu.p3"), "PSN", json!({ "portal_access_token": "emu.p3" })),
        ("ps4_v3", Credential::ps4_v3("emu.p3"), "PSN", json!({ "portal_access_token": "emu.p3" })),
        ("ps5_v3", Credential::ps5_v3("emu.p3"), "PSN", json!({ "portal_access_token": "emu.p3" })),
        (
            "nintendo_switch",
            switch.display_name("Main").into(),
            "NintendoSwitch",
            json!({
                "portal_access_token": "emu.n1", "portal_parent_access_token": "emu.n9",
                "portal_display_name": "Main", "portal_parent_display_name": "Parent",
            }),
        ),
        ("rallyhere", Credential::rallyhere("emu.dev1"), "RallyHere", json!({ "portal_access_token": "emu.dev1" })),
        ("android_device", Credential::android_device("d1"), "AndroidDevice", json!({ "portal_access_token": "d1" })),
        ("ios_device", Credential::ios_device("d1"), "iosDevice", json!({ "portal_access_token": "d1" })),
    ];
    let world = World::new();
    for (grant, credential, platform, mut body) in cases {
        world.forget();
        let session = world.signed_in(credential);
        assert_eq!(session.player().platform.as_deref(), Some(platform), "{grant}");
        let sent = world.sent_to(LOGIN).pop().expect("a login");
        body["grant_type"] = grant.into();
        body["include_refresh"] = true.into();
        assert_eq!(sent.json(), body);
        assert_eq!(sent.header("authorization"), Some("Basic Z2FtZTpnYW1lLXNlY3JldA=="));
        assert_eq!(sent.header("content-type"), Some("application/json"));
        assert_eq!(sent.header("accept"), Some("application/json"));
        assert_eq!((sent.header("x-forwarded-for"), sent.header("user-agent")), (None, None));
        assert_eq!(world.count(), 1, "{grant} takes one request");
    }
}

#[test]
fn the_legacy_nintendo_grant_works_in_the_base_profile() {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().profile = Profile::Base;
    let session = world.signed_in(Credential::nintendo("emu.n1"));
    assert_eq!(session.player().platform.as_deref(), Some("NintendoNAID"));
}

#[test]
fn the_login_result_has_all_that_the_service_told() {
    let world = World::new();
    {
        let mut emulator = world.emulator();
        let rallyhere = emulator.rallyhere_mut();
        rallyhere.set_role(Role {
            role_id: "vip".into(),
            legacy_role_id: 7,
            custom_data: json!({ "tier": 3 }).as_object().unwrap().clone(),
            permissions: vec!["user:player:iterate".into()],
            auth_bypass: Bypass::None,
        });
        rallyhere.assign_role(Platform::XBOX_LIVE, "x1", Some("vip"));
        let expiration = Some(START + 3_600_000);
        let restriction = Restriction { kind: "account_pending_deletion".into(), reason: None, expiration };
        rallyhere.restrict(Platform::XBOX_LIVE, "x1", restriction);
    }
    let session = world.signed_in(Credential::xbox_live("emu.x1"));
    let result = session.login_result().expect("a RallyHere session has one");
    let emulator = world.emulator();
    let user = emulator.rallyhere().user(Platform::XBOX_LIVE, "x1").unwrap();
    let environment = emulator.rallyhere().environment();
    assert_eq!(result.active_player_uuid, user.player_uuid);
    assert_eq!(result.person_id, user.person_id);
    assert_eq!((result.platform.as_str(), result.platform_user_id.as_str()), ("XboxLive", "x1"));
    assert_eq!(result.display_name.as_deref(), Some("Xenia"));
    assert_eq!((result.role_id, result.portal_id), (Some(7), Some(10)));
    assert!(result.active_player_id.is_some_and(|id| id >= 1001));
    let permissions = ["user:player:iterate", "user:restriction:read:self", "user:audit:self"];
    assert_eq!(result.permissions, permissions);
    let [restriction] = result.restrictions.as_slice() else { panic!("one restriction") };
    assert_eq!((restriction.kind.as_str(), restriction.reason.as_deref()), ("account_pending_deletion", None));
    assert_eq!(restriction.expires_at, Some(START + 3_600_000));
    assert_eq!(result.client_id.as_deref(), Some("game"));
    assert_eq!(result.platform_environment.as_deref(), Some("RETAIL"));
    let custom: Value = serde_json::from_str(result.role_custom_data.as_deref().unwrap()).unwrap();
    assert_eq!(custom, json!({ "tier": 3 }));
    assert_eq!(result.publisher_uuid.as_deref(), Some(environment.publisher_uuid.as_str()));
    assert_eq!(result.tenant_uuid.as_deref(), Some(environment.tenant_uuid.as_str()));
    assert_eq!(result.config_elector_uuid.as_deref(), Some(environment.config_elector_uuid.as_str()));
    assert!(result.client_uuid.is_some());
    assert_eq!(result.parent, None);
    let player = session.player();
    assert_eq!(player.player_id, result.active_player_uuid);
    assert_eq!(player.person_id.as_deref(), Some(result.person_id.as_str()));
    assert_eq!(player.display_name(), "Xenia");
}

#[test]
fn the_parent_identity_of_a_two_tier_platform_is_told() {
    let world = World::new();
    let credential = Credential::nintendo_switch("emu.n1").parent_account("emu.n9").parent_display_name("Big N");
    let parent = world.signed_in(credential).login_result().unwrap().parent.expect("a parent");
    assert_eq!(parent.platform.as_deref(), Some("NintendoNAID"));
    assert_eq!((parent.platform_user_id.as_str(), parent.display_name.as_deref()), ("n9", Some("Big N")));
}

#[test]
fn the_base_profile_and_nulls_for_absent_fields_are_understood() {
    for (profile, nulls) in [(Profile::Base, false), (Profile::Base, true), (Profile::Current, true)] {
        let world = World::new();
        {
            let mut emulator = world.emulator();
            let environment = emulator.rallyhere_mut().environment_mut();
            environment.profile = profile;
            environment.emit_nulls = nulls;
        }
        let session = world.steam("s1");
        let result = session.login_result().unwrap();
        assert_eq!(result.client_id.is_some(), profile == Profile::Current);
        assert_eq!(result.platform_environment, None);
        assert_eq!(result.parent, None);
        assert!(world.run(session.refresh()).is_ok());
        assert!(world.run(session.links()).is_ok());
        assert!(world.run(world.rallyhere_as("server", "server-secret").client_token()).is_ok());
        let error = world.run(world.rallyhere().login(Credential::steam("emu.banned1"))).unwrap_err();
        assert_eq!((code(&error), error.kind()), ("user_auth_restricted", ErrorKind::Restricted));
        assert_eq!(error.restrictions().is_empty(), profile == Profile::Base, "only `current` names them");
    }
}

#[test]
fn values_of_tomorrow_survive_and_null_equals_absent() {
    let world = World::new();
    world.intercept(|_| {
        Some(SimReply::json(
            200,
            r#"{"access_token":"a","token_type":"BEARER","expires_in":null,"refresh_token":null,"active_player_uuid":"p",
            "person_id":"q","platform":"MoonBox","portal_user_id":"m1","display_name":"","new_field":{"x":[1]},
            "permissions":null,"restrictions":[{"type":"account_frozen","reason":"moon","expiration":"2026-02-01T00:00:00+01:00"},
            {"type":"account_ban","expiration":null}],"portal_parent_auth_result":{"portal_id":26,"portal_user_id":"n9"},
            "role_custom_data":{"a":1}}"#,
        ))
    });
    let session = world.signed_in(Credential::raw("moonbox", "t", "", ""));
    let result = session.login_result().unwrap();
    assert_eq!((result.platform.as_str(), result.display_name.as_deref()), ("MoonBox", None));
    assert!(result.permissions.is_empty());
    assert_eq!(result.restrictions[0].kind, "account_frozen");
    assert_eq!(result.restrictions[0].expires_at, Some(1_769_900_400_000), "2026-01-31T23:00:00Z");
    assert_eq!(result.restrictions[1].expires_at, None);
    assert_eq!(result.parent.unwrap().platform.as_deref(), Some("NintendoNAID"), "by its portal id");
}

#[test]
fn a_login_answer_without_what_a_session_needs_is_a_protocol_error() {
    let whole = json!({
        "access_token": "a", "token_type": "Bearer", "expires_in": 3600, "active_player_uuid": "p", "person_id": "q",
        "platform": "Steam", "portal_user_id": "s1",
    });
    for name in ["access_token", "token_type", "active_player_uuid", "person_id", "platform", "portal_user_id"] {
        for value in [None, Some(Value::Null), Some("".into())] {
            let world = World::new();
            let mut answer = whole.clone();
            match value.clone() {
                Some(value) => answer[name] = value,
                None => {
                    answer.as_object_mut().unwrap().remove(name);
                }
            }
            world.intercept(move |_| Some(SimReply::json(200, &answer.to_string())));
            let error = world.run(world.rallyhere().login(Credential::steam("t"))).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{name} {value:?}");
        }
    }
}

#[test]
fn agreements_are_accepted_once_and_asked_again_when_they_change() {
    let world = World::new();
    let version = |eula| Versions { eula: Some(eula), tos: None, privacy_policy: None };
    world.emulator().rallyhere_mut().require_agreements(version(1));
    let error = world.run(world.rallyhere().login(Credential::steam("emu.s1"))).unwrap_err();
    let missing = Agreements { eula: true, ..Agreements::default() };
    assert_eq!(error.agreements(), Some(&missing));
    let session = world.signed_in(Credential::steam("emu.s1").accept(missing));
    assert!(world.run(session.refresh()).is_ok(), "acceptance is stored at the service");
    world.emulator().rallyhere_mut().require_agreements(version(2));
    let error = world.run(session.refresh()).unwrap_err();
    assert_eq!((error.kind(), error.agreements()), (ErrorKind::Agreements, Some(&missing)));
    assert!(world.run(session.access_token()).is_ok(), "agreements do not end a session");
}

#[test]
fn a_ban_ends_when_it_expires() {
    let world = World::new();
    let restriction = Restriction {
        kind: "account_ban".into(),
        reason: Some("cheating_observed".into()),
        expiration: Some(START + 60_000),
    };
    world.emulator().rallyhere_mut().restrict(Platform::STEAM, "s1", restriction);
    let error = world.run(world.rallyhere().login(Credential::steam("emu.s1"))).unwrap_err();
    assert_eq!(error.restrictions()[0].expires_at, Some(START + 60_000));
    assert_eq!(error.restrictions()[0].reason.as_deref(), Some("cheating_observed"));
    world.host.advance_ms(60_000);
    assert!(world.run(world.rallyhere().login(Credential::steam("emu.s1"))).is_ok());
}

#[test]
fn the_clients_address_is_sent_only_while_the_service_takes_it() {
    for (address, wanted) in [("2001:db8::1", Some("2001:db8::1")), ("2001:0db8:0000:0000:0000:0000:0000:0001", None)] {
        let world = World::new();
        let config =
            Config::base_url("https://demo.rally-here.io").client("game", "game-secret").client_address(address);
        let rallyhere = RallyHere::new(config, world.host.clone()).unwrap();
        assert!(world.run(rallyhere.login(Credential::steam("emu.s1"))).is_ok());
        assert_eq!(world.sent()[0].header("x-rh-client-addr"), wanted);
    }
}

#[test]
fn a_client_gets_its_own_token_both_ways() {
    let world = World::new();
    let rallyhere = world.rallyhere_as("server", "server-secret");
    let token = world.run(rallyhere.client_token()).unwrap();
    assert_eq!((token.expires_in_ms, token.permissions), (Some(3_600_000), vec!["user:*".to_owned()]));
    assert_eq!(world.sent_to(LOGIN)[0].json(), json!({ "grant_type": "client_credentials" }));
    let token = world.run(rallyhere.oauth_client_token()).unwrap();
    assert!(!token.access_token.is_empty());
    assert_eq!((token.expires_in_ms, token.permissions), (Some(3_600_000), Vec::new()));
    let sent = &world.sent_to("/users/v2/oauth/token")[0];
    assert_eq!(sent.json(), json!({ "grant_type": "client_credentials" }));
    assert!(sent.header("authorization").is_some_and(|value| value.starts_with("Basic ")));
    assert!(world.host.stored().is_empty(), "client tokens are never stored");
}

#[test]
fn wrong_client_credentials_are_a_configuration_error_both_ways() {
    let world = World::new();
    let wrong = world.rallyhere_as("server", "wrong");
    for error in [world.run(wrong.client_token()).unwrap_err(), world.run(wrong.oauth_client_token()).unwrap_err()] {
        assert_eq!((code(&error), error.kind()), ("client_credentials_invalid", ErrorKind::Configuration));
        assert_eq!(error.status(), Some(403));
    }
    world.emulator().rallyhere_mut().client_mut("game").unwrap().allow_client_auth = false;
    let game = world.rallyhere();
    for error in [world.run(game.client_token()).unwrap_err(), world.run(game.oauth_client_token()).unwrap_err()] {
        assert_eq!((code(&error), error.kind()), ("client_auth_disabled", ErrorKind::Configuration));
    }
    world.intercept(|_| Some(SimReply::response(401, Vec::new(), "")));
    let error = world.run(game.oauth_client_token()).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("client_credentials_invalid", ErrorKind::Configuration));
    assert_eq!(error.status(), Some(401));
}

#[test]
fn signing_out_sends_the_refresh_token_once_and_never_again() {
    let world = World::new();
    let session = world.steam("s1");
    world.forget();
    assert!(world.run(session.logout()).revoked);
    let sent = world.sent();
    assert_eq!((sent.len(), sent[0].path.as_str()), (1, "/users/v1/logout"));
    assert!(sent[0].json()["refresh_token"].as_str().is_some_and(|token| token.starts_with("rt_")));
    assert_eq!(sent[0].header("authorization"), None, "logout takes no credentials");
    assert!(!world.run(session.logout()).revoked, "the second time there is nothing to revoke");
    assert_eq!(world.count(), 1);
}

#[test]
fn signing_out_without_a_refresh_token_asks_the_service_nothing() {
    let world = World::new();
    world.intercept(|_| {
        Some(SimReply::json(
            200,
            r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"","active_player_uuid":"p",
            "person_id":"q","platform":"Steam","portal_user_id":"s1"}"#,
        ))
    });
    let session = world.signed_in(Credential::steam("t"));
    world.forget();
    assert!(!world.run(session.logout()).revoked);
    assert_eq!(world.count(), 0);
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionOver);
}

#[test]
fn playstation_tells_the_details_of_a_token() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    for grant in ["ps4_v1", "ps4_v3", "ps5_v3"] {
        let details = world.run(rallyhere.portal_token_details(grant, &"emu.p3.Polaris".into())).unwrap();
        let online_id = details.iter().find(|(name, _)| name == "online_id").map(|(_, value)| value.as_str());
        assert_eq!(online_id, Some("Polaris"), "{grant}");
    }
    let sent = world.sent_to("/users/v1/portaltoken/details");
    assert_eq!(sent[0].header("authorization"), None);
    assert_eq!(sent[0].json(), json!({ "grant_type": "ps4_v1", "portal_access_token": "emu.p3.Polaris" }));
    world.forget();
    let error = world.run(rallyhere.portal_token_details("steam", &"t".into())).unwrap_err();
    assert_eq!((error.kind(), world.count()), (ErrorKind::Misuse, 0));
}

#[test]
fn playstations_details_fail_with_their_own_codes() {
    use emulator::rallyhere::Grant;
    let cases = [
        ("ps4_v1", Grant::Ps4V1, "ps4_v1_token_details_disabled", "platform-disabled"),
        ("ps4_v3", Grant::Ps4V3, "ps4_v3_token_details_disabled", "platform-disabled"),
        ("ps5_v3", Grant::Ps5V3, "ps5_v3_token_details_disabled", "platform-disabled"),
    ];
    for (name, grant, wanted, kind) in cases {
        let world = World::new();
        world.emulator().rallyhere_mut().grant_mut(grant).details_enabled = false;
        let error = world.run(world.rallyhere().portal_token_details(name, &"emu.p3".into())).unwrap_err();
        assert_eq!((code(&error), error.kind().as_str(), error.status()), (wanted, kind, Some(403)));
    }
    let world = World::new();
    let token = Secret::new("emu.p3?idfail");
    let error = world.run(world.rallyhere().portal_token_details("ps4_v1", &token)).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("ps4_v1_token_details_request_failed", ErrorKind::Busy));
}

#[test]
fn public_keys_are_read_as_a_list_and_one_by_one() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let keys = world.run(rallyhere.public_keys()).unwrap();
    assert!(!keys.is_empty());
    for key in &keys {
        assert_eq!(key.kty, "RSA");
        assert_eq!(&world.run(rallyhere.public_key(&key.kid)).unwrap(), key);
    }
    assert!(world.sent().iter().all(|sent| sent.header("authorization").is_none()));
    let error = world.run(rallyhere.public_key("no/such key")).unwrap_err();
    assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::NotFound, Some(404), None));
    assert_eq!(world.sent().last().unwrap().path, "/users/v1/publickeys/no%2Fsuch%20key");
}
