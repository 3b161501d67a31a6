//! The session on the simulated host, in virtual time: what is served, when it is refreshed, what is stored, and that
//! nothing gets lost.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod events;
#[cfg(test)]
mod eviction;
#[cfg(test)]
mod futures;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod linking;
#[cfg(test)]
mod lost;
#[cfg(test)]
mod native;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod pacing;
#[cfg(test)]
mod races;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod signing_out;
#[cfg(test)]
mod spy;
#[cfg(test)]
mod store;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod tab;
#[cfg(test)]
mod tabs;
#[cfg(test)]
mod tickets;
#[cfg(test)]
mod tokens;
