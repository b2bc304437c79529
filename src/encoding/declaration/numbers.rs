//! Checked numbers of a step: what each is taken from, its transforms, and what stands for a missing value.

use microseg_history::{DeclaredFields, FieldKind};

use super::document::{Form, NumberDocument, NumberSource};
use super::error::{DeclarationError, DeclarationFault};
use super::step::Step;
use super::transform::Transforms;

/// One number of a step, or one for each class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Number<S> {
    /// What it is taken from.
    pub(crate) source: S,
    /// What is done to it.
    pub(crate) transforms: Transforms,
    /// What stands for a missing value.
    pub(crate) missing: f32,
}

/// A number of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeriodSource {
    /// One for each class.
    OfClass(ClassNumber),
    TotalSpending,
    Income,
    Transactions,
    ActiveDays,
    /// Of the values of a field; the number is its place.
    Statistic(Statistic, usize),
    Month(Form),
}

/// A number of a period and class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClassNumber {
    Share,
    Spending,
    Count,
    Presence,
}

/// A statistic over the values of a field in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    Last,
    Mean,
    Min,
    Max,
    Sum,
}

/// A number of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventSource {
    Amount,
    DaysSincePrevious,
    Clock(ClockPart, Form),
    /// Of a field; the number is its place.
    Field(usize),
}

/// A part of what the clock and the calendar of the history's zone show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockPart {
    Hour,
    Weekday,
    DayOfMonth,
    Month,
}

/// What a document says about a number, and what it can be checked against.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(super) step: Step,
    pub(super) fields: &'a DeclaredFields,
}

/// A source that the documents of one kind of steps can name.
pub(crate) trait Source: Sized {
    /// # Errors
    /// [`DeclarationFault`] when the source is of the other kind of steps, or its members do not fit it.
    fn new(document: &NumberDocument, context: Context<'_>) -> Result<Self, DeclarationFault>;
}

impl<S: Source> Number<S> {
    /// The numbers of these documents, in their order.
    pub(super) fn all(
        documents: &[NumberDocument],
        context: Context<'_>,
    ) -> Result<Vec<Self>, DeclarationError> {
        let numbers = documents.iter().enumerate().map(|(index, document)| {
            let place = format!("inputs.numbers[{index}]");
            Self::new(&place, document, context)
        });
        numbers.collect()
    }

    fn new(
        place: &str,
        document: &NumberDocument,
        context: Context<'_>,
    ) -> Result<Self, DeclarationError> {
        let source =
            S::new(document, context).map_err(|fault| DeclarationError::new(place, fault))?;
        let transforms = Transforms::new(&document.transforms).map_err(|(index, fault)| {
            DeclarationError::new(format!("{place}.transforms[{index}]"), fault)
        })?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the network takes 32-bit floats"
        )]
        let missing = document.missing.unwrap_or(0.0) as f32;
        if !missing.is_finite() {
            let place = format!("{place}.missing");
            return Err(DeclarationError::new(place, DeclarationFault::NotFinite));
        }
        Ok(Self {
            source,
            transforms,
            missing,
        })
    }
}

