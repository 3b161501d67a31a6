//! Every PlayFab call of the client and of the game server over scripted answers, in virtual time; each code once more
//! through HTTP; and what they come to with the emulator on the other side.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod answers;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod emulated;
#[cfg(test)]
mod http;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod links;
#[cfg(test)]
mod lives;
#[cfg(test)]
mod misuse;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod server;
#[cfg(test)]
mod session;
#[cfg(test)]
mod shape;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod title;
