//! What happens between two steps: a change, a sign-out, another tab or a panic while a refresh is in the air.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use emulator::rallyhere::{Platform, Rotation};
use playerlink::host::{
    Host, HostError, MaybeSend, NativeHost, Signal, SimHost, SimLock, SimReply, TransportError, TransportErrorKind,
};
use playerlink::http::{Request, Response};
use playerlink::rallyhere::{Config, Credential, RallyHere};
use playerlink::{ErrorKind, Secret, SessionOverReason, Status};
use serde_json::Value;

use crate::spy::Spy;
use crate::support::poll_once;
use crate::support::world::World;
use crate::tab::Tab;

const HOUR: u64 = 3_600_000;
const ENABLE: &str = "/users/v1/cross-progression/enable";

fn strict() -> World {
    let world = World::new();
    world.emulator().rallyhere_mut().environment_mut().rotation = Rotation::Strict;
    world
}

/// Key and text of the one record in the store.
fn record(world: &World) -> (String, Value) {
    let mut stored = world.host.stored().into_iter().filter(|(key, _)| key.contains("/account/"));
    let (key, text) = stored.next().expect("a record");
    (key, serde_json::from_str(&text).unwrap())
}

fn own_player(world: &World) -> String {
    world.emulator().rallyhere().user(Platform::STEAM, "s3").unwrap().player_uuid.clone()
}

// --- who the player is ---

#[test]
fn a_flight_that_left_before_the_change_hands_its_token_to_nobody() {
    let world = World::new();
    let session = world.steam("s3");
    world.latency_ms(1_000);
    world.forget();
    world.run(async {
        let mut early = pin!(session.refresh());
        assert!(poll_once(early.as_mut()).is_pending());
        world.host.sleep(1).await;
        world.latency_ms(100);
        let (changing, changed) = (session.clone(), Arc::new(Mutex::new(None)));
        let told = changed.clone();
        world.host.spawn(async move {
            let result = changing.enable_cross_progression(None).await;
            *told.lock().unwrap() = Some(result);
        });
        world.host.sleep(1).await;
        // Joins the early flight, which lands well and too early.
        let token = session.access_token().await.unwrap();
        assert_eq!(session.player().player_id, own_player(&world), "the token is the new player's");
        assert_eq!(early.await.unwrap().player.player_id, own_player(&world), "so is what the early caller is told");
        world.host.sleep(1).await;
        assert!(changed.lock().unwrap().take().unwrap().unwrap().player_changed);
        assert_eq!(token, session.access_token().await.unwrap());
    });
    assert_eq!(world.sent_to("/users/v1/login").len(), 2, "one more flight for all of them");
}

