//! One wasm build: Rust → wasm-bindgen → wasm-opt. The result is a folder with `glue.js` and `sdk.wasm`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::{capture, cargo, progress, run};
use crate::{Result, files, setup};

/// Which features a build has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Variant {
    /// What the package's client entries hold: every service.
    Client,
    /// One service only; for pages that need no other.
    ClientRallyHere,
    ClientXsolla,
    ClientPlayFab,
    /// The calls that need a server secret; the only build with them.
    Server,
    /// Linking codes alone: no session, no service.
    Linking,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::ClientRallyHere => "client-rallyhere",
            Self::ClientXsolla => "client-xsolla",
            Self::ClientPlayFab => "client-playfab",
            Self::Server => "server",
            Self::Linking => "linking",
        }
    }

    fn features(self) -> &'static str {
        match self {
            Self::Client => "web,playfab,rallyhere,xsolla",
            Self::ClientRallyHere => "web,rallyhere",
            Self::ClientXsolla => "web,xsolla",
            Self::ClientPlayFab => "web,playfab",
            Self::Server => "server,web,playfab,xsolla",
            Self::Linking => "linking-web",
        }
    }
}

/// How a build is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Quick: the inner loop, the demo, the tests.
    Plain,
    /// What is published: std is compiled with the rest, for size, and a panic is a trap without text.
    Published,
}

impl Mode {
    pub(crate) fn folder(self) -> PathBuf {
        files::target().join("npm").join(match self {
            Self::Plain => "plain",
            Self::Published => "published",
        })
    }
}

/// Builds `variant` and returns its folder. What has not changed is not done again.
pub(crate) fn build(variant: Variant, mode: Mode) -> Result<PathBuf> {
    setup::wasm_target()?;
    let (bindgen, library) = (files::locked("wasm-bindgen-cli-support")?, files::locked("wasm-bindgen")?);
    if bindgen != library {
        return Err(format!(
            "Cargo.lock has wasm-bindgen {library}, but xtask/bindgen/Cargo.toml asks for wasm-bindgen-cli-support \
             {bindgen}: they must be the same"
        ));
    }
    let folder = mode.folder().join(variant.name());
    files::create_folder(&folder)?;
    let raw = compile(variant, mode, &folder)?;
    let inputs = files::fingerprint(&[
        raw.clone(),
        root_file("Cargo.lock"),
        root_file("xtask/bindgen"),
        root_file("xtask/src/wasm.rs"),
    ])?;
    let wasm = folder.join("sdk.wasm");
    files::when_changed(&folder.join("sdk.stamp"), inputs, &wasm, || {
        progress("wasm", &format!("{}: wasm-bindgen", variant.name()));
        run(bindgen_command().arg("glue").arg(&raw).arg(&folder).arg("glue"))?;
        progress("wasm", &format!("{}: wasm-opt", variant.name()));
        optimise(&folder.join("glue_bg.wasm"), &wasm, mode)?;
        run(bindgen_command().arg("arrange").args([&wasm, &wasm]))
    })?;
    Ok(folder)
}

fn bindgen_command() -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "xtask-bindgen", "--"]);
    command
}

fn root_file(name: &str) -> PathBuf {
    files::root().join(name)
}

/// Rust → wasm. All variants share a target folder, so that dependencies are compiled once; cargo keeps only the last
/// one's result there and would compile the others again each time, so what did not change does not reach cargo.
fn compile(variant: Variant, mode: Mode, folder: &Path) -> Result<PathBuf> {
    let copy = folder.join("rust.wasm");
    let sources = ["src", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "xtask/src/wasm.rs"];
    let inputs = files::fingerprint(&sources.map(root_file))?;
    files::when_changed(&folder.join("rust.stamp"), inputs, &copy, || {
        progress("wasm", &format!("{}: compiling", variant.name()));
        let mut command = cargo();
        command
            .args([
                "rustc",
                "--quiet",
                "--package",
                "playerlink",
                "--lib",
                "--crate-type",
                "cdylib",
                "--profile",
                "wasm",
            ])
            .args(["--target", "wasm32-unknown-unknown", "--no-default-features", "--features", variant.features()])
            .args(["--message-format", "json-render-diagnostics", "--target-dir"])
            .arg(mode.folder().join("cargo"));
        flags(&mut command, mode)?;
        let built = artifact(&capture(&mut command)?)
            .ok_or_else(|| format!("cargo did not say where the {} wasm is", variant.name()))?;
        files::copy(&built, &copy)
    })?;
    Ok(copy)
}

