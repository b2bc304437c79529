//! Inputs of a sequence whose steps are calendar periods.

use ndarray::{Array2, ArrayViewMut1, Axis, Slice};

use microseg_history::{Amount, Booking, ClassReference, DeclaredValue, HistoryError};

use super::cycle;
use super::exact_sum::exact_sum;
use super::refusal::Refusal;
use crate::calendar::Calendar;
use crate::declaration::{ClassNumber, ClockPart, Number, PeriodSource, Statistic};
use crate::event::Event;
use crate::period::{Period, PeriodKind};
use crate::totals::{PeriodSum, Totals};

/// What is counted of one period beside its totals.
#[derive(Debug, Clone, Default)]
struct PeriodRecord {
    /// The transactions that count as spending, of each class.
    counts: Vec<u32>,
    income: Amount,
    transactions: u64,
    active_days: u64,
    /// The day of the latest event.
    day: Option<i32>,
    /// The values of each declared field, in the order of events; none for categories.
    values: Vec<Vec<f64>>,
}

/// What is counted of each period of a window beside its totals.
#[derive(Debug, Default)]
pub(crate) struct PeriodRecords(Vec<PeriodRecord>);

/// An event with its places in the calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub(crate) event: &'a Event,
    /// Its amount, or another one in its place.
    pub(crate) amount: Amount,
    /// The number of its period.
    pub(crate) period: i32,
    /// The number of its day.
    pub(crate) day: i32,
}

/// Finds the places of events in a calendar.
pub(crate) struct PlacesInCalendar<'a> {
    calendar: &'a Calendar,
    days: Calendar,
}

impl<'a> PlacesInCalendar<'a> {
    pub(crate) fn new(calendar: &'a Calendar) -> Self {
        Self {
            calendar,
            days: Calendar::new(PeriodKind::Day, calendar.zone().clone()),
        }
    }

    pub(crate) fn of<'e>(&self, event: &'e Event) -> Placed<'e> {
        Placed {
            event,
            amount: event.amount(),
            period: self.calendar.period_of(event.moment()).number(),
            day: self.days.period_of(event.moment()).number(),
        }
    }
}

impl PeriodRecords {
    /// Of the events, which are in their order, that fall into the periods of the totals.
    pub(crate) fn new<'a>(
        events: impl Iterator<Item = Placed<'a>>,
        totals: &Totals,
        fields: usize,
    ) -> Self {
        let classes = totals.spending().ncols();
        let first = totals.first_period().number();
        let record = PeriodRecord {
            counts: vec![0; classes],
            values: vec![Vec::new(); fields],
            ..PeriodRecord::default()
        };
        let mut records = vec![record; totals.periods().len()];
        for placed in events {
            let Ok(step) = usize::try_from(placed.period - first) else {
                continue;
            };
            if let Some(record) = records.get_mut(step) {
                record.add(placed);
            }
        }
        Self(records)
    }
}

impl PeriodRecord {
    fn add(&mut self, placed: Placed<'_>) {
        let Placed {
            event, amount, day, ..
        } = placed;
        self.transactions += 1;
        // Events come in the order of time.
        if self.day.replace(day) != Some(day) {
            self.active_days += 1;
        }
        match event.transaction.class {
            ClassReference::Known(Booking::Spending(class)) => {
                if let Some(count) = self.counts.get_mut(class.get()) {
                    *count += 1;
                }
            }
            ClassReference::Known(Booking::Income(_)) => self.income.add(amount),
            ClassReference::Unknown | ClassReference::Absent => {}
        }
        for (values, value) in self.values.iter_mut().zip(event.details.values.iter()) {
            if let Some(DeclaredValue::Number(number)) = value {
                values.push(*number);
            }
        }
    }
}

