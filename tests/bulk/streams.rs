//! Standard output, and whoever reads it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use tempfile::tempdir;

use crate::command::{good, scoring};
use crate::tables::{expected, histories, write};

#[test]
fn a_reader_who_has_enough_ends_the_command_in_peace() {
    let folder = tempdir().unwrap();
    let many = histories().repeat(20);
    let file = write(folder.path(), "t.ndjson", many);
    let mut child = scoring(&file, &["--part-bytes", "100000"])
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
fn the_same_customer_may_stand_on_several_lines() {
    let folder = tempdir().unwrap();
    let file = write(folder.path(), "t.ndjson", histories().repeat(2));
    let output = scoring(&file, &["--part-bytes", "50000"]).output().unwrap();
    assert_eq!(good(&output), [expected(), expected()].concat());
}
