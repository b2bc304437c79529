//! Settings of explanations: thresholds of verdicts, and how many are computed at once.

use clap::Args;
use clap::builder::BoolishValueParser;
use microseg_explain::Policy;

/// Thresholds of explanations.
#[derive(Debug, Clone, Args)]
pub struct ExplanationSettings {
    /// The R² below which an explanation's verdict is 'low fidelity', 0 to 1, unless the request says otherwise
    #[arg(long, value_name = "R2", env = "MICROSEG_FIDELITY_TARGET", default_value = "0.9", value_parser = share)]
    pub fidelity_target: f64,

    /// The variables stability index below which an explanation's verdict is 'unstable', 0 to 1
    #[arg(long, value_name = "VSI", env = "MICROSEG_VSI_TARGET", default_value = "0.8", value_parser = share)]
    pub vsi_target: f64,

    /// Changes nothing: the coefficients stability index of version 0.1 never told anything; a warning says so
    #[arg(long, value_name = "CSI", env = "MICROSEG_CSI_TARGET", value_parser = share)]
    pub csi_target: Option<f64>,

    /// Refuse a seed, a fidelity target or a baseline in the options of a request, so that all explanations are made alike
    #[arg(long, env = "MICROSEG_FIXED_EXPLANATIONS", value_parser = BoolishValueParser::new())]
    pub fixed_explanations: bool,
}

/// How many explanations a server computes and queues.
#[derive(Debug, Clone, Args)]
pub struct ExplanationCapacity {
    /// Explanations that are computed at once [default: one for every two processors, so that scorings have the others]
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_EXPLANATION_THREADS",
        value_parser = clap::value_parser!(u16).range(1..=1024),
    )]
    pub explanation_threads: Option<u16>,

    /// Explanations that may wait for a thread before the next one is answered with 503
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_EXPLANATION_QUEUE",
        default_value = "128",
        value_parser = clap::value_parser!(u16).range(1..),
    )]
    pub explanation_queue: u16,
}

impl ExplanationCapacity {
    /// Explanations that are computed at once, at least 1.
    #[must_use]
    pub fn threads(&self) -> usize {
        let half = || {
            let processors = std::thread::available_parallelism();
            processors.map_or(1, |processors| processors.get().div_ceil(2))
        };
        self.explanation_threads.map_or_else(half, usize::from)
    }
}

impl ExplanationSettings {
    /// The thresholds as a policy of explanations.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let policy = Policy::new(self.fidelity_target, self.vsi_target);
        policy.fixing_choices(self.fixed_explanations)
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}
