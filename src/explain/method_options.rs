//! Options by method: each variant holds only what its method uses.

use std::time::Duration;

use crate::baseline::BaselineKind;
use crate::local::{KernelShap, Lime, LocalMethod, Sensitivity};
use crate::method::Method;
use crate::options::{Options, Seed};

/// The method of one explanation, with its own options. What the methods have in common stays in [`Options`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MethodOptions {
    /// `lime`.
    Lime(Sampling),
    /// `kernel-shap`.
    KernelShap(Sampling),
    /// `sensitivity`.
    Sensitivity(Sampling),
    /// `global-linear`, which draws nothing.
    GlobalLinear,
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
    /// The local method and its sampling; `None` for the global one.
    pub(crate) fn local(self) -> Option<(&'static dyn LocalMethod, Sampling)> {
        match self {
            Self::Lime(sampling) => Some((&Lime, sampling)),
            Self::KernelShap(sampling) => Some((&KernelShap, sampling)),
            Self::Sensitivity(sampling) => Some((&Sensitivity, sampling)),
            Self::GlobalLinear => None,
        }
    }

    /// The kind of baseline that the method compares with.
    pub(crate) fn baseline(self) -> BaselineKind {
        self.local()
            .map_or(BaselineKind::Absence, |(method, _)| method.baseline().kind)
    }

    /// How long after the request's arrival the method stops by itself.
    pub(crate) fn deadline(self) -> Option<Duration> {
        self.local().and_then(|(_, sampling)| sampling.deadline)
    }
}

impl From<&Options> for MethodOptions {
    fn from(options: &Options) -> Self {
        let sampling = Sampling {
            samples: options.samples.get(),
            seed: options.seed.map(Seed::get),
            deadline: options
                .deadline_ms
                .map(|deadline| Duration::from_millis(deadline.get())),
        };
        match options.method {
            Method::Lime => Self::Lime(sampling),
            Method::KernelShap => Self::KernelShap(sampling),
            Method::Sensitivity => Self::Sensitivity(sampling),
            Method::GlobalLinear => Self::GlobalLinear,
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
        let found = MethodOptions::from(&options(Method::KernelShap));
        assert_eq!(found, MethodOptions::KernelShap(expected));
    }

    #[test]
    fn global_method_takes_none_of_them() {
        let found = MethodOptions::from(&options(Method::GlobalLinear));
        assert_eq!(found, MethodOptions::GlobalLinear);
        assert_eq!(found.deadline(), None);
    }
}
