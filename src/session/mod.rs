//! The session, shared by all services: serves an access token that is valid now, refreshes it once for all who wait,
//! keeps it in the store, and tells who the player is.
//!
//! What to do is decided by pure functions in `policy.rs`; `flow.rs` does it, with the refresh in `rotation.rs`, changes
//! of the player in `identity.rs`, what it notes in the record in `notes.rs`, what happens between the calls in `keeper.rs` and the end in `sign_out.rs`;
//! `state.rs` is what it knows, `record.rs` what is stored, `slots.rs` where. `sign_in.rs` is before all that: a player
//! who is away on a web page.

#[cfg(feature = "mutants")]
mod digest;
mod events;
pub(crate) mod flight;
mod flow;
mod identity;
mod keeper;
mod mutants;
mod notes;
pub(crate) mod policy;
mod record;
mod rotation;
pub(crate) mod sign_in;
mod sign_out;
mod slots;
mod state;

/// For the simulator: the bugs it plants, what sessions know, and the policy of a whole fleet of clients.
#[cfg(feature = "mutants")]
pub mod simulation {
    pub use super::digest::{digest, rested};
    pub use super::mutants::{Mutant, plant};
    pub use super::policy::fleet::{pause_ms, refresh_after_ms};
}

pub use events::{Durability, PlayerChanged, Snapshot, Status, Subscription};
pub(crate) use flow::{Client, Opened, Renew, no_ticket, ticket_in_time};
pub use flow::{Refreshed, Session};
pub use sign_in::WebSignIn;
pub use sign_out::SignedOut;
pub use slots::Account;
pub(crate) use slots::{Slots, accounts, restore};
