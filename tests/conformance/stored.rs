//! What a file store holds, before and after a scenario.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What is in the store, by file: the key, which is a file's first line, and the text. Without the notes on a record
/// that say what is under way, and without what was put aside because it could not be read.
pub(crate) fn entries(folder: &Path) -> BTreeMap<PathBuf, (String, String)> {
    let Ok(files) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let read = |path: PathBuf| {
        let content = std::fs::read_to_string(&path).unwrap();
        let (key, text) = content.split_once('\n').unwrap();
        (path, (key.to_owned(), without_notes(text)))
    };
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(read)
        .filter(|(_, (key, _))| !key.ends_with("/unreadable"))
        .collect()
}

fn without_notes(text: &str) -> String {
    let Ok(mut record) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    if let Some(session) = record.get_mut("session").and_then(Value::as_object_mut) {
        for note in ["attempt_at", "attempts", "attempt_locked", "pause_until", "pause_ms", "pause_status"] {
            session.remove(note);
        }
    }
    record.to_string()
}

/// The same as if nothing in it were stale.
pub(crate) fn without_mark(entries: &BTreeMap<PathBuf, (String, String)>) -> BTreeMap<PathBuf, (String, String)> {
    let unmarked = |text: &String| text.replace(",\"stale\":true", "");
    entries.iter().map(|(path, (key, text))| (path.clone(), (key.clone(), unmarked(text)))).collect()
}

pub(crate) fn tamper(folder: &Path, stored: &Value) {
    for (path, (key, text)) in entries(folder) {
        let is_pointer = key.ends_with("/accounts");
        let next = match (is_pointer, stored["record"].as_str(), stored["pointer"].as_str()) {
            (false, Some(record), _) => record.to_owned(),
            (true, _, Some(pointer)) => pointer.to_owned(),
            (false, None, None) => {
                let mut record: Value = serde_json::from_str(&text).unwrap();
                record["session"]["access_life"]["received_at"] = 0.into();
                record.to_string()
            }
            _ => continue,
        };
        std::fs::write(path, [key, next].join("\n")).unwrap();
    }
}
