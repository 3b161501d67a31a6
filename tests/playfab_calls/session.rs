//! The session's two lives: the entity token renews itself while it is valid, the session ticket ends with its day.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use playerlink::host::SimReply;
use playerlink::playfab::{Credential, Info, Unlink};
use playerlink::{ErrorKind, SessionOverReason, Status};
use serde_json::json;

use crate::support::code;
use crate::title::{HOUR_MS, Title, entity_token, refusal};

const RENEW: &str = "/Authentication/GetEntityToken";

#[test]
fn a_login_tells_who_the_player_is() {
    let title = Title::new();
    title.script(|request| {
        let now = 1_767_225_600_000;
        let data = json!({
            "SessionTicket": "ST", "PlayFabId": "A1", "NewlyCreated": false, "EntityToken": entity_token("ET", now),
            "LastLoginTime": "2026-01-26T07:24:12Z",
            "InfoResultPayload": { "PlayerProfile": { "DisplayName": "Nova" } },
        });
        request
            .url
            .contains("/LoginWith")
            .then(|| SimReply::json(200, &json!({ "code": 200, "data": data }).to_string()))
    });
    let session = title.run(title.client().login(Credential::steam("00").info(&[Info::PlayerProfile]))).unwrap();
    let player = session.player();
    assert_eq!((player.player_id.as_str(), player.display_name()), ("A1", "Nova"));
    assert_eq!((session.service(), player.platform.as_deref()), ("playfab", Some("steam")));
    let details = session.login_details();
    assert_eq!((details.playfab_id.as_str(), details.title_player_id.as_deref()), ("A1", Some("T1")));
    assert_eq!((details.newly_created, details.last_login_at), (false, Some(1_769_412_252_000)));
    assert!(details.info.unwrap().contains("Nova"));
}

#[test]
fn a_first_login_has_none_before_it() {
    let title = Title::new();
    let details = title.session().login_details();
    assert_eq!((details.newly_created, details.last_login_at, details.info), (true, None, None));
}

#[test]
fn the_entity_token_is_the_access_token_and_renews_itself() {
    let title = Title::new();
    let session = title.session();
    assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-1");
    assert!(title.take().is_empty(), "a valid token costs nothing");
    title.host.advance_ms(24 * HOUR_MS - 60_000);
    assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-2");
    let sent = title.take().remove(0);
    assert_eq!((sent.method, sent.path(), &sent.body), ("POST", RENEW, &json!({})));
    assert_eq!((sent.header("x-entitytoken"), sent.header("x-authorization")), (Some("ET-1"), None));
    assert_eq!(session.player().player_id, "A1B2C3D4E5F60718");
}

#[test]
fn the_session_outlives_its_ticket_while_the_entity_token_is_renewed() {
    let title = Title::new();
    let session = title.session();
    assert_eq!(session.session_ticket().unwrap().expose(), "ST");
    title.host.advance_ms(23 * HOUR_MS - 1);
    assert!(session.session_ticket().is_ok());
    title.host.advance_ms(1);
    let error = session.session_ticket().unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    for _ in 0..3 {
        title.run(session.refresh()).unwrap();
        title.host.advance_ms(20 * HOUR_MS);
    }
    assert!(title.run(session.access_token()).is_ok());
    assert!(session.session_ticket().is_err(), "a renewal brings no ticket");
    title.take();
    let error = title.run(session.link(&Credential::apple("jwt"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionOver);
    assert!(title.take().is_empty(), "an expired ticket is never sent");
    assert_eq!(session.snapshot().status, Status::SignedIn);
}

#[test]
fn an_expired_entity_token_is_replaced_by_the_ticket() {
    let title = Title::new();
    // A title whose entity tokens live an hour.
    title.script(|request| {
        let mut token = entity_token("short", 0x019b_7702_c800);
        token["TokenExpiration"] = "2026-01-01T01:00:00Z".into();
        let data = json!({ "SessionTicket": "ST", "PlayFabId": "A1", "EntityToken": token });
        let body = json!({ "code": 200, "data": data }).to_string();
        request.url.contains("/LoginWith").then(|| SimReply::json(200, &body))
    });
    let session = title.session();
    title.host.advance_ms(2 * HOUR_MS);
    assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-1");
    let sent = title.take();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].header("x-entitytoken"), sent[0].header("x-authorization")), (None, Some("ST")));
}

