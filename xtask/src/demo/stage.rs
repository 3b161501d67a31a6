//! Sets the stage: builds what is needed, installs the npm package where the examples expect it, starts the programs on
//! free loopback ports. Dropping it ends them all.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::actor::Actor;
use super::admin::Admin;
use crate::process::{cargo, npm, progress, run, run_quietly, works};
use crate::wasm::Mode;
use crate::{Result, files, native, setup};

pub(super) struct Stage {
    pub(super) admin: Admin,
    /// The emulator's address, which is also RallyHere's base URL.
    pub(super) emulator_url: String,
    pub(super) server_url: String,
    pub(super) site_url: String,
    /// Where the player's pictures and the transcript go.
    pub(super) folder: PathBuf,
    pub(super) game_server: Actor,
    /// What game server and companion site prove themselves with to each other, made up for this run.
    pub(super) companion_secret: String,
    /// The one that knows PlayFab.
    pub(super) node_server: Actor,
    node_server_url: String,
    /// The console in C, or why the one in Rust plays.
    pub(super) console_in_c: std::result::Result<PathBuf, &'static str>,
    // In this order they end: the browser first, the services it talks to last.
    browser: Option<Actor>,
    pub(super) site: Actor,
    emulator: Actor,
}

impl Stage {
    pub(super) fn set() -> Result<Self> {
        node_is_here()?;
        let tarball = crate::npm::build(Mode::Plain, &files::root().join("dist/npm"))?;
        let packages = setup::npm_packages("tests/js")?;
        let chromium = setup::browser()?;
        progress("demo", "building the emulator, the game server and the console");
        run(cargo().args(["build", "-p", "emulator", "-p", "playerlink", "--bin", "emulator"]).args([
            "--example",
            "game-server",
            "--example",
            "console",
        ]))?;
        let console_in_c = native::console()?;
        for example in ["companion-site", "node-launcher", "node-game-server"] {
            install(&tarball, &files::root().join("examples").join(example))?;
        }
        let folder = files::target().join("demo");
        files::create_folder(&folder)?;

        progress("demo", "starting the emulator, the game server, the companion site and a browser");
        let emulator =
            Actor::start("emulator", Command::new(built("emulator")).args(["--exit-with-stdin", "--port", "0"]))?;
        let emulator_url = emulator.address()?;
        let xsolla_url = format!("{emulator_url}/api");
        let node_server = Actor::start(
            "Node game server",
            Command::new("node")
                .args(["server.mjs", "--exit-with-stdin"])
                .current_dir(files::root().join("examples/node-game-server"))
                .env("PORT", "0")
                .env("PLAYFAB_URL", playfab_url(&emulator_url)),
        )?;
        let node_server_url = node_server.address()?;
        let companion_secret = made_up_secret();
        let site = companion_site(&xsolla_url, &companion_secret, "0")?;
        let site_url = site.address()?;
        let game_server = Actor::start(
            "game server",
            Command::new(built("examples/game-server"))
                .args(["--exit-with-stdin", "--xsolla-url", &xsolla_url, "--companion-url", &site_url])
                .env("COMPANION_SECRET", &companion_secret),
        )?;
        let server_url = game_server.address()?;
        let browser = Actor::start(
            "browser",
            Command::new("node").arg(files::root().join("xtask/src/demo/browser.mjs")).args([
                packages.parent().unwrap_or(&packages),
                &chromium,
                &folder,
            ]),
        )?;
        let admin = Admin::new(&emulator_url);
        let mut stage = Self {
            admin,
            emulator_url,
            server_url,
            site_url,
            folder,
            game_server,
            companion_secret,
            node_server,
            node_server_url,
            console_in_c,
            browser: Some(browser),
            site,
            emulator,
        };
        // Its first line says that Chromium runs.
        stage.browser_mut()?.hear()?;
        Ok(stage)
    }

    /// The entry of the installed package, as it was packed.
    pub(super) fn installed_entry(&self) -> Result<String> {
        files::read(&files::root().join("examples/companion-site/node_modules/playerlink/index.js"))
    }

    /// A console of the player with that platform ticket.
    pub(super) fn console(&self, name: &'static str, ticket: &str) -> Result<Actor> {
        let mut command = match &self.console_in_c {
            Ok(program) => Command::new(program),
            Err(_) => Command::new(built("examples/console")),
        };
        let console = Actor::start(name, command.args(["--json", "--server", &self.server_url, "--ticket", ticket]))?;
        console.hear()?;
        Ok(console)
    }

    /// The launcher, which plays its part from beginning to end.
    pub(super) fn launcher(&self) -> Result<Vec<Value>> {
        Actor::start(
            "Node launcher",
            Command::new("node")
                .args(["launcher.mjs", "--json"])
                .current_dir(files::root().join("examples/node-launcher"))
                .env("RALLYHERE_URL", &self.emulator_url),
        )?
        .finish()
    }

    /// The game on Steam, from beginning to end.
    pub(super) fn steam_game(&self) -> Result<Vec<Value>> {
        Actor::start(
            "Steam game",
            Command::new("node")
                .args(["steam.mjs", "--json"])
                .current_dir(files::root().join("examples/node-launcher"))
                .env("XSOLLA_URL", format!("{}/api", self.emulator_url)),
        )?
        .finish()
    }

