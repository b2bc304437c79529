//! Options of tables of transactions: columns, delimiter, and what a table does not contain.

use clap::Args;
use microseg_bulk::{ColumnNames, Format, Input, TableSettings};
use microseg_history::{
    Field, HistorySettings, MixedCurrencies, TimeSettings, TimeZone, UnknownClass, WrittenTime,
};

/// Options of tables.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tables (CSV and Parquet, a row for each transaction)")]
pub(crate) struct TableOptions {
    /// The column of customers; the rows of one customer must be adjacent
    #[arg(long, value_name = "NAME", default_value = "customer_id")]
    customer_column: String,
    /// The column of times: RFC 3339, with an offset or without one, or dates
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
    /// The column of currencies; a table may lack it
    #[arg(long, value_name = "NAME", default_value = "currency")]
    currency_column: String,
    /// Where the window ends, exclusive [default: after each customer's last transaction]
    #[arg(long, value_name = "TIME", value_parser = WrittenTime::parse)]
    as_of: Option<WrittenTime>,
    /// The zone of times without an offset, in whose calendar periods begin and end, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = TimeZone::parse)]
    time_zone: Option<TimeZone>,
    /// How to treat a class that the taxonomy lacks: error refuses the customer, skip only counts it [default: error]
    #[arg(long, value_name = "error|skip", value_parser = unknown_class)]
    unknown_class: Option<UnknownClass>,
    /// How to treat a customer with amounts of several currencies: error refuses the customer, add adds them up as they are
    /// [default: error]
    #[arg(long, value_name = "error|add", value_parser = mixed_currencies)]
    mixed_currencies: Option<MixedCurrencies>,
    /// The delimiter of CSV: one character, or \t for a tab [default: a comma; a tab for .tsv and .tab]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
}

impl TableOptions {
    /// The settings of tables, for these inputs.
    ///
    /// # Errors
    /// When an option of tables is given, but no input is a table.
    pub(crate) fn settings(&self, inputs: &[Input]) -> Result<TableSettings, String> {
        let has_tables = inputs.iter().any(|input| Format::is_table(input.format()));
        let of_histories = [
            ("--as-of", "as_of", self.as_of.is_some()),
            ("--time-zone", "time_zone", self.time_zone.is_some()),
            (
                "--unknown-class",
                "unknown_class",
                self.unknown_class.is_some(),
            ),
            (
                "--mixed-currencies",
                "mixed_currencies",
                self.mixed_currencies.is_some(),
            ),
        ];
        let given = of_histories.into_iter().find(|(_, _, is_given)| *is_given);
        if let (false, Some((flag, member, _))) = (has_tables, given) {
            return Err(format!(
                "{flag} is for tables: a JSON history has the member `{member}`"
            ));
        }
        let zone = self.time_zone.clone().unwrap_or_default();
        Ok(TableSettings {
            columns: ColumnNames {
                customer: self.customer_column.clone(),
                fields: vec![
                    (Field::Timestamp, self.timestamp_column.clone()),
                    (Field::Amount, self.amount_column.clone()),
                    (Field::Class, self.class_column.clone()),
                    (Field::Mcc, self.mcc_column.clone()),
                    (Field::Currency, self.currency_column.clone()),
                ],
            },
            history: HistorySettings {
                times: TimeSettings {
                    as_of: self.as_of.map(|as_of| as_of.in_zone(&zone)),
                    zone,
                },
                unknown_class: self.unknown_class.unwrap_or_default(),
                mixed_currencies: self.mixed_currencies.unwrap_or_default(),
                currency: None,
            },
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

fn mixed_currencies(name: &str) -> Result<MixedCurrencies, &'static str> {
    match name {
        "error" => Ok(MixedCurrencies::Refuse),
        "add" => Ok(MixedCurrencies::Add),
        _ => Err("expected error or add"),
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
