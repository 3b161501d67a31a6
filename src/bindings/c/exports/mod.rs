//! The functions of the C ABI, as thin as can be: read what came in, do it, write what goes out.

pub mod accounts;
pub mod allocator;
pub mod client;
pub mod completing;
pub mod linking;
pub mod session;
pub mod version;
