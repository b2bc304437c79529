//! Columns of a table of transactions: their names, and their positions in one table.

use std::collections::BTreeMap;

use microseg_encoding::Encoder;
use microseg_history::{Field, HistorySettings};

use crate::amounts::AmountNotation;
use crate::error::BulkError;
use crate::table_field::TableField;

/// The names of the columns that are read; other columns are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames {
    /// The column of the customers.
    pub customer: String,
    /// The columns of the transactions' fields. A table may lack those of optional fields.
    pub fields: Vec<(TableField, String)>,
    /// Whether a table must have a column of `class` or of `mcc`.
    pub needs_class: bool,
}

/// How tables of transactions are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSettings {
    /// The names of the columns.
    pub columns: ColumnNames,
    /// How amounts are written.
    pub amounts: AmountNotation,
    /// The settings of each customer's history.
    pub history: HistorySettings,
    /// The character between two fields of CSV; by default a comma, or a tab by the file's extension.
    pub delimiter: Option<u8>,
}

/// The positions of the columns in one table, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnPositions {
    pub(crate) customer: usize,
    /// Those of the fields that the table has.
    pub(crate) fields: Vec<(TableField, usize)>,
}

impl ColumnNames {
    /// Adds the columns of a transaction's details, where the model reads them: its id, and the declared fields, each in the
    /// column of its own name unless `renamed` has another one for it.
    ///
    /// # Errors
    /// [`BulkError::NoSuchField`] when the model does not declare a field that is renamed.
    pub fn add_details(
        &mut self,
        encoder: &Encoder,
        id: &str,
        renamed: &BTreeMap<String, String>,
    ) -> Result<(), BulkError> {
        let declared = encoder.declaration().fields();
        if let Some(unknown) = renamed
            .keys()
            .find(|&name| declared.place_of(name).is_none())
        {
            return Err(BulkError::NoSuchField {
                field: unknown.clone(),
                declared: declared.iter().map(|(name, _)| name.to_owned()).collect(),
            });
        }
        let Some(read) = encoder.detail_fields() else {
            return Ok(());
        };
        self.fields.push((Field::Id.into(), id.to_owned()));
        let of_declared = read.iter().enumerate().map(|(place, (name, kind))| {
            let column = renamed.get(name).map_or(name, String::as_str);
            (TableField::Declared { place, kind }, column.to_owned())
        });
        self.fields.extend(of_declared);
        Ok(())
    }

    /// The columns of declared fields that a table does not have.
    pub(crate) fn missing_details<'a>(
        &'a self,
        positions: &'a ColumnPositions,
    ) -> impl Iterator<Item = &'a str> {
        let is_found = |field| positions.fields.iter().any(|(found, _)| *found == field);
        let is_missing = move |field: TableField| field.is_declared() && !is_found(field);
        let missing = self
            .fields
            .iter()
            .filter(move |(field, _)| is_missing(*field));
        missing.map(|(_, name)| name.as_str())
    }

    /// Finds the columns among a table's.
    ///
    /// # Errors
    /// [`BulkError`] with the column that is missing, and the table's columns.
    pub(crate) fn find(
        &self,
        input: &str,
        columns: &[String],
    ) -> Result<ColumnPositions, BulkError> {
        let find = |name: &String| {
            let mut positions = (0..columns.len()).filter(|&position| columns[position] == *name);
            match (positions.next(), positions.next()) {
                (position, None) => Ok(position),
                _ => Err(BulkError::SeveralColumns {
                    input: input.to_owned(),
                    column: name.clone(),
                }),
            }
        };
        let missing = |column: String| BulkError::NoColumn {
            input: input.to_owned(),
            column,
            columns: columns.to_vec(),
        };
        let find_needed = |name: &String| find(name)?.ok_or_else(|| missing(name.clone()));
        let customer = find_needed(&self.customer)?;
        let mut fields = Vec::new();
        for (field, name) in &self.fields {
            if field.needs_column() {
                fields.push((*field, find_needed(name)?));
            } else if let Some(position) = find(name)? {
                fields.push((*field, position));
            }
        }
        let is_label =
            |field: &TableField| matches!(field, TableField::Known(Field::Class | Field::Mcc));
        if self.needs_class && !fields.iter().any(|(field, _)| is_label(field)) {
            let labels = self.fields.iter().filter(|(field, _)| is_label(field));
            let labels: Vec<&str> = labels.map(|(_, name)| name.as_str()).collect();
            return Err(missing(labels.join(" or ")));
        }
        Ok(ColumnPositions { customer, fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(columns: &[&str]) -> Result<ColumnPositions, String> {
        find_for(columns, true)
    }

    fn find_for(columns: &[&str], needs_class: bool) -> Result<ColumnPositions, String> {
        let names = ColumnNames {
            customer: "who".to_owned(),
            fields: [
                (Field::Timestamp, "when"),
                (Field::Amount, "amount"),
                (Field::Class, "class"),
                (Field::Mcc, "mcc"),
            ]
            .map(|(field, name)| (field.into(), name.to_owned()))
            .to_vec(),
            needs_class,
        };
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        names
            .find("t.csv", &columns)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_found_in_any_order_and_one_of_class_and_mcc_is_enough() {
        let positions = find(&["mcc", "amount", "x", "x", "when", "who"]).unwrap();
        assert_eq!(positions.customer, 5);
        let fields = [(Field::Timestamp, 4), (Field::Amount, 1), (Field::Mcc, 0)]
            .map(|(field, position)| (field.into(), position));
        assert_eq!(positions.fields, fields);
    }

    #[test]
    fn missing_column_is_named_with_the_columns_of_the_table() {
        assert_eq!(
            find(&["who", "amount", "mcc"]).unwrap_err(),
            "t.csv: no column is named when; the columns are: who, amount, mcc"
        );
        let neither = find(&["who", "when", "amount"]).unwrap_err();
        assert!(
            neither.contains("no column is named class or mcc"),
            "{neither}"
        );
        let read = find_for(&["who", "when", "amount"], false).unwrap();
        assert_eq!(read.fields.len(), 2);
    }

    #[test]
    fn column_that_is_there_twice_is_refused() {
        let twice = find(&["who", "who", "when", "amount", "mcc"]).unwrap_err();
        assert_eq!(twice, "t.csv: several columns are named who");
    }
}
