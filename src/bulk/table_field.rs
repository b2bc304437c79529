//! Field of a transaction in a table: one that every model knows, or one that the model declares.

use microseg_history::{CellKind, Field, FieldKind};

/// What a column has in each row beside the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableField {
    /// A field that every model knows.
    Known(Field),
    /// A field that the model declares.
    Declared {
        /// Its place among the declared fields, from 0.
        place: usize,
        /// The type of its values.
        kind: FieldKind,
    },
    /// Money out, with [`TableField::Credit`] in place of the amount.
    Debit,
    /// Money in.
    Credit,
}

impl From<Field> for TableField {
    fn from(field: Field) -> Self {
        Self::Known(field)
    }
}

impl TableField {
    pub(crate) fn is_required(self) -> bool {
        matches!(self, Self::Known(field) if field.is_required())
    }

    /// Whether every table must have its column.
    pub(crate) fn needs_column(self) -> bool {
        self.is_required() || matches!(self, Self::Debit | Self::Credit)
    }

    pub(crate) fn is_declared(self) -> bool {
        matches!(self, Self::Declared { .. })
    }

    /// The kinds of cells that it is read from.
    pub(crate) fn cells(self) -> &'static [CellKind] {
        match self {
            Self::Known(field) => field.cells(),
            Self::Declared { kind, .. } => kind.cells(),
            Self::Debit | Self::Credit => Field::Amount.cells(),
        }
    }

    /// The field in the messages of errors; `None` for a declared one, whose name the model has.
    pub(crate) fn label(self) -> Option<&'static str> {
        match self {
            Self::Known(field) => Some(field.label()),
            Self::Declared { .. } => None,
            Self::Debit => Some("debit"),
            Self::Credit => Some("credit"),
        }
    }

    /// Whether its values are names, so that 7 is the name `7` in a column of any numbers.
    pub(crate) fn is_name(self) -> bool {
        match self {
            Self::Known(field) => field == Field::Id,
            Self::Declared { kind, .. } => kind == FieldKind::Category,
            Self::Debit | Self::Credit => false,
        }
    }

    /// Whether the space around a text is a part of it, as in JSON.
    pub(crate) fn keeps_space(self) -> bool {
        self.is_declared() || self == Self::Known(Field::Id)
    }
}
