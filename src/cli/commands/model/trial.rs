//! `microseg model try`: trial of a bundle in this process, which loading starts for it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use microseg_model::try_bundle;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::outcome::CommandResult;

/// Arguments of `microseg model try`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The most bytes that may be allocated for the bundle
    #[arg(long, value_name = "BYTES")]
    memory_bytes: u64,
    /// The most steps of one batch, in periods
    #[arg(long, value_name = "COUNT")]
    batch_steps: usize,
    /// The folder of one version, with its manifest.json
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Tries the bundle within the limit.
pub(super) fn run(arguments: &Arguments) -> CommandResult {
    limit_memory(arguments.memory_bytes)?;
    try_bundle(&arguments.directory, arguments.batch_steps)?;
    Ok(ExitCode::SUCCESS)
}

/// From now on this process may allocate so many bytes more. A system without `/proc` has no such limit.
fn limit_memory(bytes: u64) -> std::io::Result<()> {
    let set = |resource, limit| {
        let limit = Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        setrlimit(resource, limit).map_err(std::io::Error::from)
    };
    // What a crash would write to the disk holds the network.
    set(Resource::Core, 0)?;
    match data_bytes() {
        Some(used) => set(Resource::Data, used.saturating_add(bytes)),
        None => Ok(()),
    }
}

/// The writable memory of this process, as the limit counts it.
fn data_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmData:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}
