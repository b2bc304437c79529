//! An explanation, as `GET /v1/explanations/{id}` answers it and `microseg explain` writes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::recourse::Recourse;

/// An explanation; the last three members are those of a record.
#[derive(Debug, Deserialize)]
pub(crate) struct Explanation {
    pub(crate) id: String,
    pub(crate) created_at: String,
    pub(crate) schema_version: String,
    pub(crate) customer_id: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) model: Identity,
    #[serde(default)]
    pub(crate) runtime: Map<String, Value>,
    pub(crate) input: Input,
    pub(crate) options: Map<String, Value>,
    pub(crate) method: Method,
    pub(crate) baseline: Baseline,
    pub(crate) quality: Quality,
    pub(crate) targets: Vec<Target>,
    pub(crate) recourse: Option<Recourse>,
    pub(crate) previous_sha256: Option<String>,
    pub(crate) document_sha256: Option<String>,
    pub(crate) record_sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) sha256: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    pub(crate) sha256: String,
    pub(crate) transactions: u64,
    pub(crate) window: Window,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Window {
    pub(crate) from: String,
    pub(crate) to: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Method {
    pub(crate) name: String,
    pub(crate) level: String,
    pub(crate) samples_used: Option<u64>,
    pub(crate) seed: Option<u64>,
    pub(crate) since: Option<Since>,
}

/// Since when a history is divided.
#[derive(Debug, Deserialize)]
pub(crate) struct Since {
    pub(crate) from: String,
    pub(crate) period: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) kind: String,
    pub(crate) description: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Quality {
    pub(crate) verdict: String,
    #[serde(default)]
    pub(crate) reasons: Vec<String>,
    #[serde(default)]
    pub(crate) thresholds: BTreeMap<String, Option<f64>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) segment: Option<String>,
    pub(crate) rival: Option<String>,
    pub(crate) value: f64,
    pub(crate) base_value: f64,
    pub(crate) intercept: f64,
    /// Of `change` alone.
    pub(crate) unassigned: Option<f64>,
    pub(crate) residual: f64,
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) other: Other,
    pub(crate) interactions: Option<Interactions>,
    #[serde(default)]
    pub(crate) notes: Vec<Note>,
    /// Absent in records of version 0.1.
    pub(crate) quality: Option<TargetQuality>,
    pub(crate) fidelity: Fidelity,
    pub(crate) stability: Stability,
    #[serde(default)]
    pub(crate) reasons: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TargetQuality {
    pub(crate) verdict: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Contribution {
    #[serde(flatten)]
    pub(crate) part: PartName,
    pub(crate) share: f64,
    pub(crate) coefficient: f64,
    #[serde(rename = "contribution")]
    pub(crate) amount: f64,
    /// Where `interactions` are listed.
    pub(crate) main_effect: Option<f64>,
    pub(crate) ci95: Option<[f64; 2]>,
}

/// What pairs of parts add together.
#[derive(Debug, Deserialize)]
pub(crate) struct Interactions {
    pub(crate) r2: Option<f64>,
    pub(crate) pairs: Vec<Interaction>,
    pub(crate) other: OtherPairs,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Interaction {
    pub(crate) parts: [PartName; 2],
    #[serde(rename = "interaction")]
    pub(crate) amount: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OtherPairs {
    pub(crate) pairs: u64,
    #[serde(rename = "interaction")]
    pub(crate) amount: f64,
}

/// A part that the surrogate was hardly tested on.
#[derive(Debug, Deserialize)]
pub(crate) struct Note {
    pub(crate) part: PartName,
    pub(crate) without: Option<f64>,
    pub(crate) adds: Option<f64>,
}

/// A part by its names; none where it is all parts without a name.
#[derive(Debug, Deserialize)]
pub(crate) struct PartName {
    class: Option<String>,
    title: Option<String>,
    period: Option<String>,
    event: Option<Event>,
    field: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Event {
    position: u64,
    id: Option<String>,
    timestamp: Option<String>,
}

/// The parts that are not listed; `counted` has the member that says how many of what.
#[derive(Debug, Deserialize)]
pub(crate) struct Other {
    pub(crate) share: f64,
    pub(crate) contribution: f64,
    #[serde(flatten)]
    pub(crate) counted: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Fidelity {
    #[serde(rename = "r2_fit")]
    pub(crate) fit: Option<f64>,
    #[serde(rename = "r2_holdout")]
    pub(crate) held_out: Option<f64>,
    #[serde(rename = "r2_trajectory")]
    pub(crate) trajectory: Option<f64>,
    /// Of Shapley values, as the next two: whether all coalitions were run.
    pub(crate) exact: Option<bool>,
    pub(crate) relative_standard_error: Option<f64>,
    pub(crate) additivity_r2: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Stability {
    pub(crate) vsi: Option<f64>,
    pub(crate) csi: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Reason {
    pub(crate) sign: Option<String>,
    pub(crate) text: String,
}

impl PartName {
    /// The part in words: its class, its period, its field or its transaction; `None` where it has no name.
    pub(crate) fn in_words(&self) -> Option<String> {
        let class = self.title.as_ref().or(self.class.as_ref());
        let event = self.event.as_ref().map(Event::name);
        let place = event.or_else(|| self.period.clone());
        match (class, place) {
            (Some(class), Some(place)) => Some(format!("{class}, {place}")),
            (Some(class), None) => Some(class.clone()),
            (None, Some(place)) => Some(place),
            (None, None) => self.field.clone(),
        }
    }
}

impl Event {
    fn name(&self) -> String {
        let given = self.id.clone().or_else(|| self.timestamp.clone());
        given.unwrap_or_else(|| format!("transaction {}", self.position))
    }
}

impl Method {
    /// The period or the date since which a history is divided.
    pub(crate) fn since_in_words(&self) -> Option<String> {
        let since = self.since.as_ref()?;
        let date = || since.from.split('T').next().unwrap_or_default().to_owned();
        Some(since.period.clone().unwrap_or_else(date))
    }
}

impl Contribution {
    /// The part in words.
    pub(crate) fn name(&self) -> String {
        let name = self.part.in_words();
        name.unwrap_or_else(|| "Unclassified".to_owned())
    }
}

impl Target {
    /// The number in words.
    pub(crate) fn in_words(&self) -> String {
        match (&self.segment, &self.rival) {
            (Some(_), Some(rival)) => format!("the distance from micro-segment {rival}"),
            (Some(segment), None) => format!("the margin of micro-segment {segment}"),
            (None, _) => self.name.clone(),
        }
    }
}

impl Explanation {
    /// Whether its contributions are Shapley values, which are judged by their standard errors.
    pub(crate) fn has_shapley_values(&self) -> bool {
        let mut targets = self.targets.iter();
        targets.any(|target| target.fidelity.additivity_r2.is_some())
            || self
                .quality
                .thresholds
                .contains_key("relative_standard_error")
    }
}

impl Other {
    /// How many of what; `None` where nothing is left over.
    pub(crate) fn name(&self) -> Option<String> {
        let mut counts = self.counted.iter();
        let counted = counts.find_map(|(what, count)| Some((what, count.as_u64()?)));
        match counted {
            Some((_, 0)) => None,
            Some((what, count)) => {
                let what = if what == "events" {
                    "transactions"
                } else {
                    what
                };
                Some(format!("{count} other {what}"))
            }
            None => Some("all others".to_owned()),
        }
    }
}
