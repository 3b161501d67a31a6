//! The states of the service that refuse a platform sign-in, a registration, a social link or a server's question; one
//! for each row of the status table that `codes.rs` plays.

use emulator::xsolla::{InvalidBearer, MAIN_PROJECT_ID, Project, SHADOW_PROJECT_ID, TicketOrder, USER_ID};
use playerlink::Error;
use playerlink::host::SimHost;
use playerlink::xsolla::server::PlatformAccount;
use playerlink::xsolla::{
    Config, DeviceKind, Jwt, Oauth, Protocol, Registration, SilentLogin, SocialToken, Ticket, UserToken, Xsolla,
    XsollaSession,
};

use crate::bench::{CALLBACK, STEAM_ID, minted, shadow, signed_in, steam, steam_ticket};
use crate::support::world::World;

const ELSEWHERE: &str = "https://evil.example/callback";

/// The path a fault is put on.
pub(crate) fn path_of(call: &str) -> Option<&'static str> {
    Some(match call {
        "cross_auth" => "/api/social/steam/cross_auth",
        "cross_auth_oauth" => "/api/oauth2/social/steam/cross_auth",
        "register" => "/api/oauth2/user",
        "device" => "/api/oauth2/login/device/android",
        "social_token" => "/api/social/discord/login_with_token",
        "social_links" => "/api/users/me/social_providers",
        "social_link_url" => "/api/users/me/social_providers/google/login_url",
        "social_link_remove" => "/api/users/me/social_providers/google",
        "linking_info" => "/api/users/linking_info",
        "validate" => "/api/token/validate",
        "project_keys" => "/api/projects/f6c5011a-715e-4e5e-b7b1-a4812d85b8c8/keys",
        _ => return None,
    })
}

/// The name of a call's limit, where it is not the call's own.
pub(crate) fn limit_of(call: &str) -> Option<&'static str> {
    Some(match call {
        "cross_auth" | "cross_auth_oauth" => "cross_auth",
        "register" => "register",
        "device" => "device",
        "social_token" => "login_with_token",
        "social_links" | "social_link_url" | "social_link_remove" => "social_providers",
        "linking_info" => "linking_info",
        "validate" => "validate",
        "project_keys" => "keys",
        _ => return None,
    })
}

pub(crate) fn fail(world: &World, call: &str, how: &str) -> Error {
    match call {
        "cross_auth" | "cross_auth_oauth" => fail_silent(world, call == "cross_auth", how),
        "register" | "device" | "social_token" => fail_new(world, call, how),
        "social_links" | "social_link_url" | "social_link_remove" => fail_social(world, call, how),
        _ => fail_question(world, call, how),
    }
}

/// Another client of the shadow project, whose projects and clients have several callbacks.
fn with_redirect(world: &World, project: &str, id: &str, redirect_uri: &str) -> Xsolla<SimHost> {
    Xsolla::new(Config::project(project).oauth(id, redirect_uri), world.host.clone()).unwrap()
}

fn change_project(world: &World, id: &str, change: impl FnOnce(Project) -> Project) {
    world.emulator().with_xsolla(world.now(), |xsolla, context| {
        let project = xsolla.project(id).unwrap().clone();
        xsolla.put_project(context, change(project));
    });
}

fn fail_silent(world: &World, is_jwt: bool, how: &str) -> Error {
    let mut login = steam(world);
    let mut client = shadow(world);
    let mut jwt = Jwt::new();
    match how {
        "ticket that cannot be decoded" => login = SilentLogin::steam("480", Ticket::verbatim("?")),
        "banned platform user" => {
            signed_in(world, steam(world));
            let mut emulator = world.emulator();
            let id = emulator.xsolla().platform_account(SHADOW_PROJECT_ID, "steam", STEAM_ID).unwrap().id.clone();
            assert!(emulator.xsolla_mut().ban_user(&id, true));
        }
        "project removed" => assert!(world.emulator().xsolla_mut().remove_project(SHADOW_PROJECT_ID)),
        "client removed" => assert!(world.emulator().xsolla_mut().remove_client(60)),
        "no such player and none is made" => login = login.existing_only(),
        "unknown ticket" => login = SilentLogin::steam("480", Ticket::hex(&[20, 0, 1])),
        "expired ticket" => world.host.advance_ms(600_000),
        "ticket of another app" => {
            let order = TicketOrder { app_id: Some("570".into()), ..TicketOrder::new("steam", STEAM_ID) };
            login = SilentLogin::steam("480", Ticket::base64(minted(world, order).bytes()));
        }
        "used ticket" => {
            let ticket = steam_ticket(world);
            signed_in(world, SilentLogin::steam("480", Ticket::base64(ticket.bytes())));
            login = SilentLogin::steam("480", Ticket::hex(ticket.bytes()));
        }
        "several callbacks" => {
            change_project(world, SHADOW_PROJECT_ID, |project| Project {
                callback_urls: vec![CALLBACK.into(), "https://companion.example/other".into()],
                ..project
            });
            client = with_redirect(world, SHADOW_PROJECT_ID, "60", "");
        }
        "callback not registered" => {
            jwt = jwt.login_url(ELSEWHERE);
            client = with_redirect(world, SHADOW_PROJECT_ID, "60", ELSEWHERE);
        }
        "platform not connected" => change_project(world, SHADOW_PROJECT_ID, |mut project| {
            project.platforms.clear();
            project
        }),
        _ => {}
    }
    let protocol = if is_jwt { Protocol::from(jwt) } else { Oauth::new().into() };
    world.run(client.silent_login(login, protocol)).expect_err(how)
}

