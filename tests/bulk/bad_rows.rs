//! Bad rows become problems of their customers; faults of a whole table end the command.

use std::fmt::Write;

use tempfile::tempdir;

use test_support::bulk_command::{score, score_piped};
use test_support::command::{assert_failure, documents, errors, lines};
use test_support::tables::{csv, rows, write, write_parquet};

const HEADER: &str = "customer_id,timestamp,amount,class,mcc\n";

fn scored(rows: &str, flags: &[&str]) -> std::process::Output {
    let flags = [&["--format", "csv"], flags].concat();
    score_piped(format!("{HEADER}{rows}").as_bytes(), &flags)
}

#[test]
fn bad_row_becomes_its_customers_problem_with_its_number() {
    // Each is between two good rows of other customers.
    let cases = [
        ("b0,,-1,rent,", "the timestamp is missing"),
        (
            "b1,yesterday,-1,rent,",
            "the timestamp: expected an RFC 3339 time",
        ),
        ("b2,2020-01-01,,rent,", "the amount is missing"),
        ("b3,2020-01-01,NaN,rent,", "the amount: expected an amount"),
        ("b4,2020-01-01,1e13,rent,", "the amount: expected an amount"),
        (
            "b5,2020-01-01,\"1,50\",rent,",
            "the amount: a comma before the fraction: --decimal ,",
        ),
        ("b6,2020-01-01,-1,no-such-class,", "no such class"),
        (
            "b7,2020-01-01,-1,,",
            "/transactions: no spending inside the window",
        ),
        (
            "b8,2020-01-01,-1,,58125",
            "the MCC: expected up to four digits",
        ),
        ("b9,2020-01-01,-1,rent", "4 fields, expected 5"),
        ("b10,2020-01-01,-1,rent,,", "6 fields, expected 5"),
        (",2020-01-01,-1,rent,", "the customer is missing"),
    ];
    let mut rows = String::new();
    for (number, (row, _)) in cases.iter().enumerate() {
        write!(rows, "a{number},2020-01-01,-1,rent,\n{row}\n").unwrap();
    }
    let output = scored(&rows, &["--part-bytes", "100"]);
    assert_eq!(output.status.code(), Some(1));
    let (answers, printed) = (documents(&lines(&output)), errors(&output));
    assert_eq!(answers.len(), 2 * cases.len());
    for (number, (row, expected)) in cases.iter().enumerate() {
        assert_eq!(answers[2 * number]["customer_id"], format!("a{number}"));
        let answer = &answers[2 * number + 1];
        let expected = format!("line {}: {expected}", 2 * number + 3);
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.starts_with(&expected), "{row}: {detail}");
        assert_eq!(answer["status"], 422);
        let named = !row.starts_with(',');
        assert_eq!(
            answer["customer_id"] == format!("b{number}"),
            named,
            "{row}"
        );
    }
    assert!(printed.contains("standard input: line "), "{printed}");
    assert!(printed.contains("12 customers refused"), "{printed}");
}

#[test]
fn first_ten_problems_are_printed_without_values() {
    let mut bad = String::new();
    for customer in 0..25 {
        writeln!(bad, "secret-{customer},2020-01-01,-1,secret-class,").unwrap();
    }
    let output = scored(&bad, &["--part-bytes", "70"]);
    assert_eq!(lines(&output).len(), 25);
    let printed = errors(&output);
    assert_eq!(printed.matches("no such class").count(), 10, "{printed}");
    assert!(
        printed.contains("25 customers refused") && !printed.contains("secret"),
        "{printed}"
    );
}