impl Source for PeriodSource {
    fn new(document: &NumberDocument, context: Context<'_>) -> Result<Self, DeclarationFault> {
        let statistic = |statistic| {
            document.refuse_form()?;
            let field = document.numeric_field(context.fields)?;
            Ok(Self::Statistic(statistic, field))
        };
        let plain = |source| {
            document.refuse_form()?;
            document.refuse_field()?;
            Ok(source)
        };
        match document.of {
            NumberSource::Share => plain(Self::OfClass(ClassNumber::Share)),
            NumberSource::Spending => plain(Self::OfClass(ClassNumber::Spending)),
            NumberSource::Count => plain(Self::OfClass(ClassNumber::Count)),
            NumberSource::Presence => plain(Self::OfClass(ClassNumber::Presence)),
            NumberSource::TotalSpending => plain(Self::TotalSpending),
            NumberSource::Income => plain(Self::Income),
            NumberSource::Transactions => plain(Self::Transactions),
            NumberSource::ActiveDays => plain(Self::ActiveDays),
            NumberSource::Last => statistic(Statistic::Last),
            NumberSource::Mean => statistic(Statistic::Mean),
            NumberSource::Min => statistic(Statistic::Min),
            NumberSource::Max => statistic(Statistic::Max),
            NumberSource::Sum => statistic(Statistic::Sum),
            NumberSource::Month => {
                document.refuse_field()?;
                Ok(Self::Month(document.form.unwrap_or_default()))
            }
            NumberSource::Amount
            | NumberSource::DaysSincePrevious
            | NumberSource::Hour
            | NumberSource::Weekday
            | NumberSource::DayOfMonth
            | NumberSource::Field => Err(DeclarationFault::OtherSteps {
                of: document.of.name(),
                steps: "events",
                step: context.step,
            }),
        }
    }
}

impl Source for EventSource {
    fn new(document: &NumberDocument, context: Context<'_>) -> Result<Self, DeclarationFault> {
        let clock = |part| {
            document.refuse_field()?;
            Ok(Self::Clock(part, document.form.unwrap_or_default()))
        };
        let plain = |source| {
            document.refuse_form()?;
            document.refuse_field()?;
            Ok(source)
        };
        match document.of {
            NumberSource::Amount => plain(Self::Amount),
            NumberSource::DaysSincePrevious => plain(Self::DaysSincePrevious),
            NumberSource::Hour => clock(ClockPart::Hour),
            NumberSource::Weekday => clock(ClockPart::Weekday),
            NumberSource::DayOfMonth => clock(ClockPart::DayOfMonth),
            NumberSource::Month => clock(ClockPart::Month),
            NumberSource::Field => {
                document.refuse_form()?;
                Ok(Self::Field(document.numeric_field(context.fields)?))
            }
            NumberSource::Share
            | NumberSource::Spending
            | NumberSource::Count
            | NumberSource::Presence
            | NumberSource::TotalSpending
            | NumberSource::Income
            | NumberSource::Transactions
            | NumberSource::ActiveDays
            | NumberSource::Last
            | NumberSource::Mean
            | NumberSource::Min
            | NumberSource::Max
            | NumberSource::Sum => Err(DeclarationFault::OtherSteps {
                of: document.of.name(),
                steps: "periods",
                step: context.step,
            }),
        }
    }
}

impl NumberDocument {
    fn refuse_form(&self) -> Result<(), DeclarationFault> {
        match self.form {
            Some(_) => Err(DeclarationFault::FormUnexpected(self.of.name())),
            None => Ok(()),
        }
    }

    fn refuse_field(&self) -> Result<(), DeclarationFault> {
        match self.field {
            Some(_) => Err(DeclarationFault::FieldUnexpected(self.of.name())),
            None => Ok(()),
        }
    }

    fn numeric_field(&self, fields: &DeclaredFields) -> Result<usize, DeclarationFault> {
        let name = self.field.as_deref();
        place_of_field(self.of.name(), name, FieldKind::Number, fields)
    }
}

/// The place of the field that an input names, which must be of this kind.
pub(super) fn place_of_field(
    of: &'static str,
    name: Option<&str>,
    kind: FieldKind,
    fields: &DeclaredFields,
) -> Result<usize, DeclarationFault> {
    let name = name.ok_or(DeclarationFault::FieldMissing(of))?;
    let undeclared = || DeclarationFault::FieldUndeclared(name.to_owned());
    let place = fields.place_of(name).ok_or_else(undeclared)?;
    match fields.get(place) {
        Some((_, found)) if found == kind => Ok(place),
        _ => Err(DeclarationFault::FieldType {
            field: name.to_owned(),
            expected: match kind {
                FieldKind::Number => "number",
                FieldKind::Category => "category",
            },
        }),
    }
}
