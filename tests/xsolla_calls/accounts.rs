//! Registration, device and social sign-in, social links, the launcher's hand-off and what comes back by redirect.

use emulator::Fault;
use emulator::xsolla::{MAIN_PROJECT_ID, Social, TicketOrder, USER_ID};
use playerlink::xsolla::{
    Config, DeviceKind, Jwt, LAUNCHER_ARGUMENT, Oauth, Protocol, Registration, SignIn, SocialToken, Xsolla,
};
use playerlink::{ErrorKind, SessionOverReason};
use serde_json::json;

use crate::bench::{CALLBACK, asked, minted, session_of};
use crate::support::code;
use crate::support::world::World;

const HOUR: u64 = 3_600_000;

fn protocols() -> [Protocol; 2] {
    [Jwt::new().login_url(CALLBACK).into(), Oauth::new().into()]
}

fn vega() -> Registration {
    Registration::new("vega", "long enough", "vega@example.com")
}

#[test]
fn a_registration_signs_the_new_account_in_by_either_protocol() {
    for (protocol, path) in protocols().into_iter().zip(["/api/user", "/api/oauth2/user"]) {
        let world = World::new();
        let registration = vega().accept_consent(true).promo_emails(false);
        let session = session_of(world.run(world.xsolla().register(registration, protocol)).unwrap());
        assert_eq!(world.run(session.profile()).unwrap().username.as_deref(), Some("vega"));
        let sent = world.sent_to(path).pop().unwrap();
        let wanted = json!({ "username": "vega", "password": "long enough", "email": "vega@example.com",
            "accept_consent": true, "promo_email_agreement": 0 });
        assert_eq!((sent.method, sent.json()), ("POST", wanted));
        world.host.advance_ms(25 * HOUR);
        assert_eq!(world.run(session.access_token()).is_ok(), path.contains("oauth2"));
    }
}

#[test]
fn a_password_signs_in_by_either_protocol_and_only_oauth_can_be_refreshed() {
    for (protocol, path) in protocols().into_iter().zip(["/api/login", "/api/oauth2/login"]) {
        let world = World::new();
        let password = emulator::xsolla::PASSWORD.into();
        let session = session_of(world.run(world.xsolla().password_login("nova", &password, protocol)).unwrap());
        assert_eq!(session.player().player_id, USER_ID);
        let sent = world.sent_to(path).pop().unwrap();
        let wanted = json!({ "username": "nova", "password": emulator::xsolla::PASSWORD });
        assert_eq!((sent.method, sent.json()), ("POST", wanted));
        world.host.advance_ms(25 * HOUR);
        assert_eq!(world.run(session.access_token()).is_ok(), path.contains("oauth2"));
        for (name, password) in [("nova", "wrong"), ("", "p"), ("nova", "")] {
            let error = world
                .run(world.xsolla().password_login(name, &password.into(), Jwt::new().login_url(CALLBACK)))
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credentials);
        }
    }
}

#[test]
fn a_registration_that_must_be_confirmed_is_a_result_and_no_session() {
    let world = World::new();
    world.emulator().with_xsolla(world.now(), |xsolla, context| {
        let project = xsolla.project(MAIN_PROJECT_ID).unwrap().clone();
        xsolla.put_project(context, emulator::xsolla::Project { confirm_email: true, ..project });
    });
    let came = world.run(world.xsolla().register(vega(), Oauth::new())).unwrap();
    assert!(matches!(came, SignIn::NeedsEmailConfirmation), "{came:?}");
    assert!(world.host.stored().is_empty());
}

