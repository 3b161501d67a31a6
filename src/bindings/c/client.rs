//! A client behind its handle: what a tick does, and how it ends.

use core::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::host_calls::HostCalls;
use super::input::UserData;
use super::ledger::{Delivery, Ledger, Outcome, Target};
use super::output::{View, put_op};
use super::refusal::Fallible;
use super::registry;
use super::result::playerlink_result;
use super::service::Service;
use super::tickets::Tickets;
use super::turn::Turn;
use super::types::{playerlink_client, playerlink_done_fn, playerlink_op};
use crate::host::engine::{EngineHost, Errand, wipe};
use crate::host::{Boxed, HostError, LogLevel, TransportError, TransportErrorKind};
use crate::services::game_server::GameServer;

/// How often a tick looks whether what it did has brought new work, before it leaves the rest to the next one.
const MOST_ROUNDS: usize = 64;
/// How many callbacks one tick makes at most: a game that starts something in each must still get to draw.
const MOST_CALLBACKS: usize = 4096;

pub(super) struct Client {
    pub(super) handle: playerlink_client,
    pub(super) engine: EngineHost,
    pub(super) service: Service,
    pub(super) game_server: Option<GameServer>,
    pub(super) tickets: Option<Arc<Tickets>>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) host: HostCalls,
    #[cfg(feature = "builtin-http")]
    pub(super) builtin: Option<super::builtin_http::BuiltinHttp>,
    turn: Turn,
    is_poisoned: AtomicBool,
    panics_in_tick: AtomicBool,
}

/// A callback to be made.
enum Call {
    Errand(Errand),
    Delivery(Box<Delivery>),
}

/// What a client is made of.
pub(super) struct Parts {
    pub(super) engine: EngineHost,
    pub(super) service: Service,
    pub(super) game_server: Option<GameServer>,
    pub(super) tickets: Option<Arc<Tickets>>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) host: HostCalls,
    #[cfg(feature = "builtin-http")]
    pub(super) builtin: Option<super::builtin_http::BuiltinHttp>,
}

