//! The functions of the C ABI, as thin as can be: read what came in, do it, write what goes out.
//!
//! # Safety
//! One contract for all of them, which is the header's: a pointer is NULL or leads to what its type says, for as many
//! bytes as `struct_size` or the length beside it say, until the call is over; what is written to is nobody else's then;
//! functions that are handed in are what their types say.

#![expect(clippy::missing_safety_doc, reason = "said once, above; the functions' own words are those of the header")]

pub mod accounts;
pub mod allocator;
pub mod client;
pub mod completing;
pub mod linking;
pub mod session;
pub mod version;
