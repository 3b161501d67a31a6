//! What a release has promised: struct layouts, symbols and numbers may be added to, and change only with a new high half
//! of the ABI version. The tables of the last release lie in `pkg-templates/c/abi/released`; before the first there are
//! none, and everything may still change.

use std::path::Path;

use crate::{Output, Result, read};

const TABLES: [&str; 3] = ["layout.csv", "constants.csv", "symbols.txt"];

pub(crate) fn check(folder: &Path, outputs: &[Output], abi_version: u32) -> Result {
    if !folder.exists() {
        return Ok(());
    }
    let mut broken = Vec::new();
    for table in TABLES {
        let old = read(&folder.join(table))?;
        let new = outputs.iter().find(|(name, _)| name.ends_with(table)).map(|(_, text)| text.as_str());
        broken.extend(lost(&old, new.unwrap_or_default()));
    }
    let version = read(&folder.join("constants.csv"))?;
    let released = version
        .lines()
        .find_map(|line| line.strip_prefix("PLAYERLINK_ABI_VERSION,u32,")?.parse::<u32>().ok())
        .ok_or("the released constants have no PLAYERLINK_ABI_VERSION")?;
    if broken.is_empty() || abi_version >> 16 > released >> 16 {
        return Ok(());
    }
    Err(format!(
        "the last release promised what is changed or gone now:\n  {}\nput it back, or raise the high half of \
         PLAYERLINK_ABI_VERSION",
        broken.join("\n  ")
    ))
}

/// The lines of `old` that `new` does not have. A struct may grow at its end and the ABI's version may rise.
fn lost(old: &str, new: &str) -> Vec<String> {
    let kept: Vec<&str> = new.lines().collect();
    old.lines()
        .filter(|line| !line.contains("(size and alignment)") && !line.starts_with("PLAYERLINK_ABI_VERSION,"))
        .filter(|line| !kept.contains(line))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_breaks_nothing_and_what_is_moved_does() {
        let old = "a,size,0,4,0,4\na,(size and alignment),4,4,4,4\n";
        assert!(lost(old, "a,size,0,4,0,4\na,more,4,4,4,4\na,(size and alignment),4,8,4,8\n").is_empty());
        assert_eq!(lost(old, "a,new,0,4,0,4\na,size,4,4,4,4\n"), ["a,size,0,4,0,4"]);
    }
}
