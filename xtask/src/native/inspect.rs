//! What may be in a library that is shipped, and what may not.

use std::path::Path;
use std::process::Command;

use crate::process::capture;
use crate::{Result, files};

use super::build::{Libraries, System};

/// Names of headers, calls and features that only a game server has.
const SERVER_ONLY: [&str; 4] = ["X-SecretKey", "X-Server-Authorization", "server_custom_id", "/Server/"];

/// Fails when the library exports anything but the functions of the header, misses one of them, or holds what is for
/// servers, for tests, or of this machine.
pub(crate) fn shipped(system: System, libraries: &Libraries) -> Result {
    let promised = files::read(&files::root().join("pkg-templates/c/abi/symbols.txt"))?;
    let promised: Vec<&str> = promised.lines().collect();
    let exported = exports(system, &libraries.shared)?;
    compare(&libraries.shared, &promised, &exported)?;
    let archived = archive_exports(system, &libraries.archive)?;
    compare(&libraries.archive, &promised, &archived)?;
    for path in [&libraries.shared, &libraries.archive] {
        let bytes = files::read_bytes(path)?;
        for name in SERVER_ONLY.into_iter().chain(["playerlink_test_"]) {
            if contains(&bytes, name.as_bytes()) {
                return Err(format!("{} holds `{name}`", path.display()));
            }
        }
        let home = std::env::home_dir().unwrap_or_default();
        for folder in [files::root(), files::target(), home] {
            let folder = folder.to_string_lossy().into_owned();
            // A home of `/` or `/root` would be found in other words.
            if folder.len() > 2 && contains(&bytes, format!("{folder}/").as_bytes()) {
                return Err(format!("{} holds the path {folder}", path.display()));
            }
        }
    }
    if system == System::Linux {
        let dynamic = capture(Command::new("readelf").arg("-d").arg(&libraries.shared))?;
        let name = libraries.shared.file_name().unwrap_or_default().to_string_lossy();
        if !dynamic.lines().any(|line| line.contains("SONAME") && line.contains(&*name)) {
            return Err(format!("{name} has no SONAME"));
        }
        for needed in dynamic.lines().filter(|line| line.contains("NEEDED")) {
            if !["libc.so", "libgcc_s.so", "ld-linux", "libm.so"].iter().any(|known| needed.contains(known)) {
                return Err(format!("{name} needs a library that not every system has: {}", needed.trim()));
            }
        }
    } else {
        let text = capture(Command::new(system.tool("objdump")).arg("-p").arg(&libraries.shared))?;
        for needed in text.lines().filter_map(|line| line.trim().strip_prefix("DLL Name: ")) {
            let needed = needed.to_lowercase();
            let known =
                ["kernel32", "ntdll", "msvcrt", "bcryptprimitives", "api-ms-win", "ucrtbase", "userenv", "ws2_32"];
            if !known.iter().any(|known| needed.starts_with(known)) {
                return Err(format!("playerlink.dll needs {needed}, which not every Windows has"));
            }
        }
    }
    Ok(())
}

fn compare(path: &Path, promised: &[&str], exported: &[String]) -> Result {
    let foreign: Vec<&str> = exported.iter().map(String::as_str).filter(|name| !promised.contains(name)).collect();
    let absent: Vec<&str> =
        promised.iter().copied().filter(|name| !exported.iter().any(|other| other == name)).collect();
    if foreign.is_empty() && absent.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}: exports beyond the header: [{}]; not exported: [{}]",
        path.display(),
        foreign.join(", "),
        absent.join(", ")
    ))
}

/// What a shared library offers to programs.
pub(crate) fn exports(system: System, path: &Path) -> Result<Vec<String>> {
    let mut names: Vec<String> = match system {
        System::Linux => capture(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(path))?
            .lines()
            .filter_map(|line| line.split(' ').next())
            .map(str::to_owned)
            .collect(),
        System::Windows => {
            let text = capture(Command::new(system.tool("objdump")).arg("-p").arg(path))?;
            let table = text.split_once("[Ordinal/Name Pointer] Table").map(|(_, table)| table).unwrap_or_default();
            table
                .lines()
                .skip(1)
                .take_while(|line| line.contains('['))
                .filter_map(|line| line.split_whitespace().next_back())
                .map(str::to_owned)
                .collect()
        }
    };
    names.sort();
    Ok(names)
}

/// The functions of ours that an archive defines. It also has those of Rust, whose names are mangled.
fn archive_exports(system: System, path: &Path) -> Result<Vec<String>> {
    let text = capture(
        Command::new(system.tool("nm"))
            .args(["--defined-only", "--extern-only", "--format=posix", "--quiet"])
            .arg(path),
    )?;
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| name.starts_with("playerlink_"))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Whether `bytes` hold `text`.
pub(crate) fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_too_many_and_one_too_few_are_both_named() {
        let exported = ["playerlink_a".to_owned(), "malloc".to_owned()];
        let error = compare(Path::new("x.so"), &["playerlink_a", "playerlink_b"], &exported).unwrap_err();
        assert!(error.contains("[malloc]") && error.contains("[playerlink_b]"));
    }
}
