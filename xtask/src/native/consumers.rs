//! The package as a game's build would use it: a fresh CMake project, pkg-config, and versions that do not fit.

use std::path::Path;
use std::process::Command;

use crate::process::{capture, progress, run, run_quietly, works};
use crate::{Result, files};

use super::build::{Libraries, System};
use super::{package, suite};

const PROGRAM: &str = "#include <playerlink/codes.h>\n#include <playerlink/playerlink.h>\n#include <stdio.h>\n\
    int main(void) {\n    printf(\"playerlink %s\\n\", playerlink_version());\n    \
    return playerlink_abi_version() == PLAYERLINK_ABI_VERSION ? 0 : 1;\n}\n";

/// The steps of the package's README, in a folder that knows nothing of this repository.
pub(super) fn check(libraries: &Libraries) -> Result {
    let folder = suite::folder()?.join("consumer");
    let _ = std::fs::remove_dir_all(&folder);
    files::create_folder(&folder)?;
    // With a blank in its path, as on many a desk.
    let prefix = folder.join("the package");
    package::lay_out(System::Linux, libraries, &prefix)?;
    files::write(&folder.join("main.c"), PROGRAM)?;
    cmake(&folder, &prefix)?;
    pkg_config(&folder, libraries)
}

fn cmake(folder: &Path, prefix: &Path) -> Result {
    if !works(Command::new("cmake").arg("--version")) {
        eprintln!("native: SKIPPED: CMake is not there");
        return Ok(());
    }
    progress("native", "find_package in a fresh CMake project");
    let version = files::version()?;
    let project = |wanted: &str| {
        format!(
            "cmake_minimum_required(VERSION 3.16)\nproject(consumer C)\nfind_package(playerlink {wanted} REQUIRED)\n\
             add_executable(shared main.c)\ntarget_link_libraries(shared PRIVATE playerlink::playerlink)\n\
             add_executable(static main.c)\ntarget_link_libraries(static PRIVATE playerlink::playerlink_static)\n"
        )
    };
    let configure = |build: &str| {
        let mut command = Command::new("cmake");
        command.args(["-S", ".", "-B", build]).arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
        command.current_dir(folder);
        command
    };
    files::write(&folder.join("CMakeLists.txt"), &project(&version))?;
    run_quietly(&mut configure("build"))?;
    run_quietly(Command::new("cmake").args(["--build", "build"]).current_dir(folder))?;
    for program in ["shared", "static"] {
        run(&mut Command::new(folder.join("build").join(program)))?;
    }
    for wrong in ["0.999", "2.0"] {
        files::write(&folder.join("CMakeLists.txt"), &project(wrong))?;
        if works(&mut configure("wrong")) {
            return Err(format!("find_package(playerlink {wrong}) accepted version {version}"));
        }
    }
    Ok(())
}

fn pkg_config(folder: &Path, libraries: &Libraries) -> Result {
    if !works(Command::new("pkg-config").arg("--version")) {
        eprintln!("native: SKIPPED: pkg-config is not there");
        return Ok(());
    }
    progress("native", "pkg-config");
    // pkg-config writes a blank in a path as `\ `, which only a shell understands.
    let prefix = folder.join("package");
    package::lay_out(System::Linux, libraries, &prefix)?;
    for (program, more) in [("shared", &[][..]), ("static", &["--static"])] {
        let flags = capture(
            Command::new("pkg-config")
                .args(["--cflags", "--libs"])
                .args(more)
                .arg("playerlink")
                .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")),
        )?;
        let mut command = Command::new("gcc");
        command.args(["main.c", "-o", &format!("by-pkg-config-{program}")]);
        if program == "static" {
            // With both there, the linker takes the shared one unless told.
            command.arg("-DPLAYERLINK_STATIC");
            command.args(flags.split_whitespace().filter(|flag| *flag != "-lplayerlink"));
            command.arg(prefix.join("lib/libplayerlink.a")).args(&libraries.system);
        } else {
            command.args(flags.split_whitespace());
        }
        run_quietly(command.current_dir(folder))?;
        run(Command::new(folder.join(format!("by-pkg-config-{program}"))).env("LD_LIBRARY_PATH", prefix.join("lib")))?;
    }
    Ok(())
}
