//! Parts in a folder: from one process or several, as NDJSON or Parquet.

use std::fs::{self, File};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use tempfile::tempdir;

use test_support::bulk_command::{part_lines, parts, score, score_piped};
use test_support::command::{assert_failure, documents, errors, lines, succeeded};
use test_support::tables::{csv, expected, histories, rows, write, write_parquet};

#[test]
fn parts_together_equal_the_stream() {
    let folder = tempdir().unwrap();
    let table = folder.path().join("t.parquet");
    write_parquet(&table, rows(), 1000);
    for (file, part_bytes) in [
        (write(folder.path(), "t.ndjson", histories()), "100000"),
        (write(folder.path(), "t.csv", csv(rows())), "100000"),
        (table, "10000"),
    ] {
        let out = folder
            .path()
            .join(file.file_name().unwrap())
            .with_extension("out");
        let out = format!("{}-{part_bytes}", out.display());
        succeeded(&score(&file, &["--out", &out, "--part-bytes", part_bytes]));
        let out = Path::new(&out);
        assert!(parts(out).len() > 3);
        assert_eq!(part_lines(out), expected());
        fs::remove_dir_all(out).unwrap();
    }
    let out = folder.path().join("piped");
    let flags = ["--out", out.to_str().unwrap(), "--part-bytes", "100000"];
    succeeded(&score_piped(histories().as_bytes(), &flags));
    assert_eq!(part_lines(&out), expected());
    assert_failure(
        &score_piped(histories().as_bytes(), &flags),
        "choose another folder",
    );
}

#[test]
fn shards_divide_the_parts_and_their_number_may_change() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(rows()));
    let whole = folder.path().join("whole");
    let flags = |out: &Path, shard: &'static str| -> Vec<String> {
        let flags = ["--part-bytes", "100000", "--shard", shard, "--out"];
        let mut flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
        flags.push(out.display().to_string());
        flags
    };
    let run = |out: &Path, shard| {
        let flags = flags(out, shard);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let output = score(&table, &flags);
        succeeded(&output);
        errors(&output)
    };
    run(&whole, "1/1");
    assert_eq!(part_lines(&whole), expected());

    let shared = folder.path().join("shared");
    run(&shared, "2/3");
    let first = parts(&shared);
    assert!(first.len() > 3 && first.len() < parts(&whole).len());
    // Two more processes finish the run, as two shards instead of three.
    let printed = run(&shared, "1/2");
    assert!(!printed.contains("; 0 there before"), "{printed}");
    run(&shared, "2/2");
    assert_eq!(parts(&shared), parts(&whole));

    let apart = [folder.path().join("one"), folder.path().join("other")];
    run(&apart[0], "1/2");
    run(&apart[1], "2/2");
    let mut together = parts(&apart[0]);
    together.append(&mut parts(&apart[1]));
    assert_eq!(together, parts(&whole));
    let output = score_piped(b"", &["--out", "x", "--shard", "1/2"]);
    assert_failure(&output, "--shard");
}

#[test]
fn folder_of_another_run_is_refused_with_the_difference() {
    let folder = tempdir().unwrap();
    let table = write(folder.path(), "t.csv", csv(&rows()[..2000]));
    let out = folder.path().join("out");
    let to = ["--out", out.to_str().unwrap()];
    succeeded(&score(&table, &to));
    let before = parts(&out);
    let with = |flags: &[&str]| score(&table, &[&to[..], flags].concat());
    assert_failure(
        &with(&["--part-bytes", "7"]),
        "part_bytes was 67108864, and is 7",
    );
    assert_failure(&with(&["--as-of", "2020-01-01"]), "as_of was null");
    assert_failure(&with(&["--unknown-class", "skip"]), "unknown_class");
    assert_failure(&with(&["--to", "parquet"]), "to was \"ndjson\"");
    succeeded(&with(&[]));
    write(folder.path(), "t.csv", csv(&rows()[..1999]));
    assert_failure(&with(&[]), "the inputs differ");
    assert_eq!(parts(&out), before);

    let used = tempdir().unwrap();
    write(used.path(), "notes.txt", "mine");
    let output = score(&table, &["--out", used.path().to_str().unwrap()]);
    assert_failure(&output, "not empty");
    assert_eq!(fs::read_dir(used.path()).unwrap().count(), 1);
}

fn read_table(path: &Path) -> RecordBatch {
    let file = File::open(path).unwrap();
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    reader.next().unwrap().unwrap()
}

#[test]
fn parquet_answers_equal_ndjson_answers() {
    let folder = tempdir().unwrap();
    let mut rows = rows()[..3000].to_vec();
    let bad = rows[0].customer.clone();
    rows[5].class = Some("no-such-class".to_owned());
    let table = write(folder.path(), "t.csv", csv(&rows));
    let lines = documents(&lines(&score(&table, &[])));
    let out = folder.path().join("out");
    let output = score(&table, &["--out", out.to_str().unwrap(), "--to", "parquet"]);
    assert_failure(&output, "1 customer refused");
    // A refused customer of a finished part is reported again.
    let again = score(&table, &["--out", out.to_str().unwrap(), "--to", "parquet"]);
    assert_failure(&again, "1 customer refused");

    let answers = read_table(&out.join("part-000000.parquet"));
    assert_eq!(answers.num_rows(), lines.len());
    let column = |name: &str| answers.column_by_name(name).unwrap().clone();
    let text = |name: &str, row: usize| column(name).as_string::<i32>().value(row).to_owned();
    assert_eq!(text("customer_id", 0), bad);
    assert!(text("problem", 0).contains("line 7: no such class"));
    for name in [
        "state.0",
        "openness",
        "segment",
        "segment_margin",
        "periods",
        "used",
    ] {
        assert!(column(name).is_null(0), "{name}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a 32-bit float of the network"
    )]
    let as_f32 = |value: &Value| value.as_f64().unwrap() as f32;
    for (row, line) in lines.iter().enumerate().skip(1) {
        assert!(column("problem").is_null(row));
        assert_eq!(
            text("customer_id", row),
            line["customer_id"].as_str().unwrap()
        );
        let number = |name: &str| column(name).as_primitive::<Float32Type>().value(row);
        for (index, state) in line["features"]["state"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
        {
            assert_eq!(
                number(&format!("state.{index}")).to_bits(),
                as_f32(state).to_bits()
            );
        }
        for (output, value) in line["traits"].as_object().unwrap() {
            assert_eq!(number(output).to_bits(), as_f32(value).to_bits());
        }
        let distance = |name: &str| column(name).as_primitive::<Float64Type>().value(row);
        assert_eq!(
            text("segment", row),
            line["segment"]["id"].as_str().unwrap()
        );
        assert_eq!(
            Value::from(distance("segment_distance")),
            line["segment"]["distance"]
        );
        assert_eq!(
            Value::from(distance("segment_margin")),
            line["segment"]["margin"]
        );
        assert_eq!(
            text("attractor", row),
            line["attractor"]["id"].as_str().unwrap()
        );
        assert_eq!(
            Value::from(distance("attractor_distance")),
            line["attractor"]["distance"]
        );
        let count = |name: &str| column(name).as_primitive::<Int64Type>().value(row);
        let periods = line["trajectory"].as_array().unwrap().len();
        assert_eq!(count("periods"), i64::try_from(periods).unwrap());
        for name in [
            "transactions",
            "used",
            "netted",
            "income",
            "unclassified",
            "out_of_window",
        ] {
            assert_eq!(Value::from(count(name)), line["quality"][name], "{name}");
        }
    }
}
