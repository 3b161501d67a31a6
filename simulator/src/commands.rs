//! What the command line can do, and what it prints.

use std::collections::BTreeMap;
use std::time::Instant;

#[cfg(feature = "mutants")]
use emulator::rallyhere::Rotation;
#[cfg(feature = "mutants")]
use simulator::{Act, Explored, Scope, explore, replay};
use simulator::{Invariant, Plan, Violation, play, rotation_word, shrink};

/// How many different failures are made small and printed.
const SHOWN: usize = 3;
/// How many failing seeds are named for each invariant.
const NAMED: usize = 40;
/// The most paths of one small world; none comes near it.
#[cfg(feature = "mutants")]
const MOST_PATHS: usize = 1_000_000;

/// Plays one seed with its trace.
pub(crate) fn seed(seed: u64) -> bool {
    let plan = Plan::of_seed(seed);
    let outcome = play(&plan, true);
    print_plan(&plan);
    outcome.trace.iter().for_each(|line| println!("{line}"));
    match outcome.violation {
        None => {
            println!("\nseed {seed}: all invariants hold");
            true
        }
        Some(violation) => {
            print_violation(&violation);
            print_small(&plan, violation.invariant);
            false
        }
    }
}

/// Plays many seeds.
pub(crate) fn seeds(from: u64, count: u64) -> bool {
    let begin = now();
    let mut failures: BTreeMap<Invariant, Vec<u64>> = BTreeMap::new();
    for seed in from..from.saturating_add(count) {
        if let Some(violation) = play(&Plan::of_seed(seed), false).violation {
            failures.entry(violation.invariant).or_default().push(seed);
        }
    }
    let failed: usize = failures.values().map(Vec::len).sum();
    println!("{count} seeds from {from}: {failed} failed, {:.1} s", begin.elapsed().as_secs_f64());
    for (invariant, seeds) in &failures {
        let some: Vec<String> = seeds.iter().take(NAMED).map(u64::to_string).collect();
        println!("  {:<34} {:>6} times, seeds {}", invariant.name(), seeds.len(), some.join(" "));
    }
    for (invariant, seeds) in failures.iter().take(SHOWN) {
        let Some(seed) = seeds.first() else { continue };
        println!("\nseed {seed}: {} does not hold", invariant.name());
        print_small(&Plan::of_seed(*seed), *invariant);
    }
    failures.is_empty()
}

/// Explores the small worlds: all, or those that are quick.
#[cfg(feature = "mutants")]
pub(crate) fn exhaustive(all: bool) -> Result<bool, String> {
    let begin = now();
    let mut good = true;
    let (mut states, mut paths) = (0, 0);
    println!(
        "two tabs, signed in, asleep until past their token's end; every call to the host is a point at which anything\n\
         else may come first; time moves when nothing else can; the tabs' own timers ring in their order\n"
    );
    for rotation in MODES {
        for scope in scopes(rotation, all) {
            let explored = explore(&scope, MOST_PATHS);
            print_explored(&scope, &explored);
            good &= explored.complete && explored.violation.is_none();
            states += explored.states;
            paths += explored.paths;
        }
    }
    println!("\n{states} states, {paths} paths, {:.1} s", begin.elapsed().as_secs_f64());
    if !all {
        println!("not the whole scope: all events in one world are explored without `--quick`");
    }
    Ok(good)
}

#[cfg(not(feature = "mutants"))]
pub(crate) fn exhaustive(_: bool) -> Result<bool, String> {
    Err("this build cannot tell what a session knows; build with `--features mutants`".into())
}

#[cfg(feature = "mutants")]
const MODES: [Rotation; 3] = [Rotation::Reusable, Rotation::Strict, Rotation::Grace(30)];

/// The small worlds of a rotation mode, quick ones first. The last one has everything in it.
#[cfg(feature = "mutants")]
fn scopes(rotation: Rotation, all: bool) -> Vec<Scope> {
    let token = (0, Act::Tokens(1));
    let refresh = (1, Act::Refresh);
    let logout = (1, Act::Logout);
    let scope = |acts: &[(usize, Act)], crashes: &[usize], messages| Scope {
        rotation,
        locks: true,
        acts: acts.to_vec(),
        crashes: crashes.to_vec(),
        loses_answer: true,
        messages,
    };
    let mut scopes = vec![
        scope(&[token, refresh], &[0, 1], false),
        scope(&[token, refresh, logout], &[], false),
        scope(&[token, logout], &[0, 1], false),
    ];
    if all {
        scopes.push(scope(&[token, refresh], &[0, 1], true));
        scopes.push(scope(&[token, logout], &[0, 1], true));
        scopes.push(scope(&[token, refresh, logout], &[0, 1], false));
    }
    scopes
}

