//! Effects of parts: how much the targets change when each part alone is taken away.

use crate::stability::by_size;

/// The parts, strongest first: each target's change counts in units of the largest of its changes. `numbers` has one row a
/// part, and `customer` the targets' numbers for the customer.
pub(super) fn strongest_first(numbers: &[f64], customer: &[f64]) -> Vec<usize> {
    by_size(&effects(numbers, customer))
}

fn effects(numbers: &[f64], customer: &[f64]) -> Vec<f64> {
    let change = |row: &[f64], target: usize| (row[target] - customer[target]).abs();
    let largest: Vec<f64> = (0..customer.len())
        .map(|target| {
            let changes = numbers
                .chunks(customer.len())
                .map(|row| change(row, target));
            changes.fold(f64::MIN_POSITIVE, f64::max)
        })
        .collect();
    let effect = |row: &[f64]| -> f64 {
        let relative = (0..row.len()).map(|target| change(row, target) / largest[target]);
        relative.map(|change| change * change).sum()
    };
    numbers.chunks(customer.len()).map(effect).collect()
}