fn flags(command: &mut Command, mode: Mode) -> Result {
    // The stack lies below the data. With 128 KB in place of 1 MB, every address of data is a byte shorter, and the
    // deepest that we read into JSON needs a fifth of it.
    let mut flags = format!("-Clink-arg=-zstack-size=131072 {}", remapped_paths()?);
    if mode == Mode::Published {
        setup::rust_source()?;
        command
            .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
            // The pinned stable toolchain may use what is unstable, for this build only.
            .env("RUSTC_BOOTSTRAP", "1");
        flags.push_str("-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none");
    }
    command.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", flags);
    Ok(())
}

/// Panic messages hold the paths of source files; those of this machine are nobody's business. With a space at its end.
pub(crate) fn remapped_paths() -> Result<String> {
    let library = setup::sysroot()?.join("lib/rustlib/src/rust");
    let mut flags = String::new();
    for (path, name) in [(Some(files::root()), "playerlink"), (cargo_home(), "cargo"), (Some(library), "rust")] {
        if let Some(path) = path {
            flags.push_str(&format!("--remap-path-prefix={}={name} ", path.display()));
        }
    }
    Ok(flags)
}

fn cargo_home() -> Option<PathBuf> {
    let home = || Some(std::env::home_dir()?.join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}

/// From cargo's messages: the wasm file of our crate.
fn artifact(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let artifacts =
        messages.filter(|message| message.get("reason").is_some_and(|reason| reason == "compiler-artifact"));
    let files =
        artifacts.flat_map(|message| message.get("filenames").and_then(Value::as_array).cloned().unwrap_or_default());
    files.filter_map(|file| file.as_str().map(PathBuf::from)).find(|file| file.ends_with("playerlink.wasm"))
}

fn optimise(input: &Path, output: &Path, mode: Mode) -> Result {
    let tools = setup::npm_packages("pkg-templates/npm")?;
    let mut command = Command::new("node");
    command.arg(tools.join("binaryen/bin/wasm-opt")).arg(input).arg("-o").arg(output);
    if mode == Mode::Published {
        // Without Rust's own nesting of blocks there is less of it: half a kilobyte after compression. Before the last
        // pass, inlining pays: `-Os` here is 200 bytes less than `-Oz`.
        command.args(["--flatten", "--rereloop", "-Os"]);
    }
    command.arg("-Oz");
    // What rustc and wasm-bindgen use, and every engine with DecompressionStream has.
    for feature in [
        "bulk-memory",
        "bulk-memory-opt",
        "nontrapping-float-to-int",
        "reference-types",
        "multivalue",
        "sign-ext",
        "mutable-globals",
        "extended-const",
    ] {
        command.arg(format!("--enable-{feature}"));
    }
    command.args(["--strip-debug", "--strip-producers"]);
    if mode == Mode::Published {
        // The lowest 1 KB is the far end of Rust's stack: addresses there are never computed from an offset.
        command.args(["--converge", "--low-memory-unused"]);
        command.arg("--strip-target-features");
    }
    run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_is_the_cdylib_and_not_a_dependency() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","filenames":["/t/deps/libserde.rlib"]}"#,
            "\nnot json\n",
            r#"{"reason":"compiler-artifact","filenames":["/t/playerlink.wasm"]}"#,
        );
        assert_eq!(artifact(messages), Some(PathBuf::from("/t/playerlink.wasm")));
    }
}
