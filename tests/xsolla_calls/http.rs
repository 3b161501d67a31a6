//! Each status of each Xsolla call once more, through HTTP: the emulator on a socket, the native host.

use emulator::Fault;
use emulator::xsolla::SERVER_SECRET;
use playerlink::ServiceCode;
use playerlink::xsolla::server::{CustomIdLogin, LinkByCode, ServerConfig, XsollaServer};

use crate::support::contract;
use crate::support::served::Served;

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
            _ => "/api/users/account/link",
        };
        // A refused token is replaced once; the second refusal is final.
        let refused = matches!(code, "002-016" | "003-040" | "010-017" | "1901-0001");
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
            _ => server.link_by_code(&link).await.err(),
        };
        let error = error.unwrap_or_else(|| panic!("{call} {how} fails"));
        assert!(served.emulator().faults_mut().is_empty(), "{call} {how} was answered");
        assert_eq!(error.code().map(ServiceCode::as_str), Some(code), "{call} {how}");
        assert_eq!((error.kind().as_str(), error.status()), (kind, Some(status)), "{call} {how}");
    }
}