#[test]
fn a_change_whose_answer_is_lost_leaves_the_session_stale_also_after_a_restart() {
    for restart in [false, true] {
        let world = World::new();
        let session = world.steam("s3");
        let old = world.run(session.access_token()).unwrap();
        world.intercept(|request| request.url.ends_with(ENABLE).then(|| SimReply::fails(TransportErrorKind::Network)));
        let error = world.run(session.enable_cross_progression(None)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        world.run(world.host.sleep(1));
        assert_eq!(record(&world).1["session"]["stale"], true);
        world.no_intercept();
        world.forget();
        let session = if restart { world.run(world.rallyhere().restore()).unwrap() } else { session };
        assert_ne!(world.run(session.access_token()).unwrap(), old, "restart: {restart}");
        assert_eq!(world.take_requests(), ["POST /users/v1/login"]);
        assert_eq!(record(&world).1["session"]["stale"], Value::Null, "the refresh has cleared it");
    }
}

#[test]
fn a_change_whose_caller_gives_up_leaves_the_session_stale() {
    let world = World::new();
    let session = world.steam("s3");
    let old = world.run(session.access_token()).unwrap();
    world.latency_ms(100);
    world.run(async {
        let mut change = Box::pin(session.enable_cross_progression(None));
        assert!(poll_once(change.as_mut()).is_pending());
    });
    assert_ne!(world.run(session.access_token()).unwrap(), old);
    assert_eq!(session.player().player_id, own_player(&world));
}

#[test]
fn a_token_asked_for_while_a_change_is_on_its_way_waits_for_the_answer_also_when_it_is_lost() {
    let world = World::new();
    let session = world.steam("s3");
    let lost = || SimReply::fails(TransportErrorKind::Network).after_ms(1_000);
    world.intercept(move |request| request.url.ends_with(ENABLE).then(lost));
    world.forget();
    let began = world.now();
    let changing = session.clone();
    world.host.spawn(async move { assert!(changing.enable_cross_progression(None).await.is_err()) });
    world.run(async {
        world.host.sleep(1).await;
        session.access_token().await.unwrap();
    });
    let refreshes = world.sent_to("/users/v1/login");
    assert_eq!(refreshes.len(), 1);
    assert!(refreshes[0].at >= began + 1_000, "a token from before may be the player before's");
}

#[test]
fn a_session_that_died_stale_is_restored_stale_while_offline() {
    let world = World::new();
    let session = world.steam("s3");
    world.intercept(|request| (!request.url.ends_with(ENABLE)).then(|| SimReply::fails(TransportErrorKind::Network)));
    assert!(world.run(session.enable_cross_progression(None)).is_err());
    let restored = world.run(world.rallyhere().restore()).expect("offline is no reason to sign in again");
    assert_eq!(world.run(restored.access_token()).unwrap_err().kind(), ErrorKind::SessionStale);
    world.no_intercept();
    world.host.advance_ms(60_000);
    assert!(world.run(restored.access_token()).is_ok());
    assert_eq!(restored.player().player_id, own_player(&world));
}

#[test]
fn a_change_that_was_made_elsewhere_before_is_seen_here_too() {
    let world = World::new();
    let one = world.steam("s3");
    let two = world.rallyhere_as("server", "server-secret");
    let two = world.run(two.login(Credential::steam("emu.s3"))).unwrap();
    assert!(world.run(one.enable_cross_progression(None)).unwrap().changed);
    let changed = world.run(two.enable_cross_progression(None)).unwrap();
    assert_eq!(changed.code.unwrap().as_str(), "already_cross_progression_player");
    assert_eq!((changed.changed, changed.player_changed), (false, true));
    assert_eq!(two.player().player_id, own_player(&world));
}

// --- signing out ---

#[test]
fn r21_a_late_refresh_leaves_a_newer_sign_in_of_the_same_account_alone() {
    let world = strict();
    let old = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.latency_ms(1_000);
    world.forget();
    let new = world.run(async {
        let mut waiting = pin!(old.access_token());
        assert!(poll_once(waiting.as_mut()).is_pending());
        world.host.sleep(1).await;
        world.latency_ms(0);
        old.logout().await;
        let new = world.rallyhere().login(Credential::steam("emu.s1")).await.unwrap();
        assert_eq!(waiting.await.unwrap_err().reason(), Some(SessionOverReason::SignedOut));
        world.host.sleep(60_000).await;
        new
    });
    let token = world.run(new.access_token()).unwrap();
    assert_eq!(record(&world).1["session"]["access_token"], token.expose());
    let restored = world.run(world.rallyhere().restore()).expect("the new sign-in");
    assert_eq!(world.run(restored.access_token()).unwrap(), token);
    assert!(world.run(new.refresh()).is_ok());
    assert_eq!(world.sent_to("/users/v1/logout").len(), 2, "the late tokens were given back");
}

#[test]
fn late_tokens_are_not_given_back_where_that_would_end_a_newer_sign_in() {
    let world = World::new();
    let old = world.nova();
    world.host.advance_ms(HOUR);
    world.latency_ms(1_000);
    world.forget();
    let new = world.run(async {
        let mut waiting = pin!(old.access_token());
        assert!(poll_once(waiting.as_mut()).is_pending());
        world.host.sleep(1).await;
        world.latency_ms(0);
        old.logout().await;
        let login = world.xsolla();
        let new = login.login("nova", &Secret::new(emulator::xsolla::PASSWORD)).await.unwrap();
        assert!(waiting.await.is_err());
        world.host.sleep(60_000).await;
        new
    });
    assert_eq!(world.sent_to("/api/oauth2/token/revoke").len(), 1, "the sign-out itself, of an expired session");
    assert!(world.sent_to("/api/oauth2/logout").is_empty(), "`sessions=all` would end the new one");
    assert!(world.run(new.profile()).is_ok());
    assert!(world.run(new.refresh()).is_ok());
}

#[test]
fn r22_a_sign_out_whose_caller_gives_up_is_carried_out() {
    let world = World::new();
    let session = world.steam("s1");
    world.latency_ms(100);
    world.forget();
    world.run(async {
        {
            let mut logout = Box::pin(session.logout());
            assert!(poll_once(logout.as_mut()).is_pending());
        }
        world.host.sleep(5_000).await;
    });
    assert_eq!(record(&world).1["session"], Value::Null);
    assert!(world.run(world.rallyhere().restore()).is_none());
    assert_eq!(world.count(), 1);
    assert!(world.run(session.logout()).revoked, "who asks next is told");
    assert_eq!(world.count(), 1);
}

#[test]
fn a_second_sign_out_waits_for_the_first() {
    let world = World::new();
    let session = world.steam("s1");
    world.latency_ms(100);
    world.run(async {
        let mut first = pin!(session.logout());
        assert!(poll_once(first.as_mut()).is_pending());
        session.logout().await;
        assert_eq!(record(&world).1["session"], Value::Null);
        assert!(poll_once(first.as_mut()).is_ready());
    });
}

#[test]
fn signing_out_revokes_what_another_tab_has_refreshed_to() {
    let world = strict();
    let one = world.steam("s1");
    let two = world.run(world.rallyhere().restore()).unwrap();
    assert!(world.run(two.refresh()).is_ok());
    let newest = record(&world).1["session"]["refresh_token"].clone();
    world.forget();
    assert!(world.run(one.logout()).revoked);
    assert_eq!(world.sent_to("/users/v1/logout")[0].json()["refresh_token"], newest);
}

#[test]
fn a_session_that_is_over_takes_nothing_from_a_newer_one_when_signed_out() {
    let world = strict();
    let old = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.refuse("/users/v1/login", 403, "refresh_token_not_found");
    assert!(world.run(old.access_token()).is_err());
    let new = world.steam("s1");
    world.run(old.logout());
    assert!(world.run(world.rallyhere().restore()).is_some());
    assert!(world.run(new.refresh()).is_ok());
}

#[test]
fn r21_signing_out_during_a_refresh_that_fails_is_told_as_signed_out() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.intercept(|_| Some(SimReply::fails(TransportErrorKind::Network).after_ms(1_000)));
    world.run(async {
        let mut token = pin!(session.access_token());
        let mut refresh = pin!(session.refresh());
        assert!(poll_once(token.as_mut()).is_pending() && poll_once(refresh.as_mut()).is_pending());
        world.host.sleep(1).await;
        session.logout().await;
        for error in [token.await.unwrap_err(), refresh.await.unwrap_err()] {
            assert_eq!((error.kind(), error.reason()), (ErrorKind::SessionOver, Some(SessionOverReason::SignedOut)));
        }
    });
}

