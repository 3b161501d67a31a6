//! Two clocks, since each lies in its own way: the wall clock jumps, the monotonic one may stand still while the machine
//! sleeps.

/// Both clocks at one moment, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Now {
    /// Since 1970 UTC.
    pub wall: u64,
    /// From any fixed point.
    pub monotonic: u64,
}

impl Now {
    /// How long ago `earlier` was, by the clock that says more: what has a lifetime ends with the first of them.
    pub fn since(self, earlier: Self) -> u64 {
        let (wall, monotonic) = self.both_since(earlier);
        wall.max(monotonic)
    }

    /// How much of `ms` since `earlier` is left by the clock that says less: what keeps a distance waits for both. A wall
    /// clock that was set back counts no longer once the monotonic one has passed twice the time.
    pub fn until_both(self, earlier: Self, ms: u64) -> u64 {
        let (wall, monotonic) = self.both_since(earlier);
        let by_both = ms.saturating_sub(wall.min(monotonic));
        by_both.min(ms.saturating_mul(2).saturating_sub(monotonic))
    }

    /// How much faster the wall clock ran than the monotonic one since `earlier`; negative: slower.
    pub fn drift_since(self, earlier: Self) -> i64 {
        let (wall, monotonic) = self.both_since(earlier);
        i64::try_from(wall).unwrap_or(i64::MAX).saturating_sub(i64::try_from(monotonic).unwrap_or(i64::MAX))
    }

    fn both_since(self, earlier: Self) -> (u64, u64) {
        (self.wall.saturating_sub(earlier.wall), self.monotonic.saturating_sub(earlier.monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Now = Now { wall: 1_000_000, monotonic: 500 };

    fn later(wall: i64, monotonic: u64) -> Now {
        Now { wall: START.wall.saturating_add_signed(wall), monotonic: START.monotonic + monotonic }
    }

    #[test]
    fn a_lifetime_ends_with_the_first_clock_and_a_distance_with_the_last() {
        // Asleep for ten minutes: only the wall clock went on.
        assert_eq!(later(600_000, 5).since(START), 600_000);
        assert_eq!(later(600_000, 5).until_both(START, 3_000), 2_995);
        // The wall clock was set back by an hour.
        assert_eq!(later(-3_600_000, 2_000).since(START), 2_000);
        assert_eq!(later(-3_600_000, 2_000).until_both(START, 3_000), 3_000);
        assert_eq!(later(-3_600_000, 6_000).until_both(START, 3_000), 0);
        assert_eq!(later(3_300, 3_000).drift_since(START), 300);
    }
}
