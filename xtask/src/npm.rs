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

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in the block that begins with `start`, in order; written alike.
    fn names(path: &str, start: &str) -> Vec<String> {
        let text = std::fs::read_to_string(files::root().join(path)).unwrap_or_default();
        let block = text.split_once(start).and_then(|(_, rest)| rest.split_once("\n}")).map_or("", |(block, _)| block);
        let lines = block.lines().filter_map(|line| line.split(&['=', ','][..]).next());
        let lines = lines.map(|line| line.trim().replace('_', "").to_lowercase());
        lines.filter(|line| line.starts_with(char::is_alphabetic)).collect()
    }

    #[test]
    fn what_crosses_has_the_same_numbers_in_rust_and_typescript() {
        let boundary = "pkg-templates/npm/src/boundary.ts";
        for (path, start, in_typescript) in [
            ("src/bindings/web/operation.rs", "\noperations! {", "enum Operation {"),
            ("src/host/web.rs", "enum What {", "enum What {"),
        ] {
            let ours = names(path, start);
            assert!(ours.len() > 10, "{path}: {ours:?}");
            assert_eq!(ours, names(boundary, in_typescript), "{path}");
        }
    }
}
