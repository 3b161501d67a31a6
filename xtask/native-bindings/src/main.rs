//! Writes what engines include from `src/bindings/c`, or with `--check` says which of it is stale: the C header, the C#
//! declarations, the layout of every struct, the list of symbols. The two generators leave things out without a word;
//! `guards` compares what they wrote with what the source has.
//!
//! A crate of its own, so that xtask itself stays quick to build. It reads the library's source and does not depend on it.

mod codes;
mod csharp;
mod guards;
mod header;
mod layout;
mod released;
mod source;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// An error is a text for the person at the terminal.
type Result<T = (), E = String> = std::result::Result<T, E>;

/// What is written: where, and the text.
type Output = (&'static str, String);

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    match run(check) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool) -> Result {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = source::files(&root.join("src/bindings/c"))?;
    let registry = read(&root.join("docs/codes.csv"))?;
    let (outputs, layout) = generate(&files, &registry)?;
    released::check(&root.join("pkg-templates/c/abi/released"), &outputs, layout.abi_version)?;
    let mut stale = Vec::new();
    for (name, text) in outputs {
        let path = root.join(name);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            stale.push(name);
        } else {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)
                    .map_err(|error| format!("{} could not be made: {error}", folder.display()))?;
            }
            fs::write(&path, text).map_err(|error| format!("{name} could not be written: {error}"))?;
            println!("wrote {name}");
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("stale: {}; run `cargo xtask bindings` and commit the result", stale.join(", ")))
}

struct Summary {
    abi_version: u32,
}

/// All texts, from the source files of the C ABI and the registry of codes. Fails when one of the generators left
/// something out.
fn generate(files: &[PathBuf], registry: &str) -> Result<(Vec<Output>, Summary)> {
    let api = source::read(files)?;
    let layout = layout::of(&api)?;
    let header = header::generate(&api)?;
    let native = csharp::generate(&api)?;
    guards::inbound(&api)?;
    guards::header(&api, &header)?;
    guards::csharp(&api, &native)?;
    let codes = codes::read(registry)?;
    let version = api
        .constants
        .iter()
        .find(|constant| constant.name == "PLAYERLINK_ABI_VERSION")
        .and_then(|constant| u32::try_from(constant.value).ok())
        .ok_or("src/bindings/c has no constant PLAYERLINK_ABI_VERSION")?;
    let mut symbols: Vec<&str> = api.functions.iter().map(|function| function.name.as_str()).collect();
    symbols.sort_unstable();
    let outputs = vec![
        ("pkg-templates/c/include/playerlink/playerlink.h", header),
        ("pkg-templates/c/include/playerlink/codes.h", codes::header(&codes)),
        ("pkg-templates/c/abi/layout.csv", layout::table(&layout)),
        ("pkg-templates/c/abi/constants.csv", source::constants_table(&api)),
        ("pkg-templates/c/abi/symbols.txt", symbols.join("\n") + "\n"),
        ("pkg-templates/unity/Runtime/Native.g.cs", native),
        ("pkg-templates/unity/Runtime/Codes.g.cs", codes::csharp(&codes)),
        ("tests/c/layout.g.h", layout::assertions(&layout)),
        ("tests/csharp/Layout.g.cs", csharp::layout_test(&layout)),
        ("tests/c/nulls.g.h", guards::null_calls(&api)),
    ];
    Ok((outputs, Summary { abi_version: version }))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{} could not be read: {error}", path.display()))
}

#[cfg(test)]
mod tests;
