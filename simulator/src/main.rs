//! `cargo xtask sim …`: see the usage below and the README.

mod commands;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask sim <what> …

  --seeds N [--from S]     plays N random worlds; a failing one is made small and printed
  --seed S                 plays one world and prints what happens in it
  --exhaustive [--quick]   plays every interleaving of the small worlds, in each rotation mode; `--quick`: of those that
                           are done in a minute
  --mutants                plants eleven bugs, one at a time, and finds each
  --fleet N                the refresh load of N clients that signed in within a minute
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything held.
fn run(arguments: &[String]) -> Result<bool, String> {
    let mut rest = arguments.iter().map(String::as_str);
    let (mut seeds, mut from, mut good, mut played) = (None, 0, true, false);
    while let Some(argument) = rest.next() {
        let mut number = || {
            let value = rest.next().ok_or_else(|| format!("`{argument}` needs a number"))?;
            value.replace('_', "").parse::<u64>().map_err(|_| format!("`{value}` is no number"))
        };
        match argument {
            "--seeds" => seeds = Some(number()?),
            "--from" => from = number()?,
            "--seed" => good &= commands::seed(number()?),
            "--exhaustive" => good &= commands::exhaustive(!arguments.iter().any(|other| other == "--quick"))?,
            "--quick" => continue,
            "--mutants" => good &= commands::mutants()?,
            "--fleet" => good &= commands::fleet(number()?)?,
            other => return Err(format!("sim does not know `{other}`")),
        }
        played |= !matches!(argument, "--from");
    }
    if let Some(count) = seeds {
        good &= commands::seeds(from, count);
    }
    if played { Ok(good) } else { Err("sim needs to be told what to do".into()) }
}
