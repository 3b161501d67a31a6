//! The languages around the core. Nothing in here decides anything.

#[cfg(any(test, all(feature = "web", target_family = "wasm", target_os = "unknown")))]
mod memory;
#[cfg(all(feature = "web", target_family = "wasm", target_os = "unknown"))]
pub(crate) mod web;
