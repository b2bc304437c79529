//! The surrogate: one weighted least-squares solve, shared by all targets of an explanation.
//!
//! The network's number f under a mask is modelled as a - Σ cₖ rₖ, where rₖ is 1 when part k is removed. That is the
//! usual presence form, intercept + Σ cₖ (1 - rₖ), with intercept = a - Σ cₖ, but masks that remove little are sparse
//! in it: the normal equations cost the square of what a mask removes, not of all parts.

use nalgebra::{Cholesky, DMatrix, Dyn};

use super::perturbation::Perturbation;
use crate::explain::fidelity::{Observation, effective_samples};

/// Half the width of a 95 % interval, in standard errors.
const NORMAL_QUANTILE_975: f64 = 1.959_963_984_540_054;

/// Below this ratio of smallest to largest pivot the masks cannot tell the parts apart.
const SMALLEST_PIVOT_RATIO: f64 = 1e-10;

/// Added to the diagonal, relative to its mean, when they cannot.
const FALLBACK_RIDGE: f64 = 1e-6;

/// A linear model of one target around the customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Surrogate {
    /// The model's value at the customer's own spending.
    pub(super) at_customer: f64,
    /// What each part adds by being there, in the target's unit.
    pub(super) coefficients: Vec<f64>,
    /// Half the width of each coefficient's 95 % interval; `None` with no more perturbations than coefficients.
    pub(super) margins: Option<Vec<f64>>,
}

/// The surrogates of all targets, from one factorization.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    pub(super) surrogates: Vec<Surrogate>,
    /// What was added to the diagonal of the normal equations; 0 unless the masks left parts undetermined.
    pub(super) ridge: f64,
    /// Kish's effective number of the perturbations that were fitted.
    pub(super) effective_samples: f64,
}

impl Surrogate {
    /// The model's value when some parts are removed.
    pub(super) fn value(&self, removed: &[usize]) -> f64 {
        self.at_customer
            - removed
                .iter()
                .map(|&part| self.coefficients[part])
                .sum::<f64>()
    }

    /// The model's value when all parts are removed.
    pub(super) fn intercept(&self) -> f64 {
        self.at_customer - self.coefficients.iter().sum::<f64>()
    }
}

/// Fits one surrogate a target to the perturbations that are not held out.
///
/// `values` holds the network's numbers, `[perturbations, targets]`.
pub(super) fn fit(perturbations: &[Perturbation], values: &DMatrix<f64>, parts: usize) -> Fit {
    let design = design(perturbations);
    let parameters = parts + 1;
    let targets = values.ncols();

    let mut gram = DMatrix::zeros(parameters, parameters);
    let mut moments = DMatrix::zeros(parameters, targets);
    for row in &design {
        row.add_square(row.weight, &mut gram);
        for &(column, entry) in &row.entries {
            for target in 0..targets {
                moments[(column, target)] += row.weight * entry * values[(row.index, target)];
            }
        }
    }
    // Only the lower triangle is filled; Cholesky reads no more.
    let (factor, ridge) = factorize(&gram);
    let solution = factor.solve(&moments);
    let inverse = factor.inverse();

    let surrogates = (0..targets)
        .map(|target| {
            let mut surrogate = Surrogate {
                at_customer: solution[(0, target)],
                coefficients: solution
                    .view((1, target), (parts, 1))
                    .iter()
                    .copied()
                    .collect(),
                margins: None,
            };
            let errors = design.iter().map(|row| {
                let removed = &perturbations[row.index].removed;
                values[(row.index, target)] - surrogate.value(removed)
            });
            let scatter = scatter(&design, errors, parameters);
            surrogate.margins = scatter.map(|scatter| margins(&inverse, &scatter));
            surrogate
        })
        .collect();
    Fit {
        surrogates,
        ridge,
        effective_samples: effective_samples(design.iter().map(|row| row.weight)),
    }
}

