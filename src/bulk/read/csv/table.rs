//! Header of a CSV table: the positions of its columns, and the begin of its rows.

use std::io::{self, BufRead};

use super::records::Records;
use crate::columns::{ColumnPositions, TableSettings};
use crate::error::BulkError;

/// A position in the text of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextPosition {
    /// In bytes, from 0.
    pub(crate) offset: u64,
    /// Line feeds before it.
    pub(crate) line_feeds: u64,
}

/// A table whose header was read.
#[derive(Debug, Clone)]
pub(crate) struct CsvTable {
    pub(super) positions: ColumnPositions,
    /// The number of fields in a row.
    pub(super) fields: usize,
    pub(crate) delimiter: u8,
    /// The largest record, in bytes.
    pub(super) record_bytes: usize,
    /// Where the rows begin.
    pub(crate) begin: TextPosition,
}

/// An error of reading a header.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error(transparent)]
    Columns(#[from] BulkError),
}

impl CsvTable {
    /// Reads the header; `None` when the text is empty.
    pub(crate) fn read<R: BufRead>(
        reader: R,
        input: &str,
        settings: &TableSettings,
        delimiter: u8,
        record_bytes: usize,
    ) -> Result<Option<Self>, HeaderError> {
        let mut records = Records::new(reader, delimiter, record_bytes);
        let Some(header) = records.next()? else {
            return Ok(None);
        };
        if let Some(quote) = header.faulty_quote {
            return Err(HeaderError::Columns(BulkError::OpenQuoteInHeader {
                input: input.to_owned(),
                line: quote.line_feeds + 1,
            }));
        }
        let columns: Vec<String> = (0..records.fields())
            .filter_map(|index| records.field(index))
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        let positions = settings.columns.find(input, &columns)?;
        Ok(Some(Self {
            positions,
            fields: columns.len(),
            delimiter,
            record_bytes,
            begin: TextPosition {
                offset: records.offset(),
                line_feeds: records.line_feeds(),
            },
        }))
    }
}

impl CsvTable {
    /// The positions of its columns.
    pub(crate) fn positions(&self) -> &ColumnPositions {
        &self.positions
    }
}

impl HeaderError {
    /// The same error, with `read` for a reader that failed.
    pub(crate) fn into_bulk_error(self, read: impl FnOnce(io::Error) -> BulkError) -> BulkError {
        match self {
            Self::Read(error) => read(error),
            Self::Columns(error) => error,
        }
    }
}
