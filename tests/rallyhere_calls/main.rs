//! Every RallyHere call of the client over the emulator, in virtual time.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod http;
#[cfg(test)]
mod login;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod rotation;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod web_sign_in;
