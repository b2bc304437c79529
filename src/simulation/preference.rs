//! Preferences of a customer: from a life to the share that each class has of the customer's spending.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use super::life::Life;
use super::tables::Tables;

/// What one unit of coefficient times one standard deviation of a trait adds to the logarithm of a share.
const TRAIT_ON_SHARE: f64 = 0.1;

/// What it adds to the logit of spending on the class at all.
const TRAIT_ON_REACH: f64 = 0.22;

/// What one unit of a habit's loading adds to the logarithm of a share.
const HABIT_ON_SHARE: f64 = 0.6;

/// What it adds to the logit of spending on the class at all.
const HABIT_ON_REACH: f64 = 2.0;

/// How much people differ beyond traits and habits: the standard deviation of a share's logarithm.
const TASTE: f64 = 0.5;

/// The standard deviation of the change of a taste in a year.
const TASTE_STEP: f64 = 0.1;

/// A customer's taste in one class, apart from traits and habits.
#[derive(Debug, Clone, Copy)]
struct Taste {
    /// Added to the logarithm of the share.
    weight: f64,
    /// Spending on the class begins where its pull exceeds this; logistic over a population.
    threshold: f64,
}

/// The tastes of one customer: two customers with the same traits and habits differ by them.
#[derive(Debug)]
pub(super) struct Preferences {
    tastes: Vec<Taste>,
}

impl Preferences {
    pub(super) fn draw(tables: &Tables, random: &mut impl Rng) -> Self {
        let tastes = tables
            .spending
            .iter()
            .map(|_| {
                let deviation: f64 = StandardNormal.sample(random);
                let even: f64 = random.random();
                Taste {
                    weight: TASTE * deviation,
                    threshold: libm::log(even / (1.0 - even)),
                }
            })
            .collect();
        Self { tastes }
    }

    /// Moves the preferences to the next year.
    pub(super) fn advance(&mut self, random: &mut impl Rng) {
        for taste in &mut self.tastes {
            let step: f64 = StandardNormal.sample(random);
            taste.weight += TASTE_STEP * step;
        }
    }

    /// The share of each class, in the order of the taxonomy: zero where the customer does not spend, a softmax of
    /// the pulls where they do.
    pub(super) fn shares(&self, tables: &Tables, life: &Life) -> Vec<f64> {
        let mut habits = vec![0.0; tables.spending.len()];
        for (habit, _) in tables
            .habits
            .iter()
            .zip(&life.habits)
            .filter(|(_, has)| **has)
        {
            for loading in &habit.loadings {
                if let Some(sum) = habits.get_mut(loading.class.get()) {
                    *sum += loading.loading;
                }
            }
        }
        let classes = tables.taxonomy.classes().iter().zip(&tables.spending);
        let mut shares: Vec<f64> = classes
            .zip(self.tastes.iter().zip(habits))
            .map(|((class, spending), (taste, habit))| {
                let coefficients = class.coefficients.iter().zip(life.traits);
                let traits: f64 = coefficients
                    .map(|(coefficient, value)| coefficient * value)
                    .sum();
                let reach = spending.reach + TRAIT_ON_REACH * traits + HABIT_ON_REACH * habit;
                if reach > taste.threshold {
                    let pull = TRAIT_ON_SHARE * traits + HABIT_ON_SHARE * habit + taste.weight;
                    spending.share * libm::exp(pull)
                } else {
                    0.0
                }
            })
            .collect();
        // The sum is above zero: the table has a class that all customers buy.
        let total: f64 = shares.iter().sum();
        if total > 0.0 {
            for share in &mut shares {
                *share /= total;
            }
        }
        shares
    }
}
