//! Boundary between the rows of two customers in a CSV table.

use std::io::{self, BufRead};

use super::quotes::Quotes;
use super::records::Records;
use super::table::{CsvTable, TextPosition};

/// Finds the first row of another customer than the row before, if it begins within `within` bytes. The position is
/// counted from the beginning of `reader`, which is the beginning of a line; `inside` is true when this beginning is
/// inside of a quoted field.
pub(crate) fn first_change<R: BufRead>(
    mut reader: R,
    table: &CsvTable,
    inside: bool,
    within: u64,
) -> io::Result<Option<TextPosition>> {
    let quotes = Quotes::at_line(table.delimiter, inside);
    let Some(skipped) = skip_to_record(&mut reader, quotes, within)? else {
        return Ok(None);
    };
    let mut records = Records::new(reader, table.delimiter, table.record_bytes);
    let mut first: Option<Vec<u8>> = None;
    while let Some(record) = records.next()? {
        let found = TextPosition {
            offset: skipped.offset + record.offset,
            line_feeds: skipped.line_feeds + record.line_feeds,
        };
        if found.offset >= within {
            break;
        }
        // A row without the customer's field belongs to the customer of the row before.
        let Some(customer) = records.field(table.positions.customer) else {
            continue;
        };
        match &first {
            None => first = Some(customer.to_vec()),
            Some(first) if first != customer => return Ok(Some(found)),
            Some(_) => {}
        }
    }
    Ok(None)
}

/// Reads to the beginning of the next record; `None` when the quote is still open after `within` bytes.
fn skip_to_record<R: BufRead>(
    reader: &mut R,
    mut quotes: Quotes,
    within: u64,
) -> io::Result<Option<TextPosition>> {
    let mut skipped = TextPosition {
        offset: 0,
        line_feeds: 0,
    };
    while quotes.inside() {
        if skipped.offset >= within {
            return Ok(None);
        }
        let input = reader.fill_buf()?;
        if input.is_empty() {
            break;
        }
        let feed = memchr::memchr(b'\n', input);
        let read = feed.map_or(input.len(), |feed| feed + 1);
        quotes.pass(&input[..read]);
        reader.consume(read);
        skipped.offset += read as u64;
        skipped.line_feeds += u64::from(feed.is_some());
        // The quote may close in the middle of a line; the record ends with the line.
        if feed.is_none() && !quotes.inside() {
            let mut rest = Vec::new();
            let read = reader.read_until(b'\n', &mut rest)?;
            quotes.pass(&rest);
            skipped.offset += read as u64;
            skipped.line_feeds += u64::from(rest.ends_with(b"\n"));
        }
    }
    Ok(Some(skipped))
}

#[cfg(test)]
mod tests {
    use microseg_history::Field;

    use super::*;
    use crate::columns::ColumnPositions;

    fn change(text: &str, inside: bool) -> Option<(u64, u64)> {
        let table = CsvTable {
            positions: ColumnPositions {
                customer: 0,
                fields: [(Field::Timestamp, 1), (Field::Amount, 2), (Field::Class, 3)]
                    .map(|(field, position)| (field.into(), position))
                    .to_vec(),
            },
            fields: 4,
            delimiter: b',',
            record_bytes: 100,
            begin: TextPosition {
                offset: 0,
                line_feeds: 0,
            },
        };
        let mut found = None;
        for capacity in [1, 3, 5, 100] {
            let reader = io::BufReader::with_capacity(capacity, text.as_bytes());
            let change = first_change(reader, &table, inside, 1000).unwrap();
            let change = change.map(|found| (found.offset, found.line_feeds));
            assert_eq!(*found.get_or_insert(change), change, "{text} by {capacity}");
        }
        found.flatten()
    }

    #[test]
    fn first_row_of_another_customer_is_found_in_any_buffer() {
        assert_eq!(change("a,1\na,2\nb,3\n", false), Some((8, 2)));
        assert_eq!(change("a,1\na,2\n", false), None);
        assert_eq!(change("a,\"x\ny\"\r\n\"a\",2\r\nb,3", false), Some((16, 3)));
        // The text begins in the middle of a quoted field, which ends in the second line.
        assert_eq!(change("q,q\nb\",3\na,1\nc,1\n", true), Some((13, 3)));
        // Quoted text that looks like rows.
        assert_eq!(change("a,\"\nb,\nc,\"\na,1\n", false), None);
    }
}
