//! All units of a run, in the order of the inputs.

use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;

use super::csv::{self, CsvTable};
use super::parquet::ParquetTable;
use super::run::Settings;
use super::stdin::Piped;
use super::unit::{Span, Unit};
use super::{BulkError, Format, Input, Watch, ndjson};

/// Gives the units one after the other: those of files are known, those of standard input come as they are read.
pub(super) struct Units {
    planned: VecDeque<Planned>,
    piped: Option<Piped>,
    next: u64,
}

enum Planned {
    Unit(Unit),
    Pipe(Arc<Input>),
}

impl Units {
    /// Looks through the files and cuts them.
    pub(super) fn plan(
        inputs: &[Input],
        settings: &Settings,
        part_bytes: u64,
        watch: &dyn Watch,
    ) -> Result<Self, BulkError> {
        let mut planned = VecDeque::new();
        for input in inputs {
            let input = Arc::new(input.clone());
            if input.path().is_none() {
                planned.push_back(Planned::Pipe(input));
                continue;
            }
            let spans = cut(&input, settings, part_bytes, watch)?;
            planned.extend(spans.into_iter().map(|span| {
                let input = input.clone();
                Planned::Unit(Unit { input, span })
            }));
        }
        Ok(Self {
            planned,
            piped: None,
            next: 0,
        })
    }

    /// The next unit and its number, from 0.
    pub(super) fn next(
        &mut self,
        settings: &Settings,
        part_bytes: u64,
    ) -> Result<Option<(u64, Unit)>, BulkError> {
        loop {
            if let Some(piped) = &mut self.piped {
                if let Some(unit) = piped.next(settings, part_bytes)? {
                    return Ok(Some(self.numbered(unit)));
                }
                self.piped = None;
            }
            match self.planned.pop_front() {
                None => return Ok(None),
                Some(Planned::Unit(unit)) => return Ok(Some(self.numbered(unit))),
                Some(Planned::Pipe(input)) => self.piped = Some(Piped::new(input)),
            }
        }
    }

    /// How many units the files have.
    pub(super) fn of_files(&self) -> u64 {
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
    settings: &Settings,
    part_bytes: u64,
    watch: &dyn Watch,
) -> Result<Vec<Span>, BulkError> {
    let Some(path) = input.path() else {
        return Ok(Vec::new());
    };
    let length = fs::metadata(path).map_err(BulkError::file(path))?.len();
    match input.format() {
        Format::Json => {
            watch.planned(length);
            Ok(vec![Span::Whole])
        }
        Format::Ndjson => {
            watch.planned(length);
            let ranges = ndjson::cut(path, length, part_bytes).map_err(BulkError::file(path))?;
            let lines = |(from, to)| Span::Lines { from, to };
            Ok(ranges.into_iter().map(lines).collect())
        }
        Format::Csv => {
            let file = fs::File::open(path).map_err(BulkError::file(path))?;
            let reader = std::io::BufReader::new(file);
            let name = input.name();
            let table = CsvTable::read(reader, &name, &settings.table, settings.record_bytes())
                .map_err(|error| error.of(BulkError::file(path)))?;
            let Some(table) = table.map(Arc::new) else {
                return Ok(Vec::new());
            };
            let ranges = csv::cut(path, &table, length, part_bytes, settings.threads, watch)?;
            watch.planned(length);
            watch.read(table.begin.offset);
            let records = |range: csv::Range| Span::Records {
                table: table.clone(),
                from: range.from,
                to: range.to,
                line_feeds: range.line_feeds,
            };
            Ok(ranges.into_iter().map(records).collect())
        }
        Format::Parquet => {
            let table = Arc::new(ParquetTable::open(path, &settings.table)?);
            let groups = table.cut(part_bytes);
            watch.planned(groups.iter().map(|groups| groups.bytes).sum());
            let span = |groups| Span::Groups {
                table: table.clone(),
                groups,
            };
            Ok(groups.into_iter().map(span).collect())
        }
    }
}
