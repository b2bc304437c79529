//! Encoding of events again: those that are left are copied, and their gaps closed.

use ndarray::{Array2, Axis, Slice};

use crate::continuation::Checkpoint;
use crate::declaration::{EventWindow, NumberField};
use crate::event::Event;
use crate::event_window::in_window;
use crate::inputs::{EventReading, EventStep, Inputs};
use crate::transactions::Transactions;
use microseg_history::{HistoryError, Moment};

/// What comes before the transactions of a history that goes on from a state without a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// It is there as it was; so it is where nothing comes before.
    Kept,
    /// It never happened.
    Gone,
}

/// Encodes a history of events again.
pub struct EventReencoder<'a> {
    transactions: &'a Transactions,
    reading: EventReading<'a>,
    window: EventWindow,
    /// The step that stands for a history without any event.
    padding: Inputs,
    /// What is read of each event after the one before it, those before the window included.
    encoded: &'a Inputs,
    /// When the last event happened that comes before all.
    previous: Option<Moment>,
}

impl std::fmt::Debug for EventReencoder<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EventReencoder")
            .field("events", &self.transactions.events.len())
            .finish_non_exhaustive()
    }
}

impl<'a> EventReencoder<'a> {
    pub(super) fn new(
        (transactions, encoded): (&'a Transactions, &'a Inputs),
        reading: EventReading<'a>,
        window: EventWindow,
        padding: Vec<i64>,
    ) -> Self {
        let categories = padding.len();
        let padding = Inputs {
            numbers: Array2::zeros((1, encoded.numbers.ncols())),
            categories: Array2::from_shape_vec((1, categories), padding).unwrap_or_default(),
        };
        let before = transactions.before.as_ref();
        Self {
            previous: before.and_then(Checkpoint::previous),
            transactions,
            reading,
            window,
            padding,
            encoded,
        }
    }

    /// The events that the network reads of those that are left, in their order: those of the window. Each is named by its
    /// place among all.
    #[must_use]
    pub fn steps(&self, factors: &[f64]) -> Vec<usize> {
        let places = factors.iter().enumerate();
        let left = places.filter(|&(_, &factor)| factor > 0.0);
        let left: Vec<usize> = left.map(|(place, _)| place).collect();
        let moment = |&place: &usize| self.events()[place].moment();
        in_window(&left, moment, self.window, self.transactions.as_of).to_vec()
    }

    /// What the network reads of these steps, from one of them on, if its state goes on from what is `before`. Without any step it is one step of padding: every number
    /// is 0, and every category has its code of padding.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when a number is too large for the network.
    pub fn inputs(
        &self,
        steps: &[usize],
        from: usize,
        (factors, before_all): (&[f64], Before),
    ) -> Result<Inputs, HistoryError> {
        if steps.is_empty() {
            return Ok(self.padding.clone());
        }
        let mut inputs = self.copied(&steps[from..]);
        let rows = inputs.numbers.rows_mut().into_iter();
        for ((place, &step), row) in steps.iter().enumerate().skip(from).zip(rows) {
            let before = place.checked_sub(1).map(|place| steps[place]);
            let is_first_as_it_was = before_all == Before::Kept || self.previous.is_none();
            let follows = before == step.checked_sub(1) && (before.is_some() || is_first_as_it_was);
            if follows && is_one(factors[step]) {
                continue;
            }
            let of_step = self.step((before, before_all, step), factors[step]);
            self.reading.rewrite(of_step, row)?;
        }
        Ok(inputs)
    }

    /// What the network reads of these steps when the values of some fields are other ones in all of them: `factors` has one
    /// for each field, which its values are multiplied by, and 0 says that they are missing. Categories stay.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] when a number is too large for the network.
    pub fn inputs_of_fields(
        &self,
        steps: &[usize],
        fields: &[NumberField],
        factors: &[f64],
    ) -> Result<Inputs, HistoryError> {
        let unchanged = vec![1.0; self.events().len()];
        let mut inputs = self.inputs(steps, 0, (&unchanged, Before::Kept))?;
        let changed = fields.iter().zip(factors);
        for (field, &factor) in changed.filter(|&(_, &factor)| !is_one(factor)) {
            for (place, &step) in steps.iter().enumerate() {
                let before = place.checked_sub(1).map(|place| steps[place]);
                let of_step = self.step((before, Before::Kept, step), 1.0);
                for &column in &field.columns {
                    inputs.numbers[(place, column)] =
                        self.reading.scaled(column, of_step, factor)?;
                }
            }
        }
        Ok(inputs)
    }

    /// A step behind another one, or behind what comes before all, with so many times its amount.
    fn step(
        &self,
        (before, before_all, step): (Option<usize>, Before, usize),
        factor: f64,
    ) -> EventStep<'_> {
        let event = &self.events()[step];
        let previous = match (before, before_all) {
            (Some(before), _) => Some(self.events()[before].moment()),
            (None, Before::Kept) => self.previous,
            (None, Before::Gone) => None,
        };
        EventStep {
            event,
            // A factor of 1 changes no bit.
            amount: event.amount().to_f64() * factor,
            previous,
        }
    }

    /// The rows of these events as they are encoded among all.
    fn copied(&self, steps: &[usize]) -> Inputs {
        let Inputs {
            numbers,
            categories,
        } = self.encoded;
        let mut inputs = Inputs {
            numbers: Array2::zeros((steps.len(), numbers.ncols())),
            categories: Array2::zeros((steps.len(), categories.ncols())),
        };
        // Most events that are left follow each other: they are copied together.
        let mut to = 0;
        for run in steps.chunk_by(|one, next| one + 1 == *next) {
            let from = Slice::from(run[0]..run[0] + run.len());
            let place = Slice::from(to..to + run.len());
            let rows = numbers.slice_axis(Axis(0), from);
            inputs.numbers.slice_axis_mut(Axis(0), place).assign(&rows);
            let rows = categories.slice_axis(Axis(0), from);
            let mut codes = inputs.categories.slice_axis_mut(Axis(0), place);
            codes.assign(&rows);
            to += run.len();
        }
        inputs
    }

    fn events(&self) -> &[Event] {
        &self.transactions.events
    }
}

/// Whether an amount stays as it is.
#[expect(clippy::float_cmp, reason = "a factor of 1 is written as 1")]
fn is_one(factor: f64) -> bool {
    factor == 1.0
}
