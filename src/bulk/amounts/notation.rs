//! Notation of amounts in a table.

use microseg_history::Cell;

use super::text::Written;

/// The mark between the whole part of an amount and its fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1234.50`.
    #[default]
    Point,
    /// `1234,50`.
    Comma,
}

impl DecimalMark {
    pub(super) fn character(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// Which direction of money has a minus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AmountSign {
    /// Money out is negative, as in histories.
    #[default]
    OutNegative,
    /// Money out is written without a minus, as card issuers and aggregators do.
    OutPositive,
}

/// How a table writes amounts. Whatever it is, currency signs and codes, blanks, parentheses or a minus at the end (both: a
/// minus), `DR` (money out) and `CR` (money in) are understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AmountNotation {
    /// The mark before the fraction.
    pub decimal: DecimalMark,
    /// The character between thousands; blanks and apostrophes may always stand there.
    pub thousands: Option<char>,
    /// Which direction of money has a minus.
    pub sign: AmountSign,
}

impl AmountNotation {
    /// The amount of a cell as histories have it: money out is negative.
    ///
    /// # Errors
    /// With what was expected, and the options that may help.
    pub(crate) fn signed<'a>(&self, cell: Cell<'a>) -> Result<Cell<'a>, &'static str> {
        let written = match cell {
            // As written, for the reader of all fields: it is fast, and gives what it gave before there were notations.
            Cell::Text(text) if self.is_usual() && is_plain(text) => return Ok(cell),
            Cell::Text(text) => Written::read(text, self)?,
            cell => Written::of_number(cell),
        };
        Ok(written.signed(self.sign))
    }

    /// The size of a cell's amount, whatever its sign; `None` for nothing, which a zero stands for too.
    ///
    /// # Errors
    /// As [`AmountNotation::signed`].
    pub(super) fn size<'a>(&self, cell: Cell<'a>) -> Result<Option<Cell<'a>>, &'static str> {
        let written = match cell {
            Cell::Text(text) => Written::read(text, self)?,
            cell => Written::of_number(cell),
        };
        Ok(written.size())
    }

    fn is_usual(&self) -> bool {
        self.decimal == DecimalMark::Point && self.sign == AmountSign::OutNegative
    }
}

/// Whether a text has no other characters than a number of a program.
fn is_plain(text: &str) -> bool {
    let is_of_number = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    text.bytes().all(is_of_number) && !text.ends_with(['-', '+'])
}
