//! `examples/console-c`, for the demo: linked with the archive, as a console would.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{capture, run_quietly, works};
use crate::{Result, files};

use super::build::{self, Flavour, System};
use super::suite;

/// Builds it, or says why it cannot be built here.
pub(crate) fn console() -> Result<std::result::Result<PathBuf, &'static str>> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(Err("the C ABI is built on Linux here"));
    }
    let Some(curl) = curl_flags() else { return Ok(Err("libcurl's headers are not there")) };
    let libraries = build::build(System::Linux, Flavour::Shipped)?;
    let root = files::root();
    let program = suite::folder()?.join("console-c");
    let mut command = Command::new("gcc");
    command.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-Werror"]);
    command.args(["-ffunction-sections", "-Wl,--gc-sections", "-DPLAYERLINK_STATIC", "-I"]);
    command.arg(root.join("pkg-templates/c/include")).arg("-o").arg(&program);
    command.args(["main.c", "http.c"].map(|name| root.join("examples/console-c").join(name)));
    command.arg(&libraries.archive).args(&libraries.system).args(curl);
    run_quietly(&mut command)?;
    Ok(Ok(program))
}

/// How a program is linked with libcurl, if its headers are there too.
fn curl_flags() -> Option<Vec<String>> {
    let flags = capture(Command::new("curl-config").arg("--libs")).ok()?;
    let headers = works(Command::new("gcc").args(["-include", "curl/curl.h", "-fsyntax-only", "-x", "c", "/dev/null"]));
    headers.then(|| flags.split_whitespace().map(str::to_owned).collect())
}
