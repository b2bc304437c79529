//! Inputs of a sequence whose steps are events.

use ndarray::Array2;

use microseg_history::{
    DeclaredFields, DeclaredValue, Field, HistoryError, Moment, Taxonomy, TimeZone,
};

use super::arrays::Inputs;
use super::cycle;
use super::refusal::Refusal;
use crate::declaration::{Category, EventSource, Number};
use crate::event::Event;

const NANOSECONDS_PER_DAY: f64 = 86_400e9;

/// What the events of a window are read by.
pub(crate) struct EventReading<'a> {
    pub(crate) numbers: &'a [Number<EventSource>],
    pub(crate) categories: &'a [Category],
    pub(crate) fields: &'a DeclaredFields,
    pub(crate) taxonomy: &'a Taxonomy,
    pub(crate) zone: &'a TimeZone,
}

/// One step, as its numbers are taken from it.
#[derive(Clone, Copy)]
pub(crate) struct EventStep<'a> {
    pub(crate) event: &'a Event,
    /// Its amount, or another one in its place.
    pub(crate) amount: f64,
    /// The time of the event before.
    pub(crate) previous: Option<Moment>,
}

/// A refusal with its place: the first one in the order of the history's list is answered.
type Refused<'a> = (u32, std::borrow::Cow<'a, str>, Refusal);

#[cfg(test)]
thread_local! {
    /// How many events this thread has encoded.
    pub(crate) static ENCODED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The inputs of the events of a window, in their order; `previous` is the moment of an event before them.
///
/// # Errors
/// [`HistoryError::Invalid`] with a pointer to a value that the network cannot read: the first one that the history
/// lists.
pub(crate) fn of_events(
    events: &[Event],
    reading: &EventReading<'_>,
    mut previous: Option<Moment>,
) -> Result<Inputs, HistoryError> {
    #[cfg(test)]
    ENCODED.set(ENCODED.get() + events.len());
    let mut numbers = Array2::zeros((events.len(), reading.numbers.len()));
    let mut categories = Array2::zeros((events.len(), reading.categories.len()));
    let mut first: Option<Refused<'_>> = None;
    for (step, event) in events.iter().enumerate() {
        let of_step = EventStep {
            event,
            amount: event.amount().to_f64(),
            previous,
        };
        let read = reading.read(of_step, numbers.row_mut(step), categories.row_mut(step));
        if let Err((member, refusal)) = read
            && first
                .as_ref()
                .is_none_or(|(index, ..)| event.index < *index)
        {
            first = Some((event.index, member, refusal));
        }
        previous = Some(event.moment());
    }
    match first {
        Some((index, member, refusal)) => Err(refusal.at(index, &member)),
        None => Ok(Inputs {
            numbers,
            categories,
        }),
    }
}

impl<'a> EventReading<'a> {
    /// Writes one step; a refusal names the member of the transaction.
    fn read(
        &self,
        step: EventStep<'_>,
        numbers: ndarray::ArrayViewMut1<'_, f32>,
        mut codes: ndarray::ArrayViewMut1<'_, i64>,
    ) -> Result<(), (std::borrow::Cow<'a, str>, Refusal)> {
        self.write_numbers(step, |_| true, numbers)?;
        let event = step.event;
        for (category, out) in self.categories.iter().zip(&mut codes) {
            *out = category
                .code(event, self.taxonomy)
                .map_err(|refusal| (category.member(event, self.fields), refusal))?;
        }
        Ok(())
    }

    /// Writes the numbers of one step that are of these sources.
    fn write_numbers(
        &self,
        step: EventStep<'_>,
        is_of: impl Fn(EventSource) -> bool,
        mut numbers: ndarray::ArrayViewMut1<'_, f32>,
    ) -> Result<(), (std::borrow::Cow<'a, str>, Refusal)> {
        let shown = self.zone.shown(step.event.moment());
        for (number, out) in self.numbers.iter().zip(&mut numbers) {
            if !is_of(number.source) {
                continue;
            }
            let value = number.source.value(step, shown);
            *out = self.number(number, value)?;
        }
        Ok(())
    }

    fn number(
        &self,
        number: &Number<EventSource>,
        value: Option<f64>,
    ) -> Result<f32, (std::borrow::Cow<'a, str>, Refusal)> {
        let read = value.map_or(number.missing, |value| number.transforms.apply(value));
        if read.is_finite() {
            Ok(read)
        } else {
            Err((number.source.member(self.fields).into(), Refusal::TooLarge))
        }
    }

    /// The number at a place among those of a step, of so many times its value; of a missing value for 0.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when it is too large for the network.
    pub(crate) fn scaled(
        &self,
        column: usize,
        step: EventStep<'_>,
        factor: f64,
    ) -> Result<f32, HistoryError> {
        let number = &self.numbers[column];
        let value = || {
            let shown = self.zone.shown(step.event.moment());
            Some(number.source.value(step, shown)? * factor)
        };
        let value = if factor > 0.0 { value() } else { None };
        self.number(number, value)
            .map_err(|(member, refusal)| refusal.at(step.event.index, &member))
    }

    /// Writes those numbers of an event again that depend on its amount, or on the event before.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when one is too large for the network.
    pub(crate) fn rewrite(
        &self,
        step: EventStep<'_>,
        numbers: ndarray::ArrayViewMut1<'_, f32>,
    ) -> Result<(), HistoryError> {
        let is_of = |source| matches!(source, EventSource::Amount | EventSource::DaysSincePrevious);
        self.write_numbers(step, is_of, numbers)
            .map_err(|(member, refusal)| refusal.at(step.event.index, &member))
    }
}

impl EventSource {
    /// The value of an event, `None` where it is missing. `shown` is what clocks show in the history's zone.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the network takes 32-bit floats"
    )]
    fn value(self, step: EventStep<'_>, shown: Moment) -> Option<f64> {
        let EventStep {
            event,
            amount,
            previous,
        } = step;
        match self {
            Self::Amount => Some(amount),
            Self::DaysSincePrevious => previous.map(|previous| {
                event.moment().nanoseconds_since(previous) as f64 / NANOSECONDS_PER_DAY
            }),
            Self::Clock(part, form) => Some(cycle::of_clock(part, form, shown)),
            Self::Field(field) => match event.details.values.get(field)? {
                DeclaredValue::Number(number) => Some(*number),
                DeclaredValue::Text(_) => None,
            },
        }
    }

    /// The member of the transaction that the value comes from.
    fn member(self, fields: &DeclaredFields) -> &str {
        match self {
            Self::Amount => Field::Amount.name(),
            Self::DaysSincePrevious | Self::Clock(..) => Field::Timestamp.name(),
            Self::Field(field) => fields.get(field).map_or("", |(name, _)| name),
        }
    }
}
