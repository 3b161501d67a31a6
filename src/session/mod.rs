//! The session, shared by all services: serves an access token that is valid now, refreshes it once for all who wait,
//! keeps it in the store, and tells who the player is.
//!
//! What to do is decided by pure functions in `policy.rs`; `flow.rs` does it; `record.rs` is what is stored.

mod events;
pub(crate) mod flight;
mod flow;
pub(crate) mod policy;
mod record;

pub use events::{Durability, Snapshot, Status, Subscription};
pub(crate) use flow::{Opened, Slots, restore};
pub use flow::{Refreshed, Session, SignedOut};
