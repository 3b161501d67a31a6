//! `cargo xtask …`: everything a person would otherwise type by hand. Run it without arguments for the list.
//!
//! It does not depend on `playerlink`, so that it builds in a moment and still runs while the library does not compile.

mod bindings;
mod demo;
mod files;
mod js;
mod linking;
mod native;
mod npm;
mod process;
mod requirements;
mod setup;
mod sim;
mod size;
mod test;
mod wasm;

use std::process::ExitCode;

/// An error is a text for the person at the terminal: what failed, and what to do.
pub(crate) type Result<T = (), E = String> = std::result::Result<T, E>;

const USAGE: &str = "\
usage: cargo xtask <command>

  setup                                    what demo, test and npm need on this machine; each also does it by itself
  demo [--open | --faults SEED]            plays one player's story through the services on this machine;
                                           --open: and leaves emulator, game servers and page running;
                                           --faults: while services and network are in trouble
  test [part …]                            all tests, or lint, rust, sim, wasm, js, linking, conformance, native, deep,
                                           size, demo
  test deep [part …] [--fuzz-seconds N]    below the C ABI: address, undefined, thread (sanitizers), valgrind, wine, miri,
                                           fuzz; N (60): for each fuzz target, both at the same time
  npm [--release] [--out <folder>]         the npm package, as dist/npm/playerlink-<version>.tgz;
                                           --release: as published, smaller and slower to build
  native [--out <folder>]                  the C ABI as packages in dist/native: Linux and Windows, shared and static
  bench native                             what the C ABI costs: ticks, logins, memory, sizes
  bench node                               what the npm package costs in Node: start, refresh against raw fetch, cached
                                           tokens, requests in an outage and at expiry
  bindings [--check]                       writes what is generated from the tables of codes and from the C ABI (header,
                                           C#, layouts), or says what is stale
  requirements [--run|--write]             whether each requirement of the session has a test; --run: and passes it;
                                           --write: puts new ones into docs/requirements.md
  sim --seeds N | --seed S | --exhaustive | --mutants | --fleet N
                                           tries to break the session in simulated worlds (simulator/README.md)
  size [--json]                            what the published builds weigh, against their limits
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("", arguments.as_slice()),
    };
    let outcome = match command {
        "bindings" => bindings::run(rest),
        "setup" => setup::run(rest),
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "native" => native::run(rest),
        "bench" => match rest {
            [what] if what == "native" => native::bench(),
            [what] if what == "node" => js::bench(),
            _ => Err("usage: cargo xtask bench native|node".to_owned()),
        },
        "npm" => npm::run(rest),
        "requirements" => requirements::run(rest),
        "sim" => sim::run(rest),
        "size" => size::run(rest),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(format!("there is no command `{other}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
