//! Running other programs: a progress line before a long step, its output only when it fails, and readable errors.

use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

use crate::Result;

/// Says what is being done now.
pub(crate) fn progress(subject: &str, step: &str) {
    eprintln!("{subject}: {step}");
}

/// Runs `command` with its output visible.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", line(command))) }
}

/// Runs `command` and keeps its output to itself, unless it fails: then the output is the error.
pub(crate) fn run_quietly(command: &mut Command) -> Result {
    let output = output(command.stderr(Stdio::piped()))?;
    if output.status.success() { Ok(()) } else { Err(failure(command, &output)) }
}

/// Runs `command` and returns what it prints; what it says on standard error is visible.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = output(command.stderr(Stdio::inherit()))?;
    if !output.status.success() {
        return Err(failure(command, &output));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{}` printed something that is not UTF-8", line(command)))
}

/// Whether the program can be started and ends well; its output is dropped.
pub(crate) fn works(command: &mut Command) -> bool {
    output(command.stderr(Stdio::null())).is_ok_and(|output| output.status.success())
}

fn output(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).output().map_err(|error| not_started(command, &error))
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}", command.get_program().to_string_lossy())
}

fn failure(command: &Command, output: &Output) -> String {
    // Not cargo's messages for programs: what it has to say to people is on standard error.
    let messages = output.stdout.starts_with(b"{\"reason\"");
    let text = [if messages { &[][..] } else { output.stdout.as_slice() }, output.stderr.as_slice()].concat();
    format!("`{}` failed ({})\n{}", line(command), output.status, String::from_utf8_lossy(&text).trim_end())
}

fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The cargo that runs us, in the repository's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::files::root());
    command
}

/// npm; on Windows it is a batch file.
pub(crate) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}