#[test]
fn what_a_player_typed_over_the_limits_is_not_sent() {
    let world = World::new();
    let long = "é".repeat(256);
    for (username, password, email) in [
        ("", "123456", "e"),
        (long.as_str(), "123456", "e"),
        ("u", "12345", "e"),
        ("u", &"p".repeat(101), "e"),
        ("u", "123456", ""),
        ("u", "123456", long.as_str()),
    ] {
        let registration = Registration::new(username, password, email);
        let error = world.run(world.xsolla().register(registration, Oauth::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
    }
    for (model, id) in [("", "d"), ("Pixel", "")] {
        let device = world.xsolla();
        let error = world.run(device.device_login(DeviceKind::Android, model, &id.into(), Oauth::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse);
    }
    for (network, token) in [("", "t"), ("google", "")] {
        let error =
            world.run(world.xsolla().social_token_login(network, SocialToken::new(token), Jwt::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse);
    }
    assert_eq!(world.count(), 0);
}

#[test]
fn a_device_is_the_same_player_each_time() {
    let world = World::new();
    let mut players = Vec::new();
    for (kind, id) in [(DeviceKind::Android, "d1"), (DeviceKind::Android, "d1"), (DeviceKind::Ios, "d1")] {
        let login = world.run(world.xsolla().device_login(kind, "Pixel 9", &id.into(), Oauth::new())).unwrap();
        let session = session_of(login);
        assert!(world.run(session.refresh()).is_ok());
        players.push(session.player().player_id);
    }
    assert_eq!(players[0], players[1]);
    assert_ne!(players[1], players[2], "another kind of device");
    let sent = world.sent_to("/api/oauth2/login/device/android").pop().unwrap();
    assert_eq!(sent.json(), json!({ "device": "Pixel 9", "device_id": "d1" }));
}

#[test]
fn a_social_networks_token_signs_in_by_either_protocol() {
    let world = World::new();
    let token = minted(&world, TicketOrder::new("discord", "d-7"));
    let mut players = Vec::new();
    for protocol in protocols() {
        let token = SocialToken::new(token.text().unwrap()).secret("second half").openid("o");
        let session = session_of(world.run(world.xsolla().social_token_login("discord", token, protocol)).unwrap());
        let player = session.player();
        assert_eq!((player.platform.as_deref(), player.platform_user_id.as_deref()), (Some("discord"), Some("d-7")));
        players.push(player.player_id);
    }
    assert_eq!(players[0], players[1]);
    for path in ["/api/social/discord/login_with_token", "/api/oauth2/social/discord/login_with_token"] {
        let sent = world.sent_to(path).pop().unwrap().json();
        let names: Vec<_> = sent.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["access_token", "access_token_secret", "openid"]);
    }
}

#[test]
fn social_links_are_listed_added_at_an_address_and_removed() {
    let world = World::new();
    let session = world.nova();
    assert_eq!(world.run(session.social_links()).unwrap(), []);
    let google = Social {
        provider: "google".into(),
        social_id: "g-1".into(),
        nickname: Some("Nova G".into()),
        ..Social::default()
    };
    world.emulator().xsolla_mut().user_mut(USER_ID).unwrap().social.push(google);
    let links = world.run(session.social_links()).unwrap();
    assert_eq!((links.len(), links[0].network.as_str()), (1, "google"));
    assert_eq!((links[0].social_id.as_deref(), links[0].nickname.as_deref()), (Some("g-1"), Some("Nova G")));

    let url = world.run(session.social_link_url("twitch", Some(CALLBACK))).unwrap();
    assert!(url.starts_with("https://login.xsolla.com/api/social/twitch/"), "{url}");
    let sent = world.sent().pop().unwrap();
    assert_eq!(sent.path, "/api/users/me/social_providers/twitch/login_url");
    assert_eq!(asked(&sent, "login_url").as_deref(), Some(CALLBACK));
    let error = world.run(session.social_link_url("twitch", Some("https://evil.example"))).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("010-012", ErrorKind::Configuration));
    let error = world.run(session.social_link_url("twitch", None)).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("010-011", ErrorKind::Configuration));

    world.run(session.remove_social_link("google")).unwrap();
    assert_eq!(world.run(session.social_links()).unwrap(), []);
    let error = world.run(session.remove_social_link("google")).unwrap_err();
    assert_eq!((code(&error), error.kind()), ("003-061", ErrorKind::NotFound));
    world.forget();
    assert_eq!(world.run(session.remove_social_link("")).unwrap_err().kind(), ErrorKind::Misuse);
    assert_eq!(world.run(session.social_link_url("", None)).unwrap_err().kind(), ErrorKind::Misuse);
    assert_eq!(world.count(), 0);
    assert!(world.run(session.remove_social_link("a/../b?c")).is_err());
    assert_eq!(world.sent()[0].path, "/api/users/me/social_providers/a%2F..%2Fb%3Fc", "a name stays one segment");
}

#[test]
fn social_links_of_another_shape_are_a_protocol_error_or_left_out() {
    let world = World::new();
    let session = world.nova();
    let path = "/api/users/me/social_providers";
    for body in ["", "{}", "null", "<html>", r#"{"providers":[]}"#] {
        world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on(path) });
        assert_eq!(world.run(session.social_links()).unwrap_err().kind(), ErrorKind::Protocol, "{body}");
    }
    let body = r#"[7,{},{"provider":""},{"provider":"vk","social_id":42,"nickname":null,"picture":{}}]"#;
    world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on(path) });
    let links = world.run(session.social_links()).unwrap();
    assert_eq!((links.len(), links[0].social_id.as_deref(), &links[0].picture), (1, Some("42"), &None));
    for body in ["[]", "{}", r#"{"url":7}"#, r#"{"url":""}"#] {
        let path = "/api/users/me/social_providers/vk/login_url";
        world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on(path) });
        let error = world.run(session.social_link_url("vk", Some(CALLBACK))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
}

