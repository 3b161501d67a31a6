//! What a session tells its listeners: a snapshot when something they can see has changed, never a token.

use std::sync::Arc;

use super::flow::Session;
use crate::error::SessionOverReason;
use crate::guarded::Guarded;
use crate::host::{Host, MaybeSend, MaybeSync};
use crate::services::Player;

/// What can be seen of a session at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Signed in or not.
    pub status: Status,
    /// Who the player is; also the last known one after the session is over.
    pub player: Player,
    /// Whether a restart would find the session again.
    pub durability: Durability,
    /// Grows with each change.
    pub revision: u64,
}

/// The active player, or the person behind them, became another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerChanged {
    /// Whose data the program has.
    pub previous: Player,
    /// Whose it needs.
    pub player: Player,
}

impl<H: Host> Session<H> {
    /// Calls `listener` once each time the player becomes another one, wherever that was brought about, until the
    /// subscription is dropped: load the new player's data. A new name alone is none.
    pub fn subscribe_player(
        &self,
        listener: impl Fn(&PlayerChanged) + MaybeSend + MaybeSync + 'static,
    ) -> Subscription {
        let known = Guarded::new(self.player());
        self.subscribe(move |snapshot| {
            let previous = {
                let mut known = known.lock();
                if known.is_same(&snapshot.player) {
                    return;
                }
                std::mem::replace(&mut *known, snapshot.player.clone())
            };
            listener(&PlayerChanged { previous, player: snapshot.player.clone() });
        })
    }
}

/// Signed in or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// There is a session; its token may still have to be refreshed.
    SignedIn,
    /// There is none any more.
    SignedOut(SessionOverReason),
}

/// Whether a restart would find the session again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The store has it.
    Durable,
    /// The store failed or refused; the session lives in memory only.
    Memory,
}

impl Durability {
    /// `durable` or `memory`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Durable => "durable",
            Self::Memory => "memory",
        }
    }
}

#[cfg(not(target_family = "wasm"))]
pub(crate) type Listener = Arc<dyn Fn(&Snapshot) + Send + Sync>;
#[cfg(target_family = "wasm")]
pub(crate) type Listener = Arc<dyn Fn(&Snapshot)>;

#[cfg(not(target_family = "wasm"))]
type Unsubscribe = Box<dyn FnOnce() + Send>;
#[cfg(target_family = "wasm")]
type Unsubscribe = Box<dyn FnOnce()>;

/// Keeps a listener subscribed until dropped.
#[must_use = "the listener is unsubscribed when this is dropped"]
pub struct Subscription(Option<Unsubscribe>);

impl Subscription {
    pub(crate) fn new(unsubscribe: Unsubscribe) -> Self {
        Self(Some(unsubscribe))
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(unsubscribe) = self.0.take() {
            unsubscribe();
        }
    }
}
