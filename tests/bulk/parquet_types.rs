//! Column types of Parquet.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray,
    Float32Array, Float64Array, Int16Array, Int64Array, LargeStringArray, NullArray, RecordBatch,
    StringArray, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, Int96};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::Value;
use tempfile::tempdir;

use test_support::bulk_command::{score, score_piped};
use test_support::command::{assert_failure, documents, lines, succeeded};
use test_support::tables::write_batch;

/// Two rows of one customer: 2019-12-31 at 12:00 in UTC and the midnight after, 12.34 and 2.
const SECONDS: [i64; 2] = [1_577_793_600, 1_577_836_800];

fn expected() -> &'static [String] {
    static EXPECTED: OnceLock<Vec<String>> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let history = r#"{"customer_id": "17", "transactions": [
            {"timestamp": "2019-12-31T12:00:00Z", "amount": -12.34, "mcc": 742},
            {"timestamp": "2020-01-01", "amount": -2, "class": "rent"}]}"#;
        succeeded(&score_piped(history.replace('\n', "").as_bytes(), &[]))
    })
}

fn customers() -> ArrayRef {
    Arc::new(StringArray::from(vec!["17", "17"]))
}

fn timestamps() -> ArrayRef {
    Arc::new(TimestampSecondArray::from(SECONDS.to_vec()))
}

fn amounts() -> ArrayRef {
    Arc::new(Float64Array::from(vec![-12.34, -2.0]))
}

fn codes() -> ArrayRef {
    Arc::new(Int16Array::from(vec![Some(742), None]))
}

fn classes() -> ArrayRef {
    Arc::new(StringArray::from(vec![None, Some("rent")]))
}

