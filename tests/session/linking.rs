//! A linking code shown over a session: `LinkingFlow`.

use std::sync::{Arc, Mutex};

use playerlink::host::{Host, SimReply, TransportErrorKind};
use playerlink::linking::display::{Event, Link, NewCode, Options, State};
use playerlink::linking::watch::{Evidence, Offered};
use playerlink::linking::{CodeStatus, LinkedNews, LinkingFlow, LinkingSource};
use playerlink::rallyhere::RallyHereSession;
use playerlink::{ErrorKind, Result};

use crate::support::world::World;

/// A backend with codes of its own: used after `used_at`, wall clock; then the account plays as somebody else.
struct Backend<H: Host> {
    session: RallyHereSession<H>,
    used_at: u64,
    asked: Arc<Mutex<Vec<&'static str>>>,
    now: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl<H: Host> LinkingSource for Backend<H> {
    fn offered(&self) -> Offered {
        Offered { status: true, revoke: true, ..Offered::default() }
    }

    async fn request_code(&self) -> Result<NewCode> {
        self.asked.lock().unwrap().push("code");
        Ok(NewCode { code: "012345".into(), expires_in_ms: Some(300_000), was_number: false })
    }

    async fn status(&self) -> Result<CodeStatus> {
        self.asked.lock().unwrap().push("status");
        if (self.now)() < self.used_at {
            return Ok(CodeStatus::Pending);
        }
        Ok(CodeStatus::Linked(Link { platform: "XboxLive".into(), id: None, display_name: Some("Nova".into()) }))
    }

    async fn revoke(&self) {
        self.asked.lock().unwrap().push("revoke");
        assert!(!self.session.player().player_id.is_empty());
    }
}

struct Shown {
    world: World,
    session: RallyHereSession<playerlink::host::SimHost>,
    flow: LinkingFlow<playerlink::host::SimHost, Backend<playerlink::host::SimHost>>,
    asked: Arc<Mutex<Vec<&'static str>>>,
    states: Arc<Mutex<Vec<State>>>,
}

fn shown(used_after_ms: u64) -> Shown {
    let world = World::new();
    let session = world.steam("s3");
    world.forget();
    let (asked, states): (Arc<Mutex<Vec<_>>>, Arc<Mutex<Vec<_>>>) = Default::default();
    let host = world.host.clone();
    let backend = Backend {
        session: session.clone(),
        used_at: host.now() + used_after_ms,
        asked: asked.clone(),
        now: Arc::new(move || host.now()),
    };
    let seen = states.clone();
    let flow = LinkingFlow::new(&session, backend, Options::default(), move |snapshot| {
        let mut seen = seen.lock().unwrap();
        if seen.last() != Some(&snapshot.state) {
            seen.push(snapshot.state);
        }
    });
    Shown { world, session, flow, asked, states }
}

#[test]
fn after_a_link_the_session_is_refreshed_before_the_program_is_told_once() {
    let Shown { world, session, flow, asked, states } = shown(20_000);
    assert!(world.take_requests().is_empty());
    flow.send(Event::Start);
    let news = world.run(flow.run()).unwrap();
    let link = Link { platform: "XboxLive".into(), id: None, display_name: Some("Nova".into()) };
    assert_eq!(news, LinkedNews { link, evidence: Evidence::Status, player_changed: false, refreshed: true });
    assert_eq!(world.take_requests(), ["POST /users/v1/login"], "one refresh");
    assert_eq!(*states.lock().unwrap(), [State::Requesting, State::Active, State::Linked]);
    assert_eq!(asked.lock().unwrap().iter().filter(|what| **what == "code").count(), 1);
    assert!(world.run(session.access_token()).is_ok());
    assert_eq!(flow.snapshot().code, None);
}

#[test]
fn while_the_refresh_fails_no_token_from_before_the_link_is_handed_out() {
    let Shown { world, session, flow, .. } = shown(5_000);
    let old = world.run(session.access_token()).unwrap();
    world.intercept(|request| request.url.ends_with("/v1/login").then(|| SimReply::fails(TransportErrorKind::Network)));
    flow.send(Event::Start);
    let news = world.run(flow.run()).unwrap();
    assert!(!news.refreshed);
    let tries = world.take_requests().len();
    assert!((2..=3).contains(&tries), "{tries}: three, unless the session itself wants a pause first");
    let error = world.run(session.access_token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionStale);
    world.intercept(|_| None);
    world.host.advance_ms(120_000);
    assert_ne!(world.run(session.access_token()).unwrap(), old);
}

#[test]
fn cancelled_from_another_handle_it_ends_and_takes_the_code_back() {
    let Shown { world, flow, asked, .. } = shown(u64::MAX / 2);
    let (button, host) = (flow.clone(), world.host.clone());
    world.host.spawn(async move {
        host.sleep(30_000).await;
        button.send(Event::Cancel);
    });
    flow.send(Event::Start);
    assert_eq!(world.run(flow.run()), None);
    assert_eq!(asked.lock().unwrap().last(), Some(&"revoke"));
    assert_eq!((flow.snapshot().state, flow.snapshot().code), (State::Cancelled, None));
    assert!(!format!("{flow:?}").contains("012345"));
}

#[test]
fn x02_the_body_of_an_answer_with_a_code_is_in_no_log_and_no_error() {
    let bodies = [
        (200, r#"{"code":["730519"],"more":"730519"}"#, ErrorKind::Protocol),
        (200, r#"{"code":"730519"#, ErrorKind::Protocol),
        (200, "<p>730519</p>", ErrorKind::Protocol),
        (500, r#"{"code":"730519"}"#, ErrorKind::Service),
    ];
    for (status, body, kind) in bodies {
        let world = World::new();
        let session = world.nova();
        world.intercept(move |_| Some(SimReply::json(status, body)));
        let error = world.run(session.create_linking_code()).unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
        let told = format!("{error} {error:?} {:?}", world.host.log_lines());
        assert!(!told.contains("730519"), "{told}");
    }
}
