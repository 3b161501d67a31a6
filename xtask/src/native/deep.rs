//! `cargo xtask test deep [part …] [--fuzz-seconds N]`: checks of the C ABI that go below what a compiler and a test see.
//! AddressSanitizer on both sides of the boundary, UBSan, ThreadSanitizer over the storms, valgrind, wine, Miri over the
//! unsafe code, and the fuzz targets of `fuzz/`.
//!
//! The sanitizers and the fuzz targets are compiled by the pinned toolchain, which may do it as for the wasm; Miri needs a
//! nightly one.

mod fuzz;
mod miri;
mod sanitizers;

use std::time::{Duration, Instant};

use crate::process::progress;
use crate::{Result, setup};

use super::build::{self, Flavour, System};
use super::suite::{self, Ran};
use super::{inspect, systems, wine};

/// How long the fuzz targets run, both at the same time, unless `--fuzz-seconds` or `FUZZ_SECONDS` says otherwise.
const FUZZ_SECONDS: u64 = 60;

/// How much is done.
#[derive(Clone, Copy)]
struct Depth {
    /// How long each fuzz target runs.
    fuzz_seconds: u64,
    /// For `cargo xtask test`: Miri has fewer tests, and one model of aliasing instead of two.
    shortened: bool,
}

struct Part {
    name: &'static str,
    what: &'static str,
    /// `cargo xtask test` has it in the part `native`.
    in_native: bool,
    run: fn(Depth) -> Result<Ran>,
}

const PARTS: [Part; 7] = [
    Part {
        name: "address",
        what: "AddressSanitizer on both sides, and leaks: the C suite",
        in_native: false,
        run: |_| sanitizers::address(),
    },
    Part {
        name: "undefined",
        what: "UBSan of gcc and clang on the C side: the C suite and the C++ face",
        in_native: true,
        run: |_| suite::with_sanitizers(&build::build(System::Linux, Flavour::Shipped)?),
    },
    Part {
        name: "thread",
        what: "ThreadSanitizer on both sides: the storms",
        in_native: false,
        run: |_| sanitizers::thread(),
    },
    Part {
        name: "valgrind",
        what: "the shipped library under valgrind: the C suite and the C++ face",
        in_native: true,
        run: |_| suite::under_valgrind(&build::build(System::Linux, Flavour::Shipped)?),
    },
    Part { name: "wine", what: "the Windows library under wine: the same", in_native: true, run: |_| windows() },
    Part {
        name: "miri",
        what: "Miri: calls from the outside, and the slot table",
        in_native: false,
        run: |depth| miri::run(depth.shortened),
    },
    Part {
        name: "fuzz",
        what: "the fuzz targets: any answer of a service, any sequence of calls",
        in_native: false,
        run: |depth| fuzz::run(depth.fuzz_seconds).map(Ran::Well),
    },
];

/// `cargo xtask test deep …`: the parts that are named, or all.
pub(crate) fn chosen(arguments: &[String]) -> Result {
    let (parts, fuzz_seconds) = read(arguments, std::env::var("FUZZ_SECONDS").ok().as_deref())?;
    run(&parts, Depth { fuzz_seconds, shortened: false })
}

/// As a part of `cargo xtask test`: shortened, and without what the part `native` does.
pub(crate) fn shortened() -> Result {
    let (mut parts, fuzz_seconds) = read(&[], std::env::var("FUZZ_SECONDS").ok().as_deref())?;
    parts.retain(|part| !part.in_native);
    run(&parts, Depth { fuzz_seconds, shortened: true })
}

/// Runs all, also when one fails; then the summary: each with its time and figures, or why it was not run.
fn run(parts: &[&Part], depth: Depth) -> Result {
    setup::rust_source()?;
    if parts.iter().any(|part| !["miri", "fuzz"].contains(&part.name)) {
        setup::native_tools()?;
    }
    let (begin, mut summary, mut failed) = (now(), Vec::new(), Vec::new());
    for part in parts {
        progress("deep", &format!("{}: {}", part.name, part.what));
        let begin = now();
        let said = match (part.run)(depth) {
            Ok(Ran::Well(figures)) => figures,
            Ok(Ran::Skipped(why)) => format!("SKIPPED: {why}"),
            Err(error) => {
                progress("deep", &format!("{} FAILED: {error}", part.name));
                failed.push(part.name);
                "FAILED, see above".to_owned()
            }
        };
        summary.push(format!("{:<9} {:>5}  {said}", part.name, minutes(begin.elapsed())));
    }
    summary.push(format!("{:<9} {:>5}", "together", minutes(begin.elapsed())));
    for part in PARTS.iter().filter(|part| !parts.iter().any(|other| other.name == part.name)) {
        let why = if depth.shortened { "in the part native" } else { "not asked for" };
        summary.push(format!("{:<9} {:>5}  {why}", part.name, ""));
    }
    for line in summary {
        progress("deep", line.trim_end());
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

fn windows() -> Result<Ran> {
    if !systems().contains(&System::Windows) {
        return Ok(Ran::skipped("there is no mingw-w64"));
    }
    let libraries = build::build(System::Windows, Flavour::Shipped)?;
    inspect::shipped(System::Windows, &libraries)?;
    wine::check(&libraries)
}

/// The parts and the seconds of each fuzz target.
fn read(arguments: &[String], from_environment: Option<&str>) -> Result<(Vec<&'static Part>, u64)> {
    let number = |text: &str| {
        let seconds = text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
        seconds.ok_or_else(|| format!("`{text}` are no seconds to fuzz for: 1 to 86400"))
    };
    let mut seconds = from_environment.map(number).transpose()?.unwrap_or(FUZZ_SECONDS);
    let mut named = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--fuzz-seconds" {
            seconds = number(rest.next().map_or("", String::as_str))?;
        } else if PARTS.iter().any(|part| part.name == argument) {
            named.push(argument.as_str());
        } else {
            let names = PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "deep does not know `{argument}`; the parts are {names}, the option is --fuzz-seconds N"
            ));
        }
    }
    let parts = PARTS.iter().filter(|part| named.is_empty() || named.contains(&part.name));
    Ok((parts.collect(), seconds))
}

#[expect(clippy::disallowed_methods, reason = "how long the parts take, for the person who waits")]
fn now() -> Instant {
    Instant::now()
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_seconds_are_read() {
        let read = |words: &str, environment| -> Result<(Vec<&str>, u64)> {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            let (parts, seconds) = read(&words, environment)?;
            Ok((parts.iter().map(|part| part.name).collect(), seconds))
        };
        let all = PARTS.iter().map(|part| part.name).collect::<Vec<_>>();
        assert_eq!(read("", None), Ok((all.clone(), 60)));
        assert_eq!(read("", Some("5")), Ok((all, 5)));
        assert_eq!(read("miri address", None), Ok((vec!["address", "miri"], 60)));
        assert_eq!(read("fuzz --fuzz-seconds 600", Some("5")), Ok((vec!["fuzz"], 600)));
        for wrong in ["mirri", "--fuzz-seconds", "--fuzz-seconds 0", "--fuzz-seconds x"] {
            assert!(read(wrong, None).is_err(), "{wrong}");
        }
        assert!(read("", Some("long")).is_err());
    }

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!(minutes(Duration::from_millis(61_999)), "1:01");
    }
}