    /// The game whose players share a Nintendo account, from beginning to end.
    pub(super) fn nintendo_game(&self) -> Result<Vec<Value>> {
        Actor::start(
            "game",
            Command::new("node")
                .args(["nintendo.mjs", "--json"])
                .current_dir(files::root().join("examples/node-launcher"))
                .env("PLAYFAB_URL", playfab_url(&self.emulator_url))
                .env("GAME_SERVER_URL", &self.node_server_url),
        )?
        .finish()
    }

    /// Has the browser do something, and fails when it could not or when the page complained.
    pub(super) fn browse(&mut self, what: &str, mut with: Value) -> Result<Value> {
        if let Some(members) = with.as_object_mut() {
            members.insert("do".into(), json!(what));
        }
        let answer = self.browser_mut()?.ask(&with.to_string())?;
        if let Some(failed) = answer.get("failed").and_then(Value::as_str) {
            return Err(format!("in the browser, {failed}"));
        }
        match answer.get("complaints").and_then(Value::as_array) {
            Some(complaints) if !complaints.is_empty() => Err(format!("the page complains: {}", json!(complaints))),
            _ => Ok(answer),
        }
    }

    fn browser_mut(&mut self) -> Result<&mut Actor> {
        self.browser.as_mut().ok_or_else(|| "the browser is closed".to_owned())
    }

    pub(super) fn close_browser(&mut self) {
        self.browser = None;
    }

    /// The companion site anew at the same address: it forgets the links that it was told of.
    pub(super) fn restart_site(&mut self) -> Result {
        let port = self.site_url.rsplit(':').next().unwrap_or("0").to_owned();
        self.site.end();
        self.site = companion_site(&format!("{}/api", self.emulator_url), &self.companion_secret, &port)?;
        self.site.address().map(|_| ())
    }

    pub(super) fn addresses(&self) -> String {
        format!("emulator {}   game server {}   companion site {}", self.emulator_url, self.server_url, self.site_url)
    }

    pub(super) fn invitation(&self) -> String {
        format!(
            "\nEverything starts afresh and keeps running until Ctrl-C:\n\n  \
             companion page  {site}/?demo     (sign in as nova, password correct-horse)\n  \
             emulator        {emulator}     RallyHere; Xsolla Login under /api, PlayFab under /playfab/ABCD1;\n  \
             its log         {emulator}/__emulator/log\n  \
             game server     {server}\n  \
             … for PlayFab   {node_server}\n\n\
             Your own console, in another terminal (type sign-in, then link and the code from the page):\n\n  \
             cargo run --example console -- --server {server} --ticket test-ticket-alex\n",
            site = self.site_url,
            emulator = self.emulator_url,
            server = self.server_url,
            node_server = self.node_server_url
        )
    }

    /// What the programs said last on standard error, for an error message that does not tell it already.
    pub(super) fn last_words(&self, error: &str) -> String {
        let actors = [
            Some(&self.game_server),
            Some(&self.node_server),
            self.browser.as_ref(),
            Some(&self.site),
            Some(&self.emulator),
        ];
        let words = actors.into_iter().flatten().map(Actor::last_words);
        words.filter(|words| !error.contains(words.as_str())).collect()
    }
}

fn companion_site(xsolla_url: &str, secret: &str, port: &str) -> Result<Actor> {
    Actor::start(
        "companion site",
        Command::new("node")
            .args(["server.mjs", "--exit-with-stdin"])
            .current_dir(files::root().join("examples/companion-site"))
            .env("XSOLLA_URL", xsolla_url)
            .env("COMPANION_SECRET", secret)
            .envs([("PORT", port), ("DEMO_USER", "nova"), ("DEMO_PASSWORD", "correct-horse")]),
    )
}

/// 64 characters that no other run has. Good enough on loopback and for minutes; a real one comes from a real generator.
fn made_up_secret() -> String {
    (0..4).map(|_| format!("{:016x}", RandomState::new().hash_one(std::process::id()))).collect()
}

/// PlayFab's base URL: the fixture's title.
fn playfab_url(emulator_url: &str) -> String {
    format!("{emulator_url}/playfab/ABCD1")
}

fn node_is_here() -> Result {
    let missing = |what: &str| {
        Err(format!(
            "{what} is missing: install Node.js 20.19 or later, with npm, from https://nodejs.org or your system's packages"
        ))
    };
    if !works(Command::new("node").arg("--version")) {
        return missing("Node.js");
    }
    if works(npm().arg("--version")) { Ok(()) } else { missing("npm") }
}

fn built(name: &str) -> PathBuf {
    files::target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Installs the tarball as a user would, into the example's own folder. Offline: it has no dependencies.
fn install(tarball: &Path, example: &Path) -> Result {
    let installed = example.join("node_modules/playerlink/package.json");
    let inputs = files::fingerprint(&[tarball.to_owned(), example.join("package.json")])?;
    files::create_folder(&example.join("node_modules"))?;
    files::when_changed(&example.join("node_modules/.playerlink-stamp"), inputs, &installed, || {
        progress("demo", &format!("installing the packed npm package into {}", example.display()));
        run_quietly(
            npm()
                .args(["install", "--no-save", "--offline", "--no-audit", "--no-fund"])
                .arg(tarball)
                .current_dir(example),
        )
    })
}
