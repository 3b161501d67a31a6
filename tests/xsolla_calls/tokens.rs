//! What a game server learns of players: tokens checked here and at the service, project keys, whose an account is.

use emulator::xsolla::{
    Algorithm as Signs, MAIN_PROJECT_ID, PUBLISHER_PROJECT_ID, Project, SHADOW_PROJECT_ID, USER_ID,
};
use emulator::{Fault, jwt};
use playerlink::host::{SimHost, SimReply};
use playerlink::xsolla::UserToken;
use playerlink::xsolla::server::{
    Account, Algorithm, CustomIdLogin, LinkByCode, PlatformAccount, ServerConfig, TokenVerifier, TrustedProject,
};
use playerlink::{ErrorKind, SessionOverReason};
use serde_json::{Value, json};

use crate::bench::{STEAM_ID, signed_in, steam};
use crate::support::code;
use crate::support::world::World;

const KEYS: &str = "/api/projects/f6c5011a-715e-4e5e-b7b1-a4812d85b8c8/keys";
const INFO: &str = "/api/users/linking_info";

fn verifier(world: &World) -> TokenVerifier<SimHost> {
    let projects = [
        TrustedProject::standard(MAIN_PROJECT_ID, Algorithm::Rs256),
        TrustedProject::shadow(SHADOW_PROJECT_ID, Algorithm::Rs256),
    ];
    world.server().verifier(projects).unwrap()
}

fn nova_token(world: &World) -> UserToken {
    world.run(world.nova().access_token()).unwrap().into()
}

/// A token with these claims changed, signed by the main project's own key.
fn signed(world: &World, header: &str, changes: Value) -> UserToken {
    let mut claims = json!({ "iss": "https://login.xsolla.com", "sub": USER_ID, "iat": world.now() / 1000,
        "exp": world.now() / 1000 + 3600, "xsolla_login_project_id": MAIN_PROJECT_ID, "is_master": true });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let token = jwt::Keys::test().sign_rs256(jwt::KID_A, &claims);
    if header.is_empty() {
        return token.into();
    }
    use base64::Engine;
    let (_, rest) = token.split_once('.').unwrap();
    [&base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header), ".", rest].concat().into()
}

#[test]
fn a_players_token_is_verified_here_and_its_kind_of_account_is_told() {
    let world = World::new();
    let verifier = verifier(&world);
    let user = world.run(verifier.verify(&nova_token(&world))).unwrap();
    assert_eq!((user.user_id.as_str(), user.project_id.as_str()), (USER_ID, MAIN_PROJECT_ID));
    assert_eq!(user.expires_at, world.now() + 3_600_000);
    assert!(matches!(user.account, Account::Main(_)));
    let login = CustomIdLogin::new("c").social_profile("xbox", "x1");
    let platform = world.run(world.server().login_with_custom_id(&login)).unwrap().token;
    let user = world.run(verifier.verify(&platform.clone().into())).unwrap();
    let Account::Platform(token) = user.account else { panic!("{user:?}") };
    assert_eq!((token.expose(), user.project_id.as_str()), (platform.expose(), SHADOW_PROJECT_ID));
    let steam = world.run(signed_in(&world, steam(&world)).access_token()).unwrap();
    let user = world.run(verifier.verify(&steam.into())).unwrap();
    assert_eq!((user.platform.as_deref(), user.platform_user_id.as_deref()), (Some("steam"), Some(STEAM_ID)));
    assert_eq!(world.sent_to(KEYS).len(), 1);

    for keep_shadow_project_id in [false, true] {
        world.emulator().xsolla_mut().knobs_mut().keep_shadow_project_id = keep_shadow_project_id;
        let shown = world.run(world.nova().create_linking_code()).unwrap();
        let link = LinkByCode { code: shown.code, platform: "xbox".into(), user_id: "x1".into() };
        world.run(world.server().link_by_code(&link)).unwrap();
        let linked = world.run(world.server().login_with_custom_id(&login)).unwrap().token;
        let user = world.run(verifier.verify(&linked.into())).unwrap();
        assert!(matches!(user.account, Account::Main(_)), "whichever project it names: {keep_shadow_project_id}");
        assert_eq!(user.user_id, USER_ID);
    }
}

