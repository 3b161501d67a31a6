//! Eleven bugs that a session could have. The simulator plants one at a time to prove that it would notice; only its build
//! has the switch (feature `mutants`).

#[cfg(feature = "mutants")]
use std::sync::atomic::{AtomicU8, Ordering};

/// A bug to plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "mutants"), allow(dead_code, unreachable_pub))]
pub enum Mutant {
    /// Refreshes without the lock, and without a note of it.
    DropLock,
    /// Does not look into the store once it has the lock.
    DropReread,
    /// Shows the new tokens before they are stored.
    PersistAfterResolve,
    /// Takes "too many requests" for the end.
    BusyIsTerminal,
    /// Asks again for a lost answer without a look into the store.
    ReplayWithoutReread,
    /// Writes over whatever is there.
    UnconditionalSave,
    /// Takes the lock from whoever has it.
    StealLock,
    /// Trusts the wall clock alone.
    WallClockExpiry,
    /// Waits for its listeners before anybody gets a token.
    AwaitHandlers,
    /// Clears the record when its refresh token was refused, whoever has rotated it.
    LoserClears,
    /// Looks into the store again and again while another tab refreshes.
    Restless,
}

#[cfg(feature = "mutants")]
impl Mutant {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::DropLock,
        Self::DropReread,
        Self::PersistAfterResolve,
        Self::BusyIsTerminal,
        Self::ReplayWithoutReread,
        Self::UnconditionalSave,
        Self::StealLock,
        Self::WallClockExpiry,
        Self::AwaitHandlers,
        Self::LoserClears,
        Self::Restless,
    ];

    /// Its name in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DropLock => "drop-lock",
            Self::DropReread => "drop-reread",
            Self::PersistAfterResolve => "persist-after-resolve",
            Self::BusyIsTerminal => "busy-is-terminal",
            Self::ReplayWithoutReread => "replay-without-reread",
            Self::UnconditionalSave => "unconditional-save",
            Self::StealLock => "steal-lock",
            Self::WallClockExpiry => "wall-clock-expiry",
            Self::AwaitHandlers => "await-handlers",
            Self::LoserClears => "loser-clears",
            Self::Restless => "restless",
        }
    }
}

#[cfg(feature = "mutants")]
static PLANTED: AtomicU8 = AtomicU8::new(u8::MAX);

/// Plants a bug in every session of this process, or takes it out again.
#[cfg(feature = "mutants")]
pub fn plant(mutant: Option<Mutant>) {
    PLANTED.store(mutant.map_or(u8::MAX, |mutant| mutant as u8), Ordering::Relaxed);
}

#[cfg(feature = "mutants")]
pub(super) fn is_planted(mutant: Mutant) -> bool {
    PLANTED.load(Ordering::Relaxed) == mutant as u8
}

#[cfg(not(feature = "mutants"))]
pub(super) const fn is_planted(_: Mutant) -> bool {
    false
}
