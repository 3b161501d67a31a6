//! `cargo xtask test deep`: checks of the C ABI that need nightly Rust. AddressSanitizer on both sides of the boundary,
//! ThreadSanitizer over the storms, Miri over the unsafe code, and a minute of each fuzz target.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{capture, progress, run, run_quietly, works};
use crate::{Result, files};

use super::build::{self, Flavour, Libraries, System};
use super::suite::{self, Linked};

/// How long each fuzz target runs; `FUZZ_SECONDS` says otherwise.
const FUZZ_SECONDS: &str = "60";

pub(crate) fn run_all() -> Result {
    nightly()?;
    address()?;
    thread()?;
    miri()?;
    fuzz()
}

fn nightly() -> Result {
    let installed = works(Command::new("rustup").args(["run", "nightly", "cargo", "miri", "--version"]))
        && works(Command::new("rustup").args(["component", "list", "--toolchain", "nightly", "--installed"]))
        && capture(Command::new("rustup").args(["component", "list", "--toolchain", "nightly", "--installed"]))?
            .contains("rust-src");
    if installed {
        return Ok(());
    }
    progress("setup", "installing nightly Rust with rust-src and miri");
    let arguments =
        ["toolchain", "install", "nightly", "--profile", "minimal", "--component", "rust-src", "--component", "miri"];
    run_quietly(Command::new("rustup").args(arguments))
        .map_err(|error| format!("{error}\nrun `rustup {}`, then this command again", arguments.join(" ")))
}

/// The archive with everything in it, also Rust's standard library, compiled with a sanitizer.
fn sanitized(sanitizer: &str) -> Result<Libraries> {
    progress("deep", &format!("compiling the library and std with the {sanitizer} sanitizer"));
    let target = files::target().join("native/cargo-nightly").join(sanitizer);
    let triple = System::Linux.triple();
    let mut command = nightly_cargo();
    command
        .args(["rustc", "--quiet", "--package", "playerlink", "--lib", "--crate-type", "staticlib", "--target", triple])
        .args(["--no-default-features", "--features", Flavour::Shipped.features(), "-Zbuild-std", "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", format!("-Zsanitizer={sanitizer} -Copt-level=1"));
    run_quietly(&mut command)?;
    let folder = target.join(triple).join("debug");
    let archive = folder.join("libplayerlink.a");
    // A run without the sanitizer would find nothing, and say so cheerfully.
    let mark = if sanitizer == "address" { "__asan_report_load" } else { "__tsan_read" };
    let symbols = capture(Command::new("nm").args(["--quiet", "--undefined-only"]).arg(&archive))?;
    if !symbols.contains(mark) {
        return Err(format!("{} was not compiled with the {sanitizer} sanitizer", archive.display()));
    }
    let usual = build::build(System::Linux, Flavour::Shipped)?;
    Ok(Libraries { shared: archive.clone(), archive, import: None, system: usual.system, folder })
}

fn address() -> Result {
    let libraries = sanitized("address")?;
    let flags = ["-fsanitize=address", "-fno-omit-frame-pointer"];
    let suite = suite::compile("clang", System::Linux, &libraries, Linked::Static, &flags, "suite-asan-both")?;
    progress("deep", "the C suite with AddressSanitizer on both sides");
    for part in ["", "memory_"] {
        run(Command::new(&suite).arg(part).env("SUITE_SHORT", "1"))?;
    }
    Ok(())
}

fn thread() -> Result {
    let libraries = sanitized("thread")?;
    // The runtime of nightly: an older compiler's lacks functions that today's Rust calls.
    let sysroot = capture(Command::new("rustup").args(["run", "nightly", "rustc", "--print", "sysroot"]))?;
    let library = format!("lib/rustlib/{}/lib/librustc-nightly_rt.tsan.a", System::Linux.triple());
    let runtime = PathBuf::from(sysroot.trim()).join(library).display().to_string();
    let flags = ["-Wl,--whole-archive", &runtime, "-Wl,--no-whole-archive", "-lstdc++"];
    let suite = suite::compile("clang", System::Linux, &libraries, Linked::Static, &flags, "suite-tsan")?;
    progress("deep", "the storms with ThreadSanitizer in the library");
    // It needs its addresses where it expects them.
    run(Command::new("setarch")
        .arg("-R")
        .arg(&suite)
        .arg("threads_")
        .env("TSAN_OPTIONS", "halt_on_error=1 exitcode=66"))
}

/// What is in `tests/native_abi` and small enough: the slot table, the ledger of operations, buffers, callbacks.
fn miri() -> Result {
    progress("deep", "Miri: calls from the outside");
    run(nightly_cargo()
        .args(["miri", "test", "--quiet", "--package", "native-abi", "--features", "ffi", "--test", "misuse"])
        .args(["--target-dir"])
        .arg(files::target().join("native/cargo-nightly/miri"))
        .env("MIRIFLAGS", "-Zmiri-disable-isolation -Zmiri-ignore-leaks"))
}

fn fuzz() -> Result {
    let folder = files::root().join("fuzz");
    let seconds = std::env::var("FUZZ_SECONDS").unwrap_or_else(|_| FUZZ_SECONDS.to_owned());
    let target = files::target().join("native/cargo-nightly/fuzz");
    progress("deep", "compiling the fuzz targets");
    // As cargo-fuzz does it, which one would have to install.
    let flags = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                 -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Ccodegen-units=1 --cfg fuzzing \
                 -Cdebug-assertions -Copt-level=1";
    let mut command = nightly_cargo();
    command
        .args(["build", "--quiet", "--bins", "--target", System::Linux.triple(), "--target-dir"])
        .arg(&target)
        .current_dir(&folder)
        .env("RUSTFLAGS", flags);
    run_quietly(&mut command)?;
    for name in ["responses", "calls"] {
        progress("deep", &format!("fuzzing {name} for {seconds} s"));
        let corpus = target.join("corpus").join(name);
        files::create_folder(&corpus)?;
        let program: PathBuf = target.join(System::Linux.triple()).join("debug").join(name);
        run(Command::new(program)
            .arg(&corpus)
            // Good answers and whole games, for the mutations to begin with.
            .arg(folder.join("seeds").join(name))
            .arg(format!("-max_total_time={seconds}"))
            .args(["-print_final_stats=1", "-verbosity=0", "-max_len=4096", "-rss_limit_mb=2048", "-timeout=10"])
            .current_dir(&target))?;
    }
    Ok(())
}

/// The cargo of nightly, in the repository's root.
fn nightly_cargo() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]).current_dir(files::root());
    // Ours would choose the pinned toolchain again.
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(name);
    }
    command
}
