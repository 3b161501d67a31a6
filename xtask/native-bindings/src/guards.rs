//! Whether the generators wrote everything. Both leave out what they do not understand: cbindgen with a warning that
//! nobody hears, csbindgen without one. So each name and value of the source is looked for in what they wrote.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use syn::Type;

use crate::Result;
use crate::source::{Api, PREFIX};

/// Whether the header has every function, struct, field and constant, and nothing else of ours.
pub(crate) fn header(api: &Api, text: &str) -> Result {
    let mut missing = Vec::new();
    let code = without_comments(text);
    let words = words(&code);
    for function in &api.functions {
        match code.matches(&format!("{}(", function.name)).count() {
            0 => missing.push(function.name.clone()),
            1 => {}
            count => return Err(format!("cbindgen wrote {} {count} times", function.name)),
        }
    }
    for item in &api.structs {
        let Some(body) = body(&code, &format!("typedef struct {} {{", item.name)) else {
            missing.push(item.name.clone());
            continue;
        };
        let fields = self::words(body);
        missing.extend(
            item.fields
                .iter()
                .filter(|(field, _)| !fields.contains(field.as_str()))
                .map(|(field, _)| format!("{}.{field}", item.name)),
        );
    }
    let types = api.handles.keys().chain(api.enums.keys());
    missing.extend(types.filter(|name| !words.contains(name.as_str())).cloned());
    for constant in &api.constants {
        let value = constant.value.to_string();
        let written = if constant.repr == "usize" {
            code.contains(&format!("#define {} ((size_t)-1)", constant.name))
        } else if constant.of_enum.is_some() {
            // The first of an enum may stand without its value.
            code.contains(&format!("{} = {value},", constant.name))
        } else {
            value_of(&code, &format!("#define {} ", constant.name)) == Some(constant.value)
        };
        if !written {
            missing.push(format!("{} = {value}", constant.name));
        }
        // Without parentheses, `5 NAME` would be a subtraction.
        if code.contains(&format!("#define {} -", constant.name)) {
            return Err(format!("{} is negative: make it a variant of a #[repr(i32)] enum", constant.name));
        }
    }
    if !missing.is_empty() {
        return Err(format!("cbindgen left out: {}", missing.join(", ")));
    }
    if code.contains("usize") || code.contains("union") || code.contains(" bool ") || code.contains("long ") {
        return Err("the header has a usize, union, bool or long".to_owned());
    }
    let known: BTreeSet<&str> = api.functions.iter().map(|function| function.name.as_str()).collect();
    let declared = code.split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '('));
    let foreign: Vec<&str> = declared
        .filter_map(|word| word.split_once('(').map(|(name, _)| name))
        .filter(|name| name.starts_with(PREFIX) && !known.contains(name))
        .collect();
    if foreign.is_empty() {
        Ok(())
    } else {
        Err(format!("the header has functions of its own: {}", foreign.join(", ")))
    }
}

/// Whether the C# has every function, struct, field and constant.
pub(crate) fn csharp(api: &Api, text: &str) -> Result {
    let mut missing = Vec::new();
    for function in &api.functions {
        let declared = text.contains(&format!("EntryPoint = \"{}\"", function.name));
        if !declared || !text.contains(&format!(" {}(", function.name)) {
            missing.push(format!("{} (is the type of a parameter unknown to csbindgen?)", function.name));
        }
    }
    for item in &api.structs {
        match body(text, &format!("partial struct {}\n", item.name)) {
            Some(body) => {
                let fields = words(body);
                let absent = item.fields.iter().filter(|(field, _)| !fields.contains(field.as_str()));
                missing.extend(absent.map(|(field, _)| format!("{}.{field}", item.name)));
            }
            None => missing.push(format!("{} (does a function name it, directly or through a field?)", item.name)),
        }
    }
    for constant in &api.constants {
        let written = if constant.repr == "usize" {
            text.contains(&format!("UIntPtr {} ", constant.name))
        } else {
            value_of(text, &format!(" {} = ", constant.name)) == Some(constant.value)
        };
        if !written {
            missing.push(format!("{} = {}", constant.name, constant.value));
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("csbindgen left out: {}", missing.join(", "))) }
}

