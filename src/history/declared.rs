//! Declared fields: the members of a transaction that a model asks for beside those that every model knows.

use super::cell::CellKind;
use super::fields::Field;

/// The type of a declared field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A finite number.
    Number,
    /// Text; a whole number is read as its digits.
    Category,
}

impl FieldKind {
    /// The kinds of cells that its values are read from.
    #[must_use]
    pub const fn cells(self) -> &'static [CellKind] {
        use CellKind::{Decimal, Integer, Number, Text};
        match self {
            Self::Number => &[Decimal, Number, Integer, Text],
            Self::Category => &[Text, Integer, Decimal, Number],
        }
    }
}

/// Why fields cannot be declared so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeclaredFieldError {
    /// Every transaction has a member of that name.
    #[error("`{0}` is a member that every model knows: it is not declared")]
    Known(String),
    /// The name is no plain text.
    #[error("the name of a field has 1 to 64 bytes, without control characters")]
    Name,
    /// There are more than a transaction can have.
    #[error("more than {} fields", DeclaredFields::MOST)]
    TooMany,
}

/// The declared fields of a model, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeclaredFields(Vec<(Box<str>, FieldKind)>);

impl DeclaredFields {
    /// How many there may be.
    pub const MOST: usize = 64;
    const MAX_NAME_BYTES: usize = 64;

    /// Fields of these names; of a name that comes twice the last one counts.
    ///
    /// # Errors
    /// [`DeclaredFieldError`] with the name that cannot be one.
    pub fn new<'a>(
        fields: impl IntoIterator<Item = (&'a str, FieldKind)>,
    ) -> Result<Self, DeclaredFieldError> {
        let mut declared = std::collections::BTreeMap::new();
        for (name, kind) in fields {
            if Field::from_name(name).is_some() {
                return Err(DeclaredFieldError::Known(name.to_owned()));
            }
            let is_plain = (1..=Self::MAX_NAME_BYTES).contains(&name.len())
                && !name.chars().any(char::is_control);
            if !is_plain {
                return Err(DeclaredFieldError::Name);
            }
            declared.insert(Box::from(name), kind);
        }
        if declared.len() > Self::MOST {
            return Err(DeclaredFieldError::TooMany);
        }
        Ok(Self(declared.into_iter().collect()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The place of the field of this name, `0..len()`.
    #[must_use]
    pub fn place_of(&self, name: &str) -> Option<usize> {
        let place = |(other, _): &(Box<str>, FieldKind)| (**other).cmp(name);
        self.0.binary_search_by(place).ok()
    }

    /// The name and the type of the field at a place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<(&str, FieldKind)> {
        let (name, kind) = self.0.get(place)?;
        Some((name, *kind))
    }

    /// The names and types, in the order of the names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, FieldKind)> {
        self.0.iter().map(|(name, kind)| (&**name, *kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_the_order_of_their_names() {
        let fields = [
            ("channel", FieldKind::Category),
            ("balance", FieldKind::Number),
        ];
        let fields = DeclaredFields::new(fields).unwrap();
        assert_eq!(fields.place_of("balance"), Some(0));
        assert_eq!(fields.get(1), Some(("channel", FieldKind::Category)));
        assert_eq!(fields.place_of("other"), None);
    }

    #[test]
    fn member_that_every_model_knows_is_not_declared() {
        for field in Field::ALL {
            let declared = DeclaredFields::new([(field.name(), FieldKind::Category)]);
            assert!(declared.is_err(), "{}", field.name());
        }
        for name in ["", "a\nb", &"x".repeat(65)] {
            let declared = DeclaredFields::new([(name, FieldKind::Number)]);
            assert_eq!(declared, Err(DeclaredFieldError::Name));
        }
    }
}
