//! Where every field lies, on 64 bits and on 32. Computed from the source and not from this machine, so that one table
//! holds for all targets; `tests/c/layout.g.h` and `tests/csharp/Layout.g.cs` let the compilers confirm it.

use std::fmt::Write as _;

use syn::Type;

use crate::Result;
use crate::source::Api;

/// A target, as far as a layout depends on it.
#[derive(Clone, Copy)]
struct Model {
    name: &'static str,
    pointer: u32,
    /// What a 64-bit number is aligned to.
    long: u32,
}

const MODELS: [Model; 3] = [
    Model { name: "64 bits", pointer: 8, long: 8 },
    // Windows, ARM, …
    Model { name: "32 bits", pointer: 4, long: 8 },
    // Linux on x86.
    Model { name: "32 bits, 64-bit numbers aligned to 4", pointer: 4, long: 4 },
];

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StructLayout {
    pub(crate) name: String,
    /// Name, and offset and size on 64 and on 32 bits.
    pub(crate) fields: Vec<(String, Place, Place)>,
    pub(crate) size: [u32; 2],
    /// On 32 bits only where 64-bit numbers are aligned to 8.
    pub(crate) align: [u32; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u32,
    pub(crate) size: u32,
}

/// The layout of every struct, in the order of their names. Fails where a struct has padding that no field names, or
/// where two 32-bit targets would disagree.
pub(crate) fn of(api: &Api) -> Result<Vec<StructLayout>> {
    let mut all = Vec::new();
    for item in &api.structs {
        let mut found = Vec::new();
        for model in MODELS {
            found.push(places(api, &item.name, model)?);
        }
        let [wide, narrow, packed] = found.as_slice() else { return Err("three models".to_owned()) };
        if narrow.0 != packed.0 || narrow.1 != packed.1 {
            return Err(format!(
                "{}: two 32-bit targets disagree about its layout; give its 64-bit fields an offset divisible by 8 and it \
                 an even number of pointers",
                item.name
            ));
        }
        let fields = wide.0.iter().zip(&narrow.0).zip(&item.fields);
        all.push(StructLayout {
            name: item.name.clone(),
            fields: fields.map(|((wide, narrow), (name, _))| (name.clone(), *wide, *narrow)).collect(),
            size: [wide.1, narrow.1],
            align: [wide.2, narrow.2],
        });
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// The places of a struct's fields, its size and its alignment.
fn places(api: &Api, name: &str, model: Model) -> Result<(Vec<Place>, u32, u32)> {
    let item = api.structs.iter().find(|item| item.name == name).ok_or(format!("there is no struct {name}"))?;
    let (mut end, mut align, mut fields) = (0, 1, Vec::new());
    for (field, kind) in &item.fields {
        let (size, own) = measure(api, kind, model).map_err(|error| format!("{name}.{field}: {error}"))?;
        let offset = up(end, own);
        if offset != end {
            return Err(format!("{name}: on {} there is padding before `{field}`; name it", model.name));
        }
        fields.push(Place { offset, size });
        end = offset + size;
        align = align.max(own);
    }
    if up(end, align) != end {
        return Err(format!("{name}: on {} there is padding at its end; name it", model.name));
    }
    Ok((fields, end, align))
}

fn up(offset: u32, align: u32) -> u32 {
    offset.div_ceil(align) * align
}

fn measure(api: &Api, kind: &Type, model: Model) -> Result<(u32, u32)> {
    let fixed = |size| Ok((size, size));
    match kind {
        Type::Ptr(_) | Type::BareFn(_) => fixed(model.pointer),
        Type::Array(array) => {
            let (size, align) = measure(api, &array.elem, model)?;
            match &array.len {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(count), .. }) => {
                    Ok((size * count.base10_parse::<u32>().map_err(|error| error.to_string())?, align))
                }
                _ => Err("the length of an array must be a number".to_owned()),
            }
        }
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return Err("a path without a name".to_owned()) };
            let name = last.ident.to_string();
            match name.as_str() {
                "u8" | "i8" | "c_char" => fixed(1),
                "u16" | "i16" => fixed(2),
                "u32" | "i32" => fixed(4),
                "u64" | "i64" => Ok((8, model.long)),
                "usize" | "isize" => fixed(model.pointer),
                // Of a function pointer: the same, with NULL.
                "Option" => fixed(model.pointer),
                "bool" | "c_int" | "c_long" | "f32" | "f64" => Err(format!("{name} does not cross the boundary")),
                _ => match (api.aliases.get(&name), api.handles.get(&name)) {
                    (Some(inner), _) | (None, Some(inner)) => measure(api, inner, model),
                    // Of 32 bits each; see `source`.
                    (None, None) if api.enums.contains_key(&name) => fixed(4),
                    (None, None) => places(api, &name, model).map(|(_, size, align)| (size, align)),
                },
            }
        }
        _ => Err("a type that C does not know".to_owned()),
    }
}

/// One line a field, and one for each whole struct with its alignment in place of an offset.
pub(crate) fn table(layout: &[StructLayout]) -> String {
    let mut text = String::from("struct,field,offset_64,size_64,offset_32,size_32\n");
    for item in layout {
        for (field, wide, narrow) in &item.fields {
            let _ =
                writeln!(text, "{},{field},{},{},{},{}", item.name, wide.offset, wide.size, narrow.offset, narrow.size);
        }
        let ([wide, narrow], [wide_align, narrow_align]) = (item.size, item.align);
        let _ = writeln!(text, "{},(size and alignment),{wide_align},{wide},{narrow_align},{narrow}", item.name);
    }
    text
}

/// The table as compile-time assertions, for every C from 1999 and every C++.
pub(crate) fn assertions(layout: &[StructLayout]) -> String {
    let mut text = String::from(
        "/* Generated by `cargo xtask bindings` from src/bindings/c. Do not edit. */\n\
         #include <stddef.h>\n#include <playerlink/playerlink.h>\n\n\
         #define LAYOUT(name, wide, narrow, actual) \\\n    \
         typedef char name[(actual) == (sizeof(void *) == 8 ? (wide) : (narrow)) ? 1 : -1]\n\n",
    );
    for item in layout {
        let name = &item.name;
        let _ = writeln!(text, "LAYOUT(size_of_{name}, {}, {}, sizeof({name}));", item.size[0], item.size[1]);
        for (field, wide, narrow) in &item.fields {
            let _ = writeln!(
                text,
                "LAYOUT({name}__{field}, {}, {}, offsetof({name}, {field}));",
                wide.offset, narrow.offset
            );
        }
    }
    text
}
