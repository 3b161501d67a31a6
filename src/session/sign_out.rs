//! The sign-out: here at once, then at the service; and giving back tokens that nobody will use.

use super::flight::{Either, Flight, first};
use super::flow::Session;
use super::keeper::POKED;
use super::policy;
use super::record::{Live, Record};
use crate::error::SessionOverReason;
use crate::host::{Boxed, Host};

/// How long a sign-out waits for the service, in milliseconds (R22).
const REVOKE_TIMEOUT_MS: u64 = 2_000;

/// What a sign-out did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether the service confirmed within 2 s. The session is over here either way.
    pub revoked: bool,
}

impl<H: Host> Session<H> {
    /// Signs out: here at once, also offline; then tells the service, for at most 2 s. Goes on when its caller gives
    /// up. When it is called twice, `revoked` is told once.
    pub async fn logout(&self) -> SignedOut {
        if let Some(flight) = self.begin_sign_out() {
            let _ = (&flight).await;
        }
        SignedOut { revoked: std::mem::take(&mut self.state().revoked) }
    }

    /// Revokes tokens nobody will use, unless that would end a newer sign-in of the same account.
    pub(super) fn give_back(&self, live: Box<Live>) -> Boxed<'_, ()> {
        Box::pin(async move {
            if let (true, Some(slot)) = (self.0.service.revokes_every_session(), &self.0.slot) {
                let found = self.load(&slot.record).await.ok().flatten();
                if matches!(found.as_deref().and_then(Record::from_text), Some(Record::Live(_))) {
                    return;
                }
            }
            self.revoke(live).await;
        })
    }

    fn begin_sign_out(&self) -> Option<Flight> {
        let mut state = self.state();
        if state.over == Some(SessionOverReason::SignedOut) {
            return state.sign_out.clone();
        }
        // A session that was over already owns nothing but the record it last saw.
        let owns = state.over.is_none();
        // A refresh elsewhere spends the refresh token, not the access token.
        let is_spent_by_refresh = !self.0.service.revokes_every_session() || !self.lifetime(&state).is_valid();
        state.over = Some(SessionOverReason::SignedOut);
        let wiped = state.live.without_tokens();
        let (live, expected) = (std::mem::replace(&mut state.live, wiped), state.stored.take());
        let (flight, pilot) = Flight::take_off();
        state.sign_out = Some(flight.clone());
        drop(state);
        self.0.bell.ring(POKED);
        let session = self.clone();
        self.0.host.spawn(async move {
            let buried = session.bury(live.generation, expected.clone(), owns).await;
            let is_buried = buried.is_ok();
            // Another tab has refreshed since: its tokens are the ones the service knows.
            let newer = buried.ok().flatten().filter(|_| is_spent_by_refresh);
            let revoked = session.revoke(newer.unwrap_or_else(|| live.clone())).await;
            session.state().revoked = revoked;
            pilot.land(Ok(()));
            if !is_buried {
                session.bury_later(live, expected).await;
            }
        });
        self.notify();
        Some(flight)
    }

    /// Writes the mark that the store did not take when it is back, so that the next start does not find the session
    /// (R20): over these tokens and the `expected` text, never over a newer sign-in.
    fn bury_later(&self, live: Box<Live>, expected: Option<String>) -> Boxed<'_, ()> {
        Box::pin(async move {
            let Some(slot) = &self.0.slot else { return };
            for tries in 0.. {
                self.0.host.sleep(policy::save_again_ms(tries)).await;
                let Ok(found) = self.load(&slot.record).await else { continue };
                let is_ours = match found.as_deref().and_then(Record::from_text) {
                    Some(Record::Live(there)) => found == expected || there.is_same(&live),
                    _ => false,
                };
                if !is_ours || self.bury(live.generation, found, false).await.is_ok() {
                    return;
                }
            }
        })
    }

    /// Tells the service to forget these tokens, for at most 2 s.
    fn revoke(&self, live: Box<Live>) -> Boxed<'_, bool> {
        Box::pin(async move {
            let revoke = self.0.service.revoke(&*self.0.host, &live.access_token, live.refresh_token.as_ref());
            match first(revoke, self.0.host.sleep(REVOKE_TIMEOUT_MS)).await {
                Either::A(result) => result.unwrap_or(false),
                Either::B(()) => false,
            }
        })
    }
}
