//! A sign-out holds, whatever else is going on.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use emulator::{Delivery, Fault};
use playerlink::host::Host;
use playerlink::rallyhere::Credential;
use playerlink::{ErrorKind, SessionOverReason, Status};

use crate::spy::Spy;
use crate::support::world::World;
use crate::support::{all, poll_once};
use crate::tab::Tab;

const SIGNED_OUT: Status = Status::SignedOut(SessionOverReason::SignedOut);

/// No token anywhere in the store: a mark is left, and nothing points to it.
fn assert_nothing_is_left(world: &World) {
    for (key, text) in world.host.stored() {
        assert!(!text.contains("token"), "{key}: {text}");
        assert!(!key.ends_with("/active"), "{key}: {text}");
    }
    assert!(world.run(world.rallyhere().restore()).is_none());
}

#[test]
fn r22_only_the_revoke_request_is_to_outlive_the_page() {
    let world = World::new();
    let kept: Arc<Mutex<Vec<(String, bool)>>> = Arc::default();
    let into = kept.clone();
    world.intercept(move |request| {
        let path = request.url.split("/").skip(3).collect::<Vec<_>>().join("/");
        into.lock().unwrap().push((path, request.keepalive));
        None
    });
    world.run(world.steam("s1").logout());
    world.run(world.nova().logout());
    let wanted = [
        ("users/v1/login", false),
        ("users/v1/logout", true),
        (
            "api/oauth2/login/token?client_id=57&scope=offline&redirect_uri=https%3A%2F%2Fcompanion.example%2Fcallback",
            false,
        ),
        ("api/oauth2/logout?sessions=all", true),
    ];
    assert_eq!(*kept.lock().unwrap(), wanted.map(|(path, keepalive)| (path.to_owned(), keepalive)));
}

#[test]
fn r22_signing_out_works_offline_and_at_once() {
    let world = World::new();
    let session = world.steam("s1");
    world.go_offline();
    let signed_out = world.run(session.logout());
    assert!(!signed_out.revoked);
    assert_eq!(session.snapshot().status, SIGNED_OUT);
    assert_nothing_is_left(&world);
    world.no_intercept();
    world.forget();
    for error in [
        world.run(session.access_token()).unwrap_err(),
        world.run(session.refresh()).unwrap_err(),
        world.run(session.verify()).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::SignedOut)));
    }
    assert_eq!(world.count(), 0);
}

#[test]
fn r22_signing_out_waits_two_seconds_for_the_service_and_no_longer() {
    let world = World::new();
    let session = world.steam("s1");
    world.fault(Fault { delivery: Delivery::Hang, ..Fault::on("/users/v1/logout") });
    let before = world.now();
    assert!(!world.run(session.logout()).revoked);
    assert_eq!(world.now() - before, 2_000);
    assert_nothing_is_left(&world);
}

#[test]
fn r22_the_session_is_over_before_the_service_has_answered() {
    let world = World::new();
    let session = world.steam("s1");
    world.latency_ms(1_000);
    world.run(async {
        let mut logout = pin!(session.logout());
        assert!(poll_once(logout.as_mut()).is_pending());
        assert_eq!(session.snapshot().status, SIGNED_OUT);
        assert!(session.access_token().await.is_err());
        assert!(logout.await.revoked);
    });
}

