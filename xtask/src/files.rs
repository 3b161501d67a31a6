//! Where things are, and whether they have changed since they were last used.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use crate::Result;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The version of the package, from Cargo.toml.
pub(crate) fn version() -> Result<String> {
    let manifest = read(&root().join("Cargo.toml"))?;
    let package = manifest.split("[package]").nth(1).unwrap_or_default();
    package
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.split('"').next())
        .map(str::to_owned)
        .ok_or_else(|| "Cargo.toml has no package version".to_owned())
}

/// The version Cargo.lock has of a crate.
pub(crate) fn locked(name: &str) -> Result<String> {
    let lock = read(&root().join("Cargo.lock"))?;
    let start = format!("name = \"{name}\"\nversion = \"");
    lock.split_once(&start)
        .and_then(|(_, rest)| rest.split('"').next())
        .map(str::to_owned)
        .ok_or_else(|| format!("Cargo.lock has no {name}"))
}

pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| failed("read", path, &error))
}

pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| failed("read", path, &error))
}

pub(crate) fn write(path: &Path, text: &str) -> Result {
    fs::write(path, text).map_err(|error| failed("write", path, &error))
}

pub(crate) fn copy(from: &Path, to: &Path) -> Result {
    fs::copy(from, to).map(|_| ()).map_err(|error| failed("copy", from, &error))
}

pub(crate) fn create_folder(path: &Path) -> Result {
    fs::create_dir_all(path).map_err(|error| failed("create", path, &error))
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("could not {what} {}: {error}", path.display())
}

/// A number that changes when one of the files does, or a file below one of the folders. What does not exist counts as
/// empty; folders named `node_modules` do not count.
pub(crate) fn fingerprint(paths: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(path, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result {
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| failed("read", path, &error))?;
        let mut names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        names.sort();
        for name in names.iter().filter(|name| !name.ends_with("node_modules")) {
            add(name, hasher)?;
        }
    } else if path.is_file() {
        path.hash(hasher);
        read_bytes(path)?.hash(hasher);
    }
    Ok(())
}

/// Does `work` unless it was done with the same `inputs` before and `output` is still there. The note about that lies
/// at `stamp`.
pub(crate) fn when_changed(stamp: &Path, inputs: u64, output: &Path, work: impl FnOnce() -> Result) -> Result {
    let note = format!("{inputs:016x}");
    if output.exists() && fs::read_to_string(stamp).is_ok_and(|found| found == note) {
        return Ok(());
    }
    // Gone before the work starts, so that half of it is never taken for all.
    let _ = fs::remove_file(stamp);
    work()?;
    write(stamp, &note)
}
