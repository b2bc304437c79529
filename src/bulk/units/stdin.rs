//! Units of standard input, cut as it arrives.

use std::io::{self, BufRead, BufReader, Read, Stdin};
use std::sync::Arc;

use super::unit::{Extent, Unit};
use crate::content::Content;
use crate::error::BulkError;
use crate::format::Format;
use crate::input::Input;
use crate::read::csv::{CsvTable, Quotes, first_change};
use crate::settings::RunSettings;

/// Standard input: what has arrived, and is not in a unit yet.
pub(super) struct PipedInput {
    input: Arc<Input>,
    reader: BufReader<Stdin>,
    table: Option<Arc<CsvTable>>,
    /// The table, until it has been taken from here.
    new_table: Option<Arc<CsvTable>>,
    /// The beginning of the next unit, where the search for the end of the unit before has read it.
    held: Vec<u8>,
    /// Line feeds before `held`.
    line_feeds: u64,
    ended: bool,
    /// Whether its first bytes have been looked at.
    begun: bool,
}

impl PipedInput {
    pub(super) fn new(input: Arc<Input>) -> Self {
        Self {
            input,
            reader: BufReader::with_capacity(1 << 18, io::stdin()),
            table: None,
            new_table: None,
            held: Vec::new(),
            line_feeds: 0,
            ended: false,
            begun: false,
        }
    }

    /// The next unit of about `part_bytes`; `None` at the end.
    pub(super) fn next(
        &mut self,
        settings: &RunSettings,
        part_bytes: u64,
    ) -> Result<Option<Unit>, BulkError> {
        if !self.begun {
            let head = self.reader.fill_buf().map_err(BulkError::StandardInput)?;
            if let Some(content) = Content::of(head) {
                let input = self.input.name();
                // Each thread that asks gets this error: none reads on.
                return Err(BulkError::Content { input, content });
            }
            self.begun = true;
        }
        let extent = match self.input.format() {
            Format::Csv => self.records(settings, part_bytes)?,
            _ => self
                .lines(settings.line_bytes, part_bytes)
                .map_err(BulkError::StandardInput)?,
        };
        Ok(extent.map(|extent| Unit {
            input: self.input.clone(),
            extent,
        }))
    }

    /// The table whose header was read since the last call.
    pub(super) fn take_new_table(&mut self) -> Option<Arc<CsvTable>> {
        self.new_table.take()
    }

    fn lines(&mut self, limit: u64, part_bytes: u64) -> io::Result<Option<Extent>> {
        let lines = self.line_feeds;
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < part_bytes {
            let missing = part_bytes - bytes.len() as u64;
            if self.reader.by_ref().take(missing).read_to_end(&mut bytes)? == 0 {
                break;
            }
        }
        // The last line is read to its end; bytes beyond the limit are not held.
        let begin = memchr::memrchr(b'\n', &bytes).map_or(0, |feed| feed + 1);
        if begin < bytes.len() {
            let have = (bytes.len() - begin) as u64;
            let remaining = (limit + 1).saturating_sub(have);
            self.reader
                .by_ref()
                .take(remaining)
                .read_until(b'\n', &mut bytes)?;
            if !bytes.ends_with(b"\n") && self.reader.skip_until(b'\n')? > 0 {
                bytes.push(b'\n');
            }
        }
        self.line_feeds += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        Ok((!bytes.is_empty()).then_some(Extent::PipedLines { bytes, lines }))
    }

    fn records(
        &mut self,
        settings: &RunSettings,
        part_bytes: u64,
    ) -> Result<Option<Extent>, BulkError> {
        let Some(table) = self.header(settings)? else {
            return Ok(None);
        };
        let line_feeds = self.line_feeds;
        let mut bytes = std::mem::take(&mut self.held);
        if !self.ended {
            let missing = part_bytes.saturating_sub(bytes.len() as u64);
            let arrived = self.reader.by_ref().take(missing).read_to_end(&mut bytes);
            arrived.map_err(BulkError::StandardInput)?;
            // The change of the customer is looked for from the next line on.
            let remaining = (settings.held_bytes as u64).saturating_sub(bytes.len() as u64);
            let mut rest_of_line = self.reader.by_ref().take(remaining);
            let line_ends = rest_of_line.read_until(b'\n', &mut bytes);
            line_ends.map_err(BulkError::StandardInput)?;
            let edge = bytes.len();
            let mut quotes = Quotes::at_line(table.delimiter, false);
            quotes.pass(&bytes);
            let mut exceeded = false;
            let following = RecordingReader {
                reader: &mut self.reader,
                held: &mut bytes,
                limit: settings.held_bytes,
                exceeded: &mut exceeded,
            };
            let change = first_change(following, &table, quotes.inside(), u64::MAX);
            if exceeded {
                return Err(BulkError::TooMuchHeld(settings.held_bytes));
            }
            match change.map_err(BulkError::StandardInput)? {
                Some(change) => {
                    let offset = usize::try_from(change.offset).unwrap_or(usize::MAX);
                    self.held = bytes.split_off(edge + offset);
                }
                None => self.ended = true,
            }
        }
        self.line_feeds += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        Ok((!bytes.is_empty()).then_some(Extent::PipedCsvRows {
            table,
            bytes,
            line_feeds,
        }))
    }

    fn header(&mut self, settings: &RunSettings) -> Result<Option<Arc<CsvTable>>, BulkError> {
        if self.table.is_none() {
            let name = self.input.name();
            let limit = settings.record_bytes();
            let delimiter = settings.table.delimiter.unwrap_or(b',');
            let reader = &mut self.reader;
            let table = CsvTable::read(reader, &name, &settings.table, delimiter, limit)
                .map_err(|error| error.into_bulk_error(BulkError::StandardInput))?;
            let Some(table) = table else {
                return Ok(None);
            };
            self.line_feeds = table.begin.line_feeds;
            self.table = Some(Arc::new(table));
            self.new_table.clone_from(&self.table);
        }
        Ok(self.table.clone())
    }
}

/// Reader that keeps a copy of what was read through it, up to a limit.
struct RecordingReader<'a> {
    reader: &'a mut BufReader<Stdin>,
    held: &'a mut Vec<u8>,
    limit: usize,
    /// Set when the limit was reached.
    exceeded: &'a mut bool,
}

impl Read for RecordingReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let arrived = self.fill_buf()?;
        let read = arrived.len().min(into.len());
        into[..read].copy_from_slice(&arrived[..read]);
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for RecordingReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.held.len() >= self.limit {
            *self.exceeded = true;
            return Ok(&[]);
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        let arrived = self.reader.buffer();
        self.held.extend_from_slice(&arrived[..bytes]);
        self.reader.consume(bytes);
    }
}
