//! Each status of each Xsolla call once more, through HTTP: the emulator on a socket, the native host.

use emulator::Fault;
use emulator::xsolla::{SERVER_SECRET, SHADOW_PROJECT_ID, TicketOrder};
use playerlink::ServiceCode;
use playerlink::host::Host;
use playerlink::xsolla::server::{
    Algorithm, CustomIdLogin, LinkByCode, PlatformAccount, ServerConfig, TrustedProject, XsollaServer,
};
use playerlink::xsolla::{Config, DeviceKind, Jwt, Oauth, Registration, SilentLogin, SocialToken, Ticket, Xsolla};

use crate::bench::{CALLBACK, STEAM_ID, session_of};
use crate::states;
use crate::support::contract;
use crate::support::served::Served;

fn steam() -> SilentLogin {
    SilentLogin::steam("480", Ticket::hex(&[20, 0]))
}

#[tokio::test]
async fn each_status_of_each_call_is_returned_with_exactly_its_code_and_kind_through_http() {
    let served = Served::start().await;
    let xsolla = served.xsolla();
    let session = xsolla.login("nova", &Served::password()).await.unwrap();
    let link = LinkByCode { code: "1".into(), platform: "xbox".into(), user_id: "x1".into() };
    let custom_id = CustomIdLogin::new("p").social_profile("xbox", "x1");
    for [call, status, code, kind, how] in contract::xsolla_rows() {
        let status: u16 = status.parse().unwrap();
        let path = match call {
            "login" => "/api/oauth2/login/token",
            "code" | "refresh" | "server_token" => "/api/oauth2/token",
            "create_code" => "/api/users/account/code",
            "profile" => "/api/users/me",
            "custom_id" => "/api/users/login/server_custom_id",
            "link" => "/api/users/account/link",
            other => states::path_of(other).unwrap(),
        };
        // A refused token is replaced once; the second refusal is final.
        let refused = call != "validate" && matches!(code, "002-016" | "003-040" | "010-017" | "1901-0001");
        let times = Some(if refused { 2 } else { 1 });
        let fault = Fault { status: Some(status), error_code: Some(code.into()), times, ..Fault::on(path) };
        let config = ServerConfig::client("59", SERVER_SECRET).publisher_project_id(44056);
        let server = XsollaServer::new(config.base_url(&format!("{}/api", served.url)), served.host.clone()).unwrap();
        let fresh = xsolla.login("nova", &Served::password()).await.unwrap();
        served.emulator().faults_mut().push(fault);
        let error = match call {
            "login" => xsolla.login("nova", &Served::password()).await.err(),
            "code" => xsolla.complete_oauth(&"c".into()).await.err(),
            "refresh" => fresh.refresh().await.err(),
            "create_code" => session.create_linking_code().await.err(),
            "profile" => session.profile().await.err(),
            "server_token" | "custom_id" => server.login_with_custom_id(&custom_id).await.err(),
            "link" => server.link_by_code(&link).await.err(),
            "cross_auth" => xsolla.silent_login(steam(), Jwt::new()).await.err(),
            "cross_auth_oauth" => xsolla.silent_login(steam(), Oauth::new()).await.err(),
            "register" => xsolla.register(Registration::new("v", "long enough", "e"), Oauth::new()).await.err(),
            "device" => xsolla.device_login(DeviceKind::Android, "m", &"d".into(), Oauth::new()).await.err(),
            "social_token" => xsolla.social_token_login("discord", SocialToken::new("t"), Jwt::new()).await.err(),
            "social_links" => session.social_links().await.err(),
            "social_link_url" => session.social_link_url("google", None).await.err(),
            "social_link_remove" => session.remove_social_link("google").await.err(),
            "linking_info" => server.linking_info(&[PlatformAccount::new("xbox", "x1")]).await.err(),
            "validate" => server.validate_token(&"t".into()).await.err(),
            _ => server.project_keys(emulator::xsolla::MAIN_PROJECT_ID).await.err(),
        };
        let error = error.unwrap_or_else(|| panic!("{call} {how} fails"));
        assert!(served.emulator().faults_mut().is_empty(), "{call} {how} was answered");
        assert_eq!(error.code().map(ServiceCode::as_str), Some(code), "{call} {how}");
        assert_eq!((error.kind().as_str(), error.status()), (kind, Some(status)), "{call} {how}");
    }
}

#[tokio::test]
async fn a_steam_ticket_signs_in_through_http_in_both_protocols_and_as_a_redirect() {
    let served = Served::start().await;
    let base = format!("{}/api", served.url);
    let config = Config::project(SHADOW_PROJECT_ID).oauth("60", CALLBACK).base_url(&base);
    let xsolla = Xsolla::new(config, served.host.clone()).unwrap();
    let ticket = || {
        let order = TicketOrder::new("steam", STEAM_ID);
        let now = served.host.now();
        let ticket = served.emulator().with_xsolla(now, |xsolla, context| xsolla.mint_ticket(context, order));
        SilentLogin::steam("480", Ticket::base64(ticket.bytes()))
    };
    let session = session_of(xsolla.silent_login(ticket(), Oauth::new()).await.unwrap());
    assert!(session.refresh().await.is_ok());
    for login in [ticket(), ticket().by_redirect()] {
        let again = session_of(xsolla.silent_login(login, Jwt::new()).await.unwrap());
        assert_eq!(again.player(), session.player());
    }
    let config = ServerConfig::client("59", SERVER_SECRET).shadow_project_id(SHADOW_PROJECT_ID).base_url(&base);
    let server = XsollaServer::new(config, served.host.clone()).unwrap();
    let verifier = server.verifier([TrustedProject::shadow(SHADOW_PROJECT_ID, Algorithm::Rs256)]).unwrap();
    let user = verifier.verify(&session.access_token().await.unwrap().into()).await.unwrap();
    assert_eq!(user.user_id, session.player().player_id);
    assert!(session.logout().await.revoked);
}
