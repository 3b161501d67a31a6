//! PlayFab against its contract (playfab.md): expectations are copied from there and from `tests/contracts`, never from
//! the code.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod bench;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod fields;
#[cfg(test)]
mod levers;
#[cfg(test)]
mod links;
#[cfg(test)]
mod login;
#[cfg(test)]
mod nintendo;
#[cfg(test)]
mod register;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod shell;
