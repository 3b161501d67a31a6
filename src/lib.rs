//! playerlink