// --- other tabs ---

#[test]
fn r11_a_refusal_that_came_too_late_overwrites_nothing_and_adopts() {
    for code in ["user_auth_restricted", "refresh_token_not_found"] {
        let world = strict();
        let spy = Spy::without_locks(&world);
        let session = world.run(spy.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
        let (key, mut newer) = record(&world);
        newer["generation"] = 9.into();
        newer["session"]["access_token"] = "the-winners".into();
        let newer = newer.to_string();
        let (host, text) = (world.host.clone(), newer.clone());
        // The winner stores its tokens right before the loser writes.
        spy.on_swap(move |key, _| {
            if key.contains("/account/") {
                host.put(key, &text);
            }
        });
        world.refuse("/users/v1/login", 403, code);
        assert!(world.run(session.refresh()).is_ok(), "{code}");
        assert_eq!(world.run(session.access_token()).unwrap().expose(), "the-winners");
        assert!(world.host.stored().contains(&(key, newer)), "{code}: the winner's record is whole");
    }
}

#[test]
fn r11_a_loser_that_adopts_expired_tokens_refreshes_once_with_them() {
    let world = strict();
    let session = world.steam("s1");
    let (key, mut newer) = record(&world);
    newer["generation"] = 9.into();
    newer["session"]["access_life"]["received_at"] = 0.into();
    let (host, mut refused) = (world.host.clone(), false);
    world.host.advance_ms(HOUR);
    world.forget();
    world.intercept(move |_| {
        if std::mem::replace(&mut refused, true) {
            return None;
        }
        host.put(&key, &newer.to_string());
        Some(SimReply::json(403, r#"{"error_code":"refresh_token_not_found"}"#))
    });
    assert!(world.run(session.access_token()).is_ok());
    assert_eq!(world.count(), 2);
}

#[test]
fn an_end_in_another_tab_takes_the_refresh_token_and_says_why_but_leaves_a_valid_token() {
    let world = strict();
    let one = world.steam("s1");
    let two = world.run(world.rallyhere().restore()).unwrap();
    world.refuse("/users/v1/login", 403, "user_auth_restricted");
    assert!(world.run(one.refresh()).is_err());
    assert_eq!(record(&world).1["reason"], "restricted");
    world.forget();
    assert_eq!(world.run(two.refresh()).unwrap_err().reason(), Some(SessionOverReason::Restricted));
    assert!(world.run(two.access_token()).is_ok(), "it is valid for an hour");
    assert_eq!(two.snapshot().status, Status::SignedIn);
    world.host.advance_ms(HOUR);
    assert_eq!(world.run(two.access_token()).unwrap_err().reason(), Some(SessionOverReason::Restricted));
    assert_eq!(world.count(), 0);
}

/// Seed 68432 of the simulator.
#[test]
fn r19_an_end_another_tab_has_written_does_not_end_a_session_whose_new_tokens_are_being_stored() {
    let world = strict();
    let tab = Tab::new(&world);
    let session = world.run(tab.rallyhere().login(Credential::steam("emu.s1"))).unwrap();
    let key = record(&world).0;
    world.run(world.host.sleep(1));
    // Nothing is valid any more, and no timer has noticed yet.
    world.host.set_wall_clock(world.now() + HOUR);
    tab.steps_take(100);
    tab.forget();
    let token = world.run(async {
        let mut asking = Box::pin(tab.call(session.refresh()));
        assert!(poll_once(asking.as_mut()).is_pending());
        // After the note: the new tokens, on their way into the store.
        while tab.seen().writes < 2 {
            world.host.sleep(1).await;
        }
        world.host.put(&key, r#"{"v":1,"generation":9,"reason":"outcome-unknown"}"#);
        world.host.signal(&Signal::Changed { key: key.clone(), generation: 9 });
        assert!(asking.await.expect("it lives").is_ok());
        session.access_token().await.unwrap()
    });
    assert_eq!(session.snapshot().status, Status::SignedIn);
    assert_eq!(record(&world).1["session"]["access_token"], token.expose(), "and stored over the end");
    assert!(world.run(session.refresh()).is_ok());
}

#[test]
fn r10_a_tab_that_keeps_the_lock_stops_no_other_for_longer_than_a_request_and_two_seconds() {
    let world = strict();
    let session = world.steam("s1");
    let old = world.run(session.access_token()).unwrap();
    let (host, key) = (world.host.clone(), record(&world).0);
    world.host.advance_ms(HOUR - 60_000);
    world.host.spawn(async move {
        let _held = host.lock(&key).await;
        host.sleep(HOUR).await;
    });
    world.forget();
    let before = world.now();
    assert_eq!(world.run(session.access_token()).unwrap(), old);
    assert_eq!(world.now() - before, 2_000, "nobody waits long for what is not needed yet");
    world.run(world.host.sleep(9_999));
    assert_eq!(world.count(), 0);
    world.run(world.host.sleep(2));
    assert_eq!(world.count(), 1);
    assert_ne!(world.run(session.access_token()).unwrap(), old);
}

// --- hosts and listeners that call back ---

/// Polls at once what it is given to spawn, and may panic in the middle of a request.
#[derive(Clone)]
struct Eager {
    inner: SimHost,
    panics: Arc<AtomicBool>,
}

impl Eager {
    fn rallyhere(world: &World) -> (Self, RallyHere<Self>) {
        let host = Self { inner: world.host.clone(), panics: Arc::default() };
        let config = Config::base_url("https://demo.rally-here.io").client("game", "game-secret").retries(false);
        (host.clone(), RallyHere::new(config, host).unwrap())
    }
}

impl Host for Eager {
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>> + MaybeSend {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "a defect in the host");
        self.inner.send(request)
    }

    fn sleep(&self, ms: u64) -> impl Future<Output = ()> + MaybeSend {
        self.inner.sleep(ms)
    }

    fn now(&self) -> u64 {
        self.inner.now()
    }

    fn monotonic(&self) -> u64 {
        self.inner.monotonic()
    }

    fn random(&self, out: &mut [u8]) -> Result<(), HostError> {
        self.inner.random(out)
    }

    fn spawn(&self, work: impl Future<Output = ()> + MaybeSend + 'static) {
        let mut work = Box::pin(work);
        if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.inner.spawn(work);
        }
    }

    fn load(&self, key: &str) -> impl Future<Output = Result<Option<String>, HostError>> + MaybeSend {
        self.inner.load(key)
    }

    fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        next: Option<&str>,
    ) -> impl Future<Output = Result<bool, HostError>> + MaybeSend {
        self.inner.compare_and_swap(key, expected, next)
    }

    type Lock = SimLock;

    fn lock(&self, name: &str) -> impl Future<Output = Option<SimLock>> + MaybeSend {
        self.inner.lock(name)
    }
}

#[test]
fn r31_a_host_that_polls_spawned_work_at_once_does_not_deadlock() {
    let world = World::new();
    let (_, rallyhere) = Eager::rallyhere(&world);
    let session = world.run(rallyhere.login(Credential::steam("emu.s1"))).unwrap();
    world.host.advance_ms(HOUR);
    assert!(world.run(session.access_token()).is_ok());
    assert!(world.run(session.refresh()).is_ok());
    assert!(world.run(session.logout()).revoked);
}

#[test]
fn a_refresh_that_ended_in_a_panic_does_not_block_the_next() {
    let world = World::new();
    let (host, rallyhere) = Eager::rallyhere(&world);
    let session = world.run(rallyhere.login(Credential::steam("emu.s1"))).unwrap();
    world.host.advance_ms(HOUR);
    host.panics.store(true, Ordering::Relaxed);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.run(session.access_token())));
    assert!(ended.is_err());
    assert!(world.run(session.access_token()).is_ok());
}

