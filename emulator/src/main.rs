//! `emulator`: the services on a loopback port. Says where on its first line of output, and stops with its parent when
//! asked to.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use emulator::Emulator;
use emulator::serve::{Options, serve};

const USAGE: &str = "\
usage: emulator [options]
  --port N             the port on 127.0.0.1; 0 or nothing: a free one
  --seed N             for the ids and tokens; the same seed gives the same ones
  --log                print each request as one line
  --exit-with-stdin    stop when standard input closes, that is, with the parent (also --exit-with-parent)
  --exit-after SECONDS stop after that time";

struct Arguments {
    port: u16,
    seed: u64,
    log: bool,
    exit_with_stdin: bool,
    exit_after: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = match read_arguments(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(wrong) => {
            let _ = writeln!(std::io::stderr(), "{wrong}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(run(arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "emulator listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    let emulator = Arc::new(Mutex::new(Emulator::new(arguments.seed)));
    let parent_gone = async {
        if arguments.exit_with_stdin {
            stdin_closed().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let time_over = async {
        match arguments.exit_after {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        failed = serve(listener, emulator, Options { log: arguments.log }) => failed.map(|never| match never {}),
        () = parent_gone => Ok(()),
        () = time_over => Ok(()),
        () = told_to_stop() => Ok(()),
    }
}

/// Resolves when nobody holds the other end of standard input any more.
async fn stdin_closed() {
    let (closed, wait) = tokio::sync::oneshot::channel::<()>();
    // A thread of its own: the runtime's would keep the process alive while it blocks in a read.
    std::thread::spawn(move || {
        let mut sink = [0; 256];
        while std::io::stdin().read(&mut sink).is_ok_and(|count| count > 0) {}
        drop(closed);
    });
    let _ = wait.await;
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}

fn read_arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments { port: 0, seed: 1, log: false, exit_with_stdin: false, exit_after: None };
    while let Some(name) = given.next() {
        let mut number = || {
            let text = given.next().ok_or_else(|| format!("{name} needs a number"))?;
            text.parse::<u64>().map_err(|_| format!("{name} needs a number, not {text}"))
        };
        match name.as_str() {
            "--port" => {
                let port = number()?;
                arguments.port = u16::try_from(port).map_err(|_| format!("no such port: {port}"))?;
            }
            "--seed" => arguments.seed = number()?,
            "--exit-after" => arguments.exit_after = Some(number()?),
            "--log" => arguments.log = true,
            "--exit-with-stdin" | "--exit-with-parent" => arguments.exit_with_stdin = true,
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(arguments)
}