/// Σ w² e² x xᵀ over the fitted perturbations, times n / (n - p): what each adds to the uncertainty, its own error
/// counted (HC1, MacKinnon & White 1985). `None` with no more perturbations than parameters.
#[expect(clippy::cast_precision_loss, reason = "counts of perturbations")]
fn scatter(
    design: &[DesignRow],
    errors: impl Iterator<Item = f64>,
    parameters: usize,
) -> Option<DMatrix<f64>> {
    let freedom = design
        .len()
        .checked_sub(parameters)
        .filter(|&freedom| freedom > 0)?;
    let mut scatter = DMatrix::zeros(parameters, parameters);
    for (row, error) in design.iter().zip(errors) {
        row.add_square((row.weight * error).powi(2), &mut scatter);
    }
    scatter.fill_upper_triangle_with_lower_triangle();
    Some(scatter * (design.len() as f64 / freedom as f64))
}

/// Half the width of each coefficient's 95 % interval, from the diagonal of (XᵀWX)⁻¹ S (XᵀWX)⁻¹.
fn margins(inverse: &DMatrix<f64>, scatter: &DMatrix<f64>) -> Vec<f64> {
    let product = scatter * inverse;
    (1..inverse.nrows())
        .map(|part| {
            let variance = inverse.row(part).transpose().dot(&product.column(part));
            NORMAL_QUANTILE_975 * variance.max(0.0).sqrt()
        })
        .collect()
}

/// The network's and the surrogate's numbers on the perturbations of one side.
pub(super) fn observe<'a>(
    surrogate: &'a Surrogate,
    perturbations: &'a [Perturbation],
    values: &'a DMatrix<f64>,
    target: usize,
    held_out: bool,
) -> impl Iterator<Item = Observation> + Clone + 'a {
    let side = move |(_, perturbation): &(usize, &Perturbation)| perturbation.held_out == held_out;
    perturbations
        .iter()
        .enumerate()
        .filter(side)
        .map(move |(row, perturbation)| Observation {
            weight: perturbation.weight,
            value: values[(row, target)],
            fitted: surrogate.value(&perturbation.removed),
        })
}

/// One perturbation that is fitted, as a row of the design.
struct DesignRow {
    /// Its place among all perturbations.
    index: usize,
    weight: f64,
    /// The entries that are not zero, by ascending column.
    entries: Vec<(usize, f64)>,
}

fn design(perturbations: &[Perturbation]) -> Vec<DesignRow> {
    let fitted = perturbations
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.held_out);
    let rows = fitted.map(|(index, perturbation)| {
        let removed = perturbation.removed.iter().map(|&part| (part + 1, -1.0));
        DesignRow {
            index,
            weight: perturbation.weight,
            entries: std::iter::once((0, 1.0)).chain(removed).collect(),
        }
    });
    rows.collect()
}

impl DesignRow {
    /// Adds `factor` times x xᵀ to the lower triangle of a matrix.
    fn add_square(&self, factor: f64, matrix: &mut DMatrix<f64>) {
        for (place, &(column, entry)) in self.entries.iter().enumerate() {
            for &(other, other_entry) in &self.entries[..=place] {
                matrix[(column, other)] += factor * entry * other_entry;
            }
        }
    }
}

fn factorize(gram: &DMatrix<f64>) -> (Cholesky<f64, Dyn>, f64) {
    let mean = gram.trace() / f64::from(u32::try_from(gram.nrows()).unwrap_or(u32::MAX));
    let mut ridge = 0.0;
    loop {
        let mut regularized = gram.clone();
        for place in 0..gram.nrows() {
            regularized[(place, place)] += ridge;
        }
        match Cholesky::new(regularized) {
            Some(factor) if ridge > 0.0 || is_well_conditioned(&factor) => return (factor, ridge),
            // A Gram matrix is positive semi-definite, so the second ridge or a larger one always ends this.
            _ => {
                ridge = if ridge > 0.0 {
                    ridge * 10.0
                } else {
                    FALLBACK_RIDGE * mean.max(f64::MIN_POSITIVE)
                }
            }
        }
    }
}

