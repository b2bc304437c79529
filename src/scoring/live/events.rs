//! Trajectory over the transactions of a history that arrives, where these are the steps.

use super::patience::run_when_free;
use super::report::{ClosedScore, Event, EventScore, Every, LiveError, end_of};
use crate::scored::recurrent_state;
use microseg_encoding::{
    CHECKPOINT_STEPS, Checkpoint, Closed, ClosedEvent, Continuation, EventWindow, LiveHistory,
    Window,
};
use microseg_model::{Batch, Model, RecurrentState, Trajectories};
use microseg_timing::Timing;

/// The trajectory so far, and what its next steps need.
pub(crate) struct LiveEvents {
    /// Whether the network reads every event: then a run goes on from a state before.
    is_unlimited: bool,
    /// Places at which the run over all events so far is cut, with the recurrent state there; none for zeros.
    cuts: Vec<(usize, Option<RecurrentState>)>,
    /// Events that have closed.
    closed: usize,
}

impl LiveEvents {
    /// The trajectory of a history to which no transaction was added yet.
    pub(crate) fn new(model: &Model, history: &LiveHistory) -> Self {
        let checkpoint = history.continuation().and_then(Continuation::checkpoint);
        let state = checkpoint.map(Checkpoint::state);
        let window = model.encoder().declaration().window();
        Self {
            is_unlimited: matches!(window, Window::Events(window) if EventWindow::is_unlimited(window)),
            cuts: vec![(0, state.map(|state| recurrent_state(model, state)))],
            closed: 0,
        }
    }

    /// Runs what is to be reported after a step that has closed.
    pub(crate) async fn step(
        &mut self,
        model: &Model,
        history: &LiveHistory,
        closed: Closed,
        every: Every,
        timing: &mut Timing,
    ) -> Result<Option<Event>, LiveError> {
        match closed {
            Closed::Event(event) => {
                self.closed = event.count;
                match every {
                    Every::Transactions(count) if event.number % count == 0 => {
                        let ran = self.run(model, history, timing).await?;
                        Ok(Some(Event::Transaction(score(model, event, &ran))))
                    }
                    _ => Ok(None),
                }
            }
            Closed::Month { period, sum } if every == Every::Period => {
                let ran = self.run(model, history, timing).await?;
                let period = period.to_string();
                Ok(Some(Event::Period(ClosedScore::new(
                    model, period, sum, &ran,
                ))))
            }
            Closed::Month { .. } | Closed::Period(_) => Ok(None),
        }
    }

    /// The run over the events that have closed, as a scoring of them would cut it; its last chunk.
    async fn run(
        &mut self,
        model: &Model,
        history: &LiveHistory,
        timing: &mut Timing,
    ) -> Result<Trajectories, LiveError> {
        if !self.is_unlimited {
            self.cuts = vec![(0, None)];
        }
        let (mut done, mut state) = self.take_cut(model);
        let inputs = history.inputs_of_events(self.closed, done)?;
        let (begin, steps) = (done, inputs.steps());
        let inputs = Batch::of_steps(inputs.numbers, inputs.categories);
        loop {
            let from = done - begin;
            let to = from + model.next_run(steps - from);
            let batch = inputs.steps_of(from..to).after(state);
            let ran = run_when_free(model, batch, timing).await?;
            done = begin + to;
            state = Some(ran.recurrent_state.clone());
            self.cuts.push((done, state.clone()));
            if to == steps {
                return Ok(ran);
            }
        }
    }

    /// The last cut that a run over the events that have closed has too; those behind it are dropped, and those that no run can
    /// need any more.
    fn take_cut(&mut self, model: &Model) -> (usize, Option<RecurrentState>) {
        // The first cut is after whole chunks of the longest kind, which every longer run has too.
        let mut place = self.cuts.first().map_or(0, |(cut, _)| *cut);
        let mut places = vec![place];
        while place < self.closed {
            place += model.next_run(self.closed - place);
            places.push(place);
        }
        // The last place is the end: the last chunk is always run.
        places.pop();
        self.cuts.retain(|(cut, _)| places.contains(cut));
        let settled = self
            .cuts
            .iter()
            .rposition(|(cut, _)| cut % CHECKPOINT_STEPS == 0);
        self.cuts.drain(..settled.unwrap_or(0));
        self.cuts.last().cloned().unwrap_or((0, None))
    }
}

fn score(model: &Model, event: ClosedEvent, ran: &Trajectories) -> EventScore {
    let space = &model.manifest().space;
    let (state, traits) = end_of(model, ran);
    EventScore {
        number: event.number,
        id: event.id,
        timestamp: event.moment.to_string(),
        segment: space.segments().locate(&state),
        attractor: space.attractors().near(&state),
        state,
        traits,
    }
}
