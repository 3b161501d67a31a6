//! Each row of `tests/contracts/xsolla-status.csv`: that state of the service, exactly that code, status and kind.

use emulator::Fault;
use emulator::xsolla::{BANNED_USER_ID, InvalidBearer, MAIN_PROJECT_ID, SHADOW_PROJECT_ID, USER_ID, User};
use playerlink::host::SimHost;
use playerlink::xsolla::server::{CustomIdLogin, LinkByCode, PlatformToken, ServerConfig, XsollaServer};
use playerlink::xsolla::{self, Xsolla, XsollaSession};
use playerlink::{Error, Secret, ServiceCode};

use crate::states;
use crate::support::contract;
use crate::support::world::World;

const UNKNOWN_PROJECT: &str = "00000000-0000-4000-8000-000000000000";

fn path_of(call: &str) -> &'static str {
    match call {
        "login" => "/api/oauth2/login/token",
        "code" | "refresh" | "server_token" => "/api/oauth2/token",
        "create_code" => "/api/users/account/code",
        "profile" => "/api/users/me",
        "custom_id" => "/api/users/login/server_custom_id",
        "link" => "/api/users/account/link",
        other => states::path_of(other).unwrap_or_else(|| panic!("{other} is not a call")),
    }
}

fn limit_of(call: &str) -> &'static str {
    match call {
        "login" => "login_token",
        "profile" => "me",
        "custom_id" => "custom_id",
        other => states::limit_of(other).unwrap_or("token"),
    }
}

fn password() -> Secret {
    Secret::new(emulator::xsolla::PASSWORD)
}

fn client(world: &World, id: &str, redirect_uri: &str) -> Xsolla<SimHost> {
    let config = xsolla::Config::project(MAIN_PROJECT_ID).oauth(id, redirect_uri);
    Xsolla::new(config, world.host.clone()).unwrap()
}

fn xbox(user_id: &str) -> CustomIdLogin {
    CustomIdLogin::new(format!("custom-{user_id}")).social_profile("xbox", user_id)
}

fn sign_in(world: &World, user_id: &str) -> PlatformToken {
    world.run(world.server().login_with_custom_id(&xbox(user_id))).expect("a platform token").token
}

fn linking_code(world: &World, session: &XsollaSession<SimHost>) -> Secret {
    world.run(session.create_linking_code()).expect("a code").code
}

fn link(world: &World, server: &XsollaServer<SimHost>, code: &Secret, user_id: &str) -> Result<(), Error> {
    let link = LinkByCode { code: code.clone(), platform: "xbox".into(), user_id: user_id.into() };
    world.run(server.link_by_code(&link))
}

/// Another main account, signed in.
fn vega(world: &World) -> XsollaSession<SimHost> {
    let user =
        User { username: Some("vega".into()), password: Some(emulator::xsolla::PASSWORD.into()), ..User::default() };
    world.emulator().with_xsolla(world.now(), |xsolla, context| xsolla.put_user(context, user));
    world.run(world.xsolla().login("vega", &password())).expect("the login works")
}

fn fail(world: &World, call: &str, how: &str) -> Error {
    match call {
        "login" => fail_login(world, how),
        "code" | "refresh" => fail_grant(world, call, how),
        "create_code" | "profile" => fail_bearer(world, call, how),
        "server_token" | "custom_id" => fail_custom_id(world, how),
        "link" => fail_link(world, how),
        _ => states::fail(world, call, how),
    }
}

fn fail_login(world: &World, how: &str) -> Error {
    let callback = "https://companion.example/callback";
    let (id, redirect_uri, username, word) = match how {
        "client is not public" => ("58", callback, "nova", password()),
        "client of a shadow project" => ("60", callback, "nova", password()),
        "redirect uri not registered" => ("57", "https://evil.example/callback", "nova", password()),
        "wrong password" => ("57", callback, "nova", "wrong".into()),
        "banned user" => ("57", callback, "banned", password()),
        "unconfirmed user" => ("57", callback, "unconfirmed", password()),
        _ => ("57", callback, "nova", password()),
    };
    if how == "project removed" {
        world.emulator().xsolla_mut().remove_project(MAIN_PROJECT_ID);
    }
    world.run(client(world, id, redirect_uri).login(username, &word)).expect_err(how)
}

fn fail_grant(world: &World, call: &str, how: &str) -> Error {
    let pulled = |world: &World| {
        let mut emulator = world.emulator();
        let xsolla = emulator.xsolla_mut();
        match how {
            "client removed" => assert!(xsolla.remove_client(57)),
            "project removed" => assert!(xsolla.remove_project(MAIN_PROJECT_ID)),
            "refresh token revoked" => xsolla.revoke_user(USER_ID),
            "limit" => {
                xsolla.knobs_mut().requests_per_minute.insert("token".into(), 0);
            }
            _ => {}
        }
    };
    if call == "code" {
        pulled(world);
        return world.run(world.xsolla().complete_oauth(&"unknown".into())).expect_err(how);
    }
    let session = world.nova();
    pulled(world);
    world.run(session.refresh()).expect_err(how)
}

