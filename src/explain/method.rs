//! The methods and the levels of an explanation, by the names that callers use.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The surrogate's method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum Method {
    /// Weighted least squares on presence masks of the customer's own spending.
    #[default]
    Lime,
    /// The same design with Shapley weights, and contributions that sum to the way from the baseline.
    KernelShap,
    /// Least squares on log-normal scalings of the spending.
    Sensitivity,
    /// The papers' surrogate of the whole population, unrolled over the customer's own periods.
    GlobalLinear,
}

/// For whom a surrogate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "MethodScope")]
pub enum Scope {
    /// For one customer: it was fitted to the network near them.
    Local,
    /// For all customers: it was fitted once, to a population.
    Global,
}

/// What one coefficient stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum Level {
    /// A spending class, over the whole window.
    #[default]
    Class,
    /// A period, all classes together.
    Period,
    /// A spending class in one period.
    Cell,
}

impl Method {
    /// For whom its surrogates hold.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Lime | Self::KernelShap | Self::Sensitivity => Scope::Local,
            Self::GlobalLinear => Scope::Global,
        }
    }

    /// As requests and documents spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lime => "lime",
            Self::KernelShap => "kernel-shap",
            Self::Sensitivity => "sensitivity",
            Self::GlobalLinear => "global-linear",
        }
    }
}

impl FromStr for Method {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "lime" => Ok(Self::Lime),
            "kernel-shap" => Ok(Self::KernelShap),
            "sensitivity" => Ok(Self::Sensitivity),
            "global-linear" => Ok(Self::GlobalLinear),
            _ => Err("expected lime, kernel-shap, sensitivity or global-linear"),
        }
    }
}

impl FromStr for Level {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "class" => Ok(Self::Class),
            "period" => Ok(Self::Period),
            "cell" => Ok(Self::Cell),
            _ => Err("expected class, period or cell"),
        }
    }
}

impl TryFrom<String> for Method {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl TryFrom<String> for Level {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for method in [
            Method::Lime,
            Method::KernelShap,
            Method::Sensitivity,
            Method::GlobalLinear,
        ] {
            let name = serde_json::to_string(&method).unwrap();
            assert_eq!(serde_json::from_str::<Method>(&name).unwrap(), method);
        }
        for level in [Level::Class, Level::Period, Level::Cell] {
            let name = serde_json::to_string(&level).unwrap();
            assert_eq!(serde_json::from_str::<Level>(&name).unwrap(), level);
        }
    }
}
