//! Amounts as banks write them: every notation gives the scorings of plain numbers.

use std::fs;

use tempfile::tempdir;

use test_support::bulk_command::{score, score_piped};
use test_support::command::{assert_failure, errors, lines, succeeded};
use test_support::tables::{Row, csv, expected, rows};

/// The rows as CSV with semicolons; `written` makes the cells of the columns `money` from an amount.
fn table(money: &str, written: impl Fn(f64) -> String) -> Vec<u8> {
    let cells = |row: &Row| {
        let mcc = row.mcc.map(|mcc| mcc.to_string()).unwrap_or_default();
        let class = row.class.as_deref().unwrap_or_default();
        let money = written(row.amount);
        format!("{};{};{money};{class};{mcc}\n", row.customer, row.timestamp)
    };
    let rows: String = rows().iter().map(cells).collect();
    format!("customer_id;timestamp;{money};class;mcc\n{rows}").into_bytes()
}

/// With two decimals and separated thousands.
fn grouped(amount: f64, thousands: char, decimal: char) -> String {
    let text = format!("{:.2}", amount.abs());
    let (whole, fraction) = text.split_once('.').unwrap();
    let mut separated = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            separated.push(thousands);
        }
        separated.push(digit);
    }
    format!("{separated}{decimal}{fraction}")
}

fn signed(amount: f64, text: &str) -> String {
    format!("{}{text}", if amount < 0.0 { "-" } else { "" })
}

fn assert_expected(table: &[u8], flags: &[&str]) {
    let flags = [&["--format", "csv", "--delimiter", ";"], flags].concat();
    let scored = score_piped(table, &flags);
    assert_eq!(succeeded(&scored), expected(), "{flags:?}");
}

#[test]
fn notations_of_banks_give_the_scorings_of_plain_numbers() {
    let dollars = |amount: f64| {
        let text = format!("${}", grouped(amount, ',', '.'));
        if amount < 0.0 {
            format!("({text})")
        } else {
            text
        }
    };
    assert_expected(&table("amount", dollars), &["--thousands", ","]);
    let euros = |amount: f64| format!("{} €", signed(amount, &grouped(amount, '.', ',')));
    let flags = ["--decimal", ",", "--thousands", "."];
    assert_expected(&table("amount", euros), &flags);
    let marked = |amount: f64| {
        let mark = if amount < 0.0 { "DR" } else { "CR" };
        format!("{:.2} {mark}", amount.abs())
    };
    assert_expected(&table("amount", marked), &[]);
}

#[test]
fn turned_signs_and_two_columns_give_the_scorings_of_plain_numbers() {
    let turned = |amount: f64| (-amount).to_string();
    assert_expected(&table("amount", turned), &["--sign", "out-positive"]);
    let columns = |amount: f64| {
        let size = amount.abs();
        if amount < 0.0 {
            format!("{size};")
        } else {
            format!("0.00;{size}")
        }
    };
    let flags = ["--debit-column", "paid out", "--credit-column", "paid in"];
    assert_expected(&table("paid out;paid in", columns), &flags);
}

#[test]
fn faulty_amount_names_its_line_and_the_option_that_helps() {
    let header = "customer_id,timestamp,amount,mcc\n";
    let row = |amount: &str| format!("{header}c,2019-03-01,{amount},5411\n");
    for (amount, part) in [
        (
            "\"-12,50\"",
            "line 2: the amount: a comma before the fraction: --decimal ,",
        ),
        (
            "\"-1,234.50\"",
            "line 2: the amount: a comma between thousands: --thousands ,",
        ),
        (
            "twelve",
            "line 2: the amount: expected an amount such as -12.50",
        ),
        ("", "line 2: the amount is missing"),
    ] {
        let output = score_piped(row(amount).as_bytes(), &["--format", "csv"]);
        assert_failure(&output, "1 customer refused");
        assert!(lines(&output)[0].contains(part), "{amount}: {output:?}");
    }
    let both = "customer_id,timestamp,out,in,mcc\nc,2019-03-01,5,6,5411\n";
    let flags = [
        "--format",
        "csv",
        "--debit-column",
        "out",
        "--credit-column",
        "in",
    ];
    let output = score_piped(both.as_bytes(), &flags);
    assert!(lines(&output)[0].contains("line 2: the amount: both a debit and a credit"));
}

#[test]
fn options_of_amounts_that_contradict_are_refused() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("t.csv");
    fs::write(&file, csv(&rows()[..1])).unwrap();
    // Those that the command line refuses by itself end with 2.
    for (flags, code, part) in [
        (
            &["--thousands", "."] as &[&str],
            1,
            "mark before the fraction",
        ),
        (&["--decimal", ";"], 2, "expected a point or a comma"),
        (&["--debit-column", "out"], 2, "--credit-column"),
        (
            &["--debit-column", "amount", "--credit-column", "in"],
            1,
            "no column is named in",
        ),
    ] {
        let output = score(&file, flags);
        assert_eq!(output.status.code(), Some(code), "{flags:?}");
        assert!(errors(&output).contains(part), "{flags:?}: {output:?}");
    }
    let history = folder.path().join("t.ndjson");
    fs::write(&history, "{}\n").unwrap();
    assert_failure(
        &score(&history, &["--sign", "out-positive"]),
        "--sign is for tables",
    );
}

#[test]
fn parts_of_another_notation_are_not_continued() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("t.csv");
    fs::write(&file, csv(rows())).unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    succeeded(&score(&file, &["--out", out]));
    assert_failure(
        &score(&file, &["--out", out, "--sign", "out-positive"]),
        "sign",
    );
}