fn fail_new(world: &World, call: &str, how: &str) -> Error {
    let mut client = world.xsolla();
    let mut token = SocialToken::new(minted(world, TicketOrder::new("discord", "d1")).text().unwrap());
    let mut network = "discord";
    let (mut username, mut email) = ("vega", "vega@example.com");
    let device = || {
        let (client, id) = (world.xsolla(), "d1".into());
        let login = client.device_login(DeviceKind::Android, "Pixel", &id, Oauth::new());
        world.run(login).map(|came| crate::bench::session_of(came).player().player_id)
    };
    match how {
        "project removed" => assert!(world.emulator().xsolla_mut().remove_project(MAIN_PROJECT_ID)),
        "client removed" => assert!(world.emulator().xsolla_mut().remove_client(57)),
        "user name taken" => username = "nova",
        "e-mail taken" => email = "nova@example.com",
        "shadow project" => client = shadow(world),
        "registration closed" => world.emulator().xsolla_mut().knobs_mut().registration = false,
        "several callbacks" => client = with_redirect(world, MAIN_PROJECT_ID, "57", ""),
        "banned device" => {
            let id = device().unwrap();
            assert!(world.emulator().xsolla_mut().ban_user(&id, true));
        }
        "banned user" => {
            let first = world.run(client.social_token_login(network, token.clone(), Jwt::new())).unwrap();
            let id = crate::bench::session_of(first).player().player_id;
            assert!(world.emulator().xsolla_mut().ban_user(&id, true));
        }
        "no such network" => network = "discotheque",
        "unknown to the network" => token = SocialToken::new("invented"),
        _ => {}
    }
    let error = match call {
        "register" => {
            let registration = Registration::new(username, "long enough", email);
            world.run(client.register(registration, Oauth::new())).err()
        }
        "device" => return device().expect_err(how),
        _ => world.run(client.social_token_login(network, token, Jwt::new())).err(),
    };
    error.expect(how)
}

/// A session without a refresh token, whose token was revoked: else a new one would be got first.
fn refused_session(world: &World, form: InvalidBearer) -> XsollaSession<SimHost> {
    let token = world.run(world.nova().access_token()).unwrap();
    let session = world.run(world.xsolla().session_from_token(token.clone())).unwrap();
    let mut emulator = world.emulator();
    emulator.xsolla_mut().knobs_mut().invalid_bearer = form;
    assert!(emulator.xsolla_mut().revoke_token(token.expose()));
    session
}

fn fail_social(world: &World, call: &str, how: &str) -> Error {
    let session = match how {
        "bad bearer" => refused_session(world, InvalidBearer::Unauthorized),
        "bad bearer forbidden" => refused_session(world, InvalidBearer::Forbidden),
        "bad bearer unprocessable" => refused_session(world, InvalidBearer::Unprocessable),
        _ => world.nova(),
    };
    let login_url = match how {
        "several callbacks" => None,
        "callback not registered" => Some(ELSEWHERE),
        _ => Some(CALLBACK),
    };
    let error = match call {
        "social_links" => world.run(session.social_links()).err(),
        "social_link_url" => world.run(session.social_link_url("google", login_url)).err(),
        _ => world.run(session.remove_social_link("google")).err(),
    };
    error.expect(how)
}

fn fail_question(world: &World, call: &str, how: &str) -> Error {
    let server = match (call, how) {
        ("linking_info", "project unknown") => {
            world.server_with(|config| config.shadow_project_id("00000000-0000-4000-8000-000000000000"))
        }
        _ => world.server(),
    };
    let mut token = UserToken::from(world.run(world.nova().access_token()).unwrap());
    match how {
        "project removed" => assert!(world.emulator().xsolla_mut().remove_project(MAIN_PROJECT_ID)),
        "user deleted" => assert!(world.emulator().xsolla_mut().remove_user(USER_ID)),
        "revoked token" => assert!(world.emulator().xsolla_mut().revoke_token(token.expose())),
        "expired token" => world.host.advance_ms(3_600_000),
        "no token at all" => token = "opaque".into(),
        _ => {}
    }
    let error = match call {
        "linking_info" => world.run(server.linking_info(&[PlatformAccount::new("xbox", "x1")])).err(),
        "validate" => world.run(server.validate_token(&token)).err(),
        _ if how == "project unknown" => world.run(server.project_keys("00000000-0000-4000-8000-000000000000")).err(),
        _ => world.run(server.project_keys(MAIN_PROJECT_ID)).err(),
    };
    error.expect(how)
}
