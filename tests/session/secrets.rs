//! No secret in any `Debug`, `Display`, log line or error: flows run with canaries in the place of every secret.

use base64::Engine;
use playerlink::host::{SimReply, TransportErrorKind};
use playerlink::http::{Method, Request, Response};
use playerlink::rallyhere::{CompletedOauth, Config, Credential, Leader, OauthLogin, OauthPortal, RallyHere};
use playerlink::xsolla::server::{CustomIdLogin, LinkByCode, ServerConfig, XsollaServer};
use playerlink::xsolla::{self, Xsolla};
use playerlink::{Agreements, Error, Secret};
use serde_json::json;

use crate::support::world::World;

/// In every secret of this file.
const CANARY: &str = "CANARY";

#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn value(&mut self, value: &impl std::fmt::Debug) {
        self.0.push(format!("{value:?}"));
        self.0.push(format!("{value:#?}"));
    }

    fn error(&mut self, error: &Error) {
        self.value(error);
        self.0.push(error.to_string());
        self.0.push(error.message().to_owned());
        for source in std::iter::successors(std::error::Error::source(error), |error| error.source()) {
            self.0.push(source.to_string());
        }
    }

    fn check(&self, world: &World) {
        assert!(self.0.len() > 10);
        for text in self.0.iter().chain(&world.host.log_lines()).chain(&world.host.requests()) {
            assert!(!text.contains(CANARY), "{text}");
        }
    }
}

fn granted() -> String {
    json!({
        "access_token": "CANARY-access", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "CANARY-refresh",
        "active_player_uuid": "p", "person_id": "q", "platform": "Steam", "portal_user_id": "s1",
    })
    .to_string()
}

fn jwt() -> String {
    let part = |value: serde_json::Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "sub": "u-1", "exp": 1_767_229_200, "iat": 1_767_225_600 });
    format!("{}.{}.CANARYsignatures", part(json!({ "alg": "RS256" })), part(claims))
}

/// Answers that say the request back, as a careless gateway would, and answers that fail in every other way.
fn failures() -> Vec<SimReply> {
    let echo = "CANARY-access CANARY-refresh CANARY-ticket CANARY-secret";
    vec![
        SimReply::json(403, &json!({ "error_code": "refresh_token_not_found", "desc": echo }).to_string()),
        SimReply::json(403, &json!({ "error_code": "auth_token_expired", "desc": echo }).to_string()),
        SimReply::json(400, &json!({ "error": { "code": "010-023", "description": echo } }).to_string()),
        SimReply::json(401, &json!({ "error": { "code": "002-016", "description": echo } }).to_string()),
        SimReply::json(500, echo),
        SimReply::json(200, &format!("{{\"access_token\": \"{echo}\", ")),
        SimReply::json(200, &format!("{{\"access_token\": \"{echo}\", \"token_type\": 7}}")),
        SimReply::response(302, vec![("location".into(), format!("https://x/?token={echo}"))], echo),
        SimReply::fails(TransportErrorKind::Network),
        SimReply::fails(TransportErrorKind::BodyTooLarge),
        SimReply::hangs(),
    ]
}

