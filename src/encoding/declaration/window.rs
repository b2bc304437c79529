//! Window of a sequence: how many of the last steps the network reads.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::error::{DeclarationError, DeclarationFault};
use super::step::Step;

/// The window as a document has it: a number of periods, or an object for events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(untagged)]
pub enum WindowDocument {
    /// The last periods, 1 to 1,200.
    Periods(u64),
    /// The last events.
    Events(EventWindowDocument),
    /// `all`: every event of the history.
    All(AllEvents),
}

/// The word `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AllEvents {
    /// Every event, however old: the network never forgets.
    All,
}

/// The last events: so many, of so many days, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventWindowDocument {
    /// How many events at most, 1 to 100,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 512)]
    pub events: Option<u64>,
    /// How many days of 24 hours before the end of the window, 1 to 36,500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 730)]
    pub days: Option<u64>,
}

impl<'de> Deserialize<'de> for WindowDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Window;
        impl<'de> Visitor<'de> for Window {
            type Value = WindowDocument;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str(
                    "a whole number of periods, or for events `all` or an object with `events`, `days` or both",
                )
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<WindowDocument, E> {
                match word {
                    "all" => Ok(WindowDocument::All(AllEvents::All)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
                }
            }

            fn visit_u64<E: de::Error>(self, periods: u64) -> Result<WindowDocument, E> {
                Ok(WindowDocument::Periods(periods))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WindowDocument, A::Error> {
                EventWindowDocument::deserialize(MapAccessDeserializer::new(map))
                    .map(WindowDocument::Events)
            }
        }
        deserializer.deserialize_any(Window)
    }
}

/// A checked window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last periods.
    Periods(usize),
    /// The last events.
    Events(EventWindow),
}

/// A checked window of events; all events without a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventWindow {
    /// How many events at most, 1 to 100,000.
    pub events: Option<usize>,
    /// How many days of 24 hours, 1 to 36,500.
    pub days: Option<u32>,
}

impl EventWindow {
    /// Whether every event of a history is in it.
    #[must_use]
    pub fn is_unlimited(self) -> bool {
        self.events.is_none() && self.days.is_none()
    }
}

impl Window {
    /// The most periods.
    pub const MOST_PERIODS: u64 = 1_200;
    /// The most events.
    pub const MOST_EVENTS: u64 = 100_000;
    /// The most days of a window of events.
    pub const MOST_DAYS: u64 = 36_500;

    pub(super) fn new(step: Step, window: WindowDocument) -> Result<Self, DeclarationError> {
        const PLACE: &str = "sequence.window";
        let at = |fault| DeclarationError::new(PLACE, fault);
        match (step.period(), window) {
            (Some(_), WindowDocument::Periods(periods)) => {
                let periods = whole_number(PLACE, periods, Self::MOST_PERIODS)?;
                Ok(Self::Periods(periods))
            }
            (None, WindowDocument::All(_)) => Ok(Self::Events(EventWindow {
                events: None,
                days: None,
            })),
            (Some(_), WindowDocument::Events(_) | WindowDocument::All(_)) => {
                Err(at(DeclarationFault::WindowOfPeriods))
            }
            (None, WindowDocument::Periods(_)) => Err(at(DeclarationFault::WindowOfEvents)),
            (None, WindowDocument::Events(EventWindowDocument { events, days })) => {
                if events.is_none() && days.is_none() {
                    return Err(at(DeclarationFault::WindowOfEvents));
                }
                let events = events
                    .map(|events| whole_number("sequence.window.events", events, Self::MOST_EVENTS))
                    .transpose()?;
                let days = days
                    .map(|days| whole_number("sequence.window.days", days, Self::MOST_DAYS))
                    .transpose()?;
                Ok(Self::Events(EventWindow { events, days }))
            }
        }
    }
}

/// A number from 1 to `most`.
fn whole_number<N: TryFrom<u64>>(
    place: &str,
    number: u64,
    most: u64,
) -> Result<N, DeclarationError> {
    let in_range = (1..=most).contains(&number);
    in_range
        .then(|| N::try_from(number).ok())
        .flatten()
        .ok_or_else(|| DeclarationError::new(place, DeclarationFault::OutOfRange { most }))
}
