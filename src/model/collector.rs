//! Collector of the metrics of the models that are served.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::model::Model;
use crate::registry::Registry;
use crate::served_models::ServedModels;

/// Gives the metrics of every model that is served at the moment, with its name and version.
#[derive(Debug)]
pub struct NetworkCollector(pub Arc<Registry>);

impl Collector for NetworkCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let served = self.0.served();
        for Family {
            name,
            help,
            unit,
            kind,
            of,
        } in FAMILIES
        {
            let mut values = served
                .models()
                .filter_map(|model| Some((model.identity(), of(model)?)))
                .peekable();
            // A name without a number would be a fault in the text.
            if values.peek().is_none() {
                continue;
            }
            let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), *kind)?;
            for (identity, metric) in values {
                let labels = [
                    ("model", identity.name.as_str()),
                    ("version", identity.version.as_str()),
                ];
                metric.encode(family.encode_family(&labels)?)?;
            }
        }
        encode_input_drift(&served, &mut encoder)?;
        encode_validation(&served, &mut encoder)
    }
}

/// The drift of each input of each model that reads more than shares.
fn encode_input_drift(served: &ServedModels, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let models = served.models();
    let mut drifts = models
        .map(|model| (model.identity(), model.input_stability_indices()))
        .filter(|(_, indices)| !indices.is_empty())
        .peekable();
    if drifts.peek().is_none() {
        return Ok(());
    }
    let mut family = encoder.encode_descriptor(
        "input_stability_index",
        "How far an input of the network in the last ten thousand or so histories is from the bundle's population",
        None,
        MetricType::Gauge,
    )?;
    for (identity, indices) in drifts {
        for (input, index) in indices {
            let labels = [
                ("model", identity.name.as_str()),
                ("version", identity.version.as_str()),
                ("input", input),
            ];
            ConstGauge::new(index).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

/// The share of `ok` that validation found for each type of customer and level, of each model that was validated.
fn encode_validation(served: &ServedModels, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let validated = served
        .models()
        .filter_map(|model| Some((model.identity(), model.validation()?)));
    let mut shares = validated
        .flat_map(|(identity, validation)| {
            let rows = validation.rows.iter();
            rows.filter_map(move |row| Some((identity, validation, row, row.ok_of_explained()?)))
        })
        .peekable();
    if shares.peek().is_none() {
        return Ok(());
    }
    let mut family = encoder.encode_descriptor(
        "validated_ok_share",
        "The share with the verdict ok of the explanations with something to explain, as model validate found it",
        None,
        MetricType::Gauge,
    )?;
    for (identity, validation, row, share) in shares {
        let labels = [
            ("model", identity.name.as_str()),
            ("version", identity.version.as_str()),
            ("method", validation.method.as_str()),
            ("level", row.level.as_str()),
            ("customers", row.customers.as_str()),
        ];
        ConstGauge::new(share).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

/// One metric of each model.
struct Family {
    name: &'static str,
    help: &'static str,
    unit: Option<Unit>,
    kind: MetricType,
    /// `None` when the model has no value.
    of: fn(&Model) -> Option<Box<dyn EncodeMetric>>,
}

const FAMILIES: &[Family] = &[
    Family {
        name: "network_runs",
        help: "Runs of the network",
        unit: None,
        kind: MetricType::Counter,
        of: |model| Some(Box::new(model.metrics().runs.clone())),
    },
    Family {
        name: "network_batch_sequences",
        help: "Sequences that one run of the network took",
        unit: None,
        kind: MetricType::Histogram,
        of: |model| Some(Box::new(model.metrics().sequences.clone())),
    },
    Family {
        name: "network_run_duration",
        help: "How long one run of the network took",
        unit: Some(Unit::Seconds),
        kind: MetricType::Histogram,
        of: |model| Some(Box::new(model.metrics().duration.clone())),
    },
    Family {
        name: "network_threads_replaced",
        help: "Threads of the network that died or hung and were replaced",
        unit: None,
        kind: MetricType::Counter,
        of: |model| Some(Box::new(model.metrics().replaced.clone())),
    },
    Family {
        name: "network_threads_hung",
        help: "Threads of the network that were given up and whose run has not ended yet",
        unit: None,
        kind: MetricType::Gauge,
        of: |model| Some(Box::new(model.metrics().hung.clone())),
    },
    Family {
        name: "population_stability_index",
        help: "How far the spending of the last ten thousand or so histories is from the bundle's population",
        unit: None,
        kind: MetricType::Gauge,
        of: |model| {
            let index = model.population_stability_index()?;
            Some(Box::new(ConstGauge::new(index)))
        },
    },
];
