//! The session, shared by all services: serves an access token that is valid now, refreshes it once for all who wait,
//! keeps it in the store, and tells who the player is.
//!
//! What to do is decided by pure functions in `policy.rs`; `flow.rs` does it, with the refresh in `rotation.rs`, changes
//! of the player in `identity.rs`, what happens between the calls in `keeper.rs` and the end in `sign_out.rs`; `state.rs` is what it knows, `record.rs` what is stored,
//! `slots.rs` where.

mod events;
pub(crate) mod flight;
mod flow;
mod identity;
mod keeper;
pub(crate) mod policy;
mod record;
mod rotation;
mod sign_out;
mod slots;
mod state;

pub use events::{Durability, Snapshot, Status, Subscription};
pub(crate) use flow::{Client, Opened, Renew, no_ticket};
pub use flow::{Refreshed, Session};
pub use sign_out::SignedOut;
pub use slots::Account;
pub(crate) use slots::{Slots, accounts, restore};
