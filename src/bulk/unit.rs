//! A unit of work: a part of an input that a thread reads by itself.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::csv::{self, CsvTable};
use super::customers::{Customers, Mark};
use super::gathering::{Gathering, Take};
use super::lines::Documents;
use super::ndjson;
use super::parquet::{self, Groups, ParquetTable};
use super::{BulkError, Input, Place, TableSettings, Watch};
use microseg_encoding::Encoder;

/// How much is read from the disk at once: many times a line, since a line that is cut must be copied together.
const BUFFER_BYTES: usize = 1 << 20;

/// What reading needs beside the unit.
pub(super) struct Reading<'a> {
    pub(super) encoder: &'a Encoder,
    pub(super) settings: &'a TableSettings,
    /// The largest line of NDJSON.
    pub(super) line_bytes: u64,
    pub(super) customers: &'a Customers,
    pub(super) watch: &'a dyn Watch,
}

/// A part of an input.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) input: Arc<Input>,
    pub(super) span: Span,
}

/// Which part.
#[derive(Debug)]
pub(super) enum Span {
    /// All of a JSON document.
    Whole,
    /// Lines of NDJSON, from one byte to another.
    Lines { from: u64, to: u64 },
    /// Rows of CSV, from one byte to another.
    Records {
        table: Arc<CsvTable>,
        from: u64,
        to: u64,
        line_feeds: u64,
    },
    /// Row groups of Parquet.
    Groups {
        table: Arc<ParquetTable>,
        groups: Groups,
    },
    /// Lines of NDJSON that came through a pipe.
    HeldLines { bytes: Vec<u8>, lines: u64 },
    /// Rows of CSV that came through a pipe.
    HeldRecords {
        table: Arc<CsvTable>,
        bytes: Vec<u8>,
        line_feeds: u64,
    },
}

impl Unit {
    /// Reads the unit; gives the customers whose rows begin in it, as far as it is of a table.
    pub(super) fn read(
        &self,
        reading: &Reading<'_>,
        take: &mut Take<'_>,
    ) -> Result<Vec<Mark>, BulkError> {
        let name = self.input.name();
        let fault = |source| match self.input.path() {
            Some(path) => BulkError::file(path)(source),
            None => BulkError::StandardInput(source),
        };
        let path = self.input.path().unwrap_or(Path::new(""));
        let gathering =
            || Gathering::new(reading.encoder, reading.settings, reading.customers, &name);
        let limit = reading.line_bytes;
        match &self.span {
            Span::Whole => {
                let file = File::open(path).map_err(fault)?;
                let documents = Documents::whole(BufReader::new(file), limit);
                ndjson::read(documents, reading, fault, take)?;
                Ok(Vec::new())
            }
            Span::Lines { from, to } => {
                let reader = range(path, *from, *to).map_err(fault)?;
                ndjson::read(Documents::lines(reader, limit), reading, fault, take)?;
                Ok(Vec::new())
            }
            Span::HeldLines { bytes, .. } => {
                let documents = Documents::lines(bytes.as_slice(), limit);
                ndjson::read(documents, reading, fault, take)?;
                Ok(Vec::new())
            }
            Span::Records {
                table,
                from,
                to,
                line_feeds,
            } => {
                let reader = range(path, *from, *to).map_err(fault)?;
                let gathering = gathering();
                csv::read(reader, table, *line_feeds, reading, gathering, fault, take)
            }
            Span::HeldRecords {
                table,
                bytes,
                line_feeds,
            } => {
                let (bytes, gathering) = (bytes.as_slice(), gathering());
                csv::read(bytes, table, *line_feeds, reading, gathering, fault, take)
            }
            Span::Groups { table, groups } => {
                parquet::read(table, *groups, reading, gathering(), take)
            }
        }
    }

    /// How many bytes of its input it stands for.
    pub(super) fn bytes(&self) -> u64 {
        match &self.span {
            Span::Whole => self
                .input
                .path()
                .and_then(|path| path.metadata().ok())
                .map_or(0, |metadata| metadata.len()),
            Span::Lines { from, to } | Span::Records { from, to, .. } => to - from,
            Span::Groups { groups, .. } => groups.bytes,
            Span::HeldLines { bytes, .. } | Span::HeldRecords { bytes, .. } => bytes.len() as u64,
        }
    }

    /// A place as it counts from the beginning of the input, for a message.
    pub(super) fn place_in_input(&self, place: Place) -> Result<Place, BulkError> {
        match (place, &self.span) {
            (Place::Line(line), Span::Lines { from, .. }) if *from > 0 => {
                let path = self.input.path().unwrap_or(Path::new(""));
                let before = ndjson::lines_before(path, *from).map_err(BulkError::file(path))?;
                Ok(Place::Line(before + line))
            }
            (Place::Line(line), Span::HeldLines { lines, .. }) => Ok(Place::Line(lines + line)),
            (place, _) => Ok(place),
        }
    }
}

fn range(path: &Path, from: u64, to: u64) -> io::Result<BufReader<io::Take<File>>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, file.take(to - from)))
}