/// The numbers of each period, `[T, N]`. Records may be left out where no number needs them.
///
/// # Errors
/// [`HistoryError::Invalid`] when a number is too large for the network.
pub(crate) fn of_periods(
    numbers: &[Number<PeriodSource>],
    totals: &Totals,
    records: &PeriodRecords,
) -> Result<Array2<f32>, HistoryError> {
    let classes = totals.spending().ncols();
    let columns = |number: &Number<PeriodSource>| number.source.columns(classes);
    let width = numbers.iter().map(columns).sum();
    let mut inputs = Array2::zeros((totals.periods().len(), width));
    let none = PeriodRecord::default();
    let spending = totals.spending();
    let steps = totals.periods().zip(spending.rows()).zip(inputs.rows_mut());
    for (step, (((period, sum), spending), mut row)) in steps.enumerate() {
        let reading = PeriodReading {
            period,
            sum,
            spending,
            record: records.0.get(step).unwrap_or(&none),
        };
        let mut from = 0;
        for number in numbers {
            let to = from + columns(number);
            reading.write(number, row.slice_axis_mut(Axis(0), Slice::from(from..to)));
            from = to;
        }
    }
    if inputs.iter().all(|number: &f32| number.is_finite()) {
        Ok(inputs)
    } else {
        Err(Refusal::TooLarge.of_all())
    }
}

impl PeriodSource {
    fn columns(self, classes: usize) -> usize {
        match self {
            Self::OfClass(_) => classes,
            _ => 1,
        }
    }

    /// Whether totals alone give it.
    pub(crate) fn is_of_totals(self) -> bool {
        matches!(
            self,
            Self::OfClass(ClassNumber::Share | ClassNumber::Spending)
                | Self::TotalSpending
                | Self::Month(_)
        )
    }
}

/// One period.
struct PeriodReading<'a> {
    period: Period,
    sum: PeriodSum,
    /// Of each class, `[K]`.
    spending: ndarray::ArrayView1<'a, f64>,
    record: &'a PeriodRecord,
}

impl PeriodReading<'_> {
    fn write(&self, number: &Number<PeriodSource>, mut out: ArrayViewMut1<'_, f32>) {
        if let PeriodSource::OfClass(of) = number.source {
            let total: f64 = self.spending.iter().sum();
            for (class, out) in out.iter_mut().enumerate() {
                *out = number.transforms.apply(self.of_class(of, class, total));
            }
            return;
        }
        let value = self.of_all(number.source);
        out.fill(value.map_or(number.missing, |value| number.transforms.apply(value)));
    }

    fn of_class(&self, number: ClassNumber, class: usize, total: f64) -> f64 {
        let count = || self.record.counts.get(class).copied().unwrap_or(0);
        match number {
            ClassNumber::Share if total > 0.0 => self.spending[class] / total,
            ClassNumber::Share => 0.0,
            ClassNumber::Spending => self.spending[class],
            ClassNumber::Count => f64::from(count()),
            ClassNumber::Presence => f64::from(u8::from(count() > 0)),
        }
    }

    /// The value of the period; `None` where it is missing.
    #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    fn of_all(&self, source: PeriodSource) -> Option<f64> {
        match source {
            PeriodSource::OfClass(_) => None,
            PeriodSource::TotalSpending => Some(self.sum.spending),
            PeriodSource::Income => Some(self.record.income.to_f64().max(0.0)),
            PeriodSource::Transactions => Some(self.record.transactions as f64),
            PeriodSource::ActiveDays => Some(self.record.active_days as f64),
            PeriodSource::Month(form) => {
                Some(cycle::of_clock(ClockPart::Month, form, self.period.begin()))
            }
            PeriodSource::Statistic(statistic, field) => {
                statistic.of(self.record.values.get(field)?)
            }
        }
    }
}

impl Statistic {
    /// Over values in the order of events; `None` without any.
    #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    fn of(self, values: &[f64]) -> Option<f64> {
        let last = *values.last()?;
        Some(match self {
            Self::Last => last,
            Self::Mean => exact_sum(values) / values.len() as f64,
            Self::Min => values.iter().copied().fold(last, f64::min),
            Self::Max => values.iter().copied().fold(last, f64::max),
            Self::Sum => exact_sum(values),
        })
    }
}
