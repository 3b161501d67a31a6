//! The web sign-in: its address, the way back with a code or an error, the swap for a session.

use emulator::Fault;
use emulator::rallyhere::Platform;
use emulator::rallyhere::{Agreements as Versions, Portal, ProviderState, Restriction};
use playerlink::host::SimReply;
use playerlink::rallyhere::{Code, CompletedOauth, OauthLogin, OauthPortal};
use playerlink::{Agreements, ErrorKind, Secret, ServiceCode};
use serde_json::json;

use crate::support::code;
use crate::support::contract::{self, kind_of_class, variant_of};
use crate::support::world::World;

const STATE: &str = "a/b c&d=é";

/// Follows one address like a browser would, to where it is sent next.
fn follow(world: &World, url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let request = emulator::Request {
        method: "GET".into(),
        path: path[path.find('/').unwrap()..].into(),
        query: query.into(),
        headers: vec![("host".into(), "demo.rally-here.io".into())],
        body: Vec::new(),
    };
    let response = world.emulator().handle(world.now(), request);
    assert_eq!(response.status, 307);
    response.header("location").unwrap().to_owned()
}

fn login(portal: OauthPortal) -> OauthLogin<'static> {
    OauthLogin { portal, redirect_uri: Some("http://localhost:3000/callback"), state: Some(STATE) }
}

/// The whole way through the portal's page with that platform credential; ends at our callback.
fn walk(world: &World, portal: OauthPortal, credential: &str) -> String {
    walk_from(world, &world.rallyhere().oauth_login_url(login(portal)).unwrap(), portal, credential)
}

/// The same from that address.
pub(crate) fn walk_from(world: &World, url: &str, portal: OauthPortal, credential: &str) -> String {
    let page = follow(world, url);
    let Some((_, state)) = page.split_once("oauth/page/").and_then(|(_, rest)| rest.split_once("state=")) else {
        return page;
    };
    let credential = emulator::http::percent_encode(credential);
    let back = format!("https://x/users/v1/oauth/response/{}?state={state}&code={credential}", portal.as_str());
    follow(world, &back)
}

fn code_for(world: &World, portal: OauthPortal, credential: &str) -> Secret {
    let callback = walk(world, portal, credential);
    world.rallyhere().oauth_code(&callback, Some(STATE)).expect("a code")
}

#[test]
fn the_login_address_holds_state_and_redirect_uri_percent_encoded() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let url = rallyhere.oauth_login_url(login(OauthPortal::Steam)).unwrap();
    assert_eq!(
        url,
        "https://demo.rally-here.io/users/v1/oauth/login/steam?state=a%2Fb%20c%26d%3D%C3%A9\
         &redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback"
    );
    let bare = OauthLogin { portal: OauthPortal::Psn, redirect_uri: None, state: None };
    assert_eq!(rallyhere.oauth_login_url(bare).unwrap(), "https://demo.rally-here.io/users/v1/oauth/login/psn");
    let long = "é".repeat(4096);
    assert!(rallyhere.oauth_login_url(OauthLogin { state: Some(&long), ..bare }).is_ok());
    let longer = "é".repeat(4097);
    let error = rallyhere.oauth_login_url(OauthLogin { state: Some(&longer), ..bare }).unwrap_err();
    assert_eq!((error.kind(), world.count()), (ErrorKind::Misuse, 0));
}

#[test]
fn a_web_sign_in_becomes_a_session() {
    let world = World::new();
    let code = code_for(&world, OauthPortal::Xbox, "emu.x1");
    world.forget();
    let accept = Agreements { privacy_policy: true, ..Agreements::default() };
    let completed = world.run(world.rallyhere().complete_oauth(&code, accept)).unwrap();
    let CompletedOauth::SignedIn(session) = completed else { panic!("signed in") };
    assert_eq!(session.player().platform_user_id.as_deref(), Some("x1"));
    let sent = world.sent();
    assert_eq!(
        sent[0].json(),
        json!({ "grant_type": "authorization_code", "code": code.expose(), "accepted_privacy_policy": true })
    );
    assert_eq!(sent[0].header("authorization"), Some("Basic Z2FtZTpnYW1lLXNlY3JldA=="));
    assert_eq!(sent[1].json()["grant_type"], "refresh", "that answer tells neither lifetime nor player");
    assert_eq!(sent.len(), 2);
    assert!(session.login_result().is_some());
}

