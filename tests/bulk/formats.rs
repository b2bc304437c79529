//! The same customers score the same, byte for byte, however they are written down and cut.

use std::path::Path;

use tempfile::tempdir;

use crate::command::{good, score, score_piped, scoring};
use crate::tables::{Row, csv, expected, histories, rows, write, write_parquet};

#[test]
fn ndjson_csv_and_parquet_give_the_same_bytes() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(rows()));
    assert_eq!(good(&score(&table, &[])), expected());
    let table = folder.path().join("t.parquet");
    write_parquet(&table, rows(), 1_000_000);
    assert_eq!(good(&score(&table, &[])), expected());
}

#[test]
fn wherever_a_file_is_cut_the_answers_are_the_same() {
    let folder = tempdir().unwrap();
    let lines = write(folder.path(), "t.ndjson", histories());
    let table = write(folder.path(), "t.csv", csv(rows()));
    // Smaller than a customer's rows, about as large, and larger.
    for part_bytes in ["3000", "61234", "300000"] {
        for file in [&lines, &table] {
            let scored = score(file, &["--part-bytes", part_bytes]);
            assert_eq!(
                good(&scored),
                expected(),
                "{} by {part_bytes}",
                file.display()
            );
        }
    }
}

#[test]
fn customers_span_row_groups_and_row_groups_begin_with_customers() {
    let folder = tempdir().unwrap();
    let table = folder.path().join("t.parquet");
    // Each customer has 50 rows: groups of 50 begin where customers do, the others do not, and 7 is less than one has.
    let mut even: Vec<Row> = Vec::new();
    for chunk in rows().chunk_by(|one, other| one.customer == other.customer) {
        even.extend_from_slice(&chunk[..50]);
    }
    let whole = write(folder.path(), "t.csv", csv(&even));
    let expected = good(&score(&whole, &[]));
    for group_rows in [7, 25, 50, 64, 150] {
        write_parquet(&table, &even, group_rows);
        let scored = score(&table, &["--part-bytes", "1"]);
        assert_eq!(good(&scored), expected, "{group_rows} rows in a group");
    }
    // Row groups are put together until they make a part.
    let scored = score(&table, &["--part-bytes", "5000"]);
    assert_eq!(good(&scored), expected);
}

#[test]
fn standard_input_gives_what_files_give() {
    for part_bytes in ["3000", "61234", "100000000"] {
        let flags = ["--part-bytes", part_bytes];
        let scored = score_piped(histories().as_bytes(), &flags);
        assert_eq!(good(&scored), expected(), "NDJSON by {part_bytes}");
        let flags = ["--part-bytes", part_bytes, "--format", "csv"];
        let scored = score_piped(&csv(rows()), &flags);
        assert_eq!(good(&scored), expected(), "CSV by {part_bytes}");
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
    let scored = scoring(&files, &[other.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(good(&scored), expected());

    let nothing = score(&folder.path().join("*.txt"), &[]);
    crate::command::expect_failure(&nothing, "no file matches");
}

#[test]
fn other_columns_and_delimiters_are_named_on_the_command_line() {
    let folder = tempdir().unwrap();
    let text = String::from_utf8(csv(rows())).unwrap();
    let text = text.replace(',', "\t").replacen(
        "customer_id\ttimestamp\tamount\tclass\tmcc",
        "who\twhen\thow much\twhat\twhere",
        1,
    );
    let table = write(folder.path(), "table.txt", text);
    let flags = "--format csv --delimiter \\t --customer-column who --timestamp-column when \
                 --class-column what --mcc-column where --amount-column";
    let mut flags: Vec<&str> = flags.split_whitespace().collect();
    flags.push("how much");
    assert_eq!(good(&score(&table, &flags)), expected());
}

#[test]
fn as_of_ends_the_window_of_a_table() {
    let history = r#"{"customer_id": "a", "as_of": "2020-01-01T00:00:00Z", "transactions": [
        {"timestamp": "2019-05-01", "amount": -3, "class": "rent"},
        {"timestamp": "2020-05-01", "amount": -4, "class": "rent"}]}"#
        .replace('\n', "");
    let table = "customer_id,timestamp,amount,class\na,2019-05-01,-3,rent\na,2020-05-01,-4,rent\n";
    let flags = ["--format", "csv", "--as-of", "2020-01-01"];
    let scored = good(&score_piped(table.as_bytes(), &flags));
    assert_eq!(scored, good(&score_piped(history.as_bytes(), &[])));
    let refused = score(Path::new("examples/history.json"), &flags[2..]);
    crate::command::expect_failure(&refused, "--as-of");
}
