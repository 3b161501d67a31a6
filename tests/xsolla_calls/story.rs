//! A console account is linked to a main account by a code, from beginning to end (xsolla.md §5): once in virtual time and
//! once through HTTP.

use emulator::xsolla::{SERVER_SECRET, SHADOW_PROJECT_ID, USER_ID};
use playerlink::xsolla::server::{CustomIdLogin, LinkByCode, ServerConfig, XsollaServer};

use crate::support::code;
use crate::support::served::Served;
use crate::support::world::World;

#[test]
fn after_the_link_the_console_plays_as_the_main_account() {
    let world = World::new();
    let (server, companion) = (world.server(), world.xsolla());
    let login = CustomIdLogin::new("player-1").social_profile("xbox", "x1");
    let before = world.run(server.login_with_custom_id(&login)).unwrap();
    let console = world.run(companion.session_from_token(before.token.clone())).unwrap();
    let platform_account = {
        let emulator = world.emulator();
        emulator.xsolla().platform_account(SHADOW_PROJECT_ID, "xbox", "x1").unwrap().id.clone()
    };
    assert_eq!(console.player().player_id, platform_account);
    assert_ne!(platform_account, USER_ID);

    let shown = world.run(world.nova().create_linking_code()).unwrap();
    let link = LinkByCode { code: shown.code, platform: "xbox".into(), user_id: "x1".into() };
    world.run(server.link_by_code(&link)).expect("linked");

    assert_eq!(console.player().player_id, platform_account, "the old token still names the old account");
    let after = world.run(server.login_with_custom_id(&login)).unwrap();
    let console = world.run(companion.session_from_token(after.token)).unwrap();
    assert_eq!(console.player().player_id, USER_ID);
    assert_eq!(after.is_new, Some(false));
    assert!(world.run(console.create_linking_code()).is_ok(), "its token speaks for the main account now");

    let error = world.run(server.link_by_code(&link)).unwrap_err();
    assert_eq!(code(&error), "003-061", "a code works once");
    let shown = world.run(world.nova().create_linking_code()).unwrap();
    let again = LinkByCode { code: shown.code, ..link };
    assert!(world.run(server.link_by_code(&again)).is_ok(), "linking the same pair again changes nothing");
    let events: Vec<bool> = world.emulator().xsolla().links(0).map(|event| event.again).collect();
    assert_eq!(events, [false, true]);
}

#[tokio::test]
async fn the_same_through_http() {
    let served = Served::start().await;
    let config =
        ServerConfig::client("59", SERVER_SECRET).publisher_project_id(44056).base_url(&format!("{}/api", served.url));
    let server = XsollaServer::new(config, served.host.clone()).unwrap();
    let companion = served.xsolla();
    let login = CustomIdLogin::new("player-1").social_profile("xbox", "x1");
    assert!(server.login_with_custom_id(&login).await.is_ok());
    let nova = companion.login("nova", &Served::password()).await.unwrap();
    assert!(nova.refresh().await.is_ok());
    let shown = nova.create_linking_code().await.unwrap();
    let link = LinkByCode { code: shown.code, platform: "xbox".into(), user_id: "x1".into() };
    server.link_by_code(&link).await.expect("linked");
    let token = server.login_with_custom_id(&login).await.unwrap().token;
    let console = companion.session_from_token(token).await.unwrap();
    assert_eq!(console.player().player_id, nova.player().player_id);
    let error = server.link_by_code(&link).await.unwrap_err();
    assert_eq!((code(&error), error.status()), ("003-061", Some(404)));
    assert!(nova.profile().await.is_ok());
    assert!(nova.logout().await.revoked);
}
