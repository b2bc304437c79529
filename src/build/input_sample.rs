//! Sample of the steps of a population, from which the distributions of inputs are taken.

use ndarray::Axis;
use rand_chacha::ChaCha8Rng;

use super::sample::Sample;
use microseg_encoding::{InputDeclaration, Inputs};
use microseg_space::{CategoryDistribution, InputDistributions, NumberDistribution};

/// The most steps: a decile of so many is off by a hundredth of a decile or two.
const STEPS: usize = 20_000;

/// The most numbers and codes of the sample.
const SAMPLED_NUMBERS: usize = 1 << 24;

/// Steps of the network, each with the same chance.
pub(super) struct InputSample(Sample<(Vec<f32>, Vec<i64>)>);

impl InputSample {
    /// An empty sample of steps with so many numbers and codes.
    pub(super) fn new(width: usize, random: ChaCha8Rng) -> Self {
        Self(Sample::new(
            STEPS.min(SAMPLED_NUMBERS / width.max(1)),
            random,
        ))
    }

    /// Offers every step of a customer.
    pub(super) fn offer(&mut self, inputs: &Inputs) {
        let steps = inputs.numbers.axis_iter(Axis(0));
        for (numbers, codes) in steps.zip(inputs.categories.axis_iter(Axis(0))) {
            self.0.offer(|| (numbers.to_vec(), codes.to_vec()));
        }
    }

    /// The distribution of each input; the sample is left empty.
    pub(super) fn distributions(&mut self, declaration: &InputDeclaration) -> InputDistributions {
        let steps = self.0.take();
        let numbers = declaration.number_names().iter().enumerate();
        let numbers = numbers.map(|(place, name)| {
            let mut values: Vec<f32> = steps.iter().map(|(numbers, _)| numbers[place]).collect();
            NumberDistribution::of(name, &mut values)
        });
        let categories = declaration.category_names().iter().enumerate();
        let categories = categories.map(|(place, name)| {
            CategoryDistribution::of(name, steps.iter().map(|(_, codes)| codes[place]))
        });
        InputDistributions {
            numbers: numbers.collect(),
            categories: categories.collect(),
        }
    }
}