#[test]
fn r31_a_listener_may_own_subscriptions() {
    for close in [true, false] {
        let world = World::new();
        let session = world.steam("s1");
        let inner = Mutex::new(session.subscribe(|_| {}));
        // Dropping the outer listener unsubscribes the inner one.
        let outer = session.subscribe(move |_| {
            let _ = &inner;
        });
        if close {
            session.close();
        }
        drop(outer);
        assert_eq!(session.snapshot().status, Status::SignedIn);
    }
}

// --- the rest ---

#[test]
fn r08_a_call_with_its_refresh_and_its_replay_ends_at_one_deadline() {
    let world = World::new();
    let session = world.steam("s1");
    world.host.advance_ms(HOUR);
    world.intercept(|request| request.url.ends_with("/verify").then(SimReply::hangs));
    world.latency_ms(6_000);
    let before = world.now();
    assert_eq!(world.run(session.verify()).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(world.now() - before, 10_000);
}

#[test]
fn r32_the_line_about_a_damaged_record_does_not_name_the_account() {
    let world = World::new();
    let session = world.steam("s1");
    let (key, _) = record(&world);
    let id = session.player().platform_user_id.unwrap();
    world.host.put(&key, "{");
    assert!(world.run(world.rallyhere().restore()).is_none());
    let line = world.host.log_lines().into_iter().find(|line| line.contains("record-unreadable")).unwrap();
    assert_eq!(line, "warn record-unreadable service=rallyhere");
    assert!(!line.contains(&id));
}

#[tokio::test]
async fn r34_a_folder_takes_long_keys_and_keeps_apart_what_differs_in_case_only() {
    let folder = std::env::temp_dir().join(format!("playerlink-keys-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let host = NativeHost::new().unwrap().store_in(&folder);
    let long = "k".repeat(2_000);
    for (key, text) in [("a/Player", "one"), ("a/player", "two"), (long.as_str(), "three\nlines")] {
        assert!(host.compare_and_swap(key, None, Some(text)).await.unwrap());
    }
    assert_eq!(host.load("a/Player").await.unwrap().as_deref(), Some("one"));
    assert_eq!(host.load("a/player").await.unwrap().as_deref(), Some("two"));
    assert_eq!(host.load(&long).await.unwrap().as_deref(), Some("three\nlines"));
    let mut names = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap().to_lowercase();
        assert!(name.len() <= 64 && names.insert(name));
    }
    assert!(host.compare_and_swap("a/Player", Some("one"), None).await.unwrap());
    assert_eq!(host.load("a/Player").await.unwrap(), None);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let _ = std::fs::remove_dir_all(&folder);
}
