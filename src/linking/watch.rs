//! How it is learned that a code was used: the best source there is, asked at the right times.

use super::clock::Now;

/// Where it can be learned that a link happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// What became of the code on the screen, by the service or the app's backend.
    Status,
    /// All links of the account: a new one is a sign, not a proof.
    Links,
    /// New tokens that are another player's.
    Refresh,
}

impl Source {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Links => "links",
            Self::Refresh => "refresh",
        }
    }
}

/// How sure it is that the link happened, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Evidence {
    /// Nothing says so.
    #[default]
    None,
    /// The player says so.
    Manual,
    /// A new link of that platform is in the list.
    ListDiff,
    /// The refreshed tokens are another player's.
    Claims,
    /// The service says so of this code.
    Status,
    /// The app's own backend says so.
    Backend,
}

impl Evidence {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Manual => "manual",
            Self::ListDiff => "list-diff",
            Self::Claims => "claims",
            Self::Status => "status",
            Self::Backend => "backend",
        }
    }
}

/// What the app offers to learn it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Offered {
    /// The backend tells by itself.
    pub listen: bool,
    /// The state of the code can be asked.
    pub status: bool,
    /// The account's links can be listed.
    pub links: bool,
    /// The session can be refreshed.
    pub refresh: bool,
    /// The code can be taken back.
    pub revoke: bool,
}

impl Offered {
    /// What is asked again and again. Not the refresh: each costs a rotation of the tokens.
    pub fn polled(self) -> Option<Source> {
        if self.status { Some(Source::Status) } else { self.links.then_some(Source::Links) }
    }

    /// What is asked when the player says that it is done.
    pub fn on_the_players_word(self) -> Option<Source> {
        self.polled().or((self.refresh && !self.listen).then_some(Source::Refresh))
    }
}

/// The first question comes after this long.
const FIRST_MS: u64 = 3_000;
/// Since the code was asked for, and how long between questions until then; after the last, [`SLOWEST_MS`].
const STEPS: [(u64, u64); 2] = [(60_000, 3_000), (180_000, 5_000)];
const SLOWEST_MS: u64 = 10_000;
/// While nobody looks, or while the backend would tell by itself.
const LAZY_MS: u64 = 30_000;
/// Each time the service finds it too often, for good (RFC 8628 §3.5).
const SLOW_DOWN_MS: u64 = 5_000;
/// Without an answer the pause doubles up to this.
const MOST_MS: u64 = 60_000;
/// A code that was typed in its last second is heard of this much later.
pub const LATE_WINDOW_MS: u64 = 60_000;

/// When to ask next.
#[derive(Clone, Debug)]
pub struct Plan {
    began: Now,
    last: Now,
    asked: bool,
    slow_downs: u32,
    failures: u32,
    retry_after_ms: u64,
    /// This pause's own length, 0 to 255: 128 is in the middle.
    jitter: u8,
}

impl Plan {
    /// For a code that was asked for at `began`.
    pub fn new(began: Now, jitter: u8) -> Self {
        Self { began, last: began, asked: false, slow_downs: 0, failures: 0, retry_after_ms: 0, jitter }
    }

    /// The same lessons for the next code: who asked too often still does.
    pub fn renewed(&mut self, began: Now) {
        self.began = began;
    }

    /// An answer, whatever it was.
    pub fn answered(&mut self, now: Now, jitter: u8) {
        (self.last, self.asked, self.failures, self.retry_after_ms, self.jitter) = (now, true, 0, 0, jitter);
    }

    /// The service finds it too often, and perhaps says when to come back.
    pub fn slow_down(&mut self, now: Now, retry_after_ms: Option<u64>, jitter: u8) {
        self.answered(now, jitter);
        self.slow_downs = self.slow_downs.saturating_add(1);
        self.retry_after_ms = retry_after_ms.unwrap_or_default();
    }

    /// No answer, or one that is none.
    pub fn failed(&mut self, now: Now, jitter: u8) {
        let failures = self.failures.saturating_add(1);
        self.answered(now, jitter);
        self.failures = failures;
    }

    /// Questions in a row without an answer.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The pause before jitter, in milliseconds.
    pub fn gap_ms(&self, now: Now, lazy: bool) -> u64 {
        let age = now.since(self.began);
        let step = STEPS.iter().find(|(until, _)| age < *until).map_or(SLOWEST_MS, |(_, gap)| *gap);
        let base = if self.asked { step } else { FIRST_MS };
        let base = if lazy { base.max(LAZY_MS) } else { base };
        let gap = base.saturating_add(SLOW_DOWN_MS.saturating_mul(u64::from(self.slow_downs)));
        if self.failures == 0 { gap } else { gap.saturating_mul(1 << self.failures.min(8)).min(MOST_MS.max(gap)) }
    }

    /// How long until the next question. Both clocks must have passed the pause: one of them may run fast.
    pub fn due_in_ms(&self, now: Now, lazy: bool) -> u64 {
        now.until_both(self.last, self.pause_ms(now, lazy))
    }

    /// Whether the pause has passed by either clock: after a sleep one question may go out at once.
    pub fn is_due_after_sleep(&self, now: Now) -> bool {
        now.since(self.last) >= self.pause_ms(now, false)
    }

    /// Whether the service asked to be left alone until later than now.
    pub fn is_held_off(&self, now: Now) -> bool {
        now.until_both(self.last, self.retry_after_ms) > 0
    }

    fn pause_ms(&self, now: Now, lazy: bool) -> u64 {
        let gap = self.gap_ms(now, lazy);
        let jitter = u64::from(self.jitter);
        // ±10 %. After a first "too often" only upwards, with a fifth on top, and two fifths after the next: a machine
        // whose clocks are both fast would else be too early for ever.
        let pause = match self.slow_downs {
            0 => gap.saturating_sub(gap / 10).saturating_add(gap.saturating_mul(jitter) / 1_275),
            1 => gap.saturating_add(gap / 5).saturating_add(gap.saturating_mul(jitter) / 2_550),
            _ => gap.saturating_add(gap.saturating_mul(2) / 5).saturating_add(gap.saturating_mul(jitter) / 2_550),
        };
        pause.max(self.retry_after_ms)
    }
}
