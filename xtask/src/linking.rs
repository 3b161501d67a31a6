//! `cargo xtask test linking`: linking codes, from what is drawn to what is said.

use std::collections::BTreeSet;

use crate::process::{cargo, progress, run};
use crate::{Result, files, js, setup};

/// The table of complaints, whose last column names tests.
const TABLE: &str = "docs/linking.md";

/// All of it.
pub(crate) fn test() -> Result {
    complaints()?;
    core()?;
    faces()
}

/// The machine and the reading of codes: a hundred thousand random walks, a million texts. Optimised, else it would be
/// minutes.
fn core() -> Result {
    progress("test", "a hundred thousand walks of the machine, and a million texts read as codes");
    run(cargo()
        .args(["test", "--quiet", "--release", "--package", "linking-tests"])
        .env("LINKING_WALKS", "100000")
        .env("LINKING_FUZZ", "1000000"))
}

/// What is installed: parity with WebAssembly, the driver, the elements in Chromium and Firefox, the languages, the
/// terminal. Pictures of every state come into `target/linking/`.
fn faces() -> Result {
    let mut node = js::runner()?;
    let firefox = setup::firefox()?.unwrap_or_default();
    progress("test", "linking codes in Node, in Chromium, in Firefox and on a terminal");
    run(node.env("FIREFOX", firefox).env("PICTURES", files::target().join("linking")).args(js::test_files("linking")?))
}

/// Whether each test that the table of complaints names is there: `` `file::name` ``.
fn complaints() -> Result {
    let table = files::read(&files::root().join(TABLE))?;
    let (mut rows, mut wrong) = (BTreeSet::new(), Vec::new());
    for line in table.lines().filter(|line| line.starts_with("| C")) {
        let number = line.trim_start_matches("| ").split(' ').next().unwrap_or_default();
        if !rows.insert(number.to_owned()) {
            wrong.push(format!("{number} is there twice"));
        }
        let named = line.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::"));
        let mut count = 0;
        for (file, name) in named {
            count += 1;
            let path = files::root().join(file);
            let text = if path.is_file() { files::read(&path)? } else { String::new() };
            let is_there = match file.ends_with(".mjs") {
                true => text.contains(&format!("(\"{name}\"")),
                false => text.contains(&format!("fn {name}(")),
            };
            if !is_there {
                wrong.push(format!("{number}: there is no test {file}::{name}"));
            }
        }
        if count == 0 {
            wrong.push(format!("{number} names no test"));
        }
    }
    if rows.is_empty() {
        wrong.push("there is no row".to_owned());
    }
    if wrong.is_empty() {
        progress("test", &format!("{} complaints with the tests that answer them", rows.len()));
        return Ok(());
    }
    Err(format!("{TABLE} and the tests differ:\n  {}", wrong.join("\n  ")))
}