#[cfg(feature = "mutants")]
fn print_explored(scope: &Scope, explored: &Explored) {
    let what = describe(scope);
    let complete = if explored.complete { "all" } else { "STOPPED" };
    println!(
        "{:<14} {what:<58} {complete:>4}: {:>6} states {:>6} paths {:>6} ends, depth {}",
        rotation_word(scope.rotation),
        explored.states,
        explored.paths,
        explored.ends,
        explored.depth
    );
    if let Some((violation, path)) = &explored.violation {
        replay(scope, path).trace.iter().for_each(|line| println!("    {line}"));
        print_violation(violation);
    }
}

#[cfg(feature = "mutants")]
fn describe(scope: &Scope) -> String {
    let mut words: Vec<&str> = scope
        .acts
        .iter()
        .map(|(_, act)| match act {
            Act::Tokens(_) => "token",
            Act::Refresh => "refresh",
            Act::Logout => "sign-out",
            _ => "act",
        })
        .collect();
    for (holds, word) in [
        (!scope.crashes.is_empty(), "crash of either"),
        (scope.loses_answer, "lost answer"),
        (scope.messages, "messages between tabs"),
    ] {
        if holds {
            words.push(word);
        }
    }
    words.join(", ")
}

/// Plants the bugs.
#[cfg(feature = "mutants")]
pub(crate) fn mutants() -> Result<bool, String> {
    use playerlink::simulation::{Mutant, plant};

    const MOST_SEEDS: u64 = 1_000;
    let begin = now();
    let mut good = true;
    println!("{:<24} {:<44} exhaustive", "mutant", "seeds");
    for mutant in Mutant::ALL {
        let caught = (0..MOST_SEEDS).find_map(|seed| {
            let plan = Plan::of_seed(seed);
            plant(Some(mutant));
            let violation = play(&plan, false).violation;
            plant(None);
            // Only what the planted bug has done counts.
            let violation = violation?;
            play(&plan, false).violation.is_none().then_some((seed, violation))
        });
        let outside = out_of_scope(mutant);
        let explored = MODES.into_iter().filter(|_| outside.is_none()).find_map(|rotation| {
            scopes(rotation, true).into_iter().find_map(|scope| {
                plant(Some(mutant));
                let violation = explore(&scope, MOST_PATHS).violation;
                plant(None);
                violation.map(|(violation, _)| (scope, violation))
            })
        });
        let by_seed = match &caught {
            Some((seed, violation)) => format!("seed {seed}: {}", violation.invariant.name()),
            None => "NOT CAUGHT".to_owned(),
        };
        let by_all = match &explored {
            Some((scope, violation)) => format!("{} ({})", violation.invariant.name(), rotation_word(scope.rotation)),
            None => outside.map_or_else(|| "NOT CAUGHT".to_owned(), |why| format!("out of scope: {why}")),
        };
        good &= caught.is_some() && (explored.is_some() || outside.is_some());
        println!("{:<24} {by_seed:<44} {by_all}", mutant.name());
    }
    println!("\n{:.1} s", begin.elapsed().as_secs_f64());
    Ok(good)
}

/// Why the small worlds cannot show a bug.
#[cfg(feature = "mutants")]
fn out_of_scope(mutant: playerlink::simulation::Mutant) -> Option<&'static str> {
    use playerlink::simulation::Mutant;
    match mutant {
        Mutant::BusyIsTerminal => Some("no 429 in the small worlds"),
        Mutant::ReplayWithoutReread => Some("who replays has the lock, so nobody rotates meanwhile"),
        Mutant::WallClockExpiry => Some("no clock is set in the small worlds"),
        Mutant::Restless => Some("looks are not counted in the small worlds"),
        Mutant::AwaitHandlers => Some("no listener calls the session in the small worlds"),
        _ => None,
    }
}

#[cfg(not(feature = "mutants"))]
pub(crate) fn mutants() -> Result<bool, String> {
    Err("this build has no mutants; build with `--features mutants`".into())
}

