//! How tables of transactions are to be read.

use clap::Args;
use microseg::bulk::{ColumnNames, Format, Input, TableSettings};
use microseg::history::{Field, Moment, UnknownClass};

/// The columns of a table, and what else a table does not say itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tables (CSV and Parquet, a row for each transaction)")]
pub(super) struct Tables {
    /// The column of customers; the rows of one customer stand together
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
    /// What becomes of a class that the taxonomy lacks: error refuses the customer, skip counts it [default: error]
    #[arg(long, value_name = "error|skip", value_parser = unknown_class)]
    unknown_class: Option<UnknownClass>,
    /// What stands between two fields of CSV: one character, or \t for a tab
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
}

impl Tables {
    /// For these inputs.
    pub(super) fn settings(&self, inputs: &[Input]) -> Result<TableSettings, String> {
        let has_tables = inputs.iter().any(|input| Format::is_table(input.format()));
        if !has_tables && (self.as_of.is_some() || self.unknown_class.is_some()) {
            return Err(
                "--as-of and --unknown-class are for tables: a JSON history says `as_of` and `unknown_class` itself"
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
        [b'"' | b'\r' | b'\n'] => Err("expected a character that is no quote and no line end"),
        [character] if character.is_ascii() => Ok(*character),
        _ => Err("expected one ASCII character, or \\t"),
    }
}
