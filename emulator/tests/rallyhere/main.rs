//! RallyHere's emulator against its contract (rallyhere.md): expectations are copied from there, never from the code.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod bearer;
#[cfg(test)]
mod login;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod served;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod surface;
#[cfg(test)]
mod world;
