//! What the commands need on this machine: the wasm target, npm packages, a browser. Each command asks for what it
//! needs; what is there already costs nothing, what can be installed is, and the rest is one command to type.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{capture, npm, progress, run_quietly, works};
use crate::{Result, files};

/// `cargo xtask setup`: all of it at once.
pub(crate) fn run(arguments: &[String]) -> Result {
    if let Some(argument) = arguments.first() {
        return Err(format!("setup does not know `{argument}`"));
    }
    wasm_target()?;
    rust_source()?;
    npm_packages("pkg-templates/npm")?;
    npm_packages("tests/js")?;
    native_tools()?;
    let browser = browser()?;
    firefox()?;
    progress("setup", &format!("everything is here; the browser is {}", browser.display()));
    Ok(())
}

/// rust-toolchain.toml makes rustup install it; a Rust without rustup must bring it.
pub(crate) fn wasm_target() -> Result {
    target("wasm32-unknown-unknown")
}

/// The source of Rust's standard library, which the published build compiles.
pub(crate) fn rust_source() -> Result {
    if sysroot()?.join("lib/rustlib/src/rust/library").exists() {
        return Ok(());
    }
    progress("setup", "adding the source of Rust's standard library");
    rustup(&["component", "add", "rust-src"])
}

/// Where this toolchain lies.
pub(crate) fn sysroot() -> Result<PathBuf> {
    let text = capture(Command::new("rustc").args(["--print", "sysroot"]).current_dir(files::root()))?;
    Ok(PathBuf::from(text.trim()))
}

fn rustup(arguments: &[&str]) -> Result {
    run_quietly(Command::new("rustup").args(arguments).current_dir(files::root()))
        .map_err(|error| format!("{error}\nrun `rustup {}`, then this command again", arguments.join(" ")))
}

/// Installs what `folder`'s lock file says, and returns its `node_modules`.
pub(crate) fn npm_packages(folder: &str) -> Result<PathBuf> {
    let path = files::root().join(folder);
    let modules = path.join("node_modules");
    let inputs = files::fingerprint(&[path.join("package.json"), path.join("package-lock.json")])?;
    files::when_changed(&modules.join(".playerlink-stamp"), inputs, &modules, || {
        if !works(Command::new("node").arg("--version")) {
            return Err(
                "Node.js is missing: install version 20.19 or later from https://nodejs.org or your system's packages"
                    .to_owned(),
            );
        }
        progress("setup", &format!("installing the npm packages of {folder}"));
        run_quietly(npm().args(["ci", "--no-audit", "--no-fund"]).current_dir(&path))
    })?;
    Ok(modules)
}

/// A Chromium: `CHROME`, one on the path, or one from the system's packages.
pub(crate) fn browser() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROME").map(PathBuf::from) {
        return if chosen.is_file() {
            Ok(chosen)
        } else {
            Err(format!("CHROME names {}, which does not exist", chosen.display()))
        };
    }
    if let Some(found) = installed_browser() {
        return Ok(found);
    }
    install_packages(&["chromium"]).map_err(|how| {
        let how = if has_apt() { how } else { "install Chromium or Chrome, or set CHROME to one".to_owned() };
        format!("there is no browser for the browser checks; run this, then this command again:\n\n    {how}\n")
    })?;
    installed_browser().ok_or_else(|| "chromium was installed, but is not on the path".to_owned())
}

/// What the checks of the C ABI use: the file that shows that it is there, and its package in Debian and Ubuntu.
const NATIVE_TOOLS: [(&str, &str); 10] = [
    ("/usr/bin/g++", "g++"),
    ("/usr/bin/clang", "clang"),
    ("/usr/bin/cmake", "cmake"),
    ("/usr/bin/pkg-config", "pkg-config"),
    ("/usr/bin/valgrind", "valgrind"),
    ("/usr/bin/curl-config", "libcurl4-openssl-dev"),
    ("/usr/bin/x86_64-w64-mingw32-g++", "g++-mingw-w64-x86-64"),
    ("/usr/lib/wine/wine64", "wine64"),
    ("/usr/bin/mcs", "mono-mcs"),
    ("/usr/bin/mono", "mono-runtime"),
];

/// Installs what the checks of the C ABI use. Elsewhere than on Debian and its like it cannot; what is not there is then
/// left out by each check, which says so.
pub(crate) fn native_tools() -> Result {
    let missing: Vec<&str> =
        NATIVE_TOOLS.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, package)| *package).collect();
    if missing.is_empty() || !has_apt() {
        return Ok(());
    }
    install_packages(&missing).map_err(|how| {
        format!("the checks of the C ABI need more programs; run this, then this command again:\n\n    {how}\n")
    })
}

/// Rust's standard library for another target.
pub(crate) fn target(name: &str) -> Result {
    if sysroot()?.join("lib/rustlib").join(name).exists() {
        return Ok(());
    }
    progress("setup", &format!("adding Rust's {name} target"));
    rustup(&["target", "add", name])
}

/// Installs from the system's packages; where it may not, the error is the command to type.
fn install_packages(names: &[&str]) -> Result {
    let command = format!("apt-get install -y --no-install-recommends {}", names.join(" "));
    if !has_apt() || !is_root() {
        return Err(format!("sudo {command}"));
    }
    progress("setup", &format!("installing {} from the system's packages", names.join(", ")));
    run_quietly(Command::new("apt-get").arg("update"))?;
    run_quietly(Command::new("apt-get").args(command.split(' ').skip(1)).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn has_apt() -> bool {
    Path::new("/usr/bin/apt-get").exists()
}

fn installed_browser() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome.exe", "msedge.exe"];
    let on_path = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let mac = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];
    on_path.chain(mac.iter().map(PathBuf::from)).find(|path| path.is_file())
}

/// A Firefox: `FIREFOX`, one on the path, or one from the system's packages. `None`, and said loudly, where there is none
/// and none can be had: the elements are then tested in Chromium alone.
pub(crate) fn firefox() -> Result<Option<PathBuf>> {
    if let Some(chosen) = std::env::var_os("FIREFOX").map(PathBuf::from) {
        return if chosen.is_file() {
            Ok(Some(chosen))
        } else {
            Err(format!("FIREFOX names {}, which does not exist", chosen.display()))
        };
    }
    if let Some(found) = installed_firefox() {
        return Ok(Some(found));
    }
    let install = ["install", "-y", "--no-install-recommends", "firefox-esr"];
    if Path::new("/usr/bin/apt-get").exists() && is_root() {
        progress("setup", "installing firefox-esr from the system's packages");
        run_quietly(Command::new("apt-get").arg("update"))?;
        let installed = run_quietly(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"));
        if installed.is_ok()
            && let Some(found) = installed_firefox()
        {
            return Ok(Some(found));
        }
    }
    progress("setup", "NO FIREFOX: what is tested in Firefox too is SKIPPED; install it, or set FIREFOX to one");
    Ok(None)
}

fn installed_firefox() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["firefox-esr", "firefox", "firefox.exe"];
    let on_path = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    on_path.chain([PathBuf::from("/Applications/Firefox.app/Contents/MacOS/firefox")]).find(|path| path.is_file())
}

fn is_root() -> bool {
    capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
