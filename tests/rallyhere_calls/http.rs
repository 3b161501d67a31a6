//! Every code of RallyHere's other calls once more, through HTTP: the emulator on a socket, the native host.

use emulator::Fault;
use playerlink::host::NativeHost;
use playerlink::rallyhere::{Changed, Credential, RallyHereSession};
use playerlink::{Agreements, Error, ServiceCode};

use crate::support::contract::{self, variant_of};
use crate::support::served::Served;

async fn call(
    served: &Served,
    session: &RallyHereSession<NativeHost>,
    endpoint: &str,
) -> Result<Option<Changed>, Error> {
    match endpoint {
        "POST /users/v1/link" => session.link(&"leader".into()).await.map(Some),
        "POST /users/v1/unlink" => session.unlink(None).await.map(Some),
        "POST /users/v1/cross-progression/enable" => session.enable_cross_progression(None).await.map(Some),
        "POST /users/v1/cross-progression/disable" => session.disable_cross_progression().await.map(Some),
        "GET /users/v2/player/me/links" => session.links().await.map(|_| None),
        "GET /users/v1/person/me/restrictions" => session.person_restrictions().await.map(|_| None),
        "GET /users/v2/player/me/restrictions" => session.player_restrictions().await.map(|_| None),
        "POST /users/v1/oauth/token" => {
            let rallyhere = served.rallyhere("game", "game-secret");
            rallyhere.complete_oauth(&"code".into(), Agreements::default()).await.map(|_| None)
        }
        _ => session.verify().await.map(|()| None),
    }
}

#[tokio::test]
async fn each_other_code_of_each_endpoint_is_returned_exactly_typed_through_http() {
    let served = Served::start().await;
    let session = served.rallyhere("game", "game-secret").login(Credential::steam("emu.s1")).await.unwrap();
    for [text, endpoint, status, class, kind] in contract::other_codes() {
        let status: u16 = status.parse().unwrap();
        let path = match endpoint.split_once(' ').unwrap().1 {
            "/users/v1/platform-user" => "/users/v1/verify",
            path => path,
        };
        let times = Some(if class == "token_rejected" { 2 } else { 1 });
        let fault = Fault { status: Some(status), error_code: Some(text.into()), times, ..Fault::on(path) };
        served.emulator().faults_mut().push(fault);
        let result = call(&served, &session, endpoint).await;
        assert!(served.emulator().faults_mut().is_empty(), "{text} at {endpoint} was answered");
        if kind == "unchanged" {
            let changed = result.unwrap().expect("a change");
            assert_eq!((changed.changed, changed.code.as_ref().map(ServiceCode::as_str)), (false, Some(text)));
            continue;
        }
        let error = result.expect_err(text);
        let Some(ServiceCode::RallyHere(typed)) = error.code() else { panic!("{text} at {endpoint}: {error:?}") };
        assert_eq!((format!("{typed:?}"), typed.as_str()), (variant_of(text), text));
        assert_eq!(typed.classification().map(|class| class.as_str()), Some(class), "{text}");
        assert_eq!((error.kind().as_str(), error.status()), (kind, Some(status)), "{text} at {endpoint}");
    }
}
