//! Relations between a class and an output by habits alone, without a coefficient: the truth to test against.

use serde::Serialize;

use super::life_stage::TRAITS;
use super::population::Population;

/// The customers whose first years are compared with and without each habit.
const CUSTOMERS: u64 = 4_000;

/// A class and an output that go together because the same people spend on the class and on others that have a
/// coefficient for the output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Relation {
    /// The class; it has no coefficient for the output.
    pub class: String,
    /// The output: a trait.
    pub output: &'static str,
    /// How far the habits behind the class move the trait's raw score, in shares times coefficients; above zero when
    /// spending on the class goes with more of the trait.
    pub expected: f64,
}

impl Population {
    /// All relations that the habits of this population plant, in the order of the taxonomy.
    ///
    /// A habit moves the share of each of its classes: `Δ_l`, the mean share with the habit less the mean without.
    /// Spending on class k is a sign of its habits, so k goes with `Σ_h sign(loading_hk) Σ_{l in h, l ≠ k} w_lj Δ_hl`.
    #[must_use]
    pub fn relations(&self) -> Vec<Relation> {
        let moved = self.moved_shares();
        let classes = self.taxonomy().classes();
        let mut relations = Vec::new();
        for (place, class) in classes.iter().enumerate() {
            let habits: Vec<(usize, f64)> = self
                .habits()
                .iter()
                .enumerate()
                .filter_map(|(habit, one)| {
                    let own = one
                        .loadings
                        .iter()
                        .find(|loading| loading.class.get() == place)?;
                    Some((habit, own.loading.signum()))
                })
                .collect();
            for (output, name) in TRAITS.into_iter().enumerate() {
                if habits.is_empty() || class.coefficients[output] != 0.0 {
                    continue;
                }
                let mut expected = 0.0;
                for &(habit, sign) in &habits {
                    for loading in &self.habits()[habit].loadings {
                        let other = loading.class.get();
                        if other != place {
                            expected +=
                                sign * classes[other].coefficients[output] * moved[habit][other];
                        }
                    }
                }
                relations.push(Relation {
                    class: class.id.clone(),
                    output: name,
                    expected,
                });
            }
        }
        relations
    }

    /// For each habit, how much larger the mean share of each class is with it than without.
    fn moved_shares(&self) -> Vec<Vec<f64>> {
        let classes = self.taxonomy().classes().len();
        let mut sums = vec![[vec![0.0; classes], vec![0.0; classes]]; self.habits().len()];
        let mut counts = vec![[0.0_f64; 2]; self.habits().len()];
        for index in 0..CUSTOMERS {
            let customer = self.customer(index);
            let Some(year) = customer.life().first() else {
                continue;
            };
            for (habit, has) in year.habits.iter().enumerate() {
                let with = usize::from(*has);
                counts[habit][with] += 1.0;
                let sums = sums[habit][with].iter_mut();
                sums.zip(&year.shares)
                    .for_each(|(sum, share)| *sum += share);
            }
        }
        sums.iter()
            .zip(counts)
            .map(|([without, with], [count_without, count_with])| {
                let pairs = with.iter().zip(without);
                pairs
                    .map(|(with, without)| {
                        with / count_with.max(1.0) - without / count_without.max(1.0)
                    })
                    .collect()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_of_a_habit_goes_with_the_trait_of_its_other_classes() {
        // Airlines have a coefficient for openness, luggage has none: only travellers join the two.
        let relations = Population::new(1).unwrap().relations();
        let find = |class: &str, output: &str| {
            relations
                .iter()
                .find(|one| one.class == class && one.output == output)
        };
        assert!(find("luggage-and-leather", "openness").unwrap().expected > 0.0);
        assert!(find("airlines", "openness").is_none());
        assert!(find("groceries", "openness").is_none());
    }
}
