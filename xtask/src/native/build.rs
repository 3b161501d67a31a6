//! The C ABI as libraries: Rust → shared and static, for Linux and Windows.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{capture, cargo, progress, run_quietly};
use crate::{Result, files, setup, wasm};

/// The system a library is for. Each with 64 bits on x86.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Linux,
    Windows,
}

impl System {
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::Linux => "x86_64-unknown-linux-gnu",
            Self::Windows => "x86_64-pc-windows-gnu",
        }
    }

    /// As packages are named.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux-x86_64",
            Self::Windows => "windows-x86_64",
        }
    }

    /// A program of the toolchain: `strip`, `nm`, …
    pub(crate) fn tool(self, name: &str) -> String {
        match self {
            Self::Linux => name.to_owned(),
            Self::Windows => format!("x86_64-w64-mingw32-{name}"),
        }
    }
}

/// Which features a library has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// What is shipped.
    Shipped,
    /// With the functions `playerlink_test_…`, for the checks that need a defect in the library.
    Hooked,
}

impl Flavour {
    fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Hooked => "hooked",
        }
    }

    pub(crate) fn features(self) -> &'static str {
        match self {
            Self::Shipped => "ffi,system-random,ffi-allocator,playfab,rallyhere,xsolla",
            Self::Hooked => "ffi,system-random,ffi-allocator,ffi-test-hooks,playfab,rallyhere,xsolla",
        }
    }
}

/// One build.
#[derive(Debug)]
pub(crate) struct Libraries {
    /// Where they lie.
    pub(crate) folder: PathBuf,
    /// `libplayerlink.so.1` or `playerlink.dll`.
    pub(crate) shared: PathBuf,
    /// `libplayerlink.a`.
    pub(crate) archive: PathBuf,
    /// Windows: `libplayerlink.dll.a`, to link with the shared library.
    pub(crate) import: Option<PathBuf>,
    /// What a program that links the archive needs from the system: `-lpthread`, ….
    pub(crate) system: Vec<String>,
}

/// The number in the name of the shared library: the high half of the ABI's version.
pub(crate) fn abi_major() -> Result<u32> {
    let constants = files::read(&files::root().join("pkg-templates/c/abi/constants.csv"))?;
    constants
        .lines()
        .find_map(|line| line.strip_prefix("PLAYERLINK_ABI_VERSION,u32,")?.parse::<u32>().ok())
        .map(|version| version >> 16)
        .ok_or_else(|| "pkg-templates/c/abi/constants.csv has no PLAYERLINK_ABI_VERSION".to_owned())
}

/// Builds, strips, and puts the libraries together. What has not changed is not done again.
pub(crate) fn build(system: System, flavour: Flavour) -> Result<Libraries> {
    setup::target(system.triple())?;
    setup::rust_source()?;
    let base = files::target().join("native");
    let folder = base.join(system.name()).join(flavour.name());
    files::create_folder(&folder)?;
    let (shared, archive, import) = match system {
        System::Linux => {
            (folder.join(format!("libplayerlink.so.{}", abi_major()?)), folder.join("libplayerlink.a"), None)
        }
        System::Windows => {
            (folder.join("playerlink.dll"), folder.join("libplayerlink.a"), Some(folder.join("libplayerlink.dll.a")))
        }
    };
    let note = folder.join("system-libraries.txt");
    let sources = ["src", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "xtask/src/native/build.rs"];
    let inputs = files::fingerprint(&sources.map(|name| files::root().join(name)))?;
    files::when_changed(&folder.join("stamp"), inputs, &shared, || {
        progress("native", &format!("compiling for {} ({})", system.name(), flavour.name()));
        compile(system, flavour, &base.join("cargo"), &note)?;
        let built = base.join("cargo").join(system.triple()).join("ffi");
        match system {
            System::Linux => files::copy(&built.join("libplayerlink.so"), &shared)?,
            System::Windows => {
                files::copy(&built.join("playerlink.dll"), &shared)?;
                files::copy(&built.join("libplayerlink.dll.a"), &folder.join("libplayerlink.dll.a"))?;
            }
        }
        files::copy(&built.join("libplayerlink.a"), &archive)?;
        // What debuggers read weighs most of it, and names paths of the machine it was built on.
        let members = capture(Command::new(system.tool("ar")).arg("t").arg(&archive))?;
        let debug: Vec<&str> = members.lines().filter(|member| member.ends_with(".dwo")).collect();
        if !debug.is_empty() {
            run_quietly(Command::new(system.tool("ar")).arg("d").arg(&archive).args(debug))?;
        }
        run_quietly(Command::new(system.tool("strip")).arg("--strip-debug").arg(&archive))?;
        if system == System::Linux {
            link_name(&folder, &shared)?;
        }
        Ok(())
    })?;
    let text = files::read(&note)?;
    Ok(Libraries { shared, archive, import, system: system_libraries(&text), folder })
}

/// `libplayerlink.so`, by which programs are linked.
fn link_name(folder: &Path, shared: &Path) -> Result {
    let name = shared.file_name().unwrap_or_default();
    run_quietly(Command::new("ln").args(["-sfn"]).arg(name).arg(folder.join("libplayerlink.so")))
}

fn compile(system: System, flavour: Flavour, target: &Path, note: &Path) -> Result {
    let mut command = cargo();
    command
        .args(["rustc", "--quiet", "--package", "playerlink", "--lib", "--crate-type", "staticlib,cdylib"])
        .args(["--profile", "ffi", "--target", system.triple(), "--no-default-features"])
        .args(["--features", flavour.features()])
        // Rust's standard library, compiled with the rest: for size, and without the code that reads debug information
        // to print backtraces. A third of what a game links. The pinned stable toolchain may do it, as for the wasm.
        .args(["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=panic-unwind,optimize_for_size"])
        .env("RUSTC_BOOTSTRAP", "1")
        .arg("--target-dir")
        .arg(target)
        .arg("--");
    command.arg(format!("--print=native-static-libs={}", note.display()));
    if system == System::Linux {
        // rustc gives none, and a program would then look for the library by its path.
        command.arg(format!("-Clink-arg=-Wl,-soname,libplayerlink.so.{}", abi_major()?));
        // What has to be bound is bound when the library is loaded.
        command.arg("-Clink-arg=-Wl,-z,relro,-z,now,-z,defs");
    }
    // No path and no `Debug` text in it: both weigh, and no text a user sees is made of them.
    let flags = format!("{}-Zunstable-options -Zlocation-detail=none -Zfmt-debug=none", wasm::remapped_paths()?);
    command.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", flags);
    run_quietly(&mut command)
}

pub(super) fn system_libraries(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split_whitespace().filter(|word| word.starts_with("-l")) {
        // The C library is there anyway, and named several times.
        if word != "-lc" && !found.iter().any(|other| other == word) {
            found.push(word.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_s_libraries_are_named_once_and_without_the_c_library() {
        assert_eq!(system_libraries("-lgcc_s -lutil -lc -lutil\n"), ["-lgcc_s", "-lutil"]);
    }
}
