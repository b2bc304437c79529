//! Options of tables of transactions: columns, delimiter, and what a table does not contain.

use std::collections::BTreeMap;

use clap::Args;

use crate::amount_options::AmountOptions;
use microseg_bulk::{BulkError, ColumnNames, Format, Input, TableSettings};
use microseg_encoding::Encoder;
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
    #[command(flatten)]
    amounts: AmountOptions,
    /// The column of classes of the model's taxonomy; a table may lack this column or that of codes
    #[arg(long, value_name = "NAME", default_value = "class")]
    class_column: String,
    /// The column of merchant category codes
    #[arg(long, value_name = "NAME", default_value = "mcc")]
    mcc_column: String,
    /// The column of currencies; a table may lack it
    #[arg(long, value_name = "NAME", default_value = "currency")]
    currency_column: String,
    /// The column of ids, which put events of the same time into an order; a table may lack it. Only models that read single
    /// transactions look at it
    #[arg(long, value_name = "NAME", default_value = "id")]
    id_column: String,
    /// The column of a field that the model declares, such as balance=saldo; may be given several times. Where a table lacks the
    /// column, the field is missing in its rows [default: the column with the field's name]
    #[arg(long, value_name = "FIELD=NAME", value_parser = field_column)]
    field_column: Vec<(String, String)>,
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
    /// Checks the options for these inputs, before a model is loaded.
    ///
    /// # Errors
    /// When an option of tables is given, but no input is a table; when one field is given two columns.
    pub(crate) fn check(&self, inputs: &[Input]) -> Result<(), String> {
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
        if let (false, Some((field, _))) = (has_tables, self.field_column.first()) {
            return Err(format!(
                "--field-column is for tables: a transaction in JSON has the member `{field}`"
            ));
        }
        if let (false, Some(flag)) = (has_tables, self.amounts.of_tables()) {
            return Err(format!(
                "{flag} is for tables: amounts of JSON histories are numbers, and money out is negative"
            ));
        }
        self.amounts.notation()?;
        let mut given = BTreeMap::new();
        for (field, column) in &self.field_column {
            if given.insert(field, column).is_some() {
                return Err(format!("--field-column: {field} is given two columns"));
            }
        }
        Ok(())
    }

    /// The settings of tables, for a model.
    ///
    /// # Errors
    /// When a column is given for a field that the model does not declare.
    pub(crate) fn settings(&self, encoder: &Encoder) -> Result<TableSettings, BulkError> {
        let fields = [
            (Field::Timestamp, &self.timestamp_column),
            (Field::Class, &self.class_column),
            (Field::Mcc, &self.mcc_column),
            (Field::Currency, &self.currency_column),
        ];
        let fields = fields.map(|(field, column)| (field.into(), column.clone()));
        let mut fields = fields.to_vec();
        fields.splice(1..1, self.amounts.columns());
        let mut columns = ColumnNames {
            customer: self.customer_column.clone(),
            fields,
            needs_class: encoder.declaration().reads_class(),
        };
        let renamed = self.field_column.iter().cloned().collect();
        columns.add_details(encoder, &self.id_column, &renamed)?;
        let zone = self.time_zone.clone().unwrap_or_default();
        Ok(TableSettings {
            columns,
            // An error was told by `check`.
            amounts: self.amounts.notation().unwrap_or_default(),
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

fn field_column(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((field, column)) if !field.is_empty() && !column.is_empty() => {
            Ok((field.to_owned(), column.to_owned()))
        }
        _ => Err("expected a field and its column, such as balance=saldo"),
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
