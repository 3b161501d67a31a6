//! `cargo xtask requirements`: whether each requirement of the session has a test, by the table in
//! `docs/requirements.md`. Every test named there exists and is not ignored, and every test whose name begins with a
//! requirement, `r09_…` in Rust and `R9: …` in JavaScript, is in its row. `--write` puts them there; `--run` runs all
//! of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{self, cargo, progress};
use crate::{Result, files, js};

const TABLE: &str = "docs/requirements.md";
/// The requirements there are, R1 to this one.
const LAST: usize = 49;
/// Where tests may be.
const FOLDERS: [&str; 3] = ["src", "tests", "simulator"];

pub(crate) fn run(arguments: &[String]) -> Result {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => check().map(|_| ()),
        ["--write"] => write(),
        ["--run"] => run_all(&check()?),
        _ => Err("requirements knows `--run` and `--write`".to_owned()),
    }
}

/// Whether table and tests agree; builds the test programs and runs none.
pub(crate) fn check() -> Result<Vec<Row>> {
    let (table, found) = (files::read(&files::root().join(TABLE))?, named_after_requirements()?);
    let rows = rows(&table)?;
    let (listed, ignored) = (list(&[])?, list(&["--ignored"])?);
    let mut wrong = Vec::new();
    for number in 1..=LAST {
        match rows.iter().filter(|row| row.number == number).collect::<Vec<_>>()[..] {
            [row] if row.tests.is_empty() && !row.says_where() => wrong.push(format!("R{number} has no test")),
            [_] => {}
            _ => wrong.push(format!("R{number} is not exactly one row")),
        }
    }
    for test in rows.iter().flat_map(|row| &row.tests) {
        wrong.extend(test.problem(&listed, &ignored)?);
    }
    let missing = found.iter().filter(|(number, test)| !rows.iter().any(|row| row.names(*number, test)));
    wrong.extend(missing.map(|(number, test)| format!("R{number} does not name {test}: run it with --write")));
    if !wrong.is_empty() {
        return Err(format!("{TABLE} and the tests differ:\n  {}", wrong.join("\n  ")));
    }
    let tests = rows.iter().map(|row| row.tests.len()).sum::<usize>();
    progress("requirements", &format!("{} requirements, {tests} tests named", rows.len()));
    Ok(rows)
}

/// A row `| R9 | promise | words, tests |`.
pub(crate) struct Row {
    number: usize,
    promise: String,
    /// What stands before the tests: where else it is proved.
    words: String,
    tests: BTreeSet<Test>,
}

/// Written `` `file::name` ``.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    file: String,
    name: String,
}

impl Row {
    fn says_where(&self) -> bool {
        !self.words.is_empty()
    }

    fn names(&self, number: usize, test: &Test) -> bool {
        self.number == number && self.tests.contains(test)
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tests: Vec<String> = self.tests.iter().map(|test| format!("`{test}`")).collect();
        let gap = if self.says_where() && !tests.is_empty() { " " } else { "" };
        write!(f, "| R{} | {} | {}{gap}{} |", self.number, self.promise, self.words, tests.join(", "))
    }
}

impl std::fmt::Display for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}", self.file, self.name)
    }
}

impl Test {
    fn is_js(&self) -> bool {
        self.file.ends_with(".mjs")
    }

    fn problem(&self, listed: &[String], ignored: &[String]) -> Result<Option<String>> {
        let Self { file, name } = self;
        let path = files::root().join(file);
        let text = if path.is_file() { files::read(&path)? } else { String::new() };
        let is = |paths: &[String]| paths.iter().any(|path| path.rsplit("::").next() == Some(name));
        let exists = if self.is_js() { titles(&text).contains(name) } else { text.contains(&format!("fn {name}(")) };
        Ok(if !exists || (!self.is_js() && !is(listed)) {
            Some(format!("there is no test {self}, or it is skipped"))
        } else {
            is(ignored).then(|| format!("{self} is ignored"))
        })
    }
}

fn rows(table: &str) -> Result<Vec<Row>> {
    table.lines().filter(|line| is_row(line)).map(row).collect()
}

fn is_row(line: &str) -> bool {
    line.strip_prefix("| R").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

fn row(line: &str) -> Result<Row> {
    let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [number, promise, proof] = cells[..] else { return Err(format!("{TABLE}: not three cells: {line}")) };
    let number = number.trim_start_matches('R').parse().map_err(|_| format!("{TABLE}: no requirement: {line}"))?;
    let mut parts = proof.split('`');
    let words = parts.next().unwrap_or_default().trim().to_owned();
    let named = parts.step_by(2).filter_map(|name| name.split_once("::"));
    let tests = named.map(|(file, name)| Test { file: file.to_owned(), name: name.to_owned() }).collect();
    Ok(Row { number, promise: promise.to_owned(), words, tests })
}

/// Every test that bears the number of a requirement.
fn named_after_requirements() -> Result<Vec<(usize, Test)>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| files::root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() && !name.ends_with("node_modules") {
                folders.push(path);
            } else if name.ends_with(".rs") || name.ends_with(".test.mjs") {
                let file = path.strip_prefix(files::root()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                let text = files::read(&path)?;
                let names = if name.ends_with(".rs") { functions(&text) } else { titles(&text) };
                found.extend(
                    names.into_iter().filter_map(|name| Some((number_of(&name)?, Test { file: file.clone(), name }))),
                );
            }
        }
    }
    Ok(found)
}