/// The load of many clients.
#[cfg(feature = "mutants")]
pub(crate) fn fleet(clients: u64) -> Result<bool, String> {
    use simulator::{Fleet, Stretch};

    const HOUR_MS: u64 = 3_600_000;
    const MINUTE_S: usize = 60;
    let fleet = Fleet { clients, ttl_ms: HOUR_MS, sign_in_ms: 60_000, length_ms: 8 * HOUR_MS, outage: (0, 0) };
    let mut good = true;
    let mut judge = |what: &str, stretch: Stretch| {
        let holds = stretch.ratio() <= 2.0;
        good &= holds;
        println!(
            "  {what:<24} {:>4}–{:<4} min  peak {:>7}/s  mean {:>9.1}/s  ratio {:.2} {}",
            stretch.from_s / MINUTE_S,
            stretch.until_s / MINUTE_S,
            stretch.peak,
            stretch.mean,
            stretch.ratio(),
            if holds { "" } else { "  OVER 2" }
        );
    };
    let calm = fleet.play(&format!("{clients} clients, tokens of one hour"));
    println!("{clients} clients, signed in within a minute, tokens of an hour, 8 hours\n\n{}", calm.text(5 * MINUTE_S));
    println!("each wave; peak and mean over the seconds that hold the middle 95 % of its requests:");
    for life in 1..8 {
        // The n-th refresh comes between n times the earliest moment and n times the latest.
        judge(&format!("refresh {life}"), calm.middle(life * 54 * MINUTE_S, life * 56 * MINUTE_S + MINUTE_S + 1));
    }
    let (from, until) = (50 * MINUTE_S, 60 * MINUTE_S);
    let outage = (from as u64 * 1_000, until as u64 * 1_000);
    let title = format!("{clients} clients, no answers from minute 50 to 60");
    let hit = Fleet { outage, length_ms: 2 * HOUR_MS, ..fleet }.play(&title);
    println!("\nno answers from minute 50 to 60, when every client wants a refresh\n\n{}", hit.text(MINUTE_S));
    println!("after the outage, until all are served; the same rule:");
    judge("the first two minutes", hit.middle(until, until + 2 * MINUTE_S));
    judge("the next refresh", hit.middle(until + 52 * MINUTE_S, 2 * 60 * MINUTE_S));
    let within = hit.stretch(from, until);
    println!(
        "in the outage itself: {:.1} requests a client, at most {}/s",
        within.mean * 600.0 / clients as f64,
        within.peak
    );
    let folder = std::path::Path::new(&std::env::var("SIM_OUT").unwrap_or_else(|_| "target".into())).to_path_buf();
    for (name, load) in [("fleet.svg", &calm), ("fleet-outage.svg", &hit)] {
        let path = folder.join(name);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        std::fs::write(&path, load.svg()).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(good)
}

#[cfg(not(feature = "mutants"))]
pub(crate) fn fleet(_: u64) -> Result<bool, String> {
    Err("this build does not have the fleet's policy; build with `--features mutants`".into())
}

fn print_small(plan: &Plan, invariant: Invariant) {
    let small = shrink(plan, invariant);
    println!("\nas small as it gets:");
    print_plan(&small);
    let outcome = play(&small, true);
    outcome.trace.iter().for_each(|line| println!("{line}"));
    if let Some(violation) = &outcome.violation {
        print_violation(violation);
    }
    println!("all of it: cargo xtask sim --seed {}", plan.seed);
}

fn print_plan(plan: &Plan) {
    let setup = &plan.setup;
    println!(
        "seed {}: {} tabs, tokens of {} s, refresh tokens {}, {} locks, {} store, wall clock {} ms off, drift {} ppm, {} % of \
         messages lost{}",
        plan.seed,
        setup.tabs,
        setup.ttl_s,
        rotation_word(setup.rotation),
        if setup.locks { "with" } else { "without" },
        if setup.atomic { "atomic" } else { "two-step" },
        setup.skew_ms,
        setup.drift_ppm,
        setup.lost_messages,
        if setup.reentrant { ", listeners that call again" } else { "" }
    );
    plan.steps.iter().for_each(|step| println!("  {step:?}"));
}

fn print_violation(violation: &Violation) {
    println!(
        "\n{} at {}.{:03} s: {}\n  the invariant: {}",
        violation.invariant.name(),
        violation.at / 1_000,
        violation.at % 1_000,
        violation.what,
        violation.invariant.sentence()
    );
}

#[expect(clippy::disallowed_methods, reason = "how long the simulator itself takes, for the person who waits")]
fn now() -> Instant {
    Instant::now()
}
