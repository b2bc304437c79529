//! Killed and interrupted runs, and their resumption.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use tempfile::tempdir;

use test_support::bulk_command::{part_lines, parts, score, score_command};
use test_support::command::{assert_failure, documents, errors, send_signal, succeeded};
use test_support::tables::{Row, csv, expected, rows, write};
use test_support::wait::eventually_blocking;

/// Number of parts in a folder that may not be there yet.
fn part_count(out: &Path) -> usize {
    if out.exists() { parts(out).len() } else { 0 }
}

/// Waits until a running command has written more than `kept` parts.
fn await_parts(child: &mut Child, out: &Path, kept: usize) {
    eventually_blocking("a further part", || {
        assert!(child.try_wait().unwrap().is_none(), "ended too early");
        (part_count(out) > kept).then_some(())
    });
}

/// The same rows under many customers: a run that is long enough to be killed.
fn many_rows() -> Vec<Row> {
    let mut many = Vec::new();
    for copy in 0..10 {
        many.extend(rows().iter().map(|row| Row {
            customer: format!("{}-{copy}", row.customer),
            ..row.clone()
        }));
    }
    many
}

/// No part has the name of an incomplete file.
fn assert_no_partial_file(out: &Path) {
    let hidden = fs::read_dir(out).unwrap().filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.')
    });
    assert_eq!(hidden.count(), 0);
}

#[test]
fn killed_run_resumes_without_losing_or_repeating_customers() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(&many_rows()));
    let out = folder.path().join("out");
    let flags = ["--out", out.to_str().unwrap(), "--part-bytes", "200000"];
    let mut kept = 0;
    for _ in 0..3 {
        let mut child = score_command(&table, &flags)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        await_parts(&mut child, &out, kept);
        child.kill().unwrap();
        child.wait().unwrap();
        kept = parts(&out).len();
    }
    let before = parts(&out);
    let output = score(&table, &flags);
    succeeded(&output);
    let resumed = format!("; {} there before", before.len());
    assert!(errors(&output).contains(&resumed), "{}", errors(&output));
    let after = parts(&out);
    assert!(
        before
            .iter()
            .all(|(name, bytes)| after.get(name) == Some(bytes))
    );
    assert!(after.len() > before.len());

    let unbroken = succeeded(&score(&table, &[]));
    assert_eq!(unbroken.len(), expected().len() * 10);
    assert_eq!(part_lines(&out), unbroken);
    assert_no_partial_file(&out);
}

#[test]
fn interrupted_run_leaves_no_partial_file_and_resumes() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(&many_rows()));
    let out = folder.path().join("out");
    let flags = ["--out", out.to_str().unwrap(), "--part-bytes", "200000"];
    let mut child = score_command(&table, &flags)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    await_parts(&mut child, &out, 0);
    send_signal(child.id(), "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(
        errors(&output).contains("interrupted"),
        "{}",
        errors(&output)
    );
    assert_no_partial_file(&out);
    succeeded(&score(&table, &flags));
    assert_eq!(part_lines(&out).len(), expected().len() * 10);
}

#[test]
fn separated_rows_are_found_across_runs_and_processes() {
    let folder = tempdir().unwrap();
    let mut separated = rows().to_vec();
    separated.push(separated[0].clone());
    let table = write(folder.path(), "t.csv", csv(&separated));
    let out = folder.path().join("out");
    let flags = [
        "--out",
        out.to_str().unwrap(),
        "--part-bytes",
        "200000",
        "--threads",
        "1",
    ];
    assert_failure(&score(&table, &flags), "sort the tables");
    assert!(!parts(&out).is_empty());
    // The customer's first rows are in a part that is not read again.
    assert_failure(&score(&table, &flags), "sort the tables");

    let out = folder.path().join("shared");
    let shard = |shard| {
        [
            "--out",
            out.to_str().unwrap(),
            "--part-bytes",
            "1500000",
            "--shard",
            shard,
        ]
    };
    let ended: Vec<bool> = ["1/2", "2/2"]
        .iter()
        .map(|&number| score(&table, &shard(number)).status.success())
        .collect();
    assert!(ended.contains(&false), "{ended:?}");
    // A process that reads both groups of rows fails again.
    assert_failure(&score(&table, &shard("2/2")), "sort the tables");
}

#[test]
fn customer_larger_than_a_part_is_in_one_part() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(rows()));
    let out = folder.path().join("out");
    succeeded(&score(
        &table,
        &["--out", out.to_str().unwrap(), "--part-bytes", "1000"],
    ));
    assert_eq!(part_lines(&out), expected());
    let scored = documents(&part_lines(&out));
    assert!(scored.iter().all(|scoring| scoring["segment"].is_object()));
}
