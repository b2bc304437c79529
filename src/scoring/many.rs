//! Scoring of many histories.

use crate::document::Scoring;
use crate::timed_run::run;
use microseg_encoding::{History, Profile};
use microseg_model::{Batch, Model, Priority, RunError, Trajectories};
use microseg_timing::Timing;

/// Why one of many histories has no scoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unscored<P> {
    /// It could not be read: what the caller passed in its place.
    Refused(P),
    /// The queue was full, or the network failed on it.
    Failed(RunError),
}

/// Scores many histories, in their order; those of one length run together. What could not be read passes through, and
/// an error of the network on one history does not affect the others.
///
/// Adds the times of the queue and the network to `timing`.
pub async fn score_each<P>(
    model: &Model,
    histories: Vec<Result<History, P>>,
    timing: &mut Timing,
) -> Vec<Result<Scoring, Unscored<P>>> {
    let mut runs = Runs::default();
    let mut places = Vec::with_capacity(histories.len());
    for history in &histories {
        places.push(
            history
                .as_ref()
                .ok()
                .map(|history| runs.add(model, history)),
        );
    }
    let mut ran = Vec::with_capacity(runs.0.len());
    for profiles in runs.0 {
        ran.push(run_together(model, profiles, timing).await);
    }
    let scored = |(history, place): (Result<History, P>, Option<(usize, usize)>)| {
        let history = history.map_err(Unscored::Refused)?;
        let (run, sequence) = place.unwrap_or_default();
        match &ran[run] {
            Ran::Together(trajectories) => Ok(Scoring::new(model, history, sequence, trajectories)),
            Ran::Apart(each) => match &each[sequence] {
                Ok(trajectories) => Ok(Scoring::new(model, history, 0, trajectories)),
                Err(error) => Err(Unscored::Failed(error.clone())),
            },
        }
    };
    histories.into_iter().zip(places).map(scored).collect()
}

/// Result of the sequences of one run.
enum Ran {
    Together(Box<Trajectories>),
    Apart(Vec<Result<Trajectories, RunError>>),
}

async fn run_together(model: &Model, profiles: Vec<Profile>, timing: &mut Timing) -> Ran {
    let shares: Vec<_> = profiles.iter().map(Profile::shares).collect();
    let batch = Batch::of_sequences(&shares);
    match run(model, Priority::Bulk, batch, timing).await {
        Ok(trajectories) => Ran::Together(Box::new(trajectories)),
        Err(RunError::Network(_)) if profiles.len() > 1 => {
            // One sequence may have caused the error: each runs again alone.
            let mut each = Vec::with_capacity(profiles.len());
            for profile in &profiles {
                let batch = Batch::of_sequence(profile.shares());
                each.push(run(model, Priority::Bulk, batch, timing).await);
            }
            Ran::Apart(each)
        }
        Err(error) => Ran::Apart(vec![Err(error); profiles.len()]),
    }
}

/// Profiles by run: those of one run are equally long, and not more than the batch limit.
#[derive(Default)]
struct Runs(Vec<Vec<Profile>>);

impl Runs {
    /// Adds the profile of a history; returns the number of its run, and its place in it.
    fn add(&mut self, model: &Model, history: &History) -> (usize, usize) {
        let profile = history.totals.profile();
        model.observe(&profile);
        let steps = profile.shares().nrows();
        let limit = model.batch_limit(steps);
        let mut open = self.0.iter_mut().enumerate().rev();
        let joined = open.find(|(_, run)| run[0].shares().nrows() == steps && run.len() < limit);
        if let Some((number, run)) = joined {
            run.push(profile);
            (number, run.len() - 1)
        } else {
            self.0.push(vec![profile]);
            (self.0.len() - 1, 0)
        }
    }
}