#[test]
fn r21_a_refresh_in_the_air_does_not_bring_a_signed_out_session_back() {
    // Before the answer, and before each millisecond of the write that follows it.
    for logout_at in [0, 500, 999, 1_000, 1_050, 1_099, 1_100, 1_101] {
        let world = World::new();
        world.emulator().rallyhere_mut().environment_mut().rotation = emulator::rallyhere::Rotation::Strict;
        let spy = Spy::new(&world);
        let issued: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = issued.clone();
        spy.on_swap(move |_, next| {
            let record = next.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()).unwrap_or_default();
            seen.lock().unwrap().extend(record["session"]["refresh_token"].as_str().map(str::to_owned));
        });
        let session = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
        world.host.advance_ms(3_600_000);
        world.latency_ms(1_000);
        spy.writes_take(Some(100));
        world.forget();
        let token = world.run(async {
            let mut waiting = pin!(session.access_token());
            assert!(poll_once(waiting.as_mut()).is_pending());
            world.host.sleep(logout_at).await;
            session.logout().await;
            let token = waiting.await;
            world.host.sleep(60_000).await;
            token
        });
        if logout_at < 1_100 {
            let error = token.unwrap_err();
            assert_eq!(error.reason(), Some(SessionOverReason::SignedOut), "at {logout_at}: {error}");
        }
        assert_eq!(session.snapshot().status, SIGNED_OUT, "at {logout_at}");
        assert!(world.run(session.access_token()).is_err());
        spy.writes_take(Some(0));
        world.latency_ms(0);
        assert_nothing_is_left(&world);
        let issued = std::mem::take(&mut *issued.lock().unwrap());
        assert!(!issued.is_empty());
        for token in issued {
            let error = world.run(world.rallyhere().login(Credential::refresh(token))).unwrap_err();
            assert_eq!(crate::support::code(&error), "refresh_token_not_found", "at {logout_at}");
        }
    }
}

#[test]
fn the_tokens_a_late_refresh_brought_are_given_back() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(3_600_000);
    world.latency_ms(1_000);
    world.forget();
    world.run(async {
        let mut waiting = pin!(session.access_token());
        assert!(poll_once(waiting.as_mut()).is_pending());
        world.host.sleep(1).await;
        session.logout().await;
        assert!(waiting.await.is_err());
        world.host.sleep(60_000).await;
    });
    let given_back = world.sent_to("/users/v1/logout");
    assert_eq!(given_back.len(), 2, "the old token and the one that came late");
    assert_ne!(given_back[0].json()["refresh_token"], given_back[1].json()["refresh_token"]);
}

#[test]
fn two_sign_outs_at_once_are_one() {
    let world = World::new();
    let session = world.steam("s1");
    world.latency_ms(100);
    world.forget();
    let results = world.run(all((0..2).map(|_| session.logout())));
    assert_eq!(results.iter().filter(|result| result.revoked).count(), 1);
    assert_eq!(world.count(), 1);
}

#[test]
fn r22_a_failing_store_does_not_keep_anyone_signed_in() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.fail_store(true);
    assert!(world.run(session.logout()).revoked, "the service is told all the same");
    assert_eq!(session.snapshot().status, SIGNED_OUT);
    assert!(world.run(session.access_token()).is_err());
}

/// Seeds 27911 and 79960 of the simulator.
#[test]
fn r20_a_sign_out_the_store_did_not_take_is_written_when_it_is_back() {
    for failing_ms in [0, 500, 30_000] {
        let world = World::new();
        let session = world.steam("s1");
        world.host.fail_store(true);
        world.run(session.logout());
        drop(session);
        world.run(world.host.sleep(failing_ms));
        world.host.fail_store(false);
        world.run(world.host.sleep(10_001));
        let (_, record) = world.host.stored().into_iter().find(|(key, _)| key.contains("/account/")).unwrap();
        assert!(record.contains("signed-out"), "{record}");
        assert_nothing_is_left(&world);
    }
}

#[test]
fn r21_a_sign_out_that_is_written_late_leaves_a_newer_sign_in_alone() {
    for stored in [true, false] {
        let world = World::new();
        let first = world.steam("s1");
        world.host.fail_store(true);
        world.run(first.logout());
        // In memory only until the store is back, or stored before the mark is tried again.
        world.host.fail_store(!stored);
        let second = world.steam("s1");
        world.host.fail_store(false);
        let token = world.run(second.access_token()).unwrap();
        world.run(world.host.sleep(30_000));
        assert_eq!(world.run(second.access_token()).unwrap(), token);
        let restored = world.run(world.rallyhere().restore()).expect("the newer sign-in");
        assert_eq!(world.run(restored.access_token()).unwrap(), token);
        assert!(world.run(second.refresh()).is_ok());
    }
}

#[test]
fn signing_in_after_a_sign_out_starts_anew() {
    let world = World::new();
    let first = world.steam("s1");
    world.run(first.logout());
    let second = world.steam("s1");
    assert!(world.run(second.access_token()).is_ok());
    assert!(world.run(world.rallyhere().restore()).is_some());
    assert!(world.run(first.access_token()).is_err(), "the old session stays over");
    assert!(world.run(second.refresh()).is_ok(), "and takes nothing from the new one");
}

