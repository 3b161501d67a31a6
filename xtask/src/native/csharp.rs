//! The C# declarations under Mono, the runtime family of Unity's editor: layouts, a login through a managed host, and the
//! garbage collector in between.

use std::process::Command;

use crate::process::{progress, run, run_quietly, works};
use crate::{Result, files};

use super::build::Libraries;
use super::suite;

pub(super) fn check(libraries: &Libraries) -> Result {
    if !works(Command::new("mcs").arg("--version")) || !works(Command::new("mono").arg("--version")) {
        eprintln!("native: SKIPPED: Mono (mcs, mono) is not there");
        return Ok(());
    }
    progress("native", "the C# declarations under Mono");
    let root = files::root();
    let program = suite::folder()?.join("csharp.exe");
    let mut command = Command::new("mcs");
    command.args(["-unsafe", "-warnaserror", "-nowarn:8981,0649,0169", "-langversion:7", "-r:System.dll"]);
    command.arg(format!("-out:{}", program.display()));
    for folder in ["pkg-templates/unity/Runtime", "tests/csharp"] {
        let mut sources: Vec<_> = std::fs::read_dir(root.join(folder))
            .map_err(|error| format!("{folder}: {error}"))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "cs"))
            .collect();
        sources.sort();
        command.args(sources);
    }
    run_quietly(&mut command)?;
    run(Command::new("mono").arg(&program).env("LD_LIBRARY_PATH", &libraries.folder))
}
