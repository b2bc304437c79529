//! State of a history that has ended: what a later request needs to go on with it.

use super::close::Framing;
use super::continuation::{CHECKPOINT_STEPS, Checkpoint, Continuation, Earlier};
use super::counts::Counts;
use super::declaration::EventWindow;
use super::event::Event;
use super::ledger::Ledger;
use super::period::PeriodKind;
use microseg_history::{Moment, TransactionSink};

impl Framing<'_> {
    /// What a later request needs of periods; `None` without a transaction.
    pub(super) fn kept_periods(
        &self,
        ledger: &Ledger,
        events: &[Event],
        window: usize,
        earlier: Counts,
    ) -> Option<Continuation> {
        let first = ledger.first_of_window(window)?;
        let newest = ledger.newest()?;
        let in_window = |event: &&Event| ledger.period_of(event.moment()).number() >= first;
        let (ledger, dropped) = ledger.save_window(window);
        Some(Continuation {
            time_zone: self.times.zone.name().map(str::to_owned),
            currencies: self.currencies,
            newest: newest.into(),
            counts: earlier.plus(dropped),
            ledger,
            events: events.iter().filter(in_window).map(Event::save).collect(),
            checkpoint: None,
        })
    }

    /// What a later request needs of events. Without a window these are the events since the last checkpoint.
    pub(super) fn kept_events(
        &self,
        events: &[Event],
        newest: Moment,
        window: EventWindow,
        dropped: u64,
        earlier: &Earlier,
    ) -> Option<Continuation> {
        // Events of the newest moment may still get others before them.
        let settled = events.partition_point(|event| event.moment() < newest);
        let done = if window.is_unlimited() {
            settled - settled % CHECKPOINT_STEPS
        } else {
            0
        };
        let (before, since) = events.split_at(done);
        let mut counts = earlier.counts.plus(Counts {
            transactions: dropped,
            out_of_window: dropped,
            ..Counts::default()
        });
        let mut ledger = earlier.ledger.clone();
        let mut checkpoint = earlier.checkpoint.clone();
        if let (Some(last), Some(next)) = (before.last(), since.first()) {
            let mut months = self.ledger(PeriodKind::Month, None);
            months.restore(ledger, last.moment())?;
            for event in before {
                months.add(event.transaction);
            }
            let month = months.period_of(next.moment()).number();
            let older;
            (ledger, older) = months.save_from(month);
            counts = counts.plus(older);
            let steps = checkpoint.map_or(0, |checkpoint| checkpoint.steps);
            checkpoint = Some(Checkpoint {
                steps: steps + done as u64,
                previous: last.moment().into(),
                state: Vec::new(),
            });
        }
        Some(Continuation {
            time_zone: self.times.zone.name().map(str::to_owned),
            currencies: self.currencies,
            newest: newest.into(),
            counts,
            ledger,
            events: since.iter().map(Event::save).collect(),
            checkpoint,
        })
    }
}
