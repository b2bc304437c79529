//! Quotes in CSV that would swallow rows: a fault with the line where the field began, and no customer lost silently.

use std::fmt::Write;

use tempfile::tempdir;

use test_support::bulk_command::{part_lines, score, score_piped};
use test_support::command::{assert_failure, documents, errors, lines};
use test_support::tables::write;

const HEADER: &str = "customer_id,timestamp,amount,mcc,note\n";

/// Rows of so many customers, where the note of some is given.
fn table(customers: usize, notes: &[(usize, &str)]) -> String {
    let mut text = HEADER.to_owned();
    for customer in 0..customers {
        let note = notes.iter().find(|(of, _)| *of == customer);
        let note = note.map_or("plain", |(_, note)| note);
        writeln!(text, "c-{customer},2019-03-01,-12.50,5812,{note}").unwrap();
    }
    text
}

/// The problem of a customer, from a file by several sizes of parts, from standard input and in a folder.
fn problem_of(text: &str, customer: &str) -> String {
    let folder = tempdir().unwrap();
    let file = write(folder.path(), "t.csv", text);
    let out = folder.path().join("out");
    let mut found = None;
    for flags in [
        vec!["--part-bytes", "500"],
        vec!["--part-bytes", "100000000"],
        vec!["--out", out.to_str().unwrap(), "--part-bytes", "900"],
    ] {
        let output = score(&file, &flags);
        let answers = if flags.contains(&"--out") {
            documents(&part_lines(&out))
        } else {
            documents(&lines(&output))
        };
        assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
        let answer = answers
            .iter()
            .find(|answer| answer["customer_id"] == customer);
        let detail = answer.unwrap()["detail"].as_str().unwrap().to_owned();
        assert!(errors(&output).contains(&detail), "{}", errors(&output));
        assert_eq!(*found.get_or_insert(detail.clone()), detail, "{flags:?}");
    }
    let output = score_piped(text.as_bytes(), &["--format", "csv"]);
    assert_eq!(output.status.code(), Some(1));
    let detail = found.unwrap();
    assert!(errors(&output).contains(&detail), "{}", errors(&output));
    detail
}

#[test]
fn quote_that_is_never_closed_is_a_fault_of_its_line() {
    let text = table(200, &[(10, "\"unterminated note")]);
    let problem = problem_of(&text, "c-10");
    assert!(problem.starts_with("line 12: a quote opens"), "{problem}");
    assert!(
        problem.contains("never closed") && problem.contains("line 201"),
        "{problem}"
    );

    // In the last line too, where no row is lost, and behind quotes that are no fault.
    let text = table(
        20,
        &[(3, "12\" pizza"), (5, "O\"Neil \"x\" y"), (19, "\"last")],
    );
    let problem = problem_of(&text, "c-19");
    assert!(problem.starts_with("line 21: a quote opens"), "{problem}");
}

#[test]
fn quote_that_is_closed_in_another_row_is_a_fault_of_its_line() {
    // The next quote opens another field, ends one, or is doubled.
    for closing in ["\"plain\"", "12\"", "\"\",\"\"", "a \"\" b\""] {
        let text = table(60, &[(10, "\"unterminated"), (15, closing)]);
        let problem = problem_of(&text, "c-10");
        assert!(
            problem.starts_with("line 12: a quote"),
            "{closing}: {problem}"
        );
    }
}

#[test]
fn quote_in_a_middle_column_that_is_closed_in_another_row_is_a_fault() {
    let mut text = "customer_id,timestamp,note,amount,mcc\n".to_owned();
    for customer in 0..20 {
        let note = match customer {
            4 => "\"unterminated",
            8 => "TV 12\"",
            _ => "plain",
        };
        writeln!(text, "c-{customer},2019-03-01,{note},-12.50,5812").unwrap();
    }
    let problem = problem_of(&text, "c-4");
    assert!(problem.starts_with("line 6: a quoted field"), "{problem}");
    assert!(problem.contains("line 10"), "{problem}");
}

#[test]
fn quoted_text_of_several_lines_is_no_fault() {
    let text = table(
        30,
        &[
            (3, "\"a\nb, c\n\"\"d\"\"\n\""),
            (4, "\"one\n\n2019-03-01\""),
            (5, "12\""),
        ],
    );
    let output = score_piped(text.as_bytes(), &["--format", "csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert_eq!(lines(&output).len(), 30);
}

#[test]
fn quote_that_is_never_closed_in_the_header_ends_the_command() {
    let text = "customer_id,timestamp,\n\"amount,mcc\nc-1,2019-03-01,-12.50,5812\n";
    let text = text.replacen(",\n", ",", 1);
    let output = score_piped(text.as_bytes(), &["--format", "csv"]);
    assert_failure(&output, "line 1: a quote opens a field of the header");
}
