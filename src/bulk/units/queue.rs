//! Queue of a run's units, in the order of the inputs.

use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;

use super::missing_columns::MissingColumns;
use super::stdin::PipedInput;
use super::unit::{Extent, Unit};
use crate::error::BulkError;
use crate::format::Format;
use crate::input::Input;
use crate::observer::RunObserver;
use crate::read::csv::{self, CsvRange, CsvTable};
use crate::read::ndjson;
use crate::read::parquet::ParquetTable;
use crate::settings::RunSettings;

/// The units of a run: those of files are planned at the start, those of standard input arise as it is read.
pub(crate) struct UnitQueue {
    planned: VecDeque<Planned>,
    piped: Option<PipedInput>,
    next: u64,
    missing: MissingColumns,
}

enum Planned {
    Unit(Unit),
    Pipe(Arc<Input>),
}

impl UnitQueue {
    /// Plans the units of all files.
    pub(crate) fn plan(
        inputs: &[Input],
        settings: &RunSettings,
        part_bytes: u64,
        observer: &dyn RunObserver,
    ) -> Result<Self, BulkError> {
        let mut planned = VecDeque::new();
        let mut missing = MissingColumns::default();
        let mut is_table_to_come = false;
        for input in inputs {
            let input = Arc::new(input.clone());
            if input.path().is_none() {
                is_table_to_come = input.format().is_table();
                planned.push_back(Planned::Pipe(input));
                continue;
            }
            let extents = cut(&input, settings, part_bytes, observer, &mut missing)?;
            planned.extend(extents.into_iter().map(|extent| {
                let input = input.clone();
                Planned::Unit(Unit { input, extent })
            }));
        }
        if !is_table_to_come {
            missing.report(observer);
        }
        Ok(Self {
            planned,
            piped: None,
            next: 0,
            missing,
        })
    }

    /// The next unit and its number, from 0.
    pub(crate) fn next(
        &mut self,
        settings: &RunSettings,
        part_bytes: u64,
        observer: &dyn RunObserver,
    ) -> Result<Option<(u64, Unit)>, BulkError> {
        loop {
            if let Some(piped) = &mut self.piped {
                let unit = piped.next(settings, part_bytes)?;
                if let Some(table) = piped.take_new_table() {
                    let names = &settings.table.columns;
                    self.missing.add(names, table.positions());
                }
                self.missing.report(observer);
                if let Some(unit) = unit {
                    return Ok(Some(self.numbered(unit)));
                }
                self.piped = None;
            }
            match self.planned.pop_front() {
                None => return Ok(None),
                Some(Planned::Unit(unit)) => return Ok(Some(self.numbered(unit))),
                Some(Planned::Pipe(input)) => self.piped = Some(PipedInput::new(input)),
            }
        }
    }

    /// The number of planned units of files.
    pub(crate) fn planned_units(&self) -> u64 {
        let units = self.planned.iter();
        units
            .filter(|planned| matches!(planned, Planned::Unit(_)))
            .count() as u64
    }

    fn numbered(&mut self, unit: Unit) -> (u64, Unit) {
        let number = self.next;
        self.next += 1;
        (number, unit)
    }
}

fn cut(
    input: &Input,
    settings: &RunSettings,
    part_bytes: u64,
    observer: &dyn RunObserver,
    missing: &mut MissingColumns,
) -> Result<Vec<Extent>, BulkError> {
    let Some(path) = input.path() else {
        return Ok(Vec::new());
    };
    let length = input.state().map_or(0, |state| state.size);
    match input.format() {
        Format::Json => {
            observer.planned(length);
            Ok(vec![Extent::Document])
        }
        Format::Ndjson => {
            observer.planned(length);
            let ranges = ndjson::cut(path, length, part_bytes).map_err(BulkError::file(path))?;
            let lines = |(from, to)| Extent::Lines { from, to };
            Ok(ranges.into_iter().map(lines).collect())
        }
        Format::Csv => {
            let file = fs::File::open(path).map_err(BulkError::file(path))?;
            let reader = std::io::BufReader::new(file);
            let name = input.name();
            let delimiter = settings.table.delimiter;
            let delimiter = delimiter.unwrap_or_else(|| input.usual_delimiter());
            let limit = settings.record_bytes();
            let table = CsvTable::read(reader, &name, &settings.table, delimiter, limit)
                .map_err(|error| error.into_bulk_error(BulkError::file(path)))?;
            let Some(table) = table.map(Arc::new) else {
                return Ok(Vec::new());
            };
            missing.add(&settings.table.columns, table.positions());
            let ranges = csv::cut(path, &table, length, part_bytes, settings.threads, observer)?;
            observer.planned(length);
            observer.read(table.begin.offset);
            let records = |range: CsvRange| Extent::CsvRows {
                table: table.clone(),
                from: range.from,
                to: range.to,
                line_feeds: range.line_feeds,
            };
            Ok(ranges.into_iter().map(records).collect())
        }
        Format::Parquet => {
            let table = Arc::new(ParquetTable::open(path, &settings.table)?);
            missing.add(&settings.table.columns, table.positions());
            let groups = table.cut(part_bytes);
            observer.planned(groups.iter().map(|groups| groups.bytes).sum());
            let extent = |groups| Extent::RowGroups {
                table: table.clone(),
                groups,
            };
            Ok(groups.into_iter().map(extent).collect())
        }
    }
}