#[test]
fn missing_agreements_come_with_a_new_code_that_works_after_acceptance() {
    let world = World::new();
    let versions = Versions { eula: Some(1), tos: Some(1), privacy_policy: None };
    world.emulator().rallyhere_mut().require_agreements(versions);
    let code = code_for(&world, OauthPortal::Xbox, "emu.x1");
    let rallyhere = world.rallyhere();
    let completed = world.run(rallyhere.complete_oauth(&code, Agreements::default())).unwrap();
    let CompletedOauth::NeedsAgreements(missing, retry) = completed else { panic!("agreements") };
    assert_eq!(missing, Agreements { eula: true, terms_of_service: true, privacy_policy: false });
    let completed = world.run(rallyhere.retry_oauth(&retry, missing)).unwrap();
    assert!(matches!(completed, CompletedOauth::SignedIn(_)));
    let error = world.run(rallyhere.complete_oauth(&code, missing)).unwrap_err();
    assert_eq!(self::code(&error), "authorization_code_not_found", "the first code was used");
}

#[test]
fn a_code_works_once_and_not_after_it_expired() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    let code = code_for(&world, OauthPortal::Xbox, "emu.x1");
    assert!(world.run(rallyhere.complete_oauth(&code, Agreements::default())).is_ok());
    let late = code_for(&world, OauthPortal::Xbox, "emu.x1");
    world.host.advance_ms(10 * 60_000);
    for code in [code, late, "made up".into()] {
        let error = world.run(rallyhere.complete_oauth(&code, Agreements::default())).unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::PlatformTicket, Some(403)));
        assert_eq!(error.code(), Some(&ServiceCode::RallyHere(Code::AuthorizationCodeNotFound)));
    }
    world.forget();
    let error = world.run(rallyhere.complete_oauth(&"".into(), Agreements::default())).unwrap_err();
    assert_eq!((error.kind(), world.count()), (ErrorKind::Misuse, 0));
}

#[test]
fn a_banned_player_is_restricted_on_the_web_too() {
    let world = World::new();
    let restriction = Restriction { kind: "account_ban".into(), reason: Some("fraud".into()), expiration: None };
    world.emulator().rallyhere_mut().restrict(Platform::XBOX_LIVE, "x1", restriction);
    let code = code_for(&world, OauthPortal::Xbox, "emu.x1");
    let error = world.run(world.rallyhere().complete_oauth(&code, Agreements::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Restricted);
    assert_eq!(error.restrictions()[0].reason.as_deref(), Some("fraud"));
}

#[test]
fn an_empty_success_is_no_success() {
    for body in ["{}", r#"{"access_token":"","refresh_token":"r"}"#, r#"{"access_token":"a"}"#, "null", ""] {
        let world = World::new();
        world.intercept(move |_| Some(SimReply::json(200, body)));
        let error = world.run(world.rallyhere().complete_oauth(&"c".into(), Agreements::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
}

#[test]
fn the_swap_with_wrong_client_credentials_is_a_configuration_error() {
    let world = World::new();
    let wrong = world.rallyhere_as("game", "wrong");
    let error = world.run(wrong.complete_oauth(&"c".into(), Agreements::default())).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("client_credentials_invalid", ErrorKind::Configuration));
    world.fault(Fault { status: Some(401), body: Some(String::new()), ..Fault::on("/users/v1/oauth/token") });
    let error = world.run(world.rallyhere().complete_oauth(&"c".into(), Agreements::default())).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Configuration, Some(401)));
}

#[test]
fn r38_a_foreign_state_is_refused_with_and_without_a_code() {
    let world = World::new();
    let rallyhere = world.rallyhere();
    for url in [
        "http://localhost:3000/callback?code=c&state=other",
        "http://localhost:3000/callback?code=c",
        "http://localhost:3000/callback?code=c#state=mine",
        "http://localhost:3000/callback?error_code_v2=steam_disabled&state=other",
    ] {
        let error = rallyhere.oauth_code(url, Some("mine")).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Misuse, None), "{url}");
    }
    let ok = rallyhere.oauth_code("http://localhost:3000/callback?x=1&code=a%2Bb&state=mine#f", Some("mine")).unwrap();
    assert_eq!(ok.expose(), "a+b");
    for url in ["http://localhost:3000/callback", "http://localhost:3000/callback?code=", ""] {
        assert_eq!(rallyhere.oauth_code(url, None).unwrap_err().kind(), ErrorKind::Misuse, "{url}");
    }
}

#[test]
fn each_login_code_in_the_callback_is_returned_exactly_typed() {
    let world = World::new();
    for [text, _, class] in contract::login_codes() {
        let url = format!(
            "http://localhost:3000/callback?state=s&error_code_v2={text}&error_description=x+y\
             &error_code=ERROR_OCCURRED_DURING_EXCHANGE"
        );
        let error = world.rallyhere().oauth_code(&url, Some("s")).unwrap_err();
        let Some(ServiceCode::RallyHere(typed)) = error.code() else { panic!("{text}") };
        assert_eq!(format!("{typed:?}"), variant_of(text));
        assert_eq!(error.kind().as_str(), kind_of_class(class), "{text}");
    }
}

