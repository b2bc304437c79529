//! Names of parts: the classes, periods and transactions of one customer, as people read them.

use super::change::Cut;
use super::document::SinceRecord;
use super::part::{Part, Place};
use super::subject::column;
use super::target_explanation::{EventName, PartName};
use microseg_encoding::{NumberField, Totals, Transaction};
use microseg_history::Taxonomy;

/// The title of what the taxonomy has no class for.
const UNCLASSIFIED: &str = "Unclassified";

/// The names of what one customer has.
pub(super) struct PartNames<'a> {
    taxonomy: &'a Taxonomy,
    periods: Vec<String>,
    sequence: Sequence<'a>,
    fields: &'a [NumberField],
}

/// The transactions of a customer, and those that the network reads.
#[derive(Clone, Copy)]
pub(super) struct Sequence<'a> {
    pub(super) transactions: &'a [Transaction<'a>],
    /// How many of the last ones the network reads.
    pub(super) steps: usize,
    /// How many it has read before all of them.
    pub(super) before: usize,
}

/// A class by its name, and by its title.
pub(super) struct ClassName<'a> {
    /// `None` for what is unclassified.
    pub(super) id: Option<&'a str>,
    pub(super) title: &'a str,
}

impl<'a> PartNames<'a> {
    pub(super) fn new(
        taxonomy: &'a Taxonomy,
        totals: &Totals,
        sequence: Sequence<'a>,
        fields: &'a [NumberField],
    ) -> Self {
        let periods = totals.periods();
        Self {
            taxonomy,
            periods: periods.map(|(period, _)| period.to_string()).collect(),
            sequence,
            fields,
        }
    }

    /// The class of a part that has one.
    pub(super) fn class(&self, part: Part) -> Option<ClassName<'a>> {
        let of_event = |transaction: &Transaction<'_>| column(transaction.booking, self.taxonomy);
        let column = part
            .place
            .class()
            .or_else(|| self.transaction(part).map(of_event))?;
        let spending = self.taxonomy.classes().iter();
        let class = spending.chain(self.taxonomy.income_classes()).nth(column);
        Some(ClassName {
            id: class.map(|class| class.id.as_str()),
            title: class.map_or(UNCLASSIFIED, |class| &class.title),
        })
    }

    /// The period of a part that has one.
    pub(super) fn period(&self, part: Part) -> Option<&str> {
        let of_event = || self.transaction(part)?.period;
        let period = part.place.period().or_else(of_event)?;
        self.periods.get(period).map(String::as_str)
    }

    /// The transaction of a part that is one: by the caller's identifier, or else by its time.
    pub(super) fn event(&self, part: Part) -> Option<EventName> {
        let Place::Event(place) = part.place else {
            return None;
        };
        let Sequence {
            transactions,
            steps,
            before,
        } = self.sequence;
        let transaction = transactions.get(place)?;
        let not_read = transactions.len().saturating_sub(steps);
        Some(EventName {
            position: (before + place + 1).saturating_sub(not_read),
            id: transaction.id.map(str::to_owned),
            timestamp: match transaction.id {
                Some(_) => None,
                None => Some(transaction.moment.to_string()),
            },
        })
    }

    /// The field of a part that is one.
    pub(super) fn field(&self, part: Part) -> Option<&'a str> {
        match part.place {
            Place::Field(place) => self.fields.get(place).map(|field| field.name.as_str()),
            _ => None,
        }
    }

    /// All names of a part.
    pub(super) fn of(&self, part: Part) -> PartName {
        let class = self.class(part);
        PartName {
            class: class.as_ref().and_then(|class| class.id).map(str::to_owned),
            title: class.map(|class| class.title.to_owned()),
            period: self.period(part).map(str::to_owned),
            event: self.event(part),
            field: self.field(part).map(str::to_owned),
        }
    }

    /// Where a history is cut.
    pub(super) fn since(&self, cut: Cut) -> SinceRecord {
        let period = cut.period.and_then(|place| self.periods.get(place));
        SinceRecord {
            from: cut.moment.to_string(),
            period: period.cloned(),
        }
    }

    /// The part in a sentence.
    pub(super) fn phrase(&self, part: Part) -> String {
        if let Some(event) = self.event(part) {
            return format!("event {}", event.position);
        }
        if let Some(field) = self.field(part) {
            return field.to_owned();
        }
        let class = self.class(part);
        let class = class.map(|class| class.id.unwrap_or("unclassified"));
        match (class, self.period(part)) {
            (Some(class), Some(period)) => format!("{class} in {period}"),
            (Some(class), None) => class.to_owned(),
            (None, Some(period)) => period.to_owned(),
            (None, None) => "the rest".to_owned(),
        }
    }

    fn transaction(&self, part: Part) -> Option<&'a Transaction<'a>> {
        match part.place {
            Place::Event(place) => self.sequence.transactions.get(place),
            _ => None,
        }
    }
}
