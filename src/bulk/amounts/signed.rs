//! Money out and money in, in columns of their own.

use microseg_history::{Cell, is_missing};

use super::notation::AmountNotation;
use super::text::negated;

/// The two columns of a row. A zero stands for nothing, and signs are of no account.
#[derive(Debug, Default)]
pub(crate) struct MoneyColumns {
    /// Whether one of them has a value, if only a zero.
    is_given: bool,
    debit: Option<Cell<'static>>,
    credit: Option<Cell<'static>>,
}

impl MoneyColumns {
    /// Takes the cell of money out.
    ///
    /// # Errors
    /// With what was expected.
    pub(crate) fn set_debit(
        &mut self,
        cell: Cell<'_>,
        notation: AmountNotation,
    ) -> Result<(), &'static str> {
        self.debit = self.size(cell, notation)?;
        Ok(())
    }

    /// Takes the cell of money in.
    ///
    /// # Errors
    /// With what was expected.
    pub(crate) fn set_credit(
        &mut self,
        cell: Cell<'_>,
        notation: AmountNotation,
    ) -> Result<(), &'static str> {
        self.credit = self.size(cell, notation)?;
        Ok(())
    }

    fn size(
        &mut self,
        cell: Cell<'_>,
        notation: AmountNotation,
    ) -> Result<Option<Cell<'static>>, &'static str> {
        if !has_value(cell) {
            return Ok(None);
        }
        self.is_given = true;
        Ok(match notation.size(cell)? {
            None => None,
            Some(Cell::Number(number)) => Some(Cell::Number(number)),
            Some(Cell::Integer(number)) => Some(Cell::Integer(number)),
            Some(Cell::Decimal { number, scale }) => Some(Cell::Decimal { number, scale }),
            Some(_) => return Err("expected an amount such as 12.50"),
        })
    }

    /// The amount of the row: money out is negative.
    ///
    /// # Errors
    /// When both columns have an amount, or none has a value.
    pub(crate) fn amount(&self) -> Result<Cell<'static>, &'static str> {
        match (self.debit, self.credit) {
            (Some(_), Some(_)) => {
                Err("both a debit and a credit: expected an amount in one of them")
            }
            (Some(debit), None) => Ok(negated(debit)),
            (None, Some(credit)) => Ok(credit),
            (None, None) if self.is_given => Ok(Cell::Integer(0)),
            (None, None) => Err("neither a debit nor a credit"),
        }
    }
}

fn has_value(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Text(text) => !is_missing(text.trim()),
        Cell::Number(number) => !number.is_nan(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(debit: &str, credit: &str) -> Result<Cell<'static>, &'static str> {
        let mut columns = MoneyColumns::default();
        let notation = AmountNotation::default();
        columns.set_debit(Cell::Text(debit), notation)?;
        columns.set_credit(Cell::Text(credit), notation)?;
        columns.amount()
    }

    fn hundredths(number: i128) -> Cell<'static> {
        Cell::Decimal { number, scale: 2 }
    }

    #[test]
    fn debit_is_money_out_and_credit_money_in_whatever_their_signs() {
        for debit in ["12.50", "-12.50", "$12.50"] {
            assert_eq!(amount(debit, ""), Ok(hundredths(-1250)), "{debit}");
            assert_eq!(amount("0.00", debit), Ok(hundredths(1250)), "{debit}");
        }
        assert_eq!(amount("0", "NULL"), Ok(Cell::Integer(0)));
    }

    #[test]
    fn row_with_both_or_none_is_refused() {
        assert!(amount("1", "2").unwrap_err().starts_with("both"));
        assert!(amount("", "N/A").unwrap_err().starts_with("neither"));
    }
}
