//! Run into a folder: parts that exist are skipped, the others are scored and written.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use arrow_schema::Schema;
use parking_lot::Mutex;

use super::durable::sync_folder;
use super::format::OutputFormat;
use super::part::{self, OutputPart};
use super::{plan, summaries};
use crate::error::BulkError;
use crate::input::Input;
use crate::output::parquet_table::schema;
use crate::read::SeenCustomers;
use crate::score::{BulkRun, RunStatus, Scorer};
use crate::shard::Shard;
use crate::threads::first_error;
use crate::units::UnitQueue;

/// Summary of a run into a folder. Parts that existed before count like those that the run wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FolderSummary {
    /// Parts of this shard.
    pub parts: u64,
    /// Those that existed before.
    pub found: u64,
    /// Customers in the shard's parts.
    pub customers: u64,
    /// Those that were refused.
    pub refused: u64,
}

/// State that the threads of a run into a folder share.
struct FolderRun<'a> {
    run: BulkRun<'a>,
    folder: &'a Path,
    to: OutputFormat,
    shard: Shard,
    schema: Option<Arc<Schema>>,
    units: Mutex<UnitQueue>,
    customers: SeenCustomers,
    status: RunStatus,
    parts: AtomicU64,
    found: AtomicU64,
    /// The parts of this shard that exist, with their inputs.
    existing: Mutex<Vec<(u64, Arc<Input>)>>,
    scored: AtomicU64,
    refused: AtomicU64,
}

impl BulkRun<'_> {
    /// Writes a part for each unit of this shard; parts that exist are skipped.
    ///
    /// # Errors
    /// [`BulkError`]; finished parts stay, and the next run continues after them.
    pub fn write_parts(
        &self,
        folder: &Path,
        to: OutputFormat,
        shard: Shard,
    ) -> Result<FolderSummary, BulkError> {
        let schema = match to {
            OutputFormat::Ndjson => None,
            OutputFormat::Parquet => Some(schema(self.model)?),
        };
        let units = UnitQueue::plan(self.inputs, self.settings, self.part_bytes, self.observer)?;
        plan::write_or_compare(folder, self, to)?;
        summaries::prepare(folder)?;
        // A run before may have ended between a part's rename and its sync.
        sync_folder(folder).map_err(BulkError::output(folder))?;
        let planned = units.planned_units();
        let folder_run = FolderRun {
            run: *self,
            folder,
            to,
            shard,
            schema,
            customers: read_finished(folder, to, planned)?,
            units: Mutex::new(units),
            status: RunStatus::default(),
            parts: AtomicU64::default(),
            found: AtomicU64::default(),
            existing: Mutex::default(),
            scored: AtomicU64::default(),
            refused: AtomicU64::default(),
        };
        let result = thread::scope(|scope| {
            let running: Vec<_> = (0..self.settings.threads.max(1))
                .map(|_| scope.spawn(|| folder_run.score_units()))
                .collect();
            let results = running.into_iter().map(|thread| {
                let result = thread.join();
                result.unwrap_or(Err(BulkError::Thread))
            });
            results.fold(Ok(()), first_error)
        });
        folder_run.remove_parts_of_changed_inputs()?;
        result?;
        if shard.is_one_of_several() {
            // Other processes have written the other shards: the last one to end compares the customers of all parts.
            read_finished(folder, to, planned)?;
        }
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Ok(FolderSummary {
            parts: count(&folder_run.parts),
            found: count(&folder_run.found),
            customers: count(&folder_run.scored),
            refused: count(&folder_run.refused),
        })
    }
}

/// The customers of all parts that exist, whichever process has written them.
fn read_finished(folder: &Path, to: OutputFormat, units: u64) -> Result<SeenCustomers, BulkError> {
    let customers = SeenCustomers::default();
    for number in 0..units {
        let path = part::path_of(folder, number, to);
        if path.try_exists().map_err(BulkError::output(&path))? {
            let summary = summaries::read(folder, number)?;
            for hash in summary.hashes {
                if !customers.insert(hash) {
                    return Err(BulkError::NotTogetherInParts(path));
                }
            }
        }
    }
    Ok(customers)
}

impl FolderRun<'_> {
    /// A part whose input has changed since is not of that input: it must not be taken for it.
    ///
    /// # Errors
    /// [`BulkError::InputChanged`] with the first input that has.
    fn remove_parts_of_changed_inputs(&self) -> Result<(), BulkError> {
        let mut first = Ok(());
        for (input, error) in self.run.changed_inputs() {
            let existing = self.existing.lock();
            for (number, _) in existing.iter().filter(|(_, of)| of.path() == input.path()) {
                first = first.and(part::remove(self.folder, *number, self.to));
            }
            first = first.and(Err(error));
        }
        if first.is_err() {
            // A power cut must not bring them back.
            sync_folder(self.folder).map_err(BulkError::output(self.folder))?;
        }
        first
    }

    fn score_units(&self) -> Result<(), BulkError> {
        self.status.record(self.work())
    }

    fn work(&self) -> Result<(), BulkError> {
        let BulkRun {
            model,
            settings,
            part_bytes,
            observer,
            ..
        } = self.run;
        let scorer = Scorer::new(model, &self.status)?;
        let context = self.run.unit_context(&self.customers);
        loop {
            let next = {
                let mut units = self.units.lock();
                units.next(settings, part_bytes, observer)?
            };
            let Some((number, unit)) = next else {
                return Ok(());
            };
            if !self.shard.takes(number) {
                observer.read(unit.bytes());
                continue;
            }
            let (folder, to, schema) = (self.folder, self.to, self.schema.as_ref());
            let summary = match OutputPart::begin(folder, number, to, schema, model)? {
                None => {
                    observer.read(unit.bytes());
                    self.found.fetch_add(1, Ordering::Relaxed);
                    summaries::read(folder, number)?
                }
                Some(mut part) => {
                    let written = &mut |answers: &[_]| part.write(answers);
                    let summary = scorer.run(&unit, &context, written)?;
                    part.finish(&summary)?;
                    summary
                }
            };
            self.existing.lock().push((number, unit.input));
            self.parts.fetch_add(1, Ordering::Relaxed);
            self.scored.fetch_add(summary.customers, Ordering::Relaxed);
            self.refused.fetch_add(summary.refused, Ordering::Relaxed);
        }
    }
}