#[test]
fn the_deprecated_upper_case_codes_are_the_same_words() {
    let world = World::new();
    let cases = [
        ("NO_REDIRECTS_CONFIGURED", "no_redirects_configured", "configuration"),
        ("REDIRECT_URI_DOES_NOT_MATCH", "redirect_uri_does_not_match", "configuration"),
        ("FAILED_TO_VERIFY_STATE", "failed_to_verify_state", "platform-ticket"),
        ("FAILED_TO_SAVE_STATE", "failed_to_save_state", "service"),
        ("FAILED_TO_SAVE_TOKENS", "failed_to_save_tokens", "service"),
        ("ERROR_OCCURRED_DURING_EXCHANGE", "error_occurred_during_exchange", "platform-ticket"),
        ("PORTAL_PROVIDER_DISABLED", "PORTAL_PROVIDER_DISABLED", "platform-disabled"),
        ("NO_CODE_IN_REQUEST", "NO_CODE_IN_REQUEST", "service"),
    ];
    for (text, wanted, kind) in cases {
        let url = format!("http://localhost:3000/callback?error_code={text}&state=s");
        let error = world.rallyhere().oauth_code(&url, Some("s")).unwrap_err();
        assert_eq!((code(&error), error.kind().as_str()), (wanted, kind));
    }
}

#[test]
fn each_code_of_the_web_flow_comes_out_of_its_own_state_of_the_service() {
    use OauthPortal::{Amazon, Apple, Epic, Google, Nintendo, Steam, Twitch, Xbox};
    let cases = [
        ("no_redirects_configured", Steam, "emu.s1"),
        ("redirect_uri_does_not_match", Steam, "emu.s1"),
        ("failed_to_save_state", Steam, "emu.s1"),
        ("error_occurred_during_exchange", Steam, "emu.s1?exchangefail"),
        ("amazon_disabled", Amazon, "emu.z1"),
        ("amazon_token_empty", Amazon, ""),
        ("amazon_invalid_access_token", Amazon, "rubbish"),
        ("amazon_token_exchange_failed", Amazon, "emu.z1?exchangefail"),
        ("twitch_disabled", Twitch, "emu.t1"),
        ("twitch_token_empty", Twitch, ""),
        ("twitch_token_invalid", Twitch, "rubbish"),
        ("twitch_keys_not_available", Twitch, "emu.t1"),
        ("twitch_token_exchange_failed", Twitch, "emu.t1?exchangefail"),
        ("apple_token_exchange_failed", Apple, "emu.a6?exchangefail"),
        ("google_token_exchange_failed", Google, "emu.g1?exchangefail"),
        ("epic_oauth_token_exchange_failed", Epic, "emu.e4?exchangefail"),
        ("nintendo_oauth_env_not_found", Nintendo, "emu.n1"),
        ("nintendo_token_exchange_failed", Nintendo, "emu.n1?exchangefail"),
        ("xbox_access_token_request_failed", Xbox, "emu.x1?idfail"),
        ("xbox_xsts_token_exchange_failed", Xbox, "emu.x1?exchangefail"),
        ("xbox_xtoken_exchange_failed", Xbox, "emu.x1?badkey"),
        ("create_new_user_not_allowed", Steam, "emu.stranger"),
    ];
    for (wanted, portal, credential) in cases {
        let world = World::new();
        {
            let mut emulator = world.emulator();
            let rallyhere = emulator.rallyhere_mut();
            match wanted {
                "no_redirects_configured" => rallyhere.environment_mut().redirects.clear(),
                "redirect_uri_does_not_match" => {
                    rallyhere.environment_mut().strict_redirects = true;
                    rallyhere.environment_mut().redirects = vec!["http://localhost:9/else".into()];
                }
                "failed_to_save_state" => rallyhere.fail_state_store(true),
                "amazon_disabled" => rallyhere.portal_mut(Portal::Amazon).enabled = false,
                "twitch_disabled" => rallyhere.portal_mut(Portal::Twitch).enabled = false,
                "twitch_keys_not_available" => {
                    rallyhere.portal_mut(Portal::Twitch).provider_state = ProviderState::KeysUnavailable;
                }
                "nintendo_oauth_env_not_found" => rallyhere.portal_mut(Portal::Nintendo).oauth_configured = false,
                _ => {}
            }
        }
        let callback = walk(&world, portal, credential);
        let error = world.rallyhere().oauth_code(&callback, Some(STATE)).unwrap_err();
        assert_eq!(code(&error), wanted, "{callback}");
        let class = contract::login_codes().into_iter().find(|row| row[0] == wanted).unwrap()[2];
        assert_eq!(error.kind().as_str(), kind_of_class(class));
    }
}

#[test]
fn a_state_the_service_does_not_know_is_its_typed_error_although_it_cannot_send_ours_back() {
    let world = World::new();
    let callback = follow(&world, "https://x/users/v1/oauth/response/steam?state=unknown&code=emu.s1");
    let error = world.rallyhere().oauth_code(&callback, Some(STATE)).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("failed_to_verify_state", ErrorKind::PlatformTicket));
}