fn fail_bearer(world: &World, call: &str, how: &str) -> Error {
    let nova = world.nova();
    let token = world.run(nova.access_token()).unwrap();
    let session = match how {
        // Without a refresh token: else a new one would be got first.
        "bad bearer" | "bad bearer forbidden" | "bad bearer unprocessable" => {
            world.run(world.xsolla().session_from_token(token.clone())).unwrap()
        }
        "platform token" => world.run(world.xsolla().session_from_token(sign_in(world, "x1"))).unwrap(),
        _ => nova,
    };
    {
        let mut emulator = world.emulator();
        let xsolla = emulator.xsolla_mut();
        xsolla.knobs_mut().invalid_bearer = match how {
            "bad bearer forbidden" => InvalidBearer::Forbidden,
            "bad bearer unprocessable" => InvalidBearer::Unprocessable,
            _ => InvalidBearer::Unauthorized,
        };
        match how {
            "banned user" => assert!(xsolla.ban_user(USER_ID, true)),
            "user deleted" => assert!(xsolla.remove_user(USER_ID)),
            "project removed" => assert!(xsolla.remove_project(MAIN_PROJECT_ID)),
            how if how.starts_with("bad bearer") => assert!(xsolla.revoke_token(token.expose())),
            _ => {}
        }
    }
    if how == "six codes a minute" {
        for _ in 0..5 {
            linking_code(world, &session);
        }
    }
    if call == "profile" {
        return world.run(session.profile()).expect_err(how);
    }
    world.run(session.create_linking_code()).expect_err(how)
}

fn fail_custom_id(world: &World, how: &str) -> Error {
    let server = match how {
        "wrong secret" => {
            let config = ServerConfig::client("59", "wrong").publisher_project_id(44056);
            XsollaServer::new(config, world.host.clone()).unwrap()
        }
        "project unknown" => world.server_with(|config| config.shadow_project_id(UNKNOWN_PROJECT)),
        "standard project with publisher" => {
            world.server_with(|config| config.publisher_project_id(44056).shadow_project_id(MAIN_PROJECT_ID))
        }
        _ => world.server(),
    };
    let mut login = xbox("x1");
    match how {
        "other custom id" => {
            sign_in(world, "x1");
            login = CustomIdLogin::new("another").social_profile("xbox", "x1");
        }
        "banned platform user" => {
            sign_in(world, "x1");
            let mut emulator = world.emulator();
            let id = emulator.xsolla().platform_account(SHADOW_PROJECT_ID, "xbox", "x1").unwrap().id.clone();
            assert!(emulator.xsolla_mut().ban_user(&id, true));
        }
        "project removed" => {
            world.emulator().xsolla_mut().remove_project(MAIN_PROJECT_ID);
        }
        _ => {}
    }
    world.run(server.login_with_custom_id(&login)).expect_err(how)
}

fn fail_link(world: &World, how: &str) -> Error {
    sign_in(world, "x1");
    let nova = world.nova();
    let (mut code, mut user_id, mut server) = (linking_code(world, &nova), "x1", world.server());
    match how {
        "code unknown" => code = "000000".into(),
        "code expired" => world.host.advance_ms(600_000),
        "code used" => link(world, &server, &code, "x1").unwrap(),
        "code superseded" => {
            linking_code(world, &nova);
        }
        "no platform account" => user_id = "nobody",
        "project unknown" => server = world.server_with(|config| config.shadow_project_id(UNKNOWN_PROJECT)),
        "standard project" => server = world.server_with(|config| config.shadow_project_id(MAIN_PROJECT_ID)),
        "strict platforms" => {
            world.emulator().xsolla_mut().knobs_mut().strict_platforms = true;
            let link = LinkByCode { code, platform: "abacus".into(), user_id: "x1".into() };
            return world.run(server.link_by_code(&link)).expect_err(how);
        }
        "linked to another main account" => {
            link(world, &server, &code, "x1").unwrap();
            code = linking_code(world, &vega(world));
        }
        "second account of that platform" => {
            link(world, &server, &code, "x1").unwrap();
            sign_in(world, "x2");
            (code, user_id) = (linking_code(world, &nova), "x2");
        }
        "sixth wrong code" => {
            for _ in 0..5 {
                assert!(link(world, &server, &"999".into(), "x1").is_err());
            }
        }
        _ => {}
    }
    link(world, &server, &code, user_id).expect_err(how)
}

