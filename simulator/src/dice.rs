//! Seeded chance. Two kinds: a stream, for drawing a plan once; and a draw by place, which depends on nothing but where
//! it is made, so that taking one step out of a plan leaves all other draws as they were.

use emulator::Random;

/// A stream of draws.
#[derive(Debug)]
pub(crate) struct Dice(Random);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        // The emulator of the same world draws from `seed` itself.
        Self(Random::new(seed ^ 0x5eed_d1ce_5eed_d1ce))
    }

    /// 0 to `count - 1`.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        self.0.next_u64() % count.max(1)
    }

    /// `from` to `to`, both included.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from.saturating_add(self.below(to.saturating_sub(from).saturating_add(1)))
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// `-reach` to `reach`.
    pub(crate) fn around_zero(&mut self, reach: u64) -> i64 {
        let size = i64::try_from(self.between(0, reach)).unwrap_or(i64::MAX);
        if self.percent(50) { size } else { -size }
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T], default: T) -> T {
        let index = usize::try_from(self.below(list.len() as u64)).unwrap_or(0);
        list.get(index).copied().unwrap_or(default)
    }
}

/// The draw at a place.
pub(crate) fn at_place(seed: u64, place: [u64; 3]) -> u64 {
    place.into_iter().fold(seed, |seed, part| Random::new(seed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)).next_u64())
}
