//! `cargo xtask test [part …]`: everything CI checks, or some parts of it. The parts run in this order, cheap and
//! telling ones first; what they need is set up by themselves.

use std::process::Command;

use crate::process::{self, cargo, progress};
use crate::wasm::Mode;
use crate::{Result, bindings, demo, files, js, linking, native, npm, requirements, setup, sim, size};

type Part = (&'static str, &'static str, fn() -> Result);

const PARTS: [Part; 11] = [
    ("lint", "formatting, clippy for every build, generated files", lint),
    ("rust", "Rust: units, documentation examples, the emulator, every call over HTTP", rust),
    ("sim", "sessions in a simulated world: seeds, every interleaving of a small one, planted bugs", simulation),
    ("wasm", "the npm package, as published", wasm),
    ("js", "the installed npm package in Node, TypeScript, Vite and Chromium", js::test),
    (
        "linking",
        "linking codes: walks of the machine, texts as in WebAssembly, the elements in Chromium and Firefox",
        linking::test,
    ),
    ("conformance", "what bad servers do, in native Rust, Node and Chromium", conformance),
    ("native", "the C ABI: headers, C and C++ suites, packages, Windows under wine, C# under Mono", native::test),
    ("deep", "below the C ABI: sanitizers on both sides, Miri, a minute of fuzzing", native::deep_shortened),
    ("size", "the published builds against their limits", || size::run(&[])),
    ("demo", "the story, over real sockets", || demo::run(&[])),
];

pub(crate) fn run(arguments: &[String]) -> Result {
    // It has parts and an option of its own.
    if let Some(("deep", rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return native::deep(rest);
    }
    for argument in arguments {
        if !PARTS.iter().any(|(name, ..)| name == argument) {
            let names: Vec<&str> = PARTS.iter().map(|(name, ..)| *name).collect();
            return Err(format!("test does not know `{argument}`; the parts are {}", names.join(", ")));
        }
    }
    for (name, what, part) in PARTS {
        if arguments.is_empty() || arguments.iter().any(|argument| argument == name) {
            progress("test", &format!("{name}: {what}"));
            part().map_err(|error| format!("{name}: {error}"))?;
        }
    }
    progress("test", "all passed");
    Ok(())
}

fn lint() -> Result {
    setup::wasm_target()?;
    run_cargo(&["fmt", "--all", "--check"])?;
    run_cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    run_cargo(&[
        "clippy",
        "--quiet",
        "--package",
        "playerlink",
        "--lib",
        "--features",
        "keyring",
        "--",
        "-D",
        "warnings",
    ])?;
    for features in ["web,playfab,rallyhere,xsolla", "web,server,playfab,xsolla", "linking-web"] {
        let wasm = ["--package", "playerlink", "--target", "wasm32-unknown-unknown", "--no-default-features"];
        let mut command = cargo();
        command.args(["clippy", "--quiet"]).args(wasm).args(["--features", features, "--", "-D", "warnings"]);
        process::run(&mut command)?;
    }
    // The C ABI, without and with the calls of its tests.
    run_cargo(&[
        "clippy",
        "--quiet",
        "--package",
        "native-abi",
        "--features",
        "ffi",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    bindings::run(&["--check".to_owned()])
}

fn rust() -> Result {
    run_cargo(&["test", "--workspace"])?;
    // Off by default, so that nobody builds a D-Bus client who does not ask for it; tested over its mock.
    run_cargo(&["test", "--package", "playerlink", "--lib", "--features", "keyring", "keyring"])?;
    // The test programs are built by now.
    requirements::check().map(|_| ())
}

/// Shortened: `cargo xtask sim --seeds 10000` and `--exhaustive` are the whole of it.
fn simulation() -> Result {
    for arguments in [&["--seeds", "1000"][..], &["--exhaustive", "--quick"], &["--mutants"]] {
        sim::run(&arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>())?;
    }
    // What the simulator says of itself with the switches in.
    run_cargo(&["test", "--quiet", "--release", "--package", "simulator", "--features", "mutants"])
}

fn wasm() -> Result {
    npm::build(Mode::Published, &files::root().join("dist/npm")).map(|_| ())
}

fn conformance() -> Result {
    let tarball = npm::build(Mode::Published, &files::root().join("dist/npm"))?;
    setup::npm_packages("tests/js")?;
    let browser = setup::browser()?;
    run_cargo(&["build", "--quiet", "--example", "conformance-server"])?;
    process::run(
        Command::new("node")
            .args(["--test", "--test-concurrency=1"])
            .args(["tests/conformance/node.test.mjs", "tests/conformance/chromium.test.mjs"])
            .current_dir(files::root())
            .env("CONFORMANCE_SERVER", files::target().join("debug/examples/conformance-server"))
            .env("PLAYERLINK_TARBALL", tarball)
            .env("CHROME", browser),
    )
}

fn run_cargo(arguments: &[&str]) -> Result {
    process::run(cargo().args(arguments))
}
