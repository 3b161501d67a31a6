//! What a session knows, in 64 bits, so that whoever explores every order of things can tell that two orders came to the
//! same. For the simulator; only its build has this.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::events::Status;
use super::flow::{Session, Shared};
use super::record::{Life, Live};
use crate::Secret;
use crate::host::Host;

/// Whether a host is one of those that are asked for.
type Whose<'a> = &'a dyn Fn(&dyn Any) -> bool;
/// Adds a session to a digest if its host is asked for; `false` when the session is gone.
type Known = Box<dyn Fn(Whose<'_>, &mut DefaultHasher) -> bool>;

thread_local! {
    static SESSIONS: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
    static AT_REST: Cell<bool> = const { Cell::new(false) };
}

/// How many sessions are kept in mind before those that are gone are looked for.
const MANY: usize = 64;

/// From now on the session can be asked for.
pub(super) fn register<H: Host>(shared: &Arc<Shared<H>>) {
    let weak = Arc::downgrade(shared);
    SESSIONS.with_borrow_mut(|sessions| {
        if sessions.len() >= MANY {
            sessions.retain(|known| known(&|_| false, &mut DefaultHasher::new()));
        }
        sessions.push(Box::new(move |whose, hasher| {
            let Some(shared) = weak.upgrade() else { return false };
            if whose(&*shared.host) {
                Session(shared).hash_into(hasher);
            }
            true
        }));
    });
}

/// What all sessions know whose host is one of those, by its own type.
pub fn digest(whose: impl Fn(&dyn Any) -> bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    SESSIONS.with_borrow_mut(|sessions| sessions.retain(|known| known(&whose, &mut hasher)));
    hasher.finish()
}

/// The keeper remembers nothing but its timer, or does so again.
pub(super) fn keeper_rests(rests: bool) {
    AT_REST.set(rests);
}

/// Whether the task that ran last was a keeper and is at rest, so that its past no longer matters.
pub fn rested() -> bool {
    AT_REST.take()
}

impl<H: Host> Session<H> {
    /// Everything but who listens, and how often something was shown.
    fn hash_into(self, hasher: &mut DefaultHasher) {
        let state = self.state();
        hash_live(&state.live, hasher);
        let changes = state.identity_changes;
        (&state.stored, state.doubt_until, state.store_failed, state.unsaved).hash(hasher);
        (
            state.access_received,
            state.refresh_received,
            state.is_new,
            state.closed,
            state.renewable,
            state.is_committing,
        )
            .hash(hasher);
        (changes - state.identity_needed, changes - state.identity_seen, state.unsettled).hash(hasher);
        [&state.flight, &state.sign_out].map(|flight| flight.as_ref().map(|flight| flight.has_landed())).hash(hasher);
        [state.ended, state.over].map(|reason| reason.map(|reason| reason.as_str())).hash(hasher);
        (state.revoked, state.failures, state.jitter, state.attempt_is_ours, state.replaced_at).hash(hasher);
        let pause = state.pause.as_ref();
        pause.map(|pause| (pause.until, pause.asked_until, pause.error.kind().as_str())).hash(hasher);
        (state.durability.as_str(), state.pointed, state.list_at).hash(hasher);
        if let Some(shown) = &state.shown {
            let reason = match shown.status {
                Status::SignedIn => None,
                Status::SignedOut(reason) => Some(reason.as_str()),
            };
            (reason, &shown.player.player_id, shown.durability.as_str()).hash(hasher);
        }
        drop(state);
        (self.0.bell.pending(), self.must_look()).hash(hasher);
    }
}

/// The details come with the tokens, and are theirs.
fn hash_live(live: &Live, hasher: &mut DefaultHasher) {
    let life = |life: Life| (life.received_at, life.expires_in_ms);
    (live.generation, live.access_token.expose(), live.refresh_token.as_ref().map(Secret::expose)).hash(hasher);
    (life(live.access_life), life(live.refresh_life), live.stale, &live.player.player_id).hash(hasher);
    live.attempt.map(|attempt| (attempt.started_at, attempt.sent, attempt.locked)).hash(hasher);
    live.pause.map(|pause| (pause.until, pause.status)).hash(hasher);
}