/// The requirement in `r09_…` or `R9: …`.
fn number_of(name: &str) -> Option<usize> {
    let digits = match name.strip_prefix('r') {
        Some(rest) => rest.split_once('_')?.0,
        None => name.strip_prefix('R')?.split_once(": ")?.0,
    };
    digits.parse().ok().filter(|number| (1..=LAST).contains(number))
}

fn functions(text: &str) -> BTreeSet<String> {
    text.split("fn r").skip(1).filter_map(|rest| Some(format!("r{}", rest.split_once("() {")?.0))).collect()
}

/// The titles of the tests in a JavaScript file; one that is skipped is written differently.
fn titles(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("test(\""));
    lines.filter_map(|rest| Some(rest.split_once("\",")?.0.to_owned())).collect()
}

/// The paths of all Rust tests, as the test programs list them.
fn list(more: &[&str]) -> Result<Vec<String>> {
    let mut command = cargo();
    command.args(["test", "--quiet", "--workspace", "--lib", "--bins", "--tests", "--", "--list"]).args(more);
    let text = process::capture(&mut command)?;
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

fn write() -> Result {
    let path = files::root().join(TABLE);
    let (table, found) = (files::read(&path)?, named_after_requirements()?);
    let mut text = String::new();
    for line in table.lines() {
        if is_row(line) {
            let mut row = row(line)?;
            // Those that bear a number come from the tests, the others stay as they were written.
            row.tests.retain(|test| number_of(&test.name).is_none());
            let own = found.iter().filter(|(number, _)| *number == row.number);
            row.tests.extend(own.map(|(_, test)| test.clone()));
            text.push_str(&row.to_string());
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    files::write(&path, &text)
}

fn run_all(rows: &[Row]) -> Result {
    let tests = rows.iter().flat_map(|row| &row.tests);
    let (js, rust): (Vec<&Test>, Vec<&Test>) = tests.partition(|test| test.is_js());

    progress("requirements", &format!("{} tests in Rust", rust.len()));
    let names: BTreeSet<&str> = rust.iter().map(|test| test.name.as_str()).collect();
    let paths = list(&[])?;
    let paths = paths.iter().filter(|path| path.rsplit("::").next().is_some_and(|name| names.contains(name)));
    let mut command = cargo();
    command.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests", "--", "--exact"]).args(paths);
    let passed = lines(&mut command, |line| {
        let path = line.strip_prefix("test ")?.strip_suffix(" ... ok")?;
        path.trim_end_matches(" - should panic").rsplit("::").next()
    })?;
    none_left(names.iter().filter(|name| !passed.contains(**name)))?;

    progress("requirements", &format!("{} tests of the npm package", js.len()));
    let names: BTreeSet<&str> = js.iter().map(|test| test.name.as_str()).collect();
    let files: BTreeSet<&str> = js.iter().map(|test| test.file.as_str()).collect();
    let mut command = js::runner()?;
    command.arg("--test-reporter=tap").args(files.iter().map(|file| files::root().join(Path::new(file))));
    let passed = lines(&mut command, |line| {
        let (_, title) = line.trim().strip_prefix("ok ")?.split_once(" - ")?;
        Some(title)
    })?;
    none_left(names.iter().filter(|name| !passed.contains(**name)))?;
    progress("requirements", "each named test passed");
    Ok(())
}

/// What `read` finds in the lines a command prints, whether or not it ends well.
fn lines(command: &mut Command, read: impl Fn(&str) -> Option<&str>) -> Result<BTreeSet<String>> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("a test was not run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(read).map(str::to_owned).collect())
}

fn none_left<'a>(left: impl Iterator<Item = &'a &'a str>) -> Result {
    let left: Vec<&str> = left.copied().collect();
    if left.is_empty() { Ok(()) } else { Err(format!("these did not pass:\n  {}", left.join("\n  "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_and_written_the_same() {
        let table = "| R | promise | tests |\n| --- | --- | --- |\n| R9 | one | `a/b.rs::r09_x`, `c.mjs::R9: y` |\n";
        let rows = rows(&format!("{table}| R41 | a | elsewhere: there |\n| R1 | b | also: x `a.rs::y` |")).unwrap();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [9, 41, 1]);
        assert!(rows[0].tests.iter().map(|test| test.name.as_str()).eq(["r09_x", "R9: y"]));
        assert_eq!(rows[0].to_string(), "| R9 | one | `a/b.rs::r09_x`, `c.mjs::R9: y` |");
        assert_eq!(rows[1].to_string(), "| R41 | a | elsewhere: there |");
        assert_eq!(rows[2].to_string(), "| R1 | b | also: x `a.rs::y` |");
    }

    #[test]
    fn a_test_bears_the_number_of_its_requirement() {
        assert_eq!(number_of("r09_two_tabs"), Some(9));
        assert_eq!(number_of("R31: everything"), Some(31));
        for other in ["refresh_token", "r2d2_x", "r50_x", "R: x", "Rest: x", "two"] {
            assert_eq!(number_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_title_that_is_skipped_is_none() {
        let found = titles("test(\"R1: a\", () => {});\ntest.skip(\"R1: b\", () => {});\n  test(\"c, and d\", {});");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["R1: a", "c, and d"]);
    }
}
