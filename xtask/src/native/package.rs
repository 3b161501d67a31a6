//! The package for C and C++: headers, libraries, CMake, pkg-config, licences. It works from wherever it is unpacked.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{capture, cargo, progress, run_quietly};
use crate::{Result, files};

use super::build::{Flavour, Libraries, System};

/// Puts a package together in `out` and packs it. Returns the archive.
pub(crate) fn pack(system: System, libraries: &Libraries, out: &Path) -> Result<PathBuf> {
    let name = format!("playerlink-{}-{}", files::version()?, system.name());
    let folder = out.join(&name);
    lay_out(system, libraries, &folder)?;
    progress("native", &format!("packing {name}"));
    let archive = format!("{name}.tar.gz");
    // No time and no owner in it: the same input gives the same archive.
    run_quietly(
        Command::new("tar")
            .args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-czf", &archive, &name])
            .current_dir(out),
    )?;
    Ok(out.join(archive))
}

/// The package, unpacked, in `folder`.
pub(crate) fn lay_out(system: System, libraries: &Libraries, folder: &Path) -> Result {
    let _ = std::fs::remove_dir_all(folder);
    let templates = files::root().join("pkg-templates");
    let include = folder.join("include/playerlink");
    let cmake = folder.join("lib/cmake/playerlink");
    let licences = folder.join("share/licenses/playerlink");
    for made in [&include, &cmake, &licences, &folder.join("lib/pkgconfig")] {
        files::create_folder(made)?;
    }
    for header in ["playerlink.h", "codes.h"] {
        files::copy(&templates.join("c/include/playerlink").join(header), &include.join(header))?;
    }
    files::copy(&templates.join("cpp/include/playerlink/playerlink.hpp"), &include.join("playerlink.hpp"))?;
    files::copy(&libraries.archive, &folder.join("lib/libplayerlink.a"))?;
    let name = libraries.shared.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let shared = match system {
        System::Linux => {
            files::copy(&libraries.shared, &folder.join("lib").join(&name))?;
            run_quietly(Command::new("ln").args(["-sfn", &name]).arg(folder.join("lib/libplayerlink.so")))?;
            format!("lib/{name}")
        }
        System::Windows => {
            files::create_folder(&folder.join("bin"))?;
            files::copy(&libraries.shared, &folder.join("bin").join(&name))?;
            if let Some(import) = &libraries.import {
                files::copy(import, &folder.join("lib/libplayerlink.dll.a"))?;
            }
            // For Microsoft's linker: `lib /def:playerlink.def /machine:x64`.
            let symbols = files::read(&templates.join("c/abi/symbols.txt"))?;
            files::write(
                &folder.join("lib/playerlink.def"),
                &format!("LIBRARY playerlink.dll\nEXPORTS\n    {}\n", symbols.trim_end().replace('\n', "\n    ")),
            )?;
            format!("bin/{name}")
        }
    };
    let version = files::version()?;
    let compatible: Vec<&str> = version.split('.').collect();
    let (major, minor) = (compatible.first().copied().unwrap_or("0"), compatible.get(1).copied().unwrap_or("0"));
    let (compatible, part) =
        if major == "0" { (format!("0.{minor}"), ".${PACKAGE_FIND_VERSION_MINOR}") } else { (major.to_owned(), "") };
    let property = match system {
        System::Linux => format!("IMPORTED_SONAME \"{name}\""),
        System::Windows => "IMPORTED_IMPLIB \"${_playerlink_prefix}/lib/libplayerlink.dll.a\"".to_owned(),
    };
    let fill = |template: &str, separator: &str| -> Result<String> {
        Ok(files::read(&templates.join("c").join(template))?
            .replace("@VERSION@", &version)
            .replace("@SHARED@", &shared)
            .replace("@SHARED_PROPERTY@", &property)
            .replace("@COMPATIBLE_MINOR@", part)
            .replace("@COMPATIBLE@", &compatible)
            .replace("@SYSTEM_LIBRARIES@", &libraries.system.join(separator)))
    };
    files::write(&cmake.join("playerlinkConfig.cmake"), &fill("cmake/playerlinkConfig.cmake.in", ";")?)?;
    files::write(&cmake.join("playerlinkConfigVersion.cmake"), &fill("cmake/playerlinkConfigVersion.cmake.in", ";")?)?;
    files::write(&folder.join("lib/pkgconfig/playerlink.pc"), &fill("pkgconfig/playerlink.pc.in", " ")?)?;
    files::copy(&templates.join("c/README.md"), &folder.join("README.md"))?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        files::copy(&files::root().join(licence), &licences.join(licence))?;
    }
    files::write(&licences.join("THIRD-PARTY.txt"), &third_party(system)?)?;
    check_sums(folder)
}

/// What is compiled in, with its licences.
pub(super) fn third_party(system: System) -> Result<String> {
    let listed = capture(
        cargo()
            .args([
                "tree",
                "--package",
                "playerlink",
                "--no-default-features",
                "--features",
                Flavour::Shipped.features(),
            ])
            .args(["--edges", "normal", "--prefix", "none", "--format", "{p}|{l}|{r}", "--target", system.triple()]),
    )?;
    let mut lines: Vec<&str> = listed.lines().filter(|line| !line.starts_with("playerlink ")).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut text = String::from(
        "Compiled into this library besides playerlink itself, each under one of its licences as you choose. The texts of\n\
         MIT and Apache-2.0 lie next to this file.\n\n\
         Rust's standard library | MIT OR Apache-2.0 | https://github.com/rust-lang/rust\n",
    );
    for line in lines {
        let mut cells = line.trim_end_matches(" (*)").split('|');
        let (Some(name), Some(licence)) = (cells.next(), cells.next()) else { continue };
        if !licence.split(['/', ' ']).any(|one| one == "MIT" || one == "Apache-2.0") {
            return Err(format!("{name} has the licence {licence}, whose text must be added to the package"));
        }
        let _ = writeln!(text, "{name} | {licence} | {}", cells.next().unwrap_or_default());
    }
    Ok(text)
}

fn check_sums(folder: &Path) -> Result {
    let text = capture(
        Command::new("sh")
            .args(["-c", "find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum"])
            .current_dir(folder),
    )?;
    files::write(&folder.join("SHA256SUMS"), &text)
}
