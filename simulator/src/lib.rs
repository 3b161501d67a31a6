//! A world of tabs, clocks, stores, locks, messages, networks and one service, made from a seed, that tries to break
//! playerlink's session. See the README for how to read what it prints.

mod acts;
mod clock;
mod dice;
mod digest;
mod executor;
#[cfg(feature = "mutants")]
mod explore;
#[cfg(feature = "mutants")]
mod fleet;
mod host;
mod judge;
mod ledger;
mod network;
mod pace;
mod plan;
mod runner;
mod shrink;
mod trace;
mod world;

#[cfg(feature = "mutants")]
pub use explore::{Explored, Scope, compare_merged, explore, replay};
#[cfg(feature = "mutants")]
pub use fleet::{Fleet, Load, Stretch};
pub use judge::{Invariant, Violation};
pub use network::rotation_word;
pub use plan::{Act, Answer, Event, Plan, SendFault, Setup, Step, StoreFault, TabFault, Trouble, Wait};
pub use runner::{Outcome, play};
pub use shrink::shrink;
