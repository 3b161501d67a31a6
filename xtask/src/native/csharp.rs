//! The C# declarations under Mono, the runtime family of Unity's editor: layouts, a login through a managed host, and the
//! garbage collector in between.

use std::process::Command;

use crate::process::{progress, run, run_quietly, works};
use crate::{Result, files};

use super::build::{Libraries, System};
use super::{suite, unity};

/// Lays Unity's package out with that library, and uses what is in it.
pub(super) fn check(libraries: Libraries) -> Result {
    let package = suite::folder()?.join("unity");
    unity::lay_out(&[(System::Linux, libraries)], &package)?;
    unity::check(&package)?;
    if !works(Command::new("mcs").arg("--version")) || !works(Command::new("mono").arg("--version")) {
        eprintln!("native: SKIPPED: Mono (mcs, mono) is not there");
        return Ok(());
    }
    unity::compile(&package, &suite::folder()?)?;
    progress("native", "the C# declarations under Mono, from Unity's package");
    let program = suite::folder()?.join("csharp.exe");
    let mut command = Command::new("mcs");
    command.args(["-unsafe", "-warnaserror", "-nowarn:8981,0649,0169", "-langversion:7", "-r:System.dll"]);
    command.arg(format!("-out:{}", program.display()));
    // Together, since the declarations are internal.
    for folder in [package.join("Runtime"), files::root().join("tests/csharp")] {
        command.args(unity::sources(&folder)?);
    }
    run_quietly(&mut command)?;
    run(Command::new("mono").arg(&program).env("LD_LIBRARY_PATH", package.join("Runtime/Plugins/linux-x64")))
}
