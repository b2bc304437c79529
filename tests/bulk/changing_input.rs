//! Inputs that change while they are read: exit code 1, the input's name, and no part of it.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::tempdir;

use test_support::bulk_command::{parts, score, score_command};
use test_support::command::{assert_failure, errors};
use test_support::tables::{Row, csv, rows, write};
use test_support::wait::eventually_blocking;

/// Rows of so many customers that the run is long enough to be disturbed.
fn table() -> Vec<u8> {
    let copies = (0..8).flat_map(|copy| {
        rows().iter().map(move |row| Row {
            customer: format!("{}-{copy}", row.customer),
            ..row.clone()
        })
    });
    csv(&copies.collect::<Vec<Row>>())
}

/// Changes the input of a run as soon as it has finished a part.
fn change_while_it_runs(change: impl FnOnce(&Path)) {
    let folder = tempdir().unwrap();
    let file = write(folder.path(), "changing.csv", table());
    let out = folder.path().join("out");
    let flags = [
        "--out",
        out.to_str().unwrap(),
        "--part-bytes",
        "100000",
        "--threads",
        "1",
    ];
    let mut child = score_command(&file, &flags)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    eventually_blocking("a finished part", || {
        assert!(child.try_wait().unwrap().is_none(), "ended too early");
        (out.exists() && !parts(&out).is_empty()).then_some(())
    });
    change(&file);
    let output = child.wait_with_output().unwrap();
    assert_failure(&output, "changing.csv: changed while it was read");
    assert_eq!(parts(&out).len(), 0, "no part counts as done");
    // What is left in the folder does not pass for a finished run either.
    assert_failure(&score(&file, &flags), "the inputs differ");
}

#[test]
fn input_that_grows_has_no_part() {
    change_while_it_runs(|file| {
        let mut file = File::options().append(true).open(file).unwrap();
        file.write_all(b"late,2019-03-01,-1,rent,\n").unwrap();
    });
}

#[test]
fn input_that_is_cut_has_no_part() {
    change_while_it_runs(|file| {
        let file = File::options().write(true).open(file).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    });
}

#[test]
fn input_that_is_overwritten_has_no_part() {
    change_while_it_runs(|file| {
        let length = fs::metadata(file).unwrap().len();
        let mut file = File::options().write(true).open(file).unwrap();
        file.seek(SeekFrom::Start(length - 1_000)).unwrap();
        file.write_all(&[b'\n'; 1_000]).unwrap();
    });
}

#[test]
fn input_that_is_replaced_has_no_part() {
    change_while_it_runs(|file| {
        let other = file.with_extension("new");
        fs::copy(file, &other).unwrap();
        fs::rename(&other, file).unwrap();
    });
}

#[test]
fn lines_on_standard_output_end_with_exit_code_1() {
    let folder = tempdir().unwrap();
    let file = write(folder.path(), "changing.csv", table());
    let mut child = score_command(&file, &["--part-bytes", "100000", "--threads", "1"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The run waits for its reader: it cannot have ended.
    let mut first = [0];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
    let mut appended = File::options().append(true).open(&file).unwrap();
    appended.write_all(b"late,2019-03-01,-1,rent,\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors(&output).contains("changing.csv: changed"),
        "{}",
        errors(&output)
    );
}
