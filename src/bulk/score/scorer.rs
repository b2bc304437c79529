//! Scoring of one unit on one thread: histories are read, scored in chunks, and written in order.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::runtime::{Builder, Runtime};

use microseg_model::Model;
use microseg_scoring::{Scoring, Unscored, score_each};
use microseg_timing::Timing;

use crate::error::BulkError;
use crate::history_result::{HistoryResult, Refusal};
use crate::observer::RunObserver;
use crate::read::{CustomerHash, UnitContext};
use crate::units::Unit;

/// Histories that are scored together.
const CHUNK: usize = 256;

/// Refusals that are reported to the observer; further ones are only counted.
const REPORTED_REFUSALS: u64 = 10;

/// A customer's scoring or refusal.
pub(crate) type Answer = Result<Scoring, Refusal>;

/// Called with the answers of a unit, in order.
pub(crate) type AnswerWriter<'a> = dyn FnMut(&[Answer]) -> Result<(), BulkError> + 'a;

/// State that the threads of a run share.
#[derive(Debug, Default)]
pub(crate) struct RunStatus {
    /// Set when one thread has failed: then the others end too.
    failed: AtomicBool,
    /// Refusals that were reported.
    reported: AtomicU64,
}

impl RunStatus {
    pub(crate) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Passes a thread's result on, and marks the run as failed when it is an error.
    pub(crate) fn record(&self, result: Result<(), BulkError>) -> Result<(), BulkError> {
        if result.is_err() {
            self.fail();
        }
        result
    }
}

/// The customers of a unit.
#[derive(Debug, Default)]
pub(crate) struct UnitSummary {
    pub(crate) customers: u64,
    pub(crate) refused: u64,
    /// The customers whose rows begin in it, where it is of a table.
    pub(crate) hashes: Vec<CustomerHash>,
}

/// Scores units on the thread that it was made on.
pub(crate) struct Scorer<'a> {
    model: &'a Model,
    runtime: Runtime,
    status: &'a RunStatus,
}

impl<'a> Scorer<'a> {
    pub(crate) fn new(model: &'a Model, status: &'a RunStatus) -> Result<Self, BulkError> {
        let runtime = Builder::new_current_thread().build();
        Ok(Self {
            model,
            runtime: runtime.map_err(|_| BulkError::Thread)?,
            status,
        })
    }

    /// Scores all customers of a unit.
    pub(crate) fn run(
        &self,
        unit: &Unit,
        context: &UnitContext<'_>,
        write: &mut AnswerWriter<'_>,
    ) -> Result<UnitSummary, BulkError> {
        let mut done = UnitSummary::default();
        let mut chunk = Vec::with_capacity(CHUNK);
        let hashes = unit.read(context, &mut |history| {
            chunk.push(history);
            if chunk.len() == CHUNK {
                let chunk = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
                self.answer(unit, chunk, context.observer, &mut done, write)?;
            }
            Ok(())
        })?;
        // What was read is whole and of one state only if the file still is as it was.
        unit.input.require_unchanged()?;
        self.answer(unit, chunk, context.observer, &mut done, write)?;
        done.hashes = hashes;
        Ok(done)
    }

    fn answer(
        &self,
        unit: &Unit,
        chunk: Vec<HistoryResult>,
        observer: &dyn RunObserver,
        done: &mut UnitSummary,
        write: &mut AnswerWriter<'_>,
    ) -> Result<(), BulkError> {
        if observer.interrupted() || self.status.has_failed() {
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
                Ok(scored) => Ok(Ok(scored.scoring)),
                Err(Unscored::Refused(refused)) => Ok(Err(refused)),
                Err(Unscored::Failed(error)) => Err(error),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut refused = 0;
        for answer in &answers {
            if let Err(refusal) = answer {
                refused += 1;
                self.report(unit, refusal, observer)?;
            }
        }
        write(&answers)?;
        let customers = answers.len() as u64;
        observer.done(customers, refused);
        done.customers += customers;
        done.refused += refused;
        Ok(())
    }

    fn report(
        &self,
        unit: &Unit,
        refusal: &Refusal,
        observer: &dyn RunObserver,
    ) -> Result<(), BulkError> {
        if self.status.reported.fetch_add(1, Ordering::Relaxed) < REPORTED_REFUSALS {
            let position = unit.position_in_input(refusal.position)?;
            observer.refused(&unit.input.name(), position, &refusal.problem);
        }
        Ok(())
    }
}
