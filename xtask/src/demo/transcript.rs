//! What the newcomer reads: numbered steps, who asked whom for what, what came back, and a ✓ for each checked fact.
//! Codes, tickets and tokens never come in here; where one would stand, there is [`MASK`].

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use super::admin::{Admin, Entry};
use crate::{Result, files};

/// Stands for anything secret, always of the same length.
pub(super) const MASK: &str = "••••••";

pub(super) struct Transcript {
    colour: bool,
    text: String,
    steps: usize,
    facts: usize,
    step: String,
}

/// A request that is to be found in the emulator's log: `POST /path`, its status, and what it means.
pub(super) type Expected<'a> = (&'a str, u64, &'a str);

const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";

impl Transcript {
    pub(super) fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = std::io::stdout().is_terminal() && !plain;
        Self { colour, text: String::new(), steps: 0, facts: 0, step: "the opening".to_owned() }
    }

    pub(super) fn opening(&mut self, addresses: &str) {
        self.line("", "");
        self.line(BOLD, "One player, three screens: the playerlink demo");
        self.line(DIM, addresses);
        self.line(
            DIM,
            "Everything runs on this machine, over real sockets. Codes, tickets and tokens are shown as ••••••.",
        );
    }

    pub(super) fn step(&mut self, title: &str) {
        self.steps += 1;
        self.step = format!("step {} ({title})", self.steps);
        self.line("", "");
        self.line(BOLD, &format!("{}. {title}", self.steps));
    }

    /// A sentence of the story.
    pub(super) fn tell(&mut self, sentence: &str) {
        self.line("", "");
        self.line("", &format!("   {sentence}"));
    }

    /// One actor asks another.
    pub(super) fn ask(&mut self, from: &str, to: &str, what: &str) {
        self.line("", &format!("   {from} → {to}: {what}"));
    }

    /// What came of it.
    pub(super) fn answer(&mut self, to: &str, what: &str) {
        self.line("", &format!("   {to} ← {what}"));
    }

    /// What the player is shown.
    pub(super) fn shows(&mut self, who: &str, words: &str) {
        self.line("", &format!("   {who} shows: “{words}”"));
    }

    /// The requests to a service since the last ones: prints them, and fails when they are not the expected ones.
    pub(super) fn requests(&mut self, admin: &Admin, from: &str, expected: &[Expected<'_>]) -> Result<Vec<Entry>> {
        let found = self.unchecked_requests(admin.requests()?);
        self.told_requests(from, &found, expected)?;
        Ok(found)
    }

    /// The same for requests at hand.
    pub(super) fn told_requests(&mut self, from: &str, found: &[Entry], expected: &[Expected<'_>]) -> Result {
        for (index, entry) in found.iter().enumerate() {
            let note = expected.get(index).map_or("not expected", |(_, _, note)| note);
            let code = entry.error_code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
            let meaning = if note.is_empty() { String::new() } else { format!("  {note}") };
            let (service, path) = told(&entry.path);
            let (who, request) = (format!("{from} → {service}"), format!("{} {path}", entry.method));
            self.line(DIM, &format!("      {who:<21} {request:<44} {}{code}{meaning}", entry.status));
        }
        let is: Vec<String> = found.iter().map(Entry::line).collect();
        let should: Vec<String> = expected.iter().map(|(request, status, _)| format!("{request} {status}")).collect();
        if is == should {
            return Ok(());
        }
        Err(format!("the {from} should have sent [{}] and sent [{}]", should.join(", "), is.join(", ")))
    }

    /// Without the preflights, which browsers send on their own.
    pub(super) fn unchecked_requests(&self, entries: Vec<Entry>) -> Vec<Entry> {
        entries.into_iter().filter(|entry| entry.method != "OPTIONS").collect()
    }

    /// A fact: printed when it holds; when not, the story ends here.
    pub(super) fn fact(&mut self, holds: bool, sentence: &str) -> Result {
        if !holds {
            return Err(format!("it does not hold that {sentence}"));
        }
        self.facts += 1;
        self.line(GREEN, &format!("   ✓ {sentence}"));
        Ok(())
    }

    pub(super) fn step_now(&self) -> &str {
        &self.step
    }

    /// Whether any of these texts has slipped in.
    pub(super) fn holds_any(&self, secrets: &[String]) -> bool {
        secrets.iter().any(|secret| self.text.contains(secret.as_str()))
    }

    pub(super) fn save(&self, path: &Path) -> Result {
        files::write(path, &self.text)
    }

    pub(super) fn summary(&mut self, kept: &Path) {
        let (steps, facts) = (self.steps, self.facts);
        self.line("", "");
        self.line(GREEN, &format!("✓ {steps} steps, {facts} facts checked, nothing failed"));
        self.line(DIM, &format!("  this transcript: {}", kept.display()));
    }

    fn line(&mut self, style: &str, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        let mut out = std::io::stdout();
        // Whoever closed the other end does not want to read on.
        let _ = if self.colour && !style.is_empty() {
            writeln!(out, "\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            writeln!(out, "{text}")
        };
    }
}

/// The service a path leads to, and the path as that service has it: a title of PlayFab's is a host, and only here a part
/// of the path.
fn told(path: &str) -> (&'static str, &str) {
    match path.strip_prefix("/playfab/") {
        Some(rest) => ("PlayFab", rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(path)),
        None if path.starts_with("/api/") => ("Xsolla", path),
        None => ("RallyHere", path),
    }
}
