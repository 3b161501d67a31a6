//! `cargo xtask sim …`: builds the simulator and passes the arguments on. Its planted bugs and the fleet's policy are in a
//! build of their own.

use crate::process::{self, cargo, progress};
use crate::{Result, files};

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "simulator"]);
    if arguments.iter().any(|argument| ["--exhaustive", "--mutants", "--fleet"].contains(&argument.as_str())) {
        command.args(["--features", "mutants"]);
    }
    progress("sim", "building");
    process::run(command.arg("--").args(arguments).env("SIM_OUT", files::target()))
}
