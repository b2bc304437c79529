//! Reader of CSV records in a bounded buffer.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::quoted_fields::{FaultyQuote, QuotedFields};

/// The most fields of a record.
const MAX_FIELDS: usize = 16_384;

/// Reads one record after the other into the same buffer.
pub(crate) struct Records<R> {
    reader: R,
    parser: Reader,
    quotes: QuotedFields,
    limit: usize,
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    offset: u64,
    line_feeds: u64,
}

/// A record that was read; its fields are those of [`Records::field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// Its first byte, counted from the beginning of the reader.
    pub(crate) offset: u64,
    /// Line feeds before it.
    pub(crate) line_feeds: u64,
    /// Whether it is beyond the limit: then only its first fields are kept.
    pub(crate) too_large: bool,
    /// A quote in it that may have swallowed other rows.
    pub(crate) faulty_quote: Option<FaultyQuote>,
}

impl<R: BufRead> Records<R> {
    /// Reads from the beginning of a record; one of more than `limit` bytes is not kept whole.
    pub(crate) fn new(reader: R, delimiter: u8, limit: usize) -> Self {
        Self {
            reader,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            quotes: QuotedFields::new(delimiter),
            limit: limit.max(1),
            text: vec![0; limit.clamp(1, 1 << 12)],
            ends: vec![0; 64],
            fields: 0,
            offset: 0,
            line_feeds: 0,
        }
    }

    /// The number of bytes that have been read.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The number of line feeds that have been read.
    pub(crate) fn line_feeds(&self) -> u64 {
        self.line_feeds
    }

    /// The number of fields of the last record.
    pub(crate) fn fields(&self) -> usize {
        self.fields
    }

    /// A field of the last record, unescaped; `None` where the record has fewer fields.
    pub(crate) fn field(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends[..self.fields].get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// Reads the next record, if there is one. Blank lines are skipped.
    pub(crate) fn next(&mut self) -> io::Result<Option<Record>> {
        self.skip_line_ends()?;
        let (offset, line_feeds) = (self.offset, self.line_feeds);
        let (mut used, mut fields, mut too_large) = (0, 0, false);
        loop {
            let input = self.reader.fill_buf()?;
            let is_at_end = input.is_empty();
            let (text, ends) = (&mut self.text[used..], &mut self.ends[fields..]);
            // A record beyond the limit is read to its end into a buffer that is thrown away.
            let (result, read, written, ended) = if too_large {
                let mut ends = [0; 64];
                let mut text = [0; 1 << 10];
                let (result, read, ..) = self.parser.read_record(input, &mut text, &mut ends);
                (result, read, 0, 0)
            } else {
                self.parser.read_record(input, text, ends)
            };
            self.quotes.pass(&input[..read], self.line_feeds);
            self.line_feeds += memchr::memchr_iter(b'\n', &input[..read]).count() as u64;
            self.reader.consume(read);
            self.offset += read as u64;
            used += written;
            fields += ended;
            if self.offset - offset > self.limit as u64 {
                too_large = true;
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull if too_large => {}
                ReadRecordResult::OutputFull if self.text.len() < self.limit => {
                    let capacity = self.limit.min(self.text.len() * 2);
                    self.text.resize(capacity, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < MAX_FIELDS => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => too_large = true,
                ReadRecordResult::Record => {
                    self.fields = fields;
                    return Ok(Some(Record {
                        offset,
                        line_feeds,
                        too_large,
                        faulty_quote: self.quotes.end_record(is_at_end),
                    }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// The parser would skip them too, but without saying where the next record begins.
    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            let input = self.reader.fill_buf()?;
            let blank = input
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            if blank == 0 {
                return Ok(());
            }
            self.line_feeds += memchr::memchr_iter(b'\n', &input[..blank]).count() as u64;
            self.reader.consume(blank);
            self.offset += blank as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn records(text: &str, limit: usize) -> Vec<(u64, u64, bool, Vec<String>)> {
        let mut first = None;
        // The buffer's size makes no difference.
        for capacity in [1, 2, 3, 7, 1 << 10] {
            let reader = BufReader::with_capacity(capacity, text.as_bytes());
            let mut records = Records::new(reader, b',', limit);
            let mut all = Vec::new();
            while let Some(record) = records.next().unwrap() {
                let fields = (0..records.fields())
                    .map(|index| String::from_utf8(records.field(index).unwrap().to_vec()).unwrap())
                    .collect();
                all.push((record.offset, record.line_feeds, record.too_large, fields));
            }
            assert_eq!(*first.get_or_insert_with(|| all.clone()), all);
        }
        first.unwrap_or_default()
    }

    #[test]
    fn begin_of_a_record_is_known_after_lf_and_crlf() {
        let read = records("a,\"b\nc\"\r\n\r\nd,e\n\n\"x\"\"y\",\nlast,one", 100);
        let positions: Vec<_> = read.iter().map(|record| (record.0, record.1)).collect();
        assert_eq!(positions, [(0, 0), (11, 3), (16, 5), (24, 6)]);
        assert_eq!(read[0].3, ["a", "b\nc"]);
        assert_eq!(read[2].3, ["x\"y", ""]);
        assert_eq!(read[3].3, ["last", "one"]);
    }

    #[test]
    fn record_beyond_the_limit_is_marked_and_the_next_records_are_read() {
        let long = "x".repeat(5000);
        let read = records(&format!("a,b\nc,{long}\nd,{long},{long}\ne,f\n"), 1000);
        let too_large: Vec<_> = read.iter().map(|record| record.2).collect();
        assert_eq!(too_large, [false, true, true, false]);
        assert_eq!(read[1].3[0], "c");
        assert_eq!(read[3].3, ["e", "f"]);
    }
}
