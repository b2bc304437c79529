//! Runs that are killed, and go on.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::command::{documents, errors, expect_failure, good, score, scoring};
use crate::parts::{part_lines, parts};
use crate::tables::{Row, csv, expected, rows, write};

/// Nothing here takes nearly as long; beyond it something hangs.
const PATIENCE: Duration = Duration::from_mins(1);

fn wait_for_a_part(child: &mut Child, out: &Path) {
    let started_at = Instant::now();
    while !out.exists() || parts(out).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "ended too early");
        assert!(started_at.elapsed() < PATIENCE, "no part");
        thread::yield_now();
    }
}

/// The same bookings under many names: long enough to be killed in the middle.
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

/// No part is there under the name that it has before it is complete.
fn assert_nothing_half_done(out: &Path) {
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
fn a_run_that_was_killed_goes_on_and_no_customer_is_lost_or_scored_twice() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(&many_rows()));
    let out = folder.path().join("out");
    let flags = ["--out", out.to_str().unwrap(), "--part-bytes", "200000"];
    let mut kept = 0;
    for _ in 0..3 {
        let mut child = scoring(&table, &flags)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started_at = Instant::now();
        while !out.exists() || parts(&out).len() <= kept {
            assert!(started_at.elapsed() < PATIENCE, "no further part");
            assert!(child.try_wait().unwrap().is_none(), "ended too early");
            thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kept = parts(&out).len();
    }
    let before = parts(&out);
    let output = score(&table, &flags);
    good(&output);
    let told = format!("; {} there before", before.len());
    assert!(errors(&output).contains(&told), "{}", errors(&output));
    let after = parts(&out);
    assert!(
        before
            .iter()
            .all(|(name, bytes)| after.get(name) == Some(bytes))
    );
    assert!(after.len() > before.len());

    let unbroken = good(&score(&table, &[]));
    assert_eq!(unbroken.len(), expected().len() * 10);
    assert_eq!(part_lines(&out), unbroken);
    assert_nothing_half_done(&out);
}

#[test]
fn an_interrupted_run_ends_cleanly_and_goes_on() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(&many_rows()));
    let out = folder.path().join("out");
    let flags = ["--out", out.to_str().unwrap(), "--part-bytes", "200000"];
    let mut child = scoring(&table, &flags)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_a_part(&mut child, &out);
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(
        errors(&output).contains("interrupted"),
        "{}",
        errors(&output)
    );
    assert_nothing_half_done(&out);
    good(&score(&table, &flags));
    assert_eq!(part_lines(&out).len(), expected().len() * 10);
}

#[test]
fn rows_apart_are_noticed_across_runs_and_processes() {
    let folder = tempdir().unwrap();
    let mut torn = rows().to_vec();
    torn.push(torn[0].clone());
    let table = write(folder.path(), "t.csv", csv(&torn));
    let out = folder.path().join("out");
    let flags = [
        "--out",
        out.to_str().unwrap(),
        "--part-bytes",
        "200000",
        "--threads",
        "1",
    ];
    expect_failure(&score(&table, &flags), "sort the tables");
    assert!(!parts(&out).is_empty());
    // The customer's first rows are in a part that is not read again.
    expect_failure(&score(&table, &flags), "sort the tables");

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
    // Whoever has met both customers says so again.
    expect_failure(&score(&table, &shard("2/2")), "sort the tables");
}

#[test]
fn a_customer_larger_than_a_part_is_in_one_part() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(rows()));
    let out = folder.path().join("out");
    good(&score(
        &table,
        &["--out", out.to_str().unwrap(), "--part-bytes", "1000"],
    ));
    assert_eq!(part_lines(&out), expected());
    let scored = documents(&part_lines(&out));
    assert!(scored.iter().all(|scoring| scoring["segment"].is_object()));
}
