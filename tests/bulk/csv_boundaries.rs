//! CSV at the boundaries of parts: quotes, line ends, empty tables, and byte order marks.

use std::fmt::Write;

use tempfile::tempdir;

use test_support::bulk_command::{score, score_piped};
use test_support::command::{documents, succeeded};
use test_support::tables::write;

/// A table whose every field is quoted; some fields contain text that looks like rows.
fn quoted(line_end: &str, last_line_ends: bool) -> String {
    let mut text = ["note", "customer_id", "timestamp", "amount", "class"].join(",");
    for customer in 0..30 {
        for transaction in 0..4 {
            text += line_end;
            let note = format!(
                "say \"\"{customer}\"\",{line_end}x,c-{transaction},2020-01-01,-1,rent{line_end}\"\"\"\""
            );
            let year = 2016 + transaction;
            write!(
                text,
                "\"{note}\",\"c,{customer}\",{year}-02-03,\"-{customer}.5\",rent"
            )
            .unwrap();
        }
    }
    if last_line_ends {
        text += line_end;
    }
    text
}

#[test]
fn quoted_line_ends_survive_every_cut() {
    let folder = tempdir().unwrap();
    let mut expected = None;
    for (line_end, last_line_ends) in [("\n", true), ("\r\n", true), ("\n", false), ("\r\n", false)]
    {
        let text = quoted(line_end, last_line_ends);
        let table = write(folder.path(), "t.csv", &text);
        for part_bytes in ["40", "350", "1000000"] {
            let flags = ["--part-bytes", part_bytes, "--format", "csv"];
            let scored = succeeded(&score(&table, &flags));
            assert_eq!(scored.len(), 30);
            assert_eq!(*expected.get_or_insert_with(|| scored.clone()), scored);
        }
        let flags = ["--part-bytes", "97", "--format", "csv"];
        let piped = succeeded(&score_piped(text.as_bytes(), &flags));
        assert_eq!(Some(piped), expected);
    }
    let first = &documents(&expected.unwrap())[7];
    assert_eq!(first["customer_id"], "c,7");
    assert_eq!(first["quality"]["used"], 4);
}

#[test]
fn quote_inside_a_field_is_a_character() {
    let folder = tempdir().unwrap();
    let mut text = "customer_id,timestamp,amount,class,note\n".to_owned();
    for customer in 0..50 {
        write!(
            text,
            "c-{customer},2020-01-01,-2,rent,a 5\" pipe\nc-{customer},2020-02-01,-3,rent,6\"\n"
        )
        .unwrap();
    }
    let table = write(folder.path(), "t.csv", text);
    let scored = documents(&succeeded(&score(&table, &["--part-bytes", "60"])));
    assert_eq!(scored.len(), 50);
    assert!(scored.iter().all(|scoring| scoring["quality"]["used"] == 2));
}

#[test]
fn empty_inputs_succeed_without_output() {
    let folder = tempdir().unwrap();
    let header = "customer_id,timestamp,amount,class\n";
    for (name, text) in [
        ("a.csv", ""),
        ("b.csv", header),
        ("c.csv", &header[..header.len() - 1]),
        ("d.ndjson", ""),
        ("e.ndjson", "\n\n"),
    ] {
        let file = write(folder.path(), name, text);
        let scored = succeeded(&score(&file, &[]));
        assert!(scored.is_empty(), "{name}");
    }
    let flags = ["--format", "csv"];
    assert!(succeeded(&score_piped(header.as_bytes(), &flags)).is_empty());
    assert!(succeeded(&score_piped(b"", &flags)).is_empty());
}

#[test]
fn byte_order_mark_and_blank_lines_are_ignored() {
    let text = "\u{feff}customer_id,timestamp,amount,class\n\n\na,2020-01-01,-1,rent\n\n\nb,2020-01-01,-1,rent\n";
    let scored = documents(&succeeded(&score_piped(
        text.as_bytes(),
        &["--format", "csv"],
    )));
    assert_eq!(scored.len(), 2);
    assert_eq!(scored[0]["customer_id"], "a");
}
