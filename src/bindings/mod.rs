//! The languages around the core. Nothing in here decides anything.

#[cfg(all(feature = "ffi", not(feature = "server")))]
pub mod c;
#[cfg(all(feature = "linking-web", target_family = "wasm", target_os = "unknown"))]
mod linking;
#[cfg(all(feature = "web", target_family = "wasm", target_os = "unknown"))]
pub(crate) mod web;

/// The allocator of the published wasm: 1.5 KB smaller than Rust's own one, which the download is worth. What is freed is
/// wiped: tokens come and go as text, in bodies, records and arguments.
#[cfg(all(feature = "web", target_family = "wasm", target_os = "unknown"))]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<rlsf::SmallGlobalTlsf> =
    zeroizing_alloc::ZeroAlloc(rlsf::SmallGlobalTlsf::new());
