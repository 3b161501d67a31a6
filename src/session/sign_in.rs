//! A web sign-in, from the page the player is sent to until they are back: a slot for its `state` in the store (R38),
//! and one exchange for the way back, however many ask for it (R39). Not what is exchanged: that is the service's.

use std::sync::Arc;

use super::flight::Flight;
use super::flow::Session;
use super::policy;
use super::slots::{self, Slots};
use crate::error::{Error, ErrorKind, Result};
use crate::guarded::{Guard, Guarded};
use crate::host::{Boxed, Host, HostError};
use crate::http::query_value;
use crate::json::{Json, Object};
use crate::{Secret, base64};

/// How many sign-ins may be under way at once on a device; one more drops the oldest.
const MOST: usize = 5;
/// How long a player may be away, in milliseconds.
const LIFE_MS: u64 = 600_000;
/// How often a write is tried again because another tab was quicker.
const TRIES: usize = 8;

/// A web sign-in that has begun: the page to open, and how its answer will be told from others.
#[derive(Clone)]
pub struct WebSignIn {
    /// To be opened as a page of its own (never to be fetched).
    pub url: String,
    /// Comes back with the player. Kept in the store for 10 minutes: there is nothing to be done with it.
    pub state: Secret,
}

impl WebSignIn {
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn to_json(&self) -> Json {
        Object::new().text("url", &self.url).text("state", self.state.expose()).take()
    }
}

impl std::fmt::Debug for WebSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address holds the state.
        f.debug_struct("WebSignIn").finish_non_exhaustive()
    }
}

/// Makes a `state` of 144 bits and a slot for it, which outlives the page.
///
/// # Errors
/// `storage` when it could not be kept; `configuration` when there is no randomness.
pub(crate) fn begin<'a, H: Host>(host: &'a H, slots: &'a Slots) -> Boxed<'a, Result<Secret>> {
    Box::pin(async move {
        let mut bytes = [0; 18];
        if host.random(&mut bytes).is_err() {
            return Err(Error::configuration("this platform has no secure random numbers, which a web sign-in needs"));
        }
        let mut state = String::new();
        base64::encode_url(&bytes, &mut state);
        change(host, slots, &state, true).await?;
        Ok(state.into())
    })
}

/// The `state` of the address a player came back to.
pub(crate) fn state_of(callback_url: &str) -> Option<String> {
    query_value(callback_url, "state").filter(|state| !state.is_empty())
}

/// Nothing was sent, and the code is not spent.
pub(crate) fn not_begun() -> Error {
    let message = "no such web sign-in is under way here: it took more than 10 minutes, was completed already, or was \
                   not begun by this program; begin again";
    Error::new(ErrorKind::PlatformTicket, message)
}

/// Adds a slot for `state`, or takes it out. Answers whether it was there.
fn change<'a, H: Host>(host: &'a H, slots: &Slots, state: &'a str, add: bool) -> Boxed<'a, Result<bool>> {
    let key = slots.sign_ins();
    Box::pin(async move {
        for _ in 0..TRIES {
            let found = slots::load(host, &key).await.map_err(not_kept)?;
            let mut waiting = waiting(found.as_deref(), host.now());
            let count = waiting.len();
            waiting.retain(|slot| slot.get("state").as_text() != Some(state));
            let is_known = waiting.len() < count;
            if add {
                waiting.push(Object::new().text("state", state).number("at", host.now()).take());
                while waiting.len() > MOST {
                    waiting.remove(0);
                }
            } else if !is_known {
                return Ok(false);
            }
            let next = (!waiting.is_empty()).then(|| Object::new().list("waiting", waiting).take().to_text());
            if slots::swap(host, &key, found.as_deref(), next.as_deref()).await.map_err(not_kept)? {
                return Ok(is_known);
            }
        }
        Err(not_kept(slots::store_hangs()))
    })
}

