//! Calendar periods: the years, quarters or months that are the steps of a model.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long one step of the model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodKind {
    /// A calendar year.
    Year,
    /// Three months, from January, April, July or October.
    Quarter,
    /// A calendar month.
    Month,
}

impl FromStr for PeriodKind {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "year" => Ok(Self::Year),
            "quarter" => Ok(Self::Quarter),
            "month" => Ok(Self::Month),
            _ => Err("expected year, quarter or month"),
        }
    }
}

impl PeriodKind {
    /// The period of a month, which is counted from the beginning of the year 0.
    #[inline]
    pub(super) fn period_of_month(self, months: i32) -> Period {
        // Division by a constant is faster, and this runs once for every transaction.
        let number = match self {
            Self::Year => months / 12,
            Self::Quarter => months / 3,
            Self::Month => months,
        };
        Period { kind: self, number }
    }

    fn months(self) -> i32 {
        match self {
            Self::Year => 12,
            Self::Quarter => 3,
            Self::Month => 1,
        }
    }
}

/// One interval of a calendar, such as `2019`, `2019-Q2` or `2019-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    kind: PeriodKind,
    /// How many periods of this kind lie between the year 0 and this one.
    number: i32,
}

impl Period {
    /// The first month inside the period, counted from the beginning of the year 0.
    pub(super) fn first_month(self) -> i32 {
        self.number * self.kind.months()
    }

    /// The period `steps` later; earlier for negative steps.
    #[must_use]
    pub fn offset(self, steps: i32) -> Self {
        Self {
            kind: self.kind,
            number: self.number + steps,
        }
    }

    pub(super) fn number(self) -> i32 {
        self.number
    }

    pub(super) fn of_number(kind: PeriodKind, number: i32) -> Self {
        Self { kind, number }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        match self.kind {
            PeriodKind::Year => write!(formatter, "{number:04}"),
            PeriodKind::Quarter => {
                write!(
                    formatter,
                    "{:04}-Q{}",
                    number.div_euclid(4),
                    number.rem_euclid(4) + 1
                )
            }
            PeriodKind::Month => {
                write!(
                    formatter,
                    "{:04}-{:02}",
                    number.div_euclid(12),
                    number.rem_euclid(12) + 1
                )
            }
        }
    }
}
