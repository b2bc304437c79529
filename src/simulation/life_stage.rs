//! Stages of life, and the trend of traits in each.

/// The simulated traits, in the order of the taxonomy's columns.
pub(super) const TRAITS: [&str; 5] = [
    "openness",
    "conscientiousness",
    "extraversion",
    "agreeableness",
    "neuroticism",
];

/// A stage of life: habits and the trend of traits depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LifeStage {
    Young,
    Middle,
    Senior,
}

impl LifeStage {
    pub(super) const COUNT: usize = 3;

    pub(super) fn of_age(age: u8) -> Self {
        match age {
            ..35 => Self::Young,
            35..60 => Self::Middle,
            _ => Self::Senior,
        }
    }

    /// What a year of this stage adds to each trait: people grow more conscientious and agreeable, less neurotic.
    pub(super) fn trend(self) -> [f64; 5] {
        match self {
            Self::Young => [0.01, 0.03, 0.0, 0.01, -0.02],
            Self::Middle => [0.0, 0.015, -0.005, 0.015, -0.01],
            Self::Senior => [-0.015, -0.005, -0.01, 0.01, 0.0],
        }
    }
}
