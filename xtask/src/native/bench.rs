//! `cargo xtask bench native`: what the C ABI costs, against its limits. 1 KB is 1 024 bytes.

use std::path::Path;
use std::process::Command;

use crate::process::{capture, progress, run_quietly, works};
use crate::{Result, files, setup};

use super::build::{self, Flavour, Libraries, System};
use super::suite::{self, Linked};
use super::{console, systems};

/// A row of the table: what, how much, and the most it may be.
type Row = (String, u64, Option<u64>);

/// Prints the table. Fails when something that does not depend on this machine's speed is above its limit.
pub(crate) fn run() -> Result {
    setup::native_tools()?;
    let libraries = build::build(System::Linux, Flavour::Shipped)?;
    let program = compile(&libraries)?;
    let mut rows: Vec<Row> = Vec::new();
    progress("bench", "idle ticks, logins, clients");
    let idle = capture(Command::new(&program).arg("idle"))?;
    // Printed, never judged: it depends on the machine.
    rows.push(("idle tick, ns (goal 200, must 1000)".to_owned(), value(&idle, "idle_tick_ns")?, None));
    rows.push(("idle tick, allocations in 2 million".to_owned(), value(&idle, "idle_tick_allocations")?, Some(0)));
    if let Some(instructions) = instructions(&program, "ticks", [1000, 2000])? {
        rows.push(("idle tick, instructions".to_owned(), instructions, None));
    }
    let login = capture(Command::new(&program).args(["login", "100"]))?;
    rows.push(("login, allocations".to_owned(), value(&login, "login_allocations")?, None));
    rows.push(("login, most bytes at once".to_owned(), value(&login, "login_peak_bytes")?, None));
    if let Some(instructions) = instructions(&program, "login", [1, 11])? {
        rows.push(("login, instructions".to_owned(), instructions, None));
    }
    let clients = capture(Command::new(&program).args(["clients", "10000"]))?;
    rows.push(("signed-in client of 10 000, bytes".to_owned(), value(&clients, "clients_bytes_each")?, None));
    for system in systems() {
        let built = build::build(system, Flavour::Shipped)?;
        for path in [&built.shared, &built.archive] {
            let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            rows.push((format!("{}, {name}, bytes", system.name()), size, None));
        }
    }
    rows.push(("whole ABI linked into a C program, text".to_owned(), linked_text(&libraries)?, Some(600 * 1024)));
    match console::console()? {
        Ok(program) => rows.push(("examples/console-c, text".to_owned(), text_of(&program)?, Some(600 * 1024))),
        Err(why) => eprintln!("bench: SKIPPED: examples/console-c, since {why}"),
    }
    let mut above = Vec::new();
    println!("| what                                       |     value |     limit |");
    println!("| ------------------------------------------ | --------: | --------: |");
    for (what, found, limit) in rows {
        let limit_text = limit.map_or_else(|| "–".to_owned(), |limit| limit.to_string());
        println!("| {what:<42} | {found:>9} | {limit_text:>9} |");
        if limit.is_some_and(|limit| found > limit) {
            above.push(what);
        }
    }
    if above.is_empty() { Ok(()) } else { Err(format!("above the limit: {}", above.join(", "))) }
}

fn compile(libraries: &Libraries) -> Result<std::path::PathBuf> {
    let root = files::root();
    let program = suite::folder()?.join("measure");
    let mut command = Command::new("gcc");
    command.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-Werror", "-I"]);
    command.arg(root.join("pkg-templates/c/include")).arg("-o").arg(&program);
    command.arg(root.join("tests/c/measure/measure.c"));
    suite::link(&mut command, System::Linux, libraries, Linked::Static);
    run_quietly(&mut command)?;
    Ok(program)
}

fn value(text: &str, name: &str) -> Result<u64> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
        .ok_or_else(|| format!("measure printed no {name}"))
}

/// Of one round of `what`: the difference of two runs with those numbers of rounds.
fn instructions(program: &Path, what: &str, runs: [u64; 2]) -> Result<Option<u64>> {
    if !works(Command::new("valgrind").arg("--version")) {
        eprintln!("bench: SKIPPED: instructions, since valgrind is not there");
        return Ok(None);
    }
    let mut counted = Vec::new();
    for rounds in runs {
        let log = suite::folder()?.join(format!("callgrind-{what}-{rounds}"));
        run_quietly(
            Command::new("valgrind")
                .arg("--tool=callgrind")
                .arg(format!("--callgrind-out-file={}", log.display()))
                .arg(program)
                .args([what, &rounds.to_string()]),
        )?;
        let text = files::read(&log)?;
        let total = text.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse::<u64>().ok());
        counted.push(total.ok_or("callgrind wrote no summary")?);
    }
    let [few, many] = runs;
    match counted.as_slice() {
        [one, other] => Ok(Some(other.saturating_sub(*one) / many.saturating_sub(few).max(1))),
        _ => Ok(None),
    }
}

/// A program that uses every function, and nothing else: what the whole of the library weighs in a game.
fn linked_text(libraries: &Libraries) -> Result<u64> {
    let folder = suite::folder()?;
    let symbols = files::read(&files::root().join("pkg-templates/c/abi/symbols.txt"))?;
    let names: Vec<&str> = symbols.lines().collect();
    let source = folder.join("all.c");
    files::write(
        &source,
        &format!(
            "#include <playerlink/playerlink.h>\ntypedef void (*any)(void);\nany all[] = {{(any){}}};\n\
             int main(int count, char **given) {{ (void)given; return all[count] == 0; }}\n",
            names.join(", (any)")
        ),
    )?;
    let program = folder.join("all");
    let mut command = Command::new("gcc");
    command.args(["-Os", "-w", "-Wl,--gc-sections", "-I"]).arg(files::root().join("pkg-templates/c/include"));
    command.arg("-o").arg(&program).arg(&source);
    suite::link(&mut command, System::Linux, libraries, Linked::Static);
    run_quietly(&mut command)?;
    text_of(&program)
}

fn text_of(program: &Path) -> Result<u64> {
    let table = capture(Command::new("size").arg(program))?;
    let first = table.lines().nth(1).and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse().ok());
    first.ok_or_else(|| "`size` printed no table".to_owned())
}