#[test]
fn r44_signing_out_of_one_account_leaves_the_other_to_be_restored() {
    let world = World::new();
    let first = world.steam("s1");
    let second = world.steam("s3");
    world.run(first.logout());
    let restored = world.run(world.rallyhere().restore()).expect("the account signed in last");
    assert_eq!(restored.player(), second.player());
}

#[test]
fn r22_a_session_that_is_over_sends_nothing_when_signed_out() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(3_600_000);
    world.refuse("/users/v1/login", 403, "refresh_token_not_found");
    assert!(world.run(session.access_token()).is_err());
    world.forget();
    assert!(!world.run(session.logout()).revoked);
    let nova = world.nova();
    world.host.advance_ms(3_600_000);
    world.refuse("/api/oauth2/token", 400, "010-023");
    assert!(world.run(nova.access_token()).is_err());
    world.forget();
    assert!(!world.run(nova.logout()).revoked);
    assert_eq!(world.count(), 0, "there is no token left to revoke");
}

#[test]
fn r22_signing_out_never_refreshes_first() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(3_600_000);
    world.forget();
    world.run(session.logout());
    assert_eq!(world.take_requests(), ["POST /users/v1/logout"]);
}

/// A refresh and a sign-out that begins at each moment of it, in the same tab or in another one.
fn at_each_moment_of_a_refresh(same_tab: bool, new: fn(&World) -> Tab) {
    for (refresh_ms, sign_out_ms) in [(10, 10), (10, 3), (10, 40)] {
        for moment in 0..30 {
            let world = World::new();
            world.emulator().rallyhere_mut().environment_mut().rotation = emulator::rallyhere::Rotation::Strict;
            let tabs = [new(&world), new(&world)];
            let one = world.run(tabs[0].rallyhere().login(Credential::steam("emu.s1"))).unwrap();
            let two = world.run(tabs[1].rallyhere().restore()).unwrap();
            let leaving = if same_tab { one.clone() } else { two.clone() };
            world.run(world.host.sleep(1));
            world.host.advance_ms(3_600_000);
            tabs[0].steps_take(refresh_ms);
            tabs[1].steps_take(sign_out_ms);
            let refreshed = world.run(async {
                let mut waiting = pin!(one.access_token());
                assert!(poll_once(waiting.as_mut()).is_pending());
                let sign_out = async {
                    world.host.sleep(moment * 5).await;
                    leaving.logout().await
                };
                let (signed_out, refreshed) = both(sign_out, waiting).await;
                world.host.sleep(60_000).await;
                let _ = signed_out;
                refreshed
            });
            let at = format!("same tab: {same_tab}, {sign_out_ms} ms a step, at {} ms", moment * 5);
            if let Err(error) = refreshed {
                assert_eq!(error.reason(), Some(SessionOverReason::SignedOut), "{at}");
            }
            for (tab, session) in tabs.iter().zip([&one, &two]) {
                tab.steps_take(0);
                assert_eq!(session.snapshot().status, SIGNED_OUT, "{at}");
                let error = world.run(session.access_token()).unwrap_err();
                assert_eq!(error.reason(), Some(SessionOverReason::SignedOut), "{at}");
            }
            assert_nothing_is_left(&world);
        }
    }
}

/// Both results, the work going on side by side.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(context)
        {
            first = Some(value);
        }
        if second.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(context)
        {
            second = Some(value);
        }
        if first.is_some() && second.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (first.unwrap(), second.unwrap())
}

#[test]
fn r21_a_sign_out_at_each_moment_of_a_refresh_ends_signed_out() {
    for new in [Tab::new, Tab::without_locks] {
        at_each_moment_of_a_refresh(true, new);
    }
}

#[test]
fn r21_a_sign_out_in_another_tab_at_each_moment_of_a_refresh_ends_signed_out_in_both() {
    for new in [Tab::new, Tab::without_locks] {
        at_each_moment_of_a_refresh(false, new);
    }
}
