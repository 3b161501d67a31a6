//! The Windows library: its suite under wine.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{progress, run_quietly, works};
use crate::{Result, files};

use super::build::{Libraries, System};
use super::suite::{self, Linked, Ran};

/// Rust's standard library wants this DLL of Windows 10, which the wine of Debian 12 does not have.
const PRIMITIVES: &str = "#include <windows.h>\n#include <ntsecapi.h>\n\
    __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE out, SIZE_T size) {\n    \
    return RtlGenRandom(out, (ULONG)size);\n}\n";

const COMPILER: &str = "x86_64-w64-mingw32-gcc";

/// Runs the suite against the DLL and the archive.
pub(super) fn check(libraries: &Libraries) -> Result<Ran> {
    let Some(wine) = wine() else {
        return Ok(Ran::skipped("the Windows library was built, but there is no wine to run it"));
    };
    progress("native", "the C suite with the Windows library under wine");
    let folder = suite::folder()?.join("windows");
    files::create_folder(&folder)?;
    stub(&folder)?;
    files::copy(&libraries.shared, &folder.join("playerlink.dll"))?;
    let mut said = Vec::new();
    for linked in [Linked::Shared, Linked::Static] {
        let name = format!("windows/suite-{linked:?}.exe");
        let suite = suite::compile(COMPILER, System::Windows, libraries, linked, &["-O1"], &name)?;
        said.push(format!("{linked:?}: {}", run_in(&wine, &suite, &[])?));
        run_in(&wine, &suite, &["memory_"])?;
    }
    let wrapper = suite::compile_wrapper(
        "x86_64-w64-mingw32-g++",
        System::Windows,
        libraries,
        Linked::Shared,
        &["-std=c++14"],
        "windows/wrapper.exe",
    )?;
    run_in(&wine, &wrapper, &[])?;
    Ok(Ran::Well(said.join("; ")))
}

fn run_in(wine: &Path, program: &Path, arguments: &[&str]) -> Result<String> {
    suite::tell(
        Command::new(wine)
            .arg(program)
            .args(arguments)
            .env("SUITE_SHORT", "1")
            .env("WINEDEBUG", "-all")
            // Its own prefix, so that nobody's desktop changes; and no question about Mono or Gecko.
            .env("WINEPREFIX", files::target().join("native/wine"))
            .env("WINEDLLOVERRIDES", "mscoree,mshtml="),
    )
}

/// Where wine is; Debian keeps it off the path.
fn wine() -> Option<PathBuf> {
    ["/usr/lib/wine/wine64", "wine64", "wine"]
        .map(PathBuf::from)
        .into_iter()
        .find(|wine| works(Command::new(wine).arg("--version")))
}

fn stub(folder: &Path) -> Result {
    let source = folder.join("bcryptprimitives.c");
    files::write(&source, PRIMITIVES)?;
    run_quietly(
        Command::new(COMPILER)
            .args(["-shared", "-o", "bcryptprimitives.dll", "bcryptprimitives.c", "-ladvapi32"])
            .current_dir(folder),
    )
}
