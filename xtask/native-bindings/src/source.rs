//! What `src/bindings/c` declares, read from its source: the measure for what the generators write.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use quote::ToTokens as _;
use syn::{Attribute, Expr, Fields, FnArg, Item, Lit, Type, UnOp, Visibility};

use crate::{Result, read as read_file};

/// Functions and types begin with it; constants with it in capitals.
pub(crate) const PREFIX: &str = "playerlink_";
pub(crate) const CAPITAL_PREFIX: &str = "PLAYERLINK_";
/// Functions that exist for the tests of the library only; not in a build without feature `ffi-test-hooks`.
pub(crate) const TEST_PREFIX: &str = "playerlink_test_";

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Each parameter's name and type.
    pub(crate) parameters: Vec<(String, Type)>,
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) name: String,
    pub(crate) fields: Vec<(String, Type)>,
}

#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) name: String,
    /// `i32`, `u32`, … of a constant; the representation of the enum of a variant.
    pub(crate) repr: String,
    /// `-1` stands for `usize::MAX` where `repr` is `usize`.
    pub(crate) value: i128,
    pub(crate) doc: String,
    /// A variant of an enum, which the generators write as such.
    pub(crate) of_enum: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Api {
    /// The files that declare any of it; the others are what the library is made of inside.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) functions: Vec<Function>,
    pub(crate) structs: Vec<Struct>,
    /// A `#[repr(transparent)]` struct: a number with a type of its own.
    pub(crate) handles: BTreeMap<String, Type>,
    pub(crate) aliases: BTreeMap<String, Type>,
    /// An enum's representation.
    pub(crate) enums: BTreeMap<String, String>,
    pub(crate) constants: Vec<Constant>,
}

impl Api {
    fn size(&self) -> usize {
        let types = self.structs.len() + self.handles.len() + self.aliases.len() + self.enums.len();
        self.functions.len() + self.constants.len() + types
    }
}

