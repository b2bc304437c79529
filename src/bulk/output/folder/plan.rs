//! Plan of a folder: everything that its parts depend on. A run with another plan would mix two outputs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use microseg_history::{Field, MixedCurrencies, UnknownClass};
use microseg_model::ModelIdentity;
use serde::Serialize;
use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use super::durable::{create_folder, sync_folder};
use super::format::OutputFormat;
use crate::amounts::{AmountSign, DecimalMark};
use crate::error::BulkError;
use crate::input::Input;
use crate::score::BulkRun;
use crate::table_field::TableField;

/// The plan's name; tools that read a folder of parts ignore names that begin with `_`.
const FILE: &str = "_plan.json";

/// Everything that the bytes of the parts depend on.
#[derive(Serialize)]
struct FolderPlan<'a> {
    inputs: Vec<InputFile>,
    customer_column: &'a str,
    /// `timestamp_column` and so on, by the names of the fields.
    #[serde(flatten)]
    field_columns: BTreeMap<String, &'a str>,
    /// The columns of the fields that the model declares, by the names of the fields; absent where it reads none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    declared_columns: BTreeMap<&'a str, &'a str>,
    delimiter: char,
    as_of: Option<String>,
    unknown_class: &'static str,
    /// Absent where it is as in version 0.1, whose plans must stay the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    mixed_currencies: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decimal: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thousands: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign: Option<&'static str>,
    max_body_bytes: u64,
    max_transactions: usize,
    part_bytes: u64,
    to: &'static str,
    model: &'a ModelIdentity,
}

/// One input.
#[derive(Serialize)]
struct InputFile {
    /// `null` is standard input.
    path: Option<String>,
    format: &'static str,
    size: Option<u64>,
    modified: Option<String>,
}

impl InputFile {
    fn of(input: &Input) -> Self {
        let format = input.format().name();
        let (Some(path), Some(state)) = (input.path(), input.state()) else {
            return Self {
                path: None,
                format,
                size: None,
                modified: None,
            };
        };
        let modified = state.modified.map(Timestamp::try_from);
        Self {
            path: Some(path.display().to_string()),
            format,
            size: Some(state.size),
            modified: modified
                .and_then(Result::ok)
                .map(|modified| modified.to_string()),
        }
    }
}

impl<'a> FolderPlan<'a> {
    fn of(run: &BulkRun<'a>, to: OutputFormat) -> Self {
        let table = &run.settings.table;
        let columns = &table.columns;
        let declared = run.model.encoder().declaration().fields();
        let (mut field_columns, mut declared_columns) = (BTreeMap::new(), BTreeMap::new());
        for (field, column) in &columns.fields {
            match *field {
                // Plans of version 0.1 do not have this column.
                TableField::Known(field) if field == Field::Currency && column == field.name() => {}
                TableField::Known(field) => {
                    field_columns.insert(format!("{}_column", field.name()), column.as_str());
                }
                TableField::Declared { place, .. } => {
                    let name = declared.get(place).map(|(name, _)| (name, column.as_str()));
                    declared_columns.extend(name);
                }
                TableField::Debit => {
                    field_columns.insert("debit_column".to_owned(), column.as_str());
                }
                TableField::Credit => {
                    field_columns.insert("credit_column".to_owned(), column.as_str());
                }
            }
        }
        let history = &table.history;
        Self {
            inputs: run.inputs.iter().map(InputFile::of).collect(),
            customer_column: &columns.customer,
            field_columns,
            declared_columns,
            delimiter: char::from(table.delimiter.unwrap_or(b',')),
            as_of: history.times.as_of.map(|moment| moment.to_string()),
            unknown_class: match history.unknown_class {
                UnknownClass::Refuse => "error",
                UnknownClass::Count => "skip",
            },
            mixed_currencies: match history.mixed_currencies {
                MixedCurrencies::Refuse => None,
                MixedCurrencies::Add => Some("add"),
            },
            time_zone: history.times.zone.name(),
            decimal: match table.amounts.decimal {
                DecimalMark::Point => None,
                DecimalMark::Comma => Some(','),
            },
            thousands: table.amounts.thousands,
            sign: match table.amounts.sign {
                AmountSign::OutNegative => None,
                AmountSign::OutPositive => Some("out-positive"),
            },
            max_body_bytes: run.settings.line_bytes,
            max_transactions: run.model.encoder().limits().transactions,
            part_bytes: run.part_bytes,
            to: to.extension(),
            model: run.model.identity(),
        }
    }
}

/// Writes the run's plan into the folder, or compares it with the plan that is there.
///
/// # Errors
/// [`BulkError::OtherRun`] when the plans differ; it says where. [`BulkError::Damaged`] when the plan there is none.
pub(super) fn write_or_compare(
    folder: &Path,
    run: &BulkRun<'_>,
    to: OutputFormat,
) -> Result<(), BulkError> {
    create_folder(folder).map_err(BulkError::output(folder))?;
    let path = folder.join(FILE);
    let file_error = || BulkError::output(&path);
    let plan = serde_json::to_value(FolderPlan::of(run, to))
        .map_err(|error| file_error()(error.into()))?;
    let piped = run.inputs.iter().any(|input| input.path().is_none());
    if !path.try_exists().map_err(file_error())? {
        require_empty(folder)?;
        if write(folder, &path, &plan).map_err(file_error())? {
            return Ok(());
        }
        // Another process has written its plan meanwhile.
    }
    if piped {
        return Err(BulkError::Pipe(
            "what has gone through it cannot be gone on with: choose another folder, or empty this one",
        ));
    }
    let text = fs::read(&path).map_err(file_error())?;
    let there: Value =
        serde_json::from_slice(&text).map_err(|_| BulkError::Damaged(path.clone()))?;
    if there == plan {
        return Ok(());
    }
    Err(BulkError::OtherRun {
        folder: folder.to_owned(),
        differences: differences(&there, &plan),
    })
}

/// Writes the plan as a whole; `false` when the folder has one.
fn write(folder: &Path, path: &Path, plan: &Value) -> io::Result<bool> {
    let mut file = NamedTempFile::new_in(folder)?;
    let mut text = serde_json::to_vec_pretty(plan)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder(folder).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Refuses a folder with other files in it; hidden ones and those that begin with `_` are ignored.
fn require_empty(folder: &Path) -> Result<(), BulkError> {
    for entry in fs::read_dir(folder).map_err(BulkError::output(folder))? {
        let name = entry.map_err(BulkError::output(folder))?.file_name();
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
    let differing = names.filter(|name| there.get(*name) != here.get(*name));
    let texts = differing.map(|name| match (of(there, name), of(here, name)) {
        (Some(Value::Array(_)), _) => {
            "the inputs differ in name, size or time of change".to_owned()
        }
        (Some(Value::Object(_)), _) if name == "model" => "the model differs".to_owned(),
        (there, here) => format!(
            "{name} was {}, and is {}",
            there.unwrap_or_default(),
            here.unwrap_or_default()
        ),
    });
    texts.collect::<Vec<_>>().join("; ")
}
