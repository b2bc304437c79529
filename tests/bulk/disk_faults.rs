//! A disk that fails under a folder of parts: each creation, write, sync and rename fails once, or the power is cut at it.
//! The same command then goes on, and its parts are those of a run without faults.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use microseg::bulk::{
    AmountNotation, BulkError, BulkRun, ColumnNames, FolderSummary, Input, OutputFormat, Position,
    RunObserver, RunSettings, Shard, TableSettings,
};
use microseg::history::{Field, HistorySettings, Limits};
use microseg::model::{Capacity, Model};
use microseg::problem::Problem;
use tempfile::{TempDir, tempdir};
use test_support::faults::{Fault, FaultyDisk, calls, is_cut};
use test_support::tables::{Row, csv, rows, write};

/// The folder of a child process, with its input and the folders of its runs.
const FOLDER: &str = "PARTS_ON_A_FAULTY_DISK";

/// The format of its parts.
const FORMAT: &str = "FORMAT_ON_A_FAULTY_DISK";

/// The first and the last call that fails in it: one run for each.
const FAULTS: [&str; 2] = ["FIRST_FAULT", "LAST_FAULT"];

/// The folder of a run has this name, and the number of the call that fails in it.
const FAULTY: &str = "/fault-at-";

/// What a child process writes after its run: a power cut there finds a run that has ended.
const AFTER: &str = ".after";

const FORMATS: [OutputFormat; 2] = [OutputFormat::Ndjson, OutputFormat::Parquet];

/// The power is cut at every so many calls, in a test that is to take seconds. A part makes a number of calls that it does
/// not divide.
const STEP: usize = 7;

struct Silent;

impl RunObserver for Silent {
    fn planned(&self, _: u64) {}
    fn read(&self, _: u64) {}
    fn done(&self, _: u64, _: u64) {}
    fn refused(&self, _: &str, _: Position, _: &Problem) {}
    fn column_missing(&self, _: &str) {}
    fn interrupted(&self) -> bool {
        false
    }
}

fn model() -> Model {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/spending-personality/1");
    Model::load(&bundle, Capacity::single(Limits::default())).unwrap()
}

/// The first rows of a few customers.
fn short_rows() -> Vec<Row> {
    let customers = rows().chunk_by(|one, next| one.customer == next.customer);
    let short = customers.take(8).flat_map(|rows| &rows[..30]);
    short.cloned().collect()
}

/// Scores the table in a few parts, one after the other.
fn score(
    model: &Model,
    folder: &Path,
    out: &Path,
    to: OutputFormat,
) -> Result<FolderSummary, BulkError> {
    let table = folder.join("t.csv").display().to_string();
    let inputs = Input::find(&[table], None)?;
    let fields = [Field::Timestamp, Field::Amount, Field::Class, Field::Mcc];
    let named = |field: Field| (field.into(), field.name().to_owned());
    let settings = RunSettings {
        table: TableSettings {
            amounts: AmountNotation::default(),
            columns: ColumnNames {
                customer: "customer_id".to_owned(),
                fields: fields.map(named).into(),
                needs_class: true,
            },
            history: HistorySettings::default(),
            delimiter: None,
        },
        line_bytes: 1 << 20,
        held_bytes: 1 << 20,
        threads: 1,
    };
    let run = BulkRun {
        model,
        inputs: &inputs,
        settings: &settings,
        part_bytes: 4_000,
        observer: &Silent,
    };
    run.write_parts(out, to, Shard::default())
}

/// The folder of parts of the run whose call `at` fails. Nothing of it exists.
fn faulty_out(folder: &Path, to: OutputFormat, at: usize) -> PathBuf {
    let folder = folder.join(to.extension());
    folder
        .join(format!("{}{at}", &FAULTY[1..]))
        .join("above/out")
}

/// All files below a folder, by their path in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let entries = fs::read_dir(folder).into_iter().flatten();
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = PathBuf::from(path.file_name().unwrap());
        if path.is_dir() {
            let below = files(&path).into_iter();
            found.extend(below.map(|(file, bytes)| (name.join(file), bytes)));
        } else if name != Path::new(AFTER) {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

/// The child process: a run for each call that fails in it, and another one after it, with the same command.
#[test]
#[ignore = "run by the tests below, with faults"]
fn writes_parts() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let of = |name| std::env::var(name).unwrap();
    let to: OutputFormat = of(FORMAT).parse().unwrap();
    let [first, last] = FAULTS.map(|name| of(name).parse::<usize>().unwrap());
    let model = model();
    for at in first..=last {
        let out = faulty_out(&folder, to, at);
        let mut result = score(&model, &folder, &out, to);
        if let Err(error) = result {
            println!("failed at {at}.");
            let text = error.to_string();
            assert!(matches!(error, BulkError::Output { .. }), "{at}: {text}");
            assert!(text.contains("the same command goes on"), "{at}: {text}");
            let left = files(&out).into_keys().find(|file| is_hidden(file));
            assert_eq!(left, None, "left at {at} after {text}");
            result = score(&model, &folder, &out, to);
        }
        result.unwrap();
        fs::write(out.join(AFTER), "").unwrap();
    }
}

