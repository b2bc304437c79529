//! Settings of a history: what its transactions mean, whether they come in a document or in the rows of a table.

use super::currency::{Currency, MixedCurrencies};
use super::moment::Moment;
use super::time_zone::TimeZone;
use super::unknown_class::UnknownClass;

/// The settings that decide what the times of a history mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeSettings {
    /// Where the window ends, exclusive.
    pub as_of: Option<Moment>,
    /// The zone of times without an offset, and of the calendar whose periods are counted.
    pub zone: TimeZone,
}

/// The settings of a history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistorySettings {
    /// What its times mean.
    pub times: TimeSettings,
    /// What to do with a class that the taxonomy does not have.
    pub unknown_class: UnknownClass,
    /// What to do with transactions of several currencies.
    pub mixed_currencies: MixedCurrencies,
    /// The currency of the whole history, if it has one.
    pub currency: Option<Currency>,
}
