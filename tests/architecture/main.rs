//! The architecture of the source: crates and files import in one direction, and docs/architecture.md shows it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cycles;
mod files;
mod picture;
mod workspace;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
