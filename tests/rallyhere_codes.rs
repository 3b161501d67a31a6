//! Every RallyHere login code through HTTP: the emulator on a socket, the native host, one login a code. What is expected
//! comes from `tests/contracts`.

#[cfg(test)]
mod support;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use base64::Engine;
    use emulator::rallyhere::{Agreements as Versions, Gate, Grant, Platform, Profile, ProviderState};
    use emulator::{Emulator, Fault, serve};
    use playerlink::rallyhere::{Code, Credential};
    use playerlink::{Agreements, Error, ServiceCode};
    use serde_json::{Map, json};

    use super::support::contract::{self, kind_of_class, variant_of};
    use super::support::served::Served;

    /// Who signs in, and with what.
    struct Attempt {
        client: (&'static str, &'static str),
        credential: Option<Credential>,
    }

    fn attempt(credential: impl Into<Credential>) -> Attempt {
        Attempt { client: ("game", "game-secret"), credential: Some(credential.into()) }
    }

    fn refresh_token(emulator: &mut Emulator) -> String {
        let basic = base64::engine::general_purpose::STANDARD.encode("game:game-secret");
        let body = json!({ "grant_type": "xboxlive", "portal_access_token": "emu.x1", "include_refresh": true });
        let request = emulator::Request {
            method: "POST".into(),
            path: "/users/v1/login".into(),
            headers: vec![("authorization".into(), format!("Basic {basic}"))],
            body: body.to_string().into_bytes(),
            ..emulator::Request::default()
        };
        let response = emulator.handle(serve::now_ms(), request);
        let answer: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        answer["refresh_token"].as_str().unwrap().to_owned()
    }

    /// Brings the service into the state in which it answers with that code by itself (rallyhere.md §6.4), or `None`
    /// when the contract knows no such state for a login.
    fn arrange(emulator: &mut Emulator, code: &str) -> Option<Attempt> {
        if let Some(found) = arrange_core(emulator, code) {
            return Some(found);
        }
        if let Some(found) = arrange_refresh(emulator, code) {
            return Some(found);
        }
        let rallyhere = emulator.rallyhere_mut();
        let raw = |grant: &str, token: &str| attempt(Credential::raw(grant, token, "", ""));
        let grants = [
            ("anon", "anon", Grant::Anon),
            ("google", "google", Grant::Google),
            ("apple", "apple", Grant::Apple),
            ("epic", "epic", Grant::Epic),
            ("xbox", "xboxlive", Grant::XboxLive),
            ("ps4_v1", "ps4_v1", Grant::Ps4V1),
            ("ps4_v3", "ps4_v3", Grant::Ps4V3),
            ("ps5_v3", "ps5_v3", Grant::Ps5V3),
            ("nintendo", "nintendo_switch", Grant::NintendoSwitch),
            ("steam", "steam", Grant::Steam),
            ("basic", "basic", Grant::Basic),
            ("refresh", "refresh", Grant::Refresh),
            ("developer_api", "rallyhere", Grant::RallyHere),
            ("android_device", "android_device", Grant::AndroidDevice),
            ("ios_device", "ios_device", Grant::IosDevice),
        ];
        for (group, name, grant) in grants {
            if code == format!("{group}_disabled") {
                rallyhere.grant_mut(grant).enabled = false;
                return Some(raw(name, "emu.s1"));
            }
            let empty = if group == "xbox" { "xbox_xsts_token_empty".into() } else { format!("{group}_token_empty") };
            if code == empty {
                return Some(raw(name, ""));
            }
        }
        let mut provider = |grant: Grant, state| rallyhere.grant_mut(grant).provider_state = state;
        let switch = |main: &str| attempt(Credential::nintendo_switch(main.to_owned()));
        let parent = |token: &str| attempt(Credential::nintendo_switch("emu.n1").parent_account(token.to_owned()));
        Some(match code {
            "basic_auth_incorrect_format" => attempt(Credential::basic("nova", &"".into())),
            "basic_auth_credentials_not_found" => attempt(Credential::basic("nova", &"wrong".into())),
            "apple_failed_key_lookup" => {
                provider(Grant::Apple, ProviderState::KeysUnavailable);
                attempt(Credential::apple("emu.a6"))
            }
            "apple_token_key_not_valid" => attempt(Credential::apple("emu.a6?badkey")),
            "apple_token_not_valid" => attempt(Credential::apple("rubbish")),
            "google_keys_not_available" => {
                provider(Grant::Google, ProviderState::KeysUnavailable);
                attempt(Credential::google("emu.g1"))
            }
            "google_token_not_valid" => attempt(Credential::google("rubbish")),
            "epic_v1_token_key_id_invalid" => attempt(Credential::epic("v1.emu.e4?badkey")),
            "epic_v1_token_invalid" => attempt(Credential::epic("v1.rubbish")),
            "epic_v2_keys_not_available" => {
                provider(Grant::Epic, ProviderState::KeysUnavailable);
                attempt(Credential::epic("v2.emu.e4"))
            }
            "epic_v2_token_invalid" => attempt(Credential::epic("v2.rubbish")),
            "nintendo_env_credentials_not_found" => {
                provider(Grant::NintendoSwitch, ProviderState::CredsMissing);
                switch("emu.n1")
            }
            "nintendo_no_environment_matches_env_id" => {
                provider(Grant::NintendoSwitch, ProviderState::EnvUnknown);
                switch("emu.n1")
            }
            "nintendo_service_key_url_not_found" => {
                provider(Grant::NintendoSwitch, ProviderState::ServiceKeyUrlMissing);
                switch("emu.n1")
            }
            "nintendo_retrieve_client_credentials_failed" => {
                provider(Grant::NintendoSwitch, ProviderState::ClientCredentialsFailed);
                parent("emu.n9")
            }
            "nintendo_ppid_conversion_failed" => {
                provider(Grant::NintendoSwitch, ProviderState::ConversionFailed);
                parent("emu.n9")
            }
            "nintendo_access_token_not_valid" => parent("rubbish"),
            "nintendo_ppid_conversion_too_many_accounts_found" => parent("emu.n9?manyppid"),
            "nintendo_ppid_conversion_no_accounts_found" => parent("emu.n9?noppid"),
            "nintendo_ppid_missing" => switch("emu.n1?noppid"),
            "nintendo_ppid_key_not_valid" => switch("emu.n1?badkey"),
            "nintendo_service_access_token_not_valid" => switch("rubbish"),
            "nintendo_service_access_token_for_wrong_app" => switch("emu.n1?wrongapp"),
            "ps4_v1_token_expired" => attempt(Credential::ps4_v1("emu.p3?expired")),
            "ps4_v1_token_exchange_failed" => attempt(Credential::ps4_v1("emu.p3?exchangefail")),
            "ps4_v1_id_token_request_failed" => attempt(Credential::ps4_v1("emu.p3?idfail")),
            "ps4_v1_id_token_not_valid" => attempt(Credential::ps4_v1("rubbish")),
            "ps4_v3_id_token_request_failed" => attempt(Credential::ps4_v3("emu.p3?idfail")),
            "ps4_v3_id_token_not_valid" => attempt(Credential::ps4_v3("rubbish")),
            "ps5_v3_id_token_request_failed" => attempt(Credential::ps5_v3("emu.p3?idfail")),
            "ps5_v3_id_token_not_valid" => attempt(Credential::ps5_v3("rubbish")),
            "psn_environment_permission_denied" => {
                provider(Grant::Ps5V3, ProviderState::PermissionDenied);
                attempt(Credential::ps5_v3("emu.p3"))
            }
            "steam_token_exchange_failed" => attempt(Credential::steam("emu.s1?exchangefail")),
            "steam_user_vacbanned" => attempt(Credential::steam("emu.s1?vacban")),
            "steam_user_publisherbanned" => attempt(Credential::steam("emu.s1?pubban")),
            "steam_user_offline" => attempt(Credential::steam("emu.s1?offline")),
            "steam_token_invalid" => attempt(Credential::steam("rubbish")),
            "steam_token_for_wrong_app" => attempt(Credential::steam("emu.s1?wrongapp")),
            "xbox_xsts_token_invalid" => attempt(Credential::xbox_live("rubbish")),
            "xbox_xtoken_invalid" => attempt(Credential::xbox_live("emu.x1?badkey")),
            "does_not_meet_ownership_reqs" => attempt(Credential::steam("emu.s1?noown")),
            "developer_api_token_invalid" => attempt(Credential::rallyhere("rubbish")),
            _ => return None,
        })
    }

    fn arrange_core(emulator: &mut Emulator, code: &str) -> Option<Attempt> {
        let rallyhere = emulator.rallyhere_mut();
        let steam = attempt(Credential::steam("emu.s1"));
        Some(match code {
            "user_auth_restricted" => attempt(Credential::steam("emu.banned1")),
            "user_needs_agreements" => {
                rallyhere.require_agreements(Versions { eula: Some(1), tos: None, privacy_policy: Some(2) });
                steam
            }
            "authentication_limited" => {
                rallyhere.environment_mut().gate = Gate::Limited;
                steam
            }
            "authentication_locked" => {
                rallyhere.environment_mut().gate = Gate::Locked;
                steam
            }
            "client_credentials_invalid" => Attempt { client: ("game", "wrong"), ..steam },
            "too_many_users" => {
                rallyhere.set_ambiguous(Platform::STEAM, "s1", true);
                steam
            }
            "failed_to_retrieve_roles" => {
                rallyhere.assign_role(Platform::STEAM, "s1", Some("gone"));
                steam
            }
            "error_retrieving_player_results" => {
                rallyhere.drop_player(Platform::STEAM, "s1");
                steam
            }
            "invalid_grant_type" => attempt(Credential::nintendo("emu.n1")),
            "user_auth_disabled" => {
                rallyhere.client_mut("game").unwrap().allow_user_auth = false;
                steam
            }
            "client_auth_disabled" => {
                rallyhere.client_mut("game").unwrap().allow_client_auth = false;
                Attempt { credential: None, ..steam }
            }
            _ => return None,
        })
    }

    fn arrange_refresh(emulator: &mut Emulator, code: &str) -> Option<Attempt> {
        Some(match code {
            "refresh_token_not_found" => attempt(Credential::refresh("rt_of_another_world")),
            "refresh_token_invalid_user" => {
                let token = refresh_token(emulator);
                assert!(emulator.rallyhere_mut().delete_user(Platform::XBOX_LIVE, "x1"));
                attempt(Credential::refresh(token))
            }
            "refresh_token_client_id_mismatch" => {
                let token = refresh_token(emulator);
                Attempt { client: ("server", "server-secret"), credential: Some(Credential::refresh(token)) }
            }
            _ => return None,
        })
    }

    async fn fail(served: &Served, attempt: Attempt) -> Error {
        let rallyhere = served.rallyhere(attempt.client.0, attempt.client.1);
        match attempt.credential {
            Some(credential) => rallyhere.login(credential).await.expect_err("a refused login"),
            None => rallyhere.client_token().await.expect_err("a refused client"),
        }
    }

    /// Exactly that variant, text, class, kind and status.
    fn check(error: &Error, code: &str, class: &str) {
        let Some(ServiceCode::RallyHere(typed)) = error.code() else { panic!("{code}: {error:?}") };
        assert_eq!(format!("{typed:?}"), variant_of(code));
        assert_eq!(typed.as_str(), code);
        assert_eq!(typed.classification().map(|class| class.as_str()), Some(class), "{code}");
        assert_eq!(error.kind().as_str(), kind_of_class(class), "{code}");
        assert_eq!(error.status(), Some(403), "{code}");
        assert!(error.player_message().is_some_and(|text| text.ends_with('.')), "{code} has a sentence for players");
        assert!(error.to_string().contains(code), "{error}");
    }

    #[tokio::test]
    async fn each_of_the_116_login_codes_is_returned_exactly_typed_through_http() {
        let served = Served::start().await;
        let mut natural = Vec::new();
        for [code, _, class] in contract::login_codes() {
            let attempt = {
                let mut emulator = served.emulator();
                emulator.reset();
                let found = arrange(&mut emulator, code);
                if found.is_some() {
                    natural.push(code);
                }
                found.unwrap_or_else(|| {
                    let fault =
                        Fault { status: Some(403), error_code: Some(code.into()), ..Fault::on("/users/v1/login") };
                    emulator.faults_mut().push(fault);
                    self::attempt(Credential::steam("emu.s1"))
                })
            };
            let error = fail(&served, attempt).await;
            check(&error, code, class);
            assert_eq!(served.last_code().as_deref(), Some(code), "the service itself said so");
            assert!(served.emulator().faults_mut().is_empty(), "{code}");
            if code != "user_needs_agreements" {
                assert_eq!(error.agreements(), None, "{code}");
            }
            if code != "user_auth_restricted" {
                assert!(error.restrictions().is_empty(), "{code}");
            }
            match code {
                "authentication_limited" | "authentication_locked" => {
                    assert_eq!(error.retry_after_ms(), Some(60_000), "a closed service is not hammered");
                }
                _ => assert_eq!(error.retry_after_ms(), None, "{code}"),
            }
        }
        let base: BTreeSet<_> = contract::base_login_codes().into_iter().map(|[code, ..]| code).collect();
        assert_eq!(natural.iter().filter(|code| base.contains(*code)).count(), 75, "as many as rallyhere.md §6.4 says");
        assert_eq!(natural.len(), 75 + 11);
    }

    #[tokio::test]
    async fn each_of_the_104_base_codes_is_the_same_from_a_service_of_the_base_profile() {
        let served = Served::start().await;
        for [code, _, class] in contract::base_login_codes() {
            let attempt = {
                let mut emulator = served.emulator();
                emulator.reset();
                emulator.rallyhere_mut().environment_mut().profile = Profile::Base;
                arrange(&mut emulator, code).unwrap_or_else(|| {
                    let login = Fault::on("/users/v1/login");
                    let fault = Fault { status: Some(403), error_code: Some(code.into()), ..login };
                    emulator.faults_mut().push(fault);
                    self::attempt(Credential::steam("emu.s1"))
                })
            };
            let error = fail(&served, attempt).await;
            check(&error, code, class);
            assert!(error.restrictions().is_empty(), "the base profile names none");
        }
    }

    #[tokio::test]
    async fn the_missing_agreements_are_exactly_those_the_service_named() {
        let served = Served::start().await;
        for bits in 1..8 {
            let version = |bit: u32| (bits & bit != 0).then_some(1);
            let required = Versions { eula: version(1), tos: version(2), privacy_policy: version(4) };
            {
                let mut emulator = served.emulator();
                emulator.reset();
                emulator.rallyhere_mut().require_agreements(required);
            }
            let wanted =
                Agreements { eula: bits & 1 != 0, terms_of_service: bits & 2 != 0, privacy_policy: bits & 4 != 0 };
            let rallyhere = served.rallyhere("game", "game-secret");
            let error = rallyhere.login(Credential::steam("emu.s1")).await.expect_err("agreements are missing");
            assert_eq!(error.agreements(), Some(&wanted));
            let accepted = Credential::steam("emu.s1").accept(wanted);
            assert!(rallyhere.login(accepted).await.is_ok(), "accepted: {wanted:?}");
        }
    }

    #[tokio::test]
    async fn a_banned_player_sees_the_restriction_and_its_end() {
        let served = Served::start().await;
        let before = serve::now_ms() / 1000 * 1000;
        let error = fail(&served, attempt(Credential::steam("emu.banned1"))).await;
        let [ban] = error.restrictions() else { panic!("one restriction") };
        assert_eq!((ban.kind.as_str(), ban.reason.as_deref()), ("account_ban", Some("cheating_observed")));
        let week = 7 * 24 * 3600 * 1000;
        let end = ban.expires_at.expect("a temporary ban");
        assert!((before + week..=serve::now_ms() + week).contains(&end), "{end}");
        let error = fail(&served, attempt(Credential::google("emu.g5"))).await;
        assert!(
            matches!(error.restrictions(), [ban] if ban.expires_at.is_some() || ban.reason.as_deref() == Some("other"))
        );
    }

    #[tokio::test]
    async fn an_unknown_code_keeps_its_text_and_follows_the_fallback_rules_in_their_order() {
        let served = Served::start().await;
        let ban = json!([{ "type": "account_ban" }]);
        let cases = [
            ("new_thing_disabled", json!({ "needs_tos": true, "restrictions": ban }), "agreements"),
            ("new_thing_disabled", json!({ "restrictions": ban }), "restricted"),
            ("new_thing_disabled", json!({}), "platform-disabled"),
            ("moonbox_token_empty", json!({}), "platform-ticket"),
            ("moonbox_token_invalid", json!({}), "platform-ticket"),
            ("moonbox_v9_not_valid", json!({}), "platform-ticket"),
            ("moonbox_token_expired", json!({}), "platform-ticket"),
            ("moonbox_exchange_failed", json!({}), "platform-ticket"),
            ("moonbox_exploded", json!({}), "service"),
            ("STEAM_TOKEN_INVALID", json!({}), "service"),
        ];
        for (code, extra, kind) in cases {
            let fields: Map<_, _> = extra.as_object().unwrap().clone();
            let login = Fault::on("/users/v1/login");
            served.emulator().faults_mut().push(Fault {
                status: Some(403),
                error_code: Some(code.into()),
                fields,
                ..login
            });
            let error = fail(&served, attempt(Credential::steam("emu.s1"))).await;
            assert_eq!(error.code(), Some(&ServiceCode::RallyHere(Code::Other(code.into()))));
            assert_eq!(error.code().and_then(ServiceCode::classification), None);
            assert_eq!(error.kind().as_str(), kind, "{code} {extra}");
            assert_eq!(error.player_message(), None);
            assert_eq!(error.agreements().is_some(), kind == "agreements");
        }
    }

    #[tokio::test]
    async fn a_401_on_login_means_the_client_credentials_whatever_its_body() {
        let served = Served::start().await;
        for body in [Some("<html>401</html>"), Some(""), Some("{\"error_code\":\"never_heard_of\"}"), None] {
            let login = Fault::on("/users/v1/login");
            let fault = Fault { status: Some(401), body: body.map(str::to_owned), ..login };
            let fault = match body {
                None => Fault { error_code: Some("client_credentials_invalid".into()), ..fault },
                Some(_) => fault,
            };
            served.emulator().faults_mut().push(fault);
            let error = fail(&served, attempt(Credential::steam("emu.s1"))).await;
            assert_eq!((error.kind().as_str(), error.status()), ("configuration", Some(401)), "{body:?}");
        }
    }

    #[test]
    fn the_table_has_every_code_of_the_contract_and_no_other() {
        let mut wanted: BTreeSet<&str> = contract::login_codes().into_iter().map(|[code, ..]| code).collect();
        assert_eq!(wanted.len(), 116);
        wanted.extend(contract::other_codes().into_iter().map(|[code, ..]| code));
        let table: BTreeSet<&str> = Code::TABLE.iter().map(|row| row.text).collect();
        assert_eq!(table, wanted);
        assert_eq!(table.len(), Code::TABLE.len(), "no code twice");
    }

    #[test]
    fn each_row_has_the_contracts_class_and_a_variant_of_its_name() {
        let mut classes: BTreeMap<&str, &str> = BTreeMap::new();
        for [code, _, class] in contract::login_codes() {
            classes.insert(code, class);
        }
        for [code, _, _, class, _] in contract::other_codes() {
            let known = *classes.entry(code).or_insert(class);
            assert_eq!(known, class, "{code} has one class in all tables");
        }
        let mut numbers = BTreeSet::new();
        for row in Code::TABLE {
            assert_eq!(Some(&row.classification.as_str()), classes.get(row.text), "{}", row.text);
            assert_eq!(format!("{:?}", row.code), variant_of(row.text));
            assert!(numbers.insert(row.number), "{} has another code's number", row.text);
        }
    }

    #[test]
    fn the_contracts_own_invariants_hold() {
        let base: BTreeSet<_> = contract::base_login_codes().into_iter().map(|[code, ..]| code).collect();
        let rows: Vec<_> = Code::TABLE.iter().filter(|row| base.contains(row.text)).collect();
        let mut per_class: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &rows {
            *per_class.entry(row.classification.as_str()).or_default() += 1;
        }
        let wanted = [
            ("retry_with_new_platform_token", 48),
            ("platform_disabled", 17),
            ("configuration", 10),
            ("internal", 10),
            ("retry_later", 6),
            ("session_expired", 4),
            ("restricted", 3),
            ("user_action_credentials", 3),
            ("not_linked_or_unknown", 2),
            ("user_action_agreements", 1),
        ];
        assert_eq!(per_class, BTreeMap::from(wanted));
        for row in &rows {
            let class = row.classification.as_str();
            assert_eq!(row.text.ends_with("_disabled"), class == "platform_disabled", "{}", row.text);
            assert!(class != "session_expired" || row.text.starts_with("refresh_"), "{}", row.text);
        }
        let mut per_group: BTreeMap<&str, usize> = BTreeMap::new();
        for [_, group, _] in contract::base_login_codes() {
            *per_group.entry(group).or_default() += 1;
        }
        let wanted = [
            ("nintendo", 16),
            ("core", 10),
            ("ps4_v1", 8),
            ("steam", 8),
            ("epic", 7),
            ("xbox", 7),
            ("oauth", 6),
            ("apple", 6),
            ("google", 5),
            ("ps4_v3", 5),
            ("ps5_v3", 5),
            ("refresh", 5),
            ("twitch", 5),
            ("amazon", 4),
            ("basic", 4),
            ("anon", 2),
            ("psn", 1),
        ];
        assert_eq!(per_group, BTreeMap::from(wanted));
    }
}
