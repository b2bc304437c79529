//! Options by method: each variant holds only what its method uses.

use std::time::Duration;

use crate::baseline::BaselineKind;
use crate::local::{KernelShap, Lime, LocalMethod, Sensitivity, Shapley};
use crate::method::Method;
use crate::method_version::MethodVersion;
use crate::options::{Options, Seed};

/// The method of one explanation, with its own options. What the methods have in common stays in [`Options`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MethodOptions {
    /// `shapley`.
    Shapley(Sampling),
    /// `lime`.
    Lime(Sampling),
    /// `kernel-shap` of the first version.
    KernelShap(Sampling),
    /// `sensitivity`.
    Sensitivity(Sampling),
    /// `change`, whose parts are drawn as those of `shapley`.
    Change(Sampling),
    /// `global-linear`, which draws nothing.
    GlobalLinear,
    /// `recourse`, which draws nothing.
    Recourse,
}

/// The drawing of perturbations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sampling {
    /// How many perturbations there may be, the customer included.
    pub(crate) samples: usize,
    /// The seed; `None` derives one from input and model.
    pub(crate) seed: Option<u64>,
    /// How long after the request's arrival sampling stops.
    pub(crate) deadline: Option<Duration>,
}

impl MethodOptions {
    /// The local method and its sampling; `None` for one that draws nothing.
    pub(crate) fn local(self) -> Option<(&'static dyn LocalMethod, Sampling)> {
        match self {
            Self::Shapley(sampling) | Self::Change(sampling) => Some((&Shapley, sampling)),
            Self::Lime(sampling) => Some((&Lime, sampling)),
            Self::KernelShap(sampling) => Some((&KernelShap, sampling)),
            Self::Sensitivity(sampling) => Some((&Sensitivity, sampling)),
            Self::GlobalLinear | Self::Recourse => None,
        }
    }

    /// The kinds of baseline that the method can compare with, the one that it prefers first.
    pub(crate) fn baselines(self) -> &'static [BaselineKind] {
        use BaselineKind::{Absence, Earlier, Own, Population, Segment};
        match self {
            Self::Shapley(_) => &[Population, Absence, Segment],
            Self::Lime(_) => &[Absence, Population, Segment],
            Self::Sensitivity(_) | Self::Recourse => &[Own],
            Self::Change(_) => &[Earlier, Segment],
            Self::KernelShap(_) | Self::GlobalLinear => &[Absence],
        }
    }

    /// How long after the request's arrival the method stops by itself.
    pub(crate) fn deadline(self) -> Option<Duration> {
        self.local().and_then(|(_, sampling)| sampling.deadline)
    }

    /// The options of a method in one of its versions.
    pub(crate) fn new(options: &Options, version: MethodVersion) -> Self {
        let sampling = Sampling {
            samples: options.samples.get(),
            seed: options.seed.map(Seed::get),
            deadline: options
                .deadline_ms
                .map(|deadline| Duration::from_millis(deadline.get())),
        };
        match options.method.computed(version) {
            Method::Shapley => Self::Shapley(sampling),
            Method::Lime => Self::Lime(sampling),
            Method::KernelShap => Self::KernelShap(sampling),
            Method::Sensitivity => Self::Sensitivity(sampling),
            Method::GlobalLinear => Self::GlobalLinear,
            Method::Change => Self::Change(sampling),
            Method::Recourse => Self::Recourse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::DeadlineMs;

    fn options(method: Method) -> Options {
        Options {
            method,
            seed: Some(Seed::constant::<7>()),
            deadline_ms: Some(DeadlineMs::constant::<250>()),
            ..Options::default()
        }
    }

    #[test]
    fn local_method_takes_samples_seed_and_deadline() {
        let expected = Sampling {
            samples: 512,
            seed: Some(7),
            deadline: Some(Duration::from_millis(250)),
        };
        let asked = options(Method::KernelShap);
        let found = MethodOptions::new(&asked, MethodVersion::Two);
        assert_eq!(found, MethodOptions::Shapley(expected));
        let found = MethodOptions::new(&asked, MethodVersion::One);
        assert_eq!(found, MethodOptions::KernelShap(expected));
    }

    #[test]
    fn global_method_takes_none_of_them() {
        let found = MethodOptions::new(&options(Method::GlobalLinear), MethodVersion::Two);
        assert_eq!(found, MethodOptions::GlobalLinear);
        assert_eq!(found.deadline(), None);
    }
}
