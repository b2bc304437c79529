//! NDJSON: files with one history in each line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use microseg_problem::Problem;

use super::context::UnitContext;
use super::json_documents::{JsonDocument, JsonDocuments};
use crate::error::BulkError;
use crate::history_result::{HistoryConsumer, Refusal};
use crate::position::Position;

/// Cuts a file into ranges of about `part_bytes` that end where lines end.
pub(crate) fn cut(path: &Path, length: u64, part_bytes: u64) -> io::Result<Vec<(u64, u64)>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut ranges = Vec::new();
    let mut from = 0;
    while from < length {
        let aim = from.saturating_add(part_bytes.max(1));
        let to = if aim < length {
            // The byte before the aimed end may be a line feed.
            file.seek(SeekFrom::Start(aim - 1))?;
            (aim - 1 + file.skip_until(b'\n')? as u64).min(length)
        } else {
            length
        };
        ranges.push((from, to));
        from = to;
    }
    Ok(ranges)
}

/// Reads histories. Their lines are counted from the beginning of the reader.
pub(crate) fn read<R: BufRead>(
    mut documents: JsonDocuments<R>,
    context: &UnitContext<'_>,
    read_error: impl Fn(io::Error) -> BulkError,
    consume: &mut HistoryConsumer<'_>,
) -> Result<(), BulkError> {
    while let Some(JsonDocument { line, bytes }) = documents.next_document().map_err(&read_error)? {
        if let Ok(bytes) = &bytes {
            context.observer.read(bytes.len() as u64);
        }
        let history = bytes.and_then(|bytes| context.encoder.read(bytes).map_err(Problem::from));
        consume(history.map_err(|problem| Refusal {
            position: Position::Line(line),
            customer_id: None,
            problem,
        }))?;
    }
    Ok(())
}

/// The number of lines that end before an offset. It is called for the first few problems only, since it reads the file again.
pub(crate) fn lines_before(path: &Path, offset: u64) -> io::Result<u64> {
    let mut reader = File::open(path)?.take(offset);
    let mut block = vec![0; 1 << 18];
    let mut lines = 0;
    loop {
        let read = reader.read(&mut block)?;
        if read == 0 {
            return Ok(lines);
        }
        lines += memchr::memchr_iter(b'\n', &block[..read]).count() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_at_line_ends_and_cover_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "aa\nbb\n\ncccccccc\nd").unwrap();
        for part_bytes in 1..20 {
            let ranges = cut(file.path(), 17, part_bytes).unwrap();
            assert_eq!(ranges.first().unwrap().0, 0);
            assert_eq!(ranges.last().unwrap().1, 17);
            assert!(ranges.windows(2).all(|pair| pair[0].1 == pair[1].0));
            for (_, to) in &ranges[..ranges.len() - 1] {
                assert!([3, 6, 7, 16].contains(to), "{ranges:?}");
            }
        }
        assert_eq!(cut(file.path(), 17, 3).unwrap()[0], (0, 3));
    }

    #[test]
    fn lines_before_an_offset_are_counted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "aa\nbb\n\ncccccccc\nd").unwrap();
        assert_eq!(lines_before(file.path(), 16).unwrap(), 4);
    }
}
