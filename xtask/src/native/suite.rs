//! The C suite of `tests/c` and the test of the C++ face: compiled in each way the library is linked, run plainly, under
//! valgrind and with sanitizers.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{capture, progress, run, run_quietly, works};
use crate::{Result, files};

use super::build::{Libraries, System};

/// How a test program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    Static,
    Shared,
}

/// How a check went that not every machine can do.
#[derive(Debug)]
pub(super) enum Ran {
    /// Its figures.
    Well(String),
    /// Why it could not be done here.
    Skipped(String),
}

impl Ran {
    pub(super) fn skipped(why: &str) -> Self {
        Self::Skipped(why.to_owned())
    }

    /// Says loudly when it was not done.
    pub(super) fn noted(self) {
        if let Self::Skipped(why) = self {
            eprintln!("native: SKIPPED: {why}");
        }
    }
}

/// What memory checks a program is compiled with.
pub(super) const SANITIZERS: [&str; 3] =
    ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The program `suite`, by that C compiler.
pub(super) fn compile(
    compiler: &str,
    system: System,
    libraries: &Libraries,
    linked: Linked,
    more: &[&str],
    name: &str,
) -> Result<PathBuf> {
    let root = files::root();
    let mut sources = sources(&root.join("tests/c"), "c")?;
    sources.sort();
    let program = folder()?.join(name);
    let mut command = Command::new(compiler);
    command.args(["-std=c99", "-g", "-D_POSIX_C_SOURCE=200809L", "-D__USE_MINGW_ANSI_STDIO=1"]).args(WARNINGS);
    command.args(more).arg("-I").arg(root.join("pkg-templates/c/include")).arg("-o").arg(&program).args(sources);
    link(&mut command, system, libraries, linked);
    run_quietly(&mut command)?;
    Ok(program)
}

/// The program `wrapper`, by that C++ compiler.
pub(super) fn compile_wrapper(
    compiler: &str,
    system: System,
    libraries: &Libraries,
    linked: Linked,
    more: &[&str],
    name: &str,
) -> Result<PathBuf> {
    let root = files::root();
    let program = folder()?.join(name);
    let mut command = Command::new(compiler);
    command.args(["-g", "-fno-exceptions", "-fno-rtti"]).args(WARNINGS).args(more);
    for include in ["pkg-templates/c/include", "pkg-templates/cpp/include"] {
        command.arg("-I").arg(root.join(include));
    }
    command.arg("-o").arg(&program).arg(root.join("tests/c/wrapper.cpp"));
    link(&mut command, system, libraries, linked);
    run_quietly(&mut command)?;
    Ok(program)
}

pub(super) fn link(command: &mut Command, system: System, libraries: &Libraries, linked: Linked) {
    match (linked, system) {
        (Linked::Static, _) => {
            command.arg("-DPLAYERLINK_STATIC").arg(&libraries.archive).args(&libraries.system).arg("-pthread");
        }
        (Linked::Shared, System::Linux) => {
            command.arg("-L").arg(&libraries.folder).args(["-lplayerlink", "-pthread"]);
            command.arg(format!("-Wl,-rpath,{}", libraries.folder.display()));
        }
        (Linked::Shared, System::Windows) => {
            command.args(libraries.import.iter()).arg("-pthread");
        }
    }
    if system == System::Windows {
        // No DLL of the compiler's next to the program.
        command.arg("-static");
    }
}

/// Where the programs go.
pub(super) fn folder() -> Result<PathBuf> {
    let folder = files::target().join("native/tests");
    files::create_folder(&folder)?;
    Ok(folder)
}

fn sources(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect())
}

/// Plainly on this machine, static and shared.
pub(super) fn everywhere(libraries: &Libraries, hooked: &Libraries) -> Result {
    let linux = System::Linux;
    for linked in [Linked::Static, Linked::Shared] {
        progress("native", &format!("the C suite, {linked:?}"));
        let suite = compile("gcc", linux, libraries, linked, &["-O1"], &format!("suite-{linked:?}"))?;
        run(&mut Command::new(&suite))?;
        run(Command::new(&suite).arg("memory_"))?;
        let wrapper =
            compile_wrapper("g++", linux, libraries, linked, &["-std=c++14"], &format!("wrapper-{linked:?}"))?;
        run(&mut Command::new(&wrapper))?;
    }
    progress("native", "the C suite against the library with hooks: panics");
    let suite = compile("gcc", linux, hooked, Linked::Static, &["-DHOOKED"], "suite-hooked")?;
    run(Command::new(&suite).arg("panics_"))
}

/// Under valgrind, with what it says of leaks.
pub(super) fn under_valgrind(libraries: &Libraries) -> Result<Ran> {
    if !works(Command::new("valgrind").arg("--version")) {
        return Ok(Ran::skipped("valgrind is not there"));
    }
    progress("native", "the C suite and the C++ face under valgrind");
    let shared = Linked::Shared;
    let suite = compile("gcc", System::Linux, libraries, shared, &["-O1"], "suite-Shared")?;
    let wrapper = compile_wrapper("g++", System::Linux, libraries, shared, &["-std=c++14"], "wrapper-Shared")?;
    let mut said = Vec::new();
    for program in [suite, wrapper] {
        let mut command = Command::new("valgrind");
        command
            .args(["--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect", "--fair-sched=yes"])
            .args(["--errors-for-leak-kinds=definite,indirect", "--error-exitcode=9"])
            .arg(program)
            .env("SUITE_SHORT", "1");
        said.push(tell(&mut command)?);
    }
    Ok(Ran::Well(said.join("; ")))
}

/// With the sanitizers of C compilers, which look at the C side.
pub(super) fn with_sanitizers(libraries: &Libraries) -> Result<Ran> {
    let (mut said, mut absent) = (Vec::new(), Vec::new());
    for (c, cpp) in [("gcc", "g++"), ("clang", "clang++")] {
        if !works(Command::new(c).arg("--version")) {
            absent.push(format!("{c} is not there"));
            continue;
        }
        progress("native", &format!("the C suite and the C++ face with {c}'s AddressSanitizer and UBSan"));
        let (linux, linked) = (System::Linux, Linked::Static);
        let suite = compile(c, linux, libraries, linked, &SANITIZERS, &format!("suite-asan-{c}"))?;
        let first = tell(Command::new(&suite).env("SUITE_SHORT", "1"))?;
        tell(Command::new(&suite).arg("memory_").env("SUITE_SHORT", "1"))?;
        let flags = [&SANITIZERS[..], &["-std=c++20"]].concat();
        let wrapper = compile_wrapper(cpp, linux, libraries, linked, &flags, &format!("wrapper-asan-{c}"))?;
        tell(&mut Command::new(&wrapper))?;
        said.push(format!("{c}: {first}"));
    }
    if said.is_empty() {
        Ok(Ran::Skipped(absent.join(", ")))
    } else {
        Ok(Ran::Well([said, absent].concat().join("; ")))
    }
}

/// Runs a test program, shows what it says, and answers its last line.
pub(super) fn tell(command: &mut Command) -> Result<String> {
    let text = capture(command)?;
    print!("{text}");
    Ok(text.lines().last().unwrap_or_default().to_owned())
}
