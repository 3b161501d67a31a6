//! The C suite with a sanitizer in the library, in Rust's standard library, and in the suite.

use std::path::Path;
use std::process::Command;

use crate::process::{capture, cargo, progress, run_quietly, works};
use crate::{Result, files, setup};

use super::super::build::{self, Flavour, Libraries, System};
use super::super::suite::{self, Linked, Ran, tell};

/// Both sides must be compiled by LLVM, or their shadows of memory do not meet.
fn clang_is_missing() -> Option<Ran> {
    (!works(Command::new("clang").arg("--version"))).then(|| Ran::skipped("clang is not there"))
}

pub(super) fn address() -> Result<Ran> {
    if let Some(skipped) = clang_is_missing() {
        return Ok(skipped);
    }
    let libraries = sanitized("address", "__asan_report_load")?;
    let flags = ["-fsanitize=address", "-fno-omit-frame-pointer"];
    let suite = suite::compile("clang", System::Linux, &libraries, Linked::Static, &flags, "suite-asan-both")?;
    has(&suite, "__asan_init")?;
    let mut said = Vec::new();
    for part in ["", "memory_"] {
        said.push(tell(Command::new(&suite).arg(part).env("SUITE_SHORT", "1"))?);
    }
    Ok(Ran::Well(said.join("; ")))
}

pub(super) fn thread() -> Result<Ran> {
    if let Some(skipped) = clang_is_missing() {
        return Ok(skipped);
    }
    let libraries = sanitized("thread", "__tsan_read")?;
    // The runtime that comes with the toolchain: a C compiler's may be too old for what today's Rust calls.
    let runtimes = setup::sysroot()?.join("lib/rustlib").join(System::Linux.triple()).join("lib");
    let runtime = runtimes.join("librustc-stable_rt.tsan.a");
    if !runtime.is_file() {
        return Err(format!("this Rust comes without {}", runtime.display()));
    }
    let runtime = runtime.display().to_string();
    let flags = ["-Wl,--whole-archive", &runtime, "-Wl,--no-whole-archive", "-lstdc++"];
    let suite = suite::compile("clang", System::Linux, &libraries, Linked::Static, &flags, "suite-tsan")?;
    has(&suite, "__tsan_init")?;
    // It needs its addresses where it expects them.
    let mut command = Command::new("setarch");
    command.arg("-R").arg(&suite).arg("threads_").env("TSAN_OPTIONS", "halt_on_error=1 exitcode=66");
    tell(&mut command).map(Ran::Well)
}

/// The archive with everything in it, also Rust's standard library, compiled with a sanitizer.
fn sanitized(sanitizer: &str, mark: &str) -> Result<Libraries> {
    progress("deep", &format!("compiling the library and std with the {sanitizer} sanitizer"));
    let target = files::target().join("native/deep").join(sanitizer);
    let triple = System::Linux.triple();
    let note = target.join("system-libraries.txt");
    files::create_folder(&target)?;
    let mut command = cargo();
    command
        .args(["rustc", "--quiet", "--package", "playerlink", "--lib", "--crate-type", "staticlib", "--target", triple])
        .args(["--no-default-features", "--features", Flavour::Shipped.features(), "--target-dir"])
        .arg(&target)
        // Nothing of the tests, which the default builds as well.
        .arg("-Zbuild-std=std,panic_unwind")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", format!("-Zsanitizer={sanitizer} -Copt-level=1"))
        .arg("--")
        .arg(format!("--print=native-static-libs={}", note.display()));
    run_quietly(&mut command)?;
    let folder = target.join(triple).join("debug");
    let archive = folder.join("libplayerlink.a");
    // A run without the sanitizer would find nothing, and say so cheerfully.
    has(&archive, mark)?;
    let system = build::system_libraries(&files::read(&note)?);
    Ok(Libraries { shared: archive.clone(), archive, import: None, system, folder })
}

fn has(file: &Path, symbol: &str) -> Result {
    let symbols = capture(Command::new("nm").arg("--quiet").arg(file))?;
    if symbols.contains(symbol) {
        return Ok(());
    }
    Err(format!("{} has no {symbol}: it was not compiled with the sanitizer", file.display()))
}
