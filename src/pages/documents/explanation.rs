//! An explanation, as `GET /v1/explanations/{id}` answers it and `microseg explain` writes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

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
    pub(crate) value: f64,
    pub(crate) base_value: f64,
    pub(crate) intercept: f64,
    pub(crate) residual: f64,
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) other: Other,
    pub(crate) fidelity: Fidelity,
    pub(crate) stability: Stability,
    #[serde(default)]
    pub(crate) reasons: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Contribution {
    pub(crate) class: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) period: Option<String>,
    pub(crate) event: Option<Event>,
    pub(crate) share: f64,
    pub(crate) coefficient: f64,
    #[serde(rename = "contribution")]
    pub(crate) amount: f64,
    pub(crate) ci95: Option<[f64; 2]>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) position: u64,
    pub(crate) id: Option<String>,
    pub(crate) timestamp: Option<String>,
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

impl Contribution {
    /// The part in words: its class, its period, or its transaction.
    pub(crate) fn name(&self) -> String {
        let class = self.title.as_ref().or(self.class.as_ref());
        if let Some(event) = &self.event {
            let number = format!("transaction {}", event.position);
            let event = event.id.clone().or_else(|| event.timestamp.clone());
            let event = event.unwrap_or(number);
            return class.map_or(event.clone(), |class| format!("{class}, {event}"));
        }
        match (class, &self.period) {
            (Some(class), Some(period)) => format!("{class}, {period}"),
            (Some(class), None) => class.clone(),
            (None, Some(period)) => period.clone(),
            (None, None) => "Unclassified".to_owned(),
        }
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
