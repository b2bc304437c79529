//! Division of a CSV file into byte ranges that begin where a customer's rows begin.
//!
//! A first pass over the file counts quotes, on all threads. Each takes a block and follows both possibilities, that
//! the block begins between quotes and that it does not; which one is true is known once all blocks before are done.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::boundary::first_change;
use super::quotes::Quotes;
use super::table::CsvTable;
use crate::error::BulkError;
use crate::observer::RunObserver;
use crate::threads::compute_in_order;

/// Bytes of a file that are read at a time.
const BLOCK_BYTES: usize = 1 << 18;

/// A range of bytes, and the line feeds before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CsvRange {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) line_feeds: u64,
}

/// Cuts the rows of a file into ranges of about `part_bytes`. A customer's rows are never cut.
pub(crate) fn cut(
    path: &Path,
    table: &CsvTable,
    length: u64,
    part_bytes: u64,
    threads: usize,
    observer: &dyn RunObserver,
) -> Result<Vec<CsvRange>, BulkError> {
    let file_error = |error| BulkError::file(path)(error);
    let open = |offset| -> std::io::Result<BufReader<File>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(BufReader::with_capacity(BLOCK_BYTES, file))
    };
    let begin = table.begin.offset;
    let blocks = length.saturating_sub(begin).div_ceil(part_bytes.max(1));

    // The end of the line in which the aimed end is: from there on, only quotes matter.
    let lines = compute_in_order(blocks.saturating_sub(1), threads, |block| {
        let aim = begin + (block + 1) * part_bytes;
        let skipped = open(aim).and_then(|mut reader| reader.skip_until(b'\n'));
        skipped
            .map(|skipped| aim + skipped as u64)
            .map_err(file_error)
    })?;
    let mut edges = vec![begin];
    edges.extend(lines.into_iter().filter(|&edge| edge < length));
    edges.dedup();
    edges.push(length);
    let blocks: Vec<(u64, u64)> = edges.windows(2).map(|edge| (edge[0], edge[1])).collect();

    let counted = compute_in_order(blocks.len() as u64, threads, |block| {
        if observer.interrupted() {
            return Err(BulkError::Interrupted);
        }
        let (from, to) = blocks[index(block)];
        let reader = open(from).map_err(file_error)?;
        count(reader.take(to - from), table.delimiter).map_err(file_error)
    })?;
    let (mut inside, mut line_feeds) = (false, table.begin.line_feeds);
    let mut known = Vec::with_capacity(blocks.len());
    for block in &counted {
        known.push((inside, line_feeds));
        inside = block.inside_after[usize::from(inside)];
        line_feeds += block.line_feeds;
    }

    let changes = compute_in_order(blocks.len() as u64, threads, |block| {
        if block == 0 {
            return Ok(None);
        }
        let block = index(block);
        let ((from, to), (inside, line_feeds)) = (blocks[block], known[block]);
        let reader = open(from).map_err(file_error)?;
        let found = first_change(reader, table, inside, to - from).map_err(file_error)?;
        Ok(found.map(|found| (from + found.offset, line_feeds + found.line_feeds)))
    })?;
    let begins = std::iter::once((begin, table.begin.line_feeds))
        .chain(changes.into_iter().flatten())
        .collect::<Vec<_>>();
    let ends = begins[1..].iter().map(|&(from, _)| from);
    let ranges = begins.iter().zip(ends.chain([length]));
    Ok(ranges
        .map(|(&(from, line_feeds), to)| CsvRange {
            from,
            to,
            line_feeds,
        })
        .filter(|range| range.from < range.to)
        .collect())
}

/// The quotes and line feeds of a block of text.
struct BlockCount {
    /// Whether its end is between quotes: if its beginning is not, and if it is.
    inside_after: [bool; 2],
    line_feeds: u64,
}

fn count(mut reader: impl Read, delimiter: u8) -> std::io::Result<BlockCount> {
    let mut either = [false, true].map(|inside| Quotes::at_line(delimiter, inside));
    let mut line_feeds = 0;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = reader.read(&mut block)?;
        if read == 0 {
            let inside_after = either.map(|quotes| quotes.inside());
            return Ok(BlockCount {
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
