//! The package for Unity: a tarball for its package manager, with an import note (`.meta`) beside every file and folder.
//! A package is read-only for the editor: what has no note there is not seen.

mod meta;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{progress, run_quietly};
use crate::{Result, files};

use super::build::{Libraries, System};
use super::package;

/// In the form package managers ask for. It is in every guid: it never changes.
const NAME: &str = "com.playerlink.client";

/// Packs a package with the libraries of those systems into `out`. Returns the tarball.
pub(crate) fn pack(built: &[(System, Libraries)], out: &Path) -> Result<PathBuf> {
    let name = format!("{NAME}-{}", files::version()?);
    let folder = out.join(&name);
    lay_out(built, &folder.join("package"))?;
    progress("native", &format!("packing {name}"));
    let tarball = out.join(format!("{name}.tgz"));
    // As npm packs: all below `package/`. No time and no owner in it: the same input gives the same archive.
    run_quietly(
        Command::new("tar")
            .args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-czf"])
            .arg(&tarball)
            .arg("-C")
            .arg(&folder)
            .arg("package"),
    )?;
    Ok(tarball)
}

/// The package, unpacked, in `folder`.
pub(super) fn lay_out(built: &[(System, Libraries)], folder: &Path) -> Result {
    let _ = std::fs::remove_dir_all(folder);
    let templates = files::root().join("pkg-templates/unity");
    copy_folder(&templates, folder)?;
    let manifest = folder.join("package.json");
    files::write(&manifest, &files::read(&manifest)?.replace("@VERSION@", &files::version()?))?;
    files::copy(&files::root().join("CHANGELOG.md"), &folder.join("CHANGELOG.md"))?;
    let licences = ["LICENSE-MIT", "LICENSE-APACHE"].map(|name| files::read(&files::root().join(name)));
    let [mit, apache] = licences;
    files::write(
        &folder.join("LICENSE.md"),
        &format!("Under either of these, as you choose.\n\n{}\n{}", mit?, apache?),
    )?;
    let mut notices = String::new();
    for (system, libraries) in built {
        let plugins = folder.join("Runtime/Plugins").join(plugin_folder(*system));
        files::create_folder(&plugins)?;
        files::copy(&libraries.shared, &plugins.join(plugin(*system)))?;
        notices = package::third_party(*system)?;
    }
    files::write(&folder.join("Third Party Notices.md"), &notices)?;
    meta::write_all(NAME, folder)
}

/// As the declarations name it: `playerlink`.
fn plugin(system: System) -> &'static str {
    match system {
        System::Linux => "libplayerlink.so",
        System::Windows => "playerlink.dll",
    }
}

fn plugin_folder(system: System) -> &'static str {
    match system {
        System::Linux => "linux-x64",
        System::Windows => "win-x64",
    }
}

/// What is in a package that was laid out, held against what Unity wants of one.
pub(super) fn check(folder: &Path) -> Result {
    meta::check(NAME, folder)?;
    let manifest: serde_json::Value = serde_json::from_str(&files::read(&folder.join("package.json"))?)
        .map_err(|error| format!("package.json: {error}"))?;
    let says = |name: &str| manifest.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    for wanted in ["displayName", "description", "unity", "license"] {
        if says(wanted).is_empty() {
            return Err(format!("the package.json of Unity's package has no {wanted}"));
        }
    }
    if says("name") != NAME || says("version") != files::version()? {
        return Err("the package.json of Unity's package has another name or version".to_owned());
    }
    for sample in manifest.get("samples").and_then(serde_json::Value::as_array).into_iter().flatten() {
        let path = sample.get("path").and_then(serde_json::Value::as_str).unwrap_or("?");
        if !folder.join(path).is_dir() {
            return Err(format!("the package.json of Unity's package names {path}, which is not there"));
        }
    }
    Ok(())
}

/// Compiles the package's own C# as Unity would: the assembly, then each sample against it and a stand-in of the editor's
/// types.
pub(super) fn compile(folder: &Path, to: &Path) -> Result {
    progress("native", "the C# of Unity's package, and its sample against a stand-in of Unity");
    let assembly = to.join("Playerlink.dll");
    let stand_in = to.join("UnityEngine.dll");
    let mcs = |out: &Path, sources: Vec<PathBuf>, more: &[&str]| {
        let mut command = Command::new("mcs");
        command.args(["-target:library", "-warnaserror", "-langversion:7", "-nowarn:8981,0649,0169"]);
        command.arg(format!("-out:{}", out.display())).args(more).args(sources);
        run_quietly(&mut command)
    };
    mcs(&assembly, sources(&folder.join("Runtime"))?, &["-unsafe"])?;
    mcs(&stand_in, sources(&files::root().join("tests/csharp/unity"))?, &[])?;
    let references = [format!("-r:{}", assembly.display()), format!("-r:{}", stand_in.display())];
    let sample = sources(&folder.join("Samples~/Frame Loop"))?;
    mcs(&to.join("Sample.dll"), sample, &references.each_ref().map(String::as_str))
}

/// The C# files in a folder, not below it.
pub(super) fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|found| found == "cs")).collect();
    found.sort();
    Ok(found)
}

/// With all that is below it.
fn copy_folder(from: &Path, to: &Path) -> Result {
    files::create_folder(to)?;
    let entries = std::fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    for entry in entries.flatten() {
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy_folder(&path, &copied)? } else { files::copy(&path, &copied)? }
    }
    Ok(())
}
