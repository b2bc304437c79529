//! Replay of the corpus of each fuzz target, so that a fault that was found stays corrected.

#![allow(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a crate of its own where it is fuzzed")]
mod targets;

/// A test for each target, by the name that its module, its program and its corpus share.
macro_rules! replayed {
    ($($target:ident),* $(,)?) => {
        const REPLAYED: &[&str] = &[$(stringify!($target)),*];

        $(#[test]
        fn $target() {
            replay(stringify!($target), targets::$target::run);
        })*
    };
}

replayed! {
    bundle, explain, history, inference, instances, lines, settings, stream, tables,
}

#[test]
fn every_fuzz_target_is_replayed() {
    let programs = files("fuzz_targets");
    let names = programs
        .iter()
        .map(|program| program.file_stem().unwrap().to_str().unwrap());
    let names: BTreeSet<&str> = names.collect();
    assert_eq!(names, REPLAYED.iter().copied().collect());
}

fn replay(target: &str, run: fn(&[u8])) {
    let files = files(&format!("corpus/{target}"));
    assert!(!files.is_empty(), "the corpus of {target} is empty");
    for file in files {
        // Shown only when the file makes the target fail.
        println!("{}", file.display());
        run(&fs::read(&file).unwrap());
    }
}

/// The files of a folder of `fuzz`, sorted.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(folder);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
