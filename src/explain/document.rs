//! The JSON of an explanation.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use super::baseline::Baseline;
use super::level::Level;
use super::method::{Method, MethodScope};
use super::options::Options;
use super::quality::Verdict;
use super::recourse::Recourse;
use super::target_explanation::TargetExplanation;
use microseg_encoding::Quality;
use microseg_history::Identifier;
use microseg_model::ModelIdentity;
use microseg_timing::{Timing, milliseconds};

/// The version of the form of a document about totals. Before it there was `1`, without `method.version` and `targets[].quality`.
pub(super) const OF_TOTALS: &str = "3";

/// The version of the form of a document about transactions: its input's digest is over them. Before it there was `2`.
pub(super) const OF_TRANSACTIONS: &str = "4";

/// An explanation: linear models of the network's numbers, and how far to trust them.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Explanation {
    /// A UUIDv7: the ids of later explanations sort behind this one.
    pub id: Uuid,
    /// When it was made, RFC 3339 in UTC, to the millisecond.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub created_at: Timestamp,
    /// The version of this document's form: `3`, or `4` about a network that reads more than shares. Older records have `1` and `2`.
    pub schema_version: &'static str,
    /// The caller's name for the customer; `null` when none was given.
    pub customer_id: Option<Identifier>,
    /// The request that asked; `null` on the command line.
    pub request_id: Option<String>,
    /// The model that is explained.
    pub model: ModelIdentity,
    /// The programs that computed it.
    pub runtime: Runtime,
    /// The spending that it is about.
    pub input: Input,
    /// What was asked for, with the defaults filled in.
    pub options: Options,
    /// How it was made.
    pub method: MethodRecord,
    /// What the customer is compared with.
    pub baseline: Baseline,
    /// Where the reasons' codes and texts come from.
    pub reasons_catalogue: CatalogueRecord,
    /// One linear model for each number of the network that was asked for.
    pub targets: Vec<TargetExplanation>,
    /// `recourse`: the changes of spending that fulfil the wish; absent for other methods. Then there are no `targets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recourse: Option<Recourse>,
    /// Whether to trust it.
    pub quality: QualityRecord,
    /// What it took, by stage, in milliseconds.
    pub timing_ms: TimingRecord,
}

/// The programs that computed an explanation.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
// Records of version 0.1 name no other members.
#[schemars(extend("required" = ["service", "libtorch"]))]
pub struct Runtime {
    /// This program and its version.
    pub service: &'static str,
    /// The version of libtorch.
    pub libtorch: &'static str,
    /// The runtime that executed the network, such as `libtorch`.
    pub backend: &'static str,
    /// The version of that runtime.
    pub version: String,
    /// The device that it ran on, such as `cpu`.
    pub device: String,
}

/// The spending that an explanation is about.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ExplainedInput")]
pub struct Input {
    /// SHA-256 over the canonical form of the totals, or of the transactions (`schema_version` 2 and 4), in lower-case hex.
    pub sha256: String,
    /// All transactions of the request.
    pub transactions: u64,
    /// The time that the totals cover.
    pub window: Window,
    /// The zone of the IANA database in whose calendar the periods are; absent for UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// What became of every transaction.
    pub quality: Quality,
}

/// A span of time.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "TimeWindow")]
pub struct Window {
    /// The first moment, RFC 3339.
    pub from: String,
    /// The first moment after it, RFC 3339.
    pub to: String,
}

/// How an explanation was made; what a method does not need is `null`.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct MethodRecord {
    /// The surrogate's method.
    pub name: Method,
    /// The version of the methods, whose code verifies the record; absent in records that were made before there was a second one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 2)]
    pub version: Option<u32>,
    /// The customers that the surrogates hold for.
    pub scope: MethodScope,
    /// What one coefficient stands for.
    pub level: Level,
    /// How many perturbations were asked for.
    pub samples_requested: Option<usize>,
    /// How many there were.
    pub samples_used: Option<usize>,
    /// Why there were no more.
    pub stopped_by: Option<StoppedBy>,
    /// The seed of the perturbations.
    pub seed: Option<u64>,
    /// The width of the kernel, in shares of the spending removed.
    #[schemars(example = 0.25)]
    pub kernel_width: Option<f64>,
    /// What was added to the diagonal of the normal equations; 0 unless classes were undetermined.
    pub ridge: Option<f64>,
    /// `change`: since when the history is divided; absent for other methods, and from the center of a micro-segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceRecord>,
    /// The old transactions that are one part, since together they hardly matter; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pruned: Option<Pruned>,
    /// The transactions before those that a state token holds; absent where the history has all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_token: Option<BeforeToken>,
}

