//! The tests of the npm package: `tests/js/*.test.mjs`, run against the tarball as a user would install it.

use std::process::Command;

use crate::process::{cargo, progress, run};
use crate::wasm::Mode;
use crate::{Result, files, npm, setup};

/// Builds the package and runs its tests. Fails when one of them does.
pub(crate) fn test() -> Result {
    let mut node = runner()?;
    progress("test", "the npm package in Node, TypeScript, Vite and Chromium");
    run(node.args(test_files(".")?))
}

/// Prints what the published package costs in Node. Fails when it sends more requests than its budget has; times depend on
/// the machine.
pub(crate) fn bench() -> Result {
    let tarball = npm::build(Mode::Published, &files::root().join("dist/npm"))?;
    progress("bench", "the npm package in Node; twenty seconds of it are an outage");
    run(Command::new("node").arg(files::root().join("tests/bench/node.mjs")).env("PLAYERLINK_TARBALL", tarball))
}

/// The tests of one folder below `tests/js`, without those of folders in it.
pub(crate) fn test_files(folder: &str) -> Result<Vec<String>> {
    let path = files::root().join("tests/js").join(folder);
    let entries = std::fs::read_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found: Vec<String> =
        names.filter(|name| name.ends_with(".test.mjs")).map(|name| format!("{folder}/{name}")).collect();
    found.sort();
    Ok(found)
}

/// `node --test` in the folder of the tests, with what they need.
pub(crate) fn runner() -> Result<Command> {
    let tarball = npm::build(Mode::Published, &files::root().join("dist/npm"))?;
    let folder = files::root().join("tests/js");
    setup::npm_packages("tests/js")?;
    let browser = setup::browser()?;
    run(cargo().args(["build", "--quiet", "--package", "emulator"]))?;
    let mut node = Command::new("node");
    // One file after the other: browsers and bundlers next to each other only wait for each other.
    node.args(["--test", "--test-concurrency=1"])
        .current_dir(&folder)
        .env("PLAYERLINK_TARBALL", tarball)
        .env("EMULATOR", files::target().join("debug").join(format!("emulator{}", std::env::consts::EXE_SUFFIX)))
        .env("CHROME", browser);
    Ok(node)
}
