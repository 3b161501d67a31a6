//! Linking codes: the machine behind a code on a screen, and the reading of what players type. All in virtual time.

// `cfg(test)` says to clippy that what the modules share is test code too.
#[cfg(test)]
mod announcements;
#[cfg(test)]
mod complaints;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod screen;
#[cfg(test)]
mod security;
#[cfg(test)]
mod transitions;
#[cfg(test)]
mod walks;
