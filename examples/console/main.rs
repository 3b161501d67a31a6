//! The game on a console. It knows its game server and nothing else: no Xsolla secret, no main account's password. What
//! it holds is the platform token that the server hands it, as a session.
//!
//! ```sh
//! cargo run --example console -- --server http://127.0.0.1:4001 --ticket test-ticket-alex
//! ```
//! Then type `sign-in`, `link 123456`, `who` or `quit`. The code comes from standard input, never from the command line,
//! where every program of the machine could read it.

mod game_server;

use std::error::Error;
use std::io::{BufRead as _, Write as _};

use game_server::{GameServer, Refusal};
use playerlink::Secret;
use playerlink::host::NativeHost;
use playerlink::xsolla::{Config, Xsolla, XsollaSession};
use serde_json::{Value, json};

const USAGE: &str = "\
usage: console --server URL --ticket TICKET [--json]
  --server URL     the game server
  --ticket TICKET  what the platform gave this player: test-ticket-alex or test-ticket-robin
  --json           one JSON object a line, for programs";

/// The emulator's shadow project, where platform accounts live, and its public client.
const SHADOW_PROJECT: &str = "0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809";
const SHADOW_CLIENT: &str = "60";

fn main() -> Result<(), Box<dyn Error>> {
    let (server, ticket, json) = read_options(std::env::args().skip(1)).map_err(|w| format!("{w}\n{USAGE}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let host = runtime.block_on(async { NativeHost::new() })?;
    let xsolla = Xsolla::new(Config::project(SHADOW_PROJECT).oauth(SHADOW_CLIENT, ""), host.clone())?;
    let mut console = Console { server: GameServer::new(host, server, ticket), xsolla, session: None, json };

    console.say("ready", json!({}), "sign-in, link CODE, who, quit")?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        match line.trim().split_once(' ').unwrap_or((line.trim(), "")) {
            ("", _) => {}
            ("sign-in", "") => runtime.block_on(console.sign_in())?,
            ("link", code) if !code.is_empty() => runtime.block_on(console.link(&Secret::new(code)))?,
            ("who", "") => console.who()?,
            ("quit", "") => break,
            _ => console.say("unknown", json!({}), "sign-in, link CODE, who, quit")?,
        }
    }
    Ok(())
}

struct Console {
    server: GameServer,
    xsolla: Xsolla<NativeHost>,
    session: Option<XsollaSession<NativeHost>>,
    json: bool,
}

impl Console {
    async fn sign_in(&mut self) -> Result<(), Box<dyn Error>> {
        let token = match self.server.sign_in().await {
            Ok(token) => token,
            Err(refusal) => return self.refused(&refusal),
        };
        self.session = Some(self.xsolla.session_from_token(token).await?);
        self.who()
    }

    /// A link makes the old token stale: it still names the platform account, so the player signs in again at once.
    async fn link(&mut self, code: &Secret) -> Result<(), Box<dyn Error>> {
        match self.server.link(code).await {
            Ok(()) => {
                self.say("linked", json!({ "status": 204 }), "Linked. Signing in again…")?;
                self.sign_in().await
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    fn who(&self) -> Result<(), Box<dyn Error>> {
        match &self.session {
            Some(session) => {
                let id = session.player().player_id;
                self.say("signed-in", json!({ "status": 200, "playerId": id }), &format!("Signed in as {id}"))
            }
            None => self.say("signed-out", json!({}), "Not signed in"),
        }
    }

    fn refused(&self, refusal: &Refusal) -> Result<(), Box<dyn Error>> {
        let facts = json!({
            "status": refusal.status,
            "kind": refusal.kind,
            "code": refusal.code,
            "playerMessage": refusal.player_message,
        });
        self.say("refused", facts, &refusal.player_message)
    }

    fn say(&self, event: &str, mut facts: Value, words: &str) -> Result<(), Box<dyn Error>> {
        let mut out = std::io::stdout();
        if self.json {
            if let Some(members) = facts.as_object_mut() {
                members.insert("event".into(), json!(event));
            }
            writeln!(out, "{facts}")?;
        } else {
            writeln!(out, "{words}")?;
        }
        Ok(out.flush()?)
    }
}

fn read_options(mut given: impl Iterator<Item = String>) -> Result<(String, Secret, bool), String> {
    let (mut server, mut ticket, mut json) = (None, None, false);
    while let Some(name) = given.next() {
        match name.as_str() {
            "--server" => server = given.next(),
            "--ticket" => ticket = given.next().map(Secret::from),
            "--json" => json = true,
            other => return Err(format!("unknown option {other}")),
        }
    }
    Ok((server.ok_or("--server is missing")?, ticket.ok_or("--ticket is missing")?, json))
}
