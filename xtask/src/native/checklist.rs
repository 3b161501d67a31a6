//! Whether each check of the C ABI has its tests, by the tables in `tests/native_abi/CHECKS.md`: every test that is named
//! there exists, is run, and no row is without one.

use std::collections::BTreeSet;

use crate::process::progress;
use crate::{Result, files};

const TABLE: &str = "tests/native_abi/CHECKS.md";
/// The checks there are, 1 to this one.
const LAST: usize = 50;
/// The rows about misuse.
const MISUSES: usize = 17;

pub(super) fn check() -> Result {
    let table = files::read(&files::root().join(TABLE))?;
    let named = problems(&table, |file| files::read(&files::root().join(file)).ok())?;
    progress("native", &format!("{LAST} checks and {MISUSES} misuses have their tests, {named} of them named"));
    Ok(())
}

/// How many tests are named. The error is what is wrong with the tables.
fn problems(table: &str, read: impl Fn(&str) -> Option<String>) -> Result<usize> {
    let rows: Vec<(&str, Vec<(&str, &str)>)> = table.lines().filter_map(row).collect();
    let mut wrong = Vec::new();
    for number in 1..=LAST {
        let number = number.to_string();
        if rows.iter().filter(|(name, _)| *name == number).count() != 1 {
            wrong.push(format!("check {number} is not exactly one row"));
        }
    }
    let misuses = rows.iter().filter(|(name, _)| name.parse::<usize>().is_err()).count();
    if misuses != MISUSES {
        wrong.push(format!("{misuses} rows about misuse, not {MISUSES}"));
    }
    wrong.extend(rows.iter().filter(|(_, tests)| tests.is_empty()).map(|(name, _)| format!("`{name}` names no test")));
    let named: BTreeSet<(&str, &str)> = rows.iter().flat_map(|(_, tests)| tests.iter().copied()).collect();
    for (file, name) in &named {
        if !read(file).is_some_and(|text| is_run(file, name, &text, &read)) {
            wrong.push(format!("there is no {file}::{name}, or it is not run"));
        }
    }
    if wrong.is_empty() { Ok(named.len()) } else { Err(format!("{TABLE}:\n  {}", wrong.join("\n  "))) }
}

/// The name of a row and the tests in its last cell. Not of a heading.
fn row(line: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
    let [name, _, proof] = cells[..] else { return None };
    if name == "no" || name == "misuse" || name.starts_with("---") {
        return None;
    }
    Some((name, proof.split('`').skip(1).step_by(2).filter_map(|test| test.split_once("::")).collect()))
}

/// Whether `file`, which is `text`, has a function of that name; where it is a test, whether the suite runs it.
fn is_run(file: &str, name: &str, text: &str, read: &impl Fn(&str) -> Option<String>) -> bool {
    let of_a_suite = |list: &str, call: &str| read(list).is_some_and(|text| text.contains(call));
    if let Some(folder) = file.strip_suffix(".c").and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder) {
        // What the host of the suite checks is in every test.
        let every = file.ends_with("/world.c");
        let listed = every || of_a_suite(&format!("{folder}/tests.def"), &format!("TEST({name})"));
        return listed && text.lines().any(|line| line.contains(&format!(" {name}(")) && line.ends_with('{'));
    }
    if file.ends_with(".cs") {
        let called =
            text.contains(&format!(" {name}(create);")) || of_a_suite("tests/csharp/Program.cs", &format!(".{name}("));
        return called && text.contains(&format!("static void {name}("));
    }
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    let above = before.rsplit_once('\n').map_or("", |(above, _)| above);
    let attributes: Vec<&str> = above.lines().rev().map(str::trim).take_while(|line| line.starts_with("#[")).collect();
    let is_test = attributes.contains(&"#[test]") && !attributes.iter().any(|line| line.starts_with("#[ignore"));
    let must_be = file.starts_with("tests/") && file.contains("/tests/") || file.starts_with("tests/linking/");
    is_test || !must_be
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tests: &str) -> Result<usize> {
        let mut table = String::from("| no | what | proved by |\n| --- | --- | --- |\n");
        for number in 1..=LAST {
            table += &format!("| {number} | x | so: `tests/a/tests/b.rs::there` |\n");
        }
        for number in 1..MISUSES {
            table += &format!("| misuse {number} | y | `tests/c/b.c::in_c`, `tests/c/world.c::host` |\n");
        }
        table += &format!("| the last | y | {tests} |\n");
        problems(&table, |file| {
            let text = match file {
                "tests/a/tests/b.rs" => "#[test]\nfn there() {}\n#[test]\n#[ignore]\nfn asleep() {}\nfn helper() {}\n",
                "tests/c/b.c" => "void in_c(void) {\n}\nvoid unlisted(void) {\n}\n",
                "tests/c/tests.def" => "TEST(in_c)\nTEST(gone)\n",
                "tests/c/world.c" => "static void host(void) {\n}\n",
                "tests/csharp/M.cs" => "    Called(create);\nstatic void Called(int x)\nstatic void Never(int x)\n",
                "xtask/src/x.rs" => "pub(super) fn run(seconds: u64) {}",
                _ => return None,
            };
            Some(text.to_owned())
        })
    }

    #[test]
    fn tests_that_are_there_are_found() {
        assert_eq!(found("`tests/csharp/M.cs::Called`, `xtask/src/x.rs::run`"), Ok(5));
    }

    #[test]
    fn a_test_that_is_gone_or_never_run_is_told() {
        for (file, name) in [
            ("tests/a/tests/b.rs", "gone"),
            ("tests/a/tests/b.rs", "asleep"),
            ("tests/a/tests/b.rs", "helper"),
            ("tests/c/b.c", "unlisted"),
            ("tests/c/b.c", "gone"),
            ("tests/csharp/M.cs", "Never"),
            ("xtask/src/x.rs", "runs"),
            ("xtask/src/y.rs", "run"),
        ] {
            let error = found(&format!("`{file}::{name}`")).unwrap_err();
            assert!(error.contains(&format!("there is no {file}::{name}")), "{error}");
        }
        assert!(found("by hand").unwrap_err().contains("`the last` names no test"));
        assert!(problems("", |_| None).unwrap_err().contains("check 50 is not exactly one row"));
    }

    #[test]
    fn the_table_and_the_tests_agree() {
        assert_eq!(check(), Ok(()));
    }
}