fn is_well_conditioned(factor: &Cholesky<f64, Dyn>) -> bool {
    let pivots = factor.l_dirty().diagonal().map(|pivot| pivot * pivot);
    pivots.min() > SMALLEST_PIVOT_RATIO * pivots.max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Level;
    use crate::explain::local::perturbation::draw;
    use crate::explain::part::parts;
    use ndarray::Array2;

    const CLASSES: usize = 12;

    fn perturbations(samples: usize) -> Vec<Perturbation> {
        let classes = parts(Array2::ones((1, CLASSES)).view(), Level::Class);
        draw(&classes, samples, 3, 0.3)
    }

    #[expect(clippy::cast_precision_loss, reason = "a dozen classes")]
    fn linear(removed: &[usize]) -> f64 {
        5.0 - removed.iter().map(|&class| class as f64).sum::<f64>()
    }

    #[test]
    fn a_linear_network_is_found_again() {
        let perturbations = perturbations(256);
        let values = DMatrix::from_fn(perturbations.len(), 2, |row, target| {
            let value = linear(&perturbations[row].removed);
            if target == 0 { value } else { -value }
        });
        let fit = fit(&perturbations, &values, CLASSES);
        assert_eq!(fit.ridge.to_bits(), 0.0_f64.to_bits());
        for (surrogate, sign) in fit.surrogates.iter().zip([1.0, -1.0]) {
            assert!((surrogate.at_customer - sign * 5.0).abs() < 1e-9);
            for class in 0..CLASSES {
                assert!(
                    (surrogate.coefficients[class] - sign * (5.0 - linear(&[class]))).abs() < 1e-9
                );
            }
            assert!(
                surrogate
                    .margins
                    .as_ref()
                    .unwrap()
                    .iter()
                    .all(|&margin| margin < 1e-6)
            );
            assert!(
                (surrogate.intercept() - surrogate.value(&(0..CLASSES).collect::<Vec<_>>())).abs()
                    < 1e-12
            );
        }
    }

    #[test]
    fn noise_widens_the_intervals_and_they_hold_the_truth() {
        let perturbations = perturbations(1_024);
        let noise =
            |row: usize| f64::from(u32::try_from(row * 7_919 % 1_000).unwrap()) / 1_000.0 - 0.5;
        let values = DMatrix::from_fn(perturbations.len(), 1, |row, _| {
            linear(&perturbations[row].removed) + noise(row)
        });
        let surrogate = &fit(&perturbations, &values, CLASSES).surrogates[0];
        let margins = surrogate.margins.as_ref().unwrap();
        let held = (0..CLASSES)
            .filter(|&class| {
                (surrogate.coefficients[class] - (5.0 - linear(&[class]))).abs() < margins[class]
            })
            .count();
        assert!(held >= 10, "{held} of {CLASSES}");
        assert!(
            margins.iter().all(|margin| (0.01..0.5).contains(margin)),
            "{margins:?}"
        );
    }

    #[test]
    fn intervals_hold_what_other_draws_of_a_bent_network_give() {
        // A quarter of the spending is in one class, and the network bends: the surrogate's error grows with distance.
        let mut spending = Array2::ones((1, 20));
        spending[(0, 0)] = 6.0;
        let classes = parts(spending.view(), Level::Class);
        let bent = |removed: &[usize]| {
            let share: f64 = removed.iter().map(|&class| classes[class].share).sum();
            1.0 / (1.0 + (4.0 * share - 1.0).exp())
        };
        let fits: Vec<Surrogate> = (0..40)
            .map(|seed| {
                let perturbations = draw(&classes, 512, seed, 0.25);
                let values = DMatrix::from_fn(512, 1, |row, _| bent(&perturbations[row].removed));
                fit(&perturbations, &values, 20).surrogates.remove(0)
            })
            .collect();
        for class in [0, 7] {
            let mean = fits.iter().map(|fit| fit.coefficients[class]).sum::<f64>() / 40.0;
            let holds = |fit: &&Surrogate| {
                (fit.coefficients[class] - mean).abs() <= fit.margins.as_ref().unwrap()[class]
            };
            let held = fits.iter().filter(holds).count();
            assert!(held >= 32, "class {class}: {held} of 40");
        }
    }

    #[test]
    fn too_few_perturbations_are_solved_with_a_ridge_and_give_no_intervals() {
        let perturbations = &perturbations(32)[..8];
        let values = DMatrix::from_fn(8, 1, |row, _| linear(&perturbations[row].removed));
        let fit = fit(perturbations, &values, CLASSES);
        assert!(fit.ridge > 0.0);
        assert!(fit.surrogates[0].margins.is_none());
    }
}
