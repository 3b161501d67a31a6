//! `cargo xtask npm`: the npm package, from Rust and the hand-written skin in `pkg-templates/npm`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, npm, progress, run_quietly};
use crate::wasm::{Mode, Variant};
use crate::{Result, files, setup, wasm};

pub(crate) fn run(arguments: &[String]) -> Result {
    let (mut mode, mut out) = (Mode::Plain, files::root().join("dist/npm"));
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--release" => mode = Mode::Published,
            "--out" => out = PathBuf::from(rest.next().ok_or("--out needs a folder")?),
            other => return Err(format!("npm does not know `{other}`")),
        }
    }
    let tarball = build(mode, &out)?;
    println!("{}", tarball.display());
    Ok(())
}

/// Builds the package and returns its tarball, `playerlink-<version>.tgz` in `out`. Quick when nothing has changed.
pub(crate) fn build(mode: Mode, out: &Path) -> Result<PathBuf> {
    let client = wasm::build(Variant::Client, mode)?;
    let server = wasm::build(Variant::Server, mode)?;
    let linking = wasm::build(Variant::Linking, mode)?;
    // One service alone, for pages. To try things out, all of them serve as well.
    let mut builds = vec![client.clone(), server, linking];
    for variant in [Variant::ClientRallyHere, Variant::ClientXsolla, Variant::ClientPlayFab] {
        builds.push(if mode == Mode::Published { wasm::build(variant, mode)? } else { client.clone() });
    }
    let version = files::version()?;
    let package = mode.folder().join("package");
    let packed = mode.folder().join(format!("playerlink-{version}.tgz"));
    let template = files::root().join("pkg-templates/npm");
    setup::npm_packages("pkg-templates/npm")?;

    let mut inputs = vec![
        template.clone(),
        files::root().join("LICENSE-MIT"),
        files::root().join("LICENSE-APACHE"),
        files::root().join("Cargo.toml"),
    ];
    for folder in &builds {
        inputs.extend(["glue.js", "sdk.wasm"].map(|name| folder.join(name)));
    }
    let fingerprint = files::fingerprint(&inputs)?;
    files::when_changed(&mode.folder().join("package.stamp"), fingerprint, &packed, || {
        progress("npm", "bundling the skin and its types");
        process::run(Command::new("node").arg(template.join("build.mjs")).args(&builds).arg(&package).arg(&version))?;
        progress("npm", "packing");
        run_quietly(npm().args(["pack", "--silent", "--pack-destination"]).arg(mode.folder()).current_dir(&package))
    })?;
    files::create_folder(out)?;
    let tarball = out.join(format!("playerlink-{version}.tgz"));
    files::copy(&packed, &tarball)?;
    Ok(tarball)
}