/// The slots that are not too old, the oldest first. What cannot be read is none.
fn waiting(text: Option<&str>, now: u64) -> Vec<Json> {
    let mut young = Vec::new();
    if let Some(json) = text.and_then(|text| Json::parse_object(text.as_bytes())) {
        for slot in json.get("waiting").items() {
            // A clock that was set back makes no slot live longer than twice.
            if slot.count("at").is_some_and(|at| now.abs_diff(at) < LIFE_MS) {
                young.push(slot.clone());
            }
        }
    }
    young
}

fn not_kept(_: HostError) -> Error {
    Error::new(ErrorKind::Storage, "the store failed, and a web sign-in must be kept while the player is away")
}

/// The last way back of a client. Cheap to clone.
pub(crate) struct WayBack<H: Host>(Arc<Guarded<Option<Arc<Completion<H>>>>>);

struct Completion<H: Host> {
    key: Secret,
    flight: Flight,
    end: Guarded<End<H>>,
}

struct End<H: Host> {
    /// The slot was taken out: what follows spends the code.
    is_taken: bool,
    /// It failed for now: whoever asks again makes it go on.
    may_go_on: bool,
    session: Option<Session<H>>,
}

impl<H: Host> WayBack<H> {
    /// Takes the slot of `state` out, if one is given, and then does `work`: once for all who ask with the same `key`,
    /// and again only after a failure that may pass. Goes on when its callers give up, since the code is spent.
    pub(crate) fn complete(
        &self,
        host: &Arc<H>,
        slot: Option<(Slots, String)>,
        key: &str,
        work: Boxed<'static, Result<Session<H>>>,
    ) -> Boxed<'static, Result<Session<H>>> {
        let completion = self.join(host, slot, key, work);
        Box::pin(async move {
            (&completion.flight).await?;
            let session = completion.end().session.clone();
            session.ok_or_else(not_begun)
        })
    }

    /// The key of the last one.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn last(&self) -> Option<Secret> {
        self.lock().as_ref().map(|completion| completion.key.clone())
    }

    fn join(
        &self,
        host: &Arc<H>,
        slot: Option<(Slots, String)>,
        key: &str,
        work: Boxed<'static, Result<Session<H>>>,
    ) -> Arc<Completion<H>> {
        let mut last = self.lock();
        let mut is_taken = false;
        if let Some(same) = last.as_ref().filter(|completion| completion.key.expose() == key) {
            if !same.flight.has_landed() || !same.end().may_go_on {
                return same.clone();
            }
            is_taken = same.end().is_taken;
        }
        let (flight, pilot) = Flight::take_off();
        let end = Guarded::new(End { is_taken, may_go_on: false, session: None });
        let completion = Arc::new(Completion { key: key.into(), flight, end });
        *last = Some(completion.clone());
        drop(last);
        let (mine, own_host) = (completion.clone(), host.clone());
        host.spawn(async move {
            let result = match slot.filter(|_| !is_taken) {
                Some((slots, state)) => match change(&*own_host, &slots, &state, false).await {
                    Ok(true) => {
                        mine.end().is_taken = true;
                        work.await
                    }
                    Ok(false) => Err(not_begun()),
                    Err(error) => Err(error),
                },
                None => work.await,
            };
            let landed = match result {
                Ok(session) => {
                    mine.end().session = Some(session);
                    Ok(())
                }
                Err(error) => {
                    let for_now = matches!(error.kind(), ErrorKind::Agreements | ErrorKind::Storage);
                    mine.end().may_go_on = for_now || policy::is_passing(&error);
                    Err(error)
                }
            };
            pilot.land(landed);
        });
        completion
    }

    fn lock(&self) -> Guard<'_, Option<Arc<Completion<H>>>> {
        self.0.lock()
    }
}

impl<H: Host> Completion<H> {
    fn end(&self) -> Guard<'_, End<H>> {
        self.end.lock()
    }
}

impl<H: Host> Clone for WayBack<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: Host> Default for WayBack<H> {
    fn default() -> Self {
        Self(Arc::default())
    }
}
