//! Steps of a sequence: calendar periods, or events.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::period::PeriodKind;

/// What one step of the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// A day of the calendar.
    Day,
    /// A week from Monday (ISO 8601).
    Week,
    /// A calendar month.
    Month,
    /// Three months, from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
    /// One transaction.
    Event,
}

impl Step {
    /// The periods that are the steps; `None` for events.
    #[must_use]
    pub fn period(self) -> Option<PeriodKind> {
        match self {
            Self::Day => Some(PeriodKind::Day),
            Self::Week => Some(PeriodKind::Week),
            Self::Month => Some(PeriodKind::Month),
            Self::Quarter => Some(PeriodKind::Quarter),
            Self::Year => Some(PeriodKind::Year),
            Self::Event => None,
        }
    }
}

impl From<PeriodKind> for Step {
    fn from(kind: PeriodKind) -> Self {
        match kind {
            PeriodKind::Day => Self::Day,
            PeriodKind::Week => Self::Week,
            PeriodKind::Month => Self::Month,
            PeriodKind::Quarter => Self::Quarter,
            PeriodKind::Year => Self::Year,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Event => "event",
        })
    }
}
