//! Rows that an open quote has swallowed: a quoted field whose last line is the begin of a row of the table.

use std::str;

use microseg_history::{Cell, Field, ReadContext, TransactionFields};

use super::table::CsvTable;
use crate::amounts::AmountNotation;
use crate::table_field::TableField;

/// Whether the last line of a field is the begin of another row, up to the same field: a quote that was left open is closed
/// there by the next one. Quoted text of several lines ends otherwise, even where rows are quoted in it.
pub(super) fn ends_in_row(
    text: &[u8],
    position: usize,
    table: &CsvTable,
    (context, amounts): (ReadContext<'_>, AmountNotation),
) -> bool {
    let Some(feed) = memchr::memrchr(b'\n', text) else {
        return false;
    };
    let last = &text[feed + 1..];
    let cells = || last.split(|&byte| byte == table.delimiter);
    if cells().count() != position + 1 {
        return false;
    }
    let known = |&(field, at): &(TableField, usize)| match field {
        TableField::Known(field @ (Field::Timestamp | Field::Amount)) if at <= position => {
            Some((field, at))
        }
        _ => None,
    };
    let mut known = table.positions.fields.iter().filter_map(known).peekable();
    let has_known = known.peek().is_some();
    has_known
        && known.all(|(field, at)| {
            let text = cells().nth(at).and_then(|cell| str::from_utf8(cell).ok());
            let cell = Cell::Text(text.unwrap_or_default().trim_ascii());
            let cell = match field {
                Field::Amount => amounts.signed(cell),
                _ => Ok(cell),
            };
            let mut fields = TransactionFields::default();
            cell.is_ok_and(|cell| fields.read_cell(field, cell, context).is_ok())
        })
}