#[test]
fn unknown_class_is_counted_when_skipped() {
    let rows = "a,2020-01-01,-1,no-such-class,\na,2020-01-01,-1,rent,\n";
    let output = scored(rows, &["--unknown-class", "skip"]);
    assert_eq!(output.status.code(), Some(0));
    let quality = &documents(&lines(&output))[0]["quality"];
    assert_eq!(
        (&quality["used"], &quality["unclassified"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn too_long_record_becomes_a_problem_on_its_line() {
    let folder = tempdir().unwrap();
    let long = "x".repeat(100_000);
    let text = format!(
        "{HEADER}a,2020-01-01,-1,rent,\nb,2020-01-01,-1,\"{long}\n{long}\",\nc,2020-01-01,-1,rent,\n"
    );
    let table = write(folder.path(), "t.csv", &text);
    let flags = [
        "--max-body-bytes",
        "1000",
        "--format",
        "csv",
        "--part-bytes",
        "100",
    ];
    for output in [score(&table, &flags), score_piped(text.as_bytes(), &flags)] {
        assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
        let answers = documents(&lines(&output));
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[1]["status"], 413);
        assert!(
            answers[1]["detail"]
                .as_str()
                .unwrap()
                .starts_with("line 3: ")
        );
    }
}

#[test]
fn unclosed_quote_is_held_within_the_limit() {
    let text = format!(
        "{HEADER}a,2020-01-01,-1,rent,\nb,\"{}",
        "x\n".repeat(1_000_000)
    );
    let flags = ["--format", "csv", "--part-bytes", "30"];
    let bounded = ["--max-body-bytes", "1000", "--max-held-bytes", "100000"];
    let output = score_piped(text.as_bytes(), &[&flags[..], &bounded].concat());
    assert_failure(&output, "max_held_bytes");

    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", &text);
    let output = score(&table, &[&flags[..], &bounded].concat());
    assert_eq!(documents(&lines(&output))[1]["status"], 413);
}

#[test]
fn separated_rows_of_a_customer_end_the_command() {
    let folder = tempdir().unwrap();
    let separated = "a,2020-01-01,-1,rent,\nsecret,2020-01-01,-1,rent,\na,2020-01-01,-1,rent,\n";
    assert_failure(&scored(separated, &[]), "standard input: line 4: ");
    assert_failure(
        &scored(separated, &[]),
        "sort the tables by customer_id first",
    );

    // Also far apart, with one thread and with several.
    let mut far = rows().to_vec();
    far.push(far[0].clone());
    let table = write(folder.path(), "t.csv", csv(&far));
    let line = format!("t.csv: line {}: ", far.len() + 1);
    assert_failure(&score(&table, &["--threads", "1"]), &line);
    assert_failure(
        &score(&table, &["--part-bytes", "50000"]),
        "sort the tables",
    );
    let table = folder.path().join("t.parquet");
    write_parquet(&table, &far, 777);
    let row = format!("t.parquet: row {}: ", far.len());
    let output = score(&table, &["--part-bytes", "1", "--threads", "1"]);
    assert_failure(&output, &row);
    assert!(!errors(&output).contains("c-0000"), "{}", errors(&output));
}

#[test]
fn missing_column_is_named_with_the_present_ones() {
    let folder = tempdir().unwrap();
    let columns = "mcc, customer_id, unused, timestamp, amount, class";
    let table = folder.path().join("t.parquet");
    write_parquet(&table, &rows()[..10], 10);
    let output = score(&table, &["--amount-column", "betrag"]);
    assert_failure(
        &output,
        &format!("no column is named betrag; the columns are: {columns}"),
    );
    let neither = ["--class-column", "x", "--mcc-column", "y"];
    assert_failure(&score(&table, &neither), "no column is named x or y");
    let table = write(folder.path(), "t.csv", csv(&rows()[..10]));
    assert_failure(
        &score(&table, &["--customer-column", "id"]),
        "no column is named id",
    );
}

#[test]
fn bad_ndjson_line_is_named_by_its_number_in_the_file() {
    let folder = tempdir().unwrap();
    let good = r#"{"transactions": [{"timestamp": "2020-01-01", "amount": -1, "class": "rent"}]}"#;
    let text = format!("{good}\n{good}\n\n{good}\nnonsense\n{good}");
    let file = write(folder.path(), "t.ndjson", &text);
    for output in [
        score(&file, &["--part-bytes", "10"]),
        score_piped(text.as_bytes(), &["--part-bytes", "10"]),
    ] {
        assert_failure(&output, "line 5: ");
        let answers = documents(&lines(&output));
        assert_eq!(answers.len(), 5);
        assert_eq!(answers[3]["status"], 400);
    }
}
