//! Scorings on standard output, also when its reader closes it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use tempfile::tempdir;

use test_support::bulk_command::score_command;
use test_support::command::succeeded;
use test_support::tables::{expected, histories, write};

#[test]
fn closed_output_pipe_ends_the_command_with_success() {
    let folder = tempdir().unwrap();
    let many = histories().repeat(20);
    let file = write(folder.path(), "t.ndjson", many);
    let mut child = score_command(&file, &["--part-bytes", "100000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut reader = BufReader::with_capacity(100, child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    assert_eq!(first.trim_end(), expected()[0]);
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn repeated_customer_is_scored_on_every_line() {
    let folder = tempdir().unwrap();
    let file = write(folder.path(), "t.ndjson", histories().repeat(2));
    let output = score_command(&file, &["--part-bytes", "50000"])
        .output()
        .unwrap();
    assert_eq!(succeeded(&output), [expected(), expected()].concat());
}
