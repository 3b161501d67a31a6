//! Linking codes: shown on one screen, typed on another, and how it is learned that it worked. Everything here but the
//! flow is a pure function of events and clocks: no I/O, no timer, no clock of its own.
//!
//! * [`format`](mod@format): how codes look, what they are worth against guessing, what they cost to type.
//! * [`entry`]: what players type, read as a code; the same function on console, page and server.
//! * [`display`]: the state machine behind a code on a screen.
//! * [`watch`]: when and whom to ask whether the code was used, and how sure the answer is.
//! * [`conflict`]: why a link did not happen, and what may be chosen then.
//! * [`capabilities`]: what each service can tell.
//! * [`qr`]: the QR code that opens the companion page.
//! * [`LinkingFlow`]: all of it over a session, for programs in Rust.

pub mod capabilities;
mod clock;
pub mod conflict;
pub mod display;
pub mod entry;
mod flow;
pub mod format;
pub mod qr;
pub mod watch;

pub use clock::Now;
pub use flow::{CodeStatus, LinkedNews, LinkingFlow, LinkingSource};