fn write(folder: &Path, columns: [ArrayRef; 5]) -> std::path::PathBuf {
    let names = ["customer_id", "timestamp", "amount", "mcc", "class"];
    let path = folder.join("t.parquet");
    let columns = names.into_iter().zip(columns);
    let columns = columns.map(|(name, values)| (name, values, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    write_batch(&path, &batch, 1);
    path
}

fn assert_expected(columns: [ArrayRef; 5]) {
    let folder = tempdir().unwrap();
    let types: Vec<_> = columns
        .iter()
        .map(|column| column.data_type().clone())
        .collect();
    let table = write(folder.path(), columns);
    assert_eq!(succeeded(&score(&table, &[])), expected(), "{types:?}");
}

#[test]
fn customer_columns_are_text_or_integers() {
    let dictionary: DictionaryArray<Int8Type> = vec!["17", "17"].into_iter().collect();
    let columns: [ArrayRef; 5] = [
        Arc::new(LargeStringArray::from(vec!["17", "17"])),
        Arc::new(StringViewArray::from(vec!["17", "17"])),
        Arc::new(dictionary),
        Arc::new(Int64Array::from(vec![17, 17])),
        Arc::new(UInt64Array::from(vec![17, 17])),
    ];
    for customers in columns {
        assert_expected([customers, timestamps(), amounts(), codes(), classes()]);
    }
}

#[test]
fn timestamp_columns_are_timestamps_dates_or_text() {
    let scaled = |factor: i64| SECONDS.map(|seconds| seconds * factor).to_vec();
    let texts = vec!["2019-12-31T13:00:00+01:00", "2020-01-01"];
    let columns: [ArrayRef; 6] = [
        timestamps(),
        Arc::new(TimestampMillisecondArray::from(scaled(1_000))),
        Arc::new(TimestampMicrosecondArray::from(scaled(1_000_000)).with_timezone("+05:00")),
        Arc::new(TimestampNanosecondArray::from(scaled(1_000_000_000))),
        Arc::new(StringArray::from(texts)),
        Arc::new(Date64Array::from(scaled(1_000))),
    ];
    for timestamps in columns {
        assert_expected([customers(), timestamps, amounts(), codes(), classes()]);
    }
    let days = Date32Array::from(vec![18_261, 18_262]);
    assert_expected([customers(), Arc::new(days), amounts(), codes(), classes()]);
}

#[test]
fn amount_columns_are_decimals_floats_or_text() {
    let decimal = |values: Vec<i128>, scale| {
        Decimal128Array::from(values)
            .with_precision_and_scale(20, scale)
            .unwrap()
    };
    let columns: [ArrayRef; 4] = [
        Arc::new(decimal(vec![-1234, -200], 2)),
        Arc::new(decimal(vec![-12_340_000, -2_000_000], 6)),
        // As a 32-bit float -12.34 is -12.340000152587891; the decimal is read.
        Arc::new(Float32Array::from(vec![-12.34, -2.0])),
        Arc::new(StringArray::from(vec!["-12.34", " -2 "])),
    ];
    for amounts in columns {
        assert_expected([customers(), timestamps(), amounts, codes(), classes()]);
    }
}

#[test]
fn code_columns_are_integers_or_text_and_classes_dictionaries() {
    let dictionary: DictionaryArray<Int8Type> = vec![None, Some("rent")].into_iter().collect();
    let null_in_values = {
        let values = Arc::new(StringArray::from(vec![Some("742"), None]));
        DictionaryArray::<Int8Type>::new(vec![0, 1].into(), values)
    };
    let columns: [ArrayRef; 7] = [
        Arc::new(Int64Array::from(vec![Some(742), None])),
        Arc::new(Float64Array::from(vec![Some(742.0), None])),
        Arc::new(Float64Array::from(vec![742.0, f64::NAN])),
        Arc::new(Float32Array::from(vec![Some(742.0), None])),
        Arc::new(null_in_values),
        Arc::new(StringArray::from(vec![Some("0742"), None])),
        Arc::new(StringArray::from(vec![Some("742"), Some("")])),
    ];
    for codes in columns {
        let classes = Arc::new(dictionary.clone());
        assert_expected([customers(), timestamps(), amounts(), codes, classes]);
    }
}

#[test]
fn column_of_nulls_is_a_column_without_values() {
    let folder = tempdir().unwrap();
    let codes: ArrayRef = Arc::new(NullArray::new(2));
    let table = write(
        folder.path(),
        [customers(), timestamps(), amounts(), codes, classes()],
    );
    let answers = documents(&succeeded(&score(&table, &[])));
    let quality = &answers[0]["quality"];
    assert_eq!(
        (&quality["used"], &quality["unclassified"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn times_without_a_zone_are_those_of_the_flag() {
    let folder = tempdir().unwrap();
    // Half past eleven in the evening of 2019, on the wall or in UTC; and the day after.
    let evening = 1_577_835_000;
    let seconds = || TimestampSecondArray::from(vec![evening, evening + 86_400]);
    let texts = vec!["2019-12-31 23:30:00", "2020-01-01 23:30:00.000"];
    let periods = |timestamps: ArrayRef| -> usize {
        let table = write(
            folder.path(),
            [customers(), timestamps, amounts(), codes(), classes()],
        );
        let answers = documents(&succeeded(&score(
            &table,
            &["--time-zone", "Europe/Berlin"],
        )));
        answers[0]["trajectory"].as_array().unwrap().len()
    };
    assert_eq!(periods(Arc::new(seconds())), 2);
    assert_eq!(periods(Arc::new(StringArray::from(texts))), 2);
    assert_eq!(
        periods(Arc::new(Date32Array::from(vec![18_261, 18_262]))),
        2
    );
    assert_eq!(periods(Arc::new(seconds().with_timezone("UTC"))), 1);
}

/// Writes times of the type INT96, which Arrow cannot write: Julian days and nanoseconds of the day.
fn write_int96(path: &Path, days: &[u32]) {
    let schema = "message m { required binary customer_id (UTF8); required int96 timestamp; required double amount; \
        required int32 mcc; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let times: Vec<Int96> = days
        .iter()
        .map(|&day| {
            let mut time = Int96::new();
            time.set_data(0, 0, day);
            time
        })
        .collect();
    let rows = days.len();
    while let Some(mut column) = group.next_column().unwrap() {
        match column.untyped() {
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                writer.write_batch(&vec![ByteArray::from("c-1"); rows], None, None)
            }
            ColumnWriter::Int96ColumnWriter(writer) => writer.write_batch(&times, None, None),
            ColumnWriter::DoubleColumnWriter(writer) => {
                writer.write_batch(&vec![-12.5; rows], None, None)
            }
            ColumnWriter::Int32ColumnWriter(writer) => {
                writer.write_batch(&vec![5812; rows], None, None)
            }
            _ => panic!("a column of another type"),
        }
        .unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn int96_is_read_in_utc_and_refused_beyond_the_range() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    // 2019-03-01, and the first of January of 2020.
    write_int96(&path, &[2_458_544, 2_458_850]);
    for flags in [&[][..], &["--time-zone", "Asia/Tokyo"]] {
        let answers = documents(&succeeded(&score(&path, flags)));
        assert_eq!(answers[0]["trajectory"][1]["period"], "2020");
    }
    // 1601, 1677, 2262, 2500, 3099 and the last day that can be written.
    for day in [
        2_305_814,
        2_333_837,
        2_547_339,
        2_634_167,
        2_852_947,
        0x7fff_ffff,
        0x8000_0000,
        0,
    ] {
        write_int96(&path, &[2_458_544, day]);
        let output = score(&path, &[]);
        let detail = documents(&lines(&output))[0]["detail"].clone();
        let expected = "row 2: the timestamp: expected a year from 1900 to 2200";
        assert_eq!(detail, expected, "day {day}");
    }
}

#[test]
fn missing_or_out_of_range_values_become_the_customers_problem() {
    let folder = tempdir().unwrap();
    let refused = |columns: [ArrayRef; 5]| -> Vec<Value> {
        let table = write(folder.path(), columns);
        let output = score(&table, &["--part-bytes", "1"]);
        assert_eq!(output.status.code(), Some(1));
        documents(&lines(&output))
    };
    let customers_with_gap: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    let answers = refused([
        customers_with_gap,
        timestamps(),
        amounts(),
        codes(),
        classes(),
    ]);
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1]["detail"], "row 2: the customer is missing");

    let none: ArrayRef = Arc::new(TimestampSecondArray::from(vec![None, Some(1)]));
    let answers = refused([customers(), none, amounts(), codes(), classes()]);
    assert_eq!(answers[0]["detail"], "row 1: the timestamp is missing");

    let far: ArrayRef = Arc::new(TimestampSecondArray::from(vec![1, i64::MAX]));
    let answers = refused([customers(), far, amounts(), codes(), classes()]);
    let out_of_range = "row 2: the timestamp: expected a year from 1900 to 2200";
    assert_eq!(answers[0]["detail"], out_of_range);
    for far in [
        Arc::new(Date32Array::from(vec![1, i32::MAX])) as ArrayRef,
        Arc::new(Date64Array::from(vec![1, i64::MIN])),
        Arc::new(TimestampMillisecondArray::from(vec![1, i64::MAX])),
    ] {
        let answers = refused([customers(), far, amounts(), codes(), classes()]);
        assert_eq!(answers[0]["detail"], out_of_range);
    }

    let none: ArrayRef = Arc::new(Float64Array::from(vec![Some(-1.0), None]));
    let answers = refused([customers(), timestamps(), none, codes(), classes()]);
    assert_eq!(answers[0]["detail"], "row 2: the amount is missing");

    let codes: ArrayRef = Arc::new(Int64Array::from(vec![Some(70_742), None]));
    let answers = refused([customers(), timestamps(), amounts(), codes, classes()]);
    assert_eq!(answers[0]["detail"], "row 1: the MCC: expected 0 to 9999");
}

#[test]
fn unsupported_column_type_ends_the_command() {
    let folder = tempdir().unwrap();
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
    let table = write(
        folder.path(),
        [customers(), timestamps(), flags.clone(), codes(), classes()],
    );
    assert_failure(
        &score(&table, &[]),
        "the column amount is of the type Boolean",
    );
    let table = write(
        folder.path(),
        [flags, timestamps(), amounts(), codes(), classes()],
    );
    assert_failure(
        &score(&table, &[]),
        "the column customer_id is of the type Boolean",
    );

    let broken = test_support::tables::write(folder.path(), "broken.parquet", "PAR1 no more");
    assert_failure(&score(&broken, &[]), "broken.parquet: ");
    let piped = score_piped(b"PAR1", &["--format", "parquet"]);
    assert_failure(&piped, "Parquet can be read from files only");
}
