//! Tables of transactions in CSV, as `microseg score` takes them. The first line says into how large parts one is cut.

use std::fs;
use std::sync::LazyLock;

use microseg::bulk::{
    AmountNotation, BulkError, BulkRun, ColumnNames, Format, Input, Position, RunObserver,
    RunSettings, TableSettings,
};
use microseg::history::{Field, HistorySettings, Limits, UnknownClass};
use microseg::model::{Capacity, Model, find_bundle};
use microseg::problem::Problem;

use super::request;
use super::server::{self, BODY_BYTES, TRANSACTIONS};

/// Cut or whole, on one thread or two, a table gives the same lines.
pub fn run(data: &[u8]) {
    let (part_bytes, table) = request::split(data);
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a folder: {error}"));
    let path = folder.path().join("table.csv");
    fs::write(&path, table).unwrap_or_else(|error| panic!("a file: {error}"));
    let inputs = Input::find(&[path.display().to_string()], Some(Format::Csv));
    let inputs = match inputs {
        Ok(inputs) => inputs,
        Err(BulkError::Content { .. }) => return,
        Err(error) => panic!("the table is not found: {error}"),
    };

    let whole = score(&inputs, 1, u64::MAX);
    let part_bytes = part_bytes.parse().ok().filter(|&bytes| bytes > 0);
    let parts = score(&inputs, 2, part_bytes.unwrap_or(64));
    match (whole, parts) {
        (Ok(whole), Ok(parts)) => {
            let text = String::from_utf8_lossy;
            assert_eq!(
                text(&whole),
                text(&parts),
                "cut, the table says something else"
            );
        }
        (whole, parts) => assert_eq!(
            whole.is_ok(),
            parts.is_ok(),
            "cut, the table ends otherwise"
        ),
    }
}

fn score(inputs: &[Input], threads: usize, part_bytes: u64) -> Result<Vec<u8>, BulkError> {
    static MODEL: LazyLock<Model> = LazyLock::new(|| {
        let limits = Limits {
            transactions: TRANSACTIONS,
        };
        let found = find_bundle(&server::models(), None);
        let bundle = found.unwrap_or_else(|error| panic!("the model: {error}"));
        let capacity = Capacity {
            threads: 2,
            queue: 64,
            ..Capacity::single(limits)
        };
        let loaded = bundle.load(capacity);
        loaded.unwrap_or_else(|error| panic!("the model: {error}"))
    });
    let settings = RunSettings {
        table: TableSettings {
            amounts: AmountNotation::default(),
            columns: ColumnNames {
                customer: "customer_id".to_owned(),
                fields: [
                    Field::Timestamp,
                    Field::Amount,
                    Field::Class,
                    Field::Mcc,
                    Field::Currency,
                ]
                .map(|field| (field.into(), field.name().to_owned()))
                .to_vec(),
                needs_class: true,
            },
            history: HistorySettings {
                unknown_class: UnknownClass::Count,
                ..HistorySettings::default()
            },
            delimiter: None,
        },
        line_bytes: (BODY_BYTES / 8) as u64,
        held_bytes: BODY_BYTES,
        threads,
    };
    let run = BulkRun {
        model: &MODEL,
        inputs,
        settings: &settings,
        part_bytes,
        observer: &SilentObserver,
    };
    let mut lines = Vec::new();
    run.write_to(&mut lines).map(|()| lines)
}

/// An observer that ignores everything.
struct SilentObserver;

impl RunObserver for SilentObserver {
    fn column_missing(&self, _: &str) {}

    fn planned(&self, _: u64) {}

    fn read(&self, _: u64) {}

    fn done(&self, _: u64, _: u64) {}

    fn refused(&self, _: &str, _: Position, _: &Problem) {}

    fn interrupted(&self) -> bool {
        false
    }
}
