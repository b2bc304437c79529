//! Calendar periods: the years, quarters, months, weeks or days that are the steps of a model.

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
    /// A week from Monday (ISO 8601).
    Week,
    /// A day of the calendar.
    Day,
}

impl FromStr for PeriodKind {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "year" => Ok(Self::Year),
            "quarter" => Ok(Self::Quarter),
            "month" => Ok(Self::Month),
            "week" => Ok(Self::Week),
            "day" => Ok(Self::Day),
            _ => Err("expected year, quarter, month, week or day"),
        }
    }
}

impl PeriodKind {
    /// How many of them make about a year.
    pub(super) fn per_year(self) -> usize {
        match self {
            Self::Year => 1,
            Self::Quarter => 4,
            Self::Month => 12,
            Self::Week => 52,
            Self::Day => 365,
        }
    }

    /// The period of what a calendar shows.
    #[inline]
    pub(super) fn period_of(self, shown: Moment) -> Period {
        // Division by a constant is faster, and this runs once for every transaction.
        let number = match self {
            Self::Year => shown.months() / 12,
            Self::Quarter => shown.months() / 3,
            Self::Month => shown.months(),
            Self::Week => week_of_day(shown.days()),
            Self::Day => shown.days(),
        };
        Period { kind: self, number }
    }
}

/// 1970-01-01 was a Thursday: the week that it is in has the number 0.
const DAYS_BEFORE_1970: i32 = 3;

fn week_of_day(days: i32) -> i32 {
    (days + DAYS_BEFORE_1970).div_euclid(7)
}

/// One interval of a calendar, such as `2019`, `2019-Q2`, `2019-03`, `2019-W10` or `2019-03-07`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    kind: PeriodKind,
    /// How many periods of this kind lie between a first one and this one. The first one of days and weeks has
    /// 1970-01-01 in it, and that of the others the beginning of the year 0.
    number: i32,
}

impl Period {
    /// What the calendar shows when the period begins.
    pub(super) fn begin(self) -> Moment {
        match self.kind {
            PeriodKind::Year => Moment::start_of_month(self.number * 12),
            PeriodKind::Quarter => Moment::start_of_month(self.number * 3),
            PeriodKind::Month => Moment::start_of_month(self.number),
            PeriodKind::Week => Moment::start_of_day(self.number * 7 - DAYS_BEFORE_1970),
            PeriodKind::Day => Moment::start_of_day(self.number),
        }
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
            PeriodKind::Week => {
                let (year, week) = self.begin().iso_week();
                write!(formatter, "{year:04}-W{week:02}")
            }
            PeriodKind::Day => {
                let begin = self.begin();
                let year = begin.months().div_euclid(12);
                let (month, day) = (begin.month(), begin.day_of_month());
                write!(formatter, "{year:04}-{month:02}-{day:02}")
            }
        }
    }
}
