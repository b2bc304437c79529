//! Declaration of what a network reads: its steps, its window, the fields of transactions, its numbers and categories.
//!
//! [`SequenceDocument`], [`FieldsDocument`] and [`InputsDocument`] are the documents as they stand in the description of a
//! network and in a manifest; an [`InputDeclaration`] is what they say, checked.

mod categories;
mod document;
mod error;
mod fallback;
mod members;
mod names;
mod number_fields;
mod numbers;
mod step;
#[cfg(test)]
mod tests;
mod transform;
mod window;

use microseg_history::{DeclaredFieldError, DeclaredFields, FieldKind};

use crate::period::PeriodKind;

pub(crate) use categories::{Category, SignCodes, Vocabulary};
pub use document::{
    CategoryDocument, CategorySource, FieldDocument, FieldType, FieldsDocument, Form,
    InputsDocument, NumberDocument, NumberSource, SequenceDocument,
};
pub use error::{DeclarationError, DeclarationFault};
pub use fallback::Fallback;
pub use number_fields::NumberField;
use numbers::Context;
pub(crate) use numbers::{ClassNumber, ClockPart, EventSource, Number, PeriodSource, Statistic};
pub use step::Step;
pub use transform::Transform;
pub(crate) use transform::Transforms;
pub use window::{AllEvents, EventWindow, EventWindowDocument, Window, WindowDocument};

/// What a network reads at each step of a history: checked.
#[derive(Debug, Clone, PartialEq)]
pub struct InputDeclaration {
    sequence: SequenceDocument,
    fields_document: FieldsDocument,
    inputs: InputsDocument,
    classes: usize,
    fields: DeclaredFields,
    number_names: Vec<String>,
    category_names: Vec<String>,
    plan: Plan,
}

/// The steps with what is read at each of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plan {
    /// Steps are calendar periods.
    Periods {
        kind: PeriodKind,
        window: usize,
        numbers: Vec<Number<PeriodSource>>,
    },
    /// Steps are transactions.
    Events {
        window: EventWindow,
        numbers: Vec<Number<EventSource>>,
        categories: Vec<Category>,
    },
}

impl InputDeclaration {
    /// The most numbers and categories of a sequence of periods.
    pub const MOST_NUMBERS: usize = 1 << 18;

    /// The declaration in these documents, for a taxonomy with these spending classes, in their order.
    ///
    /// # Errors
    /// [`DeclarationError`] with the place of the first fault.
    pub fn new(
        sequence: SequenceDocument,
        fields: FieldsDocument,
        inputs: InputsDocument,
        classes: &[String],
    ) -> Result<Self, DeclarationError> {
        let declared = declared_fields(&fields)?;
        let window = Window::new(sequence.step, sequence.window)?;
        let context = Context {
            step: sequence.step,
            fields: &declared,
        };
        let plan = Plan::new(&inputs, window, context)?;
        let number_names = names::number_names(&inputs, classes);
        let category_names = names::category_names(&inputs);
        let of_step = number_names.len() + category_names.len();
        if of_step == 0 {
            return Err(DeclarationError::new("inputs", DeclarationFault::Nothing));
        }
        if let Window::Periods(periods) = window
            && periods * of_step > Self::MOST_NUMBERS
        {
            let fault = DeclarationFault::TooMany {
                numbers: periods * of_step,
                most: Self::MOST_NUMBERS,
            };
            return Err(DeclarationError::new("inputs", fault));
        }
        Ok(Self {
            sequence,
            fields_document: fields,
            inputs,
            classes: classes.len(),
            fields: declared,
            number_names,
            category_names,
            plan,
        })
    }

    /// The share that each class has of the spending of the last `window` periods: what bundles of schema 2 read. A window
    /// of zero is taken as one.
    #[must_use]
    pub fn shares(period: PeriodKind, window: usize, classes: &[String]) -> Self {
        let window = window.max(1);
        let inputs = InputsDocument {
            numbers: vec![NumberDocument {
                of: NumberSource::Share,
                field: None,
                form: None,
                transforms: Vec::new(),
                missing: None,
            }],
            categories: Vec::new(),
        };
        Self {
            sequence: SequenceDocument {
                step: period.into(),
                window: WindowDocument::Periods(window as u64),
            },
            fields_document: FieldsDocument::default(),
            classes: classes.len(),
            fields: DeclaredFields::default(),
            number_names: names::number_names(&inputs, classes),
            category_names: Vec::new(),
            inputs,
            plan: Plan::Periods {
                kind: period,
                window,
                numbers: vec![Number {
                    source: PeriodSource::OfClass(ClassNumber::Share),
                    transforms: Transforms::default(),
                    missing: 0.0,
                }],
            },
        }
    }

    /// What one step is.
    #[must_use]
    pub fn step(&self) -> Step {
        self.sequence.step
    }

    /// How long the periods of totals and answers are: the steps, or months where steps are events.
    #[must_use]
    pub fn period(&self) -> PeriodKind {
        self.step().period().unwrap_or(PeriodKind::Month)
    }

