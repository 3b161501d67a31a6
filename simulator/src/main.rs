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
