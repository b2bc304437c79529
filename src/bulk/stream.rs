//! Answers into one stream, in the order of the inputs, while many threads make them.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::customers::Customers;
use super::score::{Progress, Scorer};
use super::sink::write_lines;
use super::units::Units;
use super::{Bulk, BulkError};

/// Chunks of a unit that wait for the units before it; then its thread waits too, so that memory stays bounded.
const WAITING_CHUNKS: usize = 4;

/// What a thread of a run does: it takes units until there are none.
struct Worker<'a> {
    bulk: Bulk<'a>,
    units: &'a Mutex<Units>,
    customers: &'a Customers,
    progress: &'a Progress,
    /// Takes the stream of each unit, in order.
    order: SyncSender<Receiver<Vec<u8>>>,
}

impl Bulk<'_> {
    /// Writes a line of JSON for each customer, in the order of the inputs.
    ///
    /// # Errors
    /// [`BulkError`]; [`BulkError::Write`] when the stream takes no more. What was written before stays.
    pub fn write_to(&self, stream: &mut dyn Write) -> Result<(), BulkError> {
        let units = Units::plan(self.inputs, self.settings, self.part_bytes, self.watch)?;
        let units = Mutex::new(units);
        let (customers, progress) = (Customers::default(), Progress::default());
        let threads = self.settings.threads.max(1);
        let (order, ordered) = sync_channel(threads);
        thread::scope(|scope| {
            let running: Vec<_> = (0..threads)
                .map(|_| {
                    let worker = Worker {
                        bulk: *self,
                        units: &units,
                        customers: &customers,
                        progress: &progress,
                        order: order.clone(),
                    };
                    scope.spawn(move || worker.run())
                })
                .collect();
            drop(order);
            let written = write_in_order(&ordered, stream, &progress);
            // Threads that wait to be heard are not heard any more.
            drop(ordered);
            let mut ended = written.map_err(BulkError::Write);
            for thread in running {
                let worked = thread.join().unwrap_or(Err(BulkError::Thread));
                ended = first_fault(ended, worked);
            }
            ended
        })
    }
}

/// An interruption follows from whatever else went wrong.
pub(super) fn first_fault(
    one: Result<(), BulkError>,
    other: Result<(), BulkError>,
) -> Result<(), BulkError> {
    match (one, other) {
        (Ok(()) | Err(BulkError::Interrupted), Err(error)) => Err(error),
        (one, _) => one,
    }
}

fn write_in_order(
    ordered: &Receiver<Receiver<Vec<u8>>>,
    stream: &mut dyn Write,
    progress: &Progress,
) -> io::Result<()> {
    for chunks in ordered {
        for chunk in chunks {
            if let Err(error) = stream.write_all(&chunk) {
                progress.fail();
                return Err(error);
            }
        }
        // A unit that ended early leaves a gap: nothing may stand behind it.
        if progress.has_failed() {
            return Ok(());
        }
    }
    stream.flush()
}

impl Worker<'_> {
    fn run(self) -> Result<(), BulkError> {
        self.progress.of(self.work())
    }

    fn work(&self) -> Result<(), BulkError> {
        let Bulk {
            model,
            settings,
            part_bytes,
            ..
        } = self.bulk;
        let scorer = Scorer::new(model, self.progress)?;
        let reading = self.bulk.reading(self.customers);
        loop {
            let (sender, chunks) = sync_channel(WAITING_CHUNKS);
            let unit = {
                // Who takes the next unit must also be the next in the order.
                let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
                let Some((_, unit)) = units.next(settings, part_bytes)? else {
                    return Ok(());
                };
                if self.order.send(chunks).is_err() {
                    return Err(BulkError::Interrupted);
                }
                unit
            };
            scorer.run(&unit, &reading, &mut |answers| {
                let mut bytes = Vec::new();
                write_lines(&mut bytes, answers).map_err(BulkError::Write)?;
                sender.send(bytes).map_err(|_| BulkError::Interrupted)
            })?;
        }
    }
}
