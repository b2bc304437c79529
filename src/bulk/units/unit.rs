//! Unit of work: a part of an input that one thread reads.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use crate::error::BulkError;
use crate::history_result::HistoryConsumer;
use crate::input::Input;
use crate::position::Position;
use crate::read::csv::{self, CsvTable};
use crate::read::parquet::{self, ParquetTable, RowGroups};
use crate::read::{CustomerHash, Grouping, JsonDocuments, UnitContext, ndjson};

/// Bytes that are read from the disk at once: many times a line, since a line that is not whole in the buffer is copied.
const BUFFER_BYTES: usize = 1 << 20;

/// A part of an input.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) input: Arc<Input>,
    pub(super) extent: Extent,
}

/// The part of the input.
#[derive(Debug)]
pub(super) enum Extent {
    /// The whole file, a JSON document.
    Document,
    /// Lines of NDJSON, from one byte to another.
    Lines { from: u64, to: u64 },
    /// Rows of CSV, from one byte to another.
    CsvRows {
        table: Arc<CsvTable>,
        from: u64,
        to: u64,
        line_feeds: u64,
    },
    /// Row groups of Parquet.
    RowGroups {
        table: Arc<ParquetTable>,
        groups: RowGroups,
    },
    /// Lines of NDJSON from standard input, after `lines` lines before them.
    PipedLines { bytes: Vec<u8>, lines: u64 },
    /// Rows of CSV from standard input.
    PipedCsvRows {
        table: Arc<CsvTable>,
        bytes: Vec<u8>,
        line_feeds: u64,
    },
}

impl Unit {
    /// Reads the unit; gives the customers whose rows begin in it, if it is of a table.
    pub(crate) fn read(
        &self,
        context: &UnitContext<'_>,
        consume: &mut HistoryConsumer<'_>,
    ) -> Result<Vec<CustomerHash>, BulkError> {
        let name = self.input.name();
        let read_error = |source| match self.input.path() {
            Some(path) => BulkError::file(path)(source),
            None => BulkError::StandardInput(source),
        };
        let path = self.input.path().unwrap_or(Path::new(""));
        let grouping = || Grouping::new(context, &name);
        let limit = context.line_bytes;
        match &self.extent {
            Extent::Document => {
                let file = File::open(path).map_err(read_error)?;
                let documents = JsonDocuments::whole(BufReader::new(file), limit);
                ndjson::read(documents, context, read_error, consume)?;
                Ok(Vec::new())
            }
            Extent::Lines { from, to } => {
                let reader = range(path, *from, *to).map_err(read_error)?;
                ndjson::read(
                    JsonDocuments::lines(reader, limit),
                    context,
                    read_error,
                    consume,
                )?;
                Ok(Vec::new())
            }
            Extent::PipedLines { bytes, .. } => {
                let documents = JsonDocuments::lines(bytes.as_slice(), limit);
                ndjson::read(documents, context, read_error, consume)?;
                Ok(Vec::new())
            }
            Extent::CsvRows {
                table,
                from,
                to,
                line_feeds,
            } => {
                let reader = range(path, *from, *to).map_err(read_error)?;
                let grouping = grouping();
                csv::read(
                    reader,
                    table,
                    *line_feeds,
                    context,
                    grouping,
                    read_error,
                    consume,
                )
            }
            Extent::PipedCsvRows {
                table,
                bytes,
                line_feeds,
            } => {
                let (bytes, grouping) = (bytes.as_slice(), grouping());
                csv::read(
                    bytes,
                    table,
                    *line_feeds,
                    context,
                    grouping,
                    read_error,
                    consume,
                )
            }
            Extent::RowGroups { table, groups } => {
                parquet::read(table, *groups, context, grouping(), consume)
            }
        }
    }

    /// Its share of the input, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.extent {
            Extent::Document => self
                .input
                .path()
                .and_then(|path| path.metadata().ok())
                .map_or(0, |metadata| metadata.len()),
            Extent::Lines { from, to } | Extent::CsvRows { from, to, .. } => to - from,
            Extent::RowGroups { groups, .. } => groups.bytes,
            Extent::PipedLines { bytes, .. } | Extent::PipedCsvRows { bytes, .. } => {
                bytes.len() as u64
            }
        }
    }

    /// A position of the unit, counted from the beginning of the input, for a message.
    pub(crate) fn position_in_input(&self, position: Position) -> Result<Position, BulkError> {
        match (position, &self.extent) {
            (Position::Line(line), Extent::Lines { from, .. }) if *from > 0 => {
                let path = self.input.path().unwrap_or(Path::new(""));
                let before = ndjson::lines_before(path, *from).map_err(BulkError::file(path))?;
                Ok(Position::Line(before + line))
            }
            (Position::Line(line), Extent::PipedLines { lines, .. }) => {
                Ok(Position::Line(lines + line))
            }
            (position, _) => Ok(position),
        }
    }
}

fn range(path: &Path, from: u64, to: u64) -> io::Result<BufReader<io::Take<File>>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, file.take(to - from)))
}
