//! `cargo xtask test native`: everything about the C ABI that one machine can check.

use crate::process::{cargo, progress, run};
use crate::{Result, setup};

use super::build::{self, Flavour, System};
use super::{checklist, consumers, csharp, header, inspect, suite, systems, wine};

pub(crate) fn all() -> Result {
    checklist::check()?;
    setup::native_tools()?;
    header::matrix()?;
    not_for_servers()?;
    from_rust()?;
    let libraries = build::build(System::Linux, Flavour::Shipped)?;
    inspect::shipped(System::Linux, &libraries)?;
    let hooked = build::build(System::Linux, Flavour::Hooked)?;
    suite::everywhere(&libraries, &hooked)?;
    suite::under_valgrind(&libraries)?.noted();
    suite::with_sanitizers(&libraries)?.noted();
    consumers::check(&libraries)?;
    csharp::check(libraries)?;
    if systems().contains(&System::Windows) {
        let libraries = build::build(System::Windows, Flavour::Shipped)?;
        inspect::shipped(System::Windows, &libraries)?;
        wine::check(&libraries)?.noted();
    }
    Ok(())
}

/// The same boundary from Rust, where the emulator can be the service.
fn from_rust() -> Result {
    progress("native", "the exports, called from Rust");
    run(cargo().args(["test", "--quiet", "--package", "native-abi", "--features", "ffi"]))
}

/// A library for players' machines with the calls that need a server's secret does not compile, and says why.
fn not_for_servers() -> Result {
    progress("native", "features `ffi` and `server` together");
    let mut command = cargo();
    command.args(["check", "--quiet", "--package", "playerlink", "--lib", "--no-default-features"]);
    command.args(["--features", "ffi,server"]);
    let output = command.output().map_err(|error| format!("cargo could not be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !text.contains("server") || !text.contains("ffi") {
        return Err(format!("`ffi` and `server` together must not compile, and say why:\n{text}"));
    }
    Ok(())
}