/// Since when a history is divided.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "DividedSince")]
pub struct SinceRecord {
    /// The first moment of it, RFC 3339 in UTC.
    #[schemars(example = &"2019-01-01T00:00:00Z")]
    pub from: String,
    /// The period that begins then; absent where steps are events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2019")]
    pub period: Option<String>,
}

/// Transactions of which a state token holds nothing but the recurrent state after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "TransactionsBeforeToken")]
pub struct BeforeToken {
    /// How many.
    #[schemars(example = 512)]
    pub events: usize,
    /// Whether they are together one part, in `other`; else they stay as they are in every perturbation.
    #[schemars(example = true)]
    pub is_part: bool,
}

/// Old transactions that were pruned into one part, as by `TimeSHAP` (Bento et al. 2021): the recurrent state after them is
/// computed once, and perturbations run only what follows.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "PrunedTransactions")]
pub struct Pruned {
    /// How many.
    #[schemars(example = 1_920)]
    pub events: usize,
    /// The largest joint effect at which they are pruned.
    #[schemars(example = 0.01)]
    pub tolerance: f64,
    /// How much their absence changes a number, in shares of the range that the number has along the customer's trajectory
    /// and without any transaction: the largest of all targets.
    #[schemars(example = 0.004)]
    pub joint_effect: f64,
}

/// What ended the drawing of perturbations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// As many were drawn as were asked for.
    Budget,
    /// Every target was met and every listed contribution known closely: more would have changed little.
    Certainty,
    /// The customer's parts allow no more that differ: all there are were drawn.
    Exhaustion,
    /// The deadline.
    Deadline,
}

/// The catalogue that reasons come from.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct CatalogueRecord {
    /// Its version: one version has one set of codes.
    pub version: String,
    /// The language of its texts.
    pub language: String,
    /// SHA-256 of its file, in lower-case hex.
    pub sha256: String,
}

/// The verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct QualityRecord {
    /// Whether to trust the explanation.
    pub verdict: Verdict,
    /// A sentence for each threshold that was missed, with the name of the target.
    pub reasons: Vec<String>,
    /// What was asked for.
    pub thresholds: Thresholds,
}

/// What a surrogate must reach.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
pub struct Thresholds {
    /// The least held-out R².
    pub r2_holdout: f64,
    /// The least R² along the customer's own trajectory; `null` for a method that is not judged on it.
    #[schemars(example = 0.9)]
    pub r2_trajectory: Option<f64>,
    /// The least variables stability index.
    pub vsi: f64,
    /// `null`; in records without `method.version` the least coefficients stability index.
    #[schemars(example = 0.8)]
    pub csi: Option<f64>,
    /// `shapley`: the largest relative standard error; absent for other methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.1)]
    pub relative_standard_error: Option<f64>,
}

fn as_text<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(moment)
}

/// What an explanation took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, JsonSchema, Serialize)]
pub struct TimingRecord {
    /// From the bytes to the totals.
    pub parse: f64,
    /// Waiting for the network.
    pub queue: f64,
    /// Inside the network.
    pub network: f64,
    /// Perturbing or unrolling, solving and judging: the next three together.
    pub surrogate: f64,
    /// Drawing perturbations and encoding them.
    pub perturb: f64,
    /// Fitting, or unrolling.
    pub solve: f64,
    /// Intervals, held-out measures, stability, reasons and the verdict.
    pub judge: f64,
    /// From the request's arrival to here.
    pub total: f64,
}

impl From<(Timing, Duration)> for TimingRecord {
    fn from((timing, total): (Timing, Duration)) -> Self {
        Self {
            parse: milliseconds(timing.parse),
            queue: milliseconds(timing.queue),
            network: milliseconds(timing.network),
            surrogate: milliseconds(timing.surrogate()),
            perturb: milliseconds(timing.perturb),
            solve: milliseconds(timing.solve),
            judge: milliseconds(timing.judge),
            total: milliseconds(total),
        }
    }
}
