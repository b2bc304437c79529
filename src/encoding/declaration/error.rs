//! Errors of a declaration, with the place in its documents.

use microseg_history::DeclaredFieldError;

use super::step::Step;

/// A declaration that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct DeclarationError {
    /// The place, such as `inputs.numbers[2]`.
    pub place: String,
    /// What is wrong there.
    pub fault: DeclarationFault,
}

impl DeclarationError {
    pub(super) fn new(place: impl Into<String>, fault: DeclarationFault) -> Self {
        Self {
            place: place.into(),
            fault,
        }
    }
}

/// What is wrong with a declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationFault {
    /// A window of events where steps are periods.
    #[error("the window of periods is a whole number of them")]
    WindowOfPeriods,
    /// A window of periods where steps are events, or no limit.
    #[error("the window of events is an object with `events`, `days` or both")]
    WindowOfEvents,
    /// A number beyond its range.
    #[error("expected a whole number from 1 to {most}")]
    OutOfRange {
        /// The largest.
        most: u64,
    },
    /// A name that no field can have.
    #[error(transparent)]
    Field(#[from] DeclaredFieldError),
    /// A category has a unit.
    #[error("`unit` is of numbers, and the field is a category")]
    UnitOfCategory,
    /// An input of the other kind of steps.
    #[error("`{of}` is of {steps}, and the step is {step}")]
    OtherSteps {
        /// The input.
        of: &'static str,
        /// The steps that it is of: `events` or `periods`.
        steps: &'static str,
        /// The declared step.
        step: Step,
    },
    /// Categories at steps that are periods.
    #[error("categories are of events, and the step is {0}")]
    CategoriesOfPeriods(Step),
    /// An input of a field does not say which.
    #[error("`{0}` needs the name of a `field`")]
    FieldMissing(&'static str),
    /// An input that is of no field names one.
    #[error("`{0}` has no `field`")]
    FieldUnexpected(&'static str),
    /// `fields` does not have the field.
    #[error("`fields` does not declare `{0}`")]
    FieldUndeclared(String),
    /// The field is of the other type.
    #[error("the field `{field}` is no {expected}")]
    FieldType {
        /// The field.
        field: String,
        /// The type that is needed: `number` or `category`.
        expected: &'static str,
    },
    /// An input without a cycle has a form.
    #[error("`{0}` has no `as`")]
    FormUnexpected(&'static str),
    /// A constant is infinite or no number.
    #[error("expected a finite number")]
    NotFinite,
    /// A clip has no end.
    #[error("`clip` needs `min`, `max` or both")]
    ClipWithoutEnds,
    /// The ends of a clip are in the wrong order.
    #[error("`min` is above `max`")]
    ClipEnds,
    /// A division by zero.
    #[error("`divide` needs another number than 0")]
    DivideByZero,
    /// A deviation that is not above zero.
    #[error("`deviation` must be above 0")]
    Deviation,
    /// A code below zero.
    #[error("a code is a whole number from 0")]
    Code,
    /// A key of a vocabulary of MCCs is none.
    #[error("`{0}` is no MCC of up to four digits")]
    NotAnMcc(String),
    /// Two keys of a vocabulary are one MCC.
    #[error("`{0}` is the same MCC as another key")]
    SameMcc(String),
    /// A key of a vocabulary of signs is none.
    #[error("`{0}` is no sign: `out`, `in` or `zero`")]
    NotASign(String),
    /// The network reads nothing.
    #[error("expected at least one number or category")]
    Nothing,
    /// Too many numbers a sequence.
    #[error(
        "{numbers} numbers a sequence, the window times the inputs of a step: at most {most} are allowed"
    )]
    TooMany {
        /// How many there are.
        numbers: usize,
        /// How many are allowed.
        most: usize,
    },
}
