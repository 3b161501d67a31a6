//! What a session does between the calls: refreshes before the token expires, looks again after sleep or when another
//! tab has changed the record, and tries again to write what could not be written. One task and one timer a session;
//! both end with it.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};

use super::flight::{Either, first};
use super::flow::{Session, Shared};
use super::policy::{self, Decision};
use crate::guarded::{Guard, Guarded};
use crate::host::{Boxed, Host, Signal, SignalListener};

/// The longest the timer is set to, in milliseconds: browsers fire at once on anything over 2³¹ (R15).
const LONGEST_SLEEP_MS: u64 = 1 << 30;
/// How much later than its wake a crowd of clients may ask the service, in milliseconds (R16).
const WAKE_SPREAD_MS: u64 = 2_000;
/// A timer that is late by more than this has slept with the machine, in milliseconds (R16).
const LATE_MS: u64 = 2_000;

/// Something that the keeper looks into; several add up.
pub(super) const CHANGED: u8 = 1;
pub(super) const RESUMED: u8 = 2;
pub(super) const ONLINE: u8 = 4;
pub(super) const POKED: u8 = 8;

/// The keeper's bell.
#[derive(Default)]
pub(super) struct Bell {
    rung: Guarded<(u8, Option<Waker>)>,
    /// How often the record may have changed, and how much of that somebody has looked at.
    changes: AtomicU32,
    looked: AtomicU32,
}

impl Bell {
    pub(super) fn ring(&self, what: u8) {
        self.changes.fetch_add(u32::from(what & (CHANGED | RESUMED) != 0), Ordering::Relaxed);
        let waker = {
            let mut bell = self.lock();
            bell.0 |= what;
            bell.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn rung(&self) -> u8 {
        poll_fn(|context| {
            let mut bell = self.lock();
            match std::mem::take(&mut bell.0) {
                0 => {
                    bell.1 = Some(context.waker().clone());
                    Poll::Pending
                }
                what => Poll::Ready(what),
            }
        })
        .await
    }

    /// What has rung and was not heard yet.
    #[cfg(feature = "mutants")]
    pub(super) fn pending(&self) -> u8 {
        self.lock().0
    }

    fn lock(&self) -> Guard<'_, (u8, Option<Waker>)> {
        self.rung.lock()
    }
}

/// Rings the bell for what concerns the session with this record.
pub(super) fn listener(bell: Arc<Bell>, record: Option<String>) -> SignalListener {
    Arc::new(move |signal| match signal {
        Signal::Online => bell.ring(ONLINE),
        Signal::Resumed => bell.ring(RESUMED),
        Signal::Changed { key, .. } if Some(key) == record.as_ref() => bell.ring(CHANGED),
        Signal::Changed { .. } => {}
    })
}

/// Holds the session only while it does something, so that a session that is dropped is gone.
pub(super) async fn keep<H: Host>(host: Arc<H>, session: Weak<Shared<H>>, bell: Arc<Bell>) {
    let mut heard = 0;
    loop {
        let Some(shared) = session.upgrade() else { return };
        let Some(wait) = Session(shared).tend(heard).await else { return };
        let wait = wait.min(LONGEST_SLEEP_MS);
        let late = host.now().saturating_add(wait).saturating_add(LATE_MS);
        #[cfg(feature = "mutants")]
        super::digest::keeper_rests(true);
        heard = match first(bell.rung(), host.sleep(wait)).await {
            Either::A(what) => what,
            Either::B(()) if host.now() > late => RESUMED,
            Either::B(()) => 0,
        };
        #[cfg(feature = "mutants")]
        super::digest::keeper_rests(false);
    }
}

impl<H: Host> Session<H> {
    /// Whether something may have happened to the record that nobody has looked at: a tab that was frozen must not hand
    /// out what another one has signed out of meanwhile (R12).
    pub(super) fn must_look(&self) -> bool {
        let bell = &self.0.bell;
        bell.looked.load(Ordering::Relaxed) != bell.changes.load(Ordering::Relaxed)
    }

