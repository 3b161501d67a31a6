//! `cargo xtask native`: the C ABI, built, inspected and packed for C, C++, CMake and pkg-config, and for Unity.

mod bench;
mod build;
mod checklist;
mod checks;
mod console;
mod consumers;
mod csharp;
mod deep;
mod header;
mod inspect;
mod package;
mod suite;
mod unity;
mod wine;

use std::path::PathBuf;
use std::process::Command;

use crate::process::works;
use crate::{Result, files};

pub(crate) use bench::run as bench;
pub(crate) use checks::all as test;
pub(crate) use console::console;
pub(crate) use deep::{chosen as deep, shortened as deep_shortened};

use build::{Flavour, System};

pub(crate) fn run(arguments: &[String]) -> Result {
    let out = match arguments {
        [] => files::root().join("dist/native"),
        [option, folder] if option == "--out" => PathBuf::from(folder),
        _ => return Err("usage: cargo xtask native [--out <folder>]".to_owned()),
    };
    let mut built = Vec::new();
    for system in systems() {
        let libraries = build::build(system, Flavour::Shipped)?;
        inspect::shipped(system, &libraries)?;
        println!("{}", package::pack(system, &libraries, &out)?.display());
        built.push((system, libraries));
    }
    println!("{}", unity::pack(&built, &out)?.display());
    Ok(())
}

/// What can be built on this machine.
fn systems() -> Vec<System> {
    let mut found = vec![System::Linux];
    if works(Command::new("x86_64-w64-mingw32-gcc").arg("--version")) {
        found.push(System::Windows);
    } else {
        eprintln!("native: SKIPPED: Windows, since there is no mingw-w64 (x86_64-w64-mingw32-gcc)");
    }
    found
}
