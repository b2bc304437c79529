//! Footer of a Parquet file: its columns, their types, and its row groups.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::{DataType, FieldRef, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::schema::types::Type;

use super::arrays::ColumnKind;
use crate::columns::{ColumnPositions, TableSettings};
use crate::error::BulkError;

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8_192;

/// A file that has the needed columns, in types that are read.
#[derive(Debug)]
pub(crate) struct ParquetTable {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    positions: ColumnPositions,
    projection: ProjectionMask,
}

/// Row groups that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowGroups {
    /// The first of them, from 0; the row groups after them are read for the rest of the last customer.
    pub(crate) first: usize,
    /// Their first row, from 0.
    pub(crate) from: u64,
    /// The first row after them.
    pub(crate) to: u64,
    /// Their size in the file, compressed.
    pub(crate) bytes: u64,
}

impl ParquetTable {
    /// Reads the footer and finds the columns.
    pub(crate) fn open(path: &Path, settings: &TableSettings) -> Result<Self, BulkError> {
        let input = path.display().to_string();
        let file = File::open(path).map_err(BulkError::file(path))?;
        let metadata = load(&file).map_err(|source| parquet_error(&input, source))?;
        let fields = metadata.schema().fields();
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let positions = settings.columns.find(&input, &names)?;
        let customer = (positions.customer, ColumnKind::Customer);
        let fields_read = positions.fields.iter();
        let needed = std::iter::once(customer)
            .chain(fields_read.map(|&(field, position)| (position, ColumnKind::Field(field))));
        for (position, kind) in needed.clone() {
            let found = fields[position].data_type();
            if !kind.takes(found) {
                return Err(BulkError::ColumnType {
                    input,
                    column: names[position].clone(),
                    found: found.to_string(),
                    expected: kind.expected(),
                });
            }
        }
        let projection = ProjectionMask::roots(
            metadata.parquet_schema(),
            needed.map(|(position, _)| position),
        );
        Ok(Self {
            path: path.to_owned(),
            metadata,
            positions,
            projection,
        })
    }

    /// The positions of its columns.
    pub(crate) fn positions(&self) -> &ColumnPositions {
        &self.positions
    }

    /// Joins row groups until they have `part_bytes`.
    pub(crate) fn cut(&self, part_bytes: u64) -> Vec<RowGroups> {
        let mut cut: Vec<RowGroups> = Vec::new();
        let mut row = 0;
        for (number, group) in self.metadata.metadata().row_groups().iter().enumerate() {
            let bytes = u64::try_from(group.compressed_size()).unwrap_or(0);
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            match cut.last_mut() {
                _ if rows == 0 => {}
                Some(last) if last.bytes < part_bytes => {
                    last.to += rows;
                    last.bytes += bytes;
                }
                _ => cut.push(RowGroups {
                    first: number,
                    from: row,
                    to: row + rows,
                    bytes,
                }),
            }
            row += rows;
        }
        cut
    }

    /// Reads the needed columns from one row group on to the end of the file, as far as it is asked to.
    pub(super) fn batches_from(&self, group: usize) -> Result<ParquetRecordBatchReader, BulkError> {
        let file = File::open(&self.path).map_err(BulkError::file(&self.path))?;
        let groups = self.metadata.metadata().num_row_groups();
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_projection(self.projection.clone())
            .with_row_groups((group..groups).collect())
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|source| parquet_error(&self.name(), source))
    }

    /// The file's name, for errors.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// Reads the footer. Times of the type INT96, which Spark, Hive and Impala write, become milliseconds of UTC: nanoseconds
/// since 1970 would leave the 64 bits in 1677 and in 2262, and come out as other times.
fn load(file: &File) -> Result<ArrowReaderMetadata, ParquetError> {
    let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::default())?;
    let columns = metadata.parquet_schema().root_schema().get_fields();
    let is_int96 =
        |column: &Type| column.is_primitive() && column.get_physical_type() == PhysicalType::INT96;
    if !columns.iter().any(|column| is_int96(column)) {
        return Ok(metadata);
    }
    let in_utc = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let fields = metadata.schema().fields().iter().zip(columns);
    let fields: Vec<FieldRef> = fields
        .map(|(field, column)| {
            if is_int96(column) {
                Arc::new(field.as_ref().clone().with_data_type(in_utc.clone()))
            } else {
                field.clone()
            }
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let options = ArrowReaderOptions::default().with_schema(schema);
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)
}

fn parquet_error(input: &str, source: ParquetError) -> BulkError {
    BulkError::Parquet {
        input: input.to_owned(),
        source,
    }
}
