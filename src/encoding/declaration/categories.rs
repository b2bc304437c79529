//! Checked categories of an event: a vocabulary for what each is taken from, and codes for other values.

use std::collections::HashMap;

use microseg_history::{DeclaredFields, FieldKind, Mcc};

use super::document::{CategoryDocument, CategorySource};
use super::error::{DeclarationError, DeclarationFault};
use super::fallback::Fallback;
use super::numbers::place_of_field;

/// One category of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Category {
    /// The codes of the values that it is taken from.
    pub(crate) vocabulary: Vocabulary,
    /// What happens to a value that has none.
    pub(crate) unknown: Fallback,
    /// What happens to a missing value.
    pub(crate) missing: Fallback,
    /// The largest code that it can give.
    pub(super) largest_code: i64,
}

/// Codes of the values of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    /// By the class's id.
    Class(HashMap<String, i64>),
    Mcc(HashMap<Mcc, i64>),
    Sign(SignCodes),
    Field {
        /// The field's place.
        field: usize,
        codes: HashMap<String, i64>,
    },
}

/// Codes of the directions of an amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SignCodes {
    pub(crate) outgoing: Option<i64>,
    pub(crate) incoming: Option<i64>,
    pub(crate) zero: Option<i64>,
}

impl Category {
    /// The categories of these documents, in their order.
    pub(super) fn all(
        documents: &[CategoryDocument],
        fields: &DeclaredFields,
    ) -> Result<Vec<Self>, DeclarationError> {
        let categories = documents.iter().enumerate().map(|(index, document)| {
            let place = format!("inputs.categories[{index}]");
            Self::new(&place, document, fields)
        });
        categories.collect()
    }

    fn new(
        place: &str,
        document: &CategoryDocument,
        fields: &DeclaredFields,
    ) -> Result<Self, DeclarationError> {
        Ok(Self {
            largest_code: largest_code(place, document)?,
            vocabulary: Vocabulary::new(place, document, fields)?,
            unknown: document.unknown,
            missing: document.missing,
        })
    }
}

impl Vocabulary {
    fn new(
        place: &str,
        document: &CategoryDocument,
        fields: &DeclaredFields,
    ) -> Result<Self, DeclarationError> {
        let at = |fault| DeclarationError::new(place, fault);
        let of = document.of.name();
        let codes = || document.vocabulary.clone().into_iter().collect();
        if document.of != CategorySource::Field && document.field.is_some() {
            return Err(at(DeclarationFault::FieldUnexpected(of)));
        }
        match document.of {
            CategorySource::Class => Ok(Self::Class(codes())),
            CategorySource::Mcc => mcc_codes(document)
                .map(Self::Mcc)
                .map_err(|fault| DeclarationError::new(format!("{place}.vocabulary"), fault)),
            CategorySource::Sign => sign_codes(document)
                .map(Self::Sign)
                .map_err(|fault| DeclarationError::new(format!("{place}.vocabulary"), fault)),
            CategorySource::Field => {
                let name = document.field.as_deref();
                let field = place_of_field(of, name, FieldKind::Category, fields).map_err(at)?;
                Ok(Self::Field {
                    field,
                    codes: codes(),
                })
            }
        }
    }
}

fn mcc_codes(document: &CategoryDocument) -> Result<HashMap<Mcc, i64>, DeclarationFault> {
    let mut codes = HashMap::new();
    for (key, &code) in &document.vocabulary {
        let mcc = Mcc::parse(key).ok_or_else(|| DeclarationFault::NotAnMcc(key.clone()))?;
        if codes.insert(mcc, code).is_some() {
            return Err(DeclarationFault::SameMcc(key.clone()));
        }
    }
    Ok(codes)
}

fn sign_codes(document: &CategoryDocument) -> Result<SignCodes, DeclarationFault> {
    let mut codes = SignCodes::default();
    for (key, &code) in &document.vocabulary {
        let place = match key.as_str() {
            "out" => &mut codes.outgoing,
            "in" => &mut codes.incoming,
            "zero" => &mut codes.zero,
            _ => return Err(DeclarationFault::NotASign(key.clone())),
        };
        *place = Some(code);
    }
    Ok(codes)
}

/// The largest code of a category, all of which must be at least 0.
fn largest_code(place: &str, document: &CategoryDocument) -> Result<i64, DeclarationError> {
    let of_fallback = |member, fallback| match fallback {
        Fallback::Code(code) => Some((format!(".{member}"), code)),
        Fallback::Refuse => None,
    };
    let others = [
        Some((".padding".to_owned(), document.padding)),
        of_fallback("unknown", document.unknown),
        of_fallback("missing", document.missing),
    ];
    let vocabulary = document.vocabulary.iter();
    let vocabulary = vocabulary.map(|(key, &code)| (format!(".vocabulary[\"{key}\"]"), code));
    let mut largest = 0;
    for (member, code) in others.into_iter().flatten().chain(vocabulary) {
        if code < 0 {
            let place = format!("{place}{member}");
            return Err(DeclarationError::new(place, DeclarationFault::Code));
        }
        largest = largest.max(code);
    }
    Ok(largest)
}
