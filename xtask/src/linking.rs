//! `cargo xtask test linking`: linking codes, from what is drawn to what is said.

use crate::process::{progress, run};
use crate::{Result, files, js, setup};

/// All of it.
pub(crate) fn test() -> Result {
    faces()
}

/// The elements in Chromium and Firefox, the languages, the terminal. Pictures of every state come into `target/linking/`.
fn faces() -> Result {
    let mut node = js::runner()?;
    let firefox = setup::firefox()?.unwrap_or_default();
    progress("test", "the faces of linking codes in Chromium, in Firefox and on a terminal");
    run(node.env("FIREFOX", firefox).env("PICTURES", files::target().join("linking")).args(js::test_files("linking")?))
}