#[test]
fn when_both_lives_are_over_so_is_the_session() {
    let title = Title::new();
    let session = title.session();
    title.host.advance_ms(24 * HOUR_MS);
    let error = title.run(session.access_token()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::Expired)));
    assert!(title.take().is_empty(), "neither is sent");
    assert_eq!(session.snapshot().status, Status::SignedOut(SessionOverReason::Expired));
}

#[test]
fn a_revoked_entity_token_is_replaced_by_the_ticket() {
    for (name, number) in [("EntityTokenRevoked", 1337), ("EntityTokenExpired", 1336), ("EntityTokenInvalid", 1335)] {
        let title = Title::new();
        let session = title.session();
        title.script(move |request| {
            let by_token = request.headers.iter().any(|(name, _)| *name == "x-entitytoken");
            by_token.then(|| SimReply::json(401, &refusal(401, name, number)))
        });
        assert!(title.run(session.refresh()).is_ok(), "{name}");
        let sent = title.take();
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[1].header("x-authorization"), Some("ST"));
    }
}

#[test]
fn a_ticket_the_service_refuses_ends_the_session_once_the_token_is_over() {
    let title = Title::new();
    let session = title.session();
    title.refuses_at(RENEW, 401, "NotAuthenticated", 1074);
    let error = title.run(session.refresh()).unwrap_err();
    assert_eq!((code(&error), error.reason()), ("NotAuthenticated", Some(SessionOverReason::RefreshRejected)));
    assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-1", "valid still");
    assert!(session.session_ticket().is_err());
    title.host.advance_ms(24 * HOUR_MS);
    let error = title.run(session.access_token()).unwrap_err();
    assert_eq!(error.reason(), Some(SessionOverReason::RefreshRejected));
}

#[test]
fn a_ban_ends_the_session() {
    let title = Title::new();
    let session = title.session();
    title.refuses_at(RENEW, 403, "AccountBanned", 1002);
    let error = title.run(session.refresh()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Restricted, Some(SessionOverReason::Restricted)));
}

#[test]
fn an_outage_costs_nothing_but_time() {
    for (status, body) in [
        (429, refusal(429, "APIClientRequestRateLimitExceeded", 1199)),
        (503, "<html>".to_owned()),
        (500, refusal(500, "InternalServerError", 1110)),
        (200, refusal(500, "UnknownError", 1039)),
        (200, "{}".to_owned()),
        (404, refusal(404, "InvalidAPIEndpoint", 1131)),
    ] {
        let title = Title::new();
        let session = title.session();
        title.answers(status, &body);
        assert!(title.run(session.refresh()).is_err(), "{body}");
        title.works_again();
        title.host.advance_ms(23 * HOUR_MS + HOUR_MS / 2);
        assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-1", "{body}");
        title.host.advance_ms(HOUR_MS / 2 - 60_000);
        assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-2", "{body}");
    }
}

#[test]
fn the_tokens_life_is_counted_from_the_services_clock() {
    let title = Title::new();
    title.script(|request| {
        let mut token = entity_token("ET", 1_767_225_600_000);
        // The player's clock is two hours behind: by it, the token would live until four o'clock.
        token["TokenExpiration"] = "2026-01-01T04:00:00Z".into();
        let data = json!({ "SessionTicket": "ST", "PlayFabId": "A1", "EntityToken": token });
        let headers = vec![("date".to_owned(), "Thu, 01 Jan 2026 02:00:00 GMT".to_owned())];
        let body = json!({ "code": 200, "data": data }).to_string();
        request.url.contains("/LoginWith").then(|| SimReply::response(200, headers, body))
    });
    let session = title.session();
    title.host.advance_ms(2 * HOUR_MS - 400_000);
    title.run(session.access_token()).unwrap();
    assert!(title.take().is_empty());
    title.host.advance_ms(100_000);
    title.run(session.access_token()).unwrap();
    assert_eq!(title.take()[0].path(), RENEW);
}

#[test]
fn a_restart_finds_the_session_with_both_lives() {
    let title = Title::new();
    let session = title.session();
    title.host.advance_ms(22 * HOUR_MS);
    session.close();
    let restored = title.run(title.client().restore()).unwrap();
    assert_eq!(restored.session_ticket().unwrap().expose(), "ST");
    assert_eq!(title.run(restored.access_token()).unwrap().expose(), "ET-1");
    assert!(restored.login_details().newly_created);
    title.host.advance_ms(HOUR_MS);
    assert!(restored.session_ticket().is_err());
    assert!(title.run(title.client().restore()).is_some(), "the entity token lives still");
    title.host.advance_ms(HOUR_MS);
    assert!(title.run(title.client().restore()).is_none());
}

