//! Every Xsolla call of the client and of the game server over the emulator, in virtual time; the story once through HTTP.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod http;
#[cfg(test)]
mod player;
#[cfg(test)]
mod server;
#[cfg(test)]
mod silent;
#[cfg(test)]
mod states;
#[cfg(test)]
mod story;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod web_sign_in;
