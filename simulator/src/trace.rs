//! What happened, line by line: the same seed gives the same text, byte for byte.

use crate::clock::Clock;

#[derive(Debug)]
pub(crate) struct Trace {
    on: bool,
    lines: Vec<String>,
}

impl Trace {
    pub(crate) fn new(on: bool) -> Self {
        Self { on, lines: Vec::new() }
    }

    /// Something a tab did or met.
    pub(crate) fn line(&mut self, clock: &Clock, tab: usize, what: impl FnOnce() -> String) {
        if self.on {
            self.push(clock, &format!("tab {tab}  {}", what()));
        }
    }

    /// Something that happened to the world.
    pub(crate) fn world(&mut self, clock: &Clock, what: impl FnOnce() -> String) {
        if self.on {
            self.push(clock, &format!("-----  {}", what()));
        }
    }

    fn push(&mut self, clock: &Clock, what: &str) {
        let now = clock.now();
        self.lines.push(format!("{:>9}.{:03}  {what}", now / 1_000, now % 1_000));
    }

    pub(crate) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}
