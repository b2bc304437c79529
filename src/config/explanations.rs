//! What the operator settles for explanations.

use clap::Args;

use crate::explain::Policy;

/// Explanations.
#[derive(Debug, Clone, Args)]
pub struct ExplanationSettings {
    /// The R² below which an explanation's verdict is 'low fidelity', 0 to 1, unless the request says otherwise
    #[arg(long, value_name = "R2", env = "MICROSEG_FIDELITY_TARGET", default_value = "0.9", value_parser = share)]
    pub fidelity_target: f64,

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

impl ExplanationSettings {
    /// The settings as the explanations take them.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            fidelity_target: self.fidelity_target,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}