/// The source files below `folder`, in the order of their names: one that is forgotten loses its functions.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    found.sort();
    if found.is_empty() {
        return Err(format!("there is no Rust source in {}", folder.display()));
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            // Unit tests have no part in what is exported.
            if !path.ends_with("tests") {
                collect(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    Ok(())
}

pub(crate) fn read(files: &[PathBuf]) -> Result<Api> {
    let mut api = Api::default();
    let mut parsed = Vec::new();
    for path in files {
        let file = syn::parse_file(&read_file(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        parsed.push((path, file));
    }
    // `#[cfg(…)] mod name;`: the file is not in every build.
    let mut conditional = Vec::new();
    for (path, file) in &parsed {
        let folder = if path.ends_with("mod.rs") { path.with_file_name("") } else { path.with_extension("") };
        for item in &file.items {
            if let Item::Mod(item) = item
                && item.content.is_none()
                && has_cfg(&item.attrs)
            {
                conditional.push(folder.join(item.ident.to_string()));
            }
        }
    }
    for (path, file) in parsed {
        let always = !conditional.iter().any(|module| path.with_extension("") == *module || path.starts_with(module));
        let before = api.size();
        for item in file.items {
            add(&mut api, item, always).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if api.size() > before {
            api.files.push(path.clone());
        }
    }
    Ok(api)
}

fn add(api: &mut Api, item: Item, always: bool) -> Result {
    match item {
        Item::Fn(item) if is_exported(&item.attrs) => {
            let name = item.sig.ident.to_string();
            if name.starts_with(TEST_PREFIX) {
                return (!always || has_cfg(&item.attrs))
                    .then_some(())
                    .ok_or(format!("{name} would be in every build: it needs a cfg"));
            }
            without_cfg(&name, &item.attrs)?;
            if !always {
                return Err(format!("{name} is in a module behind a cfg, of which the header would know nothing"));
            }
            if !matches!(item.vis, Visibility::Public(_)) || item.sig.abi.is_none() || !name.starts_with(PREFIX) {
                return Err(format!("{name} is exported, but not `pub extern \"C\"` and named {PREFIX}…"));
            }
            let mut parameters = Vec::new();
            for input in item.sig.inputs {
                if let FnArg::Typed(input) = input {
                    parameters.push((input.pat.to_token_stream().to_string(), *input.ty));
                }
            }
            api.functions.push(Function { name, parameters });
        }
        Item::Struct(item) if item.ident.to_string().starts_with(PREFIX) => {
            let name = item.ident.to_string();
            without_cfg(&name, &item.attrs)?;
            match (repr(&item.attrs).as_deref(), item.fields) {
                (Some("C"), Fields::Named(fields)) => {
                    let fields = fields.named.into_iter();
                    let fields =
                        fields.map(|field| (field.ident.map(|name| name.to_string()).unwrap_or_default(), field.ty));
                    api.structs.push(Struct { name, fields: fields.collect() });
                }
                (Some("transparent"), Fields::Unnamed(fields)) if fields.unnamed.len() == 1 => {
                    if let Some(field) = fields.unnamed.into_iter().next() {
                        api.handles.insert(name, field.ty);
                    }
                }
                _ => {
                    return Err(format!(
                        "{name} is neither #[repr(C)] with named fields nor #[repr(transparent)] with one"
                    ));
                }
            }
        }
        Item::Type(item) if item.ident.to_string().starts_with(PREFIX) => {
            without_cfg(&item.ident.to_string(), &item.attrs)?;
            api.aliases.insert(item.ident.to_string(), *item.ty);
        }
        Item::Enum(item) if item.ident.to_string().starts_with(PREFIX) => {
            let name = item.ident.to_string();
            without_cfg(&name, &item.attrs)?;
            let width = repr(&item.attrs).filter(|repr| ["i32", "u32"].contains(&repr.as_str()));
            let Some(width) = width else {
                return Err(format!("{name} needs #[repr(i32)] or #[repr(u32)]: C leaves the width of others open"));
            };
            let mut next = 0;
            for variant in item.variants {
                if !matches!(variant.fields, Fields::Unit) {
                    return Err(format!(
                        "{name}::{} carries data: in C it would become a union without a name",
                        variant.ident
                    ));
                }
                if let Some((_, expression)) = &variant.discriminant {
                    next = evaluate(expression).ok_or_else(|| unreadable(&variant.ident.to_string()))?;
                }
                let constant = Constant {
                    name: variant.ident.to_string(),
                    repr: width.clone(),
                    value: next,
                    doc: doc(&variant.attrs),
                    of_enum: Some(name.clone()),
                };
                api.constants.push(constant);
                next += 1;
            }
            api.enums.insert(name, width);
        }
        Item::Const(item) if matches!(item.vis, Visibility::Public(_)) => {
            let name = item.ident.to_string();
            without_cfg(&name, &item.attrs)?;
            if !name.starts_with(CAPITAL_PREFIX) {
                return Err(format!("the public constant {name} would be in the header without {CAPITAL_PREFIX}"));
            }
            let value = evaluate(&item.expr).ok_or_else(|| unreadable(&name))?;
            let repr = item.ty.to_token_stream().to_string();
            api.constants.push(Constant { name, repr, value, doc: doc(&item.attrs), of_enum: None });
        }
        Item::Mod(item) => {
            for inner in item.content.map(|(_, items)| items).unwrap_or_default() {
                add(api, inner, always && !has_cfg(&item.attrs))?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn unreadable(name: &str) -> String {
    format!("{name}: its value cannot be read from the source; write it as a number")
}

/// The value of a constant expression of numbers. Neither generator knows more than literals; what they leave out is
/// found by comparing with this.
fn evaluate(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Some(-evaluate(&unary.expr)?),
        Expr::Paren(inner) => evaluate(&inner.expr),
        Expr::Cast(cast) => evaluate(&cast.expr),
        Expr::Binary(binary) => {
            let (left, right) = (evaluate(&binary.left)?, evaluate(&binary.right)?);
            match binary.op {
                syn::BinOp::Shl(_) => left.checked_shl(u32::try_from(right).ok()?),
                syn::BinOp::BitOr(_) => Some(left | right),
                syn::BinOp::Add(_) => left.checked_add(right),
                syn::BinOp::Sub(_) => left.checked_sub(right),
                syn::BinOp::Mul(_) => left.checked_mul(right),
                _ => None,
            }
        }
        Expr::Path(path) => match path.to_token_stream().to_string().replace(' ', "").as_str() {
            "usize::MAX" => Some(-1),
            "u32::MAX" => Some(i128::from(u32::MAX)),
            "u64::MAX" => Some(i128::from(u64::MAX)),
            _ => None,
        },
        _ => None,
    }
}

fn is_exported(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string();
        text.contains("no_mangle") || text.contains("export_name")
    })
}

fn has_cfg(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

/// cbindgen writes what is behind a `cfg` without any guard, csbindgen too.
fn without_cfg(name: &str, attributes: &[Attribute]) -> Result {
    if has_cfg(attributes) {
        return Err(format!("{name} is behind a cfg, of which the header would know nothing: export it always"));
    }
    Ok(())
}

fn repr(attributes: &[Attribute]) -> Option<String> {
    let list = attributes.iter().find(|attribute| attribute.path().is_ident("repr"))?;
    Some(list.meta.require_list().ok()?.tokens.to_string())
}

fn doc(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(literal) = &pair.value
            && let Lit::Str(line) = &literal.lit
        {
            let _ = write!(text, "{} ", line.value().trim());
        }
    }
    text.trim_end().to_owned()
}

/// Every constant and its value: what may be added to and never changed.
pub(crate) fn constants_table(api: &Api) -> String {
    let mut lines: Vec<String> = api
        .constants
        .iter()
        .map(|constant| format!("{},{},{}", constant.name, constant.repr, constant.value))
        .collect();
    lines.sort();
    format!("constant,type,value\n{}\n", lines.join("\n"))
}
