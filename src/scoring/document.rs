//! JSON document of a scoring.

use ndarray::Axis;
use schemars::JsonSchema;
use serde::Serialize;

use crate::certainty::Certainty;
use crate::named_outputs::NamedOutputs;
use crate::sequences::Ran;
use crate::wanted::last_step;
use microseg_encoding::{History, Quality};
use microseg_history::Identifier;
use microseg_model::{Model, ModelIdentity};
use microseg_space::{Located, Near};

/// The answer for one history.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Scoring {
    /// The caller's name for the customer; `null` when none was given.
    pub customer_id: Option<Identifier>,
    /// The model that scored.
    pub model: ModelIdentity,
    /// Where the trajectory ends: the micro-segment features.
    pub features: Features,
    /// The network's outputs after the last period, by name; for the reference model degrees of membership, 0..1.
    pub traits: NamedOutputs,
    /// The trajectory, oldest period first.
    pub trajectory: Vec<PeriodScore>,
    /// The micro-segment that the trajectory ends in.
    pub segment: Located,
    /// The attractor nearest to the end of the trajectory; `null` when the network has none.
    pub attractor: Option<Near>,
    /// The zone of the IANA database in whose calendar the periods are; absent for UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// How many transactions were used, and what happened to the others.
    pub quality: Quality,
    /// How far these numbers depend on which of the transactions there happen to be; where `resamples` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
    /// The state of this customer, for a later request that lists only the transactions since then; where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "bXMx…")]
    pub state_token: Option<String>,
}

/// The features to give to other models.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Features {
    /// The network's state after the last period: H numbers, -1..1.
    pub state: Vec<f32>,
}

/// One step of the trajectory.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct PeriodScore {
    /// The period, such as `2019`, `2019-Q2` or `2019-03`.
    pub period: String,
    /// The network's state after this period: H numbers, -1..1.
    pub state: Vec<f32>,
    /// The network's outputs after this period, by name.
    pub traits: NamedOutputs,
    /// Net spending of the period, in the caller's currency.
    pub spending: f64,
    /// Transactions of the period that count as spending.
    pub transactions: u64,
}

impl Scoring {
    /// From a history and what the network gave for its sequence.
    pub(crate) fn new(model: &Model, history: History, ran: &Ran) -> Self {
        let Ran {
            trajectories,
            wanted,
            ..
        } = ran;
        let names = model.output_names();
        let states = trajectories.states.index_axis(Axis(0), 0);
        let outputs = trajectories.outputs.index_axis(Axis(0), 0);
        let steps = history.steps_of_periods().into_iter();
        let trajectory: Vec<PeriodScore> = history
            .totals
            .periods()
            .zip(steps)
            .map(|((period, sum), steps)| {
                let last = wanted.place_of(last_step(steps));
                PeriodScore {
                    period: period.to_string(),
                    state: states.row(last).to_vec(),
                    traits: NamedOutputs::new(names.clone(), outputs.row(last).to_vec()),
                    spending: sum.spending,
                    transactions: sum.transactions,
                }
            })
            .collect();
        let state = trajectories.final_states().row(0).to_vec();
        let space = &model.manifest().space;
        Self {
            customer_id: history.customer_id,
            model: model.identity().clone(),
            segment: space.segments().locate(&state),
            attractor: space.attractors().near(&state),
            features: Features { state },
            traits: NamedOutputs::new(names, trajectories.final_outputs().row(0).to_vec()),
            trajectory,
            time_zone: history.totals.time_zone().name().map(str::to_owned),
            quality: history.quality,
            certainty: None,
            state_token: None,
        }
    }
}
