//! Bad input, native: every scenario of `conformance/scenarios.json` against `NativeHost`. The same file is played in
//! Node and Chromium by `conformance/*.test.mjs`; all three must come to the same typed error.

// `cfg(test)` says to clippy that these are test code too.
#[cfg(test)]
#[path = "conformance/native.rs"]
mod native;
#[cfg(test)]
#[path = "conformance/server.rs"]
mod server;
#[cfg(test)]
#[path = "conformance/stored.rs"]
mod stored;
