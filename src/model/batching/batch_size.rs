//! Size of the batches of one network: how many sequences run together without changing each other's numbers.

/// How many sequences run together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BatchSize {
    /// As many as there are, up to this number, at least 1.
    UpTo(usize),
    /// Always this number, at least 1: places that are left are filled up. A network whose numbers depend on the size
    /// of a batch gives the same ones when the size is always the same.
    Exactly(usize),
}

impl BatchSize {
    /// How many sequences a batch of at most `affordable` may have, at least 1.
    pub(super) fn limit(self, affordable: usize) -> usize {
        match self {
            Self::UpTo(most) => affordable.min(most).max(1),
            // Batches of more than one such size run one after the other.
            Self::Exactly(size) => (affordable / size.max(1)).max(1) * size.max(1),
        }
    }
}

/// The sizes of the batches of a network. A run of one step is a case of its own: the matrix product of a single row is
/// computed by other code than that of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchSizes {
    pub(super) one_step: BatchSize,
    pub(super) several_steps: BatchSize,
}

impl BatchSizes {
    /// The same for runs of any length.
    pub(super) fn all(size: BatchSize) -> Self {
        Self {
            one_step: size,
            several_steps: size,
        }
    }

    /// The size of batches of so many steps.
    pub(super) fn of(self, steps: usize) -> BatchSize {
        if steps <= 1 {
            self.one_step
        } else {
            self.several_steps
        }
    }

    /// As [`BatchSizes::of`], to be changed.
    pub(super) fn of_mut(&mut self, steps: usize) -> &mut BatchSize {
        if steps <= 1 {
            &mut self.one_step
        } else {
            &mut self.several_steps
        }
    }
}
