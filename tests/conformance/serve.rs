//! The misbehaving service as a program, for the runtimes that are not Rust: prints one line of JSON with the base
//! addresses, and ends when its standard input does. `cargo run --example conformance-server`.

use std::io::{Read, Write};

// `cfg(test)` alone would not do: an example is not a test, and this one is nothing else.
#[allow(clippy::expect_used, clippy::indexing_slicing, reason = "a tool of the tests: it may stop with a message")]
mod server;

fn main() -> std::io::Result<()> {
    let server = server::Server::start();
    let line = serde_json::json!({ "bases": server.bases, "good": server.good });
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    // What was scripted and never asked for was not proved.
    for name in server.unplayed() {
        eprintln!("never played to its end: {name}");
    }
    Ok(())
}
