//! What is done to a wasm module in Rust. A crate of its own, so that xtask itself stays quick to build.
//!
//! `xtask-bindgen glue <module.wasm> <folder> <name>` makes its JavaScript glue. It replaces the wasm-bindgen command,
//! which every contributor would otherwise have to install in exactly the right version.
//!
//! `xtask-bindgen arrange <module.wasm> <out.wasm>` orders its functions; see [`arrange`].

mod arrange;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (input, done) = match arguments.as_slice() {
        ["glue", input, folder, name] => (input, generate(input, Path::new(folder), name)),
        ["arrange", input, output] => (input, arranged(input, Path::new(output))),
        _ => {
            eprintln!("usage: xtask-bindgen glue <module.wasm> <folder> <name> | arrange <module.wasm> <out.wasm>");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{input}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arranged(input: &str, output: &Path) -> Result<(), Box<dyn Error>> {
    let module = arrange::arrange(&std::fs::read(input)?)?;
    Ok(std::fs::write(output, module)?)
}

fn generate(input: &str, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let mut output = Bindgen::new()
        .input_path(input)
        .out_name(name)
        .web(true)?
        // No `import.meta.url` in the glue: bundlers would emit a second copy of the module as an asset.
        .omit_default_module_path(true)
        // Our own, hand-written types are the public ones; these serve to compare the boundary with the skin.
        .typescript(true)
        .generate_output()?;

    // Names between module and glue are long, many end in a hash, and neither a minifier nor compression gets far with
    // them. Those of the classes' methods stay: they are few, and stack traces show them.
    let mut short = BTreeMap::new();
    let is_plain = !output.js().contains("Externref");
    let module = output.wasm_mut();
    for (number, import) in module.imports.iter_mut().enumerate() {
        let name = match ours(&import.name) {
            Some(name) if is_plain => name.to_owned(),
            _ => format!("js{number}"),
        };
        import.name.clone_from(short.entry(import.name.clone()).or_insert(name));
        if is_plain {
            import.module = "js".to_owned();
        }
    }
    if is_plain {
        // Only numbers and texts cross: the skin (runtime.ts) does that itself, and needs nothing else from the module.
        // What only wasm-bindgen's own glue would call goes with its exports, once wasm-opt has been over it.
        let exports = module.exports.iter();
        let unused = exports.filter(|export| export.name.starts_with("__") && export.name != MALLOC);
        for id in unused.map(|export| export.id()).collect::<Vec<_>>() {
            module.exports.delete(id);
        }
    }
    for (number, export) in module.exports.iter_mut().enumerate() {
        let is_closure = export.name.contains("convert__closures");
        if is_plain && export.name == MALLOC {
            export.name = "malloc".to_owned();
        } else if is_closure || export.name.starts_with("__") {
            let kind = if is_closure { "invoke" } else { "wasm" };
            let name = short.entry(export.name.clone()).or_insert_with(|| format!("{kind}{number}"));
            export.name.clone_from(name);
        }
    }
    output.emit(folder)?;
    let glue = folder.join(format!("{name}.js"));
    std::fs::write(&glue, renamed(&std::fs::read_to_string(&glue)?, &short))?;
    Ok(())
}

/// Makes room for a text that goes into the module.
const MALLOC: &str = "__wbindgen_malloc";

/// The name that an imported function has in Rust; `None` for what only wasm-bindgen's glue can give.
fn ours(import: &str) -> Option<&str> {
    let (name, _hash) = import.strip_prefix("__wbg_")?.rsplit_once('_')?;
    Some(name.strip_prefix("__wbindgen_").unwrap_or(name)).filter(|name| !name.starts_with('_'))
}

/// `text` with whole identifiers replaced as `names` says.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (identifier, after) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
        result.push_str(names.get(identifier).map_or(identifier, String::as_str));
        let (other, next) = after.split_at(after.find(is_part).unwrap_or(after.len()));
        result.push_str(other);
        rest = next;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_skin_is_imported_by_has_its_name_in_rust() {
        assert_eq!(ours("__wbg_begin_f3092701d4330ed2"), Some("begin"));
        assert_eq!(ours("__wbg_at_once_2eddef7b192b63cc"), Some("at_once"));
        assert_eq!(ours("__wbg___wbindgen_throw_4c88d8bf264fd984"), Some("throw"));
        assert_eq!(ours("__wbindgen_init_externref_table"), None);
    }

    #[test]
    fn only_whole_identifiers_are_renamed() {
        let names = BTreeMap::from([("__wbg_a_1".to_owned(), "i0".to_owned())]);
        assert_eq!(renamed("{ __wbg_a_1: f(__wbg_a_12) }, '__wbg_a_1'", &names), "{ i0: f(__wbg_a_12) }, 'i0'");
    }
}