impl Client {
    pub(super) fn new(handle: playerlink_client, parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            handle,
            engine: parts.engine,
            service: parts.service,
            game_server: parts.game_server,
            tickets: parts.tickets,
            ledger: parts.ledger,
            host: parts.host,
            #[cfg(feature = "builtin-http")]
            builtin: parts.builtin,
            turn: Turn::default(),
            is_poisoned: AtomicBool::new(false),
            panics_in_tick: AtomicBool::new(false),
        })
    }

    /// Begins an operation: it is worked on from the next tick on.
    ///
    /// # Safety
    /// `out` is NULL or writable.
    pub(super) unsafe fn start(
        &self,
        kind: u32,
        target: Target,
        out: *mut playerlink_op,
        work: Boxed<'static, Outcome>,
    ) -> Fallible<playerlink_result> {
        let op = self.ledger.open(kind, target)?;
        // Before anybody could tell how it ended.
        // SAFETY: the caller's word.
        unsafe { put_op(out, op) };
        let ledger = Arc::downgrade(&self.ledger);
        let task = self.engine.begin(Box::pin(async move {
            let outcome = work.await;
            if let Some(ledger) = ledger.upgrade() {
                ledger.close(op, outcome);
            }
        }));
        if !self.ledger.set_task(op, task) {
            self.engine.abort(task);
        }
        Ok(playerlink_result::PLAYERLINK_OK)
    }

    pub(super) fn cancel(&self, op: playerlink_op) -> Fallible<playerlink_result> {
        if let Some(task) = self.ledger.cancel(op)? {
            self.engine.abort(task);
        }
        Ok(playerlink_result::PLAYERLINK_OK)
    }

    /// One tick. Answers how long nothing will be due.
    pub(super) fn tick(&self, now_ms: u64, wall_ms: u64) -> Fallible<u32> {
        let _held = self.turn.enter()?;
        self.engine.set_time(now_ms, wall_ms);
        #[allow(clippy::panic, reason = "a test asked for it")]
        if cfg!(feature = "ffi-test-hooks") && self.panics_in_tick.load(Ordering::Relaxed) {
            panic!("asked for by a test");
        }
        let mut callbacks = 0;
        for _ in 0..MOST_ROUNDS {
            let mut worked = self.engine.run_woken();
            while let Some(call) = self.next_call() {
                worked = true;
                callbacks += 1;
                match call {
                    Call::Errand(errand) => self.do_errand(errand),
                    Call::Delivery(delivery) => self.deliver(&delivery),
                }
                if self.turn.has_ended() {
                    return Ok(u32::MAX);
                }
                if callbacks == MOST_CALLBACKS {
                    return Ok(0);
                }
            }
            if !worked {
                break;
            }
        }
        Ok(self.wait_ms())
    }

    fn next_call(&self) -> Option<Call> {
        if let Some(errand) = self.engine.next_errand() {
            return Some(Call::Errand(errand));
        }
        self.ledger.next_delivery().map(|delivery| Call::Delivery(Box::new(delivery)))
    }

    fn wait_ms(&self) -> u32 {
        if self.ledger.has_untold() {
            return 0;
        }
        let idle = self.engine.idle_ms().map_or(u32::MAX, |ms| u32::try_from(ms).unwrap_or(u32::MAX));
        #[cfg(feature = "builtin-http")]
        if self.builtin.is_some() && self.engine.requests_in_flight() > 0 {
            // The answer comes from another thread, which wakes nobody.
            return idle.min(super::builtin_http::LOOK_AGAIN_MS);
        }
        idle
    }

    fn do_errand(&self, errand: Errand) {
        match errand {
            Errand::Send { id, request } => {
                #[cfg(feature = "builtin-http")]
                if let Some(builtin) = &self.builtin {
                    builtin.send(id, request);
                    return;
                }
                let sent = self.host.send(self.handle, id, &request);
                wipe(request);
                if !sent {
                    let refused = TransportError::new(TransportErrorKind::Network, "the host did not send it");
                    self.engine.complete_http(id, Err(refused));
                }
            }
            Errand::Cancel { id } => {
                #[cfg(feature = "builtin-http")]
                if let Some(builtin) = &self.builtin {
                    builtin.cancel(id);
                    return;
                }
                self.host.cancel(self.handle, id);
            }
            Errand::Storage { id, kind, key, value } => {
                let value = zeroize::Zeroizing::new(value);
                if !self.host.store(self.handle, id, kind, &key, &value) {
                    self.engine.complete_storage(id, Err(HostError("the host's storage refused".into())));
                }
            }
            Errand::Log { level, line } => self.host.log(level, &line),
        }
    }

    fn deliver(&self, delivery: &Delivery) {
        let Some(callback) = delivery.callback() else { return };
        let now = self.ledger.snapshot();
        let view = View::new(delivery.kind, delivery.op, &delivery.outcome, now.as_ref());
        // SAFETY: the caller's word when it was given; all that the completion points at lives until the call is over.
        unsafe { callback(delivery.user_data().0, self.handle, view.completion()) };
    }

    /// What `next_event` shows.
    pub(super) fn next_pulled(&self) -> Option<View> {
        let delivery = self.ledger.next_pulled()?;
        let now = self.ledger.snapshot();
        Some(View::new(delivery.kind, delivery.op, &delivery.outcome, now.as_ref()))
    }

    /// Ends the client, which has no handle any more.
    fn end(&self) {
        self.turn.end();
        let mut leftovers = self.ledger.end();
        // Whatever panics here: all operations are told.
        let _ = catch_unwind(AssertUnwindSafe(|| leftovers.close_session()));
        let _ = catch_unwind(AssertUnwindSafe(|| self.engine.close()));
        #[cfg(feature = "builtin-http")]
        if let Some(builtin) = &self.builtin {
            builtin.stop();
        }
        while let Some(errand) = self.engine.next_errand() {
            if let Errand::Cancel { id } = errand
                && self.has_host_http()
            {
                self.host.cancel(self.handle, id);
            }
        }
        for delivery in &leftovers.untold {
            let _ = catch_unwind(AssertUnwindSafe(|| self.deliver(delivery)));
        }
    }

    fn has_host_http(&self) -> bool {
        #[cfg(feature = "builtin-http")]
        if self.builtin.is_some() {
            return false;
        }
        true
    }

    /// For tests: the next tick panics.
    #[cfg(feature = "ffi-test-hooks")]
    pub(super) fn panic_in_tick(&self) {
        self.panics_in_tick.store(true, Ordering::Relaxed);
    }
}

