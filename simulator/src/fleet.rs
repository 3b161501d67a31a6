//! A million clients that signed in within a minute: how many ask the service for a refresh in each second. The clients
//! are the session's pure rules, not sessions: when to refresh, and how long to leave a failing service alone.

use std::fmt::Write as _;

use playerlink::simulation::{pause_ms, refresh_after_ms};

use crate::dice::Dice;

/// What the fleet does.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    pub clients: u64,
    pub ttl_ms: u64,
    /// All have signed in within this time.
    pub sign_in_ms: u64,
    pub length_ms: u64,
    /// The service answers nothing in this time.
    pub outage: (u64, u64),
}

/// Requests in each second.
#[derive(Clone, Debug)]
pub struct Load {
    pub title: String,
    pub per_second: Vec<u64>,
}

/// The peak and the mean of a stretch of the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    pub from_s: usize,
    pub until_s: usize,
    pub peak: u64,
    pub mean: f64,
}

impl Stretch {
    pub fn ratio(&self) -> f64 {
        if self.mean > 0.0 { self.peak as f64 / self.mean } else { 0.0 }
    }
}

impl Fleet {
    /// Plays it.
    pub fn play(&self, title: &str) -> Load {
        let seconds = usize::try_from(self.length_ms / 1_000).unwrap_or(0);
        let mut per_second = vec![0_u64; seconds + 1];
        for client in 0..self.clients {
            let mut dice = Dice::new(client);
            let byte = |dice: &mut Dice| u8::try_from(dice.below(256)).unwrap_or(0);
            let mut received = dice.below(self.sign_in_ms);
            let mut at = received + refresh_after_ms(self.ttl_ms, byte(&mut dice));
            let mut failures = 0;
            while at < self.length_ms {
                if let Some(count) = usize::try_from(at / 1_000).ok().and_then(|second| per_second.get_mut(second)) {
                    *count += 1;
                }
                if (self.outage.0..self.outage.1).contains(&at) {
                    failures += 1;
                    at += pause_ms(failures, byte(&mut dice));
                } else {
                    failures = 0;
                    received = at;
                    at = received + refresh_after_ms(self.ttl_ms, byte(&mut dice));
                }
            }
        }
        Load { title: title.to_owned(), per_second }
    }
}

impl Load {
    /// Peak and mean between two seconds, the later one not included.
    pub fn stretch(&self, from_s: usize, until_s: usize) -> Stretch {
        let part = self.per_second.get(from_s..until_s.min(self.per_second.len())).unwrap_or_default();
        let sum: u64 = part.iter().sum();
        let mean = sum as f64 / part.len().max(1) as f64;
        Stretch { from_s, until_s, peak: part.iter().copied().max().unwrap_or(0), mean }
    }

    /// The seconds between two that hold the middle 95 % of the requests there: a wave without its thin ends, which
    /// would make any mean as small as one likes.
    pub fn middle(&self, from_s: usize, until_s: usize) -> Stretch {
        let until_s = until_s.min(self.per_second.len());
        let part = self.per_second.get(from_s..until_s).unwrap_or_default();
        let sum: u64 = part.iter().sum();
        let reaches = |share: u64| {
            let mut counted = 0;
            part.iter().position(|count| {
                counted += count;
                counted * 1_000 >= sum * share
            })
        };
        let (first, last) = (reaches(25).unwrap_or(0), reaches(975).map_or(0, |last| last + 1));
        self.stretch(from_s + first, from_s + last)
    }

    /// A small plot in text: one line a step of so many seconds, with the highest second of each.
    pub fn text(&self, step_s: usize) -> String {
        let peak = self.per_second.iter().copied().max().unwrap_or(0).max(1);
        let mut text = String::new();
        for (index, part) in self.per_second.chunks(step_s.max(1)).enumerate() {
            let highest = part.iter().copied().max().unwrap_or(0);
            let width = usize::try_from(highest * 60 / peak).unwrap_or(0);
            let minute = index * step_s / 60;
            let _ = writeln!(text, "{minute:>5} min {highest:>8}/s {}", "█".repeat(width));
        }
        text
    }

    /// The same as a picture.
    pub fn svg(&self) -> String {
        const WIDTH: f64 = 960.0;
        const HEIGHT: f64 = 240.0;
        let peak = self.per_second.iter().copied().max().unwrap_or(0).max(1) as f64;
        let step = self.per_second.len().div_ceil(960).max(1);
        let count = self.per_second.len().div_ceil(step).max(1) as f64;
        let mut points = format!("0,{HEIGHT}");
        for (index, part) in self.per_second.chunks(step).enumerate() {
            let highest = part.iter().copied().max().unwrap_or(0) as f64;
            let (x, y) = (index as f64 / count * WIDTH, HEIGHT - highest / peak * HEIGHT);
            let _ = write!(points, " {x:.1},{y:.1}");
        }
        let _ = write!(points, " {WIDTH},{HEIGHT}");
        let minutes = self.per_second.len() / 60;
        let title = &self.title;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 -40 960 300\" font-family=\"sans-serif\" font-size=\"13\">\n\
             <rect y=\"-40\" width=\"960\" height=\"300\" fill=\"#fff\"/>\n\
             <text x=\"8\" y=\"-20\">{title}: refreshes per second over {minutes} minutes, peak {peak:.0}</text>\n\
             <polygon points=\"{points}\" fill=\"#3b6ea5\"/>\n</svg>\n"
        )
    }
}
