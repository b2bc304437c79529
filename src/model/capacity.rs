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
    /// What one history may hold.
    pub limits: Limits,
}

impl Capacity {
    /// How many steps run together unless the settings say otherwise: 128 histories of six periods, beyond which a
    /// longer batch costs the requests that wait more than it saves.
    pub const BATCH_STEPS: u32 = 768;

    /// For one caller on one thread.
    #[must_use]
    pub fn single(limits: Limits) -> Self {
        Self {
            threads: 1,
            queue: 1,
            batch_steps: Self::BATCH_STEPS as usize,
            network_timeout: None,
            limits,
        }
    }
}
