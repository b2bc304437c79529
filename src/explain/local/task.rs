//! Task of a local method: one customer, the targets, and the budget.

use super::local_method::LocalMethod;
use crate::baseline::BaselineKind;
use crate::change::Change;
use crate::level::Level;
use crate::method_version::MethodVersion;
use crate::sampling_limit::SamplingLimit;
use crate::subject::Subject;
use crate::target::Targets;

/// One customer to be explained by a local method.
pub(crate) struct Task<'a> {
    pub(crate) method: &'static dyn LocalMethod,
    pub(crate) subject: Subject<'a>,
    /// The digest of the input: in the first version of the methods it decides what is drawn without a seed.
    pub(crate) input_sha256: &'a str,
    pub(crate) targets: &'a Targets,
    pub(crate) level: Level,
    /// How many perturbations there may be, the customer included.
    pub(crate) samples: usize,
    /// The seed; `None` derives one from the model and the parts.
    pub(crate) seed: Option<u64>,
    /// How many contributions a reader sees.
    pub(crate) listed: usize,
    /// What the customer is compared with.
    pub(crate) baseline: BaselineKind,
    /// The other end, for a method that divides what lies between two.
    pub(crate) change: Option<Change>,
    /// The version of the methods.
    pub(crate) version: MethodVersion,
    /// How many reasons a reader sees.
    pub(crate) reasons: usize,
    /// The R² to reach.
    pub(crate) fidelity_target: f64,
    pub(crate) limit: SamplingLimit,
    /// The seed of fresh coalitions that what is found is held against; `None` draws none.
    pub(crate) fresh: Option<u64>,
}
