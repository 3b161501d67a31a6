//! The C ABI (feature `ffi`): the core on an engine's frame loop. `types.rs`, `constants.rs` and `result.rs` are what the
//! header is made of, with the functions of `exports/`. What is behind a handle is in `registry.rs` and `client.rs`.
//!
//! The only place of this crate with `unsafe`. Rules for those who change it:
//! - Nothing crosses with ownership: inputs are copied during the call, outputs are borrowed for the callback or copied
//!   into the caller's buffer.
//! - No lock is held while the host runs.
//! - Every exported function catches panics; one in a client makes that client answer `PLAYERLINK_E_INTERNAL`.
//! - Numbers, fields and functions that were published stay as they are; new ones are added.

#![allow(unsafe_code, reason = "this is where the crate meets C")]
#![allow(non_camel_case_types, reason = "the names of C")]
#![allow(unreachable_pub, reason = "read by the generators, which want `pub`")]

#[cfg(feature = "ffi-allocator")]
mod allocator;
#[cfg(feature = "builtin-http")]
mod builtin_http;
mod client;
pub mod constants;
mod credential;
pub mod exports;
mod host_calls;
mod input;
mod ledger;
mod output;
mod refusal;
mod registry;
pub mod result;
mod screen;
mod service;
#[cfg(feature = "ffi-test-hooks")]
pub mod test_hooks;
mod tickets;
mod turn;
pub mod types;
