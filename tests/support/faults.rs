//! Faults of a disk, for child processes of a test program: a library that is preloaded into them (`faults.c`).

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// What happens at the call that is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails once with EIO.
    Fails,
    /// The power is cut: what was not synced is lost, and the process ends.
    Cut,
}

/// The library that makes the faults.
pub struct FaultyDisk {
    folder: TempDir,
    /// Files whose path contains it are on the faulty disk.
    path: &'static str,
}

impl FaultyDisk {
    /// Compiles the library. A number that follows `path` in a path is the call that fails there.
    pub fn of(path: &'static str) -> Self {
        let disk = Self {
            folder: tempfile::tempdir().unwrap(),
            path,
        };
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/faults.c");
        let compiled = Command::new("cc")
            .args([
                "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o",
            ])
            .arg(disk.library())
            .args([source, "-ldl", "-lpthread"])
            .status();
        assert!(compiled.unwrap().success());
        disk
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("faults.so")
    }

    /// An ignored test of this test program, in a process that has the fault at call `at`, from 1; never at 0.
    pub fn process(&self, test: &str, fault: Fault, at: usize) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--ignored", "--nocapture"]);
        command
            .env("LD_PRELOAD", self.library())
            .env("FAULT_PATH", self.path)
            .env("FAULT_AT", at.to_string());
        if fault == Fault::Cut {
            command.env("FAULT_KIND", "cut");
        }
        command
    }
}

/// The number of calls that could fail, as the library has counted them.
pub fn calls(output: &Output) -> usize {
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text.lines().find_map(|line| line.strip_prefix("calls "));
    counted.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

/// Whether the process has ended because its power was cut.
pub fn is_cut(output: &Output) -> bool {
    output.status.code() == Some(9)
}
