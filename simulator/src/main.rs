//! The command line: `cargo xtask sim …`.

use simulator::{Plan, play, shrink};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    if let Some(seed) = number("--seed") {
        let plan = Plan::of_seed(seed);
        let outcome = play(&plan, true);
        println!("{:#?}", plan);
        outcome.trace.iter().for_each(|line| println!("{line}"));
        println!("{:?}", outcome.violation);
    }
    if let Some(limit) = number("--exhaustive") {
        for rotation in [
            emulator::rallyhere::Rotation::Reusable,
            emulator::rallyhere::Rotation::Strict,
            emulator::rallyhere::Rotation::Grace(30),
        ] {
            for (crashes, loses, logout) in [
                (0, false, false),
                (0, true, false),
                (2, false, false),
                (0, false, true),
                (0, true, true),
                (2, true, false),
                (2, true, true),
            ] {
                let mut acts = vec![(0, simulator::Act::Tokens(1)), (1, simulator::Act::Refresh)];
                if logout {
                    acts.push((1, simulator::Act::Logout));
                }
                let scope = simulator::Scope {
                    rotation,
                    locks: true,
                    acts,
                    crashes: (0..crashes).collect(),
                    loses_answer: loses,
                };
                let explored = simulator::explore(&scope, limit as usize);
                println!(
                    "{rotation:?} crashes {crashes} loses {loses} logout {logout}: {} states {} paths {} ends depth {} complete {}",
                    explored.states, explored.paths, explored.ends, explored.depth, explored.complete
                );
                if let Some((violation, path)) = explored.violation {
                    println!("{violation:?}");
                    simulator::replay(&scope, &path).trace.iter().for_each(|line| println!("    {line}"));
                }
            }
        }
    }
    if let Some(count) = number("--seeds") {
        let mut by = std::collections::BTreeMap::new();
        for seed in 0..count {
            if let Some(violation) = play(&Plan::of_seed(seed), false).violation {
                let kind: String = violation.what.chars().filter(|c| !c.is_ascii_digit()).collect();
                let entry = by.entry((violation.invariant, kind)).or_insert((0, seed, violation.what));
                entry.0 += 1;
            }
        }
        for ((invariant, _), (count, seed, what)) in by {
            println!("{} ×{count}, e.g. seed {seed}: {what}", invariant.name());
            let plan = shrink(&Plan::of_seed(seed), invariant);
            let outcome = play(&plan, true);
            println!("  {:?}", plan.setup);
            for step in &plan.steps {
                println!("  {step:?}");
            }
            outcome.trace.iter().for_each(|line| println!("    {line}"));
            println!("    {:?}", outcome.violation);
        }
    }
}
