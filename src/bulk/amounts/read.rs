//! Reading of a cell's amount in the notation of its table.

use microseg_history::Cell;

use super::notation::{AmountNotation, AmountSign, DecimalMark};
use super::text::Written;

impl AmountNotation {
    /// The amount of a cell as histories have it: money out is negative.
    ///
    /// # Errors
    /// With what was expected, and the options that may help.
    pub(crate) fn signed(self, cell: Cell<'_>) -> Result<Cell<'_>, &'static str> {
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
    pub(super) fn size(self, cell: Cell<'_>) -> Result<Option<Cell<'_>>, &'static str> {
        let written = match cell {
            Cell::Text(text) => Written::read(text, self)?,
            cell => Written::of_number(cell),
        };
        Ok(written.size())
    }

    fn is_usual(self) -> bool {
        self.decimal == DecimalMark::Point && self.sign == AmountSign::OutNegative
    }
}

/// Whether a text has no other characters than a number of a program.
fn is_plain(text: &str) -> bool {
    let is_of_number = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    text.bytes().all(is_of_number) && !text.ends_with(['-', '+'])
}
