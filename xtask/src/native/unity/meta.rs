//! The notes by which Unity imports a file. Written, never by hand: a guid must stay what it is for ever, since scenes and
//! assemblies refer to it, and a library must be switched on for its own system only.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::{Result, files};

/// Writes the note of every file and folder below `folder`, the root of the package `name`.
pub(super) fn write_all(name: &str, folder: &Path) -> Result {
    for path in noted(folder)? {
        let relative = relative(folder, &path);
        files::write(&note_of(&path), &note(&guid(name, &relative), &relative, path.is_dir()))?;
    }
    Ok(())
}

/// Every file and folder has its note, every note its file, and no two are the same.
pub(super) fn check(name: &str, folder: &Path) -> Result {
    let mut guids: BTreeMap<String, String> = BTreeMap::new();
    for path in noted(folder)? {
        let relative = relative(folder, &path);
        let text = files::read(&note_of(&path))?;
        let found = text.lines().find_map(|line| line.strip_prefix("guid: ")).unwrap_or_default().to_owned();
        if found != guid(name, &relative) || text != note(&found, &relative, path.is_dir()) {
            return Err(format!("{relative}.meta is not what is written for it"));
        }
        if let Some(other) = guids.insert(found, relative.clone()) {
            return Err(format!("{relative} and {other} have the same guid"));
        }
    }
    for path in all(folder)?.iter().filter(|path| is_note(path)) {
        if !path.with_extension("").exists() {
            return Err(format!("{} has no file", path.display()));
        }
    }
    Ok(())
}

/// What has a note: all but the notes themselves and what Unity does not import, folders that end in `~`. What is in such a
/// folder has notes again, for the day it is copied into a project.
fn noted(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(all(folder)?.into_iter().filter(|path| !is_note(path) && !path.to_string_lossy().ends_with('~')).collect())
}

fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_note(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "meta")
}

fn note_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".meta");
    PathBuf::from(name)
}

/// With `/` on every system.
fn relative(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// FNV-1a of 128 bits over the package's name and the path: the same for ever, on every machine.
fn guid(name: &str, path: &str) -> String {
    const PRIME: u128 = (1 << 88) + 0x13b;
    let bytes = name.bytes().chain([b'/']).chain(path.bytes());
    let hash = bytes.fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:032x}")
}

fn note(guid: &str, path: &str, is_folder: bool) -> String {
    let end = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n";
    let begin = format!("fileFormatVersion: 2\nguid: {guid}\n");
    let plain = |importer: &str| format!("{begin}{importer}:\n  externalObjects: {{}}\n{end}");
    let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if is_folder {
        return format!("{begin}folderAsset: yes\nDefaultImporter:\n  externalObjects: {{}}\n{end}");
    }
    match extension {
        "cs" => format!(
            "{begin}MonoImporter:\n  externalObjects: {{}}\n  serializedVersion: 2\n  defaultReferences: []\n  \
             executionOrder: 0\n  icon: {{instanceID: 0}}\n{end}"
        ),
        "asmdef" => plain("AssemblyDefinitionImporter"),
        "md" => plain("TextScriptImporter"),
        "json" if path == "package.json" => plain("PackageManifestImporter"),
        "dll" => format!("{begin}{}{end}", plugin("Windows", "Win64")),
        "so" => format!("{begin}{}{end}", plugin("Linux", "Linux64")),
        _ => plain("DefaultImporter"),
    }
}

/// A native library of 64 bits on x86: on in the editor and in players of that system, off everywhere else.
fn plugin(editor: &str, player: &str) -> String {
    let mut text = String::from(
        "PluginImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  iconMap: {}\n  executionOrder: {}\n  \
         defineConstraints: []\n  isPreloaded: 0\n  isOverridable: 0\n  isExplicitlyReferenced: 0\n  \
         validateReferences: 1\n  platformData:\n  - first:\n      : Any\n    second:\n      enabled: 0\n      \
         settings:\n",
    );
    for other in ["Android", "Editor", "Linux64", "OSXUniversal", "WebGL", "Win", "Win64", "iOS"] {
        let excluded = u8::from(other != player && other != "Editor");
        let _ = writeln!(text, "        Exclude {other}: {excluded}");
    }
    let _ = write!(
        text,
        "  - first:\n      Any: \n    second:\n      enabled: 0\n      settings: {{}}\n  - first:\n      \
         Editor: Editor\n    second:\n      enabled: 1\n      settings:\n        CPU: x86_64\n        \
         DefaultValueInitialized: true\n        OS: {editor}\n"
    );
    for other in ["Linux64", "OSXUniversal", "Win", "Win64"] {
        let (enabled, processor) = if other == player { (1, "x86_64") } else { (0, "None") };
        let _ = write!(
            text,
            "  - first:\n      Standalone: {other}\n    second:\n      enabled: {enabled}\n      settings:\n        \
             CPU: {processor}\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_what_it_was_in_the_first_release() {
        // Scenes of games have them: these lines do not change any more.
        assert_eq!(guid("com.playerlink.client", "package.json"), "21dfa0109ee4c3a6d222bedc14d3739b");
        assert_eq!(guid("com.playerlink.client", "Runtime/Client.cs"), "f6e34e0d7ca84f2fb33b236ff8dd1b57");
    }

    #[test]
    fn a_library_is_on_for_its_own_system_only() {
        for (path, own) in [("a/libx.so", "Linux64"), ("a/x.dll", "Win64")] {
            let text = note("0", path, false);
            let on: Vec<&str> = text
                .split("  - first:\n      Standalone: ")
                .skip(1)
                .filter(|part| part.contains("enabled: 1"))
                .filter_map(|part| part.lines().next())
                .collect();
            assert_eq!(on, [own]);
            let included: Vec<&str> =
                text.lines().filter_map(|line| line.trim().strip_prefix("Exclude ")?.strip_suffix(": 0")).collect();
            assert_eq!(included, ["Editor", own]);
        }
    }

    #[test]
    fn each_kind_of_file_has_its_importer() {
        for (path, importer) in [
            ("Runtime/Client.cs", "MonoImporter:"),
            ("Runtime/Playerlink.asmdef", "AssemblyDefinitionImporter:"),
            ("package.json", "PackageManifestImporter:"),
            ("Samples~/a/b.json", "DefaultImporter:"),
            ("README.md", "TextScriptImporter:"),
        ] {
            assert!(note("0", path, false).contains(importer), "{path}");
        }
        assert!(note("0", "Runtime", true).contains("folderAsset: yes"));
    }
}
