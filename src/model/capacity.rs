//! Capacity of a model: threads, queue and sizes.

use std::time::Duration;

use microseg_history::Limits;

/// How much a model may take at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Threads that each own a copy of the network, at least 1.
    pub threads: usize,
    /// Scorings that may wait, at least 1.
    pub queue: usize,
    /// Steps of all sequences of one batch together; a single sequence may be longer.
    pub batch_steps: usize,
    /// The time limit of one run of the network; `None` derives it from the time of the golden cases.
    pub network_timeout: Option<Duration>,
    /// How many sequences are tried in batches when the network is loaded, beyond the first of each length, as far as there
    /// is time.
    pub calibration_sequences: usize,
    /// What one history may hold.
    pub limits: Limits,
}

impl Capacity {
    /// How many steps run together unless the settings say otherwise: 128 histories of six periods, beyond which a
    /// longer batch costs the requests that wait more than it saves.
    pub const BATCH_STEPS: u32 = 768;

    /// How many sequences are tried in batches unless the settings say otherwise: a difference that one of 150 shows is
    /// missed once in thirty loads.
    pub const CALIBRATION_SEQUENCES: u16 = 512;

    /// For one caller on one thread.
    #[must_use]
    pub fn single(limits: Limits) -> Self {
        Self {
            threads: 1,
            queue: 1,
            batch_steps: Self::BATCH_STEPS as usize,
            network_timeout: None,
            calibration_sequences: Self::CALIBRATION_SEQUENCES.into(),
            limits,
        }
    }
}
