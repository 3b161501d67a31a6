//! Calls that may change who the player is: until they are settled and the session is refreshed, no token from before
//! is handed out.

use super::flow::{Refreshed, Session};
use crate::error::Result;
use crate::host::{Boxed, Host};
use crate::services::Player;

/// A call that may have changed who the player is. Dropped without a word about its outcome, it counts as done.
pub(crate) struct Change<H: Host> {
    session: Session<H>,
    ticket: u32,
    needed_before: u32,
    settled: bool,
}

impl<H: Host> Change<H> {
    pub(super) fn begin(session: &Session<H>) -> Self {
        let mut state = session.state();
        let needed_before = state.identity_needed;
        state.identity_changed();
        state.unsettled += 1;
        let ticket = state.identity_changes;
        drop(state);
        Self { session: session.clone(), ticket, needed_before, settled: false }
    }

    /// Nothing has changed: the service said so.
    pub(crate) fn refused(mut self) {
        self.settled = true;
        let mut state = self.session.state();
        state.unsettled -= 1;
        if state.identity_needed == self.ticket {
            state.identity_needed = self.needed_before;
        }
    }

    /// It has changed, and whoever says so refreshes now. A refresh sent before this moment does not count.
    pub(crate) fn made(mut self) {
        self.settled = true;
        let mut state = self.session.state();
        state.unsettled -= 1;
        state.identity_changed();
    }
}

impl<H: Host> Drop for Change<H> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        {
            let mut state = self.session.state();
            state.unsettled -= 1;
            state.identity_changed();
        }
        let session = self.session.clone();
        self.session.0.host.spawn(async move { session.mark_stale().await });
    }
}

impl<H: Host> Session<H> {
    /// Something outside of this session may have changed who the player is, e.g. a console that linked itself: no token
    /// from before is handed out any more.
    pub(crate) fn identity_may_have_changed(&self) {
        Change::begin(self).made();
    }

    /// Whether new tokens can be had without the player.
    pub(crate) fn is_refreshable(&self) -> bool {
        self.can_renew(&self.state())
    }

    /// After a call that changed who the player is: refreshes with a request that is sent after it.
    pub(crate) fn refresh_identity<'a>(&'a self, before: &'a Player) -> Boxed<'a, Result<Box<Refreshed>>> {
        Box::pin(async move {
            self.mark_stale().await;
            let in_the_air = self.state().flight.clone();
            // A refresh that was in the air already may have been answered before the change: however it ends, it is
            // not the one.
            if let Some(flight) = in_the_air {
                let _ = self.within(&flight, self.patience_ms()).await;
            }
            if self.state().is_stale() {
                self.rotate_once(self.patience_ms()).await.map_err(|error| self.state().name_stale(error))?;
            }
            Ok(self.refreshed_since(before))
        })
    }

    /// Notes in the store that the token is one of the player before, so that a restart does not serve it either.
    fn mark_stale(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let (live, expected) = {
                let state = self.state();
                if state.over.is_some() || !state.is_stale() {
                    return;
                }
                (state.live.clone(), state.stored.clone())
            };
            self.note(&live, expected.as_deref()).await;
        })
    }
}
