//! Groups of operations in the document.

/// The group of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Scoring,
    Explanations,
    Customers,
    Models,
    Kserve,
    Inference,
    Operations,
}

impl Tag {
    /// In the order in which a newcomer needs them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Scoring,
        Self::Explanations,
        Self::Customers,
        Self::Models,
        Self::Kserve,
        Self::Inference,
        Self::Operations,
    ];

    /// The name in the document.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scoring => "scoring",
            Self::Explanations => "explanations",
            Self::Customers => "customers",
            Self::Models => "models",
            Self::Kserve => "kserve",
            Self::Inference => "inference",
            Self::Operations => "operations",
        }
    }

    /// What the group is, in a sentence.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Scoring => "Scorings of histories: micro-segment features, traits, trajectories.",
            Self::Explanations => {
                "What drove a number, how far to trust that, and the record of it."
            }
            Self::Customers => {
                "Customers whose transactions are kept here, so that each new one costs a line."
            }
            Self::Models => "What is served, and the papers' tables of it.",
            Self::Kserve => "KServe's V1 protocol: histories as instances.",
            Self::Inference => "The Open Inference Protocol (V2): profiles as a tensor.",
            Self::Operations => "Probes, metrics, administration, and this document.",
        }
    }
}
