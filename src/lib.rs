#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![cfg_attr(
    target_family = "wasm",
    allow(clippy::arc_with_non_send_sync, reason = "one thread; natively the same handles are shared between several")
)]
// A build with one service, or the server's wasm, does not use every shared piece.
#![cfg_attr(
    any(
        all(feature = "server", feature = "web"),
        not(all(feature = "playfab", feature = "rallyhere", feature = "xsolla"))
    ),
    allow(dead_code, unused_imports, unused_variables)
)]

#[cfg(all(feature = "linking-web", feature = "web"))]
compile_error!("feature `linking-web` makes a module of its own, without `web`");
#[cfg(all(feature = "server", feature = "web", not(target_family = "wasm")))]
compile_error!("feature `web` is for wasm32-unknown-unknown");

#[cfg(all(feature = "ffi", feature = "server"))]
compile_error!("feature `server` is for game servers: it does not go into a library for games (`ffi`)");
#[cfg(all(feature = "ffi", target_family = "wasm"))]
compile_error!("feature `ffi` is for engines and consoles; WebAssembly has `web`");

mod base64;
#[cfg(feature = "ffi")]
pub mod bindings;
#[cfg(not(feature = "ffi"))]
mod bindings;
mod claims;
mod error;
mod guarded;
pub mod host;
pub mod http;
mod json;
pub mod linking;
mod secret;
mod services;
mod session;
mod text;

#[cfg(feature = "mutants")]
pub use session::simulation;

pub use error::{Error, ErrorKind, InvalidField, Result, SessionOverReason};
pub use secret::Secret;
#[cfg(feature = "playfab")]
pub use services::playfab;
#[cfg(feature = "rallyhere")]
pub use services::rallyhere;
#[cfg(feature = "xsolla")]
pub use services::xsolla;
pub use services::{Agreements, Classification, Player, Restriction, ServiceCode};
pub use session::{
    Account, Durability, PlayerChanged, Refreshed, Session, SignedOut, Snapshot, Status, Subscription, WebSignIn,
};
