//! Simulated customers, as the tables that a bank would have of them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow_array::{Float64Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use crate::command::microseg;

/// Customers in the tables.
pub(crate) const CUSTOMERS: usize = 40;

/// One booking, in a row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) customer: String,
    pub(crate) timestamp: String,
    pub(crate) amount: f64,
    pub(crate) class: Option<String>,
    pub(crate) mcc: Option<i32>,
}

/// The customers as NDJSON; drawn once.
pub(crate) fn histories() -> &'static str {
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

/// All their bookings, one customer after the other.
pub(crate) fn rows() -> &'static [Row] {
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

/// Rows as CSV, with the columns that are expected by default.
pub(crate) fn csv(rows: &[Row]) -> Vec<u8> {
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

/// Rows as Parquet, so many in a row group.
pub(crate) fn write_parquet(path: &Path, rows: &[Row], group_rows: usize) {
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
        (
            "not asked for",
            Arc::new(texts(|row| Some(&row.timestamp))) as _,
        ),
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

/// Some table as Parquet.
pub(crate) fn write_batch(path: &Path, batch: &RecordBatch, group_rows: usize) {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

/// Writes a file into a folder.
pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// What the customers score, from one file of NDJSON.
pub(crate) fn expected() -> &'static [String] {
    static EXPECTED: OnceLock<Vec<String>> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = write(folder.path(), "customers.ndjson", histories());
        let lines = crate::command::good(&crate::command::score(&file, &[]));
        assert_eq!(lines.len(), CUSTOMERS);
        lines
    })
}
