//! Names of parts: the classes and periods of one customer's totals, as people read them.

use super::division::Part;
use microseg_encoding::Totals;
use microseg_history::{Class, Taxonomy};

/// The names of the classes and periods of one customer's totals.
pub(super) struct PartNames<'a> {
    classes: &'a [Class],
    periods: Vec<String>,
}

impl<'a> PartNames<'a> {
    pub(super) fn new(taxonomy: &'a Taxonomy, totals: &Totals) -> Self {
        let periods = totals.periods();
        Self {
            classes: taxonomy.classes(),
            periods: periods.map(|(period, _)| period.to_string()).collect(),
        }
    }

    /// The class of a part that has one.
    pub(super) fn class(&self, part: Part) -> Option<&'a Class> {
        part.place.class().map(|class| &self.classes[class])
    }

    /// The period of a part that has one.
    pub(super) fn period(&self, part: Part) -> Option<&str> {
        part.place
            .period()
            .map(|period| self.periods[period].as_str())
    }

    /// The part in a sentence.
    pub(super) fn phrase(&self, part: Part) -> String {
        match (self.class(part), self.period(part)) {
            (Some(class), Some(period)) => format!("{} in {period}", class.id),
            (Some(class), None) => class.id.clone(),
            (None, Some(period)) => period.to_owned(),
            (None, None) => "the rest".to_owned(),
        }
    }
}