/// Whether no enum of Rust comes in, by value or in a struct: a value it does not know would be undefined behaviour.
pub(crate) fn inbound(api: &Api) -> Result {
    for function in &api.functions {
        for (name, kind) in &function.parameters {
            if let Some(found) = enum_within(api, kind) {
                return Err(format!("{}: `{name}` brings in {found}; take a number", function.name));
            }
        }
    }
    Ok(())
}

/// The path to an enum that the library would read.
fn enum_within(api: &Api, kind: &Type) -> Option<String> {
    match kind {
        // What is behind `*mut` the library writes.
        Type::Ptr(pointer) if pointer.mutability.is_some() => None,
        Type::Ptr(pointer) => enum_within(api, &pointer.elem),
        Type::Path(path) => {
            let name = path.path.segments.last()?.ident.to_string();
            if api.enums.contains_key(&name) {
                return Some(name);
            }
            let item = api.structs.iter().find(|item| item.name == name)?;
            let found = item.fields.iter().find_map(|(field, kind)| Some((field, enum_within(api, kind)?)))?;
            Some(format!("{name}.{}: {}", found.0, found.1))
        }
        _ => None,
    }
}

/// Calls of every function with each of its pointers NULL, for the tests: a function that is added is tested at once.
/// `CALL(name, "which pointer", the call)`.
pub(crate) fn null_calls(api: &Api) -> String {
    let mut text = String::from(
        "/* Generated by `cargo xtask bindings` from src/bindings/c. Do not edit.\n   \
         NULL_CALL(function, parameter, call): `call` has NULL for `parameter`, `client`, and zero for the rest. */\n",
    );
    for function in &api.functions {
        for (name, kind) in &function.parameters {
            if !matches!(kind, Type::Ptr(_)) {
                continue;
            }
            let arguments: Vec<&str> = function
                .parameters
                .iter()
                .map(|(other, kind)| match kind {
                    Type::Ptr(_) if other == name => "NULL",
                    Type::Ptr(pointer) if pointer.mutability.is_some() => "(void *)scratch",
                    Type::Ptr(_) => "(const void *)scratch",
                    Type::Path(path) if path.path.segments.last().is_some_and(|last| is_callback(api, last)) => "NULL",
                    Type::Path(path) if path.path.is_ident("playerlink_client") => "client",
                    _ => "0",
                })
                .collect();
            let _ = writeln!(text, "NULL_CALL({0}, {name}, {0}({1}))", function.name, arguments.join(", "));
        }
    }
    text
}

fn is_callback(api: &Api, last: &syn::PathSegment) -> bool {
    let name = last.ident.to_string();
    let through = |kind: &Type| match kind {
        Type::BareFn(_) => true,
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Option"),
        _ => false,
    };
    name == "Option" || api.aliases.get(&name).is_some_and(through)
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect()
}

/// The number that follows the first `start`, with or without a cast, parentheses and a suffix.
fn value_of(text: &str, start: &str) -> Option<i128> {
    let rest = text.get(text.find(start)? + start.len()..)?;
    let value: String = rest.chars().take_while(|letter| !matches!(letter, '\n' | ';' | ',')).collect();
    let value = value.trim().trim_start_matches("(uint32_t)").trim_start_matches("(int32_t)");
    let value = value.trim_matches(['(', ')']).trim_end_matches(['u', 'U', 'l', 'L']);
    match value.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

/// What stands between the braces after `start`.
fn body<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let rest = text.get(text.find(start)? + start.len()..)?;
    rest.split_once('}').map(|(body, _)| body)
}

fn without_comments(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        result.push_str(before);
        rest = after.split_once("*/").map(|(_, after)| after).unwrap_or_default();
    }
    result + rest
}
