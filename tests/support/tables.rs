//! Simulated customers as NDJSON, CSV and Parquet, and their scorings.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow_array::{Float64Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use crate::bulk_command::score;
use crate::command::{microseg, succeeded};

/// Number of customers in the tables.
pub const CUSTOMERS: usize = 40;

/// A row of a table: one transaction.
#[derive(Debug, Clone)]
pub struct Row {
    /// The customer's id.
    pub customer: String,
    /// RFC 3339.
    pub timestamp: String,
    /// Negative for spending.
    pub amount: f64,
    /// The class, if it is named.
    pub class: Option<String>,
    /// The merchant category code, if there is one.
    pub mcc: Option<i32>,
}

/// The customers as NDJSON; simulated once in each test program.
pub fn histories() -> &'static str {
    static HISTORIES: OnceLock<String> = OnceLock::new();
    HISTORIES.get_or_init(|| {
        let output = microseg()
            .args(["simulate", "--seed", "7", "--customers"])
            .arg(CUSTOMERS.to_string())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    })
}

/// The rows of all customers, one customer after the other.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let mut rows = Vec::new();
        for line in histories().lines() {
            let history: Value = serde_json::from_str(line).unwrap();
            for transaction in history["transactions"].as_array().unwrap() {
                rows.push(Row {
                    customer: history["customer_id"].as_str().unwrap().to_owned(),
                    timestamp: transaction["timestamp"].as_str().unwrap().to_owned(),
                    amount: transaction["amount"].as_f64().unwrap(),
                    class: transaction["class"].as_str().map(str::to_owned),
                    mcc: transaction["mcc"]
                        .as_i64()
                        .map(|mcc| mcc.try_into().unwrap()),
                });
            }
        }
        rows
    })
}

/// Rows as CSV with the columns that are expected by default.
pub fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["customer_id", "timestamp", "amount", "class", "mcc"];
    writer.write_record(header).unwrap();
    for row in rows {
        let mcc = row.mcc.map(|mcc| format!("{mcc:04}"));
        writer
            .write_record([
                row.customer.as_str(),
                &row.timestamp,
                &row.amount.to_string(),
                row.class.as_deref().unwrap_or_default(),
                mcc.as_deref().unwrap_or_default(),
            ])
            .unwrap();
    }
    writer.into_inner().unwrap()
}

/// Writes rows as Parquet with `group_rows` rows in each row group.
pub fn write_parquet(path: &Path, rows: &[Row], group_rows: usize) {
    let texts =
        |value: fn(&Row) -> Option<&str>| -> StringArray { rows.iter().map(value).collect() };
    let amounts: Float64Array = rows.iter().map(|row| Some(row.amount)).collect();
    let codes: Int32Array = rows.iter().map(|row| row.mcc).collect();
    let batch = RecordBatch::try_from_iter([
        ("mcc", Arc::new(codes) as _),
        (
            "customer_id",
            Arc::new(texts(|row| Some(&row.customer))) as _,
        ),
        ("unused", Arc::new(texts(|row| Some(&row.timestamp))) as _),
        (
            "timestamp",
            Arc::new(texts(|row| Some(&row.timestamp))) as _,
        ),
        ("amount", Arc::new(amounts) as _),
        ("class", Arc::new(texts(|row| row.class.as_deref())) as _),
    ])
    .unwrap();
    write_batch(path, &batch, group_rows);
}

/// Writes a table as Parquet with `group_rows` rows in each row group.
pub fn write_batch(path: &Path, batch: &RecordBatch, group_rows: usize) {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

/// Writes a file into a folder; its path.
pub fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// The scorings of all customers, from one file of NDJSON.
pub fn expected() -> &'static [String] {
    static EXPECTED: OnceLock<Vec<String>> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = write(folder.path(), "customers.ndjson", histories());
        let lines = succeeded(&score(&file, &[]));
        assert_eq!(lines.len(), CUSTOMERS);
        lines
    })
}