#[test]
fn only_a_token_that_is_right_in_everything_is_accepted() {
    let world = World::new();
    let verifier = verifier(&world);
    assert!(world.run(verifier.verify(&signed(&world, "", json!({})))).is_ok());
    let now = world.now() / 1000;
    let cases = [
        json!({ "iss": "https://login.xsolla.com/" }),
        json!({ "iss": null }),
        json!({ "sub": "" }),
        json!({ "sub": 7 }),
        json!({ "exp": null }),
        json!({ "exp": "tomorrow" }),
        json!({ "nbf": now + 61 }),
        json!({ "xsolla_login_project_id": "00000000-0000-4000-8000-000000000000" }),
        json!({ "xsolla_login_project_id": null }),
        // The other project's key is not this one's.
        json!({ "xsolla_login_project_id": SHADOW_PROJECT_ID }),
    ];
    for changes in cases {
        let error = world.run(verifier.verify(&signed(&world, "", changes.clone()))).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, None), "{changes}");
    }
    for (exp, is_good) in [(now - 59, true), (now - 60, false), (now - 7200, false)] {
        let verified = world.run(verifier.verify(&signed(&world, "", json!({ "exp": exp }))));
        assert_eq!(verified.is_ok(), is_good);
        let reason = verified.err().and_then(|error| error.reason());
        assert_eq!(reason, (!is_good).then_some(SessionOverReason::Expired));
    }
    let good = nova_token(&world);
    let cut = |at: usize| good.expose().split('.').take(at).collect::<Vec<_>>().join(".");
    let flipped = good.expose().replacen("eyJ", "eyI", 2);
    for broken in ["".to_owned(), "a.b.c".into(), cut(2), cut(2) + ".", cut(2) + ".AAAA", cut(3) + ".AAAA", flipped] {
        let error = world.run(verifier.verify(&broken.clone().into())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionOver, "{broken}");
        assert!(!format!("{error:?}").contains("eyJ"), "no token in the error");
    }
}

