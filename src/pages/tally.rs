//! Tally of a run: what is counted of the scorings of many customers, in memory that depends on the model, but for eight
//! bytes and a number for each customer who has a name.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use crate::documents::{ModelDetail, Scoring, Segments, read};
use crate::histogram::Histogram;
use crate::numbers::float;
use crate::render::PageError;

/// How many bars a distribution has.
const BINS: usize = 40;

/// How many standard deviations of the population a distribution reaches on both sides of the mean.
const REACH: f64 = 3.0;

/// A change, or none, from one period to the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Flow {
    /// The two periods.
    pub(crate) periods: [String; 2],
    /// The places of the micro-segments in [`Tally::segments`].
    pub(crate) segments: [usize; 2],
}

/// What was counted.
#[derive(Debug)]
pub struct Tally {
    /// The micro-segments that customers belong to: their ids and labels, and their shares in the model's population.
    pub(crate) segments: Vec<(String, String, f64)>,
    centers: Vec<Vec<f64>>,
    deviations: Vec<f64>,
    /// The customers of each micro-segment.
    pub(crate) sizes: Vec<u64>,
    pub(crate) flows: BTreeMap<Flow, u64>,
    /// A distribution of each output, with the output's name.
    pub(crate) outputs: Vec<(String, Histogram)>,
    pub(crate) customers: u64,
    pub(crate) refused: u64,
    /// The micro-segment of each customer by a hash of the name, to be found in another run.
    of_customers: HashMap<u64, usize>,
}

impl Tally {
    /// A tally of customers that a model has scored: by `GET /v1/models/{name}` of it, and its micro-segments.
    ///
    /// # Errors
    /// [`PageError`] when a document is not what it should be.
    pub fn new(model: &Value, segments: &Value) -> Result<Self, PageError> {
        let model: ModelDetail = read("model", model)?;
        let segments: Segments = read("micro-segments", segments)?;
        let leaves: Vec<_> = segments.leaves().collect();
        let spread = &model.population.outputs;
        let outputs = model.outputs.iter().enumerate().map(|(index, name)| {
            let [mean, deviation] = [&spread.mean, &spread.deviation]
                .map(|numbers| numbers.get(index).copied().unwrap_or_default());
            let reach = REACH * if deviation > 0.0 { deviation } else { 1.0 };
            let histogram = Histogram::new(mean - reach, mean + reach, BINS);
            (name.clone(), histogram)
        });
        Ok(Self {
            sizes: vec![0; leaves.len()],
            centers: leaves.iter().map(|leaf| leaf.center.clone()).collect(),
            segments: { leaves.iter() }
                .map(|leaf| (leaf.id.clone(), leaf.label.clone(), leaf.share))
                .collect(),
            deviations: segments.final_states.deviation.clone(),
            flows: BTreeMap::new(),
            outputs: outputs.collect(),
            customers: 0,
            refused: 0,
            of_customers: HashMap::new(),
        })
    }

    /// Counts a line of a run: a scoring, or a problem.
    ///
    /// # Errors
    /// [`PageError`] for a scoring of another model, or for what is neither.
    pub fn add(&mut self, line: &Value) -> Result<(), PageError> {
        if line.get("trajectory").is_none() && line.get("title").is_some() {
            self.refused += 1;
            return Ok(());
        }
        let scoring: Scoring = read("scoring", line)?;
        let id = &scoring.segment.id;
        let place = self.segments.iter().position(|(known, ..)| known == id);
        let place = place.ok_or_else(|| PageError::OtherModel {
            segment: id.clone(),
        })?;
        self.customers += 1;
        self.sizes[place] += 1;
        self.add_flows(&scoring, place);
        if let Some(last) = scoring.trajectory.last() {
            for (name, histogram) in &mut self.outputs {
                if let Some(number) = last.traits.get(name) {
                    histogram.add(*number);
                }
            }
        }
        if let Some(name) = line.get("customer_id").and_then(Value::as_str) {
            self.of_customers.insert(hash(name), place);
        }
        Ok(())
    }

    fn add_flows(&mut self, scoring: &Scoring, last: usize) {
        let steps = &scoring.trajectory;
        let places: Vec<usize> = { steps.iter().enumerate() }
            .map(|(step, score)| {
                if step + 1 == steps.len() {
                    last
                } else {
                    self.nearest(&score.state)
                }
            })
            .collect();
        for (steps, places) in steps.windows(2).zip(places.windows(2)) {
            let [before, after] = [&steps[0], &steps[1]];
            let flow = Flow {
                periods: [before.period.clone(), after.period.clone()],
                segments: [places[0], places[1]],
            };
            *self.flows.entry(flow).or_default() += 1;
        }
    }

    /// The micro-segment whose center is nearest, in deviations of the population's last states.
    fn nearest(&self, state: &[f64]) -> usize {
        let distance = |center: &Vec<f64>| -> f64 {
            let numbers = center.iter().zip(state).zip(&self.deviations);
            numbers
                .map(|((center, number), deviation)| ((number - center) / deviation).powi(2))
                .sum()
        };
        let distances = self.centers.iter().map(distance).enumerate();
        let nearest = distances.min_by(|(_, one), (_, another)| one.total_cmp(another));
        nearest.map_or(0, |(place, _)| place)
    }

    /// How many customers went from each micro-segment of this run to each of another one.
    pub(crate) fn moves_to(&self, other: &Self) -> BTreeMap<[usize; 2], u64> {
        let mut moves = BTreeMap::new();
        for (customer, from) in &self.of_customers {
            if let Some(to) = other.of_customers.get(customer) {
                *moves.entry([*from, *to]).or_default() += 1;
            }
        }
        moves
    }

    /// The share of the customers that a micro-segment has, 0 to 1.
    pub(crate) fn share(&self, place: usize) -> f64 {
        share(self.sizes[place], self.customers)
    }
}

/// A part of a whole, 0 where there is none.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    let [part, whole] =
        [part, whole].map(|count| float(usize::try_from(count).unwrap_or(usize::MAX)));
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
