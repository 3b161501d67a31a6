//! What the shell lends a service for one request.

use crate::{faults::Faults, jwt::Keys, random::Random};

/// The time, the random numbers, the signing keys and the fault queue; all shared by the services.
#[derive(Debug)]
pub struct Context<'a> {
    /// Virtual time, milliseconds since the epoch.
    pub now: u64,
    pub random: &'a mut Random,
    pub keys: &'a Keys,
    pub faults: &'a mut Faults,
}

impl Context<'_> {
    /// Virtual time in whole seconds since the epoch, as JWT claims have it.
    pub fn seconds(&self) -> u64 {
        self.now / 1000
    }
}
