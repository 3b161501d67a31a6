//! Miri over the unsafe code: the exports called from the outside, as a C program would.

use std::process::Command;

use crate::process::{self, capture, progress, run_quietly, works};
use crate::{Result, files};

use super::super::suite::Ran;

/// What has the unsafe code in it and is small enough for an interpreter.
const TESTS: [&str; 2] = ["misuse", "panic"];
/// Besides these, when it need not be quick: whole logins, and threads.
const SLOW_TESTS: [&str; 2] = ["threads", "callbacks"];

/// The borrow checkers at run time: each finds what the other allows.
const MODELS: [(&str, &str); 2] = [("stacked borrows", ""), ("tree borrows", " -Zmiri-tree-borrows")];

pub(super) fn run(shortened: bool) -> Result<Ran> {
    if let Err(error) = set_up() {
        progress("deep", &format!("miri: {error}"));
        return Ok(Ran::skipped("needs nightly Rust with miri and rust-src, see above"));
    }
    let (models, slow) = if shortened { (&MODELS[..1], &[][..]) } else { (&MODELS[..], &SLOW_TESTS[..]) };
    let tests = [&TESTS, slow].concat();
    for (name, flag) in models {
        progress("deep", &format!("Miri with {name}"));
        let mut command = nightly_cargo();
        command.args(["miri", "test", "--quiet", "--package", "native-abi", "--features", "ffi"]);
        for test in &tests {
            command.args(["--test", test]);
        }
        // A host casts its numbers to pointers; what the library does with them is seen all the same.
        command
            .arg("--target-dir")
            .arg(files::target().join("native/deep/miri"))
            .env("MIRIFLAGS", format!("-Zmiri-disable-isolation -Zmiri-permissive-provenance{flag}"));
        process::run(&mut command)?;
    }
    let version = capture(Command::new("rustup").args(["run", "nightly", "rustc", "--version"]))?;
    let models = models.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
    Ok(Ran::Well(format!("tests {}; {models}; {}", tests.join(", "), version.trim())))
}

/// Installs nightly Rust with what Miri needs, by rustup. The error says what to type.
fn set_up() -> Result {
    let nightly = ["run", "nightly", "rustc", "--version"];
    let arguments = if works(Command::new("rustup").args(nightly)) {
        let list = ["component", "list", "--toolchain", "nightly", "--installed"];
        let there = capture(Command::new("rustup").args(list))?;
        if ["miri", "rust-src"].iter().all(|name| there.lines().any(|line| line.starts_with(name))) {
            return Ok(());
        }
        progress("setup", "adding miri and rust-src to nightly Rust, for Miri");
        "component add --toolchain nightly miri rust-src"
    } else {
        progress("setup", "installing nightly Rust with miri and rust-src, for Miri");
        "toolchain install nightly --profile minimal --component miri --component rust-src"
    };
    run_quietly(Command::new("rustup").args(arguments.split(' ')))
        .map_err(|error| format!("{error}\nMiri needs it; run `rustup {arguments}`, then this again"))
}

/// The cargo of nightly, in the repository's root.
fn nightly_cargo() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]).current_dir(files::root());
    // Ours would choose the pinned toolchain again.
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
        command.env_remove(name);
    }
    command
}
