//! Options of amounts in tables: how they are written, and in which columns they are.

use clap::Args;
use microseg_bulk::{AmountNotation, AmountSign, DecimalMark, TableField};
use microseg_history::Field;

/// Options of amounts.
#[derive(Debug, Args)]
pub(crate) struct AmountOptions {
    /// The column of amounts: money out is negative. Currency signs and codes, (12.50), 12.50-, DR and CR are understood
    #[arg(long, value_name = "NAME", default_value = "amount")]
    amount_column: String,
    /// The column of money out, whatever its sign, where money in has another column
    #[arg(
        long,
        value_name = "NAME",
        requires = "credit_column",
        conflicts_with = "amount_column"
    )]
    debit_column: Option<String>,
    /// The column of money in, whatever its sign
    #[arg(long, value_name = "NAME", requires = "debit_column")]
    credit_column: Option<String>,
    /// The mark before the fraction of amounts that are texts: a point or a comma [default: .]
    #[arg(long, value_name = "MARK", value_parser = decimal_mark)]
    decimal: Option<DecimalMark>,
    /// The character between thousands; blanks and apostrophes may always stand there
    #[arg(long, value_name = "CHARACTER", value_parser = separator)]
    thousands: Option<char>,
    /// Which amounts are money out: negative ones, or positive ones, as card issuers write them [default: out-negative]
    #[arg(long, value_name = "out-negative|out-positive", value_parser = sign)]
    sign: Option<AmountSign>,
}

impl AmountOptions {
    /// The first of the options that only tables have, if one is given.
    pub(crate) fn of_tables(&self) -> Option<&'static str> {
        let given = [
            ("--debit-column", self.debit_column.is_some()),
            ("--decimal", self.decimal.is_some()),
            ("--thousands", self.thousands.is_some()),
            ("--sign", self.sign.is_some()),
        ];
        given
            .into_iter()
            .find_map(|(flag, is_given)| is_given.then_some(flag))
    }

    /// The notation.
    ///
    /// # Errors
    /// When one character is between thousands and before the fraction.
    pub(crate) fn notation(&self) -> Result<AmountNotation, String> {
        let decimal = self.decimal.unwrap_or_default();
        let mark = decimal.character();
        if self.thousands == Some(mark) {
            return Err(format!(
                "--thousands: {mark} is the mark before the fraction (--decimal)"
            ));
        }
        Ok(AmountNotation {
            decimal,
            thousands: self.thousands,
            sign: self.sign.unwrap_or_default(),
        })
    }

    /// The fields that the amounts are read from, with their columns.
    pub(crate) fn columns(&self) -> Vec<(TableField, String)> {
        match (&self.debit_column, &self.credit_column) {
            (Some(debit), Some(credit)) => vec![
                (TableField::Debit, debit.clone()),
                (TableField::Credit, credit.clone()),
            ],
            _ => vec![(Field::Amount.into(), self.amount_column.clone())],
        }
    }
}

fn decimal_mark(text: &str) -> Result<DecimalMark, &'static str> {
    match text {
        "." => Ok(DecimalMark::Point),
        "," => Ok(DecimalMark::Comma),
        _ => Err("expected a point or a comma"),
    }
}

fn separator(text: &str) -> Result<char, &'static str> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None)
            if !character.is_alphanumeric() && !matches!(character, '-' | '+' | '(' | ')') =>
        {
            Ok(character)
        }
        _ => Err("expected one character, such as a comma"),
    }
}

fn sign(text: &str) -> Result<AmountSign, &'static str> {
    match text {
        "out-negative" => Ok(AmountSign::OutNegative),
        "out-positive" => Ok(AmountSign::OutPositive),
        _ => Err("expected out-negative or out-positive"),
    }
}