fn is_hidden(file: &Path) -> bool {
    file.file_name().unwrap().to_string_lossy().starts_with('.')
}

/// The table of a test, what a run without faults makes of it, and the calls of that run.
struct Faultless {
    disk: FaultyDisk,
    folder: TempDir,
    to: OutputFormat,
    files: BTreeMap<PathBuf, Vec<u8>>,
    calls: usize,
}

impl Faultless {
    fn run(to: OutputFormat) -> Self {
        let folder = tempdir().unwrap();
        write(folder.path(), "t.csv", csv(&short_rows()));
        let mut run = Self {
            disk: FaultyDisk::of(FAULTY),
            folder,
            to,
            files: BTreeMap::new(),
            calls: 0,
        };
        let output = run.child(Fault::Fails, 0, 0);
        assert!(output.status.success(), "{output:?}");
        run.files = files(&run.out(0));
        // Without the file that is written after it.
        run.calls = calls(&output) - 1;
        let parts = run.files.keys().filter(|file| is_part(file)).count();
        assert!(
            parts >= 3 && run.calls > 30,
            "{parts} parts, {} calls",
            run.calls
        );
        run
    }

    fn child(&self, fault: Fault, first: usize, last: usize) -> Output {
        let to: &str = self.to.into();
        for at in first..=last {
            fs::create_dir_all(self.out(at).ancestors().nth(2).unwrap()).unwrap();
        }
        let mut command = self.disk.process("disk_faults::writes_parts", fault, 0);
        command.env(FOLDER, self.folder.path()).env(FORMAT, to);
        for (name, at) in FAULTS.iter().zip([first, last]) {
            command.env(name, at.to_string());
        }
        command.output().unwrap()
    }

    fn out(&self, at: usize) -> PathBuf {
        faulty_out(self.folder.path(), self.to, at)
    }

    /// Cuts the power at a call, and then goes on.
    fn cut(&self, model: &Model, at: usize) {
        let output = self.child(Fault::Cut, at, at);
        let what = format!("{:?}, cut at {at}: {output:?}", self.to);
        assert!(is_cut(&output), "{what}");
        let out = self.out(at);
        let left = files(&out);
        for part in left.keys().filter(|file| is_part(file)) {
            let summary = Path::new("_customers").join(part.file_stem().unwrap());
            for file in [part, &summary] {
                assert_eq!(left.get(file), self.files.get(file), "{what}");
            }
        }
        if at > self.calls {
            assert_eq!(left, self.files, "{what}");
        }
        let again = score(model, self.folder.path(), &out, self.to);
        again.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(files(&out), self.files, "{what}");
    }

    fn cut_at_each(&self, step: usize) {
        let model = model();
        for at in (1..=self.calls).step_by(step) {
            self.cut(&model, at);
        }
        self.cut(&model, self.calls + 1);
    }
}

fn is_part(file: &Path) -> bool {
    file.to_string_lossy().starts_with("part-")
}

#[test]
fn call_that_fails_ends_the_run_and_the_next_one_makes_the_same_parts() {
    for to in FORMATS {
        let whole = Faultless::run(to);
        let output = whole.child(Fault::Fails, 1, whole.calls);
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8_lossy(&output.stdout);
        for at in 1..=whole.calls {
            assert!(
                printed.contains(&format!("failed at {at}.")),
                "{at} did not fail"
            );
            assert_eq!(files(&whole.out(at)), whole.files, "{to:?}, at {at}");
        }
    }
}

#[test]
fn power_cut_loses_no_finished_part_and_leaves_none_that_is_not_whole() {
    for to in FORMATS {
        Faultless::run(to).cut_at_each(STEP);
    }
}

/// Every call of the same runs.
#[test]
#[ignore = "minutes; STEP covers the same kinds of calls"]
fn power_cut_at_each_call_loses_no_finished_part() {
    for to in FORMATS {
        Faultless::run(to).cut_at_each(1);
    }
}
