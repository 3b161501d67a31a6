//! `cargo xtask demo`: the emulator, two game servers, a console, a companion site in Chromium and Node launchers, all on
//! loopback, play the story of one player. The programs are the ones in `examples/`; each ✓ is a fact that was checked.

mod actor;
mod admin;
mod companion;
mod faults;
mod playfab;
mod rallyhere;
mod stage;
mod steam;
mod tale;
mod transcript;
mod xsolla;

use std::io::Read as _;

use stage::Stage;
use transcript::Transcript;

use crate::{Result, files};

pub(crate) fn run(arguments: &[String]) -> Result {
    let usage = || "usage: cargo xtask demo [--open | --faults SEED]".to_owned();
    let (open, seed) = match arguments {
        [] => (false, None),
        [one] if one == "--open" => (true, None),
        [one, seed] if one == "--faults" => (false, Some(seed.parse().map_err(|_| usage())?)),
        _ => return Err(usage()),
    };
    let mut stage = Stage::set()?;
    let mut transcript = Transcript::new();
    let told = play(&mut stage, &mut transcript, seed);
    let path = files::target().join("demo/transcript.txt");
    if let Err(error) = told {
        let error = format!("{} failed: {error}{}", transcript.step_now(), stage.last_words(&error));
        // It shows how far the story came; the error counts more than whether that could be kept.
        let _ = transcript.save(&path);
        return Err(error);
    }
    transcript.summary(&path);
    transcript.save(&path)?;
    if open { leave_open(stage) } else { Ok(()) }
}

fn play(stage: &mut Stage, transcript: &mut Transcript, seed: Option<u64>) -> Result {
    transcript.opening(&stage.addresses());
    let planned = seed.map(|seed| faults::plan(&stage.admin, transcript, seed)).transpose()?;
    xsolla::play(stage, transcript)?;
    steam::play(stage, transcript)?;
    rallyhere::play(stage, transcript)?;
    playfab::play(stage, transcript)?;
    match planned {
        Some(planned) => faults::met(&stage.admin, transcript, planned),
        None => Ok(()),
    }
}

/// Keeps everything running, as if nothing had happened yet, until Ctrl-C or until standard input closes.
fn leave_open(mut stage: Stage) -> Result {
    stage.close_browser();
    stage.admin.post("/__emulator/reset", "{}")?;
    stage.restart_site()?;
    println!("{}", stage.invitation());
    let mut sink = [0; 64];
    while std::io::stdin().read(&mut sink).is_ok_and(|count| count > 0) {}
    println!("stopped");
    Ok(())
}