#[test]
fn a_launchers_token_is_a_session_that_is_not_stored() {
    let world = World::new();
    let token = world.run(world.nova().access_token()).unwrap();
    let stored = world.host.stored();
    let xsolla = world.xsolla();
    let started = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
    let line = format!("game --xsolla-login-token {}", token.expose());
    let session = world.run(xsolla.session_from_launcher(started(&line), LAUNCHER_ARGUMENT)).unwrap().unwrap();
    assert_eq!((session.player().player_id.as_str(), world.host.stored() == stored), (USER_ID, true));
    let own = format!("game --my-token={}", token.expose());
    assert!(world.run(xsolla.session_from_launcher(started(&own), "my-token")).unwrap().is_some());
    assert!(world.run(xsolla.session_from_launcher(started("game -x"), LAUNCHER_ARGUMENT)).unwrap().is_none());
    let broken = world.run(xsolla.session_from_launcher(started("g --xsolla-login-token x"), LAUNCHER_ARGUMENT));
    assert_eq!(broken.unwrap_err().kind(), ErrorKind::Misuse);
    world.host.advance_ms(HOUR);
    let error = world.run(xsolla.session_from_launcher(started(&line), LAUNCHER_ARGUMENT)).unwrap_err();
    assert_eq!(error.reason(), Some(SessionOverReason::Expired));
}

#[test]
fn a_redirect_brings_a_token_or_an_error_and_a_state_refuses_what_it_is_not_the_answer_to() {
    let world = World::new();
    let token = world.run(world.nova().access_token()).unwrap();
    let xsolla = Xsolla::new(Config::project(MAIN_PROJECT_ID), world.host.clone()).unwrap();
    let url = format!("{CALLBACK}?a=1&token={}#top", token.expose());
    let session = world.run(xsolla.complete_redirect(&url, None)).unwrap();
    assert_eq!(session.player().player_id, USER_ID);
    assert!(world.run(xsolla.restore()).is_some(), "it is stored");
    let refused = |url: &str, state| {
        let error = world.run(xsolla.complete_redirect(url, state)).unwrap_err();
        (error.kind(), code(&error).to_owned())
    };
    assert_eq!(refused(&url, Some("mine-1234")), (ErrorKind::Misuse, String::new()), "a token planted by a stranger");
    for nothing in [CALLBACK, "", "https://companion.example/?token=", "https://companion.example/#token=a.b.c"] {
        assert_eq!(refused(nothing, None), (ErrorKind::Misuse, String::new()), "{nothing}");
    }
    let denied = format!("{CALLBACK}?error=010-026&error_description=denied+by+owner&token={}", token.expose());
    assert_eq!(refused(&denied, None), (ErrorKind::Permission, "010-026".into()), "an error counts before a token");
    let unknown = format!("{CALLBACK}?error_code=300-001");
    assert_eq!(refused(&unknown, None), (ErrorKind::Service, "300-001".into()));
    world.host.advance_ms(HOUR);
    assert_eq!(refused(&url, None).0, ErrorKind::SessionOver, "an address from the history");
}