    /// How many of the last steps the network reads.
    #[must_use]
    pub fn window(&self) -> Window {
        match self.plan {
            Plan::Periods { window, .. } => Window::Periods(window),
            Plan::Events { window, .. } => Window::Events(window),
        }
    }

    /// N: how many numbers a step has.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.number_names.len()
    }

    /// C: how many categories a step has.
    #[must_use]
    pub fn categories(&self) -> usize {
        self.category_names.len()
    }

    /// K: how many classes it was declared for.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// A name for each number, such as `share.groceries`, `amount`, `weekday.sine` or `last.balance`. No two are the same:
    /// where an input is read a second time, `#2` follows.
    #[must_use]
    pub fn number_names(&self) -> &[String] {
        &self.number_names
    }

    /// A name for each category, such as `mcc` or `field.channel`; no two are the same.
    #[must_use]
    pub fn category_names(&self) -> &[String] {
        &self.category_names
    }

    /// The fields that the numbers of an event are taken from, in the order of the inputs; none where steps are periods.
    #[must_use]
    pub fn number_fields(&self) -> Vec<NumberField> {
        match &self.plan {
            Plan::Periods { .. } => Vec::new(),
            Plan::Events { numbers, .. } => NumberField::all(numbers, &self.fields),
        }
    }

    /// The largest code of each category: of its vocabulary, its padding, unknown and missing values.
    #[must_use]
    pub fn largest_codes(&self) -> Vec<i64> {
        match &self.plan {
            Plan::Periods { .. } => Vec::new(),
            Plan::Events { categories, .. } => {
                let largest = |category: &Category| category.largest_code;
                categories.iter().map(largest).collect()
            }
        }
    }

    /// The code of each category at steps that are no event, where sequences are made equally long.
    #[must_use]
    pub fn padding_codes(&self) -> Vec<i64> {
        let padding = |category: &CategoryDocument| category.padding;
        self.inputs.categories.iter().map(padding).collect()
    }

    /// Whether the class or the code of a transaction counts for what the network reads. It always does where steps are
    /// periods: they are counted in spending.
    #[must_use]
    pub fn reads_class(&self) -> bool {
        let is_class = |category: &Category| {
            matches!(
                category.vocabulary,
                Vocabulary::Class(_) | Vocabulary::Mcc(_)
            )
        };
        match &self.plan {
            Plan::Periods { .. } => true,
            Plan::Events { categories, .. } => categories.iter().any(is_class),
        }
    }

    /// Whether the network reads shares of periods as they are and nothing else, as those of schema 2 do.
    #[must_use]
    pub fn is_shares_alone(&self) -> bool {
        let shares = PeriodSource::OfClass(ClassNumber::Share);
        match &self.plan {
            Plan::Periods { numbers, .. } => matches!(
                &numbers[..],
                [number] if number.source == shares && number.transforms == Transforms::default()
            ),
            Plan::Events { .. } => false,
        }
    }

    /// The document `sequence`.
    #[must_use]
    pub fn sequence_document(&self) -> &SequenceDocument {
        &self.sequence
    }

    /// The document `fields`.
    #[must_use]
    pub fn fields_document(&self) -> &FieldsDocument {
        &self.fields_document
    }

    /// The document `inputs`.
    #[must_use]
    pub fn inputs_document(&self) -> &InputsDocument {
        &self.inputs
    }

    /// The declared fields, in the order of their names.
    #[must_use]
    pub fn fields(&self) -> &DeclaredFields {
        &self.fields
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }
}

impl Plan {
    fn new(
        inputs: &InputsDocument,
        window: Window,
        context: Context<'_>,
    ) -> Result<Self, DeclarationError> {
        match (context.step.period(), window) {
            (Some(kind), Window::Periods(window)) => {
                let numbers = Number::all(&inputs.numbers, context)?;
                if !inputs.categories.is_empty() {
                    let fault = DeclarationFault::CategoriesOfPeriods(context.step);
                    return Err(DeclarationError::new("inputs.categories", fault));
                }
                Ok(Self::Periods {
                    kind,
                    window,
                    numbers,
                })
            }
            (_, Window::Events(window)) => Ok(Self::Events {
                window,
                numbers: Number::all(&inputs.numbers, context)?,
                categories: Category::all(&inputs.categories, context.fields)?,
            }),
            (None, Window::Periods(_)) => {
                let fault = DeclarationFault::WindowOfEvents;
                Err(DeclarationError::new("sequence.window", fault))
            }
        }
    }
}

fn declared_fields(document: &FieldsDocument) -> Result<DeclaredFields, DeclarationError> {
    for (name, field) in &document.0 {
        if field.kind == FieldType::Category && field.unit.is_some() {
            let place = format!("fields[\"{name}\"].unit");
            return Err(DeclarationError::new(
                place,
                DeclarationFault::UnitOfCategory,
            ));
        }
    }
    let fields = document.0.iter().map(|(name, field)| {
        let kind = match field.kind {
            FieldType::Number => FieldKind::Number,
            FieldType::Category => FieldKind::Category,
        };
        (name.as_str(), kind)
    });
    let at_fields = |error: DeclaredFieldError| DeclarationError::new("fields", error.into());
    DeclaredFields::new(fields).map_err(at_fields)
}
