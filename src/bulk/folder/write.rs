//! Scores into a folder: whatever part is there already is left alone.

use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use arrow_schema::Schema;

use super::part::{self, Part};
use super::{marks, plan};
use crate::customers::Customers;
use crate::score::{Progress, Scorer};
use crate::sink::schema;
use crate::stream::first_fault;
use crate::units::Units;
use crate::{Bulk, BulkError, Shard};

/// What parts are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// A line of JSON for each customer.
    Ndjson,
    /// A row for each customer.
    Parquet,
}

impl OutputFormat {
    /// The extension of the parts.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

impl FromStr for OutputFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "ndjson" => Ok(Self::Ndjson),
            "parquet" => Ok(Self::Parquet),
            _ => Err("expected ndjson or parquet"),
        }
    }
}

/// What a run into a folder has come to. Parts that were there before count like those that it wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Parts of this shard.
    pub parts: u64,
    /// Those that were there before.
    pub found: u64,
    /// Customers in the shard's parts.
    pub customers: u64,
    /// Those of them who were refused.
    pub refused: u64,
}

/// What the threads of a run into a folder share.
struct Shared<'a> {
    bulk: Bulk<'a>,
    folder: &'a Path,
    to: OutputFormat,
    shard: Shard,
    schema: Option<Arc<Schema>>,
    units: Mutex<Units>,
    customers: Customers,
    progress: Progress,
    parts: AtomicU64,
    found: AtomicU64,
    scored: AtomicU64,
    refused: AtomicU64,
}

impl Bulk<'_> {
    /// Writes a part for each unit of this shard, and leaves those alone that are there.
    ///
    /// # Errors
    /// [`BulkError`]; parts that are finished by then stay, and the next run goes on behind them.
    pub fn write_parts(
        &self,
        folder: &Path,
        to: OutputFormat,
        shard: Shard,
    ) -> Result<Outcome, BulkError> {
        let schema = match to {
            OutputFormat::Ndjson => None,
            OutputFormat::Parquet => Some(schema(self.model)?),
        };
        let units = Units::plan(self.inputs, self.settings, self.part_bytes, self.watch)?;
        plan::keep_to(folder, self, to)?;
        marks::prepare(folder).map_err(BulkError::file(folder))?;
        let of_files = units.of_files();
        let run = Shared {
            bulk: *self,
            folder,
            to,
            shard,
            schema,
            customers: meet_finished(folder, to, of_files)?,
            units: Mutex::new(units),
            progress: Progress::default(),
            parts: AtomicU64::default(),
            found: AtomicU64::default(),
            scored: AtomicU64::default(),
            refused: AtomicU64::default(),
        };
        let ended = thread::scope(|scope| {
            let running: Vec<_> = (0..self.settings.threads.max(1))
                .map(|_| scope.spawn(|| run.run()))
                .collect();
            let ended = running.into_iter().map(|thread| {
                let worked = thread.join();
                worked.unwrap_or(Err(BulkError::Thread))
            });
            ended.fold(Ok(()), first_fault)
        });
        ended?;
        if shard.is_one_of_several() {
            // The other shards' customers have been met by other processes. Whoever ends last sees them all.
            meet_finished(folder, to, of_files)?;
        }
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Ok(Outcome {
            parts: count(&run.parts),
            found: count(&run.found),
            customers: count(&run.scored),
            refused: count(&run.refused),
        })
    }
}

/// Meets the customers of all parts that are there, whichever process has written them.
fn meet_finished(folder: &Path, to: OutputFormat, units: u64) -> Result<Customers, BulkError> {
    let customers = Customers::default();
    for number in 0..units {
        let place = part::place(folder, number, to);
        if place.try_exists().map_err(BulkError::file(&place))? {
            let kept = marks::read(folder, number).map_err(BulkError::file(&place))?;
            for mark in kept.marks {
                if !customers.meet(mark) {
                    return Err(BulkError::NotTogetherInParts(place));
                }
            }
        }
    }
    Ok(customers)
}

impl Shared<'_> {
    fn run(&self) -> Result<(), BulkError> {
        self.progress.of(self.work())
    }

    fn work(&self) -> Result<(), BulkError> {
        let Bulk {
            model,
            settings,
            part_bytes,
            watch,
            ..
        } = self.bulk;
        let scorer = Scorer::new(model, &self.progress)?;
        let reading = self.bulk.reading(&self.customers);
        loop {
            let next = {
                let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
                units.next(settings, part_bytes)?
            };
            let Some((number, unit)) = next else {
                return Ok(());
            };
            if !self.shard.takes(number) {
                watch.read(unit.bytes());
                continue;
            }
            let (folder, to, schema) = (self.folder, self.to, self.schema.as_ref());
            let done = match Part::begin(folder, number, to, schema, model)? {
                None => {
                    watch.read(unit.bytes());
                    self.found.fetch_add(1, Ordering::Relaxed);
                    marks::read(folder, number).map_err(BulkError::file(folder))?
                }
                Some(mut part) => {
                    let written = &mut |answers: &[_]| part.write(answers);
                    let done = scorer.run(&unit, &reading, written)?;
                    part.finish(&done)?;
                    done
                }
            };
            self.parts.fetch_add(1, Ordering::Relaxed);
            self.scored.fetch_add(done.customers, Ordering::Relaxed);
            self.refused.fetch_add(done.refused, Ordering::Relaxed);
        }
    }
}
