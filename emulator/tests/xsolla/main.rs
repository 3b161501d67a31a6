//! Xsolla Login against its contract (`xsolla.md` §8): every status of every call by state, and the linking flow of §5.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod bench;
#[cfg(test)]
mod levers;
#[cfg(test)]
mod linking;
#[cfg(test)]
mod linking_info;
#[cfg(test)]
mod main_account;
#[cfg(test)]
mod platform_account;
#[cfg(test)]
mod session;
#[cfg(test)]
mod silent;
#[cfg(test)]
mod token;
