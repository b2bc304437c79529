//! Equal bytes of answers from all formats, cuts and kinds of input.

use std::path::Path;

use tempfile::tempdir;

use test_support::bulk_command::{score, score_command, score_piped};
use test_support::command::{assert_failure, succeeded};
use test_support::tables::{Row, csv, expected, histories, rows, write, write_parquet};

#[test]
fn ndjson_csv_and_parquet_give_the_same_bytes() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(rows()));
    assert_eq!(succeeded(&score(&table, &[])), expected());
    let table = folder.path().join("t.parquet");
    write_parquet(&table, rows(), 1_000_000);
    assert_eq!(succeeded(&score(&table, &[])), expected());
}

#[test]
fn every_cut_of_a_file_gives_the_same_answers() {
    let folder = tempdir().unwrap();
    let lines = write(folder.path(), "t.ndjson", histories());
    let table = write(folder.path(), "t.csv", csv(rows()));
    // Smaller than a customer's rows, about as large, and larger.
    for part_bytes in ["3000", "61234", "300000"] {
        for file in [&lines, &table] {
            let scored = score(file, &["--part-bytes", part_bytes]);
            assert_eq!(
                succeeded(&scored),
                expected(),
                "{} by {part_bytes}",
                file.display()
            );
        }
    }
}

#[test]
fn row_groups_of_every_size_give_the_same_answers() {
    let folder = tempdir().unwrap();
    let table = folder.path().join("t.parquet");
    // Each customer has 50 rows: groups of 50 begin with customers, the others do not, and 7 is less than one has.
    let mut even: Vec<Row> = Vec::new();
    for chunk in rows().chunk_by(|one, other| one.customer == other.customer) {
        even.extend_from_slice(&chunk[..50]);
    }
    let whole = write(folder.path(), "t.csv", csv(&even));
    let expected = succeeded(&score(&whole, &[]));
    for group_rows in [7, 25, 50, 64, 150] {
        write_parquet(&table, &even, group_rows);
        let scored = score(&table, &["--part-bytes", "1"]);
        assert_eq!(succeeded(&scored), expected, "{group_rows} rows in a group");
    }
    // Small row groups are joined into one part.
    let scored = score(&table, &["--part-bytes", "5000"]);
    assert_eq!(succeeded(&scored), expected);
}

#[test]
fn standard_input_gives_the_answers_of_files() {
    for part_bytes in ["3000", "61234", "100000000"] {
        let flags = ["--part-bytes", part_bytes];
        let scored = score_piped(histories().as_bytes(), &flags);
        assert_eq!(succeeded(&scored), expected(), "NDJSON by {part_bytes}");
        let flags = ["--part-bytes", part_bytes, "--format", "csv"];
        let scored = score_piped(&csv(rows()), &flags);
        assert_eq!(succeeded(&scored), expected(), "CSV by {part_bytes}");
    }
}

#[test]
fn several_files_and_patterns_are_read_in_order() {
    let folder = tempdir().unwrap();
    let half = rows()
        .iter()
        .position(|row| row.customer == rows()[rows().len() / 2].customer)
        .unwrap();
    write(folder.path(), "a.csv", csv(&rows()[..half]));
    write_parquet(&folder.path().join("b.parquet"), &rows()[half..], 10_000);
    let files = folder.path().join("a.csv");
    let other = folder.path().join("[b-z].parquet");
    let scored = score_command(&files, &[other.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(succeeded(&scored), expected());

    let nothing = score(&folder.path().join("*.txt"), &[]);
    assert_failure(&nothing, "no file matches");
}

#[test]
fn flags_name_other_columns_and_delimiters() {
    let folder = tempdir().unwrap();
    let text = String::from_utf8(csv(rows())).unwrap();
    let text = text.replace(',', "\t").replacen(
        "customer_id\ttimestamp\tamount\tclass\tmcc",
        "name\tmoment\tthe value\tkind\tcode",
        1,
    );
    let table = write(folder.path(), "table.txt", text);
    let flags = "--format csv --delimiter \\t --customer-column name --timestamp-column moment \
                 --class-column kind --mcc-column code --amount-column";
    let mut flags: Vec<&str> = flags.split_whitespace().collect();
    flags.push("the value");
    assert_eq!(succeeded(&score(&table, &flags)), expected());
}

#[test]
fn as_of_ends_the_window_of_a_table() {
    let history = r#"{"customer_id": "a", "as_of": "2020-01-01T00:00:00Z", "transactions": [
        {"timestamp": "2019-05-01", "amount": -3, "class": "rent"},
        {"timestamp": "2020-05-01", "amount": -4, "class": "rent"}]}"#
        .replace('\n', "");
    let table = "customer_id,timestamp,amount,class\na,2019-05-01,-3,rent\na,2020-05-01,-4,rent\n";
    let flags = ["--format", "csv", "--as-of", "2020-01-01"];
    let scored = succeeded(&score_piped(table.as_bytes(), &flags));
    assert_eq!(scored, succeeded(&score_piped(history.as_bytes(), &[])));
    let refused = score(Path::new("examples/history.json"), &flags[2..]);
    assert_failure(&refused, "--as-of");
}
