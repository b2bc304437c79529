//! Output into one stream: many threads score, and the answers are written in the order of the inputs.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use parking_lot::Mutex;

use super::ndjson_lines::write_lines;
use crate::error::BulkError;
use crate::read::SeenCustomers;
use crate::score::{BulkRun, RunStatus, Scorer};
use crate::threads::first_error;
use crate::units::UnitQueue;

/// Chunks of a unit that may wait for the units before it; then its thread waits too, so that memory stays bounded.
const WAITING_CHUNKS: usize = 4;

/// One thread of a run, which scores units until there are none.
struct Worker<'a> {
    run: BulkRun<'a>,
    units: &'a Mutex<UnitQueue>,
    customers: &'a SeenCustomers,
    status: &'a RunStatus,
    /// Takes the channel of each unit's chunks, in order.
    order: SyncSender<Receiver<Vec<u8>>>,
}

impl BulkRun<'_> {
    /// Writes a line of JSON for each customer, in the order of the inputs.
    ///
    /// # Errors
    /// [`BulkError`]; [`BulkError::Write`] when the stream takes no more. What was written before stays.
    pub fn write_to(&self, stream: &mut dyn Write) -> Result<(), BulkError> {
        let units = UnitQueue::plan(self.inputs, self.settings, self.part_bytes, self.observer)?;
        let units = Mutex::new(units);
        let (customers, status) = (SeenCustomers::default(), RunStatus::default());
        let threads = self.settings.threads.max(1);
        let (order, ordered) = sync_channel(threads);
        thread::scope(|scope| {
            let running: Vec<_> = (0..threads)
                .map(|_| {
                    let worker = Worker {
                        run: *self,
                        units: &units,
                        customers: &customers,
                        status: &status,
                        order: order.clone(),
                    };
                    scope.spawn(move || worker.score_units())
                })
                .collect();
            drop(order);
            let written = write_in_order(&ordered, stream, &status);
            // Threads that wait to send end with an error.
            drop(ordered);
            let mut result = written.map_err(BulkError::Write);
            for thread in running {
                let worked = thread.join().unwrap_or(Err(BulkError::Thread));
                result = first_error(result, worked);
            }
            result
        })
        .or_else(|error| self.caused_by_change(error))?;
        let changed = self.changed_inputs().next();
        changed.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// The error that a changed input explains; the reader of the stream has not closed it because of that.
    fn caused_by_change(&self, error: BulkError) -> Result<(), BulkError> {
        match error {
            BulkError::Write(_) => Err(error),
            error => Err(self
                .changed_inputs()
                .next()
                .map_or(error, |(_, changed)| changed)),
        }
    }
}

fn write_in_order(
    ordered: &Receiver<Receiver<Vec<u8>>>,
    stream: &mut dyn Write,
    status: &RunStatus,
) -> io::Result<()> {
    for chunks in ordered {
        for chunk in chunks {
            if let Err(error) = stream.write_all(&chunk) {
                status.fail();
                return Err(error);
            }
        }
        // A unit that ended early leaves a gap: nothing may be written after it.
        if status.has_failed() {
            return Ok(());
        }
    }
    stream.flush()
}

impl Worker<'_> {
    fn score_units(self) -> Result<(), BulkError> {
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
        let scorer = Scorer::new(model, self.status)?;
        let context = self.run.unit_context(self.customers);
        loop {
            let (sender, chunks) = sync_channel(WAITING_CHUNKS);
            let unit = {
                // Held while the channel is sent, so that channels are in the order of the units.
                let mut units = self.units.lock();
                let Some((_, unit)) = units.next(settings, part_bytes, observer)? else {
                    return Ok(());
                };
                if self.order.send(chunks).is_err() {
                    return Err(BulkError::Interrupted);
                }
                unit
            };
            scorer.run(&unit, &context, &mut |answers| {
                let mut bytes = Vec::new();
                write_lines(&mut bytes, answers).map_err(BulkError::Write)?;
                sender.send(bytes).map_err(|_| BulkError::Interrupted)
            })?;
        }
    }
}
