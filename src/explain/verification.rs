//! Verification of a recorded explanation: computed again and compared, bit for bit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::compute::find;
use super::document::StoppedBy;
use super::error::ExplainError;
use super::method_version::MethodVersion;
use super::options::Options;
use super::policy::Policy;
use super::report::runtime;
use super::sampling_limit::SamplingLimit;
use microseg_encoding::History;
use microseg_model::Model;
use microseg_problem::Difference;
use microseg_timing::Timing;

/// The outcome of computing a record again.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Verification {
    /// Whether every number and every word that lasts is the same.
    pub agrees: bool,
    /// Where it is not: at most [`MOST_DIFFERENCES`].
    pub differences: Vec<Difference>,
}

/// The most differences that are listed.
pub const MOST_DIFFERENCES: usize = 20;

/// Why a record could not be computed again.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The record is not a document of this version.
    #[error("the record cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It could not be computed.
    #[error(transparent)]
    Explain(#[from] ExplainError),
}

/// The part of a record that decides what is computed.
#[derive(Deserialize)]
struct Recorded {
    options: Options,
    method: RecordedMethod,
    quality: RecordedQuality,
}

#[derive(Deserialize)]
struct RecordedMethod {
    version: Option<u32>,
    samples_used: Option<usize>,
    stopped_by: Option<StoppedBy>,
}

#[derive(Deserialize)]
struct RecordedQuality {
    thresholds: RecordedThresholds,
}

#[derive(Deserialize)]
struct RecordedThresholds {
    r2_holdout: f64,
    vsi: f64,
    csi: Option<f64>,
}

/// Computes a recorded explanation again from what was kept of its history. Thresholds are the recorded ones, and
/// sampling ends where it ended then. All members are compared but the id, the times, the request, and what the history
/// held beside what decides the numbers.
///
/// A record of another network, of another input, or of a later version of the methods is not computed: that difference is the
/// result. Each version that there was is computed by its own code.
///
/// # Errors
/// [`VerifyError`] when the document is not a record or the computation fails.
pub async fn verify(
    model: &Model,
    history: &History,
    document: &[u8],
    timing: &mut Timing,
) -> Result<Verification, VerifyError> {
    let recorded: Value = serde_json::from_slice(document)?;
    let sha256 = json!(model.identity().sha256);
    let digest = json!(history.digest(model.encoder())?);
    for (pointer, computed) in [("/model/sha256", sha256), ("/input/sha256", digest)] {
        let recorded = recorded.pointer(pointer).cloned().unwrap_or_default();
        if recorded != computed {
            return Ok(Verification {
                agrees: false,
                differences: vec![Difference {
                    pointer: pointer.to_owned(),
                    recorded,
                    computed,
                }],
            });
        }
    }

    let asked: Recorded = serde_json::from_slice(document)?;
    let thresholds = &asked.quality.thresholds;
    let policy = Policy {
        fidelity_target: thresholds.r2_holdout,
        vsi: thresholds.vsi,
        csi: thresholds.csi.unwrap_or(Policy::default().csi),
        // What was chosen when it was made was allowed then.
        fixes_choices: false,
    };
    let limit = match (asked.method.samples_used, asked.method.stopped_by) {
        (Some(samples), Some(stopped_by)) => SamplingLimit::Recorded {
            samples,
            stopped_by,
        },
        _ => SamplingLimit::Budget(None),
    };
    let Some(version) = MethodVersion::recorded(asked.method.version) else {
        return Ok(Verification {
            agrees: false,
            differences: vec![Difference {
                pointer: "/method/version".to_owned(),
                recorded: json!(asked.method.version),
                computed: json!(MethodVersion::CURRENT.number()),
            }],
        });
    };
    let way = (policy, version);
    let judgement = find(model, history, &asked.options, way, limit, None, timing).await?;
    let mut computed: Map<String, Value> =
        serde_json::from_slice(&serde_json::to_vec(&judgement)?)?;
    computed.insert("model".to_owned(), serde_json::to_value(model.identity())?);
    let runtime = serde_json::to_value(runtime(model))?;
    computed.insert("runtime".to_owned(), comparable_runtime(&recorded, runtime));
    let mut differences = Vec::new();
    for (member, computed) in &computed {
        compare(
            &format!("/{member}"),
            &recorded[member],
            computed,
            &mut differences,
        );
    }
    Ok(Verification {
        agrees: differences.is_empty(),
        differences,
    })
}

/// The runtime without the members that records of version 0.1 do not have.
fn comparable_runtime(recorded: &Value, mut computed: Value) -> Value {
    let recorded = recorded["runtime"].as_object();
    if let (Some(recorded), Some(computed)) = (recorded, computed.as_object_mut()) {
        let added = ["backend", "version", "device"];
        if added.iter().all(|member| !recorded.contains_key(*member)) {
            computed.retain(|member, _| !added.contains(&member.as_str()));
        }
    }
    computed
}

fn compare(pointer: &str, recorded: &Value, computed: &Value, differences: &mut Vec<Difference>) {
    if differences.len() == MOST_DIFFERENCES {
        return;
    }
    match (recorded, computed) {
        (Value::Object(one), Value::Object(other)) => {
            let added = other.keys().filter(|member| !one.contains_key(*member));
            for member in one.keys().chain(added) {
                let pointer = format!("{pointer}/{}", escape(member));
                compare(&pointer, &recorded[member], &computed[member], differences);
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                let item = |items: &[Value]| items.get(index).cloned().unwrap_or_default();
                compare(
                    &format!("{pointer}/{index}"),
                    &item(one),
                    &item(other),
                    differences,
                );
            }
        }
        // The text of a number is its bits: the shortest decimal that gives them again, and 0 is not -0.
        _ if text(recorded) == text(computed) => {}
        _ => differences.push(Difference {
            pointer: pointer.to_owned(),
            recorded: recorded.clone(),
            computed: computed.clone(),
        }),
    }
}

fn text(value: &Value) -> String {
    value.to_string()
}

/// A member's name in a JSON Pointer.
fn escape(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_without_a_backend_are_compared_without_it() {
        let computed = json!({"service": "s", "libtorch": "2", "backend": "libtorch", "version": "2", "device": "cpu"});
        let old = json!({"runtime": {"service": "s", "libtorch": "2"}});
        assert_eq!(comparable_runtime(&old, computed.clone()), old["runtime"]);
        let new = json!({"runtime": {"service": "s", "libtorch": "2", "backend": "other", "version": "2", "device": "cpu"}});
        assert_eq!(comparable_runtime(&new, computed.clone()), computed);
    }

    #[test]
    fn different_numbers_and_members_are_listed_with_their_pointers() {
        let mut differences = Vec::new();
        let recorded = json!({"a": [1.0, 2.5], "b/c": null, "gone": true, "zero": 0.0});
        let computed =
            json!({"a": [1.0, 2.500_000_000_000_000_4], "b/c": null, "new": 7, "zero": -0.0});
        compare("", &recorded, &computed, &mut differences);
        let pointers: Vec<&str> = differences.iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a/1", "/gone", "/zero", "/new"]);
        compare("", &recorded, &recorded.clone(), &mut differences);
        assert_eq!(differences.len(), 4);
    }
}
