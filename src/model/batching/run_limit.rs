//! Time limit of a run of the network, after which its thread is given up.

use std::time::Duration;

use microseg_runtime::Batch;

/// No run is given up before this, unless the settings say so: a machine may be busy.
const LEAST: Duration = Duration::from_secs(5);

/// A sequence may take so many times the time that the slowest golden case took for as many steps.
const OF_A_SEQUENCE: u32 = 100;

/// All sequences of a batch together may take so many times the time that they would take one after the other.
const OF_A_BATCH: u32 = 10;

/// The least time limit of loading, for each run, while the speed of the network is not known.
const LOADING: Duration = Duration::from_mins(1);

/// How long a run may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunLimit {
    /// The limit of the settings, whatever the batch.
    set: Option<Duration>,
    /// What a step of the slowest golden case takes.
    step: Duration,
}

impl RunLimit {
    /// The limit of the settings, or else the one that follows from the time of a step of the slowest golden case.
    pub(super) fn new(set: Option<Duration>, step: Duration) -> Self {
        Self { set, step }
    }

    /// The limit of each run while a model is loaded.
    pub(super) fn while_loading(set: Option<Duration>) -> Duration {
        set.map_or(LOADING, |set| set.max(LOADING))
    }

    /// The limit of a run of this batch.
    pub(super) fn of(self, batch: &Batch) -> Duration {
        let (sequences, steps) = (batch.sequences(), batch.steps());
        self.of_sequences(sequences, steps)
    }

    /// The limit of the shortest run.
    pub(super) fn shortest(self) -> Duration {
        self.of_sequences(1, 1)
    }

    fn of_sequences(self, sequences: usize, steps: usize) -> Duration {
        let times = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let one = self.step.saturating_mul(times(steps));
        let each = one.saturating_mul(times(sequences));
        let derived = LEAST
            .max(one.saturating_mul(OF_A_SEQUENCE))
            .max(each.saturating_mul(OF_A_BATCH));
        self.set.unwrap_or(derived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_grows_with_the_batch_of_a_slow_network_and_is_the_set_one_otherwise() {
        let quick = RunLimit::new(None, Duration::from_micros(40));
        assert_eq!(quick.of_sequences(128, 6), LEAST);
        let slow = RunLimit::new(None, Duration::from_millis(100));
        assert_eq!(slow.of_sequences(1, 6), Duration::from_mins(1));
        assert_eq!(slow.of_sequences(128, 6), Duration::from_secs(768));
        assert_eq!(slow.shortest(), Duration::from_secs(10));
        let set = RunLimit::new(Some(Duration::from_secs(2)), Duration::from_millis(100));
        assert_eq!(set.of_sequences(128, 6), Duration::from_secs(2));
        assert!(slow.of_sequences(usize::MAX, 6) > Duration::from_hours(24));
    }
}
