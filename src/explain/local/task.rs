//! Task of a local method: one customer, the targets, and the budget.

use super::local_method::LocalMethod;
use crate::level::Level;
use crate::sampling_limit::SamplingLimit;
use crate::subject::Subject;
use crate::target::Targets;

/// One customer to be explained by a local method.
pub(crate) struct Task<'a> {
    pub(crate) method: &'static dyn LocalMethod,
    pub(crate) subject: Subject<'a>,
    /// The digest of the input: without a seed it decides what is drawn.
    pub(crate) input_sha256: &'a str,
    pub(crate) targets: &'a Targets,
    pub(crate) level: Level,
    /// How many perturbations there may be, the customer included.
    pub(crate) samples: usize,
    /// The seed; `None` derives one from input and model.
    pub(crate) seed: Option<u64>,
    /// How many contributions a reader sees.
    pub(crate) listed: usize,
    /// The R² to reach.
    pub(crate) fidelity_target: f64,
    pub(crate) limit: SamplingLimit,
}
