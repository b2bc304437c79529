//! One row of a table: its cells become the values of a transaction.

use microseg_encoding::Tally;
use microseg_history::{
    Cell, DeclaredFields, DeclaredValues, Field, Identifier, ReadContext, TransactionFields,
};

use crate::amounts::{AmountNotation, MoneyColumns};
use crate::table_field::TableField;

/// The values of a row.
#[derive(Debug, Default)]
struct Values {
    fields: TransactionFields,
    id: Option<Identifier>,
    declared: DeclaredValues,
    /// Where the table has a column for each direction of money.
    money: Option<MoneyColumns>,
}

/// A row that is being read.
pub(super) struct Row<'a> {
    context: ReadContext<'a>,
    declared: &'a DeclaredFields,
    amounts: AmountNotation,
    values: Values,
}

impl Row<'_> {
    /// Reads a row by `read`, and adds its transaction to the customer's.
    ///
    /// # Errors
    /// With the fault in the row, without any value of it.
    pub(super) fn add_to(
        tally: &mut Tally<'_>,
        amounts: AmountNotation,
        read: impl FnOnce(&mut Row<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let declared = tally.declared_fields();
        let mut values = Values::default();
        if tally.keeps_details() {
            values.declared = DeclaredValues::missing(declared);
        }
        let mut row = Row {
            context: tally.context(),
            declared,
            amounts,
            values,
        };
        read(&mut row)?;
        row.join_money()?;
        let Values {
            fields,
            id,
            declared,
            ..
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
            TableField::Known(Field::Amount) => {
                let amount = self.amounts.signed(cell)?;
                self.set_amount(amount)
            }
            TableField::Known(field) => self.values.fields.read_cell(field, cell, self.context),
            TableField::Debit => {
                let money = self.values.money.get_or_insert_default();
                money.set_debit(cell, self.amounts)
            }
            TableField::Credit => {
                let money = self.values.money.get_or_insert_default();
                money.set_credit(cell, self.amounts)
            }
            TableField::Declared { place, .. } => {
                self.values.declared.read_cell(self.declared, place, cell)
            }
        }
    }

    fn set_amount(&mut self, cell: Cell<'_>) -> Result<(), &'static str> {
        let fields = &mut self.values.fields;
        fields.read_cell(Field::Amount, cell, self.context)
    }

    /// Makes the amount of the columns of money out and money in, where there are such.
    fn join_money(&mut self) -> Result<(), String> {
        let Some(money) = &self.values.money else {
            return Ok(());
        };
        let set = money.amount().and_then(|amount| self.set_amount(amount));
        set.map_err(|fault| format!("the {}: {fault}", Field::Amount.label()))
    }

    fn label(&self, field: TableField) -> String {
        match field {
            TableField::Declared { place, .. } => {
                label_of(self.declared.get(place).map_or("", |(name, _)| name))
            }
            known => known.label().unwrap_or_default().to_owned(),
        }
    }
}

/// A member of a transaction in the messages of errors.
pub(super) fn label_of(member: &str) -> String {
    Field::from_name(member).map_or_else(
        || format!("field {member}"),
        |known| known.label().to_owned(),
    )
}