    /// Takes over what another tab has done. An end is in the state.
    pub(super) fn look(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            let changes = self.0.bell.changes.load(Ordering::Relaxed);
            // What is over takes nothing over.
            let is_done = self.state().is_done();
            if !is_done {
                let _ = self.adopt().await;
            }
            self.0.bell.looked.store(changes, Ordering::Relaxed);
            self.notify();
        })
    }

    /// Does what is due. Answers how long nothing will be, or `None` when there is nothing more to do.
    async fn tend(self, heard: u8) -> Option<u64> {
        if heard & ONLINE != 0 {
            // What failed for want of a network; what the service asked for holds.
            if let Some(pause) = &mut self.state().pause {
                pause.until = pause.asked_until;
            }
        }
        if heard & (CHANGED | RESUMED) != 0 {
            self.look().await;
        }
        self.save_again(heard).await;
        self.list_again().await;
        let mut wait = self.refresh_due_in();
        if wait == Some(0) {
            if heard & (RESUMED | ONLINE) != 0 {
                self.0.host.sleep(WAKE_SPREAD_MS * u64::from(self.random()) / 255).await;
            }
            // Somebody who did not want to wait may have refreshed meanwhile.
            let still_due = self.refresh_due_in() == Some(0);
            let flight = {
                let state = self.state();
                (still_due && !state.is_done()).then(|| self.join(state))
            };
            if let Some(flight) = flight {
                let _ = (&flight).await;
            }
            // Whatever it came to, not again at once.
            wait = self.refresh_due_in().map(|wait| wait.max(1_000));
        }
        let state = self.state();
        if state.is_done() {
            return None;
        }
        // A flight writes by itself, and rings when it has landed.
        let unsaved = state.unsaved.filter(|_| state.flight.is_none());
        let again = unsaved.map_or(u64::MAX, |(_, at)| at).min(state.list_at.unwrap_or(u64::MAX));
        Some(wait.unwrap_or(u64::MAX).min(self.left_until(again)))
    }

    /// When to refresh without being asked, in milliseconds from now; `None` while there is nothing to wait for.
    fn refresh_due_in(&self) -> Option<u64> {
        let state = self.state();
        if state.is_done() || !self.0.host.is_online() {
            return None;
        }
        // A changed player is for those who changed it, and for the next one who asks.
        let due = match self.decide(&state) {
            Decision::Over(_) => return None,
            _ if !self.can_renew(&state) => return None,
            _ => self.lifetime(&state).due_in_ms()?,
        };
        let pause = self.paused(&state, false).and_then(|error| error.retry_after_ms());
        Some(due.max(pause.unwrap_or(0)))
    }

    /// Writes again what could not be written: after 1 s, after 5 s more, then every 10 s and whenever something
    /// happens (R20).
    async fn save_again(&self, heard: u8) {
        let due = {
            let state = self.state();
            let now = self.0.host.monotonic();
            state.unsaved.filter(|(_, at)| *at <= now || heard & (CHANGED | RESUMED | ONLINE) != 0)
        };
        if due.is_some() {
            self.save().await;
            self.notify();
        }
    }

    /// Lists the account again whose record was written and whose place on the list was not (R20).
    async fn list_again(&self) {
        let due = {
            let state = self.state();
            state.list_at.is_some_and(|at| at <= self.0.host.monotonic())
        };
        if due {
            self.point_here().await;
        }
    }

    /// When to write again after `tries` failures, monotonic.
    pub(super) fn save_at(&self, tries: usize) -> u64 {
        self.in_ms(policy::save_again_ms(tries))
    }

    /// A random byte; where there is no randomness, everybody's the same.
    pub(super) fn random(&self) -> u8 {
        let mut byte = [128];
        let _ = self.0.host.random(&mut byte);
        byte[0]
    }
}
