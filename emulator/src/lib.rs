//! The identity services on loopback, for development and tests.
//!
//! A pure core, [`Emulator::handle`]: a request and the time go in, a response comes out; no clock, no socket and no
//! random source of the operating system inside, so that the same code answers over HTTP (feature `serve`), inside a
//! test without any socket, and under a simulator. It imports nothing from `playerlink`: what the SDK believes about a
//! service is tested against what is written here from the contracts, never against itself.

pub mod http;

pub use http::{Delivery, Request, Response};