#[test]
fn signing_out_is_local() {
    let title = Title::new();
    let session = title.session();
    assert!(!title.run(session.logout()).revoked);
    assert!(title.take().is_empty(), "PlayFab has no such call");
    assert_eq!(session.session_ticket().unwrap_err().reason(), Some(SessionOverReason::SignedOut));
    assert!(title.run(title.client().restore()).is_none());
    assert!(title.host.stored().iter().all(|(_, text)| !text.contains("ST") && !text.contains("ET-1")));
}

#[test]
fn linking_and_unlinking_leave_the_player_and_the_tokens_alone() {
    let title = Title::new();
    let session = title.session();
    title.run(session.link(&Credential::steam("00"))).unwrap();
    title.run(session.unlink(&Unlink::steam())).unwrap();
    title.run(session.access_token()).unwrap();
    let paths: Vec<String> = title.take().iter().map(|sent| sent.path().to_owned()).collect();
    assert_eq!(paths, ["/Client/LinkSteamAccount", "/Client/UnlinkSteamAccount"]);
}

#[test]
fn a_link_is_never_sent_twice() {
    for (status, name, number) in
        [(401, "NotAuthenticated", 1074), (429, "APIClientRequestRateLimitExceeded", 1199), (500, "UnknownError", 1039)]
    {
        let title = Title::new();
        let session = title.session();
        title.refuses(status, name, number);
        assert!(title.run(session.link(&Credential::steam("00"))).is_err());
        assert_eq!(title.take().len(), 1, "{name}");
    }
}

#[test]
fn calls_by_name_carry_the_credential_their_api_takes() {
    let title = Title::new();
    let session = title.session();
    title.run(session.call("Client/GetAccountInfo", "{}")).unwrap();
    title.run(session.call("Group/ListMembership", r#"{ "Entity": null }"#)).unwrap();
    let sent = title.take();
    assert_eq!((sent[0].path(), sent[0].header("x-authorization")), ("/Client/GetAccountInfo", Some("ST")));
    assert_eq!((sent[1].path(), sent[1].header("x-entitytoken")), ("/Group/ListMembership", Some("ET-1")));
    assert_eq!((sent[0].header("x-entitytoken"), sent[1].header("x-authorization")), (None, None));
    assert!(sent.iter().all(|sent| sent.header("authorization").is_none()));
    assert_eq!(sent[1].body, json!({ "Entity": null }));
}

#[test]
fn an_entity_call_whose_token_is_refused_is_replayed_once_with_a_new_one() {
    // Also where a proxy has made a 200 of the refusal.
    for status in [401, 200] {
        let title = Title::new();
        let session = title.session();
        title.script(move |request| {
            let old = request.headers.iter().any(|(_, value)| value == "ET-1") && !request.url.ends_with(RENEW);
            old.then(|| SimReply::json(status, &refusal(401, "EntityTokenExpired", 1336)))
        });
        assert_eq!(title.run(session.call("Group/ListMembership", "{}")).unwrap(), "{}");
        let paths: Vec<String> = title.take().iter().map(|sent| sent.path().to_owned()).collect();
        assert_eq!(paths, ["/Group/ListMembership", RENEW, "/Group/ListMembership"]);
    }
}

#[test]
fn titles_share_no_session() {
    let title = Title::new();
    title.session();
    let other = playerlink::playfab::Config::title("FFFF2");
    let other = playerlink::playfab::PlayFab::new(other, title.host.clone()).unwrap();
    assert!(title.run(other.restore()).is_none());
}

#[test]
fn a_session_that_is_past_both_lives_signs_in_again_with_a_fresh_ticket() {
    let title = Title::new();
    let asked = Arc::new(AtomicU32::new(0));
    let counter = asked.clone();
    let client = title.client().with_tickets(move || {
        let ticket = counter.fetch_add(1, Ordering::Relaxed);
        async move { Some(Credential::steam(format!("fresh-{ticket}"))) }
    });
    let session = title.run(client.login(Credential::steam("first"))).unwrap();
    title.refuses_at(RENEW, 401, "NotAuthenticated", 1074);
    title.host.advance_ms(25 * HOUR_MS);
    title.take();
    assert_eq!(title.run(session.access_token()).unwrap().expose(), "ET-2");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let sent = title.take();
    assert_eq!(sent.last().unwrap().path(), "/Client/LoginWithSteam");
    assert_eq!(sent.last().unwrap().body, json!({ "TitleId": "ABCD1", "SteamTicket": "fresh-0" }));
    assert_eq!(session.session_ticket().unwrap().expose(), "ST", "with a new life");
}
