//! The fuzz targets of `fuzz/`, compiled as cargo-fuzz does it, which one would have to install.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::process::{cargo, progress, run_quietly};
use crate::{Result, files};

use super::super::build::System;

const TARGETS: [&str; 2] = ["responses", "calls"];

const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Ccodegen-units=1 \
                     --cfg fuzzing -Cdebug-assertions -Copt-level=1";

pub(super) fn run(seconds: u64) -> Result<String> {
    let folder = files::root().join("fuzz");
    let target = files::target().join("native/deep/fuzz");
    progress("deep", "compiling the fuzz targets");
    let mut command = cargo();
    command
        .args(["build", "--quiet", "--bins", "--target", System::Linux.triple(), "--target-dir"])
        .arg(&target)
        .current_dir(&folder)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", FLAGS);
    run_quietly(&mut command)?;
    let programs = target.join(System::Linux.triple()).join("debug");
    progress("deep", &format!("fuzzing {} for {seconds} s, at the same time", TARGETS.join(" and ")));
    let (done, outcomes) = mpsc::channel();
    std::thread::scope(|scope| {
        for name in TARGETS {
            let (done, program, folder, target) = (done.clone(), programs.join(name), &folder, &target);
            scope.spawn(move || done.send(fuzz(name, &program, folder, target, seconds)));
        }
        drop(done);
        wait(&outcomes)
    })
}

/// Runs one target to its end.
fn fuzz(name: &str, program: &Path, folder: &Path, target: &Path, seconds: u64) -> Result<String> {
    let corpus = target.join("corpus").join(name);
    files::create_folder(&corpus)?;
    let log = target.join(format!("{name}.log"));
    let said = std::fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let status = Command::new(program)
        .arg(&corpus)
        // Good answers and whole games, for the mutations to begin with.
        .arg(folder.join("seeds").join(name))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/{name}-", target.display()))
        .args(["-print_final_stats=1", "-max_len=4096", "-rss_limit_mb=2048", "-timeout=10"])
        .current_dir(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said)
        .status()
        .map_err(|error| format!("{name} could not be started: {error}"))?;
    let log = files::read_bytes(&log)?;
    let log = String::from_utf8_lossy(&log);
    if status.success() {
        Ok(format!("{name}: {}", summary(&log)))
    } else {
        Err(format!("{name} found something ({status}):\n{}", finding(&log)))
    }
}

/// Until all have ended, with a word each minute.
fn wait(outcomes: &mpsc::Receiver<Result<String>>) -> Result<String> {
    let (mut figures, mut failed, mut minutes) = (Vec::new(), Vec::new(), 0);
    loop {
        match outcomes.recv_timeout(Duration::from_secs(60)) {
            Ok(Ok(summary)) => figures.push(summary),
            Ok(Err(error)) => failed.push(error),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                minutes += 1;
                progress("deep", &format!("fuzzing since {minutes} min"));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    if failed.is_empty() { Ok(figures.join("; ")) } else { Err(failed.join("\n")) }
}

/// Of libFuzzer's log: how many runs, and how far they came.
fn summary(log: &str) -> String {
    let runs = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")).unwrap_or("?").trim();
    let covered = log.lines().rev().find_map(|line| line.split_once(" cov: ")?.1.split(' ').next()).unwrap_or("?");
    format!("{runs} runs, {covered} edges")
}

/// From the first line of a report on, without the many of its progress.
fn finding(log: &str) -> String {
    let mut lines: Vec<&str> = log.lines().filter(|line| !line.starts_with('#') || line.contains(" in ")).collect();
    lines.truncate(120);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_a_run_are_in_its_log() {
        let log = "#2\tINITED cov: 5 ft: 6 corp: 1/1b\n#9\tDONE   cov: 12 ft: 20 corp: 3/9b\n\
                   stat::number_of_executed_units: 900\n";
        assert_eq!(summary(log), "900 runs, 12 edges");
        assert_eq!(summary(""), "? runs, ? edges");
    }

    #[test]
    fn a_finding_is_told_without_the_progress_before_it() {
        let log = "#9\tNEW    cov: 12\n==7== ERROR: libFuzzer: deadly signal\n    #0 0x1 in main\nartifact_prefix='x'";
        assert_eq!(finding(log), "==7== ERROR: libFuzzer: deadly signal\n    #0 0x1 in main\nartifact_prefix='x'");
    }
}
