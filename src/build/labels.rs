//! Labels of places in state space: the outputs that differ most from the population's.

use microseg_space::Spread;

/// A second trait is named when it is at least this part of the strongest.
const NAMED_PART: f64 = 0.5;

/// A place with no trait this many deviations away is called average.
const NOTICEABLE: f64 = 0.25;

/// How a trait's side is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wording {
    /// `high` and `low`, against the population.
    Absolute,
    /// `higher` and `lower`, against the group above.
    Relative,
}

impl Wording {
    fn nothing(self) -> &'static str {
        match self {
            Self::Absolute => "average",
            Self::Relative => "as the group above",
        }
    }

    fn side(self, difference: f64) -> &'static str {
        match (self, difference >= 0.0) {
            (Self::Absolute, true) => "high",
            (Self::Absolute, false) => "low",
            (Self::Relative, true) => "higher",
            (Self::Relative, false) => "lower",
        }
    }
}

/// One label for each of several siblings, by how their traits differ from `origin` in the population's deviations;
/// no two are alike.
pub(super) fn label(
    siblings: &[Vec<f64>],
    origin: &[f64],
    population: &Spread,
    names: &[String],
    wording: Wording,
) -> Vec<String> {
    let origin = Spread {
        mean: origin.to_vec(),
        deviation: population.deviation.clone(),
    };
    let ranked: Vec<Vec<String>> = siblings
        .iter()
        .map(|traits| {
            let mut words = ranked(&origin, traits, names, wording);
            let noticeable = |difference: f64| difference.abs() >= NOTICEABLE;
            if !origin.standardize(traits.iter().copied()).any(noticeable) {
                words.insert(0, wording.nothing().to_owned());
            }
            words
        })
        .collect();
    let mut lengths: Vec<usize> = siblings
        .iter()
        .map(|traits| named(&origin, traits))
        .collect();
    loop {
        let labels: Vec<String> = ranked
            .iter()
            .zip(&lengths)
            .map(|(words, length)| words[..*length].join(", "))
            .collect();
        let alike = |index: usize| {
            labels
                .iter()
                .filter(|label| **label == labels[index])
                .count()
                > 1
        };
        let grow: Vec<usize> = (0..labels.len())
            .filter(|index| alike(*index) && lengths[*index] < names.len())
            .collect();
        if grow.is_empty() {
            return numbered(labels);
        }
        for index in grow {
            lengths[index] += 1;
        }
    }
}

/// The traits in words, the strongest first.
fn ranked(origin: &Spread, traits: &[f64], names: &[String], wording: Wording) -> Vec<String> {
    let mut order: Vec<(f64, &String)> = origin
        .standardize(traits.iter().copied())
        .zip(names)
        .collect();
    order.sort_by(|(a, _), (b, _)| b.abs().total_cmp(&a.abs()));
    order
        .into_iter()
        .map(|(difference, name)| format!("{} {name}", wording.side(difference)))
        .collect()
}

/// How many traits to name: one, or two when the second is strong as well.
fn named(origin: &Spread, traits: &[f64]) -> usize {
    let mut sizes: Vec<f64> = origin
        .standardize(traits.iter().copied())
        .map(f64::abs)
        .collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    match sizes[..] {
        [strongest, second, ..] if strongest >= NOTICEABLE && second >= NAMED_PART * strongest => 2,
        _ => 1,
    }
}

/// Labels that are still equal are numbered.
fn numbered(labels: Vec<String>) -> Vec<String> {
    let again = |index: usize| {
        labels[..index]
            .iter()
            .filter(|one| **one == labels[index])
            .count()
    };
    let numbers: Vec<usize> = (0..labels.len()).map(again).collect();
    labels
        .into_iter()
        .zip(numbers)
        .map(|(label, number)| match number {
            0 => label,
            number => format!("{label} ({})", number + 1),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(siblings: &[[f64; 2]]) -> Vec<String> {
        let population = Spread {
            mean: vec![0.5, 0.5],
            deviation: vec![0.1, 0.2],
        };
        let names = ["openness".to_owned(), "neuroticism".to_owned()];
        let siblings: Vec<Vec<f64>> = siblings.iter().map(|one| one.to_vec()).collect();
        label(
            &siblings,
            &[0.5, 0.5],
            &population,
            &names,
            Wording::Absolute,
        )
    }

    #[test]
    fn labels_begin_with_the_strongest_trait_and_are_distinct() {
        assert_eq!(labels(&[[0.7, 0.55]]), ["high openness"]);
        assert_eq!(labels(&[[0.65, 0.3]]), ["high openness, low neuroticism"]);
        assert_eq!(
            labels(&[[0.7, 0.52], [0.8, 0.48]]),
            [
                "high openness, high neuroticism",
                "high openness, low neuroticism"
            ]
        );
        assert_eq!(
            labels(&[[0.7, 0.5], [0.7, 0.5]])[1],
            "high openness, high neuroticism (2)"
        );
        assert_eq!(labels(&[[0.51, 0.5]]), ["average"]);
    }
}
