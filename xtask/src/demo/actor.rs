//! A program that plays a part: told what to do by lines on its standard input, heard by lines on its standard output.
//! All of them end when their standard input closes, so that none is left behind, however this process ends.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::Result;

const PATIENCE: Duration = Duration::from_secs(60);
/// How long a program may take to tidy up, e.g. to close its browser.
const FAREWELL: Duration = Duration::from_secs(10);
const REMEMBERED: usize = 200;

pub(super) struct Actor {
    name: &'static str,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    errors: Arc<Mutex<VecDeque<String>>>,
}

impl Actor {
    pub(super) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{program}` could not be started: {error}"))?;
        let errors = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            each_line(stdout, move |line| drop(sender.send(line)));
        }
        if let Some(stderr) = child.stderr.take() {
            let errors = errors.clone();
            each_line(stderr, move |line| {
                let mut errors = errors.lock().unwrap_or_else(PoisonError::into_inner);
                errors.push_back(line);
                if errors.len() > REMEMBERED {
                    errors.pop_front();
                }
            });
        }
        let stdin = child.stdin.take();
        Ok(Self { name, child, stdin, lines, errors })
    }

    /// The next line it prints.
    pub(super) fn line(&self) -> Result<String> {
        self.lines.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("the {} said nothing for {} s", self.name, PATIENCE.as_secs()),
            RecvTimeoutError::Disconnected => format!("the {} has ended{}", self.name, self.last_words()),
        })
    }

    /// The end of what it printed to standard error, below a heading; nothing when it printed nothing.
    pub(super) fn last_words(&self) -> String {
        let errors = self.errors();
        let tail: Vec<String> =
            errors.iter().skip(errors.len().saturating_sub(15)).map(|line| format!("    {line}")).collect();
        if tail.is_empty() { String::new() } else { format!("\n  the {} said last:\n{}", self.name, tail.join("\n")) }
    }

    /// The address at the end of its first line.
    pub(super) fn address(&self) -> Result<String> {
        let line = self.line()?;
        let address = line.split(' ').next_back().filter(|word| word.starts_with("http://"));
        address.map(str::to_owned).ok_or_else(|| format!("the {} said `{line}` instead of its address", self.name))
    }

    /// The next line, as JSON.
    pub(super) fn hear(&self) -> Result<Value> {
        let line = self.line()?;
        // The line may hold what must not be shown.
        serde_json::from_str(&line).map_err(|_| format!("the {} said something that is not JSON", self.name))
    }

    pub(super) fn tell(&mut self, line: &str) -> Result {
        let gone = format!("the {} has ended", self.name);
        let stdin = self.stdin.as_mut().ok_or_else(|| gone.clone())?;
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).map_err(|_| gone)
    }

    /// Tells it a line and hears its answer.
    pub(super) fn ask(&mut self, line: &str) -> Result<Value> {
        self.tell(line)?;
        self.hear()
    }

    /// All it printed to standard error.
    pub(super) fn errors(&self) -> Vec<String> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// What it says until it ends, which it must do well.
    pub(super) fn finish(mut self) -> Result<Vec<Value>> {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => said.push(
                    serde_json::from_str(&line)
                        .map_err(|_| format!("the {} said something that is not JSON", self.name))?,
                ),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => return Err(format!("the {} does not end", self.name)),
            }
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() {
            return Ok(said);
        }
        Err(format!("the {} failed ({status}){}", self.name, self.last_words()))
    }
}

impl Actor {
    /// Ends it: by closing its standard input, and where that is not enough by force.
    pub(super) fn end(&mut self) {
        drop(self.stdin.take());
        while self.lines.recv_timeout(FAREWELL).is_ok() {}
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.end();
    }
}

fn each_line(source: impl Read + Send + 'static, mut act: impl FnMut(String) + Send + 'static) {
    std::thread::spawn(move || {
        for line in BufReader::new(source).lines() {
            match line {
                Ok(line) => act(line),
                Err(_) => return,
            }
        }
    });
}
