//! PlayFab against its contract (playfab.md): expectations are copied from there and from `tests/contracts`, never from
//! the code.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod bench;
#[cfg(test)]
mod nintendo;
