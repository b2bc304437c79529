//! A customer as the global surrogate and the network read them.

use std::time::Instant;

use ndarray::Array2;

use super::cells::Cells;
use crate::baseline::{Baseline, BaselineKind};
use crate::division::Division;
use crate::error::ExplainError;
use crate::evaluation::{run_absent, run_customer};
use crate::level::Level;
use crate::subject::{Reencoded, Subject};
use microseg_encoding::{Inputs, Totals};
use microseg_model::{Model, Priority, Trajectories, design};
use microseg_scoring::{Steps, run_chunks};
use microseg_timing::Timing;

/// What a customer of periods is compared with: each share counts by itself.
const NO_SHARE: Baseline = Baseline {
    kind: BaselineKind::Absence,
    description: "no spending at all in the same periods: each share counts from zero, while the others stay as they are",
};

/// What a customer of events is compared with.
const NO_STEP: Baseline = Baseline {
    kind: BaselineKind::Absence,
    description: "one step of padding, which is no event: what each event adds counts from zero, while the others stay as they are",
};

/// What the surrogate reads of a customer, and what the network gives for them.
pub(super) struct Read {
    /// `[T, U]`.
    pub(super) design: Array2<f32>,
    pub(super) customer: Trajectories,
    /// Of the baseline.
    pub(super) absent: Trajectories,
    pub(super) baseline: Baseline,
    pub(super) cells: Cells,
}

impl Read {
    /// Runs the customer as a scoring does, and the baseline.
    pub(super) async fn run(
        model: &Model,
        subject: Subject<'_>,
        level: Level,
        timing: &mut Timing,
    ) -> Result<Self, ExplainError> {
        match subject {
            Subject::Totals(totals) => Self::of_totals(model, totals, level, timing).await,
            Subject::Transactions(history) => Self::of_events(model, history, level, timing).await,
        }
    }

    async fn of_totals(
        model: &Model,
        totals: &Totals,
        level: Level,
        timing: &mut Timing,
    ) -> Result<Self, ExplainError> {
        Ok(Self {
            customer: run_customer(model, totals, timing).await?,
            absent: run_absent(model, totals, timing).await?,
            design: totals.profile().shares().to_owned(),
            baseline: NO_SHARE,
            cells: Cells::Shares(Division::whole(totals.spending(), level)),
        })
    }

    async fn of_events(
        model: &Model,
        history: Reencoded<'_>,
        level: Level,
        timing: &mut Timing,
    ) -> Result<Self, ExplainError> {
        let begun = Instant::now();
        let with_all = |factor: f64| vec![factor; history.transactions.len()];
        let inputs = history.reencoder.inputs(&with_all(1.0))?;
        let nothing = history.reencoder.inputs(&with_all(0.0))?;
        let design = design(&inputs, model.manifest().shape());
        // The window has the last ones.
        let first = history.transactions.len() - inputs.steps();
        let cells = Cells::of_events(model.manifest().declaration(), history, first, level);
        timing.perturb += begun.elapsed();
        Ok(Self {
            design,
            customer: run(model, inputs, timing).await?,
            absent: run(model, nothing, timing).await?,
            baseline: NO_STEP,
            cells,
        })
    }
}

async fn run(
    model: &Model,
    inputs: Inputs,
    timing: &mut Timing,
) -> Result<Trajectories, ExplainError> {
    let steps = Steps {
        inputs,
        after: None,
    };
    let chunks = run_chunks(model, Priority::Explain, steps, timing).await?;
    Ok(Trajectories::continued(chunks))
}
