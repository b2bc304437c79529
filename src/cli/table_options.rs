//! Options of tables of transactions: columns, delimiter, and what a table does not contain.

use clap::Args;
use microseg_bulk::{ColumnNames, Format, Input, TableSettings};
use microseg_history::{Field, Moment, UnknownClass};

/// Options of tables.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tables (CSV and Parquet, a row for each transaction)")]
pub(crate) struct TableOptions {
    /// The column of customers; the rows of one customer must be adjacent
    #[arg(long, value_name = "NAME", default_value = "customer_id")]
    customer_column: String,
    /// The column of times: RFC 3339, or dates
    #[arg(long, value_name = "NAME", default_value = "timestamp")]
    timestamp_column: String,
    /// The column of amounts: money out is negative
    #[arg(long, value_name = "NAME", default_value = "amount")]
    amount_column: String,
    /// The column of classes of the model's taxonomy; a table may lack this column or that of codes
    #[arg(long, value_name = "NAME", default_value = "class")]
    class_column: String,
    /// The column of merchant category codes
    #[arg(long, value_name = "NAME", default_value = "mcc")]
    mcc_column: String,
    /// Where the window ends, exclusive [default: after each customer's last transaction]
    #[arg(long, value_name = "TIME", value_parser = Moment::parse)]
    as_of: Option<Moment>,
    /// How to treat a class that the taxonomy lacks: error refuses the customer, skip only counts it [default: error]
    #[arg(long, value_name = "error|skip", value_parser = unknown_class)]
    unknown_class: Option<UnknownClass>,
    /// The delimiter of CSV: one character, or \t for a tab
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
}

impl TableOptions {
    /// The settings of tables, for these inputs.
    ///
    /// # Errors
    /// When an option of tables is given, but no input is a table.
    pub(crate) fn settings(&self, inputs: &[Input]) -> Result<TableSettings, String> {
        let has_tables = inputs.iter().any(|input| Format::is_table(input.format()));
        if !has_tables && (self.as_of.is_some() || self.unknown_class.is_some()) {
            return Err(
                "--as-of and --unknown-class are for tables: a JSON history has members `as_of` and `unknown_class`"
                    .to_owned(),
            );
        }
        Ok(TableSettings {
            columns: ColumnNames {
                customer: self.customer_column.clone(),
                fields: vec![
                    (Field::Timestamp, self.timestamp_column.clone()),
                    (Field::Amount, self.amount_column.clone()),
                    (Field::Class, self.class_column.clone()),
                    (Field::Mcc, self.mcc_column.clone()),
                ],
            },
            as_of: self.as_of,
            unknown_class: self.unknown_class.unwrap_or(UnknownClass::Refuse),
            delimiter: self.delimiter,
        })
    }
}

fn unknown_class(name: &str) -> Result<UnknownClass, &'static str> {
    match name {
        "error" => Ok(UnknownClass::Refuse),
        "skip" => Ok(UnknownClass::Count),
        _ => Err("expected error or skip"),
    }
}

fn delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [b'"' | b'\r' | b'\n'] => Err("expected a character other than a quote or a line end"),
        [character] if character.is_ascii() => Ok(*character),
        _ => Err("expected one ASCII character, or \\t"),
    }
}
