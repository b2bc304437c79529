//! Methods of explanation, by the names that callers use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::enum_names::expected_one_of;
use crate::method_version::MethodVersion;

/// The surrogate's method.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    JsonSchema,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "kebab-case", try_from = "String")]
#[strum(
    serialize_all = "kebab-case",
    parse_err_ty = String,
    parse_err_fn = unknown
)]
pub enum Method {
    /// Shapley values: contributions that divide the difference from the baseline.
    #[default]
    Shapley,
    /// Weighted least squares on presence masks of the customer's own spending.
    Lime,
    /// The name of version 0.1 for `shapley`.
    KernelShap,
    /// Least squares on log-normal scalings of the spending.
    Sensitivity,
    /// The papers' surrogate of the whole population, unrolled over the customer's own periods or events.
    GlobalLinear,
    /// Shapley values of what was spent since an earlier moment, or of what sets the customer apart from their micro-segment.
    Change,
    /// No surrogate: the least change of spending that leads where the caller wishes.
    Recourse,
}

/// The customers that a surrogate holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodScope {
    /// For one customer: it was fitted to the network near them.
    Local,
    /// For all customers: it was fitted once, to a population.
    Global,
}

impl Method {
    /// As requests and documents spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The method that answers for this name.
    pub(crate) fn computed(self, version: MethodVersion) -> Self {
        match (self, version) {
            (Self::KernelShap, MethodVersion::Two) => Self::Shapley,
            (method, _) => method,
        }
    }

    /// The customers that its surrogates hold for.
    #[must_use]
    pub fn scope(self) -> MethodScope {
        match self {
            Self::Shapley
            | Self::Lime
            | Self::KernelShap
            | Self::Sensitivity
            | Self::Change
            | Self::Recourse => MethodScope::Local,
            Self::GlobalLinear => MethodScope::Global,
        }
    }
}

fn unknown(_: &str) -> String {
    expected_one_of(Method::VARIANTS)
}

impl TryFrom<String> for Method {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_read_as_it_is_written() {
        for name in Method::VARIANTS {
            let method: Method = name.parse().unwrap();
            assert_eq!(serde_json::to_value(method).unwrap(), *name);
            assert_eq!(method.name(), *name);
        }
    }

    #[test]
    fn unknown_name_is_refused_with_all_names() {
        let refused = "tea-leaves".parse::<Method>().unwrap_err();
        let expected =
            "expected shapley, lime, kernel-shap, sensitivity, global-linear, change or recourse";
        assert_eq!(refused, expected);
    }
}
