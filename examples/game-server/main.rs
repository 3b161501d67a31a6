//! A game server: the one place that holds the Xsolla server secret. It signs console players in by custom id and links
//! their platform account to the main account whose code they typed. Two routes, `POST /sign-in` and `POST /link`: the
//! contract of `docs/link-by-code.md`. With `--companion-url` it tells the page that showed the code.
//!
//! ```sh
//! cargo run -p emulator -- --port 4000
//! cargo run --example game-server -- --xsolla-url http://127.0.0.1:4000/api --port 4001
//! ```

mod attempts;
mod companion;
mod platform;
mod routes;

use std::error::Error;
use std::io::{Read as _, Write as _};

use companion::Companion;
use platform::VerifiedPlayer;
use playerlink::Secret;
use playerlink::host::NativeHost;
use playerlink::xsolla::server::{ServerConfig, XsollaServer};

const USAGE: &str = "\
usage: game-server --xsolla-url URL [--companion-url URL] [--port N] [--exit-with-stdin]
  --companion-url URL  the companion site, which is told of each link
  environment: XSOLLA_CLIENT_ID, XSOLLA_CLIENT_SECRET, XSOLLA_PUBLISHER_PROJECT (the emulator's test values when the URL
  is on loopback), COMPANION_SECRET with --companion-url. A secret on the command line would be visible to every program
  of this machine.";

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read(std::env::args().skip(1)).map_err(|wrong| format!("{wrong}\n{USAGE}"))?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(run(options))
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let host = NativeHost::new()?;
    let config = ServerConfig::client(options.client_id, options.client_secret)
        .publisher_project_id(options.publisher_project)
        .base_url(&options.xsolla_url);
    let router = routes::router(XsollaServer::new(config, host.clone())?, options.companion, host);

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port)).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "game server listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;

    let (gone, stop) = tokio::sync::oneshot::channel::<()>();
    if options.exit_with_stdin {
        std::thread::spawn(move || {
            let mut sink = [0; 64];
            while std::io::stdin().read(&mut sink).is_ok_and(|count| count > 0) {}
            drop(gone);
        });
        tokio::select! {
            result = axum::serve(listener, router) => result?,
            _ = stop => {}
        }
    } else {
        axum::serve(listener, router).await?;
    }
    Ok(())
}

struct Options {
    xsolla_url: String,
    port: u16,
    exit_with_stdin: bool,
    client_id: String,
    client_secret: Secret,
    publisher_project: u64,
    companion: Option<Companion>,
}

impl Options {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut url, mut companion_url, mut port, mut exit_with_stdin) = (None, None, 0, false);
        while let Some(name) = given.next() {
            let mut value = || given.next().ok_or_else(|| format!("{name} needs a value"));
            match name.as_str() {
                "--xsolla-url" => url = Some(value()?),
                "--companion-url" => companion_url = Some(value()?),
                "--port" => port = value()?.parse().map_err(|_| "--port needs a number up to 65535".to_owned())?,
                "--exit-with-stdin" => exit_with_stdin = true,
                other => return Err(format!("unknown option {other}")),
            }
        }
        let xsolla_url = url.ok_or("--xsolla-url is missing")?;
        let emulated = ["http://127.0.0.1:", "http://localhost:"].iter().any(|local| xsolla_url.starts_with(local));
        let setting = |name: &str, test_value: &str| match std::env::var(name) {
            Ok(value) => Ok(value),
            Err(_) if emulated => Ok(test_value.to_owned()),
            Err(_) => Err(format!("{name} is not set")),
        };
        let companion = companion_url.map(|url| {
            let secret = std::env::var("COMPANION_SECRET").map_err(|_| "COMPANION_SECRET is not set".to_owned())?;
            Ok::<_, String>(Companion::new(&url, secret.into()))
        });
        Ok(Self {
            companion: companion.transpose()?,
            client_id: setting("XSOLLA_CLIENT_ID", "59")?,
            client_secret: Secret::new(setting("XSOLLA_CLIENT_SECRET", "server-client-secret")?),
            publisher_project: setting("XSOLLA_PUBLISHER_PROJECT", "44056")?
                .parse()
                .map_err(|_| "XSOLLA_PUBLISHER_PROJECT is a number".to_owned())?,
            xsolla_url,
            port,
            exit_with_stdin,
        })
    }
}

/// One line of the log. Never a ticket, a code, a token or a secret.
fn log(call: &str, player: &VerifiedPlayer, outcome: &str) {
    eprintln!("{call} {player} {outcome}");
}
