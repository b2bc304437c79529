//! One row of a table: its cells become the values of a transaction.

use microseg_encoding::Tally;
use microseg_history::{
    Cell, DeclaredFields, DeclaredValues, Field, Identifier, ReadContext, TransactionFields,
};

use crate::table_field::TableField;

/// The values of a row.
#[derive(Debug, Default)]
struct Values {
    fields: TransactionFields,
    id: Option<Identifier>,
    declared: DeclaredValues,
}

/// A row that is being read.
pub(super) struct Row<'a> {
    context: ReadContext<'a>,
    declared: &'a DeclaredFields,
    values: Values,
}

impl Row<'_> {
    /// Reads a row by `read`, and adds its transaction to the customer's.
    ///
    /// # Errors
    /// With the fault in the row, without any value of it.
    pub(super) fn add_to(
        tally: &mut Tally<'_>,
        has_details: bool,
        read: impl FnOnce(&mut Row<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let declared = tally.declared_fields();
        let mut values = Values::default();
        if has_details {
            values.declared = DeclaredValues::missing(declared);
        }
        let mut row = Row {
            context: tally.context(),
            declared,
            values,
        };
        read(&mut row)?;
        let Values {
            fields,
            id,
            declared,
        } = row.values;
        let added = tally.add_with_details(fields, id, declared);
        added.map_err(|error| error.to_string())
    }

    /// Reads the cell of a field: `None` where there is no value, and an error where the cell cannot be read at all, which
    /// says what it is or what cannot be done with it.
    ///
    /// # Errors
    /// With the field and the fault.
    pub(super) fn read(
        &mut self,
        field: TableField,
        cell: Result<Option<Cell<'_>>, &'static str>,
    ) -> Result<(), String> {
        let fault = match cell {
            Ok(Some(cell)) => match self.set(field, cell) {
                Ok(()) => return Ok(()),
                Err(expected) => format!(": {expected}"),
            },
            Ok(None) if field.is_required() => " is missing".to_owned(),
            Ok(None) => return Ok(()),
            Err(unreadable) => format!(" {unreadable}"),
        };
        Err(format!("the {}{fault}", self.label(field)))
    }

    fn set(&mut self, field: TableField, cell: Cell<'_>) -> Result<(), &'static str> {
        match field {
            TableField::Known(Field::Id) => {
                self.values.id = Identifier::from_cell(cell)?;
                Ok(())
            }
            TableField::Known(field) => self.values.fields.read_cell(field, cell, self.context),
            TableField::Declared { place, .. } => {
                self.values.declared.read_cell(self.declared, place, cell)
            }
        }
    }

    fn label(&self, field: TableField) -> String {
        let name = match field {
            TableField::Known(field) => field.name(),
            TableField::Declared { place, .. } => {
                self.declared.get(place).map_or("", |(name, _)| name)
            }
        };
        label_of(name)
    }
}

/// A member of a transaction in the messages of errors.
pub(super) fn label_of(member: &str) -> String {
    Field::from_name(member).map_or_else(
        || format!("field {member}"),
        |known| known.label().to_owned(),
    )
}
