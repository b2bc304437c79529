//! Cuts a CSV file into units: byte ranges that begin where a customer's rows begin.
//!
//! A first pass over the file counts quotes, on all threads. Each takes a block and follows both possibilities, that
//! the block begins between quotes and that it does not; which one is true is known once all blocks before are done.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::boundary::{Found, first_change};
use super::quotes::Quotes;
use super::records::Records;
use crate::columns::{Places, TableSettings};
use crate::run::on_threads;
use crate::{BulkError, Watch};

/// How much of a file is looked at in one go.
const BLOCK_BYTES: usize = 1 << 18;

/// What the header of a table says.
#[derive(Debug, Clone)]
pub(crate) struct CsvTable {
    pub(crate) places: Places,
    /// How many fields a row has.
    pub(crate) fields: usize,
    pub(crate) delimiter: u8,
    /// The largest record.
    pub(crate) record_bytes: usize,
    /// Where the rows begin.
    pub(crate) begin: Found,
}

/// A range of bytes, and the line feeds before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) line_feeds: u64,
}

impl CsvTable {
    /// Reads the header; `None` when there is not even that.
    pub(crate) fn read<R: BufRead>(
        reader: R,
        input: &str,
        settings: &TableSettings,
        record_bytes: usize,
    ) -> Result<Option<Self>, HeaderError> {
        let mut records = Records::new(reader, settings.delimiter, record_bytes);
        if records.next()?.is_none() {
            return Ok(None);
        }
        let columns: Vec<String> = (0..records.fields())
            .filter_map(|index| records.field(index))
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        let places = settings.columns.find(input, &columns)?;
        Ok(Some(Self {
            places,
            fields: columns.len(),
            delimiter: settings.delimiter,
            record_bytes,
            begin: Found {
                offset: records.offset(),
                line_feeds: records.line_feeds(),
            },
        }))
    }
}

/// Why a header was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error(transparent)]
    Read(#[from] std::io::Error),
    #[error(transparent)]
    Columns(#[from] BulkError),
}

impl HeaderError {
    /// With the words for a reader that failed.
    pub(crate) fn of(self, read: impl FnOnce(std::io::Error) -> BulkError) -> BulkError {
        match self {
            Self::Read(error) => read(error),
            Self::Columns(error) => error,
        }
    }
}

/// Cuts the rows of a file into ranges of about `part_bytes`. A customer's rows are never cut.
pub(crate) fn cut(
    path: &Path,
    table: &CsvTable,
    length: u64,
    part_bytes: u64,
    threads: usize,
    watch: &dyn Watch,
) -> Result<Vec<Range>, BulkError> {
    let fault = |error| BulkError::file(path)(error);
    let open = |offset| -> std::io::Result<BufReader<File>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(BufReader::with_capacity(BLOCK_BYTES, file))
    };
    let begin = table.begin.offset;
    let blocks = length.saturating_sub(begin).div_ceil(part_bytes.max(1));

    // Where the line ends that the aim falls into: there, quotes are all that matters.
    let lines = on_threads(blocks.saturating_sub(1), threads, |block| {
        let aim = begin + (block + 1) * part_bytes;
        let skipped = open(aim).and_then(|mut reader| reader.skip_until(b'\n'));
        skipped.map(|skipped| aim + skipped as u64).map_err(fault)
    })?;
    let mut edges = vec![begin];
    edges.extend(lines.into_iter().filter(|&edge| edge < length));
    edges.dedup();
    edges.push(length);
    let blocks: Vec<(u64, u64)> = edges.windows(2).map(|edge| (edge[0], edge[1])).collect();

    let counted = on_threads(blocks.len() as u64, threads, |block| {
        if watch.interrupted() {
            return Err(BulkError::Interrupted);
        }
        let (from, to) = blocks[index(block)];
        let reader = open(from).map_err(fault)?;
        count(reader.take(to - from), table.delimiter).map_err(fault)
    })?;
    let (mut inside, mut line_feeds) = (false, table.begin.line_feeds);
    let mut known = Vec::with_capacity(blocks.len());
    for block in &counted {
        known.push((inside, line_feeds));
        inside = block.inside_after[usize::from(inside)];
        line_feeds += block.line_feeds;
    }

    let changes = on_threads(blocks.len() as u64, threads, |block| {
        if block == 0 {
            return Ok(None);
        }
        let block = index(block);
        let ((from, to), (inside, line_feeds)) = (blocks[block], known[block]);
        let reader = open(from).map_err(fault)?;
        let found = first_change(reader, table, inside, to - from).map_err(fault)?;
        Ok(found.map(|found| (from + found.offset, line_feeds + found.line_feeds)))
    })?;
    let begins = std::iter::once((begin, table.begin.line_feeds))
        .chain(changes.into_iter().flatten())
        .collect::<Vec<_>>();
    let ends = begins[1..].iter().map(|&(from, _)| from);
    let ranges = begins.iter().zip(ends.chain([length]));
    Ok(ranges
        .map(|(&(from, line_feeds), to)| Range {
            from,
            to,
            line_feeds,
        })
        .filter(|range| range.from < range.to)
        .collect())
}

/// What a block of text does to what comes after it.
struct Counted {
    /// Whether its end lies between quotes: when its beginning does not, and when it does.
    inside_after: [bool; 2],
    line_feeds: u64,
}

fn count(mut reader: impl Read, delimiter: u8) -> std::io::Result<Counted> {
    let mut either = [false, true].map(|inside| Quotes::at_line(delimiter, inside));
    let mut line_feeds = 0;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = reader.read(&mut block)?;
        if read == 0 {
            let inside_after = either.map(|quotes| quotes.inside());
            return Ok(Counted {
                inside_after,
                line_feeds,
            });
        }
        for quotes in &mut either {
            quotes.pass(&block[..read]);
        }
        line_feeds += memchr::memchr_iter(b'\n', &block[..read]).count() as u64;
    }
}

fn index(block: u64) -> usize {
    usize::try_from(block).unwrap_or(usize::MAX)
}