#[test]
fn each_status_of_each_call_is_returned_with_exactly_its_code_and_kind() {
    for [call, status, code, kind, how] in contract::xsolla_rows() {
        let world = World::new();
        let status: u16 = status.parse().unwrap();
        match how {
            // A refused server token is replaced once; the second refusal is final.
            "fault" | "server token always refused" => {
                let times = Some(if status == 401 { 2 } else { 1 });
                let error_code = Some(code.into());
                world.fault(Fault { status: Some(status), error_code, times, ..Fault::on(path_of(call)) });
            }
            "limit" if call != "code" && call != "refresh" => {
                let name = limit_of(call);
                world.emulator().xsolla_mut().knobs_mut().requests_per_minute.insert(name.into(), 0);
            }
            _ => {}
        }
        let error = fail(&world, call, how);
        assert_eq!(error.code().map(ServiceCode::as_str), Some(code), "{call} {how}: {error:?}");
        assert_eq!(error.status(), Some(status), "{call} {how}");
        assert_eq!(error.kind().as_str(), kind, "{call} {how}");
        if status == 429 {
            assert!(error.retry_after_ms().is_some_and(|wait| (1_000..=300_000).contains(&wait)), "{call} {how}");
        } else {
            assert_eq!(error.retry_after_ms(), None, "{call} {how}");
            assert!(matches!(error.code(), Some(ServiceCode::Xsolla(code)) if !matches!(code, xsolla::Code::Other(_))));
        }
        assert!(world.emulator().faults_mut().is_empty(), "{call} {how}");
    }
}

#[test]
fn each_code_of_the_contract_is_typed_and_has_its_kind_and_an_unknown_one_keeps_its_text() {
    let rows = contract::xsolla_codes();
    let table: std::collections::BTreeSet<&str> = xsolla::Code::TABLE.iter().map(|row| row.text).collect();
    assert_eq!(table, rows.iter().map(|[code, ..]| *code).collect());
    for [text, status, kind] in rows {
        let statuses = if status == "?" { vec![400, 422] } else { vec![status.parse().unwrap()] };
        for status in statuses {
            let (error, code) = refused_login(status, text);
            assert_eq!((code.as_str(), matches!(code, xsolla::Code::Other(_))), (text, false));
            let by_status = if status == 422 { "misuse" } else { "protocol" };
            let kind = if kind == "by-status" { by_status } else { kind };
            assert_eq!(error.kind().as_str(), kind, "{text} with {status}");
            assert!(code.player_message().is_some(), "{text}");
        }
    }
    let (_, code) = refused_login(400, "777-777");
    assert_eq!((code.as_str(), code.player_message(), code.classification()), ("777-777", None, None));
}

fn refused_login(status: u16, text: &str) -> (Error, xsolla::Code) {
    let world = World::new();
    world.refuse("/api/oauth2/login/token", status, text);
    let error = world.run(world.xsolla().login("nova", &password())).unwrap_err();
    let Some(ServiceCode::Xsolla(code)) = error.code().cloned() else { panic!("{text}") };
    (error, code)
}

#[test]
fn the_status_decides_about_a_code_that_nobody_knows_or_nobody_explains() {
    let cases = [
        (401, "session-over"),
        (403, "permission"),
        (404, "not-found"),
        (418, "service"),
        (422, "misuse"),
        (500, "service"),
    ];
    for (status, kind) in cases {
        for text in ["777-777", "300-001"] {
            let (error, _) = refused_login(status, text);
            assert_eq!((error.kind().as_str(), error.status()), (kind, Some(status)), "{text}");
        }
    }
}

#[test]
fn a_banned_user_costs_no_refresh() {
    let world = World::new();
    let session = world.nova();
    assert!(world.emulator().xsolla_mut().ban_user(USER_ID, true));
    assert!(world.emulator().xsolla().user(BANNED_USER_ID).is_some());
    world.forget();
    assert!(world.run(session.profile()).is_err());
    assert_eq!(world.take_requests(), ["GET /api/users/me"]);
}

#[test]
fn r07_a_refused_user_token_costs_one_refresh_and_one_replay_in_each_of_its_three_forms() {
    for form in [InvalidBearer::Unauthorized, InvalidBearer::Forbidden, InvalidBearer::Unprocessable] {
        let world = World::new();
        world.emulator().xsolla_mut().knobs_mut().invalid_bearer = form;
        let session = world.nova();
        let token = world.run(session.access_token()).unwrap();
        assert!(world.emulator().xsolla_mut().revoke_token(token.expose()));
        world.forget();
        assert!(world.run(session.profile()).is_ok(), "{form:?}");
        assert_eq!(world.take_requests(), ["GET /api/users/me", "POST /api/oauth2/token", "GET /api/users/me"]);
        world.fault(Fault {
            status: Some(401),
            error_code: Some("002-016".into()),
            times: Some(2),
            ..Fault::on("/api/users/account/code")
        });
        assert!(world.run(session.create_linking_code()).is_err());
        let wanted = ["POST /api/users/account/code", "POST /api/oauth2/token", "POST /api/users/account/code"];
        assert_eq!(world.take_requests(), wanted, "no second replay");
    }
}
