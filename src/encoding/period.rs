//! Calendar periods: the years, quarters or months that are the steps of a model.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use microseg_history::Moment;

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
    /// The period that a moment falls into.
    #[inline]
    #[must_use]
    pub fn period_of(self, moment: Moment) -> Period {
        let months = moment.months();
        // Division by a constant is faster, and this runs once for every transaction.
        let number = match self {
            Self::Year => months / 12,
            Self::Quarter => months / 3,
            Self::Month => months,
        };
        Period { kind: self, number }
    }

    /// The last period that has a moment before this one.
    pub(super) fn last_before(self, moment: Moment) -> Period {
        let period = self.period_of(moment);
        if period.start() == moment {
            period.offset(-1)
        } else {
            period
        }
    }

    fn months(self) -> i32 {
        match self {
            Self::Year => 12,
            Self::Quarter => 3,
            Self::Month => 1,
        }
    }
}

/// One calendar interval in UTC, such as `2019`, `2019-Q2` or `2019-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    kind: PeriodKind,
    /// How many periods of this kind lie between the year 0 and this one.
    number: i32,
}

impl Period {
    /// The first moment inside the period.
    #[must_use]
    pub fn start(self) -> Moment {
        Moment::start_of_month(self.number * self.kind.months())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn period_of_a_moment_has_its_name_start_and_predecessor() {
        let moment = Moment::parse("2019-05-17T12:00:00Z").unwrap();
        for (kind, name, start, previous) in [
            (PeriodKind::Year, "2019", "2019-01-01", "2018"),
            (PeriodKind::Quarter, "2019-Q2", "2019-04-01", "2019-Q1"),
            (PeriodKind::Month, "2019-05", "2019-05-01", "2019-04"),
        ] {
            let period = kind.period_of(moment);
            assert_eq!(period.to_string(), name);
            assert_eq!(period.start(), Moment::parse(start).unwrap());
            assert_eq!(period.offset(-1).to_string(), previous);
        }
    }
}