#[test]
fn r32_no_secret_of_a_rallyhere_flow_is_printed() {
    let world = World::new();
    let mut seen = Seen::default();
    let config = Config::base_url("https://demo.rally-here.io").client("game", "CANARY-secret").retries(false);
    let credential = Credential::nintendo_switch("CANARY-ticket").parent_account("CANARY-parent");
    seen.value(&config);
    seen.value(&credential);
    seen.value(&Credential::basic("nova", &"CANARY-password".into()));
    seen.value(&Leader::AccessToken("CANARY-leader".into()));
    seen.value(&Secret::new("CANARY"));
    let rallyhere = RallyHere::new(config, world.host.clone()).unwrap();
    seen.value(&rallyhere);
    for reply in failures() {
        world.intercept(move |_| Some(SimReply::json(200, &granted())));
        let session = world.run(rallyhere.login(credential.clone())).unwrap();
        seen.value(&session);
        seen.value(&session.snapshot());
        seen.value(&session.login_result());
        seen.value(&world.run(rallyhere.client_token()).unwrap());
        world.intercept(move |_| Some(reply.clone()));
        world.host.advance_ms(3_600_000);
        for error in [
            world.run(session.access_token()).err(),
            world.run(session.refresh()).err(),
            world.run(session.verify()).err(),
            world.run(session.link(&"CANARY-leader".into())).err(),
            world.run(rallyhere.login(credential.clone())).err(),
            world.run(rallyhere.client_token()).err(),
            world.run(rallyhere.complete_oauth(&"CANARY-code".into(), Agreements::ALL)).err(),
        ] {
            seen.error(&error.expect("all of these fail"));
        }
        // Free keys and texts: any object is an answer.
        if let Err(error) = world.run(rallyhere.portal_token_details("ps4_v1", &"CANARY-ticket".into())) {
            seen.error(&error);
        }
        world.host.fail_store(true);
        let _ = world.run(session.refresh());
        world.run(session.logout());
        world.host.fail_store(false);
    }
    for (key, _) in world.host.stored() {
        world.host.put(&key, "{\"v\":1,\"CANARY-broken");
    }
    let _ = world.run(rallyhere.restore());
    seen.check(&world);
}

