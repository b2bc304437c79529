//! Where in a table one customer's rows end and another's begin.

use std::io::{self, BufRead};

use super::CsvTable;
use super::quotes::Quotes;
use super::records::Records;

/// A place in a table, from where the search began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// In bytes.
    pub(crate) offset: u64,
    /// How many line feeds stand before it.
    pub(crate) line_feeds: u64,
}

/// Finds the first row that is of another customer than the row before, when it begins within `within` bytes.
///
/// `reader` stands at the beginning of a line; `inside` says whether a quoted field goes on over it.
pub(crate) fn first_change<R: BufRead>(
    mut reader: R,
    table: &CsvTable,
    inside: bool,
    within: u64,
) -> io::Result<Option<Found>> {
    let quotes = Quotes::at_line(table.delimiter, inside);
    let Some(skipped) = skip_to_record(&mut reader, quotes, within)? else {
        return Ok(None);
    };
    let mut records = Records::new(reader, table.delimiter, table.record_bytes);
    let mut first: Option<Vec<u8>> = None;
    while let Some(record) = records.next()? {
        let found = Found {
            offset: skipped.offset + record.offset,
            line_feeds: skipped.line_feeds + record.line_feeds,
        };
        if found.offset >= within {
            break;
        }
        // A row whose customer cannot be told belongs to the one before.
        let Some(customer) = records.field(table.places.customer) else {
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

/// Reads on to where the next record begins. A quote that is left open ends with the text: it is given up early.
fn skip_to_record<R: BufRead>(
    reader: &mut R,
    mut quotes: Quotes,
    within: u64,
) -> io::Result<Option<Found>> {
    let mut skipped = Found {
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
        // The quote may close in the middle of a line, and the record goes on to its end.
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
    use super::*;
    use crate::columns::Places;
    use microseg_history::Field;

    fn change(text: &str, inside: bool) -> Option<(u64, u64)> {
        let table = CsvTable {
            places: Places {
                customer: 0,
                fields: vec![(Field::Timestamp, 1), (Field::Amount, 2), (Field::Class, 3)],
            },
            fields: 4,
            delimiter: b',',
            record_bytes: 100,
            begin: Found {
                offset: 0,
                line_feeds: 0,
            },
        };
        let mut found = None;
        for room in [1, 3, 5, 100] {
            let reader = io::BufReader::with_capacity(room, text.as_bytes());
            let change = first_change(reader, &table, inside, 1000).unwrap();
            let change = change.map(|found| (found.offset, found.line_feeds));
            assert_eq!(*found.get_or_insert(change), change, "{text} by {room}");
        }
        found.flatten()
    }

    #[test]
    fn the_first_row_of_another_customer() {
        assert_eq!(change("a,1\na,2\nb,3\n", false), Some((8, 2)));
        assert_eq!(change("a,1\na,2\n", false), None);
        assert_eq!(change("a,\"x\ny\"\r\n\"a\",2\r\nb,3", false), Some((16, 3)));
        // In the middle of a quoted field, which goes on over two lines.
        assert_eq!(change("q,q\nb\",3\na,1\nc,1\n", true), Some((13, 3)));
        // What is quoted looks like rows, and is none.
        assert_eq!(change("a,\"\nb,\nc,\"\na,1\n", false), None);
    }
}
