//! The clocks. One machine: its tabs share the wall clock, as they do in life, and each counts its monotonic clock from
//! a point of its own. The server's clock is right by definition.

/// When the server's clock begins: 2026-01-01.
pub(crate) const START: u64 = 1_767_225_600_000;

const MILLION: u64 = 1_000_000;

#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// Milliseconds since the world began, as the server counts them.
    now: u64,
    wall: u64,
    monotonic: u64,
    /// Millionths of a millisecond that the machine has counted beyond its last whole one.
    fraction: u64,
    /// How fast the machine counts: its milliseconds in a million of the server's.
    rate: u64,
}

impl Clock {
    pub(crate) fn new(skew_ms: i64, drift_ppm: i64) -> Self {
        Self {
            now: 0,
            wall: START.saturating_add_signed(skew_ms),
            monotonic: 0,
            fraction: 0,
            rate: MILLION.saturating_add_signed(drift_ppm),
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    pub(crate) fn server(&self) -> u64 {
        START + self.now
    }

    pub(crate) fn wall(&self) -> u64 {
        self.wall
    }

    pub(crate) fn monotonic(&self) -> u64 {
        self.monotonic
    }

    /// When the machine's monotonic clock will show `due`, in world time.
    pub(crate) fn when(&self, due: u64) -> u64 {
        let left = due.saturating_sub(self.monotonic).saturating_mul(MILLION).saturating_sub(self.fraction);
        self.now.saturating_add(left.div_ceil(self.rate))
    }

    /// Lets time pass with the machine awake. Answers how long that was for the machine.
    pub(crate) fn advance(&mut self, to: u64) -> u64 {
        let passed = to.saturating_sub(self.now);
        let counted = passed.saturating_mul(self.rate).saturating_add(self.fraction);
        let (step, fraction) = (counted / MILLION, counted % MILLION);
        self.now += passed;
        self.fraction = fraction;
        self.monotonic += step;
        self.wall += step;
        step
    }

    /// Lets time pass with the machine asleep.
    pub(crate) fn sleep(&mut self, ms: u64, stops_monotonic: bool, stops_wall: bool) {
        self.now += ms;
        if !stops_monotonic {
            self.monotonic += ms;
        }
        if !stops_wall {
            self.wall += ms;
        }
    }

    /// Sets the wall clock.
    pub(crate) fn jump(&mut self, by_ms: i64) {
        self.wall = self.wall.saturating_add_signed(by_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_is_due_when_the_drifting_machine_has_counted_to_it() {
        for drift in [-200, 0, 200] {
            let mut clock = Clock::new(0, drift);
            clock.advance(12_345);
            let due = clock.monotonic() + 3_600_000;
            clock.advance(clock.when(due) - 1);
            assert!(clock.monotonic() < due);
            clock.advance(clock.when(due));
            assert!(clock.monotonic() >= due, "{drift}");
        }
    }

    #[test]
    fn a_sleep_stops_the_clocks_it_is_said_to_stop() {
        let mut clock = Clock::new(0, 0);
        clock.sleep(1_000, true, false);
        assert_eq!((clock.now(), clock.monotonic(), clock.wall() - START), (1_000, 0, 1_000));
        clock.sleep(1_000, false, true);
        assert_eq!((clock.now(), clock.monotonic(), clock.wall() - START), (2_000, 1_000, 1_000));
    }
}