/// Begins what `work` makes of the caller's arguments, and completes to `done` with `user_data`. `out_op` is zero whatever
/// fails, so that no old number is taken for this operation's.
///
/// # Safety
/// `out_op` is NULL or writable.
pub(super) unsafe fn begin(
    handle: playerlink_client,
    kind: u32,
    (done, user_data): (playerlink_done_fn, *mut c_void),
    out_op: *mut playerlink_op,
    work: impl FnOnce(&Client) -> Fallible<Boxed<'static, Outcome>>,
) -> playerlink_result {
    // SAFETY: the caller's word.
    unsafe { put_op(out_op, playerlink_op(0)) };
    with_client(handle, |client| {
        let work = work(client)?;
        // SAFETY: the caller's word.
        unsafe { client.start(kind, Target::new(done, UserData(user_data)), out_op, work) }
    })
}

/// Does something with a client. A panic makes it useless, and is answered.
pub(super) fn with_client(
    handle: playerlink_client,
    call: impl FnOnce(&Client) -> Fallible<playerlink_result>,
) -> playerlink_result {
    let Some(client) = registry::find(handle) else { return playerlink_result::PLAYERLINK_E_BAD_HANDLE };
    if client.is_poisoned.load(Ordering::Relaxed) {
        return playerlink_result::PLAYERLINK_E_INTERNAL;
    }
    let result = catch_unwind(AssertUnwindSafe(|| {
        call(&client).unwrap_or_else(|refusal| {
            client.ledger.set_last_error(refusal.text());
            refusal.result
        })
    }));
    result.unwrap_or_else(|_| {
        client.is_poisoned.store(true, Ordering::Relaxed);
        client.ledger.set_last_error("a defect of the library: this client does nothing any more; destroy it");
        // Never what the panic said: it may quote what it was working on.
        client.host.log(LogLevel::Error, "panic");
        playerlink_result::PLAYERLINK_E_INTERNAL
    })
}

/// Ends a client.
pub(super) fn destroy(handle: playerlink_client) -> playerlink_result {
    let Some(client) = registry::remove(handle) else { return playerlink_result::PLAYERLINK_E_BAD_HANDLE };
    match catch_unwind(AssertUnwindSafe(|| client.end())) {
        Ok(()) => playerlink_result::PLAYERLINK_OK,
        Err(_) => playerlink_result::PLAYERLINK_E_INTERNAL,
    }
}

/// Does something without a client.
pub(super) fn without_client(call: impl FnOnce() -> Fallible<playerlink_result>) -> playerlink_result {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(result)) => result,
        Ok(Err(refusal)) => refusal.result,
        Err(_) => playerlink_result::PLAYERLINK_E_INTERNAL,
    }
}

/// The text of the last client that could not be made, in memory that is always there.
pub(super) mod last_failure {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// Bytes of the text, and how many count.
    static TEXT: Mutex<([u8; 512], usize)> = Mutex::new(([0; 512], 0));

    fn text() -> MutexGuard<'static, ([u8; 512], usize)> {
        TEXT.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in super::super) fn set(said: &str) {
        let mut kept = text();
        let fits = said.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= 512).last();
        let bytes = said.as_bytes().get(..fits.unwrap_or(0)).unwrap_or_default();
        kept.1 = bytes.len();
        for (to, from) in kept.0.iter_mut().zip(bytes) {
            *to = *from;
        }
    }

    pub(in super::super) fn get() -> String {
        let kept = text();
        let bytes = kept.0.get(..kept.1).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }
}
