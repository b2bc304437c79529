//! Files that are not what their names say: named by their kind, or read where that is one table.

use std::fs;

use tempfile::tempdir;

use test_support::bulk_command::{score, score_piped};
use test_support::command::{assert_failure, errors, microseg, succeeded};
use test_support::tables::{csv, expected, rows, write, write_parquet};

#[test]
fn file_of_another_kind_is_named_and_nothing_of_it_is_printed() {
    let folder = tempdir().unwrap();
    let wide: Vec<u8> = "\u{feff}customer_id,timestamp,amount,mcc\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (name, bytes, kind) in [
        (
            "a.csv.gz",
            &b"\x1f\x8b\x08\0\x1b[2J"[..],
            "compressed by gzip",
        ),
        (
            "gz_named.csv",
            b"\x1f\x8b\x08\0\x1b[2J",
            "compressed by gzip",
        ),
        (
            "a.ndjson.zst",
            b"\x28\xb5\x2f\xfd\x1b[2J",
            "compressed by zstd",
        ),
        ("a.xlsx", b"PK\x03\x04junk", "a ZIP archive"),
        ("a.parquet", b"\x1f\x8b\x08\0", "compressed by gzip"),
        ("a.json", b"PAR1\x1b[2J", "Parquet"),
        ("utf16.csv", &wide, "UTF-16 text"),
        ("image.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
    ] {
        let file = write(folder.path(), name, bytes);
        let mut outputs = vec![score(&file, &[]), score(&file, &["--format", "csv"])];
        if !name.ends_with("parquet") {
            outputs.push(score_piped(bytes, &["--format", "csv"]));
            outputs.push(microseg().arg("encode").arg(&file).output().unwrap());
        }
        for output in outputs {
            let printed = errors(&output);
            assert_failure(&output, &format!("the content is {kind}"));
            let is_plain = printed.chars().all(|c| !c.is_control() || c == '\n');
            assert!(is_plain && output.stdout.is_empty(), "{printed:?}");
        }
    }
}

#[test]
fn names_of_columns_are_printed_without_control_characters() {
    let table = b"\x1b[2Jcustomer_id,\"a\nb\",amount\nc-1,1,2\n";
    let output = score_piped(table, &["--format", "csv"]);
    assert_failure(&output, "no column is named customer_id");
    assert!(
        errors(&output).lines().count() == 1,
        "{:?}",
        errors(&output)
    );
    assert!(!errors(&output).contains('\u{1b}'));
}

#[test]
fn byte_order_mark_is_nothing() {
    let folder = tempdir().unwrap();
    let marked = |text: &[u8]| [b"\xef\xbb\xbf", text].concat();
    let table = write(folder.path(), "t.csv", marked(&csv(rows())));
    assert_eq!(succeeded(&score(&table, &[])), expected());

    let history = br#"{"customer_id":"c-1","transactions":[{"timestamp":"2019-03-01","amount":-12.5,"mcc":5812}]}"#;
    let plain = succeeded(&score_piped(history, &[]));
    let two = [&marked(history)[..], b"\n", &marked(history)].concat();
    assert_eq!(
        succeeded(&score_piped(&two, &[])),
        [plain.clone(), plain.clone()].concat()
    );
    let document = write(folder.path(), "h.json", marked(history));
    assert_eq!(succeeded(&score(&document, &[])), plain);
}

#[test]
fn extension_in_capitals_and_tabs_are_read() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "T.CSV", csv(rows()));
    assert_eq!(succeeded(&score(&table, &[])), expected());
    let tabs = String::from_utf8(csv(rows())).unwrap().replace(',', "\t");
    let table = write(folder.path(), "t.tsv", tabs);
    assert_eq!(succeeded(&score(&table, &[])), expected());
}

#[test]
fn folder_of_part_files_is_read_and_another_folder_names_a_pattern() {
    let folder = tempdir().unwrap();
    let spark = folder.path().join("bookings.parquet");
    fs::create_dir(&spark).unwrap();
    assert_failure(&score(&spark, &[]), "bookings.parquet/*.parquet'");

    let half = rows().len() / 2;
    let customer = &rows()[half].customer;
    let cut = rows()
        .iter()
        .position(|row| row.customer == *customer)
        .unwrap();
    write_parquet(
        &spark.join("part-00000.snappy.parquet"),
        &rows()[..cut],
        1_000,
    );
    write_parquet(
        &spark.join("part-00001.snappy.parquet"),
        &rows()[cut..],
        1_000,
    );
    write(&spark, "_SUCCESS", "");
    write(&spark, ".part-00000.snappy.parquet.crc", "x");
    assert_eq!(succeeded(&score(&spark, &[])), expected());

    write(&spark, "part-00002.csv", csv(&rows()[..1]));
    assert_failure(&score(&spark, &[]), "bookings.parquet/*.parquet'");
}

#[test]
fn pipe_in_the_place_of_a_file_is_not_taken_for_an_empty_one() {
    let folder = tempdir().unwrap();
    let pipe = folder.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    assert_failure(&score(&pipe, &[]), "not a regular file");
}
