//! `cargo xtask bindings [--check]`: writes the generated files, or says which are stale.

use crate::Result;
use crate::process::{self, cargo};

pub(crate) fn run(arguments: &[String]) -> Result {
    for package in ["bindings", "native-bindings"] {
        process::run(cargo().args(["run", "--quiet", "--package", package, "--"]).args(arguments))?;
    }
    Ok(())
}
