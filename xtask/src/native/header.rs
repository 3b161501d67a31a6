//! The headers under every C and C++ that engines use, and the layout table confirmed by each compiler.

use std::path::Path;
use std::process::Command;

use crate::process::{run_quietly, works};
use crate::{Result, files};

const C: [&str; 4] = ["c99", "c11", "c17", "c2x"];
const CPP: [&str; 4] = ["c++11", "c++14", "c++17", "c++20"];
const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Wpadded", "-Werror"];

/// Compiles the headers by gcc and clang, for 64 and 32 bits.
pub(super) fn matrix() -> Result {
    let root = files::root();
    let layout = root.join("tests/c/layout.g.h");
    let mut compiled = 0;
    for (compiler, language, standards) in
        [("gcc", "c", &C[..]), ("clang", "c", &C), ("g++", "c++", &CPP), ("clang++", "c++", &CPP)]
    {
        if !works(Command::new(compiler).arg("--version")) {
            eprintln!("native: SKIPPED: the headers under {compiler}, which is not there");
            continue;
        }
        for standard in standards {
            // Freestanding: the compiler's own headers are enough, so that 32 bits need no second C library.
            for width in [&["-m64"][..], &["-m32"], &["-m32", "-malign-double"]] {
                compile(compiler, language, standard, width, &layout)?;
                compiled += 1;
            }
        }
    }
    for (compiler, language, standard) in
        [("x86_64-w64-mingw32-gcc", "c", "c99"), ("x86_64-w64-mingw32-g++", "c++", "c++14")]
    {
        if works(Command::new(compiler).arg("--version")) {
            // Windows' own headers define many a plain word.
            run_quietly(
                Command::new(compiler)
                    .arg(format!("-std={standard}"))
                    .args([
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-fsyntax-only",
                        "-include",
                        "windows.h",
                        "-x",
                        language,
                        "-I",
                    ])
                    .arg(root.join("pkg-templates/c/include"))
                    .arg(&layout),
            )?;
            compiled += 1;
        }
    }
    println!("headers: {compiled} combinations of compiler, standard and width");
    Ok(())
}

fn compile(compiler: &str, language: &str, standard: &str, width: &[&str], file: &Path) -> Result {
    run_quietly(
        Command::new(compiler)
            .arg(format!("-std={standard}"))
            .args(width)
            .args(STRICT)
            .args(["-ffreestanding", "-fsyntax-only", "-x", language, "-I"])
            .arg(files::root().join("pkg-templates/c/include"))
            .arg(file),
    )
}
