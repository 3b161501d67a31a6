//! `cargo xtask size`: what the published builds weigh, against the limits of the budget. 1 KB is 1 024 bytes.

use std::process::Command;

use serde_json::Value;

use crate::process::{capture, progress};
use crate::wasm::{Mode, Variant};
use crate::{Result, files, setup, wasm};

/// A row of the table: its name, its build, and the most it may weigh with brotli, in KB.
const ROWS: [(&str, Variant, Option<u64>); 6] = [
    ("client total", Variant::Client, Some(80)),
    ("client rallyhere", Variant::ClientRallyHere, Some(55)),
    ("client xsolla", Variant::ClientXsolla, Some(55)),
    ("client playfab", Variant::ClientPlayFab, Some(55)),
    // Node only: never downloaded by a page.
    ("server total", Variant::Server, None),
    // `playerlink/linking`: only pages that show or take codes load it. Its limit is what it weighs now.
    ("linking", Variant::Linking, Some(29)),
];

/// Rows without a wasm build: JavaScript alone, and the most it may weigh with gzip, in KB. A page has one of the two
/// elements; languages, QR codes and gamepads are loaded when they are needed and are not in it.
const ELEMENTS: [(&str, Option<u64>); 3] =
    [("link-code code", Some(8)), ("link-code input", Some(8)), ("link-code both", None)];

pub(crate) fn run(arguments: &[String]) -> Result {
    let json = match arguments {
        [] => false,
        [argument] if argument == "--json" => true,
        _ => return Err("size knows only `--json`".to_owned()),
    };
    setup::npm_packages("pkg-templates/npm")?;
    let mut command = Command::new("node");
    command.arg(files::root().join("pkg-templates/npm/size.mjs"));
    for (name, variant, _) in ROWS {
        let folder = wasm::build(variant, Mode::Published)?;
        command.arg(format!("{name}={}", folder.display()));
    }
    progress("size", "compressing");
    let text = capture(&mut command)?;
    let rows: Vec<Value> =
        serde_json::from_str(&text).map_err(|error| format!("size.mjs printed no table: {error}"))?;
    if json {
        println!("{}", text.trim());
    } else {
        print_table(&rows);
    }
    let heavy: Vec<String> = rows.iter().filter_map(too_heavy).collect();
    if heavy.is_empty() { Ok(()) } else { Err(heavy.join("\n")) }
}

fn too_heavy(row: &Value) -> Option<String> {
    let name = row.get("name")?.as_str()?;
    if let Some(limit) = gzip_limit(name) {
        let gzip = number(row, "gzip");
        return (gzip > limit).then(|| format!("{name}: {gzip} bytes with gzip, at most {limit} are allowed"));
    }
    let limit = limit(name)? * 1024;
    let brotli = number(row, "brotli");
    (brotli > limit).then(|| format!("{name}: {brotli} bytes with brotli, at most {limit} are allowed"))
}

fn limit(name: &str) -> Option<u64> {
    ROWS.iter().find(|(row, ..)| *row == name)?.2
}

/// In bytes.
fn gzip_limit(name: &str) -> Option<u64> {
    ELEMENTS.iter().find(|(row, _)| *row == name)?.1.map(|limit| limit * 1024)
}

fn number(row: &Value, key: &str) -> u64 {
    row.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn print_table(rows: &[Value]) {
    println!("| bytes (limits: 1 KB = 1 024)   |     raw |    gzip |  brotli |   limit |");
    println!("| ------------------------------ | ------: | ------: | ------: | ------: |");
    for row in rows {
        let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
        let limit = match (gzip_limit(name), limit(name)) {
            (Some(limit), _) => format!("{limit} gz"),
            (None, Some(limit)) => (limit * 1024).to_string(),
            (None, None) => "–".to_owned(),
        };
        print_row(name, row, limit);
        for part in ["wasm", "js"] {
            if let Some(measured) = row.get(part) {
                print_row(&format!("  {part}"), measured, String::new());
            }
        }
    }
}

fn print_row(name: &str, row: &Value, limit: String) {
    let [raw, gzip, brotli] = ["raw", "gzip", "brotli"].map(|key| number(row, key));
    println!("| {name:<30} | {raw:>7} | {gzip:>7} | {brotli:>7} | {limit:>7} |");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_above_its_limit_is_named_with_both_numbers() {
        let row = serde_json::json!({ "name": "client xsolla", "brotli": 56_321 });
        assert_eq!(
            too_heavy(&row).as_deref(),
            Some("client xsolla: 56321 bytes with brotli, at most 56320 are allowed")
        );
        assert_eq!(too_heavy(&serde_json::json!({ "name": "client xsolla", "brotli": 56_320 })), None);
        assert_eq!(too_heavy(&serde_json::json!({ "name": "server total", "brotli": 999_999 })), None);
        let element = |gzip: u64| serde_json::json!({ "name": "link-code code", "gzip": gzip, "brotli": 1 });
        assert_eq!(too_heavy(&element(8192)), None);
        assert_eq!(
            too_heavy(&element(8193)).as_deref(),
            Some("link-code code: 8193 bytes with gzip, at most 8192 are allowed")
        );
    }
}
