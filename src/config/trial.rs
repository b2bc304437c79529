//! Settings of the trial of a network when it is loaded.

use std::io;
use std::time::Duration;

use clap::Args;
use microseg_model::Trial;

use super::duration::seconds;

/// The trial of each network in a process of its own.
#[derive(Debug, Clone, Args)]
pub struct TrialSettings {
    /// The most bytes that a network may allocate when it is tried in a process of its own, before it is loaded: one that needs
    /// more is refused. 0: no trial
    #[arg(
        long,
        value_name = "BYTES",
        env = "MICROSEG_TRIAL_MEMORY_BYTES",
        default_value = "1073741824"
    )]
    pub trial_memory_bytes: u64,

    /// The time limit of that trial, in seconds
    #[arg(long, value_name = "SECONDS", env = "MICROSEG_TRIAL_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub trial_timeout: Duration,
}

impl TrialSettings {
    /// The trial by the running program; none where it is switched off.
    ///
    /// # Errors
    /// When the system does not tell which program is running.
    pub fn trial(&self) -> io::Result<Option<Trial>> {
        match self.trial_memory_bytes {
            0 => Ok(None),
            bytes => Trial::by_this_program(bytes, self.trial_timeout).map(Some),
        }
    }
}