#[test]
fn the_algorithm_is_the_configured_one_whatever_the_token_says() {
    let world = World::new();
    let verifier = verifier(&world);
    let kid = jwt::KID_A;
    for header in [
        r#"{"alg":"none"}"#.to_owned(),
        format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"RS512","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"rs256","kid":"{kid}"}}"#),
        format!(r#"{{"kid":"{kid}"}}"#),
        format!(r#"{{"alg":"RS256","kid":"{kid}","crit":["b64"]}}"#),
        r#"{"alg":"RS256","kid":"another"}"#.into(),
        r#"{"alg":"RS256"}"#.into(),
        "[]".into(),
    ] {
        let error = world.run(verifier.verify(&signed(&world, &header, json!({})))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionOver, "{header}");
    }
    // The classic: the public key, which everybody has, as the secret of HS256.
    let claims = json!({ "iss": "https://login.xsolla.com", "sub": USER_ID, "exp": world.now() / 1000 + 60,
        "xsolla_login_project_id": MAIN_PROJECT_ID });
    let keys = jwt::Keys::test();
    let forged = jwt::sign_hs256(&keys.modulus(kid), Some(kid), &claims);
    assert!(world.run(verifier.verify(&forged.into())).is_err());

    let secret = "the project's own secret key";
    let trusted = TrustedProject::standard(MAIN_PROJECT_ID, Algorithm::Hs256(secret.into()));
    let verifier = world.server().verifier([trusted]).unwrap();
    world.forget();
    let user = world.run(verifier.verify(&jwt::sign_hs256(secret.as_bytes(), None, &claims).into())).unwrap();
    assert!(matches!(user.account, Account::Main(_)), "without `is_master` the project decides");
    assert!(world.run(verifier.verify(&jwt::sign_hs256(b"other", None, &claims).into())).is_err());
    assert!(world.run(verifier.verify(&keys.sign_rs256(kid, &claims).into())).is_err());
    assert_eq!(world.count(), 0, "HS256 needs no keys");
}

#[test]
fn an_hs256_project_of_the_service_is_verified_with_its_secret() {
    let world = World::new();
    let secret = world.emulator().with_xsolla(world.now(), |xsolla, context| {
        let project = xsolla.project(MAIN_PROJECT_ID).unwrap().clone();
        let secret = project.hs_secret.clone().unwrap();
        xsolla.put_project(context, Project { algorithm: Signs::HS256, ..project });
        secret
    });
    let trusted = TrustedProject::standard(MAIN_PROJECT_ID, Algorithm::Hs256(secret.into()));
    let verifier = world.server().verifier([trusted]).unwrap();
    assert!(world.run(verifier.verify(&nova_token(&world))).is_ok());
    assert!(world.run(world.server().project_keys(MAIN_PROJECT_ID)).unwrap().is_empty());
}

#[test]
fn keys_are_kept_ten_minutes_and_asked_for_again_when_a_new_one_signs() {
    let world = World::new();
    let verifier = verifier(&world);
    let token = nova_token(&world);
    world.latency_ms(20);
    let many = world.run(crate::support::all((0..20).map(|_| verifier.verify(&token))));
    assert!(many.iter().all(Result::is_ok));
    assert_eq!(world.sent_to(KEYS).len(), 1, "twenty at once ask once");
    assert!(world.sent_to(KEYS)[0].headers.is_empty(), "without any credential");
    world.latency_ms(0);
    let unknown = signed(&world, r#"{"alg":"RS256","kid":"invented"}"#, json!({}));
    for _ in 0..5 {
        assert!(world.run(verifier.verify(&unknown)).is_err());
    }
    assert_eq!(world.sent_to(KEYS).len(), 1, "an invented key id costs nothing now");
    world.host.advance_ms(30_000);
    let keys = jwt::Keys::test();
    assert!(world.emulator().xsolla_mut().rotate_project_key(&keys, MAIN_PROJECT_ID).is_some());
    assert!(world.run(verifier.verify(&nova_token(&world))).is_ok());
    assert_eq!(world.sent_to(KEYS).len(), 2);
    assert!(world.run(verifier.clone().verify(&token)).is_ok(), "the old key is still published");
    world.host.advance_ms(600_000);
    world.refuse(KEYS, 418, "004-001");
    assert_eq!(world.run(verifier.verify(&nova_token(&world))).unwrap_err().kind(), ErrorKind::Service);
    assert!(world.run(verifier.verify(&nova_token(&world))).is_ok());
    assert_eq!(world.sent_to(KEYS).len(), 4);
}

#[test]
fn keys_of_another_shape_are_a_protocol_error_and_a_list_in_an_object_is_read() {
    let world = World::new();
    for body in ["", "{}", "null", "<html>", r#"{"keys":{}}"#] {
        world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on(KEYS) });
        let error = world.run(world.server().project_keys(MAIN_PROJECT_ID)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
    let body = r#"{"keys":[7,{"kid":1,"n":"0ff","e":"3"}]}"#;
    world.fault(Fault { status: Some(200), body: Some(body.into()), ..Fault::on(KEYS) });
    let keys = world.run(world.server().project_keys(MAIN_PROJECT_ID)).unwrap();
    assert_eq!((keys.len(), keys[0].kid.as_str(), keys[0].n.as_slice()), (1, "1", &[0xff][..]));
    assert_eq!(world.run(world.server().project_keys("44056")).unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn a_verifier_needs_projects_with_good_ids_and_secrets() {
    let world = World::new();
    let server = world.server();
    let wrong = [
        vec![],
        vec![TrustedProject::standard("44056", Algorithm::Rs256)],
        vec![TrustedProject::shadow(SHADOW_PROJECT_ID, Algorithm::Hs256("".into()))],
    ];
    for projects in wrong {
        assert_eq!(server.verifier(projects).unwrap_err().kind(), ErrorKind::Configuration);
    }
    assert_eq!(world.count(), 0);
}

#[test]
fn the_service_says_whether_a_token_is_valid_also_when_it_was_revoked() {
    let world = World::new();
    let token = nova_token(&world);
    world.forget();
    world.run(world.server().validate_token(&token)).unwrap();
    let sent = &world.sent()[0];
    assert_eq!((sent.path.as_str(), sent.json()), ("/api/token/validate", json!({ "token": token.expose() })));
    assert!(world.emulator().xsolla_mut().revoke_token(token.expose()));
    let error = world.run(world.server().validate_token(&token)).unwrap_err();
    assert_eq!((code(&error), error.status(), error.kind()), ("002-016", Some(422), ErrorKind::SessionOver));
    assert!(world.run(verifier(&world).verify(&token)).is_ok(), "by itself it looks good");
    world.forget();
    assert_eq!(world.run(world.server().validate_token(&"".into())).unwrap_err().kind(), ErrorKind::Misuse);
    assert_eq!(world.count(), 0);
}

#[test]
fn whose_accounts_are_is_asked_fifty_at_a_time_and_told_in_the_order_asked() {
    let world = World::new();
    let server = world.server();
    let login = |id: &str| CustomIdLogin::new(format!("c-{id}")).social_profile("xbox", id);
    for id in ["x1", "x120"] {
        world.run(server.login_with_custom_id(&login(id))).unwrap();
    }
    let shown = world.run(world.nova().create_linking_code()).unwrap();
    let link = LinkByCode { code: shown.code, platform: "xbox".into(), user_id: "x120".into() };
    world.run(server.link_by_code(&link)).unwrap();
    let mut accounts: Vec<_> = (0..130).map(|n| PlatformAccount::new("xbox", format!("x{n}"))).collect();
    accounts.push(accounts[120].clone());
    world.forget();
    let infos = world.run(server.linking_info(&accounts)).unwrap();
    assert!(infos.iter().map(|info| &info.account).eq(&accounts));
    let known: Vec<_> = infos.iter().enumerate().filter(|(_, info)| info.user_id.is_some()).map(|(at, _)| at).collect();
    assert_eq!(known, [1, 120, 130]);
    assert_eq!(infos[120].user_id.as_deref(), Some(USER_ID));
    assert_eq!(infos[130], infos[120]);
    assert_eq!((infos[120].email.as_deref(), &infos[1].email), (Some("nova@example.com"), &None));
    let sent = world.sent_to(INFO);
    let lengths: Vec<_> = sent.iter().map(|sent| sent.json()["users"].as_array().unwrap().len()).collect();
    assert_eq!(lengths, [50, 50, 31]);
    assert!(sent.iter().all(|sent| sent.json()["publisher_project_id"] == PUBLISHER_PROJECT_ID));
    world.forget();
    assert!(world.run(server.linking_info(&[])).unwrap().is_empty());
    for account in [PlatformAccount::new("", "x"), PlatformAccount::new("xbox", "")] {
        assert_eq!(world.run(server.linking_info(&[account])).unwrap_err().kind(), ErrorKind::Misuse);
    }
    assert_eq!(world.count(), 0, "nothing to ask, or nothing that could be");
}

#[test]
fn an_account_the_service_leaves_out_is_not_taken_for_one_that_does_not_exist() {
    let world = World::new();
    let server = world.server();
    let accounts = [PlatformAccount::new("xbox", "1"), PlatformAccount::new("xbox", "2")];
    let row = |id: Value, user: Value| json!({ "platform": "xbox", "user_id": id, "xl_uid": user });
    let other_order = json!([row("2".into(), "u2".into()), row("9".into(), "u9".into()), row(1.into(), Value::Null)]);
    world.fault(Fault { status: Some(200), body: Some(other_order.to_string()), ..Fault::on(INFO) });
    let infos = world.run(server.linking_info(&accounts)).unwrap();
    assert_eq!((&infos[0].user_id, infos[1].user_id.as_deref()), (&None, Some("u2")));
    for body in [json!([row("1".into(), "u".into())]), json!([]), json!({}), json!(null), json!([1, 2])] {
        world.fault(Fault { status: Some(200), body: Some(body.to_string()), ..Fault::on(INFO) });
        assert_eq!(world.run(server.linking_info(&accounts)).unwrap_err().kind(), ErrorKind::Protocol, "{body}");
    }
    world.fault(Fault { status: Some(204), ..Fault::on(INFO) });
    assert_eq!(world.run(server.linking_info(&accounts)).unwrap_err().kind(), ErrorKind::Protocol);
}

#[test]
fn server_calls_survive_answers_of_every_shape() {
    for (status, body) in [(200, "<html>"), (301, ""), (302, "{}"), (500, "<html>"), (404, "[]"), (400, "null")] {
        let world = World::new();
        let server = world.server();
        assert!(world.run(server.server_token()).is_ok());
        world.intercept(move |_| Some(SimReply::json(status, body)));
        let account = [PlatformAccount::new("xbox", "1")];
        let wanted = match status {
            500 => ErrorKind::Service,
            404 => ErrorKind::NotFound,
            _ => ErrorKind::Protocol,
        };
        assert_eq!(world.run(server.linking_info(&account)).unwrap_err().kind(), wanted, "{status} {body}");
        assert_eq!(world.run(server.project_keys(MAIN_PROJECT_ID)).unwrap_err().kind(), wanted, "{status} {body}");
        if status != 200 {
            assert_eq!(world.run(server.validate_token(&"t".into())).unwrap_err().kind(), wanted, "{status} {body}");
        }
    }
}

#[test]
fn the_servers_own_token_is_never_shown_and_never_a_players() {
    let world = World::new();
    let token = world.run(world.server().server_token()).unwrap();
    assert!(!format!("{token:?}").contains(&token.expose()[..10]));
    let users: UserToken = token.expose().into();
    let error = world.run(verifier(&world).verify(&users)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionOver, "not even when it is spelled out");
    let config = ServerConfig::client("59", "s").publisher_project_id(1);
    assert!(!format!("{config:?}").contains("\"s\""));
}
