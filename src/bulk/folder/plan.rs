//! The plan: what the parts of a folder are of. A run with another plan would mix two outputs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use super::OutputFormat;
use crate::{Bulk, BulkError, Format, Input};
use microseg_history::UnknownClass;
use microseg_model::ModelIdentity;

/// The plan's name; tools that read a folder of parts leave alone what begins with `_`.
const FILE: &str = "_plan.json";

/// All that the bytes of the parts depend on.
#[derive(Serialize)]
struct Plan<'a> {
    inputs: Vec<File>,
    customer_column: &'a str,
    /// `timestamp_column` and so on, by the names of the fields.
    #[serde(flatten)]
    field_columns: BTreeMap<String, &'a str>,
    delimiter: char,
    as_of: Option<String>,
    unknown_class: &'static str,
    max_body_bytes: u64,
    max_transactions: usize,
    part_bytes: u64,
    to: &'static str,
    model: &'a ModelIdentity,
}

/// One input.
#[derive(Serialize)]
struct File {
    /// `null` is standard input.
    path: Option<String>,
    format: &'static str,
    size: Option<u64>,
    modified: Option<String>,
}

impl File {
    fn of(input: &Input) -> Result<Self, BulkError> {
        let format = match input.format() {
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        };
        let Some(path) = input.path() else {
            return Ok(Self {
                path: None,
                format,
                size: None,
                modified: None,
            });
        };
        let metadata = fs::metadata(path).map_err(BulkError::file(path))?;
        let modified = metadata.modified().map_err(BulkError::file(path))?;
        Ok(Self {
            path: Some(path.display().to_string()),
            format,
            size: Some(metadata.len()),
            modified: Timestamp::try_from(modified)
                .ok()
                .map(|modified| modified.to_string()),
        })
    }
}

impl<'a> Plan<'a> {
    fn of(bulk: &Bulk<'a>, to: OutputFormat) -> Result<Self, BulkError> {
        let table = &bulk.settings.table;
        let columns = &table.columns;
        let field_columns = columns
            .fields
            .iter()
            .map(|(field, name)| (format!("{}_column", field.name()), name.as_str()));
        let inputs: Result<_, _> = bulk.inputs.iter().map(File::of).collect();
        Ok(Self {
            inputs: inputs?,
            customer_column: &columns.customer,
            field_columns: field_columns.collect(),
            delimiter: char::from(table.delimiter),
            as_of: table.as_of.map(|moment| moment.to_string()),
            unknown_class: match table.unknown_class {
                UnknownClass::Refuse => "error",
                UnknownClass::Count => "skip",
            },
            max_body_bytes: bulk.settings.line_bytes,
            max_transactions: bulk.model.encoder().limits().transactions,
            part_bytes: bulk.part_bytes,
            to: to.extension(),
            model: bulk.model.identity(),
        })
    }
}

/// Makes the folder the run's own: writes its plan, or finds the same one there.
///
/// # Errors
/// [`BulkError::OtherRun`] when the plan there is another one; it names what differs.
pub(super) fn keep_to(folder: &Path, bulk: &Bulk<'_>, to: OutputFormat) -> Result<(), BulkError> {
    fs::create_dir_all(folder).map_err(BulkError::file(folder))?;
    let path = folder.join(FILE);
    let fault = || BulkError::file(&path);
    let plan = serde_json::to_value(Plan::of(bulk, to)?).map_err(|error| fault()(error.into()))?;
    let piped = bulk.inputs.iter().any(|input| input.path().is_none());
    if !path.try_exists().map_err(fault())? {
        refuse_strangers(folder)?;
        if write(folder, &path, &plan).map_err(fault())? {
            return Ok(());
        }
        // Another process was faster.
    }
    if piped {
        return Err(BulkError::Pipe(
            "what has gone through it cannot be gone on with: choose another folder, or empty this one",
        ));
    }
    let text = fs::read(&path).map_err(fault())?;
    let there: Value = serde_json::from_slice(&text).map_err(|error| fault()(error.into()))?;
    if there == plan {
        return Ok(());
    }
    Err(BulkError::OtherRun {
        folder: folder.to_owned(),
        differences: differences(&there, &plan),
    })
}

/// Writes the plan as a whole; `false` when one is there.
fn write(folder: &Path, path: &Path, plan: &Value) -> io::Result<bool> {
    let mut file = NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, plan)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => fs::File::open(folder)?.sync_all().map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// A folder that something else lives in would be a mix afterwards.
fn refuse_strangers(folder: &Path) -> Result<(), BulkError> {
    for entry in fs::read_dir(folder).map_err(BulkError::file(folder))? {
        let name = entry.map_err(BulkError::file(folder))?.file_name();
        if !name.to_string_lossy().starts_with(['_', '.']) {
            return Err(BulkError::NotEmpty(folder.to_owned()));
        }
    }
    Ok(())
}

fn differences(there: &Value, here: &Value) -> String {
    let none = Map::new();
    let (there, here) = (
        there.as_object().unwrap_or(&none),
        here.as_object().unwrap_or(&none),
    );
    let of = |members: &Map<String, Value>, name: &str| members.get(name).cloned();
    let names = there
        .keys()
        .chain(here.keys().filter(|name| !there.contains_key(*name)));
    let told = names.filter(|name| there.get(*name) != here.get(*name));
    let told = told.map(|name| match (of(there, name), of(here, name)) {
        (Some(Value::Array(_)), _) => {
            "the inputs differ in name, size or time of change".to_owned()
        }
        (Some(Value::Object(_)), _) => "the model differs".to_owned(),
        (there, here) => format!(
            "{name} was {}, and is {}",
            there.unwrap_or_default(),
            here.unwrap_or_default()
        ),
    });
    told.collect::<Vec<_>>().join("; ")
}
