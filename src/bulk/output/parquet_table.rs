//! Answers as a flat table of Parquet: a row for each customer.

use std::fs::File;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use microseg_model::{Model, ModelIdentity};
use microseg_scoring::Scoring;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::error::BulkError;
use crate::score::Answer;

/// Rows of a row group, which are held until it is written.
const GROUP_ROWS: usize = 1 << 16;

const TEXTS: [&str; 4] = ["customer_id", "problem", "segment", "attractor"];
const DISTANCES: [&str; 3] = ["segment_distance", "segment_margin", "attractor_distance"];
const COUNTS: [&str; 7] = [
    "periods",
    "transactions",
    "used",
    "netted",
    "income",
    "unclassified",
    "out_of_window",
];

/// The columns: customer and problem; the state, by the names that explanations use; the outputs; the position in the
/// state space; the counts.
///
/// # Errors
/// [`BulkError::OutputName`] when an output of the model has the name of another column.
pub(super) fn schema(model: &Model) -> Result<Arc<Schema>, BulkError> {
    let states = (0..model.manifest().hidden_size()).map(|index| format!("state.{index}"));
    let outputs = model.output_names();
    let numbers = states.chain(outputs.iter().cloned());
    let field = |name: &str, of: &DataType| Field::new(name, of.clone(), true);
    let mut fields: Vec<Field> = TEXTS[..2]
        .iter()
        .map(|name| field(name, &DataType::Utf8))
        .collect();
    fields.extend(numbers.map(|name| field(&name, &DataType::Float32)));
    fields.extend([
        field(TEXTS[2], &DataType::Utf8),
        field(DISTANCES[0], &DataType::Float64),
        field(DISTANCES[1], &DataType::Float64),
        field(TEXTS[3], &DataType::Utf8),
        field(DISTANCES[2], &DataType::Float64),
    ]);
    fields.extend(COUNTS.map(|name| field(name, &DataType::Int64)));
    let twice = outputs.iter().find(|output| {
        let same = |field: &&Field| field.name() == *output;
        fields.iter().filter(same).count() > 1
    });
    match twice {
        Some(output) => Err(BulkError::OutputName(output.clone())),
        None => Ok(Arc::new(Schema::new(fields))),
    }
}

/// Writer of a table.
pub(super) struct ParquetTableWriter {
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
}

impl ParquetTableWriter {
    /// Begins a table in a file, whose metadata names the model.
    pub(super) fn new(
        file: File,
        schema: Arc<Schema>,
        model: &ModelIdentity,
    ) -> Result<Self, ParquetError> {
        let entry = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_key_value_metadata(Some(vec![
                entry("microseg.model.name", &model.name),
                entry("microseg.model.version", &model.version),
                entry("microseg.model.sha256", &model.sha256),
            ]))
            .build();
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties))?;
        Ok(Self { schema, writer })
    }

    /// Adds a row for each answer.
    pub(super) fn write(&mut self, answers: &[Answer]) -> Result<(), ParquetError> {
        let texts = |value: &dyn Fn(&Answer) -> Option<String>| -> ArrayRef {
            let mut column = StringBuilder::new();
            for answer in answers {
                column.append_option(value(answer));
            }
            Arc::new(column.finish())
        };
        let mut columns = vec![
            texts(&|answer| {
                let customer_id = match answer {
                    Ok(scoring) => scoring.customer_id.as_ref(),
                    Err(refused) => refused.customer_id.as_ref(),
                };
                customer_id.map(|customer_id| customer_id.as_str().to_owned())
            }),
            texts(&|answer| {
                let refused = answer.as_ref().err();
                refused.map(|refused| refused.problem.detail().to_owned())
            }),
        ];
        columns.extend(self.numbers(answers));
        let distances = |value: &dyn Fn(&Scoring) -> Option<f64>| -> ArrayRef {
            let mut column = Float64Builder::new();
            for answer in answers {
                column.append_option(answer.as_ref().ok().and_then(value));
            }
            Arc::new(column.finish())
        };
        let scored = |value: &dyn Fn(&Scoring) -> Option<String>| {
            texts(&|answer| answer.as_ref().ok().and_then(value))
        };
        columns.extend([
            scored(&|scoring| Some(scoring.segment.id.clone())),
            distances(&|scoring| Some(scoring.segment.distance)),
            distances(&|scoring| scoring.segment.margin),
            scored(&|scoring| scoring.attractor.as_ref().map(|near| near.id.clone())),
            distances(&|scoring| scoring.attractor.as_ref().map(|near| near.distance)),
        ]);
        columns.extend(counts(answers));
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        self.writer.write(&batch)
    }

    /// Writes the footer. The file is not yet synced.
    pub(super) fn finish(self) -> Result<(), ParquetError> {
        self.writer.close().map(drop)
    }

    /// The states and the outputs, a column for each.
    fn numbers(&self, answers: &[Answer]) -> Vec<ArrayRef> {
        let count = self
            .schema
            .fields()
            .iter()
            .filter(|field| *field.data_type() == DataType::Float32)
            .count();
        let mut columns: Vec<_> = (0..count)
            .map(|_| Float32Builder::with_capacity(answers.len()))
            .collect();
        for answer in answers {
            match answer {
                Ok(scoring) => {
                    let state = scoring.features.state.iter().copied();
                    let outputs = scoring.traits.iter().map(|(_, value)| value);
                    for (column, value) in columns.iter_mut().zip(state.chain(outputs)) {
                        column.append_value(value);
                    }
                }
                Err(_) => columns.iter_mut().for_each(Float32Builder::append_null),
            }
        }
        let finish = |mut column: Float32Builder| Arc::new(column.finish()) as ArrayRef;
        columns.into_iter().map(finish).collect()
    }
}

fn counts(answers: &[Answer]) -> Vec<ArrayRef> {
    let mut columns = COUNTS.map(|_| Int64Builder::with_capacity(answers.len()));
    for answer in answers {
        let counts = answer.as_ref().ok().map(|scoring| {
            let quality = &scoring.quality;
            [
                scoring.trajectory.len() as u64,
                quality.transactions,
                quality.used,
                quality.netted,
                quality.income,
                quality.unclassified,
                quality.out_of_window,
            ]
        });
        for (index, column) in columns.iter_mut().enumerate() {
            let count = counts.map(|counts| i64::try_from(counts[index]).unwrap_or(i64::MAX));
            column.append_option(count);
        }
    }
    let finish = |mut column: Int64Builder| Arc::new(column.finish()) as ArrayRef;
    columns.into_iter().map(finish).collect()
}