#[test]
fn r32_no_secret_of_a_web_sign_in_is_printed() {
    let world = World::new();
    let mut seen = Seen::default();
    let rallyhere = world.rallyhere();
    seen.value(&OauthLogin { portal: OauthPortal::Steam, redirect_uri: None, state: None });
    for url in [
        "https://x/callback?code=CANARY-code&state=CANARY-state",
        "https://x/callback?error_code_v2=failed_to_verify_state&error_description=CANARY-state",
        "https://x/callback?nothing=CANARY",
    ] {
        match rallyhere.oauth_code(url, None) {
            Ok(code) => seen.value(&code),
            Err(error) => seen.error(&error),
        }
        seen.error(&rallyhere.oauth_code(url, Some("CANARY-other")).unwrap_err());
        match world.xsolla().oauth_code(url, None) {
            Ok(code) => seen.value(&code),
            Err(error) => seen.error(&error),
        }
    }
    world.intercept(|_| Some(SimReply::json(200, r#"{"needs_eula":true,"regenerated_code":"CANARY-code"}"#)));
    let completed = world.run(rallyhere.complete_oauth(&"CANARY-code".into(), Agreements::default())).unwrap();
    seen.value(&completed);
    if let CompletedOauth::NeedsAgreements(_, retry) = completed {
        seen.value(&retry);
    }
    seen.check(&world);
}

#[test]
fn r32_no_secret_of_an_xsolla_flow_is_printed() {
    let world = World::new();
    let mut seen = Seen::default();
    let xsolla = {
        let config = xsolla::Config::project(emulator::xsolla::MAIN_PROJECT_ID).oauth("57", "");
        seen.value(&config);
        Xsolla::new(config, world.host.clone()).unwrap()
    };
    let server = {
        let config = ServerConfig::client("59", "CANARY-secret").publisher_project_id(44056);
        seen.value(&config);
        XsollaServer::new(config, world.host.clone()).unwrap()
    };
    seen.value(&xsolla);
    seen.value(&server);
    let custom_id = CustomIdLogin::new("CANARY-custom-id").social_profile("xbox", "x1");
    let link = LinkByCode { code: "CANARY-code".into(), platform: "xbox".into(), user_id: "x1".into() };
    seen.value(&custom_id);
    seen.value(&link);
    let good = |request: &Request| {
        let token = jwt();
        Some(if request.url.contains("/account/code") {
            SimReply::json(200, "{\"code\":\"CANARY-code\"}")
        } else if request.url.contains("server_custom_id") {
            SimReply::json(200, &json!({ "token": token }).to_string())
        } else {
            let body = json!({ "access_token": token, "token_type": "bearer", "refresh_token": "CANARY-refresh" });
            SimReply::json(200, &body.to_string())
        })
    };
    for reply in failures() {
        world.intercept(good);
        let session = world.run(xsolla.login("nova", &"CANARY-password".into())).unwrap();
        seen.value(&session);
        let code = world.run(session.create_linking_code()).unwrap();
        seen.value(&code);
        seen.value(&code.groups());
        seen.value(&world.run(server.login_with_custom_id(&custom_id)).unwrap());
        world.intercept(move |_| Some(reply.clone()));
        for error in [
            world.run(xsolla.login("nova", &"CANARY-password".into())).err(),
            world.run(xsolla.complete_oauth(&"CANARY-code".into())).err(),
            world.run(xsolla.session_from_token("CANARY.not.a-jwt")).err(),
            world.run(session.refresh()).err(),
            world.run(session.create_linking_code()).err(),
            world.run(session.profile()).err(),
            world.run(server.login_with_custom_id(&custom_id)).err(),
        ] {
            seen.error(&error.expect("all of these fail"));
        }
        if let Err(error) = world.run(server.link_by_code(&link)) {
            seen.error(&error);
        }
        world.run(session.logout());
    }
    seen.check(&world);
}

#[test]
fn r32_a_request_and_a_response_print_neither_query_nor_header_values_nor_bodies() {
    let mut request = Request::new(Method::Post, "https://x/path?session_ticket=CANARY#CANARY");
    request.headers.push(("authorization", "Bearer CANARY".into()));
    request.body = Some(b"CANARY".to_vec());
    let response =
        Response { status: 200, headers: vec![("location".into(), "CANARY".into())], body: b"CANARY".to_vec() };
    let text = format!("{request:?}{request:#?}{response:?}{response:#?}");
    assert!(!text.contains(CANARY), "{text}");
    assert!(text.contains("https://x/path") && text.contains("authorization"), "still of use: {text}");
}

#[test]
fn r40_tokens_travel_in_headers_and_bodies_and_never_in_an_address() {
    let world = World::new();
    let (steam, nova) = (world.steam("s3"), world.nova());
    let mut secrets = vec![world.run(steam.access_token()).unwrap(), world.run(nova.access_token()).unwrap()];
    assert!(world.run(steam.refresh()).is_ok() && world.run(nova.refresh()).is_ok());
    assert!(world.run(steam.verify()).is_ok() && world.run(nova.profile()).is_ok());
    assert!(world.run(steam.enable_cross_progression(None)).is_ok());
    secrets.extend([world.run(steam.access_token()).unwrap(), world.run(nova.access_token()).unwrap()]);
    for (_, text) in world.host.stored() {
        let record: serde_json::Value = serde_json::from_str(&text).unwrap();
        secrets.extend(record["session"]["refresh_token"].as_str().map(Secret::new));
    }
    world.run(steam.logout());
    world.run(nova.logout());
    assert!(secrets.len() >= 6 && world.count() >= 10);
    let mut carried = 0;
    for sent in world.sent() {
        for secret in &secrets {
            let text = secret.expose();
            assert!(!sent.path.contains(text), "{}", sent.path);
            // Xsolla's sign-out is documented with its token in a header; nothing of ours puts one into a query.
            assert!(!sent.query.contains(text), "{} {}", sent.method, sent.path);
            let in_header = sent.headers.iter().any(|(_, value)| value.contains(text));
            carried += usize::from(in_header || String::from_utf8_lossy(&sent.body).contains(text));
        }
    }
    assert!(carried >= 3, "they did travel: {carried}");
}

#[test]
fn r33_the_log_lines_of_one_refresh_bear_its_number() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.fail_store(true);
    assert!(world.run(session.refresh()).is_ok());
    world.host.fail_store(false);
    world.refuse("/users/v1/login", 500, "internal");
    assert!(world.run(session.refresh()).is_err());
    let lines = world.host.log_lines();
    assert!(lines.iter().any(|line| line.starts_with("warn store-failed") && line.ends_with("refresh=1")), "{lines:?}");
    assert!(
        lines.iter().any(|line| line.starts_with("info refresh-failed") && line.ends_with("refresh=2")),
        "{lines:?}"
    );
}
