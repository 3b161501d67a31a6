//! Linking codes: how they are shown.

pub mod format;
