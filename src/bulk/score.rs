//! A thread's work on a unit: histories are read, scored some hundred at a time, and handed over in their order.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::runtime::{Builder, Runtime};

use super::customers::Mark;
use super::entry::{Entry, Refused};
use super::unit::{Reading, Unit};
use super::{BulkError, Watch};
use microseg_model::Model;
use microseg_scoring::{Scoring, Unscored, score_each};
use microseg_timing::Timing;

/// Histories that go through the network together.
const CHUNK: usize = 256;

/// Refused customers whom the watch is told about; the others are counted.
const TOLD: u64 = 10;

/// What became of one customer.
pub(super) type Answer = Result<Scoring, Refused>;

/// Where answers go.
pub(super) type Write<'a> = dyn FnMut(&[Answer]) -> Result<(), BulkError> + 'a;

/// What all threads of a run share.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Set when one thread has failed: then the others end too.
    failed: AtomicBool,
    told: AtomicU64,
}

impl Progress {
    pub(super) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Passes on what a thread has come to, and tells the others when that is a fault.
    pub(super) fn of(&self, worked: Result<(), BulkError>) -> Result<(), BulkError> {
        if worked.is_err() {
            self.fail();
        }
        worked
    }
}

/// What a unit held.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) customers: u64,
    pub(super) refused: u64,
    /// The customers whose rows begin in it, where it is of a table.
    pub(super) marks: Vec<Mark>,
}

/// Scores units on the thread that it was made on.
pub(super) struct Scorer<'a> {
    model: &'a Model,
    runtime: Runtime,
    progress: &'a Progress,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(model: &'a Model, progress: &'a Progress) -> Result<Self, BulkError> {
        let runtime = Builder::new_current_thread().build();
        Ok(Self {
            model,
            runtime: runtime.map_err(|_| BulkError::Thread)?,
            progress,
        })
    }

    /// Scores all customers of a unit.
    pub(super) fn run(
        &self,
        unit: &Unit,
        reading: &Reading<'_>,
        write: &mut Write<'_>,
    ) -> Result<Done, BulkError> {
        let mut done = Done::default();
        let mut chunk = Vec::with_capacity(CHUNK);
        let marks = unit.read(reading, &mut |entry| {
            chunk.push(entry);
            if chunk.len() == CHUNK {
                let chunk = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
                self.answer(unit, chunk, reading.watch, &mut done, write)?;
            }
            Ok(())
        })?;
        self.answer(unit, chunk, reading.watch, &mut done, write)?;
        done.marks = marks;
        Ok(done)
    }

    fn answer(
        &self,
        unit: &Unit,
        chunk: Vec<Entry>,
        watch: &dyn Watch,
        done: &mut Done,
        write: &mut Write<'_>,
    ) -> Result<(), BulkError> {
        if watch.interrupted() || self.progress.has_failed() {
            return Err(BulkError::Interrupted);
        }
        if chunk.is_empty() {
            return Ok(());
        }
        let mut timing = Timing::default();
        let scored = score_each(self.model, chunk, &mut timing);
        let scored = self.runtime.block_on(scored).into_iter();
        let answers = scored
            .map(|scored| match scored {
                Ok(scoring) => Ok(Ok(scoring)),
                Err(Unscored::Refused(refused)) => Ok(Err(refused)),
                Err(Unscored::Failed(error)) => Err(error),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut refused = 0;
        for answer in &answers {
            if let Err(refusal) = answer {
                refused += 1;
                self.tell(unit, refusal, watch)?;
            }
        }
        write(&answers)?;
        let customers = answers.len() as u64;
        watch.done(customers, refused);
        done.customers += customers;
        done.refused += refused;
        Ok(())
    }

    fn tell(&self, unit: &Unit, refusal: &Refused, watch: &dyn Watch) -> Result<(), BulkError> {
        if self.progress.told.fetch_add(1, Ordering::Relaxed) < TOLD {
            let place = unit.place_in_input(refusal.place)?;
            watch.refused(&unit.input.name(), place, &refusal.problem);
        }
        Ok(())
    }
}
